// Ctrl K: actions on this conversation, places, people, saved replies. Actions at once, people after a short pause.
import {$, $$, act, body, byId, make, prefs} from "./page.js";
import {get} from "./api.js";
import {done, mine, open, openMenu} from "./conversation.js";
import {selected} from "./list.js";
import {setKind} from "./composer.js";

const PAUSE = 120;
let shown = [];
let active = 0;
let timer = null;
let people = [];

function actions() {
  const list = [];
  if (selected()) {
    list.push(["Reply", "r", () => setKind("reply")], ["Note to team", "n", () => setKind("note")], ["Done", "e", done],
      ["Give it to me", "m", mine], ["Assign", "a", () => openMenu("assign-menu")], ["Snooze", "h", () => openMenu("snooze-menu")], ["Tag", "t", () => openMenu("tag-menu")]);
  }
  if ($("[data-act=new]")) list.push(["New message", "c", () => $("[data-act=new]").click()]);
  list.push(["Keyboard shortcuts", "?", () => byId("help").showModal()]);
  if (Number(body.dataset.lock)) list.push(["Lock the screen", "", () => document.dispatchEvent(new CustomEvent("orasync:lock"))]);
  return list.map(([text, key, run]) => ({group: "Actions", text, key, run}));
}
const places = () => [["Inbox", "/inbox"], ["Activity log", "/activity"], ["Settings", "/settings"], ["Status", "/status"]]
  .map(([text, href]) => ({group: "Go to", text, run: () => location.assign(href)}));
const replies = () => $$("[data-act=use-reply]").map((button) => ({group: "Saved replies", text: button.dataset.name, run: () => button.click()}));

/** Letters in order, not necessarily side by side: how well, or -1. */
function fit(text, typed) {
  const [where, what] = [text.toLowerCase(), typed.toLowerCase()];
  const at = where.indexOf(what);
  if (at >= 0) return 100 - at;
  let from = 0;
  for (const letter of what) { from = where.indexOf(letter, from) + 1; if (!from) return -1; }
  return 10;
}

function draw() {
  const typed = byId("palette-q").value.trim();
  const recent = prefs.get("recent", "").split("|");
  const local = [...actions(), ...places(), ...replies()]
    .map((one) => ({...one, score: typed ? fit(one.text, typed) : recent.includes(one.text) ? 60 - recent.indexOf(one.text) : one.group === "Saved replies" ? -1 : 1}))
    .filter((one) => one.score >= 0).sort((a, b) => b.score - a.score);
  shown = [...local.slice(0, typed ? 6 : 12), ...(typed ? people : [])];
  active = Math.min(active, Math.max(0, shown.length - 1));
  let group = "";
  const list = byId("palette-list");
  list.replaceChildren();
  shown.forEach((one, index) => {
    if (one.group !== group) { group = one.group; list.append(make("li", {class: "palette-group", role: "presentation"}, group)); }
    const item = make("li", {class: "palette-item", id: `found-${index}`, role: "option", "aria-selected": String(index === active)}, make("span", {}, one.text));
    if (one.key) item.append(make("kbd", {}, one.key));
    if (one.hint) item.append(make("small", {}, one.hint));
    item.addEventListener("pointerdown", (event) => { event.preventDefault(); pick(index); });
    list.append(item);
  });
  byId("palette-empty").hidden = shown.length > 0;
  byId("palette-q").setAttribute("aria-activedescendant", shown.length ? `found-${active}` : "");
  byId(`found-${active}`)?.scrollIntoView({block: "nearest"});
}

async function findPeople() {
  const typed = byId("palette-q").value.trim();
  people = [];
  if (typed.length >= 2) {
    try {
      const page = await get(`threads?view=all&limit=8&q=${encodeURIComponent(typed)}`);
      if (byId("palette-q").value.trim() !== typed) return;
      people = page.items.map((thread) => ({group: "Patients", text: thread.contact.name, hint: thread.contact.phone || thread.contact.email || "",
        run: () => (body.dataset.page === "inbox" ? open(thread.id) : location.assign(`/inbox?thread=${thread.id}`))}));
    } catch { /* the actions are there all the same */ }
  }
  draw();
}

function pick(index) {
  const one = shown[index];
  if (!one) return;
  byId("palette").close();
  if (one.group === "Actions" || one.group === "Go to") prefs.set("recent", [one.text, ...prefs.get("recent", "").split("|").filter((text) => text && text !== one.text)].slice(0, 8).join("|"));
  one.run();
}

/** Opens the palette. */
export function openPalette() {
  const dialog = byId("palette");
  if (!dialog || dialog.open) return;
  byId("palette-q").value = "";
  people = [];
  active = 0;
  dialog.showModal();
  draw();
}
act("palette", openPalette);

export function start() {
  const field = byId("palette-q");
  if (!field) return;
  field.addEventListener("input", () => { active = 0; draw(); clearTimeout(timer); timer = setTimeout(findPeople, PAUSE); });
  field.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { active = (active + (event.key === "ArrowDown" ? 1 : shown.length - 1)) % Math.max(1, shown.length); draw(); event.preventDefault(); }
    else if (event.key === "Enter") { pick(active); event.preventDefault(); }
  });
}
