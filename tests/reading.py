"""Prints the reports of docs/reading-a-report.md anew, and compares or rewrites them.

`<!-- report 40 -->` begins a section about a ledger with 40 resolved questions of the simulated
forecaster (see `simulated`). The code blocks up to the next such comment are the parts of its
report, one after the other: what an empty line parts in the report, words part on the page.
`<!-- months 150 -->` begins one about that ledger's scores by month.
"""

from __future__ import annotations

import re
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from click.testing import CliRunner

from forecast_ledger.cli import cli
from forecast_ledger.cli.app import App
from forecast_ledger.ledger import Ledger
from tests.conftest import FixedClock
from tests.readme import ROOT, counted_bytes
from tests.simulated import NOT_SETTLED, history, record

PAGE = ROOT / "docs" / "reading-a-report.md"
_SECTION = re.compile(r"<!-- (report|months) (\d+) -->")
COMMANDS = {"report": "calibration", "months": "score --each month"}
"""What prints the report of each kind of section, those that come first on the page first."""
_FENCES = ("```console", "```text")


@dataclass(frozen=True, slots=True)
class Block:
    """A code block of the page: its lines, from `first` up to `last`."""

    lines: tuple[str, ...]
    first: int
    last: int


def sections(lines: list[str], kind: str = "report") -> Iterator[tuple[int, list[Block]]]:
    """Yield the number of questions of each section of a kind with its code blocks."""
    number, first = 0, None
    blocks: list[Block] = []
    for place, line in enumerate([*lines, "<!-- report 0 -->"]):
        if found := _SECTION.fullmatch(line):
            if number:
                yield number, blocks
            number, blocks = int(found[2]) if found[1] == kind else 0, []
        elif line in _FENCES and number:
            first = place + 1
        elif line == "```" and first is not None:
            blocks.append(Block(tuple(lines[first:place]), first, place))
            first = None


def parts_of_report(number: int, folder: Path, kind: str = "report") -> list[tuple[str, ...]]:
    """Return what a kind of report says of so many questions, the command before it."""
    clock = FixedClock()
    where = str(folder / f"{number}.db")
    with patch.object(secrets, "token_bytes", counted_bytes()), Ledger(where, clock=clock) as made:
        record(made, clock, [*history(number), *NOT_SETTLED])
    result = CliRunner().invoke(
        cli,
        COMMANDS[kind].split(),
        obj=App(clock=clock),
        env={
            "FORECAST_LEDGER": where,
            "FORECAST_LEDGER_ZONE": "UTC",
            "FORECAST_LEDGER_CONFIG": str(folder / "config.toml"),
            "COLUMNS": "80",
        },
    )
    assert (result.exit_code, result.stderr) == (0, "")
    printed = f"$ fl {COMMANDS[kind]}\n{result.stdout.rstrip()}"
    return [tuple(part.split("\n")) for part in printed.split("\n\n")]


def rewritten(lines: list[str], folder: Path) -> str:
    """Return the page with what the command prints now."""
    new = list(lines)
    found = [(kind, *section) for kind in COMMANDS for section in sections(lines, kind)]
    for kind, number, blocks in reversed(found):
        parts = parts_of_report(number, folder, kind)
        if len(parts) != len(blocks):
            raise SystemExit(
                f"{PAGE.name}: the report of {number} questions has {len(parts)} parts, and"
                f" {len(blocks)} blocks are there for them. They begin with:\n"
                + "\n".join(part[0] for part in parts)
            )
        for block, part in reversed(list(zip(blocks, parts, strict=True))):
            new[block.first : block.last] = part
    return "\n".join(new) + "\n"


if __name__ == "__main__":  # writes down what the reports say now
    with tempfile.TemporaryDirectory() as scratch:
        text = rewritten(PAGE.read_text(encoding="utf-8").splitlines(), Path(scratch))
    PAGE.write_text(text, encoding="utf-8")
