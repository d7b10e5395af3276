// The page's side of keeper.ts. All of it is a convenience: without it large files are chosen again after a reload.

const ANSWER_WITHIN = 2000;
const STAY_EVERY = 10_000;

export class Keeper {
  private worker: Promise<ServiceWorker | null> | null = null;
  private readonly keys = new Set<number>();

  constructor(private readonly script: string) {}

  keep(key: number, file: File): void {
    if (!this.keys.size) window.setTimeout(() => this.stay(), STAY_EVERY);
    this.keys.add(key);
    this.send({ act: "keep", key, file });
  }

  forget(key: number): void {
    if (this.keys.delete(key)) this.send({ act: "forget", key });
  }

  /** What the worker still has of these. */
  async ask(keys: number[]): Promise<Map<number, File>> {
    const worker = keys.length ? await this.started() : null;
    if (!worker) return new Map();
    const channel = new MessageChannel();
    const answer = new Promise<Map<number, File>>((resolve) => {
      channel.port1.onmessage = (event: MessageEvent<Map<number, File>>) => resolve(event.data);
      window.setTimeout(() => resolve(new Map()), ANSWER_WITHIN);
    });
    worker.postMessage({ act: "ask", keys }, [channel.port2]);
    const files = await answer;
    for (const key of files.keys()) this.keys.add(key);
    if (files.size) window.setTimeout(() => this.stay(), STAY_EVERY);
    return files;
  }

  private stay(): void {
    if (!this.keys.size) return;
    this.send({ act: "stay" });
    window.setTimeout(() => this.stay(), STAY_EVERY);
  }

  private send(message: unknown): void {
    void this.started().then((worker) => worker?.postMessage(message));
  }

  private started(): Promise<ServiceWorker | null> {
    this.worker ??= this.start().catch(() => null);
    return this.worker;
  }

  private async start(): Promise<ServiceWorker | null> {
    if (!this.script || !("serviceWorker" in navigator)) return null;
    const registration = await navigator.serviceWorker.register(this.script);
    const worker = registration.active ?? registration.waiting ?? registration.installing;
    if (!worker || worker.state === "activated") return worker;
    return new Promise((resolve) => {
      worker.addEventListener("statechange", () => {
        if (worker.state === "activated") resolve(worker);
        else if (worker.state === "redundant") resolve(null);
      });
    });
  }
}
