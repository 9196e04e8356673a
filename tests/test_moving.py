"""A ledger moves to PostgreSQL and back: the same entries, log and reports, as of any moment."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from forecast_ledger.domain.canonical import to_json
from forecast_ledger.domain.entries import Entry, Redaction
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.formats import jsonl
from forecast_ledger.ledger import Ledger
from forecast_ledger.store.store import Store
from tests.cli.terminal import Terminal
from tests.conftest import FixedClock
from tests.strategies import logs

ROOT = Path(__file__).resolve().parent.parent
SOURCE = "bremmer-ukraine-peace-push"
NOTE = ("--note", "the gauge")
# A year's worth of everything that can be typed; a number is how many hours pass.
TYPED: tuple[tuple[str, ...] | int, ...] = (
    ("import", str(ROOT / "forecasts")),
    5,
    ("add", "Will it rain by 30 June 2027? #sky", "35%", "--key", "rain", "--why", "clouds"),
    ("add", "Will it snow by 1 December 2026?", "--words", "probably not", "--key", "snow"),
    ("add", "Will it thaw by 1 December 2026?", "60%", "--key", "thaw", "--who", "Bob Ray"),
    30,
    ("forecast", "rain", "40%"),
    ("forecast", "rain", "4%"),
    ("undo",),
    ("forecast", "rain", "20%", "--made", "2026-11-20", "--who", "Bob Ray"),
    2,
    ("note", "ukraine-ceasefire-2026-06", "I meant a signed one.", "--author", "Ian Bremmer"),
    ("revise", "rain", "--criteria", "The gauge at the harbour shows 1 mm."),
    ("revise", "snow", "--replace", "--by", "2026-12-02", "--why", "the gauge was moved"),
    ("forecast", "snow", "15%"),
    ("family", "weather", "rain", "snow", "thaw"),
    ("label", "rain", "+harbour", "-sky"),
    24 * 14,
    ("resolve", "snow", "yes", "--on", "2026-12-01", *NOTE),
    ("resolve", "thaw", "no", *NOTE, "--evidence", "https://example.org/gauge"),
    2,
    (
        "resolve",
        "snow",
        "no",
        *NOTE,
        "--why",
        "that was hail",
        "--against",
        "https://example.org/x",
    ),
    ("withdraw", "rain", "--who", "Bob Ray"),
    50,
    ("reopen", "thaw", "--why", "the wrong gauge"),
    ("resolve", "thaw", "yes", *NOTE),
    ("annul", "rain", "--why", "the harbour was closed"),
    1,
)
VIEWS = (
    ("score",),
    ("score", "--policy", "last", "--who", "Bob Ray"),
    ("calibration", "--source", SOURCE),
    ("list",),
    ("statements",),
    ("show", "snow"),
    ("show", "ukraine-ceasefire-2026-06"),
    ("export", "snow"),
)


@pytest.fixture
def lived(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Terminal, list[str]]:
    """A ledger in which much was typed, and a moment of every stretch of it."""
    monkeypatch.setenv("FORECAST_LEDGER_WHO", "Mia Jensen")
    monkeypatch.setenv("FORECAST_LEDGER_ZONE", "Europe/Berlin")
    terminal = Terminal(FixedClock(datetime(2026, 11, 22, 12, tzinfo=UTC)), tmp_path / "a.db")
    moments = []
    for step in TYPED:
        if isinstance(step, int):
            moments.append(terminal.clock().isoformat())
            terminal.clock.advance(hours=step)
        else:
            terminal.clock.advance(seconds=20)
            result = terminal.run(*step)
            assert result.exit_code == 0, result.stderr
    return terminal, moments


def log_of(location: str) -> list[tuple[Any, ...]]:
    with closing(Store(location)) as store, store.reading() as reader:
        rows = list(reader.rows())
        entries = [(row.digest, row.recorded_at, to_json(row.entry)) for row in reader.everything()]
    return [*rows, *entries]


def seen(terminal: Terminal, location: str, moments: list[str]) -> dict[tuple[str, ...], str]:
    """Return everything that can be asked, now and as of every moment, as text and as JSON."""
    found = {}
    for moment in ([], *(["--as-of", moment] for moment in moments)):
        for view in VIEWS:
            for form in ([], ["--json"]) if view[0] != "export" else ([],):
                words = (*view, *moment, *form)
                result = terminal.run(*words, "--ledger", location)
                assert result.exit_code in (0, 4), result.stderr
                found[words] = f"{result.exit_code}\n{result.stdout}{result.stderr}"
    return found


def exported(terminal: Terminal, location: str, to: Path) -> bytes:
    terminal.run("export", "--output", str(to), "--ledger", location)
    return to.read_bytes()


@pytest.mark.timeout(300)
def test_a_ledger_is_the_same_on_postgresql_and_back_again(
    lived: tuple[Terminal, list[str]], tmp_path: Path, postgres_url: str
) -> None:
    terminal, moments = lived
    home, back = str(terminal.ledger), str(tmp_path / "back.db")
    first = exported(terminal, home, tmp_path / "1.jsonl")
    moments = moments[1::2]
    here, log = seen(terminal, home, moments), log_of(home)
    assert len(log) > 2 * 220
    assert len(set(here.values())) > 50  # a look from another moment is another one

    terminal.fl("db", "init", "--ledger", postgres_url)
    terminal.fl("db", "restore", str(tmp_path / "1.jsonl"), "--ledger", postgres_url)
    assert log_of(postgres_url) == log
    assert seen(terminal, postgres_url, moments) == here
    assert exported(terminal, postgres_url, tmp_path / "2.jsonl") == first

    terminal.fl("db", "restore", str(tmp_path / "2.jsonl"), "--ledger", back)
    assert log_of(back) == log
    assert seen(terminal, back, moments) == here
    assert exported(terminal, back, tmp_path / "3.jsonl") == first
    for location in (home, postgres_url, back):
        assert "match their digests and leaves" in terminal.fl(
            *("db", "status", "--verify", "--ledger", location)
        )

    # Life goes on where the ledger is now, and it does so alike.
    for location in (home, postgres_url, back):
        terminal.fl("forecast", "rain", "7%", "--ledger", location)
    rain = {terminal.run("show", "rain", "--json", "--ledger", place).stdout.split('"ledger"')[0]
            for place in (home, postgres_url, back)}  # fmt: skip
    assert len(rain) == 1


def test_what_is_imported_comes_once_however_often(
    lived: tuple[Terminal, list[str]], tmp_path: Path
) -> None:
    terminal, _ = lived
    file = tmp_path / "all.jsonl"
    exported(terminal, str(terminal.ledger), file)
    theirs = [json.loads(line)["digest"] for line in file.read_text().splitlines()[1:]]
    other = Terminal(terminal.clock, tmp_path / "other.db")
    # It knows some of it, and things of its own.
    other.fl("import", str(ROOT / "forecasts"))
    other.fl("add", "Will it freeze by 1 January 2027?", "5%", "--key", "freeze")
    own = [digest for digest, *_ in entries_of(other)]
    shared = set(own) & set(theirs)
    assert shared
    assert set(own) - shared
    report = json.loads(other.fl("import", str(file), "--json"))["files"][0]
    assert sum(report["new"].values()) == len(theirs) - len(shared)
    assert report["already"] == len(shared)
    after = [digest for digest, *_ in entries_of(other)]
    assert sorted(after) == sorted(set(own) | set(theirs))
    assert after[: len(own)] == own
    again = json.loads(other.fl("import", str(file), "--json"))["files"][0]
    assert (again["new"], again["already"]) == ({}, len(theirs))
    assert [digest for digest, *_ in entries_of(other)] == after
    # What came with it is recorded as of now: whose witness it was is not carried over.
    assert {moment for _, moment, _ in entries_of(other)[len(own) :]} == {other.clock()}


def entries_of(terminal: Terminal) -> list[tuple[str, datetime, dict[str, Any]]]:
    with closing(Store(str(terminal.ledger))) as store, store.reading() as reader:
        return [(row.digest, row.recorded_at, to_json(row.entry)) for row in reader.everything()]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], str]:
    """A maker of empty ledgers, which copies one."""
    folder = tmp_path_factory.mktemp("empty")
    Store(str(folder / "empty.db")).create()

    def make() -> str:
        return str(shutil.copy(folder / "empty.db", folder / "ledger.db"))

    return make


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(log=logs())
def test_any_log_is_restored_as_it_was(
    empty: Callable[[], str], log: list[Recorded[Entry]]
) -> None:
    log = [row for row in log if not isinstance(row.entry, Redaction)]  # kept by a later version
    file = Path(empty()).with_name("log.jsonl")
    with file.open("w", encoding="utf-8", newline="") as out:
        jsonl.write(log, out)
    with Ledger(empty(), clock=FixedClock(datetime(2100, 1, 1, tzinfo=UTC))) as ledger:
        assert ledger.restore(file) == len(log)
        again = file.with_name("again.jsonl")
        with again.open("w", encoding="utf-8", newline="") as out:
            ledger.export_jsonl(out)
        assert again.read_bytes() == file.read_bytes()
        assert ledger.status(verify=True).verified == len(log)
