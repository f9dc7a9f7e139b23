"""The batch by itself: many new people, a mail's HTML, the words that a message answers, and whose address it is."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "2026-11-21T12:13:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "batch of new people and mails"

SQL = r"""
-- A new thread. Its contact may be joined into another one this very moment: then there is to be none, and who wanted
-- it looks again. The lock waits for the join; the read after it sees what it did. Its number and its address are read
-- at once, and not by their kind: of two indexes on small tables the planner would take the one of all phones.
create or replace function thread_begins() returns trigger language plpgsql as $$
  declare v_merged uuid; v_blocked boolean;
  begin
    select c.merged_into, c.is_blocked into v_merged, v_blocked from contact c
      where c.clinic_id = new.clinic_id and c.id = new.contact_id for key share;
    if v_merged is not null then
      return null;
    end if;
    select left((array_agg(p.address order by p.position, p.id) filter (where p.kind = 'phone'))[1], 32),
        (array_agg(p.address order by p.position, p.id) filter (where p.kind = 'email'))[1]
      into new.contact_phone, new.contact_email
      from contact_point p where p.clinic_id = new.clinic_id and p.contact_id = new.contact_id;
    new.is_blocked := v_blocked;
    if v_blocked then
      new.state := 'closed';
    end if;
    return new;
  end $$;

-- The batch. A mail's HTML comes along; of the message that one answers (p_answers) the first words are written beside
-- it; and who may belong to somebody we know (p_asks) is not made a person of its own:
--   stranger  nobody has this address, nothing is stored: look whose it is and ask again without p_asks.
-- Every join goes in the order it is written in.
drop function ingest_batch(uuid[], uuid[], text[], text[], text[], text[], text[], text[], text[], text[], text[], text[],
  uuid[], uuid[], uuid[], uuid[], timestamptz, boolean, boolean, text);
create function ingest_batch(p_clinic uuid[], p_channel_id uuid[], p_channel text[], p_kind text[], p_address text[],
    p_name text[], p_provider_id text[], p_body text[], p_attachments text[], p_details text[], p_html text[], p_answers text[], p_asks boolean[], p_alert text[], p_raw text[],
    p_message_id uuid[], p_contact_id uuid[], p_point_id uuid[], p_thread_id uuid[], p_at timestamptz, p_skip_logs boolean, p_wait boolean, p_origin text)
  returns table (n bigint, outcome text, clinic_id uuid, seq bigint, body text, sum bytea)
  language plpgsql security definer set search_path = public, pg_temp as $$
  #variable_conflict use_column
  declare v_thread uuid[]; v_locked uuid[]; v_logs uuid[]; v_hint text;
  begin
    -- Unknown senders: contact point, contact and thread. Two processes may do this at once: the point decides.
    if exists (select 1 from unnest(p_clinic, p_kind, p_address, p_asks) i (c, k, a, asks) where not asks and not exists
        (select 1 from contact_point p where p.clinic_id = i.c and p.kind = i.k and p.address = i.a)) then
      with i as (
        select distinct on (c, k, a) * from unnest(p_clinic, p_kind, p_address, p_name, p_contact_id, p_point_id, p_asks)
          as x (c, k, a, nm, cid, pid, asks)
        where not asks and not exists (select 1 from contact_point p where p.clinic_id = x.c and p.kind = x.k and p.address = x.a)
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
      -- Its number and address are put in by ``thread_begins``.
      insert into thread (id, clinic_id, contact_id, contact_name, channel, opted_out, last_message_at, created_at)
      select distinct on (p.clinic_id, p.contact_id) i.tid, i.c, p.contact_id, ct.name,
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
      select * from unnest(p_clinic, p_channel_id, p_channel, p_provider_id, p_body, p_attachments, p_details, p_html,
        p_answers, p_asks, p_alert, p_raw, p_message_id, p_contact_id, v_thread, p_address)
        with ordinality as x (c, chid, ch, pid, bd, att, det, html, ans, asks, al, rw, mid, cid, tid, adr, n)
    ), fresh as (
      select distinct on (i.c, i.tid) i.* from i
      where i.tid = any (v_locked) and i.c = any (v_logs) and not exists
        (select 1 from message m where m.clinic_id = i.c and m.channel_id = i.chid and m.provider_id = i.pid)
      order by i.c, i.tid, i.n
    ), numbered as (
      select f.*, g.seq + row_number() over (partition by f.c order by f.n) as seq, g.sum as prev,
        case when f.ans is not null then (select left(m.body, 120) from message m where m.clinic_id = f.c
          and m.channel_id = f.chid and m.provider_id = f.ans and m.to_address = f.adr) end as answered,
        ct.id as contact_id, coalesce(nullif(ct.name, ''), f.adr) as name, ct.id = f.cid as is_new,
        json_build_object('id', ct.id, 'name', coalesce(nullif(ct.name, ''), f.adr), 'phone', t.contact_phone,
          'email', t.contact_email, 'stage', ct.stage, 'language', ct.language, 'tags', ct.tags) as contact
      from fresh f join clinic_log g on g.clinic_id = f.c
      join thread t on t.clinic_id = f.c and t.id = f.tid join contact ct on ct.clinic_id = f.c and ct.id = t.contact_id
    ), m as (
      insert into message as ms (id, clinic_id, thread_id, seq, direction, channel, channel_id, kind, body, to_address,
        author_type, author_id, author_name, status, provider_id, attachments, details, created_at)
      select mid, c, tid, seq, 'in', ch, chid, 'text', bd, adr, 'patient', contact_id, name, 'received', pid, att::json,
        (case when answered is null then det else left(det, -1) || ',"reply_words":' || to_json(answered) || '}' end)::json, p_at
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
    ), h as (
      insert into mail_html (clinic_id, channel_id, provider_id, html, created_at)
      select c, chid, pid, html, p_at from numbered where html is not null
      on conflict do nothing
    )
    select i.n, case when d.n is not null then 'stored'
        when exists (select 1 from message m where m.clinic_id = i.c and m.channel_id = i.chid and m.provider_id = i.pid) then 'repeat'
        when i.tid = any (v_locked) and i.c = any (v_logs) then 'again'
        when i.asks and i.tid is null then 'stranger' else 'busy' end, i.c, d.seq, d.body, d.sum
      from i left join chained d on d.n = i.n order by d.c, d.seq;

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
-- Plans made while the tables are small would put pairs of rows together first that have only the clinic in common:
-- with 400 new people that took longer than a statement may.
alter function ingest_batch set join_collapse_limit = 1;
alter function ingest_batch set from_collapse_limit = 1;
alter function ingest_batch owner to orasync_door;
revoke all on function ingest_batch from public;
grant execute on function ingest_batch to orasync_app;
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
