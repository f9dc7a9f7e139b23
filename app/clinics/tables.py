"""The clinic's row."""

from __future__ import annotations

from piccolo.columns import JSONB, Boolean, Bytea, Integer, Timestamptz, Varchar
from piccolo.table import Table

from app.kit.tenancy import id_column


class Clinic(Table, tablename="clinic"):
    """One clinic. Its id is what row level security compares."""

    id = id_column()
    slug = Varchar(length=80, null=False, default=None)
    name = Varchar(length=120, null=False, default=None)
    client_code = Varchar(length=16, null=False, default=None)
    timezone = Varchar(length=64, null=False, default="America/New_York")
    locale = Varchar(length=16, null=False, default="en-US")
    phone = Varchar(length=32, null=False, default="")  # the one patients call; E.164
    country = Varchar(length=2, null=False, default="US")
    currency = Varchar(length=3, null=False, default="USD")
    hours = JSONB(null=False, default="{}")  # {"1": [["09:00", "17:00"]], ...}, ISO weekday; clinic's own time
    quiet_from = Varchar(length=5, null=False, default="21:00")  # automatic messages wait from then, recipient's time
    quiet_to = Varchar(length=5, null=False, default="08:00")
    opt_out_words = JSONB(null=False, default="{}")  # further words: {"stop": [...], "start": [...], "help": [...]}
    undo_seconds = Integer(null=False, default=5)  # 0, 5 or 10: how long a sent reply can be taken back
    lock_minutes = Integer(null=False, default=30)  # 0: the screen never locks
    reply_target_minutes = Integer(null=False, default=15)
    is_demo = Boolean(null=False, default=False)
    data_key = Bytea(null=True, default=None)  # wrapped by a master key; see app.kit.crypto
    created_at = Timestamptz(null=False)
