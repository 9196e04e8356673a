from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_ledger.errors import InvalidError
from forecast_ledger.scoring.arrays import PARTS
from forecast_ledger.scoring.cases import Cases, exact_sums
from forecast_ledger.scoring.series import Series
from forecast_ledger.scoring.table import Table, grouped
from tests.scoring.datasets import Asked, asked
from tests.scoring.strategies import percents, whole_percents


def identical(left: Cases, right: Cases) -> bool:
    return all(
        getattr(left, name).tolist() == getattr(right, name).tolist()
        for name in ("parts", "weight", "yes", "offsets")
    )


def test_a_family_weighs_as_much_as_a_single_question() -> None:
    series = Series(
        np.array(percents(10, 20, 30, 40)), np.array([0.25, 0.75, 1.0, 1.0]), np.array([0, 2, 3, 4])
    )
    table = grouped(series, [1, 0, 1], [3, 3, 8])
    assert table.parts.tolist() == percents(10, 20, 30, 40)
    assert table.weight.tolist() == [0.125, 0.375, 0.5, 1.0]
    assert table.yes.tolist() == [0.125, 0.375, 0.0, 1.0]
    assert table.total == 2


@given(drawn=asked())
def test_the_weights_of_every_family_sum_to_one(drawn: Asked) -> None:
    cases = drawn.cases
    assert len(cases) == len(set(drawn.families))
    assert cases.family_sums(np.ones(cases.parts.size)) == pytest.approx(np.ones(len(cases)))
    assert Table.of(cases).total == pytest.approx(len(cases))


@given(drawn=asked(), data=st.data())
def test_neither_order_nor_the_names_of_families_change_a_digit(
    drawn: Asked, data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(drawn.questions))))
    assert identical(drawn.cases, drawn.shuffled(order).cases)


@given(drawn=asked())
def test_cases_mirror_exactly(drawn: Asked) -> None:
    assert identical(drawn.cases.mirrored(), drawn.mirrored.cases)
    assert identical(drawn.cases.mirrored().mirrored(), drawn.cases)


@given(drawn=asked(whole_percents))
def test_repeating_a_forecast_changes_nothing(drawn: Asked) -> None:
    series = drawn.series
    merged = Cases.of(series.merged(), drawn.outcomes, drawn.families)
    assert merged.parts.tolist() == drawn.cases.parts.tolist()
    assert merged.weight == pytest.approx(drawn.cases.weight, abs=1e-15)


def test_without_families_each_question_is_its_own() -> None:
    series = Series.single(percents(5, 5, 70))
    assert identical(Cases.of(series, [0, 1, 1]), Cases.of(series, [0, 1, 1], [4, 2, 9]))


def test_families_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InvalidError, match="2 families for 1 questions"):
        Cases.of(Series.single(percents(5)), [1], [1, 2])
    with pytest.raises(InvalidError, match="neither 0 nor 1"):
        Cases.of(Series.single(percents(5)), [0.5])


@given(values=st.lists(st.floats(0, 1).filter(lambda v: v == 0 or v > 2**-25), max_size=50))
def test_sums_are_exact_whatever_the_order(values: list[float]) -> None:
    sums = [
        float(exact_sums(np.zeros(len(row), dtype=np.int64), np.array(row), 1)[0])
        for row in (values, values[::-1], sorted(values))
    ]
    assert sums[0] == sums[1] == sums[2]
    assert sums[0] == pytest.approx(math.fsum(values), rel=3e-16, abs=0)


def test_plain_addition_would_depend_on_the_order() -> None:
    values = np.random.default_rng(1).random(1000)
    assert np.cumsum(values)[-1] != np.cumsum(values[::-1])[-1]
    place = np.zeros(1000, dtype=np.int64)
    assert exact_sums(place, values, 1) == exact_sums(place, values[::-1], 1)


@given(drawn=asked(most=8))
def test_the_table_is_what_fractions_give(drawn: Asked) -> None:
    """Summed in another way: exact fractions of the weights as they are."""
    expected: dict[int, Fraction] = {}
    series = drawn.series
    size = {family: drawn.families.count(family) for family in drawn.families}
    for question, family in enumerate(drawn.families):
        for place in range(int(series.offsets[question]), int(series.offsets[question + 1])):
            weight = Fraction(float(series.weights[place]) / size[family])
            said = int(series.parts[place])
            expected[said] = expected.get(said, Fraction(0)) + weight
    table = Table.of(drawn.cases)
    kept = {said: float(weight) for said, weight in expected.items() if weight}
    assert dict(zip(table.parts.tolist(), table.weight.tolist(), strict=True)) == pytest.approx(
        kept
    )


@given(said=st.integers(0, PARTS))
def test_rounding_mirrors(said: int) -> None:
    cases = Cases.of(Series.single([said]), [1])
    straight = cases.rounded(1_000_000).parts[0]
    assert abs(straight - said) <= 500_000
    assert PARTS - straight == cases.mirrored().rounded(1_000_000).parts[0]
