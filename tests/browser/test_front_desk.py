"""The walk of a front-desk person: a text comes in, is answered, noted, handed over, put away and found again."""

from __future__ import annotations

import asyncio
import re

from playwright.async_api import expect

from tests.browser.screen import IN_CHROMIUM

pytestmark = IN_CHROMIUM


async def test_a_text_appears_on_top_by_itself(desk, patients):
    await desk.page.evaluate("window.marker = 'same page'")
    await patients.write("Tom Becker", "Can I come earlier today?")
    first = desk.page.locator("#threads > li.row").first
    await expect(first).to_contain_text("Can I come earlier today?")
    await expect(first).to_have_class(re.compile("is-unread"))
    await expect(desk.page).to_have_title(re.compile(r"^\(2\)"))
    await patients.write("Maria Lopez", "Hello?")
    await expect(first).to_contain_text("Hello?")
    await expect(desk.page.locator("#threads > li.row")).to_have_count(2)
    assert await desk.page.evaluate("window.marker") == "same page"


async def test_a_reply_is_sending_then_sent_then_delivered(desk):
    await desk.choose("Maria Lopez")
    await desk.page.evaluate("""() => {
      window.words = [];
      new MutationObserver(() => {
        const status = document.querySelector('#messages .msg-out .status')?.textContent;
        if (status && window.words.at(-1) !== status) window.words.push(status);
      }).observe(document.querySelector('#messages'), {childList: true, subtree: true, characterData: true});
    }""")
    bubble = await desk.reply("Yes, it is yours.")
    await expect(bubble).to_have_count(1)
    await expect(bubble.locator(".status")).to_have_text("Delivered")
    assert await desk.page.evaluate("window.words") == ["Sending", "Sent", "Delivered"]
    await expect(desk.field).to_have_value("")
    # Answered: it no longer waits.
    await expect(desk.page.locator("#list-empty")).to_contain_text("All caught up")


async def test_undo_within_five_seconds_takes_it_back(desk, clinic):
    await clinic.owner.patch(clinic.at("clinic"), json={"undo_seconds": 5})
    await desk.choose("Maria Lopez")
    bubble = await desk.reply("Wrong patient, sorry")
    await bubble.locator("[data-act=undo]").click()
    await expect(bubble.locator(".status")).to_have_text("Taken back")
    await expect(desk.field).to_have_value("Wrong patient, sorry")
    sent = clinic.product.sql("select status from message where clinic_id = %s and direction = 'out'", clinic.id)
    assert sent == [("cancelled",)]


async def test_a_note_is_for_the_team(desk, clinic):
    await desk.choose("Maria Lopez")
    await desk.page.locator("#composer [data-act=note]").click()
    await desk.field.fill("Prefers Dr. Shah")
    await desk.page.locator("#note-send").click()
    note = desk.message("Prefers Dr. Shah")
    await expect(note).to_have_class(re.compile("msg-note"))
    await expect(note).to_contain_text("Only your team sees this")
    await expect(note).to_have_attribute("id", re.compile("^m-"))
    assert clinic.product.sql("select kind from message where clinic_id = %s and body like 'Prefers%%'", clinic.id) == [
        ("note",)
    ]


async def test_assign_to_a_colleague(desk, clinic):
    fiona = await clinic.member()
    await desk.page.reload()
    await desk.is_live()
    await desk.choose("Maria Lopez")
    menu = await desk.menu("assign-menu")
    await menu.get_by_role("button", name="Fiona Front").click()
    await expect(desk.page.locator("#conversation")).to_have_attribute("data-assignee", str(fiona.staff_id))
    await expect(desk.row("Maria Lopez").locator(".row-owner")).to_contain_text("Fiona Front has it")
    await expect(desk.page.locator("#assign-menu [data-live=assignee]")).to_have_text("Fiona")


async def test_done_undone_done_and_reopened(desk, patients):
    await desk.choose("Maria Lopez")
    await desk.page.locator("[data-act=done]").click()
    await expect(desk.row("Maria Lopez")).to_have_count(0)
    await expect(desk.page.locator("[data-live='count.todo']").last).to_have_text("0")
    await desk.toast.get_by_role("button", name="Undo").click()
    await expect(desk.row("Maria Lopez")).to_have_count(1)
    await expect(desk.page.locator("[data-act=done]")).to_be_visible()
    await desk.page.locator("[data-act=done]").click()
    await desk.page.locator("[data-act=reopen]").click()
    await expect(desk.row("Maria Lopez")).to_have_count(1)
    assert (await patients.thread("Maria Lopez"))["state"] == "open"


