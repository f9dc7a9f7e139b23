/* Times in the clinic's zone and locale, never the browser's: the twin of app/kit/format.py. What both say is the same. */

const DAY_MINUTES = 1_440;
const LONGEST_WAIT_DAYS = 30;
const MINUTE_MS = 60_000;

let clinic = { timezone: "UTC", locale: "en-US", hours: {}, target: 15 };
let formats = new Map();
let openings = new Map(); // day number -> when the clinic is open on it

/** Say where the clinic is: {timezone, locale, hours, target}. */
export function useClinic(next) {
  clinic = { ...clinic, ...next };
  formats = new Map();
  openings = new Map();
}

/** A format in the clinic's zone and locale, made once under its name. */
export function format(name, options) {
  if (!formats.has(name)) {
    let made;
    try {
      made = new Intl.DateTimeFormat(clinic.locale, { timeZone: clinic.timezone, ...options });
    } catch {
      made = new Intl.DateTimeFormat("en-US", { timeZone: "UTC", ...options });
    }
    formats.set(name, made);
  }
  return formats.get(name);
}

/** What the clinic's wall shows at an instant. */
export function parts(at) {
  if (!formats.has("parts")) {
    const options = {
      timeZone: clinic.timezone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
    };
    formats.set("parts", new Intl.DateTimeFormat("en-US", options));
  }
  const found = {};
  for (const { type, value } of formats.get("parts").formatToParts(at)) found[type] = Number(value);
  return found;
}

const as = (value) => (value instanceof Date ? value : new Date(value));

/** The clinic's date of an instant, as days since 1970: differences are whole days whatever the clocks do. */
function dayNumber(at) {
  const { year, month, day } = parts(at);
  return Date.UTC(year, month - 1, day) / 86_400_000;
}

/** "2026-04-03" on the clinic's wall. */
export function dayKey(value) {
  return new Date(dayNumber(as(value)) * 86_400_000).toISOString().slice(0, 10);
}

/** "9:42 AM", with a plain space so that the text can be searched. */
export function clockTime(value) {
  return format("clock", { timeStyle: "short" }).format(as(value)).replaceAll("\u202f", " ");
}

const sameYear = (a, b) => parts(a).year === parts(b).year;

/** How a list says when: "9:42 AM", "Yesterday", "Tue", "Mar 3" or "Mar 3, 2024". */
export function listTime(value, now = new Date()) {
  const at = as(value);
  const days = dayNumber(now) - dayNumber(at);
  if (days === 0) return clockTime(at);
  if (days === 1) return "Yesterday";
  if (days > 1 && days < 7) return format("weekday", { weekday: "short" }).format(at);
  return sameYear(at, now) ? format("day", { month: "short", day: "numeric" }).format(at) : shortDate(at);
}

/** "Today", "Yesterday", "Tue, Mar 3" or "Mar 3, 2024". */
export function dayDivider(value, now = new Date()) {
  const at = as(value);
  const days = dayNumber(now) - dayNumber(at);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return sameYear(at, now) ? format("divider", { weekday: "short", month: "short", day: "numeric" }).format(at) : shortDate(at);
}

export const shortDate = (value) => format("short", { month: "short", day: "numeric", year: "numeric" }).format(as(value));

/** The instant of a wall clock of the clinic; an hour that the clocks skip becomes the one after it. */
export function instantOf(year, month, day, hour = 0, minute = 0) {
  const wall = Date.UTC(year, month - 1, day, hour, minute);
  let at = wall;
  for (let round = 0; round < 2; round += 1) {
    const seen = parts(new Date(at));
    at += wall - Date.UTC(seen.year, seen.month - 1, seen.day, seen.hour, seen.minute);
  }
  return new Date(at);
}

/** The instant of "2026-04-03T09:30" as typed into a date field. */
export function instantOfText(text) {
  const found = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)/.exec(text || "");
  return found ? instantOf(...found.slice(1).map(Number)) : null;
}

// -- waiting: minutes of opening hours only

