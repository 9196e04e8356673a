"""What comes into a score and how a total leaves it: checks, mean, level."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forecast_ledger.errors import InvalidError, UsageError

PARTS = 1_000_000_000
"""Certainty, in the unit in which probabilities are kept."""

SQUARE = float(PARTS * PARTS)
"""Certainty squared, the unit of a Brier score in integers; 10**18 is exact as a float."""

Integers: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Numbers: TypeAlias = ArrayLike
"""A row of numbers as a caller may have it: an array, a list, a tuple."""


def checked_parts(parts: Numbers) -> Integers:
    """Return `parts` as an array of int64, each in 0..10**9.

    Raises InvalidError for anything but integers and for a value out of range.

    >>> checked_parts([0, 250_000_000]).tolist()
    [0, 250000000]
    """
    array = _integers(parts, "probabilities")
    if array.size and not (array.min() >= 0 and array.max() <= PARTS):
        wrong = int(array[(array < 0) | (array > PARTS)][0])
        raise InvalidError(
            f"probability {wrong} is not in 0..{PARTS}. Give parts per 10**9, 35 % as 350000000."
        )
    return array


def checked_ends(low: Numbers, high: Numbers, size: int) -> tuple[Integers, Integers]:
    """Return both ends of what words mean as `size` int64 each; else InvalidError.

    >>> [ends.tolist() for ends in checked_ends([150_000_000], [300_000_000], 1)]
    [[150000000], [300000000]]
    """
    low, high = checked_parts(low), checked_parts(high)
    if not low.size == high.size == size:
        raise InvalidError(
            f"{low.size} lower and {high.size} upper ends for {size} forecasts. Give both for each."
        )
    if bool(np.any(low > high)):
        first = int(np.argmax(low > high))
        raise InvalidError(
            f"the range {low[first] / PARTS:.0%} to {high[first] / PARTS:.0%} runs backwards."
            " Exchange its ends."
        )
    return low, high


def checked_seconds(seconds: Numbers, size: int) -> Integers:
    """Return `seconds` as an array of `size` int64, none negative; else InvalidError.

    >>> checked_seconds([0, 3600], 2).tolist()
    [0, 3600]
    """
    array = _integers(seconds, "durations")
    if array.size != size:
        raise InvalidError(f"{array.size} durations for {size} forecasts. Give one for each.")
    if array.size and array.min() < 0:
        raise InvalidError(f"a duration of {int(array.min())} seconds. Clip it to 0 or more.")
    return array


def checked_outcomes(outcomes: Numbers, size: int) -> Floats:
    """Return `outcomes` as `size` floats in 0..1, 1 for yes; else InvalidError.

    >>> checked_outcomes([True, 0], 2).tolist()
    [1.0, 0.0]
    """
    array: Floats = np.asarray(outcomes, dtype=np.float64)
    if array.shape != (size,):
        raise InvalidError(f"{array.size} outcomes for {size} questions. Give one for each.")
    if not bool(np.all((array >= 0) & (array <= 1))):
        raise InvalidError("an outcome lies outside 0..1. Give 1 for yes, 0 for no.")
    return array


def checked_binary(outcomes: Numbers, size: int) -> Floats:
    """Return `outcomes` as `size` floats that are 0 or 1; else InvalidError.

    >>> checked_binary([1, 0], 2).tolist()
    [1.0, 0.0]
    """
    array = checked_outcomes(outcomes, size)
    if not bool(np.all((array == 0) | (array == 1))):
        raise InvalidError("an outcome is neither 0 nor 1. Only yes and no have a likelier side.")
    return array


def checked_level(level: float) -> float:
    """Return `level`, a share strictly between 0 and 1; else UsageError.

    >>> checked_level(0.9)
    0.9
    """
    if not 0 < level < 1:
        raise UsageError(f"level {level} is not between 0 and 1. Give 0.9 for 90 %.")
    return level


def mean(values: Numbers) -> float:
    """Return the arithmetic mean, its sum exact before the one rounding (math.fsum).

    Raises InvalidError when there is nothing to average.

    >>> mean([0.1] * 10)
    0.1
    """
    array = np.asarray(values, dtype=np.float64)
    if not array.size:
        raise InvalidError("there is nothing to average. Choose at least one question.")
    return math.fsum(array.tolist()) / array.size


def _integers(values: Numbers, what: str) -> Integers:
    array = np.asarray(values)
    if array.ndim != 1:
        raise InvalidError(f"{what} come as one row, not in {array.ndim} dimensions. Flatten them.")
    if array.size and array.dtype.kind not in "iu":
        raise InvalidError(f"{what} are {array.dtype}, not integers. Convert them exactly first.")
    return array.astype(np.int64, copy=False)
