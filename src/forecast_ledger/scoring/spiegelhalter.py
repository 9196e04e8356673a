"""Spiegelhalter's z: whether the Brier score is worse than the probabilities promise.

z = sum U / sqrt(sum of w (1 - 2p)**2 p (1 - p)) with U = w (y - p)(1 - 2p), over the cases of
all families (see `cases` for why updates do not make it too bold). Above 0 the score is
worse than promised, as when too sure; below 0 better, as when not sure enough. 50 %
carries no weight, nor do 0 and 100 % unless they were wrong.

Spiegelhalter, D. J. (1986): Probabilistic prediction in patient management and clinical
trials. Statistics in Medicine 5, 421-433.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from forecast_ledger.errors import UsageError
from forecast_ledger.scoring.arrays import PARTS, Floats, checked_level
from forecast_ledger.scoring.brier import brier_scores, score_variances
from forecast_ledger.scoring.cases import Cases
from forecast_ledger.scoring.distribution import ROUNDING, SAME, Distribution
from forecast_ledger.scoring.expected import expected_brier
from forecast_ledger.scoring.series import Series
from forecast_ledger.scoring.table import Table

EXACT_FAMILIES = 5000
EXACT_POWER = 100
FEW_SURPRISES = 20
"""Surprises, the sum of p (1 - p), below which the normal distribution gives no power."""


@dataclass(frozen=True, slots=True)
class Spiegelhalter:
    """z, and how often a calibrated forecaster is as far off, either way.

    `p` is twice the smaller tail of the Brier score's own distribution (`expected`), exact up to
    5,000 families: with few misses the normal distribution rejects too often. Where forecasts
    were updated it is no less than `normal_p`, and beyond 5,000 it is that, two-sided, which is
    what other programs print. All are None where no case
    carries weight. `contradicted` is the weight (in families) of 0 % and 100 % that failed:
    then `p` is 0, for that was called impossible.
    """

    z: float | None
    p: float | None
    normal_p: float | None
    contradicted: float


def spiegelhalter(cases: Cases) -> Spiegelhalter:
    """Return Spiegelhalter's z of `cases` and its two-sided p.

    >>> from forecast_ledger.scoring.series import Series
    >>> s = spiegelhalter(Cases.of(Series.single([900_000_000] * 10), [1] * 7 + [0] * 3))
    >>> round(s.z, 4), round(s.normal_p, 4), round(s.p, 4)
    (2.1082, 0.035, 0.1404)
    """
    table = Table.of(cases)
    said = table.parts
    # At most 10**18: exact in int64, so that yes and no mirror each other exactly.
    on_yes = (PARTS - said) * (PARTS - 2 * said) / PARTS**2
    on_no = -said * (PARTS - 2 * said) / PARTS**2
    total = math.fsum([*(table.yes * on_yes).tolist(), *(table.no * on_no).tolist()])
    variance = math.fsum((table.weight * score_variances(said)).tolist())
    contradicted = math.fsum([*table.yes[said == 0].tolist(), *table.no[said == PARTS].tolist()])
    if not variance:
        return Spiegelhalter(None, 0.0 if contradicted else None, None, contradicted)
    z = total / math.sqrt(variance)
    normal = math.erfc(abs(z) / math.sqrt(2))
    if contradicted:
        return Spiegelhalter(z, 0.0, normal, contradicted)
    if len(cases) > EXACT_FAMILIES:
        return Spiegelhalter(z, normal, normal, 0.0)
    p = _tails(expected_brier(cases.series), cases, table)
    if len(cases) < cases.parts.size:
        # A mean over moments varies less than one moment does, but a tail of a few misses may
        # be heavier: with updates the milder of the two verdicts counts.
        p = max(p, normal)
    return Spiegelhalter(z, p, normal, 0.0)


def _tails(law: Distribution, cases: Cases, table: Table) -> float:
    """Return twice the smaller tail of the Brier score if calibrated, at most 1."""
    yes, no = np.ones(table.parts.size), np.zeros(table.parts.size)
    score = table.mean(brier_scores(table.parts, yes), brier_scores(table.parts, no))
    gone = math.fsum(cases.absent.tolist())
    if gone:
        # Where a family is not there the law says 50 %, which scores 0.25 whatever happens.
        score = (score * table.total + gone / 4) / len(cases)
    return min(1.0, 2 * min(law.at_most(score), law.at_least(score)))


def power(cases: Cases | Table, slope: float, level: float = 0.9) -> float | None:
    """Return the chance that z would notice someone off by `slope`, with such forecasts.

    Yes then comes with probability expit(slope logit p): a slope below 1 is too sure,
    above 1 not sure enough. Noticed is what `spiegelhalter` calls so at `level`. Where
    `is_power_exact` it is computed with the distributions of the score themselves; else, and of
    a table, by normal approximation with the variance of one standing moment per family, which
    is somewhat optimistic with few. None if z is.
    Raises UsageError unless `slope` is positive.

    >>> from forecast_ledger.scoring.series import Series
    >>> cases = Cases.of(Series.single([100_000_000, 900_000_000] * 30), [0, 1] * 30)
    >>> round(power(cases, 0.6), 2), round(power(cases, 1.0), 2)
    (0.75, 0.05)
    """
    if not slope > 0:
        raise UsageError(f"slope {slope} is not positive. Give one below 1 for too sure.")
    critical = NormalDist().inv_cdf((1 + checked_level(level)) / 2)
    if isinstance(cases, Cases) and is_power_exact(cases):
        return _exact_power(cases.series, expected_brier(cases.series), slope, level)
    p = cases.p
    true = _tilted(p, slope)
    turn = 1 - 2 * p
    promised = math.sqrt(math.fsum((cases.weight * score_variances(cases.parts)).tolist()))
    centre = math.fsum((cases.weight * (true - p) * turn).tolist())
    spread = math.sqrt(math.fsum((cases.weight * turn * turn * true * (1 - true)).tolist()))
    if not promised or not spread:
        return None
    law = NormalDist(centre, spread)
    return law.cdf(-critical * promised) + 1 - law.cdf(critical * promised)


def is_power_exact(cases: Cases) -> bool:
    """Return whether `power` is exact: up to 100 families, or few surprises among up to 5,000."""
    if len(cases) <= EXACT_POWER:
        return True
    if len(cases) > EXACT_FAMILIES:
        return False
    return math.fsum((cases.weight * cases.p * (1 - cases.p)).tolist()) < FEW_SURPRISES


def powers(
    cases: Cases, slopes: Sequence[float], level: float = 0.9
) -> tuple[tuple[float, float], ...]:
    """Return each slope with the chance of noticing it, as `power` has it, where there is one."""
    if is_power_exact(cases):
        series = cases.series
        law = expected_brier(series)
        found = [(slope, _exact_power(series, law, slope, level)) for slope in slopes]
    else:
        table = Table.of(cases)
        found = [(slope, power(table, slope, level)) for slope in slopes]
    return tuple((slope, chance) for slope, chance in found if chance is not None)


def _exact_power(series: Series, law: Distribution, slope: float, level: float) -> float | None:
    if law.values.size < 2:
        return None
    tail, reach = (1 - level) / 2 + ROUNDING, law.error + SAME
    below, above = np.cumsum(law.probabilities), np.cumsum(law.probabilities[::-1])[::-1]
    # Noticed is what the test calls so, which takes an inexact tail for rather too large.
    last = np.searchsorted(law.values, law.values + reach, side="right") - 1
    first = np.searchsorted(law.values, law.values - reach, side="left")
    low, high = law.values[below[last] <= tail], law.values[above[first] <= tail]
    other = expected_brier(series, _tilted(series.parts / PARTS, slope))
    noticed = np.zeros(other.values.size, dtype=bool)
    if low.size:
        noticed |= other.values <= low[-1] + SAME
    if high.size:
        noticed |= other.values >= high[0] - SAME
    return min(1.0, float(other.probabilities[noticed].sum()))


def _tilted(p: Floats, slope: float) -> Floats:
    """Return expit(slope logit p); 0 and 1 stay."""
    yes, no = p**slope, (1 - p) ** slope
    tilted: Floats = yes / (yes + no)
    return tilted
