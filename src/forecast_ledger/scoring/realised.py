"""The probability a forecast gave to what happened, and a floor under it."""

from __future__ import annotations

import numpy as np

from forecast_ledger.errors import UsageError
from forecast_ledger.scoring.arrays import (
    PARTS,
    Integers,
    Numbers,
    checked_binary,
    checked_parts,
)


def realised(parts: Numbers, outcomes: Numbers) -> Integers:
    """Return the parts per 10**9 that each forecast gave to what happened.

    `outcomes` are 1 for yes and 0 for no, one per forecast. Integers, so that yes and no
    mirror each other exactly. Raises InvalidError for anything else.

    >>> realised([300_000_000, 300_000_000], [1, 0]).tolist()
    [300000000, 700000000]
    """
    said = checked_parts(parts)
    yes = checked_binary(outcomes, said.size) == 1
    return np.where(yes, said, PARTS - said)


def floored(parts: Numbers, floor: int) -> Integers:
    """Return `parts` moved into floor..10**9 - floor, on both sides.

    For logarithms only, and only where it is asked for; whoever asks prints the floor.
    Moving one side alone would make it pay to say 100 %. With a floor, all forecasts beyond
    it score the same. Metaculus takes nothing below 0.1 % or above 99.9 % in the first place.
    Raises UsageError for a floor outside 0..0.5 and InvalidError as `checked_parts` does.

    >>> floored([0, 400_000_000, 1_000_000_000], 1_000_000).tolist()
    [1000000, 400000000, 999000000]
    """
    if not 0 <= floor <= PARTS // 2:
        raise UsageError(f"floor {floor} is not in 0..{PARTS // 2}. Give 0.1 % as 1000000.")
    return np.clip(checked_parts(parts), floor, PARTS - floor)
