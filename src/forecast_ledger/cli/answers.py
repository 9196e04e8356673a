"""What a forecaster says, as typed: a number or words, whose it is, and where it was published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import click

from forecast_ledger.cli.app import App
from forecast_ledger.cli.options import all_of
from forecast_ledger.errors import UsageError

if TYPE_CHECKING:
    from forecast_ledger.domain.entries import Answer, Source
    from forecast_ledger.domain.moments import When
    from forecast_ledger.domain.probability import Probability
    from forecast_ledger.ledger.phrasing import Phrased
    from forecast_ledger.ledger.quoting import Quoted

SURVEY = "fagen2019"
"""The lexicon taken where none is named: 123 readers a phrase, raw data published."""
HOUSE = "house"
"""The lexicon taken for the words a survey lacks, such as a flat will."""

answer_options = all_of(
    click.option("--who", metavar="NAME", help="Whose forecast it is, if not yours."),
    click.option("--why", metavar="TEXT", help="The reasons, in a sentence."),
    click.option("--made", metavar="MOMENT", help="When it was made, if not now."),
    click.option("--words", metavar="PHRASE", help='Words instead of a number: "probably not".'),
    click.option(
        "--says",
        type=click.Choice(["yes", "no"]),
        help="The side the words speak of: no turns the phrase round, so that likely becomes"
        ' likely not. Leave it out with "probably not", which says no already.',
    ),
    click.option(
        "--lexicon",
        metavar="KEY",
        help=f"Where the words are looked up: {SURVEY}, and {HOUSE} for a flat will, unless said.",
    ),
    click.option("--low", metavar="P", help="The lowest the words allow, of yes."),
    click.option("--high", metavar="P", help="The highest the words allow, of yes."),
    click.option("--certain", is_flag=True, help="Allow 0% and 100%."),
    click.option("--source", metavar="KEY", help="Where it was published (see fl source)."),
    click.option("--quote", metavar="TEXT", help="The claim word for word, 25 words at most."),
    click.option("--place", metavar="TEXT", help='Where in the source: "paragraph 3".'),
    click.option("--reading", metavar="NAME", help='How a vague claim is read: "as seven months".'),
    click.option("--coder", metavar="NAME", help="Who turned it into a number, if not you."),
)


class Said(NamedTuple):
    """An answer ready to be recorded. `source` is where it was published, if it was.

    `rounded` is the number as typed, where it has more decimals than are kept. `worded_by`
    made the question, where that is not the forecaster's own.
    """

    who: str
    answer: Answer | None
    rounded: str | None
    made: When | None
    why: str | None
    coder: str | None
    worded_by: str | None
    phrased: Phrased | None
    quoted: Quoted | None
    source: Source | None

    def for_ledger(self) -> dict[str, Any]:
        """Return what the ledger's methods call these, but the answer itself."""
        names = ("who", "made", "why", "coder", "phrased", "quoted")
        return {name: getattr(self, name) for name in names}


def understand(app: App, number: str | None, typed: dict[str, Any]) -> Said:
    """Return what was said by the options of `answer_options` and the number, if there is one."""
    probability = _probability(app, number, typed)
    phrased = _phrased(app, typed)
    source, quoted = _published(app, typed)
    who = typed["who"] or (source.author if source else None) or _author_missing(app, source)
    coder = typed["coder"]
    if coder is None and phrased and (source or who != app.known_me):
        coder = app.signature
    return Said(
        who=who,
        answer=_answer(probability, typed, has_words=phrased is not None),
        rounded=(number or "it") if probability and probability.rounded else None,
        made=app.when(typed["made"], tense="past") if typed["made"] else None,
        why=typed["why"],
        coder=coder,
        worded_by=coder or (app.signature if source else None),
        phrased=phrased,
        quoted=quoted,
        source=source,
    )


def _author_missing(app: App, source: Source | None) -> str:
    if source is None:
        return app.me
    raise UsageError(f"the source {source.key} names no author. Say whose forecast it is: --who")


def _probability(app: App, number: str | None, typed: dict[str, Any]) -> Probability | None:
    from forecast_ledger.domain.probability import parse_probability

    if number is not None:
        return parse_probability(number, certain=typed["certain"])
    if typed["words"] is not None:
        return None
    if not app.interactive:
        raise UsageError('there is no probability. Say one, such as 35%, or --words "probably".')
    certain = typed["certain"]
    return app.ask("How likely is yes", lambda text: parse_probability(text, certain=certain))


def _answer(
    probability: Probability | None, typed: dict[str, Any], *, has_words: bool
) -> Answer | None:
    from forecast_ledger.domain.entries import Answer
    from forecast_ledger.domain.probability import parse_probability

    low, high = (
        parse_probability(typed[name], certain=True).parts if typed[name] else None
        for name in ("low", "high")
    )
    if probability is None:
        if low is not None or high is not None:
            raise UsageError("--low and --high need the probability between them. Say it as well.")
        return None
    if (low is None) != (high is None):
        raise UsageError("a range needs both its ends. Say --low and --high.")
    if low is not None and not has_words:
        raise UsageError(
            "--low and --high are what words allow. Say the words too (--words),"
            " or the probability alone."
        )
    return Answer(yes=probability.parts, low=low, high=high)


def _phrased(app: App, typed: dict[str, Any]) -> Phrased | None:
    phrase = typed["words"]
    if phrase is None:
        for name in ("says", "lexicon"):
            if typed[name] is not None:
                raise UsageError(f"--{name} is about words. Say them: --words PHRASE")
        return None
    from forecast_ledger.ledger.phrasing import Phrased

    lexicon = typed["lexicon"] or _lexicon_for(app, phrase)
    return Phrased(phrase=phrase, lexicon=lexicon, side=typed["says"] or "yes")


def _lexicon_for(app: App, phrase: str) -> str:
    from forecast_ledger.errors import NotFoundError

    try:
        having = {lexicon.key for lexicon, _ in app.ledger.words(phrase)}
    except NotFoundError:
        return SURVEY  # recording looks again, and says what is near
    return HOUSE if HOUSE in having and SURVEY not in having else SURVEY


def _published(app: App, typed: dict[str, Any]) -> tuple[Source | None, Quoted | None]:
    given = [name for name in ("source", "quote", "place") if typed[name] is not None]
    if not given:
        if typed["reading"] is not None:
            raise UsageError(
                "--reading says how a quote is read. Quote it: --source --quote --place"
            )
        return None, None
    missing = [f"--{name}" for name in ("source", "quote", "place") if name not in given]
    if missing:
        raise UsageError(
            f"a published forecast is quoted with its place. Say {' and '.join(missing)} as well."
        )
    from forecast_ledger.ledger.quoting import Quoted

    source = app.ledger.source_named(typed["source"])
    return source, Quoted(source.key, typed["quote"], typed["place"], typed["reading"])
