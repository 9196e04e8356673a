from __future__ import annotations

from datetime import UTC

from forecast_ledger.ledger import Ledger
from forecast_ledger.ledger.gathering import Filters
from forecast_ledger.reports.calibration import render_calibration
from tests.conftest import FixedClock
from tests.reports import scenes


def shown(ledger: Ledger) -> str:
    return f"{render_calibration(ledger.calibration(Filters()), zone=UTC)}\n"


def test_of_an_empty_ledger_says_so_and_what_to_do(ledger: Ledger) -> None:
    assert (
        shown(ledger)
        == """\
Calibration                                                as of 15 January 2026
--------------------------------------------------------------------------------
Nothing is scored yet: no question with a forecast that counts is resolved. fl
due lists what waits for its outcome; fl resolve KEY yes (or no) records one.
policy time-weighted | ledger empty
"""
    )


def test_of_two_questions_lists_them_and_says_what_they_can_bear(
    ledger: Ledger, clock: FixedClock
) -> None:
    scenes.two_questions(ledger, clock)
    assert (
        shown(ledger)
        == """\
Calibration of Mia Jensen                                    as of 15 April 2026
--------------------------------------------------------------------------------
2 questions (1 yes, 1 no); 3 forecasts, standing for 100% of the time from the
forecaster's first forecast (or a stated opening) to the deadline
  forecasts by grade: 3 witnessed
  left out: 1 question open
            1 question overdue: nobody has said yet how it came out (fl due)

HOW GOOD
  Brier 0.056   scale 0 to 1: 0 is perfect, 0.25 always saying 50%
        0.164 would be expected if the probabilities are right;
        0.050 to 0.450, 9 times in 10

QUESTIONS
  question                          said  came   Brier
  Will rain happen by 31 Mar 2026?   86%   yes  0.0219
  Will snow happen by 31 Mar 2026?   30%    no  0.0900

WHAT THIS CAN BEAR
  Both came out on the side called likelier. If every probability is right and
  the two are separate, that happens 6 times in 10.
  No interval: one that holds what it says needs 20 separate events and 5 misses
  (outcomes on the side called less likely). So far: 2 events and 0 misses.

NOT SHOWN  With 2 events (1 yes, 1 no) these would show little but chance:
           from 10 events: average confidence against the hit rate
           from 30 events: the test for being too sure
           from 30 events with 5 of each outcome: whether yes is said too often,
             the calibration curve, its band and its distance from the diagonal
           from 30 events with 10 of each outcome: the slope
           from 100 events: discrimination and the table of tenths
           from 100 events with 10 of each outcome: AUC
           from 400 events: statements on single tenths (fl calibration --bin
             80-90 lists the forecasts in one)

policy time-weighted | 2 of 4 questions | ledger 37df8e14
"""
    )


def test_of_several_forecasters_names_who_said_what(ledger: Ledger, clock: FixedClock) -> None:
    scenes.two_forecasters(ledger, clock)
    assert (
        shown(ledger)
        == """\
Calibration of several forecasters, pooled                    as of 15 June 2026
--------------------------------------------------------------------------------
4 questions (1 yes, 3 no) on 3 separate events; 5 forecasts, standing for 100%
of the time from the forecaster's first forecast (or a stated opening) to the
deadline
  forecasts by grade: 5 witnessed
  left out: 1 question open
            1 question overdue: nobody has said yet how it came out (fl due)
            1 question claimed: recorded after the outcome was known, on
              somebody's word. Brier 0.090, kept apart; --claimed counts them in
Pooled is nobody's calibration: a question that two answered counts as two
questions, though as one event. --who NAME gives one forecaster.

HOW GOOD
  Brier 0.134   scale 0 to 1: 0 is perfect, 0.25 always saying 50%
        0.124 to 0.140, depending on how the words are read
        0.189 would be expected if the probabilities are right;
        0.056 to 0.406, 9 times in 10

QUESTIONS
  question                                       said   range  came   Brier
  Will hail happen by 31 Mar 2026? (Ben Osei)     25%  15-30%    no  0.0625
  Will hail happen by 31 Mar 2026? (Mia Jensen)   60%            no  0.3600
  Will rain happen by 31 Mar 2026? (Mia Jensen)   86%           yes  0.0219
  Will snow happen by 31 Mar 2026? (Mia Jensen)   30%            no  0.0900

WHAT THIS CAN BEAR
  1 of 4 questions came out against the side called likelier.
  The 4 questions turn on 3 separate events, so this is in effect 3 questions.
  No interval: one that holds what it says needs 20 separate events and 5 misses
  (outcomes on the side called less likely). So far: 3 events and 0.5 misses,
  each event counting once.

NOT SHOWN  With 3 events (1 yes, 2 no) these would show little but chance:
           from 10 events: average confidence against the hit rate
           from 30 events: the test for being too sure
           from 30 events with 5 of each outcome: whether yes is said too often,
             the calibration curve, its band and its distance from the diagonal
           from 30 events with 10 of each outcome: the slope
           from 100 events: discrimination and the table of tenths
           from 100 events with 10 of each outcome: AUC
           from 400 events: statements on single tenths (fl calibration --bin
             80-90 lists the forecasts in one)

policy time-weighted | ledger a77b507a
"""
    )


