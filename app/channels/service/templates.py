"""Texts that WhatsApp has approved: fetched from the provider, kept as last seen there, filled for one message."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import msgspec
import structlog

from app.channels.adapters.whatsapp_cloud import media_kind
from app.channels.adapters.whatsapp_templates import FAILED, LISTERS, Listed, ListRefused, word
from app.channels.errors import ListUnavailable, TemplateNotSendable
from app.channels.schemas import BlankView, TemplateChoice, TemplatePage, TemplateView
from app.channels.service.loading import ConnectedChannel, load_channel
from app.channels.template_text import (
    LONGEST,
    PRACTICE,
    TemplateText,
    address_problem,
    fill,
    link_problem,
    read_components,
    value_problem,
)
from app.config import settings
from app.events.service import Work, unit_of_work
from app.kit import clock, database
from app.kit.errors import FieldError, Invalid, NotFound, OrasyncError, TooMany
from app.kit.ids import new_id
from app.kit.principal import system

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

    from app.channels.adapters.base import TemplateReport
    from app.kit.principal import Principal

log = structlog.get_logger()

FILE_WORDS = {"image": "a picture", "video": "a film", "document": "a document"}
LANGUAGE = "en"
APPROVED = "APPROVED"
FETCHES_PER_MINUTE, FETCHES_AT_ONCE = 1, 3
_GONE = {"DELETED", "PENDING_DELETION"}
_UNCHANGED = {"FLAGGED", "UNFLAGGED"}
"""Meta's warnings: the text can still be sent."""
_CANNOT = {
    "PENDING": "WhatsApp has not approved it yet.",
    "REJECTED": "WhatsApp did not approve it.",
    "PAUSED": "WhatsApp has paused it, because patients did not like getting it.",
    "DISABLED": "WhatsApp has switched it off.",
}
_UPSERT = """insert into message_template as t (id, clinic_id, channel_id, name, language, category, status, components,
  synced_at) values ($1, $2, $3, $4, $5, $6, $7, $8::json, $9)
on conflict (clinic_id, channel_id, name, language) do update set category = excluded.category,
  status = excluded.status, components = excluded.components, synced_at = excluded.synced_at
where t.synced_at <= excluded.synced_at"""
_DELETE = "delete from message_template where clinic_id = $1 and channel_id = $2 and name = $3 and language = $4"
_MOVE = """update message_template set status = $5, synced_at = greatest(synced_at, $6)
where clinic_id = $1 and channel_id = $2 and name = $3 and language = $4 returning true"""


def is_listed(channel: ConnectedChannel) -> bool:
    """Say whether approved texts of this channel can be known: a practice run's are made up."""
    return channel.kind == "whatsapp" and (channel.mode == "simulated" or channel.provider in LISTERS)


async def list_templates(clinic_id: UUID, channel_id: UUID) -> TemplatePage:
    """Return the channel's texts by name, those that can be sent first. Raises ``NotFound``."""
    channel = await _whatsapp(clinic_id, channel_id)
    items, synced_at = [], None
    for name, language, category, status, components, at in await _rows(channel):
        text = read_components(components)
        synced_at = max(filter(None, (synced_at, at)), default=None)
        items.append(
            TemplateView(
                name=name,
                language=language,
                category=category,
                status=status,
                text=text.whole,
                blanks=[BlankView(one.name, one.example, one.place, one.around) for one in text.blanks],
                buttons=text.buttons,
                cannot=_why_not(channel, status, text),
                file=text.file,
            )
        )
    return TemplatePage(sorted(items, key=lambda one: (one.cannot is not None, one.name, one.language)), synced_at)


async def list_all_templates(clinic_id: UUID) -> dict[UUID, TemplatePage]:
    """Return the texts of each of the clinic's WhatsApp numbers whose provider lists them."""
    async with database.reading(clinic_id) as connection:
        rows = await connection.fetch(
            "select id from channel where clinic_id = $1 and kind = 'whatsapp' and removed_at is null", clinic_id
        )
        return {
            row["id"]: await list_templates(clinic_id, row["id"])
            for row in rows
            if is_listed(await load_channel(row["id"]))
        }


async def find_texts(channel: ConnectedChannel) -> list[tuple[str, str, TemplateText]]:
    """Return name, language and text of what can be sent by this channel now."""
    found = []
    for name, language, _, status, components, _ in await _rows(channel):
        text = read_components(components)
        if _why_not(channel, status, text) is None:
            found.append((name, language, text))
    return sorted(found, key=lambda one: one[:2])


