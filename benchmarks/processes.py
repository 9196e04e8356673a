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

Two forecasters are calibrated where a report is easily led astray: one knows by which chance yes
comes within each period, so that it comes early or not at all; of the other's events some are
asked about in many questions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np

from forecast_ledger.scoring.arrays import PARTS, Floats, Integers
from forecast_ledger.scoring.cases import Cases
from forecast_ledger.scoring.series import Series

PERCENT = PARTS // 100


@dataclass(frozen=True, eq=False)
class Drawn:
    """Series with their outcomes, 0 or 1 each, and the family and covered share of each."""

    series: Series
    outcomes: Floats
    families: Integers
    shares: Floats

    @cached_property
    def cases(self) -> Cases:
        """The standing forecasts by families."""
        return Cases.of(self.series, self.outcomes, self.families, self.shares)

    @property
    def is_simple(self) -> bool:
        """Whether every question is its own family, and was covered to the end."""
        return len(self.cases) == len(self.series) and bool(np.all(self.shares == 1))


@dataclass(frozen=True, slots=True)
class Truth:
    """What the statistics of a cell estimate, over all that could be said and happen."""

    brier: float
    bias: float
    auc: float


class Forecaster(Protocol):
    """Somebody whose true probabilities are known: expit(slope logit p) of what he says."""

    @property
    def name(self) -> str:
        """What tables call him."""

    @property
    def slope(self) -> float:
        """1 if he is calibrated."""

    @property
    def updates(self) -> tuple[int, ...]:
        """With how many forecasts a question he is tried."""

    def draw(self, generator: np.random.Generator, families: int, updates: int) -> Drawn:
        """Return questions on so many events, with so many forecasts on each."""

    def truth(self, updates: int) -> Truth:
        """Return what is true of all he might say."""

    def deserved(self, drawn: Drawn) -> float | None:
        """Return the mean Brier score that what he said deserves, None if that cannot be told."""


@dataclass(frozen=True, slots=True, eq=False)
class Process:
    """A forecaster: the whole percents he may say, how often first, and how he updates."""

    name: str
    percents: Integers
    first: Floats
    slope: float = 1.0
    signal: float | None = None
    updates: tuple[int, ...] = (1, 10)

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
        return Drawn(
            series.merged() if updates > 1 else series,
            outcomes,
            np.arange(families),
            np.ones(families),
        )

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

    def truth(self, updates: int) -> Truth:
        """Return what is true of all he might say.

        >>> t = PROCESSES["all 90"].truth(1)
        >>> round(t.brier, 12), round(t.bias, 12), t.auc
        (0.09, 0.0, 0.5)
        """
        percents, true, share = self.standing(updates)
        said = percents / 100
        return Truth(
            brier=math.fsum((share * (true * (1 - said) ** 2 + (1 - true) * said**2)).tolist()),
            bias=math.fsum((share * (said - true)).tolist()),
            auc=_auc(true, share),
        )

    def deserved(self, drawn: Drawn) -> float:
        """Return the mean Brier score that what he said deserves."""
        said, true = drawn.series.parts / PARTS, chances(self, drawn.series.parts)
        scores = drawn.series.average(true * (1 - said) ** 2 + (1 - true) * said**2)
        return math.fsum(scores.tolist()) / scores.size


