"""Probabilities, outcomes and series of forecasts as hypothesis draws them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from forecast_ledger.scoring.arrays import PARTS, Numbers
from forecast_ledger.scoring.policy import policy_named
from forecast_ledger.scoring.rules import BRIER
from forecast_ledger.scoring.sample import Said, Sample, said_of, sampled
from forecast_ledger.scoring.series import Series, checked_offsets

any_parts = st.integers(0, PARTS)
whole_percents = st.integers(0, 100).map(lambda percent: percent * (PARTS // 100))
parts = st.one_of(whole_percents, any_parts)


def percents(*values: float) -> list[int]:
    return [round(value * 10_000_000) for value in values]


@dataclass(frozen=True)
class Question:
    """The forecasts of one question as (parts, seconds), and how it came out."""

    forecasts: tuple[tuple[int, int], ...]
    outcome: int

    def mirrored(self) -> Question:
        """The same question with yes and no exchanged."""
        return Question(tuple((PARTS - p, s) for p, s in self.forecasts), 1 - self.outcome)


def questions(
    said: st.SearchStrategy[int] = parts, *, most: int = 5, updates: int = 4
) -> st.SearchStrategy[list[Question]]:
    forecast = st.tuples(said, st.integers(0, 10**7))
    forecasts = st.lists(forecast, min_size=1, max_size=updates).map(tuple)
    question = st.builds(Question, forecasts, st.integers(0, 1))
    return st.lists(question, min_size=1, max_size=most)


@dataclass(frozen=True)
class Reduced:
    """A sample of forecasts that follow one another without a gap, and their weights."""

    series: Series
    sample: Sample


def said(parts: Numbers, seconds: Numbers, outcomes: Numbers, offsets: Numbers) -> Said:
    """Forecasts end to end, each series from moment 0 on, one after the other."""
    ends = np.cumsum(np.asarray(seconds))
    places = checked_offsets(offsets, ends.size)
    before = np.concatenate([[0], ends])[places[:-1]]
    base = np.repeat(before, np.diff(places))
    return said_of(
        parts=parts,
        low=parts,
        high=parts,
        start=ends - np.asarray(seconds) - base,
        end=ends - base,
        answer=np.arange(ends.size),
        grade=np.zeros(ends.size, dtype=int),
        offsets=offsets,
        outcomes=outcomes,
        opens=[None] * np.size(np.asarray(outcomes)),
        closes=[None] * np.size(np.asarray(outcomes)),
    )


def reduce_series(
    parts: Numbers,
    seconds: Numbers,
    outcomes: Numbers,
    offsets: Numbers,
    policy: str = "time-weighted",
) -> Reduced:
    given = said(parts, seconds, outcomes, offsets)
    weigh = policy_named(policy)
    sample, _ = sampled(given, weigh, BRIER)
    assert sample is not None
    return Reduced(Series(given.parts, weigh(given.held), given.held.offsets), sample)


def reduced(asked: list[Question], policy: str = "time-weighted") -> Reduced:
    lengths = [len(question.forecasts) for question in asked]
    return reduce_series(
        [p for question in asked for p, _ in question.forecasts],
        [s for question in asked for _, s in question.forecasts],
        [question.outcome for question in asked],
        np.concatenate([[0], np.cumsum(lengths)]).tolist(),
        policy,
    )
