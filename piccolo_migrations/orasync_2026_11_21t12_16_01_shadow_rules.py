"""Rules of shadow mode, and when a conversation was escalated."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "2026-11-21T12:16:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "rules of shadow mode"

SQL = r"""
alter table ai_rule drop constraint ai_rule_mode_check,
  add constraint ai_rule_mode_check check (mode in ('off', 'shadow', 'suggest', 'answer'));
alter table assistant add check (agreement_level between 0.5 and 1), add check (least_compared between 1 and 1000);
alter table ai_answer add constraint ai_answer_outcome_check check (outcome in
  ('left', 'agreed', 'no_answer', 'escalated', 'other_kind', 'other_facts', 'other_words')),
  add constraint ai_answer_shadow_check check (outcome is null or state = 'shadow');
create index ai_answer_waits_ix on ai_answer (clinic_id, thread_id) where state = 'shadow' and outcome is null;

-- Since when somebody should help: kept by the table itself, for many ways lead to an alert and out of it.
create function thread_escalated() returns trigger language plpgsql as $$
begin
  new.escalated_at := case when new.is_escalated then now() end;
  return new;
end $$;
create trigger thread_escalated_new before insert on thread for each row
  when (new.is_escalated) execute function thread_escalated();
create trigger thread_escalated_changed before update on thread for each row
  when (new.is_escalated is distinct from old.is_escalated) execute function thread_escalated();
update thread set escalated_at = last_message_at where is_escalated;
"""


async def apply() -> None:
    """Run the statements in the migration's own transaction."""
    engine = engine_finder()
    assert engine is not None
    await engine.current_transaction.get().connection.execute(SQL)


async def forwards() -> MigrationManager:
    """Return the migration."""
    manager = MigrationManager(migration_id=ID, app_name="orasync", description=DESCRIPTION)
    manager.add_raw(apply)
    return manager
