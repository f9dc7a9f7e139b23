/* The field people write in: reply or note, its channel, its length, its draft, and sending exactly once. */

import { $, $$, act, byId, firstName, me, uuid } from "./dom.js";
import { isLeaving, post } from "./api.js";
import { live } from "./live.js";
import * as drafts from "./drafts.js";
import * as outbox from "./outbox.js";
import { closeMenuOf } from "./menu.js";
import { onTyping, sayStopped, sayTyping, team, typingText } from "./presence.js";
import { ago } from "./time.js";
import { toast, toastError, undoable } from "./toast.js";

const READ_MS = 1_000; // what has stood on the screen this long counts as seen by the author

const form = () => byId("composer");
const field = () => byId("body");
const thread = () => byId("conversation")?.dataset.thread || "";
const kind = () => form()?.dataset.kind || "reply";

let seen = 0; // the newest number the author has seen: the reply fence
let shown = 0; // the newest number on the screen
let conflict = null; // somebody's answer that came while this one was being written
let bound = null;

/** Fit the field to the conversation that is on the screen now. */
export function bindComposer() {
  const section = byId("conversation");
  conflict = null; // of the conversation before; must not count as seen here
  setConflict(null);
  seen = shown = Number(section?.dataset.seen || 0);
  bound = form();
  if (!bound) return;
  const area = field();
  // Both drafts come with the page; the field shows the reply's.
  drafts.opened(thread(), "note", area.dataset.noteDraft || "");
  area.value = drafts.opened(thread(), "reply", area.defaultValue);
  bound.dataset.kind = "reply";
  if (byId("subject")) import("./subject.js").then((module) => (subject = module).bind()).catch(() => {});
  showKind();
  showTyping();
  files?.draw(thread());
  showWindow();
  if (byId("there")) later((module) => module.showThere());
}

// What waits for its time, and the clock where the patient is.
const later = (task) => import("./later.js").then(task).catch(toastError);
act("later", (_event, button) => later((module) => module.run(button)));
document.addEventListener("toggle", ({ target }) => target.id === "later-menu" && target.open && later((module) => module.opened(target)), true);

/** WhatsApp's 24 hours end at `until`. What shows them comes with the first conversation that has them. */
export function showWindow(until) {
  if (!form()?.dataset.window) return;
  if (until !== undefined) form().dataset.until = until || "";
  import("./templates.js").then((templates) => templates.showWindow()).catch(() => {});
}

/** What the author of a message has seen of the open conversation. */
export const fence = () => ({ thread: thread(), seen });

function focusField() {
  if (field()?.offsetParent) field().focus();
  else import("./templates.js").then((templates) => templates.focusPicker()).catch(() => {});
}

/** Another conversation is about to be shown: what was typed goes to the server now. */
export function leaveComposer() {
  sayStopped();
  helper?.close();
  drafts.saveAll();
}

