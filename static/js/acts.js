/* What can be done with conversations: give, snooze, tag, done, unread; one or many; each with a way back. */

import { $, $$, act, byId, firstName, me } from "./dom.js";
import { post, put } from "./api.js";
import { open, redrawHead, stopReading } from "./conversation.js";
import { checkedIds, factsFor, focusedRow, openThread, pretend, rowOf, setUnread } from "./list.js";
import { closeMenuOf, openMenuById } from "./menu.js";
import { pick } from "./offer.js";
import { instant } from "./order.js";
import { team } from "./presence.js";
import { instantOfText } from "./time.js";
import { done, toast, toastError } from "./toast.js";

/** The conversations an act is for: the selected ones, else the row with the focus, else the open one. */
export function targets() {
  const chosen = checkedIds();
  if (chosen.length) return chosen;
  const id = focusedRow()?.dataset.thread || openThread();
  return id ? [id] : [];
}

const nameOf = (id) => rowOf(id)?.dataset.name || (id === openThread() ? byId("conversation").dataset.name : "") || "the conversation";
const about = (ids) => (ids.length === 1 ? nameOf(ids[0]) : `${ids.length} conversations`);

/** Do something with several conversations, or choose for them: that code comes with its first use. */
export const several = (task) => import("./several.js").then(task);
export const clearChecks = () => checkedIds().length && several((module) => module.clearChecks()).catch(toastError);

/** Do one act on one or many conversations. `look` is how the facts change at once; put back when the server refuses. */
async function perform(ids, verb, body, look = {}) {
  const back = ids.map((id) => pretend(id, look));
  try {
    if (ids.length === 1) await post(`/threads/${ids[0]}/${verb}`, body);
    else await post("/threads/bulk", { ids, act: verb, args: body || {} }, { once: true });
    return true;
  } catch (error) {
    for (const undo of back) undo();
    toastError(error);
    return false;
  }
}

const memory = (ids) => new Map(ids.map((id) => [id, { ...(factsFor(id) || {}), assignee: factsFor(id)?.assignee ?? (id === openThread() ? byId("conversation").dataset.assignee : "") }]));

// -- acts

export async function assign(ids, staff) {
  if (!ids.length) return;
  const before = memory(ids);
  const person = staff === me.id ? "you" : team().find((one) => one.id === staff)?.name || "";
  if (ids.includes(openThread())) {
    for (const label of $$("[data-live=assignee]")) label.textContent = staff === me.id ? "You" : firstName(person) || "Assign";
  }
  const words = staff ? `${about(ids)} goes to ${person}` : `${about(ids)} is given back to the team`;
  const answer = perform(ids, "assign", { staff_id: staff || null }, { assignee: staff || "" });
  done(words.charAt(0).toUpperCase() + words.slice(1), () => {
    for (const id of ids) perform([id], "assign", { staff_id: before.get(id).assignee || null }, { assignee: before.get(id).assignee });
  }, answer);
  if (!(await answer)) redrawHead();
}

export async function finish(ids) {
  if (!ids.length) return;
  const still = ids.filter((id) => stateOf(id) !== "closed");
  if (!still.length) {
    reopen(ids);
    return;
  }
  const words = `${about(still)}: done`;
  const answer = perform(still, "close", undefined, { state: "closed", waiting: 0, escalated: false });
  done(words, () => perform(still, "reopen"), answer);
  if (await answer) clearChecks();
}

const stateOf = (id) => (id === openThread() ? byId("conversation").dataset.state : factsFor(id)?.state);

export function reopen(ids) {
  if (!ids.length) return;
  const words = `${about(ids)} is open again`;
  done(words, () => perform(ids, "close"), perform(ids, "reopen", undefined, { state: "open" }));
}

export async function snooze(ids, until, when = "") {
  if (!ids.length) return;
  const words = `${about(ids)} comes back ${when || "at that time"}`;
  const answer = perform(ids, "snooze", { until }, { state: "snoozed", snoozed: instant(until) });
  done(words, () => perform(ids, "reopen"), answer);
  if (await answer) clearChecks();
}

export function tag(ids, change) {
  if (!ids.length) return;
  const body = { add: change.add || [], remove: change.remove || [] };
  const words = body.add.length ? `${about(ids)}: tagged ${body.add[0]}` : `${about(ids)}: ${body.remove[0]} taken off`;
  done(words, () => perform(ids, "tags", { add: body.remove, remove: body.add }), perform(ids, "tags", body));
}

