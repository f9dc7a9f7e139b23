"""The activity log: who or what did which thing, when."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.response import Stream

from app.ai.service import start_acts_export
from app.audit.service import list_entries, start_export
from app.inbox.service import start_decision_export
from app.kit.page import staff_page
from app.kit.principal import Principal

READ = {"operation": "audit.read"}
Caller = NamedDependency[Principal]

WORDS = {
    "clinic.created": "opened the clinic",
    "sign_in.succeeded": "signed in",
    "sign_in.failed": "could not sign in",
    "session.ended": "signed out",
    "session.others_ended": "signed out everywhere else",
    "password.changed": "changed the password",
    "staff.invited": "invited a colleague",
    "staff.joined": "joined the team",
    "staff.changed": "changed a colleague's rights",
    "staff.removed": "removed a colleague",
    "staff.renamed": "changed their name",
    "staff.invitation_cancelled": "took an invitation back",
    "key.created": "made a connection key",
    "key.revoked": "ended a connection key",
    "settings.changed": "changed settings",
    "message.sent": "wrote to a patient",
    "message.changed": "changed a message that waits",
    "message.put_off": "had a message wait for the morning",
    "message.cancelled": "took a message back",
    "message.retried": "sent a message again",
    "message.confirmed": "said that a message went",
    "thread.assigned": "assigned a conversation",
    "thread.helped": "took care of an upset patient",
    "thread.snoozed": "snoozed a conversation",
    "thread.closed": "marked a conversation as done",
    "thread.reopened": "reopened a conversation",
    "thread.tagged": "changed tags",
    "contact.created": "added a person",
    "contact.updated": "changed a person's details",
    "saved_reply.saved": "saved a reply text",
    "saved_reply.deleted": "removed a reply text",
    "channel.connected": "connected a channel",
    "channel.changed": "changed a channel",
    "channel.removed": "removed a channel",
    "channel.templates_fetched": "fetched the approved WhatsApp messages",
    "decisions.exported": "took the reasons of messages away as a file",
    "assistant.suggested": "suggested a text",
    "assistant.suggestion_sent": "sent a suggestion",
    "assistant.suggestion_edited": "took a suggestion to change it",
    "assistant.suggestion_dismissed": "dismissed a suggestion",
    "assistant.answer_sent": "answered a patient by itself",
    "assistant.answer_held": "told a patient that somebody will look",
    "assistant.answer_refused": "left a message to the team",
    "assistant.taken_over": "took a conversation over from the assistant",
    "assistant.handed_back": "handed a conversation back to the assistant",
    "assistant.rule_changed": "changed what the assistant may do",
    "assistant.changed": "changed how the assistant works",
    "assistant.tried_on_past": "tried a rule on past conversations",
    "assistant.log_exported": "took the assistant's acts away as a file",
    "knowledge.added": "told the assistant something",
    "knowledge.changed": "changed what the assistant knows",
    "knowledge.deleted": "had the assistant forget something",
    "job.retried": "tried a failed job again",
    "audit.exported": "took the activity log away as a file",
}
ACTORS = {
    "staff": "People",
    "key": "Connected programs",
    "ai": "Practice Assistant",
    "automation": "Automations",
    "provider": "Providers",
    "system": "Orasync",
}


def _filters(request: Request[Any, Any, Any]) -> dict[str, Any]:
    query = request.query_params

    def day(name: str) -> dt.date | None:
        try:
            return dt.date.fromisoformat(query.get(name, ""))
        except ValueError:
            return None

    return {
        "action": query.get("action") if query.get("action") in WORDS else None,
        "actor": query.get("actor") if query.get("actor") in ACTORS else None,
        "since": day("since"),
        "until": day("until"),
    }


@get("/activity", opt=READ, include_in_schema=False)
async def activity(request: Request[Any, Any, Any], caller: Caller) -> Response[str]:
    """Newest first, with filters in the address."""
    filters = _filters(request)
    cursor = request.query_params.get("cursor", "")
    before = int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 16 else None
    page = await list_entries(caller.clinic_id, before=before, **filters)
    entries = [
        {
            "n": one.n,
            "at": one.at,
            "actor_type": one.actor_type,
            "actor_name": one.actor_name or ACTORS.get(one.actor_type, ""),
            "action": one.action,
            "text": WORDS.get(one.action, one.action.replace(".", " ").replace("_", " ")),
            "mode": one.mode,
            "subject": None,
            "href": f"/inbox?thread={one.subject_id}" if one.subject_type == "thread" else None,
        }
        for one in page.items
    ]
    shown = {name: str(value or "") for name, value in filters.items()}
    return await staff_page(
        request,
        caller,
        "audit/log.html",
        nav="log",
        entries=entries,
        next=page.next,
        filters=shown,
        total=None,
        actions=[{"value": key, "label": words[0].upper() + words[1:]} for key, words in WORDS.items()],
        actors=[{"value": key, "label": label} for key, label in ACTORS.items()],
        query=urlencode({key: value for key, value in shown.items() if value}),
    )


@get("/activity/export", opt=READ, include_in_schema=False)
async def export(request: Request[Any, Any, Any], caller: Caller) -> Stream:
    """The filter's rows as a file."""
    rows = await start_export(caller, **_filters(request))
    return Stream(rows, media_type="text/csv", headers={"Content-Disposition": 'attachment; filename="activity.csv"'})


@get("/activity/why", opt=READ, include_in_schema=False)
async def reasons(request: Request[Any, Any, Any], caller: Caller) -> Stream:
    """Why the messages of these days were sent, as a file; without days those of the last thirty."""
    told, today = _filters(request), dt.datetime.now(dt.UTC).date()
    until = told["until"] or today
    rows = await start_decision_export(caller, told["since"] or until - dt.timedelta(days=30), until)
    return Stream(rows, media_type="text/csv", headers={"Content-Disposition": 'attachment; filename="why.csv"'})


@get("/activity/assistant", opt=READ, include_in_schema=False)
async def assistant_acts(request: Request[Any, Any, Any], caller: Caller) -> Stream:
    """What the assistant did on these days, as a file; without days on the last thirty."""
    told = _filters(request)
    rows = await start_acts_export(caller, told["since"], told["until"])
    return Stream(rows, media_type="text/csv", headers={"Content-Disposition": 'attachment; filename="assistant.csv"'})


ROUTES = [reasons, activity, export, assistant_acts]
