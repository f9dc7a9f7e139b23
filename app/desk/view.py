"""What the inbox's pages show, gathered in one snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from app.ai.service import find_card, strip_of, waiting_alerts
from app.channels.service import list_channels
from app.clinics.service import get_clinic
from app.contacts.service import get_contact
from app.desk.send_times import send_times, there
from app.inbox.service import (
    count_answered_today,
    get_drafts,
    is_first_mail,
    last_visit,
    list_alerts,
    list_known_tags,
    list_people,
    list_thread_messages,
    list_view,
    read_thread,
    saved_replies,
    whatsapp_is_open,
)
from app.kit import clock
from app.kit.errors import NotFound
from app.kit.format import INTENT_WORDS, MOOD_WORDS, first_name, person
from app.kit.ids import as_uuid
from app.staff.service import list_team
from app.widget.service import left_since, seen_words

if TYPE_CHECKING:
    import datetime as dt

    from app.channels.schemas import ChannelView
    from app.contacts.schemas import ContactView
    from app.inbox.schemas import ThreadView
    from app.kit.principal import Principal

VIEWS = ("todo", "mine", "unassigned", "snoozed", "all")
CHANNELS = ("sms", "whatsapp", "email", "webchat")
MESSAGES_SHOWN = 50
_REASONS = {
    "sms": "There is no phone number for texts",
    "whatsapp": "There is no phone number for WhatsApp",
    "email": "There is no e-mail address",
    "webchat": "They have not used the web chat",
}


_ELSEWHERE = (("sms", "text"), ("whatsapp", "WhatsApp"), ("email", "email"))


class Asked(msgspec.Struct, frozen=True):
    """What the address says: view, search and filters."""

    view: str = "todo"
    q: str = ""
    channel: str = ""
    tag: str = ""
    intent: str = ""
    sentiment: str = ""
    assignee: str = ""
    failed: str = ""
    order: str = "newest"

    @property
    def is_everywhere(self) -> bool:
        """Say whether all views are looked through: by a search, and for what did not arrive."""
        return bool(self.q or self.failed)

    @property
    def filters(self) -> dict[str, str]:
        """Return the filters as the templates know them."""
        return {
            "channel": self.channel,
            "tag": self.tag,
            "intent": self.intent,
            "sentiment": self.sentiment,
            "assignee": self.assignee,
            "failed": self.failed,
            "order": "" if self.order == "newest" else self.order,
        }

    @property
    def query(self) -> str:
        """Return the address's query without cursor and thread."""
        pairs = {"view": self.view, "q": self.q, **self.filters}
        return urlencode({key: value for key, value in pairs.items() if value})


def parse_asked(query: Any) -> Asked:
    """Read the address; what it says wrong counts as not said, so that an old link still opens."""

    def one_of(name: str, allowed: tuple[str, ...], default: str) -> str:
        return query.get(name, "") if query.get(name, "") in allowed else default

    assignee = query.get("assignee", "")
    return Asked(
        view=one_of("view", VIEWS, "todo"),
        q=query.get("q", "")[:200].replace("\x00", "").strip(),
        channel=one_of("channel", CHANNELS, ""),
        tag=query.get("tag", "")[:40].replace("\x00", ""),
        intent=one_of("intent", tuple(INTENT_WORDS), ""),
        sentiment=one_of("sentiment", tuple(MOOD_WORDS), ""),
        assignee=assignee if as_uuid(assignee) else "",
        failed=one_of("failed", ("true",), ""),
        order=one_of("order", ("newest", "waiting"), "newest"),
    )


async def list_part(principal: Principal, asked: Asked, cursor: str | None = None) -> dict[str, Any]:
    """Return the list pane's variables."""
    page = await list_view(
        principal,
        view="all" if asked.is_everywhere else asked.view,
        q=asked.q or None,
        channel=asked.channel or None,
        tag=asked.tag or None,
        intent=asked.intent or None,
        sentiment=asked.sentiment or None,
        assignee=as_uuid(asked.assignee),
        failed=bool(asked.failed),
        order=asked.order,
        cursor=cursor,
    )
    answered = await count_answered_today(principal.clinic_id)
    return {
        "view": asked.view,
        "q": asked.q,
        "filters": asked.filters,
        "query": asked.query,
        "threads": page.items,
        "next": page.next,
        "channels": await _channels(principal),
        "answered_today": answered,
    }


async def _channels(principal: Principal) -> list[ChannelView]:
    return await list_channels(principal.clinic_id)


