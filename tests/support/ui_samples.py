"""Believable data for looking at the pages without a database: one clinic on one morning."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

NOW = dt.datetime.now(dt.UTC).replace(second=0, microsecond=0)
CLINIC: dict[str, Any] = {
    "id": UUID(int=1), "slug": "clinic-123", "name": "Bright Smile Dental", "timezone": "America/New_York", "locale": "en-US",
    "country": "US", "currency": "USD", "undo_seconds": 5, "reply_target_minutes": 30, "lock_minutes": 30, "hours": {},
}
PRIYA = {"id": UUID(int=11), "name": "Priya Nair"}
ME = {"id": UUID(int=12), "name": "Yara Moreno", "email": "yara@brightsmile.example", "role": "owner", "theme": "system"}
PEOPLE = [
    # name, channel, minutes ago, body, waiting, intent, alert, assignee, unread, tags, last author
    ("Maria Lopez", "sms", 3, "Yes Thursday works! Is 10:30 still open?", 3, "wants_to_book", None, ME, 1, [], "patient"),
    ("Tom Becker", "whatsapp", 38, "I have called twice and nobody picks up.", 38, None, "Strong pain", None, 2, [], "patient"),
    ("Aisha Khan", "email", 21, "Question about my treatment plan and insurance cover", 21, "question", None, None, 1, ["Delta Dental"], "patient"),
    ("James O’Neil", "webchat", 25, "Do you see children under five?", None, "question", None, None, 0, [], "ai"),
    ("Lena Fischer", "sms", 34, "Could we move it to next week?", 29, "reschedule", None, PRIYA, 0, [], "patient"),
    ("Samuel Osei", "whatsapp", 43, "👍 See you then", None, None, None, PRIYA, 0, ["Booked"], "patient"),
    ("Grace Kim", "email", 50, "Invoice for March 3: could you resend it, please? My insurer asks.", 50, "billing", None, None, 1, [], "patient"),
    ("Daniel Novak", "sms", 65, "STOP", None, None, None, None, 0, ["Opted out of texts"], "patient"),
    ("", "sms", 26 * 60, "hola, tienen cita el viernes?", 26 * 60, None, None, None, 1, [], "patient"),
    ("Nora Østergård", "sms", 3 * 24 * 60, "We will see you on Monday", None, None, None, ME, 0, [], "staff"),
]  # fmt: skip


def ago(minutes: float) -> dt.datetime:
    """Return an instant some minutes before now."""
    return NOW - dt.timedelta(minutes=minutes)


def _thread(at: int, row: tuple[Any, ...]) -> dict[str, Any]:
    name, channel, minutes, body, waiting, intent, alert, assignee, unread, tags, author = row
    who = {"patient": name, "ai": "Practice Assistant", "staff": "Yara Moreno"}[author]
    return {
        "id": UUID(int=100 + at), "state": "open", "waiting_since": ago(waiting) if waiting else None,
        "contact": {"id": UUID(int=200 + at), "name": name, "phone": f"+1555010014{at}", "email": "maria.lopez@example.com"},
        "assignee": {"id": assignee["id"], "name": assignee["name"]} if assignee else None, "last_seq": 40 + at, "tags": tags,
        "intent": intent, "sentiment": None, "urgent": bool(alert), "escalated": bool(alert), "alert": alert, "channel": channel,
        "snoozed_until": None, "created_at": ago(90 * 24 * 60), "unread": unread,
        "last_message": {
            "id": UUID(int=300 + at), "direction": "in" if author == "patient" else "out", "kind": "text", "channel": channel,
            "body": body, "status": "received" if author == "patient" else "delivered", "created_at": ago(minutes),
            "author": {"type": author, "id": None, "name": who},
        },
    }  # fmt: skip


THREADS = [_thread(at, row) for at, row in enumerate(PEOPLE)]


def _message(at: int, minutes: float, author: str, name: str, body: str, status: str = "received", **more: Any) -> dict[str, Any]:
    return {
        "id": UUID(int=400 + at), "thread_id": THREADS[0]["id"], "seq": 10 + at, "direction": "in" if author == "patient" else "out",
        "channel": "sms", "kind": "text", "body": body, "author": {"type": author, "id": None, "name": name}, "status": status,
        "provider_id": None, "attachments": [], "sent_at": None, "delivered_at": None, "read_at": None, "failure": None,
        "mode": "live", "created_at": ago(minutes), "send_at": None, "mentions": [], "client_id": None, **more,
    }  # fmt: skip


DAY = 24 * 60
MESSAGES = [
    _message(1, DAY + 300, "automation", "Spring check-up", "Hi Maria, it is time for your check-up at Bright Smile. Would you like to pick a time? Reply STOP to opt out.", "delivered"),
    _message(2, DAY + 80, "patient", "Maria Lopez", "Oh wow, already? Yes please. Do you have anything this week in the morning?"),
    _message(3, DAY + 79, "ai", "Practice Assistant", "Happy to help, Maria! This Thursday, April 3, Dr. Shah has 9:00 AM and 10:30 AM free for a check-up. Which one suits you? I’m the practice’s automated assistant; the team is back at 8:00 AM.", "delivered"),
    _message(4, 93, "staff", "Priya Nair", "Maria prefers Dr. Shah and needs 10 extra minutes (anxious).", "delivered", kind="note"),
    _message(5, 3, "patient", "Maria Lopez", "Yes Thursday works! Is 10:30 still open?"),
]  # fmt: skip
STATES = [
    *MESSAGES[3:],
    _message(20, 2, "system", "Orasync", "Yara Moreno took this conversation", "sent", kind="system"),
    _message(21, 2, "staff", "Yara Moreno", "Let me look.", "scheduled", send_at=NOW),
    _message(22, 2, "staff", "Yara Moreno", "One moment please.", "sending"),
    _message(23, 2, "staff", "Yara Moreno", "See https://example.com/a-very-long-address-without-any-break-that-must-not-widen-the-page-at-all", "failed", failure={"code": "30003", "text": "The phone is off or out of reach"}),
    _message(24, 1, "staff", "Yara Moreno", "Is it still hurting?", "unknown"),
    _message(25, 1, "staff", "Yara Moreno", "We are open until 5:00 PM.", "needs_review"),
    _message(26, 1, "staff", "Yara Moreno", "Never mind.", "cancelled"),
    _message(27, 1, "staff", "Yara Moreno", "Practice text", "simulated", mode="simulated"),
    _message(28, 1, "staff", "Yara Moreno", "Read this one", "read", mode="simulated"),
    _message(29, 0, "patient", "Maria Lopez", "Thanks, that helps.\n\nOn Mon, Mar 2, 2026 at 9:14 AM Bright Smile wrote:\n> Dear Maria", channel="email"),
]  # fmt: skip
CONTACT = {
    "id": UUID(int=200), "name": "Maria Lopez", "phone": "+15550100140", "email": "maria.lopez@example.com", "stage": "patient",
    "language": "English, Spanish", "tags": ["Anxious", "Delta Dental", "Mornings"], "note": "Prefers mornings. Has a fear of needles.",
    "created_at": ago(400 * DAY),
    "points": [
        {"id": UUID(int=1), "kind": "phone", "address": "+15550100140", "reachable": True},
        {"id": UUID(int=2), "kind": "email", "address": "maria.lopez@example.com", "reachable": False},
    ],
}  # fmt: skip
SHELL: dict[str, Any] = {
    "clinic": CLINIC, "me": ME, "may": lambda _operation: True, "csrf_token": "token", "seq": 4812, "epoch": UUID(int=5), "online": 3,
    "counts": {"todo": 14, "mine": 4, "unassigned": 6, "snoozed": 3, "all": 120}, "nav": "inbox",
}  # fmt: skip
INBOX: dict[str, Any] = {
    **SHELL, "view": "todo", "q": "", "filters": {"channel": "", "tag": "", "assignee": "", "order": ""}, "query": "view=todo",
    "threads": THREADS, "next": "cursor", "alerts": [THREADS[1]], "team": [ME, PRIYA, {"id": UUID(int=13), "name": "Sam Reed"}],
    "tags": ["Anxious", "Insurance"], "channels": [{"id": UUID(int=9), "kind": "sms"}], "thread": None,
}  # fmt: skip
OPEN: dict[str, Any] = {
    **INBOX, "thread": THREADS[0], "messages": MESSAGES, "earlier": 9, "contact": CONTACT, "drafts": {"reply": "", "note": ""},
    "saved_replies": [{"id": UUID(int=1), "name": "Opening hours", "body": "Hi {first_name}, we are open Mon to Fri, 9 to 5."}],
    "ways": [
        {"kind": "sms", "address": "+15550100140", "allowed": True, "reason": None, "selected": True},
        {"kind": "email", "address": "maria.lopez@example.com", "allowed": True, "reason": None, "selected": False},
        {"kind": "whatsapp", "address": "+15550100140", "allowed": False, "reason": "No number for WhatsApp is connected", "selected": False},
    ],
    "assistant": {"text": "Practice Assistant answers booking texts after hours.", "taken_over": False},
}  # fmt: skip
SETTINGS: dict[str, Any] = {**SHELL, "nav": "settings", "saved": "Saved", "errors": {}, "values": {}}
PAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "inbox": ("desk/inbox.html", OPEN),
    "inbox-list": ("desk/inbox.html", INBOX),
    "inbox-states": ("desk/inbox.html", {**OPEN, "messages": STATES, "assistant": None, "moved_on": MESSAGES[-1:], "thread": {**THREADS[1], "tags": ["Anxious"]}}),
    "inbox-empty": ("desk/inbox.html", {**INBOX, "threads": [], "next": None, "alerts": [], "answered_today": 23}),
    "sign-in": ("auth/sign_in.html", {"csrf_token": "t", "email": "yara@brightsmile.example", "error": "Email or password is not right.", "google": True}),
    "sign-up": ("auth/sign_up.html", {"csrf_token": "t", "values": {"name": "Yara"}, "errors": {"email": "This address has an account. Sign in instead."}}),
    "invitation": ("auth/invitation.html", {"csrf_token": "t", "token": "x", "clinic_name": "Bright Smile Dental", "email": "sam@brightsmile.example", "role": "front_desk", "values": {}, "errors": {}}),
    "account": ("auth/account.html", {**SETTINGS, "section": "account", "sessions": [{"id": UUID(int=1), "user_agent": "Chrome on Windows", "address": "203.0.113.9", "created_at": ago(900), "seen_at": ago(2), "current": True}, {"id": UUID(int=2), "user_agent": "Safari on iPhone", "address": "203.0.113.9", "created_at": ago(9000), "seen_at": ago(700), "current": False}]}),
    "team": ("staff/team.html", {**SETTINGS, "section": "team", "members": [{**ME, "is_active": True}, {**PRIYA, "email": "priya@brightsmile.example", "role": "front_desk", "is_active": True}], "invitations": [{"id": UUID(int=3), "email": "sam@brightsmile.example", "role": "viewer", "expires_at": ago(-5000)}], "invite_link": "https://desk.example.com/invitations/4fj2kdkfj38fjdk2k39fjdk39fjdkd"}),
    "channels": ("channels/channels.html", {**SETTINGS, "section": "channels", "connected": UUID(int=1), "channels": [
        {"id": UUID(int=1), "kind": "sms", "provider": "twilio", "address": "+15550100001", "mode": "live", "state": "new", "last_error": None, "last_error_at": None, "last_inbound_at": None, "webhook_url": "https://desk.example.com/webhooks/twilio/0199a3c2-7c1e-7d10-9d2a-1f2e3d4c5b6a", "created_at": ago(2)},
        {"id": UUID(int=2), "kind": "sms", "provider": "twilio", "address": "+15550100002", "mode": "simulated", "state": "working", "last_error": None, "last_error_at": None, "last_inbound_at": ago(3), "webhook_url": "https://desk.example.com/webhooks/twilio/2", "created_at": ago(2000)},
        {"id": UUID(int=3), "kind": "whatsapp", "provider": "twilio", "address": "+15550100003", "mode": "live", "state": "attention", "last_error": "Twilio does not accept the token any more.", "last_error_at": ago(5), "last_inbound_at": ago(600), "webhook_url": "https://desk.example.com/webhooks/twilio/3", "created_at": ago(2000)}]}),
    "keys": ("integrations/keys.html", {**SETTINGS, "section": "keys", "client_code": "BRIGHT42", "scopes": ["*", "inbox:read", "inbox:write", "contacts"], "new_key": {"name": "Website form", "key": "ok_live_3kdk29dkfj39dkfj29dkfj39dk"}, "keys": [{"id": UUID(int=1), "name": "Website form", "last4": "39dk", "scopes": ["inbox:write"], "created_at": ago(1), "used_at": None, "revoked_at": None}, {"id": UUID(int=2), "name": "Old website", "last4": "81aa", "scopes": ["*"], "created_at": ago(90000), "used_at": ago(400), "revoked_at": ago(100)}]}),
    "clinic": ("clinics/settings.html", {**SETTINGS, "section": "clinic", "timezones": ["America/New_York", "America/Chicago"], "clinic": {**CLINIC, "hours": {str(day): [["09:00", "17:00"]] for day in range(1, 6)}}}),
    "replies": ("inbox/saved_replies.html", {**SETTINGS, "section": "replies", "replies": OPEN["saved_replies"]}),
    "log": ("audit/log.html", {**SHELL, "nav": "log", "filters": {}, "query": "", "total": 2, "next": "99", "actions": [{"value": "message.sent", "label": "Message sent"}], "actors": [{"value": str(ME["id"]), "label": ME["name"]}], "entries": [{"n": 2, "at": ago(4), "actor_type": "staff", "actor_name": "Yara Moreno", "action": "channel.connected", "text": "Connected +1 555-010-0001", "subject": None, "mode": "live"}, {"n": 1, "at": ago(40), "actor_type": "ai", "actor_name": "Practice Assistant", "action": "message.sent", "text": "Answered Maria Lopez", "subject": "Maria Lopez", "href": "/inbox?thread=1", "mode": "simulated"}]}),
    "status": ("ops/status.html", {**SHELL, "nav": "status", "version": "0.1.0", "cards": [{"name": "Messages in", "state": "working", "words": "Arrive within a second.", "since": ago(900), "advice": None}, {"name": "Messages out", "state": "slow", "words": "Leave with a delay of 2 minutes.", "since": ago(12), "advice": "Nothing to do. They leave by themselves."}, {"name": "Jobs", "state": "down", "words": "The background process is not answering.", "since": ago(3), "advice": "Ask whoever runs your server to start it."}], "numbers": [{"label": "Arrival to screen, usually", "value": "0.2 s"}, {"label": "People online", "value": "3"}], "failed_jobs": [{"id": UUID(int=1), "name": "Send a message", "reason": "The provider did not answer.", "failed_at": ago(30), "attempts": 3}]}),
    "error": ("errors/error.html", {"status": 404, "title": "This page is not here", "detail": "It may have moved. Nothing of yours was changed.", "request_id": "01J9ZK", "signed_in": True, "back": "/inbox"}),
}  # fmt: skip
