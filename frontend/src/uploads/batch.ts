// Many small files in one request. The only place that knows the format of the bulk endpoint.

import { csrfToken } from "../dom";
import { type Conflict, type Entry, UploadError } from "./entry";

export const BATCH_FILES = 200;
export const BATCH_BYTES = 8 * 1024 * 1024;

export interface Outcome {
  entry: Entry;
  error: UploadError | null;
}

interface Problem {
  code?: string;
  detail?: string;
  title?: string;
}

interface Answer {
  items?: { path: string; error: Problem | null }[];
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
  const query = new URLSearchParams({ parent_id: first.target.parent, manifest: "true", ...modeOf(first.conflict) });
  const response = await fetch(`/api/v1/bulk?${query}`, {
    method: "POST",
    headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
    credentials: "same-origin",
    body: form(entries),
    signal,
  });
  if (!response.ok) throw await problem(response);
  return outcomes(entries, (await response.json()) as Answer);
}

/** Paths and times go into a manifest: names of parts cannot carry every name of a file unchanged. */
function form(entries: readonly Entry[]): FormData {
  const body = new FormData();
  const files = entries.map(({ path, modified }) => ({ path, modified_at: new Date(modified).toISOString() }));
  body.append("manifest", JSON.stringify({ files }));
  entries.forEach((entry, index) => {
    body.append(String(index), entry.file ?? new Blob(), "file");
  });
  return body;
}

function outcomes(entries: readonly Entry[], answer: Answer): Outcome[] {
  return entries.map((entry, index) => {
    const item = answer.items?.[index];
    if (!item) return { entry, error: new UploadError("", "no_answer", true) };
    return { entry, error: item.error && new UploadError(sentence(item.error), item.error.code ?? "") };
  });
}

function sentence(details: Problem): string {
  return details.detail ?? details.title ?? details.code ?? "";
}

/** Reads RFC 9457 problem details. */
export async function problem(response: Response): Promise<UploadError> {
  return parseProblem(await response.text().catch(() => ""), response.status);
}

// Not 507: a full quota stays full.
const WORTH_ANOTHER_TRY = new Set([408, 425, 429, 500, 502, 503, 504]);

export function parseProblem(body: string, status: number): UploadError {
  const retryable = WORTH_ANOTHER_TRY.has(status);
  try {
    const details = JSON.parse(body) as Problem;
    return new UploadError(sentence(details) || `HTTP ${status}`, details.code ?? "", retryable);
  } catch {
    return new UploadError(`HTTP ${status}`, "", retryable);
  }
}
