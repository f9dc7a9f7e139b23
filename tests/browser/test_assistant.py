"""The assistant on the screens: tags that come by themselves, the strip, taking over, its settings."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.browser.screen import IN_CHROMIUM
from tests.browser.test_looks import SMALL

pytestmark = IN_CHROMIUM


async def test_what_patients_want_appears_by_itself(clinic, patients, sit_down):
    await patients.write("Maria Lopez", "Hello")
    screen = await (await sit_down(clinic.owner)).inbox()
    await screen.choose("Maria Lopez")
    await patients.write("Maria Lopez", "Thank you so much, you are wonderful! Can I book a cleaning for Tuesday?")
    await expect(screen.row("Maria Lopez")).to_contain_text("Wants to book")
    bubble = screen.message("Can I book a cleaning")
    await expect(bubble.locator(".chip").first).to_have_text("Wants to book")
    await expect(bubble.locator(".chip").first).to_have_attribute("title", re.compile("appointment", re.IGNORECASE))
    # Why it thinks so is for those without a mouse too.
    await expect(bubble.locator(".reading-why")).to_be_hidden()
    await bubble.locator(".reading > summary").focus()
    await screen.page.keyboard.press("Enter")
    await expect(bubble.locator(".reading-why")).to_have_text(re.compile(r"appointment.* \d+ % sure\.$", re.IGNORECASE))
    await patients.write("Tom Becker", "I was treated very rudely yesterday and I am really disappointed in you all.")
    await expect(screen.page.locator("#alerts")).to_contain_text("Tom Becker is upset")
    await expect(screen.page.locator(".bell .badge")).to_have_text("1")
    await screen.page.locator("#alerts").get_by_text("Help Tom").click()
    await expect(screen.page.locator(".bell .badge")).to_be_hidden()


async def test_taking_over_and_handing_back_on_two_screens(clinic, patients, sit_down):
    rule = {"channel": "sms", "intent": "booking", "mode": "answer", "consent": True, "override": True}
    assert (await clinic.owner.put(clinic.at("ai-rules"), json=rule)).status_code == 200
    await patients.write("Maria Lopez", "Hello")
    screen = await (await sit_down(clinic.owner)).inbox()
    other = await (await sit_down(clinic.owner)).inbox()
    for one in (screen, other):
        await one.choose("Maria Lopez")
        await expect(one.page.locator("#assistant-strip")).to_contain_text("Practice Assistant answers")
    await screen.page.locator("#assistant-strip button").click()
    for one in (screen, other):
        await expect(one.page.locator("#assistant-strip")).to_contain_text("The assistant is silent here")
    await other.page.locator("#assistant-strip button").click()
    await expect(screen.page.locator("#assistant-strip")).to_contain_text("Practice Assistant answers")
    await patients.write("Maria Lopez", "I'd like to book a cleaning please")
    answer = screen.page.locator("#messages > li.msg-ai")
    await expect(answer).to_contain_text("automated assistant")
    await expect(answer).to_contain_text("Practice Assistant")
    # What it did and why stands above the conversation, also when no rule lets it answer any more.
    await expect(screen.page.locator("#assistant-strip")).to_contain_text("Last answer")
    off = {"channel": "sms", "intent": "booking", "mode": "off"}
    assert (await clinic.owner.put(clinic.at("ai-rules"), json=off)).status_code == 200
    await expect(screen.page.locator("#assistant-strip")).to_contain_text("No rule lets it answer texts now")
    await screen.page.locator("#assistant-strip").get_by_role("link", name="Why?").click()
    await expect(screen.page.locator("#main")).to_contain_text("Wants to book,")
    await expect(screen.page.locator("#main")).to_contain_text("An answer by the Practice Assistant")


async def test_rules_are_set_and_tried_on_the_settings_page(clinic, sit_down):
    screen = await sit_down(clinic.owner)
    page = screen.page
    await page.goto("/settings/assistant?channel=whatsapp")
    await page.locator("[name=tone]").select_option("short")
    await page.locator("[name=never_topics]").fill("Dr. Smith, implants")
    await page.locator("#general button").click()
    await expect(page.locator("[name=never_topics]")).to_have_value("Dr. Smith, implants")
    front = await sit_down(clinic.owner, width=390)
    other = front.page
    for one in (page, other):
        await one.goto("/settings/assistant?channel=whatsapp")
        await expect(one.locator("[data-live=status]").first).to_have_text("Live")
    await other.locator("[name=never_topics]").fill("half a word")
    # Only what is on is asked for more.
    await expect(page.locator("[name=hours_question]")).to_be_hidden()
    await page.locator("[name=mode_question]").select_option("suggest")
    await page.locator("[name=hours_question]").select_option("closed")
    await page.get_by_role("button", name="Save", exact=True).first.click()
    await expect(page.locator("[name=mode_question]")).to_have_value("suggest")
    await expect(page.locator("[name=hours_question]")).to_have_value("closed")
    # A colleague's page shows it without reload, and keeps what is being typed there.
    cell = "#grid tr:has(th:text-is('Question')) td:nth-of-type(2)"
    for one in (page, other):
        await expect(one.locator(cell)).to_have_text("Suggests")
    await expect(other.locator("[name=mode_question]")).to_have_value("suggest")
    await expect(other.locator("[name=never_topics]")).to_have_value("half a word")
    general = {"tone": "formal"}
    assert (await clinic.owner.patch(clinic.at("ai-rules"), json=general)).status_code == 200
    await expect(other.locator("#changed-meanwhile")).to_contain_text("Olivia Owner has changed this meanwhile")
    await expect(page.locator("[name=tone]")).to_have_value("formal")
    assert await other.evaluate(SMALL) == []
    await page.locator("#text").fill("my face is swollen and I have a fever")
    await page.get_by_role("button", name="Test", exact=True).click()
    await expect(page.locator("#try")).to_contain_text("Needs a person")
