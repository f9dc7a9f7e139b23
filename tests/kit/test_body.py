"""What is wrong with a body is found in time linear to its length."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.body import DEEPEST_JSON, MOST_KEYS, look_at_body, look_at_query

JSON = b"application/json"


def status(body, media_type=JSON):
    found = look_at_body(media_type, body)
    return found and found[0]


def nested(depth):
    return b'{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


def test_depth_at_the_limit_and_one_more():
    assert status(nested(DEEPEST_JSON)) is None
    assert status(nested(DEEPEST_JSON + 1)) == 400
    assert status(b"[" * 100_000) == 400


def test_keys_at_the_limit_and_one_more():
    assert status(json.dumps({f"k{n}": n for n in range(MOST_KEYS)}).encode()) is None
    assert status(json.dumps({f"k{n}": n for n in range(MOST_KEYS + 1)}).encode()) == 400


def test_brackets_and_colons_in_text_do_not_count():
    assert status(json.dumps({"a": "[" * 5000 + ":" * 5000 + '"' * 50 + "\\" * 51}).encode()) is None


@pytest.mark.parametrize("body", [b'{"a":NaN}', b'{"a":-Infinity}', b"[Infinity]"])
def test_what_is_no_number(body):
    assert status(body) == 422
    assert status(json.dumps({"a": body.decode()}).encode()) is None


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (rb'{"a":"\u0000"}', 422),
        (rb'{"a":"x\\\u0000"}', 422),
        (rb'{"a":"\\u0000"}', None),
        (rb'{"a":"\\\\u0000"}', None),
        (b'{"a":"\xff"}', 400),
        (b'{"a":"\xed\xa0\x80"}', 400),
    ],
)
def test_text_that_nobody_can_store(body, wanted):
    assert status(body) == wanted


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        (b"a=b", False),
        (b"a=%C3%A9", False),
        (b"a=%00", True),
        (b"a=%ff", True),
        (b"a=%ED%A0%80", True),
        (b"a=\xff", True),
        (b"a=%zz", False),
    ],
)
def test_forms_and_queries(text, refused):
    assert bool(look_at_query(text)) == refused
    assert bool(look_at_body(b"application/x-www-form-urlencoded; charset=utf-8", text)) == refused


def test_an_unknown_charset_is_refused():
    assert status(b"{}", b"application/json; charset=utf-16") == 415
    assert status(b"{}", b"application/json; charset=UTF-8") is None


@pytest.mark.parametrize(
    "evil",
    [
        b"[" * 262_144,
        b'"' + b'\\"' * 131_000,
        b'{"a":"' + b"\\" * 262_000,
        b'"' * 262_144,
        b'["' * 131_000,
        b"NaN\\u0000" + b"\\" * 262_000,
        b"[" * 33 + b'"\\' * 131_000,
        b"{:" * 131_000,
    ],
)
def test_nothing_takes_longer_than_a_blink(evil):
    began = time.thread_time()
    look_at_body(JSON, evil)
    assert time.thread_time() - began < 0.05


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])), inner, max_size=3
        )
    ),
    max_leaves=20,
)


@given(anything, st.booleans())
def test_ordinary_json_passes(value, ascii_only):
    assert look_at_body(JSON, json.dumps(value, ensure_ascii=ascii_only).encode()) is None
