"""One run of a simulation: what the reports would show of it, and whether that was true.

Everything is computed by the functions of the reports, and counted only where the reports would
show it. Counts are named "part" for how often it was shown and "part: what" for how often
that held; they add up over runs.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from processes import chances

from forecast_ledger.scoring import spiegelhalter as tested
from forecast_ledger.scoring.arrays import mean
from forecast_ledger.scoring.auc import auc_interval
from forecast_ledger.scoring.band import SAME, calibration_null
from forecast_ledger.scoring.bias import bias
from forecast_ledger.scoring.bins import binned
from forecast_ledger.scoring.brier import brier_scores
from forecast_ledger.scoring.cases import Cases
from forecast_ledger.scoring.confidence import family_confidence
from forecast_ledger.scoring.distribution import Distribution
from forecast_ledger.scoring.expected import expected_brier
from forecast_ledger.scoring.hits import misses
from forecast_ledger.scoring.interval import (
    MIN_FAMILIES,
    MIN_MISSES,
    effective,
    interval_allowed,
    least_error,
    mean_interval,
    misses_of,
)
from forecast_ledger.scoring.recalibration import Recalibration, recalibrate
from forecast_ledger.scoring.scheduled import is_bent, scheduled_brier
from forecast_ledger.scoring.series import Series
from forecast_ledger.scoring.table import Table
from forecast_ledger.scoring.tiers import shown

if TYPE_CHECKING:
    from processes import Drawn, Forecaster, Truth

LEVEL = 0.9
DRAWS = 100
"""Draws of the band: a p-value that counts oneself among them is valid with any number."""


@dataclass(slots=True)
class _Law:
    """The distribution of the expected score, which z needs too: found once for a run."""

    found: Distribution | None = None

    def __call__(self, series: Series) -> Distribution:
        return self.found or expected_brier(series)


_LAW = _Law()
tested.expected_brier = _LAW  # type: ignore[attr-defined]


def measured(forecaster: Forecaster, truth: Truth, drawn: Drawn, seed: int) -> Counter[str]:
    """Return the counts of one run; `seed` is that of the band.

    It differs from run to run. Who says but one number has few different outcomes, and with one
    seed for all its luck with these would be taken for the band's.
    """
    counts = Counter({"runs": 1})
    cases = drawn.cases
    _scores(counts, forecaster, truth, drawn)
    table = Table.of(cases)
    said = float((cases.weight * cases.p).sum())
    parts = shown(len(cases), table.yes.sum(), table.no.sum(), said).parts
    if "spiegelhalter" in parts:
        z = tested.spiegelhalter(cases)
        if z.p is not None and z.normal_p is not None:
            _tested(counts, "z", z.p)
            _tested(counts, "normal z", z.normal_p)
    if "bias" in parts:
        found = bias(cases, LEVEL)
        there = mean_error(forecaster, cases)
        _held(counts, "bias", abs(found.bias - there) <= found.margin)
        counts["bias: in the long run"] += abs(found.bias - truth.bias) <= found.margin
    if "band" in parts:
        _band(counts, cases, seed)
    if "slope" in parts:
        _slope(counts, forecaster, table)
    if "auc" in parts:
        area = auc_interval(cases, LEVEL)
        if area.low is not None and area.high is not None:
            _held(counts, "auc", area.low <= truth.auc <= area.high)
    if "bins" in parts:
        for row in binned(cases, LEVEL).rows:
            _held(counts, "row", not row.outside)
            _held(counts, f"row {row.first // 10_000_000}", not row.outside)
    return counts


def _scores(counts: Counter[str], forecaster: Forecaster, truth: Truth, drawn: Drawn) -> None:
    """Count the interval on the mean, the range of the expected score, and that of hits.

    Where early answers bend the mean, the range is that by scheduled time, as in the reports.
    """
    series, outcomes, families = drawn.series, drawn.outcomes, drawn.families
    score = series.average(brier_scores(series.parts, series.spread(outcomes)))
    together, times = series.by_family(families)
    _LAW.found = None
    law = expected_brier(together, times=times)
    if drawn.is_simple:
        _LAW.found = law
    if is_bent(series, drawn.shares):
        planned = scheduled_brier(drawn.cases, LEVEL)
        low, printed, high = planned.low, planned.score, planned.high
    else:
        low, high = law.central(LEVEL)
        printed = mean(score)
    _held(counts, "range", low - SAME <= printed <= high + SAME)
    sure = family_confidence(drawn.cases, LEVEL)
    _held(counts, "hits", sure.low - SAME <= sure.hits <= sure.high + SAME)
    found = mean_interval(score, families, least_error(series, families), LEVEL)
    there = forecaster.deserved(drawn)
    held = found.low <= (truth.brier if there is None else there) <= found.high
    missed = misses_of(drawn.cases)
    if interval_allowed(effective(families), missed.came, missed.expected):
        _held(counts, "interval", held)
        counts["interval: in the long run"] += found.low <= truth.brier <= found.high
    if len(drawn.cases) >= MIN_FAMILIES and misses(series, outcomes).sum() >= MIN_MISSES:
        _held(counts, "interval by misses that came", held)


def _band(counts: Counter[str], cases: Cases, seed: int) -> None:
    null = calibration_null(cases, LEVEL, DRAWS, seed)
    _tested(counts, "mcb", null.p)
    inside = (null.low - SAME <= null.curve) & (null.curve <= null.high + SAME)
    for point, held in zip(null.points.tolist(), inside.tolist(), strict=True):
        _held(counts, "point", held)
        _held(counts, f"point {point // 10_000_000}", held)
    counts["mcb: left somewhere"] += not inside.all()


def _slope(counts: Counter[str], forecaster: Forecaster, table: Table) -> None:
    found = recalibrate(table, LEVEL)
    if not isinstance(found, Recalibration):
        counts[f"slope {found.reason}"] += 1
        return
    _held(counts, "slope", found.low <= forecaster.slope <= found.high)
    counts["slope: too sure"] += found.high < 1


def _held(counts: Counter[str], part: str, held: bool) -> None:  # noqa: FBT001 (what is counted)
    counts[part] += 1
    counts[f"{part}: held"] += bool(held)


def _tested(counts: Counter[str], part: str, p: float) -> None:
    counts[part] += 1
    counts[f"{part}: 5"] += p <= 0.05
    counts[f"{part}: 10"] += p <= 0.1


def mean_error(forecaster: Forecaster, cases: Cases) -> float:
    """Return what the bias truly is with what was said."""
    off = cases.weight * (cases.p - chances(forecaster, cases.parts))
    return float(off.sum() / cases.weight.sum())
