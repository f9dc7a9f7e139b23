"""Files of strangers: named by content, drawn anew, and fetched from nowhere but where they may lie."""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image

from app.kit import outside
from app.kit.outside import NoAnswer, Places, fetch, is_public
from app.kit.pictures import LONGEST_SIDE, THUMBNAIL, NotAPicture, practice_picture, redraw
from app.kit.sniff import HTML, PROGRAM, SVG, UNKNOWN, XML, sniff
from tests.support.file_server import file_server
from tests.support.pictures import SECRET, bomb, moving, photo


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (photo(8, 8), "x.exe.jpg", "image/jpeg"),
        (photo(8, 8), "x.exe", PROGRAM),
        (photo(8, 8, kind="PNG"), "", "image/png"),
        (b"%PDF-1.7\n<script>alert(1)</script>", "a.html", "application/pdf"),
        (b"<!-- %PDF-1.7 --><html>", "a.pdf", HTML),
        (b"GIF89a/*<svg/onload=alert(1)>*/", "a.svg", "image/gif"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "a.png", SVG),
        (b"\xef\xbb\xbf  <SVG onload=x>", "", SVG),
        (b"hello <script>alert(1)</script>", "a.txt", HTML),
        (b"<note/>", "a.txt", XML),
        (b"name,phone\nAnn,1", "a.csv", "text/csv"),
        (b"I have < 3 teeth left", "a.txt", "text/plain"),
        (b"BEGIN:VCARD\nVERSION:3.0", "a", "text/vcard"),
        (zipped("[Content_Types].xml", "word/document.xml"), "a.docx", WORD),
        (zipped("[Content_Types].xml", "word/vbaProject.bin"), "a.docx", PROGRAM),
        (zipped("a.txt"), "a.zip", "application/zip"),
        (b"PK\x03\x04broken", "a.docx", UNKNOWN),
        (b"MZ\x90\x00", "photo.jpg", PROGRAM),
        (b"\x7fELF", "", PROGRAM),
        (b"#!/bin/sh\nrm -rf /", "notes.txt", PROGRAM),
        (b"\x00\x00\x00\x18ftypheic", "a.heic", "image/heic"),
        (b"\x00\x00\x00\x18ftyp3gp4", "a", "video/3gpp"),
        (b"\x00\x00\x00\x18ftypisom", "a", "video/mp4"),
        (b"ID3\x03", "a", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", "a", "audio/aac"),
        (b"\xff\xfb\x90\x00", "a", "audio/mpeg"),
        (b"\x00\x01\x02", "a.txt", UNKNOWN),
        (b"\xff\xfe\x41", "a.txt", UNKNOWN),
        (b"", "a.txt", UNKNOWN),
    ],
)
def test_a_file_is_what_it_holds(data, name, kind):
    assert sniff(data, name) == kind


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_drawn_anew_without_what_hides_in_it(kind):
    hidden = photo(1000, 500, kind=kind) + b"PK\x03\x04<script>alert(1)</script>"
    assert SECRET in hidden
    drawn = redraw(hidden, f"image/{kind.lower()}")
    for data, most in ((drawn.data, LONGEST_SIDE), (drawn.thumbnail, THUMBNAIL)):
        assert SECRET not in data
        assert b"script" not in data
        again = Image.open(io.BytesIO(data))
        assert dict(again.getexif()) == {}
        assert not {"exif", "comment", "xmp", "icc_profile"} & set(again.info)
        assert max(again.size) <= most
    assert (drawn.width, drawn.height) == (1000, 500)
    assert drawn.type == ("image/png" if kind == "PNG" else "image/jpeg")


def test_a_picture_that_lies_on_its_side_stands_up():
    drawn = redraw(photo(400, 200, turned=True), "image/jpeg")
    assert (drawn.width, drawn.height) == (200, 400)
    assert Image.open(io.BytesIO(drawn.thumbnail)).size == (160, 320)


def test_a_huge_photograph_is_made_smaller_and_still_stands_up():
    drawn = redraw(photo(6000, 3000, turned=True), "image/jpeg")
    assert (drawn.width, drawn.height) == (LONGEST_SIDE // 2, LONGEST_SIDE)
    assert SECRET not in drawn.data


def test_a_moving_picture_still_moves_and_says_nothing_else():
    assert SECRET in moving()
    drawn = redraw(moving(3), "image/gif")
    assert drawn.type == "image/gif"
    assert Image.open(io.BytesIO(drawn.data)).n_frames == 3
    assert SECRET not in drawn.data


def test_what_can_be_seen_through_stays_so():
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
    drawn = redraw(out.getvalue(), "image/png")
    assert drawn.type == drawn.thumbnail_type == "image/png"
    assert Image.open(io.BytesIO(drawn.data)).mode == "RGBA"


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (bomb(), "image/png", "megapixels"),
        (bomb(8_000), "image/png", "megapixels"),
        (photo()[:2000], "image/jpeg", "damaged"),
        (b"\xff\xd8\xff" + bytes(100), "image/jpeg", "damaged"),
        (b"GIF89a/*<svg>*/", "image/gif", "damaged"),
        (photo(kind="PNG"), "image/jpeg", "damaged"),
        (moving(301), "image/gif", "too long"),
    ],
)
def test_bombs_and_broken_pictures_are_refused(data, kind, words):
    with pytest.raises(NotAPicture, match=words):
        redraw(data, kind)


