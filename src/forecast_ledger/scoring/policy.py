"""Policies: which of a question's standing forecasts count, and how much.

A policy turns the stretches of time for which forecasts stood into weights that sum to 1 per
question, or to 0 where none counts. The score is averaged, never the probability. A new
policy is one function and one line in POLICIES.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from forecast_ledger.errors import UsageError
from forecast_ledger.scoring.arrays import Flags, Floats, Integers

DAY = 24 * 3600
OPEN_ENDED = int(np.iinfo(np.int64).max) // 1_000_000
"""The deadline, in seconds since 1970, of a question without one; far beyond the calendar."""


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """The stretches of many series end to end, each series in order of time.

    `start` and `end` are whole seconds since 1970, half-open, one per stretch; `closes` is
    the deadline of each series (OPEN_ENDED without one); `answer` numbers the forecast a
    stretch belongs to: one forecast may stand in several.
    """

    start: Integers
    end: Integers
    answer: Integers
    closes: Integers
    offsets: Integers

    @property
    def first(self) -> Flags:
        """Mark the first stretch of every series."""
        first = np.zeros(self.start.size, dtype=bool)
        first[self.offsets[:-1]] = True
        return first

    @property
    def last(self) -> Flags:
        """Mark the last stretch of every series."""
        last = np.zeros(self.start.size, dtype=bool)
        last[self.offsets[1:] - 1] = True
        return last

    @property
    def begins(self) -> Flags:
        """Mark the first stretch of every forecast: one may stand, give way, and stand again."""
        same = ~self.first[1:]
        begins = self.first
        begins[1:] |= self.answer[1:] != self.answer[:-1]
        if bool(np.any(same & (self.answer[1:] < self.answer[:-1]))):
            series = np.repeat(np.arange(self.offsets.size - 1), np.diff(self.offsets))
            _, met = np.unique(np.stack([series, self.answer]), axis=1, return_index=True)
            begins = np.zeros(self.start.size, dtype=bool)
            begins[met] = True
        return begins

    def shares(self, amounts: Integers | Flags) -> Floats:
        """Return `amounts`, one per stretch, over their sum in the series; 0 where that is 0."""
        total = np.add.reduceat(amounts.astype(np.int64), self.offsets[:-1])
        shares: Floats = amounts / np.repeat(np.maximum(total, 1), np.diff(self.offsets))
        return shares


Policy = Callable[[Held], Floats]
"""Stretches in, one weight for each out, summing to 1 per series or to 0."""


def time_weighted(held: Held) -> Floats:
    """Return the share of the covered time for which each forecast stood.

    S = sum of d_i S(p_i) / sum of d_i, as exact time averaging does elsewhere (Metaculus);
    time without a forecast is not filled with a score. A question forecast and
    answered within the second has no covered time: its last forecast counts.

    >>> from forecast_ledger.scoring.policy import _example
    >>> time_weighted(_example([(0, 3), (3, 4)], [(5, 5), (5, 5)])).tolist()
    [0.75, 0.25, 0.0, 1.0]
    """
    seconds = held.end - held.start
    weights = held.shares(seconds)
    covered = np.add.reduceat(seconds, held.offsets[:-1])
    weights[held.offsets[1:][covered == 0] - 1] = 1.0
    return weights


def daily(held: Held) -> Floats:
    """Return the share of the days, in UTC, on which each forecast was the last to stand.

    Good Judgment Open averages so over the days with a forecast: the day of the first counts
    whole, and a forecast is carried forward to the next.

    >>> day = 24 * 3600
    >>> daily(_example([(day // 2, 2 * day), (2 * day + 9, 4 * day)])).tolist()
    [0.5, 0.5]
    """
    first = held.start // DAY
    last = (np.maximum(held.end, held.start + 1) - 1) // DAY
    days = last - first + 1
    # A day on which the next one begins is the next one's.
    days[:-1] -= (~held.last[:-1]) & (first[1:] == last[:-1])
    return held.shares(days)


def last(held: Held) -> Floats:
    """Return weight 1 for the last forecast of each question, 0 for the others.

    >>> last(_example([(0, 3), (3, 4)], [(0, 5)])).tolist()
    [0.0, 1.0, 1.0]
    """
    return held.last.astype(np.float64)


def first(held: Held) -> Floats:
    """Return weight 1 for the first forecast of each question, 0 for the others.

    >>> first(_example([(0, 3), (3, 4)], [(0, 5)])).tolist()
    [1.0, 0.0, 1.0]
    """
    return held.first.astype(np.float64)


def each(held: Held) -> Floats:
    """Return the same weight for every forecast of a question, however long it stood.

    >>> each(_example([(0, 3), (3, 4)], [(0, 5)])).tolist()
    [0.5, 0.5, 1.0]
    """
    return held.shares(held.begins)


def at_horizon(days: int) -> Policy:
    """Return the policy that takes the forecast standing so many days before the deadline.

    It has weight 1; a question without a deadline, or on which nothing stood at that
    moment, has no forecast that counts.

    >>> day = 24 * 3600
    >>> at_horizon(2)(_example([(0, day), (day, 4 * day)], closes=4 * day)).tolist()
    [0.0, 1.0]
    """

    def weights(held: Held) -> Floats:
        moment = np.repeat(held.closes - days * DAY, np.diff(held.offsets))
        standing = (held.start <= moment) & (moment < held.end)
        return standing.astype(np.float64)

    return weights


POLICIES: dict[str, Policy] = {
    "time-weighted": time_weighted,
    "daily": daily,
    "last": last,
    "first": first,
    "each": each,
}


def by_time(policy: Policy) -> bool:
    """Return whether a policy weighs by how long forecasts stood, which an answer may cut off.

    >>> by_time(time_weighted), by_time(first)
    (True, False)
    """
    return policy in (time_weighted, daily)


_HORIZON = re.compile(r"at[ -](\d{1,5}) ?(?:d|days?)(?: before(?: the deadline)?)?")


def policy_named(name: str) -> Policy:
    """Return a policy by its name: one of POLICIES, or "at 30d" for a horizon.

    Raises UsageError for another name, and for a horizon of 0 days.

    >>> policy_named("last") is last
    True
    """
    if name in POLICIES:
        return POLICIES[name]
    if found := _HORIZON.fullmatch(name.strip().lower()):
        if not (days := int(found[1])):
            raise UsageError(
                f"{name!r} is the deadline itself, when nothing stands any more. Say 'at 1d', or"
                " last."
            )
        return at_horizon(days)
    raise UsageError(
        f"there is no policy {name!r}. Choose: {', '.join(POLICIES)}, or 'at 30d' for the"
        " forecast that stood 30 days before the deadline."
    )


def _example(*series: list[tuple[int, int]], closes: int = OPEN_ENDED) -> Held:
    """Return stretches for an example: (start, end) of each, every one its own forecast."""
    both = [pair for stretches in series for pair in stretches]
    lengths = [len(stretches) for stretches in series]
    return Held(
        start=np.array([start for start, _ in both]),
        end=np.array([end for _, end in both]),
        answer=np.arange(len(both)),
        closes=np.full(len(series), closes),
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
    )
