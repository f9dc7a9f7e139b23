/* Earlier messages of the open conversation, above what is shown. Loaded when they are first asked for. */

import { byId, parse } from "./dom.js";
import { fragment } from "./api.js";
import { openThread } from "./list.js";
import { toastError } from "./toast.js";

/** Put the messages before the ones shown above them; what is on the screen stays where it is. */
export async function load(link) {
  const log = byId("log");
  const holder = link.closest("li");
  link.setAttribute("aria-disabled", "true");
  try {
    const thread = openThread();
    const found = parse(await fragment(`/inbox/threads/${thread}/earlier?before=${encodeURIComponent(link.dataset.before)}`));
    if (thread !== openThread() || !holder.isConnected) return;
    const bottom = log.scrollHeight - log.scrollTop;
    const came = [...found.children];
    const lastDay = came.filter((item) => item.classList.contains("day")).at(-1)?.dataset.day;
    const repeated = holder.nextElementSibling;
    if (repeated?.classList.contains("day") && repeated.dataset.day === lastDay) repeated.remove();
    holder.replaceWith(...came);
    log.scrollTop = log.scrollHeight - bottom;
    (byId("earlier")?.querySelector("a") || log).focus({ preventScroll: true });
  } catch (error) {
    link.removeAttribute("aria-disabled");
    toastError(error);
  }
}
