/* Who is online, who looks at which conversation, who is typing. Live values: written as text, never morphed. */

import { $, $$, byId, firstName, initials, make, me, show } from "./dom.js";
import { live } from "./live.js";

const TYPING_MS = 7_000; // a colleague's browser says it again every 3 s while keys are pressed
const SAY_MS = 3_000;

let viewers = {};
let visitors = null; // conversations whose patient is on the site
const typists = new Map(); // thread -> Map(staff id -> {name, timer})
const listeners = new Set();

/** The colleagues of the clinic, from the filters' menu: [{id, name}]. */
export const team = () => $$("#filter-assignee option").filter((option) => option.value).map((option) => ({ id: option.value, name: option.textContent.trim() }));

/** Call back with a thread id when who types there changes. */
export const onTyping = (listener) => listeners.add(listener);

/** "Priya is replying…", or "" when nobody else is. */
export function typingText(thread, end = "…") {
  const names = [...(typists.get(thread)?.values() || [])].map((typist) => firstName(typist.name));
  if (!names.length) return "";
  return names.length === 1 ? `${names[0]} is replying${end}` : `${names.slice(0, -1).join(", ")} and ${names.at(-1)} are replying${end}`;
}

function changed(thread) {
  for (const listener of listeners) listener(thread);
}

function typing({ thread, staff, on }) {
  if (staff.id === me.id) return;
  const here = typists.get(thread) || new Map();
  clearTimeout(here.get(staff.id)?.timer);
  if (on) {
    const timer = setTimeout(() => typing({ thread, staff, on: false }), TYPING_MS);
    here.set(staff.id, { name: staff.name, timer });
    typists.set(thread, here);
  } else {
    here.delete(staff.id);
    if (!here.size) typists.delete(thread);
  }
  changed(thread);
}

/** Somebody's message has arrived: they are not typing it any more. */
export function stoppedTyping(thread, staff) {
  if (typists.get(thread)?.has(staff)) typing({ thread, staff: { id: staff }, on: false });
}

function presence(data) {
  const online = data.online.length || 1;
  show("online", `${online} ${online === 1 ? "person" : "people"} online`);
  viewers = data.viewers;
  visitors = data.visitors;
  showViewers();
}

/** Show who else looks at the open conversation. */
export function showViewers() {
  const mark = $("[data-live=visitor]");
  if (mark && visitors) import("./visitor.js").then((module) => module.showVisitor(mark, visitors)).catch(() => {});
  const holder = $("[data-live=viewers]");
  if (!holder) return;
  const thread = byId("conversation")?.dataset.thread;
  const others = (viewers[thread] || []).filter((person) => person.id !== me.id);
  const key = others.map((person) => person.id).join(" ");
  if (holder.dataset.shown === key) return;
  holder.dataset.shown = key;
  holder.replaceChildren(...others.map((person) => {
    const words = `${person.name} is looking at this`;
    return make("span", { class: "avatar avatar-ring", title: words, role: "img", "aria-label": words }, initials(person.name));
  }));
}

// -- what we say of ourselves

let saidAt = 0;
let saidFor = null;
let idle = 0;

/** Keys are being pressed in a reply or note: tell the others, at most once in 3 s. */
export function sayTyping(thread) {
  clearTimeout(idle);
  idle = setTimeout(sayStopped, SAY_MS + 1_000);
  if (saidFor === thread && Date.now() - saidAt < SAY_MS) return;
  saidAt = Date.now();
  saidFor = thread;
  live.typing(thread, true);
}

export function sayStopped() {
  clearTimeout(idle);
  if (saidFor) live.typing(saidFor, false);
  saidFor = null;
  saidAt = 0;
}

export function startPresence() {
  live.on("live", (frame) => {
    if (frame.type === "thread.typing") typing(frame.data);
    else if (frame.type === "thread.presence") presence(frame.data);
    else if (frame.type === "ai.writing") import("./suggestion.js").then((card) => card.writing(frame.data));
  });
}
