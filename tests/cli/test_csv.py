"""fl import of a flat table, as a person sees it."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from forecast_ledger.ledger import Ledger
from tests.cli.terminal import Terminal
from tests.conftest import FixedClock

TABLE = """\
Title;Who;made;P;outcome;known;closes;Comment
Will it rain?;Mia Jensen;2026-01-02;35;no;2026-01-08;2026-01-07;hm
Will it rain?;Mia Jensen;2026-01-03 08:00;20;;;;
Will it snow?;Mia Jensen;2026-01-09;100;yes;2026-01-09;2026-01-10;
Will it snow?;Mia Jensen;2026-01-05;135;;;;
Will it hail?;Mia Jensen;2026-01-05;5;yes;2026-02-30;;
;Mia Jensen;2026-01-05;5;;;;
"""
READ = (
    *("--percent", "--column", "question=Title", "--column", "forecaster=Who"),
    *("--column", "probability=P"),
)


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mia.csv").write_text(TABLE)
    return "mia.csv"


def test_a_dry_run_says_what_would_be_done(terminal: Terminal, table: str) -> None:
    result = terminal.run("import", table, *READ, "--dry-run")
    assert (result.exit_code, result.stdout) == (
        3,
        """\
mia.csv: 2 questions, 6 forecasts, 2 resolved
  0 already here, 3 new, 3 rows invalid, so nothing would be imported:
    line 5, P: 135% is more than 100%. Write it as 35%, 0.35, 7/20 or "1 in 3".
    line 6, known: "2026-02-30" is not in the calendar. Correct it.
    line 7, Title: is empty. Say which question the forecast answers.
    (--skip-invalid leaves them out)
  1 forecast said 0% or 100%
  1 forecast made after the outcome was known (line 4): kept, never scored
  2 outcomes were known before today: 2 forecasts will be "claimed", scored
  apart from those this ledger has witnessed.
  dates, and times without an offset, were read in UTC (--zone PLACE says
    another)
  1 column not taken: Comment
nothing imported (dry run)
""",
    )
    assert result.stderr == (
        "fl: 1 file has faults and would be left out whole. Mend what is named above and\n"
        "import again.\n"
    )
    assert not terminal.ledger.exists()


def test_a_dry_run_says_that_it_looks_at_each_table_alone(
    terminal: Terminal, tmp_path: Path
) -> None:
    head = "question,forecaster,made,probability\n"
    tables = [tmp_path / "one.csv", tmp_path / "two.csv"]
    for path in tables:
        path.write_text(f"{head}Will it rain?,Mia Jensen,2026-01-02,35%\n")
    book = tmp_path / "book.toml"
    terminal.fl("add", "Will it snow?", "35%", "--key", "snow", "--by", "none")
    terminal.run("export", "snow", "--output", str(book))
    alone = "each table was held against the ledger alone, not against the other files"

    def said(*paths: Path, dry: bool = True) -> str:
        dry_run = ("--dry-run",) if dry else ()
        return " ".join(terminal.fl("import", *map(str, paths), *dry_run).split())

    for paths in (tables, [book, tables[0]]):
        assert said(*paths).count(alone) == 1
    assert alone not in said(tables[0])
    assert alone not in said(book, book)
    assert said(*tables).count("0 already here, 1 new") == 2
    really = said(*tables, dry=False)
    assert "0 already here, 1 new" in really
    assert "1 already here, 0 new" in really
    assert alone not in really


def test_what_is_at_fault_can_be_left_out(terminal: Terminal, table: str) -> None:
    shown = terminal.fl("import", table, *READ, "--zone", "Europe/Berlin", "--skip-invalid")
    assert (
        shown
        == """\
mia.csv: 2 questions, 6 forecasts, 2 resolved
  0 already here, 3 new, 3 rows invalid, which were left out:
    line 5, P: 135% is more than 100%. Write it as 35%, 0.35, 7/20 or "1 in 3".
    line 6, known: "2026-02-30" is not in the calendar. Correct it.
    line 7, Title: is empty. Say which question the forecast answers.
  the new ones bring 1 forecaster, 2 questions, 2 resolutions
  1 forecast said 0% or 100%
  1 forecast made after the outcome was known (line 4): kept, never scored
  2 outcomes were known before today: 2 forecasts will be "claimed", scored
  apart from those this ledger has witnessed.
  1 column not taken: Comment
  next: fl score --who 'Mia Jensen'
