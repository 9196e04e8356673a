"""Every form of date that people type, and every one that is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from forecast_ledger.domain.days import DAY_NAMES, MONTH_NAMES, Side, describe
from forecast_ledger.domain.moments import When
from forecast_ledger.domain.spoken_dates import Library, Tense, add_months, parse_when
from forecast_ledger.errors import InvalidError, UsageError

BERLIN = ZoneInfo("Europe/Berlin")
# A Wednesday.
NOW = datetime(2026, 11, 25, 14, 30, tzinfo=BERLIN)

zones = st.sampled_from([ZoneInfo(name) for name in ("UTC", "Europe/Berlin", "Asia/Kathmandu")])
days = st.dates(date(1900, 1, 1), date(2200, 12, 31))


def read(
    text: str,
    *,
    zone: tzinfo = BERLIN,
    now: datetime = NOW,
    side: Side | None = None,
    tense: Tense | None = None,
    library: Library | None = None,
) -> When:
    return parse_when(text, zone=zone, now=now, side=side, tense=tense, library=library)


def refusal(
    text: str, side: Side | None = None, now: datetime = NOW, library: Library | None = None
) -> str:
    with pytest.raises(UsageError) as caught:
        read(text, side=side, now=now, library=library)
    return caught.value.message


@st.composite
def typed_days(draw: st.DrawFn) -> tuple[date, str]:
    """A date and one of the ways to type it."""
    day = draw(days)
    name = MONTH_NAMES[day.month - 1]
    month = draw(st.sampled_from([name, name[:3], f"{name[:3]}.", name.lower(), name.upper()]))
    ordinal = draw(st.sampled_from(["", "th", "st"]))
    text = draw(
        st.sampled_from(
            [
                day.isoformat(),
                f"{day.day}{ordinal} {month} {day.year}",
                f"{day.day:02d} {month}, {day.year}",
                f"the {day.day}{ordinal} of {month} {day.year}",
                f"{month} {day.day}{ordinal}, {day.year}",
                f"{month} {day.day} {day.year}",
                f"{DAY_NAMES[day.weekday()]}, {day.day} {month} {day.year}",
                f"{DAY_NAMES[day.weekday()][:3]} {month} {day.day}, {day.year}",
                f"{day.day}-{name[:3]}-{day.year}",
                f"end of {day.day} {month} {day.year}",
            ]
        )
    )
    return day, draw(st.sampled_from([text, f"  {text.replace(' ', '  ')} "]))


@given(typed_days(), zones, st.sampled_from([None, "start", "end"]))
def test_every_written_day_comes_back(
    typed: tuple[date, str], zone: ZoneInfo, side: Side | None
) -> None:
    day, text = typed
    assert read(text, zone=zone, side=side) == When.on(day, zone)


@given(days, st.times(), zones, st.sampled_from(["T", " "]), st.sampled_from(["Z", " UTC", "+00"]))
def test_an_iso_moment_with_its_offset_comes_back(
    day: date, time: object, zone: ZoneInfo, between: str, offset: str
) -> None:
    moment = datetime.fromisoformat(f"{day}T{time}+00:00")
    assume(1900 < moment.year < 2200)
    assert read(f"{day}{between}{time}{offset}", zone=zone) == When.at(moment)


@given(st.datetimes(datetime(1900, 1, 2), datetime(2200, 12, 30)), zones)  # noqa: DTZ001
def test_what_is_described_is_read_again(moment: datetime, zone: ZoneInfo) -> None:
    instant = When.at(moment.replace(microsecond=0, tzinfo=UTC))
    # Offsets with seconds, from before the zones were standardised, cannot be typed.
    assume(instant.start.astimezone(zone).utcoffset() % timedelta(minutes=1) == timedelta(0))  # type: ignore[operator]
    assert read(describe(instant, zone), zone=zone) == instant
    day = When.on(instant.start.astimezone(zone).date(), zone)
    for side in (None, "start", "end"):
        assert read(describe(day, zone, side=side), zone=zone) == day


@given(st.text(max_size=20), st.sampled_from([None, "start", "end"]))
def test_any_text_is_read_or_refused(text: str, side: Side | None) -> None:
    try:
        when = read(text, side=side)
    except UsageError:
        return
    assert isinstance(when, When)


@given(st.text("0123456789/.- ", max_size=12))
def test_bare_numbers_are_read_in_the_iso_order_only(text: str) -> None:
    try:
        when = read(text, side="end")
    except UsageError:
        return
    shown = " ".join(text.split())
    assert when.day is not None
    assert shown in (when.day.isoformat(), f"{when.day:%Y-%m}", f"{when.day:%Y}")


@pytest.mark.parametrize(
    "text,side,expected",
    [
        ("30 June", "end", "2027-06-30"),
        ("30 June", None, "2026-06-30"),
        ("30 June", "start", "2026-06-30"),
        ("25 November", "end", "2026-11-25"),
        ("25 November", None, "2026-11-25"),
        ("Nov 24th", "end", "2027-11-24"),
        ("29 February", "end", "2028-02-29"),
        ("29 February", None, "2024-02-29"),
        ("end of June", "end", "2027-06-30"),
        ("the end of June", None, "2026-06-30"),
        ("end of February 2028", None, "2028-02-29"),
        ("end of 2026", "end", "2026-12-31"),
        ("end of month", None, "2026-11-30"),
        ("end of the year", "end", "2026-12-31"),
        ("year-end", "end", "2026-12-31"),
        ("end of next year", "end", "2027-12-31"),
        ("June 2027", "end", "2027-06-30"),
        ("June 2027", "start", "2027-06-01"),
        ("2027-06", "end", "2027-06-30"),
        ("Q2 2027", "end", "2027-06-30"),
        ("q4 of 2027", "start", "2027-10-01"),
        ("2027", "end", "2027-12-31"),
        ("2027", "start", "2027-01-01"),
        ("November", "end", "2026-11-30"),
        ("October", "end", "2027-10-31"),
        ("November", "start", "2026-11-01"),
        ("December", "start", "2025-12-01"),
        ("next month", "end", "2026-12-31"),
        ("this year", "start", "2026-01-01"),
        ("today", None, "2026-11-25"),
        ("Tomorrow", "end", "2026-11-26"),
        ("yesterday", None, "2026-11-24"),
        ("friday", "end", "2026-11-27"),
        ("friday", None, "2026-11-20"),
        ("Tues", "end", "2026-12-01"),
        ("in 3 months", "end", "2027-02-25"),
        ("in a month", "end", "2026-12-25"),
        ("in 10 days", "end", "2026-12-05"),
        ("two weeks from now", "end", "2026-12-09"),
        ("3 days ago", None, "2026-11-22"),
        ("in 1 year", "end", "2027-11-25"),
        ("twelve months ago", None, "2025-11-25"),
    ],
)
def test_days_that_depend_on_today(text: str, side: Side | None, expected: str) -> None:
    assert read(text, side=side) == When.on(date.fromisoformat(expected), BERLIN)


@pytest.mark.parametrize(
    "text,expected",
    [
        ("now", "2026-11-25T13:30Z"),
        ("2026-03-31 14:05", "2026-03-31T12:05Z"),
        ("2026-03-31t14:05:09.25", "2026-03-31T12:05:09.250000Z"),
        ("2026-03-31 14:05+0530", "2026-03-31T08:35Z"),
        ("2026-03-29 02:30+01:00", "2026-03-29T01:30Z"),
        ("18 March 2027 14:05", "2027-03-18T13:05Z"),
        ("March 18, 2027 at 2:05pm", "2027-03-18T13:05Z"),
        ("18 March 2027 12am", "2027-03-17T23:00Z"),
        ("18 March 2027, 12 pm GMT", "2027-03-18T12:00Z"),
        ("yesterday at 9:00", "2026-11-24T08:00Z"),
        ("in 5 hours", "2026-11-25T18:30Z"),
        ("90 minutes ago", "2026-11-25T12:00Z"),
    ],
)
def test_instants(text: str, expected: str) -> None:
    assert read(text) == When.at(datetime.fromisoformat(expected))


def test_hours_are_elapsed_time_across_a_clock_change() -> None:
    eve = datetime(2026, 3, 28, 23, 0, tzinfo=BERLIN)
    assert read("in 5 hours", now=eve).start.astimezone(BERLIN).hour == 5


def test_today_is_the_zones() -> None:
    late = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)
    assert read("today", zone=BERLIN, now=late).day == date(2026, 11, 26)
    assert read("today", zone=UTC, now=late).day == date(2026, 11, 25)


def test_the_tense_can_be_said_apart_from_the_side() -> None:
    assert read("7 November", side="end", tense="past").day == date(2026, 11, 7)
    assert read("7 November", side="start", tense="future").day == date(2027, 11, 7)


@pytest.mark.parametrize(
    "text,says",
    [
        ("", "no date given"),
        ("hello", 'cannot read "hello" as a date. Write it like 2026-03-31,'),
        ("03/04/2026", "can mean 3 April 2026 or 4 March 2026. Say 2026-04-03 or 2026-03-04."),
        ("31/12/2026", "numbers are taken in one order only: say 2026-12-31."),
        ("31.12.2026", "say 2026-12-31."),
        ("12-31-2026", "say 2026-12-31."),
        ("05/05/2026", "say 2026-05-05."),
        ("2026/12/31", "say 2026-12-31."),
        ("2026-3-1", "say 2026-03-01."),
        ("20260331", "say 2026-03-31."),
        ("99/99/2026", '"99/99/2026" is not a date'),
        ("3.4.26", "no year of four digits"),
        ("3/4", "a day and a month in either order"),
        ("18 March 27", 'the year "27" in "18 March 27" has too few digits'),
        ("March 18, '27", 'the year "27"'),
        ("June '27", 'the year "27"'),
        ("30 February", "February has at most 29 days, not 30."),
        ("30 February 2027", "February 2027 has 28 days, not 30."),
        ("2027-02-29", "February 2027 has 28 days, not 29."),
        ("31 June", "June has at most 30 days, not 31."),
        ("0 June 2027", "June 2027 has 30 days, not 0."),
        ("2026-13-01", "there is no month 13."),
        ("1899-12-31", "the year 1899 lies outside 1900 to 2200."),
        ("1 January 2201", "the year 2201 lies outside 1900 to 2200."),
        ("in 9999 years", "lies outside 1900 to 2200."),
        ("9999 weeks ago", "lies outside 1900 to 2200."),
        ("wednesday", 'today is a Wednesday: say "today", or 2026-11-18.'),
        ("next friday", '"next friday" can mean 2026-11-27 or 2026-12-04. Say which.'),
        ("this friday", '"this friday" can mean 2026-11-20 or 2026-11-27. Say which.'),
        ("last friday", '"last friday" can mean 2026-11-13 or 2026-11-20. Say which.'),
        ("3 months", 'does not say from when. Say "in 3 months" or "3 months ago".'),
        ("in 3 months ago", "does not say from when."),
        ("mid-June", '"mid-June" is not one day.'),
        ("early 2027", '"early 2027" is not one day.'),
        ("next June", '"next June" is not one day.'),
        ("June 2027", '"June 2027" is more than one day. Give one, such as 2027-06-30.'),
        ("2027", '"2027" is more than one day. Give one, such as 2027-12-31.'),
        ("Fri 18 March 2027", "18 March 2027 is a Thursday, not a Friday."),
        ("2026-03-29 02:30", "does not exist in Europe/Berlin"),
        ("2026-10-25 02:30", "comes twice in Europe/Berlin"),
        ("2026-03-31 24:00", "cannot read the time"),
        ("18 March 2027 13pm", '"13pm" is not a time of day.'),
        ("18 March 2027 14:05 CET", '"CET" is not read as a time zone. Give the offset,'),
        ("2026-03-31 14:05+25:00", '"+25:00" is not an offset from UTC.'),
        ("end of 18 March 2027 14:05", "cannot read"),
        ("month", "cannot read"),
        ("٣١ March 2027", "cannot read"),
    ],
)
def test_what_is_refused_says_what_to_write(text: str, says: str) -> None:
    assert says in refusal(text)


def test_a_day_the_zone_skipped_is_refused() -> None:
    with pytest.raises(UsageError, match="2011-12-30 does not exist in Pacific/Apia"):
        read("30 December 2011", zone=ZoneInfo("Pacific/Apia"))


def test_now_needs_a_zone() -> None:
    with pytest.raises(InvalidError, match="now has no time zone"):
        read("today", now=datetime(2026, 11, 25))  # noqa: DTZ001


@given(days, st.integers(-600, 600))
def test_months_keep_the_day_or_clip_it(day: date, months: int) -> None:
    count = day.year * 12 + day.month - 1 + months
    assume(1900 <= count // 12 <= 2200)
    moved = add_months(day, months)
    assert moved.year * 12 + moved.month - 1 == count
    assert moved.day == day.day or (moved.day < day.day and (moved + timedelta(days=1)).day == 1)


def test_the_library_is_asked_only_about_what_the_grammar_does_not_know() -> None:
    asked: list[str] = []

    def library(text: str, now: datetime, zone: tzinfo) -> date:
        assert (now, zone) == (NOW, BERLIN)
        asked.append(text)
        return date(2026, 11, 23)

    assert read("the day  before yesterday", library=library).day == date(2026, 11, 23)
    assert read("today", library=library).day == date(2026, 11, 25)
    assert "can mean" in refusal("03/04/2026", library=library)
    assert asked == ["the day before yesterday"]


@pytest.mark.parametrize(
    "text,answer",
    [
        ("the 3rd day of April 2026", date(2026, 3, 4)),
        ("the 3rd day of April 2026", date(2027, 4, 3)),
        ("gibberish", None),
        ("long ago", date(1815, 6, 18)),
    ],
)
def test_a_library_that_contradicts_the_text_is_not_believed(
    text: str, answer: date | None
) -> None:
    assert refusal(text, library=lambda *_: answer)


def test_a_naive_answer_of_the_library_is_a_local_time() -> None:
    local = datetime(2027, 3, 18, 12, 0)  # noqa: DTZ001
    when = read("18 March 2027 high noon", library=lambda *_: local)
    assert when == When.at(datetime(2027, 3, 18, 11, tzinfo=UTC))


@pytest.mark.parametrize(
    "text,side,shown",
    [
        ("2027-03-18", "end", "end of Thu 18 March 2027"),
        ("2027-03-18", "start", "Thu 18 March 2027"),
        ("2027-03-18", None, "Thu 18 March 2027"),
        ("2027-03-18 14:05", "end", "Thu 18 March 2027 14:05"),
        ("2027-03-18 14:05:09", None, "Thu 18 March 2027 14:05:09"),
        ("2026-10-25 02:30+01:00", None, "Sun 25 October 2026 02:30+01:00"),
        ("2026-10-25 02:30+02:00", None, "Sun 25 October 2026 02:30+02:00"),
    ],
)
def test_moments_are_described_in_english(text: str, side: Side | None, shown: str) -> None:
    assert describe(read(text), BERLIN, side=side) == shown


def test_a_day_of_another_zone_says_what_it_is_here() -> None:
    day = When.on(date(2027, 3, 18), BERLIN)
    tokyo = ZoneInfo("Asia/Tokyo")
    assert describe(day, tokyo, side="end") == (
        "end of Thu 18 March 2027 (Fri 19 March 2027 08:00 here)"
    )
    assert describe(day, tokyo, side="start") == (
        "Thu 18 March 2027 (Thu 18 March 2027 08:00 here)"
    )
    assert describe(day, tokyo) == "Thu 18 March 2027"
    skipped = When.on(date(2011, 12, 30), UTC)
    assert describe(skipped, ZoneInfo("Pacific/Apia"), side="end") == (
        "end of Fri 30 December 2011 (Sat 31 December 2011 14:00 here)"
    )
