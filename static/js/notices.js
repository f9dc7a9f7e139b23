/* What reaches somebody who looks elsewhere: the tone, the notice on the desktop, the word in the tab's title. Loaded with the
   first alert, and where it is switched on or off. */

import { $, $$, act, announceNow, firstName, me } from "./dom.js";
import { sayAlarm } from "./counts.js";
import { offer } from "./offer.js";
import { toast } from "./toast.js";

const NOTICES = "orasync.notices";

function tone(audio) {
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

/** A patient needs help: heard where sounds are on, shown on the desktop, and in the tab's title until somebody looks. */
export function alarm(text, open, thread, audio) {
  // A page other than the inbox has no sound yet, and may make one once somebody has pressed a key or clicked.
  const sound = audio || (navigator.userActivation?.hasBeenActive && globalThis.AudioContext && new AudioContext());
  if (sound && document.body.dataset.sounds === "on") tone(sound);
  notify(text, open, thread, true);
  if (document.hidden) sayAlarm($("#lock[open]") ? "" : text);
}

document.addEventListener("visibilitychange", () => document.hidden || sayAlarm(""));

const told = new Set();
let closeLast = () => {};

/** A conversation of a patient in need has changed, and this page does not show the inbox: told once, and leads there. Who
    is asked by name, because nobody has helped in time, is told again. */
export function elsewhere({ type, data: { thread, message } }) {
  const isAsked = message?.author.type === "ai" && message.mentions.includes(me.id);
  const isNews = !told.has(thread.id) && (type === "alert.raised" || message?.direction === "in");
  if (thread.state !== "open" || !(isNews || isAsked)) return;
  told.add(thread.id);
  const name = firstName(thread.contact?.name) || "A patient";
  const text = isAsked ? `Nobody has helped ${name} yet` : `${name} needs help`;
  const open = () => location.assign(`/inbox?view=all&thread=${thread.id}`);
  announceNow(text);
  alarm(text, open, thread.id);
  if (!isAsked) closeLast();
  const several = told.size > 1 && !isAsked;
  const words = several ? `${told.size} patients need help` : thread.alert ? `${text}: ${thread.alert}` : text;
  const close = toast(words, { error: true, action: { label: "Open", run: several ? () => location.assign("/inbox?view=todo") : open } });
  if (!isAsked) closeLast = close;
}

const wants = () => globalThis.Notification?.permission === "granted" && stored() === "on";

function stored() {
  try {
    return localStorage.getItem(NOTICES);
  } catch {
    return null;
  }
}

/** Show a notice on the desktop to those who want them; `stays` until it is clicked or closed. */
export function notify(text, open, thread, stays = false) {
  if (!wants()) return;
  // Somebody else may be looking at a locked screen: no name then.
  const words = $("#lock[open]") ? "New message" : text;
  const notice = new Notification(words, { tag: `orasync-${thread}`, silent: true, requireInteraction: stays });
  notice.onclick = () => {
    globalThis.focus();
    notice.close();
    open();
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
