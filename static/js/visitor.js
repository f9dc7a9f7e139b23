/* Whether the patient of a web chat is on the clinic's site. Loaded with the first such conversation. */

import { byId } from "./dom.js";
import { waitingText } from "./time.js";

const AGAIN_MS = 30_000;

let timer = 0;

/** Write "Here now" or when they left; `visitors` are the conversations whose page is open somewhere. */
export function showVisitor(mark, visitors) {
  clearTimeout(timer);
  if (!mark.isConnected) return;
  const isHere = visitors.includes(byId("conversation")?.dataset.thread);
  // What the page was loaded with is when they were last heard of; who leaves now, leaves now.
  if (!isHere && mark.dataset.here) mark.dataset.seen = new Date().toISOString();
  mark.dataset.here = isHere ? "1" : "";
  const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(mark.dataset.seen)) / 60_000));
  const words = isHere ? "Here now" : minutes < 1 ? "Left just now" : `Left ${waitingText(minutes)} ago`;
  if (mark.textContent !== words) mark.textContent = words;
  timer = setTimeout(showVisitor, AGAIN_MS, mark, visitors);
}
