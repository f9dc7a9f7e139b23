\set g random(0, :contacts - 1)
with target as materialized (
  select b.clinic_id, b.channel_id, b.address from TARGET b where b.g = :g
), who as materialized (
  select x.clinic_id, x.channel_id, x.address, t.id as thread_id, ct.id as contact_id,
    coalesce(nullif(ct.name, ''), x.address) as name,
    json_build_object('id', ct.id, 'name', coalesce(nullif(ct.name, ''), x.address), 'phone', t.contact_phone,
      'email', t.contact_email, 'stage', ct.stage, 'language', ct.language, 'tags', ct.tags) as contact
  from target x
  join contact_point p on p.clinic_id = x.clinic_id and p.kind = 'phone' and p.address = x.address
  join contact ct on ct.clinic_id = p.clinic_id and ct.id = p.contact_id
  join thread t on t.clinic_id = p.clinic_id and t.contact_id = p.contact_id
), head as materialized (
  select l.clinic_id, l.seq + 1 as seq, l.sum as prev, clock_timestamp() as at
  from clinic_log l where l.clinic_id = (select clinic_id from target) for no key update
), m as (
  insert into message as ms (id, clinic_id, thread_id, seq, direction, channel, channel_id, kind, body, to_address,
    author_type, author_id, author_name, status, provider_id, attachments, created_at)
  select uuidv7(), w.clinic_id, w.thread_id, h.seq, 'in', 'sms', w.channel_id, 'text', :body, w.address,
    'patient', w.contact_id, w.name, 'received', 'SM' || replace(gen_random_uuid()::text, '-', ''), '[]', h.at
  from who w, head h
  on conflict (clinic_id, channel_id, provider_id) where provider_id is not null do nothing
  returning ms.id, message_json(ms) as view, message_brief(ms) as brief
), t as (
  update thread th set state = 'open', snoozed_until = null, waiting_since = coalesce(th.waiting_since, h.at),
    last_message_at = h.at, last_seq = h.seq, channel = 'sms', channel_id = w.channel_id, last_message = m.brief,
    inbound_count = th.inbound_count + 1, unanswered_count = th.unanswered_count + 1
  from who w, head h, m where th.clinic_id = w.clinic_id and th.id = w.thread_id
  returning thread_json(th) as view
), built as materialized (
  select h.clinic_id, h.seq, h.prev, h.at, m.id, w.channel_id, '{"t":"event","seq":' || h.seq
    || ',"type":"message.created","at":' || to_json(h.at)
    || ',"actor":' || json_build_object('type', 'patient', 'id', w.contact_id, 'name', w.name)
    || ',"data":{"message":' || m.view || ',"thread":' || t.view || ',"contact":' || w.contact
    || ',"new_contact":' || 'false}' as body
  from head h, who w, m, t
), chained as materialized (
  select b.*, sha256(convert_to(b.body, 'UTF8')) as digest,
    sha256(b.prev || sha256(convert_to(b.body, 'UTF8'))) as sum from built b
), e as (
  insert into event (clinic_id, seq, type, body, digest, sum, at)
  select clinic_id, seq, 'message.created', body, digest, sum, at from chained
), g as (
  update clinic_log l set seq = c.seq, sum = c.sum from chained c where l.clinic_id = c.clinic_id
), w as (
  insert into webhook_delivery (id, clinic_id, channel_id, raw, received_at)
  select id, clinic_id, channel_id, :raw, at from chained
)
select seq, body, sum from chained;