def test_of_nothing_but_claims_says_so_first(ledger: Ledger, clock: FixedClock) -> None:
    scenes.claimed_only(ledger, clock)
    assert (
        shown(ledger)
        == """\
All of this is claimed: recorded after the outcomes were known, on somebody's
word. None of it was witnessed by this ledger or published in time.
Calibration of Mia Jensen                                  as of 16 January 2026
--------------------------------------------------------------------------------
2 questions (2 yes, 0 no); 2 forecasts, standing for 49% of the time from the
forecaster's first forecast (or a stated opening) to the deadline

HOW GOOD
  Brier 0.265   scale 0 to 1: 0 is perfect, 0.25 always saying 50%
        0.185 would be expected if the probabilities are right;
        0.065 to 0.565, 9 times in 10

QUESTIONS
  question                          said  came   Brier
  Will rain happen by 31 Mar 2026?   80%   yes  0.0400
  Will snow happen by 31 Mar 2026?   30%   yes  0.4900

WHAT THIS CAN BEAR
  1 of 2 questions came out against the side called likelier.
  No interval: one that holds what it says needs 20 separate events and 5 misses
  (outcomes on the side called less likely). So far: 2 events and 0.5 misses,
  each counting by the share of its time with a forecast.

NOT SHOWN  With 2 events (1 yes, 0 no; each counting by the share of its time
             with a forecast) these would show little but chance:
           from 10 events: average confidence against the hit rate
           from 30 events: the test for being too sure
           from 30 events with 5 of each outcome: whether yes is said too often,
             the calibration curve, its band and its distance from the diagonal
           from 30 events with 10 of each outcome: the slope
           from 100 events: discrimination and the table of tenths
           from 100 events with 10 of each outcome: AUC
           from 400 events: statements on single tenths (fl calibration --bin
             80-90 lists the forecasts in one)

policy time-weighted | 2 of 2 questions | ledger 6b7da50d
"""
    )


def test_of_nothing_but_early_answers_says_so_first(ledger: Ledger, clock: FixedClock) -> None:
    scenes.early_only(ledger, clock)
    assert (
        shown(ledger)
        == """\
All of this is early: these questions were answered before deadlines that still
lie ahead, and nothing else that counts is settled. What is answered early leans
to one side: this says little of how the forecasts will look when the deadlines
have passed.
Calibration of Mia Jensen                                 as of 15 February 2026
--------------------------------------------------------------------------------
1 question (1 yes, 0 no); 1 forecast, standing for 9% of the time from the
forecaster's first forecast (or a stated opening) to the deadline

HOW GOOD
  Brier 0.040   scale 0 to 1: 0 is perfect, 0.25 always saying 50%
        0.160 would be expected if the probabilities are right;
        0.040 to 0.640, 9 times in 10

QUESTIONS
  question                          said  came   Brier
  Will rain happen by 31 Mar 2026?   80%   yes  0.0400

WHAT THIS CAN BEAR
  It came out on the side called likelier. If every probability is right, that
  happens 8 times in 10.
  No interval: one that holds what it says needs 20 separate events and 5 misses
  (outcomes on the side called less likely). So far: 1 event and 0 misses.

NOT SHOWN  With 1 event (0.1 yes, 0 no; each counting by the share of its time
             with a forecast) these would show little but chance:
           from 10 events: average confidence against the hit rate
           from 30 events: the test for being too sure
           from 30 events with 5 of each outcome: whether yes is said too often,
             the calibration curve, its band and its distance from the diagonal
           from 30 events with 10 of each outcome: the slope
           from 100 events: discrimination and the table of tenths
           from 100 events with 10 of each outcome: AUC
           from 400 events: statements on single tenths (fl calibration --bin
             80-90 lists the forecasts in one)

policy time-weighted | 1 of 1 question | ledger ee297535
"""
    )


def test_of_nothing_but_disputes_counts_them(ledger: Ledger, clock: FixedClock) -> None:
    scenes.disputed(ledger, clock)
    assert (
        shown(ledger)
        == """\
Calibration                                                  as of 16 April 2026
--------------------------------------------------------------------------------
Nothing is scored yet: no question with a forecast that counts is resolved. fl
due lists what waits for its outcome; fl resolve KEY yes (or no) records one.
  left out: 1 question annulled
            1 question disputed: entries contradict each other (fl list --status
              disputed)
policy time-weighted | ledger 93ec190b
"""
    )


