"""What is said about a scoring rule wherever its numbers are printed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from forecast_ledger.errors import UsageError
from forecast_ledger.scoring.arrays import Floats, Integers, Numbers, checked_binary, checked_parts

Scorer: TypeAlias = Callable[[Integers, Floats], Floats]
"""Probabilities in parts and outcomes, 0 or 1, in; one score per forecast out."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A scoring rule: what it is called, computes, means, and where it comes from.

    `low` and `high` are the least and the largest score there is, infinite where there is
    no end. `edges` says what happens at 0 and 100 %, and where there is nothing to score.
    `scorer` scores forecasts one by one; it is None where a rule needs the question's
    window or the other forecasters, and `needs` then says what.
    """

    name: str
    title: str
    formula: str
    better: Literal["smaller", "larger"]
    low: float
    high: float
    unit: str
    source: str
    edges: str
    scorer: Scorer | None = None
    needs: str = "a forecast and its outcome"

    @property
    def direction(self) -> str:
        """Return "smaller is better" or "larger is better"."""
        return f"{self.better} is better"

    @property
    def range(self) -> str:
        """Return the least and the largest score in words, such as "0 to 1"."""
        return f"{_end(self.low)} to {_end(self.high)}"

    def score(self, parts: Numbers, outcomes: Numbers) -> Floats:
        """Return one score per forecast; `parts` per 10**9, `outcomes` 1 for yes, 0 for no.

        Raises InvalidError for what is no probability or outcome, UsageError if the rule
        does not score forecasts one by one.
        """
        if self.scorer is None:
            raise UsageError(
                f"the {self.title} needs {self.needs}, so a forecast alone has none."
                " Choose a rule such as brier or log."
            )
        said = checked_parts(parts)
        return self.scorer(said, checked_binary(outcomes, said.size))


def _end(bound: float) -> str:
    if bound in (float("inf"), float("-inf")):
        return "infinity" if bound > 0 else "-infinity"
    return f"{bound:g}"
