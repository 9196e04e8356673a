"""The baseline score: how much better than always saying 50 %.

100 (log2 p + 1) for what happened: 0 for 50 %, 100 for certainty that was right, no lower
end. A reward, so time without a forecast counts as 0, what 50 % would have earned, and the
scheduled span divides: a weight that depended on when a question happens to be answered
would pay those who start high and fall.

Metaculus, Scores FAQ, "Baseline score". Metaculus takes 0.1 % to 99.9 % only, where the
score is -896.58 to 99.86; here 0 % for what happened scores -infinity, unless a floor is
asked for (`realised.floored`).
"""

from __future__ import annotations

import math

import numpy as np

from forecast_ledger.scoring.arrays import PARTS, Floats, Numbers
from forecast_ledger.scoring.logarithmic import LN2, log_ratio
from forecast_ledger.scoring.realised import realised
from forecast_ledger.scoring.rule import Rule
from forecast_ledger.scoring.timeline import Stretches, Timed, counted, scheduled_span


def baseline_scores(parts: Numbers, outcomes: Numbers) -> Floats:
    """Return 100 (log2 p + 1) of what happened for each forecast: -inf..100, larger is better.

    `outcomes` are 1 for yes and 0 for no. Raises InvalidError for anything else.

    >>> baseline_scores([500_000_000, 900_000_000, 900_000_000], [1, 1, 0]).round(2).tolist()
    [0.0, 84.8, -232.19]
    """
    scores: Floats = 100 * (log_ratio(2 * realised(parts, outcomes), PARTS) / LN2)
    return scores


def baseline_time_weighted(
    stretches: Stretches,
    outcomes: Numbers,
    *,
    opens: Numbers,
    scheduled: Numbers,
    ended: Numbers | None = None,
) -> Timed:
    """Return, per series, the sum of score times time stood, over the scheduled span.

    Forecasts count from `opens` to `ended`, when the question closed or was answered, no
    later than `scheduled`, the scheduled close, and there if nothing else is said. Each of
    these and `outcomes` is one number for all series or one per series, in the unit of the
    stretches. Time without a forecast scores 0. A forecast that stood for no time counts
    nothing, even at 0 %. Raises InvalidError where they do not fit.

    40 % on the second of five days, 70 % on two more, 80 % on the last, yes:

    >>> s = Stretches.of([400_000_000, 700_000_000, 800_000_000], [1, 2, 4], [2, 4, 5], [0, 3])
    >>> score = baseline_time_weighted(s, 1, opens=0, scheduled=5)
    >>> score.scores.round(2).tolist(), score.coverage.tolist()
    ([26.54], [0.8])
    """
    inside = counted(stretches, opens, scheduled, ended)
    durations = inside.durations()
    span = scheduled_span(opens, scheduled)
    happened = inside.realised(outcomes)
    # A forecast without duration at 0 % would make 0 times infinity of nothing.
    scores = np.where(durations > 0, baseline_scores(happened, np.ones(happened.size)), 0.0)
    impossible = np.add.reduceat((durations > 0) & (happened == 0), inside.offsets[:-1]) > 0
    return Timed(
        scores=inside.total(scores * (durations / inside.spread(span))),
        coverage=inside.covered() / span,
        impossible=impossible,
    )


def baseline_spot(stretches: Stretches, outcomes: Numbers, *, moment: Numbers) -> Timed:
    """Return, per series, the score of the forecast with start <= moment < end.

    Where none stood the score is 0 and the coverage 0, else the coverage is 1. `moment` is
    one for all series or one per series. Forecasts end when the question does: for a spot at
    the very end give the last moment before it.

    >>> s = Stretches.single([900_000_000, 900_000_000], [0, 5], [5, 9])
    >>> spot = baseline_spot(s, 1, moment=5)
    >>> spot.scores.round(2).tolist(), spot.coverage.tolist()
    ([0.0, 84.8], [0.0, 1.0])
    """
    at = np.asarray(moment)
    return baseline_time_weighted(stretches, outcomes, opens=at, scheduled=at + 1)


_SOURCE = "Metaculus, Scores FAQ, Baseline score"
_EDGES = (
    "50 % scores 0. 0 % for what happened scores -infinity and is counted; never clipped"
    " unless a floor is given, which is printed."
)

BASELINE = Rule(
    name="baseline",
    title="baseline score",
    formula="100 (log2 p + 1), p the probability given to what happened",
    better="larger",
    low=-math.inf,
    high=100.0,
    unit="points, 100 for certainty that was right",
    source=_SOURCE,
    edges=_EDGES,
    scorer=baseline_scores,
)
BASELINE_TIME_WEIGHTED = Rule(
    name="baseline-time-weighted",
    title="time-weighted baseline score",
    formula="sum of 100 (log2 p + 1) x time it stood, over the scheduled span",
    better="larger",
    low=-math.inf,
    high=100.0,
    unit="points, 100 for certainty that was right from the first moment",
    source=_SOURCE,
    edges=_EDGES + " Time without a forecast scores 0; coverage says how much there was.",
    needs="the question's window",
)
BASELINE_SPOT = Rule(
    name="baseline-spot",
    title="spot baseline score",
    formula="100 (log2 p + 1) of the forecast that stood at one moment",
    better="larger",
    low=-math.inf,
    high=100.0,
    unit="points, 100 for certainty that was right",
    source=_SOURCE,
    edges=_EDGES + " Without a forecast at that moment it is 0, with coverage 0.",
    needs="a moment",
)
