"""The functions: the log, the batch, and the doors through row level security."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "2026-11-21T05:02:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "functions"

SQL = r"""
-- The chain: chain(n) = sha256(chain(n - 1) || digest(n)). A window aggregate stays linear; a recursive query does not.
create function chain_step(state bytea, prev bytea, digest bytea) returns bytea language plpgsql immutable
  as $$ begin return sha256(coalesce(state, prev) || digest); end $$;
create aggregate chain(bytea, bytea) (sfunc = chain_step, stype = bytea);

-- The wire forms of a message and a thread: one writer for HTTP answers, staff acts and ingested messages, so that a
-- reload shows exactly what the events said (R14).
create function message_json(m message) returns json language sql stable as $$
  select json_build_object('id', m.id, 'thread_id', m.thread_id, 'seq', m.seq, 'direction', m.direction,
    'channel', m.channel, 'kind', m.kind, 'body', m.body,
    'author', json_build_object('type', m.author_type, 'id', m.author_id, 'name', m.author_name),
    'status', m.status, 'provider_id', m.provider_id, 'attachments', m.attachments,
    'sent_at', m.sent_at, 'delivered_at', m.delivered_at, 'read_at', m.read_at,
    'failure', case when m.failure_code is not null then json_build_object('code', m.failure_code, 'text', m.failure_text) end,
    'mode', m.mode, 'created_at', m.created_at, 'send_at', m.send_at, 'mentions', m.mentions, 'client_id', m.client_id)
$$;
create function message_brief(m message) returns json language sql stable as $$
  select json_build_object('id', m.id, 'direction', m.direction, 'kind', m.kind, 'channel', m.channel,
    'body', left(m.body, 160), 'status', m.status,
    'author', json_build_object('type', m.author_type, 'id', m.author_id, 'name', m.author_name), 'created_at', m.created_at)
$$;
create function thread_json(t thread) returns json language sql stable as $$
  select json_build_object('id', t.id,
    'contact', json_build_object('id', t.contact_id,
      'name', coalesce(nullif(t.contact_name, ''), t.contact_phone, t.contact_email, ''),
      'phone', t.contact_phone, 'email', t.contact_email),
    'state', t.state,
    'assignee', (select json_build_object('id', s.id, 'name', s.name) from staff_member s
                 where s.clinic_id = t.clinic_id and s.id = t.assignee_id),
    'waiting_since', t.waiting_since, 'last_message', t.last_message, 'last_seq', t.last_seq, 'tags', t.tags,
    'intent', t.intent, 'sentiment', t.sentiment, 'urgent', t.is_urgent, 'escalated', t.is_escalated, 'alert', t.alert,
    'channel', t.channel, 'opted_out', t.opted_out, 'snoozed_until', t.snoozed_until, 'created_at', t.created_at)
$$;

-- The kinds of channel by which a person does not want to be written to: a stop from any of their numbers counts.
create function opted_out_of(p_clinic uuid, p_contact uuid) returns text[] language sql stable as $$
  select coalesce(array_agg(distinct c.channel::text order by c.channel::text), '{}') from consent c
  join contact_point p on p.clinic_id = c.clinic_id and p.address = c.address
    and p.kind = case c.channel when 'email' then 'email' else 'phone' end
  where c.clinic_id = p_clinic and p.clinic_id = p_clinic and p.contact_id = p_contact and not c.is_granted
$$;

