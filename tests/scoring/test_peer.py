from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_ledger.errors import InvalidError, UsageError
from forecast_ledger.scoring import exact
from forecast_ledger.scoring.arrays import PARTS
from forecast_ledger.scoring.exact import RunningSum
from forecast_ledger.scoring.logarithmic import split_mean
from forecast_ledger.scoring.peer import peer, peer_spot
from forecast_ledger.scoring.timeline import Stretches, Timed
from tests.scoring.rivals import Rivals, rivals
from tests.scoring.strategies import any_parts, percents

possible = st.one_of(st.integers(1, 99).map(lambda p: p * 10_000_000), st.integers(1, PARTS - 1))
often_certain = st.one_of(st.sampled_from([0, PARTS]), any_parts)


def score(asked: Rivals) -> Timed:
    return peer(
        asked.stretches, asked.outcome, opens=0, scheduled=asked.scheduled, ended=asked.ended
    )


def always(*said: float) -> Stretches:
    return Stretches.single(percents(*said), [0] * len(said), [10] * len(said))


def gmean(*values: float) -> float:
    return math.exp(math.fsum(map(math.log, values)) / len(values))


# Expected values: Metaculus/metaculus@100c408, scoring/score_math.py.
@pytest.mark.parametrize(
    "said, starts, expected, coverage",
    [
        ([10, 50, 90], [0, 0, 0], [-190.33312448851603, 51.08256237659906, 139.2505621119169], 1),
        (
            [10, 50, 90],
            [0, 0, 5],
            [-175.63845786596306, 106.01317681000452, 69.62528105595845],
            0.5,
        ),
        ([90], [0], [0.0], 1),
    ],
)
def test_agrees_with_metaculus(
    said: list[int], starts: list[int], expected: list[float], coverage: float
) -> None:
    stretches = Stretches.single(percents(*said), starts, [10] * len(said))
    found = peer(stretches, 1, opens=0, scheduled=10)
    assert found.scores.tolist() == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert found.coverage.tolist() == pytest.approx([1.0] * (len(said) - 1) + [coverage])


# The cases of Metaculus' own unit tests, always and at one moment.
@pytest.mark.parametrize(
    "said, expected",
    [
        ([90], [0.0]),
        ([90, 90], [0.0, 0.0]),
        ([10, 90], [100 * math.log(0.1 / 0.9), 100 * math.log(0.9 / 0.1)]),
        ([40, 60], [100 * math.log(0.4 / 0.6), 100 * math.log(0.6 / 0.4)]),
        (
            [10, 30, 60, 90],
            [
                100 * math.log(0.1 / gmean(0.3, 0.6, 0.9)),
                100 * math.log(0.3 / gmean(0.1, 0.6, 0.9)),
                100 * math.log(0.6 / gmean(0.1, 0.3, 0.9)),
                100 * math.log(0.9 / gmean(0.1, 0.3, 0.6)),
            ],
        ),
    ],
)
def test_agrees_with_the_tests_of_metaculus(said: list[int], expected: list[float]) -> None:
    for found in (
        peer(always(*said), 1, opens=0, scheduled=10),
        peer_spot(always(*said), 1, moment=4),
    ):
        assert found.scores.tolist() == pytest.approx(expected, rel=1e-12, abs=1e-12)
        assert found.coverage.tolist() == [1.0] * len(said)


def test_the_geometric_mean_of_all_says_the_same() -> None:
    # Metaculus' geometric mean of 70, 80 and 90 %, all included, is 0.7958114415792783.
    found = peer(always(70, 80, 90), 1, opens=0, scheduled=10).scores.tolist()
    mean = 0.7958114415792783
    expected = [100 * 3 / 2 * math.log(p / mean) for p in (0.7, 0.8, 0.9)]
    assert found == pytest.approx(expected, rel=1e-12)
    against = peer(always(70, 80, 90), 0, opens=0, scheduled=10).scores.tolist()
    mean = 0.18171205928321393
    assert against == pytest.approx(
        [100 * 3 / 2 * math.log(p / mean) for p in (0.3, 0.2, 0.1)], rel=1e-12
    )


