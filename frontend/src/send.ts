// Sends files to a link in pieces that go on where they stopped. Without it the same form sends them in one request.

import { element } from "./dom";
import { fileSize } from "./format";
import { text } from "./strings";
import type { Entry, UploadError } from "./uploads/entry";
import { Resumable } from "./uploads/resumable";

const PARALLEL = 3;

/** One chosen file with its row. */
class Sending {
  readonly row = element("li", {});
  readonly entry: Entry;
  private readonly state = element("span", { class: "state" }, text("send_waiting"));
  private readonly progress = element("progress", { max: "1", value: "0" });

  constructor(id: number, file: File, folder: string) {
    this.entry = {
      id,
      path: file.name,
      size: file.size,
      modified: file.lastModified,
      target: { parent: folder, space: "", name: "" },
      conflict: "rename",
      key: null,
      stored: false,
      file,
      state: "waiting",
      sent: 0,
      message: "",
    };
    this.progress.setAttribute("aria-label", file.name);
    this.row.append(element("span", { class: "name" }, file.name), this.state, this.progress);
  }

  show(state: Entry["state"], message: string): void {
    this.entry.state = state;
    this.row.className = state;
    this.state.textContent = message;
    this.progress.hidden = state !== "sending";
    if (this.entry.size) this.progress.value = this.entry.sent / this.entry.size;
  }
}

class Sender {
  private readonly list: HTMLElement;
  private readonly status: HTMLElement;
  private readonly button: HTMLButtonElement;
  private readonly uploads: Resumable;
  private files: Sending[] = [];

  constructor(private readonly form: HTMLFormElement) {
    this.list = form.querySelector("[data-send-list]") as HTMLElement;
    this.status = form.querySelector("[data-send-status]") as HTMLElement;
    this.button = form.querySelector("button") as HTMLButtonElement;
    this.uploads = new Resumable(
      form.dataset["send"] ?? "",
      PARALLEL,
      {
        progress: (entry, sent) => this.progress(entry, sent),
        done: (entry) => this.end(entry, "done", text("send_done")),
        failed: (entry, error) => this.end(entry, "failed", text("send_failed", { message: explain(error) })),
      },
      () => this.fields(),
    );
    this.continueDelivery();
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.start();
    });
    window.addEventListener("beforeunload", (event) => {
      if (this.files.some((file) => file.entry.state === "sending" || file.entry.state === "waiting")) {
        event.preventDefault();
      }
    });
  }

  /** What was interrupted by a reload goes on under the receipt that it was begun for. */
  private continueDelivery(): void {
    const input = this.form.querySelector<HTMLInputElement>("input[name=delivery]");
    const kept = stored(this.key);
    if (!input || !kept) return;
    this.form.dataset["receipt"] = this.form.dataset["receipt"]?.replace(input.value, kept) ?? "";
    input.value = kept;
  }

  private get key(): string {
    return `delivery ${this.form.dataset["send"]}`;
  }

  /** What the server wants to know with each file. */
  private fields(): Record<string, string> {
    const found: Record<string, string> = { sender: "", delivery: "", folder: "" };
    for (const [name, value] of new FormData(this.form)) if (typeof value === "string") found[name] = value;
    return found;
  }

  private start(): void {
    const again = this.files.filter((file) => file.entry.state === "failed");
    if (!again.length) {
      const chosen = this.form.querySelector<HTMLInputElement>("input[type=file]")?.files ?? [];
      const folder = this.fields()["folder"] ?? "";
      this.files = Array.from(chosen, (file, index) => new Sending(index + 1, file, folder));
      this.list.replaceChildren(...this.files.map((file) => file.row));
    }
    if (!this.files.length) return;
    for (const file of again) file.show("waiting", text("send_waiting"));
    store(this.key, this.fields()["delivery"] ?? "");
    this.list.hidden = false;
    this.button.disabled = true;
    this.status.textContent = "";
    this.pump();
  }

  private pump(): void {
    for (const file of this.files) {
      if (this.files.filter((one) => one.entry.state === "sending").length >= PARALLEL) return;
      if (file.entry.state !== "waiting") continue;
      file.show("sending", text("send_sending", { sent: fileSize(0), size: fileSize(file.entry.size) }));
      this.uploads.start(file.entry);
    }
  }

  private progress(entry: Entry, sent: number): void {
    entry.sent = sent;
    this.of(entry)?.show("sending", text("send_sending", { sent: fileSize(sent), size: fileSize(entry.size) }));
  }

  private end(entry: Entry, state: Entry["state"], message: string): void {
    this.of(entry)?.show(state, message);
    this.pump();
    if (this.files.some((file) => file.entry.state === "sending" || file.entry.state === "waiting")) return;
    const arrived = this.files.filter((file) => file.entry.state === "done").length;
    this.status.textContent = text("send_all", { count: arrived });
    this.button.disabled = false;
    if (arrived === this.files.length) {
      store(this.key, "");
      window.location.assign(this.form.dataset["receipt"] ?? window.location.href);
    } else this.button.replaceChildren(text("send_again"));
  }

  private of(entry: Entry): Sending | undefined {
    return this.files.find((file) => file.entry === entry);
  }
}

/** Browsers that keep nothing (private windows of some) send all the same. */
function stored(key: string): string | null {
  try {
    return window.localStorage.getItem(key);
  } catch {
    return null;
  }
}

function store(key: string, value: string): void {
  try {
    if (value) window.localStorage.setItem(key, value);
    else window.localStorage.removeItem(key);
  } catch {
    // then a reload begins another receipt
  }
}

function explain(error: UploadError): string {
  return error.code === "network" || !error.message ? text("send_network") : error.message;
}

export function setUpSending(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-send]")) new Sender(form);
}
