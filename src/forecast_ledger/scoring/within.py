"""Which series said something between two probabilities, and for how much of their weight."""

from __future__ import annotations

import numpy as np

from forecast_ledger.scoring.arrays import PARTS
from forecast_ledger.scoring.series import Series


def within(series: Series, first: int, last: int) -> list[tuple[int, float, float]]:
    """Return (place, mean probability there, share of the weight) of each series in the range.

    `first` and `last` are parts per 10**9, both in it. The largest share comes first.

    >>> within(Series.single([290_000_000, 900_000_000]), 200_000_000, 299_999_999)
    [(0, 0.29, 1.0)]
    """
    here = np.flatnonzero((series.parts >= first) & (series.parts <= last) & (series.weights > 0))
    place = np.searchsorted(series.offsets, here, "right") - 1
    count = len(series)
    share = np.bincount(place, series.weights[here], count)
    said = np.bincount(place, series.weights[here] * (series.parts[here] / PARTS), count)
    some = np.flatnonzero(share > 0)
    order = some[np.argsort(-share[some], kind="stable")]
    return [(int(i), float(said[i] / share[i]), min(1.0, float(share[i]))) for i in order]