"""
    )
    assert "2 January 2026" in terminal.fl("show", "rain", "--zone", "Europe/Berlin")
    again = terminal.fl("import", table, *READ, "--zone", "Europe/Berlin", "--skip-invalid")
    assert again.splitlines()[1] == (
        "  3 already here, 0 new, 3 rows invalid, which were left out:"
    )
    assert terminal.fl("db", "status", "--verify").count("verified: all 8") == 1


def test_as_json(terminal: Terminal, table: str) -> None:
    result = terminal.run("import", table, *READ, "--skip-invalid", "--json")
    (file,) = json.loads(result.stdout)["files"]
    assert file["new"] == {"forecast": 3, "forecaster": 1, "question": 2, "resolution": 2}
    assert len(file["problems"]) == 3
    assert file["error"] is None


def test_a_table_without_a_forecaster_says_whose_it_is(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_text("question\tmade\tprobability\nWill it rain?\t2026-01-02\t35%\n")
    terminal.fl("import", str(path), "--who", "Bob Ray")
    assert "Bob Ray" in terminal.fl("show", "rain")


def test_a_bare_number_asks_for_percent(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("question,forecaster,made,probability\nRain?,Bob,2026-01-02,35\n")
    result = terminal.run("import", str(path))
    assert result.exit_code == 3
    told = " ".join(result.stdout.split())
    assert "line 2, probability: 35 has no percent sign. If the column is in percent, say" in told


def test_dates_of_a_spreadsheet_are_read_in_the_order_that_is_said(
    terminal: Terminal, tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    head = "Frage;Wer;am;Prozent;Ergebnis;Bekannt\n"
    path.write_text(
        head + "Rain?;Bob;2.1.2026 9:30;35,5;;\nRain?;Bob;03.01.2026;0,5;yes;04/01/2026\n"
    )
    names = {"question": "Frage", "forecaster": "Wer", "made": "am", "probability": "Prozent"}
    read = [f"--column={name}={header}" for name, header in names.items()]
    read += ["--column=outcome=Ergebnis", "--column=known=Bekannt", "--percent", "--zone", "UTC"]
    assert "2 rows invalid" in terminal.run("import", str(path), *read).stdout
    assert "2 rows invalid" in terminal.run("import", str(path), *read, "--dates=mdy").stdout
    told = terminal.fl("import", str(path), *read, "--dates", "dmy")
    assert "1 number of at most 1 was read as percent: 0.5 as 0.5%\n" in told
    assert told.endswith("  next: fl score --who Bob\n")
    page = terminal.fl("show", "rain", "--zone", "UTC")
    assert "35.5%" in page
    assert "3 January 2026" in page


@pytest.mark.parametrize("row", ["Will it hail?,Bob,2026-01-02,35%,yes,,\n"])
def test_the_headers_of_the_file_are_named(terminal: Terminal, tmp_path: Path, row: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text("question,forecaster,made,probability,outcome,Seen,Ends\n" + row)
    read = ["--column", "known=Seen", "--column", "closes=Ends"]
    told = " ".join(terminal.run("import", str(path), *read).stdout.split())
    assert "line 2, Seen: is empty, though" in told
    assert "Say when in the column Seen." in told
    path.write_text(path.read_text().replace("yes", "no"))
    told = " ".join(terminal.run("import", str(path), *read).stdout.split())
    assert "Say when in the column Seen, or give the deadline in Ends." in told


def test_the_next_step_is_that_of_what_came_in(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    head = "question,forecaster,made,probability,tags,outcome,known\n"
    path.write_text(head + "Rain?,Bob,2026-01-02,35%,a,,\n")
    assert terminal.run("import", str(path), "--dry-run").stdout.count("next:") == 0
    told = terminal.fl("import", str(path))
    assert "  the new ones bring 1 forecaster, 1 question, 1 tag\n" in told.replace(
        "1 forecaster, 1 tag, 1 question", "1 forecaster, 1 question, 1 tag"
    )
    assert told.endswith("  next: fl list\n")
    assert "next:" not in terminal.fl("import", str(path))
    path.write_text(head + "Rain?,Bob,2026-01-02,35%,a,yes,2026-01-03\n")
    told = terminal.fl("import", str(path))
    assert "  also new: 1 resolution\n" in told
    assert told.endswith("  next: fl score --who Bob\n")
    path.write_text(head + "Rain?,Ann,2026-01-02,30%,,,\nRain?,Eve,2026-01-02,30%,,,\n")
    told = terminal.fl("import", str(path))
    assert "  1 outcome was known before today: 2 forecasts will be" in told
    assert told.endswith("  next: fl score\n")


def test_a_dispute_names_what_settles_it(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    head = "question,forecaster,made,probability,outcome,known\n"
    path.write_text(head + "Rain?,Bob,2026-01-02,35%,yes,2026-01-03\n")
    terminal.fl("import", str(path))
    path.write_text(head + "Rain?,Bob,2026-01-02,36%,no,2026-01-04\n")
    told = " ".join(terminal.fl("import", str(path)).split())
    assert "35% here, 36% on line 2. Both are kept, unscored. fl show rain shows both." in told
    assert "Both are kept, unscored. fl resolve rain OUTCOME --why ... settles it." in told
    terminal.fl("resolve", "rain", "yes", "--on", "2026-01-03", "--why", "the radio", "--note", "x")


def test_an_outcome_names_the_recorded_forecasts_it_disqualifies(
    terminal: Terminal, tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    head = "question,forecaster,made,probability,outcome,known\n"
    later = "".join(f"Rain?,Eve,2026-01-0{n} 10:00,8{n}%,,\n" for n in range(3, 9))
    path.write_text(f"{head}Rain?,Bob,2026-01-02,35%,,\nRain?,Bob,2026-01-09,95%,,\n{later}")
    terminal.fl("import", str(path))
    path.write_text(f"{head}Rain?,Bob,2026-01-02,35%,yes,2026-01-03\n")
    for dry_run in ([], ["--dry-run"])[::-1]:
        told = " ".join(terminal.fl("import", str(path), *dry_run).split())
        assert (
            "7 forecasts recorded before were made when the outcome was known: kept, never scored:"
            " 95% by Bob on rain, made 2026-01-09; 83% by Eve on rain, made 2026-01-03 10:00:00"
            " UTC; 84% by Eve" in told
        )
        assert "86% by Eve on rain, made 2026-01-06 10:00:00 UTC; and 2 more 1 outcome" in told
        assert '1 forecast recorded before will be "claimed", scored' in told
        assert "(the first on line" not in told


def test_what_a_new_wording_ended_is_not_said_to_be_disqualified_by_an_outcome(
    terminal: Terminal, tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    head = "question,forecaster,made,probability,outcome,known\n"
    path.write_text(f"{head}Rain?,Bob,2026-01-02,35%,,\nRain?,Bob,2026-01-09,95%,,\n")
    terminal.fl("import", str(path))
    terminal.fl("revise", "rain", "--replace", "--criteria", "More than a drop", "--why", "unclear")
    path.write_text(f"{head}Rain?,Bob,2026-01-02,35%,yes,2026-01-03\n")
    (file,) = json.loads(terminal.fl("import", str(path), "--json"))["files"]
    assert file["table"]["hindsight_recorded"] == 0
    assert file["table"]["disqualified"] == []


def test_json_counts_the_recorded_forecasts_an_outcome_disqualifies(
    terminal: Terminal, tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    head = "question,forecaster,made,probability,outcome,known\n"
    path.write_text(f"{head}Rain?,Bob,2026-01-02,35%,,\nRain?,Bob,2026-01-09 10:00,95%,,\n")
    terminal.fl("import", str(path))
    path.write_text(f"{head}Rain?,Bob,2026-01-02,35%,yes,2026-01-03\n")
    (file,) = json.loads(terminal.fl("import", str(path), "--json"))["files"]
    assert (file["hindsight"], file["claimed"]) == (1, 1)
    told = file["table"]
    assert (told["hindsight_recorded"], told["claimed_recorded"]) == (1, 1)
    made = "2026-01-09T10:00:00.000000Z"
    assert told["disqualified"] == [
        {"question": "rain", "forecaster": "Bob", "made": made, "probability": 0.95}
    ]


def test_the_table_of_a_score_is_not_taken_for_questions(
    terminal: Terminal, tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    head = "question,forecaster,made,probability,outcome,known\n"
    path.write_text(f"{head}Rain?,Bob,2026-01-02,35%,yes,2026-01-03\n")
    terminal.fl("import", str(path))
    path.write_text(terminal.run("score", "--each", "forecast", "--csv", "--claimed").stdout)
    assert len(path.read_text().splitlines()) == 2
    for asked in ([], ["--skip-invalid"], ["--column", "key=question"]):
        result = terminal.run("import", str(path), *asked)
        assert result.exit_code == 3
        told = " ".join(result.stdout.split())
        assert "line 1: is the table that fl score --each forecast --csv writes." in told
        assert "To move a ledger: fl export --output FILE.jsonl" in told
    assert len(terminal.fl("list").splitlines()) == 3


@pytest.mark.parametrize("words", [[], ["--json"]])
@pytest.mark.parametrize("header", ["probability", "p"])
def test_a_header_is_missing_where_every_optional_one_is_there(
    terminal: Terminal, tmp_path: Path, words: list[str], header: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"question,who,made,{header},outcome,known,closes\nQ?,M,2026-01-01,30%,,,\n")
    result = terminal.run("import", str(path), *words)
    assert result.exit_code == 3
    assert "--column forecaster=HEADER" in " ".join(result.stdout.split())
    assert "Optional" not in result.stdout


def test_standard_input_is_a_table_where_that_is_said(terminal: Terminal) -> None:
    words = [sys.executable, "-m", "forecast_ledger.cli", "--ledger", str(terminal.ledger)]
    table = "question,forecaster,made,probability\nRain?,Bob,2026-01-02,35%\n"

    def imported(*paths: str) -> tuple[int, str]:
        command = [*words, "import", *paths]
        done = subprocess.run(command, input=table, capture_output=True, text=True, check=False)
        return done.returncode, " ".join(done.stderr.split())

    says = "--percent, --dates, --who, --skip-invalid or --column (--column made=made says nothing"
    code, told = imported("/dev/stdin")
    assert code == 3
    assert f"only a table can come through one. Say that it is a table, with {says}" in told
    for asked in ([], ["--percent"]):
        code, told = imported("-", *asked)
        assert code == 4
        assert f"for a table alone: fl import /dev/stdin, with {says}" in told
    assert imported("/dev/stdin", "--column", "made=made") == (0, "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_an_import_that_is_told_to_end_leaves_no_folder(tmp_path: Path, number: int) -> None:
    pipe, ledger = tmp_path / "t.csv", tmp_path / "l.db"
    os.mkfifo(pipe)
    importing = subprocess.Popen(
        [sys.executable, "-m", "forecast_ledger.cli", "import", str(pipe)],
        env={**os.environ, "FORECAST_LEDGER": str(ledger), "TMPDIR": str(tmp_path)},
        stderr=subprocess.PIPE,
    )
    with pipe.open("w") as out:
        out.write("question,forecaster,made,probability\n")
        out.flush()
        until = time.monotonic() + 30
        while not list(tmp_path.glob("forecast-ledger-import-*/stage.db")):
            assert time.monotonic() < until
            time.sleep(0.01)
        importing.send_signal(number)
        _, told = importing.communicate(timeout=30)
    assert importing.returncode == (130 if number == signal.SIGINT else 128 + number)
    assert b"fault of ours" not in told
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


@pytest.mark.parametrize(
    "words,told",
    [
        (["--column", "x"], '--column "x" is not NAME=HEADER'),
        (["--zone", "CET"], '"CET" is an abbreviation'),
        (["--who", "Ann Lee", "--column", "forecaster=Who"], "Leave --who out."),
    ],
)
def test_what_does_not_fit_is_a_fault_of_usage(
    terminal: Terminal, table: str, words: list[str], told: str
) -> None:
    assert told in " ".join(terminal.fails(2, "import", table, *words).split())


def test_a_bar_is_drawn_on_a_terminal(tmp_path: Path, table: str) -> None:
    main, its = pty.openpty()
    done = subprocess.Popen(
        [sys.executable, "-m", "forecast_ledger.cli", "import", table, *READ, "--skip-invalid"],
        stderr=its,
        stdout=subprocess.PIPE,
        env={**os.environ, "FORECAST_LEDGER": str(tmp_path / "l.db"), "TERM": "xterm"},
    )
    out, _ = done.communicate(timeout=60)
    os.close(its)
    drawn = os.read(main, 100_000)
    os.close(main)
    assert done.returncode == 0
    assert b"importing" in drawn
    assert b"100%" in drawn
    assert b"\r" not in out


@pytest.mark.parametrize("wait", [0.05, 0.5, 1.0])
def test_a_killed_import_leaves_all_or_nothing(
    tmp_path: Path, clock: FixedClock, wait: float
) -> None:
    path, ledger = tmp_path / "t.csv", tmp_path / "l.db"
    rows = [f"Will {n} come?,Bob Ray,2026-01-{n % 9 + 1:02},{n % 99}%" for n in range(9_000)]
    path.write_text("question,forecaster,made,probability\n" + "\n".join(rows))
    with Ledger(str(ledger), clock=clock) as opened:
        opened.init()
        importing = subprocess.Popen(
            [sys.executable, "-m", "forecast_ledger.cli", "import", str(path)],
            env={**os.environ, "FORECAST_LEDGER": str(ledger), "TMPDIR": str(tmp_path)},
            stdout=subprocess.DEVNULL,
        )
        until = time.monotonic() + 30
        while not list(tmp_path.glob("forecast-ledger-import-*")):
            assert time.monotonic() < until
            time.sleep(0.01)
        time.sleep(wait)
        importing.send_signal(signal.SIGKILL)
        importing.wait()
        counts = opened.status().counts
        assert counts.get("forecast", 0) in (0, 9_000)
        report = opened.import_csv(path)
        assert (report.error, report.forecasts) == (None, 9_000)
        assert opened.status().counts == {"forecast": 9_000, "forecaster": 1, "question": 9_000}
