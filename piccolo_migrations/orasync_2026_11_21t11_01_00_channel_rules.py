"""Keys, links and row level security of every channel's tables; messages with details, reactions and files."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "2026-11-21T11:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "rules of every channel"

SQL = r"""
alter table sharer drop constraint sharer_pkey, add primary key (clinic_id, kind, address, contact_id);
alter table contact_merge drop constraint contact_merge_pkey, add primary key (clinic_id, id);
alter table decision drop constraint decision_pkey, add primary key (clinic_id, id);
alter table attachment drop constraint attachment_pkey, add primary key (clinic_id, id);
alter table message_template drop constraint message_template_pkey, add primary key (clinic_id, id);
alter table visitor drop constraint visitor_pkey, add primary key (clinic_id, id);
alter table mailbox_position drop constraint mailbox_position_pkey, add primary key (clinic_id, channel_id, folder);

alter table contact add foreign key (clinic_id, merged_into) references contact (clinic_id, id);
alter table sharer add foreign key (clinic_id, contact_id) references contact (clinic_id, id);
alter table contact_merge add foreign key (clinic_id, survivor_id) references contact (clinic_id, id),
  add foreign key (clinic_id, merged_id) references contact (clinic_id, id);
alter table decision add foreign key (clinic_id) references clinic (id);
alter table attachment add foreign key (clinic_id) references clinic (id);
alter table message_template add foreign key (clinic_id, channel_id) references channel (clinic_id, id);
alter table visitor add foreign key (clinic_id, channel_id) references channel (clinic_id, id),
  add foreign key (clinic_id, contact_id) references contact (clinic_id, id);
alter table mailbox_position add foreign key (clinic_id, channel_id) references channel (clinic_id, id);
alter table thread add foreign key (clinic_id, person_id) references contact (clinic_id, id);
alter table message add foreign key (clinic_id, decision_id) references decision (clinic_id, id);

create unique index channel_route_uq on channel (provider, route_key) where route_key is not null and removed_at is null;
create unique index message_template_uq on message_template (clinic_id, channel_id, name, language);
create unique index visitor_key_uq on visitor (key_hash);
create index attachment_message_ix on attachment (clinic_id, message_id, position);
create index attachment_waiting_ix on attachment (created_at) where state = 'waiting';
create index contact_merge_ix on contact_merge (clinic_id, survivor_id, merged_at desc);
create index sharer_contact_ix on sharer (clinic_id, contact_id);

do $$ declare t text; begin
  foreach t in array array['sharer', 'contact_merge', 'decision', 'attachment', 'message_template', 'visitor', 'mailbox_position'] loop
    execute format('alter table %I enable row level security, force row level security', t);
    execute format('create policy own_clinic on %I to orasync_app using (clinic_id = nullif(current_setting(''app.clinic_id'', true), '''')::uuid) '
                   'with check (clinic_id = nullif(current_setting(''app.clinic_id'', true), '''')::uuid)', t);
    execute format('create policy door on %I to orasync_door using (true) with check (true)', t);
    execute format('grant select, insert, update, delete on %I to orasync_app, orasync_door', t);
  end loop;
end $$;
revoke update, delete on decision from orasync_app, orasync_door;

-- The words of a mail can be more than a tsvector holds: its first 100,000 characters are found.
alter table message drop column words;
alter table message add column words tsvector generated always as
  (to_tsvector('simple'::regconfig, clinic_lexeme(clinic_id) || ' ' || left(body, 100000))) stored;
create index message_words_ix on message using gin (words);

-- The wire forms, with what mail, WhatsApp and families add.
create or replace function message_json(m message) returns json language sql stable as $$
  select json_build_object('id', m.id, 'thread_id', m.thread_id, 'seq', m.seq, 'direction', m.direction,
    'channel', m.channel, 'kind', m.kind, 'body', m.body,
    'author', json_build_object('type', m.author_type, 'id', m.author_id, 'name', m.author_name),
    'status', m.status, 'provider_id', m.provider_id, 'attachments', m.attachments,
    'sent_at', m.sent_at, 'delivered_at', m.delivered_at, 'read_at', m.read_at,
    'failure', case when m.failure_code is not null then json_build_object('code', m.failure_code, 'text', m.failure_text) end,
    'mode', m.mode, 'created_at', m.created_at, 'send_at', m.send_at, 'mentions', m.mentions, 'client_id', m.client_id,
    'details', m.details, 'reactions', m.reactions)
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
    'person', (select json_build_object('id', c.id, 'name', c.name) from contact c where c.clinic_id = t.clinic_id and c.id = t.person_id))
