"""Bias: whether yes is said too often, or too seldom."""

from __future__ import annotations

import math
from dataclasses import dataclass

from forecast_ledger.errors import InvalidError
from forecast_ledger.scoring.arrays import checked_level
from forecast_ledger.scoring.cases import Cases


@dataclass(frozen=True, slots=True)
class Bias:
    """The mean probability less the share of yes: above 0, yes is said too often.

    On the scale 0..1; times 100 it is points. `margin` is the half-width of the interval at
    the level asked for, `error` the standard error in it.
    """

    mean_probability: float
    share: float
    bias: float
    error: float
    margin: float
    families: int


def bias(cases: Cases, level: float = 0.9) -> Bias:
    """Return mean p - share of yes over families, with the margin of its t interval.

    With W the sum of weights, F unless answers came early, and d_f the sum of w (p - y - bias)
    in family f, the standard error is sqrt(F / (F - 1) * sum of d_f**2) / W, but no
    smaller than that of a calibrated forecaster with the same probabilities,
    sqrt(sum of w p(1 - p)) / W: few outcomes against him make the observed one too small.
    F - 1 degrees of freedom.
    Raises InvalidError below two families.

    >>> from forecast_ledger.scoring.series import Series
    >>> b = bias(Cases.of(Series.single([700_000_000] * 40), [1, 0] * 20))
    >>> round(b.bias, 4), round(b.margin, 4)
    (0.2, 0.1349)
    """
    from scipy.special import stdtrit  # noqa: PLC0415 (takes 0.17 s to load)

    checked_level(level)
    count = len(cases)
    if count < 2:
        raise InvalidError("a margin needs at least two families. Show the difference alone.")
    total = math.fsum((1 - cases.absent).tolist())
    said = math.fsum((cases.weight * cases.p).tolist()) / total
    share = math.fsum((cases.weight * cases.yes).tolist()) / total
    sums = cases.family_sums(cases.p - cases.yes)
    centre = math.fsum(sums.tolist()) / total
    off = sums - centre * (1 - cases.absent)
    observed = math.sqrt(math.fsum((off * off).tolist()) * count / (count - 1)) / total
    variance = math.fsum((cases.weight * cases.p * (1 - cases.p)).tolist())
    error = max(observed, math.sqrt(variance) / total)
    margin = float(stdtrit(count - 1, (1 + level) / 2)) * error
    return Bias(said, share, centre, error, margin, count)
