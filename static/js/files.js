/* Files for the next reply: uploaded at once, shown above the buttons, sent by their ids. Loaded with the first file. */

import { $, act, announce, byId, make } from "./dom.js";
import { Refused, csrf } from "./api.js";
import { toast, toastError } from "./toast.js";

const LARGEST = 10 * 1024 * 1024;
const MOST = 10;
const SLOWEST_MS = 120_000;

/** thread -> its files: {key, name, size, id, line, call, picture}. Without `id` a file is still on its way. */
const boxes = new Map();
const boxOf = (thread) => boxes.get(thread) || boxes.set(thread, []).get(thread);
let keys = 0;

const size = (bytes) => (bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1_000))} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`);

/** Begin to upload files for a conversation. */
export function add(thread, list) {
  for (const file of list) {
    if (boxOf(thread).length >= MOST) {
      toast(`At most ${MOST} files go with one message.`, { error: true });
      break;
    }
    if (file.size > LARGEST) {
      toast(`${file.name} is larger than 10 MB.`, { error: true });
      continue;
    }
    const entry = { key: String((keys += 1)), name: file.name || "Picture", size: file.size, id: null };
    if (file.type.startsWith("image/")) entry.picture = URL.createObjectURL(file);
    boxOf(thread).push(entry);
    upload(thread, entry, file);
  }
  draw(thread);
}

function upload(thread, entry, file) {
  const form = new FormData();
  form.append("file", file, entry.name);
  // Only this old kind of call tells how far it is.
  const call = new XMLHttpRequest();
  entry.call = call;
  call.open("POST", `${document.body.dataset.api}/attachments`);
  call.timeout = SLOWEST_MS;
  call.setRequestHeader("accept", "application/json");
  call.setRequestHeader("x-csrftoken", csrf());
  call.upload.onprogress = (event) => {
    const bar = entry.line && $("progress", entry.line);
    if (bar && event.lengthComputable) bar.value = event.loaded / event.total;
  };
  call.onloadend = () => {
    entry.call = null;
    if (!boxOf(thread).includes(entry)) return;
    let told = {};
    try {
      told = JSON.parse(call.responseText);
    } catch {
      // No answer, or a page of somebody in between.
    }
    if (call.status === 201) {
      Object.assign(entry, { id: told.id, name: told.name, size: told.size });
      announce(`${entry.name} is attached`);
    } else {
      drop(thread, entry);
      toastError(new Refused(call.status, told));
    }
    draw(thread);
  };
  call.send(form);
}

function drop(thread, entry) {
  boxes.set(thread, boxOf(thread).filter((other) => other !== entry));
  entry.call?.abort();
  if (entry.picture?.startsWith("blob:")) URL.revokeObjectURL(entry.picture);
}

/** Draw a conversation's files into the composer on the screen. */
export function draw(thread) {
  const list = byId("attached");
  if (!list || byId("conversation")?.dataset.thread !== thread) return;
  const box = boxOf(thread);
  list.hidden = !box.length;
  byId("body").required = !box.length;
  list.replaceChildren(...box.map(lineOf));
}

function lineOf(entry) {
  const line = make("li", {});
  if (entry.picture) line.append(make("img", { src: entry.picture, alt: "" }));
  line.append(make("bdi", {}, entry.name));
  if (entry.id) line.append(make("span", { class: "muted" }, size(entry.size)));
  else line.append(make("progress", { max: 1, value: 0, "aria-label": `Uploading ${entry.name}` }));
  const cross = $("#cross-template").content.cloneNode(true).firstElementChild;
  cross.dataset.file = entry.key;
  cross.setAttribute("aria-label", `Remove ${entry.name}`);
  line.append(cross);
  entry.line = line;
  return line;
}

act("remove-file", (_event, button) => {
  const thread = byId("conversation").dataset.thread;
  const entry = boxOf(thread).find((other) => other.key === button.dataset.file);
  if (!entry) return;
  drop(thread, entry);
  draw(thread);
  announce(`${entry.name} is removed`);
  byId("body").focus();
});

/** Say whether a file is still on its way. */
export const waits = (thread) => boxOf(thread).some((entry) => !entry.id);
export const any = (thread) => boxOf(thread).length > 0;

/** Take the files for a message that is being sent. */
export function take(thread) {
  const taken = boxOf(thread).map(({ key, id, name, size: bytes, picture }) => ({ key, id, name, size: bytes, picture }));
  boxes.delete(thread);
  draw(thread);
  return taken;
}

/** Put back what did not go; a message as the server has it brings its own. */
export function putBack(thread, list) {
  const box = boxOf(thread);
  for (const file of list || []) {
    if (box.some((entry) => entry.id === file.id)) continue;
    box.push({ key: file.key || String((keys += 1)), id: file.id, name: file.name, size: file.size, picture: file.picture || file.thumbnail });
  }
  draw(thread);
}
