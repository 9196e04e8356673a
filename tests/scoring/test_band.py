from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr

from forecast_ledger.errors import UsageError
from forecast_ledger.scoring.arrays import PARTS
from forecast_ledger.scoring.band import CalibrationNull, calibration_null
from forecast_ledger.scoring.cases import Cases
from forecast_ledger.scoring.corp import decompose
from forecast_ledger.scoring.moments import Moments
from forecast_ledger.scoring.pav import fitted
from forecast_ledger.scoring.series import Series
from tests.scoring.datasets import D15, D100_OVERCONFIDENT, EVERY, Asked, Data, asked, singles
from tests.scoring.strategies import any_parts, parts, percents, whole_percents


def digits(found: CalibrationNull) -> list[object]:
    return [
        value.tolist() if isinstance(value := getattr(found, name), np.ndarray) else value
        for name in CalibrationNull.__slots__
    ]


def repeated(data: Data, times: int) -> Cases:
    """Every forecast made again and again, as somebody does who confirms it each day."""
    size = len(data.percent)
    series = Series(
        np.repeat(percents(*data.percent), times),
        np.full(size * times, 1 / times),
        np.arange(0, size * times + 1, times),
    )
    return Cases.of(series, data.yes)


def test_reliabilitydiag_resamples_to_the_same_band() -> None:
    """R reliabilitydiag 0.2.1.9000, region.method = "resampling", 4,000 replicates."""
    found = calibration_null(D100_OVERCONFIDENT.cases, draws=4000)
    assert found.points.tolist() == percents(10, 20, 30, 40, 50, 60, 70, 80, 90)
    assert found.low == pytest.approx(
        [0, 0.05263, 0.11429, 0.21739, 0.33299, 0.4, 0.5, 0.66667, 0.78947], abs=0.03
    )
    assert found.high == pytest.approx(
        [0.21053, 0.35714, 0.48148, 0.57143, 0.6875, 0.82353, 0.88649, 0.94444, 1], abs=0.03
    )


def test_far_apart_the_band_is_that_of_discrete_asymptotics() -> None:
    """R reliabilitydiag 0.2.1.9000, "discrete_asymptotics": p +- z sqrt(p (1 - p) / n)."""
    said = [20] * 3000 + [50] * 3000 + [80] * 3000
    found = calibration_null(Data(tuple(said), (0, 1) * 4500).cases, draws=4000)
    p = np.array([0.2, 0.5, 0.8])
    reach = 1.6448536269514722 * np.sqrt(p * (1 - p) / 3000)
    assert found.low == pytest.approx(p - reach, abs=0.0015)
    assert found.high == pytest.approx(p + reach, abs=0.0015)


def test_the_null_of_mcb_on_fifteen_forecasts() -> None:
    """With the probabilities held fixed MCB is .061 on average and p .76, not .052 and .53."""
    found = calibration_null(D15.cases, draws=4000)
    assert found.mcb == pytest.approx(0.04620634920634914)
    assert found.mcb_mean == pytest.approx(0.061, abs=0.002)
    assert found.p == pytest.approx(0.76, abs=0.03)


@pytest.mark.parametrize("data", EVERY)
def test_without_updates_curve_and_mcb_are_the_ordinary_ones(data: Data) -> None:
    found = calibration_null(data.cases, draws=100)
    assert found.curve == pytest.approx(fitted(data.table.weight, data.table.yes), abs=1e-15)
    assert found.mcb == pytest.approx(decompose(data.table).mcb, abs=1e-15)
    assert found.p > 0


def test_the_level_is_the_one_asked_for() -> None:
    """reliabilitydiag calls its continuous bands 0.9 whatever the level."""
    cases = D100_OVERCONFIDENT.cases
    half, most = (calibration_null(cases, level=level) for level in (0.5, 0.95))
    assert (half.level, most.level) == (0.5, 0.95)
    assert bool(np.all(most.low <= half.low))
    assert bool(np.all(half.high <= most.high))
    assert half.outside_by_chance > 3 * most.outside_by_chance


def test_p_is_never_zero() -> None:
    """Without the forecaster among the draws, as reliabilitydiag and ForecastBench have it, 0."""
    hopeless = Data((5,) * 100 + (95,) * 100, (1,) * 100 + (0,) * 100)
    assert calibration_null(hopeless.cases, draws=100).p == 1 / 101


