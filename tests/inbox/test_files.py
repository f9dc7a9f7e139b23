"""Files on their whole way: from a patient through the provider's store to the screen, and from staff outwards."""

from __future__ import annotations

import asyncio
import io
import json
import time
from base64 import b64encode
from hashlib import sha256
from uuid import uuid4

import pytest
from PIL import Image

from app.channels.service import Attachment, InboundMessage
from app.config import reset_settings
from app.inbox import service
from app.inbox.service.files import hold
from app.kit.errors import NotFound, TooMany, Unavailable
from app.kit.principal import system
from tests.channels.whatsapp_cases import message
from tests.events.test_isolation import make
from tests.inbox.test_whatsapp_doors import connect
from tests.support.clinic import Channel
from tests.support.file_server import file_server
from tests.support.pictures import SECRET, bomb, photo
from tests.support.product import Product
from tests.support.s3_server import ACCESS_KEY, BUCKET, SECRET_KEY, s3_server
from tests.support.twilio_server import SID, TOKEN, RunningTwilio
from tests.support.whatsapp_server import WhatsAppServer

PATIENT = "+12025550111"
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def twilio(tmp_path_factory):
    server = RunningTwilio(tmp_path_factory.mktemp("twilio") / "journal.jsonl")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def meta():
    server = WhatsAppServer()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def live_product(databases, twilio, meta):
    where = {"TWILIO_API_URL": twilio.url, "WHATSAPP_API_URL": meta.url}
    running = Product(databases.make(), **where, JOB_BASE_BACKOFF="0.05")
    running.start()
    yield running
    running.stop()


@pytest.fixture
async def clinic(new_clinic, live_product):
    made = await new_clinic(live_product)
    assert (await made.owner.patch(made.at("clinic"), json={"undo_seconds": 0})).status_code == 200
    return made


@pytest.fixture
async def storage():
    async with file_server() as server:
        yield server


class Live(Channel):
    """A number at the stand-in provider."""

    async def send(self, *urls, body="", kind="image/jpeg"):
        form = {"MessageSid": f"MM{uuid4().hex}", "AccountSid": SID, "From": PATIENT, "To": self.address, "Body": body}
        form["NumMedia"] = str(len(urls))
        for number, url in enumerate(urls):
            form |= {f"MediaUrl{number}": url, f"MediaContentType{number}": kind}
        answer = await self.deliver(form, token=TOKEN)
        assert answer.status_code == 200, answer.text


@pytest.fixture
async def number(clinic):
    made = await clinic.owner.post(
        clinic.at("channels"),
        json={
            "kind": "sms",
            "provider": "twilio",
            "mode": "live",
            "address": "+12025550100",
            "credentials": {"account_sid": SID, "auth_token": TOKEN},
        },
    )
    assert made.json()["mode"] == "live", made.text
    return Live(clinic, made.json())


async def newest(clinic):
    """The newest thread and its newest message."""
    thread = (await clinic.owner.get(clinic.at("threads?view=all"))).json()["items"][0]
    messages = (await clinic.owner.get(clinic.at(f"threads/{thread['id']}/messages"))).json()["items"]
    return thread, messages[0]


async def settled(clinic, seconds=20):
    """The newest message when none of its files waits any more."""
    end = time.monotonic() + seconds
    while True:
        _, message = await newest(clinic)
        if message["attachments"] and all(one["state"] != "waiting" for one in message["attachments"]):
            return message
        assert time.monotonic() < end, message
        await asyncio.sleep(0.05)


async def upload(clinic, data, name="x-ray.jpg", caller=None):
    return await (caller or clinic.owner).post(clinic.at("attachments"), files={"file": (name, data, "text/html")})


