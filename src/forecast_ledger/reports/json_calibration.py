"""A calibration as JSON. Shares and scores are 0 to 1, probabilities exactly as recorded."""

from __future__ import annotations

from typing import Any

from forecast_ledger.ledger.calibration import Calibration

WHOLE = 1_000_000_000


def calibration_json(found: Calibration) -> dict[str, Any]:
    """Return all that a calibration holds beside its score; null for what is not shown."""
    return {
        "seed": found.drawing.seed,
        "draws": found.drawing.draws,
        "families_yes": _number(found.yes),
        "families_no": _number(found.no),
        "confidence": _sure(found),
        "spiegelhalter": _spiegelhalter(found),
        "slope": _slope(found),
        "bias": _bias(found),
        "curve": _curve(found),
        "decomposition": _decomposition(found),
        "auc": _auc(found),
        "bins": _bins(found),
        "ece": _ece(found),
        "listed": [
            {
                "question": line.key,
                "forecaster": line.forecaster,
                "probability": _number(line.probability),
                "share": _number(line.share),
                "outcome": line.outcome,
            }
            for line in found.listed
        ],
        "not_shown": [
            {
                "part": missing.part,
                "counts": missing.unit,
                "needs": missing.need,
                "has": _number(missing.have),
            }
            for missing in found.missing
        ],
    }


def _number(value: float | None) -> float | str | None:
    """Return a number to twelve decimals; JSON has no infinity, so its name stands for it."""
    if value is None:
        return None
    if value in (float("inf"), float("-inf")):
        return "infinity" if value > 0 else "-infinity"
    return round(float(value), 12)


def _sure(found: Calibration) -> dict[str, Any] | None:
    sure = found.sure
    if sure is None:
        return None
    ends = {
        name: {"confidence": _number(end.confidence), "hit_rate": _number(end.hit_rate)}
        for name, end in (("bold", found.bold), ("cautious", found.cautious))
        if end is not None
    }
    return {
        "average": _number(sure.confidence),
        "hit_rate": _number(sure.hit_rate),
        "hits": _number(sure.hits),
        "expected_hits": _number(sure.expected_hits),
        "expected_hits_range": [_number(sure.low), _number(sure.high)],
        **ends,
    }


def _spiegelhalter(found: Calibration) -> dict[str, Any] | None:
    z = found.spiegelhalter
    if z is None:
        return None
    return {
        "z": _number(z.z),
        "p": _number(z.p),
        "normal_p": _number(z.normal_p),
        "contradicted": _number(z.contradicted),
        "noticed": [
            {"slope": slope, "probability": _number(chance)} for slope, chance in found.powers
        ],
    }


def _slope(found: Calibration) -> dict[str, Any] | None:
    slope, none = found.slope, found.no_slope
    if none is not None:
        return {"reason": none.reason, "certain": _number(none.certain)}
    if slope is None:
        return None
    return {
        "slope": _number(slope.slope),
        "interval": [_number(slope.low), _number(slope.high)],
        "intercept": _number(slope.intercept),
        "intercept_at_slope_1": _number(slope.large),
        "certain": _number(slope.certain),
    }


def _bias(found: Calibration) -> dict[str, Any] | None:
    bias = found.bias
    if bias is None:
        return None
    return {
        "mean_probability": _number(bias.mean_probability),
        "share_of_yes": _number(bias.share),
        "bias": _number(bias.bias),
        "margin": _number(bias.margin),
    }


def _curve(found: Calibration) -> dict[str, Any] | None:
    null = found.null
    if null is None:
        return None
    return {
        "points": [
            {
                "probability": point.said / WHOLE,
                "happened": _number(point.happened),
                "band": [_number(point.low), _number(point.high)],
                "families": _number(point.weight),
            }
            for point in found.curve
        ],
        "outside": null.outside,
        "outside_by_chance": _number(null.outside_by_chance),
        "some_outside_by_chance": _number(null.somewhere),
        "miscalibration": _number(null.mcb),
        "miscalibration_usual": _number(null.mcb_mean),
        "miscalibration_95": _number(null.mcb_95),
        "p": _number(null.p),
        "rounded": null.rounded,
    }


def _decomposition(found: Calibration) -> dict[str, Any] | None:
    parts = found.decomposition
    if parts is None:
        return None
    return {
        "brier": _number(parts.score),
        "miscalibration": _number(parts.mcb),
        "discrimination": _number(parts.dsc),
        "uncertainty": _number(parts.unc),
    }


def _auc(found: Calibration) -> dict[str, Any] | None:
    auc = found.auc
    if auc is None:
        return None
    ends = None if auc.low is None else [_number(auc.low), _number(auc.high)]
    return {"auc": _number(auc.auc), "interval": ends, "reason": auc.reason}


def _bins(found: Calibration) -> dict[str, Any] | None:
    bins = found.bins
    if bins is None:
        return None
    return {
        "rows": [
            {
                "first": row.first / WHOLE,
                "last": row.last / WHOLE,
                "families": _number(row.weight),
                "said": _number(row.mean),
                "happened": _number(row.share),
                "range": [_number(row.low), _number(row.high)],
                "is_outside": row.outside,
                "method": row.method,
            }
            for row in bins.rows
        ],
        "outside": bins.outside,
        "outside_by_chance": _number(bins.outside_by_chance),
    }


def _ece(found: Calibration) -> dict[str, Any] | None:
    ece = found.ece
    if ece is None:
        return None
    return {
        "ece": _number(ece.ece),
        "expected": _number(ece.expected),
        "squared": _number(ece.squared),
        "debiased": _number(ece.debiased),
        "bins": ece.bins,
    }