$$;

-- The batch, with details, the 24 hours of WhatsApp, and people the clinic has blocked.
drop function ingest_batch(uuid[], uuid[], text[], text[], text[], text[], text[], text[], text[], text[], text[], uuid[], uuid[],
  uuid[], uuid[], timestamptz, boolean, boolean, text);
create function ingest_batch(p_clinic uuid[], p_channel_id uuid[], p_channel text[], p_kind text[], p_address text[],
    p_name text[], p_provider_id text[], p_body text[], p_attachments text[], p_details text[], p_alert text[], p_raw text[],
    p_message_id uuid[], p_contact_id uuid[], p_point_id uuid[], p_thread_id uuid[], p_at timestamptz, p_skip_logs boolean, p_wait boolean, p_origin text)
  returns table (n bigint, outcome text, clinic_id uuid, seq bigint, body text, sum bytea)
  language plpgsql security definer set search_path = public, pg_temp as $$
  #variable_conflict use_column
  declare v_thread uuid[]; v_locked uuid[]; v_logs uuid[]; v_hint text;
  begin
    -- Unknown senders: contact point, contact and thread. Two processes may do this at once: the point decides.
    if exists (select 1 from unnest(p_clinic, p_kind, p_address) i (c, k, a) where not exists
        (select 1 from contact_point p where p.clinic_id = i.c and p.kind = i.k and p.address = i.a)) then
      with i as (
        select distinct on (c, k, a) * from unnest(p_clinic, p_kind, p_address, p_name, p_contact_id, p_point_id)
          as x (c, k, a, nm, cid, pid)
        where not exists (select 1 from contact_point p where p.clinic_id = x.c and p.kind = x.k and p.address = x.a)
        order by c, k, a
      ), p as (
        insert into contact_point (id, clinic_id, contact_id, kind, address, created_at)
        select pid, c, cid, k, a, p_at from i order by c, k, a
        on conflict (clinic_id, kind, address) do nothing returning clinic_id, contact_id
      )
      insert into contact (id, clinic_id, name, stage, created_at, updated_at)
      select i.cid, i.c, i.nm, 'lead', p_at, p_at from i join p on p.clinic_id = i.c and p.contact_id = i.cid;
    end if;
    -- Contacts that have not written before have no thread yet.
    if exists (select 1 from unnest(p_clinic, p_kind, p_address) i (c, k, a)
        join contact_point p on p.clinic_id = i.c and p.kind = i.k and p.address = i.a
        where not exists (select 1 from thread t where t.clinic_id = p.clinic_id and t.contact_id = p.contact_id)) then
      insert into thread (id, clinic_id, contact_id, contact_name, contact_phone, contact_email, channel, opted_out,
        last_message_at, created_at)
      select distinct on (p.clinic_id, p.contact_id) i.tid, i.c, p.contact_id, ct.name,
        (select q.address from contact_point q where q.clinic_id = i.c and q.contact_id = p.contact_id and q.kind = 'phone' order by q.id limit 1),
        (select q.address from contact_point q where q.clinic_id = i.c and q.contact_id = p.contact_id and q.kind = 'email' order by q.id limit 1),
        i.ch, opted_out_of(p.clinic_id, p.contact_id), p_at, p_at
      from unnest(p_clinic, p_kind, p_address, p_thread_id, p_channel) i (c, k, a, tid, ch)
      join contact_point p on p.clinic_id = i.c and p.kind = i.k and p.address = i.a
      join contact ct on ct.clinic_id = i.c and ct.id = p.contact_id
      where not exists (select 1 from thread t where t.clinic_id = p.clinic_id and t.contact_id = p.contact_id)
      order by p.clinic_id, p.contact_id
      on conflict (clinic_id, contact_id) do nothing;
    end if;
    select array_agg(t.id order by i.n) into v_thread
      from unnest(p_clinic, p_kind, p_address) with ordinality i (c, k, a, n)
      left join contact_point p on p.clinic_id = i.c and p.kind = i.k and p.address = i.a
      left join thread t on t.clinic_id = p.clinic_id and t.contact_id = p.contact_id;

    -- Locks: threads in id order, passing by those somebody holds unless told to wait; then the logs in clinic order, last.
    if p_wait then
      select array_agg(l.id) into v_locked from (
        select t.id from (select distinct c, tid from unnest(p_clinic, v_thread) x (c, tid)) x
        join thread t on t.clinic_id = x.c and t.id = x.tid order by t.id for no key update of t) l;
    else
      select array_agg(l.id) into v_locked from (
        select t.id from (select distinct c, tid from unnest(p_clinic, v_thread) x (c, tid)) x
        join thread t on t.clinic_id = x.c and t.id = x.tid order by t.id for no key update of t skip locked) l;
    end if;
    if p_skip_logs then
      select array_agg(l.clinic_id) into v_logs from (select g.clinic_id from clinic_log g where g.clinic_id = any (p_clinic)
        order by g.clinic_id for no key update skip locked) l;
    else
      select array_agg(l.clinic_id) into v_logs from (select g.clinic_id from clinic_log g where g.clinic_id = any (p_clinic)
        order by g.clinic_id for no key update) l;
    end if;

    -- A fresh snapshot: exact, because the clinic's log is ours now.
    return query
    with i as (
      select * from unnest(p_clinic, p_channel_id, p_channel, p_provider_id, p_body, p_attachments, p_details, p_alert, p_raw,
        p_message_id, p_contact_id, v_thread, p_address) with ordinality as x (c, chid, ch, pid, bd, att, det, al, rw, mid, cid, tid, adr, n)
    ), fresh as (
      select distinct on (i.c, i.tid) i.* from i
      where i.tid = any (v_locked) and i.c = any (v_logs) and not exists
        (select 1 from message m where m.clinic_id = i.c and m.channel_id = i.chid and m.provider_id = i.pid)
      order by i.c, i.tid, i.n
    ), numbered as (
      select f.*, g.seq + row_number() over (partition by f.c order by f.n) as seq, g.sum as prev,
        ct.id as contact_id, coalesce(nullif(ct.name, ''), f.adr) as name, ct.id = f.cid as is_new,
        json_build_object('id', ct.id, 'name', coalesce(nullif(ct.name, ''), f.adr), 'phone', t.contact_phone,
          'email', t.contact_email, 'stage', ct.stage, 'language', ct.language, 'tags', ct.tags) as contact
      from fresh f join clinic_log g on g.clinic_id = f.c
      join thread t on t.clinic_id = f.c and t.id = f.tid join contact ct on ct.clinic_id = f.c and ct.id = t.contact_id
    ), m as (
      insert into message as ms (id, clinic_id, thread_id, seq, direction, channel, channel_id, kind, body, to_address,
        author_type, author_id, author_name, status, provider_id, attachments, details, created_at)
      select mid, c, tid, seq, 'in', ch, chid, 'text', bd, adr, 'patient', contact_id, name, 'received', pid, att::json, det::json, p_at
      from numbered order by n
      returning ms.clinic_id, ms.id, message_json(ms) as view, message_brief(ms) as brief
    ), t as (
      -- Whom the clinic has blocked may write, but nobody is waiting for it.
      update thread th set state = case when th.is_blocked then th.state else 'open' end, snoozed_until = null,
        waiting_since = case when not th.is_blocked then coalesce(th.waiting_since, p_at) end,
        -- WhatsApp's 24 hours run from the moment the person wrote, not from when we heard of it.
        whatsapp_until = case when f.ch = 'whatsapp' then greatest(th.whatsapp_until,
          coalesce((f.det::json->>'sent_at')::timestamptz, p_at) + interval '24 hours') else th.whatsapp_until end,
        last_message_at = p_at, last_seq = f.seq, channel = f.ch, channel_id = f.chid, last_message = m.brief,
        inbound_count = th.inbound_count + 1, unanswered_count = th.unanswered_count + 1,
        is_urgent = th.is_urgent or (f.al is not null and not th.is_blocked),
        is_escalated = th.is_escalated or (f.al is not null and not th.is_blocked),
        alert = case when th.is_blocked then th.alert else coalesce(f.al, th.alert) end
      from numbered f join m on m.clinic_id = f.c and m.id = f.mid where th.clinic_id = f.c and th.id = f.tid
      returning th.clinic_id, th.id, thread_json(th) as view
    ), built as materialized (
      select f.n, f.c, f.seq, f.prev, '{"t":"event","seq":' || f.seq || ',"type":"message.created","at":' || to_json(p_at)
        || ',"actor":' || json_build_object('type', 'patient', 'id', f.contact_id, 'name', f.name)
        || ',"data":{"message":' || m.view || ',"thread":' || t.view || ',"contact":' || f.contact
        || ',"new_contact":' || case when f.is_new then 'true}' else 'false}' end as body
      from numbered f join m on m.clinic_id = f.c and m.id = f.mid join t on t.clinic_id = f.c and t.id = f.tid
    ), digested as materialized (
      select b.*, sha256(convert_to(b.body, 'UTF8')) as digest from built b
    ), chained as (
      select b.*, chain(b.prev, b.digest) over (partition by b.c order by b.seq rows unbounded preceding) as sum from digested b
    ), e as (
      insert into event (clinic_id, seq, type, body, digest, sum, at)
      select c, seq, 'message.created', body, digest, sum, p_at from chained order by c, seq
    ), g as (
      update clinic_log l set seq = z.seq, sum = z.sum
      from (select distinct on (c) c, seq, sum from chained order by c, seq desc) z where l.clinic_id = z.c
    ), w as (
      insert into webhook_delivery (id, clinic_id, channel_id, raw, received_at) select mid, c, chid, rw, p_at from numbered
    )
    select i.n, case when h.n is not null then 'stored'
        when exists (select 1 from message m where m.clinic_id = i.c and m.channel_id = i.chid and m.provider_id = i.pid) then 'repeat'
        when i.tid = any (v_locked) and i.c = any (v_logs) then 'again' else 'busy' end, i.c, h.seq, h.body, h.sum
      from i left join chained h on h.n = i.n order by h.c, h.seq;

    -- One hint for all, sent by this commit: "clinic:seq:process" a line, or "look at all" where that gets too long.
    if p_origin is not null and v_logs is not null then
      select string_agg('log ' || replace(l.clinic_id::text, '-', '') || ':' || l.seq || ':' || p_origin, chr(10)) into v_hint
        from clinic_log l where l.clinic_id = any (v_logs);
      perform pg_notify('orasync', case when length(v_hint) < 7900 then v_hint else 'log ' end);
    end if;
  end $$;