-- The log's one way in for staff acts, jobs and rules: called as the last statement of a unit of work. It locks the
-- clinic's head, numbers, chains and stores the events, stamps the messages that were made, and appends the audit rows.
-- chr(1) stands where the seq belongs; encoded JSON cannot contain it, so no patient's text can forge the place.
create function log_append(p_clinic uuid, p_types text[], p_rests text[], p_threads uuid[], p_messages uuid[], p_audit json[])
  returns table (seq bigint, body text, sum bytea) language plpgsql as $$
  #variable_conflict use_column
  declare
    v_seq bigint; v_sum bytea; v_audit_n bigint; v_audit_sum bytea; v_entry json; v_digest bytea; v_body text;
    v_at timestamptz := clock_timestamp();
  begin
    select l.seq, l.sum, l.audit_n, l.audit_sum into strict v_seq, v_sum, v_audit_n, v_audit_sum
      from clinic_log l where l.clinic_id = p_clinic for no key update;
    foreach v_entry in array p_audit loop
      v_audit_n := v_audit_n + 1;
      v_audit_sum := sha256(v_audit_sum || convert_to(v_audit_n || ' ' || v_entry::text, 'UTF8'));
      insert into audit_entry (clinic_id, n, at, actor_type, actor_id, actor_name, action, subject_type, subject_id,
                               details, mode, request_id, address, sum)
      values (p_clinic, v_audit_n, v_at, v_entry->>'actor_type', (v_entry->>'actor_id')::uuid, v_entry->>'actor_name',
              v_entry->>'action', v_entry->>'subject_type', (v_entry->>'subject_id')::uuid, v_entry,
              v_entry->>'mode', v_entry->>'request_id', v_entry->>'address', v_audit_sum);
    end loop;
    -- A loop of small statements: a unit of work has one to three events, and one large statement costs more to begin.
    for i in 1 .. cardinality(p_types) loop
      v_seq := v_seq + 1;
      v_body := '{"t":"event","seq":' || v_seq || replace(p_rests[i], chr(1), v_seq::text);
      v_digest := sha256(convert_to(v_body, 'UTF8'));
      v_sum := sha256(v_sum || v_digest);
      insert into event (clinic_id, seq, type, body, digest, sum, at)
        values (p_clinic, v_seq, p_types[i], v_body, v_digest, v_sum, v_at);
      if p_messages[i] is not null then
        update message m set seq = v_seq where m.clinic_id = p_clinic and m.id = p_messages[i] and m.seq is null;
        update thread t set last_seq = v_seq where t.clinic_id = p_clinic and t.id = p_threads[i];
      end if;
      seq := v_seq; body := v_body; sum := v_sum;
      return next;
    end loop;
    update clinic_log l set seq = v_seq, sum = v_sum, audit_n = v_audit_n, audit_sum = v_audit_sum
      where l.clinic_id = p_clinic;
  end $$;

-- One round trip for a reader of the log; row level security stays on.
create function read_log(p_clinic uuid, p_after bigint, p_limit int) returns table (seq bigint, type text, body text, sum bytea)
  language plpgsql as $$
  #variable_conflict use_column
  begin
    perform set_config('app.clinic_id', p_clinic::text, true);
    return query select e.seq, e.type::text, e.body, e.sum from event e
      where e.clinic_id = p_clinic and e.seq > p_after order by e.seq limit p_limit;
  end $$;

