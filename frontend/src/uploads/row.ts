import { changeIcon, element, icon } from "../dom";
import { fileSize } from "../format";
import { text } from "../strings";
import { type Entry, isSmall, type State } from "./entry";

export const ROW_HEIGHT = 48;

const ICONS: Record<State, string> = {
  waiting: "clock",
  sending: "upload",
  paused: "pause",
  missing: "warning",
  failed: "warning",
  skipped: "info",
  done: "check",
};

const BUTTONS: Partial<Record<State, [action: string, icon: string]>> = {
  sending: ["pause", "pause"],
  paused: ["resume", "play"],
  failed: ["retry", "retry"],
};

function button(): HTMLButtonElement {
  return element("button", { type: "button", class: "button quiet compact icon-only" }, icon("close"));
}

/** One row of the panel; it is used again and again for whatever entry scrolls into its place. */
export class Row {
  entry: Entry | null = null;
  readonly element = element("li", { class: "upload-row" });
  private readonly icon = icon("clock");
  private readonly name = element("div", { class: "name" });
  private readonly state = element("div", { class: "state numeric" });
  private readonly progress = element("progress", { max: "1" });
  private readonly act = button();
  private readonly cancel = button();
  private shown = "";

  constructor(parent: HTMLElement) {
    const middle = element("div", {}, this.name, this.progress, this.state);
    this.cancel.dataset["entry"] = "cancel";
    this.element.append(this.icon, middle, element("div", { class: "buttons" }, this.act, this.cancel));
    parent.append(this.element);
  }

  show(entry: Entry | null, index: number, count: number): void {
    this.entry = entry;
    this.element.hidden = entry === null;
    if (!entry) return;
    this.element.style.transform = `translateY(${index * ROW_HEIGHT}px)`;
    const sending = entry.state === "sending" && !isSmall(entry);
    if (sending) this.progress.value = entry.size ? entry.sent / entry.size : 0;
    const line = describe(entry);
    const key = `${entry.id} ${entry.state} ${line} ${index} ${count}`;
    if (key === this.shown) return; // touching the document is what costs
    this.shown = key;
    this.element.className = `upload-row ${entry.state}`;
    this.element.setAttribute("aria-setsize", String(count));
    this.element.setAttribute("aria-posinset", String(index + 1));
    changeIcon(this.icon, ICONS[entry.state]);
    this.name.textContent = this.name.title = entry.path;
    this.state.textContent = this.state.title = line;
    this.progress.hidden = !sending;
    this.progress.setAttribute("aria-label", entry.path);
    this.showButtons(entry);
  }

  private showButtons(entry: Entry): void {
    const shown = BUTTONS[entry.state];
    // A small file is part of a batch: it is paused with all the others, or not at all.
    const usable = shown && !(isSmall(entry) && entry.state === "sending");
    this.act.hidden = !usable;
    if (shown && usable) {
      this.act.dataset["entry"] = shown[0];
      this.act.setAttribute("aria-label", text(`${shown[0]}_file`, { name: entry.path }));
      changeIcon(this.act.firstElementChild as SVGElement, shown[1]);
    }
    const over = entry.state === "done" || entry.state === "skipped";
    this.cancel.hidden = over || (isSmall(entry) && entry.state === "sending");
    this.cancel.setAttribute("aria-label", text("cancel_file", { name: entry.path }));
  }
}

function describe(entry: Entry): string {
  const size = fileSize(entry.size);
  if (entry.state === "sending" && !isSmall(entry)) return `${fileSize(entry.sent)} / ${size}`;
  if (entry.state === "failed") return entry.message ? `${text("failed")}: ${entry.message}` : text("failed");
  return `${text(entry.state)} · ${size}`;
}
