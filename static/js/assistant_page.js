/* The assistant's settings: asking before it may answer by itself, and what colleagues, trials and the assistant itself change,
   without reload and without touching what is being filled in. Loaded with these pages. */

import { $, $$, act, byId, debounce, make, parse } from "./dom.js";
import { fragment } from "./api.js";
import { live } from "./live.js";
import { openDialog } from "./menu.js";

const PARTS = ["grid", "rules", "general", "shadow", "known"];
const LOOK_MS = 1_500;
const MOST_LOOKS = 20;

// -- the yes that an automatic answer needs

const form = byId("rules-form");
const box = byId("consent-box");
const place = box && document.createComment("");

const fresh = () => $$("select[data-was]", byId("rules-form")).filter((one) => one.value === "answer" && one.dataset.was !== "answer");

function ask(event) {
  const chosen = event.target.id === "rules-form" ? fresh() : [];
  if (!chosen.length || byId("consent").open) return;
  event.preventDefault();
  const needs = chosen.filter((one) => one.dataset.earned === undefined && one.dataset.holding === undefined);
  const trial = ({ dataset }) => (dataset.holding === undefined ? dataset.trial || "Not tried in silence yet" : "The holding text only");
  byId("consent-list").replaceChildren(...chosen.map((one) => make("li", {}, make("strong", { class: "grow" }, one.dataset.word), make("span", { class: "small muted" }, trial(one)))));
  const now = byId("consent-box");
  now.replaceWith(place);
  byId("consent-here").replaceChildren(now);
  for (const tick of $$("input", now)) {
    tick.checked = false;
    tick.required = tick.name === "consent";
  }
  const override = $(".consent-override", now);
  if (override) override.hidden = !needs.length;
  openDialog("consent", $("input", now));
}

if (form && box) {
  document.addEventListener("submit", ask, true);
  byId("consent").addEventListener("close", () => {
    const now = byId("consent-box");
    for (const tick of $$("input", now)) {
      tick.checked = false;
      tick.required = false;
    }
    if (place.isConnected) place.replaceWith(now);
  });
  act("consent-no", () => byId("consent").close());
}
// Chosen or refused elsewhere on the page: the error is what matters now.
byId("rules-error")?.focus();

// -- live

const firstChoice = (list) => Math.max(0, [...list.options].findIndex((option) => option.defaultSelected));
const isTouched = (one) => (one.options ? one.selectedIndex !== firstChoice(one) : one.type === "checkbox" ? one.checked !== one.defaultChecked : one.value !== one.defaultValue);
const isInUse = (part) => part.contains(document.activeElement?.closest("input, select, textarea"))
  || $$("form input:not([type=hidden]), form select, form textarea", part).some(isTouched);

/** Bring the parts that nobody is filling in up to date; says whether one had to be left as it is. */
async function redraw() {
  const page = parse(await fragment(location.pathname + location.search));
  let left = false;
  for (const name of PARTS) {
    const [now, next] = [byId(name), page.getElementById(name)];
    if (!now || !next || now.isEqualNode(next)) continue;
    if (isInUse(now)) {
      left = true;
      continue;
    }
    for (const fold of $$("details[open][id]", now)) next.querySelector(`#${CSS.escape(fold.id)}`)?.setAttribute("open", "");
    const fold = now.contains(document.activeElement) && document.activeElement.closest("details[id]")?.id;
    now.replaceWith(next);
    if (fold) $(`#${CSS.escape(fold)} > summary`)?.focus();
  }
  return left;
}

const changedBy = debounce(async (name) => {
  const strip = byId("changed-meanwhile");
  try {
    if (!(await redraw()) || !strip) return;
    $(".changed-by", strip).textContent = name;
    strip.hidden = false;
  } catch {
    // the next change draws it
  }
}, 200);

live.on("event", ({ type, data, actor }) => {
  if (type === "settings.changed" && ["assistant", "knowledge"].includes(data.section)) changedBy(actor?.name || "The Practice Assistant");
});
live.on("reset", () => changedBy("A colleague"));

// -- a trial on past conversations runs: its result comes here

async function look(left) {
  const before = byId("shadow").textContent;
  try {
    await redraw();
  } catch {
    // the next look
  }
  const isDone = byId("shadow").textContent !== before;
  // It is there: nobody needs to be told that it comes.
  if (isDone && location.search.includes("trying=")) {
    const query = new URLSearchParams(location.search);
    query.delete("trying");
    history.replaceState(null, "", `${location.pathname}?${query}#shadow`);
  }
  const more = isDone ? Math.min(left - 1, 2) : left - 1;
  if (more > 0) setTimeout(look, LOOK_MS, more);
}
if (byId("shadow")?.dataset.trying !== undefined) setTimeout(look, LOOK_MS, MOST_LOOKS);
