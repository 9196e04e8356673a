"""Logistic recalibration: slope and intercept.

logit P(yes) = a + b logit p. A slope b below 1 says that the probabilities are too extreme (too
sure), above 1 not extreme enough; a with b held at 1, calibration in the large, above 0 that
yes comes more often than said. 0 and 100 % have no logit: they are left out and counted.

The likelihood takes every case with its weight, which sums to 1 per family. The score of a
family is then a mean over its moments and, by Jensen's inequality, varies no more than
the information says; standard errors and intervals err on the safe side for updates.

Cox, D. R. (1958): Two further applications of a model for binary regression. Biometrika
45, 562-565; Van Calster, B. et al. (2019): Calibration: the Achilles heel of predictive
analytics. BMC Medicine 17, 230.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from forecast_ledger.scoring.arrays import PARTS, Floats, checked_level
from forecast_ledger.scoring.logistic import Logistic
from forecast_ledger.scoring.table import Table

Reason: TypeAlias = Literal["no forecasts", "one outcome", "one probability", "separated"]
"""Why there is no slope: nothing between 0 and 100 %; only yes or only no; nothing to slope
along; or a threshold that yes and no keep to, so that any steeper slope fits better."""


@dataclass(frozen=True, slots=True)
class Recalibration:
    """Slope and intercept with standard errors; perfect is slope 1, intercept 0.

    `low` to `high` is the interval of the slope at the level asked for, by profile likelihood
    with the bound of t**2, two degrees of freedom fewer than families, for that of chi-squared,
    which is too small below 100 families; an end may be infinite. `large` is the intercept
    with slope 1. `lr` and `score` are the likelihood-ratio and score statistics of (0, 1),
    chi-squared with 2 degrees of freedom, `lr_p` and `score_p` how often a calibrated forecaster
    is as far off. `certain` is the weight of the 0 and 100 % left out.
    """

    slope: float
    slope_error: float
    low: float
    high: float
    intercept: float
    intercept_error: float
    large: float
    large_error: float
    lr: float
    lr_p: float
    score: float
    score_p: float
    certain: float


@dataclass(frozen=True, slots=True)
class NotEstimable:
    """There is no slope, and why; `certain` is the weight of the 0 and 100 % left out."""

    reason: Reason
    certain: float


def recalibrate(table: Table, level: float = 0.9) -> Recalibration | NotEstimable:
    """Return the logistic recalibration of `table`, or why there is none.

    >>> from forecast_ledger.scoring.series import Series
    >>> from forecast_ledger.scoring.table import grouped
    >>> said = Series.single([100_000_000] * 10 + [900_000_000] * 10)
    >>> r = recalibrate(grouped(said, [0] * 8 + [1] * 2 + [1] * 8 + [0] * 2))
    >>> round(r.slope, 4), round(r.low, 2), round(r.high, 2)
    (0.6309, 0.22, 1.13)
    >>> recalibrate(grouped(said, [0] * 10 + [1] * 10)).reason
    'separated'
    """
    from scipy.special import stdtrit  # noqa: PLC0415 (takes 0.17 s to load)

    checked_level(level)
    inside = (table.parts > 0) & (table.parts < PARTS)
    certain = math.fsum(table.weight[~inside].tolist())
    weight, yes = table.weight[inside], table.yes[inside]
    parts = table.parts[inside]
    x = np.log(parts / (PARTS - parts))
    reason = _reason(x, weight, yes)
    if reason:
        return NotEstimable(reason, certain)
    model = Logistic(x, weight, yes)
    a, b = model.fit()
    best = model.likelihood(a, b)
    va, vb = model.errors(a, b)
    large = model.intercept(1.0)
    lr = max(0.0, 2 * (best - model.likelihood(0.0, 1.0)))
    rao = model.rao()
    reach = float(stdtrit(max(1.0, table.total - certain - 2), (1 + level) / 2))
    low, high = model.slope_interval(a, b, reach * reach)
    return Recalibration(
        slope=b,
        slope_error=vb,
        low=low,
        high=high,
        intercept=a,
        intercept_error=va,
        large=large,
        large_error=1 / math.sqrt(model.information(large, 1.0)[0]),
        lr=lr,
        lr_p=math.exp(-lr / 2),
        score=rao,
        score_p=math.exp(-rao / 2),
        certain=certain,
    )


def _reason(x: Floats, weight: Floats, yes: Floats) -> Reason | None:
    if not x.size:
        return "no forecasts"
    happened, failed = x[yes > 0], x[weight - yes > 0]
    if not happened.size or not failed.size:
        return "one outcome"
    if x.size == 1:
        return "one probability"
    if happened.min() >= failed.max() or failed.min() >= happened.max():
        return "separated"
    return None
