"""What others do and we do not, tried on the same forecasters."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from forecast_ledger.scoring.arrays import PARTS
from forecast_ledger.scoring.brier import brier_scores, expected_scores, score_variances
from forecast_ledger.scoring.interval import mean_interval

if TYPE_CHECKING:
    from processes import Drawn


def plain_interval(drawn: Drawn) -> bool:
    """Return whether a t interval from the scores alone holds the expected score."""
    series = drawn.series
    scores = series.average(brier_scores(series.parts, series.spread(drawn.outcomes)))
    found = mean_interval(scores, np.arange(len(series)))
    there = float(series.average(expected_scores(series.parts)).mean())
    return found.low <= there <= found.high


def plain_z(drawn: Drawn) -> bool:
    """Return whether z rejects at 5 % when every forecast is taken as a trial of its own."""
    series = drawn.series
    p, y = series.parts / PARTS, series.spread(drawn.outcomes)
    # Equal forecasts of a question were made one; their weights say how many they were.
    count = series.weights * UPDATES
    z = (count * (y - p) * (1 - 2 * p)).sum()
    return bool(abs(z) > 1.96 * math.sqrt((count * score_variances(series.parts)).sum()))


def usual_cluster_z(drawn: Drawn) -> bool:
    """Return whether z rejects at 5 % with the variance of the questions' own sums."""
    series = drawn.series
    p, y = series.parts / PARTS, series.spread(drawn.outcomes)
    sums = series.average((y - p) * (1 - 2 * p))
    return bool(abs(sums.sum()) > 1.96 * math.sqrt((sums * sums).sum()))


UPDATES = 10


@dataclass(frozen=True, slots=True)
class Refused:
    """One thing we do not do: with which forecaster, and at how many families, it is tried."""

    title: str
    should: str
    forecaster: str
    families: tuple[int, ...]
    updates: int
    does: Callable[[Drawn], bool]

    def measured(self, drawn: Drawn) -> Counter[str]:
        """Return the counts of one run."""
        return Counter({"runs": 1, "does": int(self.does(drawn))})


REFUSED = {
    "plain interval": Refused(
        "a t interval from the scores alone, at any number, holds",
        "90",
        "5 or 95",
        (10, 20, 30, 60),
        1,
        plain_interval,
    ),
    "plain z": Refused(
        "z with each of ten updates as a trial rejects at 5 %",
        "5",
        "u-shaped",
        (20, 50, 200),
        UPDATES,
        plain_z,
    ),
    "usual cluster z": Refused(
        "z over the root of the squared sums of ten updates rejects at 5 %",
        "5",
        "u-shaped",
        (20, 50, 200),
        UPDATES,
        usual_cluster_z,
    ),
}
