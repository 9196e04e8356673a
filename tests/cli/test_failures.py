"""What goes wrong, in words and with its exit code; never a traceback."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from forecast_ledger.errors import (
    ConflictError,
    DatabaseError,
    InvalidError,
    LedgerError,
    NotFoundError,
    Problem,
    UsageError,
    VerificationError,
)
from forecast_ledger.ledger import Ledger
from forecast_ledger.store.engine import target_of, translated
from tests.cli.terminal import Terminal

RAIN = ("add", "Rain by 30 June 2026?", "35%", "--key", "rain")


def test_a_deadline_is_not_guessed(terminal: Terminal) -> None:
    assert (
        terminal.fails(2, "add", "Will May resign?", "20%")
        == """\
fl: no deadline found in "Will May resign?" ("May" is not read as a month
without by, before, until or in). Say --by DATE.
"""
    )
    assert "deadline  none" in terminal.fl("add", "Will May resign?", "20%", "--by", "none")


def test_a_short_key_must_fit_one_question(terminal: Terminal) -> None:
    for key in ("fed-cut-rates-2027-03", "fra-budget-2026-12", "fed-chair-2027-02"):
        terminal.fl("add", "Rain by 30 June 2027?", "35%", "--key", key)
    assert (
        terminal.fails(2, "forecast", "f", "55%")
        == """\
