"""Parts of messages; which stored files nothing points at; visitors who never wrote or stay away."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "2026-11-21T12:14:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "rules of parts, stored files and visitors"

SQL = r"""
alter table message_part drop constraint message_part_pkey, add primary key (clinic_id, message_id, position),
  add foreign key (clinic_id, message_id) references message (clinic_id, id) on delete cascade;
create unique index message_part_provider_uq on message_part (clinic_id, channel_id, provider_id);
alter table message_part enable row level security, force row level security;
create policy own_clinic on message_part to orasync_app
  using (clinic_id = nullif(current_setting('app.clinic_id', true), '')::uuid)
  with check (clinic_id = nullif(current_setting('app.clinic_id', true), '')::uuid);
create policy door on message_part to orasync_door using (true) with check (true);
grant select, insert, update, delete on message_part to orasync_app, orasync_door;

create index attachment_store_ix on attachment (store_key) where store_key is not null;
create index attachment_thumbnail_ix on attachment (thumbnail_key) where thumbnail_key is not null;
create index visitor_seen_ix on visitor (seen_at);

-- Of these names in the store, those that neither a file's row nor a message's own list of files holds. Names of clinics
-- that this database does not know are somebody else's and never answered.
create function unclaimed_files(p_keys text[]) returns setof text language sql stable security definer
  set search_path = public, pg_temp as $$
  select k from unnest(p_keys) k join clinic c on c.id = split_part(k, '/', 1)::uuid
  where not exists (select 1 from attachment a where a.store_key = k)
    and not exists (select 1 from attachment a where a.thumbnail_key = k)
    and not exists (select 1 from message m where m.clinic_id = c.id and m.attachments::text <> '[]'
      and strpos(m.attachments::text, k) > 0) $$;

-- Visitors whose key nobody needs any more: they never wrote, or have stayed away for long. What they wrote stays.
create function prune_visitors(p_silent interval, p_away interval, p_limit int) returns bigint language sql volatile
  security definer set search_path = public, pg_temp as $$
  with gone as (
    delete from visitor v using (
      select o.clinic_id, o.id from visitor o
      where o.seen_at < clock_timestamp() - p_away or (o.seen_at < clock_timestamp() - p_silent and o.contact_id is null
        and not exists (select 1 from contact_point p where p.clinic_id = o.clinic_id and p.kind = 'chat' and p.address = o.id::text))
      order by o.seen_at limit p_limit for update skip locked) x
    where v.clinic_id = x.clinic_id and v.id = x.id returning 1)
  select count(*) from gone $$;

do $$ declare f text; begin
  foreach f in array array['unclaimed_files', 'prune_visitors'] loop
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
