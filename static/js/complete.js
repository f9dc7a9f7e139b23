/* Completion while writing: "/" saved replies, ":" emoji, "@" colleagues in notes. A list under the caret's field, moved
   through with the arrows while the focus stays in the field. Loaded when the field is first used. */

import { $, $$, byId, firstName, initials, make, me } from "./dom.js";
import { team } from "./presence.js";
import { fillTokens } from "./texts.js";

export { lengthLine } from "./texts.js";

const MOST = 6; // so many fit without scrolling
const KINDS = [
  { sign: "/", match: /(?:^|\s)(\/([^\s/]{0,30}))$/, kind: "reply", options: savedReplies },
  { sign: ":", match: /(?:^|\s)(:([a-z]{1,20}))$/, kind: "", options: emoji },
  { sign: "@", match: /(?:^|\s)(@([\p{L}'’-]{0,20}(?: [\p{L}'’-]{1,20})?))$/u, kind: "note", options: colleagues },
];

let open = null; // {from, options, at}

const field = () => byId("body");
const list = () => byId("mentions");

/** Put into a saved reply what its places stand for here. */
export function filled(text) {
  const data = byId("conversation")?.dataset || {};
  return fillTokens(text, {
    // Somebody known by a number only is not greeted with it.
    first_name: initials(data.name) === "#" ? "there" : data.firstName, name: data.name, clinic: document.body.dataset.clinicName, my_name: firstName(me.name),
  });
}

/** Put a saved reply or an emoji where the caret is. */
export function insert({ dataset }) {
  const area = field();
  area.setRangeText(dataset.emoji ?? filled(dataset.body), area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
}

/** Show in the menu of saved replies only those with these words. */
export function filterReplies(text) {
  const wanted = text.trim().toLowerCase();
  for (const button of $$("#saved-menu [data-act=use-reply]")) {
    button.hidden = Boolean(wanted) && !`${button.dataset.name} ${button.dataset.body}`.toLowerCase().includes(wanted);
  }
}

function savedReplies(typed) {
  const found = $$("#saved-menu [data-act=use-reply]").map((button) => ({ word: button.dataset.name, text: filled(button.dataset.body), isLong: true }));
  const starts = (option) => option.word.toLowerCase().split(/\s+/).some((word) => word.startsWith(typed)) || option.word.toLowerCase().startsWith(typed);
  return found.filter((option) => !typed || starts(option));
}

function emoji(typed) {
  return $$("#emoji-menu [data-emoji]").filter((button) => button.dataset.name.startsWith(typed))
    .map((button) => ({ word: `${button.dataset.emoji} ${button.dataset.name}`, text: button.dataset.emoji }));
}

function colleagues(typed) {
  return team().filter((person) => person.id !== me.id && person.name.toLowerCase().split(" ").concat(person.name.toLowerCase()).some((word) => word.startsWith(typed)))
    .map((person) => ({ word: person.name, text: `@${person.name} ` }));
}

/** Look at what stands before the caret and offer what fits. */
export function suggest() {
  const area = field();
  if (!area || area.selectionStart !== area.selectionEnd) {
    close();
    return;
  }
  const before = area.value.slice(0, area.selectionStart);
  const kind = byId("composer").dataset.kind;
  for (const one of KINDS) {
    if (one.kind && one.kind !== kind) continue;
    const found = one.match.exec(before);
    if (!found) continue;
    const options = one.options(found[2].toLowerCase()).slice(0, MOST);
    if (!options.length) break;
    open = { from: area.selectionStart - found[1].length, options, at: 0 };
    draw();
    return;
  }
  close();
}

function draw() {
  const area = field();
  const holder = list();
  holder.replaceChildren(...open.options.map((option, index) => {
    const item = make("li", { class: "menu-item", role: "option", id: `option-${index}`, "aria-selected": String(index === open.at) });
    if (option.isLong) item.append(make("span", { class: "two" }, make("span", {}, option.word), make("small", {}, option.text)));
    else item.append(option.word);
    item.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      choose(index);
    });
    return item;
  }));
  holder.hidden = false;
  area.setAttribute("aria-controls", "mentions");
  area.setAttribute("aria-autocomplete", "list");
  area.setAttribute("aria-activedescendant", `option-${open.at}`);
  $(`#option-${open.at}`, holder)?.scrollIntoView({ block: "nearest" });
}

export function close() {
  if (!open) return;
  open = null;
  const holder = list();
  if (holder) holder.hidden = true;
  field()?.removeAttribute("aria-activedescendant");
}

function choose(index) {
  const area = field();
  const option = open.options[index];
  const { from } = open;
  close();
  area.setRangeText(option.text, from, area.selectionStart, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
}

/** Take a key of the field while the list is open; says whether it was used. */
export function takeKey(event) {
  if (!open || event.isComposing) return false;
  const count = open.options.length;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    open.at = (open.at + (event.key === "ArrowDown" ? 1 : count - 1)) % count;
    draw();
  } else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") choose(open.at);
  else if (event.key === "Escape") close();
  else return false;
  event.preventDefault();
  event.stopPropagation();
  return true;
}
