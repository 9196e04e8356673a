from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from forecast_ledger.errors import UsageError
from forecast_ledger.scoring.arrays import PARTS
from forecast_ledger.scoring.bins import TENTHS, binned
from forecast_ledger.scoring.cases import Cases
from forecast_ledger.scoring.deviation import deviation
from forecast_ledger.scoring.ece import calibration_error
from forecast_ledger.scoring.murphy import murphy
from forecast_ledger.scoring.series import Series
from tests.scoring.datasets import D15, D100_OVERCONFIDENT, Asked, Data, asked, singles
from tests.scoring.strategies import parts, percents, whole_percents

RIGHT_CLOSED = (0, *range(PARTS // 10 + 1, PARTS, PARTS // 10))

odd = st.integers(0, 99).map(lambda percent: percent * PARTS // 100 + PARTS // 200)


def test_percents_fall_into_their_own_row() -> None:
    """int(p * 100) takes 29 % for 28, p // 0.05 puts 14 of 101 whole percents in a wrong row."""
    assert [int(p * 100) for p in (0.29, 0.57, 0.58)] == [28, 56, 57]
    assert sum(percent // 5 != int((percent / 100) // 0.05) for percent in range(101)) == 14
    singly = tuple(range(0, PARTS + 1, PARTS // 100))
    rows = binned(Data(tuple(range(101)), (0,) * 101).cases, edges=singly).rows
    assert [row.first // (PARTS // 100) for row in rows] == list(range(101))
    assert [row.weight for row in rows] == [1] * 101


def test_ten_rows_by_default() -> None:
    rows = binned(Data(tuple(range(101)), (0, 1) * 50 + (0,)).cases).rows
    assert [(row.first, row.last) for row in rows][:2] == [
        (0, 99_999_999),
        (100_000_000, 199_999_999),
    ]
    assert [row.weight for row in rows] == [10] * 9 + [11]
    assert rows[-1].last == PARTS
    assert rows[0].mean == pytest.approx(0.045)
    assert rows[9].share == pytest.approx(5 / 11)


@given(said=st.lists(parts, min_size=1, max_size=9), level=st.floats(0.5, 0.99))
def test_the_range_is_the_exact_poisson_binomial_one(said: list[int], level: float) -> None:
    outcomes = [0] * len(said)
    (row,) = binned(Cases.of(Series.single(said), outcomes), level, (0,)).rows
    chances = np.zeros(len(said) + 1)
    for came in product([0, 1], repeat=len(said)):
        chances[sum(came)] += math.prod(
            p / PARTS if yes else (PARTS - p) / PARTS for p, yes in zip(said, came, strict=True)
        )
    low, high = round(row.low * len(said)), round(row.high * len(said))
    tail = (1 - level) / 2 + 2e-9
    assert row.method == "exact"
    assert (row.low, row.high) == pytest.approx((low / len(said), high / len(said)))
    assert chances[:low].sum() <= tail
    assert chances[high + 1 :].sum() <= tail
    assert chances[: low + 1].sum() > tail - 3e-9
    assert chances[high:].sum() > tail - 3e-9
    assert row.chance == pytest.approx(chances[:low].sum() + chances[high + 1 :].sum(), abs=1e-9)


def test_scipys_binomial_is_the_case_of_one_probability() -> None:
    (row,) = binned(Data((30,) * 50, (1,) * 25 + (0,) * 25).cases).rows
    peer = [stats.binom.ppf(tail, 50, 0.3) / 50 for tail in (0.05, 0.95)]
    assert [row.low, row.high] == pytest.approx(peer)
    assert row.outside


@given(drawn=singles(odd))
def test_the_table_mirrors(drawn: Asked) -> None:
    """Row by row, where nothing lies on an edge, which belongs to the row above."""
    straight, mirror = binned(drawn.cases), binned(drawn.mirrored.cases)
    for row, other in zip(straight.rows, reversed(mirror.rows), strict=True):
        assert other.weight == row.weight
        assert (other.mean, other.share, other.low, other.high) == pytest.approx(
            (1 - row.mean, 1 - row.share, 1 - row.high, 1 - row.low), abs=1e-12
        )
        assert other.outside == row.outside


@given(drawn=asked(odd))
def test_the_table_of_updates_mirrors(drawn: Asked) -> None:
    straight, mirror = binned(drawn.cases, edges=(0,)), binned(drawn.mirrored.cases, edges=(0,))
    (row,), (other,) = straight.rows, mirror.rows
    assert (other.low, other.high) == pytest.approx((1 - row.high, 1 - row.low), abs=1e-9)


@given(drawn=asked())
def test_every_family_is_counted_once_over_the_rows(drawn: Asked) -> None:
    found = binned(drawn.cases)
    assert math.fsum(row.weight for row in found.rows) == pytest.approx(len(drawn.cases))
    assert found.outside == sum(row.outside for row in found.rows)
    assert all(0 <= row.low <= row.high <= 1 for row in found.rows)


@given(drawn=asked(), data=st.data())
def test_order_changes_no_digit(drawn: Asked, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(drawn.questions))))
    assert binned(drawn.cases) == binned(drawn.shuffled(order).cases)
    assert calibration_error(drawn.cases) == calibration_error(drawn.shuffled(order).cases)


@pytest.mark.parametrize("times", [2, 10])
def test_saying_it_again_does_not_narrow_the_range(times: int) -> None:
    """Metaculus draws binom.ppf(.05, n, p) / n with n the number of forecasts, updates and all."""
    said = np.repeat(D100_OVERCONFIDENT.percent, times) * (PARTS // 100)
    series = Series(said, np.full(said.size, 1 / times), np.arange(0, said.size + 1, times))
    again = binned(Cases.of(series, D100_OVERCONFIDENT.yes)).rows
    assert again == binned(D100_OVERCONFIDENT.cases).rows
    bars = [stats.binom.ppf([0.05], n, 0.675)[0] / n for n in (1, 5, 20, 100)]
    assert bars == [0.0, 0.4, 0.5, 0.6]


def test_a_family_that_stood_in_a_row_for_half_the_time_counts_half() -> None:
    series = Series(np.array(percents(25, 75)), np.array([0.5, 0.5]), np.array([0, 2]))
    rows = binned(Cases.of(series, [1])).rows
    assert [(row.weight, row.share, row.method) for row in rows] == [
        (0.5, 1.0, "conservative"),
        (0.5, 1.0, "conservative"),
    ]


@given(drawn=singles(whole_percents, most=12))
def test_lattice_and_count_agree_where_both_are_exact(drawn: Asked) -> None:
    cases = drawn.cases
    family = np.arange(cases.parts.size)
    exact = deviation(family, cases.weight, cases.parts)
    # A weight a hair below 1 takes the other way.
    other = deviation(family, np.full(cases.parts.size, 1 - 1e-13), cases.parts)
    assert (exact.method, other.method) == ("exact", "conservative")
    for level in (0.5, 0.9):
        assert exact.central(level) == pytest.approx(other.central(level), abs=1e-8)
    assert exact.absolute == pytest.approx(other.absolute, abs=1e-9)


@settings(max_examples=30)
@given(drawn=asked())
def test_drawn_moments_keep_the_mean_and_never_lessen_the_variance(drawn: Asked) -> None:
    cases = drawn.cases
    family = np.repeat(np.arange(len(cases)), np.diff(cases.offsets))
    found = deviation(family, cases.weight, cases.parts)
    variance = (found.probabilities * found.values**2).sum()
    assert found.probabilities.sum() == pytest.approx(1)
    assert (found.probabilities * found.values).sum() == pytest.approx(0, abs=1e-9)
    assert variance >= found.error**2 - 1e-9
    assert variance <= found.error**2 + len(cases) * 0.01**2


@pytest.mark.parametrize("first", [1, 3, 21, 45, 91])
def test_the_lattice_of_many_families_is_hardly_wider(first: int) -> None:
    said = np.repeat(np.arange(first, first + 9), 2)[None, :] * (PARTS // 100)
    parts = np.repeat(said, 100, axis=0).ravel()
    family = np.repeat(np.arange(100), 18)
    weight = np.full(parts.size, 1 / 18)
    found = deviation(family, weight, parts)
    assert found.method == "conservative"
    assert (found.probabilities * found.values).sum() == pytest.approx(0, abs=1e-9)
    spread = math.sqrt((found.probabilities * found.values**2).sum())
    assert found.error <= spread <= 1.03 * found.error
    mirror = deviation(family, weight, PARTS - parts)
    low, high, _ = found.central(0.9)
    assert mirror.central(0.9)[:2] == pytest.approx((-high, -low), abs=1e-9)


def test_many_families_are_taken_as_normal() -> None:
    generator = np.random.default_rng(1)
    said = generator.integers(60, 70, (5000, 2)) * (PARTS // 100)
    series = Series(said.ravel(), np.full(10_000, 0.5), np.arange(0, 10_001, 2))
    (row,) = binned(Cases.of(series, generator.integers(0, 2, 5000))).rows
    assert row.method == "normal"
    reach = 1.6448536 * math.sqrt(0.645 * 0.355 / 5000)
    assert (row.high - row.mean, row.mean - row.low) == pytest.approx((reach, reach), rel=0.01)


def test_the_calibration_error_of_verified_calibration() -> None:
    """p-lambda/verified_calibration@ee81c34: bin, plugin_ce, unbiased_square_ce."""
    found = calibration_error(D15.cases, RIGHT_CLOSED)
    assert found.ece == pytest.approx(0.2733333333333334, rel=1e-12)
    assert found.squared == pytest.approx(0.088, rel=1e-12)
    assert found.debiased == pytest.approx(-0.07772222222222222, rel=1e-12)
    assert found.squared == pytest.approx(murphy(D15.table, RIGHT_CLOSED).reliability)


def test_the_debiased_error_takes_off_all_of_the_bias() -> None:
    """SpecsVerification shrinks its correction to keep terms in bounds: near half yes, to none.

    Four bins of two with one yes each: each gap of (p - 0.5)**2, less a whole variance of 1/4.
    """
    data = Data((10, 10, 30, 30, 70, 70, 90, 90), (0, 1) * 4)
    found = calibration_error(data.cases)
    assert found.squared == pytest.approx((0.16 + 0.04) / 2)
    assert found.debiased == pytest.approx((0.16 + 0.04) / 2 - 0.25)


@pytest.mark.parametrize("share", [1.0, 0.5, 0.1])
def test_early_answers_do_not_dilute_the_error(share: float) -> None:
    said = Series.single([700_000_000] * 40)
    found = calibration_error(Cases.of(said, [1, 0] * 20, shares=np.full(40, share)))
    assert (found.ece, found.squared) == pytest.approx((0.2, 0.04))


def test_a_calibrated_forecaster_has_the_error_expected() -> None:
    generator = np.random.default_rng(1)
    percent = tuple([5, 15, 35, 55, 75, 95] * 15)
    errors = []
    for _ in range(300):
        came = generator.random(90) * 100 < percent
        errors.append(calibration_error(Data(percent, tuple(came.astype(int).tolist())).cases))
    assert np.mean([error.ece for error in errors]) == pytest.approx(errors[0].expected, rel=0.05)
    assert np.mean([error.debiased for error in errors]) == pytest.approx(0, abs=0.001)


@pytest.mark.parametrize("edges", [(), (1,), (0, 5, 5), (0, PARTS + 1)])
def test_rows_that_make_no_table_are_refused(edges: tuple[int, ...]) -> None:
    with pytest.raises(UsageError, match="rows start at 0"):
        binned(D15.cases, edges=edges)


def test_the_last_row_may_be_certainty_alone() -> None:
    rows = binned(Data((95, 100), (1, 1)).cases, edges=(*TENTHS, PARTS)).rows
    assert [(row.first, row.low, row.high) for row in rows] == [
        (900_000_000, pytest.approx(1.0), 1.0),
        (PARTS, 1.0, 1.0),
    ]
