/* The open conversation: opening another one, messages as they come, and its header, which holds forms and is never pushed. */

import { $, $$, act, announce, byId, debounce, firstName, make, morph, parse } from "./dom.js";
import { fragment, post } from "./api.js";
import { live } from "./live.js";
import { dress, isUnread, openThread, rowOf, rove, setUnread } from "./list.js";
import { bindComposer, leaveComposer, seenMore, showWindow } from "./composer.js";
import { arrived, pendingIn } from "./outbox.js";
import { showViewers } from "./presence.js";
import { closeMenus } from "./menu.js";
import { dayDivider, tickTimes, tickWaits } from "./time.js";
import { skeleton, toast, toastError } from "./toast.js";

const NEAR_END = 80;
const listeners = new Set();
/** Call back with the thread's id, and since when it was being loaded, when another conversation is shown. */
export const onOpen = (listener) => listeners.add(listener);

const log = () => byId("log");
const messages = () => byId("messages");
const atEnd = () => !log() || log().scrollHeight - log().scrollTop - log().clientHeight < NEAR_END;

function toEnd() {
  if (log()) log().scrollTop = log().scrollHeight;
  unseen(false);
}

function unseen(on) {
  const button = byId("unseen");
  if (button) button.hidden = !on;
}

act("to-newest", toEnd);
document.addEventListener("scroll", (event) => {
  if (event.target.id === "log" && atEnd()) {
    unseen(false);
    seenMore();
  }
}, true);

// Why a message was read so, under the last one: it opens into sight.
document.addEventListener("toggle", ({ target }) => target.matches(".reading") && target.scrollIntoView({ block: "nearest" }), true);

// -- opening

let opening = null;

/** The address of a conversation in the present view. */
export function addressOf(id) {
  const query = new URLSearchParams(location.search);
  for (const name of ["thread", "cursor", "part", "pane", "other"]) query.delete(name);
  if (id) query.set("thread", id);
  return `/inbox?${query}`;
}

/** Show a conversation. `push` adds it to the history; `focus` says where the focus goes ("reply", "note"). */
export async function open(id, { push = true, focus = "" } = {}) {
  const before = openThread();
  pane("conversation");
  if (id === before && !opening) {
    if (push) history.replaceState(null, "", addressOf(id));
    if (focus) focusField(focus);
    return true;
  }
  opening?.abort();
  const mine = new AbortController();
  const since = Date.now();
  opening = mine;
  if (push) history.pushState(null, "", addressOf(id));
  leaveComposer();
  closeMenus();
  mark(id);
  const loaded = skeleton(log() || byId("conversation"));
  try {
    const html = await fragment(`/inbox/threads/${id}`, { signal: mine.signal });
    if (opening !== mine) return false;
    opening = null;
    loaded();
    show(html, since);
    select(id);
    if (focus) focusField(focus);
    return true;
  } catch (error) {
    loaded();
    if (opening !== mine) return false;
    opening = null;
    if (error.name !== "AbortError") {
      // The list stays, and so does the conversation that was open.
      if (push) history.replaceState(null, "", addressOf(before));
      mark(before);
      bindComposer();
      pane(before ? "conversation" : "list");
      toastError(error);
    }
    return false;
  }
}

function mark(now) {
  select(now);
  if (now && rowOf(now)) rove(now);
}

/** One row is the open one, also where an event has drawn another again while this one was on its way. */
function select(now) {
  for (const row of [...$$(".row.is-selected"), now && rowOf(now)]) {
    const link = row && $("a.row-link", row);
    row?.classList.toggle("is-selected", row.dataset.thread === now);
    if (row?.dataset.thread === now) link?.setAttribute("aria-current", "true");
    else link?.removeAttribute("aria-current");
  }
}

function show(html, since) {
  const found = parse(html);
  for (const id of ["conversation", "details"]) {
    const next = found.getElementById(id);
    if (next) byId(id)?.replaceWith(next);
  }
  shown(since);
}

