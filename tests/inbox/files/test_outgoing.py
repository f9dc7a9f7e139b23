"""Files from staff to a patient, and who else may open them."""

from __future__ import annotations

import asyncio
import time
from hashlib import sha256
from uuid import uuid4

import pytest

from tests.inbox.files.support import PATIENT, Live, newest, upload
from tests.support.pictures import SECRET, photo
from tests.support.twilio_server import SID, TOKEN


async def test_files_go_out_with_a_reply_and_the_provider_can_fetch_them(clinic, number, twilio, storage):
    await number.send(body="Can you send the x-ray?")
    made = await upload(clinic, photo(), "../../etc/x-ray\u202egpj.html")
    assert made.status_code == 201, made.text
    file = made.json()
    assert (file["name"], file["type"], file["state"]) == ("x-raygpj.jpg", "image/jpeg", "stored")
    thread, _ = await newest(clinic)
    reply = {"body": "Here it is", "attachments": [{"id": file["id"]}], "seen": thread["last_seq"]}
    sent = await clinic.owner.post(clinic.at(f"threads/{thread['id']}/messages"), json=reply)
    assert sent.status_code == 201, sent.text
    (shown,) = sent.json()["attachments"]
    assert shown == {name: file[name] for name in shown}
    again = await clinic.owner.post(clinic.at(f"threads/{thread['id']}/messages"), json=reply)
    assert again.status_code == 422
    assert again.json()["code"] == "file_not_taken"
    end = time.monotonic() + 20
    while not (accepted := [line for line in twilio.accepted() if line["body"] == "Here it is"]):
        assert time.monotonic() < end
        await asyncio.sleep(0.05)
    (link,) = accepted[-1]["media"]
    assert link.startswith(clinic.product.url)
    fetched = await clinic.outside.get(link.removeprefix(clinic.product.url))
    assert fetched.status_code == 200
    assert fetched.headers["content-type"] == "image/jpeg"
    assert sha256(fetched.content).digest() == sha256((await clinic.owner.get(file["url"])).content).digest()
    assert SECRET not in fetched.content


async def test_a_link_opens_one_file_for_a_while_and_cannot_be_made_up(clinic, number):
    file = (await upload(clinic, photo(50, 50))).json()
    path = file["link"].removeprefix(clinic.product.url)
    assert (await clinic.outside.get(path)).status_code == 200
    signed = path.rpartition("/")[2]
    body, _, mac = signed.rpartition(".")
    value, _, until = body.rpartition(".")
    forged = [
        f"{value}.{int(until) + 999}.{mac}",
        f"{value}..{mac}",
        signed[:-2] + ("AA" if signed[-2:] != "AA" else "BB"),
        "x",
        "..",
        f"{value[:-4]}AAAA.{until}.{mac}",
    ]
    for one in forged:
        assert (await clinic.outside.get(f"/files/signed/{one}")).status_code == 404, one
    assert (await clinic.outside.get(f"/files/{file['id']}")).status_code in {303, 401}
    assert (await clinic.outside.get(f"/files/{file['id']}/thumbnail")).status_code in {303, 401}


async def test_another_clinic_s_files_are_not_there(clinic, number, new_clinic, live_product):
    file = (await upload(clinic, photo(50, 50))).json()
    other = await new_clinic(live_product)
    for path in (file["url"], file["thumbnail"], other.at(f"attachments/{file['id']}")):
        assert (await other.owner.get(path)).status_code == 404
    assert (await clinic.owner.get(clinic.at(f"attachments/{file['id']}"))).json()["id"] == file["id"]
    channel = await other.channel()
    await channel.text(PATIENT, "Hello")
    thread, _ = await newest(other)
    stolen = await other.owner.post(
        other.at(f"threads/{thread['id']}/messages"), json={"body": "x", "attachments": [{"id": file["id"]}]}
    )
    assert stolen.status_code == 422


@pytest.mark.parametrize(
    ("kind", "data", "name", "words"),
    [
        ("sms", b"%PDF-1.7\n", "plan.pdf", "Only pictures can go with a text"),
        ("whatsapp", b"RIFF\x24\0\0\0WAVEfmt " + bytes(30), "a.wav", "WhatsApp does not take this kind of file"),
    ],
    ids=["sms", "whatsapp"],
)
async def test_each_way_takes_what_its_provider_takes(clinic, kind, data, name, words):
    channel = await clinic.channel(kind=kind)
    sender = f"whatsapp:{PATIENT}" if kind == "whatsapp" else PATIENT
    address = f"whatsapp:{channel.address}" if kind == "whatsapp" else channel.address
    form = {
        "MessageSid": f"SM{uuid4().hex}",
        "AccountSid": "AC" + "0" * 32,
        "From": sender,
        "To": address,
        "Body": "Hi",
    }
    assert (await channel.deliver(form)).status_code == 200
    thread, _ = await newest(clinic)
    first = (await upload(clinic, photo(20, 20))).json()
    second = (await upload(clinic, data, name)).json()
    refused = await clinic.owner.post(
        clinic.at(f"threads/{thread['id']}/messages"),
        json={"body": "x", "attachments": [{"id": first["id"]}, {"id": second["id"]}]},
    )
    assert refused.status_code == 422
    assert words in refused.json()["detail"]
    sent = await clinic.owner.post(
        clinic.at(f"threads/{thread['id']}/messages"), json={"attachments": [{"id": first["id"]}]}
    )
    assert sent.status_code == 201, "a refusal leaves the files free: they can still be sent"


