// Menus are <details>; this adds what the ARIA practices ask of them: arrows, Esc, and closing when one looks elsewhere.
import {$, $$, act, byId, make} from "./page.js";
import {html} from "./api.js";
import {parse} from "./page.js";

const items = (menu) => $$(".menu-panel button:not([hidden]):not([disabled]), .menu-panel input:not([type=hidden]):not([disabled]), .menu-panel a", menu);

document.addEventListener("pointerdown", (event) => {
  for (const menu of $$("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("focusin", (event) => {
  for (const menu of $$("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  if (!menu || !["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) return;
  if (event.target.matches("input[type=datetime-local], input[type=radio], select")) return;
  const all = items(menu);
  const index = all.indexOf(event.target);
  const next = event.key === "Home" ? 0 : event.key === "End" ? all.length - 1 : (index + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length;
  all[next]?.focus();
  event.preventDefault();
});
// A letter pressed in a list of people or tags goes to the first that begins with it.
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  if (!menu || event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
  typed = Date.now() - typedAt < 800 ? typed + event.key.toLowerCase() : event.key.toLowerCase();
  typedAt = Date.now();
  items(menu).find((one) => one.textContent.trim().toLowerCase().includes(typed))?.focus();
  event.stopPropagation();
}, true);
let typed = "";
let typedAt = 0;

act("dialog-close", (button) => button.closest("dialog").close());
act("new", () => { byId("new")?.showModal(); byId("new-to")?.focus(); });
act("alerts", async () => {
  const dialog = byId("alerts-list");
  if (!dialog) return;
  dialog.showModal();
  const page = parse(await html("/inbox/list?view=todo&limit=50"));
  const rows = $$("li.row[data-escalated=true]", page);
  byId("alerts-none").hidden = rows.length > 0;
  byId("alerts-rows").replaceChildren(...rows.map((row) => {
    const item = make("li", {class: "row-line"});
    const button = make("button", {class: "menu-item", type: "button", "data-act": "help", "data-thread": row.id.slice(2)}, row.dataset.name || "Somebody");
    button.addEventListener("click", () => dialog.close());
    item.append(button);
    return item;
  }));
});
