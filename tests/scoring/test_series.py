from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_ledger.errors import InvalidError
from forecast_ledger.scoring.series import Series
from tests.scoring.strategies import Question, questions, reduced, whole_percents


@given(asked=questions(whole_percents, most=6), names=st.lists(st.integers(-3, 3), min_size=6))
def test_a_family_weighs_its_questions_alike(asked: list[Question], names: list[int]) -> None:
    series, numbers = reduced(asked).series, names[: len(asked)]
    family, times = series.by_family(numbers)
    order = list(dict.fromkeys(numbers))
    assert times.tolist() == [numbers.count(number) for number in order]
    for place, number in enumerate(order):
        told: dict[int, Fraction] = {}
        for question in (at for at, other in enumerate(numbers) if other == number):
            start, end = series.offsets[question : question + 2].tolist()
            for said, weight in zip(
                series.parts[start:end], series.weights[start:end], strict=True
            ):
                share = Fraction(float(weight)) / numbers.count(number)
                told[int(said)] = told.get(int(said), Fraction(0)) + share
        start, end = family.offsets[place : place + 2].tolist()
        assert family.parts[start:end].tolist() == sorted(told)
        assert family.weights[start:end] == pytest.approx([float(told[p]) for p in sorted(told)])


@given(asked=questions(whole_percents, most=6))
def test_families_of_one_are_the_series_themselves(asked: list[Question]) -> None:
    series = reduced(asked).series.merged()
    family, times = series.by_family(range(len(series)))
    assert times.tolist() == [1] * len(series)
    assert family.parts.tolist() == series.parts.tolist()
    assert family.weights.tolist() == series.weights.tolist()
    assert family.offsets.tolist() == series.offsets.tolist()


@pytest.mark.parametrize("number", [3, 10, 49, 1_000])
def test_a_family_that_says_one_thing_says_it_with_weight_one(number: int) -> None:
    family, times = Series.single([7] * number).by_family([1] * number)
    assert (family.parts.tolist(), family.weights.tolist()) == ([7], [1.0])
    assert times.tolist() == [number]


@pytest.mark.parametrize("numbers", [[1], [1, 2, 3], [[1, 2]]])
def test_every_series_has_a_family(numbers: list[int]) -> None:
    with pytest.raises(InvalidError, match="2 questions"):
        Series.single([5, 6]).by_family(np.array(numbers))
