"""fl calibration: what was said beside what happened."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from forecast_ledger.cli.app import App, pass_app
from forecast_ledger.cli.options import Command, scored
from forecast_ledger.cli.scores import filters_of, mine, say_unknown
from forecast_ledger.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from forecast_ledger.ledger.calibration import Calibration, Drawing
    from forecast_ledger.ledger.gathering import Filters

PARTS_OF_A_PERCENT = 10_000_000
SEED, DRAWS = 1, 1_000


@click.command(cls=Command, reads=True)
@scored
@click.option(
    "--bin", "between", metavar="A-B", help="List what was said between two percentages: 80-90."
)
@click.option("--ece", is_flag=True, help="Show the calibration error over ten bins too.")
@click.option("--seed", type=click.IntRange(0), default=SEED, help="Of the draws behind the band.")
@click.option(
    "--draws", type=click.IntRange(100, 100_000), default=DRAWS, help="How many the band has."
)
@pass_app
def calibration(
    app: App, /, between: str | None, ece: bool, seed: int, draws: int, **chosen: Any
) -> None:
    """Compare what was said with what happened.

    How much is shown depends on how much there is to go by; what is not shown is named, with what
    it would take. With --source alone, it is that article's page: every claim, how it was read,
    and how it came out.

    fl calibration
    fl calibration --who "Bob Ray" --bin 80-90
    fl calibration --source bremmer-ukraine-peace-push
    """
    filters = filters_of(app, chosen)
    if filters.rule != "brier":
        raise UsageError(
            f"calibration is about the Brier score and what it is made of. {_elsewhere(filters)}"
        )
    drawing = _drawing(between, ece=ece, seed=seed, draws=draws)
    if _is_one_article(filters):
        _check_page(drawing)
        from forecast_ledger.reports.article import render_article

        article = app.ledger.article(filters.sources[0], filters, as_of=app.as_of)
        app.answer(article, lambda: render_article(article, zone=app.zone, width=app.width))
        return
    from forecast_ledger.reports.calibration import render_calibration

    found = _found(app, filters, drawing)
    app.answer(found, lambda: render_calibration(found, zone=app.zone, width=app.width))


def _found(app: App, filters: Filters, drawing: Drawing) -> Calibration:
    narrowed = mine(app, filters)
    if narrowed:
        try:
            return app.ledger.calibration(narrowed, drawing, as_of=app.as_of)
        except NotFoundError:
            pass
    found = app.ledger.calibration(filters, drawing, as_of=app.as_of)
    if narrowed:
        say_unknown(app)
    return found


def _elsewhere(filters: Filters) -> str:
    """Return where the rule asked for can be had."""
    from forecast_ledger.scoring.rules import RULES

    if filters.rule in RULES:
        return f"For another rule: fl score --rule {filters.rule}"
    return f"There is no rule {filters.rule!r}: leave --rule out."


def _check_page(drawing: Drawing) -> None:
    """Refuse what the page of one article has no place for."""
    for option, what, has_it in (
        ("--bin", "list by percentages", drawing.first is not None),
        ("--ece", "calibration error", drawing.ece),
        ("--seed", "band", drawing.seed != SEED),
        ("--draws", "band", drawing.draws != DRAWS),
    ):
        if has_it:
            raise UsageError(
                f"{option}: the page of one article has no {what}. Say --who NAME too, for the"
                " calibration of whom it quotes, or leave the option out."
            )


def _drawing(between: str | None, *, ece: bool, seed: int, draws: int) -> Drawing:
    from forecast_ledger.ledger.calibration import Drawing

    first, last = _percentages(between) if between else (None, None)
    return Drawing(seed=seed, draws=draws, ece=ece, first=first, last=last)


def _percentages(between: str) -> tuple[int, int]:
    """Return both ends of `80-90`, parts per 10⁹: 80 % up to, with, 90 %."""
    found = re.fullmatch(r"\s*(\d{1,3})\s*%?\s*-\s*(\d{1,3})\s*%?\s*", between)
    first, last = (int(found[1]), int(found[2])) if found else (1, 0)
    if not first <= last <= 100:
        raise UsageError(
            f"--bin {between!r} is no range of whole percentages from 0 to 100, the smaller first."
            " Give one as 80-90."
        )
    return first * PARTS_OF_A_PERCENT, last * PARTS_OF_A_PERCENT


def _is_one_article(filters: Filters) -> bool:
    narrowed = filters.who or filters.tags or filters.families
    spanned = filters.known_since or filters.known_until
    return len(filters.sources) == 1 and not narrowed and not spanned
