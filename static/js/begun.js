/* Going on with a reply that a colleague has begun, and hearing that a colleague goes on with one's own. */

import { byId, firstName } from "./dom.js";
import { post } from "./api.js";
import { setText, write } from "./composer.js";
import { leftFrom, opened, putBack } from "./drafts.js";
import { openThread } from "./list.js";
import { toast } from "./toast.js";

/** Take over what a colleague has begun: it stands in the field, above what is typed there. */
export async function take(button) {
  const thread = openThread();
  button.disabled = true;
  try {
    const { staff, body } = await post(`/threads/${thread}/draft/continue`, { staff_id: button.value });
    if (thread !== openThread()) return;
    button.closest("#begun")?.remove();
    write("reply");
    setText(putBack(thread, "reply", body));
    toast(`You continue what ${firstName(staff.name)} has begun.`);
  } finally {
    button.disabled = false;
  }
}

/** A colleague goes on with what was begun here: it leaves this field, unless more has been typed since. */
export function gone({ actor, data: { thread } }) {
  const left = leftFrom(thread.id, "reply");
  if (left.text !== left.saved) {
    opened(thread.id, "reply", "");
    putBack(thread.id, "reply", left.text);
    return;
  }
  if (thread.id === openThread() && byId("composer")?.dataset.kind === "reply") byId("body").value = "";
  toast(`${firstName(actor.name) || "A colleague"} continues your reply to ${firstName(thread.contact.name) || "this patient"}.`);
}
