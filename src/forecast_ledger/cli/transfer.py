"""fl import and fl export: books and JSON Lines in and out."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from forecast_ledger.cli.app import App, pass_app
from forecast_ledger.cli.options import Command
from forecast_ledger.errors import UsageError


@click.command(cls=Command, name="import", files=True)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option(
    "--text",
    "texts",
    multiple=True,
    metavar="[KEY=]FILE",
    help="A source's text, for its quotes to be checked against.",
)
@pass_app
def import_(app: App, paths: Sequence[str], dry_run: bool, texts: Sequence[str]) -> None:
    """Record what books and exports hold.

    A path names a book (.toml), an export (.jsonl), or a folder of them. A file with a fault is
    left out whole, with every fault named. Importing twice adds nothing.

    fl import forecasts/ --dry-run
    fl import book.toml --text article.txt
    """
    from pathlib import Path

    from forecast_ledger.reports.lists import render_import

    report = app.ledger.import_paths(
        [Path(path) for path in paths], dry_run=dry_run, texts=_texts(texts)
    )
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
    from pathlib import Path

    from forecast_ledger.cli.files import text_of

    texts: dict[str | None, str] = {}
    for text in typed:
        key, separator, name = text.partition("=")
        if separator and not Path(text).exists():
            texts[key] = text_of(name)
        else:
            texts[None] = text_of(text)
    return texts


@click.command(cls=Command, reads=True)
@click.argument("keys", nargs=-1, metavar="[KEY...]")
@click.option("--output", metavar="FILE", help="Write it there.")
@pass_app
def export(app: App, keys: Sequence[str], output: str | None) -> None:
    """Write the ledger, or chosen questions, as text.

    Without a key, it is the whole ledger as JSON Lines; with keys, a book of those questions. JSON
    Lines hold everything, with the log; fl db restore loads them into an empty ledger.

    fl export --output ledger.jsonl
    fl export ukraine-ceasefire --output ceasefire.toml
    """
    from forecast_ledger.cli.files import write_new

    if output is not None:
        _check_name(output, keys)
    if keys:
        book = app.ledger.export_book(keys, zone=app.zone, as_of=app.as_of)
        if output is None:
            app.say(book.rstrip("\n"))
            return
        write_new(output, lambda out: out.write(book))
        app.tell(f"written to {output}")
    elif output is None:
        app.ledger.export_jsonl(sys.stdout, as_of=app.as_of)
    else:
        written = write_new(output, lambda out: app.ledger.export_jsonl(out, as_of=app.as_of))
        app.tell(f"{written:,} {'entry' if written == 1 else 'entries'} written to {output}")


def _check_name(output: str, keys: Sequence[str]) -> None:
    """Refuse a file whose ending promises the other of the two formats."""
    ending = output.lower().rpartition(".")[2]
    if ending == "toml" and not keys:
        raise UsageError(
            f"{output} would be a book, and a book is of chosen questions. Name them:"
            f" fl export KEY --output {output}, or write the whole ledger to a .jsonl file."
        )
    if ending == "jsonl" and keys:
        raise UsageError(
            f"questions go out as a book, which {output} would not be. Name it .toml, or leave"
            " the keys out to write the whole ledger."
        )