async def test_a_picture_comes_in_and_everybody_sees_it_without_reloading(clinic, number, twilio, storage):
    storage.files["/kept"] = photo()
    socket = await clinic.socket(html=True)
    await number.send(twilio.keep_media("ME1", f"{storage.url}/kept"), body="This one hurts")
    created = await socket.next_event("message.created")
    (shown,) = created["data"]["message"]["attachments"]
    assert (shown["state"], shown["url"], shown["thumbnail"]) == ("waiting", None, None)
    assert twilio.url not in str(created), "where the provider holds it is nobody's business"
    assert "We are fetching this picture" in created["html"][f"m-{created['data']['message']['id']}"]
    stored = await socket.next_event("message.attachment_stored")
    (file,) = stored["data"]["message"]["attachments"]
    assert stored["data"]["attachment"] == file
    assert stored["data"]["changes"] == {"state": ["waiting", "stored"]}
    assert stored["data"]["thread"]["id"] == stored["data"]["message"]["thread_id"]
    assert set(file) == {
        *("id", "name", "type", "size", "state", "reason", "url", "thumbnail", "width", "height"),
    }
    assert (file["id"], file["type"], file["width"], file["height"]) == (shown["id"], "image/jpeg", 640, 480)
    assert file["name"] == "Picture.jpg"
    assert f'src="/files/{file["id"]}/thumbnail"' in stored["html"][f"m-{stored['data']['message']['id']}"]
    assert "authorization" not in storage.asked[0][1], "the sign-in is not for the host behind the redirect"
    answer = await clinic.owner.get(file["url"])
    assert answer.status_code == 200
    assert len(answer.content) == file["size"]
    assert SECRET not in answer.content
    assert dict(Image.open(io.BytesIO(answer.content)).getexif()) == {}
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["content-disposition"].startswith("inline")
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-store"
    small = await clinic.owner.get(file["thumbnail"])
    assert Image.open(io.BytesIO(small.content)).size == (320, 240)
    folder = clinic.product.database.folder / "files"
    kept = [path for path in folder.rglob("*") if path.is_file() and clinic.id.hex in str(path)]
    assert len(kept) == 2
    for path in kept:
        assert b"JFIF" not in path.read_bytes(), "what lies on the disk is sealed"


async def test_a_message_of_nothing_but_a_file_says_so_in_the_list(clinic, number, twilio, storage):
    storage.files["/kept"] = photo()
    await number.send(twilio.keep_media("ME1", f"{storage.url}/kept"))
    thread, message = await newest(clinic)
    assert message["body"] == ""
    assert thread["last_message"]["body"] == "Sent a file"
    await settled(clinic)


async def whatsapp_picture(clinic, told):
    """A WhatsApp number at the stand-in, and a patient who sends a picture to it."""
    connected = await connect(clinic, mode="live")
    image = {"id": "1234567890", "mime_type": "image/jpeg", "sha256": told}
    delivery = message(number=connected.number, id=f"wamid.{uuid4().hex}", type="image", image=image)
    answer = await connected.bring(delivery)
    assert answer.status_code == 200, answer.text
    return (await settled(clinic))["attachments"][0]


async def test_a_picture_by_whatsapp_is_asked_for_in_two_steps(clinic, meta):
    meta.files["/kept/1"] = photo()  # given only to who brings the number's token
    meta.media_url = f"{meta.url}/kept/1"
    file = await whatsapp_picture(clinic, b64encode(sha256(photo()).digest()).decode())
    assert (file["state"], file["type"]) == ("stored", "image/jpeg"), file


async def test_what_is_not_the_file_that_was_announced_is_refused(clinic, meta):
    meta.files["/kept/2"] = photo()
    meta.media_url = f"{meta.url}/kept/2"
    file = await whatsapp_picture(clinic, b64encode(sha256(b"another").digest()).decode())
    assert file["state"] == "refused"
    assert len([target for _, target, _ in meta.seen if target == "/kept/2"]) == 6


async def test_an_address_that_meta_never_gives_gets_no_sign_in(clinic, meta, storage):
    meta.media_url = f"http://localhost:{storage.port}/kept"
    file = await whatsapp_picture(clinic, "")
    assert (file["state"], storage.asked) == ("refused", [])


REFUSED = {
    "bomb": (bomb(), "larger than 40 megapixels"),
    "broken": (photo()[:3000], "damaged"),
    "large": (photo(kind="PNG") + bytes(10 * MIB), "larger than 10 MB"),
    "program": (b"MZ\x90\x00" + bytes(100), "can harm a computer"),
    "empty": (b"", "empty"),
}


async def test_what_cannot_be_kept_is_refused_in_plain_words(clinic, number, twilio, storage):
    storage.files.update({f"/{name}": data for name, (data, _) in REFUSED.items()})
    await number.send(*(twilio.keep_media(f"ME-{name}", f"{storage.url}/{name}") for name in REFUSED))
    files = (await settled(clinic))["attachments"]
    for file, (name, (_, words)) in zip(files, REFUSED.items(), strict=True):
        assert (file["state"], file["url"]) == ("refused", None), name
        assert words in file["reason"], name
        assert (await clinic.owner.get(f"/files/{file['id']}")).status_code == 404


