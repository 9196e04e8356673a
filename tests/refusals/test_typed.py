"""What is typed wrong, each with its message to the letter: the commands of typed.txt."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.refusals.bench import LEDGER, Bench

ESCAPE = re.compile(r"\\(x[0-9a-f]{2}|u[0-9a-f]{4})")


class Case(NamedTuple):
    """A command as typed, what it writes to standard error, and its exit code."""

    line: str
    message: str
    code: int

    @property
    def words(self) -> list[str]:
        """Return the words, escapes such as `\\x1b` become the characters they name."""
        return shlex.split(ESCAPE.sub(lambda found: chr(int(found[1][1:], 16)), self.line))[1:]


def cases() -> list[Case]:
    text = (Path(__file__).parent / "typed.txt").read_text("utf-8")
    found = re.findall(r"^\$ (.*)\n((?:(?!\[\d+\]$).*\n)+)\[(\d+)\]$", text, re.MULTILINE)
    assert len(found) == text.count("\n$ ")
    return [Case(line, message, int(code)) for line, message, code in found]


CASES = cases()


@pytest.mark.parametrize("case", CASES, ids=[case.line for case in CASES])
def test_what_is_typed_wrong_is_refused_in_these_words(bench: Bench, case: Case) -> None:
    bench.refuses(case.code, case.message, *case.words)


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.code == 2], ids=[c.line for c in CASES if c.code == 2]
)
def test_nothing_is_recorded_where_there_was_no_ledger(bench: Bench, case: Case) -> None:
    Path(LEDGER).unlink()
    bench.run(*case.words, "--ledger", "new.db")
    # A ledger is made before it is known that its first entry cannot be recorded.
    if Path("new.db").exists():
        assert bench.recorded("new.db").count("\n") == 1
