"""Average confidence against hit rate: too sure, or not sure enough, in plain numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forecast_ledger.scoring.arrays import PARTS
from forecast_ledger.scoring.cases import Cases
from forecast_ledger.scoring.hits import expected_hits


@dataclass(frozen=True, slots=True)
class Confidence:
    """How sure and how right: sure 84 % on average, right 77 %, 46 to 54 of 60 expected.

    `confidence` and `hit_rate` are shares of `questions`: their difference is how much too
    sure, negative for not sure enough. `hits` counts halves for 50 %. `expected_hits` is
    the mean and `low` to `high` the exact central range of the hits if the probabilities
    are right.
    """

    questions: float
    confidence: float
    hit_rate: float
    hits: float
    expected_hits: float
    low: float
    high: float


def family_confidence(cases: Cases, level: float = 0.9) -> Confidence:
    """Return how sure the forecasts were beside how often they were right, by family.

    Each family counts as one question: hits are its weighted share, and the range is that of
    one standing moment drawn from each, so that questions turning on one event, or updates,
    do not narrow it. Where answers came early `questions` is less than the number of families:
    each counts for the share of its scheduled time that it was there. Folding at 50 % makes
    it blind to which side was overrated; the mean of p against the share of yes shows that.

    >>> from forecast_ledger.scoring.series import Series
    >>> said = Series.single([900_000_000, 800_000_000, 700_000_000])
    >>> c = family_confidence(Cases.of(said, [1, 1, 0], [1, 1, 2]))
    >>> c.questions, c.hits, (c.low, c.high)
    (2.0, 1.0, (1.0, 2.0))
    """
    gone = math.fsum(cases.absent.tolist())
    there = len(cases) - gone
    expected = expected_hits(cases.series)
    # Where a family is not there the law has half a hit, whatever happens; it draws a whole
    # moment of each, and of less than one family less than one hit can come.
    low, high = (min(there, max(0.0, end - gone / 2)) for end in expected.central(level))
    right = 0.5 + 0.5 * np.sign((2 * cases.parts - PARTS) * (2 * cases.yes - 1))
    happened = math.fsum((cases.weight * right).tolist())
    return Confidence(
        questions=there,
        confidence=(expected.mean - gone / 2) / there,
        hit_rate=happened / there,
        hits=happened,
        expected_hits=expected.mean - gone / 2,
        low=low,
        high=high,
    )
