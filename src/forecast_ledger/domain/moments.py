"""Moments: aware, exact to the microsecond, kept in UTC.

A bare date is kept as one. It is an interval, from the first instant of the day
where it was written to the first instant of the next (half-open), so that a rule
may ask for the first or the last moment it can mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from forecast_ledger.errors import InvalidError

MICROSECOND = timedelta(microseconds=1)
ONE_DAY = timedelta(days=1)

# Where the date line moved, a day lasted 12 hours (Macquarie Island) or 47 (Kwajalein, 1969).
FARTHEST_ZONE = timedelta(hours=26)
"""How far from midnight in UTC a day may begin, wherever it was written."""
SHORTEST_DAY = timedelta(hours=1)
LONGEST_DAY = timedelta(hours=48)


@dataclass(frozen=True, slots=True, order=True)
class When:
    """An instant (`start == end`, no `day`), or a bare date (`day`, half-open span).

    `start` and `end` are aware datetimes in UTC.
    """

    start: datetime
    end: datetime
    day: date | None = None

    def __post_init__(self) -> None:
        for moment in (self.start, self.end):
            if moment.tzinfo is None:
                raise InvalidError(
                    f"{moment.isoformat()} has no time zone. Give an offset, such as +01:00 or Z."
                )
            if moment.tzinfo is not UTC:
                raise InvalidError(f"{moment.isoformat()} is not in UTC. Convert it first.")
        if self.day is None and self.start != self.end:
            raise InvalidError("an instant has one moment, not a span; name the day it stands for")
        if self.day is not None and not (
            SHORTEST_DAY <= self.end - self.start <= LONGEST_DAY
            and abs(self.start - datetime(*self.day.timetuple()[:3], tzinfo=UTC)) <= FARTHEST_ZONE
        ):
            raise InvalidError(
                f"the day {self.day} cannot last from {text_of(self.start)} to {text_of(self.end)}"
            )

    @classmethod
    def at(cls, moment: datetime) -> When:
        """Return the instant `moment`, which must be aware."""
        if moment.tzinfo is None:
            raise InvalidError(
                f"{moment.isoformat()} has no time zone. Give an offset, such as +01:00 or Z."
            )
        utc = _in_utc(moment)
        return cls(utc, utc)

    @classmethod
    def on(cls, day: date, zone: tzinfo) -> When:
        """Return the bare date `day` as it runs in `zone`; refuse one the zone skipped."""
        if day == date.max:
            raise InvalidError(f"{day} is the last day of the calendar. Give an earlier one.")
        return cls(first_instant(day, zone), _first_not_before(day + ONE_DAY, zone), day)

    @property
    def is_day(self) -> bool:
        """Whether only the date is known."""
        return self.day is not None

    @property
    def last(self) -> datetime:
        """The last moment this can mean, to the microsecond."""
        return self.start if self.day is None else self.end - MICROSECOND


def is_hindsight(made: When, known: When) -> bool:
    """Return whether the last moment `made` can mean is not before the first `known` can."""
    return made.last >= known.start


def first_instant(day: date, zone: tzinfo) -> datetime:
    """Return the first instant of `day` in `zone`, in UTC.

    Where a clock change skips midnight the day begins when the clocks have moved;
    where midnight comes twice it begins with the first. A day that `zone` skipped
    altogether (30 December 2011 in Samoa) is refused.
    """
    first = _first_not_before(day, zone)
    if first.astimezone(zone).date() != day:
        raise InvalidError(f"the day {day} does not exist in {zone}. Give the day before or after.")
    return first


def _first_not_before(day: date, zone: tzinfo) -> datetime:
    """Return the first instant whose date in `zone` is `day` or later, in UTC."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    utc = _in_utc(midnight)
    if utc.astimezone(zone).replace(tzinfo=None) == midnight.replace(tzinfo=None):
        return utc
    # Midnight was skipped: fold 0 lies at or after the change, which is found by halving.
    early, late = utc - ONE_DAY, utc
    while late - early > MICROSECOND:
        middle = early + (late - early) // 2
        if middle.astimezone(zone).date() < day:
            early = middle
        else:
            late = middle
    return late


def instant_of(local: datetime, zone: tzinfo) -> datetime:
    """Return the moment at which clocks in `zone` show `local` (naive), in UTC.

    A local time that a clock change skips or repeats is refused.
    """
    if local.tzinfo is not None:
        raise InvalidError(f"{local.isoformat()} has an offset already: leave the zone out")
    first = _in_utc(local.replace(tzinfo=zone, fold=0))
    second = _in_utc(local.replace(tzinfo=zone, fold=1))
    if first == second:
        return first
    shown = local.isoformat(" ", "auto" if local.second or local.microsecond else "minutes")
    if first.astimezone(zone).replace(tzinfo=None, fold=0) != local.replace(fold=0):
        raise InvalidError(
            f"{shown} does not exist in {zone}: the clocks were put forward past it. "
            f"Give an offset, such as {shown}{_offset(second, zone)}."
        )
    raise InvalidError(
        f"{shown} comes twice in {zone}, where the clocks were put back. "
        f"Give an offset: {shown}{_offset(first, zone)} or {shown}{_offset(second, zone)}."
    )


def _offset(moment: datetime, zone: tzinfo) -> str:
    """Return the offset in force in `zone` at `moment`, such as +02:00."""
    return moment.astimezone(zone).isoformat(timespec="seconds")[19:]


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise InvalidError(
            f"{moment.isoformat()} lies outside the calendar. Give a year from 1 to 9999."
        ) from None


def text_of(moment: datetime) -> str:
    """Return the aware `moment` as fixed-width UTC text, which sorts as it compares."""
    if moment.tzinfo is None:
        # astimezone would take the computer's own zone without a word.
        raise InvalidError(
            f"{moment.isoformat()} has no time zone. Give an offset, such as +01:00 or Z."
        )
    utc = moment if moment.tzinfo is UTC else _in_utc(moment)
    return f"{utc.isoformat(timespec='microseconds')[:26]}Z"


def moment_of(text: str) -> datetime:
    """Return the moment written by `text_of`; refuse anything else."""
    if len(text) == 27 and text[26] == "Z":
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            pass
        else:
            # fromisoformat also reads week dates and decimal commas, which would not sort.
            if text_of(moment) == text:
                return moment
    raise InvalidError(f"{text!r} is not a moment in UTC such as 2026-03-31T22:00:00.000000Z")
