// The field one writes in: drafts that are never lost, sends that never double, the fence's "send anyway".
import {$, $$, act, body, byId, on, show, tell} from "./page.js";
import {call, newId, post, Problem, put} from "./api.js";
import {isOnline, send as sendFrame} from "./live.js";
import {selected} from "./list.js";
import {done, toEnd} from "./conversation.js";
import {clockTime} from "./time.js";
import {sorry, toast} from "./toast.js";

const SAVE_AFTER = 1000;
const TYPING_EVERY = 3000;
const ASK_AFTER = 120000;
const unsaved = new Map();     // "thread kind" -> text, until the server has it
const outbox = new Map();      // client id -> what to send, until the server has it
let saveTimer = null;
let typedAt = 0;
let started = null;            // the seq that was seen when typing began

const form = () => byId("composer");
const field = () => byId("body");
const kind = () => form()?.dataset.kind || "reply";
const pane = () => byId("conversation");
const seen = () => Number(pane()?.dataset.seen || 0);

// -- drafts

const texts = new Map();
const key = (thread, which) => `${thread} ${which}`;

function keep() {
  const thread = selected();
  if (!thread || !field()) return;
  texts.set(key(thread, kind()), field().value);
  unsaved.set(key(thread, kind()), field().value);
  clearTimeout(saveTimer);
  saveTimer = setTimeout(save, SAVE_AFTER);
}

async function save() {
  for (const [name, text] of [...unsaved]) {
    const [thread, which] = name.split(" ");
    try {
      await put(`threads/${thread}/draft`, {body: text, kind: which});
      if (unsaved.get(name) === text) unsaved.delete(name);
    } catch (error) {
      if (error instanceof Problem) unsaved.delete(name); // the server will not take it; it stays on the screen
    }
  }
}
addEventListener("pagehide", () => {
  for (const [name, text] of unsaved) {
    const [thread, which] = name.split(" ");
    call("PUT", `threads/${thread}/draft`, {body: text, kind: which}, {keepalive: true}).catch(() => {});
  }
});
addEventListener("beforeunload", (event) => { if (outbox.size) event.preventDefault(); });

/** Switches between a reply and a note; each keeps its own text. */
export function setKind(which) {
  if (!form() || which === kind()) { field()?.focus(); return; }
  const thread = selected();
  texts.set(key(thread, kind()), field().value);
  form().dataset.kind = which;
  field().value = texts.get(key(thread, which)) ?? "";
  field().placeholder = field().dataset[which === "note" ? "notePlaceholder" : "replyPlaceholder"];
  for (const button of $$("button.seg", form())) button.setAttribute("aria-pressed", String(button.dataset.act === which));
  hint();
  grow();
  field().focus();
}

// -- sending

function clear() {
  const thread = selected();
  field().value = "";
  texts.set(key(thread, kind()), "");
  unsaved.delete(key(thread, kind()));
  started = null;
  byId("moved-on").hidden = true;
  typing(false);
  hint();
  grow();
}

function pendingBubble(item) {
  const bubble = byId("pending-template").content.firstElementChild.cloneNode(true);
  bubble.dataset.client = item.data.client_id;
  bubble.classList.add("is-pending");
  if (item.kind === "note") { bubble.dataset.kind = "note"; bubble.className = "msg msg-note is-pending"; }
  $(".bubble-text", bubble).textContent = item.data.body;
  $("time", bubble).textContent = clockTime(new Date());
  $(".status", bubble).textContent = isOnline() ? (item.kind === "note" ? "Saving" : "Sending") : "Waits here until you are back";
  byId("messages").append(bubble);
  toEnd();
  return bubble;
}

/** Sends what is in the field: the bubble is there at once, the id makes it happen once. */
export function submit({thenDone = false, anyway = false} = {}) {
  const thread = selected();
  const text = field()?.value.trim();
  if (!thread || !text) return;
  const item = {
    thread, kind: kind(), at: Date.now(), thenDone,
    data: kind() === "note" ? {body: text, client_id: newId(), mentions: mentioned(text)}
      : {body: text, client_id: newId(), channel: $("input[name=channel]:checked", form())?.value || null, seen: anyway ? seen() : (started ?? seen()), anyway},
  };
  item.bubble = pendingBubble(item);
  outbox.set(item.data.client_id, item);
  clear();
  if (isOnline() || navigator.onLine) deliver(item); else hold();
}

async function deliver(item) {
  try {
    const message = await post(`threads/${item.thread}/${item.kind === "note" ? "notes" : "messages"}`, item.data);
    outbox.delete(item.data.client_id);
    item.bubble.classList.remove("is-pending");
    if (!item.bubble.id && item.bubble.isConnected) {
      if (byId(`m-${message.id}`)) item.bubble.remove(); else item.bubble.id = `m-${message.id}`;
    }
    if (item.thenDone) done();
  } catch (error) {
    if (error instanceof TypeError || error.status === 503) { again(item); return; }
    outbox.delete(item.data.client_id);
    item.bubble.remove();
    if (selected() === item.thread && field() && !field().value) { field().value = item.data.body; keep(); grow(); }
    if (error.code === "thread_moved_on") movedOn(error.problem.messages || []); else sorry(error);
  }
}

