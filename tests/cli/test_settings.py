"""Who one is, where the ledger is, in which zone: said once, and never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest
import tzlocal
from click.testing import CliRunner

from forecast_ledger.cli import cli
from forecast_ledger.cli.app import App
from tests.cli.terminal import Terminal


@pytest.fixture
def stranger(terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Terminal:
    """A terminal of somebody who has not said a name."""
    monkeypatch.delenv("FORECAST_LEDGER_WHO")
    monkeypatch.setenv("FORECAST_LEDGER_CONFIG", str(tmp_path / "own" / "settings.toml"))
    return terminal


def test_a_name_is_asked_for_where_it_is_needed(stranger: Terminal) -> None:
    assert (
        stranger.fails(2, "add", "Rain by 30 June 2026?", "35%")
        == """\
fl: who are you? Say it once with: fl me NAME (or set FORECAST_LEDGER_WHO). For
a forecast of somebody else's say --who NAME.
"""
    )
    assert not stranger.ledger.exists()
    assert "by Bob Ray" in stranger.fl("add", "Rain by 30 June 2026?", "35%", "--who", "Bob Ray")
    assert stranger.fails(4, "me") == "fl: your name is not known yet. Say it: fl me NAME\n"


def test_a_name_is_kept(stranger: Terminal, tmp_path: Path) -> None:
    kept = tmp_path / "own" / "settings.toml"
    assert stranger.run("me", "Mia", "Jensen").stdout.replace("\n", "").startswith("Mia Jensen   k")
    assert kept.read_text() == 'name = "Mia Jensen"\n'
    assert stranger.fl("me") == "Mia Jensen\n"
    kept.write_text('# mine\nother = 1\nname = "Mia Jensen"\n')
    stranger.run("me", "Bob Ray")
    assert kept.read_text() == '# mine\nother = 1\nname = "Bob Ray"\n'


@pytest.mark.parametrize(
    "name,message",
    [
        ("me", "fl: 'me' names nobody to a later reader. Use a name.\n"),
        ("", "fl: your name is not known yet. Say it: fl me NAME\n"),
        ("Mia\x1b[31m", "fl: name holds a control character (U+001B at place 4). Take it away.\n"),
    ],
)
def test_a_name_names_somebody(stranger: Terminal, name: str, message: str) -> None:
    result = stranger.run("me", name)
    assert (result.exit_code, result.stderr) == (2 if name else 4, message)


@pytest.mark.parametrize(
    "content,message",
    [("name = 3\n", "name is not text"), ("name = \n", "is not TOML"), ("\xff", "cannot be read")],
)
def test_a_broken_settings_file_is_named(
    stranger: Terminal, tmp_path: Path, content: str, message: str
) -> None:
    path = tmp_path / "own" / "settings.toml"
    path.parent.mkdir()
    path.write_text(content, "latin-1")
    told = " ".join(stranger.fails(2, "me").split())
    assert message in told
    assert str(path) in told


def test_the_ledger_is_in_the_users_data_folder(
    terminal: Terminal, clean_environment: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    words = ["add", "Rain by 30 June 2026?", "35%"]
    run = CliRunner().invoke
    assert run(cli, words, obj=App(clock=terminal.clock)).exit_code == 0
    assert (clean_environment / "data" / "forecast-ledger" / "ledger.db").exists()
    monkeypatch.setenv("FORECAST_LEDGER", str(tmp_path / "named.db"))
    assert run(cli, words, obj=App(clock=terminal.clock)).exit_code == 0
    assert (tmp_path / "named.db").exists()
    option = ["--ledger", str(tmp_path / "option.db"), *words]
    assert run(cli, option, obj=App(clock=terminal.clock)).exit_code == 0
    assert (tmp_path / "option.db").exists()


def test_dates_are_read_in_the_zone_given(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deadline(*words: str) -> str:
        return terminal.fl("add", "Rain by 30 June 2026?", "35%", *words).splitlines()[2]

    assert "Europe/Berlin" in deadline()
    assert "Asia/Tokyo" in deadline("--zone", "asia/tokyo")
    monkeypatch.delenv("FORECAST_LEDGER_ZONE")
    assert "UTC" in deadline()
    monkeypatch.setenv("TZ", "America/New_York")
    tzlocal.reload_localzone()
    assert "America/New_York" in deadline()
    monkeypatch.setenv("TZ", "UTC")
    tzlocal.reload_localzone()
    monkeypatch.setenv("FORECAST_LEDGER_ZONE", "CET")
    assert terminal.fails(2, "add", "Rain by 30 June 2026?", "35%").startswith(
        'fl: FORECAST_LEDGER_ZONE: "CET" is an abbreviation'
    )
