"""Databases that are something else, out of reach, out of date, in use, or not what was kept."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from forecast_ledger.store import engine, migrate, schema
from forecast_ledger.store import store as store_module
from tests.refusals.bench import LEDGER, Bench

ADD = ("add", "Hail?", "5%", "--by", "none")
COMMANDS = (("list",), ADD, ("show", "rain"), ("export",), ("db", "status", "--verify"))


def sql(path: str, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


# -- something else ----------------------------------------------------------------------------


def notes(bench: Bench) -> None:
    bench.write("other.db", "notes of mine, and no database at all\n" * 20)


def birds(_: Bench) -> None:
    sql("other.db", "CREATE TABLE birds (name)")


def newer(_: Bench) -> None:
    shutil.copy(LEDGER, "other.db")
    sql("other.db", "UPDATE alembic_version SET version_num = '0042'")


def cut_short(_: Bench) -> None:
    data = Path(LEDGER).read_bytes()
    Path("other.db").write_bytes(data[: len(data) // 2])


def overwritten(_: Bench) -> None:
    data = Path(LEDGER).read_bytes()
    Path("other.db").write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))


DAMAGED = """\
fl: other.db is damaged (database disk image is malformed). Put a backup in its
place, or load an export into a new file: fl db restore.
"""


@pytest.mark.parametrize(
    "make,message",
    [
        (
            notes,
            (
                "fl: other.db is not a ledger: the file is not a database. It was left as it is;\n"
                "choose another with --ledger.\n"
            ),
        ),
        (
            birds,
            (
                "fl: other.db is not a ledger: it holds other tables (birds, ...). It was left as\n"
                "it is; choose another with --ledger.\n"
            ),
        ),
        (
            newer,
            (
                "fl: other.db was written by a newer version (schema 0042; this one knows up to\n"
                "0001). Upgrade the tool: pip install --upgrade forecast-ledger\n"
            ),
        ),
        (cut_short, DAMAGED),
        (overwritten, DAMAGED),
    ],
    ids=["text", "foreign", "newer", "cut short", "overwritten"],
)
def test_what_is_no_ledger_of_this_version_is_left_as_it_is(
    bench: Bench, make: Callable[[Bench], None], message: str
) -> None:
    make(bench)
    for words in COMMANDS:
        bench.refuses(7, message, *words, "--ledger", "other.db")
    if make is not newer:
        for words in (("db", "init"), ("db", "upgrade"), ("db", "backup", "copy.db")):
            bench.refuses(7, message, *words, "--ledger", "other.db")


def test_an_older_ledger_is_upgraded_after_a_backup(
    bench: Bench, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, kept = bench.recorded(), Path(LEDGER).read_bytes()
    scripts = tmp_path_factory.mktemp("later") / "migrations"
    shutil.copytree(migrate.scripts(), scripts)
    (scripts / "versions" / "9999_later.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f'revision = "9999"\ndown_revision = "{schema.HEAD}"\n'
        'def upgrade():\n    op.add_column("note", sa.Column("mood", sa.Text, nullable=True))\n'
    )
    monkeypatch.setattr(migrate, "scripts", lambda: scripts)
    monkeypatch.setattr(store_module, "REVISIONS", (*schema.REVISIONS, "9999"))
    monkeypatch.setattr(store_module, "HEAD", "9999")
    result = bench.run("list")
    assert (result.exit_code, result.stderr) == (
        0,
        "upgrading ledger.db from schema 0001 to 9999; backup in ledger.schema-0001.db\n",
    )
    assert bench.recorded() == before
    with closing(sqlite3.connect("ledger.schema-0001.db")) as backup:
        assert backup.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
    assert len(Path("ledger.schema-0001.db").read_bytes()) == len(kept)


# -- not what was recorded ---------------------------------------------------------------------


def without_guards(path: str, *statements: str) -> None:
    """Change a ledger as only somebody can who takes its triggers away first."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in names.fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        for statement in statements:
            connection.execute(statement)


