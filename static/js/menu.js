/* Menus are <details>, dialogs are <dialog>: both work without scripts. Here: arrow keys, Esc, typing ahead, one open at a time. */

import { $, $$, act, byId } from "./dom.js";

const ITEMS = ".menu-item:not([disabled]), .emoji-grid button, .menu-form .btn";

const openMenu = () => $("details.menu[open]");
const items = (menu) => $$(ITEMS, menu).filter((item) => item.offsetParent !== null && !item.querySelector("input:disabled"));
// What an item says, without initials and glyphs that only decorate it.
const words = (item) => [...item.childNodes].filter((node) => !node.getAttribute?.("aria-hidden")).map((node) => node.textContent).join("").trim().toLowerCase();
const focusable = (item) => item.querySelector?.("input") || item;

export function closeMenus(except = null) {
  for (const menu of $$("details.menu[open]")) if (!except || !menu.contains(except)) menu.open = false;
}

/** Close the menu an element is in and give focus back to what opened it. */
export function closeMenuOf(element) {
  const menu = element?.closest?.("details.menu");
  if (!menu?.open) return;
  menu.open = false;
  if (menu.contains(document.activeElement)) $("summary", menu).focus();
}

/** Open a menu from the keyboard; `first` picks the item that gets focus. */
export function openMenuById(id, first = () => true) {
  const menu = byId(id);
  if (!menu || menu.offsetParent === null) return false;
  closeMenus(menu);
  menu.open = true;
  const found = items(menu);
  const field = $("input[type=search]", menu);
  (field || focusable(found.find(first) || found[0] || $("summary", menu))).focus();
  return true;
}

document.addEventListener("toggle", (event) => {
  if (event.target.matches?.("details.menu") && event.target.open) closeMenus(event.target);
}, true);

document.addEventListener("pointerdown", (event) => closeMenus(event.target.closest("details.menu")));

document.addEventListener("focusin", (event) => {
  const menu = openMenu();
  // A press on words in the menu gives the focus to what lies around it: closing now would take the words from under the click.
  if (menu && !menu.contains(event.target) && !event.target.contains(menu) && !event.target.closest("dialog")) menu.open = false;
});

let typed = "";
let typedAt = 0;

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu");
  if (!menu?.open) {
    if (event.target.tagName === "SUMMARY" && menu && ["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault();
      openMenuById(menu.id);
    }
    return;
  }
  if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    menu.open = false;
    $("summary", menu).focus();
    return;
  }
  const inText = event.target.matches("input:not([type=radio]):not([type=checkbox]), textarea");
  if (inText && event.key === "Enter") {
    // Enter in a field would press the form's first button, which is another one than the field's own.
    const own = event.target.closest(".menu-form")?.querySelector("button");
    const shown = own || items(menu)[0];
    if (shown) {
      event.preventDefault();
      shown.click();
    }
    return;
  }
  if (inText && !["ArrowDown", "ArrowUp"].includes(event.key)) return;
  const list = items(menu).map(focusable);
  const at = list.indexOf(event.target);
  const step = { ArrowDown: 1, ArrowUp: -1, ArrowRight: 1, ArrowLeft: -1 }[event.key];
  let next = null;
  if (step) next = list[(at + step + list.length) % list.length];
  else if (event.key === "Home") next = list[0];
  else if (event.key === "End") next = list.at(-1);
  else if (event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey) {
    typed = Date.now() - typedAt > 800 ? event.key : typed + event.key;
    typedAt = Date.now();
    next = list.find((item) => words(item.closest(".menu-item") || item).startsWith(typed.toLowerCase()));
    event.stopPropagation();
  }
  if (next) {
    event.preventDefault();
    next.focus();
  }
}, true);

// -- dialogs: the browser keeps the focus inside; we remember where it came from

const openers = new WeakMap();

export function openDialog(id, focus = null) {
  const dialog = byId(id);
  if (!dialog || dialog.open) return dialog;
  closeMenus();
  openers.set(dialog, document.activeElement);
  dialog.showModal();
  focus?.focus();
  return dialog;
}

document.addEventListener("close", (event) => {
  const opener = openers.get(event.target);
  openers.delete(event.target);
  if (opener?.isConnected && (document.activeElement === document.body || !document.activeElement)) opener.focus();
}, true);

document.addEventListener("click", (event) => {
  // A click beside the box, on the backdrop, closes it: the target is then the dialog itself.
  if (event.target instanceof HTMLDialogElement && event.target.open && event.target.id !== "lock" && event.target.id !== "confirm") {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) event.target.close();
  }
});

act("dialog-close", (_event, button) => button.closest("dialog").close());
act("help-sheet", () => openDialog("help"));
