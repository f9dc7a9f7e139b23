"""No message leaves without its decision: the database demands the row (N8)."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "2026-11-21T11:17:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "decisions"

SQL = r"""
-- What was sent before decisions were written down has one that says so. Row level security binds the owner, too.
alter table message no force row level security;
alter table decision no force row level security;
alter table thread no force row level security;
with old as (select m.*, t.contact_id from message m join thread t on t.clinic_id = m.clinic_id and t.id = m.thread_id
    where m.direction = 'out' and m.kind = 'text' and m.decision_id is null),
  made as (insert into decision (id, clinic_id, kind, channel, to_address, contact_id, rule, approved_by_type, approved_by_id,
      approved_by_name, consent, consent_source, consent_at, is_opted_out, zone, local_time, quiet_hours, units, decided_at)
    select id, clinic_id, 'reply', channel, coalesce(to_address, 'unknown'), contact_id, 'Sent before reasons were written down',
      author_type, author_id, author_name, 'Not written down at that time', 'list', created_at, false, 'UTC',
      to_char(created_at at time zone 'UTC', 'HH24:MI'), 'Not written down at that time', 0, created_at from old
    returning clinic_id, id)
update message m set decision_id = d.id from made d where m.clinic_id = d.clinic_id and m.id = d.id;
alter table message force row level security;
alter table decision force row level security;
alter table thread force row level security;
alter table message add constraint message_decided check (direction = 'in' or kind <> 'text' or decision_id is not null);
create index decision_at_ix on decision (clinic_id, decided_at, id);
create index message_decision_ix on message (clinic_id, decision_id) where decision_id is not null;
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
