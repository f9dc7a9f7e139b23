/* Patients who need help: the red strip, the spoken alert, the tone, and desktop notices for those who want them. */

import { $, $$, act, announceNow, byId, debounce, firstName, me, morph, show } from "./dom.js";
import { fragment } from "./api.js";
import { openDialog } from "./menu.js";
import { tickWaits } from "./time.js";
import { offer } from "./offer.js";
import { toast, toastError } from "./toast.js";

const NOTICES = "orasync.notices";
let openThread = () => {};

/** Say how a conversation is opened from a notice. */
export const whenNotice = (task) => {
  openThread = task;
};

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
  } catch {
    // the next change draws it
  }
}

export const refreshAlerts = debounce(refresh, () => 60 + Math.random() * 200);

/** A patient needs help since this moment. */
export function raised(thread) {
  announceNow(`${thread.contact?.name || "A patient"} needs help${thread.alert ? `: ${thread.alert}` : ""}`);
  if (document.body.dataset.sounds === "on") tone();
  notify(`${nameOf(thread)} needs help`, thread.id);
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
  if (document.hidden) notify(text, thread.id);
}

act("alerts", () => {
  openDialog("alerts-list");
  import("./alerts_list.js").then((module) => module.fill()).catch(toastError);
});

// -- tone and notices

let audio = null;

// Browsers allow sound only after the first key or click on the page.
for (const type of ["pointerdown", "keydown"]) {
  document.addEventListener(type, () => {
    if (document.body.dataset.sounds === "on" && !audio && globalThis.AudioContext) audio = new AudioContext();
  }, { once: true });
}

function tone() {
  if (!audio) return;
  audio.resume();
  const [from, volume] = [audio.currentTime, audio.createGain()];
  volume.connect(audio.destination);
  volume.gain.setValueAtTime(0.0001, from);
  volume.gain.exponentialRampToValueAtTime(0.15, from + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, from + 0.5);
  for (const [pitch, at] of [[660, 0], [880, 0.16]]) {
    const voice = audio.createOscillator();
    voice.frequency.value = pitch;
    voice.connect(volume);
    voice.start(from + at);
    voice.stop(from + at + 0.3);
  }
}

const wants = () => globalThis.Notification?.permission === "granted" && stored() === "on";

function stored() {
  try {
    return localStorage.getItem(NOTICES);
  } catch {
    return null;
  }
}

function notify(text, thread) {
  if (!wants()) return;
  // Somebody else may be looking at a locked screen: no name then.
  const words = $("#lock[open]") ? "New message" : text;
  const notice = new Notification(words, { tag: `orasync-${thread}`, silent: true });
  notice.onclick = () => {
    globalThis.focus();
    notice.close();
    openThread(thread);
  };
}

async function setNotices(on) {
  if (on && (await Notification.requestPermission()) !== "granted") {
    toast("Your browser does not allow desktop notices for this page. Its settings can change that.", { error: true });
    return;
  }
  try {
    localStorage.setItem(NOTICES, on ? "on" : "off");
  } catch {
    // kept for this page only
  }
  toast(on ? "Desktop notices are on. They show first names only." : "Desktop notices are off.");
}

for (const button of $$("[data-act=notices]")) button.setAttribute("aria-pressed", String(Boolean(wants())));
act("notices", async (_event, button) => {
  await setNotices(!wants());
  button.setAttribute("aria-pressed", String(Boolean(wants())));
});

offer(() => (globalThis.Notification ? [{ group: "This screen", word: wants() ? "Turn off desktop notices" : "Turn on desktop notices", run: () => setNotices(!wants()) }] : []));
