// Mouse and keyboard in the file list, as people know them from their desktop.

import { run } from "./commands";
import { closest, isTyping } from "./dom";
import * as selection from "./selection";

let anchor: HTMLElement | null = null; // where a range with Shift starts

function range(to: HTMLElement): HTMLElement[] {
  const all = selection.rows();
  const start = anchor?.isConnected ? all.indexOf(anchor as HTMLTableRowElement) : 0;
  const end = all.indexOf(to as HTMLTableRowElement);
  return all.slice(Math.min(start, end), Math.max(start, end) + 1);
}

function toggle(row: HTMLElement): void {
  selection.select(row, !selection.isSelected(row));
  anchor = row;
  selection.refresh();
}

function onClick(event: MouseEvent): void {
  const row = closest(event, "tr[data-row]");
  if (!row || closest(event, "a, button, label, input")) return;
  selection.setCurrent(row);
  if (event.shiftKey) {
    selection.selectOnly(range(row));
  } else if (event.ctrlKey || event.metaKey) {
    toggle(row);
  } else {
    anchor = row;
    selection.selectOnly([row]);
  }
}

function onChange(event: Event): void {
  const all = closest<HTMLInputElement>(event, "[data-select-all]");
  if (all) {
    selection.selectOnly(all.checked ? selection.rows() : []);
    return;
  }
  const row = closest(event, "tr[data-row]");
  if (!row) return;
  anchor = row;
  selection.setCurrent(row, false);
  selection.refresh();
}

function open(row: HTMLElement): void {
  row.querySelector<HTMLElement>("[data-open]")?.click();
}

function moveTo(index: number, extend: boolean): void {
  const all = selection.rows();
  const row = all[Math.max(0, Math.min(index, all.length - 1))];
  if (!row) return;
  selection.setCurrent(row);
  if (extend) selection.selectOnly(range(row));
  else anchor = row;
}

function onListKey(event: KeyboardEvent, row: HTMLTableRowElement): boolean {
  const index = selection.rows().indexOf(row);
  const page = Math.max(1, Math.floor(window.innerHeight / row.offsetHeight) - 4);
  const steps: Record<string, number> = {
    ArrowDown: index + 1,
    ArrowUp: index - 1,
    Home: 0,
    End: Number.MAX_SAFE_INTEGER,
    PageDown: index + page,
    PageUp: index - page,
  };
  const step = steps[event.key];
  if (step !== undefined) moveTo(step, event.shiftKey);
  else if (event.key === "Enter") open(row);
  else if (event.key === " ") toggle(row);
  else if (event.key === "Delete" || event.key === "F2") {
    if (!selection.selectedRows().length) selection.selectOnly([row]);
    run(event.key === "F2" ? "rename" : "trash");
  } else return false;
  return true;
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if (!selection.list()) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a") {
    selection.selectOnly(selection.rows());
    event.preventDefault();
    return;
  }
  if (event.key === "Escape" && selection.selectedRows().length) {
    selection.selectOnly([]);
    return;
  }
  const row = closest<HTMLTableRowElement>(event, "tr[data-row]");
  if (!row || event.target !== row || event.ctrlKey || event.metaKey || event.altKey) return;
  if (onListKey(event, row)) event.preventDefault();
}

export function setUpFileList(): void {
  document.addEventListener("click", onClick);
  document.addEventListener("change", onChange);
  document.addEventListener("keydown", onKey);
  document.addEventListener("dblclick", (event) => {
    const row = closest(event, "tr[data-row]");
    if (row && !closest(event, "a, button, label, input")) open(row);
  });
  selection.refresh();
}
