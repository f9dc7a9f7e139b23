"""The web chat beyond words: files both ways, who is on the site, answers to who has left, and who is forgotten."""

from __future__ import annotations

import asyncio
import datetime as dt
from uuid import uuid4

import pytest

from app.inbox.service.visits import VISIT_ENDS
from app.kit import clock
from app.widget import service
from app.widget.service.presence import AWAY_DAYS, SILENT_DAYS, left_since, seen_words
from app.widget.service.visiting import _hash
from tests.inbox.files.support import upload
from tests.inbox.test_widget import SITE, Guest, connect_chat, threads_of
from tests.support.pictures import SECRET, photo

MARIA = {"name": "Maria Lopez", "phone": "+1 212 555 0123"}
PDF = b"%PDF-1.7\n" + bytes(200)


async def arrive(clinic, chat):
    told = await clinic.outside.post(f"/api/widget/{chat['id']}/visitors", json={"page": SITE})
    assert told.status_code == 201, told.text
    return Guest(clinic, chat["id"], told.json()["key"])


@pytest.fixture
async def chat(clinic):
    await clinic.owner.patch(clinic.at("clinic"), json={"undo_seconds": 0})
    return await connect_chat(clinic)


@pytest.fixture
async def guest(clinic, chat):
    made = await arrive(clinic, chat)
    await made.say("Hello", **MARIA)
    (made.thread,) = await threads_of(clinic)
    yield made
    await made.close()


async def reply(clinic, guest, *files, channel="webchat", **more):
    told = {"body": "Here it is", "attachments": [{"id": one["id"]} for one in files], "anyway": True, **more}
    told |= {"channel": channel} if channel else {}
    sent = await clinic.owner.post(clinic.at(f"threads/{guest.thread['id']}/messages"), json=told)
    assert sent.status_code == 201, sent.text
    return sent.json()


async def link(guest, file_id):
    return await guest.clinic.outside.get(f"/api/widget/{guest.channel}/files/{file_id}", headers=guest.headers)


async def hand(guest, data, name="tooth.jpg", client_id=None, headers=None, **more):
    return await guest.clinic.outside.post(
        f"/api/widget/{guest.channel}/files",
        data={"client_id": str(client_id or uuid4()), **more},
        files={"file": (name, data, "application/x-anything")},
        headers={**guest.headers, **(headers or {})},
    )


async def test_files_of_the_clinic_open_for_their_visitor_alone(clinic, chat, guest):
    await guest.open()
    picture, plan = (await upload(clinic, photo())).json(), (await upload(clinic, PDF, "plan.pdf")).json()
    await reply(clinic, guest, picture, plan)
    shown = (await guest.frame("message.created"))["data"]["message"]["files"]
    assert [(one["name"], one["type"], one["is_picture"], one["is_kept"]) for one in shown] == [
        ("x-ray.jpg", "image/jpeg", True, True),
        ("plan.pdf", "application/pdf", False, True),
    ]
    assert (await guest.read())["items"][-1]["files"] == shown
    told = (await link(guest, shown[0]["id"])).json()
    whole, small = await clinic.outside.get(told["url"]), await clinic.outside.get(told["thumbnail"])
    assert (whole.status_code, whole.headers["content-type"]) == (200, "image/jpeg")
    assert len(small.content) < len(whole.content)
    assert whole.headers["content-security-policy"] == "sandbox; default-src 'none'"
    paper = await clinic.outside.get((await link(guest, plan["id"])).json()["url"])
    assert paper.content == PDF
    assert paper.headers["content-disposition"].startswith("attachment")
    signed = told["url"].rpartition("/")[2]
    for forged in (signed[:-3] + "AAA", "x", "..", picture["link"].rpartition("/")[2]):
        assert (await clinic.outside.get(f"/files/visitor/{forged}")).status_code == 404, forged
    # Another visitor, another clinic's, and a file that has not been sent to anybody.
    other = await arrive(clinic, chat)
    assert (await link(other, picture["id"])).status_code == 404
    unsent = (await upload(clinic, photo(30, 30))).json()
    assert (await link(guest, unsent["id"])).status_code == 404
    assert (await link(guest, uuid4())).status_code == 404
    other.key = "x" * 43
    assert (await link(other, picture["id"])).status_code == 401
    # The link is the visitor's: it ends with what made the file theirs.
    clinic.product.sql(
        "update message set to_address = 'somebody else' where direction = 'out' and clinic_id = %s", clinic.id
    )
    assert (await clinic.outside.get(told["url"])).status_code == 404


