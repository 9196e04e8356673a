from __future__ import annotations

from datetime import UTC, datetime

from forecast_ledger.domain.entries import Counterpart, Retraction, Source
from forecast_ledger.ledger import Answer, Ledger, When
from forecast_ledger.ledger.coded import is_after
from forecast_ledger.ledger.gathering import Filters
from forecast_ledger.ledger.quoting import Quoted
from forecast_ledger.reports.article import render_article
from forecast_ledger.reports.page import render_page
from forecast_ledger.reports.score import render_scores
from tests.conftest import FixedClock
from tests.reports import scenes
from tests.reports.scenes import PERCENT, day, record


def shown(ledger: Ledger, key: str = "weather-note") -> str:
    return f"{render_article(ledger.article(key), zone=UTC)}\n"


def gauge(ledger: Ledger) -> None:
    ledger.source(Source(key="note", title="A note", author="Ada Wern", published=day(2026, 1, 2)))


def test_the_page_of_an_article_read_in_words(ledger: Ledger, clock: FixedClock) -> None:
    scenes.article(ledger, clock)
    assert (
        shown(ledger)
        == """\
Ada Wern: "No spring before May"
The Gauge, 3 December 2025 (date inferred)                     as of 15 May 2026
--------------------------------------------------------------------------------
The author gave no numbers. Each probability below is Mia Jensen's reading of
the author's words, written on 15 January 2026, when 1 of these 4 outcomes was
known: not blind.

READ      8 claims in 1 article: 4 made into questions, 4 refused
            2 not a forecast        1 no time frame
            1 somebody else's claim
          deadline taken from the reader 4
SETTLED   3 resolved (2 directly, 1 by inference), 1 open, overdue

  question                                        read as   range  came   Brier
  Will it thaw by 31 Dec 2025?                        25%  15-30%    no  0.0625
  Will there be frost on every day to the end of      95%  90-98%   yes  0.0025
    Feb 2026?
  Will it thaw by 28 Feb 2026?                        20%  10-30%    no  0.0400

  Brier 0.035   scale 0 to 1: 0 is perfect, 0.25 always saying 50%
        0.011 to 0.063, depending on how the author's words are read
        0.132 would be expected if these readings are right;
        0.003 to 0.640, 9 times in 10

WHAT THIS CAN BEAR
  All three came out on the side the author called likelier. If every reading is
  right and the three are separate, that happens 6 times in 10. They are not
  separate: all three turn on one event, so this is in effect 1 question.
  Not shown with so few: interval (needs 20 such events and 5 misses), test,
  calibration curve.
  One article says nothing about how well its author forecasts.

OTHER READINGS OF THE SAME WORDS (never counted)
                     read as  came   Brier   mean
  soon as one month      20%   yes  0.6400  0.235
  mean: the Brier above with this reading in place of its primary one

BESIDE THE PLATFORMS, where one asked nearly the same at about the same time
                          read as  platform                its number  came
  Will it thaw by 31 Dec      25%  Polar Market 31%, near     +6 days  no
    2025?
  Polar Market, near: It asks for the city alone.
  1 question: too few to say who did better (at least 6 are needed).

OPEN, OVERDUE
  question        read as            due  overdue
  floods-2026-04      70%  30 April 2026  14 days

Evidence against an outcome is on file for 1 question (fl show KEY has all of
it):
  thaw-2026-02 (no)
    Thaw noted on 27 February.
1 of 4 forecasts was recorded here after the outcome was known, and none was
made after it. By grade: 3 published.
policy time-weighted | words fagen2019 1 | ledger b396a74e
"""
    )


def test_nothing_in_it_is_an_interval_a_test_or_a_curve(ledger: Ledger, clock: FixedClock) -> None:
    scenes.article(ledger, clock)
    text = shown(ledger)
    assert "is its 90% interval" not in text
    assert "slope" not in text


