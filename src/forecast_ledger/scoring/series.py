"""A series: the standing forecasts of one question, with weights that sum to 1.

Many series lie end to end in one array. `offsets` has one entry more than there are
series; series i is `parts[offsets[i]:offsets[i + 1]]`, and none is empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from forecast_ledger.errors import InvalidError
from forecast_ledger.scoring.arrays import PARTS, Floats, Integers, Numbers, checked_parts


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Forecasts end to end: parts per 10**9, weights summing to 1 per series, offsets.

    Raises InvalidError where the three do not fit each other.
    """

    parts: Integers
    weights: Floats
    offsets: Integers

    def __post_init__(self) -> None:
        checked_parts(self.parts)
        checked_offsets(self.offsets, self.parts.size)
        if self.weights.shape != self.parts.shape or not bool(np.all(self.weights >= 0)):
            raise InvalidError("weights must be 0 or more, one for each forecast.")
        if not bool(np.all(np.abs(self.total(self.weights) - 1) < 1e-9)):
            raise InvalidError("the weights of a series do not sum to 1. Divide by their sum.")

    @classmethod
    def single(cls, parts: Numbers) -> Series:
        """Return one forecast per question, each with weight 1.

        >>> len(Series.single([50_000_000, 250_000_000]))
        2
        """
        array = checked_parts(parts)
        return cls(array, np.ones(array.size), np.arange(array.size + 1))

    @classmethod
    def joined(cls, pieces: Sequence[Series]) -> Series:
        """Return the series of all pieces, in their order.

        >>> len(Series.joined([Series.single([50_000_000]), Series.single([60_000_000])]))
        2
        """
        if not pieces:
            return cls.single([])
        lengths = np.concatenate([np.diff(piece.offsets) for piece in pieces])
        return cls(
            np.concatenate([piece.parts for piece in pieces]),
            np.concatenate([piece.weights for piece in pieces]),
            np.concatenate([[0], np.cumsum(lengths)]),
        )

    def merged(self) -> Series:
        """Return the same series with equal probabilities of a question made one.

        Weights are added up, probabilities rise; every score but the count of forecasts
        stays as it was. Whole percents leave at most 101 a question, however many updates.

        >>> s = Series(np.array([7, 5, 7]), np.array([0.25, 0.25, 0.5]), np.array([0, 3]))
        >>> s.merged().parts.tolist(), s.merged().weights.tolist()
        ([5, 7], [0.25, 0.75])
        """
        return self._gathered(np.arange(len(self)), len(self))

    def by_family(self, numbers: Numbers) -> tuple[Series, Integers]:
        """Return one series per family, merged, and how many series each stands for.

        `numbers` names the family of each series by an integer; families stand in the order
        in which they first occur. Of a family of n each series has a weight of 1/n, each
        forecast its share of that, so that one standing moment of the family is drawn.
        Raises InvalidError unless there is one number for each series.

        >>> family, times = Series.single([5, 25, 5, 7]).by_family([8, 3, 8, 3])
        >>> family.parts.tolist(), family.weights.tolist(), times.tolist()
        ([5, 7, 25], [1.0, 0.5, 0.5], [2, 2])
        """
        named = np.asarray(numbers)
        if named.shape != (len(self),):
            raise InvalidError(
                f"{named.size} families for {len(self)} questions. Give one for each."
            )
        _, first, place = np.unique(named, return_index=True, return_inverse=True)
        rank = np.empty_like(first)
        rank[np.argsort(first)] = np.arange(first.size)
        family = rank[place]
        times = np.bincount(family)
        return self._gathered(family, times.size, times), times

    def take(self, places: Integers) -> Series:
        """Return the series at `places`, in that order.

        >>> Series.single([5, 6, 7]).take(np.array([2, 0])).parts.tolist()
        [7, 5]
        """
        lengths = np.diff(self.offsets)[places]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        within = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths)
        index = np.repeat(self.offsets[places], lengths) + within
        return Series(self.parts[index], self.weights[index], offsets)

    def _gathered(self, place: Integers, count: int, times: Integers | None = None) -> Series:
        """Return a merged series at each of `count` places, of the `times` many that lie there."""
        wide = PARTS + 1
        own = np.repeat(place, np.diff(self.offsets))
        cells, cell = np.unique(own * wide + self.parts, return_inverse=True)
        weights = np.bincount(cell, self.weights).astype(np.float64, copy=False)
        if times is not None:
            # Only once they are added up, so that ten times the same makes 1.
            weights = weights / times[cells // wide]
        offsets = np.searchsorted(cells, np.arange(count + 1) * wide)
        return Series(cells % wide, weights, offsets)

    def __len__(self) -> int:
        """Return the number of series."""
        return self.offsets.size - 1

    def total(self, values: Floats) -> Floats:
        """Return the sum of `values` (one per forecast) within each series."""
        return _sums(values, self.offsets)

    def average(self, values: Floats) -> Floats:
        """Return the weighted mean of `values` (one per forecast) within each series."""
        return _sums(self.weights * values, self.offsets)

    def spread(self, values: Floats) -> Floats:
        """Return `values` (one per series) repeated for each forecast of the series."""
        return np.repeat(values, np.diff(self.offsets))


def checked_offsets(offsets: Numbers, size: int) -> Integers:
    """Return `offsets` as int64: 0 first, `size` last, rising, at least one series.

    Raises InvalidError otherwise; an empty series has no score.

    >>> checked_offsets([0, 2, 3], 3).tolist()
    [0, 2, 3]
    """
    array: Integers = np.asarray(offsets, dtype=np.int64)
    if array.ndim != 1 or array.size < 2:
        raise InvalidError("there are no forecasts to score. Choose at least one question.")
    if array[0] != 0 or array[-1] != size or not bool(np.all(np.diff(array) > 0)):
        raise InvalidError(
            f"offsets must rise from 0 to the number of forecasts, {size}; a series is empty"
            " or cut off. Give the start of each series and the end of the last."
        )
    return array


def _sums(values: Floats, offsets: Integers) -> Floats:
    sums: Floats = np.add.reduceat(values, offsets[:-1])
    return sums
