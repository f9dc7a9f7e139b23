/* Short notes at the edge of the screen, and the one thing that `z` takes back. */

import { $, act, byId, make } from "./dom.js";

const STAY_MS = 8_000;
const UNDO_MS = 60_000;
const MOST = 3;

let undo = null;

/** Show a note. `action` = {label, run}; errors stay until they are closed. Returns a function that takes it away. */
export function toast(text, { action = null, error = false, stay = STAY_MS } = {}) {
  const region = byId("toasts");
  const template = byId("toast-template");
  if (!region || !template) return () => {};
  const element = template.content.firstElementChild.cloneNode(true);
  $(".toast-text", element).textContent = text;
  element.classList.toggle("is-error", error);
  const button = $("[data-act=toast-act]", element);
  if (action) {
    button.hidden = false;
    button.textContent = action.label;
  }
  let timer = 0;
  const close = () => {
    clearTimeout(timer);
    element.remove();
  };
  const wait = () => {
    clearTimeout(timer);
    if (!error) timer = setTimeout(close, stay);
  };
  element.run = () => {
    close();
    action?.run();
  };
  element.close = close;
  for (const type of ["pointerenter", "focusin"]) element.addEventListener(type, () => clearTimeout(timer));
  for (const type of ["pointerleave", "focusout"]) element.addEventListener(type, wait);
  while (region.children.length >= MOST) region.firstElementChild.remove();
  region.append(element);
  wait();
  return close;
}

const AWAY = "That needs a connection. Try again when you are back.";
/** Say what went wrong. A module that could not be loaded is a connection that is not there, in the browser's own words. */
export const toastError = (error) => toast((error instanceof TypeError && /import/i.test(error.message) ? AWAY : error.message) || "That did not work. Try again.", { error: true });

/** Offer the way back from an act whose answer is on its way: `z` at once and for a minute, the button when it is done.
    Taking back waits for the answer (a promise of whether it was done). */
export async function done(text, back, answer) {
  const entry = { run: async () => (await answer) && back(), at: Date.now(), close: () => {} };
  undo = entry;
  const isDone = await answer;
  if (!isDone && undo === entry) undo = null;
  if (isDone && !entry.taken) entry.close = toast(text, { action: { label: "Undo", run: () => undoIt(entry) } });
}

/** Let `z` take something back that shows its own way on the screen; returns a function that forgets it. */
export function undoable(back) {
  const entry = { run: back, at: Date.now(), close: () => {} };
  undo = entry;
  return () => {
    if (undo === entry) undo = null;
  };
}

function undoIt(entry) {
  if (undo === entry) undo = null;
  entry.taken = true;
  entry.close();
  entry.run();
}

/** Take back the last thing, if that is still possible. */
export function undoLast() {
  if (undo && Date.now() - undo.at < UNDO_MS) undoIt(undo);
  else toast("There is nothing to take back.");
}

act("toast-close", (_event, button) => button.closest(".toast").close());
act("toast-act", (_event, button) => button.closest(".toast").run());

/** Ask before something that cannot be undone; resolves to true or false. Uses the page's #confirm dialog. */
export function confirm(title, text, yes = "Yes") {
  const dialog = byId("confirm");
  if (!dialog) return Promise.resolve(false);
  byId("confirm-title").textContent = title;
  byId("confirm-text").textContent = text;
  $("[data-act=confirm-yes]", dialog).textContent = yes;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
act("confirm-yes", () => byId("confirm").close("yes"));
act("confirm-no", () => byId("confirm").close("no"));

/** A skeleton for a part that is being loaded, shown only when it takes long enough to be noticed. */
export function skeleton(parent, lines = 5) {
  const holder = make("div", { class: "skeletons", "aria-hidden": "true" });
  for (let line = 0; line < lines; line += 1) {
    holder.append(make("div", { class: "skeleton-row" }, make("div", { class: "skeleton" }), make("div", { class: "skeleton" })));
  }
  const timer = setTimeout(() => parent.prepend(holder), 150);
  return () => {
    clearTimeout(timer);
    holder.remove();
  };
}
