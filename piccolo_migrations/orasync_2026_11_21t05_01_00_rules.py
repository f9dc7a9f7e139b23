"""Keys, links, indexes and row level security: what Piccolo cannot say."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "2026-11-21T05:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "rules"

SQL = r"""
-- Keys. The clinic stands first in every key: a look-up without it has no index, and a link to another clinic's row
-- cannot be written down.
alter table staff_member drop constraint staff_member_pkey, add primary key (clinic_id, id);
alter table invitation drop constraint invitation_pkey, add primary key (clinic_id, id);
alter table session drop constraint session_pkey, add primary key (clinic_id, id);
alter table connection_key drop constraint connection_key_pkey, add primary key (clinic_id, id);
alter table audit_entry drop constraint audit_entry_pkey, add primary key (clinic_id, n);
alter table kept_answer drop constraint kept_answer_pkey, add primary key (clinic_id, endpoint, key);
alter table event drop constraint event_pkey, add primary key (clinic_id, seq);
alter table reaction_position drop constraint reaction_position_pkey, add primary key (clinic_id, name);
alter table job drop constraint job_pkey, add primary key (clinic_id, id);
alter table contact drop constraint contact_pkey, add primary key (clinic_id, id);
alter table contact_point drop constraint contact_point_pkey, add primary key (clinic_id, id);
alter table consent drop constraint consent_pkey, add primary key (clinic_id, channel, address);
alter table channel drop constraint channel_pkey, add primary key (clinic_id, id);
alter table webhook_delivery drop constraint webhook_delivery_pkey, add primary key (clinic_id, id);
alter table delivery_report drop constraint delivery_report_pkey, add primary key (clinic_id, id);
alter table thread drop constraint thread_pkey, add primary key (clinic_id, id);
alter table message drop constraint message_pkey, add primary key (clinic_id, id);
alter table read_mark drop constraint read_mark_pkey, add primary key (clinic_id, staff_id, thread_id);
alter table draft drop constraint draft_pkey, add primary key (clinic_id, staff_id, thread_id, kind);
alter table saved_reply drop constraint saved_reply_pkey, add primary key (clinic_id, id);

-- Links.
alter table clinic_log add foreign key (clinic_id) references clinic (id);
alter table staff_member add foreign key (clinic_id) references clinic (id);
alter table invitation add foreign key (clinic_id) references clinic (id);
alter table session add foreign key (clinic_id, staff_id) references staff_member (clinic_id, id);
alter table connection_key add foreign key (clinic_id) references clinic (id);
alter table event add foreign key (clinic_id) references clinic_log (clinic_id);
alter table audit_entry add foreign key (clinic_id) references clinic_log (clinic_id);
alter table reaction_position add foreign key (clinic_id) references clinic_log (clinic_id);
alter table kept_answer add foreign key (clinic_id) references clinic (id);
alter table job add foreign key (clinic_id) references clinic (id);
alter table contact add foreign key (clinic_id) references clinic (id);
alter table contact_point add foreign key (clinic_id, contact_id) references contact (clinic_id, id);
alter table consent add foreign key (clinic_id) references clinic (id);
alter table channel add foreign key (clinic_id) references clinic (id);
alter table thread add foreign key (clinic_id, contact_id) references contact (clinic_id, id);
alter table thread add foreign key (clinic_id, assignee_id) references staff_member (clinic_id, id);
alter table message add foreign key (clinic_id, thread_id) references thread (clinic_id, id);
alter table message add foreign key (clinic_id, channel_id) references channel (clinic_id, id);
alter table read_mark add foreign key (clinic_id, staff_id) references staff_member (clinic_id, id);
alter table read_mark add foreign key (clinic_id, thread_id) references thread (clinic_id, id);
alter table draft add foreign key (clinic_id, staff_id) references staff_member (clinic_id, id);
alter table draft add foreign key (clinic_id, thread_id) references thread (clinic_id, id);
alter table saved_reply add foreign key (clinic_id) references clinic (id);

-- What must not exist twice.
create unique index clinic_slug_uq on clinic (slug);
create unique index clinic_client_code_uq on clinic (client_code);
create unique index staff_member_email_uq on staff_member (lower(email)) where removed_at is null;
create unique index invitation_token_uq on invitation (token_hash);
create unique index session_token_uq on session (token_hash);
create unique index connection_key_hash_uq on connection_key (key_hash);
create unique index contact_point_address_uq on contact_point (clinic_id, kind, address);
create unique index channel_address_uq on channel (clinic_id, kind, address) where removed_at is null;
create unique index channel_id_uq on channel (id);
create unique index thread_contact_uq on thread (clinic_id, contact_id);
create unique index message_provider_uq on message (clinic_id, channel_id, provider_id) where provider_id is not null;
create unique index message_client_uq on message (clinic_id, client_id) where client_id is not null;
create unique index saved_reply_name_uq on saved_reply (clinic_id, lower(name));

-- What lists and searches walk along.
create index contact_point_contact_ix on contact_point (clinic_id, contact_id);
create index session_staff_ix on session (clinic_id, staff_id) where revoked_at is null;
create index thread_all_ix on thread (clinic_id, is_escalated desc, last_message_at desc, id desc);
create index thread_todo_ix on thread (clinic_id, is_escalated desc, last_message_at desc, id desc)
  where state = 'open' and (waiting_since is not null or is_escalated);
create index thread_waiting_ix on thread (clinic_id, waiting_since, id) where state = 'open' and waiting_since is not null;
create index thread_mine_ix on thread (clinic_id, assignee_id, is_escalated desc, last_message_at desc, id desc)
  where state = 'open' and assignee_id is not null;
