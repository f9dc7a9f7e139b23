/* The palette's door: what any module may offer in it, and opening it. Its own code comes when it is first opened. */

import { $, act, byId } from "./dom.js";
import { openDialog } from "./menu.js";
import { toast } from "./toast.js";

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
async function start(title, mode) {
  const [dialog, field] = [byId("palette"), byId("palette-q")];
  asked = mode;
  field.value = "";
  field.placeholder = title;
  field.setAttribute("aria-label", title);
  byId("palette-list").replaceChildren();
  byId("palette-empty").hidden = true;
  openDialog("palette", field);
  try {
    const [{ show }] = await Promise.all([import("./palette.js"), loadCommands()]);
    if (asked === mode && dialog.open) show(mode);
  } catch {
    dialog.close();
    toast("That needs a connection. Try again when you are back.", { error: true });
  }
}

/** Let somebody choose one of some options: `run(value, option)`; `free` allows words of one's own. */
export function pick(title, options, run, { free = "" } = {}) {
  start(title, { options: options.map((option) => ({ ...option, run: () => run(option.value, option) })), run, free });
}

const openPalette = () => start("Find a person or an action", { options: null });

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
