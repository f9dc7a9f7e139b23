"""WhatsApp's 24 hours on the screen: what is left of them, what goes after them, and what a message brings along."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from uuid import uuid4

import pytest_asyncio
from playwright.async_api import expect

from tests.browser.conftest import PICTURES
from tests.browser.screen import IN_CHROMIUM
from tests.browser.test_looks import AXE, RULES, look
from tests.support.clinic import ACCOUNT_SID
from tests.support.pictures import photo

pytestmark = IN_CHROMIUM

TOM = "+12025550177"
AMBER = re.compile("chip-warn")


@pytest_asyncio.fixture(loop_scope="session")
async def tom(clinic, sit_down):
    """Tom Becker has written by WhatsApp; the owner has his conversation open."""
    made = await clinic.owner.post(clinic.at("contacts"), json={"name": "Tom Becker", "phone": TOM})
    assert made.status_code == 201, made.text
    channel = await clinic.channel(kind="whatsapp")

    async def write(body: str, **more: str) -> None:
        form = {"MessageSid": f"SM{uuid4().hex}", "AccountSid": ACCOUNT_SID, "NumMedia": "0", "Body": body, **more}
        answer = await channel.deliver({**form, "From": f"whatsapp:{TOM}", "To": f"whatsapp:{channel.address}"})
        assert answer.status_code == 200, answer.text

    await write("Can I come on Friday?")
    thread = (await clinic.owner.get(clinic.at("threads"))).json()["items"][0]

    async def ends(when: str) -> None:
        """Move the end of the 24 hours, which an act on the conversation then tells the page."""
        clinic.product.sql(f"update thread set whatsapp_until = {when} where id = %s", thread["id"])
        told = await clinic.owner.post(clinic.at(f"threads/{thread['id']}/tags"), json={"add": [uuid4().hex[:6]]})
        assert told.status_code == 200, told.text

    screen = await sit_down(clinic.owner)
    await screen.inbox(f"?thread={thread['id']}")
    return SimpleNamespace(clinic=clinic, screen=screen, page=screen.page, thread=thread, write=write, ends=ends)


async def test_what_is_left_counts_down_and_the_end_comes_by_itself(tom):
    left = tom.page.locator("#wa-left")
    await expect(left).to_have_text("23 h left to write freely")
    await expect(left).not_to_have_class(AMBER)
    await tom.ends("now() + interval '80 minutes'")
    await expect(left).to_have_text("1 h 19 left to write freely")
    await expect(left).to_have_class(AMBER)
    await tom.screen.field.fill("Yes, Friday")
    await tom.ends("now() + interval '3 seconds'")
    await expect(left).to_have_text("Less than 1 min left to write freely")
    await expect(tom.page.locator("#wa-closed")).to_be_visible()
    await expect(tom.screen.field).to_be_hidden()
    await expect(tom.page.locator("#announcer")).to_contain_text("WhatsApp only takes approved messages now")
    # As soon as he writes, everything is as before, without a reload; what was typed for later is kept.
    await tom.write("Are you there?")
    await expect(tom.screen.field).to_be_visible()
    await expect(tom.page.locator("#wa-closed")).to_be_hidden()
    await expect(left).to_have_text("23 h left to write freely")
    await expect(tom.screen.field).to_have_value("Yes, Friday")


async def test_an_approved_message_is_found_filled_and_sent_by_keyboard(tom):
    await tom.ends("now() - interval '1 hour'")
    keys = tom.page.keyboard
    await expect(tom.page.locator("#approved summary")).to_have_count(5)
    await tom.page.locator("#messages").click()
    await keys.press("r")
    await expect(tom.page.locator("#approved-q")).to_be_focused()
    await keys.type("remind")
    await expect(tom.page.locator("#approved summary:visible")).to_have_count(1)
    await keys.press("ArrowDown")
    await expect(tom.page.locator("#approved summary:visible")).to_be_focused()
    await keys.press("Enter")
    text = tom.page.locator("#approved details[open]")
    await expect(text.get_by_label("First name")).to_have_value("Tom")
    await expect(text.get_by_label("Clinic")).to_have_value("Bright Smiles")
    await expect(text.get_by_label("Blank 3")).to_be_focused()  # the first that nobody could know
    await keys.type("Friday")
    await keys.press("Tab")
    await keys.type("3 pm")
    await expect(text.locator(".approved-preview")).to_contain_text(
        "Hello Tom, a reminder of your visit at Bright Smiles on Friday at 3 pm."
    )
    await keys.press("Enter")
    bubble = tom.screen.message("on Friday at 3 pm.")
    await expect(bubble).to_contain_text("Approved message")
    await expect(bubble).to_contain_text("Delivered")
    await expect(tom.page.locator("#approved details[open]")).to_have_count(0)
    assert await tom.screen.message("on Friday at 3 pm.").count() == 1


PARTS = [
    {"type": "HEADER", "format": "IMAGE"},
    {"type": "BODY", "text": "Here is your X-ray, {{1}}."},
    {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Book", "url": "https://book.example.com/{{1}}"}]},
]


async def test_an_approved_message_takes_a_picture_and_a_link(tom):
    told = ("xray", "en", "UTILITY", "APPROVED", json.dumps(PARTS))
    tom.clinic.product.sql(
        "insert into message_template (id, clinic_id, channel_id, name, language, category, status, components, "
        "synced_at) select gen_random_uuid(), clinic_id, id, %s, %s, %s, %s, %s::json, now() from channel "
        "where clinic_id = %s and kind = 'whatsapp'",
        *told,
        tom.clinic.id,
    )
    tom.screen.allow("422")
    await tom.ends("now() - interval '1 hour'")
    await tom.page.locator("#approved summary").filter(has_text="Xray").click()
    text = tom.page.locator("#approved details[open]")
    await expect(text).to_contain_text("It completes https://book.example.com/{{1}}")
    await expect(text).to_contain_text("With the button Book.")
    send = text.get_by_role("button", name="Send approved message")
    await text.get_by_label("Blank 1").fill("Tom")
    await text.get_by_label("Link of “Book”").fill("tom 7")
    await send.click()
    await expect(tom.screen.toast).to_contain_text("A link has no spaces")
    await expect(text.get_by_label("Link of “Book”")).to_be_focused()
    await text.get_by_label("Link of “Book”").fill("tom-7")
    await send.click()
    await expect(tom.screen.toast.last).to_contain_text("wants a picture")
    picture = {"name": "tom.jpg", "mimeType": "image/jpeg", "buffer": photo(200, 150)}
    await text.get_by_label("Picture", exact=True).set_input_files([picture])
    await tom.page.evaluate(AXE)
    run = "rules => axe.run('#approved', {runOnly: rules, resultTypes: ['violations']})"
    assert (await tom.page.evaluate(run, RULES))["violations"] == []
    await send.click()
    bubble = tom.screen.message("Here is your X-ray, Tom.")
    await expect(bubble.locator("img")).to_be_visible()
    await expect(bubble).to_contain_text("Delivered")


async def test_another_way_and_notes_stay_open(tom):
    await tom.clinic.channel()
    await tom.ends("now()")
    await tom.page.reload()
    await tom.screen.is_live()
    await expect(tom.screen.field).to_be_hidden()
    await tom.page.locator("#composer [data-act=note]").click()
    await expect(tom.screen.field).to_be_visible()
    await expect(tom.page.locator("#approved")).to_be_hidden()
    await tom.page.locator("#composer [data-act=reply]").click()
    await expect(tom.screen.field).to_be_hidden()
    await tom.screen.menu("way-menu")
    await tom.page.locator("#way-menu label").filter(has_text="Text").click()
    await expect(tom.screen.field).to_be_visible()
    await tom.screen.reply("By text then")
    await expect(tom.screen.message("By text then")).to_contain_text("Delivered")


async def test_a_value_that_whatsapp_refuses_is_said_and_kept(tom):
    tom.screen.allow("422")
    await tom.ends("now()")
    await tom.page.locator("#approved summary").filter(has_text="Meet link").click()
    text = tom.page.locator("#approved details[open]")
    link = text.get_by_label("Blank 3")
    await link.fill("a    b")
    await text.get_by_role("button", name="Send approved message").click()
    await expect(tom.screen.toast).to_contain_text("no line breaks, tabs or wide gaps")
    await expect(link).to_be_focused()
    await link.fill("https://meet.example/abc")
    await text.get_by_role("button", name="Send approved message").click()
    await expect(tom.screen.message("https://meet.example/abc")).to_contain_text("Approved message")


async def test_what_a_message_brings_along_is_shown(tom):
    sent = await tom.screen.reply("Yes, ten o'clock?")
    await expect(sent).to_contain_text("Delivered")
    [(provider_id,)] = tom.clinic.product.sql(
        "select provider_id from message where thread_id = %s and direction = 'out'", tom.thread["id"]
    )
    await tom.write("Confirm", ButtonText="Confirm", ButtonPayload="yes", OriginalRepliedMessageSid=provider_id)
    answer = tom.screen.message("Confirm")
    await expect(answer).to_contain_text("In answer to: “Yes, ten o'clock?”")
    await expect(answer).to_contain_text("Answered with a button")
    await tom.write("", MessageType="location", Latitude="52.51627", Longitude="13.37770", Address="Pariser Platz")
    await expect(tom.screen.message("Shared a place: Pariser Platz")).to_have_count(1)
    place = tom.page.get_by_role("link", name="Open the map")
    await expect(place).to_have_attribute(
        "href", "https://www.openstreetmap.org/?mlat=52.51627&mlon=13.37770#map=17/52.51627/13.37770"
    )
    await expect(place).to_have_attribute("rel", "noopener noreferrer")


async def test_chip_and_picker_look_right_in_all_sizes_and_themes(tom):
    await expect(tom.page.locator("#wa-left")).to_be_visible()
    assert await look(tom.screen, "whatsapp-open") == []
    await tom.page.set_viewport_size({"width": 320, "height": 640})
    await expect(tom.page.locator("#send")).to_be_in_viewport(ratio=1)
    await tom.page.screenshot(path=PICTURES / "whatsapp-320.png")
    await tom.ends("now()")
    await tom.page.locator("#approved summary").filter(has_text="Appointment confirmed").click()
    await expect(tom.page.locator("#approved details[open]")).to_be_visible()
    assert await look(tom.screen, "whatsapp-closed", pictures=True) == []


async def test_without_scripts_an_approved_message_goes_too(tom, sit_down):
    await tom.ends("now()")
    plain = await sit_down(tom.clinic.owner, java_script_enabled=False)
    await plain.page.goto(f"/inbox?thread={tom.thread['id']}")
    await plain.page.get_by_role("link", name="Approved WhatsApp messages").click()
    await plain.page.locator("summary").filter(has_text="Payment received").click()
    await plain.page.get_by_label("Blank 2").fill("$120")
    await plain.page.locator("details[open]").get_by_role("button").click()
    await expect(plain.page.locator("#messages")).to_contain_text("we have received your payment of $120")
