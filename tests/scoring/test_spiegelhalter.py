from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from forecast_ledger.errors import UsageError
from forecast_ledger.scoring.arrays import PARTS
from forecast_ledger.scoring.cases import Cases
from forecast_ledger.scoring.series import Series
from forecast_ledger.scoring.spiegelhalter import power, powers, spiegelhalter
from forecast_ledger.scoring.table import Table
from tests.scoring.datasets import (
    D10_DISTINCT,
    D15,
    D30_CALIBRATED,
    D100_OVERCONFIDENT,
    Asked,
    Data,
    asked,
    singles,
)
from tests.scoring.strategies import whole_percents


@pytest.mark.parametrize(
    "data, z, p",
    [
        # R rms 6.5-0 val.prob, S:z and S:p
        (D15, 1.46236301837152, 0.143641757912306),
        (D10_DISTINCT, 1.87984588011148, 0.0601290855232186),
        (D30_CALIBRATED, 2.06877846103939e-16, 1.0),
    ],
)
def test_rms_computes_the_same(data: Data, z: float, p: float) -> None:
    found = spiegelhalter(data.cases)
    assert found.z == pytest.approx(z, rel=1e-11, abs=1e-14)
    assert found.normal_p == pytest.approx(p, rel=1e-11)


@given(drawn=asked())
def test_z_mirrors_exactly(drawn: Asked) -> None:
    assert spiegelhalter(drawn.cases).z == spiegelhalter(drawn.mirrored.cases).z
    assert spiegelhalter(drawn.cases).p == pytest.approx(spiegelhalter(drawn.mirrored.cases).p)


@given(drawn=asked(), data=st.data())
def test_order_changes_no_digit(drawn: Asked, data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(drawn.questions))))
    assert spiegelhalter(drawn.cases) == spiegelhalter(drawn.shuffled(order).cases)


@given(drawn=singles(whole_percents))
def test_z_is_the_mean_brier_score_in_standard_errors(drawn: Asked) -> None:
    table = Table.of(drawn.cases)
    p = table.p
    variance = (table.weight * (1 - 2 * p) ** 2 * p * (1 - p)).sum()
    assume(variance > 1e-6)
    scored = (table.yes * (1 - p) ** 2 + table.no * p**2).sum()
    z = (scored - (table.weight * p * (1 - p)).sum()) / math.sqrt(variance)
    assert spiegelhalter(drawn.cases).z == pytest.approx(z, abs=1e-6)


