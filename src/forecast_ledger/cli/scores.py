"""fl score: how good the forecasts were."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from forecast_ledger.cli.app import App, pass_app
from forecast_ledger.cli.options import Command, scored
from forecast_ledger.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from forecast_ledger.ledger.gathering import Filters
    from forecast_ledger.ledger.scores import Score


@click.command(cls=Command, reads=True)
@scored
@pass_app
def score(app: App, /, **chosen: Any) -> None:
    """Say how good forecasts were.

    The Brier score runs from 0, which is perfect, to 1; always saying 50% gets 0.25. Without a
    filter it is about you; if you are not known here, about each forecaster, and about all of them
    pooled.

    fl score
    fl score --who "Bob Ray" --tag macro --known-since 2026-01-01
    fl score --as-of 2026-11-07
    """
    from forecast_ledger.reports.score import render_scores

    scores, pooled = _scores(app, filters_of(app, chosen))
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
    )


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
