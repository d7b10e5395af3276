import { element, icon } from "./dom";
import { text } from "./strings";

const SECONDS_SHOWN = 12;

function region(): HTMLElement | null {
  return document.getElementById("toasts");
}

/** Goes after a while, but never while the pointer or the focus is on it. */
function expire(toast: HTMLElement): void {
  let seconds = 0;
  const timer = window.setInterval(() => {
    if (toast.matches(":hover, :focus-within")) seconds = 0;
    else seconds += 1;
    if (seconds >= SECONDS_SHOWN || !toast.isConnected) {
      window.clearInterval(timer);
      toast.remove();
    }
  }, 1000);
}

export function showToast(message: string, level: "info" | "success" | "error" = "info"): void {
  const close = element("button", {
    class: "button quiet compact icon-only",
    type: "button",
    "data-dismiss": "",
    "aria-label": text("dismiss"),
  });
  close.append(icon("close"));
  const toast = element("div", { class: `toast ${level}` }, element("p", {}, message), close);
  region()?.append(toast);
  expire(toast);
}

/** Moves the server's notices of the new page into the live region, where they are announced. */
export function collectToasts(): void {
  const target = region();
  if (!target) return;
  for (const toast of document.querySelectorAll<HTMLElement>("[data-messages] [data-toast]")) {
    for (const old of target.querySelectorAll(".toast:not(.error)")) old.remove(); // the last act is what counts
    target.append(toast);
    expire(toast);
  }
  document.querySelector("[data-messages]")?.remove();
}

export function setUpToasts(): void {
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-dismiss]")) {
      event.target.closest(".toast")?.remove();
    }
  });
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (form.closest("#toasts")) window.setTimeout(() => form.closest(".toast")?.remove(), 0);
  });
  collectToasts();
}
