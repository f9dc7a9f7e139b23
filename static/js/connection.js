/* What people see of the line: the strip, the word in the rail, "up to date at #n". */

import { $, byId, show } from "./dom.js";
import { get, signedOut } from "./api.js";
import { live } from "./live.js";

const GRACE_MS = 1_500; // a server that restarts comes back before anybody needs to know
const STRIPS = {
  offline: "No connection. You can keep reading. Replies stay here until you are back.",
  crowded: "Orasync is open in too many tabs. Close some of them; this one goes on by itself.",
  refused: "You may not see this page any more. Ask your manager.",
};
const WORDS = { live: "Live", connecting: "Connecting", offline: "No connection", crowded: "Too many tabs", refused: "Stopped" };

let timer = 0;
const tasks = new Set();

/** Say what else looks different without a connection. */
export const whenLine = (task) => tasks.add(task);

function state() {
  if (navigator.onLine === false && live.state !== "refused") return "offline";
  return live.state;
}

function paint() {
  clearTimeout(timer);
  const now = state();
  const bad = now !== "live" && now !== "connecting";
  const draw = () => {
    document.body.classList.toggle("is-offline", bad);
    show("status", WORDS[now]);
    const strip = byId("connection");
    if (strip) {
      if (bad) $(".strip-text", strip).textContent = STRIPS[now];
      strip.hidden = !bad;
    }
    for (const task of tasks) task();
  };
  if (now === "offline" && navigator.onLine !== false) timer = setTimeout(draw, GRACE_MS);
  else if (now !== "connecting") draw();
}

let saying = 0;

function sayPlace() {
  saying ||= setTimeout(() => {
    saying = 0;
    show("seq", `#${live.seq}`);
  }, 150);
}

/** Start listening to the line. */
export function startConnection() {
  live.ask = (seq) => get(`/sync?seq=${seq}`);
  live.on("state", paint);
  live.on("signed-out", signedOut);
  live.on("caught-up", ({ seq }) => show("seq", `#${seq}`));
  live.on("event", sayPlace);
  addEventListener("online", () => {
    paint();
    live.probe();
  });
  addEventListener("offline", paint);
  document.addEventListener("visibilitychange", () => document.hidden || live.probe());
  addEventListener("pageshow", (event) => event.persisted && live.probe());
}
