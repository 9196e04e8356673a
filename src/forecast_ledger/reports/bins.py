"""The table of bins: what was said and what happened, by ranges of what was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from forecast_ledger.reports.sentences import out_of
from forecast_ledger.reports.terminal import WIDTH, columns, percent


@dataclass(frozen=True, slots=True)
class Bin:
    """The forecasts from `first` to `last` percent, both as labels, and what happened.

    `weight` is the questions or events they stand for, above 0, a fraction where forecasts were
    updated. `said` and `happened` are means, `low` and `high` the ends of the range in which
    a calibrated forecaster's `happened` would lie, all from 0 to 1. `outside` says that it
    does not.
    """

    first: int
    last: int
    weight: float
    said: float
    happened: float
    low: float
    high: float
    outside: bool


def bins_table(
    rows: Sequence[Bin], width: int = WIDTH, *, level: float = 0.9, unit: str = "question"
) -> list[str]:
    r"""Return the bins as a table, a line each under its heads; without any, no lines.

    `level` is that of the ranges, `unit` what weights count; an X stands beside a range that
    was left. The heads take two lines where one would be longer than `width`, of which they
    need 60.

    >>> rows = [
    ...     Bin(0, 9, 71.2, 0.03, 0.05, 0.0, 0.07, outside=False),
    ...     Bin(90, 100, 93.0, 0.95, 0.90, 0.91, 0.993, outside=True),
    ... ]
    >>> print(*bins_table(rows), sep="\n")
      said      questions   on average   happened   if calibrated, 9 times in 10
       0- 9%         71.2           3%         5%    0 to    7%
      90-100%        93.0          95%        90%   91 to 99.3%  X
    """
    if not rows:
        return []
    whole = all(round(row.weight, 6) % 1 == 0 for row in rows)
    # Ends are rounded as `happened` is, so that what lies inside them also looks it.
    low = [percent(row.low).removesuffix("%") for row in rows]
    high = [percent(row.high) for row in rows]
    ends = (max(map(len, low)), max(map(len, high)))
    cells = [
        (
            f"{row.first:>2}-{row.last:>2}%",
            f"{row.weight:,.{0 if whole else 1}f}",
            percent(row.said),
            percent(row.happened),
            f"{start:>{ends[0]}} to {end:>{ends[1]}}{'  X' if row.outside else ''}",
        )
        for row, start, end in zip(rows, low, high, strict=True)
    ]
    often = out_of(level, "times in")
    one = [("said", f"{unit}s", "on average", "happened", f"if calibrated, {often}")]
    two = [
        ("", "", "on", "", "if calibrated,"),
        ("said", f"{unit}s", "average", "happened", often),
    ]
    lines = columns([*one, *cells], "<>>><", gap="   ")
    if max(map(len, lines)) > width:
        lines = columns([*two, *cells], "<>>><")
    return lines
