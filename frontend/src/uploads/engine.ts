// Decides what is sent next: small files in batches, larger ones one by one, both at the same time.

import { BATCH_BYTES, BATCH_FILES, sendBatch } from "./batch";
import { type Conflict, type Entry, type Given, isSmall, sameFile, type Target, UploadError } from "./entry";
import type { Queue } from "./queue";
import { Resumable } from "./resumable";
import type { Store } from "./store";
import { text } from "../strings";

const PARALLEL_BATCHES = 2;
const PARALLEL_LARGE = 6;
const BATCH_RETRIES = [1000, 3000, 10_000, 30_000];

/** Emits `idle` when nothing is left to do, `batch` after each step forward. */
export class Engine extends EventTarget {
  paused = false;
  private readonly resumable: Resumable;
  private readonly batches = new Map<AbortController, Entry[]>();
  private nextId = 1;

  constructor(
    readonly queue: Queue,
    private readonly store: Store | null,
    endpoint: string,
  ) {
    super();
    this.resumable = new Resumable(endpoint, PARALLEL_LARGE, {
      progress: (entry, sent) => this.queue.update(entry, { sent }),
      done: (entry) => this.succeed(entry),
      failed: (entry, error) => this.fail(entry, error),
    });
  }

  add(given: readonly Given[], target: Target, conflict: Conflict): void {
    const missing = this.queue.in("missing");
    const fresh: Entry[] = [];
    for (const one of given) {
      const known = missing.find((entry) => sameFile(entry, one, target));
      if (known) this.queue.update(known, { file: one.file, state: "waiting" });
      else fresh.push(this.entry(one.path, one.file, { size: one.file.size, modified: one.file.lastModified }, target, conflict));
    }
    for (const entry of fresh) this.queue.add(entry);
    void this.store?.add(fresh).catch(() => undefined); // without it uploads work, they only do not survive a reload
    this.pump();
  }

  /** What an earlier page left behind. Returns how many files have to be chosen again. */
  async adopt(): Promise<number> {
    const rows = (await this.store?.adopt().catch(() => [])) ?? [];
    for (const row of rows) {
      const entry = this.entry(row.path, row.file, row, row.target, row.conflict);
      entry.key = row.key;
      entry.stored = row.stored;
      if (!row.file) entry.state = "missing";
      this.queue.add(entry);
    }
    this.pump();
    return rows.filter((row) => !row.file).length;
  }

  pauseAll(): void {
    this.paused = true;
    for (const controller of this.batches.keys()) controller.abort();
    for (const entry of this.queue.in("sending")) this.pause(entry);
  }

  resumeAll(): void {
    this.paused = false;
    for (const entry of this.queue.in("paused")) this.resume(entry);
    this.pump();
  }

  pause(entry: Entry): void {
    if (!isSmall(entry)) this.resumable.pause(entry);
    this.queue.update(entry, { state: "paused" });
    this.pump();
  }

  resume(entry: Entry): void {
    const state = !isSmall(entry) && this.resumable.resume(entry) ? "sending" : "waiting";
    this.queue.update(entry, { state });
    this.pump();
  }

  retry(entry: Entry): void {
    this.queue.update(entry, { state: "waiting", sent: 0, message: "" });
    this.pump();
  }

  cancel(entry: Entry): void {
    this.resumable.cancel(entry);
    this.queue.remove(entry);
    this.store?.forget(entry);
    this.pump();
  }

  cancelAll(): void {
    for (const controller of this.batches.keys()) controller.abort();
    for (const entry of this.queue.in("sending", "failed", "missing", "paused", "waiting")) {
      this.resumable.cancel(entry);
      this.queue.remove(entry);
      this.store?.forget(entry);
    }
    this.paused = false;
    this.store?.flush();
  }

