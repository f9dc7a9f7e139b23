/* Settings, status and the activity log: copying, asking before what cannot be undone, live parts, the theme. */

import { $, $$, act, byId, debounce, morph, parse } from "./dom.js";
import { fragment } from "./api.js";
import "./notices.js";
import { live } from "./live.js";
import { confirm, toast, toastError } from "./toast.js";

const STATUS_MS = 5_000;

act("copy", async (_event, button) => {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    toast("Copied.");
  } catch {
    // Without a clipboard (an address without https) the text is selected, ready for Ctrl C.
    const range = document.createRange();
    range.selectNodeContents($("code", button.parentElement));
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    toast("Selected. Press Ctrl C to copy.");
  }
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.confirm || form.dataset.confirmed) return;
  event.preventDefault();
  const { submitter } = event;
  const word = submitter?.firstChild?.textContent.trim() || "Yes";
  if (!(await confirm(form.dataset.confirm, form.dataset.confirmText || "", word))) return;
  form.dataset.confirmed = "true";
  form.requestSubmit(submitter);
}, true);

document.addEventListener("change", (event) => {
  // The look changes at once; Save keeps it.
  if (event.target.name === "theme") document.documentElement.dataset.theme = event.target.value;
});

for (const saved of $$(".banner-saved")) setTimeout(() => saved.remove(), 6_000);

/** Fetch this page again and bring one part of it up to date. */
async function redraw(selector) {
  try {
    const page = parse(await fragment(location.pathname + location.search));
    for (const part of document.querySelectorAll(selector)) {
      const next = part.id && page.getElementById(part.id);
      if (next) morph(part, next.outerHTML);
    }
  } catch {
    // the next change or tick draws it
  }
}

function channels() {
  const soon = debounce(() => redraw("article[data-channel]"), 200);
  live.on("event", (frame) => {
    if (frame.type === "channel.health_changed" || (frame.type === "message.created" && frame.data.message.direction === "in")) soon();
  });
  live.on("reset", soon);
}

function status() {
  const look = () => document.hidden || dialogFree() || redraw("#status");
  const dialogFree = () => Boolean(byId("status")?.contains(document.activeElement));
  setInterval(look, STATUS_MS);
  live.on("live", (frame) => frame.type === "ops.metrics" && look());
}

function activity() {
  const link = byId("new-entries");
  const show = debounce(() => {
    link.hidden = false;
  }, 300);
  live.on("event", show);
  act("more-entries", async (_event, more) => {
    try {
      const page = parse(await fragment(more.getAttribute("href")));
      byId("entries").append(...page.querySelectorAll("#entries > tr"));
      const next = $("[data-act=more-entries]", page);
      if (next) more.replaceWith(next);
      else more.remove();
    } catch (error) {
      toastError(error);
    }
  });
}

if (byId("status")) status();
else if (byId("new-entries")) activity();
else if ($("article[data-channel]")) channels();
else if (byId("rules") || byId("known")) import("./assistant_page.js").catch(toastError);
