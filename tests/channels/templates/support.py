"""Connections to the stand-in, by every provider."""

from __future__ import annotations

from app.channels.adapters.base import Connection
from app.channels.adapters.whatsapp_templates import LISTERS
from app.kit.ids import new_id
from tests.support.template_server import ACCOUNT, KEY, SECRET, SID, TOKEN, TWILIO_TOKEN, content

APP_SECRET = "app-secret-0123456789abcdef"
META = {"phone_number_id": "106540352242922", "waba_id": ACCOUNT, "access_token": TOKEN, "app_secret": APP_SECRET}
GALLABOX = {"api_key": KEY, "api_secret": SECRET, "channel_id": "c01"}
TWILIO = {"account_sid": SID, "auth_token": TWILIO_TOKEN}
BUTTONS = [{"type": "URL", "title": "Pay", "url": "https://pay.example.com/{{2}}"}]
CARD = {"body": "Hi {{1}}", "header_text": "Your visit", "footer": "Bright", "media": None, "actions": BUTTONS}
CONTENTS = [
    content(1, "card", {"whatsapp/card": CARD, "twilio/text": {"body": "poor"}}),
    content(2, "reply", {"twilio/quick-reply": {"body": "Come {{1}}?", "actions": [{"title": "Yes", "id": "y"}]}}),
    content(3, "picture", {"twilio/media": {"body": "Look", "media": ["https://x.example.com/{{1}}.png"]}}),
    content(4, "many", {"twilio/carousel": {"body": "Hi", "cards": []}}),
    content(5, "card", {"twilio/text": {"body": "an older one"}}, status="rejected"),
    content(6, "new", {"twilio/text": {"body": "Hello"}}, approval_requests={}),
]


def connection(provider: str = "whatsapp_cloud", **changes: str) -> Connection:
    return Connection(
        channel_id=new_id(),
        clinic_id=new_id(),
        kind="whatsapp",
        provider=provider,
        address="+12125550100",
        webhook_url="",
        credentials={**{"whatsapp_cloud": META, "gallabox": GALLABOX, "twilio": TWILIO}[provider], **changes},
        secret="s",
        timeout=5,
    )


async def fetch(provider: str = "whatsapp_cloud", **changes: str):
    return await LISTERS[provider](connection(provider, **changes))
