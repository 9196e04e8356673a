"""Hits: how often the side called likelier came true.

A forecast of exactly 50 % calls no side likelier and counts as half a hit. For an updated
question each forecast counts by its weight.
"""

from __future__ import annotations

import math

import numpy as np

from forecast_ledger.scoring.arrays import PARTS, Floats, Numbers, checked_binary
from forecast_ledger.scoring.distribution import Distribution, lattice_sum
from forecast_ledger.scoring.series import Series


def hits(series: Series, outcomes: Numbers) -> Floats:
    """Return the hits of each question, 0..1, larger is better; outcomes 0 or 1.

    >>> hits(Series.single([700_000_000, 700_000_000, 500_000_000]), [1, 0, 1]).tolist()
    [1.0, 0.0, 0.5]
    """
    yes = series.spread(checked_binary(outcomes, len(series)))
    return series.average(0.5 + 0.5 * _side(series) * (2 * yes - 1))


def misses(series: Series, outcomes: Numbers) -> Floats:
    """Return the misses of each question, 0..1: outcomes on the side called less likely.

    A forecast of 50 % cannot miss; it is half a hit and no miss.

    >>> misses(Series.single([700_000_000, 700_000_000, 500_000_000]), [1, 0, 1]).tolist()
    [0.0, 1.0, 0.0]
    """
    yes = series.spread(checked_binary(outcomes, len(series)))
    return series.average((_side(series) * (2 * yes - 1) < 0).astype(np.float64))


def confidence(series: Series) -> Floats:
    """Return how sure each question's forecasts are on average: max(p, 1 - p), 0.5..1.

    It is also the hits to be expected of the question if the probabilities are right.

    >>> confidence(Series.single([50_000_000, 700_000_000])).tolist()
    [0.95, 0.7]
    """
    return series.average(_favoured(series))


def expected_hits(series: Series) -> Distribution:
    """Return the distribution of the number of hits if the probabilities are right.

    The Poisson-binomial distribution, with halves for forecasts of 50 %; for updated
    questions one standing moment each (see `expected`). Exact. Questions are taken as
    independent. `at_least(n)` is the probability of n or more hits.

    >>> d = expected_hits(Series.single([900_000_000, 200_000_000, 500_000_000]))
    >>> d.values[d.probabilities > 1e-9].tolist(), d.probabilities.round(4).tolist()
    ([0.5, 1.5, 2.5], [0.0, 0.02, 0.0, 0.26, 0.0, 0.72, 0.0])
    """
    side = _side(series)
    half = series.average((side == 0).astype(np.float64))
    whole = series.average(np.where(side == 0, 0.0, _favoured(series)))
    rows = np.stack([np.maximum(1 - half - whole, 0.0), half, whole], axis=1)
    sums = lattice_sum(rows)
    total = math.fsum(confidence(series).tolist())
    return Distribution(np.arange(sums.size) / 2, sums, total)


def probability_all_hits(series: Series) -> float:
    """Return how likely it is that no question misses, if the probabilities are right.

    The product over questions of max(p, 1 - p), where a forecast of 50 % cannot miss and
    counts 1; 1.0 therefore if all are 50 %. Questions are taken as independent.

    >>> round(probability_all_hits(Series.single([900_000_000, 200_000_000, 500_000_000])), 12)
    0.72
    """
    safe = series.average(np.where(_side(series) == 0, 1.0, _favoured(series)))
    product: float = math.prod(safe.tolist())
    return product


def _side(series: Series) -> Floats:
    """Return 1 where yes is likelier, -1 where no is, 0 at 50 %."""
    return np.sign(2 * series.parts - PARTS).astype(np.float64)


def _favoured(series: Series) -> Floats:
    favoured: Floats = np.maximum(series.parts, PARTS - series.parts) / PARTS
    return favoured
