/* HTTP to our own server: JSON with the CSRF header, fragments as text, errors in words people can read. */

import { uuid } from "./dom.js";

const API = document.body.dataset.api || "";
const SLOWEST_MS = 20_000;

/** What the server, or the lack of one, said. `code` is stable; `message` is for people; `status` 0 is no connection. */
export class Refused extends Error {
  constructor(status, problem = {}) {
    super(words(status, problem));
    this.status = status;
    this.code = problem.code || (status ? "failed" : "offline");
    this.problem = problem;
  }

  /** Nobody knows whether it was done: the same request may be made again under the same id. */
  get isUnsure() {
    return this.status === 0 || this.status === 429 || this.status >= 500 || this.code === "still_running";
  }
}

function words(status, problem) {
  if (status === 0) return "There is no connection right now.";
  if (status === 429) return "That was a lot at once. Wait a moment and try again.";
  if (status >= 500) return "That did not work on our side. Nothing is lost. Try again.";
  return problem.errors?.[0]?.message || problem.detail || "That did not work. Try again.";
}

let leaving = false;
export const isLeaving = () => leaving;

/** Leave for the sign-in page and come back here afterwards. */
export function signedOut() {
  if (leaving) return;
  leaving = true;
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
}

export const csrf = () => /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1] || "";

async function ask(method, url, { body, headers = {}, signal, keepalive } = {}) {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), SLOWEST_MS);
  signal?.addEventListener("abort", () => timeout.abort(signal.reason));
  try {
    return await fetch(url, { method, body, headers, keepalive, credentials: "same-origin", signal: timeout.signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refused(0);
  } finally {
    clearTimeout(timer);
  }
}

/** Call the JSON API. `path` is below the clinic's address, or begins with /api. */
export async function call(method, path, body, { signal, keepalive, once = false } = {}) {
  const headers = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (method !== "GET") headers["x-csrftoken"] = csrf();
  if (once) headers["idempotency-key"] = uuid();
  const url = path.startsWith("/api/") ? path : API + path;
  const answer = await ask(method, url, { body: body === undefined ? undefined : JSON.stringify(body), headers, signal, keepalive });
  if (answer.status === 401) signedOut();
  const text = answer.status === 204 ? "" : await answer.text().catch(() => {
    throw new Refused(0);
  });
  let value = null;
  try {
    value = text ? JSON.parse(text) : null;
  } catch {
    if (answer.ok) throw new Refused(502);
  }
  if (!answer.ok) throw new Refused(answer.status, value || {});
  return value;
}

export const get = (path, options) => call("GET", path, undefined, options);
export const post = (path, body, options) => call("POST", path, body, options);
export const put = (path, body, options) => call("PUT", path, body, options);

/** Fetch a page or a piece of one as text. */
export async function fragment(url, { signal } = {}) {
  const answer = await ask("GET", url, { headers: { accept: "text/html", "hx-request": "true" }, signal });
  if (answer.status === 401 || (answer.redirected && new URL(answer.url).pathname.startsWith("/sign-in"))) {
    signedOut();
    throw new Refused(401, { detail: "You are signed out." });
  }
  const text = await answer.text().catch(() => {
    throw new Refused(0);
  });
  if (!answer.ok) throw new Refused(answer.status, { detail: answer.status === 404 ? "This is not in your inbox any more." : "" });
  return text;
}

/** Send a plain form and return the address the server leads to. */
export async function sendForm(form) {
  const answer = await ask("POST", form.action, { body: new URLSearchParams(new FormData(form)), headers: { accept: "application/json" } });
  if (answer.status === 401) signedOut();
  if (answer.redirected) return answer.url;
  throw new Refused(answer.status, await answer.json().catch(() => ({})));
}
