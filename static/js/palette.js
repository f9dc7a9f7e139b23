/* The command palette: a dialog with a field and a list. Own actions answer at once, people after a short pause.
   Loaded when it is first opened (offer.js). */

import { byId, debounce, make } from "./dom.js";
import { get } from "./api.js";
import { asked, openPerson, sources } from "./offer.js";

const PAUSE_MS = 120;
const MOST_PEOPLE = 6;
const MOST_RECENT = 20;
const RECENT = "orasync.recent-actions"; // names of our own actions only, nothing about people

let mode = null; // what the palette is used for now: {options, run, free}; without options it finds everything
let shown = [];
let at = 0;
let people = [];
let asking = null;

const dialog = () => byId("palette");
const field = () => byId("palette-q");

/** How well a word fits what is typed: 0 not at all; the start of a word beats letters in between. */
function fit(word, typed) {
  if (!typed) return 1;
  const text = word.toLowerCase();
  if (text.startsWith(typed)) return 4;
  if (text.split(/\s+/).some((part) => part.startsWith(typed))) return 3;
  if (text.includes(typed)) return 2;
  let from = 0;
  for (const letter of typed.replaceAll(" ", "")) {
    from = text.indexOf(letter, from) + 1;
    if (!from) return 0;
  }
  return typed.length > 2 ? 1 : 0;
}

function recent() {
  try {
    return JSON.parse(localStorage.getItem(RECENT) || "[]");
  } catch {
    return [];
  }
}

function remember(option) {
  if (!option.group || option.isPerson) return;
  try {
    localStorage.setItem(RECENT, JSON.stringify([option.word, ...recent().filter((word) => word !== option.word)].slice(0, MOST_RECENT)));
  } catch {
    // a browser that keeps nothing forgets the order, no more
  }
}

/** Show what the dialog was opened for, in the light of what has been typed since. */
export function show(wanted) {
  mode = wanted;
  people = [];
  look();
  findPeople();
}

function look() {
  const typed = field().value.trim().toLowerCase();
  const order = recent();
  const rank = (option) => (order.indexOf(option.word) + 1 || 99);
  const options = mode.options || sources.flatMap((source) => source());
  const found = options.map((option) => ({ option, score: fit(option.word, typed) })).filter(({ score }) => score > 0);
  if (!mode.options) found.sort((a, b) => b.score - a.score || rank(a.option) - rank(b.option));
  else if (typed) found.sort((a, b) => b.score - a.score);
  shown = found.map(({ option }) => option);
  if (!mode.options) shown = byGroup([...shown, ...people]);
  const word = field().value.trim();
  if (mode.free && word && !mode.options.some((option) => option.word.toLowerCase() === typed)) {
    shown.push({ word: `${mode.free} “${word}”`, run: () => mode.run(word, { word }) });
  }
  at = 0;
  draw();
}

function byGroup(options) {
  const groups = new Map();
  for (const option of options) groups.set(option.group, [...(groups.get(option.group) || []), option]);
  return [...groups.values()].flat();
}

function draw() {
  const list = byId("palette-list");
  const items = [];
  let group = null;
  shown.forEach((option, index) => {
    if (option.group && option.group !== group) {
      group = option.group;
      items.push(make("li", { class: "palette-group", role: "presentation" }, group));
    }
    const item = make("li", { class: "palette-item", role: "option", id: `found-${index}`, "aria-selected": String(index === at) }, make("span", {}, option.word));
    if (option.hint) item.append(make("small", {}, option.hint));
    item.addEventListener("click", () => run(index));
    items.push(item);
  });
  list.replaceChildren(...items);
  byId("palette-empty").hidden = shown.length > 0;
  select(at);
}

function select(index) {
  byId(`found-${at}`)?.setAttribute("aria-selected", "false");
  at = index;
  const item = byId(`found-${at}`);
  item?.setAttribute("aria-selected", "true");
  item?.scrollIntoView({ block: "nearest" });
  if (item) field().setAttribute("aria-activedescendant", item.id);
  else field().removeAttribute("aria-activedescendant");
}

function run(index) {
  const option = shown[index];
  if (!option) return;
  remember(option);
  dialog().close();
  option.run();
}

const findPeople = debounce(async () => {
  const typed = field().value.trim();
  asking?.abort();
  if (mode.options || typed.length < 2) {
    people = [];
    return;
  }
  asking = new AbortController();
  try {
    const page = await get(`/threads?view=all&limit=${MOST_PEOPLE}&q=${encodeURIComponent(typed)}`, { signal: asking.signal });
    people = page.items.map((thread) => ({
      group: "Patients", isPerson: true, word: thread.contact.name || thread.contact.phone || thread.contact.email || "Unknown person",
      hint: thread.contact.name ? thread.contact.phone || thread.contact.email || "" : "", run: () => openPerson(thread.id),
    }));
    look();
  } catch {
    // the actions stay
  }
}, PAUSE_MS);

// What the dialog was opened for before must not answer a key.
const isOurs = (event) => event.target === field() && mode === asked;

document.addEventListener("input", (event) => {
  if (!isOurs(event)) return;
  if (field().value.trim().length < 2) people = [];
  look();
  findPeople();
});

document.addEventListener("keydown", (event) => {
  if (!isOurs(event) || event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && shown.length) select((at + step + shown.length) % shown.length);
  else if (event.key === "Enter") run(at);
  else return;
  event.preventDefault();
});
