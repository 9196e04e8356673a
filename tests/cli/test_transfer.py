"""Books and whole ledgers in and out, and the database they are kept in."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.cli.terminal import Terminal


@pytest.fixture
def rain(terminal: Terminal) -> Terminal:
    """A terminal whose ledger holds one question."""
    terminal.fl("add", "Rain by 30 June 2026? #sky", "35%", "--key", "rain")
    return terminal


def test_a_ledger_goes_out_and_comes_back_as_it_was(rain: Terminal, tmp_path: Path) -> None:
    out = tmp_path / "ledger.jsonl"
    rain.clock.advance(days=3)
    rain.fl("forecast", "rain", "40%")
    result = rain.run("export", "--output", str(out))
    assert (result.exit_code, result.stdout) == (0, "")
    assert " ".join(result.stderr.split()) == f"5 entries written to {out}"
    assert rain.fl("export") == out.read_text()
    other = Terminal(rain.clock, tmp_path / "other.db")
    other.clock.advance(days=30)
    assert other.fl("db", "restore", str(out)) == (
        "5 entries restored, with the moments they were recorded\n"
    )
    assert other.fl("export") == out.read_text()
    assert (
        other.fl("db", "status", "--verify").splitlines()[1:]
        == (rain.fl("db", "status", "--verify").splitlines()[1:])
    )
    told = " ".join(other.fails(5, "db", "restore", str(out)).split())
    assert told.startswith(f"fl: {other.ledger} holds 5 entries already;")


def test_a_ledger_moves_to_postgresql_and_back(
    rain: Terminal, tmp_path: Path, postgres_url: str
) -> None:
    out, back = tmp_path / "out.jsonl", tmp_path / "back.jsonl"
    rain.run("export", "--output", str(out))
    server = ("--ledger", postgres_url)
    told = " ".join(rain.fails(7, "add", "Snow?", "5%", "--by", "none", *server).split())
    assert told.endswith("holds no ledger yet. Make one with: fl db init")
    rain.fl("db", "init", *server)
    rain.fl("db", "restore", str(out), *server)
    assert rain.fl("list", *server) == rain.fl("list")
    rain.run("export", "--output", str(back), *server)
    assert back.read_text() == out.read_text()
    rain.fl("forecast", "rain", "7%", *server, "--made", "2026-01-15 12:00")


def test_what_is_there_already_is_not_written_over(rain: Terminal, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("mine")
    for words in (["export", "--output"], ["export", "rain", "--output"], ["db", "backup"]):
        told = rain.fails(5, *words, str(taken))
        assert " ".join(told.split()) == f"fl: {taken} exists already. Name another file."
    assert taken.read_text() == "mine"
    told = rain.fails(7, "export", "--output", str(tmp_path / "no" / "x.jsonl"))
    assert " ".join(told.split()).endswith("cannot be written: No such file or directory.")


@pytest.mark.parametrize(
    "keys,name,told",
    [
        ([], "x.toml", "would be a book, and a book is of chosen questions. Name them: fl export"),
        (["rain"], "x.JSONL", "would not be. Name it .toml, or leave the keys out to write"),
    ],
)
def test_a_file_is_not_what_its_name_does_not_say(
    rain: Terminal, tmp_path: Path, keys: list[str], name: str, told: str
) -> None:
    message = rain.fails(2, "export", *keys, "--output", str(tmp_path / name))
    assert told in " ".join(message.split())
    assert not (tmp_path / name).exists()


def test_an_export_that_fails_leaves_no_file(rain: Terminal, tmp_path: Path) -> None:
    rain.fails(4, "export", "snow", "--output", str(tmp_path / "x.toml"))
    assert not (tmp_path / "x.toml").exists()


def test_a_question_goes_out_as_a_book_and_in_again(rain: Terminal, tmp_path: Path) -> None:
    book = tmp_path / "rain.toml"
    rain.run("export", "rain", "--output", str(book))
    again = " ".join(rain.fl("import", str(book)).split())
    assert again.startswith(f"{book} 0 new,")
    other = Terminal(rain.clock, tmp_path / "other.db")
    rehearsed = other.fl("import", str(book), "--dry-run")
    assert rehearsed.endswith("nothing imported (dry run)\n")
    assert not other.ledger.exists()
    done = other.fl("import", str(book))
    assert rehearsed.startswith(done)
    assert "1 question" in done
    assert other.fl("list", "--json") == rain.fl("list", "--json")


def test_a_file_with_faults_names_them_all_and_adds_nothing(rain: Terminal, tmp_path: Path) -> None:
    book = tmp_path / "bad.toml"
    book.write_text('book = 1\n\n[[question]]\nkey = "Bad Key"\ntext = "\x7f"\n')
    before = rain.fl("export")
    result = rain.run("import", str(book))
    assert result.exit_code == 3
    told = " ".join(result.stdout.split())
    assert told.startswith(f"{book} ")
    assert "so nothing was imported of it:" in told
    assert result.stderr == (
        "fl: 1 file has faults and was left out whole. Mend what is named above and\n"
        "import again.\n"
    )
    assert rain.fl("export") == before
    found = json.loads(rain.run("import", str(book), "--json", "--dry-run").stdout)
    assert found["files"][0]["problems"]


def test_quotes_are_checked_against_a_text(terminal: Terminal, tmp_path: Path) -> None:
    told = terminal.fails(4, "import", "x.toml", "--text", str(tmp_path / "none.txt"))
    assert "there is no file" in told
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    told = terminal.fails(2, "import", "x.toml", "--text", f"push={tmp_path / 'latin.txt'}")
    assert " ".join(told.split()).endswith("is not UTF-8 text (unexpected end of data at byte 3).")


def test_a_database_is_made_looked_at_and_copied(terminal: Terminal, tmp_path: Path) -> None:
    assert " ".join(terminal.fl("db", "init").split()) == (
        f"an empty ledger was made at {terminal.ledger}"
    )
    assert " ".join(terminal.fl("db", "init").split()) == f"{terminal.ledger} is a ledger already"
    assert terminal.fl("db", "upgrade") == "schema 0001: nothing to do\n"
    terminal.fl("add", "Rain by 30 June 2026?", "35%")
    status = terminal.fl("db", "status", "--verify").splitlines()
    assert status[1:6] == [
        "  SQLite, schema 0001",
        "  3 entries, the last recorded 15 January 2026 13:00",
        "    1  forecast",
        "    1  forecaster",
        "    1  question",
    ]
    assert status[-1] == "  verified: all 3 match their digests and leaves"
    copy = tmp_path / "copy.db"
    terminal.fl("db", "backup", str(copy))
    assert Terminal(terminal.clock, copy).fl("list") == terminal.fl("list")


@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_a_copy_is_no_more_readable_than_the_ledger(
    rain: Terminal, tmp_path: Path, mode: int
) -> None:
    rain.ledger.chmod(mode)
    rain.fl("db", "backup", str(tmp_path / "copy.db"))
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == mode


@pytest.mark.parametrize(
    "words,kind",
    [
        (["me"], "me"),
        (["add", "Snow by 30 June 2026?", "35%"], "forecast"),
        (["forecast", "rain", "36%"], "forecast"),
        (["withdraw", "rain"], "withdrawn"),
        (["undo"], "undone"),
        (["revise", "rain", "--criteria", "x"], "revised"),
        (["resolve", "rain", "yes", "--note", "x"], "resolved"),
        (["annul", "rain", "--why", "x"], "resolved"),
        (["note", "rain", "x"], "question"),
        (["label", "rain", "+x"], "question"),
        (["family", "sky", "rain"], "family"),
        (["source", "push", "--title", "T", "--published", "2025-12-03"], "entry"),
        (["show", "rain"], "page"),
        (["list"], "questions"),
        (["due"], "due"),
        (["statements"], "statements"),
        (["words"], "lexicons"),
        (["words", "likely"], "lexicons"),
        (["score"], "scores"),
        (["calibration"], "calibration"),
        (["db", "init"], "made"),
        (["db", "upgrade"], "upgraded"),
        (["db", "status"], "status"),
    ],
)
def test_all_that_prints_data_prints_it_as_json(
    rain: Terminal, words: list[str], kind: str
) -> None:
    if words[0] not in ("undo", "show"):
        rain.clock.advance(seconds=5)
    found = json.loads(rain.fl(*words, "--json"))
    assert (found["format"], found["kind"]) == (1, kind)


def test_a_reopened_question_as_json(rain: Terminal) -> None:
    rain.fl("resolve", "rain", "yes", "--note", "x")
    assert json.loads(rain.fl("reopen", "rain", "--why", "x", "--json"))["kind"] == "reopened"
