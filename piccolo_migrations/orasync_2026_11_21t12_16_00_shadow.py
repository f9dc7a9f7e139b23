"""What earning the right to answer needs: comparisons with what staff sent, the clinic's level, when an alert rose."""

from typing import Any

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import JSON
from piccolo.columns.column_types import UUID
from piccolo.columns.column_types import Boolean
from piccolo.columns.column_types import DoublePrecision
from piccolo.columns.column_types import Integer
from piccolo.columns.column_types import Timestamptz
from piccolo.columns.column_types import Varchar
from piccolo.columns.indexes import IndexMethod

ID = "2026-11-21T12:16:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "shadow mode and alerts that nobody takes"

NULL = {"default": None, "null": True}
COLUMNS: tuple[tuple[str, str, str, type, dict[str, Any]], ...] = (
    ("Assistant", "assistant", "agreement_level", DoublePrecision, {"default": 0.8, "null": False}),
    ("Assistant", "assistant", "least_compared", Integer, {"default": 20, "null": False}),
    ("Rule", "ai_rule", "stepped_back_at", Timestamptz, NULL),
    ("Answer", "ai_answer", "facts", JSON, {"default": "[]", "null": False}),
    ("Answer", "ai_answer", "is_past", Boolean, {"default": False, "null": False}),
    ("Answer", "ai_answer", "outcome", Varchar, {"length": 12, **NULL}),
    ("Answer", "ai_answer", "likeness", DoublePrecision, NULL),
    ("Answer", "ai_answer", "staff_message_id", UUID, NULL),
    ("Answer", "ai_answer", "compared_at", Timestamptz, NULL),
    ("Answer", "ai_answer", "undone_at", Timestamptz, NULL),
    ("Thread", "thread", "escalated_at", Timestamptz, NULL),
)


async def forwards() -> MigrationManager:
    """Return the migration."""
    manager = MigrationManager(migration_id=ID, app_name="orasync", description=DESCRIPTION)
    for table_class_name, tablename, name, column_class, params in COLUMNS:
        manager.add_column(
            table_class_name=table_class_name,
            tablename=tablename,
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
