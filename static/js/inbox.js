/* The inbox page: takes the events in their order and gives them to the list, the conversation, the counts and the alerts. */

import { $, $$, act, announce, byId, debounce, me, morph, parse, soon } from "./dom.js";
import { fragment, get } from "./api.js";
import { live } from "./live.js";
import { notDelivered, raised, refreshAlerts, told, whenNotice } from "./alerts.js";
import "./acts.js";
import { messageCame } from "./composer.js";
import { announceMessage, addressOf, back, drawMessage, markRead, onOpen, open, pane, redrawHead, shown, syncMessages, tellTaken, threadChanged } from "./conversation.js";
import { countsChanged, readCounts } from "./counts.js";
import { adopt, adoptAll, asked, dress, dressAll, factsFor, focusRow, isUnread, openThread, paint, redress, rowsIn, setUnread, whenStale } from "./list.js";
import { NARROW, countChange, factsOf } from "./order.js";
import { startPages } from "./pages.js";
import { whenPerson } from "./offer.js";
import { onTyping, stoppedTyping } from "./presence.js";
import { isBack } from "./outbox.js";
import { readClinic } from "./clinic.js";
import { skeleton, toastError } from "./toast.js";

const NOBODY = { state: "none", assignee: "", waiting: 0, escalated: false };
const KEEP_MS = 60_000;
const SUMMARY_MS = 10_000;
const REDRAWN = /^(thread\.(updated|assigned|snoozed|tagged|merged)|alert\.|ai\.(suggested|replied|taken_over|handed_back)|contact\.|consent\.)/;

// -- events: what comes after a pause is drawn at once, the rest of a burst together, once a paint

let queue = [];
let paced = false;
let holding = 0; // while a list is being loaded events wait, so that none is drawn into what is about to be replaced
let recent = []; // what came lately, for a conversation whose page was on its way meanwhile

function take(frame) {
  queue.push(frame);
  if (!paced) draw();
}

function draw() {
  paced = queue.length > 0 && !holding;
  flush();
  if (paced) soon(draw);
}

function flush() {
  if (holding || !queue.length) return;
  const frames = queue;
  queue = [];
  const threads = new Map();
  for (const frame of frames) {
    try {
      apply(frame, threads);
    } catch (error) {
      console.error(error);
      resyncSoon();
    }
  }
  for (const { thread, html, isNew, wrote } of threads.values()) {
    const before = paint(thread, html);
    const known = before || (isNew ? NOBODY : null);
    countsChanged(known && countChange(known, factsOf(thread), me.id));
    // One notice for one message: that somebody needs help says it already.
    if (!watchAlerts(thread, known) && wrote && !thread.blocked) told(thread, wrote);
  }
}

function apply(frame, threads) {
  const { type, data, html = {} } = frame;
  const { thread, message } = data;
  if (thread) {
    const before = threads.get(thread.id);
    const isNews = isCreation(type) && (message.direction === "in" || (message.author.id !== me.id && thread.participants.includes(me.id)));
    const wrote = isNews ? message : before?.wrote;
    threads.set(thread.id, { thread, wrote, html: html[`t-${thread.id}`] || before?.html, isNew: before?.isNew || data.new_contact });
    if (!html[`t-${thread.id}`]) resyncSoon();
    threadChanged(thread, { redraw: REDRAWN.test(type) });
  }
  if (type.startsWith("alert.")) refreshAlerts();
  if (message) {
    recent.push({ at: Date.now(), frame });
    applyMessage(frame);
    if (data.changes?.status && LOST.has(message.status) && message.author.id === me.id) notDelivered(thread, message.status);
  } else if (type === "thread.read" && data.staff_id === me.id) setUnread(data.thread_id, data.unread > 0);
  else if (type === "thread.assigned") tellTaken(thread, frame.actor);
  else if (type === "contact.updated" && factsFor(openThread())?.contact === data.contact?.id) redrawHead();
  else if (data.changes?.draft?.[0].id === me.id) import("./begun.js").then((module) => module.gone(frame)).catch(() => {});
  else if (type === "settings.changed") resyncLater();
  else if (type === "thread.merged") {
    resyncSoon();
    people().then((module) => module.merged(data)).catch(resyncSoon);
  }
}

// Who a person is changes rarely: its code comes when it is needed. Before the listener that sends a form once.
const people = () => import("./people.js");
document.addEventListener("submit", (event) => {
  const { target, submitter } = event;
  if (target.dataset.people === undefined) return;
  event.preventDefault();
  people().then((module) => module.submit(target, submitter)).catch(toastError);
}, true);

