"""Every page with believable data: what ui_preview photographs and the template tests render."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.channels.schemas import SetupLine
from app.channels.ways import WAYS
from tests.support.ui_samples import CLINIC, INBOX, ME, MESSAGES, OPEN, PRIYA, SHELL, STATES, THREADS, ago

SETTINGS: dict[str, Any] = {**SHELL, "nav": "settings", "saved": "Saved", "errors": {}, "values": {}}
PAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "inbox": ("desk/inbox.html", OPEN),
    "inbox-list": ("desk/inbox.html", INBOX),
    "inbox-states": (
        "desk/inbox.html",
        {
            **OPEN,
            "messages": STATES,
            "assistant": None,
            "moved_on": MESSAGES[-1:],
            "thread": {**THREADS[1], "tags": ["Anxious"]},
        },
    ),
    "inbox-empty": ("desk/inbox.html", {**INBOX, "threads": [], "next": None, "alerts": [], "answered_today": 23}),
    "sign-in": (
        "auth/sign_in.html",
        {
            "csrf_token": "t",
            "email": "yara@brightsmile.example",
            "error": "Email or password is not right.",
            "google": True,
        },
    ),
    "sign-up": (
        "auth/sign_up.html",
        {
            "csrf_token": "t",
            "values": {"name": "Yara"},
            "errors": {"email": "This address has an account. Sign in instead."},
        },
    ),
    "invitation": (
        "auth/invitation.html",
        {
            "csrf_token": "t",
            "token": "x",
            "clinic_name": "Bright Smile Dental",
            "email": "sam@brightsmile.example",
            "role": "front_desk",
            "values": {},
            "errors": {},
        },
    ),
    "account": (
        "auth/account.html",
        {
            **SETTINGS,
            "section": "account",
            "sessions": [
                {
                    "id": UUID(int=1),
                    "user_agent": "Chrome on Windows",
                    "address": "203.0.113.9",
                    "created_at": ago(900),
                    "seen_at": ago(2),
                    "current": True,
                },
                {
                    "id": UUID(int=2),
                    "user_agent": "Safari on iPhone",
                    "address": "203.0.113.9",
                    "created_at": ago(9000),
                    "seen_at": ago(700),
                    "current": False,
                },
            ],
        },
    ),
    "team": (
        "staff/team.html",
        {
            **SETTINGS,
            "section": "team",
            "members": [
                {**ME, "is_active": True},
                {**PRIYA, "email": "priya@brightsmile.example", "role": "front_desk", "is_active": True},
            ],
            "invitations": [
                {"id": UUID(int=3), "email": "sam@brightsmile.example", "role": "viewer", "expires_at": ago(-5000)}
            ],
            "invite_link": "https://desk.example.com/invitations/4fj2kdkfj38fjdk2k39fjdk39fjdkd",
        },
    ),
    "channels": (
        "channels/channels.html",
        {
            **SETTINGS,
            "section": "channels",
            "connected": UUID(int=1),
            "ways": WAYS,
            "way": WAYS[0],
            "setup": {
                UUID(int=1): [
                    SetupLine(
                        "Address for “A message comes in”",
                        "https://desk.example.com/webhooks/twilio/0199a3c2-7c1e-7d10-9d2a-1f2e3d4c5b6a",
                    )
                ]
            },
            "channels": [
                {
                    "id": UUID(int=1),
                    "kind": "sms",
                    "provider": "twilio",
                    "address": "+15550100001",
                    "mode": "live",
                    "state": "new",
                    "last_error": None,
                    "last_error_at": None,
                    "last_inbound_at": None,
                    "webhook_url": "https://desk.example.com/webhooks/twilio/0199a3c2-7c1e-7d10-9d2a-1f2e3d4c5b6a",
                    "settings": {"answered_by_provider": True},
                    "created_at": ago(2),
                },
                {
                    "id": UUID(int=2),
                    "kind": "sms",
                    "provider": "twilio",
                    "address": "+15550100002",
                    "mode": "simulated",
                    "state": "working",
                    "last_error": None,
                    "last_error_at": None,
                    "last_inbound_at": ago(3),
                    "webhook_url": "https://desk.example.com/webhooks/twilio/2",
                    "settings": {"answered_by_provider": True},
                    "created_at": ago(2000),
                },
                {
                    "id": UUID(int=3),
                    "kind": "whatsapp",
                    "provider": "twilio",
                    "address": "+15550100003",
                    "mode": "live",
                    "state": "attention",
                    "last_error": "Twilio does not accept the token any more.",
                    "last_error_at": ago(5),
                    "last_inbound_at": ago(600),
                    "webhook_url": "https://desk.example.com/webhooks/twilio/3",
                    "settings": {"answered_by_provider": False},
                    "created_at": ago(2000),
                },
            ],
        },
    ),
    "keys": (
        "integrations/keys.html",
        {
            **SETTINGS,
            "section": "keys",
            "client_code": "BRIGHT42",
            "scopes": ["*", "inbox:read", "inbox:write", "contacts"],
            "new_key": {"name": "Website form", "key": "ok_live_3kdk29dkfj39dkfj29dkfj39dk"},
            "keys": [
                {
                    "id": UUID(int=1),
                    "name": "Website form",
                    "last4": "39dk",
                    "scopes": ["inbox:write"],
                    "created_at": ago(1),
                    "used_at": None,
                    "revoked_at": None,
                },
                {
                    "id": UUID(int=2),
                    "name": "Old website",
                    "last4": "81aa",
                    "scopes": ["*"],
                    "created_at": ago(90000),
                    "used_at": ago(400),
                    "revoked_at": ago(100),
                },
            ],
        },
    ),
    "clinic": (
        "clinics/settings.html",
        {
            **SETTINGS,
            "section": "clinic",
            "timezones": ["America/New_York", "America/Chicago"],
            "clinic": {**CLINIC, "hours": {str(day): [["09:00", "17:00"]] for day in range(1, 6)}},
        },
    ),
    "replies": ("inbox/saved_replies.html", {**SETTINGS, "section": "replies", "replies": OPEN["saved_replies"]}),
    "log": (
        "audit/log.html",
        {
            **SHELL,
            "nav": "log",
            "filters": {},
            "query": "",
            "total": 2,
            "next": "99",
            "actions": [{"value": "message.sent", "label": "Message sent"}],
            "actors": [{"value": str(ME["id"]), "label": ME["name"]}],
            "entries": [
                {
                    "n": 2,
                    "at": ago(4),
                    "actor_type": "staff",
                    "actor_name": "Yara Moreno",
                    "action": "channel.connected",
                    "text": "Connected +1 555-010-0001",
                    "subject": None,
                    "mode": "live",
                },
                {
                    "n": 1,
                    "at": ago(40),
                    "actor_type": "ai",
                    "actor_name": "Practice Assistant",
                    "action": "message.sent",
                    "text": "Answered Maria Lopez",
                    "subject": "Maria Lopez",
                    "href": "/inbox?thread=1",
                    "mode": "simulated",
                },
            ],
        },
    ),
    "status": (
        "ops/status.html",
        {
            **SHELL,
            "nav": "status",
            "version": "0.1.0",
            "cards": [
                {
                    "name": "Messages in",
                    "state": "working",
                    "words": "Arrive within a second.",
                    "since": ago(900),
                    "advice": None,
                },
                {
                    "name": "Messages out",
                    "state": "slow",
                    "words": "Leave with a delay of 2 minutes.",
                    "since": ago(12),
                    "advice": "Nothing to do. They leave by themselves.",
                },
                {
                    "name": "Jobs",
                    "state": "down",
                    "words": "The background process is not answering.",
                    "since": ago(3),
                    "advice": "Ask whoever runs your server to start it.",
                },
            ],
            "numbers": [
                {"label": "Arrival to screen, usually", "value": "0.2 s"},
                {"label": "People online", "value": "3"},
            ],
            "failed_jobs": [
                {
                    "id": UUID(int=1),
                    "name": "Send a message",
                    "reason": "The provider did not answer.",
                    "failed_at": ago(30),
                    "attempts": 3,
                }
            ],
        },
    ),
    "error": (
        "errors/error.html",
        {
            "status": 404,
            "title": "This page is not here",
            "detail": "It may have moved. Nothing of yours was changed.",
            "request_id": "01J9ZK",
            "signed_in": True,
            "back": "/inbox",
        },
    ),
}
