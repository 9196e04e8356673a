"""Days as people write and read them: the plain forms, without any grammar."""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from typing import Literal

from forecast_ledger.domain.moments import When
from forecast_ledger.errors import InvalidError

Side = Literal["start", "end"]

FIRST_YEAR = 1900
LAST_YEAR = 2200

MONTH_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def tidy(text: str) -> str:
    """Return `text` with single spaces, as messages show it."""
    return " ".join(text.split())


def plain_day(text: str) -> date | None:
    """Return the day `2026-03-31` or `31 March 2026` names; None for every other form.

    The commonest forms need no pattern, and starting up goes through here.
    """
    if not text.isascii():
        return None
    try:
        if len(text) == 10 and text[4] == text[7] == "-":
            return _within_years(date.fromisoformat(text))
        day, month, year = text.split(" ")
        if len(day) <= 2 and len(year) == 4 and day.isdigit() and year.isdigit():
            return _within_years(date(int(year), MONTH_NAMES.index(month) + 1, int(day)))
    except ValueError:
        pass
    return None


def _within_years(day: date) -> date | None:
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def describe(when: When, zone: tzinfo, *, side: Side | None = None) -> str:
    """Return `when` for people, in English and in `zone`, to the second.

    A bare day reads "Thu 18 March 2027", with `side` "end" "end of Thu 18 March 2027";
    an instant "Thu 18 March 2027 14:05", with its offset where the clocks show that time
    twice. A day that was written in another zone says when it starts or ends in this one.
    """
    if when.day is None:
        return _clock_text(when.start, zone)
    words = f"end of {day_text(when.day)}" if side == "end" else day_text(when.day)
    if side is None:
        return words
    try:
        here = When.on(when.day, zone)
    except InvalidError:
        here = None
    edge = when.end if side == "end" else when.start
    if here is None or edge != (here.end if side == "end" else here.start):
        words += f" ({_clock_text(edge, zone)} here)"
    return words


def zone_label(zone: tzinfo) -> str:
    """Return the name of `zone` as people know it, such as Europe/Berlin."""
    return str(zone)


def date_text(day: date) -> str:
    """Return a day as `18 March 2027`."""
    return f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}"


def day_text(day: date) -> str:
    """Return a day as `Thu 18 March 2027`."""
    return f"{DAY_NAMES[day.weekday()][:3]} {date_text(day)}"


def _clock_text(moment: datetime, zone: tzinfo) -> str:
    local = moment.astimezone(zone)
    clock = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        clock += local.isoformat(timespec="seconds")[19:]
    return f"{day_text(local.date())} {clock}"
