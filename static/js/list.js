/* The rows: what they look like to this viewer, where they stand, and that none moves under the pointer.

   `known` holds the facts of every conversation seen; a row's place and membership are worked out from them. */

import { $, act, byId, me, morph, parse } from "./dom.js";
import { NARROW, belongs, compare, factsOf, factsOfRow } from "./order.js";
import { tickWaits } from "./time.js";
import { typingText } from "./presence.js";
import { above, foldIn, grown, isFolded, takeAbove, unfold } from "./pages.js";

const known = new Map();
const counted = new Map(); // facts before a change that was only pretended so far: the numbers on the tabs still hold them
const unread = new Set();
const checked = new Set();
const held = new Map(); // id -> "new" | "moved" | "gone": what waits until the pointer has left
let reload = () => {};

export const rowOf = (id) => byId(`t-${id}`);
export const rowsIn = () => [...(byId("threads")?.children || [])].filter((item) => item.classList.contains("row"));
export const factsFor = (id) => known.get(id);
export const isUnread = (id) => unread.has(id);
export const checkedIds = () => [...checked];
export const openThread = () => byId("conversation")?.dataset.thread || "";
/** Say how to load the list again: when the last row has left, for its empty state is the server's. */
export const whenStale = (task) => {
  reload = task;
};

/** What the address says: view, search and filters. */
export function asked() {
  const query = new URLSearchParams(location.search);
  const found = { view: query.get("view") || "todo" };
  for (const name of [...NARROW, "order"]) found[name] = query.get(name)?.trim() || "";
  return found;
}

// -- one row's looks

/** Put on a row what differs per viewer. The server draws the same row for everybody. */
export function dress(row) {
  const id = row.dataset.thread;
  const selected = id === openThread();
  row.classList.toggle("is-unread", unread.has(id));
  row.classList.toggle("is-selected", selected);
  row.classList.toggle("is-mine", row.dataset.assignee === me.id);
  row.classList.toggle("is-checked", checked.has(id));
  const typing = typingText(id);
  row.classList.toggle("is-typing", Boolean(typing));
  const [words, link, box] = [$(".row-typing", row), $("a.row-link", row), $("input.row-check", row)];
  if (words && words.textContent !== typing) words.textContent = typing;
  if (link) {
    if (selected) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
    link.tabIndex = id === roving ? 0 : -1;
  }
  if (box) {
    box.checked = checked.has(id);
    box.tabIndex = id === roving ? 0 : -1;
  }
}

export function dressAll() {
  rove();
  for (const row of rowsIn()) dress(row);
}

export function redress(id) {
  const row = rowOf(id);
  if (row) dress(row);
}

export function setUnread(id, on) {
  if (on === unread.has(id)) return;
  if (on) unread.add(id);
  else unread.delete(id);
  redress(id);
}

export function setChecked(id, on) {
  if (on) checked.add(id);
  else checked.delete(id);
  redress(id);
}

// -- roving focus: one row is in the tab order

let roving = "";

/** Make a row the one that Tab reaches; without an id the open one, else the first. */
export function rove(id = roving) {
  const before = roving;
  const rows = rowsIn();
  const has = (wanted) => wanted && rows.some((row) => row.dataset.thread === wanted);
  roving = has(id) ? id : has(openThread()) ? openThread() : rows[0]?.dataset.thread || "";
  if (before !== roving) for (const one of [before, roving]) one && redress(one);
}

export const focusedRow = () => document.activeElement?.closest?.("#threads > li.row");

/** Move the focus by rows; `wanted` skips rows that it refuses. Returns the row. */
export function step(by, wanted = () => true) {
  const rows = rowsIn();
  const from = rows.indexOf(focusedRow() || rowOf(openThread()));
  for (let at = from + by; at >= 0 && at < rows.length; at += by) {
    if (wanted(rows[at])) {
      focusRow(rows[at]);
      return rows[at];
    }
  }
  return null;
}

