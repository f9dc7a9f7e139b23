"""One person's screen: a Chromium page that is signed in, watched for every kind of trouble a browser can report."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Dialog, Locator, Page, Request, expect

from tests.support.callers import CSRF_COOKIE, SESSION_COOKIE
from tests.support.callers import Browser as Caller
from tests.support.clinic import Channel, Clinic

IN_CHROMIUM = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
# A window's own address bar is two more pages of Chromium's: made and laid out with every context, they cost more than
# all the rest of it. Of two such lists the last one counts: what matters of Playwright's is repeated.
WITHOUT = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    f"--disable-features={','.join(WITHOUT)}",
]
HEIGHTS = {1440: 900, 1024: 768, 390: 844, 320: 640}
PATIENCE_MS = 15_000
# Says what the policy refused, even where the browser writes nothing on its console.
WATCH_POLICY = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} refused ${event.blockedURI} in ${event.sourceFile}`));
"""

expect.set_options(timeout=PATIENCE_MS)


class Screen:
    """A page and what went wrong on it. ``allow`` names noise that a test makes on purpose."""

    def __init__(self, context: BrowserContext, page: Page, origin: str) -> None:
        self.context, self.page, self.origin = context, page, origin
        self.trouble: list[str] = []
        self.history: list[str] = []
        self._hello = asyncio.Event()
        self._allowed: list[re.Pattern[str]] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.trouble.append(f"page error: {error}"))
        page.on("dialog", self._dialog)
        page.on("request", self._request)
        page.on(
            "response",
            lambda answer: self._note(f"{answer.status} {answer.request.method} {urlsplit(answer.url).path}"),
        )
        page.on("websocket", lambda socket: socket.on("framereceived", self._frame))

    @classmethod
    async def open(
        cls,
        chromium: Browser,
        origin: str,
        *,
        caller: Caller | None = None,
        width: int = 1440,
        theme: Any = "light",
        **options: Any,
    ) -> Screen:
        """Open an empty page; with a caller it carries that person's session."""
        context = await chromium.new_context(
            base_url=origin,
            viewport={"width": width, "height": HEIGHTS[width]},
            color_scheme=theme,
            locale="en-US",
            timezone_id="America/New_York",
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        await context.add_init_script(WATCH_POLICY)
        if caller:
            kept = {name: value for name, value in caller.cookies.items() if name in (SESSION_COOKIE, CSRF_COOKIE)}
            await context.add_cookies([{"name": name, "value": value, "url": origin} for name, value in kept.items()])
        return cls(context, await context.new_page(), origin)

    def _note(self, line: str) -> None:
        if "/static/" not in line:
            self.history.append(f"{time.monotonic() % 1000:7.2f} {line}")

    def _frame(self, frame: str | bytes) -> None:
        self._note(f"frame {frame[:90]!r}")
        if '"hello"' in str(frame[:20]):
            self._hello.set()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.trouble.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    async def _dialog(self, dialog: Dialog) -> None:
        self.trouble.append(f"dialog: {dialog.type} {dialog.message}")
        await dialog.dismiss()

    def _request(self, request: Request) -> None:
        if request.is_navigation_request():
            self._hello.clear()
        if request.url.startswith(("data:", "blob:")) or urlsplit(request.url).netloc == urlsplit(self.origin).netloc:
            return
        self.trouble.append(f"request to another origin: {request.url}")

    def allow(self, pattern: str) -> None:
        """Expect trouble that matches the pattern."""
        self._allowed.append(re.compile(pattern))

    @property
    def complaints(self) -> list[str]:
        """Trouble that nobody expected."""
        return [one for one in self.trouble if not any(pattern.search(one) for pattern in self._allowed)]

    async def heard(self, sign: str) -> None:
        """Wait until the browser has complained of this."""
        while not any(sign in one for one in self.trouble):
            await self.page.wait_for_timeout(50)

    async def close(self) -> None:
        """Leave without asking."""
        await self.context.close()

    # -- the inbox

    async def inbox(self, query: str = "") -> Screen:
        """Go to the inbox and wait until it is live."""
        await self.page.goto(f"/inbox{query}")
        return await self.is_live()

    async def is_live(self) -> Screen:
        """Wait until the socket has said hello and the page listens."""
        await asyncio.wait_for(self._hello.wait(), PATIENCE_MS / 1_000)
        await expect(self.page.locator("[data-live=status]").first).to_have_text("Live")
        return self

    def row(self, words: str) -> Locator:
        """The row of a conversation that shows these words."""
        return self.page.locator("#threads > li.row").filter(has_text=words)

    async def choose(self, words: str) -> Screen:
        """Open the conversation whose row shows these words."""
        await self.row(words).locator("a.row-link").click()
        await expect(self.page.locator("#conversation-name")).to_be_visible()
        await expect(self.page.locator("#conversation[data-thread]:not([data-thread=''])")).to_be_visible()
        await self.leave_list()
        return self

    async def leave_list(self) -> None:
        """Take the pointer off the list: nothing moves under it."""
        await self.page.mouse.move(self.page.viewport_size["width"] - 5, 5)  # type: ignore[index]

    @property
    def field(self) -> Locator:
        return self.page.locator("#body")

    @property
    def toast(self) -> Locator:
        return self.page.locator("#toasts .toast")

    def message(self, words: str) -> Locator:
        """The bubble with these words."""
        return self.page.locator("#messages > li.msg").filter(has_text=words)

    async def reply(self, words: str) -> Locator:
        """Write a reply and send it."""
        await self.field.fill(words)
        await self.page.locator("#send").click()
        return self.message(words)

    async def menu(self, name: str) -> Locator:
        """Open one of the conversation's menus."""
        menu = self.page.locator(f"#{name}")
        await menu.locator("summary").click()
        return menu


class Patients:
    """Patients of a clinic who write to its number."""

    def __init__(self, clinic: Clinic, channel: Channel) -> None:
        self.clinic, self.channel = clinic, channel
        self.numbers: dict[str, str] = {}

    def number_of(self, name: str) -> str:
        return self.numbers.setdefault(name, f"+1212556{1000 + 37 * len(self.numbers):04d}")

    async def write(self, name: str, body: str) -> None:
        """A patient writes; whoever is new is given the name first."""
        if name not in self.numbers:
            made = await self.clinic.owner.post(
                self.clinic.at("contacts"), json={"name": name, "phone": self.number_of(name)}
            )
            assert made.status_code == 201, made.text
        answer = await self.channel.text(self.number_of(name), body)
        assert answer.status_code == 200, answer.text

    async def thread(self, name: str) -> dict[str, Any]:
        """The conversation of a patient as the API shows it."""
        page = (await self.clinic.owner.get(self.clinic.at("threads?view=all&limit=100"))).json()
        return next(one for one in page["items"] if one["contact"]["name"] == name)
