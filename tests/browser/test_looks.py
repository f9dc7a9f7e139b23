"""Every page at every size in both themes: for everybody (axe), without sideways scrolling, light to load."""

from __future__ import annotations

import gzip
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from tests.browser.conftest import PICTURES
from tests.browser.screen import HEIGHTS, IN_CHROMIUM

pytestmark = IN_CHROMIUM

AXE = Path(__file__).with_name("vendor").joinpath("axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
THEMES = ("light", "dark")
SETTINGS = ["account", "assistant", "team", "channels", "keys", "clinic", "replies"]
SIGNED_IN = [
    *(f"/settings/{section}" for section in SETTINGS),
    "/activity",
    "/status",
    "/inbox?q=nobody",
    "/inbox?view=mine",
]
SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
SMALL = """() => {
  const controls = 'button, summary, input:not([type=hidden]), select, a.btn, a.tab, a.rail-link, a.row-link';
  const isSeen = (one) => one.checkVisibility({visibilityProperty: true, opacityProperty: true}) && !one.closest('.vh');
  return [...document.querySelectorAll(controls)].filter(isSeen)
    .map((one) => [one, (one.closest('label') || one).getBoundingClientRect().height])
    .filter(([, height]) => height > 1 && height < 43.5)
    .map(([one, height]) => `${one.outerHTML.slice(0, 90)} is ${height} high`);
}"""


async def look(screen, name: str, *, pictures: bool = False) -> list[str]:
    """What axe and the width have to say about the page in all sizes and themes."""
    wrong: list[str] = []
    await screen.page.evaluate(AXE)
    for width, height in HEIGHTS.items():
        await screen.page.set_viewport_size({"width": width, "height": height})
        for theme in THEMES:
            await screen.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            where = f"{name} {width} {theme}"
            if await screen.page.evaluate(SIDEWAYS):
                wrong.append(f"{where}: scrolls sideways")
            found = await screen.page.evaluate(
                "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES
            )
            wrong += [
                f"{where}: {one['id']}: {node['target']} {node['failureSummary']}"
                for one in found["violations"]
                for node in one["nodes"][:3]
            ]
            if pictures and width > 320:
                PICTURES.mkdir(parents=True, exist_ok=True)
                await screen.page.screenshot(path=PICTURES / f"{name}-{width}-{theme}.png")
    return wrong


@pytest.fixture
def busy(clinic, patients, sit_down):
    """A screen before an inbox in which something of everything has happened."""

    async def fill():
        fiona = await clinic.member(name="Fiona Front")
        await clinic.owner.post(
            clinic.at("saved-replies"),
            json={"name": "Opening hours", "body": "Hi {first_name}, we are open from 9 to 5."},
        )
        for name, words in [
            ("Nora Østergård", "We will see you on Monday"),
            ("Samuel Osei", "👍 See you then"),
            ("Lena Fischer", "Could we move it to next week?"),
            ("Aisha Khan", "Do you take Delta insurance?"),
            ("Maria Lopez", "Hi, is Dr. Shah in this week?"),
            ("Tom Becker", "My face is swollen and the pain is terrible"),
            ("Daniel Novak", "https://example.com/" + "long" * 40),
        ]:
            await patients.write(name, words)
        maria, lena = await patients.thread("Maria Lopez"), await patients.thread("Lena Fischer")
        at = lambda thread, act: clinic.at(f"threads/{thread['id']}/{act}")  # noqa: E731
        await clinic.owner.post(at(maria, "notes"), json={"body": "Prefers Dr. Shah, needs 10 extra minutes."})
        await clinic.owner.post(
            at(maria, "messages"), json={"body": "Thursday at 9:00 or 10:30. Which one suits you?", "anyway": True}
        )
        await clinic.owner.post(at(maria, "tags"), json={"add": ["Anxious", "Mornings"], "remove": []})
        await patients.write("Maria Lopez", "Yes Thursday works! Is 10:30 still open?")
        await clinic.owner.post(at(lena, "assign"), json={"staff_id": str(fiona.staff_id)})
        return await sit_down(clinic.owner)

    return fill


async def test_inbox_list(busy):
    screen = await (await busy()).inbox()
    assert await look(screen, "inbox-list", pictures=True) == []


async def test_inbox_conversation(busy, patients):
    screen = await busy()
    thread = await patients.thread("Maria Lopez")
    await screen.inbox(f"?thread={thread['id']}")
    await expect(screen.message("Which one suits you?").locator(".status")).to_have_text("Delivered")
    assert await look(screen, "inbox-conversation", pictures=True) == []


async def test_inbox_menus_and_dialogs(busy, patients):
    screen = await busy()
    thread = await patients.thread("Tom Becker")
    await screen.inbox(f"?thread={thread['id']}")
    wrong = []
    await screen.page.evaluate(AXE)
    for opener in (
        "#assign-menu",
        "#snooze-menu",
        "#tag-menu",
        "#way-menu",
        "#saved-menu",
        "#emoji-menu",
        "#filters",
        "#me-menu",
    ):
        await screen.page.locator(f"{opener} > summary").click()
        wrong += await once(screen, opener)
        await screen.page.keyboard.press("Escape")
    for key, dialog in (("Control+k", "#palette"), ("?", "#help"), ("c", "#new")):
        await screen.page.locator("#log").focus()
        await screen.page.keyboard.press(key)
        await expect(screen.page.locator(dialog)).to_be_visible()
        wrong += await once(screen, dialog)
        await screen.page.keyboard.press("Escape")
    assert wrong == []


async def once(screen, name):
    found = await screen.page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES
    )
    return [
        f"{name}: {one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"][:3]
    ]


