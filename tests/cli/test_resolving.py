"""Outcomes as they are typed, corrected, and taken back."""

from __future__ import annotations

import pytest

from tests.cli.terminal import Terminal


@pytest.fixture
def opec(terminal: Terminal) -> Terminal:
    """A terminal whose ledger asks one question, overdue by nine days, answered 30%."""
    terminal.fl("add", "Will OPEC+ cut by 28 February 2026?", "30%", "--key", "opec-cut-2026-02")
    terminal.clock.advance(days=53)
    return terminal


def test_a_no_is_known_when_the_deadline_passed(opec: Terminal) -> None:
    assert (
        opec.fl("resolve", "opec", "no", "--note", "no cut in the statement")
        == """\
opec-cut-2026-02   no, known when its deadline passed (end of 28 February 2026)
  Will OPEC+ cut by 28 February 2026?
  your Brier on it 0.09 (30% said; time-weighted over 44 of 44 days)
  wrong question? fl reopen opec --why "..."
"""
    )


def test_a_yes_is_known_when_it_is_said_to_be(opec: Terminal) -> None:
    assert (
        opec.fl("resolve", "opec", "yes", "--on", "20 February", "--evidence", "https://a.example")
        == """\
opec-cut-2026-02   yes, known 20 February 2026
  Will OPEC+ cut by 28 February 2026?
  your Brier on it 0.49 (30% said; time-weighted over 35 of 44 days)
  wrong question? fl reopen opec --why "..."
"""
    )


def test_an_outcome_is_never_guessed(opec: Terminal) -> None:
    assert (
        opec.fails(2, "resolve", "opec", "no")
        == """\
fl: how is it known? An outcome is never guessed: say --evidence URL or --note
TEXT.
"""
    )
    assert opec.fails(2, "resolve", "opec", "--note", "x") == (
        "fl: how did it come out? Say one of: yes, no, annulled, ambiguous.\n"
    )
    assert opec.fails(2, "resolve", "opec", "maybe", "--note", "x") == (
        'fl: "maybe" is no outcome. Say one of: yes, no, annulled, ambiguous.\n'
    )


def test_a_correction_says_why_and_both_stay(opec: Terminal) -> None:
    opec.fl("resolve", "opec", "no", "--note", "no cut")
    opec.clock.advance(days=1)
    assert (
        opec.fails(5, "resolve", "opec", "yes", "--note", "a cut")
        == """\
fl: opec-cut-2026-02 is resolved no already. To correct it say why: fl resolve
opec-cut-2026-02 yes --why ...
"""
    )
    assert (
        opec.fl(
            *("resolve", "opec", "yes", "--on", "2026-02-20"),
            *("--evidence", "https://a.example", "--why", "missed cut"),
        )
        == """\
opec-cut-2026-02
  no -> yes, known 20 February 2026 (correction 1; "missed cut")
  Will OPEC+ cut by 28 February 2026?
  your Brier on it 0.09 -> 0.49. Both resolutions stay readable: fl show opec
"""
    )
    opec.clock.advance(days=1)
    assert (
        opec.fl("reopen", "opec", "--why", "the wrong question")
        == """\
opec-cut-2026-02
  open again, overdue since the end of 28 February 2026; 2 withdrawn resolutions
    kept
  Will OPEC+ cut by 28 February 2026?
"""
    )


def test_what_an_outcome_disqualifies_is_named(opec: Terminal) -> None:
    assert (
        opec.fl("resolve", "opec-cut-2026-02", "yes", "--note", "old news", "--on", "2026-01-01")
        == """\
opec-cut-2026-02   yes, known 1 January 2026
  1 forecast was made when it was known, and never scored: 30% by Mia Jensen,
    made 15 January 2026 13:00
  wrong question? fl reopen opec-cut-2026-02 --why "..."
"""
    )


def test_an_early_answer_is_said_to_be_held_back(terminal: Terminal) -> None:
    terminal.fl("add", "Rain by 28 February 2026?", "80%", "--key", "rain", "--who", "Bob Ray")
    terminal.clock.advance(days=20)
    assert (
        terminal.fl("resolve", "rain", "yes", "--note", "it rains")
        == """\
rain   yes, known from now on
  Bob Ray's Brier on it 0.04 (80% said; time-weighted over 20 of 44 days), held
    back until its deadline passes (end of 28 February 2026)
  wrong question? fl reopen rain --why "..."
"""
    )


def test_a_question_is_annulled(opec: Terminal) -> None:
    assert (
        opec.fl("annul", "opec-cut-2026-02", "--why", "never held")
        == """\
opec-cut-2026-02   annulled, known from now on
  never scored. a mistake? fl reopen opec-cut-2026-02 --why "..."
"""
    )
    assert "annulled" in opec.fl("list", "--status", "annulled")


def test_what_was_recorded_too_late_is_claimed_and_said_so(terminal: Terminal) -> None:
    terminal.fl(
        "add", "Rain?", "80%", "--by", "31 January", "--key", "rain", "--made", "1 Dec 2025"
    )
    terminal.clock.advance(days=30)
    assert (
        terminal.fl("resolve", "rain", "yes", "--note", "it rained", "--on", "2025-12-24")
        == """\
rain   yes, known 24 December 2025
  your forecasts were recorded after the outcome was known: claimed, and scored
    apart (fl score --claimed)
  wrong question? fl reopen rain --why "..."
"""
    )


def test_an_early_answer_to_claimed_forecasts_says_so(terminal: Terminal) -> None:
    terminal.fl("add", "Rain?", "80%", "--by", "31 May", "--key", "rain", "--made", "1 Dec 2025")
    assert (
        terminal.fl("resolve", "rain", "yes", "--note", "it rained", "--on", "2025-12-24")
        == """\
rain   yes, known 24 December 2025
  your forecasts were recorded after the outcome was known: claimed, and scored
    apart (fl score --claimed), held back until its deadline passes (end of 31
    May 2026)
  wrong question? fl reopen rain --why "..."
"""
    )
    assert "(1 yes, 0 no)" in " ".join(terminal.fl("score").split())


def test_a_bare_day_that_disqualifies_a_forecast_of_the_day_says_how_to_say_the_time(
    opec: Terminal,
) -> None:
    told = opec.fl("resolve", "opec-cut-2026-02", "yes", "--note", "x", "--on", "2026-01-15")
    assert (
        "if it became known later that day, say the time: fl resolve opec-cut-2026-02 yes"
        ' --on "2026-01-15 HH:MM" --why "..."'
    ) in " ".join(told.split())
    opec.clock.advance(seconds=5)
    again = ("--on", "2026-01-15 18:00", "--why", "in the evening")
    assert "never scored" not in opec.fl("resolve", "opec", "yes", "--note", "x", *again)
