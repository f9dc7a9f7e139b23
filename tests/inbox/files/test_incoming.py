"""Files from a patient, through the provider's store, to the screen."""

from __future__ import annotations

import asyncio
import io
from base64 import b64encode
from hashlib import sha256
from uuid import uuid4

from PIL import Image

from tests.channels.whatsapp_cases import message
from tests.inbox.files.support import MIB, PATIENT, newest, settled
from tests.inbox.whatsapp.support import connect
from tests.support.pictures import SECRET, bomb, photo

REFUSED = {
    "bomb": (bomb(), "larger than 40 megapixels"),
    "broken": (photo()[:3000], "damaged"),
    "large": (photo(kind="PNG") + bytes(10 * MIB), "larger than 10 MB"),
    "program": (b"MZ\x90\x00" + bytes(100), "can harm a computer"),
    "empty": (b"", "empty"),
}


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
