"""The chat on a clinic's site, in a browser: a page on another origin, a visitor there, the desk here."""

from __future__ import annotations

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.screen import IN_CHROMIUM
from tests.browser.test_looks import AXE, RULES
from tests.support.pictures import photo

pytestmark = IN_CHROMIUM

# What a careful site says: nothing inline, nothing foreign but the chat.
POLICY = "default-src 'none'; script-src {0}; frame-src {0}; base-uri 'none'"
SITE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    '<title>A clinic</title><script src="{url}/widget.js" data-clinic="{chat}" async></script></head>'
    "<body><main><h1>Our clinic</h1><p>Welcome.</p></main></body></html>"
)


@pytest.fixture
def site():
    """A clinic's site on a port of its own: ``site.show(url, chat)`` says what it embeds."""
    shown = {"text": "", "policy": ""}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            is_page = self.path == "/"
            self.send_response(200 if is_page else 404)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-security-policy", shown["policy"])
            self.end_headers()
            self.wfile.write(shown["text"].encode() if is_page else b"")

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def show(url, chat):
        shown.update(text=SITE.format(url=url, chat=chat), policy=POLICY.format(url))

    # Another name of this machine is another site, too: there this browser lets a frame keep nothing.
    origin, far = (f"http://{name}:{server.server_port}" for name in ("127.0.0.1", "localhost"))
    yield SimpleNamespace(origin=origin, far=far, show=show)
    server.shutdown()
    server.server_close()


@pytest_asyncio.fixture(loop_scope="session")
async def chat(clinic, site):
    made = await clinic.owner.post(
        clinic.at("channels"), json={"kind": "webchat", "provider": "webchat", "address": "www.clinic.test"}
    )
    assert made.status_code == 201, made.text
    settings = {"sites": [site.origin, site.far], "color": "#ffdd00", "greeting": "Hello, how can we help?"}
    changed = await clinic.owner.patch(clinic.at(f"channels/{made.json()['id']}"), json={"settings": settings})
    assert changed.status_code == 200, changed.text
    site.show(clinic.product.url, made.json()["id"])
    return made.json()["id"]


async def visit(sit_down, origin, **options):
    """A visitor opens the site; returns their screen and what is in the frame."""
    screen = await sit_down(origin=origin, **options)
    screen.allow("favicon|422|request to another origin: http://127.0.0.1")
    await screen.page.goto("/")
    return screen, screen.page.frame_locator("iframe")


async def test_a_visitor_and_the_desk_talk_live(clinic, chat, site, sit_down):
    visitor, inside = await visit(sit_down, site.origin)
    page = visitor.page
    button = page.get_by_role("button", name="Chat with Bright Smiles")
    await button.click()
    await expect(inside.get_by_text("Hello, how can we help?")).to_be_visible()
    await expect(inside.get_by_label("Your name")).to_be_focused()
    await inside.get_by_label("Your message").fill("Do you see children under five?")
    await inside.get_by_role("button", name="Send").click()
    await expect(inside.get_by_text("Tell us your name.")).to_be_visible()
    await inside.get_by_label("Your name").fill("Maria Lopez")
    await inside.get_by_label("Email address").fill("maria@mail.test")
    await inside.get_by_role("button", name="Send").click()
    log = inside.get_by_role("log")
    await expect(log.locator(".mine .time")).not_to_have_text("Sending")
    await expect(inside.get_by_label("Your name")).to_be_hidden()

    desk = await sit_down(clinic.owner)
    await desk.inbox()
    await desk.row("Maria Lopez").locator("a.row-link").click()
    await expect(desk.message("Do you see children under five?")).to_be_visible()
    await inside.get_by_label("Your message").press_sequentially("And")
    await expect(desk.page.locator("#replying")).to_contain_text("Maria")
    await desk.field.press_sequentially("Yes")
    await expect(inside.get_by_text("Somebody is writing…")).to_be_visible()
    await desk.reply("Yes, from the first tooth")
    await expect(log.get_by_text("Yes, from the first tooth")).to_be_visible()
    await expect(log.locator(".theirs .author").last).to_have_text("Olivia")
    await expect(desk.message("Yes, from the first tooth")).to_contain_text("Read")
    await inside.get_by_label("Your message").fill("And on Saturdays?")
    await inside.get_by_label("Your message").press("Enter")
    await expect(desk.message("And on Saturdays?")).to_be_visible()

    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await expect(button).to_be_focused()
    thread = (await clinic.owner.get(clinic.at("threads"))).json()["items"][0]
    said = {"body": "Yes, until noon", "channel": "webchat", "anyway": True}
    assert (await clinic.owner.post(clinic.at(f"threads/{thread['id']}/messages"), json=said)).status_code == 201
    await expect(page.get_by_role("button", name="Chat with Bright Smiles, 1 new")).to_be_visible()
    await page.reload()
    await page.get_by_role("button", name="Chat with Bright Smiles").press("Enter")
    await expect(log.get_by_text("Yes, until noon")).to_be_visible()
    await expect(log.locator(".line")).to_have_count(5)
    await expect(inside.get_by_label("Your message")).to_be_focused()
    assert await page.evaluate("Object.keys(window).filter((name) => /orasync|widget/i.test(name))") == []


