"""Who has no name is called by the number used first, in the event of a text as everywhere else."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "2026-11-21T17:13:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "who has no name"

SQL = r"""
do $$
declare
  v_now text := pg_get_functiondef('ingest_batch'::regproc);
  v_then text := replace(v_now, $x$'name', coalesce(nullif(ct.name, ''), f.adr)$x$,
    $x$'name', coalesce(nullif(ct.name, ''), t.contact_phone, t.contact_email, f.adr)$x$);
begin
  if v_then = v_now then raise exception 'ingest_batch names people in another way than this migration knows'; end if;
  execute v_then;
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
