// The open conversation: opening, its messages as they come, and what staff do with it.
import {$, $$, act, announce, body, byId, morph, on, parse, prefs, tell} from "./page.js";
import {call, html, post} from "./api.js";
import {send} from "./live.js";
import {chooseNone, chosen, dressAll, rowOf, selected, setUnread} from "./list.js";
import {dayDivider, dayKey, tick} from "./time.js";
import {showViewers, draw} from "./people.js";
import {sorry, toast} from "./toast.js";

const me = body.dataset.staff;
const main = byId("main");
let opening = 0;

const pane = () => byId("conversation");
const log = () => byId("log");
const atEnd = () => { const box = log(); return !box || box.scrollHeight - box.scrollTop - box.clientHeight < 80; };
export const toEnd = () => { const box = log(); if (box) box.scrollTop = box.scrollHeight; const pill = byId("unseen"); if (pill) pill.hidden = true; };

function showPane(name) {
  main.dataset.pane = name;
}

/** Opens a thread beside the list; the address follows. */
export async function open(thread, {push = true, focus = false} = {}) {
  const number = ++opening;
  tell("leaving");
  try {
    const text = await html(`/inbox/threads/${thread}`);
    if (number !== opening) return;
    const found = parse(text);
    pane().replaceWith($("#conversation", found));
    byId("details").replaceWith($("#details", found));
    const params = new URLSearchParams(location.search);
    params.set("thread", thread);
    params.delete("pane");
    if (push) history.pushState({thread}, "", `/inbox?${params}`); else history.replaceState({thread}, "", `/inbox?${params}`);
    showPane("conversation");
    opened({focus});
  } catch (error) { sorry(error); }
}

function opened({focus = false} = {}) {
  const thread = selected();
  dressAll();
  if (!thread) return;
  tick(pane());
  toEnd();
  showViewers();
  draw(thread);
  send({t: "focus", thread});
  tell("opened", thread);
  if (focus) byId("body")?.focus();
  markRead();
}

function markRead() {
  const thread = selected();
  if (!thread || document.hidden) return;
  const row = rowOf(thread);
  if (row && !row.classList.contains("is-unread")) return;
  setUnread(thread, false);
  post(`threads/${thread}/read`).catch(() => {});
}

function closePane() {
  const params = new URLSearchParams(location.search);
  params.delete("thread");
  params.delete("pane");
  history.pushState({}, "", `/inbox?${params}`);
  showPane("list");
  send({t: "focus", thread: null});
  rowOf(selected())?.querySelector("a.row-link")?.focus();
}

// -- what arrives

on("event", (frame) => {
  const {thread, message} = frame.data;
  if (!thread || thread.id !== selected()) return;
  if (message) {
    putMessage(message, frame.html?.[`m-${message.id}`]);
    if (frame.type !== "message.status_changed") {
      pane().dataset.seen = Math.max(Number(pane().dataset.seen || 0), frame.seq);
      tell("seen", {message, frame});
      if (message.direction === "in") markRead();
    }
  }
  if (["thread.assigned", "thread.snoozed", "thread.tagged", "thread.updated", "alert.cleared", "alert.raised"].includes(frame.type)
      || (message?.direction === "in" && pane().dataset.state !== "open")) wantHead();
  else if (frame.type === "message.created" && thread.escalated) wantHead();
});

function putMessage(message, fragment) {
  const known = byId(`m-${message.id}`) || (message.client_id && $(`li.msg[data-client="${message.client_id}"]`, pane()));
  if (known) {
    if (fragment) morph(known, fragment);
    return;
  }
  if (!fragment) { wantHead(); return; }
  const stay = atEnd();
  const messages = byId("messages");
  const day = dayKey(new Date(message.created_at));
  if (![...$$("li.day", messages)].some((one) => one.dataset.day === day)) {
    const divider = document.createElement("li");
    divider.className = "day";
    divider.dataset.day = day;
    const time = document.createElement("time");
    time.dateTime = message.created_at;
    time.textContent = dayDivider(new Date(message.created_at));
    divider.append(time);
    messages.append(divider);
  }
  messages.append(parse(fragment));
  if (stay || message.author.id === me) toEnd(); else byId("unseen").hidden = false;
  if (message.direction === "in") announce(`New message from ${pane().dataset.name}: ${message.body}`);
}

