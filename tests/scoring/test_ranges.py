from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_ledger.errors import InvalidError
from forecast_ledger.scoring.arrays import PARTS, mean
from forecast_ledger.scoring.ranges import brier_range
from forecast_ledger.scoring.series import Series
from tests.scoring.strategies import Question, percents, questions, reduced


def test_each_question_takes_the_end_that_suits_it() -> None:
    series = Series.single(percents(25, 95))
    found = brier_range(percents(15, 85), percents(30, 99), [0, 1], series)
    assert found.least.tolist() == pytest.approx([0.0225, 0.0001])
    assert found.largest.tolist() == pytest.approx([0.09, 0.0225])
    assert (found.low, found.high) == pytest.approx((0.0113, 0.05625))


def test_everything_at_one_end_would_leave_the_score_outside() -> None:
    # The same claim put both ways: at low, one is better and the other worse.
    series = Series.single(percents(20, 80))
    found = brier_range(percents(10, 70), percents(30, 90), [0, 1], series)
    assert (found.low, found.high) == pytest.approx((0.01, 0.09))


def test_updates_are_weighted() -> None:
    series = Series(np.array(percents(40, 80)), np.array([0.25, 0.75]), np.array([0, 2]))
    found = brier_range(percents(30, 80), percents(50, 80), [1], series)
    assert found.low == pytest.approx(0.25 * 0.25 + 0.75 * 0.04)
    assert found.high == pytest.approx(0.25 * 0.49 + 0.75 * 0.04)


def test_an_outcome_inside_the_range_can_be_met_exactly() -> None:
    found = brier_range(percents(30), percents(60), [0.5], Series.single(percents(40)))
    assert (found.low, found.high) == pytest.approx((0.0, 0.04))


@given(asked=questions(), spread=st.tuples(st.integers(0, PARTS), st.integers(0, PARTS)))
def test_the_range_holds_the_score_whatever_side_is_asked(
    asked: list[Question], spread: tuple[int, int]
) -> None:
    result = reduced(asked)
    said = result.series.parts
    low, high = np.maximum(said - spread[0], 0), np.minimum(said + spread[1], PARTS)
    outcomes = [question.outcome for question in asked]
    found = brier_range(low, high, outcomes, result.series)
    assert found.low - 1e-15 <= mean(result.sample.score) <= found.high + 1e-15
    mirrored = reduced([question.mirrored() for question in asked]).series
    other = brier_range(PARTS - high, PARTS - low, [1 - y for y in outcomes], mirrored)
    assert (found.low, found.high) == (other.low, other.high)


def test_without_words_the_range_is_the_score() -> None:
    series = Series.single(percents(25, 95))
    found = brier_range(series.parts, series.parts, [0, 0], series)
    assert found.low == found.high == pytest.approx((0.0625 + 0.9025) / 2)


@pytest.mark.parametrize(
    "low, high, reason", [([30], [20], "30% to 20%"), ([10, 10], [20], "Give both"), ([], [], "0")]
)
def test_ends_that_make_no_range_are_refused(low: list[int], high: list[int], reason: str) -> None:
    with pytest.raises(InvalidError, match=reason):
        brier_range(percents(*low), percents(*high), [1], Series.single(percents(20)))
