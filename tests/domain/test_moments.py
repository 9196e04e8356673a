"""Days and instants across clock changes, and their text in the database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_ledger.domain.moments import (
    MICROSECOND,
    When,
    first_instant,
    instant_of,
    moment_of,
    text_of,
)
from forecast_ledger.errors import InvalidError

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [ZoneInfo(name) for name in ("UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Apia")]

moments = st.datetimes(timezones=st.just(UTC))
zones = st.sampled_from(ZONES)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "zone,day,start,end",
    [
        ("UTC", date(2026, 3, 31), "2026-03-31T00:00", "2026-04-01T00:00"),
        ("Europe/Berlin", date(2026, 3, 31), "2026-03-30T22:00", "2026-03-31T22:00"),
        # 23 and 25 hours.
        ("Europe/Berlin", date(2026, 3, 29), "2026-03-28T23:00", "2026-03-29T22:00"),
        ("Europe/Berlin", date(2026, 10, 25), "2026-10-24T22:00", "2026-10-25T23:00"),
        # Midnight was skipped: the day began at 01:00, and the eve ended there.
        ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T03:00", "2018-11-05T02:00"),
        ("America/Sao_Paulo", date(2018, 11, 3), "2018-11-03T03:00", "2018-11-04T03:00"),
        # The clocks went from 23:30 to 00:30, half an hour before the midnight that never came.
        ("America/Toronto", date(1919, 3, 31), "1919-03-31T04:30", "1919-04-01T04:00"),
        # Midnight came twice: at 00:01 the clocks were put back to 23:01.
        ("America/St_Johns", date(2006, 10, 29), "2006-10-29T02:30", "2006-10-30T03:30"),
        # Offsets had seconds, and the day began 44 and a half minutes late.
        ("Africa/Monrovia", date(1972, 1, 7), "1972-01-07T00:44:30", "1972-01-08T00:00"),
        # The date line moved: Samoa lost 30 December, Kwajalein lived 30 September for 47 hours.
        ("Pacific/Apia", date(2011, 12, 29), "2011-12-29T10:00", "2011-12-30T10:00"),
        ("Pacific/Apia", date(2011, 12, 31), "2011-12-30T10:00", "2011-12-31T10:00"),
        ("Pacific/Kwajalein", date(1969, 9, 30), "1969-09-29T13:00", "1969-10-01T12:00"),
    ],
)
def test_a_day_runs_from_its_first_instant_to_the_next_days(
    zone: str, day: date, start: str, end: str
) -> None:
    assert When.on(day, ZoneInfo(zone)) == When(utc(start), utc(end), day)


def test_a_day_that_a_zone_skipped_is_refused() -> None:
    with pytest.raises(InvalidError, match="2011-12-30 does not exist in Pacific/Apia"):
        When.on(date(2011, 12, 30), ZoneInfo("Pacific/Apia"))


@pytest.mark.parametrize("day", [date.min, date.max])
def test_the_edges_of_the_calendar_are_refused(day: date) -> None:
    with pytest.raises(InvalidError, match=r"calendar"):
        When.on(day, timezone(timedelta(hours=9)))


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)), zones)
def test_days_join_without_gap_and_hold_their_own_noon(day: date, zone: ZoneInfo) -> None:
    if zone.key == "Pacific/Apia" and date(2011, 12, 29) <= day <= date(2011, 12, 30):
        return
    when = When.on(day, zone)
    assert when.end == first_instant(day + timedelta(days=1), zone)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone).astimezone(UTC)
    assert when.start <= noon < when.end
    assert when.start.astimezone(zone).date() == day
    assert when.last == when.end - MICROSECOND
    assert when.is_day


@given(moments, zones)
def test_an_instant_is_the_same_whatever_zone_it_was_given_in(
    moment: datetime, zone: ZoneInfo
) -> None:
    try:
        given_in = moment.astimezone(zone)
    except OverflowError:
        return
    when = When.at(given_in)
    assert when == When(moment, moment)
    assert when.last == moment
    assert not when.is_day


def test_an_instant_needs_a_zone_and_a_day_a_length() -> None:
    noon = datetime(2026, 3, 31, 12, tzinfo=UTC)
    with pytest.raises(InvalidError, match="no time zone"):
        When.at(noon.replace(tzinfo=None))
    with pytest.raises(InvalidError, match="no time zone"):
        When(noon.replace(tzinfo=None), noon)
    with pytest.raises(InvalidError, match="not in UTC"):
        When(noon.astimezone(BERLIN), noon.astimezone(BERLIN))
    with pytest.raises(InvalidError, match="one moment"):
        When(noon, noon + MICROSECOND)
    with pytest.raises(InvalidError, match="cannot last"):
        When(noon, noon + timedelta(hours=49), noon.date())
    with pytest.raises(InvalidError, match="cannot last"):
        When(noon, noon, noon.date())
    with pytest.raises(InvalidError, match="outside the calendar"):
        When.at(datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))))


def test_instants_and_days_sort_by_their_first_moment() -> None:
    day = When.on(date(2026, 3, 31), UTC)
    midnight = When.at(day.start)
    assert sorted([When.at(day.end), day, midnight]) == [midnight, day, When.at(day.end)]


@given(moments)
def test_text_comes_back_as_the_same_moment(moment: datetime) -> None:
    text = text_of(moment)
    assert len(text) == 27
    assert moment_of(text) == moment
    assert moment_of(text).tzinfo is UTC


@given(moments, moments)
def test_text_sorts_as_moments_compare(one: datetime, other: datetime) -> None:
    assert (text_of(one) < text_of(other)) == (one < other)


def test_text_is_in_utc() -> None:
    local = datetime(2026, 4, 1, 0, 0, tzinfo=BERLIN)
    assert text_of(local) == "2026-03-31T22:00:00.000000Z"


def test_text_of_a_naive_moment_is_refused() -> None:
    with pytest.raises(InvalidError, match="no time zone"):
        text_of(datetime(2026, 3, 31))  # noqa: DTZ001


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-03-31",
        "2026-03-31T22:00:00Z",
        "2026-03-31 22:00:00.000000Z",
        "2026-03-31T22:00:00.000000z",
        "2026-03-31T22:00:00,000000Z",
        "2026-W14-2T22:00:00.000000Z",
        "2026-02-30T22:00:00.000000Z",
        "2026-03-31T24:00:00.000000Z",
        "2026-03-31T22:00:00.00000+0",
        "٢٠٢٦-03-31T22:00:00.000000Z",
    ],
)
def test_only_what_text_of_writes_is_read(text: str) -> None:
    with pytest.raises(InvalidError, match="is not a moment in UTC such as"):
        moment_of(text)


@given(moments, zones)
def test_clocks_show_the_local_time_of_an_instant(moment: datetime, zone: ZoneInfo) -> None:
    try:
        local = moment.astimezone(zone)
        found = instant_of(local.replace(tzinfo=None), zone)
    except (InvalidError, OverflowError):
        return
    assert found == moment


@pytest.mark.parametrize(
    "local,message",
    [
        (
            datetime(2026, 3, 29, 2, 30),  # noqa: DTZ001
            (
                "2026-03-29 02:30 does not exist in Europe/Berlin: the clocks were put forward "
                "past it. Give an offset, such as 2026-03-29 02:30+01:00."
            ),
        ),
        (
            datetime(2026, 10, 25, 2, 30),  # noqa: DTZ001
            (
                "2026-10-25 02:30 comes twice in Europe/Berlin, where the clocks were put back. "
                "Give an offset: 2026-10-25 02:30+02:00 or 2026-10-25 02:30+01:00."
            ),
        ),
        (
            datetime(2026, 3, 29, 2, 30, tzinfo=UTC),
            "2026-03-29T02:30:00+00:00 has an offset already: leave the zone out",
        ),
    ],
)
def test_a_local_time_that_is_not_one_moment_is_refused(local: datetime, message: str) -> None:
    with pytest.raises(InvalidError) as caught:
        instant_of(local, BERLIN)
    assert caught.value.message == message


@pytest.mark.parametrize("minute,offset", [("01:59", 1), ("03:00", 2)])
def test_the_edges_of_a_gap_are_read(minute: str, offset: int) -> None:
    local = datetime.fromisoformat(f"2026-03-29T{minute}")
    assert instant_of(local, BERLIN) == local.replace(tzinfo=timezone(timedelta(hours=offset)))
