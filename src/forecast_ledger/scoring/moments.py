"""Draws of one standing moment per family."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast_ledger.scoring.arrays import Floats, Integers
from forecast_ledger.scoring.cases import Cases

MOST_DRAWN = 1_000_000
"""About how many moments are drawn in all; with many families each is drawn less often,"""

LEAST_MOMENTS = 10
"""but this often."""


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Families whose forecasts changed, ready to be drawn from, and the others counted.

    `points` are the distinct probabilities, parts per 10**9, rising. `count` and `yes` say how
    many families stand at each for good. The rest have their cases end to end: `cell`,
    the place in `points`, `happened`, 0 or 1, and `reach`, the number of the family plus
    the share of its weight up to and with the case. The last of a family that is not always
    there is followed by a case of weight `here` 0.
    """

    points: Integers
    count: Floats
    yes: Floats
    cell: Integers
    happened: Floats
    reach: Floats
    here: Floats
    families: int

    @classmethod
    def of(cls, cases: Cases) -> Moments:
        """Return the moments of `cases`.

        >>> from forecast_ledger.scoring.series import Series
        >>> m = Moments.of(Cases.of(Series.single([300_000_000, 600_000_000]), [0, 1]))
        >>> m.count.tolist(), m.yes.tolist(), m.families
        ([1.0, 1.0], [0.0, 1.0], 0)
        """
        points = np.unique(cases.parts)
        cell = np.searchsorted(points, cases.parts)
        lengths = np.diff(cases.offsets)
        stands = (lengths == 1) & (cases.absent == 0)
        alone = np.repeat(stands, lengths)
        # Where a family is not there the series has a case more: it counts nowhere.
        series = cases.series
        added = np.diff(series.offsets) - lengths
        ends = cases.offsets[1:][added > 0]
        here = np.insert(np.ones(cell.size), ends, 0.0)
        longer = np.insert(alone, ends, values=False)
        changed = np.insert(cell, ends, 0)[~longer]
        return cls(
            points=points,
            count=np.bincount(cell[alone], minlength=points.size).astype(np.float64),
            yes=np.bincount(cell[alone], cases.yes[alone], points.size).astype(
                np.float64, copy=False
            ),
            cell=changed,
            happened=np.insert(cases.yes, ends, 0.0)[~longer],
            reach=_reach(series.weights[~longer], (lengths + added)[~stands]),
            here=here[~longer],
            families=int((~stands).sum()),
        )

    def draw(self, generator: np.random.Generator, draws: int) -> tuple[Floats, Floats]:
        """Return how many families stand at each point, and how many of them came to yes.

        Both have a row per point and a column per draw of a moment for every family: one if
        nobody's forecasts changed, at most `draws`, fewer with many families.

        >>> from forecast_ledger.scoring.series import Series
        >>> m = Moments.of(Cases.of(Series.single([300_000_000, 600_000_000]), [0, 1]))
        >>> count, yes = m.draw(np.random.default_rng(1), 100)
        >>> count.tolist(), yes.tolist()
        ([[1.0], [1.0]], [[0.0], [1.0]])
        """
        if not self.families:
            return self.count[:, None], self.yes[:, None]
        number = min(draws, max(LEAST_MOMENTS, MOST_DRAWN // self.families))
        family = np.arange(self.families)
        last = np.searchsorted(self.reach, family + 1.0)
        counts, happened = [], []
        for _ in range(number):
            moment = np.searchsorted(self.reach, family + generator.random(family.size), "right")
            moment = np.minimum(moment, last)
            cell = self.cell[moment]
            there = np.bincount(cell, self.here[moment], self.points.size)
            counts.append(self.count + there)
            happened.append(self.yes + np.bincount(cell, self.happened[moment], self.points.size))
        return np.stack(counts, axis=1), np.stack(happened, axis=1)


def _reach(weight: Floats, lengths: Integers) -> Floats:
    """Return the number of each case's family plus the share of weight up to and with it."""
    if not lengths.size:
        return np.zeros(0)
    ends = np.cumsum(lengths)
    running = np.cumsum(weight)
    before = np.concatenate([[0.0], running[ends[:-1] - 1]])[: lengths.size]
    within = np.minimum(running - np.repeat(before, lengths), 1.0)
    within[ends - 1] = 1.0
    reach: Floats = np.repeat(np.arange(lengths.size), lengths) + within
    return reach
