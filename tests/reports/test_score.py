from __future__ import annotations

from datetime import UTC

from forecast_ledger.ledger import Ledger
from forecast_ledger.ledger.gathering import Filters
from forecast_ledger.reports.calibration import render_calibration
from forecast_ledger.reports.score import render_scores
from tests.conftest import FixedClock
from tests.reports import scenes
from tests.reports.scenes import day


def shown(ledger: Ledger, filters: Filters | None = None) -> str:
    filters = filters or Filters()
    text = render_scores(ledger.scores(filters), ledger.score(filters), zone=UTC)
    return f"{text}\n"


def test_of_an_empty_ledger_says_so_and_what_to_do(ledger: Ledger) -> None:
    assert (
        shown(ledger)
        == """\
Score                                                      as of 15 January 2026
--------------------------------------------------------------------------------
Nothing is scored yet: no question with a forecast that counts is resolved. fl
due lists what waits for its outcome; fl resolve KEY yes (or no) records one.
policy time-weighted | ledger empty
"""
    )


def test_of_one_forecaster_gives_the_scale_and_what_was_left_out(
    ledger: Ledger, clock: FixedClock
) -> None:
    scenes.two_questions(ledger, clock)
    assert (
        shown(ledger)
        == """\
Score of Mia Jensen                                          as of 15 April 2026
--------------------------------------------------------------------------------
2 questions (1 yes, 1 no); 3 forecasts, standing for 100% of the time from the
forecaster's first forecast (or a stated opening) to the deadline
  forecasts by grade: 3 witnessed
  left out: 1 question open
            1 question overdue: nobody has said yet how it came out (fl due)

  Brier 0.056   scale 0 to 1: 0 is perfect, 0.25 always saying 50%
        0.164 would be expected if the probabilities are right;
        0.050 to 0.450, 9 times in 10
  No interval: one that holds what it says needs 20 separate events and 5 misses
  (outcomes on the side called less likely). So far: 2 events and 0 misses.

policy time-weighted | ledger 37df8e14
"""
    )


def test_of_two_forecasters_is_a_line_each_and_the_pooled_total(
    ledger: Ledger, clock: FixedClock
) -> None:
    scenes.two_forecasters(ledger, clock)
    assert (
        shown(ledger)
        == """\
Scores of 2 forecasters                                       as of 15 June 2026
--------------------------------------------------------------------------------
  forecaster           questions  Brier     by words  expected
  Ben Osei                     1  0.062  0.022-0.090     0.188
  Mia Jensen                   3  0.157                  0.189
  all of them, pooled          4  0.134  0.124-0.140     0.189

Brier: 0 is perfect, 0.25 always saying 50%, 1 the worst. By words: the range
the reading of words allows. Expected: the score to be expected if the
probabilities are right.
No intervals: one that holds what it says needs 20 separate events and 5 misses.
Pooled is nobody's score: a question that two answered counts twice in it.
left out: 1 question open
          1 question overdue: nobody has said yet how it came out (fl due)
          1 question claimed: recorded after the outcome was known, on
            somebody's word. Brier 0.090, kept apart; --claimed counts them in

policy time-weighted | ledger a77b507a
"""
    )


def test_of_words_has_the_range_they_allow_and_keeps_what_is_claimed_apart(
    ledger: Ledger, clock: FixedClock
) -> None:
    scenes.two_forecasters(ledger, clock)
    assert (
        shown(ledger, Filters(who=("Ben Osei",)))
        == """\
Score of Ben Osei                                             as of 15 June 2026
--------------------------------------------------------------------------------
1 question (0 yes, 1 no); 1 forecast, standing for 100% of the time from the
forecaster's first forecast (or a stated opening) to the deadline
  forecasts by grade: 1 witnessed
  left out: 1 question claimed: recorded after the outcome was known, on
              somebody's word. Brier 0.090, kept apart; --claimed counts them in

  Brier 0.062   scale 0 to 1: 0 is perfect, 0.25 always saying 50%
        0.022 to 0.090, depending on how the words are read
        0.188 would be expected if the probabilities are right;
        0.062 to 0.562, 9 times in 10
  No interval: one that holds what it says needs 20 separate events and 5 misses
  (outcomes on the side called less likely). So far: 1 event and 0 misses.

policy time-weighted | ledger a77b507a
"""
    )


def test_claimed_counted_in_says_so(ledger: Ledger, clock: FixedClock) -> None:
    scenes.two_forecasters(ledger, clock)
    text = shown(ledger, Filters(claimed=True))
    assert "  Ben Osei                     2  0.076  0.056-0.090     0.199\n" in text
    assert "policy time-weighted | claimed counted | ledger" in text
    assert "kept apart" not in text


