/* Small helpers every module shares: finding elements, one click listener for all acts, announcements. */

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
export const byId = (id) => document.getElementById(id);

const data = document.body.dataset;
export const me = { id: data.staff, name: data.staffName || "" };

/** The word patients and colleagues are called by; a phone number stays whole, as in app/kit/format.py. */
export const firstName = (name) => (initials(name) === "#" ? name || "" : name.split(" ", 1)[0]);

export function initials(name) {
  const words = (name || "").replaceAll("-", " ").split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  if (!words.length) return "#";
  return ([...words[0]][0] + (words.length > 1 ? [...words.at(-1)][0] : "")).toUpperCase();
}

/** Make an element; children may be texts. No HTML strings: what people wrote stays text. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/** Parse a server's fragment. Scripts in it never run. */
export function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

// The addresses are ours (inbox.js). With its own history on, htmx marks every entry at every swap and, on Back, replaces the
// whole body with all that is typed in it.
if (globalThis.htmx) globalThis.htmx.config.history = false;

/** Make an element what the fragment says and keep what is the same: focus, scrolling, open menus. */
export function morph(element, html) {
  if (globalThis.htmx) globalThis.htmx.swap({ text: html, target: element, swap: "outerMorph" });
  else element.replaceWith(parse(html));
}

// -- acts: elements say data-act="name", modules say act("name", handler)

const acts = new Map();

/** Register what a click on [data-act=name] does. A handler that returns false leaves the browser's own behaviour. */
export function act(names, handler) {
  for (const name of names.split(" ")) acts.set(name, handler);
}

export function runAct(name, element = document.body, event = null) {
  return acts.get(name)?.(event, element);
}

document.addEventListener("click", (event) => {
  const element = event.target.closest?.("[data-act]");
  const handler = element && acts.get(element.dataset.act);
  if (!handler || event.button) return;
  // A link with a modifier opens a tab, as everywhere.
  if (element.tagName === "A" && (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)) return;
  if (handler(event, element) !== false) event.preventDefault();
});

// -- time slices

/** Run soon, together with the next paint; hidden tabs have no paints, so a timer stands behind it. */
export function soon(task) {
  let ran = false;
  const once = () => {
    if (ran) return;
    ran = true;
    task();
  };
  requestAnimationFrame(once);
  setTimeout(once, 200);
}

/** A function that runs once, `wait` ms after its last call; `.cancel()` forgets it, `.waits()` says if it is due. */
export function debounce(task, wait) {
  let timer = 0;
  const later = (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = 0;
      task(...args);
    }, typeof wait === "function" ? wait() : wait);
  };
  later.cancel = () => {
    clearTimeout(timer);
    timer = 0;
  };
  later.waits = () => timer !== 0;
  return later;
}

// -- what screens and screen readers are told

/** Write a value into every [data-live=key]; hidden while it is empty or zero where the element asks for it. */
export function show(key, text) {
  for (const element of $$(`[data-live="${key}"]`)) {
    const value = String(text);
    if (element.textContent !== value) element.textContent = value;
    if (element.classList.contains("badge")) element.hidden = value === "0" || value === "";
  }
}

/** Say something politely to screen readers. */
export const announce = (text) => speak(byId("announcer"), text);
/** Say something at once: only for patients who need help. */
export const announceNow = (text) => speak(byId("announcer-now"), text);

function speak(region, text) {
  if (!region) return;
  region.textContent = "";
  setTimeout(() => {
    region.textContent = text;
  }, 50);
}

export const inField = (target) => Boolean(target?.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]"));
export const dialogOpen = () => Boolean($("dialog[open]"));
export const uuid = () => crypto.randomUUID?.() ?? "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) =>
  (+c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (+c / 4)))).toString(16));
