"""Too sure, or not sure enough? What confidence, z, slope, bias and AUC say in words."""

from __future__ import annotations

from forecast_ledger.ledger.calibration import Calibration
from forecast_ledger.ledger.scores import Tally
from forecast_ledger.reports.blocks import sure_block
from forecast_ledger.reports.sentences import prose
from forecast_ledger.reports.terminal import count, percent

_NO_SLOPE = {
    "no forecasts": "there are only forecasts of 0 and 100%",
    "one outcome": "all came out the same way",
    "one probability": "all forecasts are one number, or its mirror image",
    "separated": "yes came above some number and no below it, without exception",
}


def too_sure_block(found: Calibration, tally: Tally, width: int) -> list[str]:
    """Return what can be said about confidence, most plainly first; nothing below ten families."""
    lines = sure_block(tally, found.score.filters.level, width)
    if not lines:
        return []
    sentences = [
        _ends(found),
        _verdict(found),
        _slope(found),
        _bias(found),
        _auc(found),
    ]
    return [*lines, *(prose(said, width, "  ") for said in sentences if said)]


def _ends(found: Calibration) -> str:
    """Return confidence with words read at either end."""
    bold, cautious = found.bold, found.cautious
    if bold is None or cautious is None:
        return ""
    return (
        f"Read at the bold end of the words: sure {percent(bold.confidence)}, right"
        f" {percent(bold.hit_rate)}; at the cautious end: sure {percent(cautious.confidence)},"
        f" right {percent(cautious.hit_rate)}."
    )


def _verdict(found: Calibration) -> str:
    """Return what z says, and what it could have seen."""
    z = found.spiegelhalter
    if z is None:
        return ""
    if z.contradicted:
        return (
            "Too sure: something called impossible happened, or something called certain did not."
        )
    if z.z is None or z.p is None:
        return "Every forecast is 0, 50 or 100%: chance decides nothing here that could be tested."
    way = "too sure" if z.z > 0 else "not sure enough"
    often = f"a calibrated forecaster ends up this far off, either way, {_times(z.p)}"
    if z.p < 0.01:
        said = f"A clear sign of being {way}: {often}."
    elif z.p < 0.1:
        said = f"Some sign of being {way}: {often}."
    else:
        told = "The Brier score alone gives no sign" if _is_off(found) else "No sign"
        said = f"{told} of either: {often}."
    return f"{said} {_power(found)}".rstrip()


def _is_off(found: Calibration) -> bool:
    """Whether the slope tells of a fault, whatever z does."""
    slope = found.slope
    return slope is not None and not slope.low <= 1 <= slope.high


def _power(found: Calibration) -> str:
    """Return what would have been noticed: the mildest fault that mostly is, and a milder one."""
    powers = found.powers
    if not powers:
        return ""
    seen = [place for place, (_, chance) in enumerate(powers) if chance >= 0.75]
    place = seen[-1] if seen else 1
    chosen = [powers[place], *powers[place + 1 : place + 2]]
    often = [_tenths(chance) for _, chance in chosen]
    said = f"by slope {chosen[0][0]:g} would be noticed {often[0]}"
    if len(chosen) > 1:
        said += f", by slope {chosen[1][0]:g} {often[1]}"
    questions = count(found.score.tally.families if found.score.tally else 0, "such event")
    return f"(With {questions} someone too sure {said}.)"


def _tenths(chance: float) -> str:
    tenths = round(chance * 10)
    if tenths <= 0:
        return "hardly ever"
    return "nearly always" if tenths >= 10 else f"{tenths} times in 10"


def _times(p: float) -> str:
    """Return how often in 100, or in more where that is rarer."""
    if p >= 0.01:
        number = round(p * 100)
        return f"{number} {'time' if number == 1 else 'times'} in 100"
    if p >= 0.0001:
        number = round(p * 10_000)
        return f"{number} {'time' if number == 1 else 'times'} in 10,000"
    return "less than once in 10,000 times"


def _slope(found: Calibration) -> str:
    slope = found.slope
    if found.no_slope is not None:
        return f"No slope: {_NO_SLOPE[found.no_slope.reason]}."
    if slope is None:
        return ""
    level = f"{found.score.filters.level:.0%}"
    ends = f"{slope.low:.2f} to {slope.high:.2f}"
    left = f" (without the {slope.certain:g} forecasts of 0 and 100%)" if slope.certain else ""
    return f"Slope {slope.slope:.2f}, {level} interval {ends}: 1 is right, below 1 too sure{left}."


def _bias(found: Calibration) -> str:
    bias = found.bias
    if bias is None:
        return ""
    points, margin = abs(bias.bias) * 100, bias.margin * 100
    way = "often" if bias.bias > 0 else "seldom"
    if abs(bias.bias) <= bias.margin:
        return (
            f"Yes said neither too often nor too seldom ({bias.bias * 100:+.1f} points, +-"
            f" {margin:.1f})."
        )
    return f"Yes said too {way}, by {points:.1f} points, +- {margin:.1f}."


def _auc(found: Calibration) -> str:
    auc = found.auc
    if auc is None or auc.auc is None:
        return ""
    said = f"A yes ranks above a no {percent(auc.auc)} of the time"
    if auc.low is None or auc.high is None:
        return f"{said} (AUC)."
    level = f"{found.score.filters.level:.0%}"
    return f"{said}, {level} interval {percent(auc.low)} to {percent(auc.high)} (AUC)."
