/* A message that did not arrive: try again, say that it went, or send it another way, with words for the ways that are closed.
   Loaded when one of these is asked for. */

import { $, byId, make } from "./dom.js";
import { get, post } from "./api.js";
import { fence, sent } from "./composer.js";
import { toast, toastError } from "./toast.js";

const WORDS = { sms: "text", whatsapp: "WhatsApp", email: "email", webchat: "web chat" };

/** Do what a bubble's button says. */
export async function run(button) {
  const { act, message } = button.dataset;
  if (act === "another-way") {
    await toggle(button);
    return;
  }
  button.disabled = true;
  try {
    await post(`/messages/${message}/${act === "went" ? "went" : "retry"}`, undefined, { once: true });
  } catch (error) {
    button.disabled = false;
    toastError(error);
  }
}

/** Show below a bubble how else it can be sent, or take that away again. */
async function toggle(button) {
  const bubble = button.closest("li.msg");
  const shown = $(".ways", bubble);
  button.setAttribute("aria-expanded", String(!shown));
  if (shown) {
    shown.remove();
    return;
  }
  const id = button.dataset.message;
  const holder = make("div", { class: "ways", role: "group", "aria-label": "Send another way" });
  bubble.append(holder);
  try {
    const ways = (await get(`/messages/${id}/ways`)).sort((one, other) => Boolean(one.reason) - Boolean(other.reason));
    holder.append(...ways.map((way) => (way.reason ? make("p", { class: "hint" }, `${title(way.channel)}: ${way.reason}`) : choice(id, way.channel))));
    if (!ways.some((way) => !way.reason)) holder.append(make("p", { class: "hint" }, "There is no other way to reach this person right now."));
    $("button", holder)?.focus();
  } catch (error) {
    holder.remove();
    button.setAttribute("aria-expanded", "false");
    toastError(error);
  }
}

const title = (kind) => WORDS[kind][0].toUpperCase() + WORDS[kind].slice(1);

function choice(id, kind) {
  const button = make("button", { class: "btn btn-sm", type: "button" }, `Send by ${WORDS[kind]} instead`);
  button.addEventListener("click", () => send(id, kind, button, fence()));
  return button;
}

async function send(id, channel, button, { thread, seen }, anyway = false) {
  button.disabled = true;
  try {
    sent(await post(`/messages/${id}/retry`, { channel, seen, anyway }, { once: true }), thread, false);
    byId("body")?.focus();
  } catch (error) {
    button.disabled = false;
    if (error.code === "thread_moved_on") {
      const run = () => send(id, channel, button, { thread, seen }, true);
      toast("Somebody wrote since. Nothing was sent yet.", { error: true, action: { label: "Send anyway", run } });
    } else {
      toastError(error);
    }
  }
}
