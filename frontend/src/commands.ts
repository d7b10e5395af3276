// What can be done with the selection: each command ends in a plain form submit or a link.

import htmx from "htmx.org";
import { openDialog } from "./dialogs";
import { closest } from "./dom";
import { refresh, rows, selectOnly, selectedItems } from "./selection";

function button(name: string): HTMLButtonElement | null {
  return document.querySelector<HTMLButtonElement>(`[data-command="${name}"]`);
}

function rename(): void {
  const [item] = selectedItems();
  const dialog = item && openDialog("rename-dialog");
  if (!item || !dialog) return;
  const node = dialog.querySelector<HTMLInputElement>("input[name=node]");
  const name = dialog.querySelector<HTMLInputElement>("input[name=name]");
  if (!node || !name) return;
  node.value = item.id;
  name.value = item.name;
  name.focus();
  const dot = item.kind === "file" ? item.name.lastIndexOf(".") : -1;
  name.setSelectionRange(0, dot > 0 ? dot : item.name.length);
}

function pick(source: HTMLElement): void {
  const url = source.dataset["picker"];
  if (!url || !openDialog("picker-dialog")) return;
  document.getElementById("picker")?.replaceChildren();
  void htmx.ajax("GET", url, { target: "#picker", swap: "innerHTML" });
}

/** Runs a command of the bar on what is selected now. */
export function run(name: string): void {
  const source = button(name);
  if (name === "clear") {
    selectOnly([]);
  } else if (name === "rename") {
    rename();
  } else if ((name === "move" || name === "copy") && source) {
    pick(source);
  } else if (name === "open") {
    const [item] = selectedItems();
    rows().find((row) => row.dataset["id"] === item?.id)?.querySelector<HTMLElement>("[data-open]")?.click();
  } else if (name === "links") {
    const [item] = selectedItems();
    if (item) window.location.assign(`/links/of/${item.id}/`);
  } else if (name === "share") {
    const [item] = selectedItems();
    if (item) window.location.assign(`/files/${item.id}/share/`);
  } else {
    source?.click(); // a submit button of the form around the selection
  }
}

function showRowMenu(row: HTMLElement, x: number, y: number): void {
  const menu = document.getElementById("row-menu");
  if (!menu) return;
  menu.showPopover();
  const box = menu.getBoundingClientRect();
  menu.style.position = "fixed";
  menu.style.margin = "0";
  menu.style.inset = "auto";
  menu.style.left = `${Math.max(8, Math.min(x, window.innerWidth - box.width - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(y, window.innerHeight - box.height - 8))}px`;
  menu.dataset["row"] = row.id;
  menu.querySelector<HTMLElement>("[role=menuitem]")?.focus();
}

function onClick(event: MouseEvent): void {
  const opener = closest(event, "[data-row-menu]");
  const row = opener?.closest<HTMLElement>("tr[data-row]");
  if (opener && row) {
    selectOnly([row]);
    const box = opener.getBoundingClientRect();
    showRowMenu(row, box.right - 224, box.bottom);
    return;
  }
  const item = closest(event, "[data-run]");
  if (item?.dataset["run"]) {
    document.getElementById("row-menu")?.hidePopover();
    run(item.dataset["run"]);
    return;
  }
  const source = closest(event, "[data-command]");
  const name = source?.dataset["command"];
  if (source instanceof HTMLButtonElement && source.type === "button" && name) run(name);
}

function onContextMenu(event: MouseEvent): void {
  const row = closest(event, "tr[data-row]");
  if (!row || !document.getElementById("row-menu")) return;
  event.preventDefault();
  if (row.getAttribute("aria-selected") !== "true") selectOnly([row]);
  showRowMenu(row, event.clientX, event.clientY);
}

function onMenuKey(event: KeyboardEvent): void {
  const menu = closest(event, "#row-menu");
  if (!menu || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
  event.preventDefault();
  const items = [...menu.querySelectorAll<HTMLElement>("[role=menuitem]")];
  const step = event.key === "ArrowDown" ? 1 : -1;
  const next = items.indexOf(document.activeElement as HTMLElement) + step;
  items[(next + items.length) % items.length]?.focus();
}

export function setUpCommands(): void {
  document.addEventListener("click", onClick);
  document.addEventListener("contextmenu", onContextMenu);
  document.addEventListener("keydown", onMenuKey);
  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (menu instanceof HTMLElement && menu.id === "row-menu" && (event as ToggleEvent).newState === "closed") {
      if (menu.contains(document.activeElement)) document.getElementById(menu.dataset["row"] ?? "")?.focus();
      refresh();
    }
  }, { capture: true });
}
