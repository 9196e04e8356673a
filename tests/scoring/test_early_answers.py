"""Answers that come early do not bend calibration, and one large family does not pass for many."""

from __future__ import annotations

import numpy as np
import pytest

from forecast_ledger.scoring.arrays import PARTS
from forecast_ledger.scoring.bias import bias
from forecast_ledger.scoring.cases import Cases
from forecast_ledger.scoring.expected import expected_brier
from forecast_ledger.scoring.interval import effective, least_error
from forecast_ledger.scoring.policy import DAY, policy_named
from forecast_ledger.scoring.rules import BRIER
from forecast_ledger.scoring.sample import Said, Sample, open_share, said_of, sampled
from forecast_ledger.scoring.scheduled import is_bent, scheduled_brier
from forecast_ledger.scoring.series import Series
from forecast_ledger.scoring.spiegelhalter import spiegelhalter

PERIODS = 10
PERIOD = 7 * DAY


def hazards(
    count: int,
    policy: str = "time-weighted",
    begun: tuple[float, ...] = (0.2, 0.4, 0.6, 0.8),
    seed: int = 7,
) -> Sample:
    """Yes may come in any period, no at the deadline alone; the chance left is said exactly."""
    generator = np.random.default_rng(seed)
    parts, starts, offsets, outcomes = [], [], [0], []
    for _ in range(count):
        hazard = 1 - (1 - generator.choice(begun)) ** (1 / PERIODS)
        came = np.flatnonzero(generator.random(PERIODS) < hazard)
        stood = int(came[0]) + 1 if came.size else PERIODS
        left = 1 - (1 - hazard) ** (PERIODS - np.arange(stood))
        parts += np.rint(left * PARTS).astype(int).tolist()
        starts += [period * PERIOD for period in range(stood)]
        offsets.append(len(parts))
        outcomes.append(1 if came.size else 0)
    sample, _ = sampled(
        said_of(
            parts=parts,
            low=parts,
            high=parts,
            start=starts,
            end=[start + PERIOD for start in starts],
            answer=range(len(parts)),
            grade=[0] * len(parts),
            offsets=offsets,
            outcomes=outcomes,
            opens=[None] * count,
            closes=[PERIODS * PERIOD] * count,
        ),
        policy_named(policy),
        BRIER,
    )
    assert sample is not None
    return sample


@pytest.mark.parametrize("policy", ["time-weighted", "daily", "first"])
def test_who_knows_the_hazard_is_calibrated(policy: str) -> None:
    sample = hazards(400, policy)
    cases = Cases.of(sample.series, sample.outcome, shares=sample.share)
    found = bias(cases)
    assert abs(found.bias) <= found.margin
    assert (spiegelhalter(cases).p or 0) > 0.05


@pytest.mark.parametrize("policy", ["time-weighted", "daily"])
def test_weights_up_to_the_answer_would_call_him_biased(policy: str) -> None:
    sample = hazards(400, policy)
    found = bias(Cases.of(sample.series, sample.outcome))
    assert abs(found.bias) > 3 * found.margin
    early = sample.share < 1
    assert early.any()
    assert (sample.outcome[early] == 1).all()
    assert sample.share.tolist() == pytest.approx((sample.seconds / (PERIODS * PERIOD)).tolist())


@pytest.mark.parametrize("begun", [(0.1, 0.2, 0.3), (0.7, 0.8, 0.9)])
def test_by_scheduled_time_who_knows_the_hazard_scores_what_is_expected(
    begun: tuple[float, ...],
) -> None:
    covered, scheduled = 0, 0
    for seed in range(20):
        sample = hazards(150, begun=begun, seed=seed)
        assert is_bent(sample.series, sample.share)
        found = scheduled_brier(Cases.of(sample.series, sample.outcome, shares=sample.share))
        scheduled += found.low <= found.score <= found.high
        low, high = expected_brier(sample.series).central()
        covered += low <= sample.score.mean() <= high
    assert scheduled >= 16
    assert covered <= 8


