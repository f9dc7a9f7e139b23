"""Silent trials, the week's numbers, and an alert that nobody took, on the screen."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from playwright.async_api import expect

from tests.browser.screen import IN_CHROMIUM

pytestmark = IN_CHROMIUM

AXE = Path(__file__).with_name("vendor").joinpath("axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


async def looks(page):
    await page.evaluate(AXE)
    found = await page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found["violations"]] == []
    assert not await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


async def test_a_rule_is_tried_and_its_result_read(clinic, patients, sit_down):
    await patients.write("Maria Lopez", "I'd like to book a cleaning please")
    screen = await (await sit_down(clinic.owner, width=390)).inbox()
    page = screen.page
    await expect(screen.row("Maria Lopez")).to_contain_text("Wants to book")
    thread = (await clinic.owner.get(clinic.at("threads"))).json()["items"][0]
    said = {"body": "Sorry, we can't take new bookings right now", "seen": thread["last_seq"]}
    await clinic.owner.post(clinic.at(f"threads/{thread['id']}/messages"), json=said)
    await page.goto("/settings/assistant?channel=sms")
    await expect(page.locator("#shadow")).to_contain_text("No rule for texts has tried itself out yet.")
    await page.get_by_role("button", name="Try on past conversations").click()
    done = "select count(*) from ai_answer where clinic_id = %s and outcome is not null"
    while clinic.product.sql(done, clinic.id) == [(0,)]:
        await page.wait_for_timeout(50)
    # The result comes by itself.
    await expect(page.locator("#shadow")).to_contain_text("0 % agreement over 1 message.")
    await expect(page.get_by_text("The result stands here in a few seconds")).to_have_count(0)
    await page.get_by_text("Where they differ").click()
    await expect(page.locator("#shadow")).to_contain_text("your team said no or asked for a call")
    await expect(page.locator("#shadow")).to_contain_text("I'd like to book a cleaning please")
    await looks(page)

    await page.locator("[name=mode_booking]").select_option("answer")
    await page.get_by_role("button", name="Save", exact=True).first.click()
    asked = page.get_by_role("dialog")
    await expect(asked).to_contain_text("Let it answer texts by itself?")
    await expect(asked).to_contain_text("0 % agreement over 1 message")
    await asked.get_by_role("button", name="Cancel").click()
    await expect(page.locator("[name=mode_booking]")).to_have_value("answer")
    await page.get_by_role("button", name="Save", exact=True).first.click()
    await asked.locator("[name=consent]").check()
    await looks(page)
    screen.allow("422")
    await asked.get_by_role("button", name="Let it answer").click()
    await expect(page.locator(".settings .field-error")).to_contain_text("not agreed with your team often enough")
    await page.locator("[name=mode_booking]").select_option("shadow")
    await page.get_by_role("button", name="Save", exact=True).first.click()
    await expect(page.locator("[name=mode_booking]")).to_have_value("shadow")

    await page.get_by_role("link", name="What this week's numbers say").click()
    await expect(page.locator("[data-insight=first_answer]")).to_contain_text("Too little to say how fast you answer")
    await page.get_by_text("How this is counted").first.click()
    await expect(page.locator("[data-insight=first_answer] pre")).to_contain_text("select")
    await looks(page)


async def test_an_alert_that_nobody_took_comes_back_to_the_owner(clinic, patients, sit_down):
    await clinic.owner.patch(clinic.at("clinic"), json={"hours": {}})
    screen = await (await sit_down(clinic.owner)).inbox()
    await patients.write("Tom Becker", "My face is swollen and I cannot breathe")
    strip = screen.page.locator("#alerts")
    await expect(strip).to_contain_text("nobody on it")
    await expect(screen.row("Tom Becker")).to_have_attribute("data-intent", "emergency")
    clinic.product.sql(
        "update thread set escalated_at = escalated_at - %s where clinic_id = %s", dt.timedelta(minutes=12), clinic.id
    )
    hurry = "update job set run_at = now() where clinic_id = %s and type = 'alert_overdue' returning id"
    while not clinic.product.sql(hurry, clinic.id):
        await screen.page.wait_for_timeout(50)
    await patients.write("Maria Lopez", "hello")  # wakes whoever looks for jobs that are due
    await expect(screen.page.get_by_text("Nobody has helped Tom yet")).to_be_visible()
    await expect(strip).to_contain_text("nobody on it for 12 min")
    await screen.choose("Tom Becker")
    await expect(screen.page.locator("#messages > li.msg-note")).to_contain_text("@Olivia Owner")
