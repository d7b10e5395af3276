// The rows of a file list. The checkboxes are the truth; everything else follows them.

import { text } from "./strings";

export function list(): HTMLTableElement | null {
  return document.querySelector<HTMLTableElement>("[data-file-list]");
}

export function rows(): HTMLTableRowElement[] {
  return [...(list()?.querySelectorAll<HTMLTableRowElement>("tr[data-row]") ?? [])];
}

function checkbox(row: HTMLElement): HTMLInputElement | null {
  return row.querySelector<HTMLInputElement>("td.column-select input");
}

export function isSelected(row: HTMLElement): boolean {
  return checkbox(row)?.checked ?? false;
}

export function select(row: HTMLElement, on: boolean): void {
  const box = checkbox(row);
  if (box) box.checked = on;
}

export function selectedRows(): HTMLTableRowElement[] {
  return rows().filter(isSelected);
}

export function selectOnly(chosen: readonly HTMLElement[]): void {
  const wanted = new Set<HTMLElement>(chosen);
  for (const row of rows()) select(row, wanted.has(row));
  refresh();
}

/** What the commands act on: the selected rows, or the one file of a details page. */
export function selectedItems(): { id: string; name: string; kind: string }[] {
  const single = document.querySelector<HTMLElement>("#selection [data-single]");
  const sources: HTMLElement[] = single ? [single] : selectedRows();
  return sources.map((source) => ({
    id: source.dataset["id"] ?? "",
    name: source.dataset["name"] ?? "",
    kind: source.dataset["kind"] ?? "file",
  }));
}

/** Only one row is in the order of Tab; arrow keys move between rows. */
export function setCurrent(row: HTMLElement, focus = true): void {
  for (const other of list()?.querySelectorAll<HTMLElement>('tr[data-row][tabindex="0"]') ?? []) other.tabIndex = -1;
  row.tabIndex = 0;
  if (focus) row.focus();
}

export function currentRow(): HTMLTableRowElement | null {
  return list()?.querySelector<HTMLTableRowElement>('tr[data-row][tabindex="0"]') ?? null;
}

/** Brings marks, counts and the bar in line with the checkboxes. */
export function refresh(): void {
  const all = rows();
  let count = 0;
  for (const row of all) {
    const on = isSelected(row);
    if (on) count += 1;
    row.setAttribute("aria-selected", String(on));
    row.draggable = row.dataset["kind"] !== "trash";
  }
  const first = all[0];
  if (first && !currentRow()) setCurrent(first, false);
  const selectAll = list()?.querySelector<HTMLInputElement>("[data-select-all]");
  if (selectAll) {
    selectAll.checked = count > 0 && count === all.length;
    selectAll.indeterminate = count > 0 && count < all.length;
  }
  refreshBar(count);
}

function refreshBar(count: number): void {
  const bar = document.querySelector<HTMLElement>("[data-bulk-bar]");
  if (!bar) return;
  bar.hidden = count === 0;
  const label = bar.querySelector("[data-selected-count]");
  const shown = count ? text("selected", { count }) : "";
  if (label && label.textContent !== shown) label.textContent = shown;
  for (const button of bar.querySelectorAll<HTMLButtonElement>("[data-needs-one]")) button.hidden = count !== 1;
}
