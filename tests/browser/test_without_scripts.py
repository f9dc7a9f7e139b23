"""The inbox in a browser that runs no scripts: plain pages and forms."""

from __future__ import annotations

import re

import pytest_asyncio
from playwright.async_api import expect

from tests.browser.screen import IN_CHROMIUM

pytestmark = IN_CHROMIUM


@pytest_asyncio.fixture(loop_scope="session")
async def plain(clinic, patients, sit_down):
    """A page without scripts, at Maria's conversation."""
    await clinic.member()
    await patients.write("Maria Lopez", "Are you open today?")
    screen = await sit_down(clinic.owner, java_script_enabled=False)
    await screen.page.goto("/inbox")
    await screen.row("Maria Lopez").locator("a.row-link").click()
    await expect(screen.page.locator("#conversation-name")).to_have_text("Maria Lopez")
    return screen


async def test_reply_and_note(plain):
    await plain.field.fill("Yes, until five.")
    await plain.page.locator("#send").click()
    await expect(plain.message("Yes, until five.")).to_have_class(re.compile("msg-out"))
    await plain.field.fill("Asked about today")
    await plain.page.get_by_role("button", name="Save as note").click()
    await expect(plain.message("Asked about today")).to_have_class(re.compile("msg-note"))


async def test_the_fence(plain, patients):
    await plain.field.fill("Yes, until five.")
    await patients.write("Maria Lopez", "Never mind")
    plain.allow("status of 409")
    await plain.page.locator("#send").click()
    await expect(plain.page.locator("#moved-on")).to_contain_text("Nothing was sent yet")
    await expect(plain.field).to_have_value("Yes, until five.")
    await plain.page.get_by_role("button", name="Send anyway").click()
    await expect(plain.message("Yes, until five.")).to_have_class(re.compile("msg-out"))


async def test_assign_tag_snooze_done_and_reopen(plain, patients):
    await (await plain.menu("assign-menu")).get_by_role("button", name="Fiona Front").click()
    await (await plain.menu("tag-menu")).locator("#tag-new").fill("Anxious")
    await plain.page.locator("#tag-menu").get_by_role("button", name="Add", exact=True).click()
    await (await plain.menu("tag-menu")).locator("#tag-new").fill("Mornings")
    await plain.page.locator("#tag-new").press("Enter")
    await expect(plain.page.locator("#tag-menu [aria-pressed=true]")).to_have_count(2)
    await (await plain.menu("snooze-menu")).get_by_role("button", name=re.compile("^Tomorrow")).click()
    thread = await patients.thread("Maria Lopez")
    assert (thread["assignee"]["name"], thread["tags"], thread["state"]) == (
        "Fiona Front",
        ["Anxious", "Mornings"],
        "snoozed",
    )
    await plain.page.locator("[data-act=reopen]").click()
    await plain.page.locator("[data-act=done]").click()
    await expect(plain.page).to_have_url(re.compile("/inbox$"))
    assert (await patients.thread("Maria Lopez"))["state"] == "closed"


async def test_views_and_search(plain, patients):
    await patients.write("Tom Becker", "My crown came loose")
    await plain.page.goto("/inbox?view=all")
    await plain.page.locator("#q").fill("crown")
    await plain.page.locator("#q").press("Enter")
    await expect(plain.page.locator("#threads > li.row")).to_have_count(1)
    await plain.page.locator("#views [data-view=mine]").click()
    await expect(plain.page.locator("#list")).to_contain_text("Nothing is yours right now")


async def test_taking_part_and_going_on_with_what_was_begun(plain, clinic, patients):
    thread = (await patients.thread("Maria Lopez"))["id"]
    gina = await clinic.member(name="Gina Gray")
    await gina.put(clinic.at(f"threads/{thread}/draft"), json={"body": "Yes, we are"})
    await plain.page.goto(f"/inbox?thread={thread}")
    await plain.page.get_by_role("button", name="Continue it").click()
    await expect(plain.field).to_have_value("Yes, we are")
    part = plain.page.locator("#following")
    await part.get_by_role("button", name="Take part").click()
    await expect(part.locator("li")).to_contain_text("Olivia Owner (you)")
    await part.get_by_role("button", name="Olivia Owner does not take part any more").click()
    await expect(part.locator("li")).to_contain_text("Nobody yet")