-- Many webhooks, one commit (joint.md section 4). Arrays in, one row out for each input row:
--   stored  with the event,  repeat  known already,  again  a second message of one thread in this call: ask again,
--   busy    the thread (or log) is held by somebody: ask again in a moment, the others do not wait for it.
create function ingest_batch(p_clinic uuid[], p_channel_id uuid[], p_channel text[], p_kind text[], p_address text[],
    p_name text[], p_provider_id text[], p_body text[], p_attachments text[], p_alert text[], p_raw text[],
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
      select * from unnest(p_clinic, p_channel_id, p_channel, p_provider_id, p_body, p_attachments, p_alert, p_raw,
        p_message_id, p_contact_id, v_thread, p_address) with ordinality as x (c, chid, ch, pid, bd, att, al, rw, mid, cid, tid, adr, n)
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
        author_type, author_id, author_name, status, provider_id, attachments, created_at)
      select mid, c, tid, seq, 'in', ch, chid, 'text', bd, adr, 'patient', contact_id, name, 'received', pid, att::json, p_at
      from numbered order by n
      returning ms.clinic_id, ms.id, message_json(ms) as view, message_brief(ms) as brief
    ), t as (
      update thread th set state = 'open', snoozed_until = null, waiting_since = coalesce(th.waiting_since, p_at),
        last_message_at = p_at, last_seq = f.seq, channel = f.ch, channel_id = f.chid, last_message = m.brief,
        inbound_count = th.inbound_count + 1, unanswered_count = th.unanswered_count + 1,
        is_urgent = th.is_urgent or f.al is not null, is_escalated = th.is_escalated or f.al is not null,
        alert = coalesce(f.al, th.alert)
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
-- Plans inside plpgsql are made while the tables are small; without this, hash joins over whole tables come later.
alter function ingest_batch set enable_hashjoin = off;
alter function ingest_batch set enable_mergejoin = off;
alter function ingest_batch set enable_seqscan = off;
-- Planning costs as much as running for small batches. The batcher has its plans made anew while the tables grow.
alter function ingest_batch set plan_cache_mode = force_generic_plan;

-- Doors: the short list of questions that row level security would forbid or slow down. Each returns ids only.
-- Before the clinic is known.
create function find_clinic(p_slug text) returns uuid language sql stable security definer set search_path = public, pg_temp
  as $$ select id from clinic where slug = p_slug $$;
create function find_client_code(p_code text) returns uuid language sql stable security definer set search_path = public, pg_temp
  as $$ select id from clinic where client_code = p_code $$;
create function find_staff(p_email text) returns table (clinic_id uuid, id uuid) language sql stable security definer
  set search_path = public, pg_temp
  as $$ select s.clinic_id, s.id from staff_member s where lower(s.email) = lower(p_email) and s.removed_at is null $$;
create function find_session(p_hash text) returns table (clinic_id uuid, id uuid) language sql stable security definer
  set search_path = public, pg_temp as $$ select s.clinic_id, s.id from session s where s.token_hash = p_hash $$;
create function find_key(p_hash text) returns table (clinic_id uuid, id uuid) language sql stable security definer
  set search_path = public, pg_temp as $$ select k.clinic_id, k.id from connection_key k where k.key_hash = p_hash $$;
create function find_invitation(p_hash text) returns table (clinic_id uuid, id uuid) language sql stable security definer
  set search_path = public, pg_temp as $$ select i.clinic_id, i.id from invitation i where i.token_hash = p_hash $$;
create function find_channel(p_id uuid) returns uuid language sql stable security definer set search_path = public, pg_temp
  as $$ select c.clinic_id from channel c where c.id = p_id $$;
create function log_heads(p_clinics uuid[]) returns table (clinic_id uuid, seq bigint, epoch uuid, oldest_seq bigint)
  language sql stable security definer set search_path = public, pg_temp
  as $$ select l.clinic_id, l.seq, l.epoch, l.oldest_seq from clinic_log l where l.clinic_id = any (p_clinics) $$;

create function all_clinics() returns table (clinic_id uuid) language sql stable security definer
  set search_path = public, pg_temp as $$ select l.clinic_id from clinic_log l order by 1 $$;

-- Restored from a backup (R13): another server, another line of its history, or another database on it than last time.
-- The first call only remembers. A copy of the files that was put back in place looks the same: `orasync restored`.
create function is_restored() returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
  declare
    v_last text := (select server from installation);
    v_now text := (select s.system_identifier || '/' || c.timeline_id || '/' || d.oid
      from pg_control_system() s, pg_control_checkpoint() c, pg_database d where d.datname = current_database());
  begin
    insert into installation (server) values (v_now) on conflict (is_only) do update set server = excluded.server;
    return v_last <> v_now;
  end $$;
-- A new epoch: whoever knows events above the backup's head must not take other events for them.
create function begin_epochs() returns void language sql volatile security definer set search_path = public, pg_temp as $$
  update clinic_log set epoch = gen_random_uuid() $$;

-- Within the clinic: words and digits. The clinic comes from the transaction, never from an argument.
create function search_threads(p_names tsquery, p_words tsquery, p_digits text, p_limit int)
  returns table (id uuid, last_message_at timestamptz) language plpgsql stable security definer set search_path = public, pg_temp as $$
  #variable_conflict use_column
  declare v_clinic uuid := nullif(current_setting('app.clinic_id', true), '')::uuid;
  begin
    return query
    with hits as (
      (select t.id from thread t where p_names is not null and t.words @@ (clinic_lexeme(v_clinic)::tsquery && p_names) limit 1000)
      union
      (select t.id from thread t where p_digits <> '' and t.clinic_id = v_clinic
         and last_digits(t.contact_phone) like reverse(p_digits) || '%' limit 1000)
      union
      (select m.thread_id from message m where p_words is not null and m.words @@ (clinic_lexeme(v_clinic)::tsquery && p_words) limit 5000)
    )
    select t.id, t.last_message_at from thread t join hits h on h.id = t.id and t.clinic_id = v_clinic
    order by t.last_message_at desc, t.id desc limit p_limit;
  end $$;

-- For the workers: what is due, over all clinics. The work itself runs in a unit of work of that clinic.
create function take_jobs(p_limit int, p_requeue interval) returns table (clinic_id uuid, id uuid, type text, attempts int)
  language sql volatile security definer set search_path = public, pg_temp as $$
  update job j set enqueued_at = clock_timestamp() from (
    select k.clinic_id, k.id from job k where k.status in ('pending', 'failed') and k.run_at <= clock_timestamp()
      and (k.enqueued_at is null or k.enqueued_at < clock_timestamp() - p_requeue)
    order by k.run_at limit p_limit for update skip locked) due
  where j.clinic_id = due.clinic_id and j.id = due.id returning j.clinic_id, j.id, j.type::text, j.attempts $$;
create function next_job_in() returns double precision language sql volatile security definer set search_path = public, pg_temp as $$
  select extract(epoch from min(run_at) - clock_timestamp())::double precision from job
  where status in ('pending', 'failed') and enqueued_at is null $$;
create function clinics_behind(p_reactions text[], p_limit int) returns table (clinic_id uuid) language sql volatile
  security definer set search_path = public, pg_temp as $$
  select distinct l.clinic_id from clinic_log l cross join unnest(p_reactions) r (name)
  left join reaction_position p on p.clinic_id = l.clinic_id and p.name = r.name
  where l.seq > coalesce(p.seq, 0) limit p_limit $$;
create function release_jobs() returns bigint language sql volatile security definer set search_path = public, pg_temp as $$
  -- A worker that died leaves its job in processing with an expired lease: tried again at once (R20, R21).
  with freed as (update job set status = 'failed', run_at = clock_timestamp(), enqueued_at = null, lease_until = null,
      error = 'The worker stopped in the middle of it.'
    where status = 'processing' and lease_until < clock_timestamp() returning 1) select count(*) from freed $$;
create function overdue_messages(p_limit int) returns table (clinic_id uuid, id uuid, status text) language sql volatile
  security definer set search_path = public, pg_temp as $$
  -- Sends that stopped moving: a claim past its deadline, or a row whose job got lost.
  select m.clinic_id, m.id, m.status::text from message m
  where (m.status = 'sending' and m.deadline_at < clock_timestamp())
     or (m.status in ('scheduled', 'queued') and coalesce(m.send_at, m.created_at) < clock_timestamp() - interval '30 seconds'
         and not exists (select 1 from job j where j.clinic_id = m.clinic_id and j.type = 'message_send'
           and j.status in ('pending', 'processing', 'failed') and j.payload->>'message_id' = m.id::text))
  limit p_limit $$;
create function live_channels() returns table (clinic_id uuid, id uuid) language sql stable security definer
  set search_path = public, pg_temp as $$
  select c.clinic_id, c.id from channel c where c.mode = 'live' and c.removed_at is null $$;
create function stuck_counts() returns table (what text, count bigint) language sql stable security definer
  set search_path = public, pg_temp as $$
  select 'messages_stuck', count(*) from message where status in ('sending', 'unknown')
    and coalesce(deadline_at, created_at) < clock_timestamp() - interval '15 minutes'
  union all select 'messages_needs_review', count(*) from message where status = 'needs_review'
  union all select 'jobs_waiting', count(*) from job where status in ('pending', 'failed') and run_at <= clock_timestamp()
  union all select 'jobs_dead', count(*) from job where status = 'dead'
  union all select 'unrouted', count(*) from unrouted_delivery $$;
create function prune(p_limit int) returns table (what text, count bigint) language plpgsql security definer
  set search_path = public, pg_temp as $$
  #variable_conflict use_column
  begin
    -- 30 days of events and raw bodies, 24 hours of kept answers, 90 days of sessions, 7 days of finished jobs.
    return query with gone as (delete from event e using (select clinic_id, seq from event where at < now() - interval '30 days' limit p_limit) o
      where e.clinic_id = o.clinic_id and e.seq = o.seq returning e.clinic_id, e.seq),
      moved as (update clinic_log l set oldest_seq = z.seq + 1 from (select clinic_id, max(seq) as seq from gone group by 1) z
        where l.clinic_id = z.clinic_id and l.oldest_seq <= z.seq)
      select 'event', count(*) from gone;
    return query with gone as (delete from webhook_delivery w using (select clinic_id, id from webhook_delivery
      where received_at < now() - interval '30 days' limit p_limit) o where w.clinic_id = o.clinic_id and w.id = o.id returning 1)
      select 'webhook_delivery', count(*) from gone;
    return query with gone as (delete from delivery_report where received_at < now() - interval '30 days' returning 1)
      select 'delivery_report', count(*) from gone;
    return query with gone as (delete from kept_answer where created_at < now() - interval '24 hours' returning 1)
      select 'kept_answer', count(*) from gone;
    return query with gone as (delete from session where seen_at < now() - interval '90 days' returning 1)
      select 'session', count(*) from gone;
    return query with gone as (delete from job where status = 'completed' and finished_at < now() - interval '7 days' returning 1)
      select 'job', count(*) from gone;
    return query with gone as (delete from rate_bucket where at < now() - interval '1 day' returning 1)
      select 'rate_bucket', count(*) from gone;
  end $$;

do $$ declare f text; begin
  foreach f in array array[
      'ingest_batch', 'find_clinic', 'find_client_code', 'find_staff', 'find_session', 'find_key', 'find_invitation',
      'find_channel', 'log_heads', 'all_clinics', 'is_restored', 'begin_epochs', 'search_threads', 'take_jobs', 'next_job_in', 'clinics_behind', 'release_jobs', 'overdue_messages', 'live_channels',
      'stuck_counts', 'prune'] loop
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
