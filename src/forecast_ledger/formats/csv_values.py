"""Single cells of a table: from text to what an entry holds. Each raises a LedgerError."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, tzinfo
from typing import Literal

from forecast_ledger.domain.days import FIRST_YEAR, LAST_YEAR, plain_day
from forecast_ledger.domain.entries import Forecaster
from forecast_ledger.domain.fields import Role, check_field
from forecast_ledger.domain.moments import When, instant_of
from forecast_ledger.domain.probability import Probability, parse_probability
from forecast_ledger.errors import InvalidError, LedgerError
from forecast_ledger.formats.near import shown

Dates = Literal["dmy", "mdy"]
"""What order dates such as 03/04/2026 are written in: the day first, or the month."""
ORDERS: dict[Dates, str] = {"dmy": "day, month, year", "mdy": "month, day, year"}

OUTCOMES = {
    **dict.fromkeys(("yes", "true", "1", "1.0"), "yes"),
    **dict.fromkeys(("no", "false", "0", "0.0"), "no"),
    "annulled": "annulled",
    "ambiguous": "ambiguous",
}
"""What an outcome may be called. 1.0 and 0.0 are what some programs make of 1 and 0."""

_BARE_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)"
    r" ?(Z|z|UTC|[+-][0-9]{2}:?[0-9]{2})?"
)
_IN_NUMBERS = re.compile(r"([0-9]{1,4})([-./])([0-9]{1,2})\2([0-9]{1,4})(?=[T ]|$)")
_SHORT_HOUR = re.compile(r"(?<=[T ])[0-9](?=:[0-9]{2})")
_DECIMAL_COMMA = re.compile(r"([0-9]+),([0-9]+)(\s*%)?")
_TAGS = re.compile(r"[\s,;]+")


def probability_of(cell: str, *, percent: bool, comma: bool = False) -> Probability:
    """Return a probability; with `percent` a bare 35 is 35%, with `comma` 35,5 is 35.5.

    >>> probability_of("35", percent=True).parts
    350000000
    >>> probability_of("35,5 %", percent=False, comma=True).parts
    355000000
    """
    text = cell.strip()
    if found := _DECIMAL_COMMA.fullmatch(text):
        point = f"{found[1]}.{found[2]}{found[3] or ''}"
        if not comma:
            raise InvalidError(
                f"{shown(text)} has a decimal comma, which is read where columns are parted by"
                f" semicolons. Write {point}."
            )
        text = point
    if percent and _BARE_NUMBER.fullmatch(text):
        return parse_probability(f"{text}%", certain=True)
    try:
        return parse_probability(text, certain=True)
    except LedgerError as error:
        if _BARE_NUMBER.fullmatch(text) and "no percent sign" in error.message:
            raise InvalidError(
                f"{text} has no percent sign. If the column is in percent, say --percent."
            ) from None
        raise


def is_small(cell: str) -> bool:
    """Return whether a cell is a bare number above 0 and of at most 1: 0.5 may be half of one.

    >>> [is_small(cell) for cell in ("0.5", "1", "0", "2", "0.5%", "0,5")]
    [True, True, False, False, False, True]
    """
    text = cell.strip().replace(",", ".")
    return _BARE_NUMBER.fullmatch(text) is not None and 0 < float(text) <= 1


def when_of(cell: str, zone: tzinfo, dates: Dates | None = None) -> tuple[When, bool]:
    """Return a moment or a day, and whether its meaning hung on `zone`.

    `dates` says in what order 03/04/2026 is written; else such a date is refused.

    >>> when_of("30.06.2026", UTC, "dmy")[0].day
    datetime.date(2026, 6, 30)
    """
    text = " ".join(cell.split())
    day = plain_day(text)
    if day is not None:
        return When.on(day, zone), True
    iso = _SHORT_HOUR.sub(r"0\g<0>", _year_first(text, dates), count=1)
    day = plain_day(iso)
    if day is not None:
        return When.on(day, zone), True
    match = _MOMENT.fullmatch(iso)
    if match is None:
        raise InvalidError(_no_moment(text))
    date, clock, offset = match.groups()
    try:
        local = datetime.fromisoformat(f"{date}T{clock}")
        if offset in ("Z", "z", "UTC"):
            moment = local.replace(tzinfo=UTC)
        elif offset is not None:
            moment = datetime.fromisoformat(f"{date}T{clock}{offset}")
        else:
            moment = instant_of(local, zone)
    except ValueError:
        raise InvalidError(f"{shown(text)} is not in the calendar. Correct it.") from None
    if not FIRST_YEAR <= local.year <= LAST_YEAR or clock.startswith("24"):
        raise InvalidError(f"{shown(text)} is not in the calendar. Correct it.")
    return When.at(moment), offset is None


def _no_moment(text: str) -> str:
    if _IN_NUMBERS.fullmatch(text):
        return f"{shown(text)} is not in the calendar. Correct it."
    return f"{shown(text)} is not a date. Write 2026-03-31, or 2026-03-31 14:05 with the time."


def _year_first(text: str, dates: Dates | None) -> str:
    """Return a text with the date in it as 2026-03-31, if it is one in numbers.

    Raises InvalidError where its order has to be said first.
    """
    found = _IN_NUMBERS.match(text)
    if found is None:
        return text
    first, _, second, third = found.groups()
    rest = text[found.end() :]
    if len(first) == 4 and len(third) <= 2:
        return f"{first}-{second:0>2}-{third:0>2}{rest}"
    if len(first) > 2 or len(third) != 4:
        raise InvalidError(
            f"{shown(text)} is not a date: the year takes four digits. Write 2026-03-31."
        )
    days: dict[Dates, date] = {}
    for order, (day, month) in zip(ORDERS, ((first, second), (second, first)), strict=True):
        if (read := plain_day(f"{third}-{month:0>2}-{day:0>2}")) is not None:
            days[order] = read
    if not days:
        raise InvalidError(f"{shown(text)} is not in the calendar. Correct it.")
    if dates is not None and dates in days:
        return f"{days[dates]}{rest}"
    raise InvalidError(f"{shown(text)} {_order_of(days, dates)}")


def _order_of(days: dict[Dates, date], dates: Dates | None) -> str:
    """Return what a date lacks, read as it may be."""
    order, day = next(iter(days.items()))
    if dates is not None:
        return (
            f"is not {ORDERS[dates]}, as --dates {dates} says. If the table's dates are"
            f" {ORDERS[order]}, say --dates {order}; else write {day}."
        )
    if len(days) == 1:
        return f"has the order {ORDERS[order]}: say --dates {order}, or write {day}."
    if len(set(days.values())) == 1:
        return f"has no order that was said: say --dates dmy or --dates mdy, or write {day}."
    return (
        f"can be read in two ways: say --dates dmy for {days['dmy']}, --dates mdy for"
        f" {days['mdy']}, or write it so."
    )


def outcome_of(cell: str) -> str:
    """Return an outcome.

    >>> outcome_of("TRUE")
    'yes'
    """
    found = OUTCOMES.get(cell.strip().lower())
    if found is None:
        raise InvalidError(
            f"{shown(cell.strip())} is not an outcome. Write yes, no, 1, 0, true, false, annulled"
            " or ambiguous, or leave it empty while the question is open."
        )
    return found


def tags_of(cell: str) -> tuple[str, ...]:
    """Return tags parted by spaces, commas or semicolons, in lower case, sorted.

    >>> tags_of("#Macro; us")
    ('macro', 'us')
    """
    named = {tag.lstrip("#").lower() for tag in _TAGS.split(cell)}
    return tuple(str(check_field(Role.KEY, "tag", tag)) for tag in sorted(named - {""}))


def key_of(cell: str) -> str:
    """Return a key."""
    return str(check_field(Role.KEY, "key", cell.strip().lower()))


def family_of(cell: str) -> str:
    """Return the key of a family; words become one: `Ukraine war` is ukraine-war."""
    return str(check_field(Role.KEY, "family", "-".join(cell.lower().split())))


def text_of_question(cell: str) -> str:
    """Return a question's text on one line, with single spaces."""
    checked: str = check_field(Role.TEXT, "the question", cell)
    return " ".join(checked.split())


def name_of(cell: str) -> str:
    """Return a forecaster's name, with single spaces."""
    checked: str = check_field(Role.NAME, "the name", cell.strip())
    return Forecaster(name=" ".join(checked.split())).name


def source_of(cell: str) -> str:
    """Return where a forecast can be looked up: an address, or words on one line."""
    text = cell.strip()
    if text.lower().startswith(("http://", "https://")):
        return str(check_field(Role.URL, "source", text))
    checked: str = check_field(Role.TEXT, "source", text)
    return " ".join(checked.split())
