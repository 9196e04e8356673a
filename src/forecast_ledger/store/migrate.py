"""Bringing a database to the newest schema. The only module that loads alembic."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config

if TYPE_CHECKING:
    from sqlalchemy import Connection


def scripts() -> Path:
    """Return the migration scripts: inside an installed package, at the top of a checkout."""
    bundled = Path(str(files("forecast_ledger"))) / "migrations"
    return bundled if bundled.is_dir() else Path(__file__).resolve().parents[3] / "migrations"


def configuration(connection: Connection) -> Config:
    """Return alembic's configuration for one open connection."""
    config = Config()
    config.set_main_option("script_location", str(scripts()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the migrations up to `revision` inside the transaction of `connection`."""
    command.upgrade(configuration(connection), revision)
