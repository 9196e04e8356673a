"""Rules that look at a question's window or its other forecasters, one question at a time.

What each of them needs of a question (when it opens, is to close and ended, or one moment,
or its days) is derived here from the same few numbers, so that all can be asked alike.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from forecast_ledger.errors import InvalidError, UsageError
from forecast_ledger.scoring.arrays import Floats
from forecast_ledger.scoring.baseline import baseline_spot, baseline_time_weighted
from forecast_ledger.scoring.daily import Daily, gjopen_daily
from forecast_ledger.scoring.peer import peer, peer_spot
from forecast_ledger.scoring.policy import DAY, Policy, daily, last, time_weighted
from forecast_ledger.scoring.realised import floored
from forecast_ledger.scoring.relative import relative_log, relative_to_median
from forecast_ledger.scoring.sample import Sample
from forecast_ledger.scoring.timeline import Stretches, Timed


@dataclass(frozen=True, slots=True)
class Window:
    """When a question was open, in whole seconds since 1970, and its outcome, 1 yes or 0 no.

    `closes` is the scheduled close, None where there is none; `ended` is when it closed or
    was answered, whichever came first.
    """

    opens: int
    closes: int | None
    ended: int
    outcome: int

    @classmethod
    def of(cls, opens: int, closes: int | None, ended: int, outcome: int) -> Window:
        """Return the window, at least a second long: what opens and ends within one has that.

        >>> Window.of(5, None, 5, 1).ended
        6
        """
        last = max(ended, opens + 1)
        return cls(opens, None if closes is None else max(closes, last), last, outcome)

    @property
    def scheduled(self) -> int:
        """Return the scheduled close, or the end where none was set."""
        return self.ended if self.closes is None else self.closes


@dataclass(frozen=True, slots=True)
class Rival:
    """One forecaster's stretches on a question, in order: parts per 10**9 and whole seconds.

    `low` and `high` are the ends of what was said in words, equal to `parts` for numbers.
    """

    parts: Sequence[int]
    low: Sequence[int]
    high: Sequence[int]
    starts: Sequence[int]
    ends: Sequence[int]


@dataclass(frozen=True, slots=True)
class Compared:
    """One forecaster's score on a question; `best` and `worst` are what the words allow.

    Of the words only one's own are read at their ends, the others' stay in the middle.
    `coverage` is the share of the span that the rule looks at, nan where it has none; the
    score is nan for one whose forecasts never stood in it.
    """

    score: float
    best: float
    worst: float
    coverage: float


Scored = tuple[Floats, Floats]
"""Scores and coverages, one per forecaster."""


def compared(
    rule: str, window: Window, rivals: Sequence[Rival], chosen: Sequence[int], floor: int = 0
) -> list[Compared]:
    """Return the scores of the `chosen` among all the forecasters of one question, by `rule`.

    `floor`, in parts, moves what is below it or above its complement there, for logarithms
    alone. Costs what the rule does, twice more for each chosen one that spoke in words.
    Raises UsageError for another rule, InvalidError for a rule that divides by the
    scheduled span where there is none.

    >>> always = [Rival([p], [p], [p], [0], [9]) for p in (100_000_000, 900_000_000)]
    >>> [round(c.score, 2) for c in compared("peer", Window.of(0, 9, 9, 1), always, [0, 1])]
    [-219.72, 219.72]
    """
    if rule not in _BY_WINDOW:
        raise UsageError(f"{rule!r} scores forecasts one by one. Choose: {', '.join(_BY_WINDOW)}.")
    if window.closes is None and rule in NEEDS_DEADLINE:
        raise InvalidError("a question without a deadline has no scheduled span. Leave it out.")
    score = _BY_WINDOW[rule]
    everybody = _stretches(rivals, floor)
    scores, coverage = score(everybody, window)
    found = []
    for place in chosen:
        own = rivals[place]
        ends = [float(scores[place])] * 2
        if list(own.low) != list(own.parts) or list(own.high) != list(own.parts):
            near, far = (own.high, own.low) if window.outcome else (own.low, own.high)
            for i, read in enumerate((near, far)):
                others = [*rivals[:place], replace(own, parts=read), *rivals[place + 1 :]]
                ends[i] = float(score(_stretches(others, floor), window)[0][place])
        found.append(Compared(float(scores[place]), ends[0], ends[1], float(coverage[place])))
    return found


def weighing(rule: str) -> Policy:
    """Return the policy that weighs forecasts as a rule does, for what is said beside its score.

    >>> weighing("peer-spot") is last
    True
    """
    if rule.endswith("-spot"):
        return last
    return daily if rule.startswith("gjopen") else time_weighted


def rescored(sample: Sample, found: Sequence[Compared]) -> Sample:
    """Return the sample with these scores in place of its own, and nothing expected of them.

    What these rules would come to if the probabilities are right depends on the others.
    """

    def column(name: str) -> Floats:
        return np.array([getattr(one, name) for one in found], dtype=np.float64)

    return replace(
        sample,
        score=column("score"),
        best=column("best"),
        worst=column("worst"),
        coverage=column("coverage"),
        expected=np.full(len(found), math.nan),
    )


def _stretches(rivals: Sequence[Rival], floor: int) -> Stretches:
    offsets = np.concatenate([[0], np.cumsum([len(rival.parts) for rival in rivals])])
    parts, starts, ends = (
        np.array([value for rival in rivals for value in getattr(rival, name)], dtype=np.int64)
        for name in ("parts", "starts", "ends")
    )
    said = Stretches.of(parts, starts, ends, offsets)
    return replace(said, parts=floored(said.parts, floor)) if floor else said


def _timed(found: Timed) -> Scored:
    return found.scores, found.coverage


def _baseline(said: Stretches, w: Window) -> Scored:
    return _timed(
        baseline_time_weighted(said, w.outcome, opens=w.opens, scheduled=w.scheduled, ended=w.ended)
    )


def _baseline_spot(said: Stretches, w: Window) -> Scored:
    return _timed(baseline_spot(said, w.outcome, moment=w.ended - 1))


def _peer(said: Stretches, w: Window) -> Scored:
    return _timed(peer(said, w.outcome, opens=w.opens, scheduled=w.scheduled, ended=w.ended))


def _peer_spot(said: Stretches, w: Window) -> Scored:
    return _timed(peer_spot(said, w.outcome, moment=w.ended - 1))


def _daily(said: Stretches, w: Window) -> Daily:
    return gjopen_daily(
        said.parts,
        said.starts // DAY,
        (np.maximum(said.ends, said.starts + 1) - 1) // DAY,
        said.offsets,
        w.outcome,
        opens=w.opens // DAY,
        closes=(w.ended - 1) // DAY,
    )


def _gjopen_daily(said: Stretches, w: Window) -> Scored:
    found = _daily(said, w)
    return found.average, found.participation


def _gjopen_accuracy(said: Stretches, w: Window) -> Scored:
    found = _daily(said, w)
    return found.accuracy, found.participation


def _relative_brier(said: Stretches, w: Window) -> Scored:
    found = relative_to_median(said, w.outcome, opens=w.opens, scheduled=w.scheduled, ended=w.ended)
    known = found.coverage if w.closes is not None else np.full(len(said), math.nan)
    return found.difference, known


def _relative_log(said: Stretches, w: Window) -> Scored:
    return _timed(relative_log(said, w.outcome, opens=w.opens, ended=w.ended))


_BY_WINDOW: dict[str, Callable[[Stretches, Window], Scored]] = {
    "baseline-time-weighted": _baseline,
    "baseline-spot": _baseline_spot,
    "peer": _peer,
    "peer-spot": _peer_spot,
    "gjopen-daily": _gjopen_daily,
    "gjopen-accuracy": _gjopen_accuracy,
    "relative-brier": _relative_brier,
    "relative-log": _relative_log,
}

NEEDS_DEADLINE = frozenset({"baseline-time-weighted", "peer"})
"""Rules that divide by the scheduled span, so that a question without a deadline has no score."""
