"""The subject of a conversation's first mail: typed above the text, remembered like it, sent with it."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.screen import IN_CHROMIUM
from tests.browser.test_looks import look

pytestmark = IN_CHROMIUM


async def drafts_of(clinic, thread: str) -> dict:
    return (await clinic.owner.get(clinic.at(f"threads/{thread}/draft"))).json()


async def test_a_first_mail_has_a_subject(clinic, patients, sit_down):
    await clinic.channel("hello@clinic.test", kind="email", provider="smtp", credentials={})
    await patients.write("Maria Lopez", "Please send me the form by mail")
    contact = (await patients.thread("Maria Lopez"))["contact"]["id"]
    await clinic.owner.post(
        clinic.at(f"contacts/{contact}/points"), json={"kind": "email", "address": "maria@patients.test"}
    )
    screen = await (await sit_down(clinic.owner)).inbox()
    await screen.choose("Maria Lopez")
    subject = screen.page.locator("#conversation").get_by_label("Subject")
    await expect(subject).to_be_hidden()  # they wrote a text
    menu = await screen.menu("way-menu")
    await menu.get_by_text("Email", exact=True).click()
    await expect(subject).to_be_visible()
    await subject.fill("Your form")
    await screen.page.keyboard.press("Enter")
    await expect(screen.field).to_be_focused()
    await screen.page.keyboard.press("Shift+Tab")
    await expect(subject).to_be_focused()
    thread = (await patients.thread("Maria Lopez"))["id"]
    for _ in range(100):
        if (await drafts_of(clinic, thread))["subject"] == "Your form":
            break
        await screen.page.wait_for_timeout(100)
    await screen.inbox(f"?thread={thread}")
    menu = await screen.menu("way-menu")
    await menu.get_by_text("Email", exact=True).click()
    await expect(subject).to_have_value("Your form")
    bubble = await screen.reply("Here it is.")
    await expect(bubble.locator(".mail-subject")).to_have_text("Your form")
    await expect(subject).to_have_value("")
    kept = await drafts_of(clinic, thread)
    assert (kept["reply"], kept["subject"]) == ("", "")


async def test_a_new_conversation_by_mail_begins_with_it(clinic, sit_down):
    await clinic.channel("hello@clinic.test", kind="email", provider="smtp", credentials={})
    screen = await (await sit_down(clinic.owner, width=390)).inbox("?view=all")
    await screen.page.locator("[data-act=new]").click()
    line = screen.page.locator("#new-subject")
    await screen.page.locator("#new-to").fill("+1 212 555 0199")
    await expect(line).to_be_hidden()
    await screen.page.locator("#new-to").fill("nora@patients.test")
    await line.fill("Your first visit")
    await screen.page.get_by_role("button", name="Open conversation").click()
    subject = screen.page.locator("#subject")
    await expect(subject).to_have_value("Your first visit")
    await expect(subject).to_be_visible()
    assert await look(screen, "subject-390") == []
