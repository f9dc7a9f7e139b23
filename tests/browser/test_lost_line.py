"""The line is cut: nothing typed is lost, what was missed comes once and in order, and no page is loaded anew."""

from __future__ import annotations

import asyncio

from playwright.async_api import expect

from tests.browser.screen import IN_CHROMIUM, Patients

pytestmark = IN_CHROMIUM
# What a browser writes on its console when a request finds no server.
# What Chromium says of a call whose server or line goes, before, in the middle of it and after.
NO_LINE = (
    r"ERR_(INTERNET_DISCONNECTED|NETWORK_CHANGED|EMPTY_RESPONSE|CONNECTION_(REFUSED|RESET|CLOSED|ABORTED))"
    r"|WebSocket connection to"
)


async def bubbles(screen):
    return await screen.page.locator("#messages > li.msg .bubble-text").all_inner_texts()


async def test_offline_and_back(desk, patients):
    desk.allow(NO_LINE)
    await desk.choose("Maria Lopez")
    await desk.page.evaluate("window.marker = 'same page'")
    await desk.field.fill("Half a sentence")
    await desk.context.set_offline(True)
    await expect(desk.page.locator("#connection")).to_contain_text("No connection. You can keep reading.")
    await expect(desk.page.locator("#send .send-word")).to_have_text("Send when back")
    for number in range(5):
        await patients.write("Maria Lopez", f"Line {number}")
    await patients.write("Tom Becker", "Are you there?")
    await desk.context.set_offline(False)
    await expect(desk.page.locator("#connection")).to_be_hidden()
    await expect(desk.row("Tom Becker")).to_have_count(1)
    await expect(desk.message("Line 4")).to_have_count(1)
    assert await bubbles(desk) == ["Is Thursday at 10:30 still open?", *(f"Line {number}" for number in range(5))]
    await expect(desk.field).to_have_value("Half a sentence")
    assert await desk.page.evaluate("window.marker") == "same page"


async def test_what_is_sent_without_a_line_goes_once_when_it_is_back(desk, clinic):
    desk.allow(NO_LINE)
    await desk.choose("Maria Lopez")
    await desk.context.set_offline(True)
    await expect(desk.page.locator("#connection")).to_be_visible()
    bubble = await desk.reply("Sent from the cellar")
    await expect(bubble.locator(".status")).to_have_text("Waiting for the connection")
    await desk.context.set_offline(False)
    await expect(bubble.locator(".status")).to_have_text("Delivered")
    await expect(bubble).to_have_count(1)
    assert clinic.product.sql("select count(*) from message where clinic_id = %s and direction = 'out'", clinic.id) == [
        (1,)
    ]


async def test_a_killed_server_comes_back(start_product, new_clinic, sit_down):
    product = await asyncio.to_thread(start_product, web=2)
    clinic = await new_clinic(product)
    patients = Patients(clinic, await clinic.channel())
    await patients.write("Maria Lopez", "Hello")
    # The screen is at the second process, the patients' texts come in through the first.
    screen = await sit_down(clinic.owner, origin=product.web[1].url)
    screen.allow(NO_LINE)
    await screen.inbox()
    await screen.choose("Maria Lopez")
    await screen.page.evaluate("window.marker = 'same page'")
    await screen.field.fill("I was just about to")
    product.web[1].kill()
    await expect(screen.page.locator("#connection")).to_be_visible()
    for number in range(8):
        await patients.write("Maria Lopez", f"Line {number}")
    await asyncio.to_thread(product.web[1].start)
    await expect(screen.message("Line 7")).to_have_count(1, timeout=30_000)
    assert await bubbles(screen) == ["Hello", *(f"Line {number}" for number in range(8))]
    await expect(screen.page.locator("#connection")).to_be_hidden()
    await expect(screen.field).to_have_value("I was just about to")
    assert await screen.page.evaluate("window.marker") == "same page"


async def test_drafts_survive_a_reload_and_stay_in_their_conversation(desk, patients):
    await patients.write("Tom Becker", "Hi")
    await desk.choose("Maria Lopez")
    async with desk.page.expect_response(lambda answer: answer.url.endswith("/draft") and answer.ok):
        await desk.field.fill("Dear Maria")
    await desk.choose("Tom Becker")
    await expect(desk.page.locator("#conversation-name")).to_have_text("Tom Becker")
    await expect(desk.field).to_have_value("")
    async with desk.page.expect_response(lambda answer: answer.url.endswith("/draft") and answer.ok):
        await desk.field.fill("Dear Tom")
    await desk.page.reload()
    await desk.is_live()
    await expect(desk.page.locator("#conversation-name")).to_have_text("Tom Becker")
    await expect(desk.field).to_have_value("Dear Tom")
    await desk.choose("Maria Lopez")
    await expect(desk.page.locator("#conversation-name")).to_have_text("Maria Lopez")
    await expect(desk.field).to_have_value("Dear Maria")
    await desk.page.locator("#composer [data-act=note]").click()
    await expect(desk.field).to_have_value("")
    stored = await desk.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "Dear" not in stored
