"""Dates as people type them: a small exact grammar, read the same way every time.

Read, in any capitals, always in the zone given:

- `2026-03-31`; `2026-03-31 14:05`, with T and seconds if wished, and Z, UTC or +01:00 behind;
- `18 March 2027`, `Thu 18 Mar 2027`, `March 18, 2027`, `the 18th of March 2027`, each also
  with a time behind: `14:05`, `at 2:05pm`;
- `18 March` without a year: the nearest one in the direction asked for, today included;
- `today`, `tomorrow`, `yesterday`, `now`; `friday`, unless today is one;
- `in 3 months`, `10 days ago`, `two weeks from now`: months and years keep the day of the
  month, clipped to its length; hours and minutes give an instant;
- longer periods: `June 2027`, `2027-06`, `June`, `Q2 2027`, `2027`, `this month`, `next year`.
  As a deadline they mean their last day, as the start of a range their first; where one day
  is needed they are refused. `end of` any of them is its last day.

Refused, with what to write instead: numbers in any order but the ISO one (03/04/2026, also
31.12.2026 and 2026/12/31), years of two digits, `next friday` (this week's or next week's?),
`mid-June`, days a month does not have, local times that a clock change skips or repeats, and
years outside 1900 to 2200.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from typing import Literal

from forecast_ledger.domain.days import (
    DAY_NAMES,
    FIRST_YEAR,
    LAST_YEAR,
    MONTH_NAMES,
    Side,
    date_text,
    plain_day,
    tidy,
)
from forecast_ledger.domain.moments import When, instant_of
from forecast_ledger.errors import InvalidError, UsageError

Tense = Literal["past", "future"]
Library = Callable[[str, datetime, tzinfo], datetime | date | None]

_NUMBER_WORDS = (
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)

# Fragments of patterns, shared with the search for deadlines in sentences.
MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
WEEKDAY = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?"
    r"|sat(?:urday)?|sun(?:day)?)\b\.?"
)
COUNT = rf"(?:\d{{1,4}}|an?|{'|'.join(_NUMBER_WORDS)})"
UNIT = r"(?:year|month|week|day|hour|minute)s?\b"
CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?(?: ?[ap]m\b)?|\d{1,2} ?[ap]m\b"
OFFSET = r"(?:z|utc|gmt)\b|[+-]\d\d(?::?\d\d)?\b"
_ORDINAL = r"(?:st|nd|rd|th)?"
DAY_FIRST = rf"(?:the )?\d{{1,2}}{_ORDINAL}(?: of)?[ -]{MONTH}(?:,?[ -]\d{{4}}\b)?"
MONTH_FIRST = rf"{MONTH} (?:the )?\d{{1,2}}{_ORDINAL}\b(?!:)(?:,? \d{{4}}\b)?"
ISO_DAY = r"\d{4}-\d\d-\d\d"
DATED = rf"(?:{ISO_DAY}|(?:{WEEKDAY},? )?(?:{DAY_FIRST}|{MONTH_FIRST}))"
TIMED = rf"(?:{DATED}(?:(?:t|,? at |,? )(?:{CLOCK})(?: ?(?:{OFFSET}))?)?)"
PERIOD = (
    rf"(?:\d{{4}}-(?:0[1-9]|1[0-2])(?![\d-])|{MONTH},?(?: of)? \d{{4}}\b|q[1-4],? (?:of )?\d{{4}}\b"
    rf"|(?:this|next) (?:month|year)\b|\d{{4}}\b|{MONTH})"
)
VAGUE = (
    rf"(?:(?:the )?(?:mid|middle of|early|late|beginning of|start of)[ -](?:the )?{PERIOD}"
    rf"|(?:this|next|last) {MONTH})"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text means before it is a moment: whole days, or an instant.

    `first` and `last` are the days it covers (equal unless it names a period); `instant`
    is an aware moment, and then they are its day. `note` says what had to be supplied,
    such as "the next 30 June", or is empty.
    """

    first: date
    last: date
    instant: datetime | None = None
    note: str = ""

    @property
    def is_period(self) -> bool:
        """Whether more than one day is named."""
        return self.first != self.last


