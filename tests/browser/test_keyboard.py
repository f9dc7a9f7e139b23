"""The front-desk tasks of ui.md section 7 with the keyboard only; the pointer never touches the page."""

from __future__ import annotations

import asyncio
import re

import pytest_asyncio
from playwright.async_api import expect

from tests.browser.screen import IN_CHROMIUM

pytestmark = IN_CHROMIUM


@pytest_asyncio.fixture(loop_scope="session")
async def keys(clinic, patients, sit_down):
    """A screen with two conversations, a colleague and a saved reply; returns it and what presses its keys."""
    await clinic.member()
    await clinic.owner.post(
        clinic.at("saved-replies"), json={"name": "Opening hours", "body": "Hi {first_name}, we are open from 9 to 5."}
    )
    await patients.write("Tom Becker", "Hello")
    await patients.write("Maria Lopez", "Are you open today?")
    screen = await (await sit_down(clinic.owner)).inbox()

    async def press(*presses: str) -> None:
        for key in presses:
            await screen.page.keyboard.press(key)

    return screen, press


async def opened(screen, press, name="Maria Lopez"):
    await press("j")
    await expect(screen.row(name).locator("a.row-link")).to_be_focused()
    await press("Enter")
    await expect(screen.page.locator("#conversation-name")).to_have_text(name)
    await expect(screen.field).to_be_visible()


async def test_moving_opening_and_going_back(keys):
    screen, press = keys
    await opened(screen, press)
    await press("j")
    await expect(screen.row("Tom Becker").locator("a.row-link")).to_be_focused()
    await press("k")
    await expect(screen.row("Maria Lopez").locator("a.row-link")).to_be_focused()
    await press("]")
    await expect(screen.page.locator("#conversation-name")).to_have_text("Tom Becker")


async def test_answer_with_a_saved_reply(keys):
    screen, press = keys
    await opened(screen, press)
    await press("r")
    await expect(screen.field).to_be_focused()
    await press("/", "o", "p")
    await expect(screen.page.locator("#mentions")).to_contain_text("Opening hours")
    await press("Enter")
    await expect(screen.field).to_have_value("Hi Maria, we are open from 9 to 5.")
    await press("Control+Enter")
    await expect(screen.message("Hi Maria, we are open").locator(".status")).to_have_text("Delivered")


async def test_a_note(keys):
    screen, press = keys
    await opened(screen, press)
    await press("n")
    await expect(screen.page.locator("#composer")).to_have_attribute("data-kind", "note")
    await screen.page.keyboard.type("Call back at noon")
    await press("Control+Enter")
    await expect(screen.message("Call back at noon")).to_have_class(re.compile("msg-note"))


async def test_assign_to_a_colleague_and_to_me(keys):
    screen, press = keys
    await opened(screen, press)
    await press("a", "f", "i", "Enter")
    await expect(screen.row("Maria Lopez").locator(".row-owner")).to_contain_text("Fiona Front has it")
    await press("m")
    await expect(screen.row("Maria Lopez").locator(".row-owner")).to_contain_text("Olivia Owner has it")


async def test_snooze_until_tomorrow(keys):
    screen, press = keys
    await opened(screen, press)
    await press("h")
    await expect(screen.page.locator("#snooze-menu button:focus")).to_contain_text("Tomorrow")
    await press("Enter")
    await expect(screen.page.locator("#views [data-live='count.snoozed']")).to_have_text("1")
    await expect(screen.page.locator("#conversation")).to_have_attribute("data-state", "snoozed")


async def test_done_and_taken_back(keys):
    screen, press = keys
    await opened(screen, press)
    await press("e")
    await expect(screen.page.locator("#conversation")).to_have_attribute("data-state", "closed")
    await expect(screen.toast).to_have_count(1)
    await press("z")
    await expect(screen.page.locator("#conversation")).to_have_attribute("data-state", "open")
    await expect(screen.row("Maria Lopez")).to_have_count(1)


async def test_taken_back_before_the_answer_has_come(keys, clinic, patients):
    screen, press = keys
    await opened(screen, press)

    async def answer_late(route):
        answer = await route.fetch()
        await asyncio.sleep(0.8)
        await route.fulfill(response=answer)

    await screen.page.route("**/threads/*/assign", answer_late)
    await screen.page.route("**/threads/*/close", answer_late)
    await press("m")
    await expect(screen.toast).to_contain_text("goes to you")
    async with screen.page.expect_response("**/threads/*/reopen"):
        await press("e", "z")
    await expect(screen.page.locator("#conversation")).to_have_attribute("data-state", "open")
    await expect(screen.row("Maria Lopez")).to_have_count(1)
    # The act before it stays, and what was taken back does not say that it was done.
    thread = await patients.thread("Maria Lopez")
    assert thread["state"] == "open"
    assert thread["assignee"]["id"] == str(clinic.owner.staff_id)
    await expect(screen.toast).to_have_count(1)


