"""What the `piccolo` command and Piccolo's own look-ups read: the engine and the registry of the one app."""

from piccolo.conf.apps import AppRegistry

from app.config import settings
from app.kit.database import ENGINE as DB
from app.kit.migrate import owner_dsn

if not DB.config:
    # Only the `piccolo` command comes here without a database: the program opens its own before Piccolo looks.
    DB.config = {"dsn": owner_dsn(settings())}

APP_REGISTRY = AppRegistry(apps=["app.piccolo_app"])
