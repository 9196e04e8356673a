"""Scores less the median of those who forecast the same question at the same time.

The median is of all forecasters who stood, oneself included, and of an even number the
mean of the middle two. It changes only where a forecast comes or goes.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from dataclasses import dataclass

import numpy as np

from forecast_ledger.errors import UsageError
from forecast_ledger.scoring.arrays import PARTS, Floats, Integers
from forecast_ledger.scoring.logarithmic import LN2, limit, log_ratio
from forecast_ledger.scoring.rule import Rule
from forecast_ledger.scoring.timeline import Steps, Stretches, Timed, counted, scheduled_span


@dataclass(frozen=True, slots=True, eq=False)
class Relative:
    """Brier scores beside the median, per forecaster; nan for one who never stood.

    `own` and `median` are means over the time on which the forecaster stood, 0 to `scale`,
    smaller is better. `difference` is own less median: negative is better than the median.
    `coverage`: that time as a share of the scheduled span. `overall`: the mean of the median
    over all time on which anybody stood; nan if nobody did.
    """

    own: Floats
    median: Floats
    difference: Floats
    coverage: Floats
    overall: float
    scale: int


def relative_to_median(
    stretches: Stretches,
    outcome: int,
    *,
    opens: int,
    scheduled: int,
    ended: int | None = None,
    scale: int = 1,
) -> Relative:
    """Return each forecaster's Brier score less the median on the same moments, exact in time.

    Each series is a forecaster of the one question. Time divides by what the forecaster
    covered, from `opens` to `ended`, no later than `scheduled`; others are looked at only
    then. `scale` is 1 for 0..1 or 2 for Brier's of 1950. n stretches of m forecasters cost
    n (log n + m) in small steps. Raises InvalidError and UsageError where things do not fit.

    >>> s = Stretches.single([300_000_000, 600_000_000], [0, 5], [10, 10])
    >>> r = relative_to_median(s, 1, opens=0, scheduled=10)
    >>> r.own.round(4).tolist(), r.median.round(4).tolist(), r.difference.round(4).tolist()
    ([0.49, 0.16], [0.4075, 0.325], [0.0825, -0.165])
    """
    factor = checked_scale(scale)
    inside = counted(stretches, opens, scheduled, ended)
    span = int(scheduled_span(opens, scheduled))
    steps = Steps.of(inside)
    right = inside.realised(outcome)
    low, high = _middle(steps, right[steps.live])
    medians = factor * (_brier(low) + _brier(high)) / 2
    weighted = np.where(steps.standing > 0, steps.durations / span * medians, 0.0)

    seconds = inside.covered()
    coverage = seconds / span
    covered = np.where(seconds > 0, coverage, math.nan)
    own = inside.total(factor * _brier(right) * (inside.durations() / span)) / covered
    median = inside.total(steps.placed(steps.over(weighted))) / covered
    anybody = int(steps.durations[steps.standing > 0].sum())
    return Relative(
        own=own,
        median=median,
        difference=own - median,
        coverage=coverage,
        overall=math.fsum(weighted.tolist()) / (anybody / span) if anybody else math.nan,
        scale=scale,
    )


def relative_log(stretches: Stretches, outcome: int, *, opens: int, ended: int) -> Timed:
    """Return log2(p / median of p) of each forecaster, over the time from opens to ended.

    What Metaculus showed before its peer score, there against a median that weighs recent
    forecasts more, here against the plain one. -inf..inf, larger is better, 1 for twice the
    probability; time without a forecast counts as 0. ln 0 is taken as for the peer score.
    It divides by a time that depends on the answer, so it can be gamed: for comparison with
    old records only.

    >>> s = Stretches.single([200_000_000, 400_000_000, 800_000_000], [0, 0, 0], [9, 9, 9])
    >>> relative_log(s, 1, opens=0, ended=9).scores.round(12).tolist()
    [-1.0, 0.0, 1.0]
    """
    inside = counted(stretches, opens, ended, ended)
    span = int(scheduled_span(opens, ended))
    steps = Steps.of(inside)
    right = inside.realised(outcome)[steps.live]
    low, high = _middle(steps, right)
    shares = steps.durations / span
    stood = steps.over(shares)
    own, own_zero = _logarithms(right, PARTS)
    median, median_zero = _logarithms(low + high, 2 * PARTS)
    finite = (own * stood - steps.over(shares * median)) / LN2
    zeros = own_zero * stood - steps.over(shares * median_zero)
    return Timed(
        scores=limit(inside.total(steps.placed(finite)), inside.total(steps.placed(zeros))),
        coverage=inside.covered() / span,
        impossible=inside.total(steps.placed(own_zero)) > 0,
    )


def checked_scale(scale: int) -> int:
    """Return `scale`, 1 for a Brier score of 0..1 or 2 for 0..2; else UsageError.

    >>> checked_scale(2)
    2
    """
    if scale not in (1, 2):
        raise UsageError(f"no Brier scale {scale}. Give 1 for 0 to 1, or 2 for 0 to 2.")
    return scale


def _brier(right: Integers) -> Floats:
    error = (PARTS - right) / PARTS
    scores: Floats = error * error
    return scores


def _logarithms(numerators: Integers, denominator: int) -> tuple[Floats, Floats]:
    """Return ln(n / denominator), 0 for n = 0, and 1.0 where n is 0."""
    none = numerators == 0
    return log_ratio(np.where(none, denominator, numerators), denominator), none * 1.0


def _middle(steps: Steps, values: Integers) -> tuple[Integers, Integers]:
    """Return the middle two of the values that stand in each step; PARTS where none does."""
    coming: list[list[int]] = [[] for _ in steps.durations]
    going: list[list[int]] = [[] for _ in range(steps.durations.size + 1)]
    triples = zip(values.tolist(), steps.first.tolist(), steps.last.tolist(), strict=True)
    for value, first, last in triples:
        coming[first].append(value)
        going[last].append(value)
    low = np.full(steps.durations.size, PARTS)
    high = low.copy()
    standing: list[int] = []
    for step, arrived in enumerate(coming):
        for value in going[step]:
            del standing[bisect_left(standing, value)]
        for value in arrived:
            insort(standing, value)
        if standing:
            low[step] = standing[(len(standing) - 1) // 2]
            high[step] = standing[len(standing) // 2]
    return low, high


RELATIVE_BRIER = Rule(
    name="relative-brier",
    title="Brier score relative to the median",
    formula="(p - y)^2 - median of (p - y)^2 over all who stood, x time, over covered time",
    better="smaller",
    low=-1.0,
    high=1.0,
    unit="points of the Brier score, on its scale",
    source="Good Judgment Open, FAQ, Accuracy Score, here by exact time and not by day",
    edges=(
        "0 is as good as the median, negative better. The median includes oneself; of an even"
        " number it is the mean of the middle two; alone the difference is 0. Who never"
        " stood has no score."
    ),
    needs="the other forecasters of the question",
)
RELATIVE_LOG = Rule(
    name="relative-log",
    title="relative log score",
    formula="log2(p / median of p), x time, over the time the question was open",
    better="larger",
    low=-math.inf,
    high=math.inf,
    unit="bits, 1 for twice the probability of the median",
    source="Metaculus, relative score (legacy); there against a median weighted by recency",
    edges=(
        "Alone, 0. 0 % for what happened: -infinity; above a median of 0 %: +infinity. Time"
        " without a forecast scores 0. It divides by a time that depends on the answer."
    ),
    needs="the other forecasters of the question",
)
