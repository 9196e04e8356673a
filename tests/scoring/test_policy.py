from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_ledger.errors import InvalidError, UsageError
from forecast_ledger.scoring.arrays import PARTS, Floats
from forecast_ledger.scoring.policy import policy_named
from forecast_ledger.scoring.series import Series
from tests.scoring.strategies import Question, percents, questions, reduce_series, reduced

policies = st.sampled_from(["time-weighted", "last"])


def test_scores_are_averaged_over_covered_time() -> None:
    # 90 % for three days, then 95 % for four, yes: 0.0057142857 on this scale, by hand and by
    # Fatebook's own function (0.011428571428571427 on the scale 0 to 2).
    result = reduce_series(percents(90, 95), [3, 4], [1], [0, 2])
    assert result.sample.score[0] == pytest.approx(0.005714285714285714, rel=1e-12)
    assert result.sample.probability[0] == pytest.approx((3 * 0.9 + 4 * 0.95) / 7)
    assert result.sample.expected[0] == pytest.approx((3 * 0.09 + 4 * 0.0475) / 7)
    assert (result.sample.seconds[0], result.sample.forecasts[0]) == (7, 2)


def test_last_counts_the_last_forecast_alone() -> None:
    result = reduce_series(percents(10, 80, 30), [100, 0, 5], [1, 1], [0, 2, 3], "last")
    assert result.sample.score.tolist() == pytest.approx([0.04, 0.49])
    assert result.sample.seconds.tolist() == [100, 5]


def test_without_covered_time_the_last_forecast_counts() -> None:
    result = reduce_series(percents(10, 80, 30), [0, 0, 0], [1, 1], [0, 2, 3])
    assert result.sample.score.tolist() == pytest.approx([0.04, 0.49])
    assert result.series.weights.tolist() == [0, 1, 1]


def exact(question: Question, policy: str) -> tuple[Fraction, Fraction, Fraction]:
    """Brier score, expected score and mean probability in fractions, forecast by forecast."""
    covered = sum(seconds for _, seconds in question.forecasts)
    sums = [Fraction(0)] * 3
    for place, (said, seconds) in enumerate(question.forecasts):
        if policy == "last" or not covered:
            weight = Fraction(place == len(question.forecasts) - 1)
        else:
            weight = Fraction(seconds, covered)
        p = Fraction(said, PARTS)
        for which, value in enumerate([(p - question.outcome) ** 2, p * (1 - p), p]):
            sums[which] += weight * value
    return sums[0], sums[1], sums[2]


@given(asked=questions(), policy=policies)
def test_agrees_with_fractions(asked: list[Question], policy: str) -> None:
    result = reduced(asked, policy)
    for place, question in enumerate(asked):
        brier, expected, probability = exact(question, policy)
        assert result.sample.score[place] == pytest.approx(float(brier), abs=1e-14)
        assert result.sample.expected[place] == pytest.approx(float(expected), abs=1e-14)
        assert result.sample.probability[place] == pytest.approx(float(probability), abs=1e-14)


@given(asked=questions(), policy=policies)
def test_questions_do_not_touch_each_other(asked: list[Question], policy: str) -> None:
    together = reduced(asked, policy)
    alone = [reduced([question], policy) for question in asked]
    assert together.sample.score.tolist() == [float(one.sample.score[0]) for one in alone]
    assert together.sample.expected.tolist() == [float(one.sample.expected[0]) for one in alone]
    backwards = reduced(asked[::-1], policy)
    assert math.fsum(backwards.sample.score.tolist()) == math.fsum(together.sample.score.tolist())


@given(asked=questions(), policy=policies)
def test_yes_and_no_mirror_each_other(asked: list[Question], policy: str) -> None:
    result = reduced(asked, policy)
    mirrored = reduced([question.mirrored() for question in asked], policy)
    assert result.sample.score.tolist() == mirrored.sample.score.tolist()
    assert result.sample.expected.tolist() == mirrored.sample.expected.tolist()
    assert result.sample.probability == pytest.approx(1 - mirrored.sample.probability, abs=1e-14)


@given(asked=questions(), policy=policies)
def test_equal_probabilities_may_be_merged(asked: list[Question], policy: str) -> None:
    series = reduced(asked, policy).series
    merged = series.merged()
    assert len(merged) == len(series)
    for values in (np.sqrt, np.square):

        def average(of: Series, values: np.ufunc = values) -> Floats:
            return of.average(values(of.parts / PARTS))

        assert average(merged) == pytest.approx(average(series), abs=1e-14)
    for start, end in zip(merged.offsets[:-1], merged.offsets[1:], strict=True):
        assert np.all(np.diff(merged.parts[start:end]) > 0)


def test_pieces_of_a_stream_are_joined_in_order() -> None:
    first = reduce_series(percents(10, 80), [1, 3], [1], [0, 2]).series
    whole = Series.joined([first, Series.single(percents(30))])
    assert whole.offsets.tolist() == [0, 2, 3]
    assert whole.weights.tolist() == [0.25, 0.75, 1.0]
    assert whole.parts.tolist() == percents(10, 80, 30)
    with pytest.raises(InvalidError, match="no forecasts"):
        Series.joined([])


@pytest.mark.parametrize("offsets", [[0], [], [0, 0, 2], [1, 2], [0, 1], [0, 2, 1, 2], [0, 3]])
def test_offsets_that_do_not_fit_are_refused(offsets: list[int]) -> None:
    with pytest.raises(InvalidError):
        reduce_series(percents(10, 20), [1, 1], [1] * (len(offsets) - 1), offsets)


@pytest.mark.parametrize("weights", [[0.5, 0.4], [1.5, -0.5], [1.0], [float("nan"), 1.0]])
def test_weights_that_do_not_sum_to_one_are_refused(weights: list[float]) -> None:
    with pytest.raises(InvalidError):
        Series(np.array(percents(10, 20)), np.array(weights), np.array([0, 2]))


def test_an_unknown_policy_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="time-weighted, daily, last, first, each, or 'at 30d'"):
        policy_named("median")
