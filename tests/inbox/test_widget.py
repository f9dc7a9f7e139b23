"""The chat on a clinic's site over HTTP and its socket: keys, sites, what a visitor sees and what never leaves."""

from __future__ import annotations

import asyncio
import gzip
import json
from itertools import product
from uuid import UUID, uuid4

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from app.realtime.lobby import make_view
from app.widget.colors import ENOUGH, accents, contrast
from app.widget.events import event_for

SITE = "https://www.clinic.test"


class Guest:
    """A visitor's page: HTTP and socket, with nothing but the key."""

    def __init__(self, clinic, channel, key):
        self.clinic, self.channel, self.key = clinic, channel, key
        self.socket, self.last, self.frames = None, None, []

    @property
    def headers(self):
        return {"authorization": f"Visitor {self.key}"}

    def post(self, path, data, **headers):
        return self.clinic.outside.post(
            f"/api/widget/{self.channel}/{path}", json=data, headers={**self.headers, **headers}
        )

    def send(self, body, client_id=None, **who):
        return self.post("messages", {"client_id": str(client_id or uuid4()), "body": body, **who})

    async def say(self, body, **who):
        told = await self.send(body, **who)
        assert told.status_code == 201, told.text
        return told.json()

    async def read(self, after=None):
        path = f"/api/widget/{self.channel}/messages" + ("" if after is None else f"?after={after}")
        told = await self.clinic.outside.get(path, headers=self.headers)
        assert told.status_code == 200, told.text
        return told.json()

    async def open(self, after=None, key=None):
        url = self.clinic.product.url.replace("http", "ws", 1)
        place = "" if after is None else f"&after={after}"
        self.socket = await connect(
            f"{url}/ws/visitor?channel={self.channel}{place}", subprotocols=["orasync.v1"], proxy=None
        )
        await self.socket.send(json.dumps({"t": "auth", "key": key or self.key}))
        hello = await self.frame("hello")
        self.last = after if hello["resumed"] else hello["seq"]
        return hello

    async def frame(self, kind):
        async with asyncio.timeout(15):
            while True:
                frame = json.loads(await self.socket.recv())
                self.frames.append(frame)
                if frame["t"] == "event":
                    assert frame["prev"] == self.last < frame["seq"], "an event is missing, twice or out of order"
                    self.last = frame["seq"]
                if kind in {frame["t"], frame.get("type")}:
                    return frame

    async def close(self):
        if self.socket is not None:
            await self.socket.close()


async def connect_chat(clinic, address="www.clinic.test"):
    made = await clinic.owner.post(
        clinic.at("channels"), json={"kind": "webchat", "provider": "webchat", "address": address}
    )
    assert made.status_code == 201, made.text
    return made.json()


@pytest.fixture
async def chat(clinic):
    await clinic.owner.patch(clinic.at("clinic"), json={"undo_seconds": 0})
    return await connect_chat(clinic)


@pytest.fixture
async def guest_of():
    opened = []

    async def arrive(clinic, chat):
        told = await clinic.outside.post(f"/api/widget/{chat['id']}/visitors", json={"page": f"{SITE}/?secret=1"})
        assert told.status_code == 201, told.text
        opened.append(Guest(clinic, chat["id"], told.json()["key"]))
        return opened[-1]

    yield arrive
    for guest in opened:
        await guest.close()


@pytest.fixture
async def guest(clinic, chat, guest_of):
    return await guest_of(clinic, chat)


async def threads_of(clinic):
    return (await clinic.owner.get(clinic.at("threads"))).json()["items"]


async def answer(clinic, thread, body):
    told = await clinic.owner.post(
        clinic.at(f"threads/{thread['id']}/messages"), json={"body": body, "channel": "webchat", "anyway": True}
    )
    assert told.status_code == 201, told.text
    return told.json()


