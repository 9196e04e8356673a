"""Too sure, or not sure enough? What confidence, z, slope, bias and AUC say in words."""

from __future__ import annotations

from math import isinf
from typing import TYPE_CHECKING

from forecast_ledger.ledger.calibration import Calibration
from forecast_ledger.ledger.scores import Tally
from forecast_ledger.reports.bearing import unit_of
from forecast_ledger.reports.mean import bent_by_answers, sure_sentence
from forecast_ledger.reports.sentences import amount, joined, prose
from forecast_ledger.reports.terminal import count, percent

if TYPE_CHECKING:
    from forecast_ledger.scoring.bias import Bias
    from forecast_ledger.scoring.recalibration import Reason

SAID = 0.9
"""What is said in the example that makes a slope plain."""

_NO_SLOPE: dict[Reason, str] = {
    "no forecasts": "there are only forecasts of 0 and 100%",
    "one outcome": "what was said between 0 and 100% all came out the same way",
    "one probability": "all forecasts between 0 and 100% are one number",
    "separated": "yes came above some number and no below it, or the other way round, without"
    " exception",
}


def too_sure_block(found: Calibration, tally: Tally, width: int) -> list[str]:
    """Return what can be said about confidence, most plainly first; nothing below ten families."""
    bent = bent_by_answers(tally, found.score.filters.policy)
    sentences = [
        bent,
        sure_sentence(tally, found.score.filters.level),
        _ends(found),
        _verdict(found, tally),
        _slope(found, tally),
        _bias(found),
        "" if bent else _together(found),
        _auc(found),
    ]
    said = [prose(sentence, width, "  ") for sentence in sentences if sentence]
    return ["TOO SURE, OR NOT SURE ENOUGH?", *said] if found.sure else []


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


def _verdict(found: Calibration, tally: Tally) -> str:
    """Return what z says, and what it could have seen."""
    z = found.spiegelhalter
    if z is None:
        return ""
    if z.contradicted:
        return (
            "Too sure: something called impossible happened, or something called certain did not."
        )
    if z.z is None or z.p is None:
        return (
            "No test: every forecast is 0, 50 or 100%, and with those the Brier score comes out"
            " as expected whatever happens."
        )
    way = "too sure" if z.z > 0 else "not sure enough"
    often = f"a calibrated forecaster ends up this far off, either way, {_times(z.p)}."
    # A sign is what the chances of noticing speak of, so both go by the level.
    rare = 1 - found.score.filters.level
    if z.p >= rare:
        told = "The Brier score alone gives no sign" if _slope_is_off(found) else "No sign"
        return f"{told} of either: {often} {_power(found, tally)}".rstrip()
    said = f"{'A clear' if z.p < rare / 10 else 'Some'} sign of being {way}: {often}"
    return f"{said} {_power(found, tally)}".rstrip() if z.z > 0 else said


def _slope_is_off(found: Calibration) -> bool:
    """Whether the slope tells of a fault, whatever z does."""
    slope = found.slope
    return slope is not None and not slope.low <= 1 <= slope.high


def _power(found: Calibration, tally: Tally) -> str:
    """Return what would have been noticed: the mildest fault that mostly is, and a milder one."""
    powers = found.powers
    if not powers:
        return ""
    seen = [place for place, (_, chance) in enumerate(powers) if chance >= 0.75]
    place = seen[-1] if seen else 0
    (slope, chance), *milder = powers[place : place + 2]
    said = (
        f"With {count(tally.families, f'such {unit_of(tally)}')} someone who says"
        f" {percent(SAID)} where {_right(slope)} is right (slope {slope:g}) would be noticed"
        f" {_tenths(chance)}"
    )
    for slope, chance in milder:
        said += f", where {_right(slope)} is right (slope {slope:g}) {_tenths(chance)}"
    return f"{said}."


def _right(slope: float) -> str:
    """Return the probability that is right where a forecaster off by `slope` says 90%."""
    yes, no = SAID**slope, (1 - SAID) ** slope
    return f"{100 * yes / (yes + no):.0f}%"


