"""STOP, START and HELP are answered once where the provider does not: as a real message, through the claim (R8)."""

import asyncio
from uuid import uuid4

import pytest

from app.channels.opt_out import HELP, START, STOP, language_of, opt_out_word
from app.inbox.service.word_answers import TEXTS
from tests.support.clinic import ACCOUNT_SID

PATIENT = "+12025550163"
OURS = {"answered_by_provider": False}
LEFT = {"sent", "delivered", "read"}


async def messages(clinic):
    [thread] = (await clinic.owner.get(clinic.at("threads?view=all"))).json()["items"]
    return thread, (await clinic.owner.get(clinic.at(f"threads/{thread['id']}/messages"))).json()["items"][::-1]


async def answers(clinic, count):
    """Wait until that many answers have left, and return them."""
    found = []
    for _ in range(400):
        _, all_ = await messages(clinic)
        found = [one for one in all_ if one["author"]["name"] == "Automatic answer"]
        if len(found) >= count and all(one["status"] in LEFT for one in found):
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(found)


async def jobs_are_done(clinic):
    left = "select 1 from job where clinic_id = %s and type = 'word_answer' and status <> 'completed'"
    async with asyncio.timeout(40):
        while True:
            if not clinic.product.sql(left, str(clinic.id)):
                return
            await asyncio.sleep(0.1)


async def decision(clinic, message):
    return (await clinic.owner.get(clinic.at(f"messages/{message['id']}/decision"))).json()


def test_every_word_has_a_language_and_that_an_answer():
    for word in (*STOP, *START, *HELP):
        assert TEXTS[language_of(word)][opt_out_word(word)].format(clinic="A", phone="1")


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("word", ["stop", "start"])
def test_the_word_that_an_answer_names_does_what_it_says(language, word):
    named = [one.strip(".,") for one in TEXTS[language][word].split() if one.strip(".,").isupper() and len(one) > 3]
    assert [opt_out_word(one) for one in named] == ["start" if word == "stop" else "stop"]


async def test_whatsapp_is_answered_in_the_language_of_the_word_once_each(clinic):
    """Nobody else answers for WhatsApp; the confirmation of a stop is the only thing that passes it, at any hour."""
    quiet = {"quiet_from": "00:00", "quiet_to": "23:59", "phone": "(202) 555-0188"}
    assert (await clinic.owner.patch(clinic.at("clinic"), json=quiet)).json()["phone"] == "+12025550188"
    channel = await clinic.channel(kind="whatsapp")

    async def write(body, **more):
        form = {"MessageSid": f"SM{uuid4().hex}", "AccountSid": ACCOUNT_SID, "NumMedia": "0", "Body": body, **more}
        answer = await channel.deliver({**form, "From": f"whatsapp:{PATIENT}", "To": f"whatsapp:{channel.address}"})
        assert answer.status_code == 200

    await write("Ayuda")
    [helped] = await answers(clinic, 1)
    assert helped["body"] == TEXTS["es"]["help"].format(clinic="Bright Smiles", phone="(202) 555-0188")
    assert (await decision(clinic, helped))["kind"] == "help"
    await write("HELP")  # within a day of the first: not answered
    await write("Arrêt")
    stopped = (await answers(clinic, 2))[1]
    assert stopped["body"] == TEXTS["fr"]["stop"].format(clinic="Bright Smiles", phone="(202) 555-0188")
    why = await decision(clinic, stopped)
    assert (why["kind"], why["is_opted_out"], why["consent_source"]) == ("opt_out", True, "keyword")
    assert "an answer to their own word may always go" in why["quiet_hours"]
    await write("STOP")  # they have stopped already
    await write("help")  # and then nothing else may go
    await jobs_are_done(clinic)
    thread, all_ = await messages(clinic)
    assert thread["waiting_since"]  # what the desk should see stays to do
    refused = await clinic.owner.post(
        clinic.at(f"threads/{thread['id']}/messages"), json={"body": "Hello", "anyway": True}
    )
    assert refused.json()["code"] == "opted_out"
    await write("start")
    started = (await answers(clinic, 3))[2]
    assert started["body"].startswith("Bright Smiles: You will get our messages at this number again.")
    assert [one["body"] for one in all_ if one["direction"] == "in"] == ["Ayuda", "HELP", "Arrêt", "STOP", "help"]
    sent = clinic.product.sql("select count(*) from message where clinic_id = %s and direction = 'out'", str(clinic.id))
    assert sent == [(3,)]


async def test_what_the_provider_answers_is_not_doubled(clinic):
    """Twilio answers texts unless that is off; where it says that it answered, the setting does not matter."""
    assert (await clinic.channel()).id
    [view] = (await clinic.owner.get(clinic.at("channels"))).json()["items"]
    assert view["settings"] == {"answered_by_provider": True}
    channel = await clinic.channel(address=None)
    await channel.text(PATIENT, "HELP")
    form = {"From": PATIENT, "To": channel.address, "NumMedia": "0", "AccountSid": ACCOUNT_SID}
    changed = await clinic.owner.patch(clinic.at(f"channels/{channel.id}"), json={"settings": OURS})
    assert changed.json()["settings"] == OURS
    page = await clinic.owner.get("/settings/channels", headers={"accept": "text/html"})
    assert "STOP, START and HELP: Orasync answers" in page.text
    assert "STOP, START and HELP: Twilio answers" in page.text
    for word in ("STOP", "START", "HELP"):
        answer = await channel.deliver({**form, "MessageSid": f"SM{word}", "Body": word, "OptOutType": word})
        assert answer.status_code == 200
    rows = clinic.product.sql("select 1 from job where clinic_id = %s and type = 'word_answer'", str(clinic.id))
    assert rows == []
    await channel.text(PATIENT, "baja", sid="SM-baja")
    await channel.text(PATIENT, "baja", sid="SM-baja")  # delivered twice
    [told] = await answers(clinic, 1)
    assert "responda ALTA" in told["body"]
    saved = await clinic.owner.post(f"/settings/channels/{channel.id}/words", data={"answered_by": "provider"})
    assert saved.status_code == 303
    [_, view] = (await clinic.owner.get(clinic.at("channels"))).json()["items"]
    assert view["settings"] == {"answered_by_provider": True}
    wrong = await clinic.owner.patch(
        clinic.at(f"channels/{channel.id}"), json={"settings": {"answered_by_provider": "no"}}
    )
    assert wrong.status_code == 422
    assert (await clinic.owner.patch(clinic.at("clinic"), json={"phone": "12"})).status_code == 422
