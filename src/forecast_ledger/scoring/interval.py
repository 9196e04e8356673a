"""The interval on a mean score: when it may be shown, and what it is.

A t interval holds what it says only with enough independent events and enough
misses. A calibrated forecaster who says 5 % or 95 % and nothing else is covered by a 90 %
interval in 40 of 100 cases with 10 questions, in 64 with 20, in 79 with 30.

The misses must have come, and must have been to be expected. By those that came alone an
interval would appear in bad luck only: with 20 questions at 90 %, of which 2 should
miss, in one case of 23, and then it would hold in 74 of 100. By those expected it is
decided before anything is known, so that whoever is shown it is no special case.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forecast_ledger.errors import InvalidError
from forecast_ledger.scoring.arrays import PARTS, Floats, Numbers, checked_level, mean
from forecast_ledger.scoring.brier import score_variances
from forecast_ledger.scoring.cases import Cases
from forecast_ledger.scoring.series import Series

MIN_FAMILIES = 20
MIN_MISSES = 5


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean score, its standard error, and the interval at the level asked for.

    `low` and `high` are cut off at 0 and 1, where scores end.
    """

    mean: float
    error: float
    low: float
    high: float
    families: int


@dataclass(frozen=True, slots=True)
class Misses:
    """Misses by families: those that came, those to be expected if the probabilities are right.

    A miss is an outcome on the side called less likely; a forecast of 50 % calls none. Of a
    family it is the share of its weight, so that no family has more than one.
    """

    came: float
    expected: float


def misses_of(cases: Cases) -> Misses:
    """Return the misses of `cases`, and the sum of w min(p, 1 - p) but at 50 %.

    >>> m = misses_of(Cases.of(Series.single([900_000_000] * 20), [1] * 17 + [0] * 3))
    >>> m.came, round(m.expected, 9)
    (3.0, 2.0)
    """
    rarer = np.minimum(cases.parts, PARTS - cases.parts)
    side = 2 * cases.parts != PARTS
    missed = side & ((2 * cases.parts > PARTS) != (cases.yes == 1))
    return Misses(
        came=math.fsum(cases.weight[missed].tolist()),
        expected=math.fsum((cases.weight * rarer)[side].tolist()) / PARTS,
    )


def effective(families: Numbers) -> float:
    """Return how many families of one size would make a mean as uncertain: (sum n)**2 / sum n**2.

    `families` names the family of each question. One family of forty questions beside
    forty of one weighs half of the mean, which then hangs on one event.

    >>> effective([1, 2, 3, 4]), round(effective([1] * 40 + list(range(2, 42))), 1)
    (4.0, 3.9)
    """
    _, sizes = np.unique(np.asarray(families), return_counts=True)
    return float(sizes.sum()) ** 2 / float((sizes * sizes).sum())


def interval_allowed(families: float, misses: float, expected: float = math.inf) -> bool:
    """Return whether an interval on the mean may be shown: 20 families and 5 misses.

    A family is what turns on one event; of unequal ones their `effective` number counts.
    `misses` and those `expected` are as in `Misses`.
    Without `expected` it is not looked at whether so many misses were to be expected.

    >>> interval_allowed(20, 5), interval_allowed(400, 4), interval_allowed(19, 9)
    (True, False, False)
    >>> interval_allowed(20, 5, expected=2)
    False
    """
    # Weights of updated questions add up to a whole number but for the last bit.
    return families >= MIN_FAMILIES and min(misses, expected) >= MIN_MISSES - 1e-9


def least_error(series: Series, families: Numbers | None = None) -> float:
    """Return the standard error of a calibrated forecaster's mean Brier score.

    The root of the sum over questions of w (1 - 2p)**2 p(1 - p), over their number; within one
    of `families` the roots add up, as if its questions came out together. An observed
    standard error below it comes of having seen too few misses.

    >>> round(least_error(Series.single([100_000_000] * 4)), 12)
    0.12
    """
    variances = series.average(score_variances(series.parts))
    if families is not None:
        _, place = np.unique(np.asarray(families), return_inverse=True)
        together: Floats = np.bincount(place, np.sqrt(variances)).astype(np.float64, copy=False)
        variances = together * together
    return math.sqrt(math.fsum(variances.tolist())) / len(series)


def mean_interval(
    scores: Numbers, families: Numbers, least: float = 0.0, level: float = 0.9
) -> Interval:
    """Return the t interval on the mean of `scores`, one per question, by family.

    `families` names the family of each question by an integer; a question without one has
    a number of its own. With F families, Q questions and d_f the sum of score - mean in
    family f, the standard error is sqrt(F / (F - 1) * sum of d_f**2) / Q, the ordinary
    one if each question is its own family, but no smaller than `least` (`least_error`); t
    has F - 1 degrees of freedom. Liang and Zeger (1986), Biometrika 73, 13-22.
    Whether it may be shown is for `interval_allowed` to say.
    Raises InvalidError below two families.

    >>> i = mean_interval([0.0, 0.1, 0.2, 0.3], [1, 2, 3, 4])
    >>> round(i.mean, 4), round(i.error, 4), round(i.low, 4), round(i.high, 4)
    (0.15, 0.0645, 0.0, 0.3019)
    """
    from scipy.special import stdtrit  # noqa: PLC0415 (takes 0.17 s to load)

    checked_level(level)
    score: Floats = np.asarray(scores, dtype=np.float64)
    family = np.asarray(families)
    if score.ndim != 1 or family.shape != score.shape:
        raise InvalidError(f"{family.size} families for {score.size} scores. Give one for each.")
    centre = mean(score)
    _, place = np.unique(family, return_inverse=True)
    sums = np.bincount(place, score - centre)
    count = int(sums.size)
    if count < 2:
        raise InvalidError("an interval needs at least two families. Show the mean alone.")
    squares = math.fsum((sums * sums).tolist())
    error = max(math.sqrt(count / (count - 1) * squares) / score.size, least)
    reach = float(stdtrit(count - 1, (1 + level) / 2)) * error
    return Interval(centre, error, max(0.0, centre - reach), min(1.0, centre + reach), count)
