"""Whose numbers forecasts are: the forecaster's own, or a coder's reading of words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from forecast_ledger.domain.entries import Forecast
from forecast_ledger.domain.moments import When
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.ledger.gathering import Standing
from forecast_ledger.store.read import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """Of `forecasts` that count, `coded` are a coder's numbers and the others their author's.

    `coders` read them, on the days `on`. Of the `outcomes` these are about, `not_blind` were
    known when the criteria or the reading were written.
    """

    forecasts: int
    coded: int
    coders: tuple[str, ...]
    on: tuple[When, ...]
    outcomes: int
    not_blind: int


def coded_of(reader: Reader, standings: Sequence[Standing], forecasts: int) -> Coded:
    """Return whose numbers `forecasts` are, of which those of `standings` may be a coder's."""
    seqs = {seq for standing in standings for seq in standing.seqs}
    rows: list[Recorded[Forecast]] = reader.load(sorted(seqs & reader.coded())) if seqs else []
    on = {row.seq: row.entry.coded for row in rows}
    read = [standing for standing in standings if not on.keys().isdisjoint(standing.seqs)]
    return Coded(
        forecasts=forecasts,
        coded=len(rows),
        coders=tuple(sorted({row.entry.coder for row in rows if row.entry.coder})),
        on=tuple(sorted({moment for moment in on.values() if moment})),
        outcomes=len({s.question.root for s in read}),
        not_blind=len({s.question.root for s in read if _is_not_blind(s, on)}),
    )


def _is_not_blind(standing: Standing, on: dict[int, When | None]) -> bool:
    question = standing.question
    written = question.wording.written if question.wording else None
    moments = [written, *(on.get(seq) for seq in standing.seqs)]
    return any(is_after(moment, question.known) for moment in moments)


def is_after(written: When | None, known: When | None) -> bool:
    """Whether something may have been written when the outcome was known already."""
    return written is not None and known is not None and written.last >= known.start