async def test_an_address_that_is_not_the_provider_s_is_never_asked(clinic, number):
    await number.send(
        "http://169.254.169.254/latest/meta-data/iam",
        "https://127.0.0.1/secret",
        "https://evil.test/ME1",
        "https://api.twilio.com.evil.test/ME1",
        "https://api.twilio.com@evil.test/ME1",
        "file:///etc/passwd",
    )
    files = (await settled(clinic))["attachments"]
    assert len(files) == 6
    for file in files:
        assert (file["state"], file["reason"]) == ("refused", "The file does not come from the provider's own address.")


async def test_a_redirect_into_the_own_network_is_refused(clinic, number, twilio, storage):
    await number.send(twilio.keep_media("ME1", f"http://localhost:{storage.port}/kept"))
    (file,) = (await settled(clinic))["attachments"]
    assert file["state"] == "refused"
    assert storage.asked == []


async def test_what_the_provider_does_not_have_yet_is_asked_for_again_and_given_up(clinic, number, twilio, storage):
    url = twilio.keep_media("ME1", f"{storage.url}/late")
    await number.send(url)
    while len(storage.asked) < 2:  # noqa: ASYNC110 - another process asks
        await asyncio.sleep(0.02)
    storage.files["/late"] = photo()
    (file,) = (await settled(clinic))["attachments"]
    assert file["state"] == "stored"
    await number.send(twilio.keep_media("ME2", f"{storage.url}/never"), body="another")
    (file,) = (await settled(clinic))["attachments"]
    assert file["state"] == "refused"
    assert "ask for it again" in file["reason"]
    assert len([path for path, _ in storage.asked if path == "/never"]) == 6


async def test_what_a_browser_could_run_is_handed_out_as_bytes_only(clinic, number, twilio, storage):
    storage.files = {
        "/svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        "/html": b"<html><script>alert(1)</script>",
        "/other": b"\x00\x01\x02 whatever",
    }
    await number.send(*(twilio.keep_media(f"ME{path[1:]}", storage.url + path) for path in storage.files))
    files = (await settled(clinic))["attachments"]
    assert [file["type"] for file in files] == ["image/svg+xml", "text/html", "application/octet-stream"]
    for file, data in zip(files, storage.files.values(), strict=True):
        assert (file["state"], file["thumbnail"]) == ("stored", None)
        answer = await clinic.owner.get(file["url"])
        assert answer.content == data
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_picture_with_something_behind_it_is_only_a_picture(clinic, number, twilio, storage):
    storage.files["/kept"] = photo(64, 64) + b"<html><script>alert(1)</script>PK\x03\x04"
    await number.send(twilio.keep_media("ME1", f"{storage.url}/kept"), kind="text/html")
    (file,) = (await settled(clinic))["attachments"]
    assert file["type"] == "image/jpeg"
    assert b"script" not in (await clinic.owner.get(file["url"])).content


async def test_a_practice_run_asks_nobody(clinic, storage):
    channel = await clinic.channel()
    await channel.deliver(
        {
            "MessageSid": f"MM{uuid4().hex}",
            "AccountSid": "AC" + "0" * 32,
            "From": PATIENT,
            "To": channel.address,
            "Body": "",
            "NumMedia": "2",
            "MediaUrl0": f"{storage.url}/a",
            "MediaContentType0": "image/jpeg",
            "MediaUrl1": f"{storage.url}/b",
            "MediaContentType1": "application/pdf",
        }
    )
    picture, paper = (await settled(clinic))["attachments"]
    assert (picture["state"], paper["state"]) == ("stored", "refused")
    assert "practice run" in paper["reason"]
    assert storage.asked == []


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


UPLOADS = [
    (b"<html>", "a.html", 422),
    (b"<svg/>", "a.svg", 422),
    (b"MZ", "a.jpg", 422),
    (b"plain", "a.exe", 422),
    (b"", "a.txt", 422),
    (photo()[:500], "a.jpg", 422),
    (b"x" * (10 * MIB), "a.txt", 201),
    (b"x" * (10 * MIB + 1), "a.txt", 413),
    (b"x" * (11 * MIB), "a.txt", 413),
    (b"name\nAnn", "a.csv", 201),
]


