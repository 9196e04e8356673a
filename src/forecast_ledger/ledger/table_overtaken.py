"""What the outcomes of a table do to forecasts that were recorded before it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import Resolution
from forecast_ledger.domain.moments import When, is_hindsight
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.ledger.gathering import Filters, Gathering
from forecast_ledger.ledger.state import question_states
from forecast_ledger.ledger.table_plan import Planned
from forecast_ledger.store.chunks import in_chunks
from forecast_ledger.store.read import Reader

_MOST_NAMED = 1_000


@dataclass(frozen=True, slots=True)
class Disqualified:
    """A recorded forecast that turns out to be made when the outcome was known.

    `key` is its question's; `yes` is in parts per 10⁹.
    """

    key: str
    forecaster: str
    made: When
    yes: int


@dataclass(slots=True)
class Overtaken:
    """Recorded forecasts that new outcomes disqualify (`hindsight`), or make claimed ones.

    The first disqualified ones are named in `disqualified`.
    """

    hindsight: int = 0
    claimed: int = 0
    disqualified: list[Disqualified] = field(default_factory=list)


def overtaken_by(
    reader: Reader, planned: Iterable[Planned], now: datetime, contradicted: Container[int]
) -> Overtaken:
    """Return what the new outcomes of recorded questions do to the forecasts of these.

    `contradicted` are the places of forecasts the table gives another number for; they are not
    scored apart either.
    """
    found = Overtaken()
    answers = dict(_new_outcomes(reader, planned, now))
    for roots in in_chunks(sorted(answers)):
        proposed = [answers[root] for root in roots]
        states = question_states(reader, now, roots, proposed=proposed)
        gathering = Gathering(reader, now, states, Filters(), alone=True)
        for state, name, rows in gathering.series(roots, ended=True):
            standings = gathering.sorted_out(state, name, rows).claimed
            claimed = {seq for standing in standings for seq in standing.seqs}
            found.claimed += sum(seq not in contradicted for seq in claimed)
            for row in rows:
                if row.ended is not None or row.yes is None or not gathering.counts(row):
                    continue
                if gathering.why_not(state, row) is not None:
                    continue  # it does not count as it is
                if state.known is not None and is_hindsight(row.made, state.known):
                    found.hindsight += 1
                    if len(found.disqualified) < _MOST_NAMED:
                        found.disqualified.append(Disqualified(state.key, name, row.made, row.yes))
    return found


def _new_outcomes(
    reader: Reader, planned: Iterable[Planned], now: datetime
) -> Iterator[tuple[int, Recorded[Resolution]]]:
    """Yield root and outcome of recorded questions that the table answers and nobody had."""
    for one in planned:
        if not one.places or one.conflict:
            continue
        for entry in one.entries:
            if isinstance(entry, Resolution):
                yield one.places[0], Recorded(reader.cut + 1, now, b"", digest_of(entry), entry)
