import { closest } from "./dom";

export function openDialog(id: string): HTMLDialogElement | null {
  const dialog = document.getElementById(id);
  if (!(dialog instanceof HTMLDialogElement)) return null;
  if (!dialog.open) dialog.showModal();
  return dialog;
}

let confirmed: HTMLElement | null = null;

export async function ask(question: string, label: string, loses: boolean): Promise<boolean> {
  const dialog = document.getElementById("confirm-dialog") as HTMLDialogElement | null;
  if (!dialog) return window.confirm(question);
  const textElement = dialog.querySelector("#confirm-text");
  const button = dialog.querySelector("[data-confirm-button]");
  if (textElement) textElement.textContent = question;
  if (button) {
    button.textContent = label;
    button.className = loses ? "button danger" : "button primary";
  }
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "confirm"), { once: true });
  });
}

/** Submits with `data-confirm` on the button ask first; those with `data-native` are left to the browser. */
function onSubmit(event: SubmitEvent): void {
  const submitter = event.submitter;
  const question = submitter?.dataset["confirm"];
  if (submitter && question && confirmed !== submitter) {
    event.preventDefault();
    event.stopImmediatePropagation();
    const label = submitter.dataset["confirmLabel"] ?? submitter.textContent?.trim() ?? "";
    void ask(question, label, !("harmless" in submitter.dataset)).then((yes) => {
      if (!yes) return;
      confirmed = submitter;
      (event.target as HTMLFormElement).requestSubmit(submitter);
      confirmed = null;
    });
  } else if (submitter && "native" in submitter.dataset) {
    event.stopImmediatePropagation();
  }
}

function closeMenus(except: Element | null): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]")) {
    if (menu !== except) menu.open = false;
  }
}

function onClick(event: MouseEvent): void {
  const opener = closest(event, "[data-dialog]");
  if (opener?.dataset["dialog"]) openDialog(opener.dataset["dialog"]);
  closest(event, "[data-close-dialog]")?.closest("dialog")?.close();
  if (event.target instanceof HTMLDialogElement) event.target.close(); // the backdrop
  const inMenu = closest(event, "details[data-menu]");
  closeMenus(closest(event, "summary") ? inMenu : null);
  const copy = closest(event, "[data-copy]")?.dataset["copy"];
  if (copy) void navigator.clipboard?.writeText(document.querySelector(copy)?.textContent?.trim() ?? "");
}

function onKey(event: KeyboardEvent): void {
  if (event.key !== "Escape") return;
  const menu = document.querySelector<HTMLDetailsElement>("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary")?.focus();
}

export function setUpDialogs(): void {
  document.addEventListener("submit", onSubmit, { capture: true });
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
}
