"""What a person allows: shown at once in row, strip and details, changed with two clicks, obeyed by the composer."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.screen import IN_CHROMIUM

pytestmark = IN_CHROMIUM


async def test_a_stop_shows_at_once_and_is_obeyed(desk, patients):
    await desk.choose("Maria Lopez")
    await patients.write("Maria Lopez", "STOP")
    await expect(desk.page.locator("#opted-out")).to_contain_text("Maria does not want texts")
    await expect(desk.page.locator("#threads > li.row").first).to_contain_text("Opted out of texts")
    await expect(desk.page.locator("#consent-sms > summary")).to_contain_text("Text: no")
    desk.allow("409")
    await desk.page.reload()
    await desk.field.fill("Are you sure?")
    await desk.page.locator("#send").click()
    await expect(desk.page.get_by_text("This person stopped texts by a message.").first).to_be_visible()
    await expect(desk.field).to_have_value("Are you sure?")
    await patients.write("Maria Lopez", "START")
    await expect(desk.page.locator("#opted-out")).to_have_count(0)
    await expect(desk.page.locator("#consent-sms > summary")).not_to_contain_text("no")


async def test_the_desk_writes_down_what_it_was_told(desk):
    await desk.choose("Maria Lopez")
    chip = desk.page.locator("#consent-sms > summary")
    await expect(chip).to_contain_text("Text: not asked")
    for word, strips in (("Wants no texts", 1), ("Wants texts", 0)):
        await chip.click()
        await desk.page.locator("#consent-sms").get_by_role("button", name=word).click()
        await expect(desk.page.locator("#opted-out")).to_have_count(strips)
    await expect(chip).to_have_text("Text")
