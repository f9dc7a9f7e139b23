"""How near a fact is: by pgvector where the server has it, by plain SQL elsewhere; and whose facts are to be read."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "2026-11-21T17:10:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "rules of memory"

LIKENESS = r"""
-- The embedded server brings pgvector. On another one the owner may not be allowed to add it, or it is not there.
do $$ begin
  create extension if not exists vector;
exception when insufficient_privilege or undefined_file or feature_not_supported then
  raise notice 'no pgvector here: likeness is computed in plain SQL';
end $$;

-- The product of two unit vectors. The vectors are stored as real[]: the column is the same on every server.
do $$ declare place text; begin
  select quote_ident(n.nspname) into place from pg_extension e join pg_namespace n on n.oid = e.extnamespace
    where e.extname = 'vector' and has_schema_privilege('orasync_app', n.oid, 'usage');
  if place is null then
    create function fact_likeness(a real[], b real[]) returns float8 language sql immutable parallel safe
      as 'select coalesce(sum(x::float8 * y), 0) from unnest(a, b) as t (x, y)';
  else
    execute format('create function fact_likeness(a real[], b real[]) returns float8 language sql immutable '
      'parallel safe as ''select %1$s.inner_product(a::%1$s.vector, b::%1$s.vector)''', place);
  end if;
end $$;
"""

SQL = r"""
alter table clinic_fact add check ((meaning is null) = (embedder = ''));

-- For the worker: clinics with facts that this embedder has not read; all clinics with facts where none is named.
create function clinics_to_learn(p_embedder text) returns setof uuid language sql stable security definer
  set search_path = public, pg_temp as $$
  select distinct f.clinic_id from clinic_fact f where p_embedder = '' or f.embedder <> p_embedder $$;
alter function clinics_to_learn owner to orasync_door;
revoke all on function clinics_to_learn from public;
grant execute on function clinics_to_learn to orasync_app;
"""


async def apply() -> None:
    """Run the statements in the migration's own transaction."""
    engine = engine_finder()
    assert engine is not None
    await engine.current_transaction.get().connection.execute(LIKENESS + SQL)


async def forwards() -> MigrationManager:
    """Return the migration."""
    manager = MigrationManager(migration_id=ID, app_name="orasync", description=DESCRIPTION)
    manager.add_raw(apply)
    return manager
