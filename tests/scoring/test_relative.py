from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_ledger.errors import UsageError
from forecast_ledger.scoring.arrays import PARTS
from forecast_ledger.scoring.relative import Relative, relative_log, relative_to_median
from forecast_ledger.scoring.timeline import Stretches
from tests.scoring.rivals import Rivals, rivals
from tests.scoring.strategies import any_parts, percents

possible = st.integers(1, PARTS - 1)
often_certain = st.one_of(st.sampled_from([0, PARTS]), any_parts)


def score(asked: Rivals, scale: int = 1) -> Relative:
    return relative_to_median(
        asked.stretches,
        asked.outcome,
        opens=0,
        scheduled=asked.scheduled,
        ended=asked.ended,
        scale=scale,
    )


def fatebook_case() -> Relative:
    """Its own example: seven days, yes, three people, the third from the sixth day on."""
    said = percents(90, 95, 25, 20, 99)
    stretches = Stretches.of(said, [0, 3, 0, 2, 5], [3, 7, 2, 7, 7], [0, 2, 4, 5])
    return relative_to_median(stretches, 1, opens=0, scheduled=7, scale=2)


def test_agrees_with_fatebook_where_all_time_is_covered() -> None:
    # Sage-Future/fatebook@3eb5379, lib/_scoring.ts, run in node 20.20.2.
    found = fatebook_case()
    assert found.own[:2].tolist() == pytest.approx(
        [0.011428571428571427, 1.235714285714286], rel=1e-12
    )
    assert found.difference[:2].tolist() == pytest.approx(
        [-0.4300000000000001, 0.7942857142857144], rel=1e-12
    )


def test_fatebook_absent_days_as_perfect_scores_are_not_shared() -> None:
    # There the third person has 0.0000571 and -0.00137, as if perfect on five days.
    found = fatebook_case()
    assert found.own[2] == pytest.approx(2 * 0.01**2, rel=1e-12)
    assert found.difference[2] == pytest.approx(2 * 0.01**2 - 2 * 0.05**2, rel=1e-12)
    assert found.coverage[2] == 2 / 7
    # 0 % on the last of ten days, yes: 0.2 there, and the worst score here.
    late = relative_to_median(Stretches.single([0], [9], [10]), 1, opens=0, scheduled=10, scale=2)
    assert (late.own.tolist(), late.coverage.tolist()) == ([2.0], [0.1])


def test_fatebook_time_before_the_first_forecast_is_not_shared() -> None:
    # 80 % from the noon of a day, 20 % the next: the half day counts half of the other.
    half = 43_200
    stretches = Stretches.of(percents(80, 20), [half, 2 * half], [2 * half, 4 * half], [0, 2])
    found = relative_to_median(stretches, 1, opens=0, scheduled=4 * half)
    assert found.own.tolist() == pytest.approx([(0.04 + 2 * 0.64) / 3])
    assert found.coverage.tolist() == [0.75]


def test_time_weighted_brier_by_hand() -> None:
    stretches = Stretches.of(percents(90, 95), [0, 3], [3, 7], [0, 2])
    one, two = (
        relative_to_median(stretches, 1, opens=0, scheduled=7, scale=scale) for scale in (1, 2)
    )
    assert one.own.tolist() == pytest.approx([0.005714285714285714], rel=1e-12)
    assert two.own.tolist() == pytest.approx([0.011428571428571429], rel=1e-12)
    assert (one.coverage.tolist(), one.scale, two.scale) == ([1.0], 1, 2)