/** A conversation is on the screen now, by a click or with the page. */
export function shown(since = Date.now()) {
  const id = openThread();
  const section = byId("conversation");
  tickWaits(section);
  bindComposer();
  for (const bubble of pendingIn(id)) messages()?.append(bubble);
  toEnd();
  live.focus(id || null);
  showViewers();
  const row = rowOf(id);
  if (row) dress(row);
  markRead(id, !row || isUnread(id));
  if (byId("suggestion")) import("./suggestion.js").catch(() => {}); // what its buttons do is here before the line goes
  for (const listener of listeners) listener(id, since);
}

function focusField(kind) {
  if (kind) byId("composer")?.querySelector(`[data-act=${kind}]`)?.click();
}

/** Close the conversation: an empty pane, and the list on small screens. */
export function back() {
  pane("list");
  const row = rowOf(openThread());
  if (row && innerWidth < 768) $("a.row-link", row)?.focus();
  if (innerWidth < 768) history.replaceState(null, "", addressOf(""));
}

/** Choose the pane of small screens. */
export function pane(name) {
  const main = byId("main");
  if (main?.dataset.pane) main.dataset.pane = name;
}

// -- reading

let reading = 0;
let told = null;

/** What is on the screen is read: say so to the server, which tells our other devices. */
export function markRead(id, wanted = true) {
  if (!id || !wanted) return;
  if (document.hidden) return;
  setUnread(id, false);
  clearTimeout(reading);
  reading = setTimeout(() => (told = post(`/threads/${id}/read`).catch(() => {})), 150);
}

/** Say no more that it was read, and wait for what was said: who marks it unread now has the last word. */
export function stopReading(ids) {
  if (ids.includes(openThread())) clearTimeout(reading);
  return told;
}

document.addEventListener("visibilitychange", () => {
  const id = openThread();
  if (!document.hidden && id && isUnread(id)) markRead(id);
});

// -- messages

/** Draw a message of the open conversation from its fragment. Says whether it is a new bubble. */
export function drawMessage(message, html, { isNew }) {
  arrived(message.client_id);
  const list = messages();
  if (!list || message.thread_id !== openThread()) return false;
  const ended = atEnd();
  const pending = message.client_id && list.querySelector(`[data-client="${CSS.escape(message.client_id)}"]`);
  const present = byId(`m-${message.id}`) || pending;
  if (present) {
    if (present.id) morph(present, html);
    else present.replaceWith(parse(html));
    if (isNew) settle(byId(`m-${message.id}`));
  } else if (isNew) {
    const made = parse(html).querySelector("li.msg");
    if (!made) return false;
    settle(made);
  } else {
    return false;
  }
  if (ended) toEnd();
  else if (isNew && !present) unseen(true);
  return isNew && !present;
}

/** Put a bubble at its number's place, with a day's line above it where one is missing. */
function settle(bubble) {
  const list = messages();
  const seq = Number(bubble.dataset.seq);
  const after = $$("li.msg[data-seq]", list).filter((other) => other !== bubble && Number(other.dataset.seq) < seq).at(-1);
  const next = after ? after.nextElementSibling : $("li.day, li.msg", list);
  if (next !== bubble) list.insertBefore(bubble, next);
  const day = bubble.dataset.day;
  if (!day || list.querySelector(`li.day[data-day="${day}"]`)) return;
  const time = make("time", { "data-time": "day", datetime: bubble.dataset.at }, dayDivider(bubble.dataset.at));
  bubble.before(make("li", { class: "day", "data-day": day }, time));
}

/** Say a patient's message in the open conversation to screen readers. */
export function announceMessage(message) {
  if (message.direction !== "in") return;
  const name = byId("conversation")?.dataset.name || "the patient";
  announce(`New message from ${name}: ${message.body || "an attachment"}`);
}

act("earlier", (_event, link) => import("./earlier.js").then((module) => module.load(link)).catch(toastError));

// -- the header and the details, drawn anew by the server when the thread changes

/** Write at once what the event says about the open conversation; what only the server can draw comes a moment later. */
export function threadChanged(thread, { redraw }) {
  const section = byId("conversation");
  if (!section || section.dataset.thread !== thread.id) return;
  section.dataset.assignee = thread.assignee?.id || "";
  section.dataset.state = thread.state;
  showWindow(thread.whatsapp_until);
  // Who takes part, and what a colleague has begun, only the server draws.
  const people = String(thread.participants);
  if (redraw || byId("begun") || section.dataset.people !== people) redrawSoon();
  section.dataset.people = people;
}

