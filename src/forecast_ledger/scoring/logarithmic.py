"""The logarithmic score, and means of scores of which some are infinite.

-ln p for what happened, 0 for certainty that was right, no upper end: whoever gives 0 % to
what happens scores infinity, and so does every mean with that forecast in it. Nothing is
moved away from 0 or 1 unless a floor is asked for (`realised.floored`); scikit-learn's
log_loss moves 0 to 2.2e-16 without a word and calls the result 36.04.

Good, I. J. (1952): Rational decisions. Journal of the Royal Statistical Society B 14, 107-114.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forecast_ledger.errors import InvalidError
from forecast_ledger.scoring.arrays import PARTS, Floats, Integers, Numbers, mean
from forecast_ledger.scoring.realised import realised
from forecast_ledger.scoring.rule import Rule

LN2 = math.log(2)

TINY = 1e-12
"""A weight of ln 0 below this is none: what is left of equal ones that cancel."""


@dataclass(frozen=True, slots=True)
class SplitMean:
    """A mean, and what it would be without the forecasts that said impossible.

    `mean` is infinite as soon as one score is; nan if both infinities occur, which peer
    scores alone can bring about. `count`: scores. `impossible`: those that are infinite.
    `rest`: the mean of the others, None if there are none.
    """

    mean: float
    count: int
    impossible: int
    rest: float | None


def log_ratio(numerators: Integers, denominator: int) -> Floats:
    """Return ln(n / denominator) for whole numbers, right to the last digits; ln 0 is -inf.

    >>> log_ratio(np.array([0, 500_000_000, 999_999_999]), 10**9).tolist()
    [-inf, -0.6931471805599453, -1.0000000005000001e-09]
    """
    with np.errstate(divide="ignore"):
        far = np.log(numerators / denominator)
        # Near 1 the quotient has lost the digits that the difference of integers keeps.
        near = np.log1p((numerators - denominator) / denominator)
    logarithms: Floats = np.where(2 * numerators > denominator, near, far)
    return logarithms


def log_scores(parts: Numbers, outcomes: Numbers) -> Floats:
    """Return -ln p of what happened, in nats, for each forecast: 0..inf, smaller is better.

    `outcomes` are 1 for yes and 0 for no. Raises InvalidError for anything else.

    >>> log_scores([500_000_000, 900_000_000, 0], [1, 1, 1]).round(4).tolist()
    [0.6931, 0.1054, inf]
    """
    # Subtracted, not negated: certainty that was right scores 0, not -0.
    scores: Floats = 0.0 - log_ratio(realised(parts, outcomes), PARTS)
    return scores


def log_scores_in_bits(parts: Numbers, outcomes: Numbers) -> Floats:
    """Return -log2 p of what happened for each forecast: 0..inf, smaller is better.

    >>> log_scores_in_bits([500_000_000, 750_000_000], [1, 0]).tolist()
    [1.0, 2.0]
    """
    scores: Floats = log_scores(parts, outcomes) / LN2
    return scores


def limit(finite: Floats, zeros: Floats) -> Floats:
    """Return the limits of finite + zeros ln e as e goes to 0, where ln e goes to -inf.

    `zeros` says how much of ln 0 a sum of logarithms holds; where none is left, the finite
    part is the sum.

    >>> limit(np.array([1.0, 1.0, 1.0]), np.array([0.0, 0.5, -0.5])).tolist()
    [1.0, -inf, inf]
    """
    return np.where(np.abs(zeros) > TINY, np.copysign(math.inf, -zeros), finite)


def split_mean(scores: Numbers) -> SplitMean:
    """Return the mean of scores and, apart, that of the finite ones.

    Raises InvalidError when there is no score, or one is nan: what has no score is left
    out before, and counted.

    >>> split_mean([0.5, math.inf, 0.3])
    SplitMean(mean=inf, count=3, impossible=1, rest=0.4)
    """
    array: Floats = np.asarray(scores, dtype=np.float64)
    if bool(np.any(np.isnan(array))):
        raise InvalidError("a score is nan. Leave out what has no score, and say how many.")
    finite = array[np.isfinite(array)]
    infinite = array[np.isinf(array)]
    if not infinite.size:
        whole = mean(array)
        return SplitMean(whole, array.size, 0, whole)
    one_side = bool(np.all(infinite == infinite[0]))
    return SplitMean(
        mean=float(infinite[0]) if one_side else math.nan,
        count=array.size,
        impossible=infinite.size,
        rest=mean(finite) if finite.size else None,
    )


_EDGES = (
    "0 % for what happened scores infinity and makes every mean infinite; it is counted and"
    " the mean of the rest stands beside it. Never clipped unless a floor is given, which is"
    " printed."
)
_SOURCE = "Good (1952), J. R. Stat. Soc. B 14, 107-114"

LOG = Rule(
    name="log",
    title="logarithmic score",
    formula="-ln p, p the probability given to what happened",
    better="smaller",
    low=0.0,
    high=math.inf,
    unit="nats",
    source=_SOURCE,
    edges=_EDGES,
    scorer=log_scores,
)
LOG_BITS = Rule(
    name="log-bits",
    title="logarithmic score in bits",
    formula="-log2 p, p the probability given to what happened",
    better="smaller",
    low=0.0,
    high=math.inf,
    unit="bits",
    source=_SOURCE,
    edges=_EDGES,
    scorer=log_scores_in_bits,
)
