/* The numbers on the tabs, in the rail and in the tab's title. Events change them at once; the server's numbers correct them. */

import { $$, byId, debounce, show } from "./dom.js";
import { get } from "./api.js";

const VIEWS = ["todo", "mine", "unassigned", "snoozed", "all"];
let counts = null;
const title = document.title.replace(/^\(\d+\)\s*/, "");

function paint() {
  if (!counts) return;
  for (const view of VIEWS) if (view !== "all") show(`count.${view}`, counts[view]);
  show("count.lost", counts.lost);
  const line = byId("undelivered");
  if (line) line.hidden = !counts.lost;
  sayTitle();
}

let alarm = "";

function sayTitle() {
  const text = `${alarm && `${alarm} · `}${counts?.todo ? `(${counts.todo}) ` : ""}${title}`;
  if (document.title !== text) document.title = text;
}

/** Say in the tab's title that a patient needs help; "" when somebody has looked. */
export function sayAlarm(words) {
  alarm = words;
  sayTitle();
}

/** Take the numbers that a page was drawn with. */
export function readCounts(root = document) {
  const found = counts ? { ...counts } : {};
  for (const element of $$("[data-live^='count.']", root)) {
    const value = Number(element.textContent);
    if (Number.isFinite(value)) found[element.dataset.live.slice("count.".length)] = value;
  }
  counts = found;
  paint();
}

async function fetchCounts() {
  try {
    counts = await get("/threads/counts");
    paint();
  } catch {
    // the next change asks again
  }
}

// Soon when something is not known; spread out, so that many open browsers do not ask at one moment.
const soonest = debounce(fetchCounts, () => 300 + Math.random() * 500);
let correcting = 0;

/** A conversation moved between views: {todo: +1, ...}; null when it is not known from where. */
export function countsChanged(change) {
  if (!change || !counts) {
    if (!soonest.waits()) soonest();
    return;
  }
  if (!Object.keys(change).length) return;
  for (const [view, step] of Object.entries(change)) {
    if (counts[view] !== undefined) counts[view] = Math.max(0, counts[view] + step);
  }
  paint();
  if (!correcting) {
    correcting = setTimeout(() => {
      correcting = 0;
      fetchCounts();
    }, 8_000 + Math.random() * 7_000);
  }
}
