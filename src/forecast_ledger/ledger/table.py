"""The flat table: every stretch of every forecast on a settled question, with its weight.

From it alone a mean score, what is expected of it, average confidence and the hit rate can be
computed again. It is read one series at a time, so that it may be as long as it likes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from forecast_ledger.domain.entries import Words
from forecast_ledger.domain.standing import whole_seconds
from forecast_ledger.ledger.base import LedgerBase, View
from forecast_ledger.ledger.gathering import Filters, Gathering, Standing
from forecast_ledger.ledger.sampling import said_by
from forecast_ledger.ledger.state import QuestionState, question_states
from forecast_ledger.store.forecasts import ForecastRow
from forecast_ledger.store.read import Reader

if TYPE_CHECKING:
    from forecast_ledger.scoring.policy import Policy

STATUSES = ("counted", "early", "claimed")
"""Whether a stretch counts in the score, is held back, or is scored apart."""
NOTHING_STANDING = "nothing standing"
"""The status of a series of which the policy counts nothing, whatever it would be else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatRow:
    """A stretch of time for which one forecast stood.

    `made` is the first moment it can have been made; from `start` up to, without, `end` it
    stood, in whole seconds since 1970. `parts`, `low`, `high` are parts per 10⁹ of yes.
    `weight` is the policy's: over the rows of one question, forecaster and status it sums to
    1, or is 0 with the status NOTHING_STANDING. `coverage` is the share of the window that
    the series covered, None without a deadline; `share` the part of the time to the deadline
    before an answer cut it off, by which calibration weighs the series. `words` is what the
    number was read from, if anything.
    """

    question: QuestionState
    forecaster: str
    made: datetime
    start: int
    end: int
    parts: int
    low: int
    high: int
    weight: float
    outcome: int
    coverage: float | None
    share: float
    grade: str
    status: str
    words: Words | None


class Tables(LedgerBase):
    """Use cases that write tables."""

    def each_forecast(
        self, filters: Filters, *, as_of: datetime | None = None
    ) -> Iterator[FlatRow]:
        """Yield every stretch that a score of these filters is made of, or holds back or apart.

        Questions come in the order they were recorded, then forecasters, then time. Raises
        UsageError for a policy there is not.
        """
        with self._view(as_of) as view:
            yield from _rows(view, filters)


def _rows(view: View, filters: Filters) -> Iterator[FlatRow]:
    from forecast_ledger.scoring.policy import policy_named

    weigh = policy_named(filters.policy)
    states = question_states(view.reader, view.now)
    gathering = Gathering(view.reader, view.now, states, filters)
    for state, name, rows in gathering.series(ended=True):
        own = gathering.sorted_out(state, name, rows)
        for status in STATUSES:
            for standing in getattr(own, status):
                yield from _of_one(view.reader, standing, status, rows, weigh)


def _of_one(
    reader: Reader, standing: Standing, status: str, rows: Sequence[ForecastRow], weigh: Policy
) -> Iterator[FlatRow]:
    from forecast_ledger.scoring.sample import open_share

    by_seq = {row.seq: row for row in rows}
    worded = sorted({seq for seq in standing.seqs if by_seq[seq].low is not None})
    words = {row.seq: row.entry.words for row in reader.load(worded)} if worded else {}
    said = said_by([standing])
    weights, (share,) = weigh(said.held).tolist(), open_share(said, weigh).tolist()
    coverage = _coverage(standing)
    status = status if any(weights) else NOTHING_STANDING
    for i, seq in enumerate(standing.seqs):
        yield FlatRow(
            question=standing.question,
            forecaster=standing.forecaster,
            made=by_seq[seq].made.start,
            start=standing.starts[i],
            end=standing.ends[i],
            parts=standing.parts[i],
            low=standing.low[i],
            high=standing.high[i],
            weight=weights[i],
            outcome=standing.outcome,
            coverage=coverage,
            share=share,
            grade=standing.grades[i],
            status=status,
            words=words.get(seq),
        )


def _coverage(standing: Standing) -> float | None:
    state = standing.question
    if state.closes is None:
        return None
    opens = standing.starts[0] if state.opens is None else whole_seconds(state.opens)
    window = whole_seconds(state.closes) - opens
    seconds = sum(standing.ends) - sum(standing.starts)
    return min(1.0, seconds / window) if window > 0 else None
