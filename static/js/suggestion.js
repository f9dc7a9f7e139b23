/* The assistant's card in the open conversation: as the server draws it, while it is being written, and what its buttons do. */

import { $, $$, announce, byId, firstName, make } from "./dom.js";
import { post } from "./api.js";
import { fence, sent, setText, write } from "./composer.js";
import { whenLine } from "./connection.js";
import { redrawHead } from "./conversation.js";
import { toast, toastError } from "./toast.js";

const UPDATE_MS = 16_000; // for so long a rule is thought to be at the next suggestion; app/ai/service/suggestions.py
const WRITING_MS = 20_000;
const NEW_MS = 800; // another text has taken the place of the one that somebody was about to send

const card = () => byId("suggestion");
const isAway = () => navigator.onLine === false || document.body.classList.contains("is-offline");
let timer = 0;
let drawn = ""; // the card as it came, before anything here was switched off
let readFrom = 0; // from then on the text counts as seen

/** Without a connection only "Edit first" works: the text is here already. */
function showLine() {
  for (const button of $$("#suggestion [data-do]:not([data-do=edit]), #suggest")) button.disabled = isAway() || (button.dataset.do === "send" && Date.now() < readFrom);
}
whenLine(showLine);

/** Put what the server drew in the card's place; nothing takes it away. */
export function swap(next) {
  const now = card();
  const html = next?.outerHTML || "";
  if (next ? now && html === drawn : !now) return;
  drawn = html;
  const log = byId("log");
  const ended = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const focused = now?.contains(document.activeElement) && (document.activeElement.dataset.do || "make");
  now?.remove();
  clearTimeout(timer);
  if (next) $("#conversation .composer-area").prepend(next);
  // A click or Enter that was meant for the text before does not send this one.
  if (now && next && next.dataset.suggestion !== now.dataset.suggestion) {
    readFrom = Date.now() + NEW_MS;
    setTimeout(showLine, NEW_MS + 20);
  }
  showLine();
  if (next?.dataset.updates !== undefined) timer = setTimeout(redrawHead, UPDATE_MS);
  if (ended) log.scrollTop = log.scrollHeight;
  const again = next?.dataset.suggestion ? $(`[data-do=${focused === "send" ? "edit" : focused}]`, next) : next;
  if (focused) (again || byId("body"))?.focus();
  if (next && next.dataset.suggestion && next.dataset.suggestion !== now?.dataset.suggestion) announce(`Suggested reply: ${$(".suggestion-text", next).textContent}`);
}

/** A model is writing for a conversation, and this is what there is of it. */
export function writing({ thread, text }) {
  if (thread !== fence().thread || !byId("composer")) return;
  let box = card();
  if (!box || box.dataset.suggestion) {
    const next = make("section", { class: "suggestion", id: "suggestion", "aria-label": "Suggested reply", tabindex: "-1" },
      make("p", { class: "suggestion-head" }, ...[$("#suggest svg")?.cloneNode(true)].filter(Boolean), make("strong", {}, "Writing a suggestion…"), make("span", { class: "dots", "aria-hidden": "true" }, make("i"), make("i"), make("i"))),
      make("p", { class: "suggestion-text", dir: "auto" }));
    swap(next);
    announce("Writing a suggestion");
    box = next;
  }
  const log = byId("log");
  const ended = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  $(".suggestion-text", box).textContent = text || "";
  if (ended) log.scrollTop = log.scrollHeight;
  clearTimeout(timer);
  timer = setTimeout(redrawHead, WRITING_MS); // whoever wrote it has gone
}

const DO = {
  async make(thread) {
    writing({ thread });
    await post("/ai-suggest", { type: "reply", thread_id: thread });
  },
  async send(thread, id) {
    const channel = $("#composer input[name=channel]:checked")?.value || null;
    sent(await post(`/threads/${thread}/suggestions/${id}/send`, { channel }), thread, false);
  },
  async edit(thread, id) {
    const shown = $(".suggestion-text", card()).textContent;
    const { text } = isAway() ? { text: shown } : await post(`/threads/${thread}/suggestions/${id}/edit`);
    write("reply");
    const field = byId("body");
    setText(field.value.trim() ? `${field.value.trimEnd()}\n${text}` : text);
    field.focus();
  },
  dismiss: (thread, id) => post(`/threads/${thread}/suggestions/${id}/dismiss`),
};

/** Do what a button of the card, the composer or a message says. */
export async function run(button) {
  if (button.dataset.act === "remember") return remember(button);
  const { thread } = fence();
  button.disabled = true;
  try {
    await DO[button.dataset.do](thread, card()?.dataset.suggestion);
  } catch (error) {
    if (error.code === "thread_moved_on") toast(`${firstName(byId("conversation").dataset.name)} or a colleague wrote since. Nothing was sent.`, { error: true });
    else toastError(error);
  } finally {
    button.disabled = false;
    if (!isAway()) redrawHead();
    else if (button.dataset.do === "edit") swap(null);
    showLine();
  }
  return undefined;
}

/** Have the assistant remember an answer with the question before it. */
async function remember(button) {
  button.disabled = true;
  try {
    const { title } = await post(`/messages/${button.dataset.message}/remember`);
    toast(`Remembered as the answer to “${title.length > 60 ? `${title.slice(0, 59)}…` : title}”.`);
  } catch (error) {
    button.disabled = false;
    toastError(error);
  }
}
