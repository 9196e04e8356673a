"""Whether what is printed holds what it says: simulated forecasters, scored by our functions.

Run with `python benchmarks/simulations.py [--runs N] [--cell NAME/FAMILIES/UPDATES]`; it goes on
where it stopped. What was counted is kept in .benchmarks/simulations.jsonl, a line for each
batch of runs; delete it after a change to what is simulated. `--table` prints the tables of
docs/methods.md from it, `--write` puts them there; both fail where something does not hold.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import dropwhile
from multiprocessing import Pool
from pathlib import Path

import numpy as np
from measures import measured
from processes import PROCESSES
from refused import REFUSED

HOME = Path(__file__).resolve().parent.parent
FILE = HOME / ".benchmarks" / "simulations.jsonl"
DOCUMENT = HOME / "docs" / "methods.md"
BATCH = 250
NONE = "–"
"""Where nothing was shown."""
LEAST = 0.87
"""What an interval of 90 % must hold: its level less three points."""
FAMILIES = (20, 50, 200)
FEWER = {"known hazard": 4, "high hazard": 4, "unequal families": 4}
"""By how much fewer runs of those are made that were not asked for, or take long."""


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """A forecaster, or something refused, with so many families and forecasts on each."""

    name: str
    families: int
    updates: int

    def __str__(self) -> str:
        return f"{self.name}/{self.families}/{self.updates}"

    @property
    def cost(self) -> int:
        """Roughly how long a run takes: cheap cells come first."""
        slow = self.name in ("90 to 99", "known hazard", "high hazard") and self.updates > 1
        return self.families * self.updates * (20 if slow else 1)

    def generator(self, batch: int) -> np.random.Generator:
        """Return the random numbers of a batch, from its name: each can be run alone."""
        entropy = [zlib.crc32(self.name.encode()), self.families, self.updates, batch]
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))


def cells() -> list[Cell]:
    """Return all cells, the quick ones first."""
    found = [
        Cell(name, families, updates)
        for name, forecaster in PROCESSES.items()
        for families in FAMILIES
        for updates in forecaster.updates
    ]
    found += [
        Cell(n, f, refused.updates) for n, refused in REFUSED.items() for f in refused.families
    ]
    return sorted(found, key=lambda cell: cell.cost)


def run(job: tuple[Cell, int]) -> tuple[Cell, int, Counter[str], float]:
    """Return what was counted in one batch, and the seconds of processor it took."""
    cell, batch = job
    started = time.process_time()
    generator, counts = cell.generator(batch), Counter[str]()
    refused = REFUSED.get(cell.name)
    forecaster = PROCESSES[refused.forecaster if refused else cell.name]
    truth = forecaster.truth(cell.updates)
    for number in range(batch * BATCH, (batch + 1) * BATCH):
        drawn = forecaster.draw(generator, cell.families, cell.updates)
        counts += (
            refused.measured(drawn) if refused else measured(forecaster, truth, drawn, seed=number)
        )
    return cell, batch, counts, time.process_time() - started


def kept() -> dict[Cell, dict[int, Counter[str]]]:
    """Return what was counted so far, by cell and batch."""
    found: dict[Cell, dict[int, Counter[str]]] = defaultdict(dict)
    for line in FILE.read_text().splitlines() if FILE.exists() else []:
        entry = json.loads(line)
        cell = Cell(entry["name"], entry["families"], entry["updates"])
        found[cell][entry["batch"]] = Counter(entry["counts"])
    return found


def simulate(runs: int, chosen: list[Cell]) -> None:
    """Run what is missing of so many runs of each cell, and keep what was counted."""
    FILE.parent.mkdir(exist_ok=True)
    done = kept()
    jobs = [
        (cell, batch)
        for cell in chosen
        for batch in range(math.ceil(runs / FEWER.get(cell.name, 1) / BATCH))
        if batch not in done.get(cell, {})
    ]
    with Pool(2, initializer=os.nice, initargs=(10,)) as pool, FILE.open("a") as file:
        for number, (cell, batch, counts, seconds) in enumerate(pool.imap_unordered(run, jobs), 1):
            entry = {
                "name": cell.name,
                "families": cell.families,
                "updates": cell.updates,
                "batch": batch,
                "seconds": round(seconds, 2),
                "counts": counts,
            }
            print(json.dumps(entry), file=file, flush=True)
            print(
                f"{number} of {len(jobs)}  {cell}  {seconds / BATCH * 1000:.1f} ms a run",
                flush=True,
            )


_BESIDE = (
    (
        "an interval shown by misses that came alone holds",
        "90",
        "interval by misses that came",
        "interval by misses that came: held",
    ),
    ("z by the normal distribution rejects at 10 %", "10", "normal z", "normal z: 10"),
    ("a calibrated curve leaves the band somewhere", "10", "mcb", "mcb: left somewhere"),
)
_TELLING = {
    ("all 90", 20, 1, "interval by misses that came"),
    ("5 or 95", 50, 1, "interval by misses that came"),
    ("90 to 99", 50, 1, "normal z"),
    ("all 90", 200, 1, "normal z"),
    ("u-shaped", 50, 1, "mcb"),
    ("u-shaped", 200, 1, "mcb"),
}


@dataclass(slots=True)
class Tables:
    """The tables of docs/methods.md, and what in them does not hold."""

    counts: dict[Cell, Counter[str]]
    failures: list[str]

    def named(self) -> dict[str, list[str]]:
        """Return the tables by the names they have in the document."""
        rows = [cell for cell in self.counts if cell.name in PROCESSES]
        rows.sort(key=lambda cell: (cell.updates, list(PROCESSES).index(cell.name), cell.families))
        return {
            "intervals": list(self._intervals(rows)),
            "tests": list(self._tests(rows)),
            "refused": list(self._refused()),
        }

    def _intervals(self, rows: list[Cell]) -> Iterator[str]:
        yield "| forecaster | families | each | runs | Brier | long run | slope | bias | AUC |"
        yield "|---|---|---|---|---|---|---|---|---|"
        for cell in rows:
            figures = [
                self._covers(cell, "interval"),
                self._long_run(cell),
                self._covers(cell, "slope"),
                self._covers(cell, "bias"),
                self._covers(cell, "auc"),
            ]
            if any(figure != NONE for figure in figures):
                yield self._row(cell, figures)

    def _tests(self, rows: list[Cell]) -> Iterator[str]:
        yield (
            "| forecaster | families | each | range | hits | z 5 % | z 10 % | MCB 5 % | MCB 10 %"
            " | at a point | worst point | rows | worst row |"
        )
        yield "|---|---|---|---|---|---|---|---|---|---|---|---|---|"
        for cell in rows:
            figures = [
                self._holds(cell, "range"),
                self._holds(cell, "hits"),
                *(self._rejects(cell, part, level) for part in ("z", "mcb") for level in (5, 10)),
                self._holds(cell, "point"),
                self._worst(cell, "point "),
                self._holds(cell, "row"),
                self._worst(cell, "row "),
            ]
            yield self._row(cell, figures, runs=False)

    def _refused(self) -> Iterator[str]:
        yield "| not done | should be | families | was |"
        yield "|---|---|---|---|"
        for name, refused in REFUSED.items():
            found = [self.counts.get(Cell(name, n, refused.updates)) for n in refused.families]
            at = ", ".join(str(n) for n in refused.families)
            was = ", ".join(_percent(c["does"], c["runs"]) if c else NONE for c in found)
            yield f"| {refused.title} ({refused.forecaster}) | {refused.should} | {at} | {was} |"
        for title, should, part, what in _BESIDE:
            cells = [cell for cell in sorted(self.counts) if self._tells(cell, part)]
            for cell in cells:
                counts = self.counts[cell]
                was = f"{_percent(counts[what], counts[part])} of {counts[part]:,}"
                yield f"| {title} ({cell.name}) | {should} | {cell.families} | {was} |"

    def _tells(self, cell: Cell, part: str) -> bool:
        return (cell.name, cell.families, cell.updates, part) in _TELLING and bool(
            self.counts[cell][part]
        )

    def _row(self, cell: Cell, figures: list[str], *, runs: bool = True) -> str:
        names = [cell.name, str(cell.families), str(cell.updates)]
        number = [f"{self.counts[cell]['runs']:,}"] if runs else []
        return f"| {' | '.join([*names, *number, *figures])} |"

    def _covers(self, cell: Cell, part: str) -> str:
        """Return how often an interval held where shown, and in how many runs it was."""
        counts = self.counts[cell]
        number, held = counts[part], counts[f"{part}: held"]
        if not number:
            return NONE
        if held / number < LEAST:
            self.failures.append(f"{cell}: interval of {part}: {held} of {number}")
        rare = f" of {number:,}" if number < counts["runs"] else ""
        return f"{_percent(held, number)}{rare}"

    def _long_run(self, cell: Cell) -> str:
        """Return how often the interval held the score of all that might be said.

        It is not asked of an interval that appears only if what was said is unlike the rest.
        """
        counts = self.counts[cell]
        number, held = counts["interval"], counts["interval: in the long run"]
        if 2 * number > counts["runs"] and held / number < LEAST:
            self.failures.append(f"{cell}: interval in the long run: {held} of {number}")
        return _percent(held, number) if number else NONE

    def _holds(self, cell: Cell, part: str) -> str:
        counts = self.counts[cell]
        number, held = counts[part], counts[f"{part}: held"]
        if not number:
            return NONE
        if self._calibrated(cell) and held / number < 0.9 - _error(0.9, number):
            self.failures.append(f"{cell}: {part}: {held} of {number}")
        return _percent(held, number)

    def _worst(self, cell: Cell, prefix: str) -> str:
        """Return the least of all points that stood in at least one run of twenty."""
        counts = self.counts[cell]
        names = [
            name
            for name in counts
            if name.startswith(prefix)
            and not name.endswith("held")
            and counts[name] >= counts["runs"] / 20
        ]
        if not names:
            return NONE
        worst = min(names, key=lambda name: counts[f"{name}: held"] / counts[name])
        number, held = counts[worst], counts[f"{worst}: held"]
        if self._calibrated(cell) and held / number < 0.9 - _error(0.9, number):
            self.failures.append(f"{cell}: {worst}: {held} of {number}")
        return _percent(held, number)

    def _rejects(self, cell: Cell, part: str, level: int) -> str:
        counts = self.counts[cell]
        number, rejected = counts[part], counts[f"{part}: {level}"]
        if not number:
            return NONE
        most = level / 100 + _error(level / 100, number)
        if self._calibrated(cell) and rejected / number > most:
            self.failures.append(f"{cell}: {part} at {level} %: {rejected} of {number}")
        return _percent(rejected, number)

    def _calibrated(self, cell: Cell) -> bool:
        return PROCESSES[cell.name].slope == 1


def _percent(count: int, number: int) -> str:
    return f"{100 * count / number:.1f}"


def _error(share: float, number: int) -> float:
    """Return 3.5 standard errors of a share: there are some hundred of them."""
    return 3.5 * math.sqrt(share * (1 - share) / number)


def written(text: str, tables: dict[str, list[str]]) -> str:
    r"""Return the document with each table after its mark, in place of the one there.

    >>> written("<!-- tests -->\n\n| old |\n\nEnd.", {"tests": ["| new |"]})
    '<!-- tests -->\n\n| new |\n\nEnd.'
    """
    for name, table in tables.items():
        mark = f"<!-- {name} -->\n"
        before, after = text.split(mark)
        rest = dropwhile(lambda line: not line or line.startswith("|"), after.split("\n"))
        text = "\n".join([f"{before}{mark}", *table, "", *rest])
    return text


def main() -> int:
    """Simulate, or print the tables; return 1 if something does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--cell", help="such as 'all 90/50/1'")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    if not (asked.table or asked.write):
        chosen = [cell for cell in cells() if asked.cell in (None, str(cell))]
        simulate(asked.runs, chosen)
        return 0 if chosen else 2
    counts = {cell: sum(found.values(), Counter[str]()) for cell, found in kept().items()}
    tables = Tables(counts, [])
    named = tables.named()
    if asked.write:
        DOCUMENT.write_text(written(DOCUMENT.read_text(), named))
    else:
        print(*("\n".join([*lines, ""]) for lines in named.values()), sep="\n")
    print(*tables.failures or ["all of it holds"], sep="\n", file=sys.stderr)
    return 1 if tables.failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
