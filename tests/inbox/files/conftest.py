"""A product whose providers are stand-ins that hand out and fetch files."""

from __future__ import annotations

import pytest

from tests.inbox.files.support import Live
from tests.support.file_server import file_server
from tests.support.product import Product
from tests.support.twilio_server import SID, TOKEN, RunningTwilio
from tests.support.whatsapp_server import WhatsAppServer


@pytest.fixture(scope="package")
def twilio(tmp_path_factory):
    server = RunningTwilio(tmp_path_factory.mktemp("twilio") / "journal.jsonl")
    yield server
    server.stop()


@pytest.fixture(scope="package")
def meta():
    server = WhatsAppServer()
    yield server
    server.stop()


@pytest.fixture(scope="package")
def live_product(databases, twilio, meta):
    where = {"TWILIO_API_URL": twilio.url, "WHATSAPP_API_URL": meta.url}
    running = Product(databases.make(), **where, JOB_BASE_BACKOFF="0.05")
    running.start()
    yield running
    running.stop()


@pytest.fixture
async def clinic(new_clinic, live_product):
    made = await new_clinic(live_product)
    assert (await made.owner.patch(made.at("clinic"), json={"undo_seconds": 0})).status_code == 200
    return made


@pytest.fixture
async def storage():
    async with file_server() as server:
        yield server


@pytest.fixture
async def number(clinic):
    made = await clinic.owner.post(
        clinic.at("channels"),
        json={
            "kind": "sms",
            "provider": "twilio",
            "mode": "live",
            "address": "+12025550100",
            "credentials": {"account_sid": SID, "auth_token": TOKEN},
        },
    )
    assert made.json()["mode"] == "live", made.text
    return Live(clinic, made.json())
