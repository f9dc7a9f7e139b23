/* What has been typed and not sent: kept in memory per conversation and kind until the server has it. Never on this computer. */

import { put } from "./api.js";

const PAUSE_MS = 1_000;
const AGAIN_MS = 5_000;

/** "thread kind" -> {text, saved, timer, saving, sending}. `saved` is what the server is known to hold; while `sending`
    an empty field is not told to the server, so that a reload before the message is in loses nothing. */
const drafts = new Map();
const keyOf = (thread, kind) => `${thread} ${kind}`;

function entry(thread, kind) {
  const key = keyOf(thread, kind);
  if (!drafts.has(key)) drafts.set(key, { thread, kind, text: "", saved: "", timer: 0, saving: false, sending: false });
  return drafts.get(key);
}

/** Take what the server drew into the page; returns what to show: typed text that it does not have yet wins. */
export function opened(thread, kind, fromServer) {
  const draft = entry(thread, kind);
  const waits = draft.text !== draft.saved || draft.saving;
  draft.saved = fromServer;
  if (!waits) draft.text = fromServer;
  return draft.text;
}

export const textOf = (thread, kind) => drafts.get(keyOf(thread, kind))?.text || "";

/** Keep what is typed; the server gets it a second after the last key. */
export function typed(thread, kind, text) {
  const draft = entry(thread, kind);
  draft.text = text;
  clearTimeout(draft.timer);
  draft.timer = setTimeout(() => save(draft), PAUSE_MS);
}

const isDue = (draft) => !draft.gone && draft.text !== draft.saved && !(draft.sending && !draft.text);

async function save(draft) {
  clearTimeout(draft.timer);
  draft.timer = 0;
  if (draft.saving || !isDue(draft)) return;
  draft.saving = true;
  const text = draft.text;
  try {
    await put(`/threads/${draft.thread}/draft`, { body: text, kind: draft.kind });
    draft.saved = text;
  } catch (error) {
    if (error.isUnsure) draft.timer = setTimeout(() => save(draft), AGAIN_MS);
    // The conversation was joined with another one, and we hear of that in a moment: `leftFrom` takes the text along.
    else if (error.status === 409) draft.gone = true;
    // A role does not change by asking again.
    else draft.saved = text;
  } finally {
    draft.saving = false;
  }
  if (isDue(draft) && !draft.timer) save(draft);
}

/** The text was taken from the field to be sent. */
export function taken(thread, kind) {
  const draft = entry(thread, kind);
  clearTimeout(draft.timer);
  draft.timer = 0;
  draft.text = "";
  draft.sending = true;
}

/** The message is in, and the server has dropped its copy with it; a copy that is on its way at this moment is dropped after. */
export function sent(thread, kind) {
  const draft = entry(thread, kind);
  draft.sending = false;
  if (!draft.saving && !draft.text) draft.saved = "";
  if (kind === "reply") sent(thread, "subject");
}

/** A conversation is no more: what was typed there is its new one's, and nothing is told to the server for it. */
export function leftFrom(thread, kind) {
  const draft = entry(thread, kind);
  const left = { text: draft.text, saved: draft.saved };
  clearTimeout(draft.timer);
  drafts.delete(keyOf(thread, kind));
  return left;
}

/** Put a text back as a draft, under what has been typed since. */
export function putBack(thread, kind, text) {
  const draft = entry(thread, kind);
  const now = draft.text.trim();
  draft.sending = false;
  typed(thread, kind, now && now !== text.trim() ? `${text}\n${draft.text}` : text);
  return draft.text;
}

/** Send everything that waits, now: another conversation is opened, the page goes away, or the line is back. */
export function saveAll() {
  for (const draft of drafts.values()) save(draft);
}

export const areSaved = () => [...drafts.values()].every((draft) => draft.gone || (draft.text === draft.saved && !draft.saving));

addEventListener("pagehide", () => {
  for (const draft of drafts.values()) {
    if (!isDue(draft)) continue;
    put(`/threads/${draft.thread}/draft`, { body: draft.text, kind: draft.kind }, { keepalive: true }).catch(() => {});
  }
});
