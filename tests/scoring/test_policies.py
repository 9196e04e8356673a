"""Each policy against a count of seconds, days or forecasts one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from forecast_ledger.errors import UsageError
from forecast_ledger.scoring.policy import (
    DAY,
    OPEN_ENDED,
    POLICIES,
    Held,
    Policy,
    policy_named,
)


@dataclass(frozen=True)
class Stretch:
    start: int
    end: int
    answer: int


@dataclass(frozen=True)
class Stretches:
    """The stretches of one series in order of time, and its deadline."""

    those: tuple[Stretch, ...]
    closes: int = OPEN_ENDED

    @property
    def answers(self) -> list[int]:
        """The forecasts in the order in which they first stood."""
        return list(dict.fromkeys(stretch.answer for stretch in self.those))


@st.composite
def series(draw: st.DrawFn, gap: st.SearchStrategy[int]) -> Stretches:
    moment = draw(gap) - 3 * DAY
    cuts = [moment := moment + draw(gap) for _ in range(2 * draw(st.integers(1, 5)))]
    answers = st.integers(0, 3)
    those = [Stretch(a, b, draw(answers)) for a, b in zip(cuts[::2], cuts[1::2], strict=True)]
    return Stretches(tuple(those), draw(st.just(OPEN_ENDED) | st.integers(-3 * DAY, 12 * DAY)))


seconds = st.integers(0, 4)
# Whole days, the last second of one, the first of another, and none at all.
around_midnight = st.sampled_from([0, 0, 1, DAY // 2, DAY - 1, DAY, DAY + 1, 2 * DAY])
short = st.lists(series(seconds), min_size=1, max_size=3)
long = st.lists(series(around_midnight), min_size=1, max_size=3)


def weights(policy: Policy, many: list[Stretches]) -> list[list[float]]:
    those = [stretch for one in many for stretch in one.those]
    offsets = np.array(list(accumulate((len(one.those) for one in many), initial=0)))
    found = policy(
        Held(
            start=np.array([stretch.start for stretch in those]),
            end=np.array([stretch.end for stretch in those]),
            answer=np.array([stretch.answer for stretch in those]),
            closes=np.array([one.closes for one in many]),
            offsets=offsets,
        )
    )
    assert found.dtype == np.float64
    return [found[a:b].tolist() for a, b in pairwise(offsets.tolist())]


def shares(counts: Counter[int], size: int) -> list[float]:
    """What each of `size` stretches has of all that was counted, which is something."""
    return [float(Fraction(counts[place], counts.total())) for place in range(size)]


def by_second(one: Stretches) -> list[float]:
    """The seconds in which each stretch stood; where there are none, the last counts."""
    found = Counter(
        place for place, s in enumerate(one.those) for _ in range(s.end - s.start)
    ) or Counter([len(one.those) - 1])
    return shares(found, len(one.those))


def by_day(one: Stretches) -> list[float]:
    """The days of which each stretch was the last to hold any of."""
    those = one.those
    days = {day for s in those for day in range(s.start // DAY, max(s.end - 1, s.start) // DAY + 1)}
    found: Counter[int] = Counter()
    for day in days:
        here = [
            place
            for place, s in enumerate(those)
            if s.start < (day + 1) * DAY and (s.end > day * DAY or s.start >= day * DAY)
        ]
        found[here[-1]] += 1
    return shares(found, len(those))


def by_forecast(one: Stretches) -> list[float]:
    """Each forecast once, where it first stood."""
    met = [s.answer for s in one.those]
    found = Counter(met.index(answer) for answer in one.answers)
    return shares(found, len(one.those))


def the_first(one: Stretches) -> list[float]:
    return shares(Counter([0]), len(one.those))


def the_last(one: Stretches) -> list[float]:
    return shares(Counter([len(one.those) - 1]), len(one.those))


SIMPLE: dict[str, Callable[[Stretches], list[float]]] = {
    "time-weighted": by_second,
    "daily": by_day,
    "last": the_last,
    "first": the_first,
    "each": by_forecast,
}


def test_every_policy_is_tried() -> None:
    assert list(SIMPLE) == list(POLICIES)


NO_TIME_AT_ALL = Stretches((Stretch(5, 5, 0), Stretch(5, 5, 1)))
STANDS_AGAIN = Stretches((Stretch(0, 3, 1), Stretch(3, 5, 0), Stretch(5, 9, 1), Stretch(9, 9, 0)))
THREE_IN_A_DAY = Stretches(
    (
        Stretch(DAY // 2, 2 * DAY + 5, 0),
        Stretch(2 * DAY + 5, 2 * DAY + 9, 1),
        Stretch(2 * DAY + 9, 3 * DAY, 2),
        Stretch(3 * DAY, 3 * DAY, 3),
        Stretch(3 * DAY, 3 * DAY, 4),
    )
)


@pytest.mark.parametrize("name", POLICIES)
@given(many=short | long)
@example(many=[NO_TIME_AT_ALL, STANDS_AGAIN, THREE_IN_A_DAY])
@example(many=[THREE_IN_A_DAY, STANDS_AGAIN, NO_TIME_AT_ALL])
def test_weights_are_what_counting_one_by_one_gives(name: str, many: list[Stretches]) -> None:
    simple = SIMPLE[name]
    if name == "time-weighted":
        # Seconds cannot be counted one by one over days.
        many = [one for one in many if one.those[-1].end - one.those[0].start < 1_000]
        if not many:
            return
    assert weights(POLICIES[name], many) == [simple(one) for one in many]


@given(many=short | long, days=st.integers(1, 9))
def test_a_horizon_takes_what_stood_at_that_moment(many: list[Stretches], days: int) -> None:
    found = weights(policy_named(f"at {days}d"), many)
    for one, weighed in zip(many, found, strict=True):
        moment = one.closes - days * DAY
        assert weighed == [float(s.start <= moment < s.end) for s in one.those]
        assert sum(weighed) <= 1
        assert not sum(weighed) or one.closes < OPEN_ENDED


def test_a_horizon_is_half_open() -> None:
    held = (Stretch(0, DAY, 0), Stretch(DAY, 2 * DAY, 1))
    closes = [30 * DAY, 31 * DAY, 32 * DAY, 32 * DAY - 1, 30 * DAY - 1]
    found = weights(policy_named("at 30d"), [Stretches(held, at) for at in closes])
    assert found == [[1, 0], [0, 1], [0, 0], [0, 1], [0, 0]]


@pytest.mark.parametrize("name", POLICIES)
@given(many=short | long)
def test_series_do_not_touch_each_other(name: str, many: list[Stretches]) -> None:
    together = weights(POLICIES[name], many)
    assert together == [weights(POLICIES[name], [one])[0] for one in many]
    assert all(sum(one) == pytest.approx(1, abs=1e-12) for one in together)


@given(many=short)
def test_begins_marks_the_first_stretch_of_each_forecast(many: list[Stretches]) -> None:
    for one in many:
        found = weights(lambda held: held.begins.astype(np.float64), [one])[0]
        met = [s.answer for s in one.those]
        assert found == [float(met.index(answer) == place) for place, answer in enumerate(met)]


@pytest.mark.parametrize("name", ["at 30d", "at-30d", "AT 30D ", "at 30 days before the deadline"])
def test_a_horizon_may_be_written_out(name: str) -> None:
    assert weights(policy_named(name), [Stretches((Stretch(0, 1, 0),), 30 * DAY)]) == [[1]]


@pytest.mark.parametrize("name", ["at 30", "at -3d", "at d", "30d", "at 30h", "at 123456d", "Last"])
def test_what_is_no_policy_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="there is no policy"):
        policy_named(name)
