// Toasts: 8 seconds, longer while looked at; errors stay. One undo at a time.
import {$, act, byId} from "./page.js";

const LASTS = 8000;
let undo = null;

/** Shows a toast; `options.act` is {word, run}; `options.error` keeps it. Returns a function that closes it. */
export function toast(text, options = {}) {
  const template = byId("toast-template");
  if (!template) return () => {};
  const element = template.content.firstElementChild.cloneNode(true);
  $(".toast-text", element).textContent = text;
  const button = $("[data-act=toast-act]", element);
  let timer;
  const close = () => { clearTimeout(timer); element.remove(); if (undo === run) undo = null; };
  const run = options.act ? () => { close(); options.act.run(); } : null;
  if (run) {
    button.hidden = false;
    button.textContent = options.act.word;
    button.removeAttribute("data-act");
    button.addEventListener("click", run);
    undo = run;
  }
  $("[data-act=toast-close]", element).addEventListener("click", close);
  const arm = () => { clearTimeout(timer); if (!options.error) timer = setTimeout(close, options.lasts || LASTS); };
  element.addEventListener("pointerenter", () => clearTimeout(timer));
  element.addEventListener("pointerleave", arm);
  element.addEventListener("focusin", () => clearTimeout(timer));
  element.addEventListener("focusout", arm);
  if (options.error) element.classList.add("toast-error");
  byId("toasts").append(element);
  arm();
  return close;
}

/** Undoes the newest thing that can be undone; says whether there was one. */
export function undoLast() {
  if (!undo) return false;
  undo();
  return true;
}

export const sorry = (error) => toast(
  error instanceof TypeError ? "No connection. Nothing was changed; try again when you are back." : error.message, {error: true});

act("toast-close", () => {});
