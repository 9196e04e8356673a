"""When the forecasts of many series stood, at once: the arithmetic of the grades on arrays.

The rules are those of a single series (proof within a day of the moment named, what is
recorded after the outcome is claimed); this applies them to plain series, in which every
forecast is in force, none was published elsewhere and no two share a moment.
Moments are whole microseconds since 1970; a stretch is told in whole seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast_ledger.scoring.arrays import Flags, Integers, Numbers

NEVER = int(np.iinfo(np.int64).max)
"""A moment that does not come: no deadline, no outcome."""
ALWAYS = int(np.iinfo(np.int64).min)
"""A moment before all others: no opening."""

WITNESSED, PUBLISHED, CLAIMED = range(3)
"""Grades, best first."""

GRACE = 24 * 3600 * 1_000_000
"""Microseconds by which a forecast may be dated back and still count from what it names."""
_SECOND = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """Forecasts of many series end to end, each series in the order it was made.

    `made` and `made_last` are the first and the last moment a date can mean, `recorded`
    when each was written here, in microseconds; `parts`, `low`, `high` are per 10**9.
    """

    made: Integers
    made_last: Integers
    recorded: Integers
    parts: Integers
    low: Integers
    high: Integers
    offsets: Integers


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Per series, in microseconds: opens (or ALWAYS), closes and known (or NEVER)."""

    opens: Integers
    closes: Integers
    known: Integers


def windows(opens: Numbers, closes: Numbers, known: Numbers) -> Windows:
    """Return windows from any rows of whole numbers."""
    first, second, third = (np.asarray(row, dtype=np.int64) for row in (opens, closes, known))
    return Windows(first, second, third)


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Forecasts that stood, in order of series and time.

    `series` is the place of each one's series, `answer` of its forecast; from `start` up
    to, without, `end`, in seconds since 1970.
    """

    series: Integers
    answer: Integers
    start: Integers
    end: Integers
    grade: Integers

    def of(self, wanted: Flags) -> Spans:
        """Return those whose series `wanted` marks as true."""
        kept = np.flatnonzero(wanted[self.series])
        return Spans(
            self.series[kept],
            self.answer[kept],
            self.start[kept],
            self.end[kept],
            self.grade[kept],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Stood:
    """What counts of many series: proven stretches, claimed ones, and all on the claimed timeline.

    `hindsight` and `late` count, per series, the forecasts made after the outcome was known
    and after the deadline; neither is ever scored.
    """

    proven: Spans
    claimed: Spans
    together: Spans
    hindsight: Integers
    late: Integers


def stood(answers: Answers, windows: Windows, until: int) -> Stood:
    """Return when each forecast stood, until the first of its deadline, its outcome and `until`.

    Linear in the number of forecasts.
    """
    count = answers.offsets.size - 1
    series = np.repeat(np.arange(count), np.diff(answers.offsets))
    known = windows.known[series]
    hindsight = answers.made_last >= known
    late = ~hindsight & (answers.made >= windows.closes[series])
    kept = np.flatnonzero(~(hindsight | late))
    series, known = series[kept], known[kept]
    made, recorded = answers.made[kept], answers.recorded[kept]
    opens = windows.opens[series]
    end = np.minimum(np.minimum(windows.closes, windows.known), until)[series]

    # On its proof a forecast stands from its recording, where that came more than a day late.
    proof = np.where(recorded - made <= GRACE, made, recorded)
    witnessed = np.flatnonzero(recorded < known)
    stop = _least_later(proof[witnessed], series[witnessed])
    proven = _spans(
        series[witnessed],
        kept[witnessed],
        np.maximum(proof[witnessed], opens[witnessed]),
        np.minimum(stop, end[witnessed]),
        WITNESSED,
    )
    # On the claimed timeline it stands from the moment it names, on its word until the proof.
    start = np.maximum(made, opens)
    stop = np.minimum(_least_later(made, series), end)
    proof[recorded >= known] = NEVER
    word = np.where(proof >= stop, stop, np.maximum(proof, start))
    claimed = _spans(series, kept, start, word, CLAIMED)
    backed = _spans(series, kept, word, stop, WITNESSED)
    return Stood(
        proven=proven,
        claimed=claimed,
        together=_together(claimed, backed),
        hindsight=np.bincount(
            np.repeat(np.arange(count), np.diff(answers.offsets))[hindsight], minlength=count
        ),
        late=np.bincount(
            np.repeat(np.arange(count), np.diff(answers.offsets))[late], minlength=count
        ),
    )


def _least_later(starts: Integers, series: Integers) -> Integers:
    """Return for each start the least of those after it in its series, or NEVER."""
    later = np.full(starts.size, NEVER)
    same = series[1:] == series[:-1]
    later[:-1][same] = starts[1:][same]
    # In order of time, as nearly always, the next start is the least.
    for place in np.unique(series[1:][same & (starts[1:] < starts[:-1])]):
        first, last = np.searchsorted(series, [place, place + 1])
        later[first : last - 1] = np.minimum.accumulate(starts[first + 1 : last][::-1])[::-1]
    return later


def _spans(
    series: Integers, answer: Integers, start: Integers, stop: Integers, grade: int
) -> Spans:
    """Return what is left where a stretch has a length."""
    some = np.flatnonzero(start < stop)
    return Spans(
        series[some],
        answer[some],
        start[some] // _SECOND,
        stop[some] // _SECOND,
        np.full(some.size, grade),
    )


def _together(first: Spans, second: Spans) -> Spans:
    """Return the stretches of two sets in order; of one forecast, `first` comes first."""
    order = np.argsort(np.concatenate([first.answer, second.answer]), kind="stable")
    return Spans(
        np.concatenate([first.series, second.series])[order],
        np.concatenate([first.answer, second.answer])[order],
        np.concatenate([first.start, second.start])[order],
        np.concatenate([first.end, second.end])[order],
        np.concatenate([first.grade, second.grade])[order],
    )
