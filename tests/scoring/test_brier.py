from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given

from forecast_ledger.errors import InvalidError, UsageError
from forecast_ledger.scoring.arrays import (
    PARTS,
    checked_binary,
    checked_level,
    checked_outcomes,
    checked_parts,
    checked_seconds,
    mean,
)
from forecast_ledger.scoring.brier import brier, brier_scores, expected_scores, score_variances
from tests.scoring.strategies import any_parts, parts, percents

MIXED = percents(5, 10, 10, 20, 30, 30, 40, 50, 60, 70, 70, 80, 90, 90, 95)
MIXED_OUTCOMES = [0, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1]
CALIBRATED = percents(*[20] * 10, *[50] * 10, *[80] * 10)
CALIBRATED_OUTCOMES = [1] * 2 + [0] * 8 + [1] * 5 + [0] * 5 + [1] * 8 + [0] * 2


# Expected values: scikit-learn 1.9.1, brier_score_loss; scores 2.7.0 and scoringrules 0.10.0 agree.
@pytest.mark.parametrize(
    "said, outcomes, expected",
    [
        (MIXED, MIXED_OUTCOMES, 0.2303333333333333),
        (CALIBRATED, CALIBRATED_OUTCOMES, 0.19000000000000003),
    ],
)
def test_mean_agrees_with_peers(said: list[int], outcomes: list[int], expected: float) -> None:
    scores = brier_scores(np.array(said), np.array(outcomes, dtype=float))
    assert mean(scores) == pytest.approx(expected, rel=1e-12)
    assert mean([brier(p, y) for p, y in zip(said, outcomes, strict=True)]) == pytest.approx(
        expected, rel=1e-12
    )


def test_expected_mean_agrees_with_peer() -> None:
    # numpy: the mean of p(1 - p) over the same fifteen forecasts.
    assert mean(expected_scores(np.array(MIXED))) == pytest.approx(0.1563333333333333, rel=1e-12)


@pytest.mark.parametrize(
    "said, outcome, score", [(0, 0, 0.0), (0, 1, 1.0), (PARTS, 1, 0.0), (PARTS // 2, 1, 0.25)]
)
def test_certainty_and_always_fifty(said: int, outcome: int, score: float) -> None:
    assert brier(said, outcome) == score


@given(said=any_parts)
def test_score_expected_score_and_variance_are_exact(said: int) -> None:
    p = Fraction(said, PARTS)
    array = np.array([said])
    assert brier(said, 1) == pytest.approx(float((1 - p) ** 2), rel=1e-15)
    assert float(expected_scores(array)[0]) == pytest.approx(float(p * (1 - p)), rel=1e-15)
    variance = p * (1 - p) * (1 - 2 * p) ** 2
    assert float(score_variances(array)[0]) == pytest.approx(float(variance), rel=1e-14)


@given(said=parts)
def test_yes_and_no_mirror_each_other(said: int) -> None:
    both = np.array([said, PARTS - said])
    assert brier(said, 1) == brier(PARTS - said, 0)
    assert len(set(brier_scores(both, np.array([1.0, 0.0])).tolist())) == 1
    assert len(set(expected_scores(both).tolist())) == 1
    assert len(set(score_variances(both).tolist())) == 1


@given(truth=any_parts, said=any_parts)
def test_nothing_beats_saying_what_one_believes(truth: int, said: int) -> None:
    def expectation(p: int) -> Fraction:
        belief, stated = Fraction(truth, PARTS), Fraction(p, PARTS)
        return belief * (1 - stated) ** 2 + (1 - belief) * stated**2

    score = truth / PARTS * brier(said, 1) + (1 - truth / PARTS) * brier(said, 0)
    assert score == pytest.approx(float(expectation(said)), abs=1e-15)
    assert score >= float(expected_scores(np.array([truth]))[0]) - 1e-15


@pytest.mark.parametrize("wrong", [[-1], [PARTS + 1], [0.5], ["1"], [[1]], [10**30], [True]])
def test_what_is_no_probability_is_refused(wrong: list[int]) -> None:
    with pytest.raises(InvalidError):
        checked_parts(wrong)


@pytest.mark.parametrize("wrong", [[-1], [1.5], [1, 2]])
def test_what_is_no_duration_is_refused(wrong: list[int]) -> None:
    with pytest.raises(InvalidError):
        checked_seconds(wrong, 1)


@pytest.mark.parametrize("wrong", [[-0.1], [1.1], [float("nan")], [1, 0], []])
def test_what_is_no_outcome_is_refused(wrong: list[float]) -> None:
    with pytest.raises(InvalidError):
        checked_outcomes(wrong, 1)


def test_an_outcome_between_yes_and_no_has_no_side() -> None:
    assert checked_outcomes([0.5], 1).tolist() == [0.5]
    with pytest.raises(InvalidError, match="neither 0 nor 1"):
        checked_binary([0.5], 1)
    with pytest.raises(InvalidError):
        brier(0, 2)


@pytest.mark.parametrize("level", [0, 1, 90, float("nan")])
def test_what_is_no_level_is_refused(level: float) -> None:
    with pytest.raises(UsageError, match=r"0\.9 for 90 %"):
        checked_level(level)


def test_the_mean_is_summed_exactly() -> None:
    assert mean([1e16, 1.0, -1e16, 1.0]) == 0.5
    with pytest.raises(InvalidError, match="nothing to average"):
        mean([])
