"""The reliability diagram: what was said against what happened, drawn in characters."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, fsum
from typing import NamedTuple

from forecast_ledger.domain.probability import WHOLE
from forecast_ledger.reports.sentences import out_of, prose
from forecast_ledger.reports.terminal import WIDTH

COUNTED_UP_TO = 100
"""Questions up to which the number in each tenth stands below the axis."""

TOP = 20
"""The row of 100%, counted from that of 0%: a row is five points high."""

_MARGIN = 8  # columns left of 0%
_NOISE = 1e-9  # what adding floats may have changed, and no question can
_SIDE = "happened".center(TOP + 1)


class _Signs(NamedTuple):
    """What stands for what; axes last."""

    band: str
    inside: str
    outside: str
    curve: str
    side: str
    corner: str
    tick: str
    axis: str


_ASCII = _Signs(":", "o", "X", "-", "|", "+", "+", "-")
_UNICODE = _Signs("░", "●", "X", "─", "│", "└", "┴", "─")


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """One probability that was said, and what happened there.

    `said` is in parts of 10⁹. `happened` is the calibration curve there, `low` and `high` are
    the ends of the band in which a calibrated forecaster's curve would lie, all from 0 to 1.
    `weight` is the questions or events it stands for, a fraction where forecasts were updated.
    """

    said: int
    happened: float
    low: float
    high: float
    weight: float

    @property
    def outside(self) -> bool:
        """Whether the curve leaves the band here, by more than adding floats explains.

        >>> Point(said=600_000_000, happened=0.1 + 0.2, low=0.1, high=0.3, weight=1.0).outside
        False
        """
        return not self.low - _NOISE <= self.happened <= self.high + _NOISE


def reliability_diagram(
    points: Sequence[Point],
    *,
    width: int = WIDTH,
    ascii: bool = True,  # noqa: A002 - what it is, to everybody
    level: float = 0.9,
    unit: str = "question",
) -> list[str]:
    r"""Return the diagram with its legend, in lines without a space at their ends.

    The points may come in any order; without any there are no lines. Across is what was
    said, upwards what happened, both from 0% to 100%. A tenth is four columns wide at
    `width` 60, six at 80 and eight at 100, never more, and two at 40, never less. `level` is
    the band's, for the legend, and `unit` what weights count. Without `ascii` lines and shades
    are Unicode's.

    Each column with points shows one of them, the heaviest, at its own height with its own
    band, and it is outside only if that point is. Were it outside as soon as any of its points
    is, then thirty points in a column, each outside one time in ten by chance, would mark
    nearly every column of a calibrated forecaster. How many points lie outside is for a
    sentence below, not for the eye. Of equally heavy ones the nearest to the column's middle
    is shown.

    Between points, curve and band are straight lines. Beyond the outermost the band narrows
    to 0% and 100%, because what a calibrated forecaster gives no chance never happens; the
    curve ends. Up to 100 questions, and from `width` 50, the line below the axis counts them
    by tenths of what was said, in whole numbers that keep the sum.

    >>> point = Point(said=700_000_000, happened=0.46, low=0.6, high=0.8, weight=12.0)
    >>> print(*reliability_diagram([point], width=60)[9:15], sep="\n")
           |                        ::::::::
     h     |                      :::::::::
     a 60% |                     ::::::::
     p     |                   ::::::::
     p     |                 ::::::::
     e     |               ::::::::     X
    """
    if not points:
        return []
    signs = _ASCII if ascii else _UNICODE
    tenth = max(2, min((width - 20) // 10, 8))
    ordered = sorted(points)
    shown = _shown(ordered, 10 * tenth)
    crowded = f"of several in one column, the one with most {unit}s"
    lines = _legend(signs, level, width, crowded if len(shown) < len(ordered) else "")
    plot = _plot(ordered, shown, 10 * tenth, signs)
    for row in range(TOP, -1, -1):
        label = f"{100 * row // TOP}%" if row % 4 == 0 else ""
        line = f" {_SIDE[TOP - row]}{label:>4} {signs.side}{''.join(plot[row])}"
        lines.append(line.rstrip())
    ticks = f"{signs.axis * (tenth - 1)}{signs.tick}" * 10
    lines.append(f"{signs.corner:>{_MARGIN}}{signs.tick}{ticks}")
    step = 10 if tenth > 2 else 20
    labels = "".join(f"{percent:<{tenth * step // 10}}" for percent in range(0, 100, step))
    lines.append(f"{'':{_MARGIN}}{labels}100% said")
    if tenth > 2 and round(fsum(point.weight for point in ordered)) <= COUNTED_UP_TO:
        lines.append(_counts(ordered, tenth, unit))
    return lines


def _legend(signs: _Signs, level: float, width: int, crowded: str) -> list[str]:
    says = [
        f"{signs.band} where {out_of(level)} calibrated forecasters would be",
        f"{signs.inside} inside, {signs.outside} outside, {signs.curve} between forecasts",
    ]
    if crowded:
        says.append(crowded)
    head = "SAID AND HAPPENED".ljust(21)
    if len(head) + max(map(len, says)) <= width:
        return [f"{head}{says[0]}", *(f"{'':{len(head)}}{text}" for text in says[1:])]
    wrapped = [line for text in says for line in prose(text, width, "  ", "    ").split("\n")]
    return [head.rstrip(), *wrapped]


def _column(said: int, columns: int) -> int:
    """Return the column nearest to `said`, of columns 0 to `columns`."""
    # Half-even, and `columns` is even: so p and 1-p lie equally far from the middle.
    return round(said * columns / WHOLE)


def _row(share: float) -> int:
    """Return the row nearest to a share, half-even as columns are, whatever its last digits."""
    return round(round(share * TOP, 9))


def _shown(ordered: Sequence[Point], columns: int) -> dict[int, Point]:
    """Return the point that each column with points shows."""

    def rank(point: Point) -> tuple[float, int, int, int]:
        off = abs(point.said * columns - _column(point.said, columns) * WHOLE)
        return round(point.weight, 9), -off, abs(2 * point.said - WHOLE), point.said

    # The heaviest of a column comes last and replaces the others.
    return {_column(point.said, columns): point for point in sorted(ordered, key=rank)}


def _plot(
    ordered: Sequence[Point], shown: dict[int, Point], columns: int, signs: _Signs
) -> list[list[str]]:
    """Return the rows of the plot, that of 0% first."""
    plot = [[" "] * (columns + 1) for _ in range(TOP + 1)]
    never = Point(said=0, happened=0.0, low=0.0, high=0.0, weight=0.0)
    always = Point(said=WHOLE, happened=1.0, low=1.0, high=1.0, weight=0.0)
    known = [
        *([never] if ordered[0].said > 0 else []),
        *ordered,
        *([always] if ordered[-1].said < WHOLE else []),
    ]
    for column in range(columns + 1):
        here = shown.get(column) or _between(known, column * WHOLE / columns)
        for row in range(_row(here.low), _row(here.high) + 1):
            plot[row][column] = signs.band
        if column in shown:
            plot[_row(here.happened)][column] = signs.outside if here.outside else signs.inside
        elif min(shown) < column < max(shown):
            plot[_row(here.happened)][column] = signs.curve
    return plot


def _between(known: Sequence[Point], said: float) -> Point:
    """Return what lies at `said` on the straight line between its neighbours."""
    place = bisect_left(known, said, key=lambda point: point.said)
    left, right = known[max(0, place - 1)], known[place]
    if left.said == right.said:
        return right
    part = (said - left.said) / (right.said - left.said)

    def line(start: float, end: float) -> float:
        return start + part * (end - start)

    return Point(
        round(said),
        line(left.happened, right.happened),
        line(left.low, right.low),
        line(left.high, right.high),
        0.0,
    )


def _counts(ordered: Sequence[Point], tenth: int, unit: str) -> str:
    """Return the line that counts weights by tenths, each amid its tenth of the axis."""
    weights = [
        fsum(point.weight for point in ordered if min(10 * point.said // WHOLE, 9) == number)
        for number in range(10)
    ]
    line = ""
    for number, (weight, count) in enumerate(zip(weights, _whole(weights), strict=True)):
        text = "<1" if weight > _NOISE and count == 0 else str(count)
        line = line.ljust(_MARGIN + number * tenth + (tenth + 1 - len(text)) // 2) + text
    return f"{line}   {unit}s"


def _whole(amounts: Sequence[float]) -> list[int]:
    """Return amounts as whole numbers that keep their sum: the largest fractions round up."""
    down = [floor(amount + _NOISE) for amount in amounts]
    short = round(fsum(amounts)) - sum(down)
    up = sorted(range(len(amounts)), key=lambda i: (down[i] - amounts[i], i))[:short]
    return [count + (i in up) for i, count in enumerate(down)]
