"""How long `fl calibration` takes and how much memory, beside fetching the same rows.

Run with `python benchmarks/reporting.py [--forecasts N ...] [--each N] [--runs N]`. The peer
fetches the rows the report is made of, in the order of its series, with the bare driver
(sqlite3). Both are whole programs, and both import what the report imports, so that the
ratio is about the work; the same without those imports is printed too. Times are those of
the processor: neither program waits for anything.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
from pathlib import Path

from ledgers import resolved_ledger_of

PYTHON = sys.executable
FL = str(Path(PYTHON).with_name("fl"))
IMPORTS = """
import os
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as the report does: no threads nobody needs
import click, sqlalchemy, numpy, scipy.special
"""
FETCH = """
import json, resource, sqlite3, sys, time
started = time.perf_counter()
connection = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
rows = 0
cursor = connection.execute(
    "SELECT f.question, f.forecaster, f.seq, f.made_start, f.made_end, f.answer_yes,"
    " f.answer_low, f.answer_high, log.recorded_at"
    " FROM forecast f JOIN log ON log.seq = f.seq"
    " ORDER BY f.question, f.forecaster, f.made_start, f.seq"
)
while found := cursor.fetchmany(5000):
    rows += len(found)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([rows, time.perf_counter() - started, peak]))
"""
REPORT = """
import json, resource, sys, time
from forecast_ledger.cli import main
sys.argv = ["fl", "--no-input", "--ledger", sys.argv[1], "calibration"]
try:
    main()
except SystemExit as end:
    code = end.code
print(json.dumps([code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]), file=sys.stderr)
"""


def run(*command: str) -> tuple[float, str, str]:
    """Return how long a program keeps a processor, which load does not change, and its output."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return took, done.stdout, done.stderr


def measured(forecasts: int, each: int, runs: int) -> tuple[float, float, int]:
    """Print one size; return the ratio, ours in seconds, and our peak memory in KiB."""
    path = str(resolved_ledger_of(forecasts, each))
    ours, bare, fetched, imported, memory = [], [], [], [], 0
    for _ in range(runs + 1):
        took, said, heard = run(PYTHON, "-c", REPORT, path)
        assert "Brier" in said, said  # noqa: S101 - a report of nothing would be quick
        ours.append(took)
        memory = int(json.loads(heard.splitlines()[-1])[1])
        bare.append(run(PYTHON, "-c", f"{IMPORTS}\n{FETCH}", path)[0])
        took, said, _ = run(PYTHON, "-c", FETCH, path)
        fetched.append(took)
        rows, _, peak = json.loads(said)
        assert rows == forecasts, rows  # noqa: S101
        imported.append(run(PYTHON, "-c", IMPORTS)[0])
    mid = [statistics.median(times[1:]) for times in (ours, bare, fetched, imported)]
    ratio = mid[0] / mid[1]
    print(
        f"{forecasts:>10,} forecasts, {each} a question: fl calibration {mid[0]:6.2f} s,"
        f" {memory / 1024:5.0f} MiB | bare fetch with the imports {mid[1]:6.2f} s, without"
        f" {mid[2]:6.2f} s, {peak / 1024:.0f} MiB; the imports alone {mid[3]:.2f} s"
    )
    print(
        f"{'':>10} ratio {ratio:.2f} (at most 1.5: {'holds' if ratio <= 1.5 else 'MISSED'});"
        f" {mid[0] / mid[2]:.2f} of the fetch without imports;"
        f" {(mid[0] - mid[3]) / mid[2]:.2f} net of imports on our side"
    )
    return ratio, mid[0], memory


def main() -> int:
    """Measure and print; return 1 if a budget is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--forecasts", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--each", type=int, default=100)
    parser.add_argument("--questions", type=int, default=1_000)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    held = []
    sizes = [measured(size, asked.each, asked.runs) for size in asked.forecasts]
    held.append(sizes[-1][0] <= 1.5)
    print(f"\nmemory and growth at {asked.questions:,} questions:")
    fixed = [
        measured(size, max(1, size // asked.questions), asked.runs) for size in asked.forecasts
    ]
    for (_, few, small), (_, many, large), (size, more) in zip(
        fixed, fixed[1:], zip(asked.forecasts, asked.forecasts[1:], strict=False), strict=False
    ):
        flat, linear = large <= 1.25 * small, many / few <= 1.1 * more / size
        held += [flat, linear]
        print(
            f"{size:,} -> {more:,}: memory x {large / small:.2f} (flat: at most 1.25:"
            f" {'holds' if flat else 'MISSED'}), time x {many / few:.1f} (linear: at most"
            f" {1.1 * more / size:.0f}: {'holds' if linear else 'MISSED'})"
        )
    return 0 if all(held) else 1


if __name__ == "__main__":
    raise SystemExit(main())