const LOST = new Set(["failed", "needs_review"]);
const isCreation = (type) => type === "message.created" || type === "note.created";

function applyMessage({ type, data, html = {} }) {
  const { message, thread } = data;
  const isNew = isCreation(type);
  const fragmentOf = html[`m-${message.id}`];
  if (fragmentOf) drawMessage(message, fragmentOf, { isNew });
  if (!isNew) return;
  recent = recent.filter(({ at }) => at > Date.now() - KEEP_MS);
  stoppedTyping(message.thread_id, message.author.id);
  const isOpen = message.thread_id === openThread();
  if (isOpen) {
    messageCame(message);
    announceMessage(message);
    if (byId("suggestion")) redrawHead();
  }
  if (message.direction === "in") {
    if (isOpen && !document.hidden) markRead(message.thread_id);
    else setUnread(message.thread_id, true);
    if (!isOpen && !thread.blocked) summarise();
  } else if (isUnread(message.thread_id) && !thread.waiting_since) askUnread(message.thread_id);
}

// Whether an answered conversation is still unread for us only the server knows: it depends on whether we ever opened it.
const unsure = new Set();
const askAll = debounce(async () => {
  const ids = [...unsure].slice(0, 20);
  unsure.clear();
  for (const id of ids) {
    try {
      setUnread(id, (await get(`/threads/${id}`)).unread > 0);
    } catch {
      // it stays as it is until the next change
    }
  }
}, () => 300 + Math.random() * 1_500);

function askUnread(id) {
  unsure.add(id);
  askAll();
}

/** Says whether a patient needs help since this change. */
function watchAlerts(thread, before) {
  const now = thread.escalated && thread.state === "open";
  const then = Boolean(before?.escalated) && before.state === "open";
  if (now && !then) raised(thread);
  if (now || then) refreshAlerts();
  return now && !then;
}

let others = 0;
let summaryTimer = 0;

function summarise() {
  others += 1;
  if (summaryTimer) return;
  summaryTimer = setTimeout(() => {
    summaryTimer = 0;
    announce(`${others} new ${others === 1 ? "message" : "messages"} in To do`);
    others = 0;
  }, SUMMARY_MS);
}

// -- the list: views, search, filters

let listed = listKey();
let loading = null;

function listKey() {
  return JSON.stringify(asked());
}

