"""What the assistant knows: the clinic's own facts and the answers it was asked to remember; nothing else.

Each change has the worker read the fact again, so that ``finding`` finds it by what it means.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET

from app.ai.errors import TooManyFacts
from app.ai.knowledge_schemas import FactChange, FactDraft, Facts, FactView
from app.ai.masking import PLACEHOLDER, Mask
from app.clinics.events import SettingsChanged
from app.events.service import unit_of_work
from app.inbox.service import get_message, get_thread, list_thread_messages
from app.kit import database
from app.kit.errors import Invalid, NotFound
from app.kit.format import clock_in
from app.kit.ids import new_id

if TYPE_CHECKING:
    from uuid import UUID

    from app.ai.adapters.reply_texts import Language
    from app.clinics.schemas import ClinicView
    from app.inbox.schemas import MessageView
    from app.kit.principal import Principal

MOST_FACTS = 500
"""Of a clinic: all are looked through for each question, exactly and without an index."""
_COLUMNS = "id, kind, title, body, source_id, created_by_name as created_by, created_at, updated_at"

_ANY_CASE = re.IGNORECASE
_HOURS = re.compile(
    r"\b(?:(?:opening|office|business|working|clinic|your|the|what) hours|hours\s*\?|"
    r"(?:when|what time|how late|how early)\b[^.?!]{0,40}\b(?:open|close)|(?:are|do) you (?:still )?open|horarios?|"
    r"(?:cu[aá]ndo|a qu[eé] hora)\b[^.?!]{0,30}"
    r"\b(?:abren|cierran)|est[aá]n abiertos|kab\b[^.?!]{0,30}\b(?:khul|band))",
    _ANY_CASE,
)
_HOLIDAY = re.compile(
    r"\b(?:holidays?|christmas|xmas|new year|thanksgiving|easter|labor day|memorial day|july 4|4th of july|festivos?|"
    r"navidad|semana santa|diwali|holi|eid)\b",
    _ANY_CASE,
)
_LOCALES: dict[str, str] = {"en": "en_US", "es": "es", "hi": "en_IN"}
_DAYS: dict[str, tuple[str, ...]] = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "es": ("lun", "mar", "mié", "jue", "vie", "sáb", "dom"),
    "hi": ("Somvaar", "Mangalvaar", "Budhvaar", "Guruvaar", "Shukravaar", "Shanivaar", "Ravivaar"),
}
_OPEN: dict[str, str] = {
    "en": "We are open {week}.",
    "es": "Abrimos {week}.",
    "hi": "Hum {week} khule rehte hain.",
}
_GREETING = re.compile(
    r"^\s*(?:hi|hello|hey|dear|hola|estimad[oa]s?|namaste|good (?:morning|evening))\b[^,:!.\n]{0,40}[,:!.]+\s*",
    _ANY_CASE,
)


def asks_for_hours(question: str) -> bool:
    """Say whether the usual week answers it; of holidays it says nothing."""
    return bool(_HOURS.search(question)) and not _HOLIDAY.search(question)


def opening_hours(clinic: ClinicView, language: Language) -> str:
    """Return the clinic's week in words."""
    zone = {"locale": clinic.locale if language == "en" else _LOCALES[language], "timezone": clinic.timezone}
    lines: list[tuple[list[int], str]] = []
    for day in range(1, 8):
        blocks = clinic.hours.get(str(day)) or []
        told = " & ".join("–".join(_clock(one, zone) for one in block) for block in blocks)
        if told and lines and lines[-1][1] == told and lines[-1][0][-1] == day - 1:
            lines[-1][0].append(day)
        elif told:
            lines.append(([day], told))
    names = _DAYS[language]
    days = [names[one[0] - 1] + (f"–{names[one[-1] - 1]}" if len(one) > 1 else "") for one, _ in lines]
    week = ", ".join(f"{day} {told}" for day, (_, told) in zip(days, lines, strict=True))
    return _OPEN[language].format(week=week)


def _clock(text: str, zone: dict[str, str]) -> str:
    return clock_in(
        dt.datetime.combine(dt.date(2026, 1, 5), dt.time.fromisoformat(text), ZoneInfo(zone["timezone"])), zone
    )


async def list_facts(clinic_id: UUID) -> Facts:
    """Return all the assistant knows of a clinic."""
    async with database.reading(clinic_id) as connection:
        rows = await connection.fetch(
            f"select {_COLUMNS} from clinic_fact where clinic_id = $1 order by kind, lower(title), id",  # noqa: S608
            clinic_id,
        )
    return Facts([_view(row) for row in rows])


def _view(row: Any) -> FactView:
    return msgspec.convert(dict(row), FactView)


async def add_fact(principal: Principal, draft: FactDraft) -> FactView:
    """Tell the assistant something. Raises ``TooManyFacts``."""
    return await _insert(principal, draft.kind, draft.title.strip(), draft.body.strip())


