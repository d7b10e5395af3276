// What htmx does not do by itself: focus after a new page, lost sessions, errors.

import { showToast, collectToasts } from "./toasts";
import { text } from "./strings";
import * as selection from "./selection";

interface Context {
  target?: Element | string | null;
  text?: string;
  select?: string;
  response?: { status: number; raw: Response };
}

function context(event: Event): Context {
  return (event as CustomEvent<{ ctx?: Context }>).detail?.ctx ?? {};
}

/** An answer without the frame (the sign-in page, another site's error) replaces the whole page. */
function onAnswer(event: Event): void {
  const { select, response, text: body } = context(event);
  if (select !== "#shell" || !response || body?.includes('id="shell"')) return;
  event.preventDefault();
  if (response.raw.redirected || response.status < 400) window.location.assign(response.raw.url);
  else showToast(text("request_failed"), "error");
}

/** The bell is outside of what htmx swaps. */
function refreshBell(): void {
  const { unread, unreadShown } = document.getElementById("shell")?.dataset ?? {};
  const count = document.querySelector<HTMLElement>("[data-bell-count]");
  if (unread === undefined || !count?.parentElement) return;
  count.textContent = unreadShown ?? unread;
  count.parentElement.hidden = unread === "0" || unread === "";
}

function onSwapped(event: Event): void {
  collectToasts();
  refreshBell();
  selection.refresh();
  const { select } = context(event);
  const focused = document.activeElement;
  if (select !== "#shell" || (focused && focused !== document.body)) return;
  const title = document.querySelector<HTMLElement>("[data-page-title]") ?? document.getElementById("main");
  title?.focus({ preventScroll: true });
}

export function setUpNavigation(): void {
  document.addEventListener("htmx:after:request", onAnswer);
  document.addEventListener("htmx:after:swap", onSwapped);
  document.addEventListener("htmx:error", () => showToast(text("request_failed"), "error"));
  // The search box is outside of what htmx swaps.
  document.addEventListener("htmx:after:history:push", () => {
    const query = new URLSearchParams(window.location.search).get("q");
    const box = document.querySelector<HTMLInputElement>("#search-query");
    if (box && document.activeElement !== box) box.value = query ?? "";
  });
}
