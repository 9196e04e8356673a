"""fl show, fl list, fl due, fl statements, fl words: looking things up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import click

from forecast_ledger.cli.app import App, pass_app
from forecast_ledger.cli.options import Command, Days, filters


@click.command(cls=Command, reads=True)
@click.argument("key")
@pass_app
def show(app: App, key: str) -> None:
    """Show everything recorded about one question.

    Every entry is shown with both clocks: the moment it speaks of, and when it was recorded.

    fl show fed-cut
    fl show fed-cut --as-of 2026-11-07
    """
    from forecast_ledger.reports.page import render_page

    page = app.ledger.show(key, as_of=app.as_of)
    app.answer(page, lambda: render_page(page, zone=app.zone, width=app.width))


@click.command(cls=Command, name="list", reads=True)
@click.option(
    "--status",
    multiple=True,
    metavar="STATUS",
    help="open, overdue, resolved, annulled, ambiguous or disputed; may be repeated.",
)
@filters
@click.option("--text", metavar="TEXT", help="Questions whose key or text holds this.")
@pass_app
def list_(app: App, /, status: Sequence[str], text: str | None, **chosen: Any) -> None:
    """List questions, by key.

    fl list --status open --tag macro
    fl list --text ceasefire
    """
    from forecast_ledger.reports.lists import render_list

    rows = app.ledger.list(status=status, filters=_filters(chosen), as_of=app.as_of)
    if text is not None:
        wanted = text.casefold()
        rows = tuple(
            row for row in rows if wanted in f"{row.state.key} {row.state.text}".casefold()
        )
    app.answer(
        rows,
        lambda: render_list(rows, me=app.known_me, zone=app.zone, width=app.width),
        kind="questions",
    )


@click.command(cls=Command, reads=True)
@click.option(
    "--within", type=Days(), default="14d", show_default=True, help="How far to look ahead."
)
@click.option(
    "--stale",
    type=Days(),
    default="30d",
    show_default=True,
    help="How long your own forecasts may stand untouched.",
)
@click.option("--who", multiple=True, metavar="NAME", help="This forecaster; may be repeated.")
@pass_app
def due(app: App, within: timedelta, stale: timedelta, who: tuple[str, ...]) -> None:
    """List what is overdue, due soon, or untouched for long.

    A length of time is written 14d, 2w, 3m (of 30 days) or 1y.

    fl due --within 14d
    fl due --stale 3m --who "Bob Ray"
    """
    from forecast_ledger.ledger.gathering import Filters
    from forecast_ledger.reports.lists import render_due

    found = app.ledger.due(within=within, stale=stale, filters=Filters(who=who), as_of=app.as_of)
    if not who:
        # What others said stands as they said it: only one's own can be looked at again.
        own = tuple(r for r in found.stale if any(n == app.known_me for n, _ in r.forecasts))
        found = replace(found, stale=own)
    app.answer(found, lambda: render_due(found, me=app.known_me, zone=app.zone, width=app.width))


@click.command(cls=Command, reads=True)
@click.option("--source", metavar="KEY", help="Of this source alone.")
@pass_app
def statements(app: App, source: str | None) -> None:
    """List statements read out of sources, and their verdicts.

    fl statements --source bremmer-ukraine-peace-push
    """
    from forecast_ledger.reports.lists import render_statements

    found = app.ledger.statements(source=source, as_of=app.as_of)
    app.answer(
        found, lambda: render_statements(found, zone=app.zone, width=app.width), kind="statements"
    )


@click.command(cls=Command)
@click.argument("phrase", required=False)
@click.option("--lexicon", metavar="KEY", help="In this lexicon alone.")
@pass_app
def words(app: App, phrase: str | None, lexicon: str | None) -> None:
    """Say what words of probability mean.

    Without a phrase, list the lexicons, or with --lexicon all phrases of one.

    fl words "probably not"
    fl words --lexicon kent1964
    """
    from forecast_ledger.reports.lists import render_words

    found = app.ledger.words(phrase, lexicon=lexicon)
    app.answer(
        found,
        lambda: render_words(found, whole=lexicon is not None, width=app.width),
        kind="lexicons",
    )


def _filters(chosen: dict[str, tuple[str, ...]]) -> Any:
    from forecast_ledger.ledger.gathering import Filters

    return Filters(
        who=chosen["who"],
        sources=chosen["source"],
        tags=tuple(tag.lstrip("#").lower() for tag in chosen["tag"]),
        families=chosen["family"],
    )
