"""The range of a score when words, not numbers, were published.

A range is about the reading of words; it is no interval, which is about chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast_ledger.errors import InvalidError
from forecast_ledger.scoring.arrays import (
    PARTS,
    Floats,
    Integers,
    Numbers,
    checked_outcomes,
    checked_parts,
    mean,
)
from forecast_ledger.scoring.brier import brier_scores
from forecast_ledger.scoring.series import Series


@dataclass(frozen=True, slots=True, eq=False)
class ScoreRange:
    """The least and the largest Brier score each question allows, and the mean of each.

    `low` and `high` are the ends for the mean score, 0..1, smaller is better; `least` and
    `largest` have one entry per question.
    """

    low: float
    high: float
    least: Floats
    largest: Floats


def brier_range(low: Numbers, high: Numbers, outcomes: Numbers, series: Series) -> ScoreRange:
    """Return the range of the mean Brier score over probabilities in [low, high].

    `low` and `high` are parts per 10**9, one per forecast of `series`, always probabilities
    of yes; a number that was given as such has its own value at both ends. Each forecast
    takes the end that suits it, given its question's outcome, weighted as in `series`: scoring
    everything at low and everything at high instead depends on how questions are worded
    and can leave the score itself outside. It holds the score if low <= p <= high.
    Raises InvalidError if an end is missing or low exceeds high.

    >>> said = Series.single([250_000_000])
    >>> r = brier_range([150_000_000], [300_000_000], [0], said)
    >>> round(r.low, 4), round(r.high, 4)
    (0.0225, 0.09)
    """
    low, high = checked_ends(low, high, series.parts.size)
    outcome = series.spread(checked_outcomes(outcomes, len(series)))
    at_low, at_high = brier_scores(low, outcome), brier_scores(high, outcome)
    inside = (low <= outcome * PARTS) & (outcome * PARTS <= high)
    least = series.average(np.where(inside, 0.0, np.minimum(at_low, at_high)))
    largest = series.average(np.maximum(at_low, at_high))
    return ScoreRange(mean(least), mean(largest), least, largest)


def checked_ends(low: Numbers, high: Numbers, size: int) -> tuple[Integers, Integers]:
    """Return both ends of what words mean as `size` int64 each; else InvalidError.

    >>> [ends.tolist() for ends in checked_ends([150_000_000], [300_000_000], 1)]
    [[150000000], [300000000]]
    """
    low, high = checked_parts(low), checked_parts(high)
    if not low.size == high.size == size:
        raise InvalidError(
            f"{low.size} lower and {high.size} upper ends for {size} forecasts. Give both for each."
        )
    if bool(np.any(low > high)):
        first = int(np.argmax(low > high))
        raise InvalidError(
            f"the range {low[first] / PARTS:.0%} to {high[first] / PARTS:.0%} runs backwards."
            " Exchange its ends."
        )
    return low, high


def mean_probabilities(parts: Numbers, series: Series) -> Floats:
    """Return the weighted mean of `parts`, one per forecast, within each series, as 0..1.

    >>> mean_probabilities([150_000_000], Series.single([250_000_000])).tolist()
    [0.15]
    """
    return series.average(checked_parts(parts) / PARTS)
