"""Forecasts out of the texts a database packs them into."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_ledger.domain.moments import text_of
from forecast_ledger.errors import InvalidError
from forecast_ledger.scoring.arrays import Flags, Integers
from forecast_ledger.scoring.packed import MOMENT, Recordings, unpacked
from forecast_ledger.scoring.standing import Answers
from tests.scoring.strategies import parts

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class One:
    """A forecast as it is kept."""

    made: datetime
    recorded: datetime
    parts: int
    end: datetime
    low: int
    high: int


@dataclass(frozen=True)
class Row:
    """The forecasts of a series, and which parts of them are there."""

    said: tuple[One, ...]
    dated: bool
    worded: bool


ends_of_calendar = [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC)]
moments = st.sampled_from(ends_of_calendar) | st.datetimes(timezones=st.just(UTC))
# Few moments, so that two forecasts share one now and then.
crowded = st.integers(0, 3).map(lambda count: EPOCH + count * MICROSECOND)
ones = st.builds(One, moments | crowded, moments, parts, moments, parts, parts)
rows = st.lists(
    st.builds(Row, st.lists(ones, min_size=1, max_size=4).map(tuple), st.booleans(), st.booleans()),
    min_size=1,
    max_size=5,
)


def unpack(given: list[Row]) -> tuple[Answers, Flags]:
    def moments(name: str, row: Row) -> str:
        return "".join(text_of(getattr(one, name)) for one in row.said)

    def numbers(name: str, row: Row) -> str:
        return ",".join(str(getattr(one, name)) for one in row.said)

    return unpacked(
        counts=[len(row.said) for row in given],
        made=[moments("made", row) for row in given],
        recorded=[moments("recorded", row) for row in given],
        parts=[numbers("parts", row) for row in given],
        ends=[moments("end", row) if row.dated else None for row in given],
        lows=[numbers("low", row) if row.worded else None for row in given],
        highs=[numbers("high", row) if row.worded else None for row in given],
    )


def micros(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


@given(given=rows)
def test_what_comes_out_is_what_went_in_by_the_order_it_was_made(given: list[Row]) -> None:
    answers, shared = unpack(given)
    place = 0
    assert answers.offsets[-1] == sum(len(row.said) for row in given)
    for number, row in enumerate(given):
        assert answers.offsets[number] == place
        for one in sorted(row.said, key=lambda one: one.made):
            assert answers.made[place] == micros(one.made)
            last = micros(one.end) - 1 if row.dated else micros(one.made)
            assert answers.made_last[place] == last
            assert answers.recorded[place] == micros(one.recorded)
            assert answers.parts[place] == one.parts
            assert answers.low[place] == (one.low if row.worded else one.parts)
            assert answers.high[place] == (one.high if row.worded else one.parts)
            place += 1
        assert shared[number] == (len({one.made for one in row.said}) < len(row.said))


def test_moments_are_read_without_a_float_between() -> None:
    # Of this many microseconds a float keeps every fourth at best.
    said = datetime(9998, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    answers, _ = unpack([Row((One(said, said, 1, said, 0, 2),), dated=True, worded=True)])
    assert answers.made.tolist() == [253_370_764_799_999_999]
    assert answers.made_last.tolist() == [253_370_764_799_999_998]


def test_places_in_the_log_stand_for_the_moments_they_were_written() -> None:
    answers, _ = unpacked(
        counts=[4],
        made=["".join(f"2026-03-{day}T22:00:00.000000Z" for day in (31, 30, 28, 29))],
        recorded=["3,9,10,11"],
        parts=["1,2,3,4"],
        ends=[None],
        lows=[None],
        highs=[None],
        recordings=Recordings.at([1, 4, 10], [100, 200, 300]),
    )
    assert answers.parts.tolist() == [3, 4, 2, 1]
    assert answers.recorded.tolist() == [300, 300, 200, 100]


def test_nothing_is_unpacked_into_nothing() -> None:
    answers, shared = unpacked(
        counts=[], made=[], recorded=[], parts=[], ends=[], lows=[], highs=[]
    )
    assert (answers.made.size, answers.offsets.tolist(), shared.size) == (0, [0], 0)


def texts(count: int, **changed: list[str | None]) -> dict[str, list[str | None]]:
    moment = "2026-03-31T22:00:00.000000Z"
    given: dict[str, list[str | None]] = {
        "made": [moment * count],
        "recorded": [moment * count],
        "parts": [",".join(["350000000"] * count)],
        "ends": [None],
        "lows": [None],
        "highs": [None],
    }
    return given | changed


@pytest.mark.parametrize(
    "changed",
    [
        {"made": ["2026-03-31T22:00:00.000000Z"]},
        {"recorded": ["2026-03-31T22:00:00.000000Z" * 3]},
        {"parts": ["350000000"]},
        {"parts": ["1,2,3"]},
        {"ends": ["2026-03-31T22:00:00.000000Z"]},
        {"lows": ["1"]},
        {"highs": ["1,2,3"]},
    ],
)
def test_texts_that_do_not_hold_as_many_as_they_should_are_refused(
    changed: dict[str, list[str | None]],
) -> None:
    with pytest.raises(InvalidError, match=r"moments of 27|for 2 forecasts"):
        unpacked(counts=[2], **texts(2, **changed))  # type: ignore[arg-type]


def test_the_moments_of_a_database_are_as_long_as_they_are_taken_to_be() -> None:
    for moment in ends_of_calendar:
        assert len(text_of(moment)) == MOMENT


def test_a_series_in_order_is_not_copied_into_another() -> None:
    moments = "".join(text_of(EPOCH + count * MICROSECOND) for count in range(3))
    answers, _ = unpacked(
        counts=[3],
        made=[moments],
        recorded=[moments],
        parts=["5,6,7"],
        ends=[None],
        lows=[None],
        highs=[None],
    )
    whole: list[tuple[Integers, Integers]] = [
        (answers.made_last, answers.made),
        (answers.low, answers.parts),
        (answers.high, answers.parts),
    ]
    for one, other in whole:
        assert np.shares_memory(one, other)
