"""What the mean Brier score would be if the stated probabilities are right.

For one forecast per question the score is p**2 on no and (1 - p)**2 on yes, with
probabilities 1 - p and p; its mean is p(1 - p). For a question whose forecast was updated
one standing moment is drawn: forecast t with probability w_t, then its outcome, so that the
mean is the sum of w_t p_t (1 - p_t). The updates of a question are not trials of their own;
a range that took them so would be too narrow. Questions are taken as independent: where
some turn on one event, the true range is wider.

Four ways, by what is feasible:

1. Scores are whole multiples of 10**-18. If their common divisor makes a small lattice, as
   whole percents do, the sum is convolved on it. Exact.
2. A few questions on no such lattice: all sums are listed and equal ones merged. Exact.
3. Otherwise each score is split between the two nearest points of a fine lattice, in
   proportion, which keeps its mean. Given the true scores the displacements are independent,
   centred and smaller than a step, so Bernstein's and Hoeffding's inequalities bound
   their mean; the smaller bound at one in a million is the `error` of the result. It is
   planned at 0.00005, a twentieth of the third decimal.
4. From 1,000 questions on, with more than a few probabilities among them and fifty surprises
   to be expected (the sum of p(1 - p)), the sum is so near to normal that its quantiles follow
   from its first four cumulants (Cornish and Fisher 1938, Revue de l'Institut International de
   Statistique 5, 307-320), to better than 0.00005.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from forecast_ledger.scoring.arrays import PARTS, SQUARE, Floats, Integers, mean
from forecast_ledger.scoring.brier import expected_scores
from forecast_ledger.scoring.distribution import Distribution, lattice_sum
from forecast_ledger.scoring.series import Series

EXACT_CELLS = 750_000
"""Largest lattice, questions times points, on which sums are convolved exactly."""

EXACT_SUMS = 1 << 16
"""Most different sums that are listed,"""

EXACT_QUESTIONS = 24
"""and most questions whose sums are."""

FINE_CELLS = 1 << 21
"""Largest fine lattice; it bounds time and memory whatever comes in."""

PLANNED_ERROR = 5e-5
EXCEPT_FOR = 1e-6

MANY_QUESTIONS = 1_000
FEW_VALUES = 4
MANY_MISSES = 50
"""Questions, probabilities and surprises from which it is taken from its cumulants."""

REACH = 6.0
STEPS = 6_001
"""Points, and how many standard deviations to either side they reach."""


@dataclass(frozen=True, slots=True, eq=False)
class _Atoms:
    """Possible scores of each question above its least one, in units of 10**-18."""

    question: Integers
    above: Integers
    probability: Floats
    count: int
    base: int

    @property
    def unit(self) -> int:
        return int(np.gcd.reduce(self.above)) or 1

    def rows(self, *parts: tuple[Integers, Floats]) -> Floats:
        """Return lattice probabilities, a row per question, from points and shares of atoms."""
        width = max(int(point.max()) for point, _ in parts) + 1
        cells = np.zeros(self.count * width)
        for point, share in parts:
            cell = self.question * width + point
            cells += np.bincount(cell, self.probability * share, cells.size)
        return cells.reshape(self.count, width)


def expected_brier(series: Series, chances: Floats | None = None) -> Distribution:
    """Return the distribution of the mean Brier score if the probabilities are right.

    With `chances`, one per forecast and 0..1, yes comes with those instead.

    Values on the scale 0..1, smaller is better; `mean` is the mean of p(1 - p), `central()`
    the range in which the score would lie nine times in ten, `at_most(score)` how often it
    would be as good or better.

    >>> ten = [50, 250, 950, 950, 700, 950, 50, 900, 50, 50]
    >>> d = expected_brier(Series.single([p * 1_000_000 for p in ten]))
    >>> round(d.mean, 4), d.exact
    (0.082, True)
    >>> [round(end, 3) for end in d.central()], round(d.at_most(0.018), 3)
    ([0.018, 0.198], 0.33)
    """
    expectation = mean(series.average(_expectations(series, chances)))
    if (
        chances is None
        and len(series) >= MANY_QUESTIONS
        and np.unique(series.parts).size > FEW_VALUES
    ):
        # Near 0 and 100 % few outcomes decide, and the sum keeps to a coarse lattice.
        misses = math.fsum(series.average(expected_scores(series.parts)).tolist())
        if misses >= MANY_MISSES:
            return _by_cumulants(series, expectation)
    atoms = _atoms(series, series.parts / PARTS if chances is None else chances)
    unit = atoms.unit
    if atoms.count * (int(atoms.above.max()) // unit + 1) <= EXACT_CELLS:
        sums = lattice_sum(atoms.rows((atoms.above // unit, np.ones(atoms.above.size))))
        values = _means(atoms, _steps(sums), unit / SQUARE)
        return Distribution(values, sums, expectation)
    listed = _listed_sums(atoms) if atoms.count <= EXACT_QUESTIONS else None
    if listed is not None:
        points, probabilities = listed
        values = _means(atoms, points.astype(np.float64), unit / SQUARE)
        return Distribution(values, probabilities, expectation)
    return _fine(atoms, expectation)


def _expectations(series: Series, chances: Floats | None) -> Floats:
    """Return the mean score of each forecast."""
    if chances is None:
        return expected_scores(series.parts)
    p = series.parts / PARTS
    means: Floats = chances * (1 - p) ** 2 + (1 - chances) * p**2
    return means


def _atoms(series: Series, p: Floats) -> _Atoms:
    yes, no = (PARTS - series.parts) ** 2, series.parts**2
    score = np.stack([yes, no], axis=1).ravel()
    probability = np.stack([series.weights * p, series.weights * (1 - p)], axis=1).ravel()
    question = np.repeat(np.arange(len(series)), 2 * np.diff(series.offsets))
    possible = probability > 0
    score, probability, question = score[possible], probability[possible], question[possible]
    starts = np.searchsorted(question, np.arange(len(series)))
    least = np.minimum.reduceat(score, starts)
    return _Atoms(
        question=question,
        above=score - least[question],
        probability=probability,
        count=len(series),
        base=sum(least.tolist()),
    )


def _means(atoms: _Atoms, points: Floats, step: float) -> Floats:
    """Return the mean scores at lattice points `step` apart, from the least possible."""
    return (atoms.base / SQUARE + points * step) / atoms.count


def _steps(sums: Floats) -> Floats:
    return np.arange(sums.size, dtype=np.float64)


def _listed_sums(atoms: _Atoms) -> tuple[Integers, Floats] | None:
    """Return all sums in units and their probabilities, or None if there are too many."""
    above = atoms.above // atoms.unit
    starts = np.searchsorted(atoms.question, np.arange(atoms.count + 1)).tolist()
    largest = sum(np.maximum.reduceat(above, starts[:-1]).tolist())
    if largest > np.iinfo(np.int64).max:
        return None
    sums: Integers = np.zeros(1, dtype=np.int64)
    probabilities: Floats = np.ones(1)
    for start, end in pairwise(starts):
        if sums.size * (end - start) > 8 * EXACT_SUMS:
            return None
        pairs = np.add.outer(sums, above[start:end]).ravel()
        joint = np.multiply.outer(probabilities, atoms.probability[start:end]).ravel()
        sums, place = np.unique(pairs, return_inverse=True)
        probabilities = np.bincount(place, joint).astype(np.float64, copy=False)
        if sums.size > EXACT_SUMS:
            return None
    return sums, probabilities


def _fine(atoms: _Atoms, expectation: float) -> Distribution:
    above = atoms.above / SQUARE
    movable = math.fsum(atoms.probability[atoms.above > 0].tolist())
    # A point uniform between two others is displaced with a variance of a sixth of a step squared.
    step = PLANNED_ERROR * atoms.count / _displacement(movable / 6, atoms.count)
    step = max(step, atoms.count * float(above.max()) / FINE_CELLS)
    below = np.floor(above / step)
    share = above / step - below
    point = below.astype(np.int64)
    rows = atoms.rows((point, 1 - share), (point + 1, share))
    sums = lattice_sum(rows)
    variance = math.fsum((atoms.probability * share * (1 - share)).tolist())
    return Distribution(
        values=_means(atoms, _steps(sums), step),
        probabilities=sums,
        mean=expectation,
        exact=False,
        error=_displacement(variance, atoms.count) * step / atoms.count,
    )


def _by_cumulants(series: Series, expectation: float) -> Distribution:
    """Return the distribution with the first four cumulants of the sum, by its quantiles."""
    from scipy.special import ndtr  # noqa: PLC0415 (takes 0.17 s to load)

    p, q = series.parts / PARTS, (PARTS - series.parts) / PARTS
    first, second, third, fourth = (
        series.average(p * q ** (2 * power) + q * p ** (2 * power)) for power in (1, 2, 3, 4)
    )
    square = first * first
    spread = second - square
    tilt = third - 3 * first * second + 2 * square * first
    peak = fourth - 4 * first * third + 6 * square * second - 3 * square * square
    variance = math.fsum(spread.tolist())
    if variance <= 0:
        return Distribution(np.array([expectation]), np.ones(1), expectation)
    skew = math.fsum(tilt.tolist()) / variance**1.5
    excess = math.fsum((peak - 3 * spread * spread).tolist()) / variance**2
    z = np.linspace(-REACH, REACH, STEPS)
    bend = (z**2 - 1) * skew / 6 + (z**3 - 3 * z) * excess / 24
    bend -= (2 * z**3 - 5 * z) * skew**2 / 36
    deviation = math.sqrt(variance) / len(series)
    # Between two points lies what the normal distribution has between them.
    edges = np.concatenate([[0.0], ndtr((z[1:] + z[:-1]) / 2), [1.0]])
    return Distribution(
        values=np.maximum.accumulate(expectation + deviation * (z + bend)),
        probabilities=np.diff(edges),
        mean=expectation,
        exact=False,
        error=2 * REACH / (STEPS - 1) * deviation,
    )


def _displacement(variance: float, count: int) -> float:
    """Return what the total displacement, in steps, exceeds with probability EXCEPT_FOR.

    Bernstein: exp(-t**2 / 2 / (variance + t / 3)) per side; Hoeffding: exp(-2 t**2 / count).
    """
    surprise = math.log(2 / EXCEPT_FOR)
    bernstein = surprise / 3 + math.sqrt((surprise / 3) ** 2 + 2 * surprise * variance)
    return min(bernstein, math.sqrt(count * surprise / 2))