@pytest.mark.parametrize("times", [2, 10])
def test_saying_it_again_makes_it_no_surer(times: int) -> None:
    size = len(D100_OVERCONFIDENT.percent)
    said = np.repeat(D100_OVERCONFIDENT.percent, times) * (PARTS // 100)
    series = Series(said, np.full(size * times, 1 / times), np.arange(0, size * times + 1, times))
    once = spiegelhalter(D100_OVERCONFIDENT.cases)
    again = spiegelhalter(Cases.of(series, D100_OVERCONFIDENT.yes))
    assert again.z == pytest.approx(once.z)
    per_forecast = spiegelhalter(
        Cases.of(Series.single(said), np.repeat(D100_OVERCONFIDENT.yes, times))
    )
    assert once.z is not None
    assert per_forecast.z == pytest.approx(once.z * math.sqrt(times))


@pytest.mark.parametrize("percent, size", [(90, 20), (90, 30), (95, 20), (95, 50), (99, 200)])
def test_the_exact_p_rejects_no_more_often_than_it_says(percent: int, size: int) -> None:
    """The normal one does, where misses are few: 11.7 times in 100 with 30 forecasts of 90 %."""
    chance = stats.binom.pmf(np.arange(size + 1), size, 1 - percent / 100)
    rejected = {"p": 0.0, "normal_p": 0.0}
    for misses in range(min(size, 40) + 1):
        data = Data((percent,) * size, (0,) * misses + (1,) * (size - misses))
        found = spiegelhalter(data.cases)
        for name in rejected:
            rejected[name] += float(chance[misses]) * (getattr(found, name) <= 0.1)
    assert rejected["p"] <= 0.1
    if (percent, size) == (90, 30):
        assert rejected["normal_p"] > 0.1


def test_what_carries_no_weight_has_no_z() -> None:
    found = spiegelhalter(Data((0, 50, 100), (0, 1, 1)).cases)
    assert (found.z, found.p, found.contradicted) == (None, None, 0)


def test_an_impossible_outcome_is_no_chance() -> None:
    found = spiegelhalter(Data((0, 60, 60), (1, 1, 0)).cases)
    assert (found.p, found.contradicted) == (0, 1)
    assert found.z is not None
    assert found.z > 0
    alone = spiegelhalter(Data((100,), (0,)).cases)
    assert (alone.z, alone.p, alone.contradicted) == (None, 0, 1)


def test_power_is_what_a_simulation_finds() -> None:
    generator = np.random.default_rng(1)
    percent = tuple([5, 10, 25, 40, 60, 75, 90, 95] * 25)
    p = np.array(percent) / 100
    true = p**0.6 / (p**0.6 + (1 - p) ** 0.6)
    noticed = 0
    for _ in range(400):
        outcomes = tuple((generator.random(p.size) < true).astype(int).tolist())
        noticed += (spiegelhalter(Data(percent, outcomes).cases).normal_p or 1) <= 0.1
    expected = power(Data(percent, (0,) * 200).cases, 0.6)
    assert expected == pytest.approx(noticed / 400, abs=0.05)


@pytest.mark.parametrize("slope", [0.5, 0.75, 1.0, 1.5])
def test_power_mirrors_and_certainty_adds_none(slope: float) -> None:
    cases = D15.cases
    assert power(cases, slope) == pytest.approx(power(cases.mirrored(), slope))
    certain = Data((*D15.percent, 0, 100), (*D15.yes, 0, 1)).cases
    assert power(certain, slope) == pytest.approx(power(cases, slope))
    assert power(Data((0, 50, 100), (0, 1, 1)).cases, slope) is None


def test_power_at_the_truth_is_the_level() -> None:
    assert power(D15.table, 1.0, 0.95) == pytest.approx(0.05)
    # Of whole outcomes, as many as may be: never more than the level.
    assert 0 < (power(D15.cases, 1.0, 0.95) or 0) <= 0.05


@pytest.mark.parametrize("percent", [(95,) * 30, (90,) * 30, (5, 20, 50, 80, 95) * 8])
def test_with_few_families_power_is_what_a_simulation_finds(percent: tuple[int, ...]) -> None:
    generator = np.random.default_rng(1)
    p = np.array(percent) / 100
    true = p**0.6 / (p**0.6 + (1 - p) ** 0.6)
    noticed = 0
    for _ in range(400):
        outcomes = tuple((generator.random(p.size) < true).astype(int).tolist())
        noticed += (spiegelhalter(Data(percent, outcomes).cases).p or 1) <= 0.1
    expected = power(Data(percent, (0,) * len(percent)).cases, 0.6)
    assert expected == pytest.approx(noticed / 400, abs=0.06)


def test_power_needs_a_slope_above_zero() -> None:
    with pytest.raises(UsageError, match="positive"):
        power(D15.cases, 0)


@pytest.mark.parametrize("count, percent", [(101, 99), (150, 99), (120, 97)])
def test_with_few_surprises_power_is_exact_beyond_a_hundred_families(
    count: int, percent: int
) -> None:
    # Of so many at one number the score is a function of the misses, and those are binomial.
    cases = Data((percent,) * count, (1,) * count).cases
    p = percent / 100
    missed = stats.binom(count, 1 - p)
    low, high = missed.cdf(np.arange(count + 1)), missed.sf(np.arange(count + 1) - 1)
    noticed = (low <= 0.05) | (high <= 0.05)
    for slope, chance in powers(cases, (0.6, 0.75, 0.85)):
        true = p**slope / (p**slope + (1 - p) ** slope)
        told = stats.binom(count, 1 - true).pmf(np.arange(count + 1))[noticed].sum()
        assert chance == pytest.approx(float(told), abs=1e-9)


def test_power_near_certainty_off_every_lattice_is_no_more_than_the_test_has() -> None:
    # The law is then known to 0.00005 only, within which lies all that nothing missed.
    generator = np.random.default_rng(1)
    parts = np.rint(10 ** generator.uniform(2, 6.5, 150)).astype(np.int64)
    cases = Cases.of(Series.single(parts), [0] * 150)
    found = dict(powers(cases, (0.75, 0.999)))
    assert found[0.999] <= 0.1
    assert found[0.75] <= 0.4
