"""Runs the commands of a Markdown page and compares, or rewrites, what they print.

A ```console block holds commands (`$ ...`) and their output. Comments move the clock and
change ledgers between blocks:

    <!-- clock 2026-11-23 09:00 -->   the moment, in the zone of the page
    <!-- ledger tour -->              another ledger, empty when it is first named

`make demo` stands for the `fl` commands of its recipe, of which the last one's output is
shown.
"""

from __future__ import annotations

import itertools
import os
import re
import secrets
import shlex
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from click.testing import CliRunner

from forecast_ledger.cli import cli
from forecast_ledger.cli.app import App
from tests.conftest import FixedClock

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
ZONE = "Europe/Berlin"
HOME = "/home/mia/.config/forecast-ledger"
_DIRECTIVE = re.compile(r"<!-- (clock|ledger) (.+?) -->")


@dataclass(frozen=True, slots=True)
class Shown:
    """One command of the page, with the lines shown under it, and where those stand."""

    command: str
    output: tuple[str, ...]
    first: int
    last: int


class Page:
    """A page whose commands can be run, in order, against ledgers in a folder."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.lines = path.read_text(encoding="utf-8").splitlines()
        self._folder = folder
        self._clock = FixedClock()
        self._ledger = "page"

    def run(self) -> Iterator[tuple[Shown, tuple[str, ...]]]:
        """Yield every command with what it prints, blank lines at the end left out."""
        block: list[tuple[int, str]] | None = None
        for number, line in enumerate(self.lines):
            if found := _DIRECTIVE.search(line):
                self._direct(found[1], found[2])
            elif line == "```console":
                block = []
            elif line == "```" and block is not None:
                for shown in _commands(block):
                    yield shown, self._run(shown.command)
                block = None
            elif block is not None:
                block.append((number, line))

    def _direct(self, what: str, value: str) -> None:
        if what == "ledger":
            self._ledger = value
        else:
            moment = datetime.fromisoformat(value).replace(tzinfo=ZoneInfo(ZONE))
            self._clock.set(moment)

    def _run(self, command: str) -> tuple[str, ...]:
        if command == "make demo":
            return [self._fl(words) for words in _recipe("demo")][-1]
        name, *words = shlex.split(command)
        assert name == "fl", f"the page may only run fl: {command}"
        return self._fl([str(ROOT / w) if w.startswith("docs/") else w for w in words])

    def _fl(self, words: list[str]) -> tuple[str, ...]:
        self._clock.advance(seconds=20)
        result = CliRunner().invoke(
            cli,
            words,
            obj=App(clock=self._clock),
            env={
                "FORECAST_LEDGER": str(self._folder / f"{self._ledger}.db"),
                "FORECAST_LEDGER_ZONE": ZONE,
                "FORECAST_LEDGER_CONFIG": str(self._folder / "config.toml"),
                "COLUMNS": "80",
            },
        )
        # The one thing changed in what is printed: where this run keeps the user's name.
        printed = result.output.replace(str(self._folder), HOME).replace(f"{ROOT}/", "")
        lines = [line.rstrip() for line in printed.splitlines()]
        while lines and not lines[-1]:
            lines.pop()
        if result.exit_code:
            lines.append(f"[exit {result.exit_code}]")
        return tuple(lines)

    def rewritten(self) -> str:
        """Return the page with what the commands print now."""
        lines = list(self.lines)
        for shown, output in reversed(list(self.run())):
            lines[shown.first : shown.last] = output
        return "\n".join(lines) + "\n"


def _commands(block: list[tuple[int, str]]) -> Iterator[Shown]:
    starts = [i for i, (_, line) in enumerate(block) if line.startswith("$ ")]
    for start, end in zip(starts, [*starts[1:], len(block)], strict=True):
        command = block[start][1][2:]
        after = start + 1
        while command.endswith("\\"):
            command = command[:-1] + block[after][1].strip()
            after += 1
        output = [line for _, line in block[after:end]]
        while output and not output[-1]:
            output.pop()
        first = block[after - 1][0] + 1
        yield Shown(command, tuple(output), first, first + len(output))


def _recipe(target: str) -> list[list[str]]:
    """Return the words after `fl` of every fl command of a make target."""
    made = subprocess.run(
        ["make", "--dry-run", "--always-make", target],  # noqa: S607
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.replace("\\\n", " ")
    found = [re.search(r"/fl (.*)", line) for line in made.splitlines()]
    return [_without_ledger(shlex.split(match[1])) for match in found if match]


def _without_ledger(words: list[str]) -> list[str]:
    words = [str(ROOT / w) if w.startswith("forecasts/") else w for w in words]
    if "--ledger" in words:
        place = words.index("--ledger")
        del words[place : place + 2]
    return words


def counted_bytes() -> Callable[..., bytes]:
    """Return random bytes that are not, so that every leaf shown is the same in every run."""
    count = itertools.count(1)
    return lambda size: next(count).to_bytes(size, "big")


if __name__ == "__main__":  # writes down what the commands of the README print now
    os.chdir(ROOT)
    secrets.token_bytes = counted_bytes()
    with tempfile.TemporaryDirectory() as scratch:
        README.write_text(Page(README, Path(scratch)).rewritten(), encoding="utf-8")
