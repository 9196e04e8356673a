from __future__ import annotations

import math
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from forecast_ledger.errors import InvalidError, UsageError
from forecast_ledger.scoring.interval import interval_allowed, least_error, mean_interval
from forecast_ledger.scoring.series import Series
from tests.scoring.strategies import percents, reduce_series

scores_of_several = st.lists(st.floats(0, 1), min_size=3, max_size=40)


@pytest.mark.parametrize(
    "families, misses, allowed",
    [(20, 5, True), (20, 4.99, False), (19, 20, False), (10**6, 0, False), (21, 5.5, True)],
)
def test_twenty_families_and_five_misses(families: int, misses: float, *, allowed: bool) -> None:
    assert interval_allowed(families, misses) is allowed


@given(scores=scores_of_several, level=st.floats(0.5, 0.99))
def test_single_families_give_the_t_interval_of_scipy(scores: list[float], level: float) -> None:
    found = mean_interval(scores, range(len(scores)), level=level)
    error = float(stats.sem(scores))
    if error:
        low, high = stats.t.interval(level, len(scores) - 1, np.mean(scores), error)
        assert (found.low, found.high) == pytest.approx((max(low, 0), min(high, 1)), abs=1e-9)
    assert found.error == pytest.approx(error, abs=1e-12)


def test_equal_families_give_the_t_interval_of_their_means() -> None:
    scores = np.random.default_rng(2).uniform(0, 0.4, 60)
    families = np.repeat(np.arange(20), 3)
    found = mean_interval(scores, families)
    means = scores.reshape(20, 3).mean(axis=1)
    low, high = stats.t.interval(0.9, 19, means.mean(), stats.sem(means))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.families == 20


@given(
    scored=st.lists(
        st.tuples(st.integers(0, 100), st.integers(-3, 3)), min_size=2, max_size=30
    ).filter(lambda scored: len({family for _, family in scored}) > 1)
)
def test_unequal_families_follow_the_formula(scored: list[tuple[int, int]]) -> None:
    scores = [Fraction(score, 100) for score, _ in scored]
    families = [family for _, family in scored]
    centre = sum(scores) / len(scores)
    groups = sorted(set(families))
    total = sum(
        sum(s - centre for s, f in zip(scores, families, strict=True) if f == group) ** 2
        for group in groups
    )
    variance = Fraction(len(groups), len(groups) - 1) * total / len(scores) ** 2
    found = mean_interval([float(score) for score in scores], families)
    assert found.mean == pytest.approx(float(centre))
    assert found.error == pytest.approx(math.sqrt(variance), abs=1e-12)


def test_luck_does_not_make_it_narrow() -> None:
    said = percents(*[5] * 30)
    series = Series.single(said)
    least = least_error(series)
    assert least == pytest.approx(math.sqrt(0.9**2 * 0.05 * 0.95 / 30))
    found = mean_interval([0.0025] * 30, range(30), least)
    assert found.error == least
    assert found.high == pytest.approx(0.0025 + stats.t.ppf(0.95, 29) * least)
    assert found.low == 0


def test_updates_do_not_lower_the_least_error() -> None:
    many = reduce_series(percents(*[5] * 40), [1] * 40, [0] * 10, range(0, 41, 4)).series
    assert least_error(many) == pytest.approx(least_error(Series.single(percents(*[5] * 10))))


def test_too_few_families_and_arrays_that_do_not_fit_are_refused() -> None:
    with pytest.raises(InvalidError, match="two families"):
        mean_interval([0.1, 0.2], [7, 7])
    with pytest.raises(InvalidError, match="one for each"):
        mean_interval([0.1, 0.2], [7])
    with pytest.raises(UsageError):
        mean_interval([0.1, 0.2], [1, 2], level=90)


def test_scipy_is_loaded_for_an_interval_alone() -> None:
    program = (
        "import sys\n"
        "from forecast_ledger.scoring import confidence, expected, interval, policy, sample\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'scipy', 'sqlalchemy'}))\n"
        "interval.mean_interval([0.1, 0.2], [1, 2])\n"
        "print('scipy.special' in sys.modules, 'scipy.stats' in sys.modules)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout.split("\n")[:2] == ["[]", "True False"]
