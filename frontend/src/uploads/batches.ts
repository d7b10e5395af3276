// Batches of small files on their way: tried again when the connection fails, each file with an outcome of its own.

import { text } from "../strings";
import { sendBatch } from "./batch";
import { type Entry, UploadError } from "./entry";

const RETRY_DELAYS = [1000, 3000, 10_000, 30_000];

export interface BatchEvents {
  done(entry: Entry): void;
  failed(entry: Entry, error: UploadError): void;
  stopped(entry: Entry): void;
  settled(): void;
}

export class Batches {
  private readonly running = new Set<AbortController>();

  constructor(
    readonly parallel: number,
    private readonly events: BatchEvents,
  ) {}

  get hasRoom(): boolean {
    return this.running.size < this.parallel;
  }

  stopAll(): void {
    for (const controller of this.running) controller.abort();
  }

  async send(entries: Entry[]): Promise<void> {
    const controller = new AbortController();
    this.running.add(controller);
    try {
      for (const { entry, error } of await this.persist(entries, controller.signal)) {
        if (error) this.events.failed(entry, error);
        else this.events.done(entry);
      }
    } catch (error) {
      for (const entry of entries) {
        if (entry.state !== "sending") continue;
        if (controller.signal.aborted) this.events.stopped(entry);
        else this.events.failed(entry, error instanceof UploadError ? error : new UploadError("", "network", true));
      }
    }
    this.running.delete(controller);
    this.events.settled();
  }

  private async persist(entries: Entry[], signal: AbortSignal): ReturnType<typeof sendBatch> {
    let readable = entries;
    for (const delay of RETRY_DELAYS) {
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
        this.events.failed(entry, new UploadError(text("file_is_gone"), "file_is_gone"));
      }
    }
    return readable;
  }
}
