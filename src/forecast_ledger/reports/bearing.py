"""What a calibration report counts, what it leaves out, and what that would take."""

from __future__ import annotations

from collections import defaultdict

from forecast_ledger.ledger.calibration import Calibration
from forecast_ledger.ledger.scores import Tally
from forecast_ledger.reports.counted import turn_on
from forecast_ledger.reports.mean import SHARES
from forecast_ledger.reports.sentences import amount, joined, prose
from forecast_ledger.reports.terminal import count

_NAMES = {
    "confidence": "average confidence against the hit rate",
    "ece": "the calibration error (ECE)",
    "spiegelhalter": "the test for being too sure",
    "bias": "whether yes is said too often",
    "curve": "the calibration curve",
    "band": "its band",
    "mcb": "its distance from the diagonal",
    "slope": "the slope",
    "decomposition": "discrimination",
    "auc": "AUC",
    "bins": "the table of tenths",
    "single_bins": "statements on single tenths (fl calibration --bin 80-90 lists the forecasts"
    " in one)",
}


def unit_of(tally: Tally) -> str:
    """Return what calibration counts, in the singular: an event may hold several questions."""
    return "question" if tally.families == tally.questions else "event"


def counts_events(tally: Tally) -> str:
    """Return that several questions count as one, or nothing where each is its own."""
    if tally.families == tally.questions:
        return ""
    return f"{turn_on(tally)}. What is said of calibration counts events."


def not_shown(found: Calibration, tally: Tally, width: int) -> list[str]:
    """Return which parts are not shown and what each would take; nothing if all are."""
    needs: dict[str, dict[str, int]] = defaultdict(dict)
    for missing in found.missing:
        needs[missing.part][missing.unit] = missing.need
    parts: dict[tuple[int, int, int], list[str]] = defaultdict(list)
    for part, need in needs.items():
        key = (need.get("families", 0), need.get("rarer", 0), need.get("expected", 0))
        parts[key].append(_NAMES[part])
    if not parts:
        return []
    here = count(tally.families, "event")
    if any(rarer or expected for _, rarer, expected in parts):
        more = f"{_to_expect(found)}{_early(found, tally)}"
        here += f" ({amount(found.yes)} yes, {amount(found.no)} no{more})"
    reasons = [
        f"With {here} these would show little but chance:",
        *(f"{_from(*need)}: {joined(names)}" for need, names in sorted(parts.items())),
    ]
    head, hang = "NOT SHOWN  ", " " * 11
    lines = []
    for place, reason in enumerate(reasons):
        lines += prose(reason, width, hang if place else head, f"{hang}  ").split("\n")
    return lines


def _early(found: Calibration, tally: Tally) -> str:
    """Return why yes and no are fewer than the events, if they are."""
    return f"; {SHARES}" if found.yes + found.no < tally.families - 1e-6 else ""


def _to_expect(found: Calibration) -> str:
    """Return how often the outcome called rarer is to be expected, where it is too seldom."""
    if not any(missing.unit == "expected" for missing in found.missing):
        return ""
    yes = found.expected_yes
    no = found.yes + found.no - yes
    return f"; {amount(min(yes, no))} {'yes' if yes < no else 'no'} to be expected"


def _from(families: int, rarer: int, expected: int) -> str:
    """Return what it takes: so many events, so many of the rarer outcome, or both."""
    if not rarer and not expected:
        return f"from {families} events"
    each = f"{rarer} of each outcome" if rarer else f"{expected} of each outcome to be expected"
    return f"from {families} events with {each}" if families else f"from {each}"