def test_of_nothing_but_claims_says_so_first(ledger: Ledger, clock: FixedClock) -> None:
    scenes.claimed_only(ledger, clock)
    assert (
        shown(ledger)
        == """\
All of this is claimed: recorded after the outcomes were known, on somebody's
word. None of it was witnessed by this ledger or published in time.
Score of Mia Jensen                                        as of 16 January 2026
--------------------------------------------------------------------------------
2 questions (2 yes, 0 no); 2 forecasts, standing for 49% of the time from the
forecaster's first forecast (or a stated opening) to the deadline

  Brier 0.265   scale 0 to 1: 0 is perfect, 0.25 always saying 50%
        0.185 would be expected if the probabilities are right;
        0.065 to 0.565, 9 times in 10
  No interval: one that holds what it says needs 20 separate events and 5 misses
  (outcomes on the side called less likely). So far: 2 events and 0.5 misses,
  each counting by the share of its time with a forecast.

policy time-weighted | ledger 6b7da50d
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
Score of Mia Jensen                                       as of 15 February 2026
--------------------------------------------------------------------------------
1 question (1 yes, 0 no); 1 forecast, standing for 9% of the time from the
forecaster's first forecast (or a stated opening) to the deadline

  Brier 0.040   scale 0 to 1: 0 is perfect, 0.25 always saying 50%
        0.160 would be expected if the probabilities are right;
        0.040 to 0.640, 9 times in 10
  No interval: one that holds what it says needs 20 separate events and 5 misses
  (outcomes on the side called less likely). So far: 1 event and 0 misses.

policy time-weighted | ledger ee297535
"""
    )


def test_early_answers_beside_others_are_held_back_with_what_they_would_do(
    ledger: Ledger, clock: FixedClock
) -> None:
    scenes.two_questions(ledger, clock)
    scenes.settle(ledger, "flood", "yes")
    assert (
        "  left out: 1 question answered before the deadline (1 yes, 0 no), held back\n"
        "              until it passes; with it the mean would be 0.307\n"
        "            1 question overdue: nobody has said yet how it came out (fl due)\n"
    ) in shown(ledger)


def test_disputed_and_annulled_questions_are_counted_and_not_scored(
    ledger: Ledger, clock: FixedClock
) -> None:
    scenes.disputed(ledger, clock)
    assert (
        shown(ledger)
        == """\
Score of Mia Jensen                                          as of 16 April 2026
--------------------------------------------------------------------------------
Nothing is scored yet: no question with a forecast that counts is resolved. fl
due lists what waits for its outcome; fl resolve KEY yes (or no) records one.
  left out: 1 question annulled
            1 question disputed: entries contradict each other (fl list --status
              disputed)
policy time-weighted | ledger 93ec190b
"""
    )


def test_of_twenty_five_events_and_six_misses_has_an_interval(
    ledger: Ledger, clock: FixedClock
) -> None:
    scenes.many(ledger, clock, 25, 6)
    assert (
        shown(ledger)
        == """\
Score of Mia Jensen                                          as of 16 April 2026
--------------------------------------------------------------------------------
25 questions (15 yes, 10 no); 25 forecasts, standing for 100% of the time from
the forecaster's first forecast (or a stated opening) to the deadline
  forecasts by grade: 25 witnessed

  Brier 0.208   scale 0 to 1: 0 is perfect, 0.25 always saying 50%
        0.172 would be expected if the probabilities are right;
        0.112 to 0.240, 9 times in 10
        0.120 to 0.296 is its 90% interval

TOO SURE, OR NOT SURE ENOUGH?
  Sure 76% on average, right 76%: 19 of 25 came out on the side called likelier.
  If the probabilities are right, 18.9 would be expected; 15 to 22, 9 times in
  10.

policy time-weighted | ledger e136747d
"""
    )


def test_what_was_chosen_stands_in_the_head(ledger: Ledger, clock: FixedClock) -> None:
    scenes.two_questions(ledger, clock)
    ledger.label("rain", add=["sky"])
    chosen = Filters(tags=("sky",), known_since=scenes.day(2026, 4, 1), policy="last")
    text = shown(ledger, chosen)
    assert text.split("\n")[1] == "  tag sky, known since 1 April 2026"
    assert "policy last | ledger" in text


def test_numbers_that_a_coder_gave_are_said_to_be_the_coders(
    ledger: Ledger, clock: FixedClock
) -> None:
    scenes.article(ledger, clock)
    assert shown(ledger, Filters(who=("Ada Wern",))).startswith(
        """\
Score of Ada Wern                                              as of 15 May 2026
--------------------------------------------------------------------------------
Each probability is Mia Jensen's reading of Ada Wern's words, written on 15
January 2026, when 1 of these 3 outcomes was known: not blind.
3 questions (1 yes, 2 no) on one event; 3 forecasts, standing for 100% of the
"""
    )
    calibration = render_calibration(ledger.calibration(Filters(who=("Ada Wern",))), zone=UTC)
    assert "Each probability is Mia Jensen's reading of Ada Wern's words" in calibration
    scenes.ask(ledger, "hail", 60, who="Ben Osei", closes=day(2026, 5, 31))
    clock.advance(days=30)
    scenes.settle(ledger, "hail", "no")
    everybody = shown(ledger)
    assert "3 of 4 probabilities are Mia Jensen's reading of the forecasters' words," in everybody
    assert "  Ada Wern, as read by Mia Jensen          3  0.035" in everybody
    assert "  Ben Osei                                 1  0.360" in everybody


def test_the_range_of_chance_counts_an_event_once(ledger: Ledger, clock: FixedClock) -> None:
    scenes.article(ledger, clock)
    # As separate questions, 0.035 to 0.402.
    assert "        0.003 to 0.640, 9 times in 10\n" in shown(ledger, Filters(who=("Ada Wern",)))