async def test_an_upload_is_looked_at(clinic):
    for data, name, status in UPLOADS:
        answer = await upload(clinic, data, name)
        assert answer.status_code == status, (name, answer.text)
        if status != 201:
            assert answer.headers["content-type"] == "application/problem+json"


async def test_bad_uploads_are_told_apart_and_nothing_breaks(clinic):
    post, at = clinic.owner.post, clinic.at("attachments")
    assert (await post(at, json={"file": "x"})).status_code in {400, 415, 422}
    assert (await post(at, data={"file": "text"})).status_code in {400, 415, 422}
    assert (await post(at, files={"other": ("a.txt", b"x")})).status_code == 422
    assert (await post(at, files=[("file", ("a.txt", b"x")), ("more", ("b.txt", b"y"))])).status_code == 422
    broken = {"content-type": "multipart/form-data; boundary=x"}
    assert (await post(at, content=b"--x\r\nnonsense", headers=broken)).status_code in {400, 422}
    assert (await post(at, content=b"x", headers={"content-type": "multipart/form-data"})).status_code in {400, 422}
    assert (await clinic.outside.post(at, files={"file": ("a.txt", b"x")})).status_code == 401
    viewer = await clinic.member("viewer", "Vera View")
    assert (await upload(clinic, b"x", "a.txt", viewer)).status_code == 403
    forged = await clinic.owner.post(at, files={"file": ("a.txt", b"x")}, headers={"x-csrftoken": "wrong"})
    assert forged.status_code == 403
    program = await clinic.key("inbox:write")
    assert (await upload(clinic, b"x", "a.txt", program)).status_code == 201


def multipart(*parts):
    """A form, byte by byte: (the part's headers, its content)."""
    return b"".join(b"--b\r\n" + head + b"\r\n\r\n" + content + b"\r\n" for head, content in parts) + b"--b--\r\n"


FIELD, FILE = (
    b'Content-Disposition: form-data; name="%s"',
    b'Content-Disposition: form-data; name="file"; filename="%s"',
)


async def test_broken_forms_are_refused_and_never_break_anything(clinic):
    channel = await clinic.channel()
    await channel.text(PATIENT, "Hello")
    thread, _ = await newest(clinic)
    body, fine = FIELD % b"body", (FILE % b"a.txt", b"x")
    forms = {
        "no UTF-8": multipart((body, b"\xff\xfe")),
        "U+0000": multipart((body, b"a\x00b")),
        "a name that is no UTF-8": multipart((FILE % b"\xff\xfe.txt", b"x")),
        "U+0000 in a name": multipart((FILE % b"a\x00.txt", b"x")),
        "another charset": multipart((body + b"\r\nContent-Type: text/plain; charset=utf-16", b"ab")),
        "an unknown charset": multipart((body + b"\r\nContent-Type: text/plain; charset=nonsense", b"ab")),
        "a file for a text": multipart((FIELD % b"body" + b'; filename="x"', b"x")),
        "too many parts": multipart(*([fine] * 101)),
        "a name without end": multipart((b'Content-Disposition: form-data; name="' + b"a" * 20_000, b"x")),
        "no name": multipart((b"Content-Disposition: form-data", b"x")),
        "no headers": multipart((b"", b"x")),
        "never ends": b"--b\r\n" + body + b"\r\n\r\nabc",
        "JSON for a text": multipart((body + b"\r\nContent-Type: application/json", b"{broken")),
        "nothing": b"",
    }
    media = {"content-type": "multipart/form-data; boundary=b"}
    taken = {"U+0000 in a name", "a name that is no UTF-8", "another charset", "never ends", "JSON for a text"}
    wrong = []
    for path in (
        clinic.at("attachments"),
        f"/inbox/threads/{thread['id']}/reply",
        f"/inbox/threads/{thread['id']}/note",
    ):
        for name, form in forms.items():
            answer = await clinic.owner.post(path, content=form, headers=media)
            if answer.status_code >= 500 or (answer.status_code < 400 and name not in taken):
                wrong.append((path, name, answer.status_code))
    assert wrong == []


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


class Mailbox:
    """As much of a channel as holding a mail's files needs."""

    def __init__(self, clinic_id):
        self.clinic_id, self.id = clinic_id, uuid4()


def mail(*files):
    return InboundMessage(
        provider_id="<1@x>", from_address="a@x.test", to_address="b@x.test", body="", raw="", attachments=list(files)
    )


