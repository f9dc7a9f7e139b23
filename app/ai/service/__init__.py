"""What the assistant does."""

from app.ai.gate import HOLDING
from app.ai.knowledge_schemas import FactDraft
from app.ai.service.acts import list_acts, start_acts_export
from app.ai.service.answering import answer
from app.ai.service.insights import get_insights
from app.ai.service.knowledge import add_fact, change_fact, delete_fact, list_facts, remember_answer
from app.ai.service.memory import ask_to_learn, learn
from app.ai.service.overdue import Waiting, pass_on, waiting_alerts, watch_alerts
from app.ai.service.replaying import replay, start_past_trial
from app.ai.service.rules import CHANNELS, change_assistant, change_rule, change_rules, get_rules
from app.ai.service.shadow import ask_for_comparison, compare_threads, get_shadow
from app.ai.service.stepping import note_corrections, weigh
from app.ai.service.strip import Strip, strip_of
from app.ai.service.suggesting import suggest, suggest_for_message
from app.ai.service.suggestions import find_card, note_answers, send_suggestion, settle_suggestion
from app.ai.service.takeover import hand_back, release_closed, take_over
from app.ai.service.triage import ask_for_triage, classifier, triage
from app.ai.service.trying import Trial, try_out

__all__ = [
    "CHANNELS",
    "HOLDING",
    "FactDraft",
    "Strip",
    "Trial",
    "Waiting",
    "add_fact",
    "answer",
    "ask_for_comparison",
    "ask_for_triage",
    "ask_to_learn",
    "change_assistant",
    "change_fact",
    "change_rule",
    "change_rules",
    "classifier",
    "compare_threads",
    "delete_fact",
    "find_card",
    "get_insights",
    "get_rules",
    "get_shadow",
    "hand_back",
    "learn",
    "list_acts",
    "list_facts",
    "note_answers",
    "note_corrections",
    "pass_on",
    "release_closed",
    "remember_answer",
    "replay",
    "send_suggestion",
    "settle_suggestion",
    "start_acts_export",
    "start_past_trial",
    "strip_of",
    "suggest",
    "suggest_for_message",
    "take_over",
    "triage",
    "try_out",
    "waiting_alerts",
    "watch_alerts",
    "weigh",
]
