"""Scores by every rule, as typed and as printed; the numbers were worked out by hand."""

from __future__ import annotations

import json
import re
from math import log, log2
from typing import Any

import pytest

from forecast_ledger.reports.rules import _SPOKEN
from forecast_ledger.scoring.rules import RULES
from tests.cli.terminal import Terminal


def one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.fixture
def rain(terminal: Terminal) -> Terminal:
    """Rain in ten days, yes: Mia 40 % for five of them and 70 % for five, Ben 90 % throughout."""
    rain = "Will it rain?"
    terminal.fl("add", rain, "40%", "--key", "rain", "--by", "2026-01-25 13:00")
    terminal.fl("forecast", "rain", "90%", "--who", "Ben Osei")
    terminal.clock.advance(days=5)
    terminal.fl("forecast", "rain", "70%")
    terminal.clock.advance(days=15)
    terminal.fl("resolve", "rain", "yes", "--on", "2026-02-01", "--note", "wet")
    return terminal


def hail(terminal: Terminal) -> None:
    """Hail in ten days, no: Mia 30 %, Ben "probably not", 25 % and anything from 15 to 30."""
    terminal.fl("add", "Will it hail?", "30%", "--key", "hail", "--by", "2026-02-14 13:00")
    words = ["--words", "probably not", "--lexicon", "fagen2019"]
    terminal.fl("forecast", "hail", *words, "--who", "Ben Osei")
    terminal.clock.advance(days=11)
    terminal.fl("resolve", "hail", "no", "--note", "dry")