async def test_snooze_until_tomorrow(desk, patients):
    await desk.choose("Maria Lopez")
    menu = await desk.menu("snooze-menu")
    await menu.get_by_role("button", name=re.compile("^Tomorrow")).click()
    await expect(desk.row("Maria Lopez")).to_have_count(0)
    await expect(desk.page.locator("#views [data-live='count.snoozed']")).to_have_text("1")
    await desk.page.locator("#views [data-view=snoozed]").click()
    await expect(desk.row("Maria Lopez")).to_contain_text("Until")
    # Back as soon as the patient writes.
    await desk.leave_list()
    await patients.write("Maria Lopez", "Something came up")
    await expect(desk.page.locator("#views [data-live='count.snoozed']")).to_have_text("0")
    await desk.page.locator("#views [data-view=todo]").click()
    await expect(desk.row("Something came up")).to_have_count(1)


async def test_tags_go_on_and_off(desk, patients):
    await desk.choose("Maria Lopez")
    menu = await desk.menu("tag-menu")
    await menu.locator("#tag-new").fill("Anxious")
    await menu.get_by_role("button", name="Add", exact=True).click()
    await expect(desk.row("Maria Lopez").locator(".row-tag")).to_have_text("Anxious")
    await expect(desk.page.locator("#details-tags")).to_contain_text("Anxious")
    menu = await desk.menu("tag-menu")
    await menu.get_by_role("button", name="Anxious").click()
    await expect(desk.row("Maria Lopez").locator(".row-tag")).to_have_count(0)
    assert (await patients.thread("Maria Lopez"))["tags"] == []


async def test_mark_unread_has_the_last_word(desk, patients):
    may_go, told = asyncio.Event(), asyncio.Event()

    async def hold(route):
        await may_go.wait()
        await route.fulfill(response=await route.fetch())
        told.set()

    # That it was opened is still on its way when it is marked.
    await desk.page.route("**/threads/*/read", hold)
    async with desk.page.expect_request("**/threads/*/read"):
        await desk.choose("Maria Lopez")
    await expect(desk.row("Maria Lopez")).not_to_have_class(re.compile("is-unread"))
    await desk.page.locator("#details [data-act=unread]").click()
    await asyncio.sleep(0.3)
    may_go.set()
    await asyncio.wait_for(told.wait(), 15)
    await expect(desk.toast.filter(has_text="is unread again")).to_be_visible()
    assert (await patients.thread("Maria Lopez"))["unread"] == 1
    await expect(desk.row("Maria Lopez")).to_have_class(re.compile("is-unread"))


async def test_one_row_is_the_open_one(desk, patients):
    """Also when an event draws the row before it again while the next conversation is on its way."""
    await patients.write("Tom Becker", "My crown came loose")
    tom = (await patients.thread("Tom Becker"))["id"]
    await desk.choose("Maria Lopez")
    selected, may_go = desk.page.locator("#threads > li.is-selected"), asyncio.Event()
    await expect(selected).to_contain_text("Maria Lopez")

    async def hold(route):
        await may_go.wait()
        await route.continue_()

    await desk.page.route(f"**/inbox/threads/{tom}*", hold)
    await desk.row("Tom Becker").locator("a.row-link").click()
    await patients.write("Maria Lopez", "And one more thing")
    await expect(desk.row("Maria Lopez")).to_contain_text("And one more thing")
    may_go.set()
    await expect(desk.page.locator("#conversation")).to_have_attribute("data-name", "Tom Becker")
    await expect(selected).to_have_count(1)
    await expect(selected).to_contain_text("Tom Becker")


async def test_search_by_name_word_and_last_four_digits(desk, patients):
    await patients.write("Tom Becker", "My crown came loose")
    await patients.write("Aisha Khan", "Do you take Delta insurance?")
    rows = desk.page.locator("#threads > li.row")
    await expect(rows).to_have_count(3)
    for words, found in [
        ("aish", "Aisha Khan"),
        ("crown", "Tom Becker"),
        (patients.number_of("Maria Lopez")[-4:], "Maria Lopez"),
    ]:
        await desk.page.locator("#q").fill(words)
        await expect(rows).to_have_count(1)
        await expect(rows).to_contain_text(found)
        await expect(desk.page).to_have_url(re.compile(f"q={words}"))
    await desk.page.locator("#q").fill("nobody has this name")
    await expect(desk.page.locator("#list")).to_contain_text("Nobody found")
    await desk.page.locator("#chips [data-act=clear-filters]").click()
    await expect(rows).to_have_count(3)


async def test_a_person_is_written_to_first(desk):
    await desk.page.locator("#list-pane [data-act=new]").click()
    await desk.page.locator("#new-to").fill("+1 212 556 7788")
    await desk.page.locator("#new-name").fill("Lena Fischer")
    await desk.page.get_by_role("button", name="Open conversation").click()
    await expect(desk.page.locator("#conversation-name")).to_have_text("Lena Fischer")
    bubble = await desk.reply("Hello Lena, this is Bright Smiles.")
    await expect(bubble.locator(".status")).to_have_text("Delivered")
