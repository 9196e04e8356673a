"""The numbers of a series against a simulation that looks at every hour in turn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import fsum

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from forecast_ledger.domain.moments import When
from forecast_ledger.domain.standing import CLAIMED, Series, Stated, Stretch, series_of
from tests.scoring.strategies import reduce_series

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
LAST_HOUR = 24 * 8


def hour(number: int) -> datetime:
    return EPOCH + number * HOUR


@dataclass(frozen=True)
class Moment:
    """An hour, or with `day` the bare date that begins at it."""

    number: int
    day: bool = False

    @property
    def when(self) -> When:
        if not self.day:
            return When.at(hour(self.number))
        return When.on(hour(self.number).date(), UTC)

    @property
    def last(self) -> float:
        """The last hour this can mean, or just before the next."""
        return self.number if not self.day else self.number + 23.999


@dataclass(frozen=True)
class Said:
    made: Moment
    recorded: int
    published: Moment | None
    yes: int | None  # tenths; None withdraws


@dataclass(frozen=True)
class Case:
    said: tuple[Said, ...]
    opens: int | None
    closes: int | None
    known: Moment | None
    until: int

    def series(self, order: int = 1) -> Series:
        return series_of(
            [
                Stated(
                    seq,
                    said.made.when,
                    hour(said.recorded),
                    said.published.when if said.published else None,
                    said.yes is None,
                )
                for seq, said in enumerate(self.said)
            ][::order],
            opens=None if self.opens is None else hour(self.opens),
            closes=None if self.closes is None else hour(self.closes),
            known=self.known.when if self.known else None,
            until=hour(self.until),
        )


def proof(said: Said, known: Moment | None) -> int | None:
    """Return the hour from which a forecast is proven to have stood."""
    moments = [said.recorded] if known is None or said.recorded < known.number else []
    carried = said.published and said.made.number - said.published.last <= 24
    if said.published and carried and (known is None or said.published.last < known.number):
        moments.append(said.published.number)
    if not moments:
        return None
    return said.made.number if min(moments) - said.made.number <= 24 else min(moments)


def simulated(case: Case, timeline: str) -> list[int]:
    """Return the forecast (its place in the case) that counts in each hour that has one."""
    closes = LAST_HOUR if case.closes is None else case.closes
    known = LAST_HOUR if case.known is None else case.known.number
    candidates = [
        place
        for place, said in enumerate(case.said)
        if said.made.number < closes and (case.known is None or said.made.last < known)
    ]
    witnessed = [
        p for p in candidates if case.known is None or case.said[p].recorded < case.known.number
    ]
    # Where anything was witnessed, what turns up after the outcome is no proof.
    proofs = {
        place: proof(case.said[place], case.known) if place in (witnessed or candidates) else None
        for place in candidates
    }

    def newest(started: list[int]) -> int | None:
        return max(started, key=lambda place: (case.said[place].made.number, place), default=None)

    counting = []
    for now in range(case.opens or 0, min(case.until, closes, known)):
        said = newest([place for place in candidates if case.said[place].made.number <= now])
        proven = [p for p in candidates if (since := proofs[p]) is not None and since <= now]
        counts = {
            "proven": newest(proven),
            "together": said,
            "claimed": None if said in proven else said,
        }[timeline]
        if counts is not None and case.said[counts].yes is not None:
            counting.append(counts)
    return counting


hours = st.integers(0, LAST_HOUR - 1)
moments = st.builds(Moment, hours) | st.builds(
    lambda d: Moment(24 * d, day=True), st.integers(0, 7)
)
cases = st.builds(
    Case,
    st.lists(
        st.builds(Said, moments, hours, st.none() | moments, st.none() | st.integers(0, 10)),
        min_size=1,
        max_size=6,
    ).map(tuple),
    st.none() | hours,
    st.none() | hours,
    st.none() | moments,
    hours,
)
DATED_BACK = Case(
    (Said(Moment(0), 0, None, 1), Said(Moment(1), 100, None, 10)), None, None, Moment(150), 190
)
DAY_AT_THE_DEADLINE = Case(
    (Said(Moment(24, day=True), 30, Moment(24, day=True), 3),), 40, 48, Moment(72, day=True), 190
)


def stretches(series: Series, timeline: str) -> tuple[Stretch, ...]:
    found: tuple[Stretch, ...] = getattr(series, timeline)
    return found


@pytest.mark.parametrize("timeline", ["proven", "claimed", "together"])
@given(case=cases)
@example(case=DATED_BACK)
@example(case=DAY_AT_THE_DEADLINE)
def test_what_stands_when_and_what_it_scores_is_what_an_hourly_simulation_says(
    case: Case, timeline: str
) -> None:
    counting = simulated(case, timeline)
    found = stretches(case.series(), timeline)
    assert sum(s.seconds for s in found) == 3600 * len(counting)
    held = [s.seq for s in found for _ in range(s.seconds // 3600)]
    assert held == counting
    if not counting:
        return
    yes = [case.said[s.seq].yes for s in found]
    for outcome in (0, 1):
        reduced = reduce_series(
            [(tenths or 0) * 100_000_000 for tenths in yes],
            [s.seconds for s in found],
            [outcome],
            [0, len(found)],
        )
        expected = fsum(((case.said[i].yes or 0) / 10 - outcome) ** 2 for i in counting)
        assert float(reduced.sample.score[0]) == pytest.approx(expected / len(counting), abs=1e-12)


@given(case=cases)
def test_every_stretch_of_the_claimed_timeline_is_graded_once(case: Case) -> None:
    series = case.series()
    apart = [s for s in series.together if s.grade == CLAIMED]
    assert list(series.claimed) == apart
    for before, after in pairwise(series.together):
        assert before.end <= after.start
    assert all(s.start < s.end for s in (*series.proven, *series.together))


@given(case=cases)
def test_the_order_in_which_a_series_is_read_does_not_matter(case: Case) -> None:
    assert case.series(1) == case.series(-1)


@given(case=cases)
def test_nobody_earns_proven_time_for_a_forecast_before_there_is_proof_of_it(case: Case) -> None:
    for stretch in case.series().proven:
        said = case.said[stretch.seq]
        proofs = [hour(said.recorded)] + ([said.published.when.start] if said.published else [])
        assert min(proofs) - stretch.start <= timedelta(hours=24)


@given(case=cases, added=st.builds(Said, moments, hours, st.none(), st.integers(0, 10)))
def test_a_new_entry_takes_no_more_than_a_day_of_what_was_proven_before_it(
    case: Case, added: Said
) -> None:
    common = (case.opens, case.closes, case.known, case.until)
    earlier = tuple(said for said in case.said if said.recorded <= added.recorded)
    before = Case(earlier, *common).series().proven
    after = Case((*earlier, added), *common).series().proven
    moment = hour(added.recorded) - timedelta(hours=24)
    assert until(before, moment) == until(after, moment)


def until(found: tuple[Stretch, ...], moment: datetime) -> list[Stretch]:
    return [replace(s, end=min(s.end, moment)) for s in found if s.start < moment]


@given(
    cuts=st.lists(st.integers(-(10**16), 10**16), min_size=2, max_size=6, unique=True).map(sorted)
)
def test_the_whole_seconds_of_adjacent_stretches_add_up(cuts: list[int]) -> None:
    ends = [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=cut) for cut in cuts]
    parts = [Stretch(0, a, b, CLAIMED).seconds for a, b in pairwise(ends)]
    assert sum(parts) == Stretch(0, ends[0], ends[-1], CLAIMED).seconds
    assert all(part >= 0 for part in parts)
    assert sum(parts) == cuts[-1] // 10**6 - cuts[0] // 10**6
