from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given

from forecast_ledger.errors import InvalidError
from forecast_ledger.scoring.arrays import PARTS
from forecast_ledger.scoring.baseline import (
    baseline_scores,
    baseline_spot,
    baseline_time_weighted,
)
from forecast_ledger.scoring.skill import gain_over_fifty
from forecast_ledger.scoring.timeline import Stretches
from tests.scoring.rivals import Rivals, rivals
from tests.scoring.strategies import percents

FOREVER = 10**9


def test_agrees_with_the_example_of_metaculus() -> None:
    # Metaculus/metaculus@100c408, scoring/score_math.py: open five days, 40 % on the second,
    # 70 % on two more, 80 % on the last, yes. Its FAQ prints 27 and a coverage of 80 %.
    said = percents(40, 70, 80)
    alone = baseline_time_weighted(
        Stretches.single(said, [1, 2, 4], [2, 4, 5]), 1, opens=0, scheduled=5
    )
    parts = [-6.438561897747246, 19.417073086809673, 13.561438102252758]
    assert alone.scores.tolist() == pytest.approx(parts, rel=1e-12)
    assert alone.coverage.tolist() == pytest.approx([0.2, 0.4, 0.2], rel=1e-12)
    together = baseline_time_weighted(
        Stretches.of(said, [1, 2, 4], [2, 4, 5], [0, 3]), 1, opens=0, scheduled=5
    )
    assert together.scores.tolist() == pytest.approx([26.539949291315185], rel=1e-12)
    assert together.coverage.tolist() == pytest.approx([0.8], rel=1e-12)


# The cases of Metaculus' own unit tests: open ten days, the forecast stands from start to end.
@pytest.mark.parametrize(
    "percent, start, end, ended, score, coverage",
    [
        (50, 3, FOREVER, 10, 0, 0.7),
        (50, 0, 3, 10, 0, 0.3),
        (50, 5, 8, 10, 0, 0.3),
        (50, 0, FOREVER, 5, 0, 0.5),
        (50, 5, FOREVER, 5, 0, 0),
        (90, 0, FOREVER, 10, 84.79969066, 1),
        (10, 0, FOREVER, 10, -232.19280949, 1),
        (90, 5, FOREVER, 10, 84.79969066 / 2, 0.5),
        (90, -5, FOREVER, 12, 84.79969066, 1),
    ],
)
def test_coverage_as_in_the_tests_of_metaculus(
    *, percent: int, start: int, end: int, ended: int, score: float, coverage: float
) -> None:
    found = baseline_time_weighted(
        Stretches.single(percents(percent), [start], [end]), 1, opens=0, scheduled=10, ended=ended
    )
    assert found.scores.tolist() == pytest.approx([score], abs=1e-8)
    assert found.coverage.tolist() == pytest.approx([coverage])


@given(asked=rivals())
def test_agrees_second_by_second(asked: Rivals) -> None:
    found = baseline_time_weighted(
        asked.stretches, asked.outcome, opens=0, scheduled=asked.scheduled, ended=asked.ended
    )
    for who in range(len(asked.forecasters)):
        stood = [standing[who] for standing in asked.moments() if who in standing]
        scores = baseline_scores(stood, [1] * len(stood)).tolist()
        assert found.scores[who] == pytest.approx(sum(scores) / asked.scheduled, abs=1e-9)
        assert found.coverage[who] == len(stood) / asked.scheduled
        assert found.impossible[who] == (0 in stood)


@given(asked=rivals())
def test_the_spot_is_the_forecast_that_stood(asked: Rivals) -> None:
    for moment in range(-3, 10):
        found = baseline_spot(asked.stretches, asked.outcome, moment=moment)
        standing = asked.standing(moment)
        for who in range(len(asked.forecasters)):
            there = who in standing
            expected = float(baseline_scores([standing[who]], [1])[0]) if there else 0.0
            assert found.scores[who] == expected
            assert found.coverage[who] == there


