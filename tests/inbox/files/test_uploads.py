"""What is uploaded is looked at, whatever it says that it is."""

from __future__ import annotations

from tests.inbox.files.support import MIB, PATIENT, newest, upload
from tests.support.pictures import photo

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
FIELD, FILE = (
    b'Content-Disposition: form-data; name="%s"',
    b'Content-Disposition: form-data; name="file"; filename="%s"',
)


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
