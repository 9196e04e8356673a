"""What is missing is asked for at a terminal, and never anywhere else."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.terminal import Terminal


@pytest.fixture
def person(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal at which a person sits."""
    monkeypatch.setattr("forecast_ledger.cli.app.at_terminal", lambda: True)
    return terminal


def test_add_asks_for_all_it_needs(
    person: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("FORECAST_LEDGER_WHO")
    monkeypatch.setenv("FORECAST_LEDGER_CONFIG", str(tmp_path / "c.toml"))
    result = person.run("add", typed="Will May resign?\n35\n35%\nme\nMia Jensen\nsoon\n1 June\n")
    assert result.exit_code == 0
    assert (
        result.stdout
        == """\
may-resign-2026-06   Will May resign?
  yes 35% by Mia Jensen, from now
  deadline  end of Mon 1 June 2026, Europe/Berlin
  no criteria yet: fl revise may-resign-2026-06 --criteria "..."
  a slip? fl undo within 10 minutes
"""
    )
    told = " ".join(result.stderr.split())
    for asked in (
        "What is the question: Will May resign?",
        "How likely is yes: 35 35 is not between 0 and 1 and has no percent sign.",
        "Your name, as others will read it in this ledger: me 'me' names nobody",
        '("May" is not read as a month without by, before, until or in).',
        'By when will it be decided (a date, or none): soon cannot read "soon" as a date.',
    ):
        assert asked in told
    assert (tmp_path / "c.toml").read_text() == 'name = "Mia Jensen"\n'


def test_resolve_asks_how_it_came_out_when_and_how_that_is_known(person: Terminal) -> None:
    person.fl("add", "Rain by 30 June 2026?", "35%", "--key", "rain")
    person.clock.advance(days=200)
    result = person.run("resolve", "rain", typed="perhaps\nyes\n20 June\nhttps://sky.example\n")
    assert result.exit_code == 0
    assert result.stdout.startswith("rain   yes, known 20 June 2026\n")
    shown = person.fl("show", "rain")
    assert "https://sky.example" in shown


def test_a_no_after_the_deadline_is_not_asked_when(person: Terminal) -> None:
    person.fl("add", "Rain by 30 June 2026?", "35%", "--key", "rain")
    person.clock.advance(days=200)
    result = person.run("resolve", "rain", "no", typed="a dry year\n")
    assert "known when its deadline passed (end of 30 June 2026)" in result.stdout
    assert "When did it become known" not in result.stderr


def test_now_is_what_an_empty_answer_means(person: Terminal) -> None:
    person.fl("add", "Rain by 30 June 2026?", "35%", "--key", "rain")
    result = person.run("resolve", "rain", "yes", typed="\nit rains\n")
    assert result.stdout.startswith("rain   yes, known from now on\n")


@pytest.mark.parametrize("option", ["--no-input", "--json"])
def test_nothing_is_asked_where_that_was_said(person: Terminal, option: str) -> None:
    result = person.run("add", "Will May resign?", "35%", option, typed="2026-06-01\n")
    assert result.exit_code == 2
    assert result.stdout == ""


def test_who_leaves_at_a_question_records_nothing(person: Terminal) -> None:
    result = person.run("add", "Will May resign?", "35%", typed="")
    assert result.exit_code == 130
    assert result.stderr.endswith("fl: interrupted\n")
    assert not person.ledger.exists()


def test_a_real_terminal_is_asked(tmp_path: Path) -> None:
    environment = os.environ | {"FORECAST_LEDGER_WHO": "Mia Jensen"}
    command = [sys.executable, "-m", "forecast_ledger.cli", "--ledger", str(tmp_path / "l.db")]
    main, other = pty.openpty()
    with subprocess.Popen(
        [*command, "add", "Will May resign?"],
        stdin=other, stdout=other, stderr=other, env=environment,
    ) as program:  # fmt: skip
        os.close(other)
        seen = _answer(main, "How likely is yes:", "35%")
        seen += _answer(main, "(a date, or none):", "none")
        seen += _answer(main, "undo within 10 minutes", None)
        os.close(main)
        assert program.wait(60) == 0
    assert "yes 35% by Mia Jensen, from now" in seen


def _answer(terminal: int, prompt: str, answer: str | None) -> str:
    """Read until `prompt`, then type `answer`."""
    seen = ""
    while prompt not in " ".join(seen.split()):
        assert select.select([terminal], [], [], 60)[0], seen
        seen += os.read(terminal, 4096).decode()
    if answer is not None:
        os.write(terminal, f"{answer}\n".encode())
    return seen


def test_a_correction_is_asked_for_its_reason_first(person: Terminal) -> None:
    person.fl("add", "Rain by 30 June 2026?", "35%", "--key", "rain")
    person.fl("resolve", "rain", "yes", "--note", "x", "--on", "2026-01-14")
    person.clock.advance(seconds=5)
    result = person.run("resolve", "rain", typed="that was hail\nno\nnow\nthe gauge\n")
    assert result.exit_code == 0
    asked = "rain is resolved yes already. What was wrong with that: that was hail"
    assert " ".join(result.stderr.split()).startswith(asked)
    assert '(correction 1; "that was hail")' in " ".join(result.stdout.split())
