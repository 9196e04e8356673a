from __future__ import annotations

import itertools
import time
import tracemalloc
from collections import defaultdict
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_ledger.errors import UsageError
from forecast_ledger.scoring import expected
from forecast_ledger.scoring.arrays import PARTS, mean
from forecast_ledger.scoring.distribution import ROUNDING, Distribution, lattice_sum
from forecast_ledger.scoring.expected import expected_brier
from forecast_ledger.scoring.series import Series
from tests.scoring.strategies import (
    Question,
    any_parts,
    parts,
    percents,
    questions,
    reduced,
    whole_percents,
)

Exact = dict[Fraction, Fraction]


def brute_force(series: Series) -> Exact:
    """Every way the questions can come out, in fractions: mean score -> probability."""
    atoms = []
    for start, end in itertools.pairwise(series.offsets.tolist()):
        weights = [Fraction(weight) for weight in series.weights[start:end].tolist()]
        whole = sum(weights)
        question = []
        for said, weight in zip(series.parts[start:end].tolist(), weights, strict=True):
            p = Fraction(said, PARTS)
            question.append(((1 - p) ** 2, weight / whole * p))
            question.append((p**2, weight / whole * (1 - p)))
        atoms.append(question)
    found: Exact = defaultdict(Fraction)
    for way in itertools.product(*atoms):
        probability = Fraction(1)
        for _, share in way:
            probability *= share
        found[sum((score for score, _ in way), Fraction(0)) / len(atoms)] += probability
    return {score: share for score, share in sorted(found.items()) if share}


def quantile(found: Exact, probability: float) -> float:
    reached = Fraction(0)
    for score, share in found.items():
        reached += share
        if reached >= Fraction(probability) - Fraction(ROUNDING):
            return float(score)
    raise AssertionError


def assert_agrees(found: Distribution, oracle: Exact) -> None:
    assert found.exact
    assert found.error == 0
    assert found.mean == pytest.approx(float(sum(s * w for s, w in oracle.items())), abs=1e-14)
    for level in (0.5, 0.8, 0.9, 0.95):
        tail = (1 - level) / 2
        ends = (quantile(oracle, tail), quantile(oracle, 1 - tail))
        assert found.central(level) == pytest.approx(ends, abs=1e-12)
    reached = Fraction(0)
    for score, share in oracle.items():
        reached += share
        assert found.at_most(float(score)) == pytest.approx(float(reached), abs=1e-11)
        assert found.at_least(float(score)) == pytest.approx(float(1 - reached + share), abs=1e-11)


@given(said=st.lists(whole_percents, min_size=1, max_size=9))
@settings(max_examples=40)
def test_whole_percents_agree_with_every_way_they_can_come_out(said: list[int]) -> None:
    series = Series.single(said)
    assert_agrees(expected_brier(series), brute_force(series))


# Multiples of 1009 parts, so that two sums are either one or farther apart than doubles blur.
@given(said=st.lists(st.integers(0, 991_080).map(lambda n: n * 1009), min_size=1, max_size=9))
@settings(max_examples=40)
def test_a_few_odd_probabilities_agree_too(said: list[int]) -> None:
    series = Series.single(said)
    assert_agrees(expected_brier(series), brute_force(series))


@given(asked=questions(whole_percents, most=4, updates=3))
@settings(max_examples=40)
def test_updated_questions_have_one_standing_moment(asked: list[Question]) -> None:
    series = reduced(asked).series
    found = expected_brier(series)
    assert_agrees(found, brute_force(series))
    assert found.mean == pytest.approx(mean(reduced(asked).sample.expected), abs=1e-15)


