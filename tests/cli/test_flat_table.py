"""The flat table as CSV, and that every number of a report can be had from it alone."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import shutil
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from forecast_ledger.reports.flat_table import defused
from tests.cli.terminal import Terminal
from tests.conftest import FixedClock

TABLE = ("score", "--each", "forecast", "--csv")
POLICIES = ["time-weighted", "daily", "last", "first", "each", "at 3d", "at 25d", "at 30d"]
Rows = list[dict[str, str]]
ROUNDED = 0.0005 + 1e-12
"""By how much three decimals may miss."""


def play(terminal: Terminal) -> None:
    """Twelve settled questions of two forecasters, updated, in words, claimed, early, withdrawn."""
    for i in range(12):
        deadline = ["--by", f"2026-02-{i + 4:02} 13:00"]
        terminal.fl("add", f"Event {i}?", f"{5 + 8 * i}%", "--key", f"event-{i}", *deadline)
    terminal.fl("family", "storm", "event-1", "event-2", "event-3")
    terminal.fl("label", "event-4", "+sky", "+cold")
    terminal.fl("add", "Early by 31 December 2026?", "20%", "--key", "early")
    for i in range(0, 12, 2):
        terminal.clock.advance(days=1, hours=5)
        terminal.fl("forecast", f"event-{i}", "33.333333333%")
        words = ["--words", "probably not", "--lexicon", "fagen2019", "--who", "Ben Osei"]
        terminal.fl("forecast", f"event-{i}", *words)
        terminal.clock.advance(hours=7)
        terminal.fl("forecast", f"event-{i}", f"{95 - 8 * i}%")
    terminal.fl("withdraw", "event-2")
    terminal.clock.advance(days=40)
    for i in range(12):
        answered = "yes" if i % 3 == 0 else "no"
        terminal.fl("resolve", f"event-{i}", answered, "--on", "2026-02-20", "--note", "x")
    terminal.fl("resolve", "early", "yes", "--note", "x")
    for i in (5, 7):
        terminal.run("forecast", f"event-{i}", "1%", "--made", "2026-01-20")


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    """The ledger of `play`, to copy: playing it takes longer than the tests."""
    terminal = Terminal(FixedClock(), tmp_path_factory.mktemp("autumn") / "ledger.db")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORECAST_LEDGER_WHO", "Mia Jensen")
        patch.setenv("FORECAST_LEDGER_ZONE", "Europe/Berlin")
        play(terminal)
    return terminal


@pytest.fixture
def autumn(terminal: Terminal, played: Terminal) -> Terminal:
    shutil.copy(played.ledger, terminal.ledger)
    terminal.clock.set(played.clock())
    return terminal


def rows_of(text: str) -> Rows:
    return list(csv.DictReader(io.StringIO(text)))


def table(terminal: Terminal, *words: str) -> Rows:
    return rows_of(terminal.fl(*TABLE, *words))


def series(rows: Rows, status: str = "counted") -> list[list[dict[str, str]]]:
    found: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        if row["status"] == status:
            found[row["question"], row["forecaster"]].append(row)
    return list(found.values())


def mean(
    some: list[list[dict[str, str]]], of: Callable[[Fraction, int], Fraction], column: str
) -> float:
    """Return the weighted mean over each series, and then over the series, without rounding."""
    total = Fraction(0)
    for rows in some:
        total += sum(
            Fraction(float(row["weight"])) * of(Fraction(row[column]), int(row["outcome"]))
            for row in rows
        )
    return float(total / len(some))


def by_event(some: list[list[dict[str, str]]], of: Callable[[Fraction, int], Fraction]) -> float:
    """Return the mean over the events, of each over its questions."""
    events: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for rows in some:
        name = rows[0]["families"] or f"question {rows[0]['question']}"
        events[name].append((float(rows[0]["share"]), mean([rows], of, "probability")))
    scores = [sum(s * v for s, v in found) / len(found) for found in events.values()]
    shares = [sum(s for s, _ in found) / len(found) for found in events.values()]
    return math.fsum(scores) / math.fsum(shares)


def brier(p: Fraction, y: int) -> Fraction:
    return (p - y) ** 2


def hit(p: Fraction, y: int) -> Fraction:
    return Fraction(1, 2) if p == Fraction(1, 2) else Fraction((p > Fraction(1, 2)) == (y == 1))


@pytest.mark.parametrize("claimed", [[], ["--claimed"]], ids=["proven", "claimed"])
@pytest.mark.parametrize("policy", POLICIES)
def test_every_number_of_the_report_comes_out_of_the_table(
    autumn: Terminal, policy: str, claimed: list[str]
) -> None:
    chosen = ["--policy", policy, "--who", "Mia Jensen", *claimed]
    rows = table(autumn, *chosen)
    told = json.loads(autumn.fl("score", "--json", *chosen))["scores"][0]
    total: dict[str, Any] | None = told["total"]
    counted = series(rows)
    if total is None:
        assert counted == []
        return
    assert told["about"] == "counted"
    assert len(counted) == total["questions"]
    assert total["brier"] == pytest.approx(mean(counted, brier, "probability"), abs=1e-12)
    expected = mean(counted, lambda p, _: p * (1 - p), "probability")
    assert total["expected"] == pytest.approx(expected, abs=1e-12)
    if scheduled := total["by_scheduled_time"]:
        expected = by_event(counted, lambda p, _: p * (1 - p))
        assert scheduled["expected"] == pytest.approx(expected, abs=1e-12)
        assert scheduled["score"] == pytest.approx(by_event(counted, brier), abs=1e-12)
    if total["confidence"] is not None:
        sure = by_event(counted, lambda p, _: max(p, 1 - p))
        assert total["confidence"] == pytest.approx(sure, abs=1e-12)
        assert total["hit_rate"] == pytest.approx(by_event(counted, hit), abs=1e-12)
    shown = " ".join(autumn.fl("score", *chosen).split())
    printed = re.search(r"Brier (\S+) scale 0 to 1.* (\S+) would be expected if", shown)
    assert printed is not None
    assert float(printed[1]) == pytest.approx(mean(counted, brier, "probability"), abs=ROUNDED)
    assert float(printed[2]) == pytest.approx(expected, abs=ROUNDED)


@pytest.mark.parametrize("policy", ["time-weighted", "last"])
def test_the_range_of_words_comes_out_of_the_table(autumn: Terminal, policy: str) -> None:
    chosen = ["--who", "Ben Osei", "--policy", policy]
    counted = series(table(autumn, *chosen))
    told = json.loads(autumn.fl("score", "--json", *chosen))["scores"][0]["total"]
    ends = [0.0, 0.0]
    for some in counted:
        near, far = ("high", "low") if some[0]["outcome"] == "1" else ("low", "high")
        ends[0] += mean([some], brier, near) / len(counted)
        ends[1] += mean([some], brier, far) / len(counted)
    assert told["brier_range"] == pytest.approx(ends, abs=1e-12)
    assert ends[0] < told["brier"] < ends[1]
    assert {(row["words"], row["side"]) for row in table(autumn, *chosen)} == {
        ("probably not", "yes")
    }


@pytest.mark.parametrize("policy", POLICIES)
def test_weights_of_a_series_sum_to_one_or_nothing_stood(autumn: Terminal, policy: str) -> None:
    sums: dict[tuple[str, ...], float] = defaultdict(float)
    for row in table(autumn, "--policy", policy, "--who", "Mia Jensen", "--who", "Ben Osei"):
        sums[row["question"], row["forecaster"], row["status"]] += float(row["weight"])
    for (_, _, status), total in sums.items():
        assert total == (0 if status == "nothing standing" else pytest.approx(1, abs=1e-12))
    stood = {status != "nothing standing" for _, _, status in sums}
    assert stood == ({True, False} if policy.startswith("at") else {True})


def test_where_nothing_is_counted_it_is_said_which_rows_the_score_is_about(
    terminal: Terminal,
) -> None:
    def told(status: str) -> str:
        assert json.loads(terminal.fl("score", "--json"))["scores"][0]["about"] == status
        each_tag = terminal.run("score", "--each", "tag", "--csv")
        assert each_tag.stderr.startswith(f"All of this is {status}: ")
        assert len(rows_of(each_tag.stdout)) == 1
        result = terminal.run(*TABLE)
        assert status in {row["status"] for row in rows_of(result.stdout)}
        return " ".join(result.stderr.split())

    rain = ["--key", "rain", "--by", "2026-01-10", "--made", "2026-01-02"]
    terminal.run("add", "Rain?", "70%", *rain)
    terminal.run("resolve", "rain", "yes", "--on", "2026-01-08", "--note", "x")
    assert told("claimed") == (
        "No row is counted. fl score is about those that say claimed: recorded after the outcomes"
        " were known."
    )
    assert terminal.run(*TABLE, "--claimed").stderr == ""
    terminal.fl("add", "Snow?", "40%", "--key", "snow", "--by", "2026-12-31")
    terminal.clock.advance(days=3)
    terminal.fl("resolve", "snow", "no", "--note", "x")
    assert "about those that say early: answered before deadlines" in told("early")


def test_a_row_holds_all_that_is_known_of_a_stretch(autumn: Terminal) -> None:
    first, second, *_ = (r for r in table(autumn) if r["question"] == "event-4")
    assert first == {
        "question": "event-4",
        "forecaster": "Mia Jensen",
        "families": "",
        "tags": "cold sky",
        "made": "2026-01-15T12:00:00.000000Z",
        "start": "2026-01-15T12:00:00Z",
        "end": "2026-01-19T17:00:00Z",
        "seconds": str(4 * 86400 + 5 * 3600),
        "probability": "0.37",
        "low": "0.37",
        "high": "0.37",
        "weight": repr((4 * 86400 + 5 * 3600) / (24 * 86400)),
        "outcome": "0",
        "known": "2026-02-19T23:00:00.000000Z",
        "opens": "",
        "closes": "2026-02-08T12:00:00.000000Z",
        "coverage": "1.0",
        "share": "1.0",
        "grade": "witnessed",
        "status": "counted",
        "words": "",
        "side": "",
    }
    assert (second["start"], second["probability"]) == (first["end"], "0.333333333")


def test_what_is_held_back_or_claimed_is_there_and_says_so(autumn: Terminal) -> None:
    rows = table(autumn)
    by_status = defaultdict(set)
    for row in rows:
        by_status[row["status"]].add(row["question"])
        length = datetime.fromisoformat(row["end"]) - datetime.fromisoformat(row["start"])
        assert length.total_seconds() == int(row["seconds"]) > 0
        assert datetime.fromisoformat(row["start"]).tzinfo == UTC
    assert by_status["early"] == {"early"}
    assert by_status["claimed"] == {"event-5", "event-7"}
    assert len(by_status["counted"]) == 12
    grades = {(row["status"], row["grade"]) for row in rows}
    assert ("claimed", "claimed") in grades
    assert ("counted", "claimed") not in grades
    assert ("counted", "claimed") in {
        (row["status"], row["grade"]) for row in table(autumn, "--claimed")
    }
    assert {row["families"] for row in rows if row["question"] == "event-2"} == {"storm"}


def test_of_a_ledger_without_forecasts_there_is_the_head_alone(terminal: Terminal) -> None:
    terminal.fl("db", "init")
    result = terminal.run(*TABLE)
    assert (result.exit_code, result.stdout.count("\n")) == (0, 1)
    assert result.stdout.startswith("question,forecaster,families,tags,made,start,end,seconds,")
    assert "there is no policy 'best'" in terminal.run(*TABLE, "--policy", "best").stderr


def test_a_name_that_a_spreadsheet_would_run_is_defused(terminal: Terminal) -> None:
    name = '=HYPERLINK("https://x.example","y")'
    terminal.fl("add", "Rain?", "40%", "--key", "rain", "--by", "2026-01-16 13:00", "--who", name)
    terminal.clock.advance(days=3)
    terminal.fl("resolve", "rain", "no", "--on", "2026-01-17", "--note", "x")
    row = table(terminal, "--who", name)[0]
    assert row["forecaster"] == f"'{name}"
    assert row["probability"] == "0.4"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_every_sign_that_starts_a_formula_is_defused(sign: str) -> None:
    assert defused(f"{sign}1").startswith("'")
    assert defused(f"1{sign}") == f"1{sign}".replace("\t", " ").replace("\r", "\\x0d")


def test_a_file_is_written_once(autumn: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    result = autumn.run(*TABLE, "--output", str(path))
    written = rows_of(path.read_text("utf-8"))
    assert (result.exit_code, result.stdout) == (0, "")
    assert written == table(autumn)
    assert " ".join(result.stderr.split()) == f"{len(written)} rows written to {path}"
    said = autumn.fails(5, *TABLE, "--output", str(path))
    assert "exists already" in " ".join(said.split())


def test_the_table_is_about_the_user_or_else_about_all(
    autumn: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {row["forecaster"] for row in table(autumn)} == {"Mia Jensen"}
    monkeypatch.setenv("FORECAST_LEDGER_WHO", "Nobody Here")
    result = autumn.run(*TABLE)
    assert {row["forecaster"] for row in rows_of(result.stdout)} == {"Mia Jensen", "Ben Osei"}
    assert result.stderr.startswith("Nobody Here has no forecasts here")


@pytest.mark.parametrize(
    "words,why",
    [
        (["--each", "forecast"], "Say --csv too"),
        (["--csv"], "Say --each forecast too"),
        (["--output", "x.csv"], "Say --each forecast too"),
        ([*TABLE[1:], "--json"], "Leave one of them out"),
        ([*TABLE[1:], "--rule", "log"], "Leave --rule, --brier-scale and --log-floor out"),
        ([*TABLE[1:], "--brier-scale", "2"], "Leave --rule, --brier-scale and --log-floor out"),
        ([*TABLE[1:], "--policy", "best"], "there is no policy 'best'"),
    ],
)
def test_half_of_what_a_table_needs_is_refused(
    autumn: Terminal, words: list[str], why: str
) -> None:
    assert why in " ".join(autumn.fails(2, "score", *words).split())


def test_what_is_refused_writes_no_header(played: Terminal) -> None:
    for wrong in (("--policy", "at 0d"), ("--policy", "best"), ("--who", "Nobody")):
        result = played.run(*TABLE, *wrong)
        assert result.exit_code
        assert result.stdout == ""
