/* The one script of a clinic's site: a button, and the chat in a frame. It leaves nothing behind on the page but one
   element, and works where the page allows neither inline styles nor inline scripts. */
(() => {
  "use strict";
  const script = document.currentScript;
  const name = script?.dataset.clinic;
  if (!name || document.querySelector(`[data-orasync-chat="${CSS.escape(name)}"]`)) return;
  const origin = new URL(script.src).origin;
  const css = `
:host{all:initial}
.box{position:fixed;inset:auto 20px 20px auto;z-index:2147483000;font:600 16px/1.2 system-ui,sans-serif;color-scheme:light dark}
button{all:unset;box-sizing:border-box;display:grid;place-items:center;width:56px;height:56px;margin-left:auto;border-radius:50%;background:var(--accent,#0b6a65);color:#fff;cursor:pointer;box-shadow:0 4px 16px rgb(16 28 36/.3);position:relative}
button:focus-visible{outline:3px solid #fff;box-shadow:0 0 0 6px #0b57d0}
svg{width:26px;height:26px;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.new{position:absolute;top:-4px;right:-4px;min-width:22px;height:22px;padding:0 6px;box-sizing:border-box;border-radius:11px;background:#b3261e;color:#fff;font-size:13px;line-height:22px;text-align:center}
[hidden]{display:none!important}
.panel{position:fixed;inset:auto 20px 88px auto;width:380px;height:min(620px,calc(100vh - 108px));border-radius:14px;overflow:hidden;box-shadow:0 12px 32px rgb(16 28 36/.3);visibility:hidden;opacity:0;transform:translateY(8px);transition:opacity .18s,transform .18s,visibility .18s}
.open .panel{visibility:visible;opacity:1;transform:none}
iframe{display:block;width:100%;height:100%;border:0}
@media(max-width:480px){.open .panel{inset:0;width:100%;height:100%;height:100dvh;border-radius:0}.open button{visibility:hidden}}
@media(prefers-reduced-motion:reduce){.panel{transition:none}}
@media print{.box{display:none}}`;
  const make = (tag, more) => Object.assign(document.createElement(tag), more);
  const host = make("div");
  host.dataset.orasyncChat = name;
  const root = host.attachShadow({ mode: "open" });
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets = [sheet];
  } catch {
    root.append(make("style", { textContent: css }));
  }
  const box = make("div", { className: "box", hidden: true });
  const panel = make("div", { className: "panel", id: "panel" });
  panel.setAttribute("role", "dialog");
  const frame = make("iframe", { src: `${origin}/widget/${encodeURIComponent(name)}`, referrerPolicy: "origin", title: "Chat" });
  const button = make("button", { type: "button" });
  button.setAttribute("aria-expanded", "false");
  button.setAttribute("aria-controls", "panel");
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M21 12a8 8 0 0 1-8 8H4l2-3a8 8 0 1 1 15-5z");
  svg.append(path);
  const fresh = make("span", { className: "new", hidden: true });
  button.append(svg, fresh);
  panel.append(frame);
  box.append(panel, button);
  root.append(box);

  let open = false;
  let title = "Chat";
  let count = 0;
  const tell = (what) => frame.contentWindow?.postMessage({ orasync: what, page: location.origin + location.pathname }, origin);
  const label = () => {
    fresh.hidden = !count || open;
    fresh.textContent = count > 9 ? "9+" : count;
    button.setAttribute("aria-label", open ? `Close the chat` : count ? `${title}, ${count} new` : title);
  };
  const set = (next) => {
    if (open === next) return;
    open = next;
    box.classList.toggle("open", open);
    button.setAttribute("aria-expanded", String(open));
    if (open) {
      panel.setAttribute("aria-modal", String(matchMedia("(max-width:480px)").matches));
      frame.focus();
    } else button.focus();
    tell(open ? "open" : "closed");
    label();
  };
  button.addEventListener("click", () => set(!open));
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && open) set(false);
  });
  addEventListener("message", ({ source, origin: from, data }) => {
    if (source !== frame.contentWindow || from !== origin || !data) return;
    if (data.orasync === "ready") {
      title = frame.title = String(data.title);
      panel.setAttribute("aria-label", title);
      if (/^#[0-9a-f]{6}$/.test(data.color)) box.style.setProperty("--accent", data.color);
      box.hidden = false;
      label();
    } else if (data.orasync === "close") set(false);
    else if (data.orasync === "new") {
      count = Number(data.count) || 0;
      label();
    }
  });
  const begin = () => document.body.append(host);
  if (document.readyState === "complete") begin();
  else addEventListener("load", begin, { once: true });
})();
