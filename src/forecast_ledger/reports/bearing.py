"""What a calibration report leaves out, and what it would take."""

from __future__ import annotations

from collections import defaultdict

from forecast_ledger.ledger.calibration import Calibration
from forecast_ledger.ledger.scores import Tally
from forecast_ledger.reports.sentences import joined, prose
from forecast_ledger.reports.terminal import count

_NAMES = {
    "confidence": "average confidence against the hit rate",
    "spiegelhalter": "the test for being too sure",
    "bias": "whether yes is said too often",
    "curve": "the calibration curve with its band and the distance from calibration",
    "slope": "slope",
    "decomposition": "discrimination",
    "auc": "AUC",
    "bins": "the table of tenths",
    "single_bins": "statements on single tenths",
}
_ONE_WITH_THE_CURVE = ("band", "mcb")


def not_shown(found: Calibration, tally: Tally, width: int) -> list[str]:
    """Return which parts are not shown and what each would take; nothing if all are."""
    by_families: dict[int, list[str]] = defaultdict(list)
    by_rarer: dict[int, list[str]] = defaultdict(list)
    for missing in found.missing:
        if missing.part in _ONE_WITH_THE_CURVE:
            continue
        name = _NAMES[missing.part]
        if missing.unit == "families":
            by_families[missing.need].append(name)
        elif missing.part not in {m.part for m in found.missing if m.unit == "families"}:
            by_rarer[missing.need].append(name)
    reasons = [
        f"below {need} events: {joined(names)}" for need, names in sorted(by_families.items())
    ]
    rarer = "yes" if found.yes < found.no else "no"
    reasons += [
        f"below {need} of each outcome ({rarer} came {_amount(min(found.yes, found.no))}):"
        f" {joined(names)}"
        for need, names in sorted(by_rarer.items())
    ]
    if not reasons:
        return []
    reasons.insert(0, f"With {count(tally.families, 'event')} these would show little but chance.")
    if any("single tenths" in reason for reason in reasons):
        reasons[-1 if not by_rarer else len(by_families) - 1] += (
            " (fl calibration --bin 80-90 lists the forecasts in one)"
        )
    head, hang = "NOT SHOWN  ", " " * 11
    lines = []
    for place, reason in enumerate(reasons):
        lines += prose(reason, width, hang if place else head, f"{hang}  ").split("\n")
    return lines


def _amount(number: float) -> str:
    whole = round(number)
    return "once" if whole == 1 else f"{whole} times"
