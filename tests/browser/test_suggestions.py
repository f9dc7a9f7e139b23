"""The suggestion card: sent, changed first, another, dismissed, the same on every screen; and what is known."""

from __future__ import annotations

import json

from playwright.async_api import expect

from tests.browser.screen import IN_CHROMIUM
from tests.browser.test_looks import AXE, RULES, SIDEWAYS, SMALL
from tests.browser.test_lost_line import NO_LINE

pytestmark = IN_CHROMIUM

QUESTION = "How much is a cleaning?"


async def wrong_on(*screens):
    """What axe and the width say about screens as they are: one wide and light, one narrow and dark."""
    wrong = []
    for number, screen in enumerate(screens):
        await screen.page.evaluate(AXE)
        found = await screen.page.evaluate(
            "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES
        )
        wrong += [f"{number}: {one['id']}: {one['nodes'][0]['failureSummary']}" for one in found["violations"]]
        wrong += [f"{number}: scrolls sideways"] if await screen.page.evaluate(SIDEWAYS) else []
    return wrong


async def test_a_suggestion_is_sent_changed_replaced_and_dismissed_on_all_screens(clinic, patients, sit_down):
    told = await clinic.owner.post(clinic.at("facts"), json={"kind": "price", "title": "Cleaning", "body": "$120"})
    assert told.status_code == 201, told.text
    rule = {"channel": "sms", "intent": "question", "mode": "suggest"}
    assert (await clinic.owner.put(clinic.at("ai-rules"), json=rule)).status_code == 200
    await patients.write("Maria Lopez", QUESTION)
    thread = (await clinic.owner.get(clinic.at("threads"))).json()["items"][0]
    screen, other = await sit_down(clinic.owner), await sit_down(await clinic.member(), width=390, theme="dark")
    for one in (screen, other):
        await one.inbox(f"?thread={thread['id']}")
    card, theirs = screen.page.locator("#suggestion"), other.page.locator("#suggestion")

    # A rule has it made by itself; both see it, with what it rests on.
    await expect(card.locator(".suggestion-text")).to_have_text("Hi Maria, thanks for asking! Cleaning: $120.")
    await expect(card.locator(".suggestion-why")).to_contain_text("Cleaning")
    await expect(theirs.locator(".suggestion-text")).to_contain_text("$120")

    # Another one, by keyboard: the point goes to it, and no single key sends.
    await screen.page.locator("#messages").click()
    await screen.page.keyboard.press(".")
    await expect(card.get_by_role("button", name="Send AI reply")).to_be_focused()
    await card.get_by_role("button", name="Try another").click()
    for one in (card, theirs):
        await expect(one.locator(".suggestion-text")).to_have_text(
            "Dear Maria, thank you for your question. Cleaning: $120."
        )

    # The point stays where it was: another Enter does not send what nobody has read.
    await expect(card.get_by_role("button", name="Try another")).to_be_focused()

    # The patient writes again: this one cannot be sent any more, and the rule brings the next.
    await patients.write("Maria Lopez", "How much is a cleaning for two people?")
    await expect(card.locator(".suggestion-text")).to_have_text("Hi Maria, thanks for asking! Cleaning: $120.")

    # Edit first: it is in the field, and on nobody's card.
    await card.get_by_role("button", name="Edit first").click()
    await expect(screen.field).to_have_value("Hi Maria, thanks for asking! Cleaning: $120.")
    await expect(card).to_have_count(0)
    await expect(theirs).to_have_count(0)
    await screen.field.fill("")

    # A model writes: both see what there is of it.
    live = {"t": "live", "type": "ai.writing", "data": {"thread": thread["id"], "text": "Thanks for as"}}
    clinic.product.sql("select pg_notify('orasync', %s)", f"live {clinic.id.hex} 0 {json.dumps(live)}")
    for one in (card, theirs):
        await expect(one).to_contain_text("Writing a suggestion…")
        await expect(one.locator(".suggestion-text")).to_have_text("Thanks for as")

    # Asked for by hand; the patient writes what no rule suggests for; dismissed on the other screen.
    await screen.page.locator("#suggest").click()
    await expect(theirs.get_by_role("button", name="Send AI reply")).to_be_visible()
    await patients.write("Maria Lopez", "Thank you!")
    for one in (card, theirs):
        await expect(one.locator(".suggestion-again")).to_have_text("Maria wrote again")
        await expect(one.get_by_role("button", name="Send AI reply")).to_have_count(0)
    await theirs.get_by_role("button", name="Dismiss the suggestion").click()
    await expect(card).to_have_count(0)

    await screen.page.locator("#suggest").click()
    await expect(card.get_by_role("button", name="Send AI reply")).to_be_visible()
    assert await wrong_on(screen, other) == []
    assert await other.page.evaluate(SMALL) == []
    # Without a connection it cannot go, and says so; it can be edited.
    screen.allow(NO_LINE)
    await screen.context.set_offline(True)
    await expect(card.get_by_role("button", name="Send AI reply")).to_be_disabled()
    await expect(card).to_contain_text("No connection. You can edit it now")
    await expect(card.get_by_role("button", name="Edit first")).to_be_enabled()
    await screen.context.set_offline(False)
    await expect(card.get_by_role("button", name="Send AI reply")).to_be_enabled()
    # Sent: it goes from both screens, also where it came with the page.
    await other.page.reload()
    await expect(theirs).to_be_visible()
    text = await card.locator(".suggestion-text").inner_text()
    await card.get_by_role("button", name="Send AI reply").click()
    bubble = screen.message(text)
    await expect(bubble).to_contain_text("Delivered")
    await expect(card).to_have_count(0)
    await expect(theirs).to_have_count(0)
    await expect(other.message(text)).to_contain_text("Olivia Owner")

    # What was answered well is remembered.
    await bubble.hover()
    await bubble.get_by_role("button", name="Remember").click()
    await expect(screen.toast).to_contain_text("Remembered as the answer to")


