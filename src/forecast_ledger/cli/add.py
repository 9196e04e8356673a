"""fl add: a question with its first forecast, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import click

from forecast_ledger.cli.answers import Said, answer_options, understand
from forecast_ledger.cli.app import App, pass_app
from forecast_ledger.cli.options import Command
from forecast_ledger.errors import UsageError

if TYPE_CHECKING:
    from datetime import date

    from forecast_ledger.domain.moments import When


class Deadline(NamedTuple):
    """The deadline understood, in words, and the question without the part that named it."""

    when: When | None
    understood: str
    stem: str


class _Add(Command):
    """The command that takes a sentence, which people forget to quote."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse what was typed; of a sentence in pieces say that it needs quotation marks."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            if not error.message.startswith("Got unexpected extra argument"):
                raise
            raise UsageError(
                "there are more words than a question and a probability. Put the question in"
                ' quotation marks: fl add "Will X happen by 30 June 2027?" 35%'
            ) from None


@click.command(cls=_Add)
@click.argument("text", required=False)
@click.argument("probability", required=False)
@click.option("--by", metavar="DATE", help="The deadline, if the text does not say it; or none.")
@click.option("--key", metavar="KEY", help="A key of your own for the question.")
@click.option("--criteria", metavar="TEXT", help="How a stranger would decide it.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="As #tag in the text.")
@click.option("--family", metavar="KEY", help="The event it turns on with other questions.")
@click.option("--opens", metavar="DATE", help="The first day forecasts count.")
@click.option("--due", metavar="DATE", help="When it can be decided, if after the deadline.")
@answer_options
@pass_app
def add(app: App, /, text: str | None, probability: str | None, **typed: Any) -> None:
    """Record a question with your forecast of it.

    The deadline is read out of the text after by, before, until, in, on or within, and #words
    are tags. A probability is written 35%, 0.35, 7/20 or "1 in 3"; words do instead of a number.
    What was understood is shown; within ten minutes fl undo takes it back.

    fl add "Will the Fed cut rates by 18 March 2027? #macro" 62% --why "jobs"
    fl add "Will May resign?" 20% --by 2027-06-30 --who "Bob Ray"
    fl add "Ceasefire agreed by 30 June 2026?" --words "probably not" --who "Ann Lee"
    """
    from forecast_ledger.domain.keys import take_tags
    from forecast_ledger.reports.daily import render_added

    sentence, tags = take_tags(_sentence(app, text))
    if not sentence:
        raise UsageError("the question is empty. Say what is asked, and how likely yes is.")
    said = understand(app, probability, typed)
    deadline = _deadline(app, sentence, typed["by"], said)
    tags = tuple(dict.fromkeys((*tags, *(tag.lstrip("#").lower() for tag in typed["tags"]))))
    result = app.ledger.add(
        sentence,
        said.answer,
        key=typed["key"],
        criteria=typed["criteria"],
        family=typed["family"],
        tags=tags,
        opens=app.when(typed["opens"], side="start", tense="future") if typed["opens"] else None,
        closes=deadline.when,
        due=app.when(typed["due"], side="end") if typed["due"] else None,
        stem=deadline.stem,
        deadline_day=_day(app, deadline.when),
        worded_by=said.worded_by,
        **said.for_ledger(),
    )
    app.answer(
        result,
        lambda: render_added(
            result,
            deadline=deadline.understood,
            rounded=said.rounded,
            source=said.source,
            zone=app.zone,
            width=app.width,
        ),
    )


def _sentence(app: App, text: str | None) -> str:
    if text is not None:
        return text
    if not app.interactive:
        raise UsageError('there is no question. Write: fl add "Will X happen by 30 June 2027?" 35%')
    return app.ask("What is the question", str.strip)


def _deadline(app: App, sentence: str, by: str | None, said: Said) -> Deadline:
    """Return the deadline as --by says it, as the text does, or as it is asked for."""
    from forecast_ledger.cli.settings import library
    from forecast_ledger.domain.deadlines import find_deadline, no_deadline_hint

    if by is not None:
        return _by(app, sentence, by)
    made = said.made or (said.source.published if said.source else None)
    base = made.start if made else app.now
    found = find_deadline(sentence, zone=app.zone, made=base, library=library)
    if found is not None:
        stem = " ".join(sentence.replace(found.fragment, " ", 1).split())
        return Deadline(found.when, found.understood, stem)
    hint = no_deadline_hint(sentence, zone=app.zone, made=base)
    if not app.interactive:
        raise UsageError(hint)
    app.tell(hint.removesuffix(" Say --by DATE."))
    return app.ask("By when will it be decided (a date, or none)", lambda t: _by(app, sentence, t))


def _by(app: App, sentence: str, typed: str) -> Deadline:
    from forecast_ledger.domain.days import describe, zone_label

    if typed.strip().lower() == "none":
        return Deadline(None, "none", sentence)
    when = app.when(typed, side="end")
    shown = f"{describe(when, app.zone, side='end')}, {zone_label(app.zone)}"
    return Deadline(when, shown, sentence)


def _day(app: App, deadline: When | None) -> date | None:
    if deadline is None:
        return None
    return deadline.day or deadline.start.astimezone(app.zone).date()