def test_of_a_source_that_nobody_has_read_yet(ledger: Ledger) -> None:
    gauge(ledger)
    assert (
        shown(ledger, "note")
        == """\
Ada Wern: "A note"
2 January 2026                                             as of 15 January 2026
--------------------------------------------------------------------------------
No forecast read out of it is in force.

READ      0 claims in 1 article: 0 made into questions, 0 refused

  No question is scored yet, so there is no mean.

WHAT THIS CAN BEAR
  One article says nothing about how well its author forecasts.

policy time-weighted | ledger 0285f823
"""
    )


def test_numbers_the_author_gave_are_said_to_be_the_authors(
    ledger: Ledger, clock: FixedClock
) -> None:
    gauge(ledger)
    ledger.add(
        "Will it hail by 31 March 2026?",
        Answer(yes=40 * PERCENT),
        who="Ada Wern",
        key="hail",
        closes=day(2026, 3, 31),
        quoted=Quoted("note", "40% for hail by the end of March", "sentence 1"),
    )
    clock.advance(days=80)
    scenes.settle(ledger, "hail", "yes")
    assert (
        shown(ledger, "note")
        == """\
Ada Wern: "A note"
2 January 2026                                                as of 5 April 2026
--------------------------------------------------------------------------------
Each probability below is a number the source itself gives.

READ      1 claim in 1 article: 1 made into a question, 0 refused
SETTLED   1 resolved (1 directly)

  question                      said  came   Brier
  Will it hail by 31 Mar 2026?   40%   yes  0.3600

  Brier 0.360   scale 0 to 1: 0 is perfect, 0.25 always saying 50%
        0.240 would be expected if this number is right;
        0.160 to 0.360, 9 times in 10

WHAT THIS CAN BEAR
  It came out against the side the author called likelier.
  Not shown with so few: interval (needs 20 such events and 5 misses), test,
  calibration curve.
  One article says nothing about how well its author forecasts.

No forecast was recorded here after the outcome was known, and none was made
after it. By grade: 1 published.
policy time-weighted | ledger b1219d7c
"""
    )


def test_a_platform_beside_another_reading_is_marked_with_its_own_outcome(
    ledger: Ledger, clock: FixedClock
) -> None:
    scenes.article(ledger, clock)
    record(
        ledger,
        Counterpart(
            question=ledger.show("thaw-2026-01").state.question,
            other=ledger.show("polar-thaw").state.question,
            closeness="same",
        ),
    )
    text = shown(ledger)
    assert (
        "  Will it thaw by 31 Jan      20%  Polar Market 31%, same     +6 days  yes\n    2026? *\n"
    ) in text
    assert "  Polar Market, its own question: no.\n" in text
    assert "  2 questions: too few to say who did better (at least 6 are needed).\n" in text
    assert "  * another reading, not in the Brier above\n" in text


def test_what_is_written_on_the_day_of_the_outcome_may_come_after_it() -> None:
    noon = When.at(datetime(2026, 3, 31, 12, tzinfo=UTC))
    assert is_after(noon, day(2026, 3, 31))
    assert is_after(day(2026, 3, 31), noon)
    assert not is_after(day(2026, 3, 30), noon)
    assert not is_after(noon, None)


def test_an_answer_before_the_deadline_is_listed_and_held_back(
    ledger: Ledger, clock: FixedClock
) -> None:
    scenes.article(ledger, clock)
    ledger.add(
        "Will it hail by 31 December 2026?",
        Answer(yes=40 * PERCENT),
        who="Ada Wern",
        key="hail",
        closes=day(2026, 12, 31),
        made=day(2025, 12, 3),
        quoted=Quoted("weather-note", "40% for hail within the year", "paragraph 9"),
    )
    clock.advance(days=1)
    scenes.settle(ledger, "hail", "yes")
    text = shown(ledger)
    assert "SETTLED   3 resolved (2 directly, 1 by inference), 1 answered before the\n" in text
    row = next(line for line in text.split("\n") if "Will it hail by 31 Dec 2026?" in line)
    assert row.split()[-3:] == ["40%", "yes", "early"]
    assert "1 probability below is a number the source itself gives; the other four are Mia" in text
    assert "  left out: 1 question answered before the deadline (1 yes, 0 no), held back\n" in text


