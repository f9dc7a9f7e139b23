/* Sending later: the menu beside Send, messages that wait, and the clock where the patient is. Loaded at first use. */

import { $, announce, byId, make, parse } from "./dom.js";
import { call, fragment } from "./api.js";
import { fence, setText, submit, takeBack } from "./composer.js";
import { closeMenuOf, openDialog } from "./menu.js";
import { instantOfText } from "./time.js";
import { confirm, toast, toastError } from "./toast.js";

const MINUTE_MS = 60_000;
const STALE_MS = 2 * MINUTE_MS;

/** Do what a button of a menu or a bubble says. */
export function run(button) {
  const acts = { at, pick, change: edit, now, cancel, again };
  acts[button.dataset.later](button);
}

// -- the menu

/** The menu was opened: its times are those of now. */
export async function opened(menu) {
  const panel = $(".menu-panel", menu);
  if (Date.now() - Number(panel.dataset.drawn || 0) < STALE_MS) return;
  panel.dataset.drawn = Date.now();
  try {
    const html = await fragment(`/inbox/threads/${fence().thread}/later`);
    if (!panel.isConnected || panel.querySelector("input")?.value) return;
    const had = panel.contains(document.activeElement);
    panel.replaceChildren(parse(html));
    if (had) $(".menu-item", panel)?.focus();
  } catch {
    delete panel.dataset.drawn; // the times it came with are still right, or refused when they have passed
  }
}

function at(button) {
  closeMenuOf(button);
  send(button.value);
}

function send(instant) {
  const { locale, tz } = document.body.dataset;
  const words = new Intl.DateTimeFormat(locale || "en-US", { timeZone: tz, weekday: "long", month: "long", day: "numeric", hour: "numeric", minute: "numeric" });
  if (byId("body").value.trim()) announce(`It waits until ${words.format(new Date(instant))}.`);
  submit({ sendAt: instant });
}

function pick(button) {
  const field = byId("later-time");
  const chosen = future(field);
  if (!chosen) return;
  field.value = "";
  closeMenuOf(button);
  send(chosen);
}

/** The instant in a date field; where there is none yet to come, the field says so. */
function future(field) {
  const instant = instantOfText(field.value);
  const ahead = instant && instant.getTime() > Date.now();
  if (!ahead) {
    toast("Choose a day and a time that are still to come.", { error: true });
    field.focus();
  }
  return ahead ? instant.toISOString() : null;
}

// -- messages that wait

const idOf = (button) => button.dataset.message;

async function change(id, fields) {
  const { thread, seen } = fence();
  const here = byId(`m-${id}`) && thread;
  const body = { ...fields, seen: here ? seen : null };
  try {
    return await call("PATCH", `/messages/${id}`, body);
  } catch (error) {
    if (error.code !== "thread_moved_on") throw error;
    const words = error.problem.messages.at(-1)?.body || "";
    const goes = await confirm("Somebody wrote since", `“${words.slice(0, 200)}” Does your message still fit?`, "It still fits");
    return goes ? call("PATCH", `/messages/${id}`, { ...fields, anyway: true }) : null;
  }
}

async function now(button) {
  button.disabled = true;
  try {
    if (await change(idOf(button), { send_at: null })) announce("Sending now.");
  } catch (error) {
    toastError(error);
  } finally {
    button.disabled = false;
  }
}

async function cancel(button) {
  button.disabled = true;
  await takeBack(idOf(button));
  button.disabled = false;
}

/** Its words go back to the field: whoever sends them now has read what came before. */
function again(button) {
  setText($(".bubble-text", button.closest(".msg"))?.textContent || "");
  byId("body")?.focus();
}

function dialog() {
  if (!byId("later")) {
    const close = make("button", { class: "btn btn-plain btn-icon", type: "button", "data-act": "dialog-close", "aria-label": "Close", title: "Close (Esc)" });
    close.append($("#help .btn-icon .ic")?.cloneNode(true) || "×");
    const head = make("div", { class: "dialog-head" }, make("h2", { id: "later-title" }, "A message that waits"), close);
    document.body.append(make("dialog", { class: "dialog", id: "later", "aria-labelledby": "later-title", "hx-morph-skip": true }, head, make("div")));
  }
  return byId("later");
}

async function edit(link) {
  try {
    const form = parse(await fragment(`/inbox/messages/${idOf(link)}/later`));
    dialog().lastElementChild.replaceChildren(form);
    openDialog("later", byId("later-body") || byId("later-when"));
  } catch (error) {
    toastError(error);
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.id !== "later-form" || !byId("later")?.contains(form)) return;
  event.preventDefault();
  const [id, what] = [form.dataset.message, event.submitter?.value || "save"];
  const fields = form.elements.body ? { body: form.elements.body.value } : {};
  if (what === "save") fields.send_at = future(form.elements.send_at_local);
  if (what === "save" && !fields.send_at) return;
  if (what === "now") fields.send_at = null;
  if (form.dataset.sending) return;
  form.dataset.sending = "true";
  try {
    if (what === "cancel") await takeBack(id);
    else if (!(await change(id, fields))) return;
    byId("later").close();
    if (what === "save") toast("Saved.");
  } catch (error) {
    toastError(error);
    if (error.code === "already_on_its_way") byId("later").close();
  } finally {
    delete form.dataset.sending;
  }
});

// -- the clock where they are

let timer = 0;

/** Say what time it is where the patient is, while that is an odd one. */
export function showThere() {
  clearTimeout(timer);
  const line = byId("there");
  if (!line) return;
  const { zone, opens, closes } = line.dataset;
  const at = new Date();
  const minute = at.toLocaleTimeString("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" });
  const awake = opens < closes ? minute >= opens && minute < closes : minute >= opens || minute < closes;
  line.hidden = awake;
  const words = at.toLocaleTimeString(document.body.dataset.locale || "en-US", { timeZone: zone, timeStyle: "short" }).replaceAll("\u202f", " ");
  const time = $("b", line);
  if (time.textContent !== words) time.textContent = words;
  timer = setTimeout(showThere, MINUTE_MS - (Date.now() % MINUTE_MS) + 20);
}
