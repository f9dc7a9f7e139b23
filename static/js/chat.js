/* The chat as a visitor sees it: what they write goes by HTTP, once; what they get comes by socket, or by asking. */

const $ = (id) => document.getElementById(id);
const page = document.body.dataset;
const base = `/api/widget/${page.channel}`;
const store = `orasync-chat:${page.channel}`;
const host = window.parent === window ? null : window.parent;
const [log, form, body, who, note] = ["log", "form", "body", "who", "note"].map($);
const dark = matchMedia("(prefers-color-scheme: dark)");

let kept = null; // in memory, where the browser lets a frame keep nothing
let last = 0; // number of the newest event
let epoch = "";
let socket = null;
let tries = 0;
let open = !host;
let where = host ? "" : location.origin + location.pathname;
let seen = 0;
let fresh = 0;
let newest = 0; // number of the clinic's newest message
const shown = new Map(); // id or client id -> its line

function paint() {
  const root = document.documentElement.style;
  root.setProperty("--accent", dark.matches ? page.accentDark : page.accent);
  root.setProperty("--on-accent", dark.matches ? "#10181c" : "#ffffff");
}
paint();
dark.addEventListener("change", paint);

const tell = (orasync, more) => host?.postMessage({ orasync, ...more }, "*");

function load() {
  try {
    kept = JSON.parse(localStorage.getItem(store)) || kept;
  } catch { /* not allowed, or not ours: memory it is */ }
  return kept?.key;
}

function keep(value) {
  kept = value;
  try {
    if (value) localStorage.setItem(store, JSON.stringify(value));
    else localStorage.removeItem(store);
  } catch { /* as above */ }
}

async function call(path, data) {
  const headers = { Accept: "application/json" };
  if (kept?.key) headers.Authorization = `Visitor ${kept.key}`;
  if (data) headers["Content-Type"] = "application/json";
  const answer = await fetch(base + path, { method: data ? "POST" : "GET", headers, body: data && JSON.stringify(data), credentials: "omit" });
  const told = answer.status === 204 ? null : await answer.json().catch(() => null);
  if (answer.ok) return told;
  throw Object.assign(new Error(told?.detail || "Please try again."), { status: answer.status, fields: told?.errors || [] });
}

// -- what is shown

function make(tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });
const AUTHORS = { assistant: "Assistant, not a person", clinic: page.clinic };

function draw(message) {
  const line = shown.get(message.id) || shown.get(message.client_id) || make("div");
  const isNew = !line.isConnected;
  const mine = message.direction === "in";
  const at = new Date(message.created_at);
  line.className = `line ${mine ? "mine" : "theirs"}`;
  const author = mine ? "You" : message.author.name || AUTHORS[message.author.type] || page.clinic;
  const bubble = make("p", "bubble", message.body);
  bubble.dir = "auto";
  const today = at.toDateString() === new Date().toDateString();
  bubble.hidden = !message.body;
  const time = make("span", "time", today ? clock.format(at) : `${day.format(at)}, ${clock.format(at)}`);
  const files = message.files?.length ? line.querySelector(".files") || filesOf(message) : "";
  line.replaceChildren(make("span", mine ? "vh" : "author", author), bubble, files, time);
  shown.set(message.id, line);
  if (message.client_id) shown.set(message.client_id, line);
  if (isNew) put(line);
  if (!mine) newest = Math.max(newest, message.seq);
  return isNew;
}

/* Files come with a script of their own: most chats have none. */
const more = () => import("./chat_files.js");

function filesOf(message) {
  const box = make("div", "files");
  more().then((module) => module.show(box, message.files, { call, make, log }, message.direction === "in")).catch(() => say("The files could not be shown. Open the chat again."));
  return box;
}

function put(line) {
  log.append(line);
  log.scrollTop = log.scrollHeight;
}

function say(text) {
  note.textContent = text;
}

function known(is) {
  const leads = is && who.contains(document.activeElement); // what has the focus must not vanish under it
  who.hidden = is;
  $("attach").hidden = !is;
  for (const field of who.querySelectorAll("input")) field.disabled = is;
  if (leads) body.focus();
}

function counted() {
  if (open) fresh = 0;
  tell("new", { count: fresh });
}

/** What stands on the screen has been seen; the desk shows it as read. */
function look() {
  if (!open || document.hidden || newest <= seen) return;
  seen = newest;
  const mark = Math.max(seen, last);
  if (socket?.readyState === 1) socket.send(JSON.stringify({ t: "seen", seq: mark }));
  else call("/seen", { seq: mark }).catch(() => { seen = 0; });
}
document.addEventListener("visibilitychange", look);

// -- coming in

async function refresh(after) {
  const got = await call(after === undefined ? "/messages" : `/messages?after=${after}`);
  for (const message of got.items) if (draw(message) && message.direction === "out" && after !== undefined) fresh += 1;
  if (got.items.length) known(true);
  last = Math.max(last, got.seq);
  counted();
  look();
}