@pytest.mark.parametrize("path", ["/sign-in", "/sign-up", "/no-such-page"])
async def test_signed_out(sit_down, path):
    screen = await sit_down()
    screen.allow("status of 404")
    await screen.page.goto(path)
    assert await look(screen, path.strip("/")) == []


@pytest.mark.parametrize("path", SIGNED_IN)
async def test_signed_in(clinic, patients, sit_down, path):
    await patients.write("Maria Lopez", "Hello")
    await clinic.owner.post(clinic.at("team/invitations"), json={"email": "sam@clinic.test", "role": "viewer"})
    await clinic.owner.post(clinic.at("keys"), json={"name": "Website form", "scopes": ["inbox:read"]})
    await clinic.owner.post(
        clinic.at("saved-replies"), json={"name": "Opening hours", "body": "We are open from 9 to 5."}
    )
    screen = await sit_down(clinic.owner)
    await screen.page.goto(path)
    assert await look(screen, path.strip("/").replace("/", "-")) == []


async def test_touch_targets_are_44_high(busy, patients):
    screen = await busy()
    thread = await patients.thread("Maria Lopez")
    touching = await screen.open(
        screen.context.browser, screen.origin, caller=patients.clinic.owner, width=390, has_touch=True, is_mobile=True
    )
    small = []
    for query in ("", f"?thread={thread['id']}", f"?thread={thread['id']}&pane=details"):
        await touching.inbox(query)
        small += await touching.page.evaluate(SMALL)
    await touching.close()
    assert small == []


async def test_the_first_page_is_light(busy):
    screen = await busy()
    answers = []
    screen.page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - a list's own method is refused
    await screen.inbox()
    await screen.page.wait_for_load_state("networkidle")
    sizes: dict[str, int] = {}
    for answer in answers:
        path = urlsplit(answer.url).path
        body = await answer.body() if answer.ok else b""
        sizes[path] = len(body) if path.endswith(".woff2") else len(gzip.compress(body, 6))
    own = sum(size for path, size in sizes.items() if path.startswith("/static/js/"))
    print(f"first inbox page: {sum(sizes.values()):,} bytes gzip, of that own scripts {own:,}: {sizes}")
    assert sum(sizes.values()) <= 150_000
    assert own <= 40_000
