"""fl revise: another wording of a question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from forecast_ledger.cli.app import App, pass_app
from forecast_ledger.cli.options import Command
from forecast_ledger.errors import LedgerError, UsageError

if TYPE_CHECKING:
    from forecast_ledger.ledger.state import QuestionState


@click.command(cls=Command)
@click.argument("key")
@click.option("--clarify", "effect", flag_value="clarify", help="The forecasts so far carry over.")
@click.option("--replace", "effect", flag_value="replace", help="The forecasts so far end.")
@click.option("--text", metavar="TEXT", help="The question as it is put now.")
@click.option("--criteria", metavar="TEXT", help="How a stranger would decide it.")
@click.option("--by", metavar="DATE", help="Another deadline; or none.")
@click.option("--opens", metavar="DATE", help="Another first day; or none.")
@click.option(
    "--due", metavar="DATE", help="When it can be decided, if after the deadline; or none."
)
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
    Where two wordings are in force, one that says every field in which they differ settles it.

    fl revise fed-cut --criteria "The upper bound of the target range is lowered."
    fl revise fed-cut --replace --by 2027-06-30 --why "the meeting was moved"
    """
    from forecast_ledger.reports.daily import render_revised

    effect = effect or _effect(app, key, plain=not (text or by or opens), criteria=criteria)
    dates = {"opens": opens, "closes": by, "due": due}
    window: dict[str, Any] = {
        name: app.when(
            typed,
            side="start" if name == "opens" else "end",
            tense="future" if name == "opens" else None,
        )
        for name, typed in dates.items()
        if typed is not None and not _is_none(typed)
    }
    before, after = app.ledger.revise(
        key,
        effect,
        text=text,
        criteria=criteria,
        **window,
        without=[name for name, typed in dates.items() if _is_none(typed)],
        why=why,
    )
    app.answer(
        (before, after),
        lambda: render_revised(
            before,
            after,
            effect=effect,
            still_said=_still_said(app, after) if by and text is None else None,
            zone=app.zone,
            width=app.width,
        ),
        kind="revised",
    )


def _is_none(typed: str | None) -> bool:
    return typed is not None and typed.strip().lower() == "none"


def _still_said(app: App, state: QuestionState) -> str | None:
    """Return the date that a text left as it was still names, if the deadline is another."""
    from forecast_ledger.cli.settings import library
    from forecast_ledger.domain.deadlines import find_deadline

    wording = state.wording
    if wording is None:
        return None
    try:
        found = find_deadline(
            wording.text, zone=app.zone, made=wording.written.start, library=library
        )
    except LedgerError:
        return None
    ends = wording.closes.end if wording.closes else None
    return found.fragment if found is not None and found.when.end != ends else None


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
