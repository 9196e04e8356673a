from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

from forecast_ledger.ledger import Answer, Ledger
from forecast_ledger.reports.page import render_page
from tests.conftest import FixedClock
from tests.reports import scenes
from tests.reports.scenes import PERCENT, day


def shown(ledger: Ledger, key: str) -> str:
    return f"{render_page(ledger.show(key), zone=UTC)}\n"


def test_everything_that_happened_to_a_question_with_both_clocks(
    ledger: Ledger, clock: FixedClock
) -> None:
    scenes.corrected(ledger, clock)
    assert (
        shown(ledger, "bridge")
        == """\
Will the bridge open by 31 March 2026?
bridge                                                  as of 6 April 2026 12:03
--------------------------------------------------------------------------------
Resolved yes (contested), known 30 March 2026.
family bridge-works: Whether the works end in time
tags roads
Every entry has two clocks: the moment it speaks of, and the moment it was
recorded here. Times are those of UTC.

WORDING
  written 15 January 2026 12:00; recorded 15 January 2026 12:00
    REPLACED  by an entry recorded 25 January 2026 12:02
    question  Will the bridge open by 31 March 2026?
    opens     Thu 15 January 2026
    deadline  end of Tue 31 March 2026
    criteria  none
  written 25 January 2026 12:02; recorded 25 January 2026 12:02
    question  Will the bridge open by 31 March 2026?
    opens     Thu 15 January 2026
    deadline  end of Tue 31 March 2026
    criteria  Yes if cars may cross.
              Trials do not count.
    effect    clarify: the forecasts made before carry over

FORECASTS
  Mia Jensen: 62% yes, said 15 January 2026 12:00; recorded 15 January 2026
  12:00
    why       the deck is done
  Mia Jensen: 5% yes, said 16 January 2026 12:00; recorded 16 January 2026 12:00
    RETRACTED taken back as a slip by Mia Jensen, recorded 16 January 2026 12:02
  Mia Jensen: 55% yes, said 4 February 2026 12:02; recorded 4 February 2026
  12:02
    why       the rain
  Mia Jensen: 99% yes, said 6 April 2026 12:02; recorded 6 April 2026 12:02
    unscored  made after the outcome was known: never scored
  Ben Osei, as read from words: 70% yes, said 25 January 2026 12:02; recorded 25
  January 2026 12:02
    range     65% to 75% yes
    words     "likely" said of yes, by fagen2019 1
  Ben Osei: withdrawn from 4 February 2026 12:02 on; recorded 4 February 2026
  12:02
    why       left the project

OUTCOME
  no, known 1 April 2026 00:00; recorded 5 April 2026 12:02
    REPLACED  by an entry recorded 6 April 2026 12:02: it opened a day early
    by        Mia Jensen, directly
    note      as reported
    for it    the note
    against   nothing on file
  yes, known 30 March 2026; recorded 6 April 2026 12:02
    by        Ben Osei, contested
    why       it opened a day early
    for it    It is open, The Gauge, 30 March 2026
              Cars crossed on 30 March.
              "the first cars crossed at noon"
              https://roads.example/open
              SHA-256
              abababababababababababababababababababababababababababababababab
    against   The police let nobody pass before 2 April.

NOTES
  Ben Osei, on the question; recorded 4 February 2026 12:02
    The ministry speaks of April.
    evidence  Answer to a question
              https://roads.example/april

SCORES
  forecaster (grade)      said   range   Brier       by words  covered
  Ben Osei (witnessed)     70%  65-75%  0.0900  0.0625-0.1225      13%
  Mia Jensen (witnessed)   57%          0.1867                     97%
  Brier, weighted by time: 0 is perfect, 0.25 always saying 50%, 1 the worst

ledger 9a208711, 21 entries
"""
    )


def test_a_number_nobody_gave_is_never_printed_as_theirs(ledger: Ledger, clock: FixedClock) -> None:
    scenes.article(ledger, clock)
    assert (
        shown(ledger, "thaw-2026-02")
        == """\
Will it thaw by 28 February 2026?
thaw-2026-02                                             as of 15 May 2026 12:04
--------------------------------------------------------------------------------
Resolved no (inferred), known 1 March 2026 00:00.
family winter
Every entry has two clocks: the moment it speaks of, and the moment it was
recorded here. Times are those of UTC.

WORDING
  written 15 January 2026 12:01 by Mia Jensen; recorded 15 January 2026 12:01
    question  Will it thaw by 28 February 2026?
    deadline  end of Sat 28 February 2026
    criteria  none

FORECASTS
  Ada Wern, as read by Mia Jensen: 20% yes, said 3 December 2025; recorded 15
  January 2026 12:01
    range     10% to 30% yes
    taken as  "unlikely" said of yes, by fagen2019 1
    quote     "Nor will it soon after."
              Ada Wern, "No spring before May", The Gauge, 3 December 2025 (date
              inferred); paragraph 1
              https://gauge.example/no-spring
    reading   soon as two months
    read by   Mia Jensen on 15 January 2026 12:01

OUTCOME
  no, known 1 March 2026 00:00; recorded 15 May 2026 12:04
    by        Mia Jensen, by inference
    for it    A thaw on 3 March.
              https://gauge.example/march
    against   Station diary
              Thaw noted on 27 February.

SCORES
  forecaster (grade)               said   range   Brier       by words  covered
  Ada Wern, as read by Mia Jensen   20%  10-30%  0.0400  0.0100-0.0900     100%
    (published)
  Brier, weighted by time: 0 is perfect, 0.25 always saying 50%, 1 the worst

ledger b396a74e, 40 entries
"""
    )


