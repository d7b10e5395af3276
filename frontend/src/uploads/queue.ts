// All files of this page's uploads, with sums that cost nothing to read however many there are.

import type { Entry, State } from "./entry";

export interface Totals {
  files: number;
  bytes: number;
  sent: number; // bytes, of files that are done or on their way
  counts: Readonly<Record<State, number>>;
}

const STATES: readonly State[] = ["sending", "failed", "missing", "paused", "waiting", "skipped", "done"];

/** Emits `change` at most once per frame. */
export class Queue extends EventTarget {
  private readonly byState = new Map<State, Set<Entry>>(STATES.map((state) => [state, new Set<Entry>()]));
  private bytes = 0;
  private sent = 0;
  private announced = false;

  add(entry: Entry): void {
    this.set(entry.state).add(entry);
    this.bytes += entry.size;
    this.sent += entry.sent;
    this.changed();
  }

  update(entry: Entry, patch: Partial<Pick<Entry, "state" | "sent" | "message" | "file">>): void {
    if (!this.set(entry.state).has(entry)) return; // it was cancelled, and its request ends only now
    const sentBefore = entry.sent;
    const stateBefore = entry.state;
    Object.assign(entry, patch);
    this.sent += entry.sent - sentBefore;
    if (entry.state !== stateBefore) {
      this.set(stateBefore).delete(entry);
      this.set(entry.state).add(entry);
    }
    this.changed();
  }

  remove(entry: Entry): void {
    if (!this.set(entry.state).delete(entry)) return;
    this.bytes -= entry.size;
    this.sent -= entry.sent;
    this.changed();
  }

  /** Removes what is over, so that the next uploads start with figures of their own. */
  forgetFinished(): void {
    for (const state of ["done", "skipped"] as const) for (const entry of [...this.set(state)]) this.remove(entry);
  }

  in(...states: State[]): Entry[] {
    return states.flatMap((state) => [...this.set(state)]);
  }

  /** The first of a state, without copying all of them. */
  *waiting(): Generator<Entry> {
    yield* this.set("waiting");
  }

  /** Entries `from` to `to` of the list as it is shown: what moves first, what is done last. */
  slice(from: number, to: number): Entry[] {
    const found: Entry[] = [];
    let index = 0;
    for (const state of STATES) {
      const set = this.set(state);
      if (index + set.size <= from) {
        index += set.size;
        continue;
      }
      for (const entry of set) {
        if (index >= from) found.push(entry);
        index += 1;
        if (index >= to) return found;
      }
    }
    return found;
  }

  totals(): Totals {
    const counts = Object.fromEntries(STATES.map((state) => [state, this.set(state).size])) as Record<State, number>;
    const files = STATES.reduce((sum, state) => sum + counts[state], 0);
    return { files, bytes: this.bytes, sent: this.sent, counts };
  }

  private set(state: State): Set<Entry> {
    return this.byState.get(state) as Set<Entry>;
  }

  private changed(): void {
    if (this.announced) return;
    this.announced = true;
    const announce = () => {
      this.announced = false;
      this.dispatchEvent(new Event("change"));
    };
    // A hidden page gets no frames, but its uploads go on.
    if (document.hidden) window.setTimeout(announce, 500);
    else requestAnimationFrame(announce);
  }
}
