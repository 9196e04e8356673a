from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from forecast_ledger.errors import InvalidError
from forecast_ledger.scoring.arrays import PARTS
from forecast_ledger.scoring.bias import bias
from forecast_ledger.scoring.cases import Cases
from forecast_ledger.scoring.series import Series
from tests.scoring.datasets import D15, D100_OVERCONFIDENT, Asked, Data, asked


def test_fifteen_forecasts_say_yes_too_seldom_by_three_points() -> None:
    """numpy: mean p 0.5, base rate 0.5333, bias -0.0333."""
    found = bias(D15.cases)
    assert found.mean_probability == pytest.approx(0.5)
    assert found.share == pytest.approx(0.5333333333333333)
    assert found.bias == pytest.approx(-0.033333333333333215, rel=1e-12)


def test_the_margin_is_that_of_a_t_interval() -> None:
    off = D100_OVERCONFIDENT.p - D100_OVERCONFIDENT.yes
    low, high = stats.t.interval(0.9, 99, off.mean(), stats.sem(off))
    found = bias(D100_OVERCONFIDENT.cases)
    assert (found.bias - found.margin, found.bias + found.margin) == pytest.approx((low, high))


def test_luck_does_not_make_it_narrow() -> None:
    found = bias(Data((95,) * 40, (1,) * 40).cases)
    assert found.error == pytest.approx(math.sqrt(0.95 * 0.05 / 40))


@pytest.mark.parametrize("times", [3, 10])
def test_neither_repetition_nor_families_make_it_surer(times: int) -> None:
    once = bias(D100_OVERCONFIDENT.cases)
    said = np.repeat(D100_OVERCONFIDENT.percent, times) * (PARTS // 100)
    ends = np.arange(0, said.size + 1, times)
    updated = Cases.of(Series(said, np.full(said.size, 1 / times), ends), D100_OVERCONFIDENT.yes)
    yes = np.repeat(D100_OVERCONFIDENT.yes, times)
    families = Cases.of(Series.single(said), yes, np.repeat(np.arange(100), times))
    for cases in (updated, families):
        assert bias(cases).margin == pytest.approx(once.margin)


@given(drawn=asked().filter(lambda drawn: len(set(drawn.families)) > 1), data=st.data())
def test_it_mirrors_and_order_changes_no_digit(drawn: Asked, data: st.DataObject) -> None:
    found, mirror = bias(drawn.cases), bias(drawn.mirrored.cases)
    assert (mirror.bias, mirror.margin) == pytest.approx((-found.bias, found.margin), abs=1e-12)
    order = data.draw(st.permutations(range(len(drawn.questions))))
    assert bias(drawn.shuffled(order).cases) == found
    assert found.bias == pytest.approx(found.mean_probability - found.share, abs=1e-12)


def test_one_family_has_no_margin() -> None:
    with pytest.raises(InvalidError, match="two families"):
        bias(Data((30,), (1,)).cases)


def test_the_margin_covers_what_it_says() -> None:
    generator = np.random.default_rng(6)
    percent = tuple([5, 10, 90, 95, 95, 97] * 5)
    true = np.clip(np.array(percent) - 6, 1, 99) / 100
    centre = (np.array(percent) / 100 - true).mean()
    covered = 0
    for _ in range(400):
        came = tuple((generator.random(30) < true).astype(int).tolist())
        found = bias(Data(percent, came).cases)
        covered += abs(found.bias - centre) <= found.margin
    assert covered / 400 > 0.87
