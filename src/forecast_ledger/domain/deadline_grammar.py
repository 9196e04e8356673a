"""The grammar behind `deadlines`: what may stand behind a preposition and what it means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import cache

from forecast_ledger.domain.days import FIRST_YEAR, LAST_YEAR, MONTH_NAMES, describe, zone_label
from forecast_ledger.domain.deadlines import Found
from forecast_ledger.domain.spoken_dates import (
    CLOCK,
    COUNT,
    DATED,
    MONTH,
    PERIOD,
    TIMED,
    UNIT,
    VAGUE,
    Library,
    Reading,
    add_months,
    amount,
    as_when,
    from_library,
    read,
    shifted,
)
from forecast_ledger.errors import UsageError

# What may follow a bare year or month for it to be a time and not part of a name:
# "in 2027 exceed", "in March for", but not "in 2027 dollars" or "in March Madness".
_AFTER_PERIOD = (
    "a an and as at be been before by despite due exceed exceeds fall for from given grow have"
    " hit if in is on pass reach remain rise stay than the to top under unless until was when"
    " which will with within without would"
)


def why_none(sentence: str, zone: tzinfo, made: datetime) -> str:
    """Return why what looks like a date in a sentence was not read, in parentheses, or nothing."""
    passed = next(candidates(sentence, zone, made, None), None)
    if passed is not None:
        return f' ("{passed.fragment}" had passed when the forecast was made)'
    for pattern, reason in (
        (
            rf"\b((?i:in) ((?i:{COUNT} {UNIT})))",
            'is not read: say "within {2}" if you mean from now',
        ),
        (r"\b(?:in|by|before|until) (may|march)\b", "is read as a month with a capital only"),
        (
            rf"\b((?i:in|by|before|until) (?i:{MONTH}|\d{{4}}\b))",
            "is not read, because the words behind it may make it part of a name",
        ),
        (rf"\b((?i:{DATED}))", "is read only after by, before, until or on"),
        (
            rf"\b({'|'.join(MONTH_NAMES)})\b",
            "is not read as a month without by, before, until or in",
        ),
        (r"\b((?:19|20|21)\d\d)\b", 'is read only as in "in {1}" or "by the end of {1}"'),
    ):
        match = re.search(pattern, sentence, re.ASCII)
        if match:
            return f' ("{match[1]}" {reason.format(match[0], *match.groups())})'
    return ""


@dataclass(frozen=True, slots=True)
class _Place:
    """A preposition of the sentence and the words behind it that look like a date."""

    sentence: str
    word: str
    start: int
    body: str
    body_start: int
    zone: tzinfo
    made: datetime

    @property
    def fragment(self) -> str:
        """The preposition and its date, as typed."""
        return self.sentence[self.start : self.body_start + len(self.body)]

    @property
    def before(self) -> str:
        """The sentence before the preposition."""
        return self.sentence[: self.start]

    @property
    def rest(self) -> str:
        """The sentence behind the date."""
        return self.sentence[self.body_start + len(self.body) :]

    @property
    def inclusive(self) -> bool:
        """Whether the preposition is the second half of "on or before"."""
        return bool(re.search(r"\b(?:on|in|by|at) or $", self.before, re.IGNORECASE))

    def read(self, text: str) -> Reading | None:
        """Return what the grammar of typed dates understands by `text`."""
        return read(text, self.zone, self.made, "future")

    def refusal(self, reason: str) -> UsageError:
        """Return the refusal of this place for `reason`."""
        return UsageError(f'"{self.fragment}" {reason}')


@cache
def _prepositions() -> re.Pattern[str]:
    return re.compile(
        r"(?:^|(?<=[\s(\[\"“\u2018',;:–—]))(?P<word>by|before|until|within|in|on) ", re.IGNORECASE
    )


@cache
def _dates() -> re.Pattern[str]:
    """Return the pattern of what may stand behind a preposition, one group for each kind."""
    kinds = {
        "ending": rf"(?:the )?end of (?:the )?(?:{PERIOD}|month\b|year\b)|year[ -]end\b",
        "timed": TIMED,
        "numbers": r"\d{1,4}(?P<mark>[./-])\d{1,2}(?P=mark)\d{1,4}(?![\w%])",
        "span": rf"(?P<next>(?:the )?(?:next|coming) )?(?P<count>{COUNT}) (?P<unit>{UNIT})"
        r"|the (?:next|coming) (?P<one>hour|day|week|month|year)\b",
        "vague": VAGUE,
        "period": PERIOD,
        "word_day": r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|tomorrow)\b",
    }
    return re.compile(
        "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in kinds.items()),
        re.IGNORECASE | re.ASCII,
    )


def candidates(
    sentence: str, zone: tzinfo, made: datetime, library: Library | None
) -> Iterator[Found]:
    """Yield every date behind a preposition as a deadline, those gone by included."""
    for preposition in _prepositions().finditer(sentence):
        start, word = preposition.start(), preposition["word"].lower()
        match = _dates().match(sentence, preposition.end())
        if match:
            place = _Place(sentence, word, start, match[0].rstrip("."), match.start(), zone, made)
            found = _deadline(place, match)
        else:
            found = None
            if library is not None and word in ("by", "before", "until", "on"):
                body = re.split(
                    r"[?!;)]|\.(?: |$)| (?:by|before|until|within|in|on) ",
                    sentence[preposition.end() :],
                )[0]
                place = _Place(sentence, word, start, body, preposition.end(), zone, made)
                found = _ask_library(place, library)
        if found is not None:
            yield found


def _deadline(place: _Place, match: re.Match[str]) -> Found | None:
    """Return what one place means as a deadline, None if it is no date."""
    if re.match(r"['’]s?\b|[-/–]\w", place.rest):
        return None
    if match["span"]:
        return _span(place, match)
    if match["period"]:
        return _period(place)
    if match["vague"]:
        _refuse_vague(place)
        return None
    return _day(place, match)


def _day(place: _Place, match: re.Match[str]) -> Found | None:
    """Return a day or an instant as a deadline, or the end of a period."""
    if place.word in ("in", "within") or (match["ending"] and place.word == "on"):
        return None
    if match["word_day"] and re.match(r" [A-Z]", place.rest):
        # "on Sunday Times" speaks of a newspaper.
        return None
    if match["numbers"] and match["mark"] != "/" and not re.search(r"\d{4}", place.body):
        # "by 1.2.34" may be a version.
        return None
    reading = place.read(place.body)
    if reading is None:
        return None
    if match["timed"]:
        _refuse_more(place)
    return _found(place, reading, before=not match["ending"])


def _refuse_vague(place: _Place) -> None:
    """Refuse "by mid-June" and "by next June"; "in early May elections" is no date."""
    if not _is_loose(place, re.split(r"[ -]", place.body)[-1]):
        raise place.refusal("is not one day. Say --by DATE.")


def _found(place: _Place, reading: Reading, *, before: bool) -> Found:
    """Return the deadline `reading` means; after "before" it is the day before, if `before`."""
    if before and reading.instant is None and place.word == "before" and not place.inclusive:
        eve = reading.first - timedelta(days=1)
        reading = Reading(eve, eve, None, reading.note)
    when = as_when(reading, place.zone, "end")
    note = f", {reading.note}" if reading.note else ""
    understood = (
        f"{describe(when, place.zone, side='end')}, {zone_label(place.zone)} "
        f"(read out of the text{note})"
    )
    return Found(when, place.fragment, understood)


def _span(place: _Place, match: re.Match[str]) -> Found | None:
    """Return "within 3 months" and "in the next 10 days" as that long from `made`."""
    ahead = match["next"] or match["one"]
    if place.word not in ("in", "within") or (place.word == "in" and not ahead):
        return None
    if match["one"] and place.word == "in":  # "in the next year" may be the calendar's
        return None
    unit = (match["unit"] or match["one"]).lower()
    if unit.startswith("minute") or re.match(
        r" (?:of|after|from|following|since|before|prior)\b(?! (?:now|today)\b)",
        place.rest,
        re.IGNORECASE,
    ):
        return None
    count = amount((match["count"] or "one").lower())
    return _found(place, shifted(place.made, place.zone, count, unit), before=False)


def _period(place: _Place) -> Found | None:
    """Return a month, quarter or year as a deadline, or refuse it after by and until."""
    if place.word == "on" or _is_loose(place, place.body):
        return None
    _refuse_more(place)
    reading = place.read(place.body)
    if reading is None:
        return None
    if place.word in ("in", "within") or place.inclusive:
        return _found(place, reading, before=False)
    today = place.made.astimezone(place.zone).date()
    first, last = reading.first, reading.last
    if place.word == "before":
        if reading.note and first <= today:
            # "before June", said in June, is next year's.
            first = add_months(first, 12)
        return _found(place, Reading(first, first, None, reading.note), before=True)
    if last < today:
        return _found(place, reading, before=False)
    eve = first - timedelta(days=1)
    raise place.refusal(
        f"can mean before {_text(first)} or to the end of {_text(last)}. "
        f"Say --by {eve.isoformat()} or --by {last.isoformat()}."
    )


def _is_loose(place: _Place, name: str) -> bool:
    """Return whether a bare year or month is part of something else: "in 2027 dollars"."""
    if name.isdecimal():
        if not FIRST_YEAR <= int(name) <= LAST_YEAR:
            return True
    elif not re.fullmatch(rf"{MONTH}|\d{{4}}-\d\d", name, re.IGNORECASE):
        return False
    elif name[0].islower() and name not in {
        month.lower() for month in MONTH_NAMES if month not in ("March", "May")
    }:
        return True
    return not re.match(
        rf"$|[?!;:)\]\"”’—]|[.,](?!\d)| [–—(-]| (?:{'|'.join(_AFTER_PERIOD.split())})\b",
        place.rest,
        re.IGNORECASE,
    )


def _refuse_more(place: _Place) -> None:
    """Refuse a date that another date, a short year or an unread time stands beside."""
    if re.match(
        rf",? ?(?:–|—|-|/|\b(?:or|and|to|till|through)\b) ?(?:{DATED}|{MONTH})",
        place.rest,
        re.IGNORECASE | re.ASCII,
    ):
        raise place.refusal("is followed by another date. Say --by DATE.")
    if re.match(r" '?\d\d(?:$|[?!,;:)])", place.rest):
        raise place.refusal("is followed by a year of two digits. Write four, or say --by DATE.")
    unread = r"(?:noon|midnight)\b"
    if re.match(rf",?(?: at)? (?:{unread}|{CLOCK})", place.rest, re.IGNORECASE) or (
        re.search(rf"(?:{CLOCK})$", place.body, re.IGNORECASE)
        and re.match(r" [A-Z]{2,5}\b", place.rest)
    ):
        raise place.refusal("is followed by a time that is not read. " + _TIME_STEP)
    if re.search(
        rf"\b(?:by|before|until|at) (?:{unread}|{CLOCK})(?: [a-z]{{2,5}})?,? $",
        place.before,
        re.IGNORECASE,
    ):
        raise place.refusal("stands behind a time that is not read. " + _TIME_STEP)


_TIME_STEP = 'Say --by "2027-03-18 14:00".'


def _ask_library(place: _Place, library: Library) -> Found | None:
    """Return the day a library reads behind a preposition, if month and year are named."""
    if not (
        re.search(rf"\b{MONTH}", place.body, re.IGNORECASE | re.ASCII)
        and re.search(r"\b[0-9]{4}\b", place.body)
    ):
        return None
    answer = library(place.body, place.made, place.zone)
    reading = from_library(place.body, answer, place.zone)
    return None if reading is None else _found(place, reading, before=True)


def _text(day: date) -> str:
    return f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}"
