"""The one Piccolo app, `orasync`: the tables of all features and their one linear history of migrations."""

from inspect import isclass

from piccolo.conf.apps import AppConfig
from piccolo.table import Table

from app.config import ROOT
from app.features import parts

APP_CONFIG = AppConfig(
    app_name="orasync",
    migrations_folder_path=str(ROOT / "piccolo_migrations"),
    table_classes=[
        table
        for module in parts("tables")
        for table in vars(module).values()
        # A module also sees the tables it refers to: those belong to the feature that defines them.
        if isclass(table) and issubclass(table, Table) and table.__module__ == module.__name__
    ],
)
