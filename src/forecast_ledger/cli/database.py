"""fl db: the database a ledger is kept in."""

from __future__ import annotations

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
    text = f"an empty ledger was made at {where}" if made else f"{where} is a ledger already"
    app.answer_plainly("made", text, location=where, made=made)


@db.command()
@pass_app
def upgrade(app: App) -> None:
    """Bring the database to the schema of this version.

    A file is copied first; make a backup of a shared database yourself.

    fl db upgrade --ledger postgresql://team@db.example.org/forecasts
    """
    before, backup = app.ledger.upgrade()
    after = app.ledger.store.revision()
    done = f"schema {before or 'none'} -> {after}"
    text = done if before != after else f"schema {after}: nothing to do"
    copy = str(backup) if backup else None
    app.answer_plainly("upgraded", text, before=before, after=after, backup=copy)


@db.command()
@click.option("--verify", is_flag=True, help="Recompute every digest and every leaf.")
@pass_app
def status(app: App, verify: bool) -> None:
    """Say what the database holds.

    With --verify, say also whether it is what was recorded.

    fl db status
    fl db status --verify
    """
    from forecast_ledger.reports.lists import render_status

    found = app.ledger.status(verify=verify)
    app.answer(found, lambda: render_status(found, zone=app.zone))


@db.command()
@click.argument("path")
@pass_app
def backup(app: App, path: str) -> None:
    """Copy the file of a ledger.

    The copy is whole even while others write to the ledger.

    fl db backup ledger-2026-11-22.db
    """
    from pathlib import Path

    app.ledger.backup(Path(path))
    app.answer_plainly("backup", f"copied to {path}", backup=path)


@db.command(cls=Command, files=True)
@click.argument("path")
@pass_app
def restore(app: App, path: str) -> None:
    """Load an export into an empty ledger, as it was.

    Its log comes along, with the moments everything was recorded. So a ledger moves from SQLite to
    PostgreSQL, and back.

    fl export --output ledger.jsonl
    fl db restore ledger.jsonl --ledger postgresql://team@db.example.org/forecasts
    """
    from pathlib import Path

    count = app.ledger.restore(Path(path))
    text = f"{count:,} entries restored, with the moments they were recorded"
    app.answer_plainly("restored", text, entries=count)
