"""How a message was read is part of what everybody sees of it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "2026-11-21T12:10:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "triage rules"

SQL = r"""
create or replace function message_json(m message) returns json language sql stable as $$
  select json_build_object('id', m.id, 'thread_id', m.thread_id, 'seq', m.seq, 'direction', m.direction,
    'channel', m.channel, 'kind', m.kind, 'body', m.body,
    'author', json_build_object('type', m.author_type, 'id', m.author_id, 'name', m.author_name),
    'status', m.status, 'provider_id', m.provider_id,
    'attachments', case when m.attachments::text = '[]' then m.attachments else shown_files(m.attachments) end,
    'sent_at', m.sent_at, 'delivered_at', m.delivered_at, 'read_at', m.read_at,
    'failure', case when m.failure_code is not null then json_build_object('code', m.failure_code, 'text', m.failure_text) end,
    'mode', m.mode, 'created_at', m.created_at, 'send_at', m.send_at, 'mentions', m.mentions, 'client_id', m.client_id,
    'details', m.details, 'reactions', m.reactions, 'triage', m.triage)
$$;
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