def test_another_reading_is_shown_as_unscored_and_not_blind(
    ledger: Ledger, clock: FixedClock
) -> None:
    scenes.article(ledger, clock)
    scenes.settle(ledger, "floods-2026-04", "no")
    text = shown(ledger, "thaw-2026-01")
    assert "    unscored  another reading of the same words: shown, never scored\n" in text
    assert "SCORES" not in text
    late = shown(ledger, "thaw-2025-12")
    assert (
        "read by Mia Jensen on 15 January 2026 12:00. Not blind: criteria and reading were written"
        " after the outcome was known"
    ) in " ".join(late.split())
    assert "ASKED ELSEWHERE\n  polar-thaw, Thaw before 2026? (near: It asks for the city" in late


def test_disputed_resolutions_are_both_shown(ledger: Ledger, clock: FixedClock) -> None:
    scenes.disputed(ledger, clock)
    assert (
        shown(ledger, "rain")
        == """\
Will rain happen by 31 March 2026?
rain                                                   as of 16 April 2026 12:00
--------------------------------------------------------------------------------
Disputed: 2 resolutions are in force. It is not scored until an entry replaces
them.
Every entry has two clocks: the moment it speaks of, and the moment it was
recorded here. Times are those of UTC.

WORDING
  written 15 January 2026 12:00; recorded 15 January 2026 12:00
    question  Will rain happen by 31 March 2026?
    deadline  end of Tue 31 March 2026
    criteria  none

FORECASTS
  Mia Jensen: 80% yes, said 15 January 2026 12:00; recorded 15 January 2026
  12:00

OUTCOME
  yes, known 1 April 2026; recorded 15 April 2026 12:00
    by        Mia Jensen, directly
    note      seen
    for it    the note
    against   nothing on file
  no, known 1 April 2026; recorded 15 April 2026 12:00
    by        Ben Osei, directly
    note      seen
    for it    the note
    against   nothing on file

ledger 93ec190b, 8 entries
"""
    )


def test_an_annulled_question_is_not_scored(ledger: Ledger, clock: FixedClock) -> None:
    scenes.disputed(ledger, clock)
    assert "\nAnnulled, known 15 April 2026 12:00: not scored.\n" in shown(ledger, "snow")


def test_an_early_answer_is_held_back(ledger: Ledger, clock: FixedClock) -> None:
    scenes.early_only(ledger, clock)
    text = shown(ledger, "rain")
    assert "Resolved yes (direct), known 14 February 2026 12:00, before its deadline.\n" in text
    assert "SCORES, held back until the deadline passes\n" in text


def test_claimed_forecasts_are_scored_apart(ledger: Ledger, clock: FixedClock) -> None:
    scenes.claimed_only(ledger, clock)
    text = shown(ledger, "rain")
    assert "CLAIMED: recorded after the outcome was known, scored apart\n" in text
    assert "  Mia Jensen (claimed)   80%  0.0400      49%\n" in text


def test_an_open_question_without_a_deadline(ledger: Ledger) -> None:
    ledger.add("Will it ever end?", Answer(yes=50 * PERCENT), who="Mia Jensen", key="end")
    text = shown(ledger, "end")
    assert "\nOpen, without a deadline.\n" in text
    assert "    deadline  none\n    criteria  none\n" in text
    assert "OUTCOME\n  none recorded yet\n" in text


def test_a_day_of_another_zone_says_when_it_ends_here(ledger: Ledger) -> None:
    scenes.ask(ledger, "rain", 80)
    text = render_page(ledger.show("rain"), zone=ZoneInfo("Asia/Tokyo"))
    assert "    deadline  end of Tue 31 March 2026 (Wed 1 April 2026 09:00 here)\n" in text
    assert "Times are those of Asia/Tokyo.\n" in text
    assert "recorded 15 January 2026 21:00\n" in text


def test_overdue_and_due_say_by_how_much(ledger: Ledger, clock: FixedClock) -> None:
    scenes.ask(ledger, "rain", 80, closes=day(2026, 1, 25))
    assert "\nOpen, due in 10 days.\n" in shown(ledger, "rain")
    clock.advance(days=12)
    assert "\nOpen, and overdue for 1 day.\n" in shown(ledger, "rain")


def test_words_that_the_quote_lacks_are_said_to_be_what_it_was_taken_as(
    ledger: Ledger, clock: FixedClock
) -> None:
    scenes.article(ledger, clock)
    assert '    taken as  "unlikely" said of yes, by fagen2019 1\n' in shown(ledger, "thaw-2026-02")
    assert '    words     "likely" said of yes, by fagen2019 1\n' in shown(ledger, "floods-2026-04")


def test_words_that_hold_a_not_say_no(ledger: Ledger, clock: FixedClock) -> None:
    scenes.two_forecasters(ledger, clock)
    assert '    words     "probably not", which says no, by fagen2019 1\n' in shown(ledger, "hail")


def test_a_forecast_on_a_wording_since_replaced_is_marked(
    ledger: Ledger, clock: FixedClock
) -> None:
    scenes.ask(ledger, "rain", 80)
    clock.advance(days=1)
    ledger.revise("rain", "replace", text="Will rain fall in town by 31 March 2026?")
    ledger.forecast("rain", Answer(yes=60 * PERCENT), who="Ben Osei")
    text = shown(ledger, "rain")
    assert text.count("    unscored  on a wording that was replaced\n") == 1
    before, after = text.split("    unscored  on a wording that was replaced\n")
    assert "Mia Jensen: 80% yes" in before
    assert "Ben Osei: 60% yes" in after
