// Decides what is sent next: small files in batches, larger ones one by one, both at the same time.

import { BATCH_BYTES, BATCH_FILES } from "./batch";
import { Batches } from "./batches";
import { type Conflict, type Entry, type Given, isSmall, sameFile, type Target, type UploadError } from "./entry";
import type { Queue } from "./queue";
import { Resumable } from "./resumable";
import type { Store } from "./store";

const PARALLEL_BATCHES = 2;
const PARALLEL_LARGE = 6;

/** Emits `idle` when nothing is left to do, `batch` after each step forward. */
export class Engine extends EventTarget {
  paused = false;
  private readonly resumable: Resumable;
  private readonly batches: Batches;
  private nextId = 1;

  constructor(
    readonly queue: Queue,
    private readonly store: Store | null,
    endpoint: string,
  ) {
    super();
    this.batches = new Batches(PARALLEL_BATCHES, {
      done: (entry) => this.succeed(entry),
      failed: (entry, error) => this.fail(entry, error),
      stopped: (entry) => this.queue.update(entry, { state: "paused" }),
      settled: () => {
        this.dispatchEvent(new Event("batch"));
        this.pump();
      },
    });
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
      else fresh.push(this.entry(one.path, one.file, factsOf(one.file), target, conflict));
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
    this.batches.stopAll();
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
    this.batches.stopAll();
    for (const entry of this.queue.in("sending", "failed", "missing", "paused", "waiting")) {
      this.resumable.cancel(entry);
      this.queue.remove(entry);
      this.store?.forget(entry);
    }
    this.paused = false;
    void this.store?.flush();
  }

  private pump(): void {
    if (this.paused) return;
    while (this.resumable.active < PARALLEL_LARGE) {
      const [entry] = this.take(1, Number.MAX_SAFE_INTEGER, (candidate) => !isSmall(candidate));
      if (!entry) break;
      this.queue.update(entry, { state: "sending", message: "" });
      this.resumable.start(entry);
    }
    while (this.batches.hasRoom) {
      const entries = this.take(BATCH_FILES, BATCH_BYTES, isSmall);
      if (!entries.length) break;
      for (const entry of entries) this.queue.update(entry, { state: "sending", message: "" });
      void this.batches.send(entries);
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
    const fresh = { key: null, stored: false, state: "waiting", sent: 0, message: "" } as const;
    return { id, path, size, modified, target, conflict, file, ...fresh };
  }
}

function factsOf(file: File): { size: number; modified: number } {
  return { size: file.size, modified: file.lastModified };
}
