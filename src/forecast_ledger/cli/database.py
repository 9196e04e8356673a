"""fl db: the database a ledger is kept in."""

from __future__ import annotations

from pathlib import Path

import click

from forecast_ledger.cli.app import App, pass_app
from forecast_ledger.cli.options import Command, Group, show_help


@click.group(cls=Group)
@click.pass_context
def db(ctx: click.Context) -> None:
    """Make, upgrade, check and copy the database of a ledger.

    A file of one's own is made and upgraded by itself; a shared database only by these.

    fl db status --verify
    """
    show_help(ctx)


@db.command()
@pass_app
def init(app: App) -> None:
    """Make an empty ledger where there is none.

    fl db init --ledger postgresql://team@db.example.org/forecasts
    """
    made = app.ledger.init()
    where = app.ledger.store.target.shown
    app.answer(
        {"location": where, "made": made},
        lambda: f"an empty ledger was made at {where}" if made else f"{where} is a ledger already",
    )


@db.command()
@pass_app
def upgrade(app: App) -> None:
    """Bring the database to the schema of this version.

    A file is copied first; make a backup of a shared database yourself.

    fl db upgrade --ledger postgresql://team@db.example.org/forecasts
    """
    before, backup = app.ledger.upgrade()
    after = app.ledger.store.revision()
    app.answer(
        {"before": before, "after": after, "backup": str(backup) if backup else None},
        lambda: (
            f"schema {before or 'none'} -> {after}"
            if before != after
            else f"schema {after}: nothing to do"
        ),
    )


@db.command()
@click.option("--verify", is_flag=True, help="Recompute every digest and every leaf.")
@pass_app
def status(app: App, verify: bool) -> None:
    """Say what the database holds, and whether it is what was recorded.

    fl db status
    fl db status --verify
    """
    from forecast_ledger.reports.lists import render_status

    found = app.ledger.status(verify=verify)
    app.answer(found, lambda: render_status(found, zone=app.zone))


@db.command()
@click.argument("path", type=click.Path(path_type=Path))
@pass_app
def backup(app: App, path: Path) -> None:
    """Copy the file of a ledger, whole even while others write to it.

    fl db backup ledger-2026-11-22.db
    """
    app.ledger.backup(path)
    app.answer({"backup": str(path)}, lambda: f"copied to {path}")


@db.command(cls=Command, files=True)
@click.argument("path", type=click.Path(path_type=Path))
@pass_app
def restore(app: App, path: Path) -> None:
    """Load an export with its log into an empty ledger, moments of recording and all.

    So a ledger moves from SQLite to PostgreSQL, and back.

    fl export --output ledger.jsonl
    fl db restore ledger.jsonl --ledger postgresql://team@db.example.org/forecasts
    """
    count = app.ledger.restore(path)
    app.answer(
        {"entries": count},
        lambda: f"{count:,} entries restored, with the moments they were recorded",
    )
