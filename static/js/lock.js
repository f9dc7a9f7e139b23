// The screen lock: after minutes without input it lies over the page; the tab stays live behind it, typed text stays.
import {act, body, byId} from "./page.js";
import {Problem, post} from "./api.js";

const after = Number(body.dataset.lock || 0) * 60000;
let usedAt = Date.now();

function lock() {
  const dialog = byId("lock");
  if (dialog && !dialog.open) { dialog.showModal(); byId("unlock-password").focus(); }
}

act("lock", lock);

export function start() {
  const dialog = byId("lock");
  if (!dialog || !after) return;
  for (const name of ["pointerdown", "keydown", "wheel", "touchstart"]) addEventListener(name, () => { usedAt = Date.now(); }, {passive: true, capture: true});
  setInterval(() => { if (Date.now() - usedAt >= after) lock(); }, 5000);
  document.addEventListener("orasync:lock", lock);
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  byId("unlock").addEventListener("submit", async (event) => {
    event.preventDefault();
    const field = byId("unlock-password");
    const says = byId("unlock-error");
    try {
      await post("/api/auth/unlock", {password: field.value});
      field.value = "";
      says.hidden = true;
      usedAt = Date.now();
      dialog.close();
    } catch (error) {
      says.textContent = error instanceof Problem ? error.message : "No connection. Try again when you are back.";
      says.hidden = false;
      field.select();
    }
  });
}
