"""Calibration: what was said beside what happened, no more than the data can bear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import fsum
from typing import TYPE_CHECKING

from forecast_ledger.ledger.base import LedgerBase
from forecast_ledger.ledger.families import Basis
from forecast_ledger.ledger.gathering import Filters
from forecast_ledger.ledger.sampling import Owner
from forecast_ledger.ledger.scores import Score, sampled_for, scored

if TYPE_CHECKING:
    from forecast_ledger.scoring.auc import Auc
    from forecast_ledger.scoring.band import CalibrationNull
    from forecast_ledger.scoring.bias import Bias
    from forecast_ledger.scoring.bins import Bins
    from forecast_ledger.scoring.cases import Cases
    from forecast_ledger.scoring.confidence import Confidence
    from forecast_ledger.scoring.corp import Decomposition
    from forecast_ledger.scoring.ece import Ece
    from forecast_ledger.scoring.recalibration import NotEstimable, Recalibration
    from forecast_ledger.scoring.sample import Sample
    from forecast_ledger.scoring.series import Series
    from forecast_ledger.scoring.spiegelhalter import Spiegelhalter
    from forecast_ledger.scoring.table import Table
    from forecast_ledger.scoring.tiers import Missing

ECE_FROM = 10
"""Families from which a calibration error, where it is asked for, is more than chance."""

SLOPES = (0.4, 0.6, 0.75, 0.85, 0.9, 0.95, 0.98)
"""Degrees of being too sure for which a report may say how often they would be noticed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What a report is asked for beside its filters.

    `seed` and `draws` are those of the band; `ece` asks for the calibration error; `first` and
    `last` for the forecasts between two probabilities, parts per 10⁹.
    """

    seed: int = 1
    draws: int = 1000
    ece: bool = False
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """A probability said, parts per 10⁹, how often yes came there, and its band.

    `happened`, `low` and `high` are 0 to 1, `weight` counts families.
    """

    said: int
    happened: float
    low: float
    high: float
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AtAnEnd:
    """Confidence against hits, by families, with every word read at one of its ends."""

    confidence: float
    hit_rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class InBin:
    """A question on which something between two probabilities was said.

    `probability` is the mean of what was said there, `share` the weight of it, both 0 to 1.
    """

    key: str
    text: str
    forecaster: str
    probability: float
    share: float
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The calibration of one forecaster, or of several pooled.

    A part is None where there is too little to bear it; `missing` says what is missing for
    each, and `no_slope` why there is no slope where there might be one. `yes` and `no` are the
    families that came out so, `expected_yes` those of which yes is to be expected if the
    probabilities are right. `decomposition` takes the mean score apart and goes by
    questions, or takes apart that of `Tally.scheduled` where there is one; all else goes by
    families, each counting once. It and the distances of `null` are on the Brier scale
    asked for. `powers` are (slope, chance that someone too sure by it
    would be noticed). `bold` and `cautious` are given where words were read. `strict` holds
    the rows of `bins` with ranges so wide that a calibrated forecaster leaves any of them at
    most as often as the level leaves open: what lies outside there is a statement on one row.
    """

    score: Score
    drawing: Drawing
    yes: float
    no: float
    expected_yes: float
    sure: Confidence | None
    bold: AtAnEnd | None
    cautious: AtAnEnd | None
    spiegelhalter: Spiegelhalter | None
    powers: tuple[tuple[float, float], ...]
    slope: Recalibration | None
    no_slope: NotEstimable | None
    bias: Bias | None
    curve: tuple[CurvePoint, ...]
    null: CalibrationNull | None
    decomposition: Decomposition | None
    auc: Auc | None
    bins: Bins | None
    strict: Bins | None
    ece: Ece | None
    listed: tuple[InBin, ...]
    missing: tuple[Missing, ...]


class Calibrating(LedgerBase):
    """Use cases about calibration."""

    def calibration(
        self,
        filters: Filters,
        drawing: Drawing | None = None,
        *,
        as_of: datetime | None = None,
    ) -> Calibration:
        """Return the calibration of everything chosen, pooled if that is several forecasters."""
        with self._view(as_of) as view:
            sampled = sampled_for(view, filters)
            score, basis = scored(view, sampled, filters, None)
        return calibration_of(score, basis, drawing or Drawing())


