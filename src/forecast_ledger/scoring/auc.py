"""AUC: how often a yes ranks above a no, ties counting half.

0.5 is no better than tossing, 1 is perfect. It is about the order of the probabilities only.
The interval goes by families (Obuchowski), on the logit scale, where it stays within 0..1.

Hanley, J. A. and McNeil, B. J. (1982), Radiology 143, 29-36; DeLong, E. R., DeLong, D. M. and
Clarke-Pearson, D. L. (1988), Biometrics 44, 837-845; Obuchowski, N. A. (1997):
Nonparametric analysis of clustered ROC curve data. Biometrics 53, 567-578.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from forecast_ledger.scoring.arrays import Floats, checked_level
from forecast_ledger.scoring.cases import Cases
from forecast_ledger.scoring.table import Table

Reason: TypeAlias = Literal["one outcome", "one family", "perfect", "constant"]
"""Why there is no interval: yes or no came in no family, or in one only; every yes
above every no, or below, so that nothing was seen to vary; one probability for all."""


@dataclass(frozen=True, slots=True)
class Auc:
    """The AUC with its variance and interval at the level asked for.

    None stands for what is not defined, and `reason` says why.
    """

    auc: float | None
    variance: float | None
    low: float | None
    high: float | None
    reason: Reason | None = None


def auc(table: Table) -> float | None:
    """Return the AUC of `table`, None with one outcome only.

    Counts are added up before the one division, so that whole weights are exact.

    >>> from forecast_ledger.scoring.series import Series
    >>> from forecast_ledger.scoring.table import grouped
    >>> said = Series.single([100_000_000, 400_000_000, 400_000_000, 900_000_000])
    >>> auc(grouped(said, [0, 1, 0, 1]))
    0.875
    """
    no = table.no
    yes, never = math.fsum(table.yes.tolist()), math.fsum(no.tolist())
    if not yes or not never:
        return None
    # Twice the pairs won, so that halves stay whole.
    twice = table.yes * (2 * (np.cumsum(no) - no) + no)
    return math.fsum(twice.tolist()) / (2 * yes * never)


def auc_interval(cases: Cases, level: float = 0.9) -> Auc:
    """Return the AUC of `cases` with its variance and interval by families.

    With one case per family the variance is DeLong's. With m families that know a yes and n that
    know a no, of F in all, A the AUC, and for a case its share V of the other side that
    it ranks rightly against, let u be the sum of w (V - A) over the yes of a family, divided by
    the weight of yes, and v that over its no. The variance is m/(m-1) sum of u**2 +
    n/(n-1) sum of v**2 + 2 F/(F-1) sum of u v. t has the degrees of freedom of Welch and
    Satterthwaite for the first two terms: with few of one outcome they are few.

    >>> from forecast_ledger.scoring.series import Series
    >>> said = Series.single([100_000_000, 400_000_000, 300_000_000, 900_000_000] * 5)
    >>> a = auc_interval(Cases.of(said, [0, 0, 1, 1] * 5))
    >>> a.auc, round(a.variance, 4), round(a.low, 2), round(a.high, 2)
    (0.75, 0.0139, 0.5, 0.9)
    """
    from scipy.special import stdtrit  # noqa: PLC0415 (takes 0.17 s to load)

    checked_level(level)
    table = Table.of(cases)
    value = auc(table)
    if value is None:
        return Auc(None, None, None, None, "one outcome")
    if table.parts.size == 1:
        return Auc(value, 0.0, None, None, "constant")
    yes, no = math.fsum(table.yes.tolist()), math.fsum(table.no.tolist())
    place = np.searchsorted(table.parts, cases.parts)
    over_no = (np.cumsum(table.no) - table.no / 2) / no
    under_yes = 1 - (np.cumsum(table.yes) - table.yes / 2) / yes
    happened = cases.yes == 1
    u = cases.family_sums(np.where(happened, over_no[place] - value, 0.0) / yes)
    v = cases.family_sums(np.where(happened, 0.0, under_yes[place] - value) / no)
    m = int((cases.family_sums(happened.astype(np.float64)) > 0).sum())
    n = int((cases.family_sums((~happened).astype(np.float64)) > 0).sum())
    if m < 2 or n < 2:
        return Auc(value, None, None, None, "one family")
    families = len(cases)
    of_yes, of_no = m / (m - 1) * _total(u * u), n / (n - 1) * _total(v * v)
    both = 2 * families / (families - 1) * _total(u * v)
    variance = max(0.0, of_yes + of_no + both)
    if not 0 < value < 1 or not variance:
        return Auc(value, variance, None, None, "perfect")
    centre = math.log(value / (1 - value))
    error = math.sqrt(variance) / (value * (1 - value))
    freedom = (of_yes + of_no) ** 2 / (of_yes**2 / (m - 1) + of_no**2 / (n - 1))
    reach = float(stdtrit(freedom, (1 + level) / 2)) * error
    return Auc(value, variance, _expit(centre - reach), _expit(centre + reach))


def _total(values: Floats) -> float:
    return math.fsum(values.tolist())


def _expit(value: float) -> float:
    return 0.5 * (1 + math.tanh(value / 2))
