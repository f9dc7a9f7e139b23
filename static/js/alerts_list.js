/* All patients who need help, as the bell lists them. Loaded when it is first pressed. */

import { byId, firstName, initials, make } from "./dom.js";
import { get } from "./api.js";
import { waitingMinutes, waitingText } from "./time.js";

/** Fill the open dialog. */
export async function fill() {
  const rows = byId("alerts-rows");
  try {
    const page = await get("/threads?view=todo&limit=50");
    const found = page.items.filter((thread) => thread.escalated).sort((a, b) => Boolean(a.assignee) - Boolean(b.assignee));
    rows.replaceChildren(...found.map(line));
    byId("alerts-none").hidden = found.length > 0;
  } catch (error) {
    rows.replaceChildren(make("li", {}, error.message));
  }
}

function line(thread) {
  const name = thread.contact.name || thread.contact.phone || "A patient";
  const wait = thread.waiting_since ? `${waitingText(waitingMinutes(thread.waiting_since))} · ` : "";
  const who = thread.assignee ? `${thread.assignee.name} has it` : "nobody on it";
  const words = make("div", { class: "grow" }, make("strong", {}, `${name}: ${thread.alert || "needs help"}`), make("p", { class: "small muted" }, wait + who));
  const button = make("button", { class: "btn btn-danger", type: "button", "data-act": "help", "data-thread": thread.id }, initials(name) === "#" ? "Help now" : `Help ${firstName(name)}`);
  button.addEventListener("click", () => byId("alerts-list").close());
  return make("li", {}, words, button);
}