fl: "f" fits 3 questions: fed-chair-2027-02, fed-cut-rates-2027-03,
fra-budget-2026-12. Type more of one.
"""
    )


@pytest.mark.parametrize(
    "code,message,words",
    [
        (2, "no such command 'ad'. Did you mean 'add'? See: fl --help", ["ad"]),
        (2, "no such option '--tags'.", ["add", "Rain?", "5%", "--tags", "x"]),
        (2, "missing argument 'KEY'. See: fl forecast --help", ["forecast"]),
        (2, "option '--by' requires an argument. See: fl add --help", ["add", "--by"]),
        (2, "got unexpected extra argument (now). See: fl undo --help", ["undo", "now"]),
        (2, 'there is no question. Write: fl add "Will X happen by 30 June 2027?" 35%', ["add"]),
        (2, "the question is empty. Say what is asked", ["add", "#tag", "5%"]),
        (2, 'there is no probability. Say one, such as 35%, or --words "probably".',
         ["add", "Rain by 30 June 2026?"]),
        (2, "35 is not between 0 and 1 and has no percent sign.", [*RAIN[:2], "35"]),
        (2, "100% says that it certainly will happen. Add --certain if so;", [*RAIN[:2], "100%"]),
        (2, '"03/04/2026" can mean 3 April 2026 or 4 March 2026.',
         [*RAIN[:3], "--by", "03/04/2026"]),
        (2, "key 'Rain Rain' is not a key: lower-case", [*RAIN[:4], "Rain Rain"]),
        (2, "made lies in the future", [*RAIN, "--made", "2026-01-15T12:00:01Z"]),
        (2, "due lies before the deadline.", [*RAIN, "--due", "2026-05-01"]),
        (2, "a range needs both its ends. Say --low and --high.", [*RAIN, "--low", "5%"]),
        (2, "--low and --high are what words allow.", [*RAIN, "--low", "5%", "--high", "40%"]),
        (2, "--says is about words. Say them: --words PHRASE", [*RAIN, "--says", "no"]),
        (2, "a published forecast is quoted with its place. Say --quote and --place as well.",
         [*RAIN, "--source", "push"]),
        (2, "--reading says how a quote is read.", [*RAIN, "--reading", "x"]),
        (4, 'there is no lexicon "kant".', [*RAIN[:2], "--words", "likely", "--lexicon", "kant"]),
        (4, '"likelyish" is not in fagen2019 1.', [*RAIN[:2], "--words", "likelyish"]),
        (4, "there is no ledger at", ["list"]),
        (2, "the ledger's path is empty.", ["list", "--ledger", ""]),
        (2, "--ledger names mysql, which is not kept.", ["list", "--ledger", "mysql://h/d"]),
        (2, 'no time zone is called "Berlin". Did you mean Europe/Berlin?',
         [*RAIN, "--zone", "Berlin"]),
        (2, "--as-of is for commands that look back, and fl add is none. Leave it out.",
         [*RAIN, "--as-of", "2026-01-01"]),
        (2, "--as-of is for commands that look back, and fl undo is none.",
         ["--as-of", "2026-01-01", "undo"]),
        (4, "there is no file nowhere.toml. Check its name.", ["import", "nowhere.toml"]),
    ],
)  # fmt: skip
def test_what_is_refused(terminal: Terminal, code: int, message: str, words: list[str]) -> None:
    told = terminal.fails(code, *words)
    assert " ".join(told.split()).startswith(f"fl: {message}")
    assert not any(line for line in told.splitlines() if len(line) > 80 and " " in line.strip())
    assert not terminal.ledger.exists() or "no questions" in terminal.fl("list")


def test_conflicts_have_their_code(terminal: Terminal) -> None:
    terminal.fl(*RAIN)
    told = terminal.fails(5, "add", "Snow by 30 June 2026?", "5%", "--key", "rain")
    assert told.startswith('fl: rain is the key of another question already: "Rain by 30 June')
    assert terminal.fails(4, "forecast", "rian", "5%").startswith(
        'fl: there is no question "rian". Near: rain.'
    )
    assert terminal.fails(4, "withdraw", "rain", "--who", "Bob Ray") == (
        "fl: Bob Ray has no forecast on rain to withdraw.\n"
    )


@pytest.mark.parametrize(
    "error,code",
    [
        (LedgerError("x"), 1),
        (UsageError("x"), 2),
        (InvalidError("x"), 2),  # in what was typed; in a file it is 3
        (NotFoundError("x"), 4),
        (ConflictError("x"), 5),
        (VerificationError("x"), 6),
        (DatabaseError("x"), 7),
    ],
)
def test_every_error_has_its_code(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, error: LedgerError, code: int
) -> None:
    _raising(monkeypatch, error)
    assert terminal.fails(code, "list") == "fl: x\n"


def test_problems_are_listed(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    _raising(monkeypatch, VerificationError("two faults", (Problem("1", "a"), Problem("2", "b"))))
    assert terminal.fails(6, "list") == "fl: two faults\n  1: a\n  2: b\n"


def test_a_fault_of_ours_is_one_line_and_a_report(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    _raising(monkeypatch, KeyError("\x1b[31m"))
    told = terminal.fails(1, "list")
    assert " ".join(told.split()).startswith(
        "fl: a fault of ours (KeyError), not of yours. The report is in"
    )
    (report,) = tmp_path.glob("forecast-ledger-fault-*.txt")
    assert str(report) in told
    assert "KeyError" in report.read_text()
    assert "Traceback" in report.read_text()


def test_a_fault_without_room_for_a_report_is_still_one_line(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")
    _raising(monkeypatch, ValueError("x"))
    assert terminal.fails(1, "list") == (
        "fl: a fault of ours (ValueError), not of yours. No report could be written (No\n"
        "such file or directory).\n"
    )


def test_an_interrupt_is_130(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    _raising(monkeypatch, KeyboardInterrupt())
    assert terminal.fails(130, "list").endswith("fl: interrupted\n")


def test_a_shell_can_ask_how_a_word_goes_on(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_FL_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "fl cal")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert terminal.fl() == "plain,calibration\n"


def test_nothing_typed_moves_the_moment_of_recording(terminal: Terminal) -> None:
    terminal.fl(*RAIN, "--made", "2020-02-02", "--zone", "Asia/Tokyo")
    terminal.run("forecast", "rain", "5%", "--as-of", "2020-03-03")
    shown = terminal.fl("export")
    assert len(shown.splitlines()) >= 3
    assert shown.count("2026-01-15T12:00:00.000000Z") >= 3
    assert '"recorded_at":"2020' not in shown.replace(" ", "")


def test_what_comes_from_outside_cannot_command_a_terminal(terminal: Terminal) -> None:
    evil = "\x1b]0;owned\x07\u202eRain"
    told = terminal.fails(2, "add", evil, "35%", "--by", "2026-06-30")
    assert told.isprintable() or told.replace("\n", "").isprintable()
    assert "control character" in told
    told = terminal.fails(4, "show", evil)
    assert "\\x1b]0;owned\\x07\\u202eRain" in told


def test_a_broken_byte_in_an_argument_is_refused(tmp_path: Path) -> None:
    done = _program(tmp_path, b"add", b"Rain \xff by 30 June 2030?", b"35%", b"--who", b"Ann")
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert not (tmp_path / "l.db").exists() or b"no questions" in _program(tmp_path, b"list").stdout


def test_who_closes_the_pipe_has_read_enough(tmp_path: Path) -> None:
    _program(tmp_path, b"add", b"Rain by 30 June 2030?", b"35%", b"--who", b"Ann")
    reader, writer = os.pipe()
    os.close(reader)
    for words in ([b"list"], [b"export"], [b"--help"]):
        done = _program(tmp_path, *words, stdout=writer)
        assert (done.returncode, done.stderr) == (0, b"")
    os.close(writer)


FULL = Path("/dev/full")
full = pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")


@full
def test_an_output_that_takes_no_more_is_no_fault_of_ours(tmp_path: Path) -> None:
    _program(tmp_path, b"add", b"Rain by 30 June 2030?", b"35%", b"--who", b"Ann")
    with FULL.open("wb") as device:
        for words in (
            [b"list"],
            [b"export"],
            [b"--help"],
            [b"score", b"--each", b"forecast", b"--csv"],
            [b"calibration"],
        ):
            done = _program(tmp_path, *words, stdout=device.fileno())
            assert (done.returncode, b" ".join(done.stderr.split())) == (
                7,
                b"fl: the output cannot be written: No space left on device. Send it elsewhere.",
            )


@full
def test_what_is_recorded_before_its_output_fails_is_said_to_be_kept(tmp_path: Path) -> None:
    add = [b"add", b"Rain by 30 June 2030?", b"35%", b"--key", b"rain", b"--who", b"Ann"]
    with FULL.open("wb") as device:
        done = _program(tmp_path, *add, stdout=device.fileno())
    assert done.returncode == 7
    assert b" ".join(done.stderr.split()) == (
        b"fl: the output cannot be written: No space left on device. What the command recorded"
        b" before that is kept: look before you repeat it."
    )
    assert b"rain " in _program(tmp_path, b"list").stdout


@full
def test_a_message_that_cannot_be_written_leaves_its_exit_code(tmp_path: Path) -> None:
    with FULL.open("wb") as device:
        done = _program(tmp_path, b"list", stderr=device.fileno())
    assert (done.returncode, done.stdout) == (4, b"")


@pytest.mark.skipif(os.name != "posix", reason="streams are closed by a shell")
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_streams_that_are_closed_are_done_without(tmp_path: Path, closed: str) -> None:
    _program(tmp_path, b"add", b"Rain by 30 June 2030?", b"35%", b"--who", b"Ann")
    program = f"{shlex.quote(sys.executable)} -m forecast_ledger.cli --ledger"
    ledger = shlex.quote(str(tmp_path / "l.db"))
    for words in ("score", "score --each forecast --csv", "list"):
        line = f"{program} {ledger} {words} {closed}"
        done = subprocess.run(["/bin/sh", "-c", line], capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
        assert bool(done.stdout) == (">&-" not in closed.split())
    line = f"{program} {ledger} add {closed}"
    assert subprocess.run(["/bin/sh", "-c", line], capture_output=True, check=False).returncode == 2


def test_control_c_stops_the_program(tmp_path: Path) -> None:
    program = f"""
