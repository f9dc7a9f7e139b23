"""People with several numbers, joined people: which number comes first, and no thread for somebody who was joined."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Integer
from piccolo.columns.indexes import IndexMethod
from piccolo.engine import engine_finder

ID = "2026-11-21T11:16:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "people: order of numbers, joining"

SQL = r"""
-- A thread that was joined into another is gone: old links and acts find the survivor by this.
create index contact_merge_thread_ix on contact_merge (clinic_id, (moved->'thread'->>'id'), merged_at desc);
create index contact_merge_merged_ix on contact_merge (clinic_id, merged_id, merged_at desc);

-- A new thread. Its contact may be joined into another one this very moment: then there is to be none, and who wanted
-- it looks again. The lock waits for the join; the read after it sees what it did.
create function thread_begins() returns trigger language plpgsql as $$
  declare v_merged uuid; v_blocked boolean;
  begin
    select c.merged_into, c.is_blocked into v_merged, v_blocked from contact c
      where c.clinic_id = new.clinic_id and c.id = new.contact_id for key share;
    if v_merged is not null then
      return null;
    end if;
    new.contact_phone := (select left(p.address, 32) from contact_point p where p.clinic_id = new.clinic_id
      and p.contact_id = new.contact_id and p.kind = 'phone' order by p.position, p.id limit 1);
    new.contact_email := (select p.address from contact_point p where p.clinic_id = new.clinic_id
      and p.contact_id = new.contact_id and p.kind = 'email' order by p.position, p.id limit 1);
    new.is_blocked := v_blocked;
    if v_blocked then
      new.state := 'closed';
    end if;
    return new;
  end $$;
create trigger thread_begins before insert on thread for each row execute function thread_begins();

-- The application removes no thread; only one whose contact was joined and whose messages have moved. A message that
-- is still there is held by its key.
create function remove_joined_thread(p_thread uuid) returns void language plpgsql security definer
  set search_path = public, pg_temp as $$
  declare v_clinic uuid := nullif(current_setting('app.clinic_id', true), '')::uuid;
  begin
    delete from read_mark r where r.clinic_id = v_clinic and r.thread_id = p_thread;
    delete from draft d where d.clinic_id = v_clinic and d.thread_id = p_thread;
    delete from thread t using contact c where t.clinic_id = v_clinic and t.id = p_thread
      and c.clinic_id = v_clinic and c.id = t.contact_id and c.merged_into is not null;
  end $$;
alter function remove_joined_thread owner to orasync_door;
revoke all on function remove_joined_thread from public;
grant execute on function remove_joined_thread to orasync_app;

-- Found by any of their numbers or addresses, not only by the first.
create index contact_point_digits_ix on contact_point (clinic_id, last_digits(address) text_pattern_ops) where kind = 'phone';
-- Who may be the same person: by name, and by the end of a number that was written without its country.
create index contact_name_ix on contact (clinic_id, lower(name)) where merged_into is null;
create index contact_point_tail_ix on contact_point (clinic_id, left(last_digits(address), 7)) where kind = 'phone';
create or replace function search_threads(p_names tsquery, p_words tsquery, p_digits text, p_limit int)
  returns table (id uuid, last_message_at timestamptz) language plpgsql stable security definer set search_path = public, pg_temp as $$
  #variable_conflict use_column
  declare v_clinic uuid := nullif(current_setting('app.clinic_id', true), '')::uuid;
  begin
    return query
    with hits as (
      (select t.id from thread t where p_names is not null and t.words @@ (clinic_lexeme(v_clinic)::tsquery && p_names) limit 1000)
      union
      (select t.id from contact_point p join thread t on t.clinic_id = p.clinic_id and t.contact_id = p.contact_id
         where p_digits <> '' and p.clinic_id = v_clinic and p.kind = 'phone'
         and last_digits(p.address) like reverse(p_digits) || '%' limit 1000)
      union
      (select m.thread_id from message m where p_words is not null and m.words @@ (clinic_lexeme(v_clinic)::tsquery && p_words) limit 5000)
    )
    select t.id, t.last_message_at from thread t join hits h on h.id = t.id and t.clinic_id = v_clinic
    order by t.last_message_at desc, t.id desc limit p_limit;
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
    manager.add_column(
        table_class_name="ContactPoint",
        tablename="contact_point",
        column_name="position",
        db_column_name="position",
        column_class_name="Integer",
        column_class=Integer,
        params={
            "default": 0,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )
    manager.add_raw(apply)
    return manager
