"""fl score: how good the forecasts were."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import click

from forecast_ledger.cli.app import App, pass_app
from forecast_ledger.cli.options import Command, Floor, scored_by_rule
from forecast_ledger.errors import NotFoundError, UsageError

if TYPE_CHECKING:
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
    type=click.Choice(["forecast"]),
    help="A line for each forecast, as --csv.",
)
@click.option("--csv", "as_csv", is_flag=True, help="Write the table of --each forecast as CSV.")
@click.option("--output", metavar="FILE", help="Write that table there.")
@pass_app
def score(app: App, /, each: str | None, as_csv: bool, output: str | None, **chosen: Any) -> None:
    """Say how good forecasts were.

    The Brier score runs from 0, which is perfect, to 1; always saying 50% gets 0.25. Without a
    filter it is about you; if you are not known here, about each forecaster, and about all of them
    pooled. Other rules measure otherwise, and some compare with those who forecast the same
    questions; each says its scale.

    fl score
    fl score --who "Bob Ray" --tag macro --known-since 2026-01-01
    fl score --as-of 2026-11-07
    fl score --rule peer
    fl score --each forecast --csv --output forecasts.csv
    """
    filters = filters_of(app, chosen)
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
    since = app.when(first, side="start", tense="past") if first else None
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
            "--csv and --output write a table of every forecast. Say --each forecast too."
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
    from forecast_ledger.cli.files import write_new
    from forecast_ledger.reports.flat_table import write_table

    rows = _rows(app, filters)
    if output is None:
        write_table(rows, sys.stdout)
        return
    written = write_new(output, lambda out: write_table(rows, out))
    app.tell(f"{written:,} {'row' if written == 1 else 'rows'} written to {output}")


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