PICTURE = {"name": "tooth.jpg", "mimeType": "image/jpeg", "buffer": photo(200, 150)}
PDF = {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n" + bytes(100)}


@pytest.mark.usefixtures("chat")
async def test_files_go_both_ways_and_the_desk_sees_who_is_there(clinic, site, sit_down):
    visitor, inside = await visit(sit_down, site.origin)
    await visitor.page.get_by_role("button", name="Chat with Bright Smiles").click()
    choose = inside.get_by_label("Send a picture or a PDF")
    await inside.get_by_label("Your name").fill("Maria Lopez")
    await expect(choose).to_be_hidden()
    await inside.get_by_label("Email address").fill("maria@mail.test")
    await inside.get_by_label("Your message").fill("It looks like this")
    await inside.get_by_role("button", name="Send", exact=True).click()
    await expect(inside.get_by_label("Your name")).to_be_hidden()
    await choose.set_input_files([PICTURE])
    mine = inside.get_by_role("img", name="tooth.jpg")
    await expect(mine).to_have_js_property("naturalWidth", 200)
    desk = await sit_down(clinic.owner)
    await desk.inbox()
    await desk.row("Maria Lopez").locator("a.row-link").click()
    await expect(desk.page.locator("#messages img")).to_have_js_property("naturalWidth", 200)
    presence = desk.page.locator("[data-live=visitor]")
    await expect(presence).to_have_text("Here now")
    await choose.set_input_files([{**PDF, "buffer": b"MZ nothing of ours"}])
    await expect(inside.get_by_role("status")).to_contain_text("Only pictures and PDF files")
    thread = (await clinic.owner.get(clinic.at("threads"))).json()["items"][0]
    files = [("file", (one["name"], one["buffer"], one["mimeType"])) for one in (PICTURE, PDF)]
    sent = [await clinic.owner.post(clinic.at("attachments"), files=[one]) for one in files]
    told = {"channel": "webchat", "anyway": True, "attachments": [{"id": one.json()["id"]} for one in sent]}
    answer = await clinic.owner.post(clinic.at(f"threads/{thread['id']}/messages"), json=told)
    assert answer.status_code == 201, answer.text
    theirs = inside.locator(".theirs").last
    await expect(theirs.get_by_role("img")).to_have_js_property("naturalWidth", 200)
    async with visitor.page.expect_popup() as opened:
        await theirs.get_by_role("img").click()
    assert "/files/visitor/" in (await opened.value).url
    async with visitor.page.expect_download() as loaded:
        await theirs.get_by_role("link", name="plan.pdf").click()
    assert (await loaded.value).suggested_filename == "plan.pdf"
    frame = next(frame for frame in visitor.page.frames if "/widget/" in frame.url)
    await frame.evaluate(AXE)
    run = "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})"
    found = await frame.evaluate(run, RULES)
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found["violations"]] == []
    await visitor.page.goto("about:blank")
    await expect(presence).to_have_text("Left just now")


