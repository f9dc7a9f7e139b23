"""Keys, links and row level security of the assistant's tables; an automatic message has its proof in its decision."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "2026-11-21T12:10:03:000000"
VERSION = "1.38.0"
DESCRIPTION = "assistant rules"

SQL = r"""
alter table ai_rule drop constraint ai_rule_pkey, add primary key (clinic_id, channel, intent);
alter table ai_answer drop constraint ai_answer_pkey, add primary key (clinic_id, message_id);
alter table ai_takeover drop constraint ai_takeover_pkey, add primary key (clinic_id, thread_id);
alter table clinic_fact drop constraint clinic_fact_pkey, add primary key (clinic_id, id);
alter table ai_suggestion drop constraint ai_suggestion_pkey, add primary key (clinic_id, id);

alter table assistant add foreign key (clinic_id) references clinic (id);
alter table ai_rule add foreign key (clinic_id) references clinic (id),
  add check (mode in ('off', 'suggest', 'answer')), add check (hours in ('always', 'open', 'closed')),
  add check (mode <> 'answer' or allowed_at is not null), add check (daily_limit >= 0), add check (wait_seconds between 0 and 3600);
alter table ai_answer add foreign key (clinic_id, message_id) references message (clinic_id, id),
  add check (state in ('sent', 'held', 'refused', 'shadow'));
alter table ai_takeover add foreign key (clinic_id) references clinic (id);
alter table clinic_fact add foreign key (clinic_id) references clinic (id);
alter table ai_suggestion add foreign key (clinic_id) references clinic (id);

create index ai_answer_rule_ix on ai_answer (clinic_id, channel, intent, created_at);
create index ai_answer_thread_ix on ai_answer (clinic_id, thread_id, created_at);
create index clinic_fact_ix on clinic_fact (clinic_id, kind, title);
create index ai_suggestion_thread_ix on ai_suggestion (clinic_id, thread_id, created_at desc) where thread_id is not null;
create index ai_suggestion_at_ix on ai_suggestion (clinic_id, created_at);

do $$ declare t text; begin
  foreach t in array array['assistant', 'ai_rule', 'ai_answer', 'ai_takeover', 'clinic_fact', 'ai_suggestion'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format('create policy own_clinic on %I to orasync_app using (clinic_id = nullif(current_setting(''app.clinic_id'', true), '''')::uuid) '
                   'with check (clinic_id = nullif(current_setting(''app.clinic_id'', true), '''')::uuid)', t);
    execute format('create policy door on %I to orasync_door using (true) with check (true)', t);
    execute format('grant select, insert, update, delete on %I to orasync_app, orasync_door', t);
  end loop;
end $$;

-- What the assistant sends by itself proves how it came to it: what it read, by which tier, how sure, by whose leave.
alter table decision add constraint decision_proven check (approved_by_type <> 'ai' or proof is not null);
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