async def test_what_was_sent_another_way_is_not_in_the_chat(clinic, guest):
    number = await clinic.channel()
    file = (await upload(clinic, photo(30, 30))).json()
    await reply(clinic, guest, file, channel="sms")
    assert number.id
    assert (await link(guest, file["id"])).status_code == 404
    assert all(not item["files"] for item in (await guest.read())["items"])


async def test_a_visitor_sends_a_picture_and_a_pdf_once(clinic, guest):
    same = uuid4()
    first = await hand(guest, photo(), client_id=same, body="This tooth")
    assert first.status_code == 201, first.text
    assert (await hand(guest, photo(), client_id=same)).json() == first.json()
    second = await hand(guest, PDF, "../../insurance.pdf")
    assert second.json()["files"][0]["name"] == "insurance.pdf"
    messages = (await clinic.owner.get(clinic.at(f"threads/{guest.thread['id']}/messages"))).json()["items"]
    assert [(one["body"], [file["type"] for file in one["attachments"]]) for one in messages[:2]] == [
        ("", ["application/pdf"]),
        ("This tooth", ["image/jpeg"]),
    ]
    (mine,) = first.json()["files"]
    for _ in range(200):  # its row is written right after the message's commit
        told = await link(guest, mine["id"])
        if told.status_code == 200:
            break
        await asyncio.sleep(0.05)
    back = await clinic.outside.get(told.json()["url"])
    assert SECRET not in back.content
    assert (await clinic.owner.get(messages[1]["attachments"][0]["url"])).content == back.content


async def test_what_a_visitor_may_not_send_is_refused_with_the_reason(clinic, chat, guest):
    for data, name, status, words in (
        (b"MZ\x90\x00", "a.jpg", 422, "Only pictures and PDF"),
        (b"<html>", "a.pdf", 422, "Only pictures and PDF"),
        (b"<svg/>", "a.png", 422, "Only pictures and PDF"),
        (b"plain words", "a.txt", 422, "Only pictures and PDF"),
        (b"", "a.png", 422, "empty"),
        (PDF + bytes(10 * 1024 * 1024), "a.pdf", 413, "10 MB"),
        (PDF + bytes(11 * 1024 * 1024), "a.pdf", 413, ""),
    ):
        refused = await hand(guest, data, name)
        assert refused.status_code == status, (name, refused.text)
        assert words in refused.text
    path = f"/api/widget/{guest.channel}/files"
    post, headers = clinic.outside.post, guest.headers
    assert (await hand(guest, PDF, client_id="no id")).status_code == 422
    assert (await hand(guest, PDF, body="x" * 3000)).status_code == 422
    assert (await hand(guest, PDF, more="x")).status_code == 422
    words = {"client_id": str(uuid4()), "file": "text"}
    assert (await post(path, data=words, headers=headers)).status_code in {400, 415, 422}
    assert (await post(path, json={"file": "x"}, headers=headers)).status_code in {400, 415, 422}
    assert (await hand(guest, PDF, headers={"origin": "https://evil.test"})).status_code == 403
    assert (await post(path, files={"file": ("a.pdf", PDF)})).status_code == 401
    stranger = await arrive(clinic, chat)
    unknown = await hand(stranger, PDF, "a.pdf")
    assert (unknown.status_code, unknown.json()["errors"][0]["key"]) == (422, "name")
    broken = await hand(guest, photo()[:3000], "torn.jpg")
    assert broken.json()["files"][0]["is_kept"] is False, "said, and nothing of it is kept"
    assert len((await guest.read())["items"]) == 2


async def test_the_desk_sees_live_who_is_there_and_who_has_left(clinic, guest):
    desk = await clinic.socket()

    async def until(here):
        async with asyncio.timeout(20):
            while ((await desk.next_live("thread.presence"))["data"]["visitors"] == [guest.thread["id"]]) is not here:
                pass

    await guest.open()
    await until(True)
    page = (await clinic.owner.get(f"/inbox?thread={guest.thread['id']}", headers={"accept": "text/html"})).text
    assert 'data-live="visitor"' in page
    assert "Here now" in page
    second = Guest(clinic, guest.channel, guest.key)
    await second.open()
    await guest.close()
    late = await clinic.socket()
    assert (await late.next_live("thread.presence"))["data"]["visitors"] == [guest.thread["id"]], "one page is open"
    await second.close()
    await until(False)


