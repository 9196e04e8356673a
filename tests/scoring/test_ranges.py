from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_ledger.errors import InvalidError
from forecast_ledger.scoring.arrays import PARTS, checked_ends, mean
from forecast_ledger.scoring.policy import time_weighted
from forecast_ledger.scoring.rules import BRIER
from forecast_ledger.scoring.sample import Sample, sampled
from tests.scoring.strategies import Question, percents, questions, said


def ranged(asked: list[Question], low: Sequence[int], high: Sequence[int]) -> Sample:
    """The sample of some questions whose words allow what lies between `low` and `high`."""
    lengths = [len(question.forecasts) for question in asked]
    given_numbers = said(
        [p for question in asked for p, _ in question.forecasts],
        [s for question in asked for _, s in question.forecasts],
        [question.outcome for question in asked],
        np.concatenate([[0], np.cumsum(lengths)]),
    )
    ends = checked_ends(low, high, given_numbers.parts.size)
    words = replace(given_numbers, low=ends[0], high=ends[1])
    sample, _ = sampled(words, time_weighted, BRIER)
    assert sample is not None
    return sample


def singly(*asked: tuple[float, int]) -> list[Question]:
    return [Question(((percents(p)[0], 1),), y) for p, y in asked]


def test_each_question_takes_the_end_that_suits_it() -> None:
    found = ranged(singly((25, 0), (95, 1)), percents(15, 85), percents(30, 99))
    assert found.best.tolist() == pytest.approx([0.0225, 0.0001])
    assert found.worst.tolist() == pytest.approx([0.09, 0.0225])


def test_everything_at_one_end_would_leave_the_score_outside() -> None:
    # The same claim put both ways: at low, one is better and the other worse.
    found = ranged(singly((20, 0), (80, 1)), percents(10, 70), percents(30, 90))
    assert (mean(found.best), mean(found.worst)) == pytest.approx((0.01, 0.09))


def test_updates_are_weighted() -> None:
    asked = [Question(tuple(zip(percents(40, 80), (1, 3), strict=True)), 1)]
    found = ranged(asked, percents(30, 80), percents(50, 80))
    assert found.best[0] == pytest.approx(0.25 * 0.25 + 0.75 * 0.04)
    assert found.worst[0] == pytest.approx(0.25 * 0.49 + 0.75 * 0.04)


@given(asked=questions(), spread=st.tuples(st.integers(0, PARTS), st.integers(0, PARTS)))
def test_the_range_holds_the_score_whatever_side_is_asked(
    asked: list[Question], spread: tuple[int, int]
) -> None:
    parts = np.array([p for question in asked for p, _ in question.forecasts])
    low, high = np.maximum(parts - spread[0], 0), np.minimum(parts + spread[1], PARTS)
    found = ranged(asked, low.tolist(), high.tolist())
    assert mean(found.best) - 1e-15 <= mean(found.score) <= mean(found.worst) + 1e-15
    mirrored = [question.mirrored() for question in asked]
    other = ranged(mirrored, (PARTS - high).tolist(), (PARTS - low).tolist())
    assert (mean(found.best), mean(found.worst)) == (mean(other.best), mean(other.worst))


def test_without_words_the_range_is_the_score() -> None:
    found = ranged(singly((25, 0), (95, 0)), percents(25, 95), percents(25, 95))
    assert mean(found.best) == mean(found.worst) == pytest.approx((0.0625 + 0.9025) / 2)


@pytest.mark.parametrize(
    "low, high, reason", [([30], [20], "30% to 20%"), ([10, 10], [20], "Give both"), ([], [], "0")]
)
def test_ends_that_make_no_range_are_refused(low: list[int], high: list[int], reason: str) -> None:
    with pytest.raises(InvalidError, match=reason):
        ranged(singly((20, 1)), percents(*low), percents(*high))
