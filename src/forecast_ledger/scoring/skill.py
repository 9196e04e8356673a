"""Skill: how much of a reference's Brier score is saved.

1 - mean score / mean reference, a ratio of means: 1 is perfect, 0 no better than the
reference, negative worse. The mean of each question's own ratio is no substitute; a single
question on which the reference was nearly perfect swamps it.

Saying always 50 % scores 0.25 however questions are worded; a base rate depends on which
side of each was called yes, so it comes second, and below 30 questions not at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast_ledger.errors import InvalidError
from forecast_ledger.scoring.arrays import Numbers, mean
from forecast_ledger.scoring.brier import brier_scores
from forecast_ledger.scoring.relative import checked_scale
from forecast_ledger.scoring.timeline import Stretches, Timed, counted, scheduled_span

ALWAYS_FIFTY = 0.25
"""The Brier score, 0..1, of always saying 50 %."""

MIN_QUESTIONS = 30
"""Below so many questions a base rate is not shown as a reference."""


@dataclass(frozen=True, slots=True)
class BaseRate:
    """The mean Brier score, 0..1, of always saying the share of yes.

    `in_sample`, r(1 - r), knows the outcomes it is scored on: too hard a reference.
    `leave_one_out`, each time the share among the others: too easy. `unbiased` lies
    between: the expected score of the true rate.
    """

    in_sample: float
    unbiased: float
    leave_one_out: float


def skill(score: float, reference: float) -> float:
    """Return 1 - score / reference of two mean scores on one scale: -inf..1, larger is better.

    Raises InvalidError for a reference of 0, which cannot be improved on.

    >>> round(skill(0.2, ALWAYS_FIFTY), 12)
    0.2
    """
    if not reference > 0:
        raise InvalidError(f"a reference of {reference} leaves nothing to save. Show the score.")
    return 1 - score / reference


def skill_against(scores: Numbers, references: Numbers) -> float:
    """Return the skill of scores against references on the same questions, one for each.

    >>> round(skill_against([0.04, 0.25], [0.01, 0.49]), 12)
    0.42
    """
    return skill(mean(scores), mean(references))


def base_rate(yes: int, count: int) -> BaseRate:
    """Return what always saying the share of yes scores on `count` outcomes.

    r(1 - r) times 1, n/(n - 1) and (n/(n - 1))**2. Raises InvalidError below two outcomes.

    >>> rate = base_rate(8, 15)
    >>> round(rate.in_sample, 4), round(rate.unbiased, 4), round(rate.leave_one_out, 4)
    (0.2489, 0.2667, 0.2857)
    """
    if not 0 <= yes <= count or count < 2:
        raise InvalidError(f"{yes} of {count} outcomes have no base rate. Give at least two.")
    product = yes * (count - yes)
    return BaseRate(
        in_sample=product / count**2,
        unbiased=product / (count * (count - 1)),
        leave_one_out=product / (count - 1) ** 2,
    )


def base_rate_allowed(questions: int) -> bool:
    """Return whether a base rate may be shown as a reference: from 30 questions.

    >>> base_rate_allowed(29), base_rate_allowed(30)
    (False, True)
    """
    return questions >= MIN_QUESTIONS


def gain_over_fifty(
    stretches: Stretches,
    outcomes: Numbers,
    *,
    opens: Numbers,
    scheduled: Numbers,
    ended: Numbers | None = None,
    scale: int = 1,
) -> Timed:
    """Return, per series, 0.25 less the Brier score, times time stood, over the scheduled span.

    -0.75..0.25, larger is better, twice that for scale 2. A reward, so time without a
    forecast is 0, as good as 50 %, and a question that ends early gains nothing by it.
    Arguments as for `baseline_time_weighted`; there is no impossible one.

    >>> s = Stretches.single([900_000_000], [5], [10])
    >>> gain_over_fifty(s, 1, opens=0, scheduled=10).scores.round(4).tolist()
    [0.12]
    """
    factor = checked_scale(scale)
    inside = counted(stretches, opens, scheduled, ended)
    span = scheduled_span(opens, scheduled)
    right = inside.realised(outcomes)
    gains = factor * (ALWAYS_FIFTY - brier_scores(right, np.ones(right.size)))
    weights = inside.durations() / inside.spread(span)
    return Timed(
        scores=inside.total(gains * weights),
        coverage=inside.covered() / span,
        impossible=np.zeros(len(inside), dtype=bool),
    )