alter function ingest_batch set enable_hashjoin = off;
alter function ingest_batch set enable_mergejoin = off;
alter function ingest_batch set enable_seqscan = off;
alter function ingest_batch set plan_cache_mode = force_generic_plan;

-- Doors: before the clinic is known.
create function find_channel_by_route(p_provider text, p_key text) returns uuid language sql stable security definer
  set search_path = public, pg_temp
  as $$ select c.id from channel c where c.provider = p_provider and c.route_key = p_key and c.removed_at is null $$;
create function find_visitor(p_hash text) returns table (clinic_id uuid, id uuid) language sql stable security definer
  set search_path = public, pg_temp as $$ select v.clinic_id, v.id from visitor v where v.key_hash = p_hash $$;
-- For the worker: mailboxes to read.
create function channels_of(p_provider text) returns table (clinic_id uuid, id uuid) language sql stable security definer
  set search_path = public, pg_temp as $$
  select c.clinic_id, c.id from channel c where c.provider = p_provider and c.mode = 'live' and c.removed_at is null $$;

-- Sends that stopped moving: a claim past its deadline, a row whose job got lost, or one that nobody looks for any more.
drop function overdue_messages(int);
create function overdue_messages(p_limit int, p_review interval) returns table (clinic_id uuid, id uuid, status text)
  language sql volatile security definer set search_path = public, pg_temp as $$
  select m.clinic_id, m.id, m.status::text from message m
  where (m.status = 'sending' and m.deadline_at < clock_timestamp())
     or (m.status in ('scheduled', 'queued') and coalesce(m.send_at, m.created_at) < clock_timestamp() - interval '30 seconds'
         and not exists (select 1 from job j where j.clinic_id = m.clinic_id and j.type = 'message_send'
           and j.status in ('pending', 'processing', 'failed') and j.payload->>'message_id' = m.id::text))
     or (m.status = 'unknown' and m.unknown_since < clock_timestamp() - p_review - interval '30 seconds'
         and not exists (select 1 from job j where j.clinic_id = m.clinic_id and j.type = 'message_reconcile'
           and j.status in ('pending', 'processing', 'failed') and j.payload->>'message_id' = m.id::text))
  limit p_limit $$;

do $$ declare f text; begin
  foreach f in array array['ingest_batch', 'overdue_messages', 'find_channel_by_route', 'find_visitor', 'channels_of'] loop
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