def total(terminal: Terminal, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(terminal.fl("score", "--json", *words))["scores"][0]
    return found


def mine(terminal: Terminal, rule: str, *words: str) -> float:
    found: float = total(terminal, "--rule", rule, *words)["total"]["score"]
    return found


# Eleven days in UTC from noon to noon: 40 % stands last on five of them, 70 % on six. The
# crowd's median is 0.37 on the five and 0.10 on the six.
OWN_DAILY = (5 * 0.72 + 6 * 0.18) / 11
CROWD_DAILY = (5 * 0.37 + 6 * 0.10) / 11

BY_HAND = {
    "brier": ((0.6**2 + 0.3**2) / 2, 0.1**2),
    "log": (-(log(0.4) + log(0.7)) / 2, -log(0.9)),
    "log-bits": (-(log2(0.4) + log2(0.7)) / 2, -log2(0.9)),
    "spherical": (
        1 - (0.4 / 0.52**0.5 + 0.7 / 0.58**0.5) / 2,
        1 - 0.9 / 0.82**0.5,
    ),
    "baseline": (100 * ((log2(0.4) + log2(0.7)) / 2 + 1), 100 * (log2(0.9) + 1)),
    "baseline-time-weighted": (100 * ((log2(0.4) + log2(0.7)) / 2 + 1), 100 * (log2(0.9) + 1)),
    "baseline-spot": (100 * (log2(0.7) + 1), 100 * (log2(0.9) + 1)),
    "peer": (50 * (log(4 / 9) + log(7 / 9)), -50 * (log(4 / 9) + log(7 / 9))),
    "peer-spot": (100 * log(7 / 9), 100 * log(9 / 7)),
    "gjopen-daily": (OWN_DAILY, 0.02),
    "gjopen-accuracy": (OWN_DAILY - CROWD_DAILY, 0.02 - CROWD_DAILY),
    "relative-brier": (0.225 - 0.1175, 0.01 - 0.1175),
    "relative-log": (
        (log2(0.4 / 0.65) + log2(0.7 / 0.8)) / 2,
        (log2(0.9 / 0.65) + log2(0.9 / 0.8)) / 2,
    ),
}


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_comes_to_what_is_worked_out_by_hand(rain: Terminal, rule: str) -> None:
    mia, ben = BY_HAND[rule]
    assert mine(rain, rule) == pytest.approx(mia, abs=1e-11)
    assert mine(rain, rule, "--who", "Ben Osei") == pytest.approx(ben, abs=1e-11)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_every_rule_prints_its_name_number_and_direction(rain: Terminal, rule: str) -> None:
    said = one_line(rain.fl("score", "--rule", rule))
    words = _SPOKEN[rule]
    assert f"{words.name} {words.with_unit(mine(rain, rule))}" in said
    assert words.scale in said
    assert "infinite" not in said
    if rule != "brier":
        assert "Intervals are given for the Brier score only" in said
        assert f"rule {rule} | ledger" in said
    both = one_line(rain.fl("score", "--rule", rule, "--who", "Mia Jensen", "--who", "Ben Osei"))
    assert words.text(BY_HAND[rule][1]) in both


@pytest.mark.parametrize("rule", ["log", "log-bits", "spherical"])
def test_what_always_saying_half_gets_is_computed(rule: str) -> None:
    half = float(RULES[rule].score([500_000_000], [1])[0])
    assert f"{half:.3g} always saying 50%" in _SPOKEN[rule].scale


def test_the_log_score_whole(rain: Terminal) -> None:
    assert rain.fl("score", "--rule", "log").startswith(
        """\
Score of Mia Jensen                                        as of 4 February 2026
--------------------------------------------------------------------------------
1 question (1 yes, 0 no); 2 forecasts, standing for 100% of the time from the
forecaster's first forecast (or a stated opening) to the deadline
  forecasts by grade: 2 witnessed

  log score 0.636 nats; smaller is better, 0 is perfect, 0.693 always saying 50%
  0.642 would be expected if the probabilities are right
  Intervals are given for the Brier score only, from 20 events and 5 misses.

QUESTIONS
  question       said  came  log score
  Will it rain?   55%   yes     0.6365

policy time-weighted | rule log | ledger"""
    )


def test_the_peer_score_whole(rain: Terminal) -> None:
    assert rain.fl("score", "--rule", "peer", "--who", "Ben Osei").startswith(
        """\
Score of Ben Osei                                          as of 4 February 2026
--------------------------------------------------------------------------------
1 question (1 yes, 0 no); 1 forecast, standing for 100% of the time from
anybody's first forecast (or a stated opening) to the deadline
  forecasts by grade: 1 witnessed

  peer score +53.1 points; larger is better, 0 is as good as the others who
    forecast the same questions at the same time
  That is what giving what happened 1.70 times the probability of the others
  would earn, all the time.
  Added up as Metaculus does: +53.1 over 1 question, with a coverage of 1.00 in
  all (1 for a question covered whole).
  Intervals are given for the Brier score only, from 20 events and 5 misses.

QUESTIONS
  question       said  came  covered  peer score
  Will it rain?   90%   yes     100%      +53.11

rule peer | ledger"""
    )


@pytest.mark.parametrize("rule,said", [("peer", 55), ("peer-spot", 70), ("gjopen-daily", 56)])
def test_what_was_said_is_weighed_as_the_rule_weighs(rain: Terminal, rule: str, said: int) -> None:
    assert f"Will it rain?   {said}%   yes" in rain.fl("score", "--rule", rule)


def test_what_is_expected_is_by_the_rule(rain: Terminal) -> None:
    half = [-p * log(p) - (1 - p) * log(1 - p) for p in (0.4, 0.7)]
    expected = total(rain, "--rule", "log")["total"]["expected"]
    assert expected == pytest.approx(sum(half) / 2, abs=1e-11)
    assert total(rain, "--rule", "peer")["total"]["expected"] is None


def test_words_leave_a_range_in_the_direction_of_the_rule(rain: Terminal) -> None:
    hail(rain)
    ben = ["--who", "Ben Osei"]
    found = total(rain, "--rule", "log", *ben)["total"]["score_range"]
    assert found == pytest.approx(
        [(-log(0.9) - log(0.85)) / 2, (-log(0.9) - log(0.70)) / 2], abs=1e-11
    )
    peer = total(rain, "--rule", "peer", *ben)
    line = next(line for line in peer["lines"] if line["key"] == "hail")
    assert line["score"] == pytest.approx(100 * log(0.75 / 0.7), abs=1e-9)
    # The best is at the low end, as it did not hail; at the high end Ben says what Mia says.
    assert line["score_best"] == pytest.approx(100 * log(0.85 / 0.7), abs=1e-9)
    assert line["score_worst"] == pytest.approx(0.0, abs=1e-9)
    text = one_line(rain.fl("score", "--rule", "peer", *ben))
    assert "+26.6 to +36.3, depending on how the words are read" in text
    assert "15-30%" in text


def test_the_brier_scale_is_printed_wherever_a_brier_score_is(rain: Terminal) -> None:
    said = rain.fl("score", "--brier-scale", "2")
    assert "  Brier 0.450   scale 0 to 2: 0 is perfect, 0.5 always saying 50%\n" in said
    assert "policy time-weighted | Brier scale 0 to 2 | ledger" in said
    both = one_line(rain.fl("score", "--brier-scale", "2", "--who", "Mia Jensen", *BEN))
    assert "Brier: 0 is perfect, 0.5 always saying 50%, 2 the worst." in both
    found = total(rain, "--brier-scale", "2")
    assert (found["total"]["score"], found["total"]["brier"]) == (0.45, None)
    assert found["rule"]["range"] == [0.0, 2.0]
    plain = total(rain)
    assert plain["total"]["score"] == plain["total"]["brier"] == 0.225
    calibrated = rain.fl("calibration", "--brier-scale", "2")
    assert "  Brier 0.450   scale 0 to 2: 0 is perfect, 0.5 always saying 50%\n" in calibrated


BEN = ("--who", "Ben Osei")


@pytest.fixture
def impossible(rain: Terminal) -> Terminal:
    """Mia also said that snow was impossible, and it snowed."""
    rain.fl("add", "Snow?", "0%", "--certain", "--key", "snow", "--by", "2026-02-14 13:00")
    rain.fl("forecast", "snow", "50%", "--who", "Ben Osei")
    rain.clock.advance(days=11)
    rain.fl("resolve", "snow", "yes", "--note", "white")
    return rain


def test_what_was_called_impossible_and_happened_makes_the_mean_infinite(
    impossible: Terminal,
) -> None:
    said = one_line(impossible.fl("score", "--rule", "log"))
    assert (
        "log score infinite: on 1 question what happened had been called impossible; over the"
        " other 1 it is 0.636 nats; smaller is better"
    ) in said
    found = total(impossible, "--rule", "log")["total"]
    assert (found["score"], found["infinite_scores"]) == ("infinity", 1)
    assert found["score_of_the_others"] == pytest.approx(BY_HAND["log"][0], abs=1e-11)
    ends = one_line(impossible.fl("score", "--rule", "baseline", "--claimed"))
    assert "baseline score -infinite: on 1 question" in ends
    peer = one_line(impossible.fl("score", "--rule", "peer", *BEN))
    assert "peer score infinite: on 1 question somebody had called impossible" in peer
    both = one_line(impossible.fl("score", "--rule", "log", "--who", "Mia Jensen", *BEN))
    assert "Mia Jensen: on 1 question what happened had been called impossible;" in both


def test_a_floor_is_taken_where_it_is_asked_for_and_printed(impossible: Terminal) -> None:
    said = one_line(impossible.fl("score", "--rule", "log", "--log-floor", "0.1%"))
    assert f"log score {(BY_HAND['log'][0] - log(0.001)) / 2:.3f} nats;" in said
    assert "rule log | log floor 0.1% | ledger" in said
    floored = mine(impossible, "peer", "--log-floor", "0.1%")
    assert floored == pytest.approx((BY_HAND["peer"][0] + 100 * log(0.001 / 0.5)) / 2, abs=1e-9)
    assert total(impossible, "--rule", "log", "--log-floor", "1%")["filters"]["log_floor"] == 0.01


def test_nobody_to_compare_with_is_said(rain: Terminal) -> None:
    rain.fl("add", "Fog?", "20%", "--key", "fog", "--by", "2026-02-14 13:00")
    rain.clock.advance(days=11)
    rain.fl("resolve", "fog", "no", "--note", "clear")
    rain.fl("label", "fog", "+alone")
    said = one_line(rain.fl("score", "--rule", "peer", "--tag", "alone"))
    assert "peer score 0.0 points" in said
    assert "Nobody else forecast these questions, so there is nobody to compare with" in said
    half = one_line(rain.fl("score", "--rule", "peer"))
    assert "On 1 of these 2 questions nobody else forecast" in half
    assert mine(rain, "peer") == pytest.approx(BY_HAND["peer"][0] / 2, abs=1e-9)
    assert total(rain, "--rule", "peer")["company"] == {
        "alone": 1,
        "sum": pytest.approx(BY_HAND["peer"][0], abs=1e-9),
        "coverage_sum": 2.0,
    }


def test_the_window_opens_with_the_first_forecast_of_anybody(terminal: Terminal) -> None:
    terminal.fl("add", "Rain?", "50%", "--key", "rain", "--by", "2026-01-25 13:00", *BEN)
    terminal.clock.advance(days=5)
    terminal.fl("forecast", "rain", "90%")
    terminal.clock.advance(days=15)
    terminal.fl("resolve", "rain", "yes", "--on", "2026-02-01", "--note", "wet")
    found = total(terminal, "--rule", "peer")
    assert found["total"]["coverage"] == 0.5
    assert found["total"]["score"] == pytest.approx(50 * log(0.9 / 0.5), abs=1e-9)
    # By itself Mia's window opens with her own first forecast.
    assert total(terminal)["total"]["coverage"] == 1.0


def test_an_answer_before_the_deadline_ends_the_forecasts_and_not_the_span(
    terminal: Terminal,
) -> None:
    terminal.fl("add", "Rain?", "90%", "--key", "rain", "--by", "2026-01-25 13:00")
    terminal.fl("forecast", "rain", "50%", *BEN)
    terminal.clock.advance(days=20)
    terminal.fl("resolve", "rain", "yes", "--on", "2026-01-17 13:00", "--note", "wet")
    found = total(terminal, "--rule", "peer")["total"]
    assert found["coverage"] == pytest.approx(0.2)
    assert found["score"] == pytest.approx(20 * log(0.9 / 0.5), abs=1e-9)
    # A moment, the days and the time it was open all end with the answer.
    for rule, score in (
        ("peer-spot", 100 * log(0.9 / 0.5)),
        ("baseline-spot", 100 * (log2(0.9) + 1)),
        ("gjopen-daily", 0.02),
        ("relative-log", log2(0.9 / 0.7)),
    ):
        found = total(terminal, "--rule", rule)["total"]
        assert (found["coverage"], found["score"]) == (1.0, pytest.approx(score, abs=1e-9))


def test_the_day_that_begins_as_a_question_ends_is_none_of_its_days(terminal: Terminal) -> None:
    # One in the morning in Berlin is midnight in UTC.
    terminal.fl("add", "Rain?", "90%", "--key", "rain", "--by", "2026-01-17 01:00")
    terminal.clock.advance(hours=6)
    terminal.fl("withdraw", "rain")
    terminal.clock.advance(hours=7)
    terminal.fl("forecast", "rain", "50%")
    terminal.clock.advance(days=5)
    terminal.fl("resolve", "rain", "yes", "--on", "2026-01-18", "--note", "wet")
    found = total(terminal, "--rule", "gjopen-daily")["total"]
    assert (found["coverage"], found["score"]) == (1.0, pytest.approx((0.02 + 0.5) / 2))


def test_a_question_without_a_deadline_is_left_out_and_counted(rain: Terminal) -> None:
    rain.fl("add", "Will the chair go?", "30%", "--key", "chair", "--by", "none")
    rain.clock.advance(days=5)
    rain.fl("resolve", "chair", "no", "--note", "stays")
    for rule in ("peer", "baseline-time-weighted"):
        said = one_line(rain.fl("score", "--rule", rule))
        assert (
            "left out: 1 question without a deadline: this score divides by the time to it" in said
        )
        assert mine(rain, rule) == pytest.approx(BY_HAND[rule][0], abs=1e-9)
    for rule in ("gjopen-daily", "relative-brier", "relative-log", "peer-spot", "log"):
        assert total(rain, "--rule", rule)["total"]["questions"] == 2
    assert total(rain, "--rule", "gjopen-daily")["lines"][0]["score"] == pytest.approx(0.18)


def test_claimed_forecasts_are_compared_apart_unless_they_are_counted(rain: Terminal) -> None:
    cy = ("--who", "Cy Reed")
    rain.fl("forecast", "rain", "50%", "--made", "2026-01-15 13:00", *cy)
    assert mine(rain, "peer") == pytest.approx(BY_HAND["peer"][0], abs=1e-9)
    said = one_line(rain.fl("score", "--rule", "peer", *cy))
    assert said.startswith("All of this is claimed")
    assert "Nobody else forecast these questions" in said
    # ln p less the mean of ln 0.9 and ln 0.5, over the two halves of the time.
    with_cy = 50 * (log(0.4) + log(0.7)) - 50 * (log(0.9) + log(0.5))
    assert mine(rain, "peer", "--claimed") == pytest.approx(with_cy, abs=1e-9)
    assert "rule peer | claimed counted |" in rain.fl("score", "--rule", "peer", "--claimed")


def test_published_forecasts_are_compared_with_witnessed_ones(rain: Terminal) -> None:
    rain.fl("source", "note", "--title", "T", "--author", "Ada Wern", "--published", "2026-01-14")
    rain.fl(
        *("forecast", "rain", "60%", "--source", "note", "--quote", "it may well rain"),
        *("--place", "paragraph 1"),
    )
    ada = total(rain, "--rule", "peer", "--source", "note")
    assert ada["forecaster"] == "Ada Wern"
    assert ada["lines"][0]["grades"] == ["published"]
    # Published 37 hours before the question was asked here, it stands alone so long, and then
    # for 120 hours beside each of Mia's forecasts.
    beside = 2 * log(0.6) - (log(0.4) + log(0.7)) / 2 - log(0.9)
    assert ada["total"]["score"] == pytest.approx(100 * beside * 120 / 277, abs=1e-9)
    assert ada["total"]["coverage"] == 1.0
    assert ada["company"]["alone"] == 0
    assert total(rain, "--rule", "peer")["total"]["coverage"] == pytest.approx(240 / 277)


def test_early_answers_are_held_back_by_every_rule(rain: Terminal) -> None:
    rain.fl("add", "Snow by 31 December 2026?", "20%", "--key", "snow")
    rain.fl("forecast", "snow", "40%", *BEN)
    rain.clock.advance(days=11)
    rain.fl("resolve", "snow", "yes", "--note", "white")
    for rule in sorted(RULES):
        said = one_line(rain.fl("score", "--rule", rule))
        assert "1 question answered before the deadline (1 yes, 0 no), held back" in said
        assert "with it the mean would be" in said
        assert mine(rain, rule) == pytest.approx(BY_HAND[rule][0], abs=1e-9)


def test_forecasters_stand_beside_each_other_and_nothing_is_pooled_that_cancels(
    rain: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FORECAST_LEDGER_WHO")
    assert rain.fl("score", "--rule", "peer").startswith(
        """\
Scores of 2 forecasters                                    as of 4 February 2026
--------------------------------------------------------------------------------
  forecaster  questions  peer score  covered
  Ben Osei            1       +53.1     100%
  Mia Jensen          1       -53.1     100%

Peer score, in points: larger is better, 0 is as good as the others who forecast
the same questions at the same time. Covered: the share of the time from
anybody's first forecast (or a stated opening) to the deadline.
"""
    )
    assert "all of them, pooled" in rain.fl("score", "--rule", "log")


def test_of_many_questions_the_worst_by_the_direction_of_the_rule_are_listed(
    terminal: Terminal,
) -> None:
    for i in range(41):
        terminal.fl(
            "add", f"Event {i}?", f"{50 + i}%", "--key", f"e{i}", "--by", "2026-01-16 13:00"
        )
    terminal.clock.advance(days=3)
    for i in range(41):
        terminal.fl("resolve", f"e{i}", "yes", "--on", "2026-01-17", "--note", "x")
    for rule in ("log", "baseline"):
        said = terminal.fl("score", "--rule", rule)
        assert "THE 10 WORST OF 41 QUESTIONS" in said
        assert re.findall(r"Event (\d+)\?", said) == [str(i) for i in range(10)]
        assert "and 31 more (--json lists them all)" in said


@pytest.mark.parametrize("policy", ["daily", "last", "first", "each", "at 3d"])
def test_a_policy_weighs_what_a_rule_scores(rain: Terminal, policy: str) -> None:
    weight = {"daily": 5 / 11, "last": 0, "first": 1, "each": 0.5, "at 3d": 0}[policy]
    expected = -weight * log(0.4) - (1 - weight) * log(0.7)
    assert mine(rain, "log", "--policy", policy) == pytest.approx(expected, abs=1e-11)
    assert f"policy {policy} | rule log |" in rain.fl("score", "--rule", "log", "--policy", policy)


def test_questions_without_a_forecast_at_the_horizon_are_counted(rain: Terminal) -> None:
    said = one_line(rain.fl("score", "--policy", "at 30d"))
    assert "Nothing is scored yet" in said
    assert "left out: 1 question with no forecast at that moment, or no deadline" in said


def test_every_rule_says_which_direction_is_better() -> None:
    assert set(_SPOKEN) == set(RULES)
    for rule in RULES.values():
        assert rule.name == "brier" or rule.direction in _SPOKEN[rule.name].scale


def test_what_rounds_to_nothing_has_no_sign() -> None:
    peer = _SPOKEN["peer"]
    assert [peer.text(x) for x in (0.04, -0.04, 1.0, -1.0)] == ["0.0", "0.0", "+1.0", "-1.0"]


@pytest.mark.parametrize("command", ["score", "calibration"])
def test_a_tag_or_family_that_nothing_has_is_refused(rain: Terminal, command: str) -> None:
    rain.fl("label", "rain", "+sky")
    message = one_line(rain.fails(4, command, "--tag", "nope"))
    assert 'there is no tag "nope". There are: sky.' in message
    message = one_line(rain.fails(4, command, "--family", "nope"))
    assert 'there is no family "nope". None is recorded yet.' in message


@pytest.mark.parametrize("command", ["score", "calibration"])
def test_filters_that_match_nothing_say_so(rain: Terminal, command: str) -> None:
    said = one_line(rain.fl(command, "--known-since", "2026-02-03", "--who", "Mia Jensen"))
    assert "Nothing is scored: no question matches what was asked for." in said


def test_what_was_recorded_after_an_early_outcome_is_said_to_have_a_report(
    terminal: Terminal,
) -> None:
    terminal.fl("add", "Dew?", "70%", "--key", "dew", "--by", "2026-12-31", "--made", "2025-12-01")
    terminal.fl("resolve", "dew", "yes", "--on", "2026-01-02", "--note", "wet")
    assert "--claimed counts it." in one_line(terminal.fl("score"))
    assert "Brier 0.090" in terminal.fl("score", "--claimed")


@pytest.mark.parametrize("level", ["100%", "0%", "40%"])
def test_a_level_no_range_can_have_is_refused(rain: Terminal, level: str) -> None:
    message = one_line(rain.fails(2, "score", "--level", level))
    assert f"--level {level} is no level from 50% to 99.9%." in message
    assert "--certain" not in message


def test_of_several_it_is_said_on_how_many_nobody_else_forecast(
    rain: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    rain.fl("add", "Fog?", "20%", "--key", "fog", "--by", "2026-02-14 13:00")
    rain.clock.advance(days=11)
    rain.fl("resolve", "fog", "no", "--note", "clear")
    monkeypatch.delenv("FORECAST_LEDGER_WHO")
    said = one_line(rain.fl("score", "--rule", "peer"))
    assert "On 1 question nobody else forecast: the score there is 0 by definition" in said


def test_the_last_line_goes_on_under_an_indent(rain: Terminal) -> None:
    last = rain.fl("calibration", "--policy", "at 3d", "--brier-scale", "2", "--claimed")
    assert re.search(r" \|\n  ledger [0-9a-f]{8}\n$", last)
