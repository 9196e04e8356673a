"""How much a calibration report says, by what there is to go by, and in which words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import astuple, replace
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from forecast_ledger.ledger import Answer, Ledger
from forecast_ledger.ledger.calibration import Calibration, Drawing
from forecast_ledger.ledger.gathering import Filters
from forecast_ledger.reports.calibration import render_calibration
from forecast_ledger.reports.json import dumps
from forecast_ledger.reports.terminal import width_of
from tests.conftest import FixedClock
from tests.reports import scenes
from tests.simulated import PERCENT, Asked, history, record

DOCUMENT = Path(__file__).parent / "documents" / "calibration-of-400.json"
Kept = Callable[..., Calibration]


@pytest.fixture
def kept(ledger: Ledger, clock: FixedClock) -> Kept:
    """Calibration of a ledger with these questions; `drawing` and filters as keywords."""

    def calibration(asked: list[Asked], **chosen: Any) -> Calibration:
        if not ledger.list():
            record(ledger, clock, asked)
        drawing = chosen.pop("drawing", None)
        return ledger.calibration(Filters(**chosen), drawing)

    return calibration


def words(found: Calibration, width: int = 80) -> str:
    """Return the report on one line, the wrapping of its sentences undone."""
    return " ".join(render_calibration(found, zone=UTC, width=width).split())


def constant(percent: int, yes: int, no: int) -> list[Asked]:
    return [Asked([percent], "yes")] * yes + [Asked([percent], "no")] * no


PARTS = {
    "TOO SURE, OR NOT SURE ENOUGH?": 10,
    "a calibrated forecaster ends up this far off": 30,
    "Slope": 30,
    "Yes came": 30,
    "SAID AND HAPPENED": 30,
    "distance from the diagonal is": 30,
    "discrimination: how well": 100,
    "(AUC)": 100,
    "if calibrated, 9 times in 10": 100,
    "looked at": 400,
}


@pytest.mark.parametrize("number", [9, 10, 29, 30, 99, 100, 399, 400])
def test_each_part_is_shown_from_so_many_events(number: int, kept: Kept) -> None:
    text = words(kept(history(number, seed=2)))
    assert {part for part in PARTS if part in text} == {
        part for part, least in PARTS.items() if number >= least
    }
    needs = {int(need) for need in re.findall(r"from (\d+) events", text)}
    assert needs == {least for least in PARTS.values() if number < least}
    assert ("NOT SHOWN" in text) == (number < 400)


def test_where_one_outcome_is_rare_there_is_no_curve_and_no_slope(kept: Kept) -> None:
    text = words(kept([*constant(20, 4, 26), *constant(10, 0, 20)]))
    assert "sign of being not sure enough" in text
    assert (
        "NOT SHOWN With 50 events (4 yes, 46 no) these would show little but chance:"
        " from 5 of each outcome: whether yes is said too often, the calibration curve, its band"
        " and its distance from the diagonal"
        " from 10 of each outcome: the slope"
        " from 100 events: discrimination and the table of tenths"
        " from 100 events with 10 of each outcome: AUC from 400 events: statements on single"
    ) in text
    assert "SAID AND HAPPENED" not in text
    assert "Slope" not in text


def test_between_five_and_ten_of_the_rarer_outcome_there_is_a_curve_and_no_slope(
    kept: Kept,
) -> None:
    text = words(kept([*constant(20, 7, 23), *constant(10, 0, 20)]))
    assert "SAID AND HAPPENED" in text
    assert "from 10 of each outcome: the slope" in text
    assert "Slope" not in text


def test_a_rare_outcome_that_came_often_is_still_a_rare_one(kept: Kept) -> None:
    text = words(kept([*constant(5, 6, 30), *constant(1, 5, 9)]))
    assert "With 50 events (11 yes, 39 no; 1.9 yes to be expected) these" in text
    assert "from 5 of each outcome to be expected: whether yes is said too often, the" in text
    assert "from 10 of each outcome to be expected: the slope" in text
    assert "SAID AND HAPPENED" not in text
    assert "A clear sign of being too sure" in text


# -- events ----------------------------------------------------------------------------------


def paired(number: int) -> list[Asked]:
    """Return a history of which every two questions turn on one event."""
    return [replace(one, family=f"event-{place // 2}") for place, one in enumerate(history(number))]


def test_questions_that_turn_on_one_event_are_counted_as_one(kept: Kept) -> None:
    found = kept(paired(120))
    text = words(found)
    assert "120 questions (58 yes, 62 no) on 60 separate events;" in text
    assert found.sure is not None
    assert (found.sure.questions, round(found.yes + found.no, 9)) == (60, 60)
    assert " of 60 events came out on the side called likelier." in text
    assert "With 60 such events someone who says 90%" in text
    assert re.search(r"100% said (<?\d+ )+events", text)
    assert (
        "The 120 questions turn on 60 separate events, so this is in effect 60 questions." in text
    )
    assert "What is said of calibration counts events." in text
    assert "With 60 events these would show little but chance: from 100 events" in text


def test_the_table_of_tenths_counts_events(kept: Kept) -> None:
    found = kept(paired(200))
    text = words(found)
    assert "said events on average happened" in text
    assert "(An event counts in each row by the share of its questions, and of their time," in text
    assert found.bins is not None
    assert sum(row.weight for row in found.bins.rows) == pytest.approx(100)


def test_an_event_does_not_count_twice_for_having_two_questions(
    ledger: Ledger, clock: FixedClock, empty_ledger: Path, tmp_path: Path
) -> None:
    once = history(40)
    twice = [
        replace(one, family=f"event-{place}") for place, one in enumerate(once) for _ in (0, 1)
    ]
    record(ledger, clock, [Asked(one.said[-1:], one.outcome) for one in once])
    other_path = tmp_path / "other.db"
    other_path.write_bytes(empty_ledger.read_bytes())
    with Ledger(str(other_path), clock=clock) as other:
        record(other, clock, [replace(one, said=one.said[-1:]) for one in twice])
        single, double = ledger.calibration(Filters()), other.calibration(Filters())
    assert single.curve == double.curve
    for name in ("sure", "spiegelhalter", "slope", "bias"):
        one, two = (astuple(getattr(found, name)) for found in (single, double))
        assert one == pytest.approx(two), name


# -- words -----------------------------------------------------------------------------------


def test_words_are_read_at_both_ends(kept: Kept) -> None:
    likely = Answer(yes=75 * PERCENT, low=60 * PERCENT, high=90 * PERCENT)
    unlikely = Answer(yes=25 * PERCENT, low=15 * PERCENT, high=35 * PERCENT)
    asked = [Asked([likely], "yes")] * 9 + [Asked([unlikely], "yes")] * 3
    text = words(kept(asked))
    # Bold is 90% and 15%, cautious 60% and 35%.
    assert "Sure 75% on average, right 75%: 9 of 12 came out" in text
    assert (
        "Read at the bold end of the words: sure 89%, right 75%; at the cautious end: sure 61%,"
        " right 75%."
    ) in text


def test_numbers_have_no_ends(kept: Kept) -> None:
    assert "bold" not in words(kept(history(12)))


# -- what was asked --------------------------------------------------------------------------


def test_on_the_scale_of_two_every_brier_number_is_twice_as_large(kept: Kept) -> None:
    asked = history(120)
    one, two = kept(asked), kept(asked, brier_scale=2)
    assert one.decomposition is not None
    assert two.decomposition is not None
    assert one.null is not None
    assert two.null is not None
    for name in ("score", "mcb", "dsc", "unc"):
        assert getattr(two.decomposition, name) == 2 * getattr(one.decomposition, name)
    for name in ("mcb", "mcb_mean", "mcb_95"):
        assert getattr(two.null, name) == 2 * getattr(one.null, name)
    for name in ("sure", "spiegelhalter", "powers", "slope", "bias", "curve", "auc", "bins"):
        assert getattr(two, name) == getattr(one, name), name
    # Everything printed is the same but for numbers of three and four decimals, and the scale.
    plain, doubled = words(one), words(two)
    assert "scale 0 to 2" in doubled
    figures = re.compile(r"\b\d\.\d{3,4}\b(?!%)")
    start = plain.index("HOW GOOD"), doubled.index("HOW GOOD")
    before = [float(x) for x in figures.findall(plain[start[0] :])]
    after = [float(x) for x in figures.findall(doubled[start[1] :])]
    assert len(before) > 20
    assert after == pytest.approx([2 * x for x in before], abs=0.0011)


def test_every_range_is_of_the_level_asked_for(kept: Kept) -> None:
    found = kept(history(120), level=0.8)
    text = words(found)
    assert found.null is not None
    assert found.bins is not None
    assert (found.null.level, found.bins.level) == (0.8, 0.8)
    for part in (
        "where 8 in 10 calibrated forecasters would be",
        "if calibrated, 8 times in 10",
        "is its 80% interval",
        ", 8 times in 10.",
        "80% interval 0.",
        " at 80%: ",
        "(AUC), 80% interval",
    ):
        assert part in text
    assert "90% interval" not in text
    assert ", 9 times in 10" not in text


def test_several_looks_err_more_often_than_one(kept: Kept) -> None:
    many = history(60)
    assert (
        "A calibrated forecaster is told of a fault by the score, the slope and the lean at most"
        " about 10% of the time each, by one or another at most about 30%."
    ) in words(kept(many))
    assert "at most about 50% of the time each, by one or another at most about 100%." in words(
        kept(many, level=0.5)
    )


def test_without_a_slope_there_are_two_looks(kept: Kept) -> None:
    said = words(kept(constant(85, 38, 6)))
    assert "by the score and the lean at most about 10% of the time each," in said
    assert " by one or another at most about 20%." in said


def test_of_few_events_there_is_no_look_at_all(kept: Kept) -> None:
    assert "told of a fault" not in words(kept(history(29)))


def test_what_a_sign_is_goes_by_the_level(kept: Kept) -> None:
    found = kept(history(150))
    assert found.spiegelhalter is not None
    assert found.spiegelhalter.p is not None
    assert 0.05 < found.spiegelhalter.p < 0.1
    assert "Some sign of being too sure" in words(found)
    assert "sign of either" in words(kept([], level=0.95))
    assert "percent" not in words(kept([], level=0.999))
    assert "99.9% interval" in words(kept([], level=0.999))


def test_the_policy_decides_what_counts_and_is_said(kept: Kept) -> None:
    asked = [Asked([10, 90], "yes")] * 10
    assert "Sure 90% on average, right 100%: 10 of 10" in words(kept(asked, policy="last"))
    assert "Sure 90% on average, right 0%: 0 of 10" in words(kept(asked, policy="first"))
    assert "policy first |" in words(kept(asked, policy="first"))


# -- moments that depend on the answer -------------------------------------------------------


def open_ended(ledger: Ledger, clock: FixedClock, *updates: int) -> None:
    """Ask questions without a deadline, update them so many times; yes ends them all."""
    for place, times in enumerate(updates):
        key = f"quake-{place}"
        ledger.add(f"Will quake {place} come?", Answer(yes=60 * PERCENT), who="Ada Wern", key=key)
        for later in range(times):
            clock.advance(days=1)
            ledger.forecast(key, Answer(yes=(70 + later) * PERCENT), who="Ada Wern")
    clock.advance(days=1)
    for place in range(len(updates)):
        ledger.resolve(f"quake-{place}", "yes", by="Ada Wern", note="felt")


NO_DEADLINE = (
    "updated questions have no deadline: their forecasts count up to the answer. Where yes ends"
    " a question early, even a calibrated forecaster then looks off: give deadlines, or compare"
    " with --policy first. Sure "
)


@pytest.mark.parametrize("policy", ["time-weighted", "daily"])
def test_updates_without_a_deadline_are_warned_of_before_the_verdicts(
    policy: str, ledger: Ledger, clock: FixedClock
) -> None:
    record(ledger, clock, history(30))
    assert "no deadline" not in words(ledger.calibration(Filters(policy=policy)))
    open_ended(ledger, clock, 1, 0, 2)
    found = ledger.calibration(Filters(policy=policy))
    assert found.score.tally is not None
    assert found.score.tally.undated == 2
    text = words(found)
    assert f"TOO SURE, OR NOT SURE ENOUGH? 2 {NO_DEADLINE}" in text
    # How often one of several looks goes wrong is not known here.
    assert "Yes came" in text
    assert "told of a fault" not in text


def test_one_updated_question_without_a_deadline_is_spoken_of_as_one(
    ledger: Ledger, clock: FixedClock
) -> None:
    record(ledger, clock, history(12))
    open_ended(ledger, clock, 0, 3)
    assert (
        "ENOUGH? 1 updated question has no deadline: its forecasts count up to the answer. Where"
    ) in words(ledger.calibration(Filters()))


def test_without_a_deadline_what_was_said_once_depends_on_no_answer(
    ledger: Ledger, clock: FixedClock
) -> None:
    record(ledger, clock, history(30))
    open_ended(ledger, clock, 0, 0)
    text = words(ledger.calibration(Filters()))
    assert "no deadline" not in text
    assert "told of a fault" in text


def test_a_policy_that_takes_one_moment_fixed_in_advance_needs_no_deadline(
    ledger: Ledger, clock: FixedClock
) -> None:
    record(ledger, clock, history(30))
    open_ended(ledger, clock, 1, 2)
    text = words(ledger.calibration(Filters(policy="first")))
    assert "no deadline" not in text
    assert "told of a fault" in text


@pytest.mark.parametrize("policy", ["last", "each"])
def test_a_policy_that_depends_on_the_answer_is_warned_of_once_and_first(
    policy: str, ledger: Ledger, clock: FixedClock
) -> None:
    record(ledger, clock, history(30))
    open_ended(ledger, clock, 2)
    text = words(ledger.calibration(Filters(policy=policy)))
    assert (
        f"ENOUGH? Which forecasts the policy {policy} counts depends on when the answer came."
        " Where yes can come early and no only at the deadline, even a calibrated forecaster then"
        " looks off: compare with --policy first, or 'at 30d'. Sure "
    ) in text
    assert text.count("looks off") == 1
    assert "told of a fault" not in text


def test_of_few_events_no_warning_goes_with_verdicts_that_are_not_there(
    ledger: Ledger, clock: FixedClock
) -> None:
    record(ledger, clock, history(8))
    open_ended(ledger, clock, 1)
    assert "looks off" not in words(ledger.calibration(Filters()))
    assert "looks off" not in words(ledger.calibration(Filters(policy="last")))


# -- the lean --------------------------------------------------------------------------------


def test_no_sign_of_a_lean_says_what_is_possible_in_the_direction_it_came(kept: Kept) -> None:
    said = words(kept(constant(65, 63, 27)))
    assert (
        "Yes came 5.0 points more often than said, +- 8.4 at 90%: no sign of leaning to yes or to"
        " no, but anything from 13.4 points more often to 3.4 less often is possible."
    ) in said


def test_no_sign_of_a_lean_the_other_way_says_so(kept: Kept) -> None:
    said = words(kept(constant(35, 27, 63)))
    assert (
        "Yes came 5.0 points less often than said, +- 8.4 at 90%: no sign of leaning to yes or to"
        " no, but anything from 13.4 points less often to 3.4 more often is possible."
    ) in said


def bias_line(bias: float, margin: float, found: Calibration) -> str:
    assert found.bias is not None
    text = words(replace(found, bias=replace(found.bias, bias=bias, margin=margin)))
    return text[text.index("Yes came") : text.index("A calibrated forecaster is told")]


@pytest.mark.parametrize(
    "bias, margin, said",
    [
        (0.0, 0.05, "but anything from 5.0 points more often to 5.0 less often is possible. "),
        (0.05, 0.05, "but anything up to 10.0 points less often is possible. "),
        (-0.05, 0.0504, "but anything up to 10.0 points more often is possible. "),
        (0.0, 0.0, "no sign of leaning to yes or to no. "),
        (0.0501, 0.05, "some sign that yes is said too often. "),
        (-0.0501, 0.05, "some sign that yes is said too seldom. "),
    ],
)
def test_the_ends_of_a_lean(bias: float, margin: float, said: str, kept: Kept) -> None:
    assert bias_line(bias, margin, kept(history(30))).endswith(said)


# -- a bin -----------------------------------------------------------------------------------


def test_a_bin_lists_what_was_said_in_it(kept: Kept) -> None:
    drawing = Drawing(first=80 * PERCENT, last=90 * PERCENT)
    asked = [Asked([80], "yes"), Asked([95], "yes"), Asked([50, 90], "no")]
    text = render_calibration(kept(asked, drawing=drawing), zone=UTC)
    assert (
        """\