// The head and the details are drawn again from the server, the field and its text stay as they are.
let headTimer = null;
function wantHead() {
  clearTimeout(headTimer);
  headTimer = setTimeout(async () => {
    const thread = selected();
    if (!thread) return;
    try {
      const found = parse(await html(`/inbox/threads/${thread}`));
      if (thread !== selected()) return;
      const fresh = $("#conversation", found);
      const old = pane();
      $("header.bar", old).replaceWith($("header.bar", fresh));
      for (const id of ["assistant-strip", "escalated"]) byId(id)?.remove();
      for (const strip of $$("#assistant-strip, #escalated", fresh)) old.insertBefore(strip, log());
      for (const name of ["state", "assignee", "name", "firstName"]) old.dataset[name] = fresh.dataset[name] || "";
      byId("details").replaceWith($("#details", found));
      showViewers();
    } catch { /* the next event asks again */ }
  }, 60);
}

/** Brings the messages up to date from the server: after a long absence. */
async function reloadMessages() {
  const thread = selected();
  if (!thread) return;
  try {
    const found = parse(await html(`/inbox/threads/${thread}`));
    if (thread !== selected()) return;
    const mine = $$("li.msg[data-client].is-pending", pane());
    byId("messages").replaceChildren(...$("#messages", found).children, ...mine);
    pane().dataset.seen = $("#conversation", found).dataset.seen;
    toEnd();
    wantHead();
  } catch { /* tried again with the next refresh */ }
}
on("refresh", reloadMessages);
let soon = null;
on("refresh-soon", () => { clearTimeout(soon); soon = setTimeout(reloadMessages, 200); });

// -- what staff do

const here = () => chosen().length ? chosen() : selected() ? [selected()] : [];

/** One act on the chosen threads, or on the open one; `back` undoes it. */
export async function doTo(name, args, words, back) {
  const ids = here();
  if (!ids.length) return;
  const many = chosen().length > 0;
  try {
    if (many || ids.length > 1) await post("threads/bulk", {ids, act: name, args});
    else await post(`threads/${ids[0]}/${name}`, args);
    if (many) chooseNone();
    toast(ids.length > 1 ? `${words} · ${ids.length} conversations` : words, back && {
      act: {word: "Undo", run: () => (back.many ? post("threads/bulk", {ids, act: back.name, args: back.args}) : Promise.all(ids.map((id) => post(`threads/${id}/${back.name}`, back.args)))).catch(sorry)},
    });
  } catch (error) { sorry(error); }
}

export const done = () => {
  const closing = pane()?.dataset.state !== "closed" || chosen().length > 0;
  return closing ? doTo("close", {}, "Done", {name: "reopen", args: {}, many: true}) : doTo("reopen", {}, "Open again");
};
export const assign = (staff, words) => {
  const before = pane()?.dataset.assignee || null;
  return doTo("assign", {staff_id: staff || null}, words, chosen().length ? null : {name: "assign", args: {staff_id: before || null}});
};
export const mine = () => assign(me, "It is yours");
export const snooze = (until) => doTo("snooze", {until}, "Snoozed", {name: "reopen", args: {}, many: true});
export const tag = (change, words) => doTo("tags", change, words, {name: "tags", args: {add: change.remove || [], remove: change.add || []}, many: true});

const closeMenus = () => { for (const menu of $$("details.menu[open]")) menu.open = false; };
const wordOf = (button) => button.firstChild?.textContent?.trim() || button.textContent.trim();

