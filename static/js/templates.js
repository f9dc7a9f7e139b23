/* WhatsApp's 24 hours: how long is left to write freely, and the approved messages that go after them. */

import { $, $$, announce, byId, parse, uuid } from "./dom.js";
import { Refused, csrf, fragment, post } from "./api.js";
import { fence, sent } from "./composer.js";
import { waitingText } from "./time.js";
import { toast, toastError } from "./toast.js";

const MINUTE_MS = 60_000;
const SOON_MINUTES = 120;

let timer = 0;

/** Bring chip, field and picker up to date: the composer says when the 24 hours end. */
export function showWindow() {
  clearTimeout(timer);
  const composer = byId("composer");
  if (!composer?.dataset.window) return;
  const left = (Date.parse(composer.dataset.until) || 0) - Date.now();
  const before = composer.dataset.window;
  composer.dataset.window = left > 0 ? "open" : "closed";
  showLeft(left);
  if (left > 0) timer = setTimeout(showWindow, Math.min(left, MINUTE_MS - (Date.now() % MINUTE_MS)) + 5);
  else if (composer.dataset.way === "whatsapp") {
    if (before === "open") announce("24 hours have passed. WhatsApp only takes approved messages now.");
    load();
  }
}

function showLeft(left) {
  const chip = byId("wa-left");
  const minutes = Math.floor(left / MINUTE_MS);
  chip.hidden = left <= 0;
  chip.classList.toggle("chip-warn", minutes < SOON_MINUTES);
  const words = minutes < 1 ? "Less than 1 min" : minutes < SOON_MINUTES ? waitingText(minutes) : `${Math.floor(minutes / 60)} h`;
  const text = `${words} left to write freely`;
  const label = $("span", chip);
  if (label.textContent !== text) label.textContent = text;
}

document.addEventListener("visibilitychange", () => document.hidden || showWindow());

// -- the picker

const box = () => byId("approved");
const titles = () => $$("summary", box()).filter((title) => title.offsetParent !== null);

async function load() {
  const here = box();
  if (!here || here.dataset.state) return;
  here.dataset.state = "loading";
  try {
    const html = await fragment(`/inbox/threads/${fence().thread}/approved`);
    here.replaceChildren(parse(html));
    here.dataset.state = "ready";
  } catch (error) {
    delete here.dataset.state; // the next minute, or the next click, asks again
    toastError(error);
  }
}

/** Put the focus where somebody would write, were it allowed. */
export const focusPicker = () => ($("input", box()) || $("a", box()))?.focus();

document.addEventListener("input", (event) => {
  const field = event.target;
  if (!box()?.contains(field)) return;
  if (field.id === "approved-q") filter(field.value.trim().toLowerCase());
  else if (field.name === "value") {
    const form = field.form;
    const at = $$("[name=value]", form).indexOf(field);
    const word = field.value.trim() || form.querySelector(`label[for="${field.id}"]`).textContent;
    for (const blank of $$(`[data-blank="${at}"]`, form)) blank.textContent = word;
  }
});

function filter(wanted) {
  let found = 0;
  for (const item of $$("#approved-list > li")) {
    item.hidden = !$("summary", item)?.textContent.toLowerCase().includes(wanted);
    found += !item.hidden;
  }
  byId("approved-none").hidden = found > 0;
}

// Opened: the first blank that is still empty, or the button.
document.addEventListener("toggle", (event) => {
  const text = event.target;
  if (!text.open || !box()?.contains(text)) return;
  ($$("[name=value]", text).find((field) => !field.value) || $("button", text)).focus();
}, true);

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (!box()?.contains(target)) return;
  const open = target.closest("details[open]");
  if (key === "Escape" && open) {
    open.open = false;
    $("summary", open).focus();
  } else if (key === "Enter" && target.id === "approved-q") titles()[0]?.click();
  else if ((key === "ArrowDown" || key === "ArrowUp") && (target.id === "approved-q" || target.tagName === "SUMMARY")) {
    const all = [byId("approved-q"), ...titles()];
    all[(all.indexOf(target) + (key === "ArrowDown" ? 1 : -1) + all.length) % all.length].focus();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!box()?.contains(form)) return;
  event.preventDefault();
  const button = $("button", form);
  const fields = $$("[name=value]", form);
  const chosen = $("[name=file]", form);
  const { thread, seen } = fence();
  const { name, language } = form.dataset;
  // One id until it is in: a second try of a send whose answer got lost gives the first message again.
  form.dataset.client ||= uuid();
  button.disabled = true;
  try {
    const template = { name, language, values: fields.map((field) => field.value), link: $("[name=link]", form)?.value.trim() || "" };
    const attachments = chosen?.files.length ? [{ id: await uploaded(chosen) }] : [];
    const message = await post(`/threads/${thread}/messages`, { channel: "whatsapp", seen, client_id: form.dataset.client, template, attachments });
    delete form.dataset.client;
    if (chosen) chosen.value = "";
    const text = form.closest("details");
    text.open = false;
    if (text.isConnected) $("summary", text).focus();
    sent(message, thread, false);
    if (message.status !== "scheduled") toast("Approved message sent.");
  } catch (error) {
    if (!error.isUnsure) delete form.dataset.client;
    const key = error.problem?.errors?.[0]?.key || "";
    (fields[key.split("values.")[1]] || (key === "attachments" && chosen) || (key === "template.link" && $("[name=link]", form)))?.focus?.();
    toastError(error);
  } finally {
    button.disabled = false;
  }
});

const sentUp = new WeakMap(); // file -> its id: a second try does not carry it up again

async function uploaded(field) {
  const [file] = field.files;
  if (sentUp.has(file)) return sentUp.get(file);
  const body = new FormData();
  body.append("file", file, file.name);
  const answer = await fetch(`${document.body.dataset.api}/attachments`, { method: "POST", body, headers: { accept: "application/json", "x-csrftoken": csrf() } }).catch(() => null);
  const told = (await answer?.json().catch(() => null)) || {};
  if (!answer?.ok) throw new Refused(answer?.status || 0, told);
  sentUp.set(file, told.id);
  return told.id;
}
