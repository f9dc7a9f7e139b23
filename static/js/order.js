/* Which conversations belong into a view and in which order: the same rules as app/inbox/queries.py. No DOM here. */

/** Microseconds, which the server orders by; 0 for no instant. */
export const instant = (text) => (text ? Date.parse(text) * 1_000 + Number((/\.(\d+)/.exec(text)?.[1] || "").padEnd(6, "0").slice(3, 6)) : 0);

/** What decides about a row, from the thread of an event (app/inbox/schemas.py ThreadView). */
export function factsOf(thread) {
  const last = thread.last_message;
  return {
    id: thread.id,
    state: thread.state,
    assignee: thread.assignee?.id || "",
    waiting: instant(thread.waiting_since),
    escalated: Boolean(thread.escalated),
    at: instant(last ? last.created_at : thread.created_at),
    snoozed: instant(thread.snoozed_until),
    channel: thread.channel,
    lost: thread.lost || 0,
    intent: thread.intent || "",
    sentiment: thread.sentiment || "",
    tags: thread.tags || [],
    contact: thread.contact?.id || "",
    text: [thread.contact?.name, thread.contact?.email, last?.body].filter(Boolean).join(" ").toLowerCase(),
    digits: (thread.contact?.phone || "").replace(/\D/g, ""),
  };
}

/** The same from the data-* attributes of a row that the server drew. */
export function factsOfRow(row) {
  const data = row.dataset;
  let tags = [];
  try {
    tags = JSON.parse(data.tags || "[]");
  } catch {
    // a row without readable tags has none to filter by
  }
  return {
    id: data.thread,
    state: data.state,
    assignee: data.assignee || "",
    waiting: instant(data.waiting),
    escalated: data.escalated === "true",
    at: instant(data.at),
    snoozed: instant(data.snoozed),
    channel: data.channel,
    lost: Number(data.lost),
    intent: data.intent,
    sentiment: data.sentiment,
    tags,
    contact: "",
    text: (data.name || "").toLowerCase(),
    digits: "",
  };
}

const open = (facts) => facts.state === "open";
const VIEWS = {
  todo: (facts) => open(facts) && (facts.waiting > 0 || facts.escalated),
  mine: (facts, me) => open(facts) && facts.assignee === me,
  unassigned: (facts) => open(facts) && !facts.assignee,
  snoozed: (facts) => facts.state === "snoozed",
  all: () => true,
};

/** What narrows a view, by its names in the address. */
export const NARROW = ["q", "channel", "intent", "sentiment", "tag", "assignee", "failed"];

const everywhere = (asked) => asked.q || asked.failed;

/** Say whether a conversation is in a view; `asked` has `view`, `order` and those. A search looks everywhere, and so does "not delivered". */
export function belongs(facts, asked, me) {
  if (!VIEWS[everywhere(asked) ? "all" : asked.view || "todo"]?.(facts, me)) return false;
  if (["channel", "intent", "sentiment"].some((name) => asked[name] && facts[name] !== asked[name])) return false;
  if (asked.failed && !facts.lost) return false;
  if (asked.tag && !facts.tags.includes(asked.tag)) return false;
  if (asked.assignee && facts.assignee !== asked.assignee) return false;
  if (asked.order === "waiting" && !facts.waiting) return false;
  return !asked.q || found(facts, asked.q);
}

function found(facts, q) {
  const digits = q.replace(/\D/g, "");
  if (digits.length >= 3 && !/\p{L}/u.test(q)) return facts.digits.endsWith(digits) || facts.digits.startsWith(digits);
  const words = facts.text.split(/[^\p{L}\p{N}]+/u);
  return q.toLowerCase().split(/\s+/).filter(Boolean).every((part) => words.some((word) => word.startsWith(part)));
}

/** Compare two conversations as the list shows them: below zero when `a` stands above `b`. */
export function compare(a, b, asked) {
  if (asked.order === "waiting") return earlier(a, b, "waiting");
  if (asked.view === "snoozed" && !everywhere(asked)) return earlier(a, b, "snoozed");
  return Number(b.escalated) - Number(a.escalated) || earlier(b, a, "at");
}

const earlier = (a, b, what) => a[what] - b[what] || byId(a, b);

const byId = (a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** How the counts on the tabs change when a conversation goes from one state to another. */
export function countChange(before, after, me) {
  const change = {};
  for (const view of ["todo", "mine", "unassigned", "snoozed"]) {
    const step = Number(VIEWS[view](after, me)) - Number(VIEWS[view](before, me));
    if (step) change[view] = step;
  }
  const lost = Number(after.lost > 0) - Number(before.lost > 0);
  if (lost) change.lost = lost;
  return change;
}
