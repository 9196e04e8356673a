from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import optimize, special, stats

from forecast_ledger.errors import UsageError
from forecast_ledger.scoring.arrays import PARTS
from forecast_ledger.scoring.logistic import Logistic
from forecast_ledger.scoring.recalibration import NotEstimable, Recalibration, recalibrate
from forecast_ledger.scoring.series import Series
from forecast_ledger.scoring.table import Table, grouped
from tests.scoring.datasets import (
    D8_AGAINST,
    D10_CONSTANT,
    D10_DISTINCT,
    D12_ALL_YES,
    D15,
    D20_EXTREME,
    D30_CALIBRATED,
    D100_OVERCONFIDENT,
    Asked,
    Data,
    singles,
)

tens = st.sampled_from([percent * PARTS // 100 for percent in (1, 10, 20, 40, 50, 70, 90, 95)])


def estimated(table: Table, level: float = 0.9) -> Recalibration:
    found = recalibrate(table, level)
    assert isinstance(found, Recalibration)
    return found


@pytest.mark.parametrize(
    "data, expected",
    [
        # statsmodels 0.15.0 GLM Binomial (offset for the intercept alone), R glm, rms 6.5-0
        (
            D15,
            {
                "intercept": 0.1549495238366454,
                "slope": 0.4821312199108585,
                "intercept_error": 0.55819768366636,
                "slope_error": 0.35340884587189303,
                "large": 0.21343251992459839,
                "large_error": 0.6540020876461073,
                "lr": 1.841261922368254,
                "lr_p": 0.3982676703493822,
                "score": 2.470383236387236,
            },
        ),
        (
            D10_DISTINCT,
            {
                "intercept": 0.016609754802658812,
                "slope": 0.17180651932767876,
                "intercept_error": 0.6411429534599857,
                "slope_error": 0.35454023283907754,
                "large": 0.09860556042451807,
                "large_error": 0.7851635141807737,
                "lr": 3.9505870176824427,
                "lr_p": 0.13872059054737362,
                "score": 7.154138512502431,
            },
        ),
        (
            D30_CALIBRATED,
            {
                "intercept": 0.0,
                "slope": 1.0,
                "intercept_error": 0.41885390829168107,
                "slope_error": 0.4032455227786703,
                "large": 0.0,
                "large_error": 0.4188539082916957,
                "lr": 0.0,
                "lr_p": 1.0,
                "score": 0.0,
            },
        ),
    ],
)
def test_statsmodels_and_r_fit_the_same(data: Data, expected: dict[str, float]) -> None:
    found = estimated(data.table)
    assert {name: getattr(found, name) for name in expected} == pytest.approx(
        expected, rel=1e-7, abs=1e-9
    )


@given(drawn=singles(tens, most=25), level=st.sampled_from([0.5, 0.9, 0.99]))
def test_scipy_finds_the_same_maximum_and_the_same_ends(drawn: Asked, level: float) -> None:
    table = Table.of(drawn.cases)
    found = recalibrate(table, level)
    assume(isinstance(found, Recalibration))
    assert isinstance(found, Recalibration)
    x = special.logit(table.p)

    def lost(a: float, b: float) -> float:
        eta = a + b * x
        return float((table.weight * np.logaddexp(0, eta) - table.yes * eta).sum())

    def best(b: float) -> float:
        # Convex in a, and the least lies where some chance is the base rate's.
        ends = (-abs(b) * 5 - 5, abs(b) * 5 + 5)
        return float(optimize.minimize_scalar(lambda a: lost(a, b), bounds=ends).fun)

    peer = optimize.minimize(lambda ab: lost(*ab), [0.0, 0.0], method="BFGS", tol=1e-9)
    least = lost(found.intercept, found.slope)
    assert least <= float(peer.fun) + 1e-9
    bound = stats.t.ppf((1 + level) / 2, max(1, table.total - 2)) ** 2
    for end in (found.low, found.high):
        if math.isfinite(end):
            assert 2 * (best(end) - least) == pytest.approx(bound, rel=1e-5)
    assert found.low < found.slope < found.high


@given(drawn=singles(tens, most=25))
def test_yes_and_no_have_one_slope(drawn: Asked) -> None:
    found, mirror = recalibrate(Table.of(drawn.cases)), recalibrate(Table.of(drawn.mirrored.cases))
    if isinstance(found, NotEstimable):
        assert mirror == found
    else:
        assert isinstance(mirror, Recalibration)
        assert mirror.slope == pytest.approx(found.slope, abs=1e-6)
        assert mirror.intercept == pytest.approx(-found.intercept, abs=1e-6)


@pytest.mark.parametrize(
    "data, reason",
    [
        (D10_CONSTANT, "one probability"),
        (D12_ALL_YES, "one outcome"),
        (Data((0, 100, 100), (0, 1, 0)), "no forecasts"),
        (Data((10, 20, 80, 90), (0, 0, 1, 1)), "separated"),
        (Data((10, 20, 80, 90), (1, 1, 0, 0)), "separated"),
        (Data((10, 50, 50, 90), (0, 0, 1, 1)), "separated"),
        (Data((10, 50, 50, 90), (1, 0, 1, 0)), "separated"),
    ],
)
def test_what_has_no_slope_says_why(data: Data, reason: str) -> None:
    found = recalibrate(data.table)
    assert isinstance(found, NotEstimable)
    assert found.reason == reason


def test_certainties_are_left_out_and_counted() -> None:
    found = estimated(D20_EXTREME.table)
    inside = [
        (p, y) for p, y in zip(D20_EXTREME.percent, D20_EXTREME.yes, strict=True) if 0 < p < 100
    ]
    without = estimated(Data(tuple(p for p, _ in inside), tuple(y for _, y in inside)).table)
    assert found.certain == 8
    assert (found.slope, found.low) == (without.slope, without.low)


def test_forecasts_that_run_the_wrong_way_have_a_negative_slope() -> None:
    assert estimated(Data(D8_AGAINST.percent, (1, 0, 0, 0, 1, 0, 1, 1)).table).slope < 0


def test_whole_newton_steps_would_run_away() -> None:
    """From slope 1 the first step overshoots to where nothing bends any more."""
    table = Data((1, 1, 2, 2, 98, 98, 99, 99, 99, 99), (1, 1, 1, 0, 0, 0, 1, 0, 0, 1)).table
    model = Logistic(special.logit(table.p), table.weight, table.yes)
    a, b = model.fit(slope=1.0)
    assert model.gradient(a, b) == pytest.approx((0, 0), abs=1e-9)
    assert (a, b) == pytest.approx(model.fit(), abs=1e-9)
    assert b < 0


def test_saying_it_again_changes_nothing() -> None:
    said = np.repeat(D100_OVERCONFIDENT.percent, 10) * (PARTS // 100)
    series = Series(said, np.full(1000, 0.1), np.arange(0, 1001, 10))
    again = estimated(grouped(series, D100_OVERCONFIDENT.yes))
    once = estimated(D100_OVERCONFIDENT.table)
    assert (again.slope, again.low, again.high) == pytest.approx((once.slope, once.low, once.high))


def test_the_interval_covers_what_it_says() -> None:
    generator = np.random.default_rng(2)
    p = np.array([5, 10, 20, 40, 60, 80, 90, 95] * 7) / 100
    true = special.expit(0.6 * special.logit(p))
    covered, shown = 0, 0
    for _ in range(300):
        outcomes = (generator.random(p.size) < true).astype(int)
        found = recalibrate(grouped(Series.single((p * 100).round().astype(int) * 10**7), outcomes))
        if isinstance(found, Recalibration):
            shown += 1
            covered += found.low <= 0.6 <= found.high
    assert shown > 290
    assert covered / shown > 0.86


def test_a_level_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="level"):
        recalibrate(D15.table, 90)