/** Write a text into the open field, as if typed. */
export function setText(text) {
  const area = field();
  if (!area) return;
  area.value = text;
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

// -- reply or note

function setKind(next) {
  if (!form() || kind() === next) return;
  sayStopped();
  helper?.close();
  form().dataset.kind = next;
  field().value = drafts.textOf(thread(), next);
  showKind();
}

function showKind() {
  const area = field();
  for (const button of $$("[data-act=reply], [data-act=note]", form())) button.setAttribute("aria-pressed", String(button.dataset.act === kind()));
  area.placeholder = area.dataset[kind() === "note" ? "notePlaceholder" : "replyPlaceholder"] || "";
  grow();
  showLength();
  showSend();
}

act("reply note", (_event, button) => {
  const pressed = button.dataset?.act || "reply";
  setKind(pressed);
  focusField();
});

export function write(which) {
  if (!form()) return false;
  setKind(which);
  focusField();
  return true;
}

// -- files

let files = null; // files.js, from the first file on
let subject = null; // subject.js, from the first conversation on that has no mail yet

async function withFiles(task) {
  files ||= await import("./files.js");
  task(files);
}

function addFiles(list) {
  const where = thread();
  if (list.length && kind() === "reply") withFiles((box) => box.add(where, list));
}

document.addEventListener("change", (event) => {
  if (event.target.name !== "files" || !form()?.contains(event.target)) return;
  addFiles([...event.target.files]);
  event.target.value = "";
});
document.addEventListener("paste", (event) => {
  if (event.target !== field() || !event.clipboardData?.files.length) return;
  event.preventDefault();
  addFiles([...event.clipboardData.files]);
});
for (const type of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(type, (event) => {
    const over = event.target.closest?.("#conversation") && form();
    if (!over || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    over.classList.toggle("is-dropping", type === "dragover");
    if (type === "drop") addFiles([...event.dataTransfer.files]);
  });
}

// -- while typing

let helper = null; // complete.js: what completes and counts, from the first time that the field is used

const withHelper = (task) => import("./complete.js").then((module) => task((helper = module)));

function help() {
  if (helper) return;
  withHelper(() => {
    showLength();
    if (document.activeElement === field()) helper.suggest();
  }).catch(() => {}); // one can write without it
}
document.addEventListener("focusin", (event) => event.target === field() && help());

const channel = () => $("input[name=channel]:checked", form())?.value || null;

document.addEventListener("input", (event) => {
  if (event.target !== field()) {
    if (event.target.id === "saved-filter") withHelper(() => helper.filterReplies(event.target.value)).catch(toastError);
    return;
  }
  drafts.typed(thread(), kind(), field().value);
  if (field().value) sayTyping(thread());
  else sayStopped();
  // Whoever changes the text after having been shown what is new writes in the light of it.
  if (conflict?.refused) setConflict(null);
  grow();
  showLength();
  helper?.suggest();
});

document.addEventListener("focusout", (event) => {
  if (event.target === field()) {
    helper?.close();
    sayStopped();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.target.name === "channel" && event.key === "Enter") {
    event.preventDefault();
    event.target.click();
    return;
  }
  if (event.target !== field() || helper?.takeKey(event)) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) {
    event.preventDefault();
    submit({ done: event.shiftKey });
  }
}, true);

function grow() {
  // Browsers without field-sizing grow the field by hand.
  if (CSS.supports("field-sizing", "content")) return;
  const area = field();
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight}px`;
}

function showLength() {
  const line = byId("length");
  if (!line) return;
  const counted = kind() === "reply" && channel() === "sms" && field().value;
  if (counted) help();
  line.textContent = counted && helper ? helper.lengthLine(counted) : "";
}

/** Say on the button what a click will do. */
export function showSend() {
  const word = $("#send .send-word");
  if (!word) return;
  const away = navigator.onLine === false || live.state === "offline";
  word.textContent = away ? "Send when back" : "Send";
}

document.addEventListener("change", (event) => {
  if (event.target.name !== "channel" || !form()?.contains(event.target)) return;
  const { word, icon } = event.target.dataset;
  const summary = $("#way-menu > summary");
  for (const label of $$("[data-live=way]", summary)) label.textContent = word;
  summary.setAttribute("aria-label", `Send as ${word}`);
  const glyph = $(".way-glyph use", summary);
  if (glyph && icon) glyph.setAttribute("href", glyph.getAttribute("href").replace(/#.*/, `#${icon}`));
  form().dataset.way = event.target.value;
  showLength();
  showWindow();
});
document.addEventListener("click", (event) => {
  if (event.target.name === "channel") closeMenuOf(event.target);
});

act("use-reply emoji", (_event, button) => {
  closeMenuOf(button);
  withHelper(() => helper.insert(button)).catch(toastError);
});

// -- somebody else

function showTyping() {
  const line = byId("replying");
  if (!line) return;
  const text = typingText(thread(), "");
  line.hidden = !text;
  $(".replying-text", line).textContent = text;
}
onTyping((where) => where === thread() && showTyping());

/** A message came into the open conversation: is it seen, or did somebody answer while this answer was being written? */
export function messageCame(message) {
  if (message.thread_id !== thread() || message.author.id === me.id) return;
  if (message.direction === "out" && message.kind === "text" && kind() === "reply" && field()?.value.trim()) {
    setConflict({ message, refused: false });
    return;
  }
  shown = Math.max(shown, message.seq);
  seenMore();
}

let settling = 0;

/** What stands on the screen long enough has been seen, so an answer to it may go. */
export function seenMore() {
  clearTimeout(settling);
  if (shown <= seen || conflict) return;
  settling = setTimeout(() => {
    const log = byId("log");
    const below = log && log.scrollHeight - log.scrollTop - log.clientHeight > 80;
    if (!document.hidden && !below && !conflict) seen = Math.max(seen, shown);
  }, READ_MS);
}
document.addEventListener("visibilitychange", () => document.hidden || seenMore());

let ticking = 0;

function setConflict(next) {
  if (!next && conflict) {
    seen = Math.max(seen, conflict.message.seq);
  }
  conflict = next;
  clearInterval(ticking);
  showConflict();
  if (next) ticking = setInterval(showConflict, 10_000);
}

function showConflict() {
  const line = byId("moved-on");
  if (!line) return;
  line.hidden = !conflict;
  if (!conflict) return;
  const { message, refused } = conflict;
  const own = byId("conversation").dataset.firstName;
  const name = message.direction === "in" ? own : firstName(message.author.name) || "Somebody";
  const verb = message.direction === "in" ? "wrote" : message.kind === "note" ? "left a note" : "replied";
  const words = message.body.length > 120 ? `${message.body.slice(0, 119)}…` : message.body;
  const tail = refused ? " Nothing was sent yet." : "";
  $(".moved-on-text", line).textContent = `${name} ${verb} ${ago(message.created_at)}: “${words}”${tail}`;
}

