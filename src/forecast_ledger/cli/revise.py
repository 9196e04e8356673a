"""fl revise: another wording of a question."""

from __future__ import annotations

import click

from forecast_ledger.cli.app import App, pass_app
from forecast_ledger.cli.options import Command
from forecast_ledger.errors import UsageError


@click.command(cls=Command)
@click.argument("key")
@click.option("--clarify", "effect", flag_value="clarify", help="The forecasts so far carry over.")
@click.option("--replace", "effect", flag_value="replace", help="The forecasts so far end.")
@click.option("--text", metavar="TEXT", help="The question as it is put now.")
@click.option("--criteria", metavar="TEXT", help="How a stranger would decide it.")
@click.option("--by", metavar="DATE", help="Another deadline.")
@click.option("--opens", metavar="DATE", help="Another first day.")
@click.option("--due", metavar="DATE", help="When it can be decided, if after the deadline.")
@click.option("--why", metavar="TEXT", help="The reason, in a sentence.")
@pass_app
def revise(
    app: App,
    /,
    *,
    key: str,
    effect: str | None,
    text: str | None,
    criteria: str | None,
    by: str | None,
    opens: str | None,
    due: str | None,
    why: str | None,
) -> None:
    """Word a question anew; the old wording stays in the record.

    A clarification keeps the forecasts made so far; a change of what is asked ends them. First
    criteria, and another due date, are taken as a clarification; for anything else say which.

    fl revise fed-cut --criteria "The upper bound of the target range is lowered."
    fl revise fed-cut --replace --by 2027-06-30 --why "the meeting was moved"
    """
    from forecast_ledger.reports.daily import render_revised

    effect = effect or _effect(app, key, plain=not (text or by or opens), criteria=criteria)
    before, after = app.ledger.revise(
        key,
        effect,
        text=text,
        criteria=criteria,
        opens=app.when(opens, side="start", tense="future") if opens else None,
        closes=app.when(by, side="end") if by else None,
        due=app.when(due, side="end") if due else None,
        why=why,
    )
    app.answer(
        (before, after),
        lambda: render_revised(before, after, effect=effect, zone=app.zone, width=app.width),
        kind="revised",
    )


def _effect(app: App, key: str, *, plain: bool, criteria: str | None) -> str:
    """Return "clarify" where nobody could have answered anything else before."""
    if plain:
        wording = app.ledger.show(key).state.wording
        if criteria is None or (wording is not None and wording.criteria is None):
            return "clarify"
    raise UsageError(
        "does this change what is asked? Say --clarify (the forecasts so far carry over) or"
        " --replace (they end)."
    )
