// The list: rows are patched where they stand; nothing moves under the pointer.
import {$, $$, act, body, byId, morph, on, parse, show, tell} from "./page.js";
import {get, html} from "./api.js";
import {tick} from "./time.js";
import {draw} from "./people.js";
import {sorry} from "./toast.js";

const me = body.dataset.staff;
const MOST_ROWS = 400;
const waiting = new Map();      // rows to move once the pointer is gone
const unread = new Map();       // thread -> is it unread for me
const checked = new Set();
let pending = new Map();        // fragments of this animation frame
let frameAsked = false;
let countsTimer = null;
let refreshTimer = null;

const list = () => byId("threads");
const rows = () => $$("li.row", list() || document.createElement("ul"));
export const rowOf = (thread) => byId(`t-${thread}`);
export const selected = () => byId("conversation")?.dataset.thread || "";
const query = () => new URLSearchParams(location.search);
const view = () => query().get("view") || "todo";
const isFiltered = () => ["q", "channel", "tag", "assignee"].some((name) => query().get(name));

/** Does a thread belong into the view that is shown? */
function belongs(thread) {
  switch (view()) {
    case "todo": return thread.state === "open" && (Boolean(thread.waiting_since) || thread.escalated);
    case "mine": return thread.state === "open" && thread.assignee?.id === me;
    case "unassigned": return thread.state === "open" && !thread.assignee;
    case "snoozed": return thread.state === "snoozed";
    default: return true;
  }
}

const isBusy = () => Boolean($("#list:hover")) || Boolean(document.activeElement?.closest?.("li.row"));

on("event", (frame) => {
  const thread = frame.data.thread;
  if (!thread) return;
  if (frame.type === "thread.read") {
    if (frame.data.staff_id === me) { unread.set(thread.id, frame.data.unread > 0); dress(rowOf(thread.id)); }
    return;
  }
  if (frame.type === "message.created" && frame.data.message.direction === "in") unread.set(thread.id, true);
  const fragment = frame.html?.[`t-${thread.id}`];
  pending.set(thread.id, {thread, fragment, toTop: frame.type === "message.created"});
  if (!frameAsked) { frameAsked = true; requestAnimationFrame(apply); setTimeout(apply, 100); }
  wantCounts();
});

function apply() {
  if (!frameAsked) return;
  frameAsked = false;
  const batch = pending;
  pending = new Map();
  if (!list()) return;
  for (const [id, {thread, fragment, toTop}] of batch) {
    const row = rowOf(id);
    const fits = belongs(thread);
    if (!fragment) { wantRefresh(); continue; }
    if (row) {
      morph(row, fragment);
      const fresh = rowOf(id);
      dress(fresh);
      if (!fits && id !== selected()) { if (isBusy()) waiting.set(id, "leave"); else leave(fresh); }
      else if (toTop && !isFirst(fresh)) { if (isBusy()) waiting.set(id, "top"); else place(fresh); }
    } else if (fits && !isFiltered()) {
      const fresh = parse(fragment).firstElementChild;
      if (!fresh) continue;
      if (isBusy()) waiting.set(id, fresh); else { place(fresh); dress(fresh); }
    }
  }
  pill();
  cap();
  tick(list());
}

const isFirst = (row) => row.previousElementSibling === null;
const isUp = (row) => row.dataset.escalated === "true";

/** Puts a row where its order wants it: escalated on top, then by time. */
function place(row) {
  byId("list-empty")?.remove();
  const at = row.dataset.at || "";
  const before = rows().find((one) => one !== row && (isUp(row) !== isUp(one) ? isUp(row) : (one.dataset.at || "") <= at));
  if (!before && query().get("order") === "waiting") { list().append(row); return; }
  list().insertBefore(row, before || byId("more"));
  row.classList.add("is-new");
  setTimeout(() => row.classList.remove("is-new"), 1200);
}

function leave(row) {
  row?.remove();
  if (!rows().length) wantRefresh();
}

function pill() {
  const button = byId("newer");
  if (!button) return;
  const count = [...waiting.values()].filter((one) => one !== "leave").length;
  button.hidden = !count;
  button.textContent = count === 1 ? "1 new at top" : `${count} new at top`;
}

