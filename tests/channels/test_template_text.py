"""What an approved text says, which blanks it has, and what may stand in them."""

from __future__ import annotations

import pytest

from app.channels.template_text import (
    Blank,
    address_problem,
    fill,
    link_problem,
    pieces,
    read_components,
    suggest,
    value_problem,
)


def body(text: str, **more: object) -> list[dict[str, object]]:
    return [{"type": "BODY", "text": text, **more}]


def test_blanks_go_by_their_numbers_and_keep_their_samples():
    text = read_components(body("See {{2}}, {{1}}! {{2}}?", example={"body_text": [["Ann", "Friday"]]}))
    assert text.blanks == [Blank("1", "Ann"), Blank("2", "Friday")]
    assert fill(text, ["Tom", "Monday"]) == "See Monday, Tom! Monday?"


def test_named_blanks_go_by_their_place():
    samples = {"body_text_named_params": [{"param_name": "first_name", "example": "Ann"}]}
    text = read_components(body("Hi {{first_name}}, at {{ clinic_name }}", example=samples))
    assert text.blanks == [Blank("first_name", "Ann"), Blank("clinic_name")]
    assert fill(text, ["Tom", "Bright"]) == "Hi Tom, at Bright"


def test_a_value_is_never_read_as_a_blank():
    text = read_components(body("{{1}} and {{2}}"))
    assert fill(text, ["{{2}}", "b"]) == "{{2}} and b"


def test_heading_footer_and_buttons_are_part_of_it():
    parts = [
        {"type": "HEADER", "format": "TEXT", "text": "Your visit"},
        *body("Hello {{1}}"),
        {"type": "FOOTER", "text": "Bright Smile"},
        {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Confirm"}]},
    ]
    text = read_components(parts)
    assert fill(text, ["Ann"]) == "Your visit\n\nHello Ann\n\nBright Smile"
    assert (text.buttons, text.cannot) == (["Confirm"], None)


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [{"type": "HEADER", "format": "LOCATION"}, *body("Hi")],
        [*body("Hi"), {"type": "CAROUSEL", "cards": []}],
        [*body("{{1}}"), {"type": "BUTTONS", "buttons": [{"type": "OTP", "text": "Copy"}]}],
    ],
)
def test_what_wants_more_than_words_cannot_be_sent_by_hand(parts):
    assert read_components(parts).cannot


def test_headings_and_links_have_blanks_of_their_own():
    url = {"type": "URL", "text": "Pay", "url": "https://x.example/pay?id={{1}}", "example": ["abc"]}
    text = read_components(
        [
            {"type": "HEADER", "format": "TEXT", "text": "For {{1}}", "example": {"header_text": ["Friday"]}},
            *body("Hi {{1}}", example={"body_text": [["Ann"]]}),
            {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Yes"}, url]},
        ]
    )
    assert [(one.place, one.name, one.example, one.at) for one in text.blanks] == [
        ("body", "1", "Ann", 0),
        ("header", "1", "Friday", 0),
        ("button", "1", "abc", 1),
    ]
    assert text.cannot is None
    assert fill(text, ["Tom", "Monday", "77"]) == "For Monday\n\nHi Tom"
    assert pieces(text) == [("For ", None), ("", 1), ("\n\n", None), ("Hi ", None), ("", 0)]
    link = text.blanks[2]
    assert link_problem(link, "77&x=%20") is None
    for wrong in ("a b", "ä", "x" * 3000):
        assert link_problem(link, wrong)
    loose = Blank("1", "", "button", 0, "https://x.example{{1}}")
    for wrong in (".evil.test", "@evil.test/", ":81/"):
        assert link_problem(loose, wrong), wrong
    assert link_problem(loose, "/pay") is None


def test_a_picture_above_the_text_is_to_be_chosen():
    text = read_components([{"type": "HEADER", "format": "IMAGE"}, *body("Hi")])
    assert (text.file, text.cannot) == ("image", None)
    assert address_problem("https://files.example.com/a.png") is None
    for wrong in ("", "http://x.example/a", "https://x", "javascript:alert(1)", "https://x.example/a b", "https://[x"):
        assert address_problem(wrong), wrong


@pytest.mark.parametrize("value", ["", "  ", "a\nb", "a\tb", "a    b", "a\x07", "\u2028"])
def test_values_that_whatsapp_refuses(value):
    assert value_problem(value)
    assert value_problem("Friday at 3 pm   ok") is None


def test_first_name_and_clinic_are_suggested():
    text = read_components(
        body("Hello {{1}}, your visit at {{2}} is on {{3}}.", example={"body_text": [["Ann", "Good Dental", "Friday"]]})
    )
    assert [suggest(text, blank, "Tom", "Bright") for blank in text.blanks] == ["Tom", "Bright", ""]
    named = read_components(body("{{clinic_name}} thanks {{first_name}}"))
    assert [suggest(named, blank, "Tom", "Bright") for blank in named.blanks] == ["Bright", "Tom"]
