"""fl score: how good the forecasts were."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import click

from forecast_ledger.cli.app import App, pass_app
from forecast_ledger.cli.options import Command, Floor, naming, scored_by_rule
from forecast_ledger.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from forecast_ledger.ledger.breakdown import Breakdown
    from forecast_ledger.ledger.gathering import Filters
    from forecast_ledger.ledger.scores import Score
    from forecast_ledger.ledger.table import FlatRow


@click.command(cls=Command, reads=True)
@scored_by_rule
@click.option(
    "--log-floor",
    type=Floor(),
    metavar="PERCENT",
    help="Take nothing below it, nor above its opposite, for logarithms.",
)
@click.option(
    "--each",
    type=click.Choice(["forecast", "tag", "month", "family", "who"]),
    metavar="WHAT",
    help="A row for each tag, month, family or who; or, with --csv, for each forecast.",
)
@click.option("--csv", "as_csv", is_flag=True, help="Write the table of --each as CSV.")
@click.option("--output", metavar="FILE", help="Write that table there.")
@pass_app
def score(app: App, /, each: str | None, as_csv: bool, output: str | None, **chosen: Any) -> None:
    """Say how good forecasts were.

    The Brier score runs from 0, which is perfect, to 1; always saying 50% gets 0.25. Without a
    filter it is about you; if you are not known here, about each forecaster, and about all of them
    pooled. Other rules measure otherwise, and some compare with those who forecast the same
    questions; each says its scale.

    --each who is about everybody; a month is that of the deadline. Rows are not tested: it is
    said how many stand out, and how many would by luck.

    fl score
    fl score --who "Bob Ray" --tag macro --known-since 2026-01-01
    fl score --as-of 2026-11-07
    fl score --rule peer
    fl score --each tag
    fl score --each forecast --csv --output forecasts.csv
    """
    filters = filters_of(app, chosen)
    if each and each != "forecast":
        _break_down(app, filters, each, as_csv=as_csv, output=output)
        return
    if each or as_csv or output is not None:
        _check_table(app, filters, each=each, as_csv=as_csv)
        _write_table(app, filters, output)
        return
    from forecast_ledger.reports.score import render_scores

    scores, pooled = _scores(app, filters)
    app.answer(
        scores,
        lambda: render_scores(scores, pooled, zone=app.zone, width=app.width),
        kind="scores",
        pooled=pooled,
    )


def filters_of(app: App, chosen: dict[str, Any]) -> Filters:
    """Return the filters the options of `scored` ask for."""
    from forecast_ledger.ledger.gathering import Filters

    first, last = chosen["known_since"], chosen["known_until"]
    _ = (first or last) and app.zone  # a fault in the zone is none of these
    with naming("--known-since"):
        since = app.when(first, side="start", tense="past") if first else None
    with naming("--known-until"):
        until = app.when(last, side="end", tense="past") if last else None
    if since and until and since.start > until.last:
        raise UsageError("--known-since lies after --known-until. Check the two dates.")
    return Filters(
        who=chosen["who"],
        sources=chosen["source"],
        tags=tuple(tag.lstrip("#").lower() for tag in chosen["tag"]),
        families=chosen["family"],
        known_since=since,
        known_until=until,
        policy=chosen["policy"],
        claimed=chosen["claimed"],
        level=chosen["level"],
        rule=chosen["rule"].strip().lower(),
        brier_scale=chosen["brier_scale"],
        log_floor=chosen.get("log_floor") or 0,
    )


def _check_table(app: App, filters: Filters, *, each: str | None, as_csv: bool) -> None:
    """Refuse half of what a table needs, and what it has no place for."""
    if not each:
        raise UsageError(
            "--csv and --output write the table of --each. Say --each forecast too, or tag, month,"
            " family or who."
        )
    if not as_csv:
        raise UsageError(
            "--each forecast makes a table, which is written as CSV. Say --csv too, and --output"
            " FILE for a file."
        )
    if app.json:
        raise UsageError(
            "--each forecast --csv writes CSV, and --json JSON. Leave one of them out: fl score"
            " --json has a line for each question."
        )
    if filters.rule != "brier" or filters.brier_scale != 1 or filters.log_floor:
        raise UsageError(
            "the table holds probabilities and outcomes, from which any score can be computed, and"
            " no scores. Leave --rule, --brier-scale and --log-floor out."
        )


def _write_table(app: App, filters: Filters, output: str | None) -> None:
    from forecast_ledger.ledger.table import STATUSES
    from forecast_ledger.reports.flat_table import write_table

    met: set[str] = set()
    rows = _begun(_noting(_rows(app, filters), met))
    _write(app, output, lambda out: write_table(rows, out))
    about = next((status for status in STATUSES if status in met), "counted")
    if about != "counted":
        app.tell(f"No row is counted. fl score is about those that say {about}: {_APART[about]}.")


_APART = {
    "early": "answered before deadlines that still lie ahead",
    "claimed": "recorded after the outcomes were known",
}


def _begun(rows: Iterator[FlatRow]) -> Iterator[FlatRow]:
    """Return rows of which the first is found, so that what is refused writes no header."""
    first = next(rows, None)
    return rows if first is None else chain((first,), rows)


def _noting(rows: Iterator[FlatRow], met: set[str]) -> Iterator[FlatRow]:
    """Pass rows on, and add to `met` the statuses they have."""
    for row in rows:
        met.add(row.status)
        yield row


def _write(app: App, output: str | None, write: Callable[[TextIO], int]) -> None:
    """Write a table to standard output, or to a new file and say how many rows it has."""
    if output is None:
        write(sys.stdout)
        return
    from forecast_ledger.cli.files import write_new

    written = write_new(output, write)
    app.tell(f"{written:,} {'row' if written == 1 else 'rows'} written to {output}")


def _break_down(app: App, filters: Filters, each: str, *, as_csv: bool, output: str | None) -> None:
    """Answer with a row for each tag, month, family or forecaster."""
    if output is not None and not as_csv:
        raise UsageError("--output writes a table as CSV. Say --csv too.")
    if as_csv and app.json:
        raise UsageError(
            f"--each {each} --csv writes CSV, and --json JSON. Leave one of them out: both hold"
            " the same rows."
        )
    from forecast_ledger.reports.breakdown import render_breakdown, write_breakdown
    from forecast_ledger.reports.frame import about_line

    found = _broken_down(app, filters, each)
    if as_csv:
        _write(app, output, lambda out: write_breakdown(found, out))
        if about := about_line(found.score):
            app.tell(about)
        return
    app.answer(found, lambda: render_breakdown(found, zone=app.zone, width=app.width))


def _broken_down(app: App, filters: Filters, each: str) -> Breakdown:
    """Return the breakdown about the user, else about all; of forecasters always about all."""
    narrowed = mine(app, filters) if each != "who" else None
    if narrowed:
        try:
            return app.ledger.breakdown(each, narrowed, zone=app.zone, as_of=app.as_of)
        except NotFoundError:
            pass
    found = app.ledger.breakdown(each, filters, zone=app.zone, as_of=app.as_of)
    if narrowed:
        say_unknown(app)
    return found


def _rows(app: App, filters: Filters) -> Iterator[FlatRow]:
    """Return the rows about the user, else about all; they are read as they are written."""
    narrowed = mine(app, filters)
    if narrowed:
        rows = app.ledger.each_forecast(narrowed, as_of=app.as_of)
        try:
            first = next(rows, None)
        except NotFoundError:
            say_unknown(app)
        else:
            return chain([first], rows) if first else rows
    return app.ledger.each_forecast(filters, as_of=app.as_of)


def _is_narrowed(filters: Filters) -> bool:
    return bool(filters.who or filters.sources or filters.tags or filters.families)


def mine(app: App, filters: Filters) -> Filters | None:
    """Return the filters narrowed to the user, if nothing else narrows them."""
    if _is_narrowed(filters) or app.known_me is None:
        return None
    return replace(filters, who=(app.known_me,))


def _scores(app: App, filters: Filters) -> tuple[tuple[Score, ...], Score | None]:
    if narrowed := mine(app, filters):
        try:
            return app.ledger.scores(narrowed, as_of=app.as_of), None
        except NotFoundError:
            pass
    scores = app.ledger.scores(filters, as_of=app.as_of)
    pooled = app.ledger.score(filters, as_of=app.as_of) if len(scores) != 1 else None
    if narrowed:
        say_unknown(app)
    return scores, pooled


def say_unknown(app: App) -> None:
    """Say that the report is not about the user, who has no forecasts here."""
    app.tell(f"{app.known_me} has no forecasts here, so this is about all who have.")