SAID BETWEEN 80% AND 90%
  question                                      said  of its time  came
  Will simulated event 1 happen by 1 Mar 2026?   80%         100%   yes
  Will simulated event 3 happen by 3 Mar 2026?   90%          87%    no
  2 questions, yes 54%, each counted by the share of its time. Both ends of the
  range are in it.

"""
        in text
    )
    nothing = kept([], drawing=Drawing(first=0, last=PERCENT))
    assert "SAID BETWEEN 0% AND 1%\n  nothing\n" in render_calibration(nothing, zone=UTC)


def test_the_calibration_error_needs_ten_events(kept: Kept) -> None:
    asked = history(9)
    text = words(kept(asked, drawing=Drawing(ece=True)))
    assert "Calibration error" not in text
    assert (
        "from 10 events: the calibration error (ECE) and average confidence against the hit rate"
        in text
    )
    assert "ECE" not in words(kept(asked))


def test_the_calibration_error_comes_beside_what_chance_makes_of_it(kept: Kept) -> None:
    asked = constant(90, 8, 2)
    text = words(kept(asked, drawing=Drawing(ece=True)))
    assert (
        "Calibration error (ECE) 0.100 over 1 bin, as asked: 0.070 would be expected if the"
        " probabilities are right. Squared and freed of its bias -0.0078,"
    ) in text
    assert "ECE" not in words(kept(asked))


# -- odd forecasters -------------------------------------------------------------------------


def test_of_one_number_said_always(kept: Kept) -> None:
    text = words(kept(constant(90, 80, 20)))
    assert "A clear sign of being too sure: a calibrated forecaster ends up this far off," in text
    assert "either way, 4 times in 1,000. With 100 such questions someone who says 90%" in text
    assert "No slope: all forecasts between 0 and 100% are one number." in text
    assert "No AUC: all forecasts are one number, so that no yes ranks above a no." in text
    assert (
        "Yes came 10.0 points less often than said, +- 6.7 at 90%: some sign that yes is said too"
        " often." in text
    )
    assert "The one number said lies outside. By chance it lies outside for 6 in 100 " in text
    assert "The only row lies outside; about 0.1 would by chance." in text


def test_of_one_number_that_is_right(kept: Kept) -> None:
    text = words(kept(constant(90, 90, 10)))
    assert "Yes came as often as said, +- 5.0 points at 90%: no sign of leaning" in text
    assert "The one number said lies inside. By chance it lies outside for 6 in 100 " in text
    assert "The only row lies inside; about" in text


def test_of_nothing_but_certainty_and_evens(kept: Kept) -> None:
    asked = [*constant(100, 15, 0), *constant(0, 0, 15), *constant(50, 5, 5)]
    text = words(kept(asked))
    assert "No test: every forecast is 0, 50 or 100%" in text
    assert "No slope: all forecasts between 0 and 100% are one number." in text
    assert "right 88%: 35 of 40 came out on the side called likelier" in text


def test_of_nothing_but_certainty(kept: Kept) -> None:
    text = words(kept([*constant(100, 20, 0), *constant(0, 0, 20)]))
    assert "No slope: there are only forecasts of 0 and 100%." in text
    assert "right 100%: 40 of 40 came" in text
    assert "someone" not in text


def test_of_the_impossible_that_happened(kept: Kept) -> None:
    text = words(kept([*constant(0, 1, 19), *constant(70, 7, 3), *constant(60, 6, 4)]))
    assert "Too sure: something called impossible happened, or something" in text
    assert "(0 and 100% are left out: 20 of 40 questions)" in text
    assert "Of 3 different numbers said 1 lies outside; " in text
    assert "no finding" not in text


def test_of_one_outcome_alone(kept: Kept) -> None:
    text = words(kept([*constant(90, 20, 0), *constant(80, 20, 0)]))
    assert "from 5 of each outcome: whether yes is said too often, the calibration" in text
    assert "sign of being not sure enough: a calibrated forecaster" in text
    assert "someone" not in text
    assert "40 of 40 came out on the side called likelier." in text


def test_of_who_was_always_right(kept: Kept) -> None:
    text = words(kept([*constant(90, 55, 0), *constant(10, 0, 55)]))
    assert "A clear sign of being not sure enough" in text
    assert "No slope: yes came above some number and no below it, or the other way" in text
    assert "A yes ranks above a no 100% of the time (AUC); from that no interval" in text
    assert "Of 2 different numbers said 2 lie outside; " in text
    assert "No interval: one that holds what it says needs 20 separate events" in text


def test_of_too_little_said_to_notice_anything(kept: Kept) -> None:
    text = words(kept([*constant(50, 15, 15), *constant(55, 3, 3)]))
    assert "No sign of either" in text
    assert "someone who says 90% where 71% is right (slope 0.4) would be noticed hardly ever" in (
        text
    )


def test_of_two_forecasters_together(ledger: Ledger, clock: FixedClock) -> None:
    record(ledger, clock, history(20))
    ledger.add("Will it rain?", Answer(yes=80 * PERCENT), who="Ada Wern", key="rain")
    clock.advance(days=1)
    ledger.resolve("rain", "yes", by="Ada Wern", note="wet")
    clock.advance(days=1)
    text = words(ledger.calibration(Filters()))
    assert text.startswith("Calibration of several forecasters, pooled")
    assert "of 21 came out on the side called likelier" in text
    assert "Will it rain? (Ada Wern)" in text
    alone = words(ledger.calibration(Filters(who=("Ada Wern",))))
    assert alone.startswith("Calibration of Ada Wern")
    assert "| 1 of 21 questions |" in alone


def test_of_claims_alone_the_tiers_are_the_same(ledger: Ledger, clock: FixedClock) -> None:
    for number in range(12):
        scenes.ask(
            ledger,
            f"event-{number}",
            (80, 30, 60)[number % 3],
            made=scenes.day(2025, 11, 1),
            closes=scenes.day(2025, 12, 31),
        )
        scenes.settle(ledger, f"event-{number}", "yes", scenes.day(2025, 12, 1))
    clock.advance(days=1)
    text = words(ledger.calibration(Filters()))
    assert text.startswith("All of this is claimed")
    assert "Sure 70% on average, right 67%: " in text
    assert "from 30 events with 5 of each outcome" in text


# -- many ------------------------------------------------------------------------------------


def test_more_than_two_thousand_different_numbers_are_rounded_and_it_says_so(kept: Kept) -> None:
    asked = [
        Asked([Answer(yes=200_000_003 + 300_007 * place)], "yes" if place % 2 else "no")
        for place in range(2001)
    ]
    found = kept(asked, drawing=Drawing(draws=100))
    text = words(found)
    assert "Computed on probabilities rounded to 0.1%: there are more than 2,000" in text
    assert len(found.curve) == 601
    assert "Of 601 different numbers said" in text
    assert found.null is not None
    assert "draws 100 " in text
    # Half of everything happens, whatever was said.
    assert "20-29% (said 25%, happened 50%)" in text
    assert "Too far off for chance, with 7 rows looked at:" in text


def test_below_four_hundred_no_row_is_spoken_of_and_from_there_on_with_its_reach(
    kept: Kept,
) -> None:
    asked = [*constant(70, 140, 60), *constant(20, 40, 160)]
    text = words(kept(asked))
    assert (
        "0 of 2 rows lie outside; about 0.2 would by chance. No single row is too far off for"
        " chance, with 2 rows looked at. It would take 5 points in the row that tells most and 6 in"
        " the one that tells least."
    ) in text
    assert "NOT SHOWN" not in text


@pytest.mark.parametrize("width", [60, 80, 100])
@pytest.mark.parametrize("number", [5, 40, 120])
def test_no_line_is_wider_than_the_terminal(number: int, width: int, kept: Kept) -> None:
    drawing = Drawing(ece=True, first=0, last=20 * PERCENT)
    for found in (
        kept(paired(number), drawing=drawing),
        kept([], drawing=drawing, brier_scale=2, policy="at 30d", level=0.999),
    ):
        for line in render_calibration(found, zone=UTC, width=width).split("\n"):
            assert width_of(line) <= width, line
            assert line == line.rstrip()


def test_the_whole_of_a_calibration_as_json(kept: Kept) -> None:
    asked = [
        *constant(10, 15, 85),
        *constant(30, 35, 65),
        *constant(70, 60, 40),
        *constant(95, 90, 9),
        Asked([100], "yes"),
        Asked([40, 60], "no"),
    ]
    found = kept(asked, drawing=Drawing(ece=True, first=40 * PERCENT, last=40 * PERCENT))
    document = json.loads(dumps(found))
    assert (document["format"], document["kind"]) == (1, "calibration")
    made = json.dumps(document["calibration"], indent=2)
    assert f"{made}\n" == DOCUMENT.read_text(encoding="utf-8")


# -- what nobody should read into it ---------------------------------------------------------


def test_who_says_fifty_of_everything_takes_no_side(kept: Kept) -> None:
    text = words(kept(constant(50, 20, 20)))
    assert "All was said at 50%, which takes no side" in text
    assert "would be expected if the probabilities are right, whatever happens" in text
    assert "likelier" not in text
    assert ", 9 times in 10" not in text


def test_a_few_at_fifty_take_no_side_either(kept: Kept) -> None:
    few = words(kept(constant(50, 2, 2)))
    assert "WHAT THIS CAN BEAR All was said at 50%, which takes no side." in few


def test_a_range_of_one_value_says_how_often_it_holds(kept: Kept) -> None:
    assert "; 0.000 at least 9 times in 10" in words(kept(constant(99, 3, 0)))


def test_what_cannot_vary_has_no_range(kept: Kept) -> None:
    text = words(kept(constant(100, 3, 0)))
    assert "0.000 would be expected if the probabilities are right, and nothing else" in text


@pytest.mark.parametrize(
    "percent, outcome, failed",
    [(100, "no", "certain (100%) did not happen"), (0, "yes", "impossible (0%) happened")],
)
def test_a_failed_certainty_is_said_of_however_few(
    percent: int, outcome: str, failed: str, kept: Kept
) -> None:
    said = f"Too sure at least once: something called {failed}."
    asked = [Asked([percent], outcome), Asked([70], "yes")]
    assert said in words(kept(asked))
    assert said in words(kept([], brier_scale=2))


def test_what_was_nearly_certain_is_no_contradiction(kept: Kept) -> None:
    assert "at least once" not in words(kept([Asked([1], "yes"), Asked([99], "no")]))


def test_a_level_is_said_exactly(kept: Kept) -> None:
    asked = constant(70, 7, 5)
    for level, often in ((0.75, "75 times in 100"), (0.85, "85 times in 100"), (0.8, "8 times in")):
        assert words(kept(asked, level=level)).count(f", {often}") == 2
    assert ", 99.5 times in 100" in words(kept(asked, level=0.995))


def test_a_mark_that_other_draws_may_take_in_is_said_to_be_one(kept: Kept) -> None:
    text = words(kept([*constant(5, 0, 55), *constant(95, 55, 0)]))
    assert "2 lie outside, all by so little that other draws (--seed) may take them in;" in text
