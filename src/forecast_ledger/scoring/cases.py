"""Cases: the standing forecasts of families, weighted so that a family counts once.

A family is what turns on one event. Every question of a family of n has weight 1/n, every
standing forecast the share of its question, so that the weights of a family sum to 1; with
one question per family they are the weights of its series, and 1 if nobody updates.

Why: at a moment fixed in advance a calibrated forecast stands at p with a chance p of yes, so that
one standing moment drawn by weight has an error of mean 0 and the binomial variance. The weighted
mean over a family's moments is the expectation of that error given its forecasts and
outcomes, and by Jensen's inequality no more variable: a test that takes the sum of w times
the binomial variance for its variance errs on the safe side, whatever the updates did.

The weights must be fixed in advance for that. Where an answer ends a question early (it
happened), dividing by the time up to the answer gives the forecasts just before it, which said
less than was coming, more weight because it came: a calibrated forecaster would look as if he
said yes too seldom. So a question covered for a part of its scheduled time has that share of
its weight, and at the rest of the moments that may be drawn it is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from forecast_ledger.errors import InvalidError
from forecast_ledger.scoring.arrays import PARTS, Floats, Integers, Numbers, checked_binary
from forecast_ledger.scoring.series import Series

Words: TypeAlias = NDArray[np.uint64]

SAME = 1e-9
"""Weights closer than this are one: sums of them are exact but for the last bits."""

LIMB = float(1 << 26)
"""Weights are summed as whole multiples of 2**-26, 2**-52 and 2**-78."""


@dataclass(frozen=True, slots=True, eq=False)
class Cases:
    """Forecasts of families end to end: parts per 10**9, weight, outcome (0 or 1).

    Family i is `offsets[i]` to `offsets[i + 1]`; its weights sum to at most 1. Within a family
    probabilities rise, no two cases have the same probability and outcome, and none has weight 0.
    Families stand in an order of what they hold, not of how they came: whatever is computed
    from cases comes out the same, digit for digit.
    """

    parts: Integers
    weight: Floats
    yes: Floats
    offsets: Integers

    @classmethod
    def of(
        cls,
        series: Series,
        outcomes: Numbers,
        families: Numbers | None = None,
        shares: Floats | None = None,
    ) -> Cases:
        """Return the cases of `series`: outcomes 0 or 1, an integer per question its family.

        Without `families` each question is its own. `shares`, above 0 to 1, are the parts of
        their scheduled times that the questions were covered. Raises InvalidError if lengths
        differ.

        >>> cases = Cases.of(Series.single([200_000_000, 700_000_000]), [0, 1], [5, 5])
        >>> len(cases), cases.weight.tolist()
        (1, [0.5, 0.5])
        """
        outcome = checked_binary(outcomes, len(series))
        lengths = np.diff(series.offsets)
        weight = series.weights if shares is None else series.weights * np.repeat(shares, lengths)
        if families is None:
            family = np.arange(len(series))
        else:
            named = np.asarray(families)
            if named.shape != (len(series),):
                raise InvalidError(
                    f"{named.size} families for {len(series)} questions. Give one for each."
                )
            _, family, size = np.unique(named, return_inverse=True, return_counts=True)
            weight = weight / np.repeat(size[family], lengths)
        return _merged(
            np.repeat(family, lengths), series.parts, weight, np.repeat(outcome, lengths)
        )

    def __len__(self) -> int:
        """Return the number of families."""
        return self.offsets.size - 1

    @property
    def p(self) -> Floats:
        """The probabilities of yes, 0..1, one per case."""
        p: Floats = self.parts / PARTS
        return p

    @property
    def absent(self) -> Floats:
        """The share of moments at which each family is not there: 0 but for early answers."""
        gone = 1 - np.add.reduceat(self.weight, self.offsets[:-1])
        absent: Floats = np.where(gone > SAME, gone, 0.0)
        return absent

    @property
    def series(self) -> Series:
        """The cases as one series per family: one standing moment of each is one trial.

        A moment at which a family is not there is told as 50 %, on which nothing hangs.
        """
        gone = self.absent
        short = np.flatnonzero(gone)
        if not short.size:
            return Series(self.parts, self.weight, self.offsets)
        ends = self.offsets[1:][short]
        lengths = np.diff(self.offsets) + (gone > 0)
        return Series(
            np.insert(self.parts, ends, PARTS // 2),
            np.insert(self.weight, ends, gone[short]),
            np.concatenate([[0], np.cumsum(lengths)]),
        )

    @property
    def present(self) -> Series:
        """The cases as one series per family, of the moments at which it is there."""
        share = np.add.reduceat(self.weight, self.offsets[:-1])
        return Series(
            self.parts, self.weight / np.repeat(share, np.diff(self.offsets)), self.offsets
        )

    @property
    def fingerprint(self) -> int:
        """A hash, 0..2**64 - 1, of what the families hold, in whatever order they came."""
        words = _hashes(self.parts, self.weight, self.yes, self.offsets[:-1])
        return int(words.sum(dtype=np.uint64))

    def family_sums(self, values: Floats) -> Floats:
        """Return the sum of weight times `values` (one per case) within each family."""
        sums: Floats = np.add.reduceat(self.weight * values, self.offsets[:-1])
        return sums

    def mirrored(self) -> Cases:
        """Return the same cases with yes and no exchanged: p to 1 - p, y to 1 - y."""
        # Backwards, so that probabilities still rise within a family.
        lengths = np.diff(self.offsets)[::-1]
        return _ordered(PARTS - self.parts[::-1], self.weight[::-1], 1 - self.yes[::-1], lengths)

    def rounded(self, unit: int) -> Cases:
        """Return the cases with probabilities rounded half-even to multiples of `unit` parts.

        >>> cases = Cases.of(Series.single([123_456_789]), [0])
        >>> cases.rounded(1_000_000).parts.tolist()
        [123000000]
        """
        parts = np.rint(self.parts / unit).astype(np.int64) * unit
        family = np.repeat(np.arange(len(self)), np.diff(self.offsets))
        return _merged(family, parts, self.weight, self.yes)


def exact_sums(place: Integers, values: Floats, size: int) -> Floats:
    """Return the sum of `values` at each place 0..size-1, the same in whatever order they come.

    Values, below 1 in magnitude or a little more, are cut into whole multiples of 2**-26,
    2**-52 and 2**-78, whose float sums are exact up to 10**8 values; what lies
    below 2**-78 is dropped.

    >>> exact_sums(np.array([0, 0, 1]), np.array([0.1, 0.2, 0.5]), 2).round(12).tolist()
    [0.3, 0.5]
    """
    rest = values * LIMB
    limbs = []
    for _ in range(3):
        whole = np.floor(rest)
        limbs.append(np.bincount(place, whole, size))
        rest = (rest - whole) * LIMB
    first, second, third = limbs
    sums: Floats = (first + (second + third / LIMB) / LIMB) / LIMB
    return sums


def _merged(family: Integers, parts: Integers, weight: Floats, yes: Floats) -> Cases:
    some = weight > 0
    if not bool(some.all()):
        family, parts, weight, yes = family[some], parts[some], weight[some], yes[some]
    count = int(family.max()) + 1
    if parts.size > count:
        # A product with the parts themselves could pass 2**63, so they are numbered first.
        values = np.unique(parts)
        key = (family * values.size + np.searchsorted(values, parts)) * 2 + yes.astype(np.int64)
        order = np.argsort(key, kind="stable")
        key = key[order]
        first = np.concatenate([[True], key[1:] != key[:-1]])
        place = np.cumsum(first) - 1
        weight = exact_sums(place, weight[order], int(place[-1]) + 1)
        kept = order[first]
        family, parts, yes = family[kept], parts[kept], yes[kept]
    else:
        order = np.argsort(family, kind="stable")
        parts, weight, yes = parts[order], weight[order], yes[order]
        family = np.arange(count)
    return _ordered(parts, weight, yes, np.bincount(family))


def _ordered(parts: Integers, weight: Floats, yes: Floats, lengths: Integers) -> Cases:
    """Return the cases with their families in the order of a hash of what they hold."""
    starts = np.cumsum(lengths) - lengths
    order = np.argsort(_hashes(parts, weight, yes, starts), kind="stable")
    lengths = lengths[order]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    place = np.arange(parts.size) + np.repeat(starts[order] - offsets[:-1], lengths)
    return Cases(parts[place], weight[place], yes[place], offsets)


def _hashes(parts: Integers, weight: Floats, yes: Floats, starts: Integers) -> Words:
    """Return a hash of what each family holds, in whatever order it holds it."""
    side = parts.astype(np.uint64) * np.uint64(2) + yes.astype(np.uint64)
    # Coarse, so that a last bit of a weight, which may be due to merging, changes nothing.
    word = _mixed(_mixed(side) ^ np.rint(weight * 2.0**32).astype(np.uint64))
    return _mixed(np.add.reduceat(word, starts))


def _mixed(word: Words) -> Words:
    """Return the words scrambled as SplitMix64 ends, so that sums of them tell sets apart."""
    word = word + np.uint64(0x9E3779B97F4A7C15)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Words = word ^ (word >> np.uint64(31))
    return mixed
