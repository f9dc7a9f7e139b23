/* A list of any length with at most 400 rows in the document: more load at the end, far ones above collapse into a spacer. */

import { $, act, byId, make, parse } from "./dom.js";
import { fragment } from "./api.js";
import { toastError } from "./toast.js";

const MOST_ROWS = 400;
const STEP = 50;
const ROW_HEIGHT = 86; // as in the stylesheet's contain-intrinsic-size

/** Rows that were taken out above, nearest last: {id, html, height}. */
export const above = [];
export const isFolded = (id) => above.some((row) => row.id === id);

/** Forget a folded row: it is shown elsewhere now, or nowhere. */
export function unfold(id) {
  const at = above.findIndex((row) => row.id === id);
  if (at < 0) return;
  above.splice(at, 1);
  size();
}

/** Put a row among the folded ones. */
export function foldIn(at, row) {
  above.splice(at, 0, { id: row.dataset.thread, html: row.outerHTML, height: ROW_HEIGHT });
  size();
}

const cursors = new Map(); // row id -> where the list goes on below it, when the end has to be cut off
let take = () => {};
let loading = null;
let watcher = null;

const rows = () => [...byId("threads").children].filter((item) => item.classList.contains("row"));

/** Begin anew: another view or search is shown. `adopt(row, folded)` is called with every row that comes in. */
export function startPages(adopt) {
  take = adopt;
  above.length = 0;
  cursors.clear();
  loading?.abort();
  loading = null;
  watch();
}

function watch() {
  watcher?.disconnect();
  const list = byId("list");
  if (!list || !globalThis.IntersectionObserver) return;
  watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      if (entry.target.id === "more") loadMore();
      else unfoldSome();
    }
  }, { root: list, rootMargin: "600px 0px" });
  for (const element of [byId("more"), $("#threads > .spacer")]) if (element) watcher.observe(element);
}

async function loadMore() {
  const more = byId("more");
  if (!more || loading) return;
  const query = new URLSearchParams(location.search);
  query.delete("thread");
  query.set("cursor", more.dataset.next);
  const mine = new AbortController();
  loading = mine;
  try {
    const html = await fragment(`/inbox/list?${query}`, { signal: mine.signal });
    if (loading !== mine || !more.isConnected) return;
    const last = rows().at(-1);
    if (last) cursors.set(last.dataset.thread, more.dataset.next);
    const found = parse(html);
    const came = [...found.querySelectorAll("li.row")].filter((row) => !byId(row.id) && !isFolded(row.dataset.thread));
    more.replaceWith(...came, ...[found.querySelector("#more")].filter(Boolean));
    for (const row of came) take(row);
    loading = null;
    grown();
  } catch (error) {
    if (error.name !== "AbortError") toastError(error);
    loading = null;
  }
}

act("more", () => {
  loadMore();
});

/** Rows came in: fold what is too much, and look again for what comes into view. */
export function grown() {
  const list = byId("list");
  const all = rows();
  if (list && all.length > MOST_ROWS) {
    if (list.scrollTop > list.scrollHeight / 2) foldTop(all.length - MOST_ROWS);
    else cutEnd(all);
  }
  watch();
}

function foldTop(count) {
  for (const row of rows().slice(0, count)) {
    if (row.contains(document.activeElement)) break;
    above.push({ id: row.dataset.thread, html: row.outerHTML, height: row.offsetHeight });
    row.remove();
  }
  size();
}

function size() {
  const height = above.reduce((sum, row) => sum + row.height, 0);
  let spacer = $("#threads > .spacer");
  if (!height) {
    spacer?.remove();
    return;
  }
  if (!spacer) {
    spacer = make("li", { class: "spacer", "aria-hidden": "true" });
    byId("threads").prepend(spacer);
  }
  spacer.style.height = `${height}px`;
}

/** Put the nearest folded rows back; returns them. */
export function takeAbove(count) {
  const back = above.splice(Math.max(0, above.length - count)).map((row) => parse(row.html).querySelector("li.row"));
  const spacer = $("#threads > .spacer");
  const came = back.filter((row) => row && !byId(row.id));
  if (spacer) spacer.after(...came);
  else byId("threads")?.prepend(...came);
  size();
  return came;
}

function unfoldSome() {
  for (const row of takeAbove(STEP)) take(row, true);
  grown();
}

function cutEnd(all) {
  // Only at a row below which we know how the list goes on.
  let at = -1;
  for (let index = MOST_ROWS - 1; index >= MOST_ROWS / 2 && at < 0; index -= 1) if (cursors.has(all[index].dataset.thread)) at = index;
  if (at < 0) return;
  const next = cursors.get(all[at].dataset.thread);
  byId("more")?.remove();
  for (const row of all.slice(at + 1)) {
    cursors.delete(row.dataset.thread);
    row.remove();
  }
  const link = make("a", { class: "btn btn-sm", href: "#", "data-act": "more" }, "Show more");
  byId("threads").append(make("li", { class: "more", id: "more", "data-next": next }, link));
}