async def test_what_was_refused_cannot_be_taken_back(keys, clinic, patients):
    screen, press = keys
    screen.allow("status of 409")
    await opened(screen, press)
    await press("m")
    await expect(screen.toast).to_contain_text("goes to you")

    async def refuse_late(route):
        await asyncio.sleep(0.5)
        await route.fulfill(status=409, content_type="application/problem+json", body='{"detail": "Not now."}')

    await screen.page.route("**/threads/*/close", refuse_late)
    await press("e", "z")
    await expect(screen.toast.filter(has_text="Not now.")).to_be_visible()
    await press("z")
    await expect(screen.toast.filter(has_text="nothing to take back")).to_be_visible()
    thread = await patients.thread("Maria Lopez")
    assert (thread["state"], thread["assignee"]["id"]) == ("open", str(clinic.owner.staff_id))


async def test_find_a_patient_by_the_last_four_digits(keys, patients):
    screen, press = keys
    await press("/")
    await expect(screen.page.locator("#q")).to_be_focused()
    await press(*patients.number_of("Tom Becker")[-4:], "Enter")
    await expect(screen.page.locator("#conversation-name")).to_have_text("Tom Becker")


async def test_a_tag(keys):
    screen, press = keys
    await opened(screen, press)
    await press("t")
    await expect(screen.page.locator("#tag-menu")).to_have_attribute("open", "")
    await screen.page.locator("#tag-new").focus()
    await screen.page.keyboard.type("VIP")
    await press("Enter")
    await expect(screen.row("Maria Lopez").locator(".row-tag")).to_have_text("VIP")


async def test_several_at_once(keys):
    screen, press = keys
    await press("j", "x", "j", "x")
    await expect(screen.page.locator("#select-bar")).to_contain_text("2 selected")
    await press("e")
    await expect(screen.page.locator("#threads > li.row")).to_have_count(0)
    await expect(screen.toast).to_contain_text("2 conversations: done")
    await press("z")
    await expect(screen.page.locator("#threads > li.row")).to_have_count(2)


async def test_palette_help_and_places(keys):
    screen, press = keys
    await press("Control+k")
    await expect(screen.page.locator("#palette-q")).to_be_focused()
    await screen.page.keyboard.type("becker")
    await expect(screen.page.locator("#palette-list [role=option]").filter(has_text="Tom Becker")).to_have_count(1)
    await expect(screen.page.locator("#palette-list [aria-selected=true]")).to_contain_text("Tom Becker")
    await press("Enter")
    await expect(screen.page.locator("#conversation-name")).to_have_text("Tom Becker")
    await press("?")
    await expect(screen.page.locator("#help")).to_be_visible()
    await press("Escape")
    await expect(screen.page.locator("#help")).to_be_hidden()
    await press("g", "s")
    await expect(screen.page).to_have_url(re.compile("/settings/account"))


async def test_what_is_typed_before_the_palette_is_loaded_lands_in_its_field(keys):
    screen, press = keys
    await opened(screen, press)

    async def wait_a_moment(route):
        await asyncio.sleep(0.5)
        await route.continue_()

    await screen.page.route("**/palette.js*", wait_a_moment)
    await press("Control+k")
    await screen.page.keyboard.type("becker")
    await expect(screen.page.locator("#palette-q")).to_have_value("becker")
    await expect(screen.page.locator("#palette-list [aria-selected=true]")).to_contain_text("Tom Becker")
    await expect(screen.page.locator("#conversation")).to_have_attribute("data-state", "open")


async def test_the_palette_that_could_not_be_loaded_is_there_when_the_line_is_back(keys):
    screen, press = keys
    screen.allow("ERR_FAILED")
    await screen.page.route("**/palette.js*", lambda route: route.abort())
    await press("Control+k")
    await expect(screen.toast).to_contain_text("needs a connection")
    await expect(screen.page.locator("#palette")).to_be_hidden()
    await screen.page.unroute("**/palette.js*")
    await press("Control+k")
    await expect(screen.page.locator("#palette-list [role=option]").first).to_be_visible()
    # Whatever else comes with its first use is told in the same words, and not in the browser's.
    await screen.page.keyboard.press("Escape")
    await screen.toast.get_by_role("button", name="Close").click()
    await screen.page.route("**/several.js*", lambda route: route.abort())
    await press("j")
    await press("x")
    await expect(screen.toast).to_have_text(re.compile("^That needs a connection. Try again when you are back."))


async def test_letters_in_a_field_are_only_text(keys, clinic):
    screen, press = keys
    await opened(screen, press)
    await press("r")
    await screen.page.keyboard.type("e m h t a j k z x")
    await expect(screen.field).to_have_value("e m h t a j k z x")
    await expect(screen.page.locator("#conversation")).to_have_attribute("data-state", "open")
    assert clinic.product.sql("select count(*) from message where clinic_id = %s and direction = 'out'", clinic.id) == [
        (0,)
    ]