const redrawSoon = debounce(() => redrawHead(), 120);

/** Somebody else who has a number that was added here stays offered for as long as the address says so. */
function offered() {
  const other = new URLSearchParams(location.search).get("other");
  return other ? `?other=${encodeURIComponent(other)}` : "";
}

export async function redrawHead(html = null) {
  const id = openThread();
  if (!id) return;
  try {
    const found = parse(html || (await fragment(`/inbox/threads/${id}${offered()}`)));
    if (id !== openThread()) return;
    const [section, next] = [byId("conversation"), found.getElementById("conversation")];
    if (!next || next.dataset.thread !== id) return;
    for (const name of ["state", "assignee", "name", "firstName"]) section.dataset[name] = next.dataset[name];
    swapHeader($(":scope > header", section), $(":scope > header", next));
    for (const strip of ["assistant-strip", "opted-out", "blocked", "who-is-this", "escalated", "begun"]) {
      byId(strip)?.remove();
      const drawn = found.getElementById(strip);
      if (drawn) log().before(drawn);
    }
    const card = found.getElementById("suggestion");
    if (card || byId("suggestion")) import("./suggestion.js").then((module) => module.swap(card));
    const details = byId("details");
    const drawn = found.getElementById("details");
    // What somebody has unfolded stays so.
    for (const fold of $$("details[open][id]", details)) drawn?.querySelector(`#${fold.id}`)?.setAttribute("open", "");
    // A field that is being filled in is not touched; the next change brings the rest.
    if (drawn && !details.contains(document.activeElement?.closest("input, textarea, select"))) morph(details, drawn.outerHTML);
    showViewers();
    tickWaits(section);
    showWindow(found.getElementById("composer")?.dataset.until);
  } catch {
    // The next change draws it again.
  }
}

function swapHeader(now, next) {
  if (!now || !next) return;
  const focused = now.contains(document.activeElement) ? document.activeElement : null;
  const kept = focused?.closest("details.menu")?.id;
  for (const menu of $$("details.menu[open]", now)) next.querySelector(`#${menu.id}`)?.replaceWith(menu);
  now.replaceWith(next);
  if (!focused || focused === document.activeElement) return;
  const again = focused.isConnected ? focused : (kept && $(`#${kept} > summary`, next)) || $(`[data-act="${focused.dataset.act}"]`, next) || $("form button", next);
  again?.focus();
}

/** Take a whole conversation that the server drew anew (after a gap) without touching the field people write in. */
export function syncMessages(found) {
  const [list, next] = [messages(), found.querySelector("#messages")];
  if (!list || !next) return;
  const ended = atEnd();
  const waiting = $$("li.msg:not([data-seq])", list);
  const first = Number($("li.msg[data-seq]", next)?.dataset.seq || 0);
  // Earlier pages that were opened by hand are older than what the server drew: they stay above it.
  const start = $$("li.msg[data-seq]", list).find((item) => Number(item.dataset.seq) >= first);
  const older = start ? [...list.children].slice(0, [...list.children].indexOf(start)) : [];
  const keep = older.some((item) => item.dataset.seq);
  if (keep) for (const item of older) item.remove();
  morph(list, next.outerHTML);
  if (keep) {
    byId("earlier")?.remove();
    if (older.some((item) => item.dataset.day === $("li.day", list)?.dataset.day)) $("li.day", list).remove();
    list.prepend(...older);
  }
  for (const bubble of waiting) if (!list.querySelector(`[data-client="${CSS.escape(bubble.dataset.client)}"]`)) list.append(bubble);
  for (const bubble of $$("li.msg[data-client]", list)) if (bubble.dataset.seq) arrived(bubble.dataset.client);
  tickTimes(list);
  if (ended) toEnd();
}

/** Say in a word that somebody else has taken the conversation that is open here. */
export function tellTaken(thread, actor) {
  if (thread.id !== openThread() || !thread.assignee || actor?.id === document.body.dataset.staff) return;
  const name = byId("conversation").dataset.name;
  toast(thread.assignee.id === document.body.dataset.staff ? `${firstName(actor?.name) || "A colleague"} gave you ${name}` : `${firstName(thread.assignee.name)} has ${name} now`);
}

