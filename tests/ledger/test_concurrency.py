"""Many writers at once, and writers that are killed: nothing lost, forked, or half done."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import Answer, Forecaster
from forecast_ledger.domain.moments import When
from forecast_ledger.formats import jsonl
from forecast_ledger.ledger import Ledger
from forecast_ledger.store.store import Store
from tests.ledger.saying import at, forecast, question

PROCESSES = 8
CALLS = 200
COMMANDS = 10
KILLS = 20
BATCH = 8_000
WAITING = "waiting for another program"


def now() -> datetime:
    return datetime.now(UTC)


def workers() -> ProcessPoolExecutor:
    # A fresh interpreter for each, as separate commands have; not a copy of this one's state.
    return ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn"))


def use(location: str, number: int) -> list[str]:
    """Make 200 calls of a ledger; return what it said unasked."""
    said: list[str] = []
    who, shared = f"Person {number}", "Everybody"
    with Ledger(location, clock=now, notify=said.append) as ledger:
        for call in range(CALLS):
            key = f"rain-{number}-{call // 5}"
            answer = Answer(yes=call * 1_000_000)
            match call % 5:
                case 0:
                    ledger.add(f"Will it rain {call}?", answer, who=who, key=key)
                case 1 | 2:
                    ledger.forecast(key, answer, who=who)
                case 3:
                    ledger.label(key, add=["everyone", f"person-{number}"])
                case 4:
                    ledger.forecast(key, answer, who=shared)
    return said


def assert_log_is_whole(location: str, counts: dict[str, int]) -> None:
    with closing(Store(location)) as store, store.reading() as reader:
        assert reader.counts() == counts
        entries = list(reader.everything())
        assert [row.seq for row in entries] == list(range(1, sum(counts.values()) + 1))
        assert all(a.recorded_at <= b.recorded_at for a, b in pairwise(entries))
        for row, (*_, leaf) in zip(entries, reader.rows(), strict=True):
            assert (row.leaf, digest_of(row.entry)) == (leaf, row.digest)


@pytest.mark.timeout(300)
def test_eight_processes_lose_nothing_and_fork_nothing(ledger_url: str) -> None:
    if "://" in ledger_url:
        with closing(Store(ledger_url)) as store:
            store.create()
    with workers() as pool:
        for said in pool.map(use, [ledger_url] * PROCESSES, range(PROCESSES)):
            assert {line.split(" that is ")[0] for line in said} <= {WAITING}
    calls = PROCESSES * CALLS
    counts = {
        "question": calls // 5,
        "forecast": calls // 5 * 4,
        "label": calls // 5 * 2,
        # Each person once, and the one they all share once, whoever came first.
        "forecaster": PROCESSES + 1,
    }
    assert_log_is_whole(ledger_url, counts)


@pytest.mark.timeout(300)
def test_eight_shells_use_the_command_at_once_from_the_first_moment_on(
    ledger_url: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", "from forecast_ledger.cli import main; main()"]
    command += ["--ledger", ledger_url, "--no-input"]
    if "://" in ledger_url:
        subprocess.run([*command, "db", "init"], check=True, capture_output=True)
    script = tmp_path / "shell.sh"
    script.write_text(
        "set -e; number=$1; shift\n"
        f"for call in $(seq {COMMANDS}); do\n"
        '  "$@" add "Will it rain?" 35% --who "Person $number" --by none --key "r$number-$call"\n'
        "done\n",
        encoding="utf-8",
    )
    shells = [
        subprocess.Popen(
            ["/bin/sh", str(script), str(number), *command],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        for number in range(PROCESSES)
    ]
    said = [shell.communicate(timeout=250)[1] for shell in shells]
    assert [shell.returncode for shell in shells] == [0] * PROCESSES, said
    calls = PROCESSES * COMMANDS
    assert_log_is_whole(ledger_url, {"question": calls, "forecast": calls, "forecaster": PROCESSES})


def write_large_file(path: Path, number: int) -> None:
    """Write an export of so many entries that recording them takes a while."""
    asked, who = question(f"rain-{number}"), Forecaster(name=f"Person {number}")
    start = at(1, 1).start
    forecasts = (
        forecast(asked, who, When.at(start + timedelta(minutes=minute)), minute % 100)
        for minute in range(BATCH - 2)
    )
    with path.open("w", encoding="utf-8", newline="") as out:
        jsonl.write([asked, who, *forecasts], out)


def kill_while_importing(location: str, folder: Path) -> list[int]:
    """Import a large file, killed each time, and the next once it is in; return the counts."""
    found, file = [], folder / "large.jsonl"
    write_large_file(file, 0)
    # How long it takes when nobody interferes, into a ledger of its own.
    started = time.monotonic()
    with Ledger(str(folder / "aside.db"), clock=now) as ledger:
        ledger.import_paths([file])
    whole = time.monotonic() - started
    chance = random.Random(7)  # noqa: S311 - any moment will do
    for kill in range(KILLS):
        child = os.fork()
        if child == 0:
            with Ledger(location, clock=now) as ledger:
                ledger.import_paths([file])
            os._exit(0)
        time.sleep(whole * (kill + chance.random()) / KILLS)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        found.append(entries_in(location))
        if found[-1] % BATCH == 0 and found[-1]:
            write_large_file(file, kill + 1)
    return found


def entries_in(location: str) -> int:
    """Return how many entries a ledger holds that can be opened, and is sound."""
    with closing(Store(location)) as store:
        if not store.exists():
            return 0
        if store.target.path is not None:
            with closing(sqlite3.connect(store.target.path)) as plain:
                assert plain.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        with store.reading() as reader:
            return sum(reader.counts().values())


@pytest.mark.timeout(300)
def test_an_import_killed_at_any_moment_leaves_all_of_a_file_or_none_of_it(
    ledger_url: str, tmp_path: Path
) -> None:
    if "://" in ledger_url:
        with closing(Store(ledger_url)) as store:
            store.create()
    with workers() as pool:
        found = pool.submit(kill_while_importing, ledger_url, tmp_path).result()
    assert len(found) == KILLS
    assert [count for count in found if count % BATCH] == []
    assert found.count(0) > KILLS // 4  # some were killed before their end
    # Whoever comes next is not in anyone's way.
    write_large_file(tmp_path / "last.jsonl", KILLS + 1)
    with Ledger(ledger_url, clock=now) as ledger:
        (report,) = ledger.import_paths([tmp_path / "last.jsonl"]).files
        assert report.added == BATCH
    assert entries_in(ledger_url) == found[-1] + BATCH