async def fill_template(
    channel: ConnectedChannel, choice: TemplateChoice, file_type: str | None = None
) -> tuple[str, dict[str, Any]]:
    """Return what the patient reads, and what the adapter sends. Raises ``TemplateNotSendable``, ``Invalid``.

    ``file_type`` is that of the one file which goes along, if any.
    """
    known = {(name, language): (status, parts) for name, language, _, status, parts, _ in await _rows(channel)}
    if (choice.name, choice.language) not in known:
        raise TemplateNotSendable.field("template", "This message is not among those WhatsApp has approved.")
    status, components = known[choice.name, choice.language]
    text = read_components(components)
    cannot = _why_not(channel, status, text)
    if cannot is not None:
        raise TemplateNotSendable.field("template", cannot)
    if len(choice.values) != len(text.blanks):
        blanks = "1 blank" if len(text.blanks) == 1 else f"{len(text.blanks)} blanks"
        raise Invalid.field("template.values", f"This message has {blanks} to fill in.")
    problems: list[FieldError] = [
        {"key": f"template.values.{at}", "message": problem}
        for at, (blank, value) in enumerate(zip(text.blanks, choice.values, strict=True))
        if (problem := value_problem(value) or (link_problem(blank, value) if blank.is_link else None))
    ]
    if problems:
        raise Invalid(problems[0]["message"], errors=tuple(problems))
    _check_file(text, choice.link, file_type)
    values = [value.strip() for value in choice.values]
    body = fill(text, values)
    if len(body) > LONGEST:
        raise Invalid.field("template.values", "Filled in like this the message is too long for WhatsApp.")
    return body, {"name": choice.name, "language": choice.language, **_filled(text, values, choice.link)}


def _check_file(text: TemplateText, link: str, file_type: str | None) -> None:
    """Raise where the picture or file above the text is missing, not wanted, or of another kind."""
    if not text.file:
        if link or file_type is not None:
            raise Invalid.field("attachments", "This approved message has no place for a file.")
        return
    word = FILE_WORDS[text.file]
    if link and file_type is not None:
        raise Invalid.field("attachments", "Choose a file or give an address, not both.")
    if file_type is not None and media_kind(file_type) != text.file:
        raise Invalid.field("attachments", f"This approved message wants {word}.")
    if file_type is None and not link:
        raise Invalid.field("attachments", f"This approved message wants {word}. Choose it first.")
    if link and (problem := address_problem(link)):
        raise Invalid.field("template.link", problem)


def _filled(text: TemplateText, values: list[str], link: str) -> dict[str, Any]:
    """Return what the adapters need: the values by place, and what goes above them."""
    given = list(zip(text.blanks, values, strict=True))
    if text.content_sid:
        return {"values": {blank.name: value for blank, value in given}, "content_sid": text.content_sid}
    in_body = [(blank.name, value) for blank, value in given if blank.place == "body"]
    is_named = any(not name.isdecimal() for name, _ in in_body)
    told: dict[str, Any] = {"values": dict(in_body) if is_named else [value for _, value in in_body]}
    if header := {blank.name: value for blank, value in given if blank.place == "header"}:
        told["header"] = header
    if buttons := [[blank.at, value] for blank, value in given if blank.place == "button"]:
        told["buttons"] = buttons
    if text.file:
        told["file"] = text.file
    if link:
        told["link"] = link
    return told


async def sync_templates(principal: Principal, channel_id: UUID) -> TemplatePage:
    """Fetch the provider's list and keep it; what is gone there goes here. Raises ``ListUnavailable``, ``TooMany``.

    A report that comes while the list is on its way is newer than the list, and stays.
    """
    channel = await _whatsapp(principal.clinic_id, channel_id)
    if principal.type != "system" and settings().rate_limits:
        wait = await database.fetchval(
            "select rate_take($1, $2, $3)", f"templates:{channel.id}", FETCHES_PER_MINUTE / 60, FETCHES_AT_ONCE
        )
        if wait > 0:
            raise TooMany("They were fetched a moment ago. Try again in a minute.", retry_after=wait)
    started = clock.now()
    listed = await _fetch(channel)
    async with unit_of_work(channel.clinic_id, principal) as work:
        await _keep(work, channel.id, listed, started)
        if principal.type != "system":
            work.audit("channel.templates_fetched", "channel", channel.id, mode=channel.mode, count=len(listed))
    return await list_templates(channel.clinic_id, channel.id)


async def sync_all() -> None:
    """Fetch the lists of every live WhatsApp number; one that does not answer is asked at the next round."""
    for provider in LISTERS:
        for row in await database.fetch("select clinic_id, id from channels_of($1)", provider):
            try:
                await sync_templates(system(row["clinic_id"]), row["id"])
            except NotFound:
                continue  # a number for texts, which has no such list
            except OrasyncError as error:
                log.warning("templates.not_fetched", channel=str(row["id"]), code=error.code)