async def test_a_chat_is_live_without_sign_in_details_and_set_up_by_its_channel(clinic, chat):
    assert (chat["mode"], chat["simulated_because"]) == ("live", None)
    path = clinic.at(f"channels/{chat['id']}")
    chosen = {"sites": ["Www.Clinic.test", "http://localhost:3000"], "color": "#ffee00", "title": "Ask us"}
    changed = (await clinic.owner.patch(path, json={"settings": chosen})).json()
    assert changed["settings"]["sites"] == [SITE, "http://localhost:3000"]
    kept = (await clinic.owner.patch(path, json={"settings": {"ask": "email"}})).json()["settings"]
    assert (kept["title"], kept["ask"], kept["color"]) == ("Ask us", "email", "#ffee00")
    for wrong in (
        {"sites": ["javascript:alert(1)"]},
        {"sites": ["https://a.test; script-src *"]},
        {"sites": ["http://plain.test"]},
        {"color": "red"},
        {"ask": "password"},
        {"unknown": 1},
    ):
        assert (await clinic.owner.patch(path, json={"settings": wrong})).status_code == 422, wrong
    number = await clinic.channel()
    told = await clinic.owner.patch(clinic.at(f"channels/{number.id}"), json={"settings": {"title": "x"}})
    assert told.status_code == 422


async def test_the_page_stands_only_on_the_sites_of_the_clinic(clinic, chat):
    page = f"/widget/{chat['id']}"
    own = await clinic.outside.get(page)
    policy = own.headers["content-security-policy"]
    assert policy.endswith(f"frame-ancestors 'self' {SITE} https://clinic.test")
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    framed = {"sec-fetch-dest": "iframe"}
    assert (await clinic.outside.get(page, headers={**framed, "referer": f"{SITE}/"})).status_code == 200
    for site in ("https://evil.test/", "https://www.clinic.test.evil.test/", "http://www.clinic.test/"):
        refused = await clinic.outside.get(page, headers={**framed, "referer": site})
        assert refused.status_code == 403
        assert "No chat here" in refused.text
        assert chat["id"] not in refused.text
    assert (await clinic.outside.get(f"/widget/{uuid4()}")).status_code == 404
    assert (await clinic.outside.get(f"/widget/{clinic.slug}")).status_code == 200
    number = await clinic.channel()
    assert (await clinic.outside.get(f"/widget/{number.id}")).status_code == 404


async def test_what_a_clinic_writes_is_text_on_the_page(clinic, chat):
    words = '"><script>alert(1)</script>'
    await clinic.owner.patch(
        clinic.at(f"channels/{chat['id']}"), json={"settings": {"title": words, "greeting": words}}
    )
    page = await clinic.outside.get(f"/widget/{chat['id']}")
    assert "<script>alert" not in page.text
    assert page.text.count("&lt;script&gt;") == 3


