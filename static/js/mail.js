/* A mail as its sender wrote it: in a frame that runs nothing and calls nobody. Without scripts the link opens a tab.
   Loaded when it is first asked for. */

import { $, make } from "./dom.js";

const SHOW = "Show as the sender wrote it";
const HIDE = "Hide what the sender wrote";

function frame(link, query) {
  return make("iframe", {
    class: "mail-frame",
    title: "The mail as its sender wrote it",
    sandbox: "allow-popups allow-popups-to-escape-sandbox",
    referrerpolicy: "no-referrer",
    src: link.pathname + query,
  });
}

function bar() {
  return make(
    "p", { class: "mail-bar" },
    make("span", {}, "Pictures that lie outside this mail are not loaded: whoever put them there would see that you read it."),
    make("button", { class: "btn btn-sm", type: "button", "data-act": "mail-pictures" }, "Load pictures"),
  );
}

function toggle(link) {
  const bubble = link.closest(".bubble");
  const box = $(".mail-box", bubble);
  link.textContent = box ? SHOW : HIDE;
  link.setAttribute("aria-expanded", String(!box));
  if (box) box.remove();
  else link.parentElement.after(make("div", { class: "mail-box" }, ...("pictures" in link.dataset ? [bar()] : []), frame(link, "")));
}

function showPictures(button) {
  const bubble = button.closest(".bubble");
  $(".mail-frame", bubble).replaceWith(frame($("[data-act=mail]", bubble), "?pictures=1"));
  button.closest(".mail-bar").remove();
  $(".mail-frame", bubble).focus();
}

/** Do what a button of a mail says. */
export const run = (button) => (button.dataset.act === "mail" ? toggle : showPictures)(button);