def parse_when(
    text: str,
    *,
    zone: tzinfo,
    now: datetime,
    side: Side | None = None,
    tense: Tense | None = None,
    library: Library | None = None,
) -> When:
    """Return the moment or the bare day that `text` means, read in `zone` at `now`.

    `side` says which day a longer period stands for: its first ("start"), its last
    ("end", for deadlines and upper bounds), or none, and then a period is refused.
    `tense` says where a date without a year or a weekday lies; unsaid, a deadline
    ("end") lies ahead and everything else behind. `library(text, now, zone)` is asked
    only about texts this grammar neither knows nor refuses; a year or month that the
    text names must be in its answer. Raises UsageError, saying what to write instead.
    """
    if now.tzinfo is None:
        raise InvalidError("now has no time zone. Give it one.")
    typed = tidy(text)
    reading = read(typed, zone, now, tense or ("future" if side == "end" else "past"))
    if reading is None and library is not None:
        reading = from_library(typed, library(typed, now, zone), zone)
    if reading is None:
        raise UsageError(
            f'cannot read "{typed}" as a date. Write it like 2026-03-31, 31 March 2026 or '
            f"2026-03-31 14:05+02:00."
        )
    if reading.is_period and side is None:
        raise UsageError(
            f'"{typed}" is more than one day. Give one, such as {reading.last.isoformat()}.'
        )
    return as_when(reading, zone, side)


def as_when(reading: Reading, zone: tzinfo, side: Side | None) -> When:
    """Return the instant or the bare day of `reading`; refuse a day `zone` skipped."""
    if reading.instant is not None:
        return When.at(reading.instant)
    try:
        return When.on(reading.first if side == "start" else reading.last, zone)
    except InvalidError as error:
        raise UsageError(error.message) from None


def read(text: str, zone: tzinfo, now: datetime, tense: Tense) -> Reading | None:
    """Return what the built-in grammar understands by `text`, or None if it knows it not.

    Raises UsageError for what it knows and refuses.
    """
    if (day := plain_day(text)) is not None:
        return _day(day)
    if not text:
        raise UsageError("no date given. Write it like 2026-03-31 or 31 March 2026.")
    lowered = text.lower()
    today = now.astimezone(zone).date()
    for pattern, reader in _grammar():
        match = _compiled(pattern).fullmatch(lowered)
        if match:
            return reader(_Asked(text, match, zone, now, today, tense))
    return None


def from_library(text: str, answer: datetime | date | None, zone: tzinfo) -> Reading | None:
    """Return a library's answer as a reading; None where it contradicts `text`.

    A naive datetime is a local time in `zone`.
    """
    if answer is None:
        return None
    years = {int(year) for year in re.findall(r"\b[0-9]{4}\b", text)}
    months = {_month(name) for name in re.findall(rf"\b{MONTH}", text.lower())}
    if (years and answer.year not in years) or (months and answer.month not in months):
        return None
    if not isinstance(answer, datetime):
        return _day(answer)
    return _instant(answer, zone)


