"""The page that says why a message was sent (N8): reached from its bubble, for everybody, at every size."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.screen import IN_CHROMIUM
from tests.browser.test_looks import look

pytestmark = IN_CHROMIUM


async def test_the_why_page_says_why_to_everybody(desk):
    await desk.choose("Maria Lopez")
    bubble = await desk.reply("Yes, 10:30 is still open.")
    await bubble.get_by_role("link", name="Why?").click()
    await expect(desk.page.get_by_role("heading", name="Why this message?")).to_be_visible()
    for words in ("Wrote to us first", "Written by Olivia Owner", "a person's own message may always go", "wrote it"):
        await expect(desk.page.locator("#main")).to_contain_text(words)
    assert await look(desk, "why", pictures=True) == []
    await desk.page.get_by_role("link", name="Back to the conversation").click()
    await expect(desk.message("Yes, 10:30 is still open.")).to_be_visible()