async def _insert(principal: Principal, kind: str, title: str, body: str, source_id: UUID | None = None) -> FactView:
    clinic_id = principal.clinic_id
    async with unit_of_work(clinic_id, principal) as work:
        await work.connection.execute("select pg_advisory_xact_lock(hashtextextended($1, 13))", f"facts:{clinic_id}")
        if source_id is not None:
            known = await work.connection.fetchrow(
                f"select {_COLUMNS} from clinic_fact where clinic_id = $1 and source_id = $2",  # noqa: S608
                clinic_id,
                source_id,
            )
            if known is not None:
                return _view(known)
        count = await work.connection.fetchval("select count(*) from clinic_fact where clinic_id = $1", clinic_id)
        if count >= MOST_FACTS:
            raise TooManyFacts(f"The assistant knows {MOST_FACTS} things already. Delete what is not needed any more.")
        row = await work.connection.fetchrow(
            "insert into clinic_fact (id, clinic_id, kind, title, body, source_id, created_by_name, created_at, "  # noqa: S608
            f"updated_at) values ($1, $2, $3, $4, $5, $6, $7, now(), now()) returning {_COLUMNS}",
            new_id(),
            clinic_id,
            kind,
            title,
            body,
            source_id,
            principal.name,
        )
        work.record(SettingsChanged(section="knowledge", changes={"added": title}))
        work.enqueue("ai_learn")
        work.audit("knowledge.added", "clinic_fact", row["id"], kind=kind)
    return _view(row)


async def change_fact(principal: Principal, fact_id: UUID, change: FactChange) -> FactView:
    """Change a fact. Raises ``NotFound``."""
    given = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not UNSET}
    clinic_id = principal.clinic_id
    async with unit_of_work(clinic_id, principal) as work:
        row = await work.connection.fetchrow(
            "update clinic_fact set kind = coalesce($3, kind), title = coalesce($4, title), "  # noqa: S608
            "body = coalesce($5, body), meaning = null, embedder = '', is_kept = false, updated_at = now() "
            f"where clinic_id = $1 and id = $2 returning {_COLUMNS}",
            clinic_id,
            fact_id,
            given.get("kind"),
            given["title"].strip() if "title" in given else None,
            given["body"].strip() if "body" in given else None,
        )
        if row is None:
            raise NotFound("The assistant does not know this.")
        if given:
            work.record(SettingsChanged(section="knowledge", changes={"changed": row["title"]}))
            work.enqueue("ai_learn")
            work.audit("knowledge.changed", "clinic_fact", fact_id, fields=sorted(given))
    return _view(row)


async def delete_fact(principal: Principal, fact_id: UUID) -> None:
    """Have the assistant forget a fact. Raises ``NotFound``."""
    clinic_id = principal.clinic_id
    async with unit_of_work(clinic_id, principal) as work:
        title = await work.connection.fetchval(
            "delete from clinic_fact where clinic_id = $1 and id = $2 returning title", clinic_id, fact_id
        )
        if title is None:
            raise NotFound("The assistant does not know this.")
        work.record(SettingsChanged(section="knowledge", changes={"deleted": title}))
        work.enqueue("ai_learn")
        work.audit("knowledge.deleted", "clinic_fact", fact_id)


async def remember_answer(principal: Principal, message_id: UUID) -> FactView:
    """Remember a reply of staff with the question before it, without the patient's name and numbers.

    The same reply is remembered once. Raises ``Invalid`` where there is no question or nothing to remember.
    """
    async with database.reading(principal.clinic_id):
        question, answer, names = await _exchange(principal.clinic_id, message_id)
    title = _nameless(question[:1_000], names)[:200].strip()
    body = _without_name(answer, names)[:2000].strip()
    if not title or not body:
        raise Invalid("There is nothing in this answer that could be remembered.")
    return await _insert(principal, "answered", title, body, message_id)


async def _exchange(clinic_id: UUID, message_id: UUID) -> tuple[str, str, list[str]]:
    """Return what was asked, what was answered, and the names of who asked."""
    answer = await get_message(clinic_id, message_id)
    if answer.direction != "out" or answer.kind != "text" or answer.author.type not in {"staff", "key"}:
        raise Invalid("Only an answer of your team can be remembered.")
    thread = await get_thread(clinic_id, answer.thread_id)
    before = (await list_thread_messages(clinic_id, answer.thread_id, answer.seq)).items
    asked = next((one for one in before if one.direction == "in" and one.kind == "text" and own_words(one)), None)
    if asked is None:
        raise Invalid("There is no question before this answer.")
    return own_words(asked), answer.body, [name for name in (thread.contact.name, asked.author.name) if name]


def own_words(message: MessageView) -> str:
    """Return what a message says itself, without what hangs below a mail."""
    return message.body[: (message.details or {}).get("quoted_at")].strip()


def _nameless(text: str, names: list[str]) -> str:
    """Return a question with nothing of who asked it."""
    hidden = PLACEHOLDER.sub("…", Mask(names).hide(_GREETING.sub("", text)))
    return " ".join(hidden.split())


def _without_name(text: str, names: list[str]) -> str:
    """Return an answer without its greeting and the patient's name. The clinic's own numbers stay."""
    bare = _GREETING.sub("", text)
    parts = {part for name in names for part in (name, *name.split()) if len(part) > 1}
    for part in sorted(parts, key=len, reverse=True):
        bare = re.sub(rf"[,\s]{{0,3}}(?<!\w){re.escape(part)}(?!\w)", "", bare, flags=_ANY_CASE)
    return bare[:1].upper() + bare[1:].strip()