// Tried again with the same id: whether or not the first one arrived, it is sent once.
function again(item) {
  $(".status", item.bubble).textContent = "Waits here until you are back";
  item.tries = (item.tries || 0) + 1;
  if (isOnline() && item.tries < 20) setTimeout(() => { if (outbox.has(item.data.client_id)) deliver(item); }, Math.min(10000, 500 * 2 ** item.tries));
  else hold();
}

function hold() {
  for (const word of $$(".send-word")) word.textContent = "Send when back";
}

on("offline", hold);
on("online", (away) => {
  for (const word of $$(".send-word")) word.textContent = "Send";
  save();
  const held = [...outbox.values()];
  if (!held.length) return;
  if (away > ASK_AFTER) { byId("held").hidden = false; return; }
  held.forEach(deliver);
});
act("held-send", () => { byId("held").hidden = true; [...outbox.values()].forEach(deliver); });
act("held-keep", () => {
  byId("held").hidden = true;
  for (const item of outbox.values()) {
    unsaved.set(key(item.thread, item.kind), item.data.body);
    texts.set(key(item.thread, item.kind), item.data.body);
    item.bubble.remove();
    if (selected() === item.thread && field() && !field().value) field().value = item.data.body;
  }
  outbox.clear();
  save();
  toast("Kept as a draft");
});

function movedOn(messages) {
  const newest = messages.at(-1);
  const who = newest ? (newest.author.name || pane().dataset.firstName).split(" ")[0] : "Somebody";
  $(".moved-on-text").textContent = newest ? `${who} wrote at ${clockTime(new Date(newest.created_at))}, before you sent. Nothing was sent yet.` : "Somebody wrote before you sent. Nothing was sent yet.";
  byId("moved-on").hidden = false;
  started = null;
  field()?.focus();
}
act("send-anyway", () => submit({anyway: true}));
act("send", () => submit());
act("reply", () => setKind("reply"));
act("note", () => setKind("note"));

// -- while typing

function typing(is) {
  const thread = selected();
  if (!thread) return;
  if (is && Date.now() - typedAt < TYPING_EVERY) return;
  if (!is && !typedAt) return;
  typedAt = is ? Date.now() : 0;
  sendFrame({t: "typing", thread, on: is});
}

