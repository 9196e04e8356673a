"""Which dates are read out of a sentence, and which only look like dates."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_ledger.domain import deadlines
from forecast_ledger.domain.days import DAY_NAMES, MONTH_NAMES
from forecast_ledger.domain.deadlines import Found, find_deadline, no_deadline_hint
from forecast_ledger.domain.moments import When
from forecast_ledger.domain.spoken_dates import Library
from forecast_ledger.errors import UsageError

BERLIN = ZoneInfo("Europe/Berlin")
# A Wednesday.
MADE = datetime(2026, 11, 25, 14, 30, tzinfo=BERLIN)

zones = st.sampled_from([ZoneInfo(name) for name in ("UTC", "Europe/Berlin", "Asia/Kathmandu")])
ahead = st.dates(date(2026, 12, 2), date(2200, 12, 30))


def find(
    sentence: str,
    *,
    zone: tzinfo = BERLIN,
    made: datetime = MADE,
    library: Library | None = None,
) -> Found | None:
    return find_deadline(sentence, zone=zone, made=made, library=library)


@pytest.mark.parametrize(
    "sentence,fragment,day",
    [
        ("Will the Fed cut rates by 18 March 2027?", "by 18 March 2027", "2027-03-18"),
        ("Will it pass by Mar 18, 2027.", "by Mar 18, 2027", "2027-03-18"),
        ("Will it pass by 18 Mar. 2027?", "by 18 Mar. 2027", "2027-03-18"),
        ("By the 18th of March, 2027, will it pass?", "By the 18th of March, 2027", "2027-03-18"),
        ("Will it pass (by 2027-03-18)?", "by 2027-03-18", "2027-03-18"),
        ("will  it pass by\n18 march 2027", "by 18 march 2027", "2027-03-18"),
        ("Will it pass by Thursday 18 March 2027?", "by Thursday 18 March 2027", "2027-03-18"),
        ("Will it pass by 30 June?", "by 30 June", "2027-06-30"),
        ("Will it pass by May 10?", "by May 10", "2027-05-10"),
        ("Will it pass by 25 November?", "by 25 November", "2026-11-25"),
        ("Will it last until 5 May 2027?", "until 5 May 2027", "2027-05-05"),
        ("Will they meet on 5 May?", "on 5 May", "2027-05-05"),
        ("Will they meet by Friday?", "by Friday", "2026-11-27"),
        ("Will they meet before Friday?", "before Friday", "2026-11-26"),
        ("Will they meet by tomorrow?", "by tomorrow", "2026-11-26"),
        ("Will X happen before 1 May 2027?", "before 1 May 2027", "2027-04-30"),
        ("Will X happen before June?", "before June", "2027-05-31"),
        ("Will X happen before November?", "before November", "2027-10-31"),
        ("Will X happen before March 2027?", "before March 2027", "2027-02-28"),
        ("Will X happen before 2027?", "before 2027", "2026-12-31"),
        ("Will X happen before next year?", "before next year", "2026-12-31"),
        ("Will X happen on or before 30 June 2027?", "before 30 June 2027", "2027-06-30"),
        ("Will X happen in or before 2027?", "before 2027", "2027-12-31"),
        ("Will X happen before the end of June?", "before the end of June", "2027-06-30"),
        ("Will it pass by end of June?", "by end of June", "2027-06-30"),
        ("Will it pass by the end of 2026?", "by the end of 2026", "2026-12-31"),
        ("Will it pass by the end of the year?", "by the end of the year", "2026-12-31"),
        ("Will it pass by year-end?", "by year-end", "2026-12-31"),
        ("Will it pass by the end of Q2 2027?", "by the end of Q2 2027", "2027-06-30"),
        ("Will it rain in June 2027?", "in June 2027", "2027-06-30"),
        ("Will it rain in 2028-02?", "in 2028-02", "2028-02-29"),
        ("Will it end in 2027?", "in 2027", "2027-12-31"),
        ("Will inflation in 2027 exceed 3%?", "in 2027", "2027-12-31"),
        ("Will they sign in March?", "in March", "2027-03-31"),
        ("Will it pass in May?", "in May", "2027-05-31"),
        ("Will it pass in november?", "in november", "2026-11-30"),
        ("Will it pass in Q2 2027?", "in Q2 2027", "2027-06-30"),
        ("Will it end within 2027?", "within 2027", "2027-12-31"),
        ("Will it be done within 3 months?", "within 3 months", "2027-02-25"),
        ("Will it be done within three months of now?", "within three months", "2027-02-25"),
        ("Within 2 weeks, will Y resign?", "Within 2 weeks", "2026-12-09"),
        ("Will Y resign within a year?", "within a year", "2027-11-25"),
        ("Will it rise in the next 10 days?", "in the next 10 days", "2026-12-05"),
        ("Will it rise within the next month?", "within the next month", "2026-12-25"),
        # What had passed when the forecast was made is no deadline.
        (
            "Will the law passed in 2019 be repealed by 30 June 2027?",
            "by 30 June 2027",
            "2027-06-30",
        ),
        ("Will it close, as agreed on 3 May 2025, by May 10?", "by May 10", "2027-05-10"),
        # The same deadline twice is one.
        ("Will it pass in 2026, by 31 December?", "in 2026", "2026-12-31"),
    ],
)
def test_a_deadline_is_read(sentence: str, fragment: str, day: str) -> None:
    found = find(sentence)
    assert found is not None
    assert (found.fragment, found.when) == (
        fragment,
        When.on(date.fromisoformat(day), BERLIN),
    )


@pytest.mark.parametrize(
    "sentence,moment",
    [
        ("Will it pass by 18 March 2027 at 14:00?", "2027-03-18T13:00Z"),
        ("Will it pass by 18 March 2027, 2pm?", "2027-03-18T13:00Z"),
        ("Will it pass before 2027-03-18T14:00Z?", "2027-03-18T14:00Z"),
        ("Will it pass within 24 hours?", "2026-11-26T13:30Z"),
    ],
)
def test_a_deadline_with_a_time_is_an_instant(sentence: str, moment: str) -> None:
    found = find(sentence)
    assert found is not None
    assert found.when == When.at(datetime.fromisoformat(moment))


@pytest.mark.parametrize(
    "sentence",
    [
        "Will May resign?",
        "Will May follow March?",
        "Will 5 of 7 judges agree?",
        "Will X lead in 3 of 5 states?",
        "Will X win in 2 rounds?",
        "Will they meet on 12 occasions?",
        "Will X win by 10 points?",
        "Will it pass by 2000 votes?",
        "Will it pass by 3/4 of the votes?",
        "Will version 1.2.34 ship before 1.2.35?",
        "Will Harris win in the 2028 election?",
        "Will Harris win in 2028 elections?",
        "Will gold cost 3000 in 2027 dollars?",
        "Will they win in 2027-28 season?",
        "Will they win in 2027/28?",
        "Will she win in March Madness?",
        "Will it pass in May 10 times?",
        "Will it survive in May's cabinet?",
        "Will they go in may be tomorrow?",
        "Will it appear on Sunday Times covers?",
        "Will inflation fall for the first time in 5 years?",
        "Will it happen within 3 months of the vote?",
        "Will it happen within 10 days after the vote?",
        "Will they score within 10 minutes?",
        "Will X die in the next year?",
        "Will it happen after 5 May 2027?",
        "Will it last from 5 May 2027?",
        "Will it happen on or after 5 May 2027?",
        "Will it pass this year?",
        "Will it pass 30 June 2027?",
        "Will the 2027 budget pass?",
        "Will standby 30 June 2027 work?",
        "Will the treaty signed in 1648 end?",
        "Will the treaty signed in 1648 be void?",
        "Will what was built by 2019 be void?",
        "Will they lose in early May elections?",
        "Will it happen on June 2027?",
        "Will they meet on the end of June?",
        "Will the ruling of 3 May 2025 stand?",
        "Will the ruling made on 3 May 2025 stand?",
        "Will it pass before today?",
        "",
    ],
)
def test_what_only_looks_like_a_deadline_is_not_read(sentence: str) -> None:
    assert find(sentence) is None


@pytest.mark.parametrize(
    "sentence,says",
    [
        (
            "Will it pass by June?",
            (
                '"by June" can mean before 1 June 2027 or to the end of 30 June 2027. '
                "Say --by 2027-05-31 or --by 2027-06-30."
            ),
        ),
        ("Will it pass by 2027?", "Say --by 2026-12-31 or --by 2027-12-31."),
        ("Will it last until March 2027?", "Say --by 2027-02-28 or --by 2027-03-31."),
        ("Will it pass by Q2 2027?", "Say --by 2027-03-31 or --by 2027-06-30."),
        (
            "Will it happen by 30 June or before 2027?",
            (
                'more than one deadline: "by 30 June" (end of Wed 30 June 2027) and '
                '"before 2027" (end of Thu 31 December 2026). Say --by DATE.'
            ),
        ),
        ("Will it happen by 30 June 2027 or 31 July 2027?", "is followed by another date"),
        ("Will they meet on 5 May to 7 May?", "is followed by another date"),
        ("Will it pass by mid-June 2027?", '"by mid-June 2027" is not one day'),
        ("Will it pass in early 2027?", '"in early 2027" is not one day'),
        ("Will it pass by next June?", '"by next June" is not one day'),
        ("Will it happen by 03/04/2027?", "can mean 3 April 2027 or 4 March 2027"),
        ("Will it happen by 31.12.2026?", "say 2026-12-31"),
        ("Will it happen by 30 February 2027?", "February 2027 has 28 days, not 30"),
        ("Will it pass by 18 March 27?", "a year of two digits"),
        ("Will it pass by Friday 18 March 2027?", "is a Thursday, not a Friday"),
        ("Will it pass by Wednesday?", "today is a Wednesday"),
        ("Will it pass by 14:00 on 18 March 2027?", "stands behind a time that is not read"),
        ("Will it pass by 5pm ET on 18 March 2027?", "stands behind a time that is not read"),
        ("Will it pass by 18 March 2027 at 14:00 ET?", "followed by a time that is not read"),
        ("Will it pass by 18 March 2027 at noon?", "followed by a time that is not read"),
        ("Will it pass by 28 March 2027 02:30?", "does not exist in Europe/Berlin"),
    ],
)
def test_what_can_mean_two_things_is_refused(sentence: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        find(sentence)
    assert says in caught.value.message


def test_what_was_understood_is_told() -> None:
    exact = find("Will the Fed cut rates by 18 March 2027?")
    assert exact is not None
    assert exact.understood == "end of Thu 18 March 2027, Europe/Berlin (read out of the text)"
    completed = find("Will the Fed cut rates by 18 March?")
    assert completed is not None
    assert completed.understood == (
        "end of Thu 18 March 2027, Europe/Berlin (read out of the text, the next 18 March)"
    )


def test_a_forecast_made_earlier_has_its_own_next_june() -> None:
    found = find("Will it pass by 30 June?", made=datetime(2020, 6, 30, tzinfo=UTC))
    assert found is not None
    assert found.when.day == date(2020, 6, 30)


@pytest.mark.parametrize(
    "sentence,hint",
    [
        (
            "Will May resign?",
            (
                'no deadline found in "Will May resign?" ("May" is not read as a month without by, '
                "before, until or in). Say --by DATE."
            ),
        ),
        ("Will it rain?", 'no deadline found in "Will it rain?". Say --by DATE.'),
        ("Will 5 of 7 judges agree?", '"Will 5 of 7 judges agree?". Say'),
        ("Will it pass 30 June 2027?", '("30 June 2027" is read only after by, before'),
        ("Will it pass in 3 months?", '("in 3 months" is not read: say "within 3 months" if'),
        ("Will it pass in may?", '("may" is read as a month with a capital only)'),
        ("Will she win in March Madness?", '("in March" is not read, because the words behind'),
        ("Will the 2027 budget pass?", '("2027" is read only as in "in 2027" or "by the end of'),
        ("Will the ruling made on 3 May 2025 stand?", '("on 3 May 2025" had passed when'),
    ],
)
def test_the_hint_says_what_was_not_read(sentence: str, hint: str) -> None:
    assert find(sentence) is None
    assert hint in no_deadline_hint(sentence, zone=BERLIN, made=MADE)


def test_the_library_is_asked_only_about_a_fragment_with_month_and_year() -> None:
    asked: list[str] = []

    def library(text: str, now: datetime, zone: tzinfo) -> date:
        assert (now, zone) == (MADE, BERLIN)
        asked.append(text)
        return date(2027, 3, 18)

    sentence = "Will 5 of 7 agree by 10 points before the 18th day of March 2027 in Rome?"
    found = find(sentence, library=library)
    assert found is not None
    assert asked == ["the 18th day of March 2027"]
    assert found.fragment == "before the 18th day of March 2027"
    assert found.when == When.on(date(2027, 3, 17), BERLIN)
    assert find("Will it end by the vote of March 2027?", library=lambda *_: None) is None


@given(ahead, zones, st.sampled_from(["by", "on", "until", "before", "on or before"]), st.data())
def test_every_day_behind_a_preposition_is_found(
    day: date, zone: ZoneInfo, word: str, data: st.DataObject
) -> None:
    month = MONTH_NAMES[day.month - 1]
    typed = data.draw(
        st.sampled_from(
            [
                day.isoformat(),
                f"{day.day} {month} {day.year}",
                f"{month[:3]} {day.day}, {day.year}",
                f"{DAY_NAMES[day.weekday()]} the {day.day}th of {month} {day.year}",
            ]
        )
    )
    found = find(f"Will 5 of 7 judges agree {word} {typed}, in Rome?", zone=zone)
    assert found is not None
    assert found.fragment == f"{word.rpartition(' ')[2]} {typed}"
    eve = day - timedelta(days=1)
    assert found.when == When.on(eve if word == "before" else day, zone)


TEXT_WITHOUT_PREPOSITION = (
    "Will May March resign 5 of 7 2027 30 June 2027-06-30 the end Friday 3 months next week "
    "today 14:00 18 Q2 year-end after since from to or and 03/04/2027 judges ?"
)
words = st.sampled_from(TEXT_WITHOUT_PREPOSITION.split())


@given(st.lists(words, max_size=12).map(" ".join), zones)
def test_without_a_preposition_there_is_no_date(sentence: str, zone: ZoneInfo) -> None:
    assert find(sentence, zone=zone, library=lambda *_: date(2027, 1, 1)) is None
    assert no_deadline_hint(sentence, zone=zone, made=MADE).endswith("Say --by DATE.")


@given(
    st.lists(
        words | st.sampled_from(["by", "before", "until", "in", "on", "within"]), max_size=12
    ).map(" ".join)
    | st.text()
)
def test_any_sentence_is_read_or_refused_and_never_read_into_the_past(sentence: str) -> None:
    try:
        found = find(sentence)
    except UsageError:
        return
    if found is not None:
        assert found.when.end > MADE
        assert found.fragment in " ".join(sentence.split())


@given(
    st.sampled_from(["Will it rain", "Will May resign", "Will (by) it", "Will it rain in Rome,"]),
    st.sampled_from(["by", "before", "until", "on", "in", "By"]),
    st.dates(date(2026, 1, 1), date(2030, 12, 31)),
    st.sampled_from(["{0.day} {0:%B} {0.year}", "{0:%Y-%m-%d}", "{0:%B} {0.day}, {0.year}"]),
    st.sampled_from(["?", "", "?!", " or not?", "-era?"]),
)
def test_the_short_way_to_a_plain_day_finds_what_the_grammar_does(
    start: str, word: str, day: date, form: str, end: str
) -> None:
    sentence = f"{start} {word} {form.format(day)}{end}"
    short = _outcome(sentence)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(deadlines, "_plain", lambda *_: None)
        assert short == _outcome(sentence)


def _outcome(sentence: str) -> object:
    try:
        return find_deadline(sentence, zone=BERLIN, made=MADE)
    except UsageError as error:
        return error.message