def test_of_twelve_events_sets_confidence_against_hits(ledger: Ledger, clock: FixedClock) -> None:
    scenes.many(ledger, clock, 12, 1)
    assert (
        shown(ledger)
        == """\
Calibration of Mia Jensen                                    as of 16 April 2026
--------------------------------------------------------------------------------
12 questions (8 yes, 4 no); 12 forecasts, standing for 100% of the time from the
forecaster's first forecast (or a stated opening) to the deadline
  forecasts by grade: 12 witnessed

HOW GOOD
  Brier 0.142   scale 0 to 1: 0 is perfect, 0.25 always saying 50%
        0.175 would be expected if the probabilities are right;
        0.092 to 0.275, 9 times in 10

TOO SURE, OR NOT SURE ENOUGH?
  Sure 75% on average, right 92%: 11 of 12 came out on the side called likelier.
  If the probabilities are right, 9 would be expected; 7 to 11, 9 times in 10.

QUESTIONS
  question                              said  came   Brier
  Will event-00 happen by 31 Mar 2026?   90%    no  0.8100
  Will event-01 happen by 31 Mar 2026?   80%   yes  0.0400
  Will event-02 happen by 31 Mar 2026?   30%    no  0.0900
  Will event-03 happen by 31 Mar 2026?   60%   yes  0.1600
  Will event-04 happen by 31 Mar 2026?   90%   yes  0.0100
  Will event-05 happen by 31 Mar 2026?   80%   yes  0.0400
  Will event-06 happen by 31 Mar 2026?   30%    no  0.0900
  Will event-07 happen by 31 Mar 2026?   60%   yes  0.1600
  Will event-08 happen by 31 Mar 2026?   90%   yes  0.0100
  Will event-09 happen by 31 Mar 2026?   80%   yes  0.0400
  Will event-10 happen by 31 Mar 2026?   30%    no  0.0900
  Will event-11 happen by 31 Mar 2026?   60%   yes  0.1600

WHAT THIS CAN BEAR
  1 of 12 questions came out against the side called likelier.
  No interval: one that holds what it says needs 20 separate events and 5 misses
  (outcomes on the side called less likely). So far: 12 events and 1 miss.

NOT SHOWN  With 12 events (8 yes, 4 no) these would show little but chance:
           from 30 events: the test for being too sure
           from 30 events with 5 of each outcome: whether yes is said too often,
             the calibration curve, its band and its distance from the diagonal
           from 30 events with 10 of each outcome: the slope
           from 100 events: discrimination and the table of tenths
           from 100 events with 10 of each outcome: AUC
           from 400 events: statements on single tenths (fl calibration --bin
             80-90 lists the forecasts in one)

policy time-weighted | 12 of 12 questions | ledger 115172e9
"""
    )


def test_of_twenty_five_events_and_six_misses_has_an_interval(
    ledger: Ledger, clock: FixedClock
) -> None:
    scenes.many(ledger, clock, 25, 6)
    text = shown(ledger)
    assert "        0.120 to 0.296 is its 90% interval\n" in text
    assert "No interval" not in text
    assert "  6 of 25 questions came out against the side called likelier.\n" in text


def test_of_more_than_forty_questions_lists_the_worst_and_says_what_it_lacks(
    ledger: Ledger, clock: FixedClock
) -> None:
    scenes.many(ledger, clock, 41, 6)
    text = shown(ledger)
    start = text.index("THE 10 WORST")
    assert (
        text[start : text.rindex("policy")]
        == """\
THE 10 WORST OF 41 QUESTIONS
  question                              said  came   Brier
  Will event-00 happen by 31 Mar 2026?   90%    no  0.8100
  Will event-04 happen by 31 Mar 2026?   90%    no  0.8100
  Will event-01 happen by 31 Mar 2026?   80%    no  0.6400
  Will event-05 happen by 31 Mar 2026?   80%    no  0.6400
  Will event-02 happen by 31 Mar 2026?   30%   yes  0.4900
  Will event-03 happen by 31 Mar 2026?   60%    no  0.3600
  Will event-07 happen by 31 Mar 2026?   60%   yes  0.1600
  Will event-11 happen by 31 Mar 2026?   60%   yes  0.1600
  Will event-15 happen by 31 Mar 2026?   60%   yes  0.1600
  Will event-19 happen by 31 Mar 2026?   60%   yes  0.1600
  and 31 more (--json lists them all)

NOT SHOWN  With 41 events these would show little but chance:
           from 100 events: discrimination, AUC and the table of tenths
           from 400 events: statements on single tenths (fl calibration --bin
             80-90 lists the forecasts in one)

"""
    )


def test_all_out_of_one_family_is_in_effect_one_question(ledger: Ledger, clock: FixedClock) -> None:
    scenes.two_questions(ledger, clock)
    ledger.family("weather", ["rain", "snow"])
    text = shown(ledger)
    assert "  The 2 questions turn on one event, so this is in effect 1 question.\n" in text
    assert "        0.010 to 0.640, 9 times in 10\n" in text
