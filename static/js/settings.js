// Settings pages: copy buttons, desktop notices, and cards that tell by themselves when the first text has come.
import {$, $$, act, body, byId, morph, on, parse, prefs} from "./page.js";
import {html} from "./api.js";
import {toast} from "./toast.js";

act("copy", async (button) => {
  const source = button.dataset.copy ? byId(button.dataset.copy) || button.dataset.copy : button.previousElementSibling;
  const text = typeof source === "string" ? source : source.value ?? source.textContent;
  try { await navigator.clipboard.writeText(text.trim()); toast("Copied"); } catch { toast("Copying is not allowed here. Select the text and copy it.", {error: true}); }
});
act("show-password", (button) => {
  const field = byId(button.getAttribute("aria-controls")) || $("input", button.parentElement);
  const shown = field.type === "text";
  field.type = shown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!shown));
});
act("notices", async (button) => {
  const isOn = prefs.get("notices", "off") === "on";
  if (!isOn && await Notification.requestPermission() !== "granted") { toast("Your browser does not allow notices from this page.", {error: true}); return; }
  prefs.set("notices", isOn ? "off" : "on");
  button.setAttribute("aria-pressed", String(!isOn));
});

async function refreshPart(id) {
  const fresh = $(`#${CSS.escape(id)}`, parse(await html(location.pathname)));
  if (fresh && byId(id)) morph(byId(id), fresh.outerHTML);
}

export function start() {
  for (const field of $$("input[name=timezone][type=hidden]")) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || field.value;
  for (const button of $$("[data-act=notices]")) button.setAttribute("aria-pressed", String(prefs.get("notices", "off") === "on"));
  on("channel.health_changed", (frame) => { const id = `channel-${frame.data.channel?.id}`; if (byId(id)) refreshPart(id).catch(() => {}); });
  // The look is shown at once; the form keeps it.
  for (const input of $$("input[name=theme], select[name=theme]")) input.addEventListener("change", () => { document.documentElement.dataset.theme = input.value; });
  if (body.dataset.page === "settings") for (const saved of $$(".banner-saved")) setTimeout(() => { saved.hidden = true; }, 6000);
}
