"""The distribution of a number that takes finitely many values, and sums of such numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast_ledger.errors import UsageError
from forecast_ledger.scoring.arrays import Floats, checked_level

ROUNDING = 1e-9
"""Cumulative probabilities closer than this are one: sums of doubles miss 0.95 by a hair."""

SAME = 1e-12
"""Values closer than this are one value."""

BLOCK = 1 << 16
"""Probabilities convolved together; about what a processor's cache holds."""


@dataclass(frozen=True, slots=True, eq=False)
class Distribution:
    """Values in rising order with their probabilities.

    `mean` is exact. `exact` says whether values and probabilities are (doubles keep some
    fifteen digits); if not, each value is right to within `error` but for a probability
    of one in a million.
    """

    values: Floats
    probabilities: Floats
    mean: float
    exact: bool = True
    error: float = 0.0

    def quantile(self, probability: float) -> float:
        """Return the smallest value whose cumulative probability reaches `probability`.

        >>> die = Distribution(np.arange(1.0, 7.0), np.full(6, 1 / 6), 3.5)
        >>> die.quantile(0.5), die.quantile(0.51)
        (3.0, 4.0)
        """
        if not 0 <= probability <= 1:
            raise UsageError(f"{probability} is not a probability. Give one in 0..1.")
        cumulative = np.cumsum(self.probabilities)
        index = int(np.searchsorted(cumulative, probability - ROUNDING))
        return float(self.values[min(index, self.values.size - 1)])

    def central(self, level: float = 0.9) -> tuple[float, float]:
        """Return the central range, at 90 % from the 5 % to the 95 % quantile.

        It holds at least `level`; how much more depends on how coarse the values are.

        >>> Distribution(np.arange(1.0, 7.0), np.full(6, 1 / 6), 3.5).central(0.5)
        (2.0, 5.0)
        """
        tail = (1 - checked_level(level)) / 2
        return self.quantile(tail), self.quantile(1 - tail)

    def at_most(self, value: float) -> float:
        """Return the probability of `value` or less; where inexact, rather too much.

        >>> round(Distribution(np.arange(1.0, 7.0), np.full(6, 1 / 6), 3.5).at_most(2), 12)
        0.333333333333
        """
        within = self.values <= value + self.error + SAME
        return min(1.0, float(self.probabilities[within].sum()))

    def at_least(self, value: float) -> float:
        """Return the probability of `value` or more; where inexact, rather too much.

        >>> round(Distribution(np.arange(1.0, 7.0), np.full(6, 1 / 6), 3.5).at_least(6), 12)
        0.166666666667
        """
        within = self.values >= value - self.error - SAME
        return min(1.0, float(self.probabilities[within].sum()))


def lattice_sum(rows: Floats) -> Floats:
    """Return the probabilities of the sum of independent whole numbers.

    Row i holds P(X_i = 0), P(X_i = 1), ...; entry k of the result is P(sum = k). Halves are
    summed and convolved by FFT: n rows of width w cost n w log(n w), and little memory
    beyond the result. Rounding errors stay below 1e-11.

    >>> lattice_sum(np.array([[0.5, 0.5], [0.5, 0.5]])).round(12).tolist()
    [0.25, 0.5, 0.25]
    """
    count, width = rows.shape
    if rows.size > BLOCK and count > 1:
        half = count // 2
        sums = _convolved(lattice_sum(rows[:half]), lattice_sum(rows[half:]))
    else:
        sums = _folded(rows)
    return np.clip(sums[: count * (width - 1) + 1], 0.0, None)


def _convolved(left: Floats, right: Floats) -> Floats:
    size = _smooth(left.size + right.size - 1)
    return np.fft.irfft(np.fft.rfft(left, size) * np.fft.rfft(right, size), size)


def _folded(rows: Floats) -> Floats:
    """Convolve neighbouring rows, all pairs at once, until one row is left."""
    width = _smooth(rows.shape[1])
    rows = np.pad(rows, ((0, 0), (0, width - rows.shape[1])))
    while rows.shape[0] > 1:
        if rows.shape[0] % 2:
            zero = np.zeros((1, width))
            zero[0, 0] = 1.0
            rows = np.concatenate([rows, zero])
        width *= 2
        spectrum = np.fft.rfft(rows, width, axis=1)
        rows = np.fft.irfft(spectrum[0::2] * spectrum[1::2], width, axis=1)
    folded: Floats = rows[0]
    return folded


def _smooth(width: int) -> int:
    """Return the least m 2**k >= `width` with m <= 8, a length that transforms fast."""
    unit: int = 1 << max(0, width.bit_length() - 3)
    return -(-width // unit) * unit
