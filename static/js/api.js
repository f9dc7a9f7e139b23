// The one way to the server: JSON, the CSRF header, and errors in plain words.
import {body} from "./page.js";

export class Problem extends Error {
  constructor(status, problem) {
    super(problem.detail || "That did not work. Please try again.");
    this.status = status;
    this.code = problem.code || "";
    this.problem = problem;
  }
}

const cookie = (name) => document.cookie.split("; ").find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1) || "";

/** Calls the server; `path` begins with "/" or is relative to the clinic's API. Throws Problem, or TypeError when offline. */
export async function call(method, path, data, options = {}) {
  const headers = {accept: options.html ? "text/html" : "application/json"};
  if (method !== "GET") headers["x-csrftoken"] = decodeURIComponent(cookie("csrftoken"));
  if (data !== undefined) headers["content-type"] = "application/json";
  if (options.html) headers["hx-request"] = "true";
  const answer = await fetch(path.startsWith("/") ? path : `${body.dataset.api}/${path}`, {
    method, headers, body: data === undefined ? undefined : JSON.stringify(data), credentials: "same-origin",
    redirect: "follow", keepalive: options.keepalive || false,
  });
  if (options.html) {
    if (answer.redirected && new URL(answer.url).pathname === "/sign-in") signedOut();
    const text = await answer.text();
    if (!answer.ok) throw new Problem(answer.status, {detail: "This part could not be loaded."});
    return text;
  }
  const problem = answer.ok ? null : await answer.json().catch(() => ({}));
  if (answer.status === 401) signedOut();
  if (problem) throw new Problem(answer.status, problem);
  return answer.status === 204 ? null : answer.json();
}

export const get = (path) => call("GET", path);
export const post = (path, data = {}) => call("POST", path, data);
export const put = (path, data) => call("PUT", path, data);
export const html = (path) => call("GET", path, undefined, {html: true});

/** Goes to the sign-in page, which comes back here. */
export function signedOut() {
  location.assign(`/sign-in?ended=1&next=${encodeURIComponent(location.pathname + location.search)}`);
}

/** An id of our own for something that must happen once. */
export const newId = () => crypto.randomUUID ? crypto.randomUUID() : "10000000-1000-4000-8000-100000000000".replace(/[018]/g,
  (c) => (c ^ crypto.getRandomValues(new Uint8Array(1))[0] & 15 >> c / 4).toString(16));
