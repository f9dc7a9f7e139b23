"""Draw the pages with sample data, photograph them in every size and theme, and let axe look at them.

    python -m tests.support.ui_preview FOLDER [PAGE ...]

Serves the rendered pages from a local server under the product's Content-Security-Policy, so what the policy would
refuse shows here. Scripts are replaced by one line: this looks at what the server draws. Ends with 1 if axe, the
console or a page that scrolls sideways has something to say.
"""

from __future__ import annotations

import asyncio
import http.server
import mimetypes
import sys
import threading
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, async_playwright

from app.kit.templating import STATIC, render
from tests.support.ui_pages import PAGES

CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
AXE = Path(__file__).resolve().parents[1] / "browser" / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = {1440: 900, 1024: 768, 390: 844, 320: 640}
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run"]
SCRIPT = b"""
document.documentElement.classList.add("js");
const log = document.getElementById("log");
log?.scrollTo(0, log.scrollHeight);
"""


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/static/js/app.js":
            self._answer(SCRIPT, "text/javascript")
        elif path.startswith("/static/") and (file := STATIC / path.removeprefix("/static/")).is_file():
            self._answer(file.read_bytes(), mimetypes.guess_type(file.name)[0] or "application/octet-stream")
        elif path.strip("/") in PAGES:
            template, context = PAGES[path.strip("/")]
            self._answer(render(template, **context).encode(), "text/html; charset=utf-8")
        else:
            self.send_error(404)

    def _answer(self, body: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-security-policy", CSP)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Say nothing: the pictures are the output."""


async def look(browser: Browser, address: str, picture: Path, width: int, theme: str) -> list[str]:
    """Photograph one page in one size and theme; returns what is wrong with it."""
    context = await browser.new_context(
        viewport={"width": width, "height": SIZES[width]},
        color_scheme="dark" if theme == "dark" else "light",
        has_touch=width < 768,
        bypass_csp=False,
    )
    page = await context.new_page()
    wrong: list[str] = []
    page.on(
        "console",
        lambda message: wrong.append(f"console: {message.text}") if message.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: wrong.append(f"page: {error}"))
    await page.goto(address)
    await page.evaluate("document.fonts.ready")
    await page.screenshot(path=picture)
    if await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        wrong.append("scrolls sideways")
    await page.evaluate(AXE.read_text())
    found = await page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    wrong += [
        f"axe {violation['id']}: {node['target']} {node['failureSummary'].splitlines()[-1].strip()}"
        for violation in found["violations"]
        for node in violation["nodes"][:3]
    ]
    await context.close()
    return [f"{picture.stem}: {text}" for text in wrong]


async def main(folder: Path, names: list[str]) -> int:
    """Look at every page named (or all), in every size and theme."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    wrong: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        for name in names or PAGES:
            looks = [
                look(browser, f"{address}/{name}", folder / f"{name}-{width}-{theme}.png", width, theme)
                for width in SIZES
                for theme in ("light", "dark")
            ]
            for found in await asyncio.gather(*looks):
                wrong += found
        await browser.close()
    server.shutdown()
    print("\n".join(wrong) or f"{len(names or PAGES)} pages: nothing wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    sys.exit(asyncio.run(main(target, sys.argv[2:])))
