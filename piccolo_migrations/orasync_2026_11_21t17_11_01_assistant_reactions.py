"""What one reaction of the assistant did is done by several: each begins where that one stands."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "2026-11-21T17:11:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "reactions of the assistant"

SQL = r"""
insert into reaction_position (clinic_id, name, seq)
select p.clinic_id, n.name, p.seq from reaction_position p
cross join unnest(array['ai.end_suggestions', 'ai.compare', 'ai.count_corrections', 'ai.watch_alerts']) n (name)
where p.name = 'ai.triage' on conflict (clinic_id, name) do nothing;
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
