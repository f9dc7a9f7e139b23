"""What plain mails are read by says the same as the libraries, which take many times as long."""

from __future__ import annotations

import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.channels.adapters import mail_headers, sendgrid_wire
from app.channels.errors import Malformed

NEVER = re.compile(r"(?!)")
NAMES = [
    *("Ann", "Example", " ", "  ", '"', "<", ">", "@", "mail.example", "+tok", ".", ",", "-", "'", "&", "=?", "?="),
    *("(c)", ";", ":", "\\", "é", "x@y.example", "<x@y.example>", '"Ann E."', "_", "\t", "\x00", "=?utf-8?q?=C3=A9?="),
]
WORDS = ["Re: ", "a", "é", "(c)", "  ", '"', "\\", "<x>", "=", "?", "\t", "日本", "\u200b", "@", "😀", "\x7f", "\u00a0"]
NAME = b'Content-Disposition: form-data; name="text"'
FORMS = [
    *(b"--bo\r\n", b"\r\n--bo\r\n", b"\r\n--bo--\r\n", b"\r\n--bo--", b"\r\n--bo \r\n", b"--bo", b"--", b"\r\n\r\n"),
    *(NAME, NAME + b"\r\n\r\n", NAME.lower() + b"\r\n\r\n", NAME + b'; filename="x"\r\n\r\n', b"abc", b"\r\n", b"\n"),
]


def plainly(module, name, replacement, call):
    """Call with the quick way taken out."""
    kept = getattr(module, name)
    setattr(module, name, replacement)
    try:
        return call()
    finally:
        setattr(module, name, kept)


@settings(max_examples=400)
@given(st.lists(st.sampled_from(NAMES), max_size=7).map("".join))
@example("Ann Example <ann@mail.example>")
@example('"Example, Ann" <ann+tok@mail.example>')
@example("ann@mail.example")
@example("Ann ann@mail.example")
@example('"Ann  E. " <Ann@mail.example>')
def test_a_sender(value):
    said = mail_headers.person(value)
    assert said == plainly(mail_headers, "_PLAIN_PERSON", NEVER, lambda: mail_headers.person(value))


@settings(max_examples=200)
@given(st.lists(st.sampled_from(WORDS), max_size=8).map("".join))
def test_a_subject(value):
    line = mail_headers.unfolded(value)
    library = str(mail_headers.policy.default.header_factory("Subject", line))
    assert mail_headers.decoded("Subject", value, 300) == mail_headers.printable(library)[:300].strip()


@settings(max_examples=400)
@given(st.lists(st.sampled_from(FORMS), max_size=6).map(b"".join), st.booleans())
@example(NAME + b"\r\n\r\nabc\r\n--bo\r\n" + NAME, True)
@example(NAME + b"\r\n\r\nabc\r\n--bo\r\n" + NAME + b"\r\n\r\n", True)
def test_a_form(inner, is_whole):
    body = b"--bo\r\n%b\r\n--bo--\r\n" % inner if is_whole else inner

    def read():
        try:
            return sendgrid_wire._parts(b"multipart/form-data; boundary=bo", body)
        except Malformed:
            return None

    assert read() == plainly(sendgrid_wire, "_plain_parts", lambda *_: None, read)
