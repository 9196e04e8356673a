"""What the mean Brier score would be if the stated probabilities are right.

For one forecast per question the score is p**2 on no and (1 - p)**2 on yes, with
probabilities 1 - p and p; its mean is p(1 - p). For a question whose forecast was updated
one standing moment is drawn: forecast t with probability w_t, then its outcome, so that the
mean is the sum of w_t p_t (1 - p_t). The updates of a question are not trials of their own;
a range that took them so would be too narrow.

Series are taken as independent. Where questions turn on one event, their family is one series
(`Series.by_family`) that stands for so many `times`: their n scores are replaced by n times that
of one standing moment, drawn from all of theirs. Given what was said and what came, its
expectation is the mean of the n. So the mean stays, and by Jensen's inequality the sum is more
variable, in convex order, than the true one, however the questions hang together. Of the
quantiles that is true as a rule only: where a family is all but sure to come out one way, so is
the one moment, though of many questions one may well miss. And where few moments but the main
ones are drawn at all (`is_coarse`: few questions, or updates that stood briefly), what is drawn
keeps to the scores of single forecasts, between which the true one lies: then the law in which
all updates of a question meet one outcome, `together_brier`, says what else may come.

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
   Statistique 5, 307-320), to better than 0.00005. Where series stand for unequal numbers of
   questions n, both count by what they are worth. With S_r the sum of n**r a, a being 1 for a
   series and p(1 - p) for its surprises, the mean varies by S_2**0.5 / S_1, and what the
   quantiles miss of that is as (S_4 / S_2**2)**1.5: together as with (S_2**2 / S_4)**0.75
   (S_1**2 / S_2)**0.25 equal ones, their number if n is the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from forecast_ledger.errors import InvalidError
from forecast_ledger.scoring.arrays import PARTS, SQUARE, Floats, Integers, Numbers
from forecast_ledger.scoring.brier import expected_scores
from forecast_ledger.scoring.distribution import Distribution, lattice_sum
from forecast_ledger.scoring.series import Series

EXACT_CELLS = 750_000
"""Largest lattice, series times points, on which sums are convolved exactly."""

EXACT_SUMS = 1 << 16
"""Most different sums that are listed,"""

EXACT_QUESTIONS = 24
"""and most series whose sums are."""

FINE_CELLS = 1 << 21
"""Largest fine lattice; it bounds time and memory whatever comes in."""

PLANNED_ERROR = 5e-5
EXCEPT_FOR = 1e-6

MANY_QUESTIONS = 1_000
FEW_VALUES = 4
MANY_MISSES = 50
"""Series, probabilities and surprises from which it is taken from its cumulants."""

FEW_DRAWN = 10.0
"""Moments, summed over questions, from whose number on drawing them is coarse no more."""

REACH = 6.0
STEPS = 6_001
"""Points, and how many standard deviations to either side they reach."""


@dataclass(frozen=True, slots=True, eq=False)
class _Times:
    """How many questions each series stands for, in lowest terms; `each` is None if one each."""

    each: Integers | None
    total: int

    @classmethod
    def of(cls, times: Numbers | None, count: int) -> _Times:
        if times is None:
            return cls(None, count)
        each = np.asarray(times)
        if each.shape != (count,) or each.dtype.kind not in "iu" or int(each.min()) < 1:
            raise InvalidError(
                f"times must be whole numbers of 1 or more, one for each of {count} series."
            )
        each = (each // np.gcd.reduce(each)).astype(np.int64)
        return cls(None, count) if int(each.max()) == 1 else cls(each, sum(each.tolist()))

    def sum(self, values: Floats, power: int = 1) -> float:
        """Return the sum of `values`, one per series, times their questions to the `power`."""
        if self.each is not None:
            values = values * self.each.astype(np.float64) ** power
        return math.fsum(values.tolist())

    def worth(self, values: Floats) -> float:
        """Return the sum of `values` over the equal series that are worth as many as these."""
        if self.each is None:
            return self.sum(values)
        first, second, fourth = (self.sum(values, power) for power in (1, 2, 4))
        if not fourth:
            return 0.0
        return float((second**2 / fourth) ** 0.75 * (first**2 / second) ** 0.25)


@dataclass(frozen=True, slots=True, eq=False)
class _Kind:
    """Series that stand for equally many questions: how many, their atoms, the row of each.

    What stands for many has a wide row on a lattice, which those of one need not have.
    """

    count: int
    atoms: slice | Integers
    row: Integers


@dataclass(frozen=True, slots=True, eq=False)
class _Atoms:
    """Possible scores of each series above its least one, in units of 10**-18.

    `base` is the sum of the least ones, each times its questions; `kinds` are all series.
    """

    owner: Integers
    above: Integers
    probability: Floats
    count: int
    times: _Times
    base: int
    kinds: tuple[_Kind, ...]

    def in_units(self) -> tuple[Integers, int] | None:
        """Return the scores times their questions in whole units, and the unit.

        None where one is beyond int64.
        """
        unit = int(np.gcd.reduce(self.above)) or 1
        points, each = self.above // unit, self.times.each
        if each is None:
            return points, unit
        if int(points.max()) * int(each.max()) > np.iinfo(np.int64).max:
            return None
        return points * each[self.owner], unit

    def cells(self, points: Integers | Floats) -> float:
        """Return how large a lattice is on which each kind is as wide as its last point."""
        return sum(kind.count * float(points[kind.atoms].max()) for kind in self.kinds)

    def summed(self, *parts: tuple[Integers, Floats]) -> Floats:
        """Return lattice probabilities of the sum, from points and shares of atoms."""
        laws = []
        for kind in self.kinds:
            own = [(point[kind.atoms], share[kind.atoms]) for point, share in parts]
            width = max(int(point.max()) for point, _ in own) + 1
            cells = np.zeros(kind.count * width)
            for point, share in own:
                cell = kind.row * width + point
                cells += np.bincount(cell, self.probability[kind.atoms] * share, cells.size)
            laws.append(lattice_sum(cells.reshape(kind.count, width)))
        while len(laws) > 1:
            # The shortest first, so that few long ones are transformed.
            short, long, *rest = sorted(laws, key=len)
            rows = np.stack([np.pad(short, (0, long.size - short.size)), long])
            laws = [lattice_sum(rows)[: short.size + long.size - 1], *rest]
        return laws[0]


def expected_brier(
    series: Series, chances: Floats | None = None, *, times: Numbers | None = None
) -> Distribution:
    """Return the distribution of the mean Brier score if the probabilities are right.

    With `chances`, one per forecast and 0..1, yes comes with those instead. `times` are whole
    numbers of 1 or more: how many questions each series stands for (`Series.by_family`); the
    mean is over these. Raises InvalidError where there is not one for each series.

    Values on the scale 0..1, smaller is better; `mean` is the mean of p(1 - p), `central()`
    the range in which the score would lie nine times in ten, `at_most(score)` how often it
    would be as good or better.

    >>> ten = [50, 250, 950, 950, 700, 950, 50, 900, 50, 50]
    >>> d = expected_brier(Series.single([p * 1_000_000 for p in ten]))
    >>> round(d.mean, 4), d.exact
    (0.082, True)
    >>> [round(end, 3) for end in d.central()], round(d.at_most(0.018), 3)
    ([0.018, 0.198], 0.33)
    >>> family, times = Series.single([700_000_000] * 3).by_family([1, 1, 2])
    >>> [round(end, 3) for end in expected_brier(family, times=times).central()]
    [0.09, 0.49]
    """
    stand = _Times.of(times, len(series))
    expectation = stand.sum(series.average(_expectations(series, chances))) / stand.total
    if chances is None and _near_normal(series, stand):
        return _by_cumulants(series, stand, expectation)
    p = series.parts / PARTS if chances is None else chances
    score = np.stack([(PARTS - series.parts) ** 2, series.parts**2], axis=1).ravel()
    probability = np.stack([series.weights * p, series.weights * (1 - p)], axis=1).ravel()
    owner = np.repeat(np.arange(len(series)), 2 * np.diff(series.offsets))
    return _summed(_atoms(score, probability, owner, stand), expectation)


def together_brier(series: Series, stand: Numbers | None = None) -> Distribution:
    """Return the distribution of the mean Brier score where a question's updates meet one outcome.

    Each series scores its own mean on yes, with the mean of its probabilities, or that on no.
    `stand` are numbers above 0, what each counts for in the mean. Its mean is higher than that of
    `expected_brier` by twice what the probabilities of a question vary, weighted.

    >>> parts = np.array([500_000_000, 600_000_000])
    >>> said = Series(parts, np.array([0.98, 0.02]), np.array([0, 2]))
    >>> together_brier(said).values.round(4).tolist()
    [0.2482, 0.2522]
    """
    each = np.ones(len(series)) if stand is None else np.asarray(stand, dtype=np.float64)
    largest, p = float(each.max()), series.parts / PARTS
    said = series.average(p)
    on_yes, on_no = (each / largest * series.average(scores) for scores in ((1 - p) ** 2, p**2))
    score = np.rint(np.stack([on_yes, on_no], axis=1).ravel() * SQUARE).astype(np.int64)
    probability = np.stack([said, 1 - said], axis=1).ravel()
    owner = np.repeat(np.arange(len(series)), 2)
    atoms = _atoms(score, probability, owner, _Times.of(None, len(series)))
    mean = math.fsum((said * on_yes + (1 - said) * on_no).tolist()) / len(series)
    found = _summed(atoms, mean)
    scale = largest * len(series) / math.fsum(each.tolist())
    return Distribution(
        found.values * scale, found.probabilities, mean * scale, found.exact, found.error * scale
    )


def is_coarse(series: Series) -> bool:
    """Return whether so few moments are drawn that the law of drawing them may miss the score.

    >>> is_coarse(Series.single([500_000_000]))
    False
    >>> parts = np.array([500_000_000, 600_000_000])
    >>> said = Series(parts, np.array([0.98, 0.02]), np.array([0, 2]))
    >>> is_coarse(said), is_coarse(Series.joined([said] * 1000))
    (True, False)
    """
    one = _Times.of(None, len(series))
    if series.parts.size == len(series) or _near_normal(series, one):
        return False
    merged = series.merged()
    if merged.parts.size == len(series):
        return False
    return math.fsum((1 - merged.average(merged.weights)).tolist()) < FEW_DRAWN


def _summed(atoms: _Atoms, expectation: float) -> Distribution:
    """Return the distribution of the mean of what the atoms make, by the best way there is."""
    whole = atoms.in_units()
    if whole is not None:
        points, unit = whole
        if atoms.cells(points) + atoms.count <= EXACT_CELLS:
            sums = atoms.summed((points, np.ones(points.size)))
            values = _means(atoms, _steps(sums), unit / SQUARE)
            return Distribution(values, sums, expectation)
        listed = _listed_sums(atoms, points) if atoms.count <= EXACT_QUESTIONS else None
        if listed is not None:
            found, probabilities = listed
            values = _means(atoms, found.astype(np.float64), unit / SQUARE)
            return Distribution(values, probabilities, expectation)
    return _fine(atoms, expectation)


def _near_normal(series: Series, times: _Times) -> bool:
    """Return whether the sum is near enough to normal for its cumulants to tell its quantiles."""
    if len(series) < MANY_QUESTIONS or np.unique(series.parts).size <= FEW_VALUES:
        return False
    if times.worth(np.ones(len(series))) < MANY_QUESTIONS:
        return False
    # Near 0 and 100 % few outcomes decide, and the sum keeps to a coarse lattice.
    return times.worth(series.average(expected_scores(series.parts))) >= MANY_MISSES


def _expectations(series: Series, chances: Floats | None) -> Floats:
    """Return the mean score of each forecast."""
    if chances is None:
        return expected_scores(series.parts)
    p = series.parts / PARTS
    means: Floats = chances * (1 - p) ** 2 + (1 - chances) * p**2
    return means


def _atoms(score: Integers, probability: Floats, owner: Integers, times: _Times) -> _Atoms:
    """Return the atoms of series that own scores in units of 10**-18 with probabilities."""
    count = int(owner[-1]) + 1
    possible = probability > 0
    score, probability, owner = score[possible], probability[possible], owner[possible]
    starts = np.searchsorted(owner, np.arange(count))
    least = np.minimum.reduceat(score, starts)
    # Sums of int64 may pass 2**63; those of Python's integers do not.
    bases = least.tolist()
    if times.each is not None:
        bases = [n * base for n, base in zip(times.each.tolist(), bases, strict=True)]
    return _Atoms(
        owner=owner,
        above=score - least[owner],
        probability=probability,
        count=count,
        times=times,
        base=sum(bases),
        kinds=tuple(_kinds(owner, times, count)),
    )


def _kinds(owner: Integers, times: _Times, count: int) -> Iterator[_Kind]:
    if times.each is None:
        yield _Kind(count, slice(None), owner)
        return
    own = times.each[owner]
    for number in np.unique(times.each):
        at = np.flatnonzero(own == number)
        members, row = np.unique(owner[at], return_inverse=True)
        yield _Kind(members.size, at, row)


def _means(atoms: _Atoms, points: Floats, step: float) -> Floats:
    """Return the mean scores at lattice points `step` apart, from the least possible."""
    return (atoms.base / SQUARE + points * step) / atoms.times.total


def _steps(sums: Floats) -> Floats:
    return np.arange(sums.size, dtype=np.float64)


def _listed_sums(atoms: _Atoms, points: Integers) -> tuple[Integers, Floats] | None:
    """Return all sums in units and their probabilities, or None if there are too many."""
    starts = np.searchsorted(atoms.owner, np.arange(atoms.count + 1)).tolist()
    largest = sum(np.maximum.reduceat(points, starts[:-1]).tolist())
    if largest > np.iinfo(np.int64).max:
        return None
    sums: Integers = np.zeros(1, dtype=np.int64)
    probabilities: Floats = np.ones(1)
    for start, end in pairwise(starts):
        if sums.size * (end - start) > 8 * EXACT_SUMS:
            return None
        pairs = np.add.outer(sums, points[start:end]).ravel()
        joint = np.multiply.outer(probabilities, atoms.probability[start:end]).ravel()
        sums, place = np.unique(pairs, return_inverse=True)
        probabilities = np.bincount(place, joint).astype(np.float64, copy=False)
        if sums.size > EXACT_SUMS:
            return None
    return sums, probabilities


def _fine(atoms: _Atoms, expectation: float) -> Distribution:
    above, total = atoms.above / SQUARE, atoms.times.total
    if atoms.times.each is not None:
        above = above * atoms.times.each[atoms.owner]
    movable = math.fsum(atoms.probability[atoms.above > 0].tolist())
    # A point uniform between two others is displaced with a variance of a sixth of a step squared,
    # less than one step however many questions it stands for.
    step = PLANNED_ERROR * total / _displacement(movable / 6, atoms.count)
    step = max(step, atoms.cells(above) / FINE_CELLS)
    below = np.floor(above / step)
    share = above / step - below
    point = below.astype(np.int64)
    sums = atoms.summed((point, 1 - share), (point + 1, share))
    variance = math.fsum((atoms.probability * share * (1 - share)).tolist())
    return Distribution(
        values=_means(atoms, _steps(sums), step),
        probabilities=sums,
        mean=expectation,
        exact=False,
        error=_displacement(variance, atoms.count) * step / total,
    )


def _by_cumulants(series: Series, times: _Times, expectation: float) -> Distribution:
    """Return the distribution with the first four cumulants of the sum, by its quantiles.

    The cumulants of a series that stands for n questions are those of its score times n**2,
    n**3, n**4.
    """
    from scipy.special import ndtr  # noqa: PLC0415 (takes 0.17 s to load)

    p, q = series.parts / PARTS, (PARTS - series.parts) / PARTS
    first, second, third, fourth = (
        series.average(p * q ** (2 * power) + q * p ** (2 * power)) for power in (1, 2, 3, 4)
    )
    square = first * first
    spread = second - square
    tilt = third - 3 * first * second + 2 * square * first
    peak = fourth - 4 * first * third + 6 * square * second - 3 * square * square
    variance = times.sum(spread, 2)
    if variance <= 0:
        return Distribution(np.array([expectation]), np.ones(1), expectation)
    skew = times.sum(tilt, 3) / variance**1.5
    excess = times.sum(peak - 3 * spread * spread, 4) / variance**2
    z = np.linspace(-REACH, REACH, STEPS)
    bend = (z**2 - 1) * skew / 6 + (z**3 - 3 * z) * excess / 24
    bend -= (2 * z**3 - 5 * z) * skew**2 / 36
    deviation = math.sqrt(variance) / times.total
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
