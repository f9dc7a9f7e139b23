"""Words that stop messages: the law's in three languages, and a clinic's own; only as a whole message (A12)."""

import asyncio
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channels.opt_out import START, STOP, opt_out_word, own_word, own_words

PATIENT = "+12025550111"
ORDINARY = st.sampled_from(
    ["we", "must", "this", "please", "my", "tooth", "on Friday", "the pain", "doctor", "hoy", "demain"]
)


@given(st.sampled_from([*STOP, *START]), ORDINARY, st.booleans())
def test_inside_a_sentence_it_is_no_word(word, more, first):
    text = f"{word} {more}" if first else f"{more} {word}"
    assert opt_out_word(text) is None


@given(
    st.sampled_from(STOP),
    st.sampled_from([str.upper, str.title, str.lower]),
    st.sampled_from(["", " ", ".", "!", "\n"]),
)
def test_alone_it_counts_however_it_is_written(word, case, around):
    assert opt_out_word(around + case(word) + around) == "stop"


@pytest.mark.parametrize("text", ["ＳＴＯＰ", "Arrêt", "STOP.", "  stop  ", '"Stop"'])
def test_alphabets_and_accents(text):
    assert opt_out_word(text) == "stop"


def test_a_clinics_word_cannot_change_the_laws():
    words = own_words({"start": ["stop", "Los geht's"], "stop": ["Schluss", "  "], "help": []})
    assert words == {"los geht's": "start", "schluss": "stop"}
    assert own_word(" SCHLUSS! ", words) == "stop"
    assert own_word("Wann ist Schluss?", words) is None


async def until_consent(clinic, contact_id, channel, granted):
    async with asyncio.timeout(20):
        while True:
            told = (await clinic.owner.get(clinic.at(f"contacts/{contact_id}"))).json()["consents"]
            if any(one["channel"] == channel and one["granted"] is granted for one in told):
                return
            await asyncio.sleep(0.05)


async def test_a_clinics_own_word_stops_and_starts(clinic):
    own = {"stop": ["Schluss"], "start": ["Weiter"]}
    changed = await clinic.owner.patch(clinic.at("clinic"), json={"opt_out_words": own})
    assert changed.status_code == 200, changed.text
    assert changed.json()["opt_out_words"] == own
    channel = await clinic.channel()
    for text in ("Hello", "Wann ist Schluss?"):
        assert (await channel.text(PATIENT, text)).status_code == 200
    [thread] = (await clinic.owner.get(clinic.at("threads"))).json()["items"]
    assert thread["opted_out"] == []
    assert (await channel.text(PATIENT, "SCHLUSS")).status_code == 200
    await until_consent(clinic, thread["contact"]["id"], "sms", granted=False)
    refused = await clinic.owner.post(
        clinic.at(f"threads/{thread['id']}/messages"), json={"body": "Hi", "anyway": True, "client_id": str(uuid4())}
    )
    assert refused.status_code == 409
    assert refused.json()["code"] == "opted_out"
    assert (await channel.text(PATIENT, "weiter")).status_code == 200
    await until_consent(clinic, thread["contact"]["id"], "sms", granted=True)


@pytest.mark.parametrize(
    "words", [{"stop": [""]}, {"stop": ["x" * 41]}, {"stop": ["x"] * 21}, {"other": ["x"]}, {"stop": "x"}, ["stop"]]
)
async def test_words_that_cannot_be_used(clinic, words):
    refused = await clinic.owner.patch(clinic.at("clinic"), json={"opt_out_words": words})
    assert refused.status_code == 422


@pytest.mark.parametrize("time", ["25:00", "8", "08:60", "", None])
async def test_times_that_cannot_be_used(clinic, time):
    refused = await clinic.owner.patch(clinic.at("clinic"), json={"quiet_from": time})
    assert refused.status_code == 422
