"""The send gate's whole truth table: everything must be in favour, and one thing against is enough."""

from __future__ import annotations

import itertools
from typing import get_args

import pytest

from app.ai.gate import HOLDING, SURE_ENOUGH, WORDS, Against, Case, judge
from app.ai.labels import INTENTS, NEVER_AUTOMATIC

# Each thing against, and how it comes about; no entry changes what another one tests.
AGAINST = {
    "rule_off": {"rule": "off"},
    "rule_shadow": {"rule": "shadow"},
    "rule_suggests": {"rule": "suggest"},
    "not_a_safe_wish": {"intent": "complaint"},
    "escalated": {"escalate": True},
    "urgent": {"urgent": True},
    "not_sure": {"confidence": SURE_ENOUGH - 0.001},
    "opted_out": {"is_opted_out": True},
    "blocked": {"is_blocked": True},
    "taken_over": {"is_taken_over": True},
    "moved_on": {"has_moved_on": True},
    "written_by_a_machine": {"is_machine": True},
    "answered_often_today": {"answers_here": 3},
    "daily_limit": {"daily_limit": 5, "answers_by_rule": 5},
    "outside_its_hours": {"is_in_hours": False},
    "never_topic": {"touches_never_topic": True},
    "no_credits": {"credits_left": 0},
}


def case(**changes):
    return Case(
        **{"rule": "answer", "intent": "booking", "confidence": 0.99, "urgent": False, "escalate": False, **changes}
    )


def test_the_table_names_everything_that_can_be_against():
    assert set(AGAINST) == set(get_args(Against)) == set(WORDS)


def test_every_combination():
    # A rule has one mode: the others of it are in the next test.
    names = [name for name in AGAINST if name not in {"rule_shadow", "rule_suggests"}]
    for chosen in itertools.product([False, True], repeat=len(names)):
        wanted = [name for name, is_chosen in zip(names, chosen, strict=True) if is_chosen]
        changes = {key: value for name in wanted for key, value in AGAINST[name].items()}
        ruling = judge(case(**changes))
        assert set(ruling.against) == set(wanted)
        assert ruling.may_send == (not wanted)


@pytest.mark.parametrize("name", AGAINST)
def test_one_thing_against_is_enough(name):
    ruling = judge(case(**AGAINST[name]))
    assert ruling.against == (name,)
    assert not ruling.may_send


def test_an_earlier_alert_counts():
    assert judge(case(is_escalated=True)).against == ("escalated",)


@pytest.mark.parametrize("intent", INTENTS)
def test_which_wishes_are_safe(intent):
    assert judge(case(intent=intent)).may_send == (intent not in NEVER_AUTOMATIC)


@pytest.mark.parametrize("confidence", [float("nan"), 0.0, -1.0])
def test_an_odd_confidence_is_not_sure(confidence):
    assert judge(case(confidence=confidence)).against == ("not_sure",)


@pytest.mark.parametrize("name", AGAINST)
def test_the_holding_text_needs_all_but_what_asks_for_a_person(name):
    changes = {"intent": "emergency", "escalate": True, "urgent": True, "confidence": 0.2, **AGAINST[name]}
    allowed = {"escalated", "urgent", "not_sure"}
    assert judge(case(**changes)).may_hold == (name in allowed)


@pytest.mark.parametrize("intent", INTENTS)
def test_only_medical_wishes_are_held(intent):
    assert judge(case(intent=intent, escalate=True)).may_hold == (intent in HOLDING)
    assert not judge(case(intent=intent, escalate=True, answers_here=1)).may_hold