function openOn(number) {
  if (!openings.has(number)) {
    const date = new Date(number * 86_400_000);
    const spans = clinic.hours[String(date.getUTCDay() || 7)] || [];
    const at = (text) => {
      const [hour, minute] = text.split(":").map(Number);
      return instantOf(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate() + (hour >= 24 ? 1 : 0), hour % 24, minute || 0).getTime();
    };
    openings.set(number, spans.map(([opens, closes]) => [at(opens), at(closes)]));
  }
  return openings.get(number);
}

/** Minutes of clinic hours since an instant; a clinic that has set no hours is always open. */
export function waitingMinutes(since, now = new Date()) {
  const start = as(since).getTime();
  const end = now.getTime();
  if (!(start < end)) return 0;
  if (!Object.values(clinic.hours || {}).some((spans) => spans?.length)) {
    return Math.min(Math.floor((end - start) / MINUTE_MS), LONGEST_WAIT_DAYS * DAY_MINUTES);
  }
  if (openings.size > 200) openings = new Map();
  const last = dayNumber(now);
  let open = 0;
  for (let day = Math.max(dayNumber(as(since)), last - LONGEST_WAIT_DAYS); day <= last; day += 1) {
    for (const [opens, closes] of openOn(day)) open += Math.max(0, Math.min(end, closes) - Math.max(start, opens));
  }
  return Math.floor(open / MINUTE_MS);
}

/** "now", "3 min", "1 h 20" or "2 days". */
export function waitingText(minutes) {
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  if (minutes < DAY_MINUTES) {
    const rest = minutes % 60;
    return `${Math.floor(minutes / 60)} h${rest ? ` ${rest}` : ""}`;
  }
  const days = Math.floor(minutes / DAY_MINUTES);
  return days === 1 ? "1 day" : `${days} days`;
}

/** "" until half of the reply target, then "soon", and "late" past it. */
export function waitingLevel(minutes) {
  if (minutes >= clinic.target) return "late";
  return minutes * 2 >= clinic.target ? "soon" : "";
}

/** "just now", "10 s ago", "3 min ago": for lines about what happened a moment ago. */
export function ago(value, now = Date.now()) {
  const seconds = Math.floor((now - as(value).getTime()) / 1000);
  if (seconds < 5) return "just now";
  return seconds < 60 ? `${seconds} s ago` : `${waitingText(Math.floor(seconds / 60))} ago`;
}

// -- the page's clocks: one timer for all

const WORDS = { clock: clockTime, list: listTime, day: dayDivider };

/** Bring the waiting times up to date. */
export function tickWaits(root = document, now = new Date()) {
  for (const time of root.querySelectorAll("time[data-wait]")) {
    const minutes = waitingMinutes(time.dateTime, now);
    const text = waitingText(minutes);
    const word = time.querySelector(":scope > span:not(.vh)") || time;
    if (word.textContent !== text) word.textContent = text;
    if (time.dataset.wait === "plain") continue;
    const level = waitingLevel(minutes);
    time.classList.toggle("soon", level === "soon");
    time.classList.toggle("late", level === "late");
  }
}

/** Say all times again: after midnight "9:42 AM" has become "Yesterday". */
export function tickTimes(root = document, now = new Date()) {
  for (const time of root.querySelectorAll("time[data-time]")) {
    const say = WORDS[time.dataset.time];
    if (!say || !time.dateTime) continue;
    const text = say(time.dateTime, now);
    if (time.textContent !== text) time.textContent = text;
  }
}

/** Start the one timer; it fires at full minutes. */
export function startClock() {
  let today = dayKey(new Date());
  const tick = () => {
    const now = new Date();
    tickWaits(document, now);
    if (dayKey(now) !== today) {
      today = dayKey(now);
      tickTimes(document, now);
    }
    setTimeout(tick, MINUTE_MS - (Date.now() % MINUTE_MS) + 20);
  };
  document.addEventListener("visibilitychange", () => document.hidden || tickWaits());
  setTimeout(tick, MINUTE_MS - (Date.now() % MINUTE_MS) + 20);
}