async def test_what_the_assistant_knows_is_added_changed_and_deleted(clinic, sit_down):
    screen = await sit_down(clinic.owner)
    page = screen.page
    await page.goto("/settings/knowledge")
    await expect(page.get_by_text("It knows nothing yet")).to_be_visible()
    form = page.locator("section", has=page.get_by_role("heading", name="Tell it something"))
    await form.get_by_label("About", exact=True).select_option("insurance")
    await form.get_by_label("Question, or what it is about").fill("Which insurances do you take?")
    await form.get_by_label("Answer").fill("We take Delta Dental and Cigna.")
    await form.get_by_role("button", name="Add").click()
    row = page.locator(".rows > li")
    await expect(row).to_contain_text("We take Delta Dental and Cigna.")
    await expect(page.get_by_role("heading", name="Insurance", exact=True)).to_be_visible()
    assert await wrong_on(screen) == []
    await row.locator("summary").click()
    await row.get_by_label("Answer").fill("We take Delta Dental only.")
    await row.get_by_role("button", name="Save").click()
    await expect(row).to_contain_text("We take Delta Dental only.")
    await row.get_by_role("button", name="Delete").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(page.get_by_text("It knows nothing yet")).to_be_visible()
    front = await sit_down(await clinic.member())
    await front.page.goto("/settings/knowledge")
    await expect(front.page.get_by_role("heading", name="Tell it something")).to_have_count(0)
    # What a colleague tells it is there without reload; an empty page offers a beginning.
    await expect(front.page.locator("[data-live=status]").first).to_have_text("Live")
    await page.get_by_role("link", name="Where can I park?").click()
    await expect(form.get_by_label("About", exact=True)).to_have_value("directions")
    await form.get_by_label("Answer").fill("Behind the house.")
    await form.get_by_role("button", name="Add").click()
    await expect(front.page.locator("#known")).to_contain_text("Behind the house.")