export async function markUnread(ids) {
  if (!ids.length) return;
  const answer = Promise.resolve(stopReading(ids)).then(() => perform(ids, "unread"));
  done(`${about(ids)} is unread again`, () => perform(ids, "read"), answer);
  if (!(await answer)) return;
  for (const id of ids) setUnread(id, true);
}

/** Take care of a patient in need: the conversation is ours, the alert goes for everybody, and it opens. */
export async function help(id) {
  pretend(id, { assignee: me.id, escalated: false });
  open(id);
  try {
    await post(`/threads/${id}/help`);
  } catch (error) {
    toastError(error);
  }
}

// -- choosing with the keyboard or for many: the same menus as on the page where they are, a list to pick from elsewhere

const FIRST = { snooze: (item) => /^\s*Tomorrow/.test(item.textContent), tag: (item) => item.matches(".menu-item") };
const ASK = { assign: (whom) => `Who takes ${whom}?`, snooze: (whom) => `Bring ${whom} back`, tag: (whom) => `Tag ${whom}` };

/** Let somebody choose who takes conversations ("assign"), when they come back ("snooze") or a tag ("tag"). */
export function choose(what, ids = targets()) {
  const isOpenOnly = ids.length === 1 && ids[0] === openThread() && !checkedIds().length;
  if (!ids.length || (isOpenOnly && openMenuById(`${what}-menu`, FIRST[what]))) return;
  pick(ASK[what](about(ids)), several((module) => module.offered(what, ids)));
}

// -- buttons of the page

const ownThread = (element) => /threads\/([0-9a-f-]{36})/.exec(element.closest("form")?.getAttribute("action") || "")?.[1] || openThread();

act("assign-to", (_event, button) => {
  closeMenuOf(button);
  assign([ownThread(button)], button.value);
});
act("snooze-until", (_event, button) => {
  closeMenuOf(button);
  snooze([ownThread(button)], button.value, $("small", button)?.textContent);
});
act("snooze-at", (_event, button) => {
  const input = $("[name=until_local]", button.closest("form"));
  const until = instantOfText(input.value);
  if (!until || until <= new Date()) {
    input.focus();
    toast("Choose a day and a time that are still to come.", { error: true });
    return;
  }
  closeMenuOf(button);
  snooze([ownThread(button)], until.toISOString());
});
act("tag-toggle", (_event, button) => {
  const on = button.getAttribute("aria-pressed") === "true";
  button.setAttribute("aria-pressed", String(!on));
  tag([ownThread(button)], on ? { remove: [button.value] } : { add: [button.value] });
});
act("tag-add", (_event, button) => {
  const input = $("input[name=new]", button.closest("form"));
  const word = input.value.trim();
  if (!word) {
    input.focus();
    return;
  }
  input.value = "";
  closeMenuOf(button);
  tag([ownThread(button)], { add: [word] });
});
act("done", (_event, button) => finish([ownThread(button)]));
act("reopen", (_event, button) => reopen([ownThread(button)]));
act("unread", (_event, button) => markUnread([ownThread(button)]));
act("help", (_event, button) => help(button.dataset.thread || ownThread(button)));

act("consent", async (_event, button) => {
  closeMenuOf(button);
  try {
    await put(`/contacts/${button.dataset.contact}/consent`, { channel: button.dataset.kind, granted: button.value === "true" });
  } catch (error) {
    toastError(error);
  }
});

act("take-over hand-back", async (_event, button) => {
  button.disabled = true;
  try {
    await post(`/threads/${openThread()}/${button.dataset.act}`);
    redrawHead();
  } catch (error) {
    button.disabled = false;
    toastError(error);
  }
});

act("select", (event, box) => {
  several((module) => module.toggle(box.closest("li.row"), event.shiftKey)).catch(toastError);
  return false;
});
act("tag", () => choose("tag", [openThread()]));
act("bulk-assign bulk-snooze bulk-tag", (_event, button) => choose(button.dataset.act.slice(5)));
act("select-many bulk-done bulk-none", (_event, button) => several((module) => module.run(button.dataset.act)).catch(toastError));
