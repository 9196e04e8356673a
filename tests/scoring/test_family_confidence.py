from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given

from forecast_ledger.scoring.arrays import PARTS
from forecast_ledger.scoring.cases import Cases
from forecast_ledger.scoring.confidence import family_confidence
from forecast_ledger.scoring.hits import confidence, expected_hits, hits
from forecast_ledger.scoring.series import Series
from tests.scoring.datasets import D15, D100_OVERCONFIDENT, Asked, asked


def test_fifteen_forecasts_are_as_sure_and_right_as_numpy_says() -> None:
    found = family_confidence(D15.cases)
    assert found.confidence == pytest.approx(0.7733333333333334, rel=1e-12)
    assert found.hit_rate == pytest.approx(0.7, rel=1e-12)
    assert found.confidence - found.hit_rate == pytest.approx(0.07333333333333347, rel=1e-12)


@given(drawn=asked())
def test_with_a_family_per_question_it_is_the_one_by_question(drawn: Asked) -> None:
    found = family_confidence(Cases.of(drawn.series, drawn.outcomes))
    right, expected = hits(drawn.series, drawn.outcomes), expected_hits(drawn.series)
    assert found.questions == len(drawn.series)
    assert found.confidence == pytest.approx(np.mean(confidence(drawn.series)))
    assert found.hit_rate == pytest.approx(np.mean(right))
    assert found.hits == pytest.approx(np.sum(right))
    assert found.expected_hits == pytest.approx(expected.mean)
    assert (found.low, found.high) == expected.central(0.9)


@given(drawn=asked())
def test_yes_and_no_are_alike(drawn: Asked) -> None:
    found, mirror = family_confidence(drawn.cases), family_confidence(drawn.mirrored.cases)
    assert astuple(found) == pytest.approx(astuple(mirror))


@pytest.mark.parametrize("times", [3, 10])
def test_neither_repetition_nor_families_narrow_the_range(times: int) -> None:
    once = family_confidence(D100_OVERCONFIDENT.cases)
    said = np.repeat(D100_OVERCONFIDENT.percent, times) * (PARTS // 100)
    yes = np.repeat(D100_OVERCONFIDENT.yes, times)
    families = Cases.of(Series.single(said), yes, np.repeat(np.arange(100), times))
    assert astuple(family_confidence(families)) == pytest.approx(astuple(once))
    low, high = expected_hits(Series.single(said)).central(0.9)
    assert high - low < times * (once.high - once.low)


def test_of_less_than_a_family_come_no_more_hits_than_it_is() -> None:
    early = Cases.of(Series.single([850_000_000] * 12), [1] * 12, shares=np.full(12, 0.06))
    found = family_confidence(early)
    assert found.questions == pytest.approx(0.72)
    assert 0 <= found.low <= found.high <= found.questions
