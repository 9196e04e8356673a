from __future__ import annotations

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_ledger.errors import InvalidError
from forecast_ledger.scoring.arrays import mean
from forecast_ledger.scoring.rules import RULES
from forecast_ledger.scoring.skill import (
    ALWAYS_FIFTY,
    base_rate,
    base_rate_allowed,
    skill,
    skill_against,
)
from tests.scoring.test_rules import MIXED, MIXED_OUTCOMES


def test_references_of_a_base_rate() -> None:
    # Closed forms; leave-one-out checked by brute force with numpy.
    found = base_rate(8, 15)
    assert found.in_sample == pytest.approx(0.24888888888888888, rel=1e-12)
    assert found.unbiased == pytest.approx(0.26666666666666666, rel=1e-12)
    assert found.leave_one_out == pytest.approx(0.28571428571428564, rel=1e-12)


def test_skill_agrees_with_peers() -> None:
    # numpy, over fifteen forecasts.
    score = mean(RULES["brier"].score(MIXED, MIXED_OUTCOMES))
    rate = base_rate(sum(MIXED_OUTCOMES), len(MIXED_OUTCOMES))
    assert skill(score, ALWAYS_FIFTY) == pytest.approx(0.07866666666666677, rel=1e-12)
    assert skill(score, rate.in_sample) == pytest.approx(0.07455357142857155, rel=1e-12)
    assert skill(score, rate.leave_one_out) == pytest.approx(0.1938333333333334, rel=1e-12)


@given(outcomes=st.lists(st.integers(0, 1), min_size=2, max_size=30))
def test_base_rates_by_brute_force(outcomes: list[int]) -> None:
    found = base_rate(sum(outcomes), len(outcomes))
    share = statistics.fmean(outcomes)
    assert found.in_sample == pytest.approx(statistics.fmean((share - y) ** 2 for y in outcomes))
    assert found.unbiased == pytest.approx(statistics.variance(outcomes))
    left = [(sum(outcomes) - y) / (len(outcomes) - 1) for y in outcomes]
    assert found.leave_one_out == pytest.approx(
        statistics.fmean((rate - y) ** 2 for rate, y in zip(left, outcomes, strict=True))
    )


def test_percentage_skill_mean_of_ratios_is_not_shared() -> None:
    scores, references = [0.04, 0.04, 0.04], [0.25, 0.25, 0.0001]
    ratios = statistics.fmean(1 - s / r for s, r in zip(scores, references, strict=True))
    assert ratios < -100
    assert skill_against(scores, references) == pytest.approx(1 - 0.12 / 0.5001, rel=1e-12)


def test_edges_of_skill() -> None:
    assert skill(0.0, 0.25) == 1.0
    assert skill(0.25, 0.25) == 0.0
    assert skill(1.0, 0.25) == -3.0
    assert base_rate(0, 9).unbiased == 0.0
    for reference in (0.0, -1.0, math.nan):
        with pytest.raises(InvalidError, match="nothing to save"):
            skill(0.1, reference)
    for yes, count in ((0, 1), (3, 2), (-1, 5)):
        with pytest.raises(InvalidError, match="no base rate"):
            base_rate(yes, count)
    assert not base_rate_allowed(29)
    assert base_rate_allowed(30)