def test_an_impossible_forecast_that_never_counted_does_not_matter() -> None:
    said = Stretches.of([0, PARTS // 2], [3, 3], [3, 9], [0, 2])
    found = baseline_time_weighted(said, 1, opens=0, scheduled=10)
    assert (found.scores.tolist(), found.impossible.tolist()) == ([0.0], [False])
    counted = baseline_time_weighted(Stretches.single([0], [3], [4]), 1, opens=0, scheduled=10)
    assert (counted.scores.tolist(), counted.impossible.tolist()) == ([-math.inf], [True])


def test_questions_have_windows_and_outcomes_of_their_own() -> None:
    said = Stretches.of(percents(90, 90, 20), [0, 0, 50], [10, 10, 60], [0, 1, 2, 3])
    found = baseline_time_weighted(
        said, [1, 0, 0], opens=[0, 0, 50], scheduled=[10, 20, 60], ended=[10, 5, 99]
    )
    each = baseline_scores(percents(90, 90, 20), [1, 0, 0])
    assert found.scores.tolist() == pytest.approx([each[0], each[1] / 4, each[2]])
    assert found.coverage.tolist() == [1.0, 0.25, 1.0]


def test_starting_high_and_falling_does_not_pay() -> None:
    # An event has 1 chance in 100 on each of 99 days. One who says what is likely is compared
    # with one who says 99 % on the first day, gone the next.
    def mean_score(said: list[int]) -> float:
        total = 0.0
        for day in range(99):
            total += 0.01 * 0.99**day * score(said, 1, day + 1)
        return total + 0.99**99 * score(said, 0, 99)

    def score(said: list[int], outcome: int, ended: int) -> float:
        days = list(range(99))
        stretches = Stretches.of(said, days, [day + 1 for day in days], [0, 99])
        return float(
            baseline_time_weighted(stretches, outcome, opens=0, scheduled=99, ended=ended).scores[0]
        )

    honest = [round(PARTS * (1 - 0.99 ** (99 - day))) for day in range(99)]
    bold = [max(p, percents(99)[0]) if day < 5 else p for day, p in enumerate(honest)]
    assert mean_score(honest) > mean_score(bold)


@given(asked=rivals())
def test_gain_over_fifty_second_by_second(asked: Rivals) -> None:
    found = gain_over_fifty(
        asked.stretches,
        asked.outcome,
        opens=0,
        scheduled=asked.scheduled,
        ended=asked.ended,
        scale=2,
    )
    for who in range(len(asked.forecasters)):
        stood = [standing[who] for standing in asked.moments() if who in standing]
        expected = sum(2 * (0.25 - (1 - p / PARTS) ** 2) for p in stood) / asked.scheduled
        assert found.scores[who] == pytest.approx(expected, abs=1e-12)
    assert not found.impossible.any()


@pytest.mark.parametrize(
    "starts, ends, message",
    [
        ([5, 9], [4, 10], "ends before it starts"),
        ([0, 4], [5, 9], "at the same time"),
        ([0], [5, 9], "moments"),
        ([0.0, 1.0], [5, 9], "integers"),
    ],
)
def test_stretches_that_cannot_be_are_refused(
    starts: list[int], ends: list[int], message: str
) -> None:
    with pytest.raises(InvalidError, match=message):
        Stretches.of([1, 2], starts, ends, [0, 2])
    if message == "at the same time":
        assert len(Stretches.of([1, 2], starts, ends, [0, 1, 2])) == 2


def test_windows_that_cannot_be_are_refused() -> None:
    said = Stretches.single([1], [0], [9])
    with pytest.raises(InvalidError, match="closes before it opens"):
        baseline_time_weighted(said, 1, opens=5, scheduled=5)
    with pytest.raises(InvalidError, match="2 values for 1 series"):
        baseline_time_weighted(said, 1, opens=[0, 1], scheduled=9)
    with pytest.raises(InvalidError, match="not integers"):
        said.clipped(0.5, 9)
    with pytest.raises(InvalidError):
        baseline_time_weighted(said, 0.5, opens=0, scheduled=9)
    with pytest.raises(InvalidError):
        baseline_time_weighted(said, np.array([1, 0]), opens=0, scheduled=9)
