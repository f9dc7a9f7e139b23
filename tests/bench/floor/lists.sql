-- Rows for the list benches: 20 clinics, threads of very different length, ten words a message of a 4,000-word vocabulary
-- in which a few are common. THREADS and MESSAGES are filled in.
create schema bench;
create table bench.clinics as
  select n, ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid as clinic_id,
    ('00000000-0000-7000-9000-' || lpad(n::text, 12, '0'))::uuid as channel_id from generate_series(1, 20) n;
grant usage on schema bench to orasync_app;
grant select on bench.clinics to orasync_app;
insert into clinic (id, slug, name, client_code, created_at)
  select clinic_id, 'lists-' || n, 'Lists ' || n, 'LISTS' || n, now() from bench.clinics;
insert into clinic_log (clinic_id, epoch) select clinic_id, uuidv7() from bench.clinics;
insert into channel (id, clinic_id, kind, provider, address, created_at)
  select channel_id, clinic_id, 'sms', 'twilio', '+15105550000', now() from bench.clinics;
create unlogged table bench.people as
  select i, uuidv7() as thread_id, uuidv7() as contact_id, c.clinic_id, c.channel_id, 0::bigint as messages,
    (array['Anna','Ben','Carla','David','Elena','Farid','Grace','Hugo','Ines','Jamal','Kira','Liam','Mona','Nils','Olga'])[1 + i % 15]
      || ' ' || initcap(substr(md5(i::text), 1, 4)) || (array['son','berg','man','ova','ez','ard','well'])[1 + i % 7] as name,
    '+1' || (2000000000 + i::bigint * 7)::text as phone
  from generate_series(1, THREADS) i join bench.clinics c on c.n = 1 + (i::bigint * 7919) % 20;
create unique index on bench.people (i);
insert into contact (id, clinic_id, name, stage, created_at, updated_at)
  select contact_id, clinic_id, name, 'patient', now(), now() from bench.people;
insert into message (id, clinic_id, thread_id, seq, direction, channel, channel_id, body, author_type, status, provider_id, created_at)
  select uuidv7(), p.clinic_id, p.thread_id, k.n, case when k.n % 3 = 0 then 'out' else 'in' end, 'sms', p.channel_id,
    (array['root','crown','clean','pain','book','whiten','braces','implant','xray','gum','tooth','recall','thanks','monday',
      'friday','price','insur','cancel','resched','hello'])[1 + (19 * power(random(), 2))::int]
      || ' w' || (4000 * power(random(), 3))::int || ' w' || (4000 * power(random(), 3))::int || ' w' || (4000 * power(random(), 3))::int
      || ' w' || (4000 * power(random(), 3))::int || ' w' || (4000 * power(random(), 3))::int || ' w' || (4000 * power(random(), 3))::int
      || ' w' || (4000 * power(random(), 3))::int || ' w' || (4000 * power(random(), 3))::int || ' w' || (4000 * power(random(), 3))::int,
    'patient', 'received', 'SM' || k.n, timestamptz '2025-01-01' + k.n * interval '3 seconds'
  from (select n, 1 + floor(THREADS * power(random(), 2))::bigint % THREADS as i from generate_series(1, MESSAGES) n) k
  join bench.people p on p.i = k.i;
insert into thread (id, clinic_id, contact_id, contact_name, contact_phone, state, waiting_since, last_message_at, last_seq, channel,
    channel_id, last_message, is_escalated, inbound_count, unanswered_count, created_at)
  select p.thread_id, p.clinic_id, p.contact_id, p.name, p.phone, (array['open','open','closed','closed','closed'])[1 + p.i % 5],
    case when p.i % 10 = 0 then m.created_at end, coalesce(m.created_at, timestamptz '2024-12-31'), coalesce(m.seq, 0), 'sms', p.channel_id,
    m.brief, p.i % 5000 = 0, 3, p.i % 3, timestamptz '2024-12-31'
  from bench.people p left join (
    select distinct on (x.thread_id) x.thread_id, x.created_at, x.seq, message_brief(x) as brief from message x order by x.thread_id, x.seq desc
  ) m on m.thread_id = p.thread_id;
drop table bench.people;
