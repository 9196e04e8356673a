"""A floor under probabilities, for rules that take a logarithm, where somebody asks for one."""

from __future__ import annotations

from dataclasses import replace

from forecast_ledger.errors import UsageError
from forecast_ledger.scoring.arrays import PARTS, Floats, Integers
from forecast_ledger.scoring.realised import floored
from forecast_ledger.scoring.rule import Rule

LOGARITHMIC = (
    "log",
    "log-bits",
    "baseline",
    "baseline-time-weighted",
    "baseline-spot",
    "peer",
    "peer-spot",
    "relative-log",
)
"""Rules by which a forecast of 0 % for what happened scores infinity."""


def with_floor(rule: Rule, floor: int) -> Rule:
    """Return the rule with probabilities moved into floor..10**9 - floor, in parts.

    A rule that needs a question's window or rivals is returned as it is: what computes it
    takes the floor itself. Raises UsageError for a rule without a logarithm, and for a
    floor that is not above 0 and at most a half.

    >>> from forecast_ledger.scoring.rules import RULES
    >>> with_floor(RULES["log"], 1_000_000).score([0], [1]).round(3).tolist()
    [6.908]
    """
    if rule.name not in LOGARITHMIC:
        raise UsageError(
            f"the {rule.title} takes no logarithm, so it needs no floor. Leave the floor out."
        )
    if not 0 < floor <= PARTS // 2:
        raise UsageError("a floor lies above 0% and at most at 50%. Give one such as 0.1%.")
    scorer = rule.scorer
    if scorer is None:
        return rule

    def lifted(parts: Integers, outcomes: Floats) -> Floats:
        return scorer(floored(parts, floor), outcomes)

    return replace(rule, scorer=lifted)
