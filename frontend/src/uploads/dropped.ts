// From what was dropped or chosen to files with relative paths, whole folders included.

import type { Given } from "./entry";

const PARALLEL = 32;
const PIECE = 200;

/** What was found so far; `finished` with the last piece. */
export interface Dropped {
  files: Given[];
  emptyFolders: string[];
  unreadable: number;
  finished: boolean;
}

/** Tells what it finds piece by piece, so that sending starts while a large folder is still being read.
 * Must be called inside the drop event: afterwards the browser hides the items. */
export function dropped(transfer: DataTransfer, tell: (piece: Dropped) => void): Promise<void> {
  const entries: FileSystemEntry[] = [];
  const loose: File[] = [];
  for (const item of transfer.items) {
    if (item.kind !== "file") continue;
    const entry = item.webkitGetAsEntry();
    if (entry) entries.push(entry);
    else {
      const file = item.getAsFile();
      if (file) loose.push(file);
    }
  }
  return walk(entries, loose, tell);
}

export function chosen(input: HTMLInputElement): Given[] {
  return [...(input.files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

function nothing(): Dropped {
  return { files: [], emptyFolders: [], unreadable: 0, finished: false };
}

async function walk(entries: FileSystemEntry[], loose: File[], tell: (piece: Dropped) => void): Promise<void> {
  let found = nothing();
  found.files = loose.map((file) => ({ path: file.name, file }));
  const pending = [...entries];
  const work = async (): Promise<void> => {
    for (let entry = pending.pop(); entry; entry = pending.pop()) {
      try {
        const children = entry.isFile ? [] : await childrenOf(entry as FileSystemDirectoryEntry);
        const path = entry.fullPath.replace(/^\//, "");
        const file = entry.isFile ? await fileOf(entry as FileSystemFileEntry) : null;
        // After an await `found` may be another piece, so it is read only now.
        if (file) found.files.push({ path, file });
        else if (children.length) pending.push(...children);
        else found.emptyFolders.push(path);
      } catch {
        found.unreadable += 1; // no right to read it, or gone meanwhile
      }
      if (found.files.length >= PIECE) {
        tell(found);
        found = nothing();
      }
    }
  };
  // A worker that runs dry stops; a folder read later starts the rest again.
  while (pending.length) await Promise.all(Array.from({ length: PARALLEL }, work));
  tell({ ...found, finished: true });
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/** Browsers hand out a folder in pieces (Chromium: 100) until an empty one. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    const piece = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (!piece.length) return children;
    children.push(...piece);
  }
}
