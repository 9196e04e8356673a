"""The arithmetic of the grades on arrays against that of one series at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from forecast_ledger.domain.moments import When
from forecast_ledger.domain.standing import GRACE as GRACE_OF_ONE
from forecast_ledger.domain.standing import GRADES, Series, Stated, Stretch, series_of
from forecast_ledger.scoring.standing import (
    ALWAYS,
    CLAIMED,
    GRACE,
    NEVER,
    WITNESSED,
    Answers,
    Spans,
    Stood,
    stood,
    windows,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
KATHMANDU = timezone(timedelta(hours=5, minutes=45))

TIMELINES = ("proven", "claimed", "together")


@dataclass(frozen=True)
class Said:
    made: When
    recorded: datetime


@dataclass(frozen=True)
class Case:
    """One series, in the order it was made, and the window of its question."""

    said: tuple[Said, ...]
    opens: datetime | None = None
    closes: datetime | None = None
    known: When | None = None

    def series(self, until: datetime) -> Series:
        stated = [Stated(place, said.made, said.recorded) for place, said in enumerate(self.said)]
        return series_of(
            stated, opens=self.opens, closes=self.closes, known=self.known, until=until
        )


def micros(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


def in_arrays(cases: list[Case], until: datetime) -> Stood:
    said = [one for case in cases for one in case.said]
    nothing = np.zeros(len(said), dtype=np.int64)
    return stood(
        Answers(
            made=np.array([micros(one.made.start) for one in said]),
            made_last=np.array([micros(one.made.last) for one in said]),
            recorded=np.array([micros(one.recorded) for one in said]),
            parts=nothing,
            low=nothing,
            high=nothing,
            offsets=np.array(list(accumulate((len(case.said) for case in cases), initial=0))),
        ),
        windows(
            [ALWAYS if case.opens is None else micros(case.opens) for case in cases],
            [NEVER if case.closes is None else micros(case.closes) for case in cases],
            [NEVER if case.known is None else micros(case.known.start) for case in cases],
        ),
        micros(until),
    )


def of_series(spans: Spans, place: int, first: int) -> list[tuple[int, int, int, str]]:
    """What stood in the series at `place`, whose first forecast is number `first` of all."""
    return [
        (int(answer) - first, int(start), int(end), GRADES[grade])
        for series, answer, start, end, grade in zip(
            spans.series, spans.answer, spans.start, spans.end, spans.grade, strict=True
        )
        if series == place
    ]


def written(stretches: tuple[Stretch, ...]) -> list[tuple[int, int, int, str]]:
    return [(s.seq, micros(s.start) // 10**6, micros(s.end) // 10**6, s.grade) for s in stretches]


# Hours a day apart in every combination, and either side of a whole second.
moments = st.builds(
    lambda hours, micros: BEGINNING + timedelta(hours=hours, microseconds=micros),
    st.sampled_from([0, 1, 5, 23, 24, 25, 48, 49, 72, 100, 150]) | st.integers(0, 190),
    st.sampled_from([0, 0, 0, 1, 400_000, 999_999]) | st.integers(0, 3 * 10**6),
)
whens = st.builds(When.at, moments) | st.builds(
    lambda day, zone: When.on(date(2026, 1, 1) + timedelta(days=day), zone),
    st.integers(0, 8),
    st.sampled_from([UTC, KATHMANDU]),
)


def in_order_made(said: list[Said]) -> tuple[Said, ...]:
    return tuple(sorted(said, key=lambda one: one.made.start))


cases = st.builds(
    Case,
    st.lists(
        st.builds(Said, whens, moments),
        min_size=1,
        max_size=6,
        unique_by=lambda said: said.made.start,
    ).map(in_order_made),
    st.none() | moments,
    st.none() | moments,
    st.none() | whens,
)


def hour(number: float) -> datetime:
    return BEGINNING + timedelta(hours=number)


def said_at(made: float, recorded: float) -> Said:
    return Said(When.at(hour(made)), hour(recorded))


GRACE_AND_A_MICROSECOND = Case(
    (
        Said(When.at(hour(1)), hour(25)),
        Said(When.at(hour(2)), hour(26) + MICROSECOND),
        said_at(30, 30),
    )
)
# The third is recorded first, the first last; the second never has a stretch of its own.
BACKWARDS = Case((said_at(1, 90), said_at(2, 60), said_at(3, 40)), None, None, When.at(hour(150)))
CLAIMED_ALONE = Case((said_at(1, 160), said_at(2, 170)), None, None, When.at(hour(150)))
A_DAY_AT_THE_OUTCOME = Case(
    (Said(When.on(date(2026, 1, 2), UTC), hour(30)),), hour(30), None, When.at(hour(47))
)
# Made, recorded and too late at the very moment; the one before it is in time for all three.
AT_THE_VERY_MOMENT = Case(
    (
        Said(When.at(hour(9) - MICROSECOND), hour(10)),
        said_at(9, 9),
        said_at(10, 10),
    ),
    None,
    hour(9),
    When.at(hour(10)),
)
MADE_AS_IT_BECAME_KNOWN = Case((said_at(8, 10), said_at(10, 9)), None, None, When.at(hour(10)))
WITHIN_A_SECOND = Case(
    (
        Said(When.at(hour(1)), hour(1)),
        Said(When.at(hour(1) + 400_000 * MICROSECOND), hour(1) + 400_000 * MICROSECOND),
        Said(When.at(hour(1) + 10**6 * MICROSECOND), hour(1) + 10**6 * MICROSECOND),
    ),
    hour(1) + MICROSECOND,
)


@given(cases=st.lists(cases, min_size=1, max_size=4), until=moments)
@example(cases=[GRACE_AND_A_MICROSECOND, BACKWARDS], until=hour(190))
@example(cases=[BACKWARDS, BACKWARDS, CLAIMED_ALONE], until=hour(190))
@example(cases=[A_DAY_AT_THE_OUTCOME, WITHIN_A_SECOND], until=hour(2))
@example(cases=[AT_THE_VERY_MOMENT, MADE_AS_IT_BECAME_KNOWN], until=hour(190))
def test_many_series_at_once_stand_as_each_does_alone(cases: list[Case], until: datetime) -> None:
    found = in_arrays(cases, until)
    first = 0
    for place, case in enumerate(cases):
        alone = case.series(until)
        for timeline in TIMELINES:
            spans: Spans = getattr(found, timeline)
            assert of_series(spans, place, first) == written(getattr(alone, timeline)), timeline
        assert found.hindsight[place] == len(alone.hindsight)
        assert found.late[place] == len(alone.late)
        first += len(case.said)


@given(cases=st.lists(cases, min_size=1, max_size=4), until=moments)
def test_stretches_come_in_order_of_series_and_time(cases: list[Case], until: datetime) -> None:
    found = in_arrays(cases, until)
    for timeline in TIMELINES:
        spans: Spans = getattr(found, timeline)
        assert np.all(np.diff(spans.series) >= 0)
        assert np.all(np.diff(spans.answer) >= 0)
        same = spans.series[1:] == spans.series[:-1]
        assert np.all(spans.start[1:][same] >= spans.end[:-1][same])
        assert np.all(spans.start <= spans.end)


@given(cases=st.lists(cases, min_size=2, max_size=4), until=moments, wanted=st.data())
def test_the_stretches_of_some_series_are_those_of_each(
    cases: list[Case], until: datetime, wanted: st.DataObject
) -> None:
    marks = wanted.draw(st.lists(st.booleans(), min_size=len(cases), max_size=len(cases)))
    spans = in_arrays(cases, until).together
    chosen = spans.of(np.array(marks))
    assert list(rows(chosen)) == [row for row in rows(spans) if marks[row[0]]]


def rows(spans: Spans) -> Iterator[tuple[int, ...]]:
    columns = (spans.series, spans.answer, spans.start, spans.end, spans.grade)
    return zip(*(column.tolist() for column in columns), strict=True)


@pytest.mark.parametrize("case", [BACKWARDS, CLAIMED_ALONE])
def test_both_kinds_of_stretch_are_there_to_be_compared(case: Case) -> None:
    found = in_arrays([case], hour(190))
    grades = set(found.together.grade.tolist())
    assert grades == ({WITNESSED, CLAIMED} if case is BACKWARDS else {CLAIMED})
    assert bool(found.proven.series.size) == (case is BACKWARDS)


def test_grace_and_grades_are_those_of_a_single_series() -> None:
    assert timedelta(microseconds=GRACE) == GRACE_OF_ONE
    assert (GRADES[WITNESSED], GRADES[CLAIMED]) == ("witnessed", "claimed")


def test_what_was_made_out_of_the_order_of_its_proof_takes_no_time_of_later_proof() -> None:
    found = in_arrays([BACKWARDS], hour(190))
    assert of_series(found.proven, 0, 0) == [
        (2, micros(hour(40)) // 10**6, micros(hour(150)) // 10**6, "witnessed")
    ]
