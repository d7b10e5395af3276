// The panel of uploads. Only the rows in view exist, so ten thousand files scroll as ten do.

import { fileSize, duration } from "../format";
import { text } from "../strings";
import type { Engine } from "./engine";
import type { Totals } from "./queue";
import { ROW_HEIGHT, Row } from "./row";
import { Speed } from "./speed";

export class Panel {
  private readonly rows: Row[] = [];
  private readonly speed = new Speed();
  private readonly list: HTMLElement;
  private readonly holder: HTMLElement;
  private announcedAt = 0;

  constructor(
    private readonly root: HTMLElement,
    private readonly engine: Engine,
  ) {
    this.list = this.find(".uploads-list");
    this.holder = this.find(".uploads-rows");
    this.list.addEventListener("scroll", () => this.renderRows(this.engine.queue.totals()), { passive: true });
    this.engine.queue.addEventListener("change", () => this.render());
    this.root.addEventListener("click", (event) => this.onClick(event));
    window.setInterval(() => this.root.hidden || this.renderFigures(this.engine.queue.totals()), 1000);
  }

  show(): void {
    this.root.hidden = false;
    this.render();
  }

  note(message: string): void {
    const note = this.find("[data-uploads-interrupted]");
    note.hidden = !message;
    this.find("[data-uploads-interrupted] p").textContent = message;
  }

  announce(message: string): void {
    this.find("[data-uploads-announce]").textContent = message;
  }

  render(): void {
    const totals = this.engine.queue.totals();
    if (this.root.hidden && totals.files) this.root.hidden = false;
    this.renderFigures(totals);
    this.renderRows(totals);
    const { counts } = totals;
    const running = counts.sending + counts.waiting > 0;
    this.toggle("pause", running && !this.engine.paused);
    this.toggle("resume", this.engine.paused || (!running && counts.paused > 0));
    this.toggle("retry", counts.failed > 0);
    if (!counts.missing) this.note("");
  }

  private renderFigures(totals: Totals): void {
    const { counts, files, bytes, sent } = totals;
    const finished = counts.done + counts.skipped;
    const progress = this.find<HTMLProgressElement>("[data-uploads-progress]");
    progress.max = Math.max(1, bytes + files);
    progress.value = sent + finished; // empty files count too
    const parts = [text("files_of", { done: finished, count: files }), `${fileSize(sent)} / ${fileSize(bytes)}`];
    if (counts.sending && !this.engine.paused) {
      this.speed.sample(sent, performance.now());
      const perSecond = this.speed.perSecond;
      if (perSecond > 0) parts.push(`${fileSize(perSecond)}/s`, duration((bytes - sent) / perSecond));
    } else {
      this.speed.reset();
      if (this.engine.paused) parts.push(text("paused"));
    }
    if (counts.failed) parts.push(text("failed_count", { count: counts.failed }));
    if (counts.skipped) parts.push(text("skipped_count", { count: counts.skipped }));
    this.find("[data-uploads-figures]").textContent = parts.join(" · ");
    if (counts.sending && performance.now() - this.announcedAt > 20_000) {
      this.announcedAt = performance.now();
      this.announce(parts.slice(0, 1).join(" "));
    }
  }

  private renderRows(totals: Totals): void {
    this.holder.style.height = `${totals.files * ROW_HEIGHT}px`;
    const first = Math.max(0, Math.floor(this.list.scrollTop / ROW_HEIGHT) - 2);
    const count = Math.ceil((this.list.clientHeight || 400) / ROW_HEIGHT) + 4;
    const entries = this.engine.queue.slice(first, first + count);
    while (this.rows.length < entries.length) this.rows.push(new Row(this.holder));
    this.rows.forEach((row, index) => row.show(entries[index] ?? null, first + index, totals.files));
  }

  private onClick(event: Event): void {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("button") : null;
    const action = button?.dataset["uploads"];
    const act = button?.dataset["entry"];
    const entry = this.rows.find((row) => button && row.element.contains(button))?.entry;
    if (entry && act) {
      if (act === "pause") this.engine.pause(entry);
      else if (act === "resume") this.engine.resume(entry);
      else if (act === "retry") this.engine.retry(entry);
      else if (act === "cancel") this.engine.cancel(entry);
    } else if (action) this.command(action);
  }

  private command(action: string): void {
    if (action === "pause") this.engine.pauseAll();
    else if (action === "resume") this.engine.resumeAll();
    else if (action === "retry") for (const entry of this.engine.queue.in("failed")) this.engine.retry(entry);
    else if (action === "discard") for (const entry of this.engine.queue.in("missing")) this.engine.cancel(entry);
    else if (action === "continue") this.root.dispatchEvent(new Event("choose"));
    else if (action === "toggle") this.toggleBody();
    else if (action === "close") this.close();
    this.render();
  }

  private close(): void {
    const { counts } = this.engine.queue.totals();
    const open = counts.sending + counts.waiting + counts.paused + counts.missing;
    if (open && !window.confirm(text("cancel_all", { count: open }))) return;
    this.engine.cancelAll();
    this.engine.queue.forgetFinished();
    this.root.hidden = true;
  }

  private toggleBody(): void {
    const body = this.find("#uploads-body");
    body.hidden = !body.hidden;
    this.find("[data-uploads=toggle]").setAttribute("aria-expanded", String(!body.hidden));
  }

  private toggle(action: string, shown: boolean): void {
    const button = this.find(`[data-uploads=${action}]`);
    if (button.hidden === shown) button.hidden = !shown;
  }

  private find<T extends HTMLElement = HTMLElement>(selector: string): T {
    return this.root.querySelector(selector) as T;
  }
}