def add_months(day: date, months: int) -> date:
    """Return the same day of the month `months` later, clipped to that month's length."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise _outside(str(year))
    return date(year, month0 + 1, min(day.day, monthrange(year, month0 + 1)[1]))


@dataclass(frozen=True, slots=True)
class _Asked:
    """One text on its way through the grammar: how it was typed and what matched."""

    text: str
    match: re.Match[str]
    zone: tzinfo
    now: datetime
    today: date
    tense: Tense

    def group(self, name: str) -> str:
        """Return what matched under `name`, empty where this form has no such part."""
        return self.match.groupdict().get(name) or ""


_Reader = Callable[[_Asked], Reading | None]


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


@cache
def _grammar() -> tuple[tuple[str, _Reader], ...]:
    """Return each form with its reader, the common ones first: each is compiled when tried."""
    end = r"(?P<end>(?:the )?end of (?:the )?)?"
    year = r"(?P<year>\d{4})"
    month = rf"(?P<month>{MONTH})"
    weekday = rf"(?:(?P<weekday>{WEEKDAY}),? )?"
    day = rf"(?:the )?(?P<day>\d{{1,2}}){_ORDINAL}"
    clock = rf"(?:(?:t|,? at |,? )(?P<clock>{CLOCK})(?: ?(?P<offset>{OFFSET}))?)?"
    short = r"(?P<short>\d{1,3})"
    return (
        (rf"{year}-(?P<number>\d\d)-(?P<day>\d\d){clock}", _read_day),
        (rf"{end}{weekday}{day}(?: of)?[ -]{month}(?:,?[ -]{year})?{clock}", _read_day),
        (rf"{end}{weekday}{month} {day}(?:,? {year})?{clock}", _read_day),
        (r"now", _read_now),
        (rf"{end}(?P<word>today|tomorrow|yesterday){clock}", _read_word),
        (rf"(?P<weekday>{WEEKDAY})", _read_weekday),
        (rf"(?P<which>this|next|last) (?P<weekday>{WEEKDAY})", _refuse_weekday),
        (
            rf"(?P<ahead>in )?(?P<count>{COUNT}) (?P<unit>{UNIT})(?P<after> ago| from now)?",
            _read_amount,
        ),
        (rf"{end}(?P<period>{PERIOD}|month|year)|(?P<closing>year)[ -]end", _read_period),
        (VAGUE, _refuse_vague),
        (
            r"(?P<a>\d{1,4})(?P<mark>[./-])(?P<b>\d{1,2})(?P=mark)(?P<c>\d{1,4})\b.*",
            _refuse_numbers,
        ),
        (r"(?P<a>\d{4})(?P<b>\d\d)(?P<c>\d\d)", _refuse_numbers),
        (r"(?P<a>\d{1,2})[./](?P<b>\d{1,2})\.?", _refuse_pair),
        (
            rf"{weekday}(?:{day}(?: of)?[ -])?{MONTH}(?: \d\d?{_ORDINAL})?,?[ -]'?{short}",
            _refuse_short_year,
        ),
        (rf".*\b(?:{CLOCK}) (?P<abbreviation>[a-z]{{2,5}})", _refuse_abbreviation),
    )


def _read_day(asked: _Asked) -> Reading | None:
    """Read a day of a month, with or without year, weekday and time."""
    name = asked.group("month")
    number = _month(name) if name else int(asked.group("number"))
    day_number = int(asked.group("day"))
    note = ""
    if asked.group("year"):
        day = _exact_day(int(asked.group("year")), number, day_number)
    else:
        day = _nearest_year(number, day_number, asked.today, asked.tense)
        which = "next" if asked.tense == "future" else "latest"
        note = f"the {which} {day_number} {MONTH_NAMES[number - 1]}"
    named = asked.group("weekday")
    if named and _weekday(named) != day.weekday():
        raise UsageError(
            f"{date_text(day)} is a {DAY_NAMES[day.weekday()]}, not a "
            f"{DAY_NAMES[_weekday(named)]}. Say one or the other."
        )
    return _with_clock(asked, day, note)


def _read_now(asked: _Asked) -> Reading:
    return Reading(asked.today, asked.today, asked.now.astimezone(UTC))


def _read_word(asked: _Asked) -> Reading | None:
    days = {"today": 0, "tomorrow": 1, "yesterday": -1}[asked.group("word")]
    return _with_clock(asked, asked.today + timedelta(days=days), "")


def _read_weekday(asked: _Asked) -> Reading:
    """Read a weekday: the nearest one before or after today, never today itself."""
    wanted = _weekday(asked.group("weekday"))
    ahead, behind = _weekdays_around(asked.today, wanted)
    name = DAY_NAMES[wanted]
    future = asked.tense == "future"
    nearest = ahead if future else behind
    if asked.today.weekday() == wanted:
        raise UsageError(f'today is a {name}: say "today", or {nearest.isoformat()}.')
    return _day(nearest, f"the {'next' if future else 'latest'} {name}")


def _refuse_weekday(asked: _Asked) -> Reading:
    week = timedelta(days=7)
    ahead, behind = _weekdays_around(asked.today, _weekday(asked.group("weekday")))
    readings = {
        "this": (behind, ahead),
        "next": (ahead, ahead + week),
        "last": (behind - week, behind),
    }[asked.group("which")]
    raise UsageError(
        f'"{asked.text}" can mean {readings[0].isoformat()} or {readings[1].isoformat()}. '
        f"Say which."
    )


def _read_amount(asked: _Asked) -> Reading:
    """Read an amount of time from now: "in 3 months", "10 days ago", "2 weeks from now"."""
    ahead, after = bool(asked.group("ahead")), asked.group("after").strip()
    phrase = f"{asked.group('count')} {asked.group('unit')}"
    if ahead == bool(after):
        raise UsageError(
            f'"{asked.text}" does not say from when. Say "in {phrase}" or "{phrase} ago".'
        )
    count = amount(asked.group("count")) * (-1 if after == "ago" else 1)
    return shifted(asked.now, asked.zone, count, asked.group("unit"))


def _read_period(asked: _Asked) -> Reading | None:
    """Read a month, quarter or year, or the last day of one."""
    text = asked.group("period") or asked.group("closing")
    ending = asked.group("end") or asked.group("closing")
    note = ""
    if text.startswith(("this", "next")) or text in ("month", "year"):
        if text in ("month", "year") and not ending:
            return None
        months = 1 if text.endswith("month") else 12
        shift = months if text.startswith("next") else 0
        if months == 1:
            anchor = add_months(asked.today.replace(day=1), shift)
        else:
            anchor = add_months(date(asked.today.year, 1, 1), shift)
    elif text.startswith("q"):
        months, anchor = 3, _exact_day(int(text[-4:]), int(text[1]) * 3 - 2, 1)
    elif text.isdecimal():
        months, anchor = 12, _exact_day(int(text), 1, 1)
    elif text[0].isdecimal():
        months, anchor = 1, _exact_day(int(text[:4]), int(text[5:]), 1)
    elif text[-4:].isdecimal():
        months, anchor = 1, _exact_day(int(text[-4:]), _month(text), 1)
    else:
        months, number = 1, _month(text)
        this_month = asked.today.replace(day=1)
        anchor = this_month.replace(month=number)
        future = asked.tense == "future"
        if future and anchor < this_month:
            anchor = add_months(anchor, 12)
        if not future and anchor > this_month:
            anchor = add_months(anchor, -12)
        note = f"the {'next' if future else 'latest'} {MONTH_NAMES[number - 1]}"
    last = add_months(anchor, months - 1)
    last = last.replace(day=monthrange(last.year, last.month)[1])
    return Reading(last if ending else anchor, last, None, note)


def _refuse_vague(asked: _Asked) -> Reading:
    raise UsageError(f'"{asked.text}" is not one day. Give one, such as 2027-06-15.')


def _refuse_numbers(asked: _Asked) -> Reading:
    """Refuse three numbers in another order or form than the ISO one."""
    a, b, c = asked.group("a"), asked.group("b"), asked.group("c")
    shown = asked.group("mark").join((a, b, c))
    if len(a) == 4:
        readings = _possible_days((a, b, c))
    elif len(c) == 4:
        readings = _possible_days((c, b, a), (c, a, b))
    else:
        raise UsageError(f'"{shown}" has no year of four digits. Write the date like 2026-03-31.')
    if not readings:
        raise UsageError(f'"{shown}" is not a date. Write it like 2026-03-31.')
    if shown == readings[0].isoformat():
        raise UsageError(
            f'cannot read the time in "{asked.text}". Write it like {shown} 14:05+02:00.'
        )
    if len(readings) == 1:
        raise UsageError(
            f'"{shown}" is not read, because numbers are taken in one order only: '
            f"say {readings[0].isoformat()}."
        )
    raise UsageError(
        f'"{shown}" can mean {date_text(readings[0])} or {date_text(readings[1])}. '
        f"Say {readings[0].isoformat()} or {readings[1].isoformat()}."
    )


def _refuse_pair(asked: _Asked) -> Reading:
    raise UsageError(
        f'"{asked.text}" may be a day and a month in either order. Write the date like '
        f"2026-03-31 or 31 March."
    )


def _refuse_short_year(asked: _Asked) -> Reading:
    raise UsageError(
        f'the year "{asked.group("short")}" in "{asked.text}" has too few digits. '
        f"Write four, such as 2027."
    )


def _refuse_abbreviation(asked: _Asked) -> Reading:
    raise UsageError(
        f'"{asked.group("abbreviation").upper()}" is not read as a time zone. '
        f"Give the offset, such as 14:05+02:00 or 14:05 UTC."
    )


def amount(count: str) -> int:
    """Return the number that `count` (digits, "a", "an", "one" to "twelve") stands for."""
    if count.isdecimal():
        return int(count)
    return 1 if count in ("a", "an") else _NUMBER_WORDS.index(count) + 1


def shifted(now: datetime, zone: tzinfo, count: int, unit: str) -> Reading:
    """Return the day `count` years, months, weeks or days from `now` in `zone`.

    Hours and minutes give the instant. Negative counts lie behind.
    """
    unit = unit.rstrip("s")
    if unit in ("hour", "minute"):
        step = timedelta(hours=count) if unit == "hour" else timedelta(minutes=count)
        return _instant(now.astimezone(UTC) + step, zone)
    today = now.astimezone(zone).date()
    if unit in ("year", "month"):
        return _day(add_months(today, count * (12 if unit == "year" else 1)))
    return _day(today + timedelta(days=count * (7 if unit == "week" else 1)))


def _with_clock(asked: _Asked, day: date, note: str) -> Reading | None:
    """Return `day`, or the instant at the time of day that was typed behind it."""
    clock = asked.group("clock")
    if not clock:
        return _day(day, note)
    if asked.group("end"):
        return None
    digits = clock.rstrip(" apm")
    hour, minute, second = (*digits.split(":"), "0", "0")[:3]
    if len(digits) < len(clock):
        if not 1 <= int(hour) <= 12:
            raise UsageError(f'"{clock}" is not a time of day. Write it like 2:05pm or 14:05.')
        hour = str(int(hour) % 12 + (12 if "p" in clock else 0))
    moment = datetime.fromisoformat(f"{day.isoformat()}T{int(hour):02d}:{minute:0>2}:{second:0>2}")
    offset = asked.group("offset")
    if offset in ("z", "utc", "gmt"):
        moment = moment.replace(tzinfo=UTC)
    elif offset:
        moment = _with_offset(moment, offset)
    reading = _instant(moment, asked.zone)
    return Reading(reading.first, reading.last, reading.instant, note)


def _with_offset(moment: datetime, offset: str) -> datetime:
    digits = offset[1:].replace(":", "").ljust(4, "0")
    try:
        return datetime.fromisoformat(f"{moment.isoformat()}{offset[0]}{digits[:2]}:{digits[2:]}")
    except ValueError:
        raise UsageError(
            f'"{offset}" is not an offset from UTC. Write it like +02:00 or Z.'
        ) from None


def _instant(moment: datetime, zone: tzinfo) -> Reading:
    """Return `moment` as a reading; a naive one is read by the clocks of `zone`."""
    try:
        utc = moment.astimezone(UTC) if moment.tzinfo else instant_of(moment, zone)
    except InvalidError as error:
        raise UsageError(error.message) from None
    day = utc.astimezone(zone).date()
    _check_year(day.year)
    return Reading(day, day, utc)


def _day(day: date, note: str = "") -> Reading:
    _check_year(day.year)
    return Reading(day, day, None, note)


def _exact_day(year: int, month: int, day: int) -> date:
    """Return the date, or refuse it saying how long the month is."""
    _check_year(year)
    if not 1 <= month <= 12:
        raise UsageError(f"there is no month {month}. Write the date like 2026-03-31.")
    length = monthrange(year, month)[1]
    if not 1 <= day <= length:
        raise UsageError(f"{MONTH_NAMES[month - 1]} {year} has {length} days, not {day}.")
    return date(year, month, day)


def _nearest_year(month: int, day: int, today: date, tense: Tense) -> date:
    """Return the nearest `day` of `month` at or after today, or at or before it."""
    longest = monthrange(2024, month)[1]
    if not 1 <= day <= longest:
        raise UsageError(f"{MONTH_NAMES[month - 1]} has at most {longest} days, not {day}.")
    step = 1 if tense == "future" else -1
    # 29 February can be eight years away, across 1900 or 2100.
    for year in range(today.year, today.year + 9 * step, step):
        if day <= monthrange(year, month)[1]:
            found = date(year, month, day)
            if (found - today).days * step >= 0:
                return found
    raise AssertionError("every day of the year comes within eight years")


def _possible_days(*orders: tuple[str, str, str]) -> list[date]:
    """Return the dates that year, month and day given in these orders can mean."""
    found: list[date] = []
    for year, month, day in orders:
        try:
            candidate = date(int(year), int(month), int(day))
        except ValueError:
            continue
        if candidate not in found:
            found.append(candidate)
    return found


def _weekdays_around(today: date, weekday: int) -> tuple[date, date]:
    """Return the nearest such weekday after today and the nearest before."""
    ahead = today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    behind = today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1)
    return ahead, behind


def _month(name: str) -> int:
    return [month[:3].lower() for month in MONTH_NAMES].index(name[:3].lower()) + 1


def _weekday(name: str) -> int:
    return [day[:3].lower() for day in DAY_NAMES].index(name[:3].lower())


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise _outside(str(year))


def _outside(year: str) -> UsageError:
    return UsageError(
        f"the year {year} lies outside {FIRST_YEAR} to {LAST_YEAR}. Give another date."
    )