async def test_a_reply_names_only_files_that_are_there(clinic):
    channel = await clinic.channel()
    await channel.text(PATIENT, "Hello")
    thread, _ = await newest(clinic)
    at = clinic.at(f"threads/{thread['id']}/messages")
    file = (await upload(clinic, photo(20, 20))).json()["id"]
    for wrong in (
        [{"id": str(uuid4())}],
        [{"id": file}, {"id": file}],
        [{"id": "x"}],
        [{"url": "https://x"}],
        [{}],
        "x",
    ):
        answer = await clinic.owner.post(at, json={"body": "x", "attachments": wrong})
        assert answer.status_code == 422, wrong
    assert (await clinic.owner.post(at, json={"body": "", "attachments": []})).status_code == 422


async def test_a_file_of_a_message_that_was_taken_back_goes_again(clinic):
    assert (await clinic.owner.patch(clinic.at("clinic"), json={"undo_seconds": 10})).status_code == 200
    channel = await clinic.channel()
    await channel.text(PATIENT, "Hello")
    thread, _ = await newest(clinic)
    file = {"id": (await upload(clinic, photo(20, 20))).json()["id"]}
    at = clinic.at(f"threads/{thread['id']}/messages")
    first = await clinic.owner.post(at, json={"body": "x", "attachments": [file]})
    assert (await clinic.owner.post(clinic.at(f"messages/{first.json()['id']}/cancel"))).status_code == 200
    second = await clinic.owner.post(at, json={"body": "y", "attachments": [file]})
    assert second.status_code == 201, second.text


async def test_the_form_of_a_page_without_scripts_brings_files(clinic):
    channel = await clinic.channel()
    await channel.text(PATIENT, "Hello")
    thread, _ = await newest(clinic)
    token = clinic.owner.cookies["csrftoken"]
    at = f"/inbox/threads/{thread['id']}"
    sent = await clinic.owner.http.post(  # without the header that a script adds
        f"{at}/reply",
        data={"_csrf_token": token, "body": "See this", "seen": str(thread["last_seq"]), "client_id": ""},
        files=[("files", ("a.jpg", photo(30, 30), "image/jpeg")), ("files", ("b.jpg", photo(40, 40), "image/jpeg"))],
    )
    assert sent.status_code in {302, 303}, sent.text
    _, message = await newest(clinic)
    assert [file["name"] for file in message["attachments"]] == ["a.jpg", "b.jpg"]
    empty = {"files": ("", b"", "application/octet-stream")}
    noted = await clinic.owner.http.post(f"{at}/note", data={"_csrf_token": token, "body": "For us"}, files=empty)
    assert noted.status_code in {302, 303}, noted.text


async def test_twilio_gets_one_message_a_file_by_whatsapp_and_its_reports_are_told_apart(clinic, twilio):
    """A callback names the attempt, which all parts share: what it says is about the one message it names."""
    made = await clinic.owner.post(
        clinic.at("channels"),
        json={
            "kind": "whatsapp",
            "provider": "twilio",
            "mode": "live",
            "address": "+12025550177",
            "credentials": {"account_sid": SID, "auth_token": TOKEN},
        },
    )
    channel = Live(clinic, made.json())
    form = {"MessageSid": f"SM{uuid4().hex}", "AccountSid": SID, "From": f"whatsapp:{PATIENT}", "Body": "Hi"}
    answer = await channel.deliver({**form, "To": "whatsapp:+12025550177", "NumMedia": "0"}, token=TOKEN)
    assert answer.status_code == 200, answer.text
    thread, _ = await newest(clinic)
    files = [(await upload(clinic, photo(20, 20), name)).json() for name in ("one.jpg", "two.jpg")]
    twilio.set_mood("fast", 1)  # the first part's callbacks come before the answer to its send
    twilio.set_mood("double", 1)
    words = f"Both {uuid4().hex}"
    told = {"body": words, "channel": "whatsapp", "attachments": [{"id": one["id"]} for one in files]}
    sent = await clinic.owner.post(clinic.at(f"threads/{thread['id']}/messages"), json=told)
    assert sent.status_code == 201, sent.text
    end = time.monotonic() + 20
    while (await newest(clinic))[1]["status"] != "delivered":
        assert time.monotonic() < end, await newest(clinic)
        await asyncio.sleep(0.05)
    first, second = twilio.accepted()[-2:]
    assert (first["body"], second["body"]) == (words, "")
    assert (await newest(clinic))[1]["provider_id"] == first["sid"]
    rows = clinic.product.sql(
        "select provider_id, status from message_part where message_id = %s order by position", sent.json()["id"]
    )
    assert rows == [(first["sid"], "delivered"), (second["sid"], "delivered")]