def test_the_practice_picture_is_one():
    assert redraw(practice_picture(), "image/jpeg").width == 480


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("198.18.0.1", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:169.254.169.254", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::808:808", True),
        ("64:ff9b:1::808:808", False),
        ("2002:7f00:1::", False),
        ("2001:0:7f00:1::", False),
        ("fd00:ec2::254", False),
    ],
)
def test_only_the_open_internet_is_public(address, public):
    assert is_public(address) is public


OWN = Places(("files.example.com", ".cdn.example.com"))


@pytest.mark.parametrize(
    "url",
    [
        "http://files.example.com/a",
        "https://files.example.com:8443/a",
        "https://user@files.example.com/a",
        "https://user:word@files.example.com/a",
        "https://files.example.com.evil.test/a",
        "https://evilcdn.example.com/a",
        "https://cdn.example.com/a",
        "https://127.0.0.1/a",
        "https://[::1]/a",
        "https://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "ftp://files.example.com/a",
        "//files.example.com/a",
        "https://files.example.com:99999/a",
        "https://files.example.com\\@evil.test/a",
        "https://files.example.com/a\r\nHost: evil",
        "",
    ],
)
async def test_what_is_not_the_provider_s_is_refused_before_anybody_is_asked(url):
    with pytest.raises(outside.Refused):
        await fetch(url, OWN, headers={}, most=10, seconds=2)


async def test_a_name_of_the_provider_that_leads_inside_is_refused(monkeypatch):
    """DNS is somebody else's: an allowed name may still answer with an address of our own network."""
    asked = []

    async def answer(_loop, host, port, **_more):
        asked.append(host)
        return [(2, 1, 6, "", ("93.184.216.34", port)), (2, 1, 6, "", ("10.0.0.7", port))]

    import asyncio  # noqa: PLC0415 - patched here only

    monkeypatch.setattr(type(asyncio.get_running_loop()), "getaddrinfo", answer)
    with pytest.raises(outside.Refused):
        await fetch("https://a.cdn.example.com/x", OWN, headers={}, most=10, seconds=2)
    assert asked == ["a.cdn.example.com"]


async def test_redirects_are_checked_and_the_sign_in_stays_behind():
    async with file_server() as one, file_server() as two:
        places = Places((), one.url)
        one.moved["/a"] = f"{two.url}/b"
        two.files["/b"] = b"content"
        assert (
            await fetch(f"{one.url}/a", places, headers={"Authorization": "Basic x"}, most=10, seconds=5) == b"content"
        )
        assert one.asked[0][1]["authorization"] == "Basic x"
        assert "authorization" not in two.asked[0][1]
        for place in ("http://169.254.169.254/latest", f"http://localhost:{two.port}/b", "https://127.0.0.1/b"):
            one.moved["/out"] = place
            with pytest.raises(outside.Refused):
                await fetch(f"{one.url}/out", places, headers={}, most=10, seconds=5)
        one.moved["/round"] = f"{one.url}/round"
        with pytest.raises(outside.Refused, match="circles"):
            await fetch(f"{one.url}/round", places, headers={}, most=10, seconds=5)
        assert len([path for path, _ in one.asked if path == "/round"]) == outside.MOST_REDIRECTS + 1


async def test_what_is_too_large_missing_or_slow_ends_early():
    async with file_server() as server:
        places = Places((), server.url)
        server.files["/large"] = bytes(3_000_000)
        server.files["/fits"] = bytes(1_000_000)
        assert len(await fetch(f"{server.url}/fits", places, headers={}, most=1_000_000, seconds=5)) == 1_000_000
        with pytest.raises(outside.Refused, match="larger"):
            await fetch(f"{server.url}/large", places, headers={}, most=1_000_000, seconds=5)
        with pytest.raises(NoAnswer):
            await fetch(f"{server.url}/missing", places, headers={}, most=10, seconds=5)
        server.hangs.add("/slow")
        with pytest.raises(NoAnswer):
            await fetch(f"{server.url}/slow", places, headers={}, most=10, seconds=0.3)
    with pytest.raises(NoAnswer):
        await fetch(f"{server.url}/fits", places, headers={}, most=10, seconds=5)