def test_without_early_answers_scheduled_time_is_covered_time() -> None:
    said = Series(np.array([1, 5, 8]) * PARTS // 10, np.array([0.5, 0.5, 1.0]), np.array([0, 2, 3]))
    assert not is_bent(said, np.ones(2))
    found = scheduled_brier(Cases.of(said, [0, 1]), 0.8)
    law = expected_brier(said)
    assert (found.low, found.high) == law.central(0.8)
    assert found.expected == pytest.approx(law.mean)
    assert found.score == pytest.approx(((0.01 + 0.25) / 2 + 0.04) / 2)


def test_a_large_family_weighs_as_few() -> None:
    numbers = [0] * 40 + list(range(1, 40))
    assert effective(numbers) < 4
    assert effective(range(40)) == pytest.approx(40)
    said = Series.single([90 * PARTS // 100] * 79)
    assert least_error(said, numbers) > 3 * least_error(said)


def test_near_certainty_the_range_is_not_taken_from_cumulants() -> None:
    said = Series.single([PARTS * tenths // 1000 for tenths in (1, 2, 3, 5, 10)] * 200)
    low, high = expected_brier(said).central()
    # The quantiles of 20,000 simulated scores.
    assert (low, high) == pytest.approx((0.00102, 0.00792), abs=1.2e-4)


@pytest.mark.parametrize("stood, share", [(0, 1), (1, 1), (10 * DAY, 10 * DAY)])
def test_an_answer_within_the_second_came_early_too(stood: int, share: int) -> None:
    said = said_of(
        parts=[PARTS // 2],
        low=[PARTS // 2],
        high=[PARTS // 2],
        start=[0],
        end=[stood],
        answer=[0],
        grade=[0],
        offsets=[0, 1],
        outcomes=[1],
        opens=[None],
        closes=[100 * DAY],
    )
    found = open_share(said, policy_named("time-weighted"))
    assert found.tolist() == [share / (100 * DAY)]


def test_the_range_by_scheduled_time_keeps_to_what_can_be() -> None:
    # Nine tenths of the time are missing, and how much of it is varies in the law.
    said = Series(
        np.tile([90, 95], 5) * (PARTS // 100), np.tile([0.4, 0.6], 5), np.arange(0, 11, 2)
    )
    found = scheduled_brier(Cases.of(said, [1] * 5, shares=np.full(5, 0.1)))
    assert 0.05**2 <= found.low <= found.expected <= found.high <= 0.95**2
    for outcome in (0, 1):
        seen = scheduled_brier(Cases.of(said, [outcome] * 5, shares=np.full(5, 0.1)))
        assert 0 <= seen.low <= seen.high <= 1


def _one(start: list[int], end: list[int], closes: int) -> Said:
    """Return one question, answered yes, on which 50 % stood from each start to each end."""
    count = len(start)
    return said_of(
        parts=[PARTS // 2] * count,
        low=[PARTS // 2] * count,
        high=[PARTS // 2] * count,
        start=start,
        end=end,
        answer=range(count),
        grade=[0] * count,
        offsets=[0, count],
        outcomes=[1],
        opens=[None],
        closes=[closes],
    )


@pytest.mark.parametrize("unit", [DAY // 24, DAY])
def test_an_answer_comes_early_by_the_hour_where_a_question_lasts_for_hours(unit: int) -> None:
    share = open_share(_one([0], [10 * unit], 40 * unit), policy_named("time-weighted"))
    assert share.tolist() == [0.25]


def test_a_question_of_weeks_may_end_at_any_time_of_its_last_day() -> None:
    share = open_share(_one([0], [39 * DAY], 40 * DAY), policy_named("time-weighted"))
    assert share.tolist() == [1]


def test_time_after_a_withdrawal_is_missing_whether_the_answer_comes_early_or_not() -> None:
    policy = policy_named("time-weighted")
    early = open_share(_one([0], [10 * DAY], 100 * DAY), policy)
    whole = open_share(_one([0, 90 * DAY], [10 * DAY, 100 * DAY], 100 * DAY), policy)
    assert (early.tolist(), whole.tolist()) == ([0.1], [0.2])


def test_an_answer_that_came_before_a_change_bends_what_is_expected_too() -> None:
    # Twenty days at 20 %, then at 1/17 where nothing came: calibrated at every moment.
    generator = np.random.default_rng(3)
    parts, weights, offsets, outcomes, shares = [], [], [0], [], []
    for _ in range(400):
        early = generator.random() < 0.15
        parts += [200_000_000] if early else [200_000_000, 58_823_529]
        weights += [1.0] if early else [0.5, 0.5]
        offsets.append(len(parts))
        outcomes.append(int(early or generator.random() < 1 / 17))
        shares.append(0.5 if early else 1.0)
    series = Series(np.array(parts), np.array(weights), np.array(offsets))
    share = np.array(shares)
    assert is_bent(series, share)
    found = scheduled_brier(Cases.of(series, outcomes, shares=share))
    assert found.low <= found.score <= found.high
    scores = series.average((series.parts / PARTS - series.spread(np.array(outcomes))) ** 2)
    assert scores.mean() > expected_brier(series).central()[1]
