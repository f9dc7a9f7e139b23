"""Two people at one conversation: who takes part is told of news, and one goes on with what the other began."""

from __future__ import annotations

import pytest_asyncio
from playwright.async_api import expect

from tests.browser.screen import IN_CHROMIUM

pytestmark = IN_CHROMIUM


@pytest_asyncio.fixture(loop_scope="session")
async def fiona(clinic, patients, sit_down):
    """A colleague at a screen of her own, with both conversations."""
    await patients.write("Tom Becker", "Hello")
    return await (await sit_down(await clinic.member())).inbox()


async def test_a_colleague_continues_what_was_begun(fiona, desk):
    await desk.choose("Maria Lopez")
    await fiona.choose("Maria Lopez")
    await fiona.field.press_sequentially("Dear Maria, your appointment")
    await expect(fiona.field).to_have_value("Dear Maria, your appointment")
    await fiona.choose("Tom Becker")
    begun = desk.page.locator("#begun")
    await expect(begun).to_contain_text("Fiona has begun a reply: Dear Maria, your appointment")
    await desk.field.fill("Bye")
    await begun.get_by_role("button", name="Continue it").click()
    await expect(desk.field).to_have_value("Dear Maria, your appointment\nBye")
    await expect(desk.field).to_be_focused()
    await expect(begun).to_have_count(0)
    await expect(fiona.page.locator("#toasts")).to_contain_text("Olivia continues your reply to Maria.")
    await fiona.choose("Maria Lopez")
    await expect(fiona.field).to_have_value("")


async def test_who_takes_part_is_told(fiona, desk, patients):
    await desk.choose("Maria Lopez")
    await fiona.choose("Maria Lopez")
    part = fiona.page.locator("#following")
    await expect(part).to_contain_text("Nobody yet")
    await desk.page.locator("[data-act=note]").first.click()
    await desk.field.fill("@Fiona Front please call her")
    await desk.page.locator("#note-send").click()
    await expect(part.locator("li")).to_have_count(2)  # live: who wrote, and who was named
    await fiona.choose("Tom Becker")
    await expect(fiona.page.locator("#conversation-name")).to_have_text("Tom Becker")
    await patients.write("Maria Lopez", "Are you there?")
    await expect(fiona.toast).to_contain_text("New message from Maria")
    await fiona.toast.get_by_role("button", name="Open").click()
    await expect(fiona.page.locator("#conversation-name")).to_have_text("Maria Lopez")
    await part.get_by_role("button", name="Fiona Front does not take part any more").click()
    await expect(part.locator("li")).to_have_count(1)
    await expect(desk.page.locator("#following li")).to_have_count(1)
    await desk.page.locator("#following summary").click()
    await desk.page.locator("#following").get_by_role("button", name="Add", exact=True).click()
    await expect(part.locator("li")).to_have_count(2)