@pytest.mark.parametrize("times", [1, 2, 10])
def test_saying_it_again_does_not_narrow_the_band(times: int) -> None:
    """Metaculus counts updates as independent trials, its bars shrink by sqrt(10)."""
    once = calibration_null(D100_OVERCONFIDENT.cases)
    found = calibration_null(repeated(D100_OVERCONFIDENT, times))
    assert digits(found) == digits(once)


def test_small_updates_narrow_it_no_more_than_chance_does() -> None:
    generator = np.random.default_rng(3)
    said = np.array(percents(*D100_OVERCONFIDENT.percent))
    moved = (said[:, None] + generator.integers(-1, 2, (100, 10)) * PARTS // 100).ravel()
    series = Series(moved, np.full(1000, 0.1), np.arange(0, 1001, 10))
    found = calibration_null(Cases.of(series, D100_OVERCONFIDENT.yes))
    once = calibration_null(D100_OVERCONFIDENT.cases)
    middle = np.isin(found.points, once.points)
    assert (found.high - found.low)[middle].sum() > 0.9 * (once.high - once.low).sum()


def test_a_family_counts_once() -> None:
    once = D100_OVERCONFIDENT
    series = Series.single(np.repeat(percents(*once.percent), 3))
    tripled = Cases.of(series, np.repeat(once.yes, 3), np.repeat(np.arange(100), 3))
    assert digits(calibration_null(tripled)) == digits(calibration_null(once.cases))


@settings(max_examples=25)
@given(drawn=asked(most=8), data=st.data())
def test_order_changes_no_digit(drawn: Asked, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(drawn.questions))))
    one, other = (
        calibration_null(each.cases, draws=100) for each in (drawn, drawn.shuffled(order))
    )
    assert digits(one) == digits(other)


@settings(max_examples=25)
@given(drawn=asked(most=8))
def test_band_curve_and_distance_mirror(drawn: Asked) -> None:
    straight = calibration_null(drawn.cases, draws=100)
    mirror = calibration_null(drawn.mirrored.cases, draws=100)
    assert mirror.points.tolist() == (PARTS - straight.points[::-1]).tolist()
    assert mirror.low == pytest.approx(1 - straight.high[::-1], abs=1e-12)
    assert mirror.high == pytest.approx(1 - straight.low[::-1], abs=1e-12)
    assert mirror.curve == pytest.approx(1 - straight.curve[::-1], abs=1e-12)
    assert (mirror.outside, mirror.outside_by_chance) == (
        straight.outside,
        straight.outside_by_chance,
    )
    found = (mirror.mcb, mirror.p, mirror.mcb_95)
    assert found == pytest.approx((straight.mcb, straight.p, straight.mcb_95), abs=1e-12)


@settings(max_examples=50)
@given(drawn=asked(most=10), level=st.floats(0.5, 0.99))
def test_what_rises_rises(drawn: Asked, level: float) -> None:
    found = calibration_null(drawn.cases, level, draws=100)
    for row in (found.low, found.curve, found.high):
        assert bool(np.all(np.diff(row) >= -1e-12))
        assert bool(np.all((row >= -1e-12) & (row <= 1 + 1e-12)))
    assert bool(np.all(found.low <= found.high))
    assert 0 < found.p <= 1
    assert found.mcb >= 0
    assert found.outside_by_chance <= found.points.size


def test_a_moment_in_fifty_takes_no_curve_out_of_a_band_without_width() -> None:
    # One yes was called 1 % for a fiftieth of the time. Of three others at 1 % one comes so
    # seldom that the band there is 0 to 0.
    said = np.array(percents(*[1] * 3, 1, 60, *[60] * 30))
    weights = np.array([1.0] * 3 + [0.02, 0.98] + [1.0] * 30)
    series = Series(said, weights, np.array([0, 1, 2, 3, *range(5, 36)]))
    found = calibration_null(Cases.of(series, [0] * 3 + [1] + [1] * 18 + [0] * 12))
    assert (found.low[0], found.high[0], found.curve[0]) == (0, 0, 0)
    assert found.outside == 0


@settings(max_examples=25)
@given(drawn=singles(st.sampled_from([0, PARTS])))
def test_certainty_has_no_width(drawn: Asked) -> None:
    found = calibration_null(drawn.cases, draws=100)
    assert found.low.tolist() == found.high.tolist() == (found.points / PARTS).tolist()
    assert found.outside_by_chance == found.mcb_95 == 0


