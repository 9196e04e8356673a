"""How long `fl --help` and `fl add` take, beside importing what they cannot do without.

Run with `python benchmarks/startup.py [--forecasts N] [--runs N]`.
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ledgers import ledger_of

FORBIDDEN = ("alembic", "numpy", "scipy", "rich", "jinja2")
PYTHON = sys.executable
FL = str(Path(PYTHON).with_name("fl"))


def seconds(command: list[str], environment: dict[str, str]) -> float:
    """Return how long a command takes, from outside."""
    started = time.perf_counter()
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return time.perf_counter() - started


def side_by_side(
    runs: int, environment: dict[str, str], ours: Callable[[], list[str]], peer: list[str]
) -> tuple[float, float]:
    """Return the median seconds of both, taken in turn so that both see the same machine."""
    times = [(seconds(ours(), environment), seconds(peer, environment)) for _ in range(runs + 1)]
    first, second = zip(*times[1:], strict=True)
    return statistics.median(first), statistics.median(second)


def report(name: str, ours: float, peer_name: str, peer: float, most: float) -> bool:
    """Print one line, and return whether the budget holds."""
    ratio = ours / peer
    verdict = "holds" if ratio <= most else "MISSED"
    print(
        f"{name:<34} {ours * 1000:6.0f} ms   {peer_name:<28} {peer * 1000:6.0f} ms"
        f"   ratio {ratio:.2f}   at most {most:g}   {verdict}"
    )
    return ratio <= most


def main() -> int:
    """Measure and print; return 1 if a budget is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--forecasts", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=21)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ledger = Path(folder) / "ledger.db"
        shutil.copy(ledger_of(asked.forecasts), ledger)
        environment = {
            **os.environ,
            "FORECAST_LEDGER": str(ledger),
            "FORECAST_LEDGER_WHO": "Mia Jensen",
            "FORECAST_LEDGER_CONFIG": str(Path(folder) / "config.toml"),
            "FORECAST_LEDGER_ZONE": "Europe/Berlin",
        }
        number = itertools.count()

        def add() -> list[str]:
            text = f"Will measurement {next(number)} be the last by 31 December 2027?"
            return [FL, "add", text, "62%"]

        held = [
            report(
                "fl --help",
                *_pair(
                    side_by_side(asked.runs, environment, lambda: [FL, "--help"], _imports("click"))
                ),
                2.0,
            ),
            report(
                f"fl add, {asked.forecasts:,} forecasts",
                *_pair(
                    side_by_side(asked.runs, environment, add, _imports("click, sqlalchemy")),
                    "click, sqlalchemy",
                ),
                1.5,
            ),
        ]
        probe = (
            "import sys; from forecast_ledger.cli import main\n"
            "sys.argv[1:] = ['add', 'Will this load little by 2027-12-31?', '62%']\n"
            "try: main()\n"
            "except SystemExit: pass\n"
            f"print([name for name in {FORBIDDEN!r} if name in sys.modules], file=sys.stderr)"
        )
        found = subprocess.run(
            [PYTHON, "-c", probe], env=environment, check=True, capture_output=True, text=True
        ).stderr.splitlines()[-1]
        print(f"{'fl add loads of those it must not':<34} {found}")
        held.append(found == "[]")
    return 0 if all(held) else 1


def _imports(names: str) -> list[str]:
    return [PYTHON, "-c", f"import {names}"]


def _pair(times: tuple[float, float], names: str = "click") -> tuple[float, str, float]:
    return times[0], f"python -c 'import {names}'", times[1]


if __name__ == "__main__":
    raise SystemExit(main())
