"""The Brier score of a probability, and what it is expected to be.

Brier (1950) summed (p - y)**2 over both sides, 0 to 2; here one side counts, so the
scale is 0 to 1, and a two-option question scores as the binary one. Smaller is better;
always saying 50 % scores 0.25. 0 % and 100 % are legal and score 0 or 1.

Brier, G. W. (1950): Verification of forecasts expressed in terms of probability.
Monthly Weather Review 78, 1-3.
"""

from __future__ import annotations

from forecast_ledger.scoring.arrays import (
    PARTS,
    SQUARE,
    Floats,
    Integers,
    checked_binary,
    checked_parts,
)


def brier(parts: int, outcome: int) -> float:
    """Return the Brier score (p - y)**2 of one forecast: 0 is perfect, 1 the worst.

    `outcome` is 1 for yes, 0 for no. Raises InvalidError out of range.

    >>> brier(300_000_000, 1)
    0.49
    >>> brier(500_000_000, 0)
    0.25
    """
    checked_parts([parts])
    checked_binary([outcome], 1)
    # Integers until the one division, so that yes and no mirror each other exactly.
    return (parts - outcome * PARTS) ** 2 / PARTS**2


def brier_scores(parts: Integers, outcomes: Floats) -> Floats:
    """Return (p - y)**2 for each forecast; outcomes in 0..1, one for each.

    >>> import numpy as np
    >>> brier_scores(np.array([50_000_000, 250_000_000]), np.array([0.0, 1.0])).round(4).tolist()
    [0.0025, 0.5625]
    """
    error = (parts - outcomes * PARTS) / PARTS
    scores: Floats = error * error
    return scores


def expected_scores(parts: Integers) -> Floats:
    """Return p(1 - p), the Brier score expected if the probability is right: 0..0.25.

    Small means sure of itself; it says nothing about being right.

    >>> import numpy as np
    >>> expected_scores(np.array([50_000_000, 500_000_000])).tolist()
    [0.0475, 0.25]
    """
    # At most 2.5e17, so the product is exact in int64.
    expected: Floats = parts * (PARTS - parts) / SQUARE
    return expected


def score_variances(parts: Integers) -> Floats:
    """Return (1 - 2p)**2 p(1 - p), the variance of the Brier score if p is right: 0..1/16.

    Zero at 0 %, 50 % and 100 %, where the score does not depend on chance.

    >>> import numpy as np
    >>> score_variances(np.array([100_000_000, 500_000_000])).round(6).tolist()
    [0.0576, 0.0]
    """
    slope = (PARTS - 2 * parts) / PARTS
    variances: Floats = slope * slope * expected_scores(parts)
    return variances
