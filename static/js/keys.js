/* The keyboard map. Single letters work outside fields only, never send anything, and can be switched off. */

import { $, byId, inField, me, runAct } from "./dom.js";
import { assign, choose, clearChecks, finish, several, targets } from "./acts.js";
import { write } from "./composer.js";
import { back, open } from "./conversation.js";
import { checkedIds, focusRow, focusedRow, openThread, rowOf, step } from "./list.js";
import { closeMenus } from "./menu.js";
import { toastError, undoLast } from "./toast.js";

const unread = (row) => row.classList.contains("is-unread");

/** On the row that has the focus the keys are about that row: writing opens it first. */
function writeTo(kind) {
  const row = focusedRow();
  if (row && row.dataset.thread !== openThread()) open(row.dataset.thread, { focus: kind });
  else write(kind);
}

function jump(by) {
  const row = step(by, unread);
  if (row) open(row.dataset.thread);
}

function search() {
  const field = byId("q");
  if (!field) return;
  if (field.offsetParent === null) back();
  field.focus();
  field.select();
}

function select(event) {
  const row = focusedRow();
  if (row) several((module) => module.toggle(row, event.shiftKey)).catch(toastError);
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  "]": () => jump(1),
  "[": () => jump(-1),
  r: () => writeTo("reply"),
  n: () => writeTo("note"),
  e: () => finish(targets()),
  z: undoLast,
  m: () => assign(targets(), me.id),
  a: () => choose("assign"),
  h: () => choose("snooze"),
  t: () => choose("tag"),
  o: () => $("[data-act=take-over]")?.click(),
  i: () => {
    const main = byId("main");
    runAct(main.classList.contains("details-open") || main.dataset.pane === "details" ? "close-details" : "details");
  },
  x: select,
  X: select,
  c: () => runAct("new"),
  ".": () => $("#suggestion button")?.focus(),
  "/": search,
};

function arrows(event) {
  const row = focusedRow();
  if (!row && document.activeElement !== document.body) return false;
  if (event.key === "ArrowDown") return step(1);
  if (event.key === "ArrowUp") return step(-1);
  return false;
}

/** Esc closes the nearest thing: the selection, the details, the field, at last the conversation. */
function escape() {
  const main = byId("main");
  closeMenus();
  if (checkedIds().length) clearChecks();
  else if (main.classList.contains("details-open") || main.dataset.pane === "details") runAct("close-details");
  else if (inField(document.activeElement)) document.activeElement.blur();
  else if (main.dataset.pane === "conversation") {
    back();
    const row = rowOf(openThread());
    if (row) focusRow(row);
  }
}

/** Take the inbox's keys; app.js asks for everything that is not common to all pages. */
export function inboxKey(event) {
  if (event.key === "Escape") {
    escape();
    return true;
  }
  if (arrows(event)) return true;
  const run = KEYS[event.key];
  if (!run) return false;
  run(event);
  return true;
}

