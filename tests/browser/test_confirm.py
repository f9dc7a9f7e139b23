"""What cannot be undone is asked about first, in a dialog of ours that says what will happen."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.screen import IN_CHROMIUM

pytestmark = IN_CHROMIUM


async def test_removing_a_colleague_is_asked_about(clinic, sit_down):
    await clinic.member(name="Fiona Front")
    screen = await sit_down(clinic.owner)
    await screen.page.goto("/settings/team")
    await screen.page.wait_for_load_state("networkidle")
    page, dialog = screen.page, screen.page.locator("#confirm")
    remove = page.get_by_role("button", name="Remove Fiona Front")
    await remove.click()
    await expect(dialog).to_be_visible()
    await expect(dialog).to_contain_text("Remove Fiona Front?")
    await expect(dialog).to_contain_text("They are signed out at once.")
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(remove).to_be_visible()
    await remove.click()
    await dialog.get_by_role("button", name="Remove", exact=True).click()
    await expect(remove).to_have_count(0)
