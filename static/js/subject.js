/* The subject of a conversation's first mail: a draft like the text, and sent with it. Loaded where there is such a field. */

import { byId } from "./dom.js";
import * as drafts from "./drafts.js";

const field = () => byId("subject");
const thread = () => byId("conversation").dataset.thread;

/** Fit the field to the conversation that is on the screen now. */
export function bind() {
  if (field()) field().value = drafts.opened(thread(), "subject", field().defaultValue);
}

/** Take what is typed to be sent with a mail; null for every other way. */
export function take(where, channel) {
  if (channel !== "email" || !field()) return null;
  const text = field().value.trim();
  field().value = "";
  drafts.taken(where, "subject");
  return text;
}

/** It was not sent: it stands in the field again. */
export function putBack(where, text) {
  if (!text) return;
  drafts.typed(where, "subject", text);
  if (field() && where === thread()) field().value = text;
}

document.addEventListener("input", (event) => {
  if (event.target === field()) drafts.typed(thread(), "subject", event.target.value);
});
document.addEventListener("keydown", (event) => {
  // Enter in a form's line would send the form; here it goes on to the text.
  if (event.target !== field() || event.key !== "Enter") return;
  event.preventDefault();
  if (event.ctrlKey || event.metaKey) byId("send").click();
  else byId("body").focus();
});
