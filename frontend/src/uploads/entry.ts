/** What to do when the name is taken: a new version, another name, or leave the file out. */
export type Conflict = "overwrite" | "rename" | "skip";

/** `missing`: interrupted by a reload, and the file has to be chosen again before it can go on. */
export type State = "waiting" | "sending" | "paused" | "missing" | "failed" | "skipped" | "done";

export interface Target {
  parent: string; // id of the folder
  space: string;
  name: string; // of the folder, for people
}

/** A file as the person gave it: `path` is relative to the target, with `/`. */
export interface Given {
  path: string;
  file: File;
}

export interface Entry {
  readonly id: number;
  readonly path: string;
  readonly size: number;
  readonly modified: number; // milliseconds
  readonly target: Target;
  readonly conflict: Conflict;
  key: number | null; // in the store that survives a reload
  stored: boolean; // the store holds its bytes too
  file: File | null;
  state: State;
  sent: number; // bytes
  message: string;
}

/** Below this size files travel many to a request; from here on each is a resumable upload of its own. */
export const SMALL = 256 * 1024;

export function isSmall(entry: Entry): boolean {
  return entry.size < SMALL;
}

export function sameFile(entry: Entry, given: Given, target: Target): boolean {
  return (
    entry.path === given.path &&
    entry.size === given.file.size &&
    entry.modified === given.file.lastModified &&
    entry.target.parent === target.parent
  );
}

/** Why a file did not get through, as far as the server said. */
export class UploadError extends Error {
  constructor(
    message: string,
    readonly code: string = "",
    readonly retryable: boolean = false,
  ) {
    super(message);
  }
}
