// What every module needs of the page: the body's data, short look-ups, and setting live values.
export const body = document.body;
export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
export const byId = (id) => document.getElementById(id);

/** Writes a value into every element that shows it. No request, no morph. */
export function show(name, value) {
  for (const element of $$(`[data-live="${name}"]`)) if (element.textContent !== String(value)) element.textContent = value;
}

/** Makes an element; text is text, never markup. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/** Turns the server's markup into elements. Scripts inside never run: a template's content is inert. */
export function parse(text) {
  const template = document.createElement("template");
  template.innerHTML = text;
  return template.content;
}

/** Brings an element to what the server says, keeping focus and what was typed. */
export function morph(element, text) {
  if (window.htmx?.swap) window.htmx.swap({text, target: element, swap: "outerMorph"});
  else element.replaceWith(parse(text));
}

const listeners = new Map();
/** A bus inside the page: modules tell each other without importing each other. */
export function on(name, listener) {
  listeners.set(name, [...(listeners.get(name) || []), listener]);
}
export function tell(name, detail) {
  for (const listener of listeners.get(name) || []) listener(detail);
}

/** Delegates clicks on `[data-act=name]`. */
const acts = new Map();
export function act(name, handler) {
  acts.set(name, handler);
}
document.addEventListener("click", (event) => {
  const target = event.target.closest?.("[data-act]");
  const handler = target && acts.get(target.dataset.act);
  if (!handler) return;
  if (target.tagName === "A" && (event.metaKey || event.ctrlKey || event.shiftKey || event.button)) return;
  if (target.type !== "checkbox") event.preventDefault();
  handler(target, event);
});

/** Says something to a screen reader. */
export function announce(text, now = false) {
  const element = byId(now ? "announcer-now" : "announcer");
  if (!element) return;
  element.textContent = "";
  requestAnimationFrame(() => { element.textContent = text; });
}

export const prefs = {
  get: (name, otherwise) => { try { return localStorage.getItem(`orasync.${name}`) ?? otherwise; } catch { return otherwise; } },
  set: (name, value) => { try { localStorage.setItem(`orasync.${name}`, value); } catch { /* private mode: not kept */ } },
};
