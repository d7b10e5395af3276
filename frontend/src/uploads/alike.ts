// Before files go into a folder under names that only their case sets apart from what is there.

import { ask } from "../dialogs";
import { csrfToken } from "../dom";
import { text } from "../strings";
import type { Dropped } from "./dropped";
import type { Target } from "./entry";

const AT_ONCE = 1000; // names the server takes in one request

function top(path: string): string {
  return path.split("/", 1)[0] ?? path;
}

/** By name what the folder has under another spelling of it. Nothing when the server cannot say. */
async function alike(names: string[], target: Target): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (let start = 0; start < names.length; start += AT_ONCE) {
    const response = await fetch(`/files/${target.parent}/alike`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
      body: JSON.stringify({ names: names.slice(start, start + AT_ONCE) }),
    }).catch(() => null);
    if (!response?.ok) continue;
    const answer = (await response.json()) as { alike: Record<string, string> };
    for (const [name, other] of Object.entries(answer.alike)) found.set(name, other);
  }
  return found;
}

/** Asks once for each piece of a drop; without consent, what has such a name is left out. `asked` are names told of. */
export async function agreed(piece: Dropped, target: Target, asked: Map<string, boolean>): Promise<Dropped> {
  const names = new Set([...piece.files.map((file) => top(file.path)), ...piece.emptyFolders.map(top)]);
  const found = await alike([...names].filter((name) => !asked.has(name)), target);
  const [first] = found;
  if (first) {
    const question = text("alike", { name: first[0], other: first[1], count: found.size });
    const yes = await ask(question, text("alike_upload"), false);
    for (const name of found.keys()) asked.set(name, yes);
  }
  const wanted = (path: string): boolean => asked.get(top(path)) !== false;
  return {
    ...piece,
    files: piece.files.filter((file) => wanted(file.path)),
    emptyFolders: piece.emptyFolders.filter(wanted),
  };
}