function take(frame) {
  if (frame.t === "hello") {
    tries = 0;
    say("");
    if (!frame.resumed) {
      last = frame.seq;
      refresh().catch(() => {});
    }
    epoch = frame.epoch;
  } else if (frame.t === "event") {
    if (frame.prev !== last) refresh().catch(() => {}); // something is missing: look at the whole
    last = frame.seq;
    if (draw(frame.data.message) && frame.data.message.direction === "out") {
      fresh += 1;
      typing(false);
      counted();
    }
    look();
  } else if (frame.t === "live" && frame.type === "thread.typing") typing(frame.data.on);
}

let typingTimer = 0;

function typing(on) {
  clearTimeout(typingTimer);
  $("typing").hidden = !on;
  if (on) typingTimer = setTimeout(typing, 7_000, false);
}

let asking = 0;

function connect() {
  if (!kept?.key || (socket && socket.readyState < 2)) return;
  const place = last ? `&after=${last}&epoch=${epoch}` : "";
  socket = new WebSocket(`${location.origin.replace("http", "ws")}/ws/visitor?channel=${page.channel}${place}`, "orasync.v1");
  const line = socket;
  line.onopen = () => line.send(JSON.stringify({ t: "auth", key: kept.key }));
  line.onmessage = (event) => take(JSON.parse(event.data));
  line.onclose = ({ code }) => {
    if (line !== socket) return;
    if (code === 4401) return ended();
    tries += 1;
    // Where sockets do not get through, asking does.
    if (tries > 1) refresh(last).then(() => say(""), () => say("No connection. We keep trying."));
    clearTimeout(asking);
    asking = setTimeout(connect, Math.min(30_000, 500 * 2 ** tries) * (0.5 + Math.random()));
  };
}
addEventListener("online", connect);

function ended() {
  keep(null);
  known(false);
  say("This chat has ended. Write again to start a new one.");
}

// -- going out

function wrong(fields) {
  for (const error of who.querySelectorAll(".error")) error.textContent = "";
  for (const field of who.querySelectorAll("input")) field.removeAttribute("aria-invalid");
  let first = null;
  for (const { key, message } of fields) {
    const field = form.elements[key];
    if (!field || !$(`${key}-error`)) continue;
    $(`${key}-error`).textContent = message;
    field.setAttribute("aria-invalid", "true");
    first ||= field;
  }
  first?.focus();
}

async function hand(draft, line) {
  try {
    if (!load()) keep({ key: (await call("/visitors", { page: where })).key });
    const message = await call("/messages", draft);
    known(true);
    wrong([]);
    say("");
    draw(message);
    connect();
  } catch (error) {
    if (error.status === 401) ended();
    if (error.status === 422) {
      line.remove();
      shown.delete(draft.client_id);
      body.value ||= draft.body;
      wrong(error.fields);
      say(error.fields.length && error.fields[0].key !== "body" ? "" : error.message);
      return;
    }
    line.classList.add("failed");
    const again = make("button", "again", "Not sent. Try again");
    again.type = "button";
    again.onclick = () => {
      again.remove();
      line.classList.remove("failed");
      hand({ ...draft, ...asked() }, line);
    };
    line.append(again);
    say(error.status ? error.message : "");
  }
}

const asked = () => (who.hidden ? {} : Object.fromEntries([...who.querySelectorAll("input")].map((field) => [field.name, field.value])));

function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  return [...bytes].map((byte, i) => ([4, 6, 8, 10].includes(i) ? "-" : "") + byte.toString(16).padStart(2, "0")).join("");
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = body.value;
  if (!text.trim()) return body.focus();
  const draft = { client_id: uuid(), body: text, ...asked() };
  const line = make("div", "line mine waiting");
  line.append(make("span", "vh", "You"), Object.assign(make("p", "bubble", text), { dir: "auto" }), make("span", "time", "Sending"));
  shown.set(draft.client_id, line);
  put(line);
  body.value = "";
  typed(false);
  hand(draft, line);
});

$("file").addEventListener("change", ({ target }) => {
  const [file] = target.files;
  if (file) more().then((module) => module.send(file, { base, kept, make, put, draw, say, shown, id: uuid() }), () => say("No connection. Choose the file again."));
  target.value = "";
});

let saidTyping = 0;

function typed(on) {
  if (socket?.readyState !== 1 || (on && Date.now() - saidTyping < 3_000) || (!on && !saidTyping)) return;
  saidTyping = on ? Date.now() : 0;
  socket.send(JSON.stringify({ t: "typing", on }));
}

body.addEventListener("input", () => typed(Boolean(body.value)));
body.addEventListener("blur", () => typed(false));
body.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});

// -- the page around us

const close = () => tell("close");
$("close")?.addEventListener("click", close);
addEventListener("keydown", (event) => event.key === "Escape" && host && close());
addEventListener("message", ({ source, data }) => {
  if (!host || source !== host || !data) return;
  if (typeof data.page === "string") where = data.page;
  open = data.orasync === "open";
  if (!open) return typed(false);
  counted();
  log.scrollTop = log.scrollHeight;
  (who.hidden ? body : form.elements.name).focus();
  look();
});

if (load()) connect();
tell("ready", { title: document.title, color: page.accent });
