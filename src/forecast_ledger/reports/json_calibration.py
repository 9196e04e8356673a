"""A calibration as JSON: everything its report is drawn from, null for what is not shown."""

from __future__ import annotations

from typing import Any

from forecast_ledger.ledger.calibration import Calibration
from forecast_ledger.reports.json_values import number, probability


def calibration_json(found: Calibration) -> dict[str, Any]:
    """Return all that a calibration holds beside its score; null for what is not shown."""
    return {
        "seed": found.drawing.seed,
        "draws": found.drawing.draws,
        "families_yes": number(found.yes),
        "families_no": number(found.no),
        "families_yes_expected": number(found.expected_yes),
        "confidence": _sure(found),
        "spiegelhalter": _spiegelhalter(found),
        "slope": _slope(found),
        "bias": _bias(found),
        "curve": _curve(found),
        "decomposition": _decomposition(found),
        "auc": _auc(found),
        "bins": _bins(found),
        "single_bins": _single_bins(found),
        "ece": _ece(found),
        "listed_between": (
            None
            if found.drawing.first is None
            else [probability(found.drawing.first), probability(found.drawing.last)]
        ),
        "listed": [
            {
                "question": line.key,
                "forecaster": line.forecaster,
                "probability": number(line.probability),
                "share": number(line.share),
                "outcome": line.outcome,
            }
            for line in found.listed
        ],
        "not_shown": [
            {
                "part": missing.part,
                "counts": missing.unit,
                "needs": missing.need,
                "has": number(missing.have),
            }
            for missing in found.missing
        ],
    }


def _sure(found: Calibration) -> dict[str, Any] | None:
    sure = found.sure
    if sure is None:
        return None
    ends = {
        name: {"confidence": number(end.confidence), "hit_rate": number(end.hit_rate)}
        for name, end in (("bold", found.bold), ("cautious", found.cautious))
        if end is not None
    }
    return {
        "average": number(sure.confidence),
        "hit_rate": number(sure.hit_rate),
        "hits": number(sure.hits),
        "expected_hits": number(sure.expected_hits),
        "expected_hits_range": [number(sure.low), number(sure.high)],
        **ends,
    }


def _spiegelhalter(found: Calibration) -> dict[str, Any] | None:
    z = found.spiegelhalter
    if z is None:
        return None
    return {
        "z": number(z.z),
        "p": number(z.p),
        "normal_p": number(z.normal_p),
        "contradicted": number(z.contradicted),
        "noticed": [
            {"slope": slope, "probability": number(chance)} for slope, chance in found.powers
        ],
    }


def _slope(found: Calibration) -> dict[str, Any] | None:
    slope, none = found.slope, found.no_slope
    if none is not None:
        return {"reason": none.reason, "certain": number(none.certain)}
    if slope is None:
        return None
    return {
        "slope": number(slope.slope),
        "interval": [number(slope.low), number(slope.high)],
        "intercept": number(slope.intercept),
        "intercept_at_slope_1": number(slope.large),
        "certain": number(slope.certain),
    }


def _bias(found: Calibration) -> dict[str, Any] | None:
    bias = found.bias
    if bias is None:
        return None
    return {
        "mean_probability": number(bias.mean_probability),
        "share_of_yes": number(bias.share),
        "bias": number(bias.bias),
        "margin": number(bias.margin),
    }


def _curve(found: Calibration) -> dict[str, Any] | None:
    null = found.null
    if null is None:
        return None
    return {
        "points": [
            {
                "probability": probability(point.said),
                "happened": number(point.happened),
                "band": [number(point.low), number(point.high)],
                "families": number(point.weight),
            }
            for point in found.curve
        ],
        "outside": null.outside,
        "outside_narrowly": null.narrowly,
        "outside_by_chance": number(null.outside_by_chance),
        "some_outside_by_chance": number(null.somewhere),
        "miscalibration": number(null.mcb),
        "miscalibration_usual": number(null.mcb_mean),
        "miscalibration_95": number(null.mcb_95),
        "p": number(null.p),
        "rounded": null.rounded,
    }


def _decomposition(found: Calibration) -> dict[str, Any] | None:
    parts = found.decomposition
    if parts is None:
        return None
    return {
        "score": number(parts.score),
        "miscalibration": number(parts.mcb),
        "discrimination": number(parts.dsc),
        "uncertainty": number(parts.unc),
    }


def _auc(found: Calibration) -> dict[str, Any] | None:
    auc = found.auc
    if auc is None:
        return None
    ends = None if auc.low is None else [number(auc.low), number(auc.high)]
    return {"auc": number(auc.auc), "interval": ends, "reason": auc.reason}


def _bins(found: Calibration) -> dict[str, Any] | None:
    bins = found.bins
    if bins is None:
        return None
    return {
        "rows": [
            {
                "first": probability(row.first),
                "last": probability(row.last),
                "families": number(row.weight),
                "said": number(row.mean),
                "happened": number(row.share),
                "range": [number(row.low), number(row.high)],
                "is_outside": row.outside,
                "method": row.method,
            }
            for row in bins.rows
        ],
        "outside": bins.outside,
        "outside_by_chance": number(bins.outside_by_chance),
    }


def _single_bins(found: Calibration) -> dict[str, Any] | None:
    strict = found.strict
    if strict is None:
        return None
    return {
        "level": number(strict.level),
        "rows": [
            {
                "first": probability(row.first),
                "last": probability(row.last),
                "range": [number(row.low), number(row.high)],
                "is_outside": row.outside,
            }
            for row in strict.rows
        ],
    }


def _ece(found: Calibration) -> dict[str, Any] | None:
    ece = found.ece
    if ece is None:
        return None
    return {
        "ece": number(ece.ece),
        "expected": number(ece.expected),
        "squared": number(ece.squared),
        "debiased": number(ece.debiased),
        "bins": ece.bins,
    }
