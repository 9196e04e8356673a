from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats
from sklearn.metrics import roc_auc_score

from forecast_ledger.scoring.arrays import PARTS
from forecast_ledger.scoring.auc import auc, auc_interval
from forecast_ledger.scoring.cases import Cases
from forecast_ledger.scoring.series import Series
from forecast_ledger.scoring.table import Table
from tests.scoring.datasets import (
    D8_AGAINST,
    D10_CONSTANT,
    D10_DISTINCT,
    D12_ALL_YES,
    D15,
    D100_OVERCONFIDENT,
    Asked,
    Data,
    asked,
    singles,
)
from tests.scoring.strategies import parts, whole_percents


@pytest.mark.parametrize(
    "data, value, variance",
    [
        # scikit-learn 1.9.1 roc_auc_score; R pROC 1.18.0 (DeLong)
        (D15, 0.7142857142857143, 0.0204537172011662),
        (D10_DISTINCT, 0.64, 0.0432),
        (D10_CONSTANT, 0.5, 0.0),
        (D100_OVERCONFIDENT, 0.7148944805194806, 0.00259329736163746),
    ],
)
def test_proc_computes_the_same(data: Data, value: float, variance: float) -> None:
    found = auc_interval(data.cases)
    assert found.auc == pytest.approx(value, rel=1e-12)
    assert found.variance == pytest.approx(variance, rel=1e-12)


@given(drawn=asked(st.one_of(parts, whole_percents)))
def test_scikit_learn_agrees_on_weighted_cases(drawn: Asked) -> None:
    cases = drawn.cases
    found = auc(Table.of(cases))
    if len(set(cases.yes.tolist())) == 1:
        assert found is None
    else:
        peer = roc_auc_score(cases.yes, cases.p, sample_weight=cases.weight)
        assert found == pytest.approx(peer, abs=1e-12)


@given(drawn=singles(whole_percents))
def test_it_is_exact_and_mirrors_exactly(drawn: Asked) -> None:
    found = auc(Table.of(drawn.cases))
    assert found == auc(Table.of(drawn.mirrored.cases))
    yes = [q.forecasts[0][0] for q in drawn.questions if q.outcome]
    no = [q.forecasts[0][0] for q in drawn.questions if not q.outcome]
    if yes and no:
        twice = sum((a > b) * 2 + (a == b) for a in yes for b in no)
        assert found == twice / (2 * len(yes) * len(no))


@given(drawn=asked())
def test_the_interval_holds_the_value(drawn: Asked) -> None:
    found = auc_interval(drawn.cases)
    if found.low is not None and found.high is not None and found.auc is not None:
        assert 0 <= found.low <= found.auc <= found.high <= 1
        assert found.reason is None
    else:
        assert found.reason is not None


@pytest.mark.parametrize(
    "data, reason",
    [
        (D12_ALL_YES, "one outcome"),
        (D10_CONSTANT, "constant"),
        (Data((10, 20, 80, 90), (0, 0, 1, 1)), "perfect"),
        (Data((10, 20, 80, 90), (1, 1, 0, 0)), "perfect"),
        (Data((10, 20, 80), (0, 1, 0)), "one family"),
    ],
)
def test_what_has_no_interval_says_why(data: Data, reason: str) -> None:
    found = auc_interval(data.cases)
    assert (found.low, found.high, found.reason) == (None, None, reason)


def test_the_wrong_order_is_below_a_half() -> None:
    assert auc(D8_AGAINST.table) == 0.0625


@pytest.mark.parametrize("times", [3, 10])
def test_neither_repetition_nor_families_make_it_surer(times: int) -> None:
    once = auc_interval(D100_OVERCONFIDENT.cases)
    said = np.repeat(D100_OVERCONFIDENT.percent, times) * (PARTS // 100)
    yes = np.repeat(D100_OVERCONFIDENT.yes, times)
    ends = np.arange(0, said.size + 1, times)
    updated = Cases.of(Series(said, np.full(said.size, 1 / times), ends), D100_OVERCONFIDENT.yes)
    families = Cases.of(Series.single(said), yes, np.repeat(np.arange(100), times))
    for cases in (updated, families):
        found = auc_interval(cases)
        assert found.variance == pytest.approx(once.variance)
        assert (found.low, found.high) == pytest.approx((once.low, once.high))


def test_few_of_one_outcome_have_few_degrees_of_freedom() -> None:
    """Four no among 100 decide nearly alone: t with 3, not the normal distribution."""
    generator = np.random.default_rng(1)
    percent = (*generator.integers(60, 99, 96).tolist(), 30, 70, 80, 90)
    found = auc_interval(Data(percent, (1,) * 96 + (0,) * 4).cases)
    assert found.auc is not None
    assert found.variance is not None
    assert found.low is not None
    error = math.sqrt(found.variance) / (found.auc * (1 - found.auc))
    reach = (special.logit(found.auc) - special.logit(found.low)) / error
    assert stats.t.ppf(0.95, 4) < reach < stats.t.ppf(0.95, 3)


def test_families_with_both_outcomes_follow_obuchowski() -> None:
    """Worked through by hand: families (20 no, 60 yes), (40 no, 30 yes), (50 no, 90 yes)."""
    said = [p * PARTS // 100 for p in (20, 60, 40, 30, 50, 90)]
    found = auc_interval(Cases.of(Series.single(said), [0, 1] * 3, [1, 1, 2, 2, 3, 3]))
    value = 7 / 9
    over = np.array([1, 1 / 3, 1]) - value
    under = np.array([1, 2 / 3, 2 / 3]) - value
    parted = (over**2).sum() + (under**2).sum() + 2 * (over * under).sum()
    assert found.auc == pytest.approx(value)
    assert found.variance == pytest.approx(1.5 * parted / 9)


def test_the_interval_covers_what_it_says() -> None:
    generator = np.random.default_rng(4)
    p = np.array([5, 10, 20, 40, 60, 80, 90, 95] * 13)
    chance = p / 100
    # Among two draws from these probabilities, one yes and one no.
    higher = (p[:, None] > p) + 0.5 * (p[:, None] == p)
    pairs = chance[:, None] * (1 - chance)
    true = (pairs * higher).sum() / pairs.sum()
    covered = 0
    for _ in range(300):
        outcomes = (generator.random(p.size) < chance).astype(int)
        found = auc_interval(Cases.of(Series.single(p * 10_000_000), outcomes))
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= true <= found.high
    assert covered / 300 > 0.87
