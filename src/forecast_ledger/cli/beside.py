"""fl note, fl family, fl label, fl source: what is put beside questions."""

from __future__ import annotations

from collections.abc import Sequence

import click

from forecast_ledger.cli.app import App, pass_app
from forecast_ledger.cli.options import Command
from forecast_ledger.errors import UsageError


@click.command(cls=Command)
@click.argument("key")
@click.argument("text")
@click.option("--evidence", multiple=True, metavar="URL", help="What shows it; may be repeated.")
@click.option("--author", metavar="NAME", help="Whose note it is, if not yours.")
@pass_app
def note(app: App, key: str, text: str, evidence: Sequence[str], author: str | None) -> None:
    """Put a note on a question.

    It may be evidence before there is a verdict, or an author's reply.

    fl note opec "Draft agreement leaked" --evidence https://example.org/draft
    fl note ceasefire "I meant a signed one" --author "Ian Bremmer"
    """
    from forecast_ledger.domain.entries import Evidence
    from forecast_ledger.reports.daily import render_noted

    found = [Evidence(url=address) for address in dict.fromkeys(evidence)]
    by = author or app.signature
    state = app.ledger.note(key, text, author=by, evidence=found)
    app.answer(state, lambda: render_noted(state, by, len(found), width=app.width))


@click.command(cls=Command)
@click.argument("name")
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@click.option("--title", metavar="TEXT", help="The event they turn on.")
@pass_app
def family(app: App, name: str, keys: Sequence[str], title: str | None) -> None:
    """Declare that questions turn on one event.

    Errors and what a report may claim count families, not questions.

    fl family war-goes-on ceasefire-2026-06 donetsk-2026-05 --title "The war goes on"
    """
    from forecast_ledger.reports.daily import render_family

    found, states = app.ledger.family(name, keys, title=title)
    app.answer((found, states), lambda: render_family(found, states, app.width), kind="family")


@click.command(cls=Command, context_settings={"ignore_unknown_options": True})
@click.argument("key")
@click.argument("tags", nargs=-1, required=True, metavar="+TAG|-TAG...", type=click.UNPROCESSED)
@pass_app
def label(app: App, key: str, tags: Sequence[str]) -> None:
    """Put tags on a question, and take tags off it.

    fl label fed-cut +macro -draft
    """
    from forecast_ledger.reports.daily import render_labelled

    add: list[str] = []
    remove: list[str] = []
    for tag in tags:
        name = tag[1:].lstrip("#").lower()
        if tag[:1] not in "+-" or not name or name.startswith("-"):
            raise UsageError(f'"{tag}" is neither +TAG nor -TAG. Write: fl label {key} +macro')
        (add if tag.startswith("+") else remove).append(name)
    state = app.ledger.label(key, add=list(dict.fromkeys(add)), remove=list(dict.fromkeys(remove)))
    app.answer(state, lambda: render_labelled(state, app.width))


@click.command(cls=Command)
@click.argument("key")
@click.option("--title", required=True, metavar="TEXT", help="Its title.")
@click.option("--published", required=True, metavar="DATE", help="When it was published.")
@click.option("--author", metavar="NAME", help="Who wrote it.")
@click.option("--publisher", metavar="NAME", help="Where it appeared.")
@click.option("--url", metavar="URL", help="Its address.")
@click.option("--archive", metavar="URL", help="The address of an archived copy.")
@click.option("--inferred", metavar="TEXT", help="What the date is inferred from, if it is.")
@click.option("--text", metavar="FILE", help="The text read; its SHA-256 is recorded.")
@pass_app
def source(
    app: App,
    /,
    *,
    key: str,
    title: str,
    published: str,
    author: str | None,
    publisher: str | None,
    url: str | None,
    archive: str | None,
    inferred: str | None,
    text: str | None,
) -> None:
    """Record something published.

    Then its forecasts can be quoted: fl add --source KEY --quote TEXT --place TEXT.

    fl source bremmer-peace-push --title "The peace push fails" --author "Ian Bremmer"
       --publisher "GZERO Media" --url https://example.org/1 --published 2025-12-03
    """
    from forecast_ledger.cli.files import sha256_of
    from forecast_ledger.domain.entries import Source
    from forecast_ledger.reports.daily import render_source

    entry = Source(
        key=key,
        title=title,
        author=author,
        publisher=publisher,
        url=url,
        published=app.when(published, tense="past"),
        inferred=inferred is not None,
        published_note=inferred,
        archive_url=archive,
        sha256=sha256_of(text) if text else None,
    )
    recorded = app.ledger.source(entry)
    app.answer(recorded, lambda: render_source(recorded.entry, zone=app.zone, width=app.width))