@given(asked=rivals(), scale=st.sampled_from([1, 2]))
def test_agrees_second_by_second(asked: Rivals, scale: int) -> None:
    found = score(asked, scale)
    medians: list[float] = []
    own: dict[int, list[float]] = {}
    beside: dict[int, list[float]] = {}
    for standing in asked.moments():
        scores = {who: scale * (1 - p / PARTS) ** 2 for who, p in standing.items()}
        if not scores:
            continue
        medians.append(statistics.median(scores.values()))
        for who, value in scores.items():
            own.setdefault(who, []).append(value)
            beside.setdefault(who, []).append(medians[-1])
    for who in range(len(asked.forecasters)):
        if who not in own:
            assert math.isnan(found.own[who])
            assert math.isnan(found.difference[who])
            assert found.coverage[who] == 0
            continue
        assert found.own[who] == pytest.approx(statistics.fmean(own[who]), abs=1e-12)
        assert found.median[who] == pytest.approx(statistics.fmean(beside[who]), abs=1e-12)
        assert found.difference[who] == found.own[who] - found.median[who]
        assert found.coverage[who] == len(own[who]) / asked.scheduled
    if medians:
        assert found.overall == pytest.approx(statistics.fmean(medians), abs=1e-12)
    else:
        assert math.isnan(found.overall)


@given(asked=rivals())
def test_order_halves_and_sides_change_nothing(asked: Rivals) -> None:
    found = score(asked)
    for other in (score(asked.halved()), score(asked.mirrored())):
        np.testing.assert_allclose(other.difference, found.difference, rtol=0, atol=1e-12)
        np.testing.assert_allclose(other.overall, found.overall, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(score(asked.reversed()).difference[::-1], found.difference)


# Metaculus/metaculus@100c408, utils/the_math/measures.py: the median of five and, the mean of
# the middle two, of four.
@pytest.mark.parametrize("said, median", [([20, 90, 40, 60, 70], 0.6), ([20, 90, 40, 60], 0.5)])
def test_the_median_agrees_with_metaculus(said: list[int], median: float) -> None:
    stretches = Stretches.single(percents(*said), [0] * len(said), [10] * len(said))
    found = relative_log(stretches, 1, opens=0, ended=10)
    expected = [math.log2(p / 100 / median) for p in said]
    assert found.scores.tolist() == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_the_legacy_score_divides_by_the_time_the_question_was_open() -> None:
    stretches = Stretches.single(percents(20, 80), [0, 5], [99, 99])
    found = relative_log(stretches, 1, opens=0, ended=8)
    assert found.scores.tolist() == pytest.approx(
        [3 / 8 * math.log2(0.2 / 0.5), 3 / 8 * math.log2(0.8 / 0.5)]
    )
    assert found.coverage.tolist() == [1.0, 0.375]


@given(asked=rivals(possible))
def test_the_legacy_score_second_by_second(asked: Rivals) -> None:
    ended = max(asked.end, 1)
    found = relative_log(asked.stretches, asked.outcome, opens=0, ended=ended)
    sums = [0.0] * len(asked.forecasters)
    for moment in range(ended):
        standing = asked.standing(moment)
        for who, p in standing.items():
            sums[who] += math.log2(p / statistics.median(standing.values()))
    assert found.scores.tolist() == pytest.approx([total / ended for total in sums], abs=1e-9)


def test_the_legacy_score_of_the_impossible() -> None:
    def found(*said: float) -> list[float]:
        stretches = Stretches.single(percents(*said), [0] * len(said), [9] * len(said))
        return list(relative_log(stretches, 1, opens=0, ended=9).scores)

    assert found(0, 50, 80) == pytest.approx([-math.inf, 0.0, math.log2(1.6)])
    assert found(0, 0, 80) == [0.0, 0.0, math.inf]
    assert found(0, 80) == pytest.approx([-math.inf, 1.0])
    assert found(0) == [0.0]


@given(asked=rivals(often_certain))
def test_the_legacy_score_is_never_nan(asked: Rivals) -> None:
    found = relative_log(asked.stretches, asked.outcome, opens=0, ended=12)
    assert not np.isnan(found.scores).any()


def test_a_scale_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="no Brier scale 100"):
        relative_to_median(Stretches.single([1], [0], [9]), 1, opens=0, scheduled=9, scale=100)
