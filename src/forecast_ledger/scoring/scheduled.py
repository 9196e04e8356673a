"""The mean Brier score by scheduled time, beside what it should be: what no answer bends.

A mean over the time up to the answer gives the forecasts just before an answer more weight
because it came. Where yes ends a question early, even who knows its chance at every moment, and
says it, then scores otherwise than p(1 - p) promises: better if he began high, worse if low.
Over the time to the deadline, fixed in advance, the two agree on average (see `cases`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forecast_ledger.scoring.arrays import Floats
from forecast_ledger.scoring.brier import brier_scores
from forecast_ledger.scoring.cases import Cases
from forecast_ledger.scoring.expected import expected_brier, is_coarse, together_brier
from forecast_ledger.scoring.series import Series
from forecast_ledger.scoring.table import Table

BENT = 0.01
"""The share of all time that must be missing for a mean to be called bent."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """The mean Brier score by scheduled time, families counting once, and what it should be.

    `expected` is its mean if the probabilities are right, `low` to `high` the range. Smaller
    is better, 0..1.
    """

    score: float
    expected: float
    low: float
    high: float
    exact: bool


def is_bent(series: Series, shares: Floats) -> bool:
    """Return whether answers that came early bend a mean by the time that was covered.

    `shares` are the covered parts of the questions' scheduled times. Where no forecast was ever
    changed nothing is bent: a score then does not depend on how long it stood. Where some were,
    others may not have been because the answer came first.

    >>> once = Series.single([500_000_000, 500_000_000])
    >>> is_bent(once, np.array([0.5, 1.0]))
    False
    >>> twice = Series(np.array([5, 7, 8]), np.array([0.5, 0.5, 1.0]), np.array([0, 2, 3]))
    >>> is_bent(twice, np.array([1.0, 0.5]))
    True
    """
    changed = series.parts.size > len(series)
    return changed and math.fsum((1 - shares).tolist()) >= BENT * len(series)


def scheduled_brier(cases: Cases, level: float = 0.9) -> Scheduled:
    """Return the mean Brier score of `cases` by scheduled time, and what it should be.

    >>> said = Series(np.array([500_000_000, 200_000_000]), np.array([0.5, 0.5]), np.array([0, 2]))
    >>> found = scheduled_brier(Cases.of(said, [1], shares=np.array([0.5])))
    >>> round(found.score, 4), round(found.expected, 4)
    (0.445, 0.205)
    """
    table = Table.of(cases)
    yes, no = np.ones(table.parts.size), np.zeros(table.parts.size)
    on_yes, on_no = brier_scores(table.parts, yes), brier_scores(table.parts, no)
    law, families = expected_brier(cases.series), len(cases)
    gone = math.fsum(cases.absent.tolist())

    def there(value: float) -> float:
        # Where a family is not there the law says 50 %, which scores 0.25 whatever happens.
        return (value * families - gone / 4) / (families - gone) if gone else value

    low, high = (there(end) for end in law.central(level))
    exact = law.exact
    if gone:
        # How many families are not there varies in the law, though it is known: no score can
        # lie outside what single forecasts leave possible.
        low = max(low, table.mean(*[np.minimum(on_yes, on_no)] * 2))
        high = min(high, table.mean(*[np.maximum(on_yes, on_no)] * 2))
    if is_coarse(cases.series):
        together = together_brier(cases.present, 1 - cases.absent)
        least, most = together.central(level)
        low, high, exact = min(low, least), max(high, most), exact and together.exact
    return Scheduled(table.mean(on_yes, on_no), there(law.mean), low, high, exact)
