"""A series: what one forecaster said of one question, and which of it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from forecast_ledger.domain.entries import Forecast, Withdrawal
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.ledger.state import QuestionState, ended_wording
from forecast_ledger.store.read import Reader


def series_of(reader: Reader, asked: int, who: str) -> list[Recorded[Any]]:
    """Return what a forecaster said of a question, withdrawals too, as it was made."""
    root = reader.roots("forecaster", "name", who)
    if root is None:
        return []
    about: dict[str, Any] = {
        "question": reader.of_root("question", asked),
        "forecaster": reader.of_root("forecaster", root),
    }
    found = [*reader.find("forecast", **about), *reader.find("withdrawal", **about)]
    return sorted(found, key=lambda row: (row.entry.made.start, row.seq))


def stands(
    reader: Reader, state: QuestionState, series: Sequence[Recorded[Any]]
) -> Recorded[Forecast] | None:
    """Return the last of a series, unless that is a withdrawal or its wording was replaced."""
    row: Recorded[Any]
    for row in reversed(series):
        if isinstance(row.entry, Withdrawal):
            return None
        if not ended_wording(reader, state, row.entry):
            return row
    return None
