/* Who a person is: numbers, families, joining, blocking. Loaded when one of its forms is sent, or two people were joined. */

import { announce, byId, make } from "./dom.js";
import { sendForm } from "./api.js";
import { setText } from "./composer.js";
import { addressOf, open, redrawHead } from "./conversation.js";
import { leftFrom, putBack } from "./drafts.js";
import { openThread } from "./list.js";
import { toast, toastError } from "./toast.js";

const SAID = { merge: "They are one person now. You can part them again below.", undo: "They are two people again.", block: "Blocked. What they write is kept under All.", unblock: "You hear from them again." };

/** Send one of the forms of the details and draw what came of it. */
export async function submit(form, submitter) {
  if (form.dataset.sending) return;
  form.dataset.sending = "true";
  const [id, verb] = [openThread(), form.action.split("/").at(-1)];
  const pressed = submitter?.name ? make("input", { type: "hidden", name: submitter.name, value: submitter.value }) : null;
  if (pressed) form.append(pressed);
  try {
    const query = new URL(await sendForm(form)).searchParams;
    const [thread, other] = [query.get("thread") || id, query.get("other")];
    if (SAID[verb]) toast(SAID[verb]);
    if (id !== openThread()) return;
    if (thread !== id) {
      await open(thread);
      return;
    }
    // The answer may come late: whoever writes elsewhere by now keeps the point and what they wrote.
    const place = document.activeElement?.closest("details, form");
    const wentOn = place && !place.contains(form);
    const part = byId(form.closest("#following")?.id || "people");
    if (!wentOn) {
      // Its fields are done with: the details may be drawn anew, and the focus goes to where it was pressed.
      document.activeElement?.blur();
      for (const fold of part?.querySelectorAll("details[open]") || []) fold.open = false;
    }
    history.replaceState(null, "", addressOf(id) + (other ? `&other=${encodeURIComponent(other)}` : ""));
    await redrawHead();
    if (other) {
      announce("This belongs to somebody else already. See below whether they are the same person.");
      byId("people")?.querySelector(`[data-candidate="${CSS.escape(other)}"] summary`)?.focus();
    } else if (!wentOn) {
      for (const field of byId("people")?.querySelectorAll("#point-new, #sharer-name") || []) field.value = "";
      part?.querySelector("summary")?.focus({ preventScroll: true });
    }
  } catch (error) {
    toastError(error);
  } finally {
    pressed?.remove();
    delete form.dataset.sending;
  }
}

/** Two people were joined, by whomever: an open conversation that is gone gives way to the one it is in now. */
export async function merged({ merged: gone, thread, undone }) {
  if (undone || openThread() !== gone.thread_id) return;
  const [reply, note] = ["reply", "note"].map((kind) => leftFrom(gone.thread_id, kind));
  if (note.text && note.text !== note.saved) putBack(thread.id, "note", note.text);
  await open(thread.id);
  toast("This conversation was joined with another one. Both are here now.");
  if (reply.text === reply.saved) return;
  // The server has joined what it knew of the draft; the rest was only here.
  const known = byId("body")?.value || "";
  const before = reply.saved && known.endsWith(reply.saved) ? known.slice(0, -reply.saved.length) : known && `${known}\n\n`;
  setText(before + reply.text);
}
