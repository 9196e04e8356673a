"""Named forecasters whose true probabilities are known, to try the statistics on.

Every forecaster says whole percents. Yes then comes with a true probability: the one said if
`slope` is 1, else expit(slope logit p); below 1 he is too sure.

Who updates has a true probability that is a martingale, so that it is the probability of
yes at every moment, given all he has said. At each step he sees a signal that is right with
probability `signal`; Bayes' rule moves the true probability up or down; and it is put on one
of the two neighbouring values of his grid, by lot, so that its mean stays. He goes on from
there: what he says is all he knows, and snapping costs no calibration. At the ends of his
grid he stays, as a martingale must. The outcome comes with the last true probability, short
of certainty. Without `signal` he does not learn: at every moment he is just as sure, of a
side that is right with that probability whatever side he was on before.
"""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass, replace

import numpy as np

from forecast_ledger.scoring.arrays import PARTS, Floats, Integers
from forecast_ledger.scoring.series import Series

PERCENT = PARTS // 100


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Series with their outcomes, 0 or 1 each."""

    series: Series
    outcomes: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Process:
    """A forecaster: the whole percents he may say, how often first, and how he updates."""

    name: str
    percents: Integers
    first: Floats
    slope: float = 1.0
    signal: float | None = None

    @property
    def true(self) -> Floats:
        """The true probability of yes at each value of the grid."""
        said = self.percents / 100
        yes, no = said**self.slope, (1 - said) ** self.slope
        true: Floats = yes / (yes + no)
        return true

    def with_updates(self, updates: int) -> Process:
        """Return the process as it is with so many updates: a side may change, if it updates."""
        if updates == 1 or self.signal is not None:
            return self
        percents = np.array([100 - self.percents[-1], self.percents[-1]])
        return replace(self, percents=percents, first=np.array([0.5, 0.5]))

    def draw(self, generator: np.random.Generator, families: int, updates: int) -> Drawn:
        """Return so many questions, each with a forecast standing in each of `updates` periods.

        The periods are equally long.
        """
        process = self.with_updates(updates)
        true = process.true
        if self.signal is None and updates > 1:
            outcomes = (generator.random(families) < 0.5).astype(np.float64)
            right = generator.random((families, updates)) < true[1]
            place = np.where(right, outcomes[:, None], 1 - outcomes[:, None]).astype(np.int64)
        else:
            place = process._path(generator, families, updates)  # noqa: SLF001 (its own)
            outcomes = (generator.random(families) < true[place[:, -1]]).astype(np.float64)
        parts = process.percents[place].ravel() * PERCENT
        weights = np.full(parts.size, 1 / updates)
        series = Series(parts, weights, np.arange(families + 1) * updates)
        return Drawn(series.merged() if updates > 1 else series, outcomes)

    def _path(self, generator: np.random.Generator, families: int, updates: int) -> Integers:
        """Return where on the grid each question stands in each period."""
        chances = np.cumsum(self.first)
        place = np.searchsorted(chances, generator.random(families) * chances[-1], "right")
        path = [place]
        rows = np.cumsum(self.steps, axis=1) if updates > 1 else np.zeros((0, 0))
        for _ in range(updates - 1):
            drawn = generator.random(families)[:, None]
            place = (rows[place] <= drawn).sum(axis=1).clip(max=self.percents.size - 1)
            path.append(place)
        return np.stack(path, axis=1)

    @property
    def steps(self) -> Floats:
        """The chance to stand at each value (column) one update after each value (row)."""
        true, size = self.true, self.percents.size
        steps = np.zeros((size, size))
        for place, q in enumerate(true.tolist()):
            moves = []
            for right in (self.signal or 0.5, 1 - (self.signal or 0.5)):
                chance = q * right + (1 - q) * (1 - right)
                moves.append((chance, q * right / chance))
            if min(q for _, q in moves) < true[0] or max(q for _, q in moves) > true[-1]:
                steps[place, place] = 1.0
                continue
            for chance, moved in moves:
                above = int(np.searchsorted(true, moved))
                share = (moved - true[above - 1]) / (true[above] - true[above - 1])
                steps[place, above] += chance * share
                steps[place, above - 1] += chance * (1 - share)
        return steps

    def standing(self, updates: int) -> tuple[Integers, Floats, Floats]:
        """Return the grid with updates, true probabilities, and the share of time at each."""
        process = self.with_updates(updates)
        now = process.first / process.first.sum()
        share = now / updates
        for _ in range(updates - 1):
            now = now @ process.steps if process.signal is not None else now
            share = share + now / updates
        return process.percents, process.true, share

    def sequence(self, families: int, updates: int) -> np.random.SeedSequence:
        """Return the seed of a cell, from its name, so that any cell can be run alone."""
        return np.random.SeedSequence([zlib.crc32(self.name.encode()), families, updates])


@dataclass(frozen=True, slots=True)
class Truth:
    """What the statistics of a cell estimate, over all that could be said and happen."""

    brier: float
    bias: float
    auc: float


def truth_of(process: Process, updates: int) -> Truth:
    """Return the true mean Brier score, bias and AUC of a process.

    >>> t = truth_of(PROCESSES["all 90"], 1)
    >>> round(t.brier, 12), round(t.bias, 12), t.auc
    (0.09, 0.0, 0.5)
    """
    percents, true, share = process.standing(updates)
    said = percents / 100
    yes, no = share * true, share * (1 - true)
    below = np.cumsum(no) - no / 2
    return Truth(
        brier=math.fsum((yes * (1 - said) ** 2 + no * said**2).tolist()),
        bias=math.fsum((share * (said - true)).tolist()),
        auc=math.fsum((yes * below).tolist()) / float(yes.sum() * no.sum()),
    )


def _process(
    name: str, percents: range, weights: Floats, slope: float = 1.0, signal: float | None = None
) -> Process:
    return Process(name, np.array(percents), weights / weights.sum(), slope, signal)


_FIVES = range(5, 100, 5)
_U = 1 / (np.array(_FIVES) / 100 * (1 - np.array(_FIVES) / 100))

PROCESSES = {
    process.name: process
    for process in (
        _process("u-shaped", _FIVES, _U, signal=0.6),
        _process("all 90", range(90, 91), np.ones(1)),
        _process("all 95", range(95, 96), np.ones(1)),
        _process("5 or 95", range(5, 96, 90), np.ones(2)),
        _process("90 to 99", range(90, 100), np.ones(10), signal=0.55),
        _process("overconfident", _FIVES, _U, slope=0.6, signal=0.6),
    )
}
"""By name. U-shaped: 5 %, 10 %, ... 95 %, each as often as 1 / (p (1 - p))."""
