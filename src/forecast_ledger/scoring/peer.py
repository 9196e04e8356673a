"""The peer score: how much better than the others who forecast the same question.

At a moment with N forecasters, 100 (ln p - mean of ln p over the others), p given to what
happened; the same as 100 N/(N - 1) ln(p / geometric mean over all N). Alone it is 0. Over
all forecasters it sums to 0. A reward: it is averaged over the scheduled span, and time
without a forecast counts as 0. Metaculus, Scores FAQ, "Peer score".

Whoever gives 0 % to what happens has ln 0, and the others are compared with it. Metaculus
takes nothing below 0.1 %, so the case does not arise there. Here the score is what it
tends to as one and the same small number that stands for 0 shrinks: -infinity for those
who said impossible, +infinity for the rest while one of them stands, and 0 among
themselves where all did. Who said so is marked, and nothing is moved unless a floor is asked
for, which applies to all alike.

The mean of the others changes only where a forecast comes or goes; all is summed over
those steps, without rounding, so that the order of the forecasters leaves no trace.
"""

from __future__ import annotations

import math

import numpy as np

from forecast_ledger.scoring.arrays import PARTS
from forecast_ledger.scoring.logarithmic import limit, log_ratio
from forecast_ledger.scoring.realised import floored
from forecast_ledger.scoring.rule import Rule
from forecast_ledger.scoring.timeline import Steps, Stretches, Timed, counted, scheduled_span


def peer(
    stretches: Stretches,
    outcome: int,
    *,
    opens: int,
    scheduled: int,
    ended: int | None = None,
    floor: int = 0,
) -> Timed:
    """Return the time-weighted peer score of each forecaster of one question.

    Each series of `stretches` is a forecaster, in whole seconds. Forecasts count from
    `opens` to `ended`, no later than `scheduled`, whose distance from `opens` divides.
    `coverage` is the share of that span on which a forecaster stood, also where alone and
    so with 0. `floor`, in parts per 10**9, is for the caller to print. n stretches cost
    n log n. Raises InvalidError where things do not fit, UsageError for a bad floor.

    10 %, 50 % and 90 % all the time, yes:

    >>> s = Stretches.single([100_000_000, 500_000_000, 900_000_000], [0, 0, 0], [9, 9, 9])
    >>> peer(s, 1, opens=0, scheduled=9).scores.round(2).tolist()
    [-190.33, 51.08, 139.25]
    """
    inside = counted(stretches, opens, scheduled, ended)
    span = int(scheduled_span(opens, scheduled))
    steps = Steps.of(inside)
    right = floored(inside.realised(outcome), floor)[steps.live]
    none = right == 0
    logarithms = log_ratio(np.where(none, PARTS, right), PARTS)
    # Differences alone matter; so measured, equal forecasts differ by 0 exactly.
    logarithms = np.where(none, 0.0, logarithms - logarithms.max(where=~none, initial=-math.inf))

    rivals = np.maximum(steps.standing - 1, 1)
    share = np.where(steps.standing > 1, steps.durations / span / rivals, 0.0)
    own = steps.over(share * steps.standing)
    finite = logarithms * own - steps.over(share * steps.total(logarithms))
    zeros = none * own - steps.over(share * steps.total(none.astype(np.float64)))

    return Timed(
        scores=100 * limit(inside.total(steps.placed(finite)), inside.total(steps.placed(zeros))),
        coverage=inside.covered() / span,
        impossible=inside.total(steps.placed(none)) > 0,
    )


def peer_spot(stretches: Stretches, outcome: int, *, moment: int, floor: int = 0) -> Timed:
    """Return the peer score of each forecaster at one moment.

    The forecasts with start <= moment < end count, and the same ones make up the others:
    somebody who forecasts at that very moment is compared, and compared with. Coverage is 1
    for those who stood, 0 for the rest, who score 0. Forecasts end when the question does:
    for a spot at the very end give the last moment before it.

    >>> s = Stretches.single([100_000_000, 900_000_000], [0, 5], [9, 9])
    >>> peer_spot(s, 1, moment=5).scores.round(2).tolist()
    [-219.72, 219.72]
    """
    return peer(stretches, outcome, opens=moment, scheduled=moment + 1, floor=floor)


_SOURCE = "Metaculus, Scores FAQ, Peer score"
_EDGES = (
    "Alone, 0. 0 % for what happened: -infinity, and +infinity for the others then standing;"
    " counted, and never clipped unless a floor is given, which is printed."
)

PEER = Rule(
    name="peer",
    title="peer score",
    formula="100 (ln p - mean of ln p over the others), x time, over the scheduled span",
    better="larger",
    low=-math.inf,
    high=math.inf,
    unit="points, about percent more probability on what happened than the others gave",
    source=_SOURCE,
    edges=_EDGES + " Time without a forecast scores 0; coverage says how much there was.",
    needs="the other forecasters of the question",
)
PEER_SPOT = Rule(
    name="peer-spot",
    title="spot peer score",
    formula="100 (ln p - mean of ln p over the others) at one moment",
    better="larger",
    low=-math.inf,
    high=math.inf,
    unit="points, about percent more probability on what happened than the others gave",
    source=_SOURCE,
    edges=_EDGES + " Without a forecast at that moment it is 0, with coverage 0.",
    needs="the other forecasters of the question",
)
