// Ties the uploads to the page: dropping, choosing, refreshing the list, leaving the page.

import htmx from "htmx.org";
import { closest, csrfToken, element } from "../dom";
import { text } from "../strings";
import { showToast } from "../toasts";
import { agreed } from "./alike";
import { chosen, dropped, type Dropped } from "./dropped";
import { Engine } from "./engine";
import type { Conflict, Target } from "./entry";
import { Keeper } from "./keeping";
import { Panel } from "./panel";
import { Queue } from "./queue";
import { Store } from "./store";

const REFRESH_EVERY = 3000; // milliseconds, while something arrives
const REFRESH_AT_END = 300; // at least between two

function targetHere(): Target | null {
  const data = document.querySelector<HTMLElement>("[data-upload-target]")?.dataset;
  if (!data?.["folder"]) return null;
  return { parent: data["folder"], space: data["space"] ?? "", name: data["folderName"] ?? "" };
}

function conflict(): Conflict {
  return (document.querySelector<HTMLSelectElement>("#uploads-conflict")?.value ?? "overwrite") as Conflict;
}

export async function setUpUploads(): Promise<void> {
  const root = document.getElementById("uploads");
  if (!root) return;
  const store = await Store.open(new Keeper(root.dataset["keeper"] ?? ""));
  const engine = new Engine(new Queue(), store, root.dataset["tus"] ?? "/tus/");
  const panel = new Panel(root, engine);
  const start = starter(engine, panel);
  setUpDrop(start);
  setUpChoosing(start);
  keepListFresh(engine);
  engine.addEventListener("idle", () => void finish(engine, panel, store));
  root.addEventListener("choose", () => document.querySelector<HTMLInputElement>("[data-upload-input=files]")?.click());
  window.addEventListener("beforeunload", (event) => {
    void store?.flush();
    const open = engine.queue.in("sending", "waiting", "paused");
    // These would have to be chosen again.
    if (reading || open.some((entry) => !entry.stored)) event.preventDefault();
  });
  const missing = await engine.adopt();
  if (missing) panel.note(text("choose_again", { count: missing }));
}

/** Pieces of a drop follow each other, each once the person has agreed to its names. */
function starter(engine: Engine, panel: Panel): (found: Dropped, target: Target) => void {
  let before = Promise.resolve();
  let asked = new Map<string, boolean>();
  return (found, target) => {
    before = before.then(async () => {
      begin(engine, panel, await agreed(found, target, asked), target);
      if (found.finished) asked = new Map();
    });
  };
}

let reading = false; // a folder that was dropped is not read to its end

function begin(engine: Engine, panel: Panel, found: Dropped, target: Target): void {
  if (found.unreadable) showToast(text("unreadable", { count: found.unreadable }), "error");
  for (const path of found.emptyFolders) void makeFolder(path, target);
  if (!found.files.length) {
    reading = !found.finished;
    return;
  }
  const { counts } = engine.queue.totals();
  if (!reading && !counts.sending && !counts.waiting) engine.queue.forgetFinished();
  reading = !found.finished;
  engine.add(found.files, target, conflict());
  panel.show();
  if (found.finished) panel.announce(text("upload_started", { count: engine.queue.totals().files }));
}

/** A folder without files has no upload that would make it. */
async function makeFolder(path: string, target: Target): Promise<void> {
  const response = await fetch("/api/v1/folders", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
    body: JSON.stringify({ parent_id: target.parent, path, exist_ok: true }),
  }).catch(() => null);
  if (!response?.ok) showToast(text("folder_failed", { name: path }), "error");
}

let finishedBefore = 0;

async function finish(engine: Engine, panel: Panel, store: Store | null): Promise<void> {
  const { counts } = engine.queue.totals();
  const finished = counts.done + counts.skipped;
  if (!finished || finished === finishedBefore) return;
  finishedBefore = finished;
  await store?.flush(); // whoever is told that all is done may leave the page at once
  const message = counts.failed
    ? text("upload_finished_with_failures", { count: counts.failed })
    : text("upload_finished", { count: finished });
  panel.announce(message);
}

function setUpDrop(start: (found: Dropped, target: Target) => void): void {
  let overlay: HTMLElement | null = null;
  const hide = (): void => {
    overlay?.remove();
    overlay = null;
  };
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault(); // else the browser opens the file in place of the page
    const target = targetHere();
    event.dataTransfer.dropEffect = target ? "copy" : "none";
    if (!target || overlay) return;
    overlay = element("div", { class: "drop-overlay" }, element("p", {}, text("drop_here", { name: target.name })));
    document.body.append(overlay);
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) hide();
  });
  document.addEventListener("drop", (event) => {
    hide();
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    const target = targetHere();
    if (target) void dropped(event.dataTransfer, (found) => start(found, target));
  });
}

function setUpChoosing(start: (found: Dropped, target: Target) => void): void {
  document.addEventListener("click", (event) => {
    const kind = closest(event, "[data-upload]")?.dataset["upload"];
    if (!kind) return;
    document.querySelector<HTMLInputElement>(`[data-upload-input=${kind}]`)?.click();
    closest(event, "details")?.removeAttribute("open");
  });
  document.addEventListener("change", (event) => {
    const input = closest<HTMLInputElement>(event, "[data-upload-input]");
    const target = targetHere();
    if (!input || !target) return;
    start({ files: chosen(input), emptyFolders: [], unreadable: 0, finished: true }, target);
    input.value = ""; // choosing the same files again has to be a change again
  });
}

/** Shows what has arrived: at the end, and now and then while the person is on the first page of the list. */
function keepListFresh(engine: Engine): void {
  let last = 0;
  let timer = 0;
  let due = Infinity;
  let loading = false;
  let again = false;
  const refresh = async (): Promise<void> => {
    due = Infinity;
    again = loading; // htmx drops a third request, and the list must be loaded once more after the last upload
    if (loading) return;
    loading = true;
    last = performance.now();
    await loadList().finally(() => (loading = false));
    if (again) refreshAfter(REFRESH_AT_END);
  };
  const refreshAfter = (milliseconds: number): void => {
    const at = last + milliseconds;
    if (at >= due) return;
    due = at;
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void refresh(), Math.max(0, at - performance.now()));
  };
  engine.addEventListener("batch", () => refreshAfter(REFRESH_EVERY));
  engine.addEventListener("idle", () => refreshAfter(REFRESH_AT_END));
}

/** Not while somebody reads further down, or works with what is there. */
async function loadList(): Promise<void> {
  if (!targetHere() || document.querySelector("dialog[open], [data-row][aria-selected=true], .dragging")) return;
  if (window.scrollY > 400) return;
  for (const [part, swap] of [["#listing", "outerMorph"], ["#usage", "outerHTML"]] as const) {
    await htmx
      .ajax("GET", window.location.href, { target: part, select: part, swap: `${swap} ignoreTitle:true` })
      .catch(() => undefined); // the next look tries again
  }
}
