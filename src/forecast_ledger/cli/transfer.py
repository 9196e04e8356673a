"""fl import and fl export: books, JSON Lines and tables in, books and JSON Lines out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from forecast_ledger.cli.app import App, pass_app
from forecast_ledger.cli.options import Command
from forecast_ledger.errors import UsageError

if TYPE_CHECKING:
    from forecast_ledger.formats.csv_values import Dates
    from forecast_ledger.ledger.tables_in import Asking


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
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="NAME=HEADER",
    help="A table's column that has another header; may be repeated.",
)
@click.option("--percent", is_flag=True, help="In a table, a bare 35 is 35%.")
@click.option(
    "--dates",
    type=click.Choice(["dmy", "mdy"]),
    help="What 3.4.2026 is in a table: dmy 3 April, mdy 4 March.",
)
@click.option("--who", metavar="NAME", help="Whose forecasts a table has, if no column says.")
@click.option("--skip-invalid", is_flag=True, help="Leave out the rows of a table at fault.")
@pass_app
def import_(  # noqa: PLR0917 - click hands them over by name
    app: App,
    paths: Sequence[str],
    dry_run: bool,
    texts: Sequence[str],
    columns: Sequence[str],
    percent: bool,
    dates: Dates | None,
    who: str | None,
    skip_invalid: bool,
) -> None:
    """Record what books, exports and tables hold.

    A path names a book (.toml), an export (.jsonl), a folder of them, or a table (.csv) with the
    columns question, forecaster, made and probability. A file with a fault is left out whole, with
    every fault named. Importing twice adds nothing. Dates in a table are in UTC unless --zone says
    otherwise.

    fl import forecasts/ --dry-run
    fl import book.toml --text article.txt
    fl import mia.csv --percent --column question=Title
    """
    from pathlib import Path

    from forecast_ledger.reports.lists import render_import

    with _ending_in_order(), _progress(app) as progress:
        report = app.ledger.import_paths(
            [Path(path) for path in paths],
            dry_run=dry_run,
            texts=_texts(texts),
            tables=_asking(app, columns, percent, dates, who, skip_invalid),
            progress=progress,
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


def _asking(  # noqa: PLR0917 - as they are handed over
    app: App,
    columns: Sequence[str],
    percent: bool,
    dates: Dates | None,
    who: str | None,
    skip_invalid: bool,
) -> Asking | None:
    """Return how tables are to be read, or None where nothing was said of it."""
    if not (columns or percent or dates or who or skip_invalid or app.zone_name):
        return None
    from forecast_ledger.domain.zones import zone_named
    from forecast_ledger.formats.csv_columns import parse_mapping
    from forecast_ledger.ledger.tables_in import Asking

    return Asking(
        columns=parse_mapping(columns),
        percent=percent,
        zone=zone_named(app.zone_name) if app.zone_name else None,
        who=who,
        skip_invalid=skip_invalid,
        dates=dates,
    )


@contextmanager
def _ending_in_order() -> Iterator[None]:
    """Let whoever ends the process be obeyed by way of its clean-up, so that no folder stays."""
    import signal

    changed: list[int] = []

    def end(number: int, _frame: object) -> None:
        for each in changed:  # once is enough: the clean-up is under way
            signal.signal(each, signal.SIG_IGN)
        raise SystemExit(128 + number)

    try:
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)  # Windows has but the first
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, end)
                changed.append(number)
    except ValueError:  # signals are the main thread's alone
        pass
    try:
        yield
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def _progress(app: App) -> Iterator[Callable[[float], None]]:
    """Give what draws a bar on a terminal, from the moment there is something to draw."""
    if app.json or not sys.stderr.isatty():
        yield lambda _: None
        return
    steps = 1_000
    with click.progressbar(length=steps, file=sys.stderr, label="importing") as bar:
        yield lambda part: bar.update(int(part * steps) - bar.pos)


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
