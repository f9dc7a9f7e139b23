// The one websocket of the tab. Every event arrives once and in order: a gap or a repeat is impossible to overlook,
// because each event's seq must be the last one plus 1. After a drop it comes back with the last seq it has.
import {$, announce, body, byId, show, tell} from "./page.js";
import {get, signedOut} from "./api.js";

const PING = 20000;
const DEAD = 45000;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 15000;

let seq = Number(body.dataset.seq || 0);
let epoch = body.dataset.epoch;
let sum = null;
let socket = null;
let wait = FIRST_WAIT;
let heardAt = Date.now();
let timer = null;
let lostAt = null;
let replaying = false;
let focused = null;

export const isOnline = () => socket?.readyState === WebSocket.OPEN && lostAt === null;
export const position = () => seq;

function connect() {
  clearTimeout(timer);
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  socket = new WebSocket(`${scheme}://${location.host}/ws?after=${seq}&epoch=${epoch}&html=1`, "orasync.v1");
  heardAt = Date.now();
  const mine = socket;
  mine.addEventListener("message", (event) => { if (mine === socket) receive(event.data); });
  mine.addEventListener("close", (event) => { if (mine === socket) lost(event.code); });
}

function lost(code) {
  socket = null;
  if (lostAt === null) lostAt = Date.now();
  if (code === 4401) { signedOut(); return; }
  if (code === 4403) { offline("This page may not listen any more. Load it again."); return; }
  offline();
  const pause = wait * (0.5 + Math.random() / 2);
  wait = Math.min(wait * 2, LONGEST_WAIT);
  clearTimeout(timer);
  timer = setTimeout(connect, pause);
}

function offline(text = "No connection. You can keep reading. Replies stay here until you are back.") {
  const strip = byId("connection");
  if (strip?.hidden) {
    $(".strip-text", strip).textContent = text;
    strip.hidden = false;
    show("status", "Offline");
    body.classList.add("is-offline");
    tell("offline");
  }
}

function online() {
  wait = FIRST_WAIT;
  const away = lostAt === null ? 0 : Date.now() - lostAt;
  lostAt = null;
  byId("connection").hidden = true;
  body.classList.remove("is-offline");
  show("status", "Live");
  if (focused) send({t: "focus", thread: focused});
  tell("online", away);
}

function receive(text) {
  heardAt = Date.now();
  const frame = JSON.parse(text);
  if (frame.t === "event") { take(frame); return; }
  if (frame.t === "live") { tell(frame.type, frame.data); return; }
  if (frame.t !== "hello") return;
  const wasLost = lostAt !== null;
  if (!frame.resumed && (frame.epoch !== epoch || frame.seq !== seq)) {
    epoch = frame.epoch;
    seq = frame.seq;
    sum = null;
    tell("refresh");
  }
  replaying = frame.resumed && frame.seq > seq;
  show("seq", `#${seq}`);
  online();
  if (wasLost) announce("Connected again. Everything is up to date.");
}

function take(frame) {
  if (frame.seq <= seq) return;
  if (frame.seq !== seq + 1) { socket.close(4000, "gap"); return; }
  seq = frame.seq;
  sum = frame.sum;
  show("seq", `#${seq}`);
  if (replaying && !frame.html && (frame.data.thread || frame.data.message)) tell("refresh-soon");
  tell("event", frame);
  tell(frame.type, frame);
}

/** Sends a frame; what cannot be sent now is not worth sending later. */
export function send(frame) {
  if (frame.t === "focus") focused = frame.thread;
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

// The server can confirm what we have: the same sum at the same seq is the same history.
async function confirm() {
  if (!isOnline() || sum === null) return;
  const at = seq;
  const mine = sum;
  try {
    const state = await get(`sync?seq=${at}`);
    if (state.epoch !== epoch || state.sum !== mine) { epoch = state.epoch; tell("refresh"); }
  } catch { /* asked again in a few minutes */ }
}

setInterval(() => {
  if (!socket) return;
  if (Date.now() - heardAt > DEAD) { const old = socket; lost(0); old.close(); return; }
  send({t: "ping"});
}, PING);
setInterval(confirm, 180000);
addEventListener("online", () => { if (!socket) { wait = FIRST_WAIT; connect(); } });
addEventListener("offline", () => { if (lostAt === null) { lostAt = Date.now(); offline(); } });
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && Date.now() - heardAt > PING * 1.5 && socket) { const old = socket; lost(0); old.close(); wait = FIRST_WAIT; connect(); }
});

export const start = connect;
