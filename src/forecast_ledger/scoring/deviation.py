"""By how much outcomes stray from calibrated probabilities within a row of a table.

The deviation is the sum over cases of w (y - p). Where every family of the row has a single
case of weight 1, the number of yes is Poisson-binomial: exact. Otherwise one standing moment
is drawn per family, which leaves the deviation's mean at 0 and makes it more variable
(see `cases`): a range from it is rather too wide. It is summed on a lattice of whole
percents, of many families of fives; probabilities between are split between both neighbours,
again rather too wide: from a hundred families on by less than three hundredths.
Beyond some thousand families the deviation is taken as normal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal, TypeAlias

import numpy as np

from forecast_ledger.scoring.arrays import PARTS, Floats, Integers
from forecast_ledger.scoring.distribution import ROUNDING, lattice_sum

Method: TypeAlias = Literal["exact", "conservative", "normal"]

STEP = PARTS // 100
"""The lattice of few families. The sum of many spreads over whole numbers, and can be told by"""
COARSE_STEP = 5 * STEP
"""this as well."""
COARSE_FAMILIES = 100
EXACT_FAMILIES = 100_000
LATTICE_CELLS = 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class Deviation:
    """Sums of w (y - p) in rising order with their probabilities if every p is right.

    `error` is the standard deviation. With method "normal" there are no values.
    """

    values: Floats
    probabilities: Floats
    error: float
    method: Method

    def central(self, level: float) -> tuple[float, float, float]:
        """Return the ends of the central range and the chance to lie outside it.

        On either side at most (1 - level) / 2 lies outside, the same on both when
        yes and no are exchanged.

        >>> p = np.array([500_000_000] * 4)
        >>> deviation(np.arange(4), np.ones(4), p).central(0.8)
        (-1.0, 1.0, 0.125)
        """
        tail = (1 - level) / 2
        if self.method == "normal":
            reach = NormalDist().inv_cdf(1 - tail) * self.error
            return -reach, reach, 1 - level
        below = np.cumsum(self.probabilities)
        above = np.cumsum(self.probabilities[::-1])[::-1]
        # Sums of doubles miss 0.05 by a hair.
        low = int(np.argmax(below > tail + ROUNDING))
        high = self.values.size - 1 - int(np.argmax(above[::-1] > tail + ROUNDING))
        left = float(below[low - 1]) if low else 0.0
        right = float(above[high + 1]) if high + 1 < self.values.size else 0.0
        return float(self.values[low]), float(self.values[high]), left + right

    @property
    def absolute(self) -> float:
        """The mean of its absolute value."""
        if self.method == "normal":
            return self.error * math.sqrt(2 / math.pi)
        return math.fsum((np.abs(self.values) * self.probabilities).tolist())


def deviation(family: Integers, weight: Floats, parts: Integers) -> Deviation:
    """Return the deviation of cases: each one's family, its weight, its parts per 10**9.

    Families are integers, weights of one sum to at most 1. At least one case.

    >>> d = deviation(np.array([1, 2]), np.ones(2), np.array([500_000_000, 500_000_000]))
    >>> d.values.tolist(), d.probabilities.round(9).tolist(), d.method
    ([-1.0, 0.0, 1.0], [0.25, 0.5, 0.25], 'exact')
    """
    names, place = np.unique(family, return_inverse=True)
    p = parts / PARTS
    error = math.sqrt(math.fsum((weight * p * (1 - p)).tolist()))
    single = names.size == parts.size and bool(np.all(weight == 1))
    if single and names.size <= EXACT_FAMILIES:
        sums = lattice_sum(np.stack([(PARTS - parts) / PARTS, p], axis=1))
        # In integers, so that a number of yes that is just expected deviates by 0.
        values = (np.arange(sums.size) * PARTS - int(parts.sum())) / PARTS
        return Deviation(values, sums, error, "exact")
    step = STEP if names.size < COARSE_FAMILIES else COARSE_STEP
    one = PARTS // step
    bottom = -(-int(parts.max()) // step)
    width = bottom - int(parts.min()) // step + one + 1
    if names.size * width > LATTICE_CELLS:
        return Deviation(np.zeros(0), np.zeros(0), error, "normal")
    cells = np.zeros(names.size * width)
    above, share = np.divmod(parts, step)
    share = share / step
    start = place * width + bottom
    for end, chance in ((one, p), (0, (PARTS - parts) / PARTS)):
        for shift, part in ((0, 1 - share), (1, share)):
            cell = start + end - above - shift
            # The cell next to a whole percent may lie off the lattice, with nothing in it.
            kept = part > 0
            cells += np.bincount(cell[kept], (weight * chance * part)[kept], cells.size)
    rows = cells.reshape(names.size, width)
    rows[:, bottom] += np.maximum(1 - rows.sum(axis=1), 0.0)
    sums = lattice_sum(rows)
    values = (np.arange(sums.size) - bottom * names.size) / one
    return Deviation(values, sums, error, "conservative")
