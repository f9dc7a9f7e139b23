/* Messages on their way to the server. Each carries an id made here, under which the server stores it once, however often it
   is delivered. A message leaves this box when its event or its answer has come, and never gets lost in between. */

import { $, byId, make } from "./dom.js";
import { post } from "./api.js";
import { live } from "./live.js";
import * as drafts from "./drafts.js";
import { clockTime } from "./time.js";
import { toast } from "./toast.js";

const ASK_AFTER_MS = 120_000;
const RETRY_MS = [1_000, 3_000, 8_000, 15_000];

/** client id -> {id, thread, kind, body, channel, seen, anyway, mentions, name, at, tries, state, bubble, then} */
const box = new Map();
let refused = () => {};

/** Say what happens to a message that the server did not take: `(entry, error)`. */
export const whenRefused = (task) => {
  refused = task;
};

export const isEmpty = () => box.size === 0;

/** The bubbles that wait in a conversation, for a conversation that is opened again. */
export const pendingIn = (thread) => [...box.values()].filter((entry) => entry.thread === thread).map((entry) => entry.bubble);

/** The message is in: its event has come. */
export function arrived(id) {
  const entry = id && box.get(id);
  if (!entry) return;
  box.delete(id);
  drafts.sent(entry.thread, entry.kind);
  if (entry.state !== "sending") entry.then?.();
  askAgain();
}

/** Send a reply or a note. Returns its bubble. */
export function send(entry) {
  entry.at = Date.now();
  entry.tries = 0;
  entry.bubble = draw(entry);
  box.set(entry.id, entry);
  if (navigator.onLine === false || live.state === "offline") hold(entry);
  else deliver(entry);
  return entry.bubble;
}

const lines = new Map(); // thread -> the delivery before: what is written first arrives first

function deliver(entry) {
  entry.state = "sending";
  say(entry, "Sending");
  const before = lines.get(entry.thread) || Promise.resolve();
  const mine = before.then(() => deliverNow(entry));
  lines.set(entry.thread, mine);
  return mine;
}

async function deliverNow(entry) {
  if (!box.has(entry.id)) return;
  const note = entry.kind === "note";
  const body = note
    ? { body: entry.body, mentions: entry.mentions, client_id: entry.id }
    : { channel: entry.channel, body: entry.body, attachments: (entry.files || []).map(({ id }) => ({ id })), subject: entry.subject, seen: entry.seen, client_id: entry.id, send_at: entry.sendAt || null, anyway: entry.anyway };
  try {
    const message = await post(`/threads/${entry.thread}/${note ? "notes" : "messages"}`, body);
    if (box.delete(entry.id)) drafts.sent(entry.thread, entry.kind);
    // The event may be a moment behind: the bubble takes the message's id, and the fragment finds it there.
    if (entry.bubble.isConnected && !byId(`m-${message.id}`)) {
      entry.bubble.id = `m-${message.id}`;
      entry.bubble.dataset.seq = message.seq;
    }
    entry.then?.(message);
  } catch (error) {
    if (!box.has(entry.id)) {
      entry.then?.();
      return;
    }
    if (error.isUnsure) {
      again(entry, error);
      return;
    }
    box.delete(entry.id);
    entry.bubble.remove();
    refused(entry, error);
  }
}

function again(entry, error) {
  if (error.status === 0 || !live.isLive) {
    hold(entry);
    return;
  }
  const wait = RETRY_MS[Math.min(entry.tries, RETRY_MS.length - 1)];
  entry.tries += 1;
  entry.state = "waiting";
  say(entry, "Sending takes longer than usual");
  setTimeout(() => box.has(entry.id) && entry.state === "waiting" && deliver(entry), wait);
}

function hold(entry) {
  entry.state = "held";
  say(entry, "Waiting for the connection");
}

// -- coming back

/** The line is up and everything missed has been heard: what is still here was not delivered. */
export function isBack() {
  const held = [...box.values()].filter((entry) => entry.state === "held" || entry.state === "waiting");
  for (const entry of held) {
    if (Date.now() - entry.at > ASK_AFTER_MS) entry.state = "asking";
    else deliver(entry);
  }
  askAgain();
}

function askAgain() {
  const strip = byId("held");
  if (!strip) return;
  const count = [...box.values()].filter((entry) => entry.state === "asking").length;
  strip.hidden = !count;
  if (count) $(".strip-text", strip).textContent = `You are back. ${count === 1 ? "One message waits" : `${count} messages wait`} here.`;
}

const asking = () => [...box.values()].filter((entry) => entry.state === "asking");

export function sendHeld() {
  for (const entry of asking()) deliver(entry);
  askAgain();
}

/** Turn what waits into drafts; `shown` brings the field of the open conversation up to date. */
export function keepHeld(shown) {
  for (const entry of asking()) {
    box.delete(entry.id);
    entry.bubble.remove();
    drafts.putBack(entry.thread, entry.kind, entry.body);
    shown(entry.thread, entry.files, entry.subject);
  }
  askAgain();
  toast("Kept as a draft.");
}

// -- the bubble that appears at once

function draw(entry) {
  const template = byId("pending-template");
  const bubble = template ? template.content.firstElementChild.cloneNode(true) : make("li", { class: "msg msg-out" });
  bubble.classList.add("is-pending");
  bubble.dataset.client = entry.id;
  bubble.dataset.kind = entry.kind === "note" ? "note" : "text";
  const text = $(".bubble-text", bubble);
  if (text) text.textContent = entry.body;
  if (entry.files?.length) text?.after(make("span", { class: "files" }, entry.files.map((file) => file.name).join(", ")));
  if (entry.kind === "note") {
    bubble.classList.replace("msg-out", "msg-note");
    text?.before(make("strong", {}, "Note to team: "));
  }
  const time = $("time", bubble);
  if (time) {
    time.dateTime = new Date(entry.at).toISOString();
    time.textContent = clockTime(time.dateTime);
  }
  return bubble;
}

function say(entry, words) {
  const status = $(".status", entry.bubble);
  if (status) status.textContent = words;
}
