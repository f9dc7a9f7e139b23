/* The screen lock: after some minutes without input the page is covered until the password is typed. Behind the cover the page
   stays live and keeps everything typed. All tabs of the clinic in this browser lock and unlock together. */

import { act, byId } from "./dom.js";
import { Refused, post } from "./api.js";
import { closeMenus } from "./menu.js";

const LOCKED = "orasync.locked"; // says only that it is locked, so that a reload does not open it
const TELL_MS = 5_000;
const LOOK_MS = 10_000;

let touched = Date.now();
let told = 0;
let locked = false;
const tabs = globalThis.BroadcastChannel ? new BroadcastChannel("orasync") : null;

const dialog = () => byId("lock");
export const isLocked = () => locked;

function touch() {
  if (locked) return;
  touched = Date.now();
  if (touched - told < TELL_MS) return;
  told = touched;
  tabs?.postMessage("input");
}

function store(on) {
  try {
    if (on) localStorage.setItem(LOCKED, "1");
    else localStorage.removeItem(LOCKED);
  } catch {
    // the lock of this tab holds all the same
  }
}

function isStored() {
  try {
    return localStorage.getItem(LOCKED) === "1";
  } catch {
    return false;
  }
}

export function lock() {
  if (locked || !dialog()) return;
  locked = true;
  store(true);
  closeMenus();
  for (const other of document.querySelectorAll("dialog[open]")) if (other !== dialog()) other.close();
  cover();
}

function cover() {
  if (!dialog().open) dialog().showModal();
  byId("unlock-password").focus();
}

function unlock() {
  if (!locked) return;
  locked = false;
  touched = Date.now();
  store(false);
  byId("unlock-password").value = "";
  dialog().close();
}

async function ask(event) {
  event.preventDefault();
  const [field, wrong] = [byId("unlock-password"), byId("unlock-error")];
  const button = event.target.querySelector("button[type=submit]");
  wrong.hidden = true;
  button.disabled = true;
  try {
    await post("/api/auth/unlock", { password: field.value });
    unlock();
    tabs?.postMessage("unlock");
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    wrong.textContent = error.status === 403 || error.status === 422 ? "This password is not right." : error.message;
    wrong.hidden = false;
    field.select();
  } finally {
    button.disabled = false;
  }
}

/** Watch for idle minutes. */
export function startLock() {
  if (!dialog()) return;
  byId("unlock").addEventListener("submit", ask);
  addEventListener("keydown", (event) => locked && event.key === "Escape" && event.preventDefault(), true);
  dialog().addEventListener("cancel", (event) => event.preventDefault());
  // Browsers close a dialog on a repeated Esc or Back whatever the page says.
  dialog().addEventListener("close", () => locked && cover());
  for (const type of ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"]) addEventListener(type, touch, { passive: true, capture: true });
  tabs?.addEventListener("message", (message) => {
    if (message.data === "input") touched = Date.now();
    else if (message.data === "lock") lock();
    else if (message.data === "unlock") unlock();
  });
  const look = () => {
    if (locked && !dialog().open) cover();
    const minutes = Number(document.body.dataset.lock) || 0;
    if (minutes && Date.now() - touched >= minutes * 60_000) lock();
  };
  setInterval(look, LOOK_MS);
  document.addEventListener("visibilitychange", look);
  act("lock", () => {
    lock();
    tabs?.postMessage("lock");
  });
  if (isStored()) lock();
}
