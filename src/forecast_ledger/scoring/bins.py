"""The binned table: said and happened, row by row, beside what chance would do.

Probabilities are binned as the integers they are: floats mis-bin 29 % and 57 % and 58 %.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forecast_ledger.errors import UsageError
from forecast_ledger.scoring.arrays import PARTS, Integers, checked_level
from forecast_ledger.scoring.cases import Cases
from forecast_ledger.scoring.deviation import Deviation, Method, deviation

TENTHS = tuple(range(0, PARTS, PARTS // 10))
"""Where ten rows start, parts per 10**9: 0 %, 10 %, ... 90 %; the last one ends with 100 %."""

SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Bin:
    """One row: probabilities `first` to `last`, both with it, parts per 10**9.

    `weight` families stood here: an updated question counts in each row by the share of its time
    that it spent there. `mean` is their mean probability, `share` how often yes came, `low`
    to `high` where that lies in at least `level` of calibrated cases, `outside`
    whether it does not, `chance` how often it would not. `method` says how the range came:
    "exact", "conservative" (rather too wide) or "normal" (an approximation for many families).
    """

    first: int
    last: int
    weight: float
    mean: float
    share: float
    low: float
    high: float
    outside: bool
    chance: float
    method: Method


@dataclass(frozen=True, slots=True)
class Bins:
    """The rows in which anything stood; how many lie outside, and how many would by chance."""

    rows: tuple[Bin, ...]
    outside: int
    outside_by_chance: float
    level: float


def checked_edges(edges: tuple[int, ...]) -> Integers:
    """Return where rows start, as an array: 0 first, rising, at most 10**9; else UsageError.

    >>> checked_edges((0, 500_000_000)).tolist()
    [0, 500000000]
    """
    array: Integers = np.array(edges, dtype=np.int64)
    rising = bool(np.all(np.diff(array) > 0))
    if not array.size or array[0] != 0 or array[-1] > PARTS or not rising:
        raise UsageError(f"rows start at 0 and rise to at most {PARTS}, in parts per 10**9.")
    return array


def binned(cases: Cases, level: float = 0.9, edges: tuple[int, ...] = TENTHS) -> Bins:
    """Return the binned table of `cases`, with rows that start at `edges`, parts per 10**9.

    >>> from forecast_ledger.scoring.series import Series
    >>> said = Series.single([290_000_000] * 20 + [700_000_000] * 10)
    >>> b = binned(Cases.of(said, [1] * 10 + [0] * 10 + [1] * 7 + [0] * 3))
    >>> [(r.first // 10**7, r.share, round(r.low, 2), round(r.high, 2)) for r in b.rows]
    [(20, 0.5, 0.15, 0.45), (70, 0.7, 0.5, 0.9)]
    >>> b.outside, round(b.outside_by_chance, 2)
    (1, 0.16)
    """
    return Rows(cases, edges).at(level)


class Rows:
    """The rows of a binned table, ready to be shown at any level.

    `edges` are where they start, parts per 10**9. Its length is that of the rows in which
    anything stood.
    """

    def __init__(self, cases: Cases, edges: tuple[int, ...] = TENTHS) -> None:
        starts = checked_edges(edges)
        row = np.searchsorted(starts, cases.parts, "right") - 1
        family = np.repeat(np.arange(len(cases)), np.diff(cases.offsets))
        ends = np.append(starts[1:] - 1, PARTS)
        self._rows: list[_Row] = []
        for number in np.unique(row).tolist():
            here = np.flatnonzero(row == number)
            weight, parts = cases.weight[here], cases.parts[here]
            total = math.fsum(weight.tolist())
            self._rows.append(
                _Row(
                    first=int(starts[number]),
                    last=int(ends[number]),
                    weight=total,
                    # Rounding may lead beyond certainty by the last bit.
                    mean=min(1.0, math.fsum((weight * parts).tolist()) / total / PARTS),
                    share=math.fsum((weight * cases.yes[here]).tolist()) / total,
                    astray=deviation(family[here], weight, parts),
                )
            )

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._rows)

    def at(self, level: float) -> Bins:
        """Return the table with ranges at `level`."""
        checked_level(level)
        rows = tuple(row.at(level) for row in self._rows)
        return Bins(
            rows=rows,
            outside=sum(entry.outside for entry in rows),
            outside_by_chance=math.fsum(entry.chance for entry in rows),
            level=level,
        )


@dataclass(frozen=True, slots=True)
class _Row:
    """One row, and by how much its outcomes may stray."""

    first: int
    last: int
    weight: float
    mean: float
    share: float
    astray: Deviation

    def at(self, level: float) -> Bin:
        below, above, chance = self.astray.central(level)
        low, high = (min(1.0, max(0.0, self.mean + end / self.weight)) for end in (below, above))
        return Bin(
            first=self.first,
            last=self.last,
            weight=self.weight,
            mean=self.mean,
            share=self.share,
            low=low,
            high=high,
            outside=not low - SAME <= self.share <= high + SAME,
            chance=chance,
            method=self.astray.method,
        )