def calibration_of(score: Score, basis: Basis | None, drawing: Drawing) -> Calibration:
    """Return what can be said of the calibration of a sample."""
    if basis is None:
        return _nothing(score, drawing)
    from forecast_ledger.scoring.auc import auc_interval
    from forecast_ledger.scoring.band import calibration_null
    from forecast_ledger.scoring.bias import bias
    from forecast_ledger.scoring.bins import Rows
    from forecast_ledger.scoring.corp import decompose
    from forecast_ledger.scoring.ece import calibration_error
    from forecast_ledger.scoring.recalibration import NotEstimable, Recalibration, recalibrate
    from forecast_ledger.scoring.spiegelhalter import powers, spiegelhalter
    from forecast_ledger.scoring.table import Table
    from forecast_ledger.scoring.tiers import Missing, shown

    level, scale = score.filters.level, score.filters.brier_scale
    sample, owners, numbers = basis.sample, basis.owners, basis.numbers
    families, cases = basis.families, basis.cases
    table = Table.of(cases)
    yes, no = fsum(table.yes.tolist()), fsum(table.no.tolist())
    expected_yes = fsum((table.weight * table.p).tolist())
    found = shown(families, yes, no, expected_yes)
    missing = found.missing
    if drawing.ece and families < ECE_FROM:
        missing = (Missing("ece", "families", ECE_FROM, families), *missing)

    def earned(part: str) -> bool:
        return part in found.parts

    slope = recalibrate(table, level) if earned("slope") else None
    null = calibration_null(cases, level, drawing.draws, drawing.seed) if earned("curve") else None
    rows = Rows(cases) if earned("bins") else None
    return Calibration(
        score=score,
        drawing=drawing,
        yes=yes,
        no=no,
        expected_yes=expected_yes,
        sure=score.tally.sure if score.tally else None,
        bold=_at_end(sample, sample.bold, numbers) if earned("confidence") else None,
        cautious=_at_end(sample, sample.cautious, numbers) if earned("confidence") else None,
        spiegelhalter=spiegelhalter(cases) if earned("spiegelhalter") else None,
        powers=powers(cases, SLOPES, level) if earned("spiegelhalter") else (),
        slope=slope if isinstance(slope, Recalibration) else None,
        no_slope=slope if isinstance(slope, NotEstimable) else None,
        bias=bias(cases, level) if earned("bias") else None,
        curve=_points(null, cases) if null else (),
        null=_apart(null, scale) if null else None,
        decomposition=(
            _taken_apart(decompose(_by_questions(basis, table)), scale)
            if earned("decomposition")
            else None
        ),
        auc=auc_interval(cases, level) if earned("auc") else None,
        bins=rows.at(level) if rows else None,
        strict=rows.at(1 - (1 - level) / len(rows)) if rows and earned("single_bins") else None,
        ece=calibration_error(cases) if drawing.ece and families >= ECE_FROM else None,
        listed=_listed(sample, owners, drawing),
        missing=missing,
    )


def _by_questions(basis: Basis, table: Table) -> Table:
    """Return the table in which every question counts once, as in the mean score.

    Where answers that came early bend that, it is the one by scheduled time, by families.
    """
    from forecast_ledger.scoring.table import grouped

    separate = basis.families == len(basis.owners)
    if basis.is_bent or (separate and bool((basis.sample.share == 1).all())):
        return table
    return grouped(basis.sample.series, basis.sample.outcome)


def _nothing(score: Score, drawing: Drawing) -> Calibration:
    return Calibration(
        score=score,
        drawing=drawing,
        yes=0,
        no=0,
        expected_yes=0,
        sure=None,
        bold=None,
        cautious=None,
        spiegelhalter=None,
        powers=(),
        slope=None,
        no_slope=None,
        bias=None,
        curve=(),
        null=None,
        decomposition=None,
        auc=None,
        bins=None,
        strict=None,
        ece=None,
        listed=(),
        missing=(),
    )


def _at_end(sample: Sample, series: Series, numbers: Sequence[int]) -> AtAnEnd | None:
    """Return how sure and how right with words read at one end; None where all were numbers."""
    from forecast_ledger.scoring.cases import Cases
    from forecast_ledger.scoring.confidence import family_confidence

    if not sample.says_words:
        return None
    found = family_confidence(Cases.of(series, sample.outcome, numbers, sample.share))
    return AtAnEnd(confidence=found.confidence, hit_rate=found.hit_rate)


# On a scale of 0 to 2 every mean and every distance is just twice as large: doubling is exact.


def _taken_apart(parts: Decomposition, scale: int) -> Decomposition:
    return replace(
        parts,
        score=parts.score * scale,
        mcb=parts.mcb * scale,
        dsc=parts.dsc * scale,
        unc=parts.unc * scale,
    )


def _apart(null: CalibrationNull, scale: int) -> CalibrationNull:
    return replace(
        null, mcb=null.mcb * scale, mcb_mean=null.mcb_mean * scale, mcb_95=null.mcb_95 * scale
    )


def _points(null: CalibrationNull, cases: Cases) -> tuple[CurvePoint, ...]:
    from forecast_ledger.scoring.band import ROUNDED
    from forecast_ledger.scoring.table import Table

    table = Table.of(cases.rounded(ROUNDED) if null.rounded else cases)
    return tuple(
        CurvePoint(said=said, happened=happened, low=low, high=high, weight=weight)
        for said, happened, low, high, weight in zip(
            null.points.tolist(),
            null.curve.tolist(),
            null.low.tolist(),
            null.high.tolist(),
            table.weight.tolist(),
            strict=True,
        )
    )


def _listed(sample: Sample, owners: Sequence[Owner], drawing: Drawing) -> tuple[InBin, ...]:
    """Return the questions with a forecast in the bin asked for, the longest there first."""
    if drawing.first is None or drawing.last is None:
        return ()
    from forecast_ledger.scoring.within import within

    found = within(sample.series, drawing.first, drawing.last)
    return tuple(
        InBin(
            key=owners[place][0].key,
            text=owners[place][0].text,
            forecaster=owners[place][1],
            probability=probability,
            share=share,
            outcome=owners[place][0].outcome or "",
        )
        for place, probability, share in found
    )
