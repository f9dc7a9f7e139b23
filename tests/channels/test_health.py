"""The circuit: when a provider is left alone, and how one attempt finds out that it is back."""

from __future__ import annotations

import time

from app.channels.service import health
from app.channels.service.health import HALF_OPEN_AFTER, OPENS_AFTER, Circuit


def opened() -> Circuit:
    circuit = Circuit()
    for _ in range(OPENS_AFTER):
        circuit.failed()
    return circuit


def test_it_opens_after_five_failures_in_a_row():
    circuit = Circuit()
    for _ in range(OPENS_AFTER - 1):
        circuit.failed()
    assert circuit.wait() == 0
    circuit.failed()
    assert 0 < circuit.wait() <= HALF_OPEN_AFTER


def test_an_answer_in_between_starts_the_count_anew():
    circuit = Circuit()
    for _ in range(3 * OPENS_AFTER):
        circuit.failed()
        circuit.answered()
    assert circuit.wait() == 0


def test_half_open_lets_one_attempt_go_and_the_others_wait(monkeypatch):
    circuit = opened()
    later = time.monotonic() + HALF_OPEN_AFTER + 1
    monkeypatch.setattr(health.time, "monotonic", lambda: later)
    assert circuit.wait() == 0
    assert circuit.wait() > 0
    circuit.answered()
    assert circuit.wait() == 0


def test_slow_down_pauses_but_does_not_open():
    circuit = Circuit()
    for _ in range(2 * OPENS_AFTER):
        circuit.failed(retry_after=3)
    assert not circuit.is_open
    assert 0 < circuit.wait() <= 3
