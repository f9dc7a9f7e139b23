"""What could not be delivered is counted until somebody takes care of it; who takes part in a conversation."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "2026-11-21T12:12:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "rules of messages sent another way, and of what was lost"

SQL = r"""
-- One message goes another way once: a second click finds the first one's row. One that was taken back does not count.
create unique index message_retry_uq on message (clinic_id, retry_of) where retry_of is not null and status <> 'cancelled';
create index message_lost_ix on message (clinic_id, thread_id) where status in ('failed', 'needs_review');
create index thread_lost_ix on thread (clinic_id, is_escalated desc, last_message_at desc, id desc) where lost_count > 0;
-- Row level security binds the owner, too.
alter table message no force row level security;
alter table thread no force row level security;
update thread t set lost_count = l.count from (
  select clinic_id, thread_id, count(*) from message where status in ('failed', 'needs_review') and direction = 'out'
  group by clinic_id, thread_id) l
where t.clinic_id = l.clinic_id and t.id = l.thread_id and t.state <> 'closed';
alter table message force row level security;
alter table thread force row level security;

create or replace function message_json(m message) returns json language sql stable as $$
  select json_build_object('id', m.id, 'thread_id', m.thread_id, 'seq', m.seq, 'direction', m.direction,
    'channel', m.channel, 'kind', m.kind, 'body', m.body,
    'author', json_build_object('type', m.author_type, 'id', m.author_id, 'name', m.author_name),
    'status', m.status, 'provider_id', m.provider_id,
    'attachments', case when m.attachments::text = '[]' then m.attachments else shown_files(m.attachments) end,
    'sent_at', m.sent_at, 'delivered_at', m.delivered_at, 'read_at', m.read_at,
    'failure', case when m.failure_code is not null then json_build_object('code', m.failure_code, 'text', m.failure_text) end,
    'mode', m.mode, 'created_at', m.created_at, 'send_at', m.send_at, 'mentions', m.mentions, 'client_id', m.client_id,
    'details', m.details, 'reactions', m.reactions, 'triage', m.triage, 'retry_of', m.retry_of,
    'retried_as', case when m.status = 'failed' then (select json_build_object('id', r.id, 'channel', r.channel) from message r
      where r.clinic_id = m.clinic_id and r.retry_of = m.id and r.status <> 'cancelled') end)
$$;

create or replace function thread_json(t thread) returns json language sql stable as $$
  select json_build_object('id', t.id,
    'contact', json_build_object('id', t.contact_id,
      'name', coalesce(nullif(t.contact_name, ''), t.contact_phone, t.contact_email, ''),
      'phone', t.contact_phone, 'email', t.contact_email),
    'state', t.state,
    'assignee', (select json_build_object('id', s.id, 'name', s.name) from staff_member s
                 where s.clinic_id = t.clinic_id and s.id = t.assignee_id),
    'waiting_since', t.waiting_since, 'last_message', t.last_message, 'last_seq', t.last_seq, 'tags', t.tags,
    'intent', t.intent, 'sentiment', t.sentiment, 'urgent', t.is_urgent, 'escalated', t.is_escalated, 'alert', t.alert,
    'channel', t.channel, 'opted_out', t.opted_out, 'snoozed_until', t.snoozed_until, 'created_at', t.created_at,
    'blocked', t.is_blocked, 'whatsapp_until', t.whatsapp_until,
    'person', (select json_build_object('id', c.id, 'name', c.name) from contact c where c.clinic_id = t.clinic_id and c.id = t.person_id),
    'lost', t.lost_count, 'participants', t.participants)
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
