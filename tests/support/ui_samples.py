"""Believable data for looking at the pages without a database: one clinic on one morning."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

NOW = dt.datetime.now(dt.UTC).replace(second=0, microsecond=0)
CLINIC: dict[str, Any] = {
    "id": UUID(int=1),
    "slug": "clinic-123",
    "name": "Bright Smile Dental",
    "timezone": "America/New_York",
    "locale": "en-US",
    "country": "US",
    "currency": "USD",
    "undo_seconds": 5,
    "reply_target_minutes": 30,
    "lock_minutes": 30,
    "hours": {},
}
PRIYA = {"id": UUID(int=11), "name": "Priya Nair"}
ME = {
    "id": UUID(int=12),
    "name": "Yara Moreno",
    "email": "yara@brightsmile.example",
    "role": "owner",
    "theme": "system",
}
PEOPLE = [
    # name, channel, minutes ago, body, waiting, intent, alert, assignee, unread, tags, last author
    (
        "Maria Lopez",
        "sms",
        3,
        "Yes Thursday works! Is 10:30 still open?",
        3,
        "wants_to_book",
        None,
        ME,
        1,
        [],
        "patient",
    ),
    (
        "Tom Becker",
        "whatsapp",
        38,
        "I have called twice and nobody picks up.",
        38,
        None,
        "Strong pain",
        None,
        2,
        [],
        "patient",
    ),
    (
        "Aisha Khan",
        "email",
        21,
        "Question about my treatment plan and insurance cover",
        21,
        "question",
        None,
        None,
        1,
        ["Delta Dental"],
        "patient",
    ),
    ("James O’Neil", "webchat", 25, "Do you see children under five?", None, "question", None, None, 0, [], "ai"),
    ("Lena Fischer", "sms", 34, "Could we move it to next week?", 29, "reschedule", None, PRIYA, 0, [], "patient"),
    ("Samuel Osei", "whatsapp", 43, "👍 See you then", None, None, None, PRIYA, 0, ["Booked"], "patient"),
    (
        "Grace Kim",
        "email",
        50,
        "Invoice for March 3: could you resend it, please? My insurer asks.",
        50,
        "billing",
        None,
        None,
        1,
        [],
        "patient",
    ),
    ("Daniel Novak", "sms", 65, "STOP", None, None, None, None, 0, ["Opted out of texts"], "patient"),
    ("", "sms", 26 * 60, "hola, tienen cita el viernes?", 26 * 60, None, None, None, 1, [], "patient"),
    ("Nora Østergård", "sms", 3 * 24 * 60, "We will see you on Monday", None, None, None, ME, 0, [], "staff"),
]


def ago(minutes: float) -> dt.datetime:
    """Return an instant some minutes before now."""
    return NOW - dt.timedelta(minutes=minutes)


def _thread(at: int, row: tuple[Any, ...]) -> dict[str, Any]:
    name, channel, minutes, body, waiting, intent, alert, assignee, unread, tags, author = row
    who = {"patient": name, "ai": "Practice Assistant", "staff": "Yara Moreno"}[author]
    return {
        "id": UUID(int=100 + at),
        "state": "open",
        "waiting_since": ago(waiting) if waiting else None,
        "contact": {
            "id": UUID(int=200 + at),
            "name": name,
            "phone": f"+1555010014{at}",
            "email": "maria.lopez@example.com",
        },
        "assignee": {"id": assignee["id"], "name": assignee["name"]} if assignee else None,
        "last_seq": 40 + at,
        "tags": tags,
        "intent": intent,
        "sentiment": None,
        "urgent": bool(alert),
        "escalated": bool(alert),
        "alert": alert,
        "channel": channel,
        "snoozed_until": None,
        "created_at": ago(90 * 24 * 60),
        "unread": unread,
        "last_message": {
            "id": UUID(int=300 + at),
            "direction": "in" if author == "patient" else "out",
            "kind": "text",
            "channel": channel,
            "body": body,
            "status": "received" if author == "patient" else "delivered",
            "created_at": ago(minutes),
            "author": {"type": author, "id": None, "name": who},
        },
    }


THREADS = [_thread(at, row) for at, row in enumerate(PEOPLE)]


NAMES = {
    "patient": "Maria Lopez",
    "ai": "Practice Assistant",
    "staff": "Yara Moreno",
    "system": "Orasync",
    "automation": "Spring check-up",
}


def _message(at: int, minutes: float, author: str, body: str, **more: Any) -> dict[str, Any]:
    return {
        "id": UUID(int=400 + at),
        "thread_id": THREADS[0]["id"],
        "seq": 10 + at,
        "direction": "in" if author == "patient" else "out",
        "channel": "sms",
        "kind": "text",
        "body": body,
        "author": {"type": author, "id": None, "name": "Priya Nair" if "kind" in more else NAMES[author]},
        "status": "received" if author == "patient" else "delivered",
        "provider_id": None,
        "attachments": [],
        "sent_at": None,
        "delivered_at": None,
        "read_at": None,
        "failure": None,
        "mode": "live",
        "created_at": ago(minutes),
        "send_at": None,
        "mentions": [],
        "client_id": None,
        **more,
    }


DAY = 24 * 60
MESSAGES = [
    _message(
        1,
        DAY + 300,
        "automation",
        "Hi Maria, it is time for your check-up at Bright Smile. Would you like to pick a time? Reply STOP to opt out.",
        status="delivered",
    ),
    _message(
        2,
        DAY + 80,
        "patient",
        "Oh wow, already? Yes please. Do you have anything this week in the morning?",
    ),
    _message(
        3,
        DAY + 79,
        "ai",
        "Happy to help, Maria! This Thursday, April 3, "
        "Dr. Shah has 9:00 AM and 10:30 AM free for a check-up. Which one "
        "suits you? I’m the practice’s automated assistant; the team is back at 8:00 AM.",
        status="delivered",
    ),
    _message(
        4,
        93,
        "staff",
        "Maria prefers Dr. Shah and needs 10 extra minutes (anxious).",
        status="delivered",
        kind="note",
    ),
    _message(5, 3, "patient", "Yes Thursday works! Is 10:30 still open?"),
]
STATES = [
    *MESSAGES[3:],
    _message(20, 2, "system", "Yara Moreno took this conversation", status="sent", kind="system"),
    _message(21, 2, "staff", "Let me look.", status="scheduled", send_at=NOW),
    _message(22, 2, "staff", "One moment please.", status="sending"),
    _message(
        23,
        2,
        "staff",
        "See https://example.com/a-very-long-address-without-any-break-that-must-not-widen-the-page-at-all",
        status="failed",
        failure={"code": "30003", "text": "The phone is off or out of reach"},
    ),
    _message(24, 1, "staff", "Is it still hurting?", status="unknown"),
    _message(25, 1, "staff", "We are open until 5:00 PM.", status="needs_review"),
    _message(26, 1, "staff", "Never mind.", status="cancelled"),
    _message(27, 1, "staff", "Practice text", status="simulated", mode="simulated"),
    _message(28, 1, "staff", "Read this one", status="read", mode="simulated"),
    _message(
        29,
        0,
        "patient",
        "Thanks, that helps.\n\nOn Mon, Mar 2, 2026 at 9:14 AM Bright Smile wrote:\n> Dear Maria",
        channel="email",
    ),
]
CONTACT = {
    "id": UUID(int=200),
    "name": "Maria Lopez",
    "phone": "+15550100140",
    "email": "maria.lopez@example.com",
    "stage": "patient",
    "language": "English, Spanish",
    "tags": ["Anxious", "Delta Dental", "Mornings"],
    "note": "Prefers mornings. Has a fear of needles.",
    "created_at": ago(400 * DAY),
    "points": [
        {"id": UUID(int=1), "kind": "phone", "address": "+15550100140", "reachable": True},
        {"id": UUID(int=2), "kind": "email", "address": "maria.lopez@example.com", "reachable": False},
    ],
}
SHELL: dict[str, Any] = {
    "clinic": CLINIC,
    "me": ME,
    "may": lambda _operation: True,
    "csrf_token": "token",
    "seq": 4812,
    "epoch": UUID(int=5),
    "online": 3,
    "counts": {"todo": 14, "mine": 4, "unassigned": 6, "snoozed": 3, "all": 120},
    "nav": "inbox",
}
INBOX: dict[str, Any] = {
    **SHELL,
    "view": "todo",
    "q": "",
    "filters": {"channel": "", "tag": "", "assignee": "", "order": ""},
    "query": "view=todo",
    "threads": THREADS,
    "next": "cursor",
    "alerts": [THREADS[1]],
    "team": [ME, PRIYA, {"id": UUID(int=13), "name": "Sam Reed"}],
    "tags": ["Anxious", "Insurance"],
    "channels": [{"id": UUID(int=9), "kind": "sms"}],
    "thread": None,
}
OPEN: dict[str, Any] = {
    **INBOX,
    "thread": THREADS[0],
    "messages": MESSAGES,
    "earlier": 9,
    "contact": CONTACT,
    "people": {"sharers": [], "shared": [], "duplicates": [], "merges": []},
    "drafts": {"reply": "", "note": ""},
    "saved_replies": [
        {"id": UUID(int=1), "name": "Opening hours", "body": "Hi {first_name}, we are open Mon to Fri, 9 to 5."}
    ],
    "ways": [
        {"kind": "sms", "address": "+15550100140", "allowed": True, "reason": None, "selected": True},
        {"kind": "email", "address": "maria.lopez@example.com", "allowed": True, "reason": None, "selected": False},
        {
            "kind": "whatsapp",
            "address": "+15550100140",
            "allowed": False,
            "reason": "No number for WhatsApp is connected",
            "selected": False,
        },
    ],
    "assistant": {"text": "Practice Assistant answers booking texts after hours.", "taken_over": False},
}
