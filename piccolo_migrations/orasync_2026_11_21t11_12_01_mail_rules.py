"""The HTML of mails, beside their messages; and messages found by the Message-ID of the mail they became."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "2026-11-21T11:12:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "rules of mails"

SQL = r"""
alter table mail_html drop constraint mail_html_pkey, add primary key (clinic_id, channel_id, provider_id);
alter table mail_html add foreign key (clinic_id, channel_id) references channel (clinic_id, id);
create index message_mail_ix on message (clinic_id, (details->>'mail_id')) where channel = 'email' and direction = 'out';
alter table mail_html enable row level security, force row level security;
create policy own_clinic on mail_html to orasync_app
  using (clinic_id = nullif(current_setting('app.clinic_id', true), '')::uuid)
  with check (clinic_id = nullif(current_setting('app.clinic_id', true), '')::uuid);
create policy door on mail_html to orasync_door using (true) with check (true);
grant select, insert, update, delete on mail_html to orasync_app, orasync_door;
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
