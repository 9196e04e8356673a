"""Questions one by one, with their scores."""

from __future__ import annotations

from collections.abc import Sequence

from forecast_ledger.ledger.gathering import (
    Filters,
)
from forecast_ledger.ledger.scores import Line
from forecast_ledger.reports.rules import Spoken, spoken
from forecast_ledger.reports.sentences import (
    short_title,
    table,
)
from forecast_ledger.reports.terminal import (
    WIDTH,
    percent,
)


def line_score(value: float) -> str:
    """Return the Brier score of one question: four decimals."""
    return f"{value:.4f}"


def range_text(line: Line) -> str:
    """Return what the words of a question allow, `15-30`, or nothing if numbers were given."""
    if line.low == line.high:
        return ""
    return f"{percent(line.low).rstrip('%')}-{percent(line.high)}"


def listed(
    lines: Sequence[Line],
    *,
    pooled: bool = False,
    width: int = WIDTH,
    rule: Spoken | None = None,
) -> list[str]:
    """Return a table of questions: what was said of yes, its range, the outcome, the score.

    Rules that look at a question's window have a column for how much of it was covered.
    """
    rule = rule or spoken(Filters())
    words = any(line.low < line.high for line in lines)
    heads = ["question", "said", *(["range"] if words else []), "came"]
    heads += [*(["covered"] if rule.covered else []), rule.name]
    rows = []
    for line in lines:
        who = f" ({line.forecaster})" if pooled else ""
        ranges = [range_text(line)] if words else []
        share = "" if line.coverage is None else percent(line.coverage)
        figures = [percent(line.probability), *ranges, line.outcome]
        figures += [*([share] if rule.covered else []), rule.text(line.score, more=1)]
        rows.append((f"{short_title(line.text)}{who}", figures))
    return table(heads, rows, width)
