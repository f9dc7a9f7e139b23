"""Red flags: what cannot wait is marked; ordinary talk is not."""

from __future__ import annotations

import pytest

from app.inbox.red_flags import LONGEST, find_red_flag

URGENT = [
    "I can't breathe well since the extraction",
    "my cheek is really swollen and hot",
    "the bleeding won't stop",
    "still bleeding after 5 hours",
    "knocked his front tooth out, what do we do",
    "the pain is unbearable",
    "I'm in so much pain please call",
    "this is an emergency",
    "I will talk to my lawyer",
    "I want to die",
    "took all the pain pills",
    "Tengo un dolor insoportable",
    "no para de sangrar",
    "tengo la cara muy hinchada",
    "bahut dard ho raha hai",
    "mera muh suj gaya hai",
    "बहुत दर्द हो रहा है",
    "I CAN\u2019T SWALLOW",
    "jaw is locked open",
]
CALM = [
    "Can I move my cleaning to Friday?",
    "no pain at all, thank you!",
    "the swelling is gone, thanks",
    "How much is whitening?",
    "Do you take Cigna?",
    "it's not an emergency, just a question",
    "Gracias, nos vemos el lunes",
    "kal ka appointment confirm hai?",
    "I was in pain about the bill, just kidding",
    "You stopped by yesterday?",
    "My emergency contact changed",
    "",
    "👍",
]


@pytest.mark.parametrize("text", URGENT)
def test_what_cannot_wait_is_marked_with_words(text):
    assert find_red_flag(text)


@pytest.mark.parametrize("text", CALM)
def test_ordinary_talk_is_not(text):
    assert find_red_flag(text) is None


def test_a_long_text_costs_little():
    assert find_red_flag("word " * 50_000) is None
    assert find_red_flag("x" * LONGEST + " emergency") is None