  private pump(): void {
    if (this.paused) return;
    while (this.resumable.active < PARALLEL_LARGE) {
      const [entry] = this.take(1, Number.MAX_SAFE_INTEGER, (candidate) => !isSmall(candidate));
      if (!entry) break;
      this.queue.update(entry, { state: "sending", message: "" });
      this.resumable.start(entry);
    }
    while (this.batches.size < PARALLEL_BATCHES) {
      const entries = this.take(BATCH_FILES, BATCH_BYTES, isSmall);
      if (!entries.length) break;
      for (const entry of entries) this.queue.update(entry, { state: "sending", message: "" });
      void this.send(entries);
    }
    const { counts } = this.queue.totals();
    if (!counts.sending && !counts.waiting && !counts.paused) this.dispatchEvent(new Event("idle"));
  }

  /** The next files that wait, of one target and one way of handling conflicts. */
  private take(files: number, bytes: number, wanted: (entry: Entry) => boolean): Entry[] {
    const taken: Entry[] = [];
    let size = 0;
    for (const entry of this.queue.waiting()) {
      const [first] = taken;
      if (!wanted(entry)) continue;
      if (first && (first.target.parent !== entry.target.parent || first.conflict !== entry.conflict)) continue;
      if (taken.length >= files || (first && size + entry.size > bytes)) break;
      taken.push(entry);
      size += entry.size;
    }
    return taken;
  }

  private async send(entries: Entry[]): Promise<void> {
    const controller = new AbortController();
    this.batches.set(controller, entries);
    try {
      for (const { entry, error } of await this.sendWithRetries(entries, controller.signal)) {
        if (error) this.fail(entry, error);
        else this.succeed(entry);
      }
    } catch (error) {
      const aborted = controller.signal.aborted;
      for (const entry of entries) {
        if (entry.state !== "sending") continue;
        if (aborted) this.queue.update(entry, { state: "paused" });
        else this.fail(entry, error instanceof UploadError ? error : new UploadError("", "network", true));
      }
    }
    this.batches.delete(controller);
    this.dispatchEvent(new Event("batch"));
    this.pump();
  }

  private async sendWithRetries(entries: Entry[], signal: AbortSignal): ReturnType<typeof sendBatch> {
    let readable = entries;
    for (const delay of BATCH_RETRIES) {
      try {
        return await sendBatch(readable, signal);
      } catch (error) {
        if (signal.aborted || (error instanceof UploadError && !error.retryable)) throw error;
        readable = await this.failUnreadable(readable);
        if (!readable.length) return [];
        await new Promise((resolve) => window.setTimeout(resolve, delay));
      }
    }
    return sendBatch(readable, signal);
  }

  /** One file that was changed or deleted meanwhile fails a whole request: it must not hold up the others. */
  private async failUnreadable(entries: Entry[]): Promise<Entry[]> {
    const readable: Entry[] = [];
    for (const entry of entries) {
      try {
        await entry.file?.arrayBuffer();
        readable.push(entry);
      } catch {
        this.fail(entry, new UploadError(text("file_is_gone"), "file_is_gone"));
      }
    }
    return readable;
  }

  private succeed(entry: Entry): void {
    this.store?.forget(entry);
    this.queue.update(entry, { state: "done", sent: entry.size, file: null });
    if (!isSmall(entry)) {
      this.dispatchEvent(new Event("batch"));
      this.pump();
    }
  }

  private fail(entry: Entry, error: UploadError): void {
    const skipped = error.code === "name_taken" && entry.conflict === "skip";
    if (skipped) this.store?.forget(entry);
    this.queue.update(entry, { state: skipped ? "skipped" : "failed", sent: 0, message: error.message || error.code });
    if (!isSmall(entry)) this.pump();
  }

  private entry(
    path: string,
    file: File | null,
    facts: { size: number; modified: number },
    target: Target,
    conflict: Conflict,
  ): Entry {
    const { size, modified } = facts;
    const id = this.nextId++;
    return {
      id, path, size, modified, target, conflict, file, key: null, stored: false, state: "waiting", sent: 0, message: "",
    };
  }
}
