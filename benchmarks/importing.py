"""How long `fl import` of a table takes and holds the lock, beside inserting the same rows.

Run with `python benchmarks/importing.py [--forecasts N ...] [--each N]`. The peer, sqlite-utils,
inserts the rows unchecked, as text; it runs before and after ours.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

PYTHON = sys.executable
TOTAL, LOCKED = 1.5, 0.75
"""How much of the peer's time ours may take, and the part of it under the ledger's lock."""
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
HEADER = ("question", "forecaster", "made", "probability", "outcome", "known", "closes", "tags")

_OURS = """
import gc, json, resource, sys, time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from forecast_ledger.ledger import Ledger
from forecast_ledger.store.store import Store

locked = 0.0
writing = Store.writing

@contextmanager
def watched(store, clock):
    global locked
    began = None
    try:
        with writing(store, clock) as writer:
            began = time.perf_counter()
            yield writer
    finally:
        locked += time.perf_counter() - began

Store.writing = watched
gc.set_threshold(50_000)  # as fl sets it
with Ledger(sys.argv[2], clock=lambda: datetime.now(UTC)) as ledger:
    report = ledger.import_csv(Path(sys.argv[1]))
assert report.error is None and report.new["forecast"] == int(sys.argv[3]), report
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"locked": locked, "peak": peak / 1024}))
"""


def write_table(path: Path, forecasts: int, each: int) -> None:
    """Write a table of resolved questions with so many forecasts on each."""
    with path.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(HEADER)
        for number in range(forecasts // each):
            known = (BEGINNING + timedelta(days=60 + number % 300)).date().isoformat()
            begun = BEGINNING + timedelta(minutes=number % 400)
            for update in range(each):
                made = begun + timedelta(days=update // 5 * 50 / each, seconds=update)
                writer.writerow(
                    (
                        f"Will number {number} happen?",
                        "Mia Jensen" if update % 2 else "Bob Ray",
                        f"{made:%Y-%m-%dT%H:%M:%SZ}",
                        f"{((number * 7 + update * 13) % 100 + 0.5) / 100:.3f}",
                        "yes" if number * 7919 % 100 < 45 else "no",
                        known,
                        known,
                        "macro" if number % 3 else "sport",
                    )
                )


def peer_seconds(table: Path, folder: Path) -> float:
    """Return how long sqlite-utils takes to insert the rows of a table, unchecked."""
    database = folder / "peer.db"
    database.unlink(missing_ok=True)
    command = [PYTHON, "-m", "sqlite_utils", "insert", str(database), "rows", str(table)]
    started = time.perf_counter()
    subprocess.run([*command, "--csv", "--no-detect-types", "--silent"], check=True)
    return time.perf_counter() - started


def our_figures(table: Path, folder: Path, forecasts: int) -> dict[str, float]:
    """Return the seconds an import takes, with Python's start and all modules, and holds the lock.

    Also its peak memory in MiB.
    """
    started = time.perf_counter()
    done = subprocess.run(
        [PYTHON, "-c", _OURS, str(table), str(folder / "ledger.db"), str(forecasts)],
        check=True,
        capture_output=True,
        text=True,
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures | {"total": time.perf_counter() - started}


def measured(forecasts: int, each: int) -> bool:
    """Print what importing one table takes, and return whether the budgets hold."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = folder / "table.csv"
        write_table(table, forecasts, each)
        first = peer_seconds(table, folder)
        ours = our_figures(table, folder, forecasts)
        peer = (first + peer_seconds(table, folder)) / 2
    print(
        f"{forecasts:,} forecasts on {forecasts // each:,} questions:"
        f" sqlite-utils {peer:.2f} s, peak memory of ours {ours['peak']:.0f} MiB"
    )
    held = True
    for what, most in (("total", TOTAL), ("locked", LOCKED)):
        ratio = ours[what] / peer
        verdict = "holds" if ratio <= most else "MISSED"
        held &= ratio <= most
        print(f"  {what:<8} {ours[what]:6.2f} s   ratio {ratio:.2f}   at most {most:g}   {verdict}")
    return held


def main() -> int:
    """Measure and print; return 1 if a budget is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--forecasts", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--each", type=int, default=100, help="forecasts on each question")
    asked = parser.parse_args()
    held = [measured(count, asked.each) for count in asked.forecasts]
    return 0 if all(held) else 1


if __name__ == "__main__":
    raise SystemExit(main())