@pytest.mark.usefixtures("chat")
@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark"), (390, "light"), (1440, "dark")])
async def test_everybody_can_use_it_and_on_a_phone_it_fills_the_screen(site, sit_down, width, theme):
    visitor, inside = await visit(sit_down, site.far, width=width, theme=theme, reduced_motion="reduce")
    page = visitor.page
    await page.get_by_role("button", name="Chat with Bright Smiles").click()
    await inside.get_by_role("button", name="Send").wait_for()
    box = await page.locator("iframe").bounding_box()
    assert (box["width"], box["height"]) == ((390, 844) if width == 390 else (380, 620))
    frame = next(frame for frame in page.frames if "/widget/" in frame.url)
    await frame.evaluate(AXE)
    run = "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})"
    found = await frame.evaluate(run, RULES)
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found["violations"]] == []
    assert not await frame.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    await inside.get_by_label("Your name").fill("Maria Lopez")
    await inside.get_by_label("Phone number").fill("+1 212 555 0123")
    await inside.get_by_label("Your message").fill("Hello")
    await inside.get_by_role("button", name="Send").click()
    await expect(inside.locator(".mine .time")).not_to_have_text("Sending")
    await inside.get_by_role("button", name="Close the chat").click()
    await expect(page.get_by_role("dialog")).to_be_hidden()


async def test_the_first_load_is_light(clinic, chat, site, sit_down):
    screen = await sit_down(origin=site.origin)
    screen.allow("favicon|request to another origin: http://127.0.0.1")
    loaded = []

    def note(answer):
        loaded.append(answer)

    screen.page.on("response", note)
    await screen.page.goto("/")
    await screen.page.get_by_role("button", name="Chat with Bright Smiles").wait_for()
    sizes = {}
    for answer in loaded:
        if answer.url.startswith(clinic.product.url):
            sizes[urlsplit(answer.url).path] = len(gzip.compress(await answer.body(), 6))
    assert sizes["/widget.js"] <= 6 * 1024
    assert len(sizes) == 4, sizes
    assert sum(sizes.values()) <= 25 * 1024, sizes


async def test_on_another_site_there_is_no_button(clinic, chat, site, sit_down):
    await clinic.owner.patch(clinic.at(f"channels/{chat}"), json={"settings": {"sites": ["https://www.clinic.test"]}})
    screen = await sit_down(origin=site.origin)
    screen.allow("favicon|403|request to another origin: http://127.0.0.1")
    async with screen.page.expect_response(lambda answer: "/widget/" in answer.url) as refused:
        await screen.page.goto("/")
    assert (await refused.value).status == 403
    await expect(screen.page.locator("iframe")).to_be_hidden()


async def test_the_settings_of_a_chat_on_its_card(clinic, chat, sit_down):
    screen = await sit_down(clinic.owner)
    screen.allow("422")
    page = screen.page
    await page.goto("/settings/channels")
    await expect(page.get_by_text(f'data-clinic="{chat}"')).to_be_visible()
    await page.get_by_text("Look, questions and sites").click()
    await page.get_by_label("Title").fill("Ask our front desk")
    await page.get_by_label("Sites it may stand on").fill("www.clinic.test\nnot a site!")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("is not a site")).to_be_visible()
    await expect(page.get_by_label("Title")).to_have_value("Ask our front desk")
    await page.get_by_label("Sites it may stand on").fill("www.clinic.test")
    await page.get_by_role("button", name="Save").click()
    await page.wait_for_url("**/settings/channels?saved=1*")
    shown = await clinic.outside.get(f"/widget/{chat}")
    assert "<h1>Ask our front desk</h1>" in shown.text
