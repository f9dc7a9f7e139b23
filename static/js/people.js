// Who is online, who looks at this conversation, who is typing.
import {$, $$, body, byId, make, on, show} from "./page.js";

const me = body.dataset.staff;
const typing = new Map();
let viewers = {};
const FORGET = 8000;

const initials = (name) => name.split(/\s+/).filter(Boolean).map((one) => one[0]).slice(0, 2).join("").toUpperCase();

on("thread.presence", (data) => {
  const people = data.online.length;
  show("online", people === 1 ? "1 person online" : `${people} people online`);
  viewers = data.viewers;
  showViewers();
});

/** Draws the rings of the colleagues who look at the open conversation. */
export function showViewers() {
  const place = $("[data-live=viewers]");
  if (!place) return;
  const here = (viewers[byId("conversation").dataset.thread] || []).filter((one) => one.id !== me);
  place.replaceChildren(...here.slice(0, 4).map((one) =>
    make("span", {class: "avatar avatar-sm is-viewing", title: `${one.name} is looking at this`, role: "img", "aria-label": `${one.name} is looking at this`}, initials(one.name))));
}

on("thread.typing", ({thread, staff, on: isOn}) => {
  if (staff.id === me) return;
  clearTimeout(typing.get(thread)?.timer);
  if (isOn) typing.set(thread, {staff, timer: setTimeout(() => { typing.delete(thread); draw(thread); }, FORGET)});
  else typing.delete(thread);
  draw(thread);
});

/** Who types into a thread, or undefined. */
export const typist = (thread) => typing.get(thread)?.staff;

/** Draws "Priya is replying" in the row and above the field. */
export function draw(thread) {
  const who = typist(thread);
  const row = byId(`t-${thread}`);
  if (row) {
    row.classList.toggle("is-typing", Boolean(who));
    for (const place of $$(".row-typing", row)) place.textContent = who ? `${who.name.split(" ")[0]} is replying…` : "";
  }
  const line = byId("replying");
  if (line && byId("conversation").dataset.thread === thread) {
    line.hidden = !who;
    const text = $("span:last-child", line) || line;
    if (who) text.textContent = `${who.name.split(" ")[0]} is replying`;
  }
}
