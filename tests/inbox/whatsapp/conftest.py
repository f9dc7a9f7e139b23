"""A product whose operator has an app at Meta, with the stand-in as both providers."""

from __future__ import annotations

import pytest

from tests.channels.whatsapp_cases import (
    META_CREDENTIALS,
    SECRET,
)
from tests.support.product import Product
from tests.support.whatsapp_server import TOKEN, WhatsAppServer


@pytest.fixture(scope="package")
def provider():
    running = WhatsAppServer()
    yield running
    running.stop()


@pytest.fixture(scope="package")
def place(databases, provider):
    """A product whose operator has an app at Meta, with the stand-ins as providers."""
    running = Product(
        databases.make(),
        WHATSAPP_APP_SECRET=SECRET,
        WHATSAPP_PHONE_NUMBER_ID="555000111",
        WHATSAPP_WABA_ID="555000222",
        WHATSAPP_ACCESS_TOKEN=TOKEN,
        WHATSAPP_VERIFY_TOKEN=META_CREDENTIALS["verify_token"],
        WHATSAPP_API_URL=provider.url,
        GALLABOX_API_URL=provider.url,
        SEND_TIMEOUT="2",
        REVIEW_AFTER="2",
        JOB_BASE_BACKOFF="0.2",
    )
    running.start()
    yield running
    running.stop()
    running.database.drop()


@pytest.fixture
async def clinic(new_clinic, place):
    return await new_clinic(place)