/** Does what waited for the pointer to leave. */
function settle() {
  for (const [id, what] of waiting) {
    const row = rowOf(id);
    if (what === "leave") { if (id !== selected()) leave(row); }
    else if (what === "top") { if (row) place(row); }
    else if (!row) { place(what); dress(what); }
  }
  waiting.clear();
  pill();
}

/** Sets what differs per person: unread, selected, mine. */
export function dress(row) {
  if (!row) return;
  const id = row.id.slice(2);
  const isSelected = id === selected();
  row.classList.toggle("is-selected", isSelected);
  row.classList.toggle("is-mine", row.dataset.assignee === me);
  if (unread.has(id)) row.classList.toggle("is-unread", unread.get(id));
  row.classList.toggle("is-checked", checked.has(id));
  const box = $("input.row-check", row);
  if (box) box.checked = checked.has(id);
  const link = $("a.row-link", row);
  if (link) {
    if (isSelected) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    link.tabIndex = isSelected || (!selected() && isFirst(row)) ? 0 : -1;
  }
  draw(id);
}

export function dressAll() {
  for (const row of rows()) dress(row);
  if (list() && !$("a.row-link[tabindex='0']", list())) { const link = $("a.row-link", list()); if (link) link.tabIndex = 0; }
}

export function setUnread(id, is) {
  unread.set(id, is);
  dress(rowOf(id));
}

function cap() {
  const all = rows();
  if (all.length <= MOST_ROWS) return;
  for (const row of all.slice(MOST_ROWS)) if (row.id.slice(2) !== selected()) row.remove();
  const last = rows().at(-1);
  const more = byId("more");
  if (more && last) more.dataset.stale = "true";
}

/** The numbers on the tabs and in the title. */
export function wantCounts() {
  clearTimeout(countsTimer);
  countsTimer = setTimeout(async () => {
    try {
      const counts = await get("threads/counts");
      for (const [name, value] of Object.entries(counts)) show(`count.${name}`, value);
      title(counts.todo);
    } catch { /* the next event asks again */ }
  }, 250);
}

function title(count) {
  document.title = document.title.replace(/^\(\d+\) /, "");
  if (count) document.title = `(${count}) ${document.title}`;
}

/** Loads the list again from the server, as a reload would show it. */
export async function refresh() {
  try {
    const place_ = byId("list");
    if (!place_) return;
    morph(place_, await html(`/inbox?${withPart("list")}`));
    waiting.clear();
    pill();
    dressAll();
    watchMore();
    wantCounts();
    const strip = byId("alerts");
    if (strip) morph(strip, await html("/inbox/alerts"));
  } catch (error) { if (!(error instanceof TypeError)) sorry(error); }
}

function withPart(part) {
  const params = query();
  params.delete("thread");
  params.set("part", part);
  return params.toString();
}

function wantRefresh() {
  clearTimeout(refreshTimer);
  refreshTimer = setTimeout(refresh, 150);
}
on("refresh", wantRefresh);
on("refresh-soon", wantRefresh);

// Alerts: the strip is the same for everybody; it is asked for when an event says that it changed.
let alertsTimer = null;
on("event", (frame) => {
  const touches = frame.type.startsWith("alert.") || frame.data.thread?.escalated || byId("alerts")?.querySelector(`[data-thread="${frame.data.thread?.id}"]`);
  if (!touches) return;
  clearTimeout(alertsTimer);
  alertsTimer = setTimeout(async () => { const strip = byId("alerts"); if (strip) morph(strip, await html("/inbox/alerts")); }, 60);
});

/** Changes the address and the list with it. */
export async function go(changes) {
  const params = query();
  for (const [name, value] of Object.entries(changes)) { if (value) params.set(name, value); else params.delete(name); }
  params.delete("cursor");
  history.replaceState(history.state, "", `/inbox?${params}`);
  for (const tab of $$("#views a[data-view]")) {
    if (tab.dataset.view === view()) tab.setAttribute("aria-current", "page"); else tab.removeAttribute("aria-current");
  }
  const hidden = $("#search input[name=view]");
  if (hidden) hidden.value = view();
  await refresh();
}

