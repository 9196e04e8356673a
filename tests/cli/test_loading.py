"""What a command loads: little, because it starts many times a day."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_PROGRAM = """
import sys
from forecast_ledger.cli import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    assert end.code == 0, end.code
print(*sorted(sys.modules), file=sys.stderr)
"""

HEAVY = ("alembic", "numpy", "scipy", "rich", "jinja2", "dateparser")
LEDGER = ("--ledger", "ledger.db", "--who", "Ann Lee")


def loaded(folder: Path, *words: str) -> set[str]:
    """Return the modules a command has loaded when it is done."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _PROGRAM, *words],
        capture_output=True, text=True, check=True, cwd=folder,
    )  # fmt: skip
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("words", [["--help"], ["add", "--help"], ["--version"], []])
def test_help_loads_nothing_but_click(tmp_path: Path, words: list[str]) -> None:
    modules = loaded(tmp_path, *words)
    for name in (*HEAVY, "sqlalchemy", "platformdirs", "tomlkit", "tzlocal", "zoneinfo"):
        assert name not in modules
    assert not any(name.startswith("forecast_ledger.ledger") for name in modules)
    assert not any(name.startswith("forecast_ledger.domain.") for name in modules)


@pytest.mark.parametrize(
    "words",
    [
        ["Rain by 2099-06-30?", "35%"],
        ["Rain by 30 June 2099?", "35%", "--made", "yesterday"],
        ["Rain?", "35%", "--by", "2099-06-30", "--opens", "in 2 weeks"],
    ],
)
def test_add_loads_nothing_heavy(tmp_path: Path, words: list[str]) -> None:
    loaded(tmp_path, "add", "Snow by 2099-06-30?", "1%", *LEDGER)  # makes the ledger
    assert loaded(tmp_path, "add", *words, *LEDGER).isdisjoint(HEAVY)


def test_the_library_of_dates_is_loaded_for_what_only_it_reads(tmp_path: Path) -> None:
    words = ["Rain?", "35%", "--by", "the 18th day of March 2099"]
    assert "dateparser" in loaded(tmp_path, "add", *words, *LEDGER)
