/* Several conversations at once, and choosing for one or many who takes them, when they come back and what tags they have.
   Loaded with the first use (acts.js). */

import { $, $$, byId, me, show } from "./dom.js";
import { assign, finish, snooze, tag } from "./acts.js";
import { checkedIds, rowsIn, setChecked } from "./list.js";
import { team } from "./presence.js";
import { clockTime, format, instantOf, parts } from "./time.js";

/** The usual times to wake a conversation, as {word, hint, until}. */
function snoozeOptions(now = new Date()) {
  const today = parts(now);
  const morning = (days) => {
    const date = new Date(Date.UTC(today.year, today.month - 1, today.day + days));
    return instantOf(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate(), 9);
  };
  const weekday = new Date(Date.UTC(today.year, today.month - 1, today.day)).getUTCDay() || 7;
  const found = [["Tomorrow morning", morning(1)], ["Next Monday", morning(8 - weekday)], ["In a week", morning(7)]];
  if (today.hour + 3 < 24) {
    found.splice(1, 0, ["Later today", instantOf(today.year, today.month, today.day, today.hour + 3)]);
  }
  return found.map(([word, until]) => ({
    word, until: until.toISOString(), hint: `${format("weekday", { weekday: "short" }).format(until)} ${clockTime(until)}`,
  }));
}

// -- choosing: what the list to pick from offers

const OFFERED = {
  assign: (ids) => ({
    options: [...team().map(({ id, name }) => ({ word: id === me.id ? "Give it to me" : name, value: id })), { word: "Give it back to the team", value: "" }],
    run: (staff) => assign(ids, staff),
  }),
  snooze: (ids) => ({
    options: snoozeOptions().map(({ word, hint, until }) => ({ word, hint, value: until })),
    run: (until, option) => snooze(ids, until, option.hint),
  }),
  tag: (ids) => ({
    options: $$("#filter-tag option").filter((option) => option.value !== "").map(({ value }) => ({ word: value, value })),
    run: (word) => tag(ids, { add: [word] }), free: "Add the tag",
  }),
};

/** What can be chosen for conversations: who takes them ("assign"), when they come back ("snooze"), a tag ("tag"). */
export const offered = (what, ids) => OFFERED[what](ids);

// -- selecting

let anchor = null;

function check(id, on) {
  setChecked(id, on);
  showBar();
}

/** Select a row; with `extend` everything from the row selected before. */
export function toggle(row, extend = false) {
  const id = row.dataset.thread;
  const on = !row.classList.contains("is-checked");
  const rows = rowsIn();
  const from = extend && anchor ? rows.findIndex((other) => other.dataset.thread === anchor) : -1;
  if (from >= 0) {
    const to = rows.indexOf(row);
    for (const other of rows.slice(Math.min(from, to), Math.max(from, to) + 1)) check(other.dataset.thread, true);
  } else {
    check(id, on);
  }
  anchor = id;
}

export function clearChecks() {
  for (const id of checkedIds()) setChecked(id, false);
  anchor = null;
  showBar();
}

function showBar(selecting = false) {
  const count = checkedIds().length;
  show("selected", count);
  const bar = byId("select-bar");
  if (bar) bar.hidden = !count;
  byId("list-pane")?.classList.toggle("is-selecting", count > 0 || selecting);
}

const DO = {
  "select-many": () => {
    byId("filters").open = false;
    showBar(true);
    $("#threads .row-check")?.focus();
  },
  "bulk-done": () => finish(checkedIds()),
  "bulk-none": clearChecks,
};

/** Do what a button of the selection says. */
export const run = (name) => DO[name]();
