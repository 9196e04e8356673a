"""Isotonic regression by pooling adjacent violators.

Neighbouring blocks are pooled as long as the share of yes does not rise from one to the
next. Shares are compared by cross-multiplication, which is exact for whole weights up to some
90 million in all; equal shares become one block, so that yes and no mirror each other.

Ayer, M., Brunk, H. D., Ewing, G. M., Reid, W. T. and Silverman, E. (1955): An empirical
distribution function for sampling with incomplete information. Annals of Mathematical
Statistics 26, 641-647.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from forecast_ledger.scoring.arrays import Floats, Integers

Flags: TypeAlias = NDArray[np.bool_]


def pooled(weight: Floats, yes: Floats) -> tuple[Integers, Floats, Floats]:
    """Return the blocks of one row: where each starts, its weight and its weight of yes.

    `weight` is positive, one entry per probability in rising order. Linear.

    >>> start, weight, yes = pooled(np.array([1.0, 2.0, 1.0]), np.array([0.0, 2.0, 0.0]))
    >>> start.tolist(), weight.tolist(), yes.tolist()
    ([0, 1], [1.0, 3.0], [0.0, 2.0])
    """
    starts: list[int] = []
    weights: list[float] = []
    happened: list[float] = []
    for place, (n, s) in enumerate(zip(weight.tolist(), yes.tolist(), strict=True)):
        start = place
        while starts and happened[-1] * n >= s * weights[-1]:
            start = starts.pop()
            n += weights.pop()  # noqa: PLW2901 (the block grows)
            s += happened.pop()  # noqa: PLW2901
        starts.append(start)
        weights.append(n)
        happened.append(s)
    return np.array(starts), np.array(weights), np.array(happened)


def fitted(weight: Floats, yes: Floats) -> Floats:
    """Return the isotonic share of yes at each place of one row, 0..1, never falling.

    >>> fitted(np.array([1.0, 2.0, 1.0]), np.array([0.0, 2.0, 0.0])).round(4).tolist()
    [0.0, 0.6667, 0.6667]
    """
    start, pooled_weight, pooled_yes = pooled(weight, yes)
    share: Floats = np.repeat(pooled_yes / pooled_weight, np.diff(np.append(start, weight.size)))
    return share


def fitted_rows(weight: Floats, yes: Floats, at: Floats) -> Floats:
    """Return the isotonic share of yes for many rows at once, all at the same places.

    `weight` and `yes` have a row per place, in rising order of `at`, and a column per sample;
    so has the result. A place without weight in a sample takes what lies on the straight
    line between its neighbours with weight; beyond the outermost, their share.

    >>> weight = np.array([[1.0, 1.0], [2.0, 0.0], [1.0, 1.0]])
    >>> yes = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 1.0]])
    >>> fitted_rows(weight, yes, np.array([0.1, 0.2, 0.5])).round(4).tolist()
    [[0.0, 0.0], [0.6667, 0.25], [0.6667, 1.0]]
    """
    share = _block_shares(weight, yes)
    present = weight > 0
    return share if bool(present.all()) else _between(share, present, at)


def _block_shares(weight: Floats, yes: Floats) -> Floats:
    """Return the share of the block of each place; without weight, of the block below."""
    places, samples = weight.shape
    # Blocks lie in stacks, a column per sample, on one of share -1 that is never pooled.
    size = (places + 1) * samples
    weights, happened = np.empty(size), np.empty(size)
    starts = np.zeros(size, dtype=np.int64)
    weights[:samples], happened[:samples] = 1.0, -1.0
    everyone = np.arange(samples)
    top = everyone.copy()
    for place in range(places):
        present = weight[place] > 0
        column = everyone if bool(present.all()) else np.flatnonzero(present)
        block = top[column] + samples
        weights[block], happened[block] = weight[place, column], yes[place, column]
        starts[block] = place
        top[column] = block
        while column.size:
            below = block - samples
            falls = happened[below] * weights[block] >= happened[block] * weights[below]
            column, block, below = column[falls], block[falls], below[falls]
            weights[below] += weights[block]
            happened[below] += happened[block]
            top[column] = block = below
    level = np.arange(1, places + 1)[:, None]
    blocks = np.flatnonzero((level <= top // samples).ravel()) + samples
    number = np.zeros((places, samples), dtype=np.int64)
    number[starts[blocks], blocks % samples] = 1
    np.cumsum(number, axis=0, out=number)
    np.maximum(number, 1, out=number)
    number *= samples
    number += everyone
    shares: Floats = happened[number] / weights[number]
    return shares


def _between(share: Floats, present: Flags, at: Floats) -> Floats:
    """Return `share` with straight lines between the places that are present."""
    places = at.size
    place = np.arange(places)[:, None]
    before = np.maximum.accumulate(np.where(present, place, -1), axis=0)
    after = np.minimum.accumulate(np.where(present, place, places)[::-1], axis=0)[::-1]
    left = np.where(before < 0, after, before)
    right = np.where(after == places, before, after)
    low = np.take_along_axis(share, left, axis=0)
    high = np.take_along_axis(share, right, axis=0)
    width = at[right] - at[left]
    part = np.where(width > 0, (at[:, None] - at[left]) / np.where(width > 0, width, 1.0), 0.0)
    line: Floats = low + part * (high - low)
    return line