async def note_template(channel: ConnectedChannel, report: TemplateReport) -> None:
    """Keep what the provider says about one text. One that we do not know yet is fetched, with its words."""
    status = word(report.status)
    if status in _UNCHANGED or not is_listed(channel):
        return
    status = APPROVED if status == "REINSTATED" else status
    async with unit_of_work(channel.clinic_id, system(channel.clinic_id)) as work:
        if channel.mode == "simulated":
            await _keep_practice(work, channel.id)
        place = (channel.clinic_id, channel.id, report.name, report.language)
        if status in _GONE:
            await work.connection.execute(_DELETE, *place)
            known = True
        else:
            known = await work.connection.fetchval(_MOVE, *place, status, clock.now())
        if not known and channel.mode == "live":
            work.enqueue("template_sync", channel_id=channel.id)
        # Texts belong to the clinic's account, not to one of its numbers: the others are asked for theirs.
        for other in await work.connection.fetch(
            "select id from channel where clinic_id = $1 and provider = $2 and id <> $3 and mode = 'live' "
            "and removed_at is null",
            channel.clinic_id,
            channel.provider,
            channel.id,
        ):
            work.enqueue("template_sync", channel_id=other["id"])


# -- rows


async def _whatsapp(clinic_id: UUID, channel_id: UUID) -> ConnectedChannel:
    async with database.reading(clinic_id) as connection:
        known = await connection.fetchval(
            "select 1 from channel where clinic_id = $1 and id = $2 and kind = 'whatsapp' and removed_at is null",
            clinic_id,
            channel_id,
        )
    if not known:
        raise NotFound("No WhatsApp number has this address.")
    return await load_channel(channel_id)


_Row = tuple[str, str, str, str, list[dict[str, Any]], dt.datetime | None]


async def _rows(channel: ConnectedChannel) -> list[_Row]:
    if not is_listed(channel):
        return []
    async with database.reading(channel.clinic_id) as connection:
        rows = await connection.fetch(
            "select name, language, category, status, components, synced_at from message_template "
            "where clinic_id = $1 and channel_id = $2",
            channel.clinic_id,
            channel.id,
        )
    if not rows and channel.mode == "simulated":
        return [(name, LANGUAGE, category, APPROVED, parts, None) for name, category, parts in PRACTICE]
    return [_row(row) for row in rows]


def _row(row: asyncpg.Record) -> _Row:
    components = msgspec.json.decode(row["components"], type=list[dict[str, Any]])
    return row["name"], row["language"], row["category"], row["status"], components, row["synced_at"]


def _why_not(channel: ConnectedChannel, status: str, text: TemplateText) -> str | None:
    wants_more = bool(text.file) or any(blank.place != "body" for blank in text.blanks)
    if channel.provider == "gallabox" and wants_more:
        return "It has a file, or a blank outside of its words, which Gallabox does not let us fill in."
    return text.cannot if status == APPROVED else _CANNOT.get(status, "WhatsApp does not send it at the moment.")


async def _fetch(channel: ConnectedChannel) -> list[Listed]:
    if channel.mode == "simulated":
        return [Listed(name, LANGUAGE, category, APPROVED, parts) for name, category, parts in PRACTICE]
    lister = LISTERS.get(channel.provider)
    if lister is None:
        raise ListUnavailable("This provider does not say which messages are approved.", is_final=True)
    try:
        return await lister(channel.connection)
    except ListRefused as error:
        raise ListUnavailable(str(error), is_final=True) from error
    except (*FAILED, KeyError, TypeError, AttributeError) as error:
        # Also an answer in another shape than the documented one.
        log.warning("templates.no_answer", channel=str(channel.id), error=type(error).__name__)
        raise ListUnavailable("WhatsApp's provider did not answer as expected. Nothing was changed.") from error


async def _keep(work: Work, channel_id: UUID, listed: list[Listed], at: dt.datetime) -> None:
    await work.connection.execute(
        "select 1 from channel where clinic_id = $1 and id = $2 for no key update", work.clinic_id, channel_id
    )
    for one in listed:
        await work.connection.execute(
            _UPSERT,
            new_id(),
            work.clinic_id,
            channel_id,
            one.name.replace("\x00", ""),
            one.language.replace("\x00", ""),
            one.category.replace("\x00", ""),
            one.status.replace("\x00", ""),
            msgspec.json.encode(one.components).decode().replace("\\u0000", ""),
            at,
        )
    await work.connection.execute(
        "delete from message_template where clinic_id = $1 and channel_id = $2 and synced_at < $3",
        work.clinic_id,
        channel_id,
        at,
    )


async def _keep_practice(work: Work, channel_id: UUID) -> None:
    """A practice run's texts become rows when something is said about one of them."""
    known = await work.connection.fetchval(
        "select exists (select 1 from message_template where clinic_id = $1 and channel_id = $2)",
        work.clinic_id,
        channel_id,
    )
    if not known:
        listed = [Listed(name, LANGUAGE, category, APPROVED, parts) for name, category, parts in PRACTICE]
        await _keep(work, channel_id, listed, clock.now())
