"""Fixtures of the journeys: the stand-in for Twilio, and a PostgreSQL that may be killed."""

from __future__ import annotations

import pytest

from tests.support.twilio_server import RunningTwilio


@pytest.fixture
def twilio(tmp_path):
    """A Twilio of one's own; its journal is the judge."""
    server = RunningTwilio(tmp_path / "journal.jsonl")
    yield server
    server.stop()