def away(clinic, **since):
    seen = clock.now() - dt.timedelta(**since)
    clinic.product.sql("update visitor set seen_at = %s where clinic_id = %s", seen, clinic.id)


async def test_who_has_left_is_answered_elsewhere_unless_the_chat_is_named(clinic, guest):
    at = f"/inbox?thread={guest.thread['id']}"
    assert (await reply(clinic, guest, channel=None))["channel"] == "webchat"
    away(clinic, minutes=6)
    assert (await reply(clinic, guest, channel=None))["channel"] == "webchat", "there is no other way yet"
    await clinic.channel()
    assert (await reply(clinic, guest, channel=None))["channel"] == "sms"
    assert (await reply(clinic, guest))["channel"] == "webchat"
    page = (await clinic.owner.get(at, headers={"accept": "text/html"})).text
    assert "Left 6 min ago" in page
    assert "answer by text" in page
    assert 'aria-label="Send as Text"' in page
    await guest.read()  # they are back
    page = (await clinic.owner.get(at, headers={"accept": "text/html"})).text
    assert 'aria-label="Send as Web chat"' in page
    assert (await reply(clinic, guest, channel=None))["channel"] == "webchat"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (5, "Here now"),
        (100, "Left 1 min ago"),
        (7_300, "Left 2 h ago"),
        (90_000, "Left 1 day ago"),
        (400_000, "Left 4 days ago"),
    ],
)
def test_when_somebody_left_is_said_in_words(seconds, words):
    assert seen_words(clock.now() - dt.timedelta(seconds=seconds)) == words
    assert left_since(None) is None
    assert (left_since(clock.now() - dt.timedelta(seconds=seconds)) is None) == (seconds < VISIT_ENDS.total_seconds())


def prune(clinic) -> int:
    days = f"'{SILENT_DAYS} days', '{AWAY_DAYS} days'"
    return clinic.product.sql(f"select prune_visitors({days}, 1000)")[0][0]


def known(clinic):
    return {row[0] for row in clinic.product.sql("select key_hash from visitor where clinic_id = %s", clinic.id)}


async def test_who_never_wrote_or_stays_away_is_forgotten_and_what_was_written_stays(clinic, chat, guest):
    silent, busy = await arrive(clinic, chat), await arrive(clinic, chat)
    away(clinic, days=SILENT_DAYS + 1)
    await busy.read()
    assert prune(clinic) >= 1
    assert known(clinic) == {_hash(busy.key), _hash(guest.key)}
    gone = await clinic.outside.get(f"/api/widget/{silent.channel}/messages", headers=silent.headers)
    assert gone.status_code == 401
    away(clinic, days=AWAY_DAYS + 1)
    assert prune(clinic) >= 2
    assert known(clinic) == set()
    (thread,) = await threads_of(clinic)
    assert thread["contact"]["name"] == "Maria Lopez"
    page = (await clinic.owner.get(f"/inbox?thread={thread['id']}", headers={"accept": "text/html"})).text
    assert "They have not been on your site for a long time" in page
    told = {"body": "Hello", "channel": "webchat", "anyway": True}
    nowhere = await clinic.owner.post(clinic.at(f"threads/{thread['id']}/messages"), json=told)
    assert (nowhere.status_code, nowhere.json()["code"]) == (422, "no_way_to_reply")


@pytest.mark.usefixtures("records")
async def test_the_job_forgets_them_in_portions(monkeypatch):
    asked = []

    async def answer(_, silent, away_for, most):
        asked.append((silent.days, away_for.days, most))
        return most if len(asked) < 3 else 7

    assert await service.prune() == 0, "nobody is there"
    monkeypatch.setattr("app.widget.service.presence.database.fetchval", answer)
    assert await service.prune() == 2_007
    assert asked[0] == (SILENT_DAYS, AWAY_DAYS, 1_000)
