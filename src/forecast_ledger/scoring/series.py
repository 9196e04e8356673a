"""A series: the standing forecasts of one question, with weights that sum to 1.

Many series lie end to end in one array. `offsets` has one entry more than there are
series; series i is `parts[offsets[i]:offsets[i + 1]]`, and none is empty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from forecast_ledger.errors import InvalidError
from forecast_ledger.scoring.arrays import Floats, Integers, checked_parts


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
    def single(cls, parts: ArrayLike) -> Series:
        """Return one forecast per question, each with weight 1.

        >>> len(Series.single([50_000_000, 250_000_000]))
        2
        """
        array = checked_parts(parts)
        return cls(array, np.ones(array.size), np.arange(array.size + 1))

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


def checked_offsets(offsets: ArrayLike, size: int) -> Integers:
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