@pytest.mark.parametrize(
    "statement,faults",
    [
        (
            "UPDATE forecast SET answer_yes = answer_yes + 1 WHERE seq = 4",
            "  entry 4: the forecast does not match its digest\n",
        ),
        (
            "UPDATE log SET leaf = zeroblob(32) WHERE seq = 2",
            "  entry 2: its leaf does not match its row in the log\n",
        ),
        (
            "UPDATE log SET recorded_at = '2025-01-15T12:00:00.000000Z' WHERE seq = 3",
            (
                "  entry 3: was recorded before the one above it\n"
                "  entry 3: its leaf does not match its row in the log\n"
            ),
        ),
        (
            "DELETE FROM log WHERE seq = 11",
            (
                "  question: the table has 4 rows; the log has 3\n"
                "  entry 12: stands where entry 11 should\n"
                "  entry 12: the forecast cannot be read: a part of it is missing\n"
            ),
        ),
        (
            "UPDATE text SET content = 'Will it \x1b[31mhail?' WHERE content = 'Will it rain?'",
            (
                "  entry 11: the question cannot be read: text holds a control character (U+001B\n"
                "    at place 9). Take it away.\n"
            ),
        ),
        (
            "UPDATE text SET content = 'Will it hail?' WHERE content = 'Will it rain?'",
            "  entry 11: the question does not match its digest\n",
        ),
    ],
    ids=["number", "leaf", "moment", "gone", "escape sequence", "text"],
)
def test_what_was_tampered_with_is_found(bench: Bench, statement: str, faults: str) -> None:
    shutil.copy(LEDGER, "other.db")
    without_guards("other.db", statement)
    count = sum(line[2] != " " for line in faults.splitlines())
    result = bench.run("db", "status", "--verify", "--ledger", "other.db")
    assert (result.exit_code, result.stdout, result.stderr) == (
        6,
        "",
        (
            f"fl: the ledger is not what was recorded: {count} fault{'s' if count > 1 else ''}."
            f" Put a backup in its place.\n{faults}"
        ),
    )


def test_a_row_that_breaks_the_rules_is_refused_as_such(bench: Bench) -> None:
    shutil.copy(LEDGER, "other.db")
    without_guards(
        "other.db", "UPDATE text SET content = '\x1b[31m' WHERE content = 'Will it rain?'"
    )
    bench.refuses(
        6,
        "fl: entry 11 is not what was recorded. See: fl db status --verify\n"
        "  entry 11: the question cannot be read: text holds a control character (U+001B\n"
        "    at place 1). Take it away.\n",
        *("list", "--ledger", "other.db"),
    )


# -- in use, out of reach ----------------------------------------------------------------------


