"""fl calibration: what its options ask for, and what they refuse."""

from __future__ import annotations

import json
from typing import Any

import pytest

from forecast_ledger.ledger import Ledger
from tests.cli.terminal import Terminal
from tests.reports import scenes
from tests.simulated import history, record


@pytest.fixture
def ben(terminal: Terminal) -> Terminal:
    """A terminal whose ledger holds 40 resolved questions of Ben Sim."""
    with Ledger(str(terminal.ledger), clock=terminal.clock) as ledger:
        record(ledger, terminal.clock, history(40))
    return terminal


def test_it_is_about_the_forecaster_named(ben: Terminal) -> None:
    text = ben.fl("calibration", "--who", "Ben Sim")
    assert text.startswith("Calibration of Ben Sim ")
    assert "SAID AND HAPPENED" in text
    assert "seed 1 | draws 1,000 | 40 of 40 questions" in text


def test_it_is_about_all_where_the_user_has_no_forecasts(ben: Terminal) -> None:
    result = ben.run("calibration")
    assert result.exit_code == 0
    assert result.stdout == ben.fl("calibration", "--who", "Ben Sim")
    assert "Mia Jensen has no forecasts here, so this is about all who have." in result.stderr


def test_seed_and_draws_change_the_band_and_are_said(ben: Terminal) -> None:
    def curve(*words: str) -> dict[str, object]:
        found = json.loads(ben.fl("--json", "calibration", "--who", "Ben Sim", *words))
        assert found["calibration"]["seed"] == int(words[1])
        return {**found["calibration"]["curve"], "points": found["calibration"]["curve"]["points"]}

    assert curve("--seed", "1") == curve("--seed", "1")
    assert curve("--seed", "1") != curve("--seed", "2")
    few = ben.fl("calibration", "--who", "Ben Sim", "--draws", "100", "--seed", "3")
    assert "seed 3 | draws 100 |" in few


@pytest.mark.parametrize("typed", ["85-90", "85%-90%", " 85 - 90 "])
def test_a_bin_is_two_percentages_both_with_it(ben: Terminal, typed: str) -> None:
    text = ben.fl("calibration", "--who", "Ben Sim", "--bin", typed)
    assert "\nSAID BETWEEN 85% AND 90%\n" in text
    found = json.loads(ben.fl("--json", "calibration", "--who", "Ben Sim", "--bin", typed))
    assert found["calibration"]["listed_between"] == [0.85, 0.9]
    listed = found["calibration"]["listed"]
    assert {0.85, 0.9} <= {line["probability"] for line in listed}
    assert all(0.85 <= line["probability"] <= 0.9 and 0 < line["share"] <= 1 for line in listed)
    assert [line["share"] for line in listed] == sorted(
        (line["share"] for line in listed), reverse=True
    )


def test_a_bin_in_which_nothing_was_said_says_so(ben: Terminal) -> None:
    assert "SAID BETWEEN 61% AND 62%\n  nothing\n" in ben.fl(
        "calibration", "--who", "Ben Sim", "--bin", "61-62"
    )


@pytest.mark.parametrize("typed", ["90-80", "80", "80-101", "-5-10", "a-b", "80-90-95", "8.5-9"])
def test_what_is_no_bin_is_refused(ben: Terminal, typed: str) -> None:
    message = ben.fails(2, "calibration", "--who", "Ben Sim", f"--bin={typed}")
    assert " ".join(message.split()) == (
        f"fl: --bin {typed!r} is no range of whole percentages from 0 to 100, the smaller first."
        " Give one as 80-90."
    )


def test_the_calibration_error_is_shown_on_request(ben: Terminal) -> None:
    asked = ben.fl("calibration", "--who", "Ben Sim", "--ece")
    assert "Calibration error (ECE) " in asked
    assert "ECE" not in ben.fl("calibration", "--who", "Ben Sim")


@pytest.mark.parametrize("words", [("--draws", "99"), ("--seed", "-1"), ("--draws", "many")])
def test_draws_and_seeds_that_are_none_are_refused(ben: Terminal, words: tuple[str, str]) -> None:
    assert ben.fails(2, "calibration", *words)


def test_another_rule_than_the_brier_score_is_refused(ben: Terminal) -> None:
    message = " ".join(ben.fails(2, "calibration", "--rule", "log").split())
    assert "calibration is about the Brier score" in message
    assert "fl score --rule log" in message


def test_the_scale_of_two_is_said_wherever_a_brier_number_stands(ben: Terminal) -> None:
    text = ben.fl("calibration", "--who", "Ben Sim", "--brier-scale", "2")
    assert "scale 0 to 2" in text
    assert "| Brier scale 0 to 2 |" in " ".join(text.split())


def test_as_of_an_earlier_day_it_is_the_report_of_that_day(ben: Terminal) -> None:
    assert "Nothing is scored yet" in ben.fl(
        "calibration", "--who", "Ben Sim", "--as-of", "2026-02-01"
    )


def test_a_level_is_that_of_every_range(ben: Terminal) -> None:
    text = ben.fl("calibration", "--who", "Ben Sim", "--level", "80%")
    assert "80% interval" in text
    assert "90% interval" not in text


def test_the_page_of_one_article_has_the_scale_asked_for(terminal: Terminal) -> None:
    with Ledger(str(terminal.ledger), clock=terminal.clock) as ledger:
        scenes.article(ledger, terminal.clock)
    page = ("calibration", "--source", "weather-note")
    one = json.loads(terminal.fl(*page, "--json"))
    two = json.loads(terminal.fl(*page, "--json", "--brier-scale", "2"))

    def numbers(article: dict[str, Any]) -> list[float]:
        total = article["score"]["total"]
        lines = [item["score"]["score"] for item in article["primary"] if item["score"]]
        others = [item["score"]["score"] for item in article["other_readings"]]
        return [total["score"], total["expected"], *total["expected_range"], *lines, *others]

    assert numbers(two) == pytest.approx([2 * number for number in numbers(one)], rel=1e-12)
    assert two["score"]["total"]["brier"] is None
    text = terminal.fl(*page, "--brier-scale", "2")
    assert "Brier 0.070   scale 0 to 2: 0 is perfect, 0.5 always saying 50%" in text
    assert "| Brier scale 0 to 2 |" in text
    assert " 20%   yes  1.2800  0.470\n" in text


def test_one_article_of_a_forecaster_named_has_all_that_calibration_has(
    terminal: Terminal,
) -> None:
    with Ledger(str(terminal.ledger), clock=terminal.clock) as ledger:
        scenes.article(ledger, terminal.clock)
    page = ("calibration", "--source", "weather-note")
    assert terminal.fl(*page, "--seed", "1", "--draws", "1000") == terminal.fl(*page)
    text = terminal.fl(*page, "--who", "Ada Wern", "--bin", "20-30")
    assert "SAID BETWEEN 20% AND 30%" in text