// -- sending

/** Send what is in the field, at `sendAt` or now. `done` closes the conversation when it is in, `anyway` passes the fence. */
export function submit({ done = false, anyway = false, sendAt = null } = {}) {
  const area = field();
  const body = area?.value || "";
  const which = kind();
  const withThem = which === "reply" && files?.any(thread());
  if (!body.trim() && !withThem) {
    area?.focus();
    return;
  }
  if (withThem && files.waits(thread())) {
    toast("A file is still on its way. Send again in a moment.");
    return;
  }
  if (which === "reply" && !channel()) {
    toast("There is no way to answer this person yet. Add a number or an address first.", { error: true });
    return;
  }
  const where = thread();
  const entry = {
    id: uuid(), thread: where, kind: which, body, channel: channel(), seen, anyway, sendAt, mentions: which === "note" ? team().filter(({ name }) => body.includes(`@${name}`)).map(({ id }) => id) : [],
    files: withThem ? files.take(where) : [], subject: which === "reply" ? subject?.take(where, channel()) : null, name: byId("conversation").dataset.name, then: (message) => sent(message, where, done),
  };
  area.value = "";
  drafts.taken(where, which);
  sayStopped();
  helper?.close();
  if (anyway) setConflict(null);
  grow();
  showLength();
  byId("messages").append(outbox.send(entry));
  const log = byId("log");
  log.scrollTop = log.scrollHeight;
  area.focus();
}

export function sent(message, where, done) {
  if (message?.status === "scheduled") undoable(() => takeBack(message.id));
  if (done) post(`/threads/${where}/close`).catch(toastError);
}

outbox.whenRefused((entry, error) => {
  const here = entry.thread === thread();
  const text = drafts.putBack(entry.thread, entry.kind, entry.body);
  files?.putBack(entry.thread, entry.files);
  subject?.putBack(entry.thread, entry.subject);
  if (here && kind() === entry.kind) field().value = text;
  if (here) showLength();
  if (error.code !== "thread_moved_on") {
    toastError(error);
    return;
  }
  const newest = error.problem.messages?.at(-1);
  if (here && newest) setConflict({ message: newest, refused: true, sendAt: entry.sendAt });
  else toast(`${entry.name} or a colleague wrote since. Your answer is kept as a draft.`, { error: true });
});

document.addEventListener("submit", (event) => {
  if (event.target !== form()) return;
  event.preventDefault();
  const anyway = event.submitter?.dataset.act === "send-anyway";
  submit({ anyway, sendAt: anyway ? conflict?.sendAt : null }); // refused for later, it still goes then
});

act("held-send", outbox.sendHeld);
act("held-keep", () => outbox.keepHeld((where, kept, line) => {
  files?.putBack(where, kept);
  subject?.putBack(where, line);
  if (where === thread()) setText(drafts.textOf(where, kind()));
}));

// -- messages that can still be taken back, tried again or decided about

/** Take a message back before it leaves; its text returns to the field. */
export async function takeBack(id) {
  try {
    const message = await post(`/messages/${id}/cancel`);
    if (message.thread_id === thread() && !message.details?.template) {
      setKind("reply");
      if (!field()?.value.trim()) setText(message.body);
      subject?.putBack(message.thread_id, message.details?.subject);
      if (message.attachments.length) withFiles((box) => box.putBack(message.thread_id, message.attachments));
      field()?.focus();
    }
    toast("Taken back. It was not sent.");
  } catch (error) {
    toastError(error);
  }
}

act("undo", (_event, button) => {
  button.disabled = true;
  takeBack(button.dataset.message);
});
act("retry resend went another-way", (_event, button) => import("./another_way.js").then((module) => module.run(button)).catch(toastError));
act("mail mail-pictures", (_event, button) => import("./mail.js").then((module) => module.run(button)).catch(toastError));
act("suggest remember", (_event, button) => import("./suggestion.js").then((module) => module.run(button)).catch(toastError));

setInterval(() => {
  for (const bubble of $$("#messages > .msg[data-send-at]")) {
    const left = Math.ceil((Date.parse(bubble.dataset.sendAt) - Date.now()) / 1_000);
    const button = $("[data-act=undo]", bubble);
    if (!button) continue;
    const word = left > 0 && left < 60 ? `Undo (${left})` : left > 0 ? "Undo" : "";
    if (button.textContent !== word) button.textContent = word;
    button.hidden = left <= 0;
  }
}, 500);

addEventListener("beforeunload", (event) => {
  // Asked only when something typed would really be lost.
  if (isLeaving()) return;
  if (!outbox.isEmpty() || (!drafts.areSaved() && navigator.onLine === false)) event.preventDefault();
});
