"""When forecasts stood: stretches of time, the window that counts, moments of change.

Moments are whole numbers, seconds or days as the caller counts them; a stretch holds its
start and not its end, so that one moment never has two forecasts of one forecaster.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast_ledger.errors import InvalidError
from forecast_ledger.scoring.arrays import (
    Flags,
    Floats,
    Integers,
    Numbers,
    checked_binary,
    checked_parts,
)
from forecast_ledger.scoring.exact import RunningSum
from forecast_ledger.scoring.realised import realised
from forecast_ledger.scoring.series import checked_offsets


@dataclass(frozen=True, slots=True, eq=False)
class Timed:
    """A score over the scheduled span for each series, and how much of it was covered.

    `coverage` is the share of the scheduled span, 0..1, on which a forecast stood.
    `impossible` marks series in which what happened was given 0 % at a time that counts.
    """

    scores: Floats
    coverage: Floats
    impossible: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Stretches:
    """Forecasts of many series end to end, each with the time for which it stood.

    `parts` per 10**9; forecast i stood from `starts[i]` up to, without, `ends[i]`. Within
    a series they follow one another; gaps are time without a forecast. `offsets` as for
    Series: series i is `offsets[i]` to `offsets[i + 1]`. Raises InvalidError otherwise.
    """

    parts: Integers
    starts: Integers
    ends: Integers
    offsets: Integers

    def __post_init__(self) -> None:
        checked_parts(self.parts)
        checked_offsets(self.offsets, self.parts.size)
        for moments in (self.starts, self.ends):
            if moments.shape != self.parts.shape:
                raise InvalidError(
                    f"{moments.size} moments for {self.parts.size} forecasts. Give one for each."
                )
        if bool(np.any(self.ends < self.starts)):
            raise InvalidError("a forecast ends before it starts. Exchange the two moments.")
        follows = np.ones(self.parts.size, dtype=bool)
        follows[self.offsets[:-1]] = False
        if bool(np.any(self.starts[1:][follows[1:]] < self.ends[:-1][follows[1:]])):
            raise InvalidError(
                "two forecasts of one forecaster stand at the same time. End each when the"
                " next one starts."
            )

    @classmethod
    def of(cls, parts: Numbers, starts: Numbers, ends: Numbers, offsets: Numbers) -> Stretches:
        """Return stretches from any rows of whole numbers.

        >>> len(Stretches.of([400_000_000, 700_000_000], [0, 2], [2, 4], [0, 2]))
        1
        """
        said = checked_parts(parts)
        checked = checked_offsets(offsets, said.size)
        return cls(said, checked_moments(starts), checked_moments(ends), checked)

    @classmethod
    def single(cls, parts: Numbers, starts: Numbers, ends: Numbers) -> Stretches:
        """Return one forecast per series.

        >>> len(Stretches.single([400_000_000, 700_000_000], [0, 2], [4, 4]))
        2
        """
        return cls.of(parts, starts, ends, np.arange(np.size(np.asarray(parts)) + 1))

    def __len__(self) -> int:
        """Return the number of series."""
        return self.offsets.size - 1

    def clipped(self, opens: Numbers, closes: Numbers) -> Stretches:
        """Return what lies within `opens` to `closes`, one window or one per series.

        What lies outside stays with no duration, so that places are kept.

        >>> s = Stretches.single([400_000_000], [0], [9]).clipped(2, 5)
        >>> s.starts.tolist(), s.ends.tolist()
        ([2], [5])
        """
        low, high = self.spread(opens), self.spread(closes)
        return Stretches(
            self.parts,
            np.clip(self.starts, low, high),
            np.clip(self.ends, low, high),
            self.offsets,
        )

    def durations(self) -> Integers:
        """Return how long each forecast stood."""
        return self.ends - self.starts

    def realised(self, outcomes: Numbers) -> Integers:
        """Return the parts that each forecast gave to what happened.

        `outcomes` is 1 for yes or 0 for no, one for all series or one for each.

        >>> Stretches.single([400_000_000, 400_000_000], [0, 0], [9, 9]).realised(0).tolist()
        [600000000, 600000000]
        """
        array = np.asarray(outcomes)
        if array.ndim == 0:
            return realised(self.parts, np.full(self.parts.size, array))
        array = checked_binary(array, len(self))
        return realised(self.parts, np.repeat(array, np.diff(self.offsets)))

    def spread(self, values: Numbers) -> Integers:
        """Return one whole number per forecast from one for all or one per series."""
        array = np.asarray(values)
        if array.dtype.kind not in "iu":
            raise InvalidError(f"moments are {array.dtype}, not integers. Give whole numbers.")
        if array.ndim == 0:
            return np.full(self.parts.size, array, dtype=np.int64)
        if array.shape != (len(self),):
            raise InvalidError(f"{array.size} values for {len(self)} series. Give one for each.")
        return np.repeat(array.astype(np.int64), np.diff(self.offsets))

    def total(self, values: Floats) -> Floats:
        """Return the sum of `values`, one per forecast, within each series."""
        sums: Floats = np.add.reduceat(values, self.offsets[:-1])
        return sums

    def covered(self) -> Integers:
        """Return how long a forecast stood in each series."""
        sums: Integers = np.add.reduceat(self.durations(), self.offsets[:-1])
        return sums


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """The window of one question cut where a forecast comes or goes.

    Step j lasts `durations[j]`; the `live` forecasts, those that stood at all, do so from
    step `first` up to, without, step `last`; `standing[j]` of them stand in step j.
    """

    live: Flags
    first: Integers
    last: Integers
    durations: Integers
    standing: Integers

    @classmethod
    def of(cls, stretches: Stretches) -> Steps:
        """Return the steps of stretches that are cut to the window already.

        >>> Steps.of(Stretches.single([1, 2], [0, 3], [9, 5])).standing.tolist()
        [1, 2, 1]
        """
        live = stretches.ends > stretches.starts
        starts, ends = stretches.starts[live], stretches.ends[live]
        moments, place = np.unique(np.concatenate([starts, ends]), return_inverse=True)
        first, last = place[: starts.size], place[starts.size :]
        coming = np.bincount(first, minlength=moments.size)
        going = np.bincount(last, minlength=moments.size)
        standing = np.cumsum(coming - going)[:-1]
        return cls(live, first, last, np.diff(moments), standing)

    def over(self, values: Floats) -> Floats:
        """Return for each live forecast the sum of `values`, one per step, while it stood."""
        return RunningSum.of(values).between(self.first, self.last)

    def total(self, values: Floats) -> Floats:
        """Return for each step the sum of `values`, one per live forecast, that stand in it."""
        place = np.concatenate([self.first, self.last])
        order = np.argsort(place, kind="stable")
        sums = RunningSum.of(np.concatenate([values, -values])[order])
        until = np.searchsorted(place[order], np.arange(self.durations.size), side="right")
        return sums.between(np.zeros_like(until), until)

    def placed(self, values: Floats) -> Floats:
        """Return `values`, one per live forecast, among all, with 0 for the others."""
        whole = np.zeros(self.live.size)
        whole[self.live] = values
        return whole


def checked_moments(moments: Numbers) -> Integers:
    """Return `moments` as a row of int64; else InvalidError.

    >>> checked_moments([-5, 0]).tolist()
    [-5, 0]
    """
    array = np.asarray(moments)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise InvalidError("moments are not one row of integers. Give whole seconds or days.")
    return array.astype(np.int64, copy=False)


def scheduled_span(opens: Numbers, scheduled: Numbers) -> Integers:
    """Return how long each question was to be open, more than 0; else InvalidError.

    >>> int(scheduled_span(3, 10))
    7
    """
    span: Integers = np.asarray(scheduled, dtype=np.int64) - np.asarray(opens, dtype=np.int64)
    if bool(np.any(span <= 0)):
        raise InvalidError("a question closes before it opens. Give the scheduled close, later.")
    return span


def counted(
    stretches: Stretches, opens: Numbers, scheduled: Numbers, ended: Numbers | None
) -> Stretches:
    """Return the stretches from `opens` to the end: `ended`, no later than `scheduled`.

    What had ended before it opened keeps nothing.

    >>> counted(Stretches.single([1], [0], [99]), 0, 10, 4).ends.tolist()
    [4]
    """
    scheduled_span(opens, scheduled)
    return stretches.clipped(opens, scheduled if ended is None else np.minimum(ended, scheduled))
