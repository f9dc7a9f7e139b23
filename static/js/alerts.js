/* Patients who need help: the red strip and the spoken alert; and who is told of what. The tone, the notices on the desktop
   and the word in the tab's title come with notices.js. */

import { $, act, announceNow, byId, debounce, firstName, me, morph, show } from "./dom.js";
import { fragment } from "./api.js";
import { openDialog } from "./menu.js";
import { tickWaits } from "./time.js";
import { toast, toastError } from "./toast.js";

let openThread = () => {};

/** Say how a conversation is opened from a notice. */
export const whenNotice = (task) => {
  openThread = task;
};

const notices = (task) => import("./notices.js").then(task).catch(() => {});
const notify = (text, thread) => document.hidden && notices((module) => module.notify(text, () => openThread(thread), thread));
const nameOf = (thread) => firstName(thread.contact?.name) || "A patient";

// -- the strip

async function refresh() {
  const strip = byId("alerts");
  if (!strip) return;
  try {
    const html = await fragment("/inbox/alerts");
    morph(strip, html.trim());
    show("alert-count", byId("alerts").dataset.count || 0);
    tickWaits(byId("alerts"));
    if ($("#alerts-list[open]")) list();
  } catch {
    // the next change draws it
  }
}

export const refreshAlerts = debounce(refresh, () => 60 + Math.random() * 200);

/** A patient needs help since this moment. */
export function raised(thread) {
  announceNow(`${thread.contact?.name || "A patient"} needs help${thread.alert ? `: ${thread.alert}` : ""}`);
  notices((module) => module.alarm(`${nameOf(thread)} needs help`, () => openThread(thread.id), thread.id, audio));
}

/** A patient wrote, or a colleague where the reader takes part. Told on the desktop only while this page is not looked at. */
export function told(thread, { direction, kind, author, mentions }) {
  if (author.type === "ai" && mentions.includes(me.id)) {
    raised(thread);
    return leadTo(thread, `Nobody has helped ${nameOf(thread)} yet`);
  }
  const who = firstName(author.name) || "A colleague";
  const text = direction === "in" ? `New message from ${nameOf(thread)}` : kind === "note" ? `${who} left a note about ${nameOf(thread)}` : `${who} replied to ${nameOf(thread)}`;
  if (document.hidden) notify(text, thread.id);
  else if (thread.participants.includes(me.id) && byId("conversation").dataset.thread !== thread.id) leadTo(thread, text);
}

const leadTo = (thread, text, error = false) => toast(text, { error, action: { label: "Open", run: () => openThread(thread.id) } });

/** What the reader wrote did not arrive: they may think it did. Stays until it is seen. */
export function notDelivered(thread, status) {
  const text = `Your message to ${nameOf(thread)} ${status === "failed" ? "could not be delivered" : "may not have arrived"}.`;
  leadTo(thread, text, true);
  notify(text, thread.id);
}

const list = () => import("./alerts_list.js").then((module) => module.fill()).catch(toastError);

act("alerts", () => {
  openDialog("alerts-list");
  list();
});

// -- the tone: browsers allow sound only after the first key or click on the page

let audio = null;

for (const type of ["pointerdown", "keydown"]) {
  document.addEventListener(type, () => {
    if (document.body.dataset.sounds === "on" && !audio && globalThis.AudioContext) audio = new AudioContext();
  }, { once: true });
}