const GSM = /^[\n\r !"#$%&'()*+,\-./0-9:;<=>?@A-Z_a-z£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà^{}\\[\]~|€]*$/u;
const DOUBLE = /[\^{}\\[\]~|€]/g;

/** How many texts it takes: 160 (153 each in a row) in the plain alphabet, 70 (67) with any other sign. */
function hint() {
  const place = byId("length");
  if (!place) return;
  const text = field()?.value || "";
  const way = $("input[name=channel]:checked", form())?.value;
  if (!text || kind() === "note" || way !== "sms") { place.textContent = ""; return; }
  const plain = GSM.test(text);
  const size = plain ? text.length + (text.match(DOUBLE) || []).length : text.length;
  const [one, each] = plain ? [160, 153] : [70, 67];
  const count = size <= one ? 1 : Math.ceil(size / each);
  place.textContent = `${count} ${count === 1 ? "text" : "texts"}${plain ? "" : " · emoji makes texts shorter"}`;
}

function grow() {
  const box = field();
  if (!box) return;
  box.rows = Math.min(10, Math.max(2, box.value.split("\n").length, Math.ceil(box.value.length / 60)));
}

// -- suggestions under the field: "/" saved replies, ":" emoji, "@" colleagues

const people = () => $$("#assign-menu [data-act=assign-to]").filter((one) => one.value).map((one) => ({id: one.value, name: one.value === body.dataset.staff ? body.dataset.staffName : nameOf(one)}));
const nameOf = (button) => [...button.childNodes].filter((one) => one.nodeType === 3).map((one) => one.textContent.trim()).join("");
const mentioned = (text) => people().filter((one) => text.includes(`@${one.name}`)).map((one) => one.id);

function fill(text) {
  return text.replaceAll("{first_name}", pane().dataset.firstName || "").replaceAll("{name}", pane().dataset.name || "")
    .replaceAll("{clinic}", body.dataset.clinicName || "").replaceAll("{my_name}", body.dataset.staffName || "");
}

function insert(text, from = field().selectionStart) {
  field().setRangeText(text, from, field().selectionEnd, "end");
  field().focus();
  field().dispatchEvent(new Event("input", {bubbles: true}));
}

let found = [];
let active = 0;
function suggest() {
  const box = byId("mentions");
  const head = field().value.slice(0, field().selectionStart);
  const match = /(^|\s)([/:@])([\p{L}\p{N} ]{0,30})$/u.exec(head);
  found = [];
  if (match) {
    const [, , sign, typed] = match;
    const from = head.length - typed.length - 1;
    const word = typed.toLowerCase();
    const has = (text) => text.toLowerCase().includes(word);
    if (sign === "/" && kind() === "reply") found = $$("[data-act=use-reply]").filter((one) => has(one.dataset.name)).map((one) => ({text: one.dataset.name, hint: one.dataset.body, run: () => insert(fill(one.dataset.body), from)}));
    if (sign === ":" && word) found = $$("[data-act=emoji]").filter((one) => has(one.dataset.name)).map((one) => ({text: `${one.dataset.emoji} ${one.dataset.name}`, run: () => insert(one.dataset.emoji, from)}));
    if (sign === "@" && kind() === "note") found = people().filter((one) => has(one.name)).map((one) => ({text: one.name, run: () => insert(`@${one.name} `, from)}));
  }
  found = found.slice(0, 6);
  active = 0;
  box.hidden = !found.length;
  paint();
}

function paint() {
  const box = byId("mentions");
  box.replaceChildren(...found.map((one, index) => {
    const item = document.createElement("li");
    item.id = `suggestion-${index}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", String(index === active));
    item.className = "menu-item";
    item.textContent = one.text;
    item.addEventListener("pointerdown", (event) => { event.preventDefault(); pick(index); });
    return item;
  }));
  if (found.length) field().setAttribute("aria-activedescendant", `suggestion-${active}`); else field().removeAttribute("aria-activedescendant");
}

function pick(index) {
  const one = found[index];
  found = [];
  byId("mentions").hidden = true;
  one?.run();
}

/** Keys that the field itself takes; says whether it did. */
export function fieldKey(event) {
  if (found.length) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { active = (active + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length; paint(); event.preventDefault(); return true; }
    if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") { pick(active); event.preventDefault(); return true; }
    if (event.key === "Escape") { found = []; byId("mentions").hidden = true; event.preventDefault(); return true; }
  }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); submit({thenDone: event.shiftKey}); return true; }
  return false;
}

act("use-reply", (button) => { byId("saved-menu").open = false; if (kind() !== "reply") setKind("reply"); insert(fill(button.dataset.body)); });
act("emoji", (button) => { byId("emoji-menu").open = false; insert(button.dataset.emoji); });

document.addEventListener("input", (event) => {
  if (event.target.id === "body") {
    if (started === null) started = seen();
    if (!event.target.value) started = null;
    keep();
    hint();
    grow();
    suggest();
    typing(Boolean(event.target.value));
  }
  if (event.target.id === "saved-filter") for (const one of $$("[data-act=use-reply]")) one.hidden = !`${one.dataset.name} ${one.dataset.body}`.toLowerCase().includes(event.target.value.toLowerCase());
  if (event.target.name === "channel" && event.target.closest("#way-menu")) {
    show("way", event.target.dataset.word);
    $("#way-menu .way-glyph use")?.setAttribute("href", $("#way-menu .way-glyph use").getAttribute("href").replace(/#.*$/, `#${event.target.dataset.icon}`));
    byId("way-menu").open = false;
    hint();
  }
});
document.addEventListener("submit", (event) => { if (event.target.id === "composer") { event.preventDefault(); submit(); } });
document.addEventListener("focusout", (event) => { if (event.target.id === "body") typing(false); });

// A colleague or the patient wrote while this person was typing: say so before they send.
on("seen", ({message}) => {
  if (message.author.id !== body.dataset.staff && field()?.value && message.kind === "text") movedOn([message]);
});

// -- undo of a scheduled send: the seconds run down on the bubble
setInterval(() => {
  for (const bubble of $$("li.msg[data-send-at][data-status=scheduled]")) {
    const left = Math.ceil((new Date(bubble.dataset.sendAt) - Date.now()) / 1000);
    const button = $("[data-act=undo]", bubble);
    if (!button) continue;
    button.hidden = left <= 0;
    if (left > 0 && left < 60) button.textContent = `Undo (${left})`;
  }
}, 250);

on("leaving", () => { if (field()?.value && selected()) save(); typing(false); });
on("opened", (thread) => {
  if (!field()) return;
  for (const [which, text] of [["reply", field().value], ["note", field().dataset.noteDraft || ""]]) {
    const name = key(thread, which);
    if (unsaved.has(name)) texts.set(name, unsaved.get(name)); else texts.set(name, text);
  }
  field().value = texts.get(key(thread, "reply"));
  started = field().value ? seen() : null;
  for (const item of outbox.values()) if (item.thread === thread) item.bubble = pendingBubble(item);
  hint();
  grow();
  tell("composer-ready");
});

/** The newest message of mine that can still be taken back. */
export const undoSend = () => {
  const button = $$("li.msg[data-status=scheduled] [data-act=undo]").at(-1);
  if (!button) return false;
  button.click();
  return true;
};
