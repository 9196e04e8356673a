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
from forecast_ledger.scoring.sample import Sample, said_of, sampled
from forecast_ledger.scoring.series import Series
from forecast_ledger.scoring.spiegelhalter import spiegelhalter

PERIODS = 10
PERIOD = 7 * DAY


def hazards(count: int, policy: str) -> Sample:
    """Yes may come in any period, no at the deadline alone; the chance left is said exactly."""
    generator = np.random.default_rng(7)
    parts, starts, offsets, outcomes = [], [], [0], []
    for _ in range(count):
        hazard = 1 - (1 - generator.choice([0.2, 0.4, 0.6, 0.8])) ** (1 / PERIODS)
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
