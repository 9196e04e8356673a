"""The outcomes of a table beside those recorded: which are new, which cannot be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from forecast_ledger.domain.entries import Resolution
from forecast_ledger.domain.moments import When
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.ledger.base import difference
from forecast_ledger.ledger.state import QuestionState
from forecast_ledger.ledger.table_plan import Planned, RefusedError

if TYPE_CHECKING:
    from forecast_ledger.formats.csv_questions import Asked

TABLE = "imported table"
"""Who says what a table says beside its forecasts. It is no file's name: the same rows in another
file, or in another ledger, must be the same entry."""
RESOLUTION_NOTE = "The outcome was given in the table the forecasts were imported from."


class Outcomes:
    """Finds what a table says of outcomes. `headers` are those of its columns."""

    def __init__(self, now: datetime, headers: Mapping[str, str]) -> None:
        self._now = now
        self._headers = headers

    def resolve(
        self,
        planned: Planned,
        closes: When | None,
        opens: When | None,
        state: QuestionState | None,
        recorded: Sequence[Recorded[Resolution]] = (),
    ) -> None:
        """Put into `planned` what the table says of its outcome.

        `state` is the question where it is `recorded`, with these resolutions. Raises
        RefusedError for an outcome that cannot be recorded.
        """
        if state is not None:
            planned.outcome, planned.known = state.outcome, state.known
        asked = planned.asked
        if asked.outcome is None:
            if asked.known is not None:
                raise RefusedError(
                    asked.lines["known"],
                    "known",
                    "says when an outcome was known, but no row says which. Add the outcome, or"
                    f" leave {self._called('known')} empty.",
                )
            return
        known = asked.known or self._at_deadline(asked, closes)
        if opens is not None and known.last < opens.start:
            raise RefusedError(
                asked.lines.get("known", asked.line),
                "known",
                "lies before the question opens. Correct one of the two.",
            )
        for row in recorded:
            # A day and an instant of that day are no two opinions about when it was known.
            same = row.entry.known.start <= known.last and known.start <= row.entry.known.last
            if row.entry.outcome == asked.outcome and same:
                planned.already += 1
                return
        resolution = Resolution(
            question=planned.digest,
            outcome=asked.outcome,
            known=known,
            resolver=TABLE,
            note=RESOLUTION_NOTE,
        )
        planned.entries.append(resolution)
        if state is not None and state.resolutions:
            planned.conflict = difference(state.resolutions[0].entry, resolution)
        else:
            planned.outcome, planned.known = asked.outcome, known

    def _at_deadline(self, asked: Asked, closes: When | None) -> When:
        if asked.outcome == "no" and closes is not None and closes.end <= self._now:
            return When.at(closes.end)
        column = f"in the column {self._called('known')}"
        if asked.outcome != "no":
            way = f"Say when {column}."
        elif closes is None:
            way = f"Say when {column}, or give the deadline in {self._called('closes')}."
        else:
            way = f"The deadline has not passed: say when {column}."
        raise RefusedError(
            asked.lines["outcome"],
            "known",
            f"is empty, though the outcome is {asked.outcome}: nobody can tell which forecasts"
            f" came before it. {way}",
        )

    def _called(self, column: str) -> str:
        """Return what the table calls a column."""
        return self._headers.get(column, column)
