"""Policies: which of a question's standing forecasts count, and how much.

A policy turns covered seconds into weights that sum to 1 per question. The score is
averaged, never the probability. A new policy is one function and one line in POLICIES.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from forecast_ledger.errors import UsageError
from forecast_ledger.scoring.arrays import (
    PARTS,
    Floats,
    Integers,
    Numbers,
    checked_outcomes,
    checked_parts,
    checked_seconds,
)
from forecast_ledger.scoring.brier import brier_scores, expected_scores
from forecast_ledger.scoring.series import Series, checked_offsets

Policy = Callable[[Integers, Integers], Floats]
"""Covered seconds and offsets in, one weight per forecast out, summing to 1 per series."""


@dataclass(frozen=True, slots=True, eq=False)
class Reduced:
    """One number per question, in the order of the series.

    `brier`: the weighted mean of (p - y)**2, 0..1, smaller is better.
    `expected`: the weighted mean of p(1 - p), what `brier` would be on average if the
    probabilities are right. `probability`: the weighted mean of p, 0..1.
    `seconds`: covered time. `count`: forecasts. `series`: the forecasts with their weights.
    """

    series: Series
    brier: Floats
    expected: Floats
    probability: Floats
    seconds: Integers
    count: Integers


def time_weighted(seconds: Integers, offsets: Integers) -> Floats:
    """Return the share of the covered time for which each forecast stood.

    S = sum of d_i S(p_i) / sum of d_i, as exact time averaging does elsewhere (Metaculus);
    time without a forecast is not filled with a score. A question forecast and
    answered within the second has no covered time: its last forecast counts.

    >>> time_weighted(np.array([3, 1, 0, 0]), np.array([0, 2, 4])).tolist()
    [0.75, 0.25, 0.0, 1.0]
    """
    covered = np.add.reduceat(seconds, offsets[:-1])
    lengths = np.diff(offsets)
    weights: Floats = seconds / np.repeat(np.maximum(covered, 1), lengths)
    weights[offsets[1:][covered == 0] - 1] = 1.0
    return weights


def last(seconds: Integers, offsets: Integers) -> Floats:
    """Return weight 1 for the last forecast of each question, 0 for the others.

    >>> last(np.array([3, 1, 5]), np.array([0, 2, 3])).tolist()
    [0.0, 1.0, 1.0]
    """
    weights = np.zeros(seconds.size)
    weights[offsets[1:] - 1] = 1.0
    return weights


POLICIES: dict[str, Policy] = {
    "time-weighted": time_weighted,
    "last": last,
}


def reduce_series(
    parts: Numbers,
    seconds: Numbers,
    outcomes: Numbers,
    offsets: Numbers,
    policy: str = "time-weighted",
) -> Reduced:
    """Reduce the forecasts of many questions, end to end, to numbers per question.

    `parts` and `seconds` have one entry per forecast, in the order in which they stood;
    `outcomes` one per question; question i is `offsets[i]` to `offsets[i + 1]`.
    Linear in the number of forecasts; a long stream may be reduced piece by piece if no
    piece ends within a question.
    Raises UsageError for an unknown policy and InvalidError for arrays that do not fit.

    >>> r = reduce_series([900_000_000, 950_000_000], [3, 4], [1], [0, 2])
    >>> round(float(r.brier[0]), 10), int(r.seconds[0]), int(r.count[0])
    (0.0057142857, 7, 2)
    """
    if policy not in POLICIES:
        raise UsageError(f"no policy {policy!r}. Choose one of: {', '.join(POLICIES)}.")
    parts = checked_parts(parts)
    offsets = checked_offsets(offsets, parts.size)
    seconds = checked_seconds(seconds, parts.size)
    series = Series(parts, POLICIES[policy](seconds, offsets), offsets)
    outcomes = checked_outcomes(outcomes, len(series))
    return Reduced(
        series=series,
        brier=series.average(brier_scores(parts, series.spread(outcomes))),
        expected=series.average(expected_scores(parts)),
        probability=series.average(parts / PARTS),
        seconds=np.add.reduceat(seconds, offsets[:-1]),
        count=np.diff(offsets),
    )
