"""Whether a Qdrant server holds what an embedder made of a fact."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Boolean
from piccolo.columns.indexes import IndexMethod

ID = "2026-11-21T17:10:02:000000"
VERSION = "1.38.0"
DESCRIPTION = "memory kept"


async def forwards() -> MigrationManager:
    """Return the migration."""
    manager = MigrationManager(migration_id=ID, app_name="orasync", description=DESCRIPTION)
    manager.add_column(
        table_class_name="Fact",
        tablename="clinic_fact",
        column_name="is_kept",
        db_column_name="is_kept",
        column_class_name="Boolean",
        column_class=Boolean,
        params={
            "default": False,
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
    return manager
