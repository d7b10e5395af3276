// From what was dropped or chosen to files with relative paths, whole folders included.

import type { Given } from "./entry";

const PARALLEL = 32;

export interface Dropped {
  files: Given[];
  emptyFolders: string[];
  unreadable: number;
}

/** Must be called inside the drop event: afterwards the browser hides the items. */
export function dropped(transfer: DataTransfer): Promise<Dropped> {
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
  return walk(entries, loose);
}

export function chosen(input: HTMLInputElement): Given[] {
  return [...(input.files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

async function walk(entries: FileSystemEntry[], loose: File[]): Promise<Dropped> {
  const found: Dropped = { files: loose.map((file) => ({ path: file.name, file })), emptyFolders: [], unreadable: 0 };
  const pending = [...entries];
  const work = async (): Promise<void> => {
    for (let entry = pending.pop(); entry; entry = pending.pop()) {
      try {
        await visit(entry, pending, found);
      } catch {
        found.unreadable += 1; // no right to read it, or gone meanwhile
      }
    }
  };
  // A worker that runs dry stops; a folder read later starts the rest again.
  while (pending.length) await Promise.all(Array.from({ length: PARALLEL }, work));
  return found;
}

async function visit(entry: FileSystemEntry, pending: FileSystemEntry[], found: Dropped): Promise<void> {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    found.files.push({ path, file: await fileOf(entry as FileSystemFileEntry) });
    return;
  }
  const children = await childrenOf(entry as FileSystemDirectoryEntry);
  if (children.length) pending.push(...children);
  else found.emptyFolders.push(path);
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
