"""The deadline in a question's sentence, read only after by, before, until, on, in or within.

| after | is read | the deadline |
|---|---|---|
| by, until, on | a day: `18 March 2027`, `30 June`, `Friday` | the end of that day |
| before | a day or a period: `1 May 2027`, `June`, `2027` | the end of the day before it |
| by, before, until | `the end of June`, `the end of 2026`, `year-end` | the end of its last day |
| in, within | `June 2027`, `2027`, `Q2 2027`, `March` | the end of its last day |
| within, in the next | `3 months`, `10 days`, `a week` | that long from when the forecast is made |

A time of day behind the date is read too, and the deadline is then that instant. Refused,
with both readings: a period after by or until (before June, or to its end?), two different
deadlines in one sentence, and every date the grammar of typed dates refuses. A period that
stands before a noun (`in 2028 dollars`, `in May elections`) is no date; neither is `in 5
years` ("the first time in 5 years"), nor a span measured from an event (`within 3 months of
the vote`), nor a date that had passed when the forecast was made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from forecast_ledger.domain.days import describe, plain_day, tidy, zone_label
from forecast_ledger.domain.moments import When
from forecast_ledger.errors import InvalidError, UsageError

if TYPE_CHECKING:
    from forecast_ledger.domain.spoken_dates import Library

_DAY_PREPOSITIONS = ("by", "before", "until", "on")
_PREPOSITIONS = (*_DAY_PREPOSITIONS, "in", "within")

LONGEST_SENTENCE = 2_000
"""Characters of a text that a deadline is read out of; looking takes as many steps squared."""


@dataclass(frozen=True, slots=True)
class Found:
    """A deadline read out of a sentence.

    `fragment` is the part of the sentence it was read from, preposition included;
    `understood` says for people what it was taken to mean, with its zone.
    """

    when: When
    fragment: str
    understood: str


def find_deadline(
    sentence: str, *, zone: tzinfo, made: datetime, library: Library | None = None
) -> Found | None:
    """Return the one deadline `sentence` names, or None if it names none still ahead of `made`.

    Dates are days in `zone`. `library` is asked only about what stands behind a
    preposition, names a month and a year, and is not known to the built-in grammar.
    Raises UsageError where the sentence can be understood in two ways, or is no sentence
    but a long text.
    """
    if len(sentence) > LONGEST_SENTENCE:
        raise UsageError(
            f"no deadline is looked for in a text of {len(sentence):,} characters."
            " Say --by DATE, and keep what is not the question for --criteria."
        )
    if (plain := _plain(tidy(sentence), zone, made)) is not None:
        return plain
    # Most sentences end in a plain day, and starting up goes through here.
    from forecast_ledger.domain.deadline_grammar import candidates  # noqa: PLC0415

    found: list[Found] = []
    for candidate in candidates(tidy(sentence), zone, made, library):
        if candidate.when.end > made and candidate.when not in [other.when for other in found]:
            found.append(candidate)
    if len(found) > 1:
        named = " and ".join(
            f'"{one.fragment}" ({describe(one.when, zone, side="end")})' for one in found
        )
        raise UsageError(f"the text names more than one deadline: {named}. Say --by DATE.")
    return found[0] if found else None


def _plain(sentence: str, zone: tzinfo, made: datetime) -> Found | None:
    """Return the deadline of a sentence that ends in one preposition and one plain day.

    It is what the whole grammar finds there too, without loading it.
    """
    words = sentence.rstrip("?.!").split(" ")
    letters = "".join(c if c.isalnum() else " " for c in sentence.lower()).split()
    if sum(word in _PREPOSITIONS for word in letters) != 1:
        return None
    for length in (2, 4):
        word, *rest = words[-length:]
        day = plain_day(" ".join(rest)) if word.lower() in _DAY_PREPOSITIONS else None
        if day is not None:
            return _found(day, word, " ".join(words[-length:]), zone, made)
    return None


def _found(day: date, word: str, fragment: str, zone: tzinfo, made: datetime) -> Found | None:
    last = day - timedelta(days=1) if word.lower() == "before" else day
    try:
        when = When.on(last, zone)
    except InvalidError:
        return None  # a day this zone skipped: the grammar says so
    if when.end <= made:
        return None
    shown = f"{describe(when, zone, side='end')}, {zone_label(zone)} (read out of the text)"
    return Found(when, fragment, shown)


def no_deadline_hint(sentence: str, *, zone: tzinfo, made: datetime) -> str:
    """Return the message for a sentence in which `find_deadline` found nothing.

    It quotes the sentence, says why what looks like a date in it was not read, if
    anything does, and asks for --by.
    """
    from forecast_ledger.domain.deadline_grammar import why_none  # noqa: PLC0415

    shown = tidy(sentence)
    return f'no deadline found in "{shown}"{why_none(shown, zone, made)}. Say --by DATE.'
