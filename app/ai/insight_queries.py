"""What insights ask the database; each text is also shown to whoever asks what a number rests on.

``$1`` is the clinic, ``$2`` and ``$3`` are the beginning and the end of the time that is looked at.
"""

EXCHANGES = """-- The first of several messages in a row, and the first answer after it.
with texts as (
  select m.thread_id, m.direction, m.created_at, m.triage->>'intent' as intent,
    lag(m.direction) over w as before,
    min(case when m.direction = 'out' then m.created_at end)
      over (partition by m.thread_id order by m.seq rows between 1 following and unbounded following) as answered_at
  from message m
  where m.clinic_id = $1 and m.kind = 'text' and m.created_at >= $2::timestamptz - interval '7 days'
    and (m.direction = 'in' or m.author_type in ('staff', 'key', 'ai') and m.status not in ('cancelled', 'failed'))
  window w as (partition by m.thread_id order by m.seq)
)
select x.intent, x.created_at as asked_at, x.answered_at
from texts x join thread t on t.clinic_id = $1 and t.id = x.thread_id
where x.direction = 'in' and x.before is distinct from 'in' and x.created_at >= $2 and x.created_at < $3
  and not t.is_blocked and (x.answered_at is not null or t.state <> 'closed')
order by x.created_at
-- Minutes between asked_at and answered_at are counted in your opening hours."""

BUSIEST = """-- Messages of patients by day of the week and hour; $4 is your time zone.
select extract(isodow from m.created_at at time zone $4::text)::int as day,
  extract(hour from m.created_at at time zone $4::text)::int as hour,
  count(*) as messages, sum(count(*)) over () as total
from message m
where m.clinic_id = $1 and m.direction = 'in' and m.kind = 'text' and m.created_at >= $2 and m.created_at < $3
group by 1, 2 order by 3 desc, 1, 2 limit 1"""

COULD_ANSWER = """-- Messages of patients by what they wanted, and those the assistant was sure of;
-- $4 is how sure it must be, $5 are the wishes it leaves to people.
select m.triage->>'intent' as intent, count(*) as messages,
  count(*) filter (where (m.triage->>'confidence')::float8 >= $4 and not m.triage->>'intent' = any ($5::text[])
    and not (m.triage->>'urgent')::boolean and not (m.triage->>'escalate')::boolean) as sure
from message m
where m.clinic_id = $1 and m.direction = 'in' and m.kind = 'text' and m.triage is not null
  and m.created_at >= $2 and m.created_at < $3
group by 1 order by 3 desc, 1"""

OPT_OUTS = """-- Numbers and addresses that said no since then and have not said yes again.
select count(*) filter (where c.at >= $3) as now, count(*) filter (where c.at < $3) as before
from consent c where c.clinic_id = $1 and not c.is_granted and c.at >= $2 and c.at < $4"""
