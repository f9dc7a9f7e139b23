// Times in the clinic's own zone, and the waiting timers: one tick a minute for all of them.
import {$$, body} from "./page.js";

const zone = body.dataset.tz || "UTC";
const locale = body.dataset.locale || "en-US";
const target = Number(body.dataset.target || 15);
const hours = JSON.parse(body.dataset.hours || "{}");
const format = (options) => new Intl.DateTimeFormat(locale, {timeZone: zone, ...options});
const clock = format({hour: "numeric", minute: "2-digit"});
const weekday = format({weekday: "short"});
const monthDay = format({month: "short", day: "numeric"});
const withYear = format({month: "short", day: "numeric", year: "numeric"});
const longDay = format({weekday: "long", month: "long", day: "numeric"});
const full = format({dateStyle: "full", timeStyle: "short"});
const parts = new Intl.DateTimeFormat("en-CA", {
  timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", weekday: "short", hourCycle: "h23",
});
const plain = (text) => text.replace(/\u202f|\u00a0/g, " ");

export const dayKey = (at) => new Intl.DateTimeFormat("en-CA", {timeZone: zone}).format(at);
export const clockTime = (at) => plain(clock.format(at));
export const fullTime = (at) => plain(full.format(at));

const daysBetween = (a, b) => Math.round((Date.parse(dayKey(b)) - Date.parse(dayKey(a))) / 86400000);

/** A list's time: today "9:42 AM", "Yesterday", this week "Tue", older "Mar 3", another year with the year. */
export function listTime(at, now = new Date()) {
  const days = daysBetween(at, now);
  if (days <= 0) return clockTime(at);
  if (days === 1) return "Yesterday";
  if (days < 7) return weekday.format(at);
  return dayKey(at).slice(0, 4) === dayKey(now).slice(0, 4) ? monthDay.format(at) : withYear.format(at);
}

export function dayDivider(at, now = new Date()) {
  const days = daysBetween(at, now);
  return days <= 0 ? "Today" : days === 1 ? "Yesterday" : longDay.format(at);
}

const DAYS = {Mon: 1, Tue: 2, Wed: 3, Thu: 4, Fri: 5, Sat: 6, Sun: 7};
const minutesOf = (text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));

function local(at) {
  const found = Object.fromEntries(parts.formatToParts(at).map((one) => [one.type, one.value]));
  return {day: DAYS[found.weekday], minute: Number(found.hour) * 60 + Number(found.minute)};
}

/** Minutes between two instants that lie in the clinic's hours; all minutes when it has told none. At most 30 days. */
export function openMinutes(since, now = new Date()) {
  const total = Math.max(0, Math.floor((now - since) / 60000));
  if (!Object.keys(hours).length) return total;
  let open = 0;
  let at = new Date(since);
  for (let step = 0; step < 31 && at < now; step += 1) {
    const {day, minute} = local(at);
    const untilMidnight = 1440 - minute;
    const span = Math.min(untilMidnight, Math.ceil((now - at) / 60000));
    for (const [from, to] of hours[day] || []) {
      open += Math.max(0, Math.min(minute + span, minutesOf(to)) - Math.max(minute, minutesOf(from)));
    }
    at = new Date(at.getTime() + untilMidnight * 60000);
  }
  return Math.min(open, total);
}

export function waitingText(minutes) {
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 1440) return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60}` : `${Math.floor(minutes / 60)} h`;
  const days = Math.floor(minutes / 1440);
  return days === 1 ? "1 day" : `${days} days`;
}

/** Brings every waiting timer and list time up to date. */
export function tick(root = document) {
  const now = new Date();
  for (const element of $$("time[data-wait]", root)) {
    const minutes = openMinutes(new Date(element.dateTime), now);
    const word = element.querySelector("span") || element;
    if (word.textContent !== waitingText(minutes)) word.textContent = waitingText(minutes);
    if (element.dataset.wait === "plain") continue;
    element.classList.toggle("late", minutes >= target);
    element.classList.toggle("soon", minutes >= target / 2 && minutes < target);
  }
  for (const element of $$("time[data-time=list]", root)) {
    const text = listTime(new Date(element.dateTime), now);
    if (element.textContent !== text) element.textContent = text;
  }
}

setInterval(tick, 60000);
