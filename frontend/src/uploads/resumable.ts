// Larger files: each is a tus upload of its own, driven by Uppy. Only a handful is inside Uppy at a time, because
// its state is one object that is copied on every event.

import Uppy, { type Body, type Meta, type UppyFile } from "@uppy/core";
import Tus from "@uppy/tus";
import { csrfToken } from "../dom";
import { modeOf, parseProblem } from "./batch";
import { type Entry, UploadError } from "./entry";

const CHUNK = 64 * 1024 * 1024;
// Up to here the bytes travel with the request that makes the upload. Interrupted in it, the browser does not know the
// upload's address yet and starts from nothing, so larger files spend a request on learning it first.
const IN_ONE_REQUEST = 2 * 1024 * 1024;
const QUOTA_FULL = 507; // trying again changes nothing
const RETRY_DELAYS = [0, 1000, 3000, 5000, 10_000, 30_000];
// Uppy sends "undefined" for one of these that a file does not have.
const META_FIELDS = ["filename", "filetype", "relativePath", "lastModified", "parent", "space", "mode", "autorename"];
const META_OF_LINKS = ["filename", "filetype", "lastModified", "sender", "delivery", "folder"];

export interface Events {
  progress(entry: Entry, sent: number): void;
  done(entry: Entry): void;
  failed(entry: Entry, error: UploadError): void;
}

type TusFile = UppyFile<Meta, Body>;

export class Resumable {
  private readonly uppy: Uppy;
  private readonly entries = new Map<string, Entry>();
  private readonly ids = new Map<Entry, string>();

  constructor(
    endpoint: string,
    readonly parallel: number,
    private readonly events: Events,
    /** In place of the target: what a link wants to know with each file. */
    private readonly fields?: () => Record<string, string>,
  ) {
    this.uppy = new Uppy({ id: "uploads", autoProceed: false, allowMultipleUploadBatches: true }).use(Tus, {
      endpoint,
      limit: parallel,
      chunkSize: CHUNK,
      retryDelays: RETRY_DELAYS,
      removeFingerprintOnSuccess: true,
      headers: () => ({ "X-CSRFToken": csrfToken() }),
      onShouldRetry: (error, _attempt, _options, usual) =>
        error.originalResponse?.getStatus() !== QUOTA_FULL && usual(error),
      allowedMetaFields: fields ? META_OF_LINKS : META_FIELDS,
    });
    this.uppy.on("upload-progress", (file, progress) => {
      const entry = file && this.entries.get(file.id);
      if (entry) this.events.progress(entry, progress.bytesUploaded || 0);
    });
    this.uppy.on("upload-success", (file) => file && this.finish(file.id, (entry) => this.events.done(entry)));
    this.uppy.on("upload-error", (file, error, response) => {
      if (file) this.finish(file.id, (entry) => this.events.failed(entry, explain(error, response)));
    });
  }

  /** How many are on their way; those that are paused leave their place to others. */
  get active(): number {
    return [...this.ids.keys()].filter((entry) => entry.state === "sending").length;
  }

  start(entry: Entry): void {
    if (!entry.file) return;
    // Uppy makes the file's identity, by which an interrupted upload is found again, of these.
    const id = this.uppy.addFile({
      name: entry.file.name,
      type: entry.file.type,
      data: entry.file,
      meta: { relativePath: `${entry.target.parent}/${entry.path}` },
    });
    this.uppy.setFileMeta(id, {
      filename: entry.file.name,
      filetype: entry.file.type,
      lastModified: String(entry.modified),
      ...(this.fields?.() ?? {
        relativePath: entry.path,
        parent: entry.target.parent,
        space: entry.target.space,
        ...modeOf(entry.conflict),
      }),
    });
    this.uppy.setFileState(id, { tus: { uploadDataDuringCreation: entry.size <= IN_ONE_REQUEST } });
    this.entries.set(id, entry);
    this.ids.set(entry, id);
    this.uppy.upload().catch(() => undefined); // each failure arrives as an event
  }

  pause(entry: Entry): void {
    this.togglePause(entry, true);
  }

  /** False when Uppy does not know the file (any more): then it has to be started. */
  resume(entry: Entry): boolean {
    return this.togglePause(entry, false);
  }

  /** Stops, and tells the server to forget what has arrived. */
  cancel(entry: Entry): void {
    const id = this.ids.get(entry);
    if (!id) return;
    this.forget(id);
    this.uppy.removeFile(id);
  }

  private togglePause(entry: Entry, paused: boolean): boolean {
    const id = this.ids.get(entry);
    const file = id ? (this.uppy.getFile(id) as TusFile | undefined) : undefined;
    if (!id || !file) return false;
    if (("isPaused" in file && file.isPaused === true) !== paused) this.uppy.pauseResume(id);
    return true;
  }

  private finish(id: string, tell: (entry: Entry) => void): void {
    const entry = this.entries.get(id);
    if (!entry) return;
    this.forget(id);
    // Uppy still writes to the file in this turn; and by now removing it does not end the upload on the server.
    window.setTimeout(() => {
      if (this.uppy.getFile(id) && !this.entries.has(id)) this.uppy.removeFile(id);
      tell(entry);
    }, 0);
  }

  private forget(id: string): void {
    const entry = this.entries.get(id);
    if (entry) this.ids.delete(entry);
    this.entries.delete(id);
  }
}

function explain(error: { message: string }, response: unknown): UploadError {
  const answer = response as { status?: number; body?: { xhr?: XMLHttpRequest } } | undefined;
  const status = answer?.status ?? 0;
  if (!status) return new UploadError("", "network", true);
  return parseProblem(answer?.body?.xhr?.responseText ?? error.message, status);
}
