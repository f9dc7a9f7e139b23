"""Two people at two screens: what one does the other sees, and nobody answers a patient twice."""

from __future__ import annotations

import re

import pytest_asyncio
from playwright.async_api import expect

from tests.browser.screen import IN_CHROMIUM

pytestmark = IN_CHROMIUM


@pytest_asyncio.fixture(loop_scope="session")
async def fiona(clinic, patients, sit_down):
    """A colleague at a screen of her own, before the first text has come."""
    return await (await sit_down(await clinic.member())).inbox()


async def test_rows_assignment_and_done_agree(fiona, desk, patients):
    await expect(fiona.row("Maria Lopez")).to_have_count(1)
    await desk.choose("Maria Lopez")
    menu = await desk.menu("assign-menu")
    await menu.get_by_role("button", name="Give it to me").click()
    await expect(fiona.row("Maria Lopez").locator(".row-owner")).to_contain_text("Olivia Owner has it")
    await desk.reply("Thursday is fine.")
    await expect(fiona.row("Maria Lopez")).to_have_count(0)
    await fiona.page.locator("#views [data-view=all]").click()
    await expect(fiona.row("Maria Lopez")).to_contain_text("Olivia: Thursday is fine.")
    await fiona.choose("Maria Lopez")
    await expect(fiona.message("Thursday is fine.").locator(".status")).to_have_text("Delivered")
    await fiona.page.locator("[data-act=done]").click()
    await expect(desk.page.locator("#conversation")).to_have_attribute("data-state", "closed")
    await expect(desk.page.locator("[data-act=reopen]")).to_be_visible()


async def test_presence_and_typing_are_shown(fiona, desk):
    await desk.choose("Maria Lopez")
    await expect(desk.page.locator("[data-live=online]")).to_have_text("2 people online")
    await fiona.choose("Maria Lopez")
    await expect(desk.page.get_by_role("img", name="Fiona Front is looking at this")).to_be_visible()
    await expect(fiona.page.get_by_role("img", name="Olivia Owner is looking at this")).to_be_visible()
    await fiona.field.press_sequentially("Good morn")
    await expect(desk.page.locator("#replying")).to_contain_text("Fiona is replying")
    await expect(desk.row("Maria Lopez").locator(".row-typing")).to_contain_text("Fiona is replying")
    await fiona.field.fill("")
    await expect(desk.page.locator("#replying")).to_be_hidden()


async def test_read_is_each_persons_own(fiona, desk, clinic, sit_down):
    await expect(fiona.row("Maria Lopez")).to_have_class(re.compile("is-unread"))
    other = await (await sit_down(clinic.owner)).inbox()
    await desk.choose("Maria Lopez")
    await expect(other.row("Maria Lopez")).not_to_have_class(re.compile("is-unread"))
    await expect(fiona.row("Maria Lopez")).to_have_class(re.compile("is-unread"))


async def test_the_fence_asks_before_a_second_answer(fiona, desk, clinic):
    await desk.choose("Maria Lopez")
    await fiona.choose("Maria Lopez")
    await desk.field.fill("Come at ten.")
    await fiona.reply("Come at eleven.")
    await expect(desk.page.locator("#moved-on")).to_contain_text("Fiona replied")
    desk.allow(r"status of 409")
    await desk.page.locator("#send").click()
    await expect(desk.page.locator("#moved-on")).to_contain_text("Nothing was sent yet")
    await expect(desk.field).to_have_value("Come at ten.")
    assert out(clinic) == ["Come at eleven."]
    await desk.page.get_by_role("button", name="Send anyway").click()
    await expect(desk.message("Come at ten.").locator(".status")).to_have_text("Delivered")
    await expect(desk.page.locator("#moved-on")).to_be_hidden()
    assert out(clinic) == ["Come at eleven.", "Come at ten."]


async def test_an_upset_patient_is_seen_and_helped_once(fiona, desk, patients):
    await patients.write("Tom Becker", "My face is swollen and the pain is terrible")
    for screen in (desk, fiona):
        await expect(screen.page.locator("#alerts .alert-strip")).to_contain_text("Tom Becker")
        await expect(screen.page.locator("#threads > li.row").first).to_contain_text("Tom Becker")
        await expect(screen.page.locator("#announcer-now")).to_contain_text("Tom Becker needs help")
    await fiona.page.locator("#alerts").get_by_text("Help Tom").click()
    await expect(fiona.page.locator("#conversation-name")).to_have_text("Tom Becker")
    for screen in (desk, fiona):
        await expect(screen.page.locator("#alerts .alert-strip")).to_have_count(0)
        await expect(screen.row("Tom Becker").locator(".row-owner")).to_contain_text("Fiona Front has it")
    thread = await patients.thread("Tom Becker")
    assert (thread["escalated"], thread["assignee"]["name"]) == (False, "Fiona Front")


def out(clinic):
    rows = clinic.product.sql(
        "select body from message where clinic_id = %s and direction = 'out' and kind = 'text' order by id", clinic.id
    )
    return [body for (body,) in rows]
