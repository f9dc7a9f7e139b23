// Keyboard: single letters only outside fields, and none of them sends anything.
import {$, $$, act, body, byId} from "./page.js";
import {choose, chooseNone, chosen, isUnread, rowOf, selected, step} from "./list.js";
import {done, mine, open, openMenu} from "./conversation.js";
import {fieldKey, setKind, undoSend} from "./composer.js";
import {undoLast} from "./toast.js";
import {openPalette} from "./palette.js";

const inField = (element) => element?.matches?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
const focusedRow = () => document.activeElement?.closest?.("li.row")?.id.slice(2) || selected();
let prefix = 0;

const moveOrOpen = (by, wanted) => { const id = step(by, wanted); if (id && innerWidth >= 768) open(id); };

const KEYS = {
  j: () => moveOrOpen(1), k: () => moveOrOpen(-1), ArrowDown: () => step(1), ArrowUp: () => step(-1),
  "]": () => moveOrOpen(1, isUnread), "[": () => moveOrOpen(-1, isUnread),
  r: () => setKind("reply"), n: () => setKind("note"), e: done, m: mine,
  z: () => { if (!undoSend()) undoLast(); },
  a: () => openMenu("assign-menu"), h: () => openMenu("snooze-menu"), t: () => openMenu("tag-menu"),
  o: () => $("[data-act=take-over], [data-act=hand-back]")?.click(),
  i: () => $("#conversation [data-act=details]")?.click(),
  x: () => { const id = focusedRow(); if (id && rowOf(id)) choose(id); },
  c: () => $("[data-act=new]")?.click(),
  "/": () => byId("q")?.focus(),
  "?": () => byId("help")?.showModal(),
  ".": () => $("#suggestion button")?.focus(),
};
const PLACES = {i: "/inbox", l: "/activity", s: "/settings"};

function escape() {
  const dialog = $("dialog[open]");
  if (dialog) return false; // the browser closes it
  const menu = $$("details.menu[open]").at(-1);
  if (menu) { menu.open = false; $("summary", menu).focus(); return true; }
  if (chosen().length) { chooseNone(); return true; }
  if (inField(document.activeElement)) { document.activeElement.blur(); return true; }
  $("#conversation [data-act=back]")?.offsetParent && $("#conversation [data-act=back]").click();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || byId("lock")?.open) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); openPalette(); return; }
  if (event.key === "Escape") { if (event.target.id === "body" && fieldKey(event)) return; if (escape()) event.preventDefault(); return; }
  if (event.target.id === "body") { fieldKey(event); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || inField(event.target) || $("dialog[open]")) return;
  if (body.dataset.shortcuts === "off" && event.key.length === 1) return;
  if (event.target.closest?.("details.menu[open], [role=menu]") && event.key.startsWith("Arrow")) return;
  if (Date.now() - prefix < 1500 && PLACES[event.key]) { event.preventDefault(); location.assign(PLACES[event.key]); return; }
  if (event.key === "g") { prefix = Date.now(); return; }
  const run = body.dataset.page === "inbox" || event.key === "?" ? KEYS[event.key] : null;
  if (!run) return;
  if (event.key.startsWith("Arrow") && !event.target.closest?.("#list-pane")) return;
  event.preventDefault();
  run();
});
act("help-sheet", () => byId("help")?.showModal());
