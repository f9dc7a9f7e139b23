"""Files on the screen: a picture that comes while one looks, and everything one can do to send one."""

from __future__ import annotations

from base64 import b64encode
from uuid import uuid4

import pytest
from playwright.async_api import expect

from tests.browser.screen import IN_CHROMIUM
from tests.browser.test_looks import SMALL, look
from tests.support.clinic import ACCOUNT_SID
from tests.support.pictures import photo

pytestmark = IN_CHROMIUM

PICTURE = {"name": "x-ray.jpg", "mimeType": "image/jpeg", "buffer": photo()}
PAPER = {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\nplan"}
LOADED = "img => img.complete && img.naturalWidth > 0"
GIVE = """([kind, name, type, content]) => {
  const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, { type }));
  const target = document.querySelector(kind === "paste" ? "#body" : "#log");
  const event = kind === "paste"
    ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
    : new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true });
  target.dispatchEvent(event);
}"""


async def send_file(patients, name, kind="image/jpeg"):
    """A patient sends a file without a word."""
    form = {
        "MessageSid": f"MM{uuid4().hex}",
        "AccountSid": ACCOUNT_SID,
        "From": patients.number_of(name),
        "To": patients.channel.address,
        "Body": "",
        "NumMedia": "1",
        "MediaUrl0": "https://api.twilio.com/m",
        "MediaContentType0": kind,
    }
    assert (await patients.channel.deliver(form)).status_code == 200


def attached(screen):
    return screen.page.locator("#attached > li")


async def has_loaded(picture):
    await expect(picture).to_be_visible()
    await picture.scroll_into_view_if_needed()
    page = picture.page
    await page.wait_for_function("img => img.complete && img.naturalWidth > 0", arg=await picture.element_handle())


async def test_a_picture_appears_while_one_looks_and_nothing_jumps(desk, patients):
    await desk.choose("Maria Lopez")
    await send_file(patients, "Maria Lopez")
    bubble = desk.page.locator("#messages > li.msg").nth(1)
    box = bubble.locator(".file-picture")
    await expect(box).to_be_visible()
    size = await box.bounding_box()
    picture = bubble.locator("a.file-picture > img")
    await has_loaded(picture)
    after = await bubble.locator(".file-picture").bounding_box()
    assert (size["width"], size["height"]) == (after["width"], after["height"])
    await expect(desk.row("Maria Lopez")).to_contain_text("Sent a file")
    await send_file(patients, "Maria Lopez", "application/pdf")
    await expect(desk.page.locator(".file.is-refused")).to_contain_text("This file was refused. This is a practice run")
    async with desk.context.expect_page() as opening:
        await picture.click()
    opened = await opening.value
    await opened.wait_for_load_state()
    assert await opened.evaluate("document.contentType") == "image/jpeg"
    await opened.close()
    assert await look(desk, "files") == []


async def test_a_picture_is_attached_seen_removed_and_sent(desk):
    await desk.choose("Maria Lopez")
    chooser = desk.page.locator("input[name=files]")
    await chooser.set_input_files([PICTURE, PAPER])
    await expect(attached(desk)).to_have_count(2)
    await expect(attached(desk).first).to_contain_text("x-ray.jpg")
    await expect(attached(desk).locator("progress")).to_have_count(0)
    await desk.page.get_by_role("button", name="Remove plan.pdf").click()
    await expect(attached(desk)).to_have_count(1)
    assert await look(desk, "attached") == []
    await desk.page.set_viewport_size({"width": 1440, "height": 900})
    await desk.field.fill("Here is your x-ray")
    await desk.page.locator("#send").click()
    await expect(attached(desk)).to_have_count(0)
    await has_loaded(desk.message("Here is your x-ray").locator("a.file-picture > img"))
    await expect(desk.message("Here is your x-ray")).to_contain_text("Delivered")


async def test_a_file_alone_goes_without_a_word_and_by_keyboard(desk):
    await desk.choose("Maria Lopez")
    # Told first to catch the window for files: the browser must know before the key comes.
    async with desk.page.expect_file_chooser() as choosing:
        await desk.page.locator("input[name=files]").focus()
        await expect(desk.page.locator("input[name=files]")).to_be_focused()
        await desk.page.keyboard.press("Space")
    await (await choosing.value).set_files(PICTURE)
    await expect(attached(desk)).to_have_count(1)
    await expect(attached(desk).locator("progress")).to_have_count(0)
    await desk.field.focus()
    await desk.page.keyboard.press("Control+Enter")
    await has_loaded(desk.page.locator("#messages > li.msg-out").last.locator("a.file-picture > img"))


@pytest.mark.parametrize("kind", ["paste", "drop"])
async def test_a_picture_is_pasted_or_dropped(desk, kind):
    await desk.choose("Maria Lopez")
    await desk.page.evaluate(GIVE, [kind, "shot.png", "image/png", b64encode(photo(kind="PNG")).decode()])
    await expect(attached(desk)).to_contain_text("shot.png")
    await expect(attached(desk).locator("progress")).to_have_count(0)


async def test_what_cannot_be_sent_says_why_and_nothing_is_lost(desk):
    desk.allow("422")
    await desk.choose("Maria Lopez")
    chooser = desk.page.locator("input[name=files]")
    await chooser.set_input_files({"name": "page.html", "mimeType": "text/html", "buffer": b"<html>"})
    await expect(desk.toast.last).to_contain_text("Files of this kind cannot be sent.")
    await expect(attached(desk)).to_have_count(0)
    await chooser.set_input_files(PAPER)
    await expect(attached(desk)).to_have_count(1)
    await expect(attached(desk).locator("progress")).to_have_count(0)
    await desk.field.fill("The plan")
    await desk.page.locator("#send").click()
    await expect(desk.toast.last).to_contain_text("Only pictures can go with a text.")
    await expect(desk.field).to_have_value("The plan")
    await expect(attached(desk)).to_contain_text("plan.pdf")


async def test_the_buttons_are_large_enough_for_a_finger(desk):
    await desk.choose("Maria Lopez")
    touching = await desk.open(
        desk.context.browser,
        desk.origin,
        width=390,
        has_touch=True,
        is_mobile=True,
        storage_state=await desk.context.storage_state(),
    )
    await touching.inbox(desk.page.url.partition("/inbox")[2])
    await touching.page.locator("input[name=files]").set_input_files(PICTURE)
    await expect(attached(touching)).to_have_count(1)
    small = await touching.page.evaluate(SMALL)
    await touching.close()
    assert small == []
