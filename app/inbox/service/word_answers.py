"""Answers to STOP, START and HELP, where the provider gives none: one fixed text for each, and never a second one.

They are messages like all others: a row first, with its decision, sent by the claim. The answer to a stop is the only
message that passes the claim's question for an opt-out, and only while the stop it confirms still holds.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from uuid import uuid5

import msgspec

from app.channels.service import load_channel
from app.clinics.service import get_clinic
from app.contacts.service import get_contact
from app.events.service import Work, unit_of_work
from app.inbox import queries
from app.inbox.service.consent import is_blocked, why_not
from app.inbox.service.deciding import Reason
from app.inbox.service.writing import put_message, record_new
from app.kit import clock
from app.kit.errors import Unavailable
from app.kit.format import phone as phone_words
from app.kit.principal import system

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

    from app.channels.service import ConnectedChannel
    from app.clinics.schemas import ClinicView

AUTHOR = "Automatic answer"
HELP_EVERY = dt.timedelta(days=1)

KINDS = {"stop": "opt_out", "start": "opt_in", "help": "help"}
"""The word -> the kind of the decision to answer it."""
RULES = {
    "stop": "They wrote a word that stops messages. One confirmation of it is sent, and nothing after it",
    "start": "They wrote a word that allows messages again. It is confirmed once",
    "help": "They asked for help. Once a day they are told how to reach the clinic",
}
TEXTS = {
    "en": {
        "stop": "{clinic}: You will get no more messages from us at this number. To get them again, reply START. "
        "Questions? Call {phone}.",
        "start": "{clinic}: You will get our messages at this number again. To stop them, reply STOP. "
        "Questions? Call {phone}.",
        "help": "{clinic}: For help, call {phone}. To stop our messages, reply STOP.",
    },
    "es": {
        "stop": "{clinic}: No recibirá más mensajes nuestros en este número. Para recibirlos otra vez, responda ALTA. "
        "¿Preguntas? Llame al {phone}.",
        "start": "{clinic}: Volverá a recibir nuestros mensajes en este número. Para no recibirlos, responda BAJA. "
        "¿Preguntas? Llame al {phone}.",
        "help": "{clinic}: Para recibir ayuda, llame al {phone}. Para no recibir más mensajes, responda BAJA.",
    },
    "fr": {
        "stop": "{clinic} : vous ne recevrez plus nos messages à ce numéro. Pour les recevoir à nouveau, répondez "
        "REPRENDRE. Une question ? Appelez le {phone}.",
        "start": "{clinic} : vous recevrez à nouveau nos messages à ce numéro. Pour les arrêter, répondez ARRET. "
        "Une question ? Appelez le {phone}.",
        "help": "{clinic} : pour obtenir de l'aide, appelez le {phone}. Pour arrêter nos messages, répondez ARRET.",
    },
}


def words_of(word: str, language: str, clinic: ClinicView, our_number: str) -> str:
    """Return the answer in the language of the word; a clinic's own words are answered in the clinic's language."""
    texts = TEXTS.get(language or clinic.locale[:2], TEXTS["en"])
    return texts[word].format(clinic=clinic.name, phone=phone_words(clinic.phone or our_number, clinic.country))


async def answer_word(clinic_id: UUID, channel_id: UUID, heard: str, word: str, language: str) -> None:
    """Answer the word that came with the provider's message ``heard``. Safe to run twice. Locks the thread.

    Raises ``Unavailable`` while that message is not stored yet: the word is acted on before.
    """
    channel = await load_channel(channel_id)
    async with unit_of_work(clinic_id, system(clinic_id, AUTHOR)) as work:
        heard_id = await queries.find_provider_id(clinic_id, channel_id, heard)
        if heard_id is None:
            raise Unavailable("The message with this word is not stored yet.")
        message = await queries.lock_message(clinic_id, heard_id)
        client_id = uuid5(heard_id, "answer")
        if await queries.find_by_client_id(clinic_id, client_id):
            return
        if not await _fits(work, channel.kind, message, word):
            return
        await _write(work, channel, message, word, language, client_id)


async def _fits(work: Work, kind: str, heard: asyncpg.Record, word: str) -> bool:
    """Say whether the answer is still right: they may have changed their mind meanwhile."""
    address = heard["to_address"]
    if await is_blocked(work.clinic_id, heard["thread_id"]):
        return False
    if (await why_not(work.clinic_id, kind, address) is not None) != (word == "stop"):
        return False
    if word != "help":
        return True
    return not await work.connection.fetchval(
        "select 1 from decision where clinic_id = $1 and decided_at > $2 and kind = $3 and channel = $4 "
        "and to_address = $5 limit 1",
        work.clinic_id,
        clock.now() - HELP_EVERY,
        KINDS["help"],
        kind,
        address,
    )


async def _write(  # noqa: PLR0917 - what one answer is made of
    work: Work, channel: ConnectedChannel, heard: asyncpg.Record, word: str, language: str, client_id: UUID
) -> None:
    clinic_id, thread_id = work.clinic_id, heard["thread_id"]
    clinic = await get_clinic(clinic_id)
    thread = await queries.lock_thread(clinic_id, thread_id)
    contact = await get_contact(clinic_id, thread["contact_id"])
    # By the way the word came and to where it came from, whatever else is known of this person.
    message_id = await put_message(
        work,
        thread,
        contact,
        clinic,
        way=channel,
        to_address=heard["to_address"],
        body=words_of(word, language, clinic, channel.address),
        reason=Reason(KINDS[word], RULES[word]),
        at=clock.now(),
        client_id=client_id,
    )
    await record_new(work, message_id, thread_id, contact=msgspec.to_builtins(contact))