async def test_what_a_mail_brings_is_kept_before_the_mail_is_acknowledged(records):
    clinic_id = await make(1)
    folder = records.folder / "files"
    brought = [
        Attachment("", "image/png", "a\u202egnp.jpg", content=photo(), content_id="<pic@x>"),
        Attachment("", "text/html", "evil.exe", content=b"MZ"),
        Attachment("", "\udcff/\x00", "\udcff.txt", content=b"plain"),
        *(Attachment("", "text/plain", f"{number}.txt", content=b"x") for number in range(30)),
    ]
    told = await hold(Mailbox(clinic_id), mail(*brought))
    held = json.loads(told)
    assert [one["state"] for one in held[:3]] == ["stored", "refused", "stored"]
    assert (held[0]["type"], held[0]["name"], held[0]["content_id"]) == ("image/jpeg", "agnp.jpg", "<pic@x>")
    assert held[2]["name"] == ".txt" or held[2]["name"] == "txt"
    assert [one["state"] for one in held[-3:]] == ["refused"] * 3, "thirty are enough"
    kept = {path.name for path in folder.rglob("*") if path.is_file()}
    assert len(kept) == 2 + 1 + 27
    assert all(one["store_key"].rpartition("/")[2] in kept for one in held if one["state"] == "stored")
    shown = json.loads(records.sql("select shown_files(%s::json)::text", told)[0][0])
    secrets = {"source", "sha256", "content_id", "store_key", "thumbnail_key"}
    assert all(not secrets & set(one) for one in shown)
    assert [one["id"] for one in shown] == [one["id"] for one in held]


async def test_a_bucket_holds_files_as_sealed_as_a_folder_does(records, monkeypatch):
    clinic_id = await make(1)
    async with s3_server() as server:
        for name, value in {
            "ENDPOINT": server.url,
            "BUCKET": BUCKET,
            "ACCESS_KEY": ACCESS_KEY,
            "SECRET_KEY": SECRET_KEY,
        }.items():
            monkeypatch.setenv(f"S3_{name}", value)
        reset_settings()
        file = await service.upload_file(system(clinic_id), "plan.txt", b"the plan" * 100_000, MIB)
        assert len(server.kept) == 1
        assert b"the plan" not in next(iter(server.kept.values()))
        opened = await service.open_file(clinic_id, file.id)
        assert b"".join([part async for part in opened.parts]) == b"the plan" * 100_000
    monkeypatch.setenv("S3_ENDPOINT", "http://127.0.0.1:9")
    reset_settings()
    with pytest.raises(Unavailable):
        await service.upload_file(system(clinic_id), "plan.txt", b"x", MIB)
    with pytest.raises(Unavailable):
        await service.open_file(clinic_id, file.id)
    assert not (records.folder / "files").exists()


async def test_a_clinic_s_uploads_are_limited(records):
    clinic_id = await make(1)
    taken = 0
    with pytest.raises(TooMany):
        while taken < 600:  # one more is allowed each second that this takes
            await service.upload_file(system(clinic_id), "a.txt", b"x", 100)
            taken += 1
    assert taken >= 60


async def test_unsent_uploads_are_forgotten_and_lost_fetches_are_found(records):
    """What the schedules do, with the times moved."""
    clinic_id = await make(1)
    old = await service.upload_file(system(clinic_id), "old.txt", b"old", 100)
    new = await service.upload_file(system(clinic_id), "new.txt", b"new", 100)
    records.sql("update attachment set created_at = now() - interval '25 hours' where id = %s", old.id)
    assert await service.forget_unsent() == 1
    assert await service.forget_unsent() == 0
    with pytest.raises(NotFound):
        await service.read_file(clinic_id, old.id)
    assert len([path for path in (records.folder / "files").rglob("*") if path.is_file()]) == 1
    opened = await service.open_file(clinic_id, new.id)
    assert b"".join([part async for part in opened.parts]) == b"new"
    lost = uuid4()
    records.sql(
        "insert into attachment (id, clinic_id, message_id, position, name, type, state, created_at) values "
        "(%s, %s, %s, 0, 'x', 'image/png', 'waiting', now() - interval '16 minutes')",
        lost,
        clinic_id,
        uuid4(),
    )
    await service.sweep_files()
    await service.sweep_files()
    jobs = records.sql("select payload->>'attachment_id' from job where type = 'attachment_fetch'")
    assert jobs == [(str(lost),)], "found, and not twice"


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