def test_coverage_as_in_the_tests_of_metaculus() -> None:
    half = percents(50, 50, 50)
    found = peer(Stretches.single(half, [0, 5, 2], [5, 99, 99]), 1, opens=0, scheduled=10)
    assert found.coverage.tolist() == [0.5, 0.5, 0.8]
    assert found.scores.tolist() == [0.0, 0.0, 0.0]
    early = peer(Stretches.single(half, [0, 5, 2], [99] * 3), 1, opens=0, scheduled=10, ended=5)
    assert early.coverage.tolist() == [0.5, 0.0, 0.3]


def test_the_last_to_withdraw_does_not_keep_coverage_as_at_metaculus() -> None:
    found = peer(Stretches.single(percents(50, 50), [0, 2], [5, 7]), 1, opens=0, scheduled=10)
    assert found.coverage.tolist() == [0.5, 0.5]


def test_metaculus_spot_mismatch_is_not_shared() -> None:
    # Metaculus takes forecasts with start <= t but an average from strictly before t: whoever
    # forecasts at t is compared with others who are not compared with him.
    said = Stretches.single(percents(20, 80), [0, 5], [9, 9])
    at = peer_spot(said, 1, moment=5)
    assert at.scores.tolist() == pytest.approx([-100 * math.log(4), 100 * math.log(4)])
    assert at.coverage.tolist() == [1.0, 1.0]
    before = peer_spot(said, 1, moment=4)
    assert (before.scores.tolist(), before.coverage.tolist()) == ([0.0, 0.0], [1.0, 0.0])
    # A forecast that ends at the moment does not stand any more.
    assert peer_spot(said, 1, moment=9).coverage.tolist() == [0.0, 0.0]


def by_seconds(asked: Rivals) -> tuple[list[float], list[Fraction], list[int]]:
    """Finite part, multiple of ln 0 and seconds for each, second by second."""
    count = len(asked.forecasters)
    finite, zeros, seconds = [0.0] * count, [Fraction(0)] * count, [0] * count
    for standing in asked.moments():
        for who, p in standing.items():
            seconds[who] += 1
            others = [value for other, value in standing.items() if other != who]
            if not others:
                continue
            finite[who] += math.log(p / PARTS) if p else 0.0
            finite[who] -= math.fsum(math.log(q / PARTS) for q in others if q) / len(others)
            zeros[who] += Fraction(int(p == 0)) - Fraction(others.count(0), len(others))
    return finite, zeros, seconds


@given(asked=rivals(possible))
def test_agrees_second_by_second(asked: Rivals) -> None:
    finite, _, seconds = by_seconds(asked)
    found = score(asked)
    assert found.scores.tolist() == pytest.approx(
        [100 * value / asked.scheduled for value in finite], abs=1e-9
    )
    assert found.coverage.tolist() == [second / asked.scheduled for second in seconds]
    assert not found.impossible.any()


@given(asked=rivals(often_certain))
def test_certainty_that_failed_agrees_second_by_second(asked: Rivals) -> None:
    finite, zeros, _ = by_seconds(asked)
    found = score(asked)
    for who, of_zero in enumerate(zeros):
        if of_zero:
            assert found.scores[who] == (-math.inf if of_zero > 0 else math.inf)
        else:
            assert found.scores[who] == pytest.approx(100 * finite[who] / asked.scheduled, abs=1e-9)
        stood = [standing[who] for standing in asked.moments() if who in standing]
        assert found.impossible[who] == (0 in stood)


@given(asked=rivals(possible, most=9))
def test_scores_sum_to_zero(asked: Rivals) -> None:
    assert math.fsum(score(asked).scores.tolist()) == pytest.approx(0, abs=1e-9)


@given(asked=rivals(often_certain, most=9))
def test_with_a_floor_scores_are_finite_and_sum_to_zero(asked: Rivals) -> None:
    floor = percents(0.1)[0]
    window = {"opens": 0, "scheduled": asked.scheduled, "ended": asked.ended}
    found = peer(asked.stretches, asked.outcome, floor=floor, **window)
    assert math.fsum(found.scores.tolist()) == pytest.approx(0, abs=1e-9)
    assert not found.impossible.any()
    assert float(np.abs(found.scores).max()) <= 100 * math.log(999) + 1e-9