def test_the_three_ways_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(7)
    series = Series.single(generator.integers(1, 100, 12) * (PARTS // 100))
    lattice = expected_brier(series)
    monkeypatch.setattr(expected, "EXACT_CELLS", 0)
    listed = expected_brier(series)
    monkeypatch.setattr(expected, "EXACT_QUESTIONS", 0)
    fine = expected_brier(series)
    assert (lattice.exact, listed.exact, fine.exact) == (True, True, False)
    assert lattice.values.size != listed.values.size
    assert listed.central() == pytest.approx(lattice.central(), abs=1e-12)
    assert fine.central() == pytest.approx(lattice.central(), abs=fine.error)
    middle = lattice.quantile(0.3)
    assert listed.at_most(middle) == pytest.approx(lattice.at_most(middle), abs=1e-12)
    assert fine.at_most(middle) == pytest.approx(lattice.at_most(middle), abs=1e-6)
    assert fine.at_least(middle) == pytest.approx(lattice.at_least(middle), abs=1e-6)


@pytest.mark.parametrize("count", [60, 400])
@pytest.mark.parametrize("updates", [1, 4])
def test_the_fine_lattice_keeps_to_its_error(
    count: int, updates: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = np.random.default_rng(count)
    said = generator.integers(1, 20, count * updates) * (PARTS // 20)
    offsets = np.arange(0, said.size + 1, updates)
    series = Series(said, np.full(said.size, 1 / updates), offsets)
    exactly = expected_brier(series)
    monkeypatch.setattr(expected, "EXACT_CELLS", 0)
    nearly = expected_brier(series)
    assert exactly.exact
    assert not nearly.exact
    assert nearly.error < 6e-5
    assert nearly.mean == exactly.mean
    assert float(nearly.values @ nearly.probabilities) == pytest.approx(exactly.mean, abs=1e-12)
    for level in (0.5, 0.9, 0.99):
        tail = (1 - level) / 2
        for share in (tail, 1 - tail):
            lower = exactly.quantile(share - 1e-6) - nearly.error
            upper = exactly.quantile(share + 1e-6) + nearly.error
            assert lower <= nearly.quantile(share) <= upper


def test_ten_readings_of_one_article() -> None:
    said = percents(5, 25, 95, 95, 70, 95, 5, 90, 5, 5)
    found = expected_brier(Series.single(said))
    scores = [min(p, PARTS - p) ** 2 / PARTS**2 for p in said]
    assert found.mean == pytest.approx(0.082)
    assert found.at_most(mean(scores)) == pytest.approx(0.95**7 * 0.75 * 0.7 * 0.9)


@given(said=st.lists(parts, min_size=1, max_size=8))
@settings(max_examples=40)
def test_order_and_side_do_not_matter(said: list[int]) -> None:
    there = expected_brier(Series.single(said))
    back = expected_brier(Series.single([PARTS - p for p in said[::-1]]))
    assert there.central() == pytest.approx(back.central(), abs=1e-12)
    assert there.mean == pytest.approx(back.mean, abs=1e-15)


@pytest.mark.parametrize("said, score", [(0, 0.0), (PARTS, 0.0), (PARTS // 2, 0.25)])
def test_certainty_and_fifty_leave_nothing_to_chance(said: int, score: float) -> None:
    found = expected_brier(Series.single([said] * 30))
    assert found.central() == pytest.approx((score, score), abs=1e-15)
    assert found.at_most(score) == pytest.approx(1)
    assert found.at_most(score - 1e-6) == 0


@given(said=st.lists(any_parts, min_size=1, max_size=60), level=st.floats(0.05, 0.99))
@settings(max_examples=25)
def test_the_central_range_holds_its_level(said: list[int], level: float) -> None:
    found = expected_brier(Series.single(said))
    low, high = found.central(level)
    inside = (found.values >= low) & (found.values <= high)
    assert found.probabilities.sum() == pytest.approx(1, abs=1e-11)
    assert found.probabilities[inside].sum() >= level - 3 * ROUNDING
    assert low <= found.quantile(0.5) <= high


def test_a_level_met_exactly_is_met() -> None:
    found = expected_brier(Series.single(percents(5)))
    assert found.central() == pytest.approx((0.0025, 0.0025))
    assert found.central(0.91) == pytest.approx((0.0025, 0.9025))
    with pytest.raises(UsageError):
        found.central(90)
    with pytest.raises(UsageError):
        found.quantile(1.1)


@given(
    rows=st.lists(
        st.lists(st.integers(0, 9), min_size=3, max_size=3).filter(any), min_size=1, max_size=7
    )
)
def test_sums_agree_with_plain_convolution(rows: list[list[int]]) -> None:
    shares = np.array(rows) / np.sum(rows, axis=1, keepdims=True)
    plain = np.ones(1)
    for row in shares:
        plain = np.convolve(plain, row)
    assert lattice_sum(shares) == pytest.approx(plain, abs=1e-14)


def test_sums_of_many_blocks_agree_with_the_binomial() -> None:
    count = 50_000
    sums = lattice_sum(np.tile([0.7, 0.3], (count, 1)))
    places = np.arange(count + 1)
    assert sums.size == count + 1
    assert sums @ places == pytest.approx(0.3 * count, rel=1e-10)
    assert sums @ (places - 0.3 * count) ** 2 == pytest.approx(0.21 * count, rel=1e-8)


@pytest.mark.parametrize(
    "count, unit, seconds", [(10, 1, 0.005), (400, 1, 0.4), (5000, PARTS // 100, 2), (5000, 1, 2)]
)
def test_large_ledgers_are_quick_and_take_little_memory(
    count: int, unit: int, seconds: float
) -> None:
    said = np.random.default_rng(1).integers(1, PARTS // unit, count) * unit
    series = Series.single(said)
    took = []
    for _ in range(3):
        started = time.perf_counter()
        expected_brier(series)
        took.append(time.perf_counter() - started)
    assert min(took) < seconds
    tracemalloc.start()
    expected_brier(series)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 120e6


@pytest.mark.parametrize("said", [percents(1, 30, 50, 97, 99), percents(*range(80, 100, 3))])
def test_cumulants_agree_with_the_lattice(said: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    series = Series.single((said * 1_000)[:1_000])
    many = expected_brier(series)
    monkeypatch.setattr(expected, "MANY_QUESTIONS", 10_000)
    monkeypatch.setattr(expected, "EXACT_CELLS", 10**8)
    lattice = expected_brier(series)
    assert (lattice.exact, many.exact, many.mean) == (True, False, lattice.mean)
    assert many.central() == pytest.approx(lattice.central(), abs=3e-5)
    assert many.at_most(lattice.mean) == pytest.approx(lattice.at_most(lattice.mean), abs=0.01)


def test_a_thousand_questions_of_few_probabilities_are_exact() -> None:
    assert expected_brier(Series.single(percents(*[5, 95] * 500))).exact