async def thread_part(principal: Principal, thread_id: UUID, other: UUID | None = None) -> dict[str, Any]:
    """Return the conversation's and the details' variables; raises ``NotFound``.

    ``other`` is somebody who has a number that was to be added here: perhaps the same person.
    """
    thread = await read_thread(principal, thread_id)
    messages = await list_thread_messages(principal.clinic_id, thread_id, None, MESSAGES_SHOWN)
    contact = await get_contact(principal.clinic_id, thread.contact.id)
    team = await list_team(principal.clinic_id)
    drafts = await get_drafts(principal, thread_id)
    seen = await last_visit(principal.clinic_id, contact.id)
    clinic = await get_clinic(principal.clinic_id)
    place = there(contact.phone, clinic)
    return {
        "thread": thread,
        "messages": messages.items[::-1],
        "earlier": messages.next,
        "contact": contact,
        "people": await list_people(principal.clinic_id, contact.id, other),
        "team": [member for member in team.members if member.is_active],
        "tags": await list_known_tags(principal.clinic_id),
        "ways": _on_site(_ways(thread, contact, await _channels(principal)), seen),
        "visitor": {"seen": seen, "words": seen_words(seen)} if seen else None,
        "drafts": {"reply": drafts.reply, "note": drafts.note, "subject": drafts.subject, "others": drafts.others},
        "first_mail": await is_first_mail(principal.clinic_id, thread_id),
        "saved_replies": await saved_replies(principal.clinic_id),
        "suggestion": await find_card(principal.clinic_id, thread.id),
        "assistant": await strip_of(principal.clinic_id, thread.id, thread.channel),
        "moved_on": None,
        "there": place,
        "send_times": send_times(place, first_name(person(thread.contact, clinic)), clinic),
    }


def _ways(thread: ThreadView, contact: ContactView, channels: list[ChannelView]) -> list[dict[str, Any]]:
    """Return how this patient can be answered, and why not where they cannot."""
    kinds = [kind for kind in CHANNELS if any(channel.kind == kind for channel in channels)]
    if thread.channel not in kinds:
        kinds.insert(0, thread.channel)
    ways = []
    for kind in kinds:
        address = (
            contact.email
            if kind == "email"
            else contact.phone
            if kind in {"sms", "whatsapp"}
            else _chat_address(contact)
        )
        connected = any(channel.kind == kind for channel in channels)
        stopped = kind in thread.opted_out
        allowed = bool(address) and connected and not stopped
        reason = None
        if not allowed:
            reason = _REASONS[kind] if connected else "Your clinic has not connected this yet"
        if stopped:
            reason = "They do not want this"
        ways.append(
            {
                "kind": kind,
                "address": address or "",
                "allowed": allowed,
                "reason": reason,
                "selected": kind == thread.channel,
                "open": kind != "whatsapp" or whatsapp_is_open(thread.whatsapp_until, clock.now()),
            }
        )
    return ways


def _on_site(ways: list[dict[str, Any]], seen: dt.datetime | None) -> list[dict[str, Any]]:
    """Say of the web chat whether its visitor is still there, and how else they can be answered when not.

    Who has left is answered another way, unless somebody chooses the chat: what is written there waits for their next
    visit.
    """
    left = left_since(seen)
    others = [words for kind, words in _ELSEWHERE if any(way["kind"] == kind and way["allowed"] for way in ways)]
    for way in ways:
        if way["kind"] == "webchat" and way["allowed"]:
            way["address"] = "They left the site" if left else "On your site"
            way["left"], way["others"] = left, " or ".join(others)
            if seen is None:
                way["allowed"], way["reason"] = False, "They have not been on your site for a long time"
            if (left or seen is None) and way["selected"]:
                _select_another(ways)
    return ways


def _select_another(ways: list[dict[str, Any]]) -> None:
    by_kind = {way["kind"]: way for way in ways}
    for kind in ("sms", "email", "whatsapp"):
        if kind in by_kind and by_kind[kind]["allowed"] and by_kind[kind]["open"]:
            for way in ways:
                way["selected"] = way["kind"] == kind
            return


def _chat_address(contact: ContactView) -> str | None:
    return next((point.address for point in contact.points if point.kind == "chat"), None)


def _thread_id(text: str) -> UUID:
    found = as_uuid(text)
    if found is None:
        raise NotFound
    return found


async def whole_part(
    principal: Principal, asked: Asked, thread: str | None, other: UUID | None = None
) -> dict[str, Any]:
    """Return everything of the inbox page beside the shell."""
    context = await list_part(principal, asked)
    context.update(alerts=await list_alerts(principal.clinic_id), thread=None, missing_thread=False, team=[], tags=[])
    context["overdue"] = await waiting_alerts(principal.clinic_id)
    if thread:
        try:
            context.update(await thread_part(principal, _thread_id(thread), other))
        except NotFound:
            context["missing_thread"] = True
    if not context["team"]:
        context["team"] = [member for member in (await list_team(principal.clinic_id)).members if member.is_active]
        context["tags"] = await list_known_tags(principal.clinic_id)
    return context