@dataclass(frozen=True, slots=True)
class Hazard:
    """A forecaster who knows by which chance yes comes in each of ten periods, and says it.

    He begins at one of `starts`, whole tens of percent, and while yes has not come goes down
    by a tenth of that each period. Who stands at p and at q in the next has a chance of
    1 - (1 - p) / (1 - q) in between. Yes ends its question; no comes at the deadline.
    """

    name: str
    starts: tuple[int, ...]
    slope: float = 1.0
    updates: tuple[int, ...] = (10,)

    def _paths(self) -> tuple[Floats, Floats]:
        """Return what he says in each period, 0..1, and the chances that it is still open then."""
        said = np.array(self.starts)[:, None] * np.arange(10, -1, -1) / 1000
        return said[:, :-1], (1 - said[:, :1]) / (1 - said)

    def draw(self, generator: np.random.Generator, families: int, updates: int) -> Drawn:
        """Return so many questions with up to ten forecasts on each; `updates` is ten."""
        said, still = self._paths()
        start = generator.integers(len(self.starts), size=families)
        lot = generator.random(families)[:, None]
        # Open at the start of a period is open through it: yes is seen at its end.
        covered = (still[start, :-1] >= lot).sum(axis=1)
        outcomes = (still[start, -1] < lot[:, 0]).astype(np.float64)
        kept = np.arange(updates) < covered[:, None]
        parts = np.rint(said[start] * 100).astype(np.int64) * PERCENT
        weights = np.broadcast_to(1 / covered[:, None], kept.shape)
        series = Series(parts[kept], weights[kept], np.concatenate([[0], np.cumsum(covered)]))
        return Drawn(series, outcomes, np.arange(families), covered / updates)

    def truth(self, updates: int) -> Truth:
        """Return what is true of all he might say: the score by covered time, as it is printed.

        >>> t = PROCESSES["known hazard"].truth(10)
        >>> t.bias, t.brier > 0.16
        (0.0, True)
        """
        said, still = self._paths()
        periods = np.arange(1, updates + 1)
        answered = -np.diff(still, axis=1) * (np.cumsum((1 - said) ** 2, axis=1) / periods)
        never = still[:, -1] * (said**2).mean(axis=1)
        share = still[:, :-1] / still[:, :-1].sum()
        return Truth(
            brier=float((answered.sum(axis=1) + never).mean()),
            bias=0.0,
            auc=_auc(said.ravel(), share.ravel()),
        )

    def deserved(self, drawn: Drawn) -> None:
        """Return None: for how long he said something tells how it came out."""


@dataclass(frozen=True, slots=True, eq=False)
class Repeated:
    """A forecaster some of whose events are asked about again and again, in other words.

    Each event has one of `sizes` questions, all answered alike.
    """

    name: str
    process: Process
    sizes: Integers
    slope: float = 1.0
    updates: tuple[int, ...] = (1, 10)

    def draw(self, generator: np.random.Generator, families: int, updates: int) -> Drawn:
        """Return questions on so many events, with so many forecasts on each."""
        drawn = self.process.draw(generator, families, updates)
        event = np.repeat(np.arange(families), generator.choice(self.sizes, families))
        return Drawn(drawn.series.take(event), drawn.outcomes[event], event, np.ones(event.size))

    def truth(self, updates: int) -> Truth:
        """Return what is true of all he might say."""
        return self.process.truth(updates)

    def deserved(self, drawn: Drawn) -> float:
        """Return the mean Brier score that what he said deserves."""
        return self.process.deserved(drawn)


def chances(forecaster: Forecaster, parts: Integers) -> Floats:
    """Return the true probabilities of yes where a forecaster says `parts`."""
    said = parts / PARTS
    yes, no = said**forecaster.slope, (1 - said) ** forecaster.slope
    true: Floats = yes / (yes + no)
    return true


def _auc(true: Floats, share: Floats) -> float:
    """Return how often a yes has the higher probability; the higher one is truly so."""
    _, place = np.unique(true.round(12), return_inverse=True)
    yes, no = np.bincount(place, share * true), np.bincount(place, share * (1 - true))
    below = np.cumsum(no) - no / 2
    return math.fsum((yes * below).tolist()) / float(yes.sum() * no.sum())


def _process(
    name: str,
    percents: range,
    weights: Floats,
    *,
    slope: float = 1.0,
    signal: float | None = None,
    updates: tuple[int, ...] = (1, 10),
) -> Process:
    return Process(name, np.array(percents), weights / weights.sum(), slope, signal, updates)


_FIVES = range(5, 100, 5)
_U = 1 / (np.array(_FIVES) / 100 * (1 - np.array(_FIVES) / 100))

_U_SHAPED = _process("u-shaped", _FIVES, _U, signal=0.6)

PROCESSES: dict[str, Forecaster] = {
    forecaster.name: forecaster
    for forecaster in (
        _U_SHAPED,
        _process("all 90", range(90, 91), np.ones(1)),
        _process("all 95", range(95, 96), np.ones(1)),
        # With updates it is what "all 95" is.
        _process("5 or 95", range(5, 96, 90), np.ones(2), updates=(1,)),
        _process("90 to 99", range(90, 100), np.ones(10), signal=0.55),
        _process("overconfident", _FIVES, _U, slope=0.6, signal=0.6),
        Hazard("known hazard", tuple(range(10, 100, 10))),
        Hazard("high hazard", (70, 80, 90)),
        Repeated("unequal families", _U_SHAPED, np.array([1, 1, 1, 1, 1, 1, 2, 2, 3, 10])),
    )
}
"""By name. U-shaped: 5 %, 10 %, ... 95 %, each as often as 1 / (p (1 - p))."""