@contextmanager
def another_that(statement: str) -> Iterator[None]:
    """Let another program hold the ledger."""
    program = (
        "import sqlite3, sys\n"
        f"held = sqlite3.connect({LEDGER!r}, isolation_level=None)\n"
        f"held.executescript({statement!r})\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdout is not None
    assert other.stdout.readline() == b"held\n"
    try:
        yield
    finally:
        other.communicate()


def test_a_writer_gives_up_when_another_goes_on_for_too_long(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "PATIENCE", 1.0)
    monkeypatch.setattr(engine, "_QUIET", 0.2)
    with another_that("BEGIN IMMEDIATE"):
        bench.refuses(
            7,
            "waiting for another program that is writing to ledger.db ...\n"
            "fl: another program has been writing to ledger.db for 1 seconds. Nothing was\n"
            "recorded; try again when it has finished.\n",
            *ADD,
        )
        # Who only looks has no one to wait for.
        assert bench.run("list").stderr == ""


def test_who_waits_can_stop_waiting(bench: Bench) -> None:
    program = (
        "from forecast_ledger.cli import main; from forecast_ledger.store import engine\n"
        "engine._QUIET = 0.0\n"
        "main()\n"
    )
    with bench.untouched(), another_that("BEGIN IMMEDIATE"):
        waiting = subprocess.Popen(
            [sys.executable, "-c", program, *ADD, "--ledger", LEDGER],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert waiting.stderr is not None
        assert waiting.stderr.readline().startswith(b"waiting for another program")
        waiting.send_signal(signal.SIGINT)
        stdout, stderr = waiting.communicate(timeout=30)
        assert (waiting.returncode, stdout, stderr) == (130, b"", b"\nfl: interrupted\n")


@pytest.fixture
def common(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that everybody may look into, with a copy of the ledger, to stand in."""
    folder = Path(tempfile.mkdtemp(prefix="fl-common-"))
    folder.chmod(0o755)
    shutil.copy(bench.folder / LEDGER, folder / LEDGER)
    monkeypatch.chdir(folder)
    yield folder
    for path in folder.iterdir():
        path.chmod(0o755)
    folder.chmod(0o755)
    shutil.rmtree(folder)


# Permissions do not bind root, so these commands are run as somebody else.


@pytest.mark.parametrize("journal", ["WAL", "DELETE"])
def test_a_ledger_that_one_may_not_write_to_is_said_to_be_so(common: Path, journal: str) -> None:
    sql(LEDGER, f"PRAGMA journal_mode={journal}")
    before = Path(LEDGER).read_bytes()
    Path(LEDGER).chmod(0o444)
    common.chmod(0o777)
    done = as_nobody(*ADD, "--ledger", LEDGER)
    assert (done.returncode, done.stdout, done.stderr) == (
        7,
        b"",
        (
            b"fl: ledger.db is read-only: nothing can be recorded in it. Change its\n"
            b"permissions, or choose another with --ledger.\n"
        ),
    )
    done = as_nobody("list", "--ledger", LEDGER)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"4 questions" in done.stdout
    assert Path(LEDGER).read_bytes() == before


def test_no_ledger_is_made_where_one_may_not_write(common: Path) -> None:
    done = as_nobody(*ADD, "--ledger", "new.db")
    assert (done.returncode, done.stdout, done.stderr) == (
        7,
        b"",
        b"fl: new.db cannot be made: Permission denied. Choose another with --ledger.\n",
    )
    done = as_nobody(*("db", "backup", "copy.db"), "--ledger", LEDGER)
    assert (done.returncode, done.stdout, done.stderr) == (
        7,
        b"",
        (
            b"fl: ledger.db is read-only: nothing can be recorded in it. Change its\n"
            b"permissions, or choose another with --ledger.\n"
        ),
    )
    assert [path.name for path in common.iterdir()] == [LEDGER]


@pytest.mark.usefixtures("common")
def test_what_one_may_not_look_into_is_named() -> None:
    Path("hidden").mkdir()
    Path("hidden/book.toml").write_text("book = 1\n")
    Path("book.toml").write_text("book = 1\n")
    Path("book.toml").chmod(0)
    Path("hidden").chmod(0)
    said = [
        as_nobody(*words)
        for words in (
            ("list", "--ledger", "hidden/ledger.db"),
            ("import", "hidden/book.toml", "--ledger", "new.db"),
            ("db", "restore", "book.toml", "--ledger", "new.db"),
        )
    ]
    assert [(done.returncode, done.stdout, done.stderr) for done in said] == [
        (
            7,
            b"",
            (
                b"fl: hidden/ledger.db cannot be opened: Permission denied. Choose another with\n"
                b"--ledger.\n"
            ),
        ),
        (3, b"", b"fl: hidden/book.toml cannot be read: Permission denied.\n"),
        (3, b"", b"fl: book.toml cannot be read: Permission denied.\n"),
    ]


def as_nobody(*words: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command as an ordinary user in this folder: as `nobody`, where this one is root."""
    program = "from forecast_ledger.cli import main; main()"
    if os.geteuid() == 0:
        # Everything is loaded before root's own folders are out of reach.
        user = pwd.getpwnam("nobody")
        program = (
            "import os\n"
            "import forecast_ledger.store.migrate, forecast_ledger.formats, tomllib\n"
            "import forecast_ledger.cli as cli, forecast_ledger.cli.add\n"
            "import forecast_ledger.cli.lookup\n"
            "import forecast_ledger.cli.transfer, forecast_ledger.cli.database\n"
            "import forecast_ledger.reports.lists, forecast_ledger.reports.daily\n"
            "import forecast_ledger.formats.packaged, forecast_ledger.domain.deadline_grammar\n"
            "from forecast_ledger.store.store import Store\n"
            "Store('warm.db').create(); os.remove('warm.db')\n"
            f"os.setgroups([]); os.setgid({user.pw_gid}); os.setuid({user.pw_uid})\n"
            "cli.main()"
        )
    return subprocess.run([sys.executable, "-c", program, *words], capture_output=True, check=False)


NOWHERE = "postgresql://mia:secret@127.0.0.1:1/forecasts"


@pytest.mark.parametrize("words", [*COMMANDS, ("db", "init"), ("db", "upgrade")])
def test_a_server_that_does_not_answer_is_named_without_its_password(
    bench: Bench, words: tuple[str, ...]
) -> None:
    bench.refuses(
        7,
        "fl: postgresql://mia:***@127.0.0.1:1/forecasts cannot be reached: connection\n"
        'failed: connection to server at "127.0.0.1", port 1 failed: Connection refused.\n'
        "Is the server running, and are the name and the rights right?\n",
        *words,
        "--ledger",
        NOWHERE,
    )


def test_a_server_needs_its_driver(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    bench.refuses(
        7,
        "fl: PostgreSQL needs the extra 'postgres': pip install\n'forecast-ledger[postgres]'\n",
        *("list", "--ledger", NOWHERE),
    )


def test_a_server_without_a_ledger_is_given_none_unasked(bench: Bench, postgres_url: str) -> None:
    bench.write("all.jsonl", bench.recorded())
    for words in (*COMMANDS, ("import", "all.jsonl"), ("undo",)):
        with bench.untouched():
            told = bench.run(*words, "--ledger", postgres_url)
        assert (told.exit_code, told.stdout) == (7, "")
        assert told.stderr.startswith("fl: postgresql://")
        assert " ".join(told.stderr.split()).endswith(
            "holds no ledger yet. Make one with: fl db init"
        )


@pytest.mark.parametrize(
    "words,code,message",
    [
        (("forecast", "rain", "35"), 2, "fl: 35 is not between 0 and 1 and has no percent sign."),
        (("forecast", "rian", "35%"), 4, 'fl: there is no question "rian". Near: rain.'),
        (("add", "Rain?", "5%", "--by", "none", "--key", "rain"), 5, "fl: rain is the key of"),
        (("forecast", "rain", "5%", "--who", "Bob\x1b[31m"), 2, "fl: name holds a control char"),
        (("add", "Hail\0?", "5%", "--by", "none"), 2, "fl: text holds a control character"),
        (("db", "backup", "copy.db"), 7, "fl: a PostgreSQL ledger is backed up with pg_dump"),
        (("forecast", "rain", "5%", "--made", "2027-01-01"), 2, "fl: made lies in the future"),
    ],
)
def test_a_ledger_on_a_server_refuses_the_same(
    bench: Bench, postgres_url: str, words: tuple[str, ...], code: int, message: str
) -> None:
    bench.write("all.jsonl", bench.recorded())
    for made in (("db", "init"), ("db", "restore", "all.jsonl")):
        assert bench.run(*made, "--ledger", postgres_url).exit_code == 0
    before = bench.recorded(postgres_url)
    told: Any = bench.run(*words, "--ledger", postgres_url)
    assert (told.exit_code, told.stdout) == (code, "")
    assert told.stderr.startswith(message)
    assert bench.recorded(postgres_url) == before