async def test_the_script_is_small_and_known_again(clinic):
    first = await clinic.outside.get("/widget.js", headers={"accept-encoding": "gzip"})
    assert first.headers["content-encoding"] == "gzip"
    assert int(first.headers["content-length"]) <= 6 * 1024
    assert first.headers["cross-origin-resource-policy"] == "cross-origin"
    again = await clinic.outside.get("/widget.js", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304


async def test_keys_are_kept_as_hashes_and_open_only_their_own_chat(clinic, chat, guest, guest_of, new_clinic):
    assert len(guest.key) == 43
    kept = clinic.product.sql("select key_hash, page from visitor where channel_id = %s", UUID(chat["id"]))
    assert [page for _, page in kept] == [f"{SITE}/"]
    assert guest.key not in str(kept)
    other = await guest_of(clinic, chat)
    assert other.key != guest.key
    await guest.say("A secret of mine", name="Maria Lopez", email="maria@mail.test")
    assert (await other.read())["items"] == []
    elsewhere = await new_clinic()
    foreign = await connect_chat(elsewhere)
    second = await connect_chat(clinic, "second.test")
    for channel, key in (
        (foreign["id"], guest.key),
        (second["id"], guest.key),
        (chat["id"], "x" * 43),
        (chat["id"], "-"),
    ):
        stranger = Guest(clinic, channel, key)
        told = await stranger.send("Hello", name="Eve", email="eve@mail.test")
        assert told.status_code == 401, told.text
        told = await clinic.outside.get(f"/api/widget/{channel}/messages", headers=stranger.headers)
        assert told.status_code == 401
        with pytest.raises(ConnectionClosed) as closed:
            await stranger.open()
        assert closed.value.rcvd.code == 4401


async def test_other_sites_may_not_speak_for_a_visitor(clinic, chat, guest):
    evil = {"origin": "https://evil.test"}
    told = await clinic.outside.post(f"/api/widget/{chat['id']}/visitors", json={}, headers=evil)
    assert told.status_code == 403
    told = await guest.post("messages", {"client_id": str(uuid4()), "body": "Hi"}, **evil)
    assert told.status_code == 403
    url = clinic.product.url.replace("http", "ws", 1)
    async with connect(f"{url}/ws/visitor?channel={chat['id']}", origin="https://evil.test", proxy=None) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
        assert closed.value.rcvd.code == 4403


async def test_who_they_are_is_asked_once_and_a_message_is_stored_once(clinic, guest):
    for who, key in (
        ({}, "name"),
        ({"name": "Maria"}, "phone"),
        ({"name": "Maria", "phone": "12"}, "phone"),
        ({"name": "Maria", "email": "no address"}, "email"),
    ):
        told = await guest.send("Hello", **who)
        assert told.status_code == 422
        assert key in {error["key"] for error in told.json()["errors"]}
    assert await threads_of(clinic) == []
    same = uuid4()
    first = await guest.say("Do you see children?", client_id=same, name="Maria Lopez", phone="+1 212 555 0123")
    again = await guest.say("Do you see children?", client_id=same)
    assert first == again
    await guest.say("And on Saturdays?")
    (thread,) = await threads_of(clinic)
    assert thread["contact"]["name"] == "Maria Lopez"
    assert thread["contact"]["phone"] == "+12125550123"
    assert thread["channel"] == "webchat"
    contact = (await clinic.owner.get(clinic.at(f"contacts/{thread['contact']['id']}"))).json()
    assert contact["note"].startswith("Says they are Maria Lopez (not verified)")
    bodies = [item["body"] for item in (await guest.read())["items"]]
    assert bodies == ["Do you see children?", "And on Saturdays?"]
    for wrong in ({"body": "x" * 2001}, {"body": ""}, {"body": "  "}, {"body": "x", "client_id": "1"}):
        assert (await guest.post("messages", {"client_id": str(uuid4()), **wrong})).status_code in {400, 422}


async def test_who_claims_anothers_number_gets_nothing_of_theirs(clinic, guest):
    number = await clinic.channel()
    await number.text("+12125550177", "My test result please")
    await guest.say("It is me, Tom", name="Tom Becker", phone="+12125550177")
    threads = {thread["channel"]: thread for thread in await threads_of(clinic)}
    assert threads["sms"]["id"] != threads["webchat"]["id"]
    assert threads["webchat"]["contact"]["phone"] is None
    assert [item["body"] for item in (await guest.read())["items"]] == ["It is me, Tom"]
    contact = (await clinic.owner.get(clinic.at(f"contacts/{threads['webchat']['contact']['id']}"))).json()
    assert "+12125550177, which belongs to somebody on your list" in contact["note"]
    # The desk joins the two: what was written by text still is not the visitor's.
    kept, gone = threads["sms"]["id"], threads["webchat"]["id"]
    joined = await clinic.owner.post(clinic.at(f"threads/{gone}/merge"), json={"into": kept})
    assert joined.status_code == 200, joined.text
    (thread,) = await threads_of(clinic)
    await guest.open()
    await answer(clinic, thread, "Hello Tom")
    came = await guest.frame("message.created")
    assert came["data"]["message"]["body"] == "Hello Tom"
    assert [item["body"] for item in (await guest.read())["items"]] == ["It is me, Tom", "Hello Tom"]


async def test_both_ways_live_with_states_and_what_was_missed(clinic, chat, guest):
    await guest.say("Hello", name="Maria Lopez", email="maria@mail.test")
    hello = await guest.open()
    assert hello["resumed"] is False
    (thread,) = await threads_of(clinic)
    desk = await clinic.socket()
    await guest.socket.send('{"t":"typing","on":true}')
    typing = (await desk.next_live("thread.typing"))["data"]
    assert (typing["thread"], typing["staff"]["name"], typing["on"]) == (thread["id"], "Maria Lopez", True)
    await desk.send({"t": "typing", "thread": thread["id"], "on": True})
    assert (await guest.frame("thread.typing"))["data"] == {"on": True}
    sent = await answer(clinic, thread, "Hello Maria")
    came = await guest.frame("message.created")
    assert came["data"]["message"]["author"] == {"type": "staff", "name": "Olivia"}
    await _until(clinic, sent, "delivered")
    await guest.socket.send(json.dumps({"t": "seen", "seq": came["seq"]}))
    await _until(clinic, sent, "read")
    assert (await guest.frame("message.status_changed"))["data"]["message"]["status"] == "delivered"
    assert (await guest.frame("message.status_changed"))["data"]["message"]["status"] == "read"
    await guest.close()
    mark = guest.last
    await clinic.owner.post(clinic.at(f"threads/{thread['id']}/notes"), json={"body": "She is difficult"})
    missed = await answer(clinic, thread, "Are you still there?")
    await _until(clinic, missed, "sent")
    assert [item["body"] for item in (await guest.read(after=mark))["items"]] == ["Are you still there?"]
    await _until(clinic, missed, "delivered")
    assert (await guest.open(after=mark))["resumed"] is True
    assert (await guest.frame("message.created"))["data"]["message"]["body"] == "Are you still there?"
    await guest.close()
    assert (await guest.open(after=10**9))["resumed"] is False
    text = json.dumps(guest.frames)
    for secret in ("difficult", "Owner", "maria@mail.test", thread["id"], "assignee", "tags", "intent", '"note"'):
        assert secret not in text, secret


async def _until(clinic, message, status):
    order = ["queued", "sending", "sent", "delivered", "read"]
    for _ in range(150):
        (found,) = clinic.product.sql("select status from message where id = %s", UUID(message["id"]))[0]
        if order.index(found) >= order.index(status):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{status} never came: {found}")


async def test_what_can_still_be_taken_back_is_not_shown(clinic, chat, guest):
    await guest.say("Hello", name="Maria Lopez", email="maria@mail.test")
    await guest.open()
    (thread,) = await threads_of(clinic)
    assert (await clinic.owner.patch(clinic.at("clinic"), json={"undo_seconds": 10})).status_code == 200
    taken = await answer(clinic, thread, "Wrong patient!")
    assert (await guest.read())["items"][-1]["body"] == "Hello"
    told = await clinic.owner.post(clinic.at(f"messages/{taken['id']}/cancel"))
    assert told.status_code == 200, told.text
    await clinic.owner.patch(clinic.at("clinic"), json={"undo_seconds": 0})
    await answer(clinic, thread, "Right patient")
    await guest.frame("message.created")
    assert "Wrong patient" not in json.dumps(guest.frames)


async def test_a_visitor_has_three_pages_and_bad_frames_change_nothing(clinic, chat, guest):
    pages = [Guest(clinic, chat["id"], guest.key) for _ in range(4)]
    for page in pages[:3]:
        await page.open()
    with pytest.raises(ConnectionClosed) as closed:
        await pages[3].open()
    assert closed.value.rcvd.code == 4429
    for wrong in ("{", "[]", '{"t":"focus","thread":null}', '{"t":"seen","seq":"x"}', "\u0000"):
        await pages[0].socket.send(wrong)
        assert (await pages[0].frame("error"))["code"] == "bad_frame"
    await pages[0].socket.send("x" * 5000)
    with pytest.raises(ConnectionClosed) as closed:
        await pages[0].socket.recv()
    assert closed.value.rcvd.code == 1009
    await pages[1].socket.send('{"t":"ping"}')
    await pages[1].frame("pong")
    for page in pages:
        await page.close()


async def test_red_flags_and_blocking_hold_for_the_chat(clinic, guest):
    await guest.say("I have chest pain and cannot breathe", name="Maria Lopez", email="maria@mail.test")
    (thread,) = await threads_of(clinic)
    assert thread["urgent"] is True


async def test_too_much_at_once_is_refused(start_product, new_clinic, guest_of):
    limited = start_product(worker=False, RATE_LIMITS="true")
    clinic = await new_clinic(limited)
    chat = await connect_chat(clinic)
    guest = await guest_of(clinic, chat)
    codes = []
    for number in range(12):
        told = await guest.send(f"Message {number}", name="Maria", email="maria@mail.test")
        codes.append(told.status_code)
    assert codes[0] == 201
    assert codes[-1] == 429
    assert told.headers["retry-after"]
    made = [await clinic.outside.post(f"/api/widget/{chat['id']}/visitors", json={}) for _ in range(12)]
    assert made[-1].status_code == 429


MESSAGE = {
    "id": str(uuid4()), "thread_id": str(uuid4()), "seq": 5, "direction": "out", "channel": "webchat", "kind": "text",
    "body": "Hello", "author": {"type": "staff", "id": "STAFF-ID", "name": "Olivia SECRET"}, "status": "sent",
    "provider_id": "SECRET", "attachments": [{"id": str(uuid4()), "name": "x.png", "type": "image/png", "size": 5,
        "state": "stored", "reason": "SECRET", "url": "SECRET", "thumbnail": "SECRET", "width": 1, "height": 1}],
    "mode": "live", "created_at": "2026-11-21T10:00:00Z",
    "mentions": ["SECRET"], "client_id": "SECRET", "details": {"subject": "SECRET"}, "reactions": [],
    "failure": {"code": "SECRET", "text": "SECRET"}, "sent_at": None, "delivered_at": None, "read_at": None,
}  # fmt: skip
THREAD = {"id": "SECRET", "tags": ["SECRET"], "intent": "SECRET", "assignee": {"id": "SECRET"}, "alert": "SECRET"}


def test_nothing_of_staff_is_in_any_view():
    """Every type of event, every kind, way and state of a message: what is let through holds no more than the view."""
    from app.events.log import EVENT_TYPES  # noqa: PLC0415 - filled by what the product imports

    types = {*EVENT_TYPES, "message.created", "message.status_changed", "note.created", "message.reacted"}
    sides = ("webchat", "sms", "email", "whatsapp"), ("text", "note", "system"), ("in", "out")
    states = ("scheduled", "queued", "sending", "sent", "delivered", "read", "failed", "cancelled")
    passed = 0
    for kind, channel, sort, direction, status in product(types, *sides, states):
        message = {**MESSAGE, "channel": channel, "kind": sort, "direction": direction, "status": status}
        data = {"message": message, "thread": THREAD, "contact": THREAD, "changes": {"status": ["sending", status]}}
        event = {"type": kind, "at": "now", "actor": {"id": "SECRET", "name": "SECRET"}, "data": data}
        told = event_for(event)
        if told is None:
            continue
        passed += 1
        assert (channel, sort) == ("webchat", "text")
        assert direction == "in" or status in {"sent", "delivered", "read"}
        text = make_view(9, event, *told).rest.decode()
        if direction == "in":  # what they sent it under is their own
            text = text.replace('"client_id":"SECRET"', "")
        assert "SECRET" not in text, text
        assert "STAFF-ID" not in text
    assert passed


@pytest.mark.parametrize("color", ["#ffffff", "#000000", "#ffee00", "#0b6a65", "#808080", "#ff0000", "#00ff00"])
def test_an_accent_can_be_read_on_light_and_dark(color):
    light, dark = accents(color)
    assert contrast(light, "#ffffff") >= ENOUGH
    assert contrast(dark, "#161e22") >= ENOUGH
    assert contrast(dark, "#10181c") >= ENOUGH


async def test_the_first_load_is_light(clinic, chat):
    total = 0
    for path in ("/widget.js", f"/widget/{chat['id']}", "/static/js/chat.js", "/static/css/chat.css"):
        total += len(gzip.compress((await clinic.outside.get(path)).content, 6))
    assert total <= 25 * 1024
