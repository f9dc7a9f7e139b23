"""The first inbox page in Chromium at a quarter of the CPU: weight, paint, and how soon a frame is a painted row."""

from __future__ import annotations

import gzip
import shutil
import socket
import time
from typing import TYPE_CHECKING, Any

import httpx

from tests.bench.product import BenchError
from tests.bench.report import Measure, middle
from tests.bench.seed import PASSWORD
from tests.bench.webhooks import Texter

if TYPE_CHECKING:
    from tests.bench.product import Site, Web
    from tests.bench.seed import Clinic

GROUP = "Browser: Chromium, CPU slowed four-fold"
SLOWER = 4
# Notes when an event's frame reaches the page, then looks in every frame that is drawn until the text stands there.
WATCH = """
(() => {
  const Native = window.WebSocket;
  window.benchTook = {};
  window.WebSocket = class extends Native {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", (message) => {
        const mark = /bench-\\d+/.exec(String(message.data));
        if (!mark || !String(message.data).startsWith('{"t":"event"')) return;
        const at = performance.now(), text = mark[0];
        const look = () => {
          const list = document.getElementById("threads");
          if (!list || !list.textContent.includes(text)) { requestAnimationFrame(look); return; }
          const painted = new MessageChannel();
          painted.port1.onmessage = () => { window.benchTook[text] = performance.now() - at; };
          painted.port2.postMessage(0);
        };
        requestAnimationFrame(look);
      });
    }
  };
})();
"""


def _page(chromium: Any, web: Web, clinic: Clinic, texter: Texter) -> tuple[float, list[float], list[float]]:
    """Return the page's weight in bytes, its first paints and the rows' times, in milliseconds."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(WATCH)
    page = context.new_page()
    signed_in = context.request.post(
        f"{web.url}/api/auth/sign-in", data={"email": clinic.email, "password": PASSWORD}, headers={"origin": web.url}
    )
    if not signed_in.ok:
        raise BenchError(f"Signing in failed: {signed_in.status} {signed_in.text()[:200]}")
    weight = 0.0

    def add(response: Any) -> None:
        nonlocal weight
        if response.url.startswith(web.url) and response.status == 200:
            body = response.body()
            # As it travels: what the server does not compress counts in full.
            weight += len(gzip.compress(body)) if response.headers.get("content-encoding") == "gzip" else len(body)

    responses: list[Any] = []
    page.on("response", lambda response: responses.append(response))  # noqa: PLW0108 - Playwright reads its signature
    page.goto(f"{web.url}/inbox", wait_until="networkidle")
    for response in responses:
        add(response)
    devtools = context.new_cdp_session(page)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    paints = []
    for _ in range(5):
        page.goto(f"{web.url}/inbox", wait_until="load")
        page.wait_for_timeout(300)
        paints.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN"))
    page.wait_for_timeout(1500)
    rows = []
    for number in range(12):
        mark = f"bench-{time.time_ns()}"
        _post(web.port, texter.request(f"{mark} see you tomorrow", patient=50 * number))
        try:
            page.wait_for_function("mark => mark in window.benchTook", arg=mark, timeout=5000)
        except Exception as error:
            raise BenchError("A message never showed up as a row in the list.") from error
        rows.append(page.evaluate("mark => window.benchTook[mark]", mark))
        page.wait_for_timeout(150)
    context.close()
    return weight, paints, rows[2:]


def _post(port: int, request: bytes) -> None:
    """Deliver one text; playwright's loop is running, so this one goes without."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        if b" 200 " not in connection.recv(4096)[:20]:
            raise BenchError("A delivery was refused.")


def measure(site: Site, clinics: list[Clinic], *, full: bool) -> list[Measure]:
    """All browser rows; told apart where there is no Chromium."""
    names = (
        ("first inbox page, as it travels", 150.0, "kB"),
        ("first paint of the inbox", 400.0, "ms"),
        ("socket frame -> painted row", 50.0, "ms"),
    )
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a tool of the tests, not of the product
    except ImportError:
        program = None
    if program is None:
        return [
            Measure(group=GROUP, name=name, value=None, bar=bar, unit=unit, note="needs Chromium and playwright")
            for name, bar, unit in names
        ]
    from tests.bench.product import free_port  # noqa: PLC0415

    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with site.web(name="desk", port=port, PUBLIC_URL=base) as web, sync_playwright() as play:
        httpx.get(f"{base}/health/live")
        chromium = play.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-background-networking"]
        )
        runs = [
            _page(chromium, web, clinics[0], Texter(clinics, time.time_ns(), base=base))
            for _ in range(3 if full else 1)
        ]
        chromium.close()
    paints = [one for run in runs for one in run[1]]
    rows = [one for run in runs for one in run[2]]
    values = (runs[0][0] / 1000, middle(paints), middle(rows))
    notes = ("everything the page asks for, once", f"of {len(paints)}", f"of {len(rows)}, slowest {max(rows):.0f} ms")
    return [
        Measure(group=GROUP, name=name, value=value, bar=bar, unit=unit, note=note)
        for (name, bar, unit), value, note in zip(names, values, notes, strict=True)
    ]
