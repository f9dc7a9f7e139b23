/* Small helps for forms on every page, signed in or not: show a password, fill the browser's zone, press once. */

import { $, $$, act } from "./dom.js";

act("show-password", (_event, button) => {
  const field = $("input", button.closest(".with-button"));
  const shown = field.type === "text";
  field.type = shown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!shown));
  const words = shown ? "Show the password" : "Hide the password";
  button.setAttribute("aria-label", words);
  button.title = words;
});

for (const field of $$("input[data-fill=timezone]")) {
  if (!field.value) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
}

// A form that leaves the page is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (event.target.dataset.sent) {
    event.preventDefault();
    return;
  }
  event.target.dataset.sent = "true";
  setTimeout(() => delete event.target.dataset.sent, 5_000);
});

addEventListener("pageshow", () => {
  for (const form of $$("form[data-sent]")) delete form.dataset.sent;
});