let more = null;
function watchMore() {
  more?.disconnect();
  const button = byId("more");
  if (!button) return;
  more = new IntersectionObserver((entries) => { if (entries.some((one) => one.isIntersecting)) loadMore(); }, {root: byId("list"), rootMargin: "400px"});
  more.observe(button);
}

let loading = false;
async function loadMore() {
  const button = byId("more");
  if (!button || loading || rows().length >= MOST_ROWS) return;
  loading = true;
  try {
    const params = query();
    params.delete("thread");
    params.set("cursor", button.dataset.next);
    const found = parse(await html(`/inbox/list?${params}`));
    for (const row of $$("li.row", found)) if (rowOf(row.id.slice(2))) row.remove();
    button.replaceWith(found);
    dressAll();
    watchMore();
  } catch (error) { sorry(error); } finally { loading = false; }
}

/** Moves the focus by rows; `wanted` narrows to unread ones. */
export function step(by, wanted = () => true) {
  const all = rows().filter((row) => wanted(row) || row.id.slice(2) === selected());
  const current = document.activeElement?.closest?.("li.row") || rowOf(selected());
  const index = all.indexOf(current);
  const next = all[index < 0 ? 0 : index + by];
  const link = next && $("a.row-link", next);
  if (!link) return null;
  for (const one of $$("a.row-link[tabindex='0']", list())) one.tabIndex = -1;
  link.tabIndex = 0;
  link.focus();
  next.scrollIntoView({block: "nearest"});
  return next.id.slice(2);
}
export const isUnread = (row) => row.classList.contains("is-unread");

// -- choosing several
export const chosen = () => [...checked];
export function choose(id, is = !checked.has(id)) {
  if (is) checked.add(id); else checked.delete(id);
  dress(rowOf(id));
  const bar = byId("select-bar");
  if (bar) bar.hidden = !checked.size;
  list()?.classList.toggle("is-selecting", checked.size > 0);
  show("selected", checked.size);
}
export function chooseNone() { for (const id of [...checked]) choose(id, false); list()?.classList.remove("is-selecting"); }

let lastChosen = null;
act("select", (box, event) => {
  const id = box.closest("li.row").id.slice(2);
  if (event.shiftKey && lastChosen) {
    const ids = rows().map((row) => row.id.slice(2));
    const [from, to] = [ids.indexOf(lastChosen), ids.indexOf(id)].sort((a, b) => a - b);
    for (const one of ids.slice(from, to + 1)) choose(one, true);
  } else choose(id, box.checked);
  lastChosen = id;
});
act("select-many", () => { list()?.classList.add("is-selecting"); byId("filters").open = false; });
act("bulk-none", chooseNone);
act("newer", settle);
act("more", loadMore);
act("clear-filters", () => { const field = byId("q"); if (field) field.value = ""; go({q: "", channel: "", tag: "", assignee: ""}); });

export function start() {
  if (!byId("list")) return;
  for (const row of rows()) unread.set(row.id.slice(2), row.classList.contains("is-unread"));
  dressAll();
  tick();
  watchMore();
  byId("list-pane").addEventListener("pointerleave", settle);
  byId("list-pane").addEventListener("focusout", () => setTimeout(() => { if (!isBusy()) settle(); }, 50));
  byId("views").addEventListener("click", (event) => {
    const tab = event.target.closest("a[data-view]");
    if (!tab || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    go({view: tab.dataset.view});
  });
  let timer;
  byId("q")?.addEventListener("input", (event) => { clearTimeout(timer); timer = setTimeout(() => go({q: event.target.value.trim()}), 180); });
  byId("search")?.addEventListener("submit", (event) => {
    event.preventDefault();
    byId("filters").open = false;
    const form = new FormData(event.target);
    go({q: form.get("q").trim(), channel: form.get("channel"), tag: form.get("tag"), assignee: form.get("assignee"), order: form.get("order")})
      .then(() => { if (form.get("q").trim() && rows().length) tell("open", rows()[0].id.slice(2)); });
  });
}