act("open", (link) => open(link.closest("li.row").id.slice(2)));
act("back", closePane);
act("details", () => { if (innerWidth < 768) showPane("details"); else main.classList.toggle("details-open"); });
act("close-details", () => { main.classList.remove("details-open"); showPane("conversation"); });
act("done", done);
act("reopen", () => doTo("reopen", {}, "Open again"));
act("bulk-done", () => doTo("close", {}, "Done", {name: "reopen", args: {}, many: true}));
act("assign-to", (button) => { closeMenus(); assign(button.value, button.value === me ? "It is yours" : button.value ? "Assigned" : "Given back to the team"); });
act("snooze-until", (button) => { closeMenus(); snooze(button.value); });
act("snooze-at", (button) => {
  const field = button.closest("form").elements.until_local;
  if (!field.value) { field.focus(); return; }
  closeMenus();
  const form = new FormData();
  form.set("until_local", field.value);
  form.set("_csrf_token", button.closest("form").elements._csrf_token.value);
  fetch(button.closest("form").action, {method: "POST", body: new URLSearchParams(form), credentials: "same-origin"})
    .then((answer) => { if (!answer.ok) throw new Error("Choose a time between now and a year from now."); toast("Snoozed"); }).catch(sorry);
});
act("tag-toggle", (button) => {
  const off = button.getAttribute("aria-pressed") === "true";
  closeMenus();
  tag(off ? {remove: [button.value]} : {add: [button.value]}, off ? `Took off “${button.value}”` : `Tagged “${button.value}”`);
});
act("tag-add", (button) => {
  const field = button.closest("form").elements.new;
  const word = field.value.trim();
  if (!word) { field.focus(); return; }
  field.value = "";
  closeMenus();
  tag({add: [word]}, `Tagged “${word}”`);
});
act("tag", () => openMenu("tag-menu"));
act("bulk-assign", () => openMenu("assign-menu"));
act("bulk-snooze", () => openMenu("snooze-menu"));
act("bulk-tag", () => openMenu("tag-menu"));
act("unread", () => {
  const thread = selected();
  post(`threads/${thread}/unread`).then(() => { setUnread(thread, true); toast("Marked as unread"); }).catch(sorry);
});
act("help", (button) => {
  const thread = button.dataset.thread || selected();
  post(`threads/${thread}/help`).then(() => { if (thread !== selected()) open(thread, {focus: true}); else byId("body")?.focus(); }).catch(sorry);
});
act("to-newest", toEnd);
act("earlier", async (link) => {
  const item = link.closest("li");
  const before = log().scrollHeight - log().scrollTop;
  try {
    item.replaceWith(parse(await html(`/inbox/threads/${selected()}/earlier?before=${encodeURIComponent(link.dataset.before)}`)));
    const days = new Set();
    for (const day of $$("li.day", byId("messages"))) { if (days.has(day.dataset.day)) day.remove(); days.add(day.dataset.day); }
    log().scrollTop = log().scrollHeight - before;
  } catch (error) { sorry(error); }
});
const onMessage = (name, path) => act(name, (button) => { button.disabled = true; call("POST", `messages/${button.dataset.message}/${path}`, {}).catch((error) => { button.disabled = false; sorry(error); }); });
onMessage("undo", "cancel");
onMessage("retry", "retry");
onMessage("resend", "retry");
onMessage("went", "went");

/** Opens one of the conversation's menus and puts the focus into it. */
export function openMenu(id) {
  const menu = byId(id);
  if (!menu) return;
  closeMenus();
  menu.open = true;
  ($("input:not([type=hidden]), button", $(".menu-panel", menu)) || menu).focus();
}

addEventListener("popstate", (event) => {
  const thread = event.state?.thread || new URLSearchParams(location.search).get("thread");
  if (thread && thread !== selected()) open(thread, {push: false});
  showPane(thread ? "conversation" : "list");
});
document.addEventListener("visibilitychange", markRead);
on("open", (thread) => open(thread));

// -- notice of new messages: sound and desktop, only when allowed

let audio = null;
function tone() {
  if (body.dataset.sounds !== "on") return;
  audio ||= new AudioContext();
  const [oscillator, gain] = [audio.createOscillator(), audio.createGain()];
  oscillator.frequency.value = 740;
  gain.gain.setValueAtTime(0.06, audio.currentTime);
  gain.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + 0.35);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start();
  oscillator.stop(audio.currentTime + 0.36);
}

let others = 0;
let summary = null;
on("message.created", (frame) => {
  const {message, thread} = frame.data;
  if (message.direction !== "in") return;
  const isMine = !thread.assignee || thread.assignee.id === me || thread.urgent;
  if (isMine) {
    tone();
    if (document.hidden && window.Notification?.permission === "granted" && prefs.get("notices", "off") === "on") {
      const notice = new Notification("New message", {body: thread.contact.name.split(" ")[0], tag: thread.id});
      notice.onclick = () => { window.focus(); open(thread.id); };
    }
  }
  if (thread.escalated) announce(`${thread.contact.name} needs help: ${thread.alert || "urgent"}`, true);
  else if (thread.id !== selected()) {
    others += 1;
    summary ||= setTimeout(() => { announce(others === 1 ? "1 new message" : `${others} new messages`); others = 0; summary = null; }, 10000);
  }
});

export function start() {
  if (!pane()) return;
  opened();
  if (selected()) history.replaceState({thread: selected()}, "", location.href);
  byId("log")?.addEventListener("scroll", () => { if (atEnd()) byId("unseen").hidden = true; }, {passive: true});
}

