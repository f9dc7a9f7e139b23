"""Sending later: by mouse, keys and phone; what waits is seen, changed, sent and taken back on every screen."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest_asyncio
from playwright.async_api import expect

from tests.browser.conftest import PICTURES
from tests.browser.screen import IN_CHROMIUM
from tests.browser.test_looks import AXE, SIDEWAYS, once

pytestmark = IN_CHROMIUM

WAITS = re.compile(r"Sends \w{3}, \w{3} \d+, \d+:\d\d [AP]M")
NEW_YORK = ZoneInfo("America/New_York")


def in_days(days: int, hour: int = 9) -> dt.datetime:
    day = dt.datetime.now(NEW_YORK).date() + dt.timedelta(days=days)
    return dt.datetime.combine(day, dt.time(hour), NEW_YORK)


@pytest_asyncio.fixture(loop_scope="session")
async def later(desk):
    """The owner's screen with Maria's conversation open and something typed."""
    await desk.inbox("?view=all")
    await desk.choose("Maria Lopez")
    await desk.field.fill("Please remember your card.")
    return desk


async def test_by_keyboard_it_waits_is_changed_and_goes(later, clinic, sit_down):
    other = await (await sit_down(await clinic.member())).inbox("?view=all")
    await other.choose("Maria Lopez")
    keys = later.page.keyboard
    await later.page.locator("#later-menu > summary").focus()
    await keys.press("ArrowDown")
    await expect(later.page.locator("#later-menu .menu-item").first).to_be_focused()
    for _ in range(await later.page.locator("#later-menu .menu-item").count() - 1):
        await keys.press("ArrowDown")
    await keys.press("Enter")
    for screen in (later, other):
        await expect(screen.message("remember your card")).to_contain_text(WAITS)
        await expect(screen.row("Maria Lopez")).to_contain_text(WAITS)
    await expect(later.field).to_have_value("")
    # A colleague changes words and time; both screens show it.
    await other.message("remember your card").get_by_role("link", name="Change").click()
    dialog = other.page.get_by_role("dialog", name="A message that waits")
    await expect(dialog.get_by_label("Message to Maria Lopez")).to_be_focused()
    await dialog.get_by_label("Message to Maria Lopez").fill("Please bring your card.")
    await dialog.get_by_label("Day and time").fill(f"{in_days(3, 15):%Y-%m-%dT%H:%M}")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_be_hidden()
    at = in_days(3, 15)
    for screen in (later, other):
        await expect(screen.message("bring your card")).to_contain_text(f"Sends {at:%a, %b} {at.day}, 3:00 PM")
    await later.message("bring your card").get_by_role("button", name="Send now").click()
    for screen in (later, other):
        await expect(screen.message("bring your card")).to_contain_text("Delivered")
        await expect(screen.row("Maria Lopez")).not_to_contain_text("Sends")


async def test_a_picked_time_is_kept_and_taken_back(later, clinic, patients):
    await later.page.locator("#later-menu > summary").click()
    field = later.page.locator("#later-time")
    await field.fill("2020-01-01T09:00")
    await later.page.locator("#later-menu").get_by_role("button", name="Schedule").click()
    await expect(later.toast).to_contain_text("still to come")
    await expect(field).to_be_focused()
    await field.fill(f"{in_days(2):%Y-%m-%dT%H:%M}")
    await later.page.locator("#later-menu").get_by_role("button", name="Schedule").click()
    bubble = later.message("remember your card")
    await expect(bubble).to_contain_text(WAITS)
    # Somebody wrote meanwhile: it does not go by a click of somebody who may not have seen it.
    later.allow("409")
    await later.page.evaluate("Object.defineProperty(document, 'hidden', {value: true})")  # nobody looks
    await patients.write("Maria Lopez", "I lost my card")
    await expect(later.message("I lost my card")).to_have_count(1)
    await bubble.get_by_role("button", name="Send now").click()
    await expect(later.page.locator("#confirm")).to_contain_text("I lost my card")
    await later.page.locator("#confirm [data-act=confirm-no]").click()
    await expect(bubble).to_contain_text(WAITS)
    await bubble.get_by_role("button", name="Cancel").click()
    await expect(bubble).to_contain_text("Taken back")
    await expect(later.field).to_have_value("Please remember your card.")
    # Refused by the fence, "Send anyway" keeps the time that was chosen.
    await later.page.locator("#later-menu > summary").click()
    await later.page.locator("#later-menu .menu-item").last.click()
    await expect(later.page.locator("#moved-on")).to_contain_text("Nothing was sent yet")
    await later.page.locator("#moved-on").get_by_role("button", name="Send anyway").click()
    waits = later.page.locator("#messages > .msg[data-status=scheduled]")
    await expect(waits).to_contain_text(WAITS)
    # Held back at its time, it asks: its words go back into the field.
    message_id = (await waits.get_attribute("id") or "").removeprefix("m-")
    await patients.write("Maria Lopez", "I found it")
    await clinic.owner.patch(clinic.at(f"messages/{message_id}"), json={"send_at": None})
    held = later.page.locator(f"#m-{message_id}")
    await expect(held).to_contain_text("Not sent · Somebody wrote before this went out")
    await held.get_by_role("button", name="Write it again").click()
    await expect(later.field).to_have_value("Please remember your card.")


async def test_the_clock_where_they_are_is_said_at_odd_hours(later, clinic, patients, sit_down):
    line = later.page.locator("#there")
    now = dt.datetime.now(NEW_YORK)
    around = lambda hours: f"{now + dt.timedelta(hours=hours):%H:%M}"  # noqa: E731
    for hours, shown in (((-3, 3), True), ((3, -3), False)):
        quiet = {"quiet_from": around(hours[0]), "quiet_to": around(hours[1])}
        assert (await clinic.owner.patch(clinic.at("clinic"), json=quiet)).status_code == 200
        await later.page.reload()
        await later.is_live()
        await expect(line).to_be_visible(visible=shown)
        if shown:
            await expect(line).to_contain_text(re.compile(r"It is \d+:\d\d [AP]M where Maria is"))


async def test_it_looks_right_in_all_sizes_and_works_without_scripts(later, clinic, sit_down, patients):
    quiet = {"quiet_from": "00:00", "quiet_to": "23:59"}
    assert (await clinic.owner.patch(clinic.at("clinic"), json=quiet)).status_code == 200
    await later.page.reload()
    await later.is_live()
    await expect(later.page.locator("#there")).to_be_visible()
    await later.page.locator("#later-menu > summary").click()
    await expect(later.page.locator("#later-menu .menu-item").first).to_be_visible()
    await later.page.evaluate(AXE)
    for width in (1440, 390):
        await later.page.set_viewport_size({"width": width, "height": 844})
        assert await once(later, f"menu {width}") == []
        await later.page.screenshot(path=PICTURES / f"send-later-{width}.png")
    await later.page.keyboard.press("Escape")
    plain = await sit_down(clinic.owner, java_script_enabled=False)
    thread = await patients.thread("Maria Lopez")
    await plain.page.goto(f"/inbox?thread={thread['id']}")
    await plain.page.locator("#body").fill("Without scripts")
    await plain.page.locator("#later-menu > summary").click()
    await plain.page.locator("#later-menu .menu-item").last.click()
    await expect(plain.page.locator("#messages")).to_contain_text(WAITS)
    await plain.page.get_by_role("link", name="Change").click()
    await plain.page.get_by_label("Message to Maria Lopez").fill("Changed without scripts")
    await plain.page.get_by_role("button", name="Save").click()
    await expect(plain.page.locator("#messages")).to_contain_text("Changed without scripts")
    await expect(later.message("Changed without scripts")).to_contain_text(WAITS)
    await later.page.set_viewport_size({"width": 320, "height": 640})
    await expect(later.page.locator("#later-menu > summary")).to_be_in_viewport(ratio=1)
    await expect(later.page.locator("#send")).to_be_in_viewport(ratio=1)
    await later.message("Changed without scripts").get_by_role("link", name="Change").click()
    await expect(later.page.get_by_role("dialog")).to_be_visible()
    assert not await later.page.evaluate(SIDEWAYS)
    assert await once(later, "dialog") == []