def _tenths(chance: float) -> str:
    tenths = round(chance * 10)
    if tenths <= 0:
        return "hardly ever"
    return "nearly always" if tenths >= 10 else f"{count(tenths, 'time')} in 10"


def _times(p: float) -> str:
    """Return how often in 100, or in more where that is rarer."""
    if p >= 0.995:
        return "nearly always"
    for many in (100, 1_000, 10_000):
        if p >= 1 / many:
            return f"{count(round(p * many), 'time')} in {many:,}"
    return "less than once in 10,000 times"


def _slope(found: Calibration, tally: Tally) -> str:
    slope = found.slope
    if found.no_slope is not None:
        return f"No slope: {_NO_SLOPE[found.no_slope.reason]}."
    if slope is None:
        return ""
    ends = f"{_number(slope.low)} to {_number(slope.high)}"
    left = ""
    if slope.certain:
        of = count(tally.families, unit_of(tally))
        left = f" (0 and 100% are left out: {amount(slope.certain)} of {of})"
    return (
        f"Slope {_number(slope.slope)}, {_level(found)} interval {ends}: 1 is right, below 1 too"
        f" sure{left}."
    )


def _number(value: float) -> str:
    if isinf(value):
        return "infinity" if value > 0 else "-infinity"
    return f"{value:.2f}"


def _bias(found: Calibration) -> str:
    bias = found.bias
    if bias is None:
        return ""
    points, margin = f"{abs(bias.bias) * 100:.1f}", f"{bias.margin * 100:.1f}"
    came = "less" if bias.bias > 0 else "more"
    said = f"Yes came {points} points {came} often than said, +- {margin} at {_level(found)}"
    if points == "0.0":
        said = f"Yes came as often as said, +- {margin} points at {_level(found)}"
    if abs(bias.bias) > bias.margin:
        often = "often" if bias.bias > 0 else "seldom"
        return f"{said}: some sign that yes is said too {often}."
    return f"{said}: no sign of leaning to yes or to no{_possible(bias)}."


def _possible(bias: Bias) -> str:
    """Return from where to where the lean may be; nothing where it can only be none."""
    # No sign means that none is among what is possible: the two ends lie on its two sides.
    more, less = (f"{end * 100:.1f}" for end in (bias.margin - bias.bias, bias.margin + bias.bias))
    (far, way), (near, back) = (more, "more"), (less, "less")
    if bias.bias > 0:
        (far, way), (near, back) = (near, back), (far, way)
    if near == "0.0":
        return "" if far == "0.0" else f", but anything up to {far} points {way} often is possible"
    return f", but anything from {far} points {way} often to {near} {back} often is possible"


def _together(found: Calibration) -> str:
    """Return how often one or another of several looks goes wrong: more often than each does."""
    z, rare = found.spiegelhalter, 1 - found.score.filters.level
    looks = [
        name
        for name, looked in (
            ("the score", z is not None and z.p is not None and not z.contradicted),
            ("the slope", found.slope is not None),
            ("the lean", found.bias is not None),
        )
        if looked
    ]
    if len(looks) < 2:
        return ""
    some = min(1.0, len(looks) * rare)
    return (
        f"A calibrated forecaster is told of a fault by {joined(looks)} at most about"
        f" {percent(rare)} of the time each, by one or another at most about {percent(some)}."
    )


def _auc(found: Calibration) -> str:
    auc = found.auc
    if auc is None or auc.auc is None:
        return ""
    if auc.reason == "constant":
        return "No AUC: all forecasts are one number, so that no yes ranks above a no."
    said = f"A yes ranks above a no {percent(auc.auc)} of the time"
    if auc.low is None or auc.high is None:
        return f"{said} (AUC); from that no interval can be computed."
    ends = f"{percent(auc.low)} to {percent(auc.high)}"
    return f"{said} (AUC), {_level(found)} interval {ends}."


def _level(found: Calibration) -> str:
    return percent(found.score.filters.level)
