// What survives a reload: the list of files that are not through yet and, up to a limit, their bytes.

import type { Conflict, Entry, Target } from "./entry";
import type { Keeper } from "./keeping";

const LARGEST_FILE = 64 * 1024 * 1024;
const MOST_BYTES = 1024 * 1024 * 1024;
const PER_TRANSACTION = 100; // copying more at once would be felt

interface Row {
  key?: number;
  owner: string;
  path: string;
  size: number;
  modified: number;
  target: Target;
  conflict: Conflict;
  file?: File;
}

export type Interrupted = Required<Omit<Row, "file" | "owner">> & { file: File | null; stored: boolean };

function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

/** Every tab owns the rows that it writes, for as long as it holds the lock with its name. */
export class Store {
  private readonly owner = `uploads-${crypto.randomUUID()}`;
  private stored = 0;
  private deletions: number[] = [];

  private constructor(
    private readonly database: IDBDatabase,
    private readonly keeper: Keeper,
  ) {}

  /** Null where the browser keeps nothing (private windows of some). */
  static async open(keeper: Keeper): Promise<Store | null> {
    try {
      const request = indexedDB.open("uploads", 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore("files", { keyPath: "key", autoIncrement: true });
      };
      const store = new Store(await result(request), keeper);
      void navigator.locks.request(store.owner, () => new Promise(() => undefined));
      return store;
    } catch {
      return null;
    }
  }

  /** Writes the entries down; sets their `key` and whether their bytes are `stored`. */
  async add(entries: readonly Entry[]): Promise<void> {
    for (let start = 0; start < entries.length; start += PER_TRANSACTION) {
      const transaction = this.database.transaction("files", "readwrite");
      const files = transaction.objectStore("files");
      for (const entry of entries.slice(start, start + PER_TRANSACTION)) {
        if (entry.state === "done") continue;
        const keep = entry.size <= LARGEST_FILE && this.stored + entry.size <= MOST_BYTES;
        const request = files.add(this.row(entry, keep));
        if (keep) this.stored += entry.size;
        request.onsuccess = () => {
          entry.key = Number(request.result);
          entry.stored = keep;
          if (!keep && entry.file) this.keeper.keep(entry.key, entry.file);
          if (entry.state === "done" || entry.state === "skipped") this.forget(entry);
        };
      }
      await finished(transaction);
    }
  }

  /** Deletes in groups, a moment later. */
  forget(entry: Entry): void {
    if (entry.key === null) return;
    if (entry.stored) this.stored -= entry.size;
    else this.keeper.forget(entry.key);
    this.deletions.push(entry.key);
    entry.key = null;
    if (this.deletions.length === 1) window.setTimeout(() => void this.flush(), 200);
  }

  /** Resolves when what was forgotten so far will not come back after a reload. */
  async flush(): Promise<void> {
    const keys = this.deletions;
    this.deletions = [];
    if (!keys.length) return;
    const transaction = this.database.transaction("files", "readwrite");
    const files = transaction.objectStore("files");
    for (const key of keys) files.delete(key);
    transaction.commit(); // a page that is being left has no time to wait for the answers
    await finished(transaction).catch(() => undefined); // the files are sent again then, and found to be the same
  }

  /** Takes over what tabs that are gone have left. */
  async adopt(): Promise<Interrupted[]> {
    const held = new Set((await navigator.locks.query()).held?.map((lock) => lock.name));
    const transaction = this.database.transaction("files", "readwrite");
    const files = transaction.objectStore("files");
    const rows = (await result(files.getAll() as IDBRequest<Row[]>)).filter((row) => !held.has(row.owner));
    for (const row of rows) {
      files.put({ ...row, owner: this.owner });
      if (row.file) this.stored += row.size;
    }
    await finished(transaction);
    const kept = await this.keeper.ask(rows.flatMap((row) => (row.file ? [] : [row.key ?? 0])));
    return rows.map(({ owner: _, file, ...row }) => {
      const key = row.key ?? 0;
      return { ...row, key, file: file ?? kept.get(key) ?? null, stored: file !== undefined };
    });
  }

  private row(entry: Entry, keep: boolean): Row {
    const { path, size, modified, target, conflict, file } = entry;
    const row: Row = { owner: this.owner, path, size, modified, target, conflict };
    if (keep && file) row.file = file;
    return row;
  }
}
