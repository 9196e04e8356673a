"""Running sums without rounding, so that the order of what is summed leaves no trace."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast_ledger.errors import InvalidError
from forecast_ledger.scoring.arrays import Floats, Integers

HIGH = 2.0**36
LOW = 2.0**76

MOST = 1 << 22
"""Most values that are summed; within 0..32 in size, they and their rests fit 63 bits."""


@dataclass(frozen=True, slots=True, eq=False)
class RunningSum:
    """Sums of all values before each place, in two integers: multiples of 2**-36, 2**-76.

    Differences of running sums lose no digits and do not depend on what lies outside them.
    """

    high: Integers
    low: Integers

    @classmethod
    def of(cls, values: Floats) -> RunningSum:
        """Return the running sums of `values`; there is one more of them than of values.

        Raises InvalidError beyond 2**22 values.

        >>> sums = RunningSum.of(np.array([0.1, 0.2, 0.3]))
        >>> sums.between(np.array([0, 1]), np.array([3, 2])).tolist()
        [0.6, 0.2]
        """
        if values.size > MOST:
            raise InvalidError(
                f"{values.size} changes of forecasts on one question are more than can be summed"
                " exactly. Keep the last forecast of each day."
            )
        high = np.rint(values * HIGH)
        # What is left is a double as it stands, so nothing is lost but below 2**-77.
        low = np.rint((values - high / HIGH) * LOW)
        return cls(_running(high), _running(low))

    def between(self, first: Integers, last: Integers) -> Floats:
        """Return the sum of the values from place `first` up to, without, place `last`."""
        high = (self.high[last] - self.high[first]) / HIGH
        low = (self.low[last] - self.low[first]) / LOW
        sums: Floats = high + low
        return sums


def _running(values: Floats) -> Integers:
    sums = np.zeros(values.size + 1, dtype=np.int64)
    np.cumsum(values.astype(np.int64), out=sums[1:])
    return sums
