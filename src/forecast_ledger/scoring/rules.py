"""The scoring rules by name. A new rule is one file and one line in RULES."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from forecast_ledger.errors import UsageError
from forecast_ledger.scoring.arrays import Floats, Integers, Numbers, checked_binary
from forecast_ledger.scoring.baseline import BASELINE, BASELINE_SPOT, BASELINE_TIME_WEIGHTED
from forecast_ledger.scoring.brier import brier_scores
from forecast_ledger.scoring.daily import GJOPEN_ACCURACY, GJOPEN_DAILY
from forecast_ledger.scoring.logarithmic import LOG, LOG_BITS
from forecast_ledger.scoring.peer import PEER, PEER_SPOT
from forecast_ledger.scoring.relative import RELATIVE_BRIER, RELATIVE_LOG, checked_scale
from forecast_ledger.scoring.rule import Rule
from forecast_ledger.scoring.series import Series
from forecast_ledger.scoring.spherical import SPHERICAL

BRIER = Rule(
    name="brier",
    title="Brier score",
    formula="(p - y)^2, p the probability of yes, y 1 for yes and 0 for no",
    better="smaller",
    low=0.0,
    high=1.0,
    unit="points, on the scale 0 to 1",
    source="Brier (1950), Mon. Weather Rev. 78, 1-3; here one side of its sum of two",
    edges="0 % and 100 % score 0 when right and 1 when wrong; 50 % scores 0.25.",
    scorer=brier_scores,
)

RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        BRIER,
        LOG,
        LOG_BITS,
        SPHERICAL,
        BASELINE,
        BASELINE_TIME_WEIGHTED,
        BASELINE_SPOT,
        PEER,
        PEER_SPOT,
        GJOPEN_DAILY,
        GJOPEN_ACCURACY,
        RELATIVE_BRIER,
        RELATIVE_LOG,
    )
}


def chosen_rule(name: str, brier_scale: int = 1) -> Rule:
    """Return the rule called `name`; the Brier score on the scale of 1950 for `brier_scale` 2.

    Raises UsageError for an unknown name, a scale other than 1 and 2, or scale 2 with a
    rule other than the Brier score.

    >>> chosen_rule("brier").range, chosen_rule("brier", brier_scale=2).range
    ('0 to 1', '0 to 2')
    """
    if name not in RULES:
        raise UsageError(f"no scoring rule {name!r}. Choose one of: {', '.join(RULES)}.")
    if checked_scale(brier_scale) == 1:
        return RULES[name]
    if name != BRIER.name:
        raise UsageError(f"the {RULES[name].title} has no Brier scale. Leave the scale out.")
    return _BRIER_1950


def question_scores(rule: Rule, series: Series, outcomes: Numbers) -> Floats:
    """Return the weighted mean of the rule's scores for each question.

    `outcomes` are 0 or 1, one per question. The score is averaged, never the probability.
    A forecast of weight 0 does not count, even where its score is infinite.
    Raises UsageError if the rule does not score forecasts one by one.

    >>> s = Series(np.array([0, 500_000_000]), np.array([0.0, 1.0]), np.array([0, 2]))
    >>> question_scores(RULES["log-bits"], s, [1]).tolist()
    [1.0]
    """
    happened = series.spread(checked_binary(outcomes, len(series)))
    counts = series.weights > 0
    scores = np.zeros(series.parts.size)
    scores[counts] = rule.score(series.parts[counts], happened[counts])
    return series.average(scores)


def _brier_1950(parts: Integers, outcomes: Floats) -> Floats:
    scores: Floats = 2 * brier_scores(parts, outcomes)
    return scores


_BRIER_1950 = replace(
    BRIER,
    title="Brier score of 1950",
    formula="2 (p - y)^2, the sum over yes and no",
    high=2.0,
    unit="points, on the scale 0 to 2",
    source="Brier (1950), Mon. Weather Rev. 78, 1-3",
    edges="0 % and 100 % score 0 when right and 2 when wrong; 50 % scores 0.5.",
    scorer=_brier_1950,
)
