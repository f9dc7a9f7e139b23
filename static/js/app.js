/* Every signed-in page begins here: the line, the clock, the lock, the common keys; then what the page itself needs. */

import { $, act, byId, dialogOpen, inField } from "./dom.js";
import { put } from "./api.js";
import { readClinic } from "./clinic.js";
import { startConnection, whenLine } from "./connection.js";
import { countsChanged, readCounts } from "./counts.js";
import "./forms.js";
import { Live, live, useLive } from "./live.js";
import { isLocked, startLock } from "./lock.js";
import { openDialog } from "./menu.js";
import { offer } from "./offer.js";
import { startPresence } from "./presence.js";
import { startClock } from "./time.js";
import { toastError } from "./toast.js";

const { dataset } = document.body;
document.documentElement.classList.add("js");

const PLACES = { i: ["Inbox", "/inbox"], l: ["Activity log", "/activity"], s: ["Settings", "/settings/account"] };
const SEQUENCE_MS = 1_200;

let inboxKey = () => false;
let after = 0; // when `g` was pressed

function go(path) {
  if (location.pathname !== path) location.assign(path);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isLocked() || dialogOpen()) return;
  const alone = !inField(event.target);
  if (event.key !== "Escape" && (!alone || dataset.shortcuts === "off" || event.target.closest("details.menu[open]"))) return;
  if (event.key.length === 1 && Date.now() - after < SEQUENCE_MS) {
    after = 0;
    if (PLACES[event.key]) {
      event.preventDefault();
      go(PLACES[event.key][1]);
      return;
    }
  }
  if (event.key === "g") after = Date.now();
  else if (event.key === "?") openDialog("help");
  else if (!inboxKey(event)) return;
  event.preventDefault();
});

act("reload", () => location.reload());

offer(() => Object.values(PLACES).filter(([, path]) => $(`a[href="${path}"]`)).map(([word, path]) => ({ group: "Go to", word, run: () => go(path) })));
offer(() => ["system", "light", "dark"].filter((theme) => theme !== document.documentElement.dataset.theme).map((theme) => ({
  group: "This screen", word: `Colours: ${{ system: "as the computer", light: "light", dark: "dark" }[theme]}`, run: () => setTheme(theme),
})));
offer(() => [
  { group: "This screen", word: "Keyboard shortcuts", hint: "?", run: () => openDialog("help") },
  { group: "This screen", word: "Lock the screen", run: () => $("[data-act=lock]")?.click() },
]);

async function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  try {
    await put("/api/auth/preferences", { theme, shortcuts: dataset.shortcuts !== "off", sounds: dataset.sounds === "on" });
  } catch (error) {
    toastError(error);
  }
}

readClinic(dataset);
const address = new URL("/ws", location.href);
address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
useLive(new Live({ url: address.href, after: dataset.seq ? Number(dataset.seq) : null, epoch: dataset.epoch || null }));
startConnection();
startPresence();
startClock();
startLock();

async function start() {
  if (dataset.page === "inbox") {
    const [, keys, { showSend }] = await Promise.all([import("./inbox.js"), import("./keys.js"), import("./composer.js")]);
    inboxKey = keys.inboxKey;
    whenLine(showSend);
  } else {
    readCounts();
    live.on("event", (frame) => {
      if (frame.data.thread) countsChanged(null);
      if (frame.data.thread?.escalated) import("./notices.js").then((module) => module.elsewhere(frame)).catch(() => {});
    });
    if (byId("main")) await import("./settings.js");
  }
  // Only now: every event finds its listeners.
  live.start();
}

start();
