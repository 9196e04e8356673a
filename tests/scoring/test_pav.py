from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scores.processing.isoreg_impl import isotonic_fit
from sklearn.isotonic import IsotonicRegression

from forecast_ledger.scoring.arrays import Floats
from forecast_ledger.scoring.pav import fitted, fitted_rows, pooled

cells = st.lists(
    st.integers(1, 9).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
    min_size=1,
    max_size=30,
)


def arrays(drawn: list[tuple[int, int]]) -> tuple[Floats, Floats]:
    return np.array([float(n) for n, _ in drawn]), np.array([float(s) for _, s in drawn])


@given(drawn=cells)
def test_scikit_learn_fits_the_same(drawn: list[tuple[int, int]]) -> None:
    weight, yes = arrays(drawn)
    peer = IsotonicRegression().fit_transform(range(len(drawn)), yes / weight, sample_weight=weight)
    assert fitted(weight, yes) == pytest.approx(peer, abs=1e-12)


@given(drawn=cells.filter(lambda drawn: len(drawn) > 1))
def test_scores_fits_the_same(drawn: list[tuple[int, int]]) -> None:
    weight, yes = arrays(drawn)
    said = np.arange(len(drawn)) / len(drawn)
    each = np.repeat(said, weight.astype(int))
    outcomes = np.concatenate([[1.0] * s + [0.0] * (n - s) for n, s in drawn])
    peer = isotonic_fit(each, outcomes)
    assert fitted(weight, yes) == pytest.approx(peer["regression_values"], abs=1e-12)


@given(drawn=cells)
def test_blocks_rise_strictly_and_mirror_exactly(drawn: list[tuple[int, int]]) -> None:
    weight, yes = arrays(drawn)
    start, n, s = pooled(weight, yes)
    assert all(s[i] * n[i + 1] < s[i + 1] * n[i] for i in range(start.size - 1))
    assert (n.sum(), s.sum()) == (weight.sum(), yes.sum())
    ends = weight.size - np.append(start[1:], weight.size)
    back, opposite, _ = pooled(weight[::-1], (weight - yes)[::-1])
    assert back.tolist() == ends[::-1].tolist()
    assert opposite.tolist() == n[::-1].tolist()


def test_equal_shares_that_floats_tell_apart_are_one_block() -> None:
    """3 of 10 and 30 of 100 divide alike; three tenths of 1 and a float 0.3 need not."""
    start, _, _ = pooled(np.array([49.0, 98.0, 147.0]), np.array([1.0, 2.0, 3.0]))
    assert start.tolist() == [0]


@given(
    drawn=st.lists(
        st.lists(
            st.integers(0, 4).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
            min_size=6,
            max_size=6,
        ).filter(lambda row: any(n for n, _ in row)),
        min_size=1,
        max_size=8,
    )
)
def test_many_rows_at_once_are_each_row_alone(drawn: list[list[tuple[int, int]]]) -> None:
    at = np.array([0.0, 0.1, 0.25, 0.5, 0.55, 1.0])
    weight = np.array([[n for n, _ in row] for row in drawn], dtype=np.float64).T
    yes = np.array([[s for _, s in row] for row in drawn], dtype=np.float64).T
    found = fitted_rows(weight, yes, at)
    for column in range(len(drawn)):
        some = weight[:, column] > 0
        alone = fitted(weight[some, column], yes[some, column])
        assert found[some, column].tolist() == pytest.approx(alone.tolist(), abs=1e-15)
        line = np.interp(at, at[some], alone)
        assert found[:, column] == pytest.approx(line, abs=1e-12)
