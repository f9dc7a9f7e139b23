"""The assistant's acts in the activity log, in their order."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "2026-11-21T17:11:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "assistant's log"

SQL = r"""
create index audit_assistant_ix on audit_entry (clinic_id, n) where action like 'assistant.%';
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