def test_the_seed_decides_about_draws_only() -> None:
    cases = D100_OVERCONFIDENT.cases
    first, again, other = (calibration_null(cases, seed=seed) for seed in (1, 1, 2))
    assert digits(first) == digits(again)
    assert first.mcb_mean != other.mcb_mean
    assert (first.mcb, first.curve.tolist()) == (other.mcb, other.curve.tolist())
    assert first.mcb_mean == pytest.approx(other.mcb_mean, rel=0.1)


def test_many_probabilities_are_rounded_and_it_is_said() -> None:
    generator = np.random.default_rng(1)
    said = generator.choice(PARTS, 3000, replace=False)
    outcomes = (generator.random(3000) * PARTS < said).astype(int)
    found = calibration_null(Cases.of(Series.single(said), outcomes), draws=100)
    assert found.rounded
    assert set((found.points % 1_000_000).tolist()) == {0}
    assert not calibration_null(
        Cases.of(Series.single(said[:2000]), outcomes[:2000]), draws=100
    ).rounded


def test_a_moment_is_drawn_with_its_weight() -> None:
    series = Series(np.array(percents(10, 60, 80)), np.array([0.2, 0.8, 1]), np.array([0, 2, 3]))
    count, yes = Moments.of(Cases.of(series, [1, 0])).draw(np.random.default_rng(1), 4000)
    assert count.shape == (3, 4000)
    assert count.sum(axis=0).tolist() == [2] * 4000
    assert count.mean(axis=1) == pytest.approx([0.2, 0.8, 1], abs=0.02)
    assert yes.tolist() == (count * [[1], [1], [0]]).tolist()


def test_a_moment_brings_the_outcome_of_its_own_question() -> None:
    cases = Cases.of(Series.single(percents(10, 60)), [1, 0], [1, 1])
    count, yes = Moments.of(cases).draw(np.random.default_rng(1), 50)
    assert yes.tolist() == [count[0].tolist(), [0.0] * 50]
    assert 10 < count[0].sum() < 40


def test_other_cases_have_other_luck() -> None:
    """One stream for all would give everybody the same too high or too low bound."""
    against = Data(D100_OVERCONFIDENT.percent, tuple(1 - yes for yes in D100_OVERCONFIDENT.yes))
    one, other = calibration_null(D100_OVERCONFIDENT.cases), calibration_null(against.cases)
    assert one.points.tolist() == other.points.tolist()
    assert one.mcb_mean != other.mcb_mean


@given(drawn=asked(st.one_of(whole_percents, any_parts, parts)))
def test_every_family_stands_once_in_every_draw(drawn: Asked) -> None:
    count, yes = Moments.of(drawn.cases).draw(np.random.default_rng(1), 5)
    assert set(count.sum(axis=0).tolist()) == {len(drawn.cases)}
    assert bool(np.all(yes <= count))


def test_too_few_draws_and_a_negative_seed_are_refused() -> None:
    with pytest.raises(UsageError, match="99 draws"):
        calibration_null(D15.cases, draws=99)
    with pytest.raises(UsageError, match="negative"):
        calibration_null(D15.cases, seed=-1)


def test_a_calibrated_forecaster_with_updates_is_rarely_rejected() -> None:
    """Ten updates a question, each the chance that a random walk ends above 0."""
    generator = np.random.default_rng(5)
    left = np.sqrt(1 - 0.1 * np.arange(10))
    rejected = 0
    for _ in range(100):
        walk = np.cumsum(generator.normal(size=(40, 11)) * np.sqrt(0.1), axis=1)
        said = np.rint(ndtr((walk[:, :10] - walk[:, :1]) / left) * 100).astype(np.int64)
        outcomes = (walk[:, 10] - walk[:, 0] > 0).astype(int)
        series = Series((said * 10_000_000).ravel(), np.full(400, 0.1), np.arange(0, 401, 10))
        rejected += calibration_null(Cases.of(series, outcomes), draws=100).p <= 0.1
    assert rejected <= 15


def test_what_other_draws_may_take_in_is_said_to_lie_outside_narrowly() -> None:
    # None of 55 at 5 % comes in 6 of 100 cases, a hair more than the 5 that an end leaves out.
    cases = Data((5,) * 55 + (95,) * 55, (0,) * 55 + (1,) * 55).cases
    found = [calibration_null(cases, seed=seed) for seed in range(1, 7)]
    assert any(one.outside for one in found)
    assert not all(one.outside for one in found)
    assert all(one.narrowly == one.outside for one in found)


def test_what_is_far_outside_is_not_narrowly_so() -> None:
    found = calibration_null(Data((90,) * 40, (1,) * 10 + (0,) * 30).cases)
    assert (found.outside, found.narrowly) == (1, 0)