import os, signal
from forecast_ledger.cli import main
from forecast_ledger.ledger import Ledger
Ledger.list = lambda *a, **k: os.kill(os.getpid(), signal.SIGINT)
main(["--ledger", {str(tmp_path / "l.db")!r}, "list"])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (130, b"")
    assert done.stderr.endswith(b"fl: interrupted\n")
    assert signal.SIGINT


def _raising(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Ledger, "list", fail)


def _program(
    folder: Path, *words: bytes, stdout: int = subprocess.PIPE, stderr: int = subprocess.PIPE
) -> subprocess.CompletedProcess[bytes]:
    command: list[bytes | str] = [sys.executable, "-m", "forecast_ledger.cli"]
    ledger = ["--ledger", str(folder / "l.db")]
    return subprocess.run([*command, *ledger, *words], stdout=stdout, stderr=stderr, check=False)


def test_a_question_without_quotation_marks_is_said_to_need_them(terminal: Terminal) -> None:
    told = terminal.fails(2, "add", "Will", "it", "rain", "by", "30", "June", "2026?", "35%")
    assert "Put the question in quotation marks: fl add" in " ".join(told.split())


def test_words_no_lexicon_has_beside_a_number_are_left_out(terminal: Terminal) -> None:
    words = ("add", "War by 30 June 2026?", "--words", "on the brink")
    told = " ".join(terminal.fails(4, *words, "90%").split())
    assert told.endswith("or leave --words out: the number says it.")
    assert " ".join(terminal.fails(4, *words).split()).endswith("or give the number itself.")


@pytest.mark.parametrize(
    "said",
    [
        "connection failed: Connection refused\n\tIs the server running and taking connections?",
        "connection failed: Connection refused Is the server running on that host?",
    ],
)
def test_a_server_out_of_reach_is_asked_about_once(said: str) -> None:
    error = OperationalError("SELECT 1", {}, Exception(said))
    with pytest.raises(DatabaseError) as caught, translated(target_of("postgresql://h/d")):
        raise error
    assert caught.value.message == (
        "postgresql://h/d cannot be reached: connection failed: Connection refused."
        " Is the server running, and are the name and the rights right?"
    )
