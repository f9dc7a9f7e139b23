"""A row of the inbox knows when its last message leaves; what happened to a message is found by the message."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "2026-11-21T12:11:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "rules of sends that are put off"

SQL = r"""
create or replace function message_brief(m message) returns json language sql stable as $$
  select json_build_object('id', m.id, 'direction', m.direction, 'kind', m.kind, 'channel', m.channel,
    'body', case when m.body = '' and m.attachments::text <> '[]' then 'Sent a file' else left(m.body, 160) end,
    'status', m.status,
    'author', json_build_object('type', m.author_type, 'id', m.author_id, 'name', m.author_name), 'created_at', m.created_at,
    'send_at', case when m.status in ('scheduled', 'queued') then m.send_at end)
$$;

create index audit_message_ix on audit_entry (clinic_id, subject_id, n) where subject_type = 'message';
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
