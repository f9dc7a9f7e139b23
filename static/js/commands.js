/* What the palette offers about the open conversation, its saved replies, and the dialog for a new message.
   Loaded with the first of these that is opened (offer.js). */

import { $, $$, byId, me, runAct } from "./dom.js";
import { isLeaving, sendForm } from "./api.js";
import { assign, choose, finish, markUnread, reopen } from "./acts.js";
import { filled } from "./complete.js";
import { setText, write } from "./composer.js";
import { open } from "./conversation.js";
import "./notices.js";
import { openThread } from "./list.js";
import { offer } from "./offer.js";

// Parts of the details: the palette unfolds them and puts the focus there.
const FOLDS = [["point-add", "Add a number or address"], ["sharer-add", "Somebody shares this number"], ["block", "Block this person"]];

// What the assistant can be asked here: what its buttons do.
const ASSISTANT = [
  ["#suggest", "Suggest a reply", ""], ["[data-act=take-over]", "Take over from the assistant", "o"], ["[data-act=hand-back]", "Hand back to the assistant", ""],
];

function unfold(id) {
  const fold = byId(id);
  if (!fold.offsetParent) runAct("details");
  fold.open = true;
  $("input:not([type=hidden]), button", fold).focus();
}

offer(() => {
  const id = openThread();
  if (!id || !byId("composer")) return [];
  const name = byId("conversation").dataset.name;
  const closed = byId("conversation").dataset.state !== "open";
  return [
    ["Reply", "r", () => write("reply")],
    ["Write a note to the team", "n", () => write("note")],
    closed ? ["Reopen", "e", () => reopen([id])] : ["Done", "e", () => finish([id])],
    ["Give it to me", "m", () => assign([id], me.id)],
    ["Assign", "a", () => choose("assign", [id])],
    ["Snooze", "h", () => choose("snooze", [id])],
    ["Tag", "t", () => choose("tag", [id])],
    ["Mark unread", "", () => markUnread([id])],
    ...ASSISTANT.filter(([button]) => $(button)).map(([button, word, key]) => [word, key, () => $(button).click()]),
    ...FOLDS.filter(([fold]) => byId(fold)).map(([fold, word]) => [word, "", () => unfold(fold)]),
  ].map(([word, hint, run]) => ({ group: `Conversation with ${name}`, word, hint, run }));
});

offer(() => [
  ...($("[data-act=new]") ? [{ group: "Inbox", word: "New message", hint: "c", run: () => runAct("new") }] : []),
  { group: "Inbox", word: "Patients who need help", run: () => runAct("alerts") },
]);

offer(() => $$("#saved-menu [data-act=use-reply]").map((button) => ({
  group: "Saved replies", word: button.dataset.name, hint: filled(button.dataset.body).slice(0, 60),
  run: () => {
    write("reply");
    const field = byId("body");
    setText(field.value.trim() ? `${field.value.trimEnd()} ${filled(button.dataset.body)}` : filled(button.dataset.body));
  },
})));

byId("new-to")?.addEventListener("input", (event) => {
  byId("new-subject-field").hidden = !event.target.value.includes("@");
});

byId("new-form")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const wrong = byId("new-error");
  const button = $("button[type=submit]", form);
  wrong.hidden = true;
  button.disabled = true;
  try {
    const id = new URL(await sendForm(form)).searchParams.get("thread");
    byId("new").close();
    form.reset();
    byId("new-subject-field").hidden = true;
    if (id) await open(id, { focus: "reply" });
  } catch (error) {
    if (isLeaving()) return;
    wrong.textContent = error.message;
    wrong.hidden = false;
    byId("new-to").focus();
  } finally {
    button.disabled = false;
  }
});
