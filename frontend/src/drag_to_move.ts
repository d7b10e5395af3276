// Dragging rows onto a folder, or onto a folder above, moves them. The "Move" command does the same by keyboard.

import { closest } from "./dom";
import * as selection from "./selection";

const TYPE = "application/x-file-rows";

function folderUnder(event: DragEvent): HTMLElement | null {
  if (!event.dataTransfer?.types.includes(TYPE)) return null;
  const folder = closest(event, "[data-drop-folder]");
  return folder && folder.getAttribute("aria-selected") !== "true" ? folder : null;
}

function unmark(): void {
  for (const marked of document.querySelectorAll(".drop-here")) marked.classList.remove("drop-here");
}

function onStart(event: DragEvent): void {
  const row = closest(event, "tr[data-row][draggable=true]");
  if (!row || !event.dataTransfer) return;
  if (!selection.isSelected(row)) selection.selectOnly([row]);
  event.dataTransfer.setData(TYPE, "");
  event.dataTransfer.effectAllowed = "move";
  document.body.classList.add("dragging");
}

function onDrop(event: DragEvent): void {
  const folder = folderUnder(event);
  unmark();
  const submit = document.querySelector<HTMLButtonElement>("[data-drop-submit]");
  if (!folder || !submit?.form) return;
  event.preventDefault();
  submit.value = folder.dataset["dropFolder"] ?? "";
  submit.form.requestSubmit(submit);
}

export function setUpDragToMove(): void {
  document.addEventListener("dragstart", onStart);
  document.addEventListener("dragover", (event) => {
    const folder = folderUnder(event);
    unmark();
    if (!folder) return;
    folder.classList.add("drop-here");
    event.preventDefault();
  });
  document.addEventListener("dragend", () => {
    unmark();
    document.body.classList.remove("dragging");
  });
  document.addEventListener("drop", onDrop);
}
