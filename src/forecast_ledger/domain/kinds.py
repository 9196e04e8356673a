"""The kinds of question, and what each may be answered and resolved with.

Only binary exists so far. Another kind is one entry of KINDS with its own answer class.
"""

from __future__ import annotations

from dataclasses import dataclass

from forecast_ledger.domain.entries import VOID, Answer
from forecast_ledger.errors import InvalidError


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of question: the class of its answers and the outcomes it can have."""

    name: str
    answer: type[Answer]
    outcomes: tuple[str, ...]

    def check_outcome(self, outcome: str) -> None:
        """Refuse an outcome that a question of this kind cannot have."""
        if outcome not in (*self.outcomes, *VOID):
            raise InvalidError(
                f"outcome {outcome!r} is not one of: {', '.join((*self.outcomes, *VOID))}"
            )


KINDS = {"binary": Kind("binary", Answer, ("yes", "no"))}


def kind_named(name: str) -> Kind:
    """Return the kind called `name`."""
    try:
        return KINDS[name]
    except KeyError:
        raise InvalidError(
            f"kind {name!r} is not known to this version; it knows: {', '.join(KINDS)}"
        ) from None
