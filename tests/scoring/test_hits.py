from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import astuple
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson_binom

from forecast_ledger.errors import InvalidError
from forecast_ledger.scoring.arrays import PARTS
from forecast_ledger.scoring.cases import Cases
from forecast_ledger.scoring.confidence import family_confidence
from forecast_ledger.scoring.hits import (
    confidence,
    expected_hits,
    hits,
    misses,
    probability_all_hits,
)
from forecast_ledger.scoring.series import Series
from tests.scoring.strategies import Question, parts, percents, questions, reduce_series, reduced
from tests.scoring.test_brier import MIXED, MIXED_OUTCOMES


def test_confidence_and_hit_rate_agree_with_peer() -> None:
    # numpy over the fifteen forecasts of test_brier: mean of max(p, 1 - p), and hits with a
    # half at 50 %.
    found = family_confidence(Cases.of(Series.single(MIXED), MIXED_OUTCOMES))
    assert found.questions == 15
    assert found.confidence == pytest.approx(0.7733333333333334, rel=1e-12)
    assert found.hit_rate == pytest.approx(0.7, rel=1e-12)
    assert found.hits == 10.5
    assert found.expected_hits == pytest.approx(11.6)
    assert (found.low, found.high) == (9.5, 13.5)


@given(said=st.lists(parts, min_size=1, max_size=9))
@settings(max_examples=40)
def test_hits_agree_with_every_way_they_can_come_out(said: list[int]) -> None:
    oracle: dict[Fraction, Fraction] = defaultdict(Fraction)
    for way in itertools.product([0, 1], repeat=len(said)):
        probability, number = Fraction(1), Fraction(0)
        for p, outcome in zip(said, way, strict=True):
            yes = Fraction(p, PARTS)
            probability *= yes if outcome else 1 - yes
            number += Fraction(1, 2) if 2 * p == PARTS else Fraction((2 * p > PARTS) == outcome)
        oracle[number] += probability
    found = expected_hits(Series.single(said))
    assert found.exact
    for value, probability in zip(found.values, found.probabilities, strict=True):
        assert probability == pytest.approx(float(oracle[Fraction(value)]), abs=1e-13)
    everything = max(number for number in oracle if oracle[number])
    assert probability_all_hits(Series.single(said)) == pytest.approx(
        float(oracle[everything]), abs=1e-13
    )


def test_the_range_agrees_with_the_poisson_binomial_of_scipy() -> None:
    said = np.random.default_rng(3).integers(1, PARTS, 60)
    found = expected_hits(Series.single(said))
    peer = poisson_binom(np.maximum(said, PARTS - said) / PARTS)
    assert found.central() == (peer.ppf(0.05), peer.ppf(0.95))
    assert found.at_least(50) == pytest.approx(peer.sf(49), abs=1e-12)
    assert found.mean == pytest.approx(peer.mean())


def test_one_time_in_three() -> None:
    ten = Series.single(percents(5, 25, 95, 95, 70, 95, 5, 90, 5, 5))
    assert probability_all_hits(ten) == pytest.approx(0.95**7 * 0.75 * 0.7 * 0.9)
    assert expected_hits(ten).at_least(10) == pytest.approx(probability_all_hits(ten))


def test_fifty_percent_is_half_a_hit_and_no_miss() -> None:
    even = Series.single(percents(50, 50))
    assert hits(even, [0, 1]).tolist() == [0.5, 0.5]
    assert misses(even, [0, 1]).tolist() == [0, 0]
    assert probability_all_hits(even) == 1
    assert expected_hits(even).central() == (1.0, 1.0)


def test_updated_questions_count_by_weight() -> None:
    series = reduce_series(percents(40, 50, 80), [1, 1, 2], [1], [0, 3]).series
    assert hits(series, [1]).tolist() == [0.25 * 0 + 0.25 * 0.5 + 0.5]
    assert misses(series, [1]).tolist() == [0.25]
    assert confidence(series).tolist() == pytest.approx([0.25 * 0.6 + 0.25 * 0.5 + 0.5 * 0.8])
    found = expected_hits(series)
    assert found.probabilities == pytest.approx([0.2, 0.25, 0.55])
    assert float(found.values @ found.probabilities) == pytest.approx(found.mean)


@given(asked=questions())
@settings(max_examples=50)
def test_yes_and_no_mirror_each_other(asked: list[Question]) -> None:
    outcomes = [question.outcome for question in asked]
    series = reduced(asked).series
    mirrored = reduced([question.mirrored() for question in asked]).series
    against = [1 - outcome for outcome in outcomes]
    straight = family_confidence(Cases.of(series, outcomes))
    mirror = family_confidence(Cases.of(mirrored, against))
    assert astuple(straight) == pytest.approx(astuple(mirror))
    assert misses(series, outcomes).tolist() == misses(mirrored, against).tolist()
    assert hits(series, outcomes) + hits(series, against) == pytest.approx(np.ones(len(asked)))


def test_an_outcome_that_is_no_side_is_refused() -> None:
    with pytest.raises(InvalidError, match="neither 0 nor 1"):
        hits(Series.single(percents(40)), [0.5])
