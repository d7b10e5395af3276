// Many small files in one request. The only place that knows the format of the bulk door.

import { csrfToken } from "../dom";
import { type Conflict, type Entry, UploadError } from "./entry";

export const BATCH_FILES = 100;
export const BATCH_BYTES = 8 * 1024 * 1024;

export interface Outcome {
  entry: Entry;
  error: UploadError | null;
}

interface Answer {
  results?: { path: string; ok?: boolean; status?: number; code?: string; detail?: string; title?: string }[];
}

export function modeOf(conflict: Conflict): { mode: string; autorename: string } {
  return {
    mode: conflict === "overwrite" ? "overwrite" : "create",
    autorename: String(conflict === "rename"),
  };
}

/** Sends files of one target with one way of handling conflicts. Rejects when the whole request failed. */
export async function sendBatch(entries: readonly Entry[], signal: AbortSignal): Promise<Outcome[]> {
  const first = entries[0];
  if (!first) return [];
  const body = new FormData();
  for (const entry of entries) {
    if (!entry.file) throw new UploadError("file is gone");
    body.append(entry.path, entry.file, String(entry.modified));
  }
  const query = new URLSearchParams({ parent: first.target.parent, ...modeOf(first.conflict) });
  const response = await fetch(`/api/v1/bulk?${query}`, {
    method: "POST",
    headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
    credentials: "same-origin",
    body,
    signal,
  });
  if (!response.ok && response.status !== 207) throw await problem(response);
  return outcomes(entries, (await response.json()) as Answer);
}

function outcomes(entries: readonly Entry[], answer: Answer): Outcome[] {
  const results = answer.results ?? [];
  return entries.map((entry, index) => {
    const result = results[index];
    const failed = result === undefined || result.ok === false || (result.status ?? 200) >= 400;
    const error = failed
      ? new UploadError(result?.detail ?? result?.title ?? "", result?.code ?? "", result === undefined)
      : null;
    return { entry, error };
  });
}

/** Reads RFC 9457 problem details. */
export async function problem(response: Response): Promise<UploadError> {
  const retryable = response.status >= 500 || response.status === 429 || response.status === 408;
  return parseProblem(await response.text().catch(() => ""), response.status, retryable);
}

export function parseProblem(body: string, status: number, retryable: boolean): UploadError {
  try {
    const details = JSON.parse(body) as { code?: string; detail?: string; title?: string };
    return new UploadError(details.detail ?? details.title ?? `HTTP ${status}`, details.code ?? "", retryable);
  } catch {
    return new UploadError(`HTTP ${status}`, "", retryable);
  }
}
