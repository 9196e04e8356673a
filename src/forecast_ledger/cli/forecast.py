"""fl forecast, fl withdraw, fl undo: a forecast made, ended, or taken back as a slip."""

from __future__ import annotations

from typing import Any

import click

from forecast_ledger.cli.answers import answer_options, understand
from forecast_ledger.cli.app import App, pass_app
from forecast_ledger.cli.options import Command


@click.command(cls=Command)
@click.argument("key")
@click.argument("probability", required=False)
@answer_options
@pass_app
def forecast(app: App, /, key: str, probability: str | None, **typed: Any) -> None:
    """Record a new forecast on a question.

    It stands from now on; what stood before keeps the time it stood, and stays in the record. A
    key may be shortened while it fits one question alone.

    fl forecast fed-cut 55% --why "CPI came in low"
    fl forecast fed-cut 40% --who "Bob Ray" --made 2026-11-03
    """
    from forecast_ledger.reports.daily import render_forecast

    said = understand(app, probability, typed)
    result = app.ledger.forecast(key, said.answer, **said.for_ledger())
    app.answer(
        result,
        lambda: render_forecast(
            result,
            typed=key,
            me=app.known_me,
            rounded=said.rounded,
            source=said.source,
            zone=app.zone,
            width=app.width,
        ),
    )


@click.command(cls=Command)
@click.argument("key")
@click.option("--who", metavar="NAME", help="Whose forecast it is, if not yours.")
@click.option("--why", metavar="TEXT", help="The reason, in a sentence.")
@pass_app
def withdraw(app: App, key: str, who: str | None, why: str | None) -> None:
    """Stop answering a question, from now on.

    What was said until now keeps counting for the time it stood.

    fl withdraw fed-cut --why "I advise them now"
    """
    from forecast_ledger.reports.daily import render_withdrawn

    result = app.ledger.withdraw(key, who=who or app.me, why=why)
    app.answer(
        result,
        lambda: render_withdrawn(result, me=app.known_me, width=app.width),
        kind="withdrawn",
    )


@click.command(cls=Command)
@click.option("--who", metavar="NAME", help="By whom it was, if not by you.")
@pass_app
def undo(app: App, who: str | None) -> None:
    """Take back the last thing typed, within ten minutes.

    It stays in the record as a slip, and is never scored.

    fl undo
    """
    from forecast_ledger.reports.daily import render_undone

    result = app.ledger.undo(by=who or app.me)
    app.answer(result, lambda: render_undone(result, width=app.width))
