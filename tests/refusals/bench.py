"""A ledger that refuses what is wrong: the message to the letter, and nothing else touched."""

from __future__ import annotations

import io
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unicodedata import category

from click.testing import CliRunner, Result

from forecast_ledger.cli import cli
from forecast_ledger.cli.app import App
from forecast_ledger.ledger import Ledger
from tests.conftest import FixedClock

LEDGER = "ledger.db"
SCENE = """
fl source push --title "The push fails" --author "Ian Bremmer" --published 2025-12-03
fl add "Will the Fed cut rates by 18 March 2026?" 62% --key fed-cut
fl add "Will the chair of the Fed go by 18 March 2026?" 12% --key fed-chair
fl add "Will it snow by 10 January 2026?" 20% --key snow --made 2026-01-02
fl resolve snow no --note "the gauge"
fl family weather snow fed-cut
fl add "Will it rain?" 35% --by 2026-06-30 --key rain
"""


@dataclass
class Bench:
    """A folder that one stands in, with a ledger of four questions in it."""

    folder: Path
    clock: FixedClock

    def run(self, *words: str, ledger: str = LEDGER) -> Result:
        app = App(clock=self.clock)
        app.ledger_at = ledger
        return CliRunner().invoke(cli, list(words), obj=app)

    def fl(self, line: str) -> str:
        """Run a command that does what it should."""
        result = self.run(*shlex.split(line)[1:])
        assert result.exit_code == 0, result.stderr
        return result.stdout

    def write(self, name: str, content: str | bytes) -> str:
        data = content if isinstance(content, bytes) else content.encode()
        (self.folder / name).write_bytes(data)
        return name

    def recorded(self, ledger: str = LEDGER) -> str:
        """Return all that a ledger holds, with its log."""
        out = io.StringIO()
        with Ledger(ledger, clock=self.clock) as opened:
            opened.export_jsonl(out)
        return out.getvalue()

    @contextmanager
    def untouched(self) -> Iterator[None]:
        """Expect that the ledger and every other file stay as they are, and no file comes."""
        before = self.recorded(), self._files()
        yield
        assert (self.recorded(), self._files()) == before

    def refuses(self, code: int, message: str, *words: str, stdout: str = "") -> None:
        """Expect this exit code and these words, and nothing to have changed."""
        with self.untouched():
            result = self.run(*words)
        assert (result.exit_code, result.stderr, result.stdout) == (code, message, stdout)
        assert_plain(result.stderr + result.stdout)

    def _files(self) -> dict[str, bytes]:
        # What SQLite keeps beside a ledger comes and goes as it is read.
        return {
            str(path.relative_to(self.folder)): path.read_bytes() if path.is_file() else b""
            for path in self.folder.rglob("*")
            if not path.name.startswith(LEDGER) and path.stat().st_size < 1_000_000
        }


def assert_plain(text: str) -> None:
    """Check that nothing in `text` commands or misleads a terminal, and that it is short."""
    assert not {c for c in text if category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - {"\n"}
    assert "Traceback" not in text
    assert len(text) < 30_000
