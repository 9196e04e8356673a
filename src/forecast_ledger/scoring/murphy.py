"""Murphy's decomposition of the Brier score over bins, and what is lost within them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forecast_ledger.scoring.arrays import Floats
from forecast_ledger.scoring.bins import checked_edges
from forecast_ledger.scoring.table import Table


@dataclass(frozen=True, slots=True)
class Murphy:
    """The Brier score taken apart: reliability - resolution + uncertainty + variance - covariance.

    `reliability` 0 is perfect; larger `resolution` is better. `within_variance` and
    `within_covariance` are of the probabilities within bins, 0 where a bin holds one only.
    """

    reliability: float
    resolution: float
    uncertainty: float
    within_variance: float
    within_covariance: float


def murphy(table: Table, edges: tuple[int, ...] | None = None) -> Murphy:
    """Return the decomposition over bins that start at `edges`, or over the distinct values.

    Reliability is too large and uncertainty too small on average, the more so the more bins
    (Ferro and Fricker 2012); `corp.decompose` needs no bins. Murphy, A. H. (1973), Journal of
    Applied Meteorology 12, 595-600; the terms within bins by Stephenson, D. B., Coelho,
    C. A. S. and Jolliffe, I. T. (2008), Weather and Forecasting 23, 752-757.

    >>> from forecast_ledger.scoring.series import Series
    >>> from forecast_ledger.scoring.table import grouped
    >>> said = Series.single([200_000_000] * 5 + [800_000_000] * 5)
    >>> m = murphy(grouped(said, [0] * 5 + [1] * 4 + [0]))
    >>> round(m.reliability, 4), round(m.resolution, 4), round(m.uncertainty, 4)
    (0.02, 0.16, 0.24)
    """
    starts = table.parts if edges is None else checked_edges(edges)
    place = np.searchsorted(starts, table.parts, "right") - 1
    weight = np.bincount(place, table.weight, starts.size)
    filled = np.maximum(weight, np.finfo(np.float64).tiny)
    mean = np.bincount(place, table.weight * table.p, starts.size) / filled
    share = np.bincount(place, table.yes, starts.size) / filled
    rate = table.base_rate
    apart = table.p - mean[place]

    def average(terms: Floats) -> float:
        return math.fsum(terms.tolist()) / table.total

    return Murphy(
        reliability=average(weight * (mean - share) ** 2),
        resolution=average(weight * (share - rate) ** 2),
        uncertainty=rate * (1 - rate),
        within_variance=average(table.weight * apart**2),
        within_covariance=2 * average((table.yes - table.weight * share[place]) * apart),
    )
