"""What the assistant's memory needs: what an embedder made of each fact, and which embedder."""

from typing import Any

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Array
from piccolo.columns.column_types import Real
from piccolo.columns.column_types import Varchar
from piccolo.columns.indexes import IndexMethod

ID = "2026-11-21T17:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "memory"

COLUMNS: tuple[tuple[str, type, dict[str, Any]], ...] = (
    ("meaning", Array, {"base_column": Real(), "default": None, "null": True}),
    ("embedder", Varchar, {"length": 60, "default": "", "null": False}),
)


async def forwards() -> MigrationManager:
    """Return the migration."""
    manager = MigrationManager(migration_id=ID, app_name="orasync", description=DESCRIPTION)
    for name, column_class, params in COLUMNS:
        manager.add_column(
            table_class_name="Fact",
            tablename="clinic_fact",
            column_name=name,
            db_column_name=name,
            column_class_name=column_class.__name__,
            column_class=column_class,
            params={
                "primary_key": False,
                "unique": False,
                "index": False,
                "index_method": IndexMethod.btree,
                "choices": None,
                "db_column_name": None,
                "secret": False,
                **params,
            },
            schema=None,
        )
    return manager
