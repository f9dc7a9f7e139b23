"""Columns: messages sent another way, what was lost, who takes part in a conversation."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import UUID, Array, Boolean, Integer
from piccolo.columns.defaults.uuid import UUID4
from piccolo.columns.indexes import IndexMethod

ID = "2026-11-21T12:12:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "messages sent another way, conversations with undelivered messages, participants"

PLAIN = {
    "primary_key": False,
    "unique": False,
    "index": False,
    "index_method": IndexMethod.btree,
    "choices": None,
    "db_column_name": None,
    "secret": False,
}


async def forwards() -> MigrationManager:
    """Return the migration."""
    manager = MigrationManager(migration_id=ID, app_name="orasync", description=DESCRIPTION)
    manager.add_column(
        table_class_name="Message",
        tablename="message",
        column_name="retry_of",
        db_column_name="retry_of",
        column_class_name="UUID",
        column_class=UUID,
        params={"default": None, "null": True, **PLAIN},
        schema=None,
    )
    manager.add_column(
        table_class_name="Message",
        tablename="message",
        column_name="is_settled",
        db_column_name="is_settled",
        column_class_name="Boolean",
        column_class=Boolean,
        params={"default": False, "null": False, **PLAIN},
        schema=None,
    )
    manager.add_column(
        table_class_name="Thread",
        tablename="thread",
        column_name="lost_count",
        db_column_name="lost_count",
        column_class_name="Integer",
        column_class=Integer,
        params={"default": 0, "null": False, **PLAIN},
        schema=None,
    )
    manager.add_column(
        table_class_name="Thread",
        tablename="thread",
        column_name="participants",
        db_column_name="participants",
        column_class_name="Array",
        column_class=Array,
        params={"default": list, "base_column": UUID(default=UUID4(), null=False), "null": False, **PLAIN},
        schema=None,
    )
    return manager
