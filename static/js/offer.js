/* The palette's door: what any module may offer in it, and opening it. Its own code comes when it is first opened. */

import { $, act, byId } from "./dom.js";
import { openDialog } from "./menu.js";
import { toastError } from "./toast.js";

export const sources = [];
/** Add actions: a function that returns [{group, word, hint, run}] as they are possible right now. */
export const offer = (source) => sources.push(source);

export let openPerson = (id) => location.assign(`/inbox?view=all&thread=${id}`);
/** Say how a person's conversation is opened without leaving the page. */
export const whenPerson = (task) => {
  openPerson = task;
};

/** What the palette was opened for last. */
export let asked = null;

async function loadCommands() {
  if (document.body.dataset.page === "inbox") await import("./commands.js");
}

/** Open the dialog at once, so that what is typed meanwhile lands in its field; then show what it is opened for. */
async function start(title, coming) {
  const [dialog, field] = [byId("palette"), byId("palette-q")];
  asked = coming;
  field.value = "";
  field.placeholder = title;
  field.setAttribute("aria-label", title);
  byId("palette-list").replaceChildren();
  byId("palette-empty").hidden = true;
  openDialog("palette", field);
  try {
    const [{ show }, mode] = await Promise.all([import("./palette.js"), coming, loadCommands()]);
    if (asked !== coming || !dialog.open) return;
    asked = mode;
    show(mode);
  } catch (error) {
    dialog.close();
    toastError(error);
  }
}

/** Let somebody choose one of some options, which may still be coming: {options, run, free}; `run(value, option)` is called
    with the choice, and `free` allows words of one's own. */
export const pick = (title, coming) => start(title, Promise.resolve(coming).then(({ options, run, free }) => (
  { options: options.map((option) => ({ ...option, run: () => run(option.value, option) })), run, free })));

const openPalette = () => start("Find a person or an action", Promise.resolve({ options: null }));

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== "k") return;
  event.preventDefault();
  const dialog = byId("palette");
  if ($("#lock[open]") || !dialog) return;
  if (dialog.open) dialog.close();
  else openPalette();
});

act("palette", openPalette);
act("new", () => {
  openDialog("new", byId("new-to"));
  // Until it is here the form works as a plain one.
  loadCommands().catch(() => {});
});
