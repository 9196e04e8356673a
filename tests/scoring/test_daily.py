from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_ledger.errors import InvalidError
from forecast_ledger.scoring.arrays import PARTS, mean
from forecast_ledger.scoring.daily import Daily, gjopen_daily
from forecast_ledger.scoring.logarithmic import split_mean
from tests.scoring.strategies import parts, percents

# The example of predictionscorer's README: who would win, in seven days of November. George
# said 30 % on the first, 50 % on the morning and 40 % on the evening of the third; Kramer
# 60 % on the second, 70 % on the fifth.
SAID = percents(30, 50, 40, 60, 70)
MADE = [1, 3, 3, 2, 5]
OFFSETS = [0, 3, 5]


def both(opens: int = 1, closes: int = 7, scale: int = 2) -> Daily:
    return gjopen_daily(SAID, MADE, [99] * 5, OFFSETS, 1, opens=opens, closes=closes, scale=scale)


def test_agrees_with_the_example_by_hand() -> None:
    found = both()
    assert found.average.tolist() == pytest.approx([(2 * 0.98 + 5 * 0.72) / 7, 0.25], rel=1e-12)
    assert found.average[0] == pytest.approx(0.7943, abs=5e-5)
    assert found.participation.tolist() == pytest.approx([1, 6 / 7])
    assert (found.active_days.tolist(), found.days, found.scale) == ([7, 6], 7, 2)
    assert found.median == pytest.approx((0.98 + 0.65 + 2 * 0.52 + 3 * 0.45) / 7, rel=1e-12)


def test_predictionscorer_accuracy_division_is_not_shared() -> None:
    # predictionscorer 0.3.0 divides by the participation rate and prints -0.378 for Kramer.
    found = both()
    assert found.accuracy[0] == pytest.approx(0.22, abs=1e-12)
    assert found.accuracy[1] == pytest.approx((0.25 - found.median) * 6 / 7, rel=1e-12)
    assert found.accuracy[1] == pytest.approx(-0.278, abs=5e-4)


def test_days_without_anybody_do_not_flatter_the_crowd() -> None:
    # predictionscorer 0.3.0 divides the sum of the medians by all days, absent ones as 0.
    found = both(opens=-9)
    assert found.median == pytest.approx(both().median, rel=1e-12)
    assert found.days == 17
    assert found.participation.tolist() == pytest.approx([7 / 17, 6 / 17])


@pytest.mark.parametrize(
    "day, median", [(1, 0.98), (2, 0.65), (3, 0.52), (4, 0.52), (5, 0.45), (6, 0.45), (7, 0.45)]
)
def test_the_median_of_each_day(day: int, median: float) -> None:
    assert both(opens=day, closes=day).median == pytest.approx(median, rel=1e-12)


def test_the_scale_of_one_side() -> None:
    assert (2 * both(scale=1).average).tolist() == pytest.approx(both().average.tolist())
    assert (2 * both(scale=1).accuracy).tolist() == pytest.approx(both().accuracy.tolist())


def test_a_forecast_replaced_the_day_it_was_made_does_not_count() -> None:
    found = gjopen_daily(percents(0, 90), [4, 4], [4, 9], [0, 2], 1, opens=4, closes=4)
    assert found.average.tolist() == pytest.approx([0.02])


def test_a_withdrawn_forecast_has_its_last_day_and_no_more() -> None:
    found = gjopen_daily(percents(90), [4], [4], [0, 1], 1, opens=1, closes=10)
    assert (found.active_days.tolist(), found.average.tolist()) == ([1], pytest.approx([0.02]))


def test_fatebook_late_forecast_is_not_shared() -> None:
    # 0 % on the last of ten days, yes: 2 / 10 = 0.2 in Sage-Future/fatebook@3eb5379.
    found = gjopen_daily([0], [10], [10], [0, 1], 1, opens=1, closes=10)
    assert (found.average.tolist(), found.participation.tolist()) == ([2.0], [0.1])


def test_fatebook_average_over_questions_without_a_score_is_not_shared() -> None:
    # It leaves questions without a score out of the sum and divides by their number too.
    found = gjopen_daily([0, PARTS], [1, 20], [9, 30], [0, 1, 2], 1, opens=1, closes=9)
    assert found.average[0] == 2.0
    assert math.isnan(found.average[1])
    assert math.isnan(found.accuracy[1])
    assert found.participation.tolist() == [1.0, 0.0]
    with pytest.raises(InvalidError, match="Leave out what has no score"):
        split_mean(found.average)
    assert mean(found.average[found.active_days > 0]) == 2.0


def test_fatebook_average_of_probabilities_is_not_shared() -> None:
    # Twice on one day: the last one's score, not the score of the mean probability.
    found = gjopen_daily(percents(100, 0), [1, 1], [1, 1], [0, 2], 1, opens=1, closes=1)
    assert found.average.tolist() == [2.0]


made = st.tuples(parts, st.integers(0, 12), st.integers(0, 12)).map(
    lambda m: (m[0], min(m[1:]), max(m[1:]))
)
forecasters = st.lists(
    st.lists(made, min_size=1, max_size=4).map(lambda each: sorted(each, key=lambda m: m[1])),
    min_size=1,
    max_size=4,
)


@given(asked=forecasters, outcome=st.integers(0, 1))
def test_agrees_day_by_day(asked: list[list[tuple[int, int, int]]], outcome: int) -> None:
    flat = [one for each in asked for one in each]
    offsets = np.concatenate([[0], np.cumsum([len(each) for each in asked])])
    found = gjopen_daily(
        [p for p, _, _ in flat],
        [first for _, first, _ in flat],
        [last for _, _, last in flat],
        offsets,
        outcome,
        opens=2,
        closes=10,
    )
    own: list[list[float]] = [[] for _ in asked]
    medians = []
    for day in range(2, 11):
        scores = []
        for who, each in enumerate(asked):
            begun = [one for one in each if one[1] <= day]
            if begun and begun[-1][2] >= day:
                scores.append(2 * (begun[-1][0] / PARTS - outcome) ** 2)
                own[who].append(scores[-1])
        if scores:
            medians.append(statistics.median(scores))
    for who, scores in enumerate(own):
        assert found.active_days[who] == len(scores)
        if not scores:
            assert math.isnan(found.average[who])
            continue
        average, crowd = statistics.fmean(scores), statistics.fmean(medians)
        assert found.average[who] == pytest.approx(average, abs=1e-12)
        assert found.median == pytest.approx(crowd, abs=1e-12)
        assert found.accuracy[who] == pytest.approx((average - crowd) * len(scores) / 9, abs=1e-12)


@pytest.mark.parametrize(
    "first, last, opens, closes, message",
    [
        ([3, 2], [9, 9], 1, 9, "order of their days"),
        ([3, 5], [2, 9], 1, 9, "order of their days"),
        ([3], [9, 9], 1, 9, "Give two for each"),
        ([3, 5], [9, 9], 9, 8, "comes before"),
    ],
)
def test_days_that_cannot_be_are_refused(
    first: list[int], last: list[int], opens: int, closes: int, message: str
) -> None:
    with pytest.raises(InvalidError, match=message):
        gjopen_daily([1, 2], first, last, [0, 2], 1, opens=opens, closes=closes)
