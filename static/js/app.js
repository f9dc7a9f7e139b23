// The entry of every signed-in page.
import {body, byId, on} from "./page.js";
import * as live from "./live.js";
import * as list from "./list.js";
import * as conversation from "./conversation.js";
import * as palette from "./palette.js";
import * as lock from "./lock.js";
import * as settings from "./settings.js";
import "./composer.js";
import "./keys.js";
import "./menus.js";
import "./people.js";

document.documentElement.classList.add("js");
if (body.dataset.page === "inbox") {
  list.start();
  conversation.start();
}
palette.start();
lock.start();
settings.start();
live.start();
on("event", (frame) => { if (frame.data.thread && body.dataset.page !== "inbox") list.wantCounts(); });

// A page drawn by an older version says so and waits for a click.
byId("new-version")?.querySelector("button")?.addEventListener("click", () => location.reload());
