"""Forecasts packed into texts by a database, unpacked into arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from forecast_ledger.errors import InvalidError
from forecast_ledger.scoring.arrays import Flags, Integers
from forecast_ledger.scoring.standing import Answers

MOMENT = 27
"""Characters of a moment, 2026-03-31T22:00:00.000000Z."""


@dataclass(frozen=True, slots=True, eq=False)
class Recordings:
    """When a log was written: first places, rising, and the microseconds since 1970 of each."""

    places: Integers
    moments: Integers

    @classmethod
    def at(cls, places: Sequence[int], moments: Sequence[int]) -> Recordings:
        """Return them from any rows of whole numbers."""
        return cls(np.array(places, dtype=np.int64), np.array(moments, dtype=np.int64))

    def of(self, texts: Sequence[str], size: int) -> Integers:
        """Return the moments at which so many places in the log were written."""
        at = np.searchsorted(self.places, _numbers(texts, size), side="right") - 1
        moments: Integers = self.moments[at]
        return moments


def unpacked(
    *,
    counts: Sequence[int],
    made: Sequence[str],
    recorded: Sequence[str],
    parts: Sequence[str],
    ends: Sequence[str | None],
    lows: Sequence[str | None],
    highs: Sequence[str | None],
    recordings: Recordings | None = None,
) -> tuple[Answers, Flags]:
    """Return the forecasts of many series in order, and which series share a moment.

    One text per series: `made` and `recorded` hold `counts` moments end to end, `parts`
    as many numbers with commas between. `ends`, `lows` and `highs` hold as many too, or
    none at all. With `recordings`, `recorded` holds places in the log instead, with commas
    between. Raises InvalidError where one holds fewer.

    >>> moment = "2026-03-31T22:00:00.000000Z"
    >>> answers, shared = unpacked(
    ...     counts=[1],
    ...     made=[moment],
    ...     recorded=[moment],
    ...     parts=["350000000"],
    ...     ends=[None],
    ...     lows=[None],
    ...     highs=[None],
    ... )
    >>> answers.made.tolist(), answers.parts.tolist(), shared.tolist()
    ([1774994400000000], [350000000], [False])
    """
    lengths = np.array(counts, dtype=np.int64)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    size = int(offsets[-1])
    first = _moments(made, size)
    answers = Answers(
        made=first,
        made_last=_where_given(ends, lengths, first, _last_of_days),
        recorded=_moments(recorded, size) if recordings is None else recordings.of(recorded, size),
        parts=(said := _numbers(parts, size)),
        low=_where_given(lows, lengths, said, _numbers),
        high=_where_given(highs, lengths, said, _numbers),
        offsets=offsets,
    )
    series = np.repeat(np.arange(lengths.size), lengths)
    together = series[1:] == series[:-1]
    if bool(np.any(together & (first[1:] < first[:-1]))):
        answers = _ordered(answers, np.lexsort((first, series)))
        first = answers.made
    shared = np.zeros(lengths.size, dtype=bool)
    shared[series[1:][together & (first[1:] == first[:-1])]] = True
    return answers, shared


def _ordered(answers: Answers, order: Integers) -> Answers:
    return Answers(
        made=answers.made[order],
        made_last=answers.made_last[order],
        recorded=answers.recorded[order],
        parts=answers.parts[order],
        low=answers.low[order],
        high=answers.high[order],
        offsets=answers.offsets,
    )


def _moments(texts: Sequence[str], size: int) -> Integers:
    """Return moments as microseconds since 1970, without a float between."""
    packed = "".join(texts).encode("ascii")
    if len(packed) != size * MOMENT:
        raise InvalidError(f"{len(packed)} characters do not hold {size} moments of {MOMENT}.")
    # Without its Z a moment is what numpy reads as one.
    cut = np.frombuffer(packed, dtype=f"S{MOMENT}").astype(f"S{MOMENT - 1}")
    moments: Integers = cut.astype("datetime64[us]").astype(np.int64)
    return moments


def _last_of_days(texts: Sequence[str], size: int) -> Integers:
    """Return the last moment of days that are told by their ends."""
    return _moments(texts, size) - 1


def _numbers(texts: Sequence[str], size: int) -> Integers:
    numbers: Integers = np.fromstring(",".join(texts), dtype=np.int64, sep=",")
    if numbers.size != size:
        raise InvalidError(f"{numbers.size} numbers for {size} forecasts.")
    return numbers


def _where_given(
    texts: Sequence[str | None],
    lengths: Integers,
    otherwise: Integers,
    read: Callable[[Sequence[str], int], Integers],
) -> Integers:
    given = [text for text in texts if text is not None]
    if not given:
        return otherwise
    has = np.array([text is not None for text in texts])
    values = otherwise.copy()
    values[np.repeat(has, lengths)] = read(given, int(lengths[has].sum()))
    return values