export function focusRow(row) {
  rove(row.dataset.thread);
  $("a.row-link", row)?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

// -- nothing moves under the pointer

let hovered = false;

// In an empty list nothing can move under the pointer.
const isPointedAt = () => hovered && rowsIn().length > 0;

function isFrozen() {
  return isPointedAt() || Boolean(focusedRow() && document.activeElement.matches("a:focus-visible"));
}

const inList = (target) => Boolean(target?.closest?.("#list"));

document.addEventListener("pointerover", (event) => {
  if (event.pointerType === "touch") return;
  const over = inList(event.target);
  if (hovered && !over) {
    hovered = false;
    release();
  }
  hovered = over;
});
for (const [target, type] of [[document.documentElement, "pointerleave"], [window, "blur"]]) {
  target.addEventListener(type, () => {
    hovered = false;
    release();
  });
}
document.addEventListener("focusout", (event) => inList(event.target) && setTimeout(release, 0));

function hold(id, what) {
  if (held.get(id) !== "new") held.set(id, what);
  showPill();
}

/** Let waiting rows take their places, unless the pointer or the keyboard is still there. */
function release(force = false) {
  if (!held.size || (!force && isFrozen())) return;
  const waiting = [...held.keys()];
  held.clear();
  for (const id of waiting) place(id, { force: true });
  showPill();
}

function showPill() {
  const pill = byId("newer");
  if (!pill) return;
  const count = [...held.values()].filter((what) => what !== "gone").length + unseenTop;
  pill.hidden = !count;
  if (count) pill.textContent = `${count} new at top`;
}

let unseenTop = 0; // rows that came in above while the list is scrolled down

act("newer", () => {
  release(true);
  restoreTop();
  const list = byId("list");
  if (list) list.scrollTop = 0;
  unseenTop = 0;
  showPill();
  const first = rowsIn()[0];
  if (first) focusRow(first);
});

function restoreTop() {
  for (const row of takeAbove(Infinity)) dress(row);
}

let scrolled = 0; // kept from the scroll events: to ask the list itself would cost a layout per row that moves

document.addEventListener("scroll", (event) => {
  if (event.target.id !== "list") return;
  scrolled = event.target.scrollTop;
  if (unseenTop && scrolled < 40) {
    unseenTop = 0;
    showPill();
  }
}, true);

// -- rows in and out

/** Take rows that the server drew: learn their facts and dress them. */
export function adopt(row) {
  const facts = factsOfRow(row);
  const before = known.get(facts.id);
  // What no attribute says, an event of the same moment may have said.
  known.set(facts.id, before?.at === facts.at ? { ...facts, contact: before.contact, text: before.text, digits: before.digits } : facts);
  if (row.classList.contains("is-unread")) unread.add(facts.id);
  else unread.delete(facts.id);
  dress(row);
}

export function adoptAll() {
  scrolled = byId("list")?.scrollTop || 0;
  held.clear();
  unseenTop = 0;
  for (const row of rowsIn()) adopt(row);
  rove();
  showPill();
  grown();
}

const MOST_FRESH = 200;
const fresh = new Map(); // id -> the newest fragment of a conversation that has no row here

function keepFresh(id, html) {
  fresh.delete(id);
  fresh.set(id, html);
  if (fresh.size > MOST_FRESH) fresh.delete(fresh.keys().next().value);
}

/** Bring one conversation up to date: its thread as the event tells it, and its row's fragment. Returns the facts before. */
export function paint(thread, html) {
  const before = counted.get(thread.id) || known.get(thread.id);
  counted.delete(thread.id);
  known.set(thread.id, factsOf(thread));
  const row = rowOf(thread.id);
  if (row && html) morphRow(row, html);
  else if (html) keepFresh(thread.id, html);
  place(thread.id);
  return before;
}

function morphRow(row, html) {
  morph(row, html);
  dress(row);
  tickWaits(row);
}

/** Put a row where it belongs, take it out, or let it wait while the pointer is over the list. */
export function place(id, { force = false } = {}) {
  const list = byId("threads");
  const facts = known.get(id);
  if (!list || !facts) return;
  const wanted = belongs(facts, asked(), me.id);
  const row = rowOf(id);
  // What somebody does themselves with the keyboard may move rows beside their focus; under the pointer nothing may.
  const frozen = !force && (own.get(id) > Date.now() ? isPointedAt() : isFrozen());
  if (!wanted) {
    unfold(id);
    if (!row) held.delete(id);
    else if (frozen) hold(id, "gone");
    else takeOut(row);
    showPill();
    return;
  }
  if (row) {
    if (inOrder(row, facts)) {
      held.delete(id);
      showPill();
    } else if (frozen) hold(id, "moved");
    else put(row, facts);
    return;
  }
  const html = fresh.get(id);
  if (!html) return;
  if (frozen && !isFolded(id)) {
    hold(id, "new");
    return;
  }
  unfold(id);
  const made = parse(html).querySelector("li.row");
  if (!made || !put(made, facts)) return;
  fresh.delete(id);
  made.classList.add("is-new");
  setTimeout(() => made.classList.remove("is-new"), 1_200);
  dress(made);
  tickWaits(made);
  byId("list-empty")?.remove();
  rove();
  grown();
}

function inOrder(row, facts) {
  const query = asked();
  const neighbour = (next) => {
    let other = row[next];
    while (other && !other.classList.contains("row")) other = other[next];
    return other && known.get(other.dataset.thread);
  };
  const [upper, lower] = [neighbour("previousElementSibling"), neighbour("nextElementSibling")];
  return (!upper || compare(upper, facts, query) <= 0) && (!lower || compare(facts, lower, query) <= 0);
}

function put(row, facts) {
  const list = byId("threads");
  const query = asked();
  const rows = rowsIn().filter((other) => other !== row);
  const next = rows.find((other) => compare(facts, known.get(other.dataset.thread) || facts, query) <= 0);
  if (above.length && next === rows[0]) {
    const at = above.findIndex((folded) => compare(facts, known.get(folded.id) || facts, query) < 0);
    row.remove();
    foldIn(at < 0 ? above.length : at, row);
    unseenTop += 1;
    showPill();
    return true;
  }
  // Below the last row that is loaded: it comes with the page it belongs to.
  if (!next && byId("more")) {
    if (row.isConnected) takeOut(row);
    return false;
  }
  const before = next || byId("more");
  const focused = row.contains(document.activeElement) ? document.activeElement : null;
  if (list.moveBefore && row.isConnected) list.moveBefore(row, before);
  else list.insertBefore(row, before);
  if (focused && document.activeElement !== focused) focused.focus({ preventScroll: true });
  if (next && next === rows[0] && scrolled > 120) {
    unseenTop += 1;
    showPill();
  }
  return true;
}

function takeOut(row) {
  const focused = row.contains(document.activeElement);
  const neighbour = row.nextElementSibling?.classList.contains("row") ? row.nextElementSibling : row.previousElementSibling;
  keepFresh(row.dataset.thread, row.outerHTML);
  held.delete(row.dataset.thread);
  setChecked(row.dataset.thread, false);
  row.remove();
  if (focused && neighbour?.classList.contains("row")) focusRow(neighbour);
  else rove();
  if (!rowsIn().length && !above.length) reload();
}

const OWN_MS = 5_000;
const own = new Map(); // conversations we have just done something with ourselves, until when that counts

/** Change facts before the server has answered; returns a function that puts them back. */
export function pretend(id, change) {
  const before = known.get(id);
  if (!before) return () => {};
  known.set(id, { ...before, ...change });
  if (!counted.has(id)) counted.set(id, before);
  own.set(id, Date.now() + OWN_MS);
  const row = rowOf(id);
  if (row && change.assignee !== undefined) row.dataset.assignee = change.assignee;
  place(id);
  redress(id);
  return () => {
    known.set(id, before);
    counted.delete(id);
    if (row) row.dataset.assignee = before.assignee;
    place(id);
    redress(id);
  };
}