create index thread_unassigned_ix on thread (clinic_id, is_escalated desc, last_message_at desc, id desc)
  where state = 'open' and assignee_id is null;
create index thread_snoozed_ix on thread (clinic_id, snoozed_until, id) where state = 'snoozed';
create index message_thread_ix on message (clinic_id, thread_id, seq desc);
create index message_moving_ix on message (status, coalesce(deadline_at, send_at, created_at))
  where status in ('scheduled', 'queued', 'sending', 'unknown');
create index message_attempt_ix on message (clinic_id, attempt_token) where attempt_token is not null;
create index delivery_report_ix on delivery_report (clinic_id, channel_id, provider_id);
create index job_due_ix on job (run_at) where status in ('pending', 'failed');
create index job_lease_ix on job (lease_until) where status = 'processing';
create index job_list_ix on job (clinic_id, status, created_at desc);
create index audit_action_ix on audit_entry (clinic_id, action, n desc);

-- Words. The clinic is a lexeme of its own inside the vector, so that one index answers "these words in this clinic"
-- without walking the clinic's rows. A thread is found by the words of its contact's name, or the last digits.
create function clinic_lexeme(clinic uuid) returns text language sql immutable strict parallel safe
  as $$ select 'c' || replace(clinic::text, '-', '') $$;
create function last_digits(phone text) returns text language sql immutable strict parallel safe
  as $$ select reverse(regexp_replace(phone, '\D', '', 'g')) $$;
alter table message add column words tsvector
  generated always as (to_tsvector('simple'::regconfig, clinic_lexeme(clinic_id) || ' ' || body)) stored;
create index message_words_ix on message using gin (words);
alter table thread add column words tsvector generated always as
  (to_tsvector('simple'::regconfig, clinic_lexeme(clinic_id) || ' ' || contact_name || ' ' || coalesce(contact_email, ''))) stored;
create index thread_words_ix on thread using gin (words);
create index thread_digits_ix on thread (clinic_id, last_digits(contact_phone) text_pattern_ops);

alter table thread set (fillfactor = 70);
alter table clinic_log set (fillfactor = 50);
alter table job set (fillfactor = 70);

-- Rate limits that hold over all processes. Unlogged: a crash may forget who was asking too often.
create unlogged table rate_bucket (key text primary key, tokens double precision not null, at timestamptz not null);
create function rate_take(p_key text, p_rate double precision, p_burst double precision) returns double precision
  language plpgsql as $$
  declare v_have double precision; v_at timestamptz := clock_timestamp();
  begin
    -- Returns the seconds to wait, 0 when a token was taken. The row lock keeps takers apart.
    insert into rate_bucket (key, tokens, at) values (p_key, p_burst, v_at) on conflict (key) do nothing;
    select least(p_burst, tokens + greatest(0, extract(epoch from v_at - at)) * p_rate) into v_have
      from rate_bucket where key = p_key for update;
    if v_have >= 1 then
      update rate_bucket set tokens = v_have - 1, at = v_at where key = p_key;
      return 0;
    end if;
    update rate_bucket set tokens = v_have, at = v_at where key = p_key;
    return (1 - v_have) / p_rate;
  end $$;

-- Which server this database lay on when it was last brought up to date (R13: a restored copy is another one).
create table installation (is_only boolean primary key default true check (is_only), server text not null);
grant select, insert, update on installation to orasync_door;

-- The audit log can only grow.
create function refuse_change() returns trigger language plpgsql
  as $$ begin raise exception 'the audit log is append-only' using errcode = 'insufficient_privilege'; end $$;
create trigger audit_entry_append_only before update or delete on audit_entry for each row execute function refuse_change();
create trigger audit_entry_no_truncate before truncate on audit_entry for each statement execute function refuse_change();

-- Row level security: forced, so that it binds the owner too; no clinic set means no rows.
do $$ declare t text; begin
  foreach t in array array['clinic_log', 'staff_member', 'invitation', 'session', 'connection_key', 'audit_entry',
      'kept_answer', 'event', 'reaction_position', 'job', 'contact', 'contact_point', 'consent', 'channel', 'webhook_delivery', 'delivery_report',
      'thread', 'message', 'read_mark', 'draft', 'saved_reply'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format('create policy own_clinic on %I to orasync_app using (clinic_id = nullif(current_setting(''app.clinic_id'', true), '''')::uuid) '
                   'with check (clinic_id = nullif(current_setting(''app.clinic_id'', true), '''')::uuid)', t);
    execute format('create policy door on %I to orasync_door using (true) with check (true)', t);
    execute format('grant select, insert, update, delete on %I to orasync_app, orasync_door', t);
  end loop;
end $$;
alter table clinic enable row level security, force row level security;
create policy own_clinic on clinic to orasync_app using (id = nullif(current_setting('app.clinic_id', true), '')::uuid)
  with check (id = nullif(current_setting('app.clinic_id', true), '')::uuid);
create policy door on clinic to orasync_door using (true) with check (true);
grant select, insert, update on clinic to orasync_app;
grant select on clinic to orasync_door;
revoke update, delete on event, audit_entry from orasync_app;
revoke update, delete on audit_entry from orasync_door;
revoke delete on clinic_log, thread, contact, staff_member from orasync_app;
grant insert on unrouted_delivery to orasync_app;
grant select, insert, delete on unrouted_delivery to orasync_door;
grant select, insert, update on rate_bucket to orasync_app;
grant select, insert, update, delete on rate_bucket to orasync_door;
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
