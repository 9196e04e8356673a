"""fl import and fl export: books and JSON Lines in and out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from forecast_ledger.cli.app import App, pass_app
from forecast_ledger.cli.options import Command
from forecast_ledger.errors import ConflictError, DatabaseError, NotFoundError, UsageError


@click.command(cls=Command, name="import", files=True)
@click.argument(
    "paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path)
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option(
    "--text",
    "texts",
    multiple=True,
    metavar="[KEY=]FILE",
    help="A source's text, for its quotes to be checked against.",
)
@pass_app
def import_(app: App, paths: Sequence[Path], dry_run: bool, texts: Sequence[str]) -> None:
    """Record what books and exports hold.

    A path names a book (.toml), an export (.jsonl), or a folder of them. A file with a fault is
    left out whole, with every fault named. Importing twice adds nothing.

    fl import forecasts/ --dry-run
    fl import book.toml --text article.txt
    """
    from forecast_ledger.reports.lists import render_import

    report = app.ledger.import_paths(paths, dry_run=dry_run, texts=_texts(texts))
    app.answer(report, lambda: render_import(report, width=app.width))
    if report.failed:
        count = len(report.failed)
        files = "1 file has" if count == 1 else f"{count} files have"
        error = report.failed[0].error
        assert error is not None  # noqa: S101 - that is what failed means
        raise type(error)(
            f"{files} faults and {'would be' if dry_run else 'was' if count == 1 else 'were'}"
            " left out whole. Mend what is named above and import again."
        )


def _texts(typed: Sequence[str]) -> dict[str | None, str]:
    texts: dict[str | None, str] = {}
    for text in typed:
        key, separator, name = text.rpartition("=")
        if separator and not Path(text).exists():
            texts[key] = _read(name)
        else:
            texts[None] = _read(text)
    return texts


def _read(name: str) -> str:
    try:
        return Path(name).read_text("utf-8")
    except FileNotFoundError:
        raise NotFoundError(f"there is no file {name}. Check its name.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{name} cannot be read: {error}") from None


@click.command(cls=Command, reads=True)
@click.argument("keys", nargs=-1, metavar="[KEY...]")
@click.option("--output", metavar="FILE", type=click.Path(path_type=Path), help="Write it there.")
@pass_app
def export(app: App, keys: Sequence[str], output: Path | None) -> None:
    """Write the ledger, or chosen questions, as text.

    Without a key, it is the whole ledger as JSON Lines; with keys, a book of those questions. JSON
    Lines hold everything, with the log; fl db restore loads them into an empty ledger.

    fl export --output ledger.jsonl
    fl export ukraine-ceasefire --output ceasefire.toml
    """
    if keys:
        _write(output, app.ledger.export_book(keys, zone=app.zone, as_of=app.as_of), app)
        return
    if output is None:
        app.ledger.export_jsonl(sys.stdout, as_of=app.as_of)
        return
    _refuse_existing(output)
    try:
        with output.open("x", encoding="utf-8", newline="\n") as out:
            count = app.ledger.export_jsonl(out, as_of=app.as_of)
    except OSError as error:
        raise DatabaseError(f"{output} cannot be written: {error.strerror}.") from None
    except BaseException:
        output.unlink(missing_ok=True)
        raise
    app.tell(f"{count:,} {'entry' if count == 1 else 'entries'} written to {output}")


def _write(output: Path | None, text: str, app: App) -> None:
    if output is None:
        app.say(text.rstrip("\n"))
        return
    _refuse_existing(output)
    try:
        output.write_text(text, "utf-8", newline="\n")
    except OSError as error:
        raise DatabaseError(f"{output} cannot be written: {error.strerror}.") from None
    app.tell(f"written to {output}")


def _refuse_existing(output: Path) -> None:
    if output.exists():
        raise ConflictError(f"{output} exists already. Name another file.")
