"""The spherical score, as a loss.

The reward p / sqrt(sum of squares of all probabilities), p given to what happened, lies
in 0..1 and is larger for better forecasts; the loss here is 1 less the reward, so that it
stands beside the Brier score. Saying 50 % scores 1 - sqrt(1/2) = 0.2929.

Gneiting, T. and Raftery, A. E. (2007): Strictly proper scoring rules, prediction, and
estimation. Journal of the American Statistical Association 102, 359-378.
"""

from __future__ import annotations

import numpy as np

from forecast_ledger.scoring.arrays import PARTS, Floats, Numbers
from forecast_ledger.scoring.realised import realised
from forecast_ledger.scoring.rule import Rule


def spherical_scores(parts: Numbers, outcomes: Numbers) -> Floats:
    """Return 1 - p / sqrt(p**2 + (1 - p)**2) for each forecast: 0..1, smaller is better.

    p is the probability given to what happened; outcomes are 1 for yes and 0 for no.

    >>> spherical_scores([500_000_000, 900_000_000, 0], [1, 1, 1]).round(4).tolist()
    [0.2929, 0.0061, 1.0]
    """
    right = realised(parts, outcomes)
    p, rest = right / PARTS, (PARTS - right) / PARTS
    norm = np.sqrt(p * p + rest * rest)
    # The same as 1 - p / norm, without the difference of nearly equal numbers.
    scores: Floats = rest * rest / (norm * (norm + p))
    return scores


SPHERICAL = Rule(
    name="spherical",
    title="spherical score",
    formula="1 - p / sqrt(p^2 + (1 - p)^2), p the probability given to what happened",
    better="smaller",
    low=0.0,
    high=1.0,
    unit="points of loss, 1 less the spherical reward",
    source="Gneiting and Raftery (2007), J. Am. Stat. Assoc. 102, 359-378",
    edges="0 % for what happened scores 1, 100 % scores 0; 50 % scores 0.2929.",
    scorer=spherical_scores,
)