/** Load the rows of what the address says. */
async function loadList() {
  loading?.abort();
  const mine = new AbortController();
  loading = mine;
  listed = listKey();
  holding += 1;
  const list = byId("list");
  const loaded = skeleton(list);
  for (const tab of $$("#views a[data-view]")) {
    if (tab.dataset.view === asked().view) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  const view = $("#search input[name=view]");
  if (view) view.value = asked().view;
  try {
    const query = new URLSearchParams(location.search);
    query.delete("thread");
    query.set("part", "list");
    const next = parse(await fragment(`/inbox?${query}`, { signal: mine.signal })).getElementById("list");
    if (loading === mine && next) {
      list.replaceWith(next);
      listShown();
    }
  } catch (error) {
    if (error.name !== "AbortError") toastError(error);
  } finally {
    loaded();
    holding -= 1;
    flush();
  }
}

function listShown() {
  startPages((row, folded) => (folded ? dress(row) : adopt(row)));
  adoptAll();
}

function go(change, { replace = false } = {}) {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(change)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  for (const name of ["cursor", "part", "pane"]) query.delete(name);
  history[replace ? "replaceState" : "pushState"](null, "", `/inbox?${query}`);
  return loadList();
}

const CLEAR = Object.fromEntries(NARROW.map((name) => [name, ""]));

document.addEventListener("click", (event) => {
  const tab = event.target.closest?.("#list-pane a[data-view]");
  if (!tab || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  byId("q").value = "";
  go({ ...CLEAR, view: tab.dataset.view, failed: tab.dataset.failed });
});

act("clear-filters", () => {
  byId("q").value = "";
  for (const select of $$("#filters select")) select.value = "";
  go({ ...CLEAR, order: "" });
});

const searchSoon = debounce(() => go({ q: byId("q").value.trim() }, { replace: true }), 200);

document.addEventListener("input", (event) => event.target.id === "q" && searchSoon());
document.addEventListener("submit", async (event) => {
  if (event.target.id !== "search") return;
  event.preventDefault();
  searchSoon.cancel();
  byId("filters").open = false;
  const form = new FormData(event.target);
  const change = {};
  for (const name of [...NARROW, "order"]) change[name] = String(form.get(name) || "").trim();
  const searched = document.activeElement?.id === "q";
  await go(change, { replace: true });
  const rows = rowsIn();
  if (!searched || !change.q || !rows.length) return;
  focusRow(rows[0]);
  if (rows.length === 1) open(rows[0].dataset.thread);
});

// -- opening and going back

act("open", (_event, link) => {
  open(link.closest("li.row").dataset.thread);
});
act("back", back);
act("details", () => {
  const main = byId("main");
  if (innerWidth < 768) pane("details");
  else main.classList.toggle("details-open");
});
act("close-details", () => {
  byId("main").classList.remove("details-open");
  pane("conversation");
});

addEventListener("popstate", async () => {
  if (listKey() !== listed) loadList();
  const id = new URLSearchParams(location.search).get("thread") || "";
  if (id && id !== openThread()) await open(id, { push: false });
  else if (!id && openThread()) await closeThread();
  pane(id ? "conversation" : "list");
});

async function closeThread() {
  const empty = parse(await fragment(addressOf(""))).getElementById("conversation");
  if (!empty) return;
  byId("conversation").replaceWith(empty);
  byId("details").replaceChildren();
  shown();
  dressAll();
}

onOpen((id, since) => {
  for (const { at, frame } of recent) {
    const { message } = frame.data;
    const html = frame.html?.[`m-${message.id}`];
    if (at < since || message.thread_id !== id || !html) continue;
    if (drawMessage(message, html, { isNew: isCreation(frame.type) })) messageCame(message);
  }
});

// -- the whole state anew: after a gap that could not be replayed, or events that came without their HTML

let syncing = false;
let again = false;

async function resync() {
  if (syncing) {
    again = true;
    return;
  }
  syncing = true;
  holding += 1;
  let waited = 0;
  try {
    const html = await fragment(location.pathname + location.search);
    const page = new DOMParser().parseFromString(html, "text/html");
    if (page.body.dataset.page !== "inbox") return;
    const seq = Number(page.body.dataset.seq);
    readClinic(page.body.dataset);
    noticeVersion(page);
    readCounts(page);
    morph(byId("alerts"), page.getElementById("alerts").outerHTML);
    morph(byId("list"), page.getElementById("list").outerHTML);
    listShown();
    if (openThread() && page.getElementById("conversation").dataset.thread === openThread()) {
      syncMessages(page);
      await redrawHead(page.getElementById("conversation").outerHTML + page.getElementById("details").outerHTML);
      byId("conversation").dataset.seen = page.getElementById("conversation").dataset.seen;
    }
    markRead(openThread(), isUnread(openThread()));
    queue = queue.filter((frame) => frame.seq > seq);
  } catch (error) {
    waited = error.isUnsure ? 3_000 : 0;
  } finally {
    syncing = false;
    holding -= 1;
    flush();
  }
  if (waited) setTimeout(resync, waited);
  else if (again) {
    again = false;
    resync();
  }
}

const resyncSoon = debounce(resync, 250);
const resyncLater = debounce(resync, () => 500 + Math.random() * 2_500);

/** Another version of the page's files is on the server: say so, and never reload by ourselves. */
function noticeVersion(page) {
  const files = (root) => $$("script[src*='?v='], link[href*='?v=']", root).map((file) => file.getAttribute("src") || file.getAttribute("href")).sort().join(" ");
  if (files(page) !== files(document)) byId("new-version").hidden = false;
}

// -- the start

live.on("event", take);
live.on("reset", resync);
live.on("caught-up", () => setTimeout(isBack, 300));
// A line that was away so shortly that the socket never noticed: what was held goes with the first answer.
live.on("alive", () => navigator.onLine !== false && isBack());
onTyping(redress);
// A while after a colleague's last key: what they have begun is on the server, and others can go on with it.
const begun = debounce(() => redrawHead(), 4_500);
onTyping((where) => where === openThread() && begun());
act("continue-draft", (_event, button) => import("./begun.js").then((module) => module.take(button)).catch(toastError));
// A moment later: the act that emptied the list is then on its way, and the server answers in the light of it.
whenStale(debounce(() => loadList(), 250));
whenNotice((id) => open(id));
whenPerson((id) => open(id));
readCounts();
listShown();
shown();
