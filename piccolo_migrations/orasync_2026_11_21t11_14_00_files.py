"""Files: what of them anybody sees, and what the worker looks after."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "2026-11-21T11:14:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "files of messages"

SQL = r"""
-- Only these: where the provider holds a file, and under which key we do, is nobody's business.
create function shown_files(p_files json) returns json language sql immutable as $$
  select coalesce(json_agg(json_build_object('id', f->>'id', 'name', f->>'name', 'type', f->>'type', 'size', f->'size',
    'state', f->>'state', 'reason', f->>'reason', 'url', f->>'url', 'thumbnail', f->>'thumbnail', 'width', f->'width',
    'height', f->'height') order by n), '[]'::json)
  from json_array_elements(p_files) with ordinality x (f, n) $$;

create or replace function message_json(m message) returns json language sql stable as $$
  select json_build_object('id', m.id, 'thread_id', m.thread_id, 'seq', m.seq, 'direction', m.direction,
    'channel', m.channel, 'kind', m.kind, 'body', m.body,
    'author', json_build_object('type', m.author_type, 'id', m.author_id, 'name', m.author_name),
    'status', m.status, 'provider_id', m.provider_id,
    'attachments', case when m.attachments::text = '[]' then m.attachments else shown_files(m.attachments) end,
    'sent_at', m.sent_at, 'delivered_at', m.delivered_at, 'read_at', m.read_at,
    'failure', case when m.failure_code is not null then json_build_object('code', m.failure_code, 'text', m.failure_text) end,
    'mode', m.mode, 'created_at', m.created_at, 'send_at', m.send_at, 'mentions', m.mentions, 'client_id', m.client_id,
    'details', m.details, 'reactions', m.reactions)
$$;

-- In a list, a message of nothing but files says so.
create or replace function message_brief(m message) returns json language sql stable as $$
  select json_build_object('id', m.id, 'direction', m.direction, 'kind', m.kind, 'channel', m.channel,
    'body', case when m.body = '' and m.attachments::text <> '[]' then 'Sent a file' else left(m.body, 160) end,
    'status', m.status,
    'author', json_build_object('type', m.author_type, 'id', m.author_id, 'name', m.author_name), 'created_at', m.created_at)
$$;

create index attachment_unsent_ix on attachment (created_at) where message_id is null;

-- For the worker, before a clinic is known.
create function stalled_files(p_limit int) returns table (clinic_id uuid, id uuid) language sql volatile security definer
  set search_path = public, pg_temp as $$
  select a.clinic_id, a.id from attachment a
  where a.state = 'waiting' and a.message_id is not null and a.created_at < clock_timestamp() - interval '15 minutes'
    and not exists (select 1 from job j where j.clinic_id = a.clinic_id and j.type = 'attachment_fetch'
      and j.status in ('pending', 'processing', 'failed') and j.payload->>'attachment_id' = a.id::text)
  order by a.created_at limit p_limit $$;
create function unsent_files(p_limit int) returns table (clinic_id uuid, id uuid) language sql volatile security definer
  set search_path = public, pg_temp as $$
  select a.clinic_id, a.id from attachment a
  where a.message_id is null and a.created_at < clock_timestamp() - interval '24 hours' order by a.created_at limit p_limit $$;

do $$ declare f text; begin
  foreach f in array array['stalled_files', 'unsent_files'] loop
    execute format('alter function %s owner to orasync_door', f);
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to orasync_app', f);
  end loop;
end $$;
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
