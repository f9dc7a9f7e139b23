"""Channels found by the account their number belongs to: what WhatsApp tells about an account is for all its numbers."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "2026-11-21T11:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "accounts of WhatsApp numbers"

SQL = r"""
create index channel_account_ix on channel (provider, (settings->>'account')) where removed_at is null;
create function find_channels_by_account(p_provider text, p_account text) returns table (id uuid)
  language sql stable security definer set search_path = public, pg_temp as $$
  select c.id from channel c where c.provider = p_provider and c.settings->>'account' = p_account and c.removed_at is null
  order by c.created_at, c.id $$;
alter function find_channels_by_account owner to orasync_door;
revoke all on function find_channels_by_account from public;
grant execute on function find_channels_by_account to orasync_app;
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
