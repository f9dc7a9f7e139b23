"""A stand-in that has lists of approved messages, and a product that asks it."""

from __future__ import annotations

import pytest

from app.config import reset_settings
from tests.support.product import Product
from tests.support.template_server import (
    TemplateServer,
)


@pytest.fixture(scope="package")
def lists():
    server = TemplateServer()
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def _fresh(lists):
    lists.rows, lists.size, lists.answer, lists.endless = [], 1, None, False
    lists.asked.clear()
    yield
    assert lists.problems == []


@pytest.fixture
def here(lists, monkeypatch):
    """The stand-in, for what this very process asks."""
    monkeypatch.setenv("WHATSAPP_API_URL", lists.url)
    monkeypatch.setenv("GALLABOX_API_URL", lists.url)
    monkeypatch.setenv("TWILIO_API_URL", lists.url)
    reset_settings()
    yield
    reset_settings()


@pytest.fixture(scope="package")
def product(databases, lists):
    """A product whose WhatsApp is the stand-in."""
    where = dict.fromkeys(("WHATSAPP_API_URL", "GALLABOX_API_URL", "TWILIO_API_URL"), lists.url)
    running = Product(databases.make(), **where)
    running.start()
    yield running
    running.stop()
    running.database.drop()