@given(asked=rivals())
def test_the_order_of_forecasters_leaves_no_trace(asked: Rivals) -> None:
    found, turned = score(asked), score(asked.reversed())
    assert found.scores.tolist() == turned.scores.tolist()[::-1]
    assert found.coverage.tolist() == turned.coverage.tolist()[::-1]


@given(asked=rivals())
def test_splitting_a_stretch_changes_nothing(asked: Rivals) -> None:
    found, halved = score(asked), score(asked.halved())
    assert halved.scores.tolist() == pytest.approx(found.scores.tolist(), abs=1e-10)
    assert halved.coverage.tolist() == found.coverage.tolist()


@given(asked=rivals())
def test_yes_and_no_mirror_each_other(asked: Rivals) -> None:
    assert score(asked).scores.tolist() == score(asked.mirrored()).scores.tolist()


@given(said=any_parts, count=st.integers(1, 20))
def test_those_who_agree_score_zero_exactly(said: int, count: int) -> None:
    stretches = Stretches.single([said] * count, [0] * count, list(range(1, count + 1)))
    for outcome in (0, 1):
        found = peer(stretches, outcome, opens=0, scheduled=count)
        assert found.scores.tolist() == [0.0] * count


def test_said_impossible_beside_others() -> None:
    found = peer(always(0, 50, 80), 1, opens=0, scheduled=10)
    assert found.scores.tolist() == [-math.inf, math.inf, math.inf]
    assert found.impossible.tolist() == [True, False, False]
    mean = split_mean(found.scores)
    assert math.isnan(mean.mean)
    assert mean.impossible == 3


def test_a_hundred_thousand_stretches_are_scored_and_too_many_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(20260101)
    forecasters, updates, span = 1_000, 100, 10**7
    cuts = np.sort(rng.integers(0, span, (forecasters, updates + 1)), axis=1)
    stretches = Stretches.of(
        rng.integers(1, PARTS, forecasters * updates),
        cuts[:, :-1].ravel(),
        cuts[:, 1:].ravel(),
        np.arange(0, forecasters * updates + 1, updates),
    )
    found = peer(stretches, 1, opens=0, scheduled=span)
    assert math.fsum(found.scores.tolist()) == pytest.approx(0, abs=1e-9)
    monkeypatch.setattr(exact, "MOST", 1_000)
    with pytest.raises(InvalidError, match="last forecast of each day"):
        peer(stretches, 1, opens=0, scheduled=span)


@given(values=st.lists(st.floats(-30, 30), max_size=30), data=st.data())
def test_running_sums_are_exact(values: list[float], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(values)))
    last = data.draw(st.integers(first, len(values)))
    found = RunningSum.of(np.array(values, dtype=float)).between(
        np.array([first]), np.array([last])
    )
    assert float(found[0]) == pytest.approx(math.fsum(values[first:last]), rel=1e-15, abs=1e-20)


def test_a_floor_applies_to_a_moment_too() -> None:
    found = peer_spot(always(0, 50), 1, moment=3, floor=percents(0.1)[0])
    assert found.scores.tolist() == pytest.approx([-100 * math.log(500), 100 * math.log(500)])


def test_a_question_that_ended_before_it_opened_has_no_scores() -> None:
    found = peer(always(0, 50), 1, opens=5, scheduled=10, ended=2)
    assert (found.scores.tolist(), found.coverage.tolist()) == ([0.0, 0.0], [0.0, 0.0])
    assert not found.impossible.any()


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(InvalidError, match="closes before it opens"):
        peer(always(50), 1, opens=10, scheduled=10)
    with pytest.raises(InvalidError, match="an outcome lies outside"):
        peer(always(50), 2, opens=0, scheduled=10)
    with pytest.raises(UsageError, match="floor"):
        peer(always(50), 1, opens=0, scheduled=10, floor=PARTS)
