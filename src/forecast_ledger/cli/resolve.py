"""fl resolve, fl annul, fl reopen: how a question came out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from forecast_ledger.cli.app import App, pass_app
from forecast_ledger.cli.options import Command
from forecast_ledger.errors import UsageError

if TYPE_CHECKING:
    from forecast_ledger.domain.entries import Evidence
    from forecast_ledger.domain.moments import When
    from forecast_ledger.ledger.resolving import Resolved
    from forecast_ledger.ledger.state import QuestionState

OUTCOMES = ("yes", "no", "annulled", "ambiguous")


@click.command(cls=Command)
@click.argument("key")
@click.argument("outcome", required=False, metavar="|".join(OUTCOMES))
@click.option("--on", metavar="DATE", help="When the outcome became known.")
@click.option("--evidence", multiple=True, metavar="URL", help="What shows it; may be repeated.")
@click.option("--against", multiple=True, metavar="URL", help="What speaks against it.")
@click.option("--note", metavar="TEXT", help="How it is known, in words.")
@click.option(
    "--firmness",
    type=click.Choice(["direct", "inferred", "contested"]),
    default="direct",
    show_default=True,
    help="How firmly it is known.",
)
@click.option("--why", metavar="TEXT", help="What was wrong; a correction needs it.")
@pass_app
def resolve(
    app: App,
    /,
    *,
    key: str,
    outcome: str | None,
    on: str | None,
    evidence: Sequence[str],
    against: Sequence[str],
    note: str | None,
    firmness: str,
    why: str | None,
) -> None:
    """Record how a question came out, and how that is known.

    Without --on, a no after the deadline became known when the deadline passed; anything else is
    known now. Forecasts made after that moment are never scored. Resolving again is a correction
    and needs --why; both resolutions stay in the record.

    fl resolve opec no --note "OPEC statement of 5 November, no cut"
    fl resolve opec yes --on 2026-10-30 --evidence https://example.org/cut --why "missed it"
    """
    page = app.ledger.show(key)
    why = why or _reason(app, page.state)
    outcome = _outcome(app, outcome)
    known = _known(app, on, outcome, past=page.state.closes and page.state.closes <= app.now)
    found, note = _grounds(app, evidence, note)
    result = app.ledger.resolve(
        page.state.key,
        outcome,
        by=app.signature,
        known=known,
        firmness=firmness,
        evidence=found,
        against=_evidence(against),
        note=note,
        why=why,
    )
    _show(app, key, result, {line.forecaster: line.score for line in page.lines})


@click.command(cls=Command)
@click.argument("key")
@click.option("--why", required=True, metavar="TEXT", help="Why it cannot be decided fairly.")
@click.option("--on", metavar="DATE", help="When that became known, if not now.")
@pass_app
def annul(app: App, key: str, why: str, on: str | None) -> None:
    """Take a question out of scoring, for good.

    It is for a question whose premise fell away, say. The question stays in the record, is counted
    as annulled, and is never scored.

    fl annul opec --why "the meeting was never held"
    """
    known = app.when(on, tense="past") if on else None
    result = app.ledger.resolve(key, "annulled", by=app.signature, known=known, note=why, why=why)
    _show(app, key, result, {})


@click.command(cls=Command)
@click.argument("key")
@click.option("--why", required=True, metavar="TEXT", help="The reason, in a sentence.")
@pass_app
def reopen(app: App, key: str, why: str) -> None:
    """Open a question again.

    Every resolution of it is taken back. They stay in the record, as withdrawn.

    fl reopen opec --why "resolved the wrong question"
    """
    from forecast_ledger.reports.daily import render_reopened

    state, kept = app.ledger.reopen(key, by=app.signature, why=why)
    app.answer(
        (state, kept),
        lambda: render_reopened(state, kept, typed=key, zone=app.zone, width=app.width),
        kind="reopened",
    )


def _show(app: App, key: str, result: Resolved, before: dict[str, float]) -> None:
    from forecast_ledger.reports.daily import render_resolved

    def render() -> str:
        page = app.ledger.show(result.state.key)
        return render_resolved(
            result, page, before, typed=key, me=app.known_me, zone=app.zone, width=app.width
        )

    app.answer(result, render)


def _reason(app: App, state: QuestionState) -> str | None:
    """Return why an outcome is corrected, asked for before all else that a correction takes."""
    if not state.resolutions or not app.interactive:
        return None
    shown = " and ".join(row.entry.outcome for row in state.resolutions)
    return app.ask(f"{state.key} is resolved {shown} already. What was wrong with that", str.strip)


def _outcome(app: App, typed: str | None) -> str:
    if typed is not None:
        return _one_of_outcomes(typed)
    if not app.interactive:
        raise UsageError(f"how did it come out? Say one of: {', '.join(OUTCOMES)}.")
    return app.ask("How did it come out (yes, no, annulled, ambiguous)", _one_of_outcomes)


def _one_of_outcomes(typed: str) -> str:
    outcome = typed.strip().lower()
    if outcome not in OUTCOMES:
        raise UsageError(f'"{typed}" is no outcome. Say one of: {", ".join(OUTCOMES)}.')
    return outcome


def _known(app: App, on: str | None, outcome: str, *, past: object) -> When | None:
    if on is not None:
        return app.when(on, tense="past")
    if (outcome == "no" and past) or not app.interactive:
        return None
    return app.ask(
        "When did it become known? (a forecast after that moment is not scored)",
        lambda text: None if text.strip() == "now" else app.when(text, tense="past"),
        default="now",
    )


def _grounds(
    app: App, evidence: Sequence[str], note: str | None
) -> tuple[list[Evidence], str | None]:
    found = _evidence(evidence)
    if found or note or not app.interactive:
        return found, note
    typed = app.ask("How is it known? evidence URL or a note", str.strip)
    if typed.startswith(("http://", "https://")):
        return _evidence([typed]), None
    return [], typed


def _evidence(addresses: Sequence[str]) -> list[Evidence]:
    from forecast_ledger.domain.entries import Evidence

    return [Evidence(url=address) for address in dict.fromkeys(addresses)]
