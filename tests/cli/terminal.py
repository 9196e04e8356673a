"""A person at a command line: runs commands at moments of a clock, and reads what they print."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result

from forecast_ledger.cli import cli
from forecast_ledger.cli.app import App
from tests.conftest import FixedClock


@dataclass
class Terminal:
    """Commands typed into one ledger. `fl` returns standard output, `fails` the other."""

    clock: FixedClock
    ledger: Path

    def run(self, *words: str, typed: str | None = None) -> Result:
        app = App(clock=self.clock)
        app.ledger_at = str(self.ledger)
        return CliRunner().invoke(cli, list(words), obj=app, input=typed)

    def fl(self, *words: str) -> str:
        """Run a command that does what it should and says nothing beside."""
        result = self.run(*words)
        assert (result.exit_code, result.stderr) == (0, "")
        return result.stdout

    def fails(self, code: int, *words: str) -> str:
        """Run a command that refuses with this exit code; return the message."""
        result = self.run(*words)
        assert (result.exit_code, result.stdout) == (code, "")
        return result.stderr
