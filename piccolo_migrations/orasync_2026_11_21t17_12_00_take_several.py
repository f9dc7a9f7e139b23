"""A limited thing can be taken several at a time: as many as are left."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "2026-11-21T17:12:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "several at once of a limited thing"

SQL = r"""
create function rate_take_up_to(p_key text, p_rate double precision, p_burst double precision, p_count int)
  returns int language plpgsql as $$
  declare v_have double precision; v_taken int; v_at timestamptz := clock_timestamp();
  begin
    -- Returns how many were taken. The row lock keeps takers apart.
    insert into rate_bucket (key, tokens, at) values (p_key, p_burst, v_at) on conflict (key) do nothing;
    select least(p_burst, tokens + greatest(0, extract(epoch from v_at - at)) * p_rate) into v_have
      from rate_bucket where key = p_key for update;
    v_taken := least(p_count, floor(v_have)::int);
    update rate_bucket set tokens = v_have - v_taken, at = v_at where key = p_key;
    return v_taken;
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
