"""The clinic's rules: what the assistant may do with which wish on which channel, and who said so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from app.ai import queries
from app.ai.errors import ConsentNeeded, NeverAutomatic, NotEarned
from app.ai.gate import HOLDING
from app.ai.labels import INTENTS, NEVER_AUTOMATIC
from app.ai.schemas import AssistantChange, AssistantView, RuleChange, Rules, RuleView
from app.ai.service.shadow import is_earned, tallies
from app.ai.shadow_schemas import Tally
from app.clinics.events import SettingsChanged
from app.events.service import Work, unit_of_work
from app.kit import clock, database
from app.kit.errors import Forbidden
from app.staff.service import get_staff

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.kit.principal import Principal

CHANNELS = ("sms", "whatsapp", "email", "webchat")


async def get_rules(clinic_id: UUID) -> Rules:
    """Return the whole grid: every wish on every channel, most of them off."""
    async with database.reading(clinic_id):
        known = {(rule.channel, rule.intent): rule for rule in await queries.list_rules(clinic_id)}
        assistant = await queries.get_assistant(clinic_id)
    grid = [
        known.get((channel, intent)) or RuleView(channel=channel, intent=intent)  # type: ignore[arg-type]
        for channel in CHANNELS
        for intent in INTENTS
    ]
    return Rules(grid, assistant)


async def change_rule(principal: Principal, change: RuleChange) -> RuleView:
    """Change one rule. Raises where the wish is for people, or where nobody said yes to an automatic answer."""
    return (await change_rules(principal, [change]))[0]


async def change_rules(principal: Principal, changes: Sequence[RuleChange]) -> list[RuleView]:
    """Change several rules, all or none; raises as :func:`change_rule`."""
    clinic_id = principal.clinic_id
    async with unit_of_work(clinic_id, principal) as work:
        await lock_rules(work)
        return [await _change(work, change) for change in changes]


async def lock_rules(work: Work) -> None:
    """Let one unit of work at a time change rules of this clinic."""
    name = f"rules:{work.clinic_id}"
    await work.connection.execute("select pg_advisory_xact_lock(hashtextextended($1, 12))", name)


async def _change(work: Work, change: RuleChange) -> RuleView:
    before = await queries.find_rule(work.clinic_id, change.channel, change.intent) or RuleView(
        channel=change.channel, intent=change.intent
    )
    given = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not UNSET}
    given.pop("consent")
    given.pop("override")
    after = msgspec.structs.replace(before, **given)
    if after == before:
        return before
    is_overridden = False
    if after.mode == "answer":
        after, is_overridden = await _allow(work.principal, change, before, after)
    else:
        after = msgspec.structs.replace(after, allowed_by=None, allowed_at=None)
    return await write_rule(work, before, after, is_overridden=is_overridden)


async def write_rule(work: Work, before: RuleView, after: RuleView, **told: Any) -> RuleView:
    """Write a changed rule as its next version, with event and audit row; ``told`` goes into the latter."""
    after = msgspec.structs.replace(after, version=before.version + 1)
    await _write_rule(work.connection, work.principal, after)
    changes = _changes(before, after)
    work.record(SettingsChanged(section="assistant", changes={f"{after.channel}.{after.intent}": changes}))
    work.audit("assistant.rule_changed", "ai_rule", channel=after.channel, intent=after.intent, changes=changes, **told)
    return after


async def _allow(principal: Principal, change: RuleChange, before: RuleView, after: RuleView) -> tuple[RuleView, bool]:
    """Return the rule as it is allowed, and whether an owner put their word in place of a trial."""
    if after.intent in NEVER_AUTOMATIC - HOLDING:
        raise NeverAutomatic.field(
            "mode", "The assistant never answers such messages by itself. It can suggest an answer."
        )
    if before.mode == "answer":
        return after, False
    if not change.consent:
        raise ConsentNeeded.field(
            "consent", "Say that the assistant may answer such messages by itself: consent is true."
        )
    # The holding text is fixed: nothing is written that could agree with anybody.
    is_overridden = after.intent not in HOLDING and not await _has_earned(principal, after)
    if is_overridden:
        _refuse_unless_overridden(principal, change)
    allowed = msgspec.structs.replace(after, allowed_by=principal.name, allowed_at=clock.now(), stepped_back_at=None)
    return allowed, is_overridden


async def _has_earned(principal: Principal, rule: RuleView) -> bool:
    settings = await queries.get_assistant(principal.clinic_id)
    tally = (await tallies(principal.clinic_id)).get((rule.channel, rule.intent))
    return is_earned(tally or Tally(), settings)


def _refuse_unless_overridden(principal: Principal, change: RuleChange) -> None:
    if not change.override:
        raise NotEarned.field(
            "override", "Let it try itself out in silence first. It has not agreed with your team often enough yet."
        )
    if principal.role != "owner" and "*" not in principal.scopes:
        raise Forbidden("Only an owner can let it answer before its silent trial has agreed often enough.")


async def _write_rule(connection: Any, principal: Principal, rule: RuleView) -> None:
    await connection.execute(
        "insert into ai_rule (clinic_id, channel, intent, mode, hours, daily_limit, wait_seconds, version, "
        "allowed_by_id, allowed_by_name, allowed_at, stepped_back_at, updated_at) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, now()) "
        "on conflict (clinic_id, channel, intent) do update set mode = excluded.mode, hours = excluded.hours, "
        "daily_limit = excluded.daily_limit, wait_seconds = excluded.wait_seconds, version = excluded.version, "
        "allowed_by_id = excluded.allowed_by_id, allowed_by_name = excluded.allowed_by_name, "
        "allowed_at = excluded.allowed_at, stepped_back_at = excluded.stepped_back_at, "
        "updated_at = excluded.updated_at",
        principal.clinic_id,
        rule.channel,
        rule.intent,
        rule.mode,
        rule.hours,
        rule.daily_limit,
        rule.wait_seconds,
        rule.version,
        principal.id if rule.allowed_by else None,
        rule.allowed_by or "",
        rule.allowed_at,
        rule.stepped_back_at,
    )


async def change_assistant(principal: Principal, change: AssistantChange) -> AssistantView:
    """Change what holds for all rules."""
    clinic_id = principal.clinic_id
    given = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not UNSET}
    async with unit_of_work(clinic_id, principal) as work:
        if given.get("alert_to"):
            await get_staff(clinic_id, given["alert_to"])
        before = await queries.get_assistant(clinic_id)
        after = msgspec.structs.replace(before, **given)
        changes = _changes(before, after)
        if not changes:
            return before
        await work.connection.execute(
            "insert into assistant "
            "(clinic_id, tone, never_topics, emergency_line, alert_minutes, alert_to, agreement_level, "
            "least_compared, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, now()) on conflict "
            "(clinic_id) do update set tone = excluded.tone, "
            "never_topics = excluded.never_topics, emergency_line = excluded.emergency_line, "
            "alert_minutes = excluded.alert_minutes, alert_to = excluded.alert_to, "
            "agreement_level = excluded.agreement_level, least_compared = excluded.least_compared, "
            "updated_at = excluded.updated_at",
            clinic_id,
            after.tone,
            after.never_topics,
            after.emergency_line,
            after.alert_minutes,
            after.alert_to,
            after.agreement_level,
            after.least_compared,
        )
        work.record(SettingsChanged(section="assistant", changes=changes))
        work.audit("assistant.changed", "assistant", changes=changes)
    return after


def _changes(before: msgspec.Struct, after: msgspec.Struct) -> dict[str, Any]:
    was, now = msgspec.structs.asdict(before), msgspec.structs.asdict(after)
    return {name: [was[name], now[name]] for name in now if was[name] != now[name]}
