"""Long lists of values, cut into pieces that one statement takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

CHUNK = 500
"""Values in one IN list; far below the limits of every driver."""


def in_chunks(values: Sequence[Any]) -> Iterator[list[Any]]:
    """Yield the values in order, at most CHUNK of them at a time."""
    for first in range(0, len(values), CHUNK):
        yield list(values[first : first + CHUNK])