def test_a_platforms_number_long_after_is_said_to_be_a_number_and_no_question(
    ledger: Ledger, clock: FixedClock
) -> None:
    scenes.article(ledger, clock)
    scenes.ask(ledger, "river-market", 40, who="River Market", closes=day(2026, 12, 31))
    record(
        ledger,
        Counterpart(
            question=ledger.show("floods-2026-04").state.question,
            other=ledger.show("river-market").state.question,
            closeness="same",
        ),
    )
    text = " ".join(shown(ledger).split())
    assert "1 more has its nearest number here 163 days after the article and is not" in text


def test_a_statement_taken_back_takes_what_was_read_out_of_it_from_every_page(
    ledger: Ledger, clock: FixedClock
) -> None:
    scenes.article(ledger, clock)
    quote = "It will probably not thaw this year."
    claim = next(c for c in ledger.statements() if c.statement.entry.quote == quote)
    took = Retraction(target=claim.statement.digest, by="Ben Osei", why="she never wrote that")
    record(ledger, took)
    article = shown(ledger)
    assert "READ      7 claims in 1 article: 3 made into questions, 4 refused\n" in article
    assert "Will it thaw by 31 Dec 2025?                        25%" not in article
    unread = "1 forecast read out of a statement since taken back\n"
    assert unread in article
    for filters in (Filters(who=("Ada Wern",)), Filters(sources=("weather-note",))):
        score = ledger.score(filters)
        assert {line.key for line in score.lines} == {"frost-2026-02", "thaw-2026-02"}
        assert unread in render_scores([score], None, zone=UTC)
    listed = {row.state.key: row.forecasts for row in ledger.list(status=["resolved"])}
    assert listed["thaw-2025-12"] == ()
    page = render_page(ledger.show("thaw-2025-12"), zone=UTC)
    assert "    unscored  read out of a statement that was taken back\n" in page
    assert f'    quote     "{quote}"\n' in page
    assert "    RETRACTED taken back by Ben Osei, recorded 15 May 2026 12:04: she never" in page
    assert "\nSCORES" not in page


def test_a_number_of_ones_own_outlasts_the_statement_that_carried_it(
    ledger: Ledger, clock: FixedClock
) -> None:
    gauge(ledger)
    quoted = Quoted("note", "40% for hail by the end of March", "sentence 1")
    ledger.add(
        "Will it hail by 31 March 2026?",
        Answer(yes=40 * PERCENT),
        who="Ada Wern",
        key="hail",
        closes=day(2026, 3, 31),
        quoted=quoted,
    )
    clock.advance(days=80)
    scenes.settle(ledger, "hail", "yes")
    (claim,) = ledger.statements()
    record(ledger, Retraction(target=claim.statement.digest, by="Ada Wern"))
    score = ledger.score(Filters(who=("Ada Wern",)))
    assert [line.key for line in score.lines] == ["hail"]
    assert score.grades == {"witnessed": 1}
    assert "No forecast read out of it is in force.\n" in shown(ledger, "note")


def test_what_was_witnessed_counts_although_its_statement_is_taken_back_afterwards(
    ledger: Ledger, clock: FixedClock
) -> None:
    scenes.article(ledger, clock)
    quote = "Frost is almost certain every day."
    claim = next(c for c in ledger.statements() if c.statement.entry.quote == quote)
    record(ledger, Retraction(target=claim.statement.digest, by="Ben Osei"))
    lines = ledger.score(Filters(who=("Ada Wern",))).lines
    assert "frost-2026-02" in {line.key for line in lines}
    article = ledger.article("weather-note")
    assert article.score.lines == lines
    assert [item.taken_back for item in article.primary if item.line] == [False, True, False]
    text = shown(ledger)
    assert "(witnessed before its statement was taken back)" in " ".join(text.split())
    assert "left out" not in text
    page = render_page(ledger.show("frost-2026-02"), zone=UTC)
    assert "    RETRACTED taken back by Ben Osei" in page
    assert "unscored" not in page
