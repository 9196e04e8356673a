"""The grouped table: how often each probability stood, and how often yes followed.

Every score, decomposition and curve of binary forecasts is a function of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forecast_ledger.scoring.arrays import PARTS, Floats, Integers, Numbers
from forecast_ledger.scoring.cases import Cases, exact_sums
from forecast_ledger.scoring.series import Series


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Distinct probabilities in rising order, parts per 10**9; the weight of yes and of no there.

    Both together sum to the number of families.
    """

    parts: Integers
    yes: Floats
    no: Floats

    @classmethod
    def of(cls, cases: Cases) -> Table:
        """Return the table of `cases`, the same digits in whatever order they come.

        >>> cases = Cases.of(Series.single([300_000_000] * 3), [0, 1, 0])
        >>> t = Table.of(cases)
        >>> t.parts.tolist(), t.weight.tolist(), t.yes.tolist()
        ([300000000], [3.0], [1.0])
        """
        parts = np.unique(cases.parts)
        place = np.searchsorted(parts, cases.parts)
        yes = exact_sums(place, cases.weight * cases.yes, parts.size)
        no = exact_sums(place, cases.weight * (1 - cases.yes), parts.size)
        return cls(parts, yes, no)

    @property
    def p(self) -> Floats:
        """The probabilities of yes, 0..1."""
        p: Floats = self.parts / PARTS
        return p

    @property
    def weight(self) -> Floats:
        """The weight of yes and no together."""
        weight: Floats = self.yes + self.no
        return weight

    @property
    def total(self) -> float:
        """The whole weight: the number of families."""
        return math.fsum(self.weight.tolist())

    @property
    def base_rate(self) -> float:
        """The share of yes, 0..1."""
        return math.fsum(self.yes.tolist()) / self.total

    def mean(self, on_yes: Floats, on_no: Floats) -> float:
        """Return the mean of what each probability scores on yes and on no.

        A score that nothing happened to, even an infinite one, does not count.
        """
        scored = [
            count * score
            for side, scores in ((self.yes, on_yes), (self.no, on_no))
            for count, score in zip(side.tolist(), scores.tolist(), strict=True)
            if count
        ]
        return math.fsum(scored) / self.total


def grouped(series: Series, outcomes: Numbers, families: Numbers | None = None) -> Table:
    """Return the table of the standing forecasts of `series`, each family with weight 1.

    Outcomes are 0 or 1, one per question; `families` names the family of each by an integer.

    >>> grouped(Series.single([300_000_000, 600_000_000]), [0, 1]).weight.tolist()
    [1.0, 1.0]
    """
    return Table.of(Cases.of(series, outcomes, families))
