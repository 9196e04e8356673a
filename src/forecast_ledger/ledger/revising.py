"""Wording a question anew: clarifying it, replacing it, settling a dispute."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from forecast_ledger.domain.entries import (
    CLARIFY,
    REPLACE,
    Revision,
    Wording,
)
from forecast_ledger.domain.moments import When
from forecast_ledger.errors import ConflictError, UsageError
from forecast_ledger.ledger.base import (
    WORDING_OPTIONS,
    LedgerBase,
    disputed_fields,
    options_for,
)
from forecast_ledger.ledger.state import QuestionState, state_at
from forecast_ledger.store.write import Writer


class Revising(LedgerBase):
    """The use case that rewords."""

    def revise(
        self,
        key: str,
        effect: str,
        *,
        text: str | None = None,
        criteria: str | None = None,
        opens: When | None = None,
        closes: When | None = None,
        due: When | None = None,
        without: Collection[str] = (),
        why: str | None = None,
        coder: str | None = None,
    ) -> tuple[QuestionState, QuestionState]:
        """Record a new wording; return the question as it was and as it is.

        A clarification keeps the forecasts made so far and cannot move the window; a
        replacement ends them. Either settles a dispute between wordings, and then says every
        field in which they differ. `without` names fields the new wording does not have.
        """
        given = {"text": text, "criteria": criteria, "opens": opens, "closes": closes, "due": due}
        said: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        said |= dict.fromkeys(without)
        with self._writer() as writer:
            before = self._state(writer, key, writer.now)
            if before.resolution is not None:
                raise ConflictError(
                    f"{before.key} is resolved, so its wording stands. Reopen it first:"
                    f" fl reopen {before.key} --why ..."
                )
            if effect == REPLACE and before.wording is not None:
                self._refuse_late_replacement(writer, before)
            if not said:
                raise UsageError(
                    "nothing to revise. Say what changes: --text, --criteria, --by, --opens, --due."
                )
            disputed = disputed_fields(before)
            if unsaid := [name for name in disputed if name not in said]:
                raise ConflictError(
                    f"{before.key} has {len(before.wordings)} wordings in force, and neither holds"
                    f" until you say which. Say as well: {options_for(unsaid)}"
                )
            if effect == CLARIFY and {"opens", "closes"} & said.keys() - set(disputed):
                raise UsageError(
                    "another window asks another question, so the forecasts made so far cannot"
                    " carry over. Use --replace, or revise --criteria alone."
                )
            old = before.wordings[-1].entry.wording
            fields = {name: getattr(old, name) for name in WORDING_OPTIONS} | said
            if closes and "due" not in said and not disputed:
                fields["due"] = None  # the old one belongs to the old deadline
            if before.wording and all(getattr(old, name) == fields[name] for name in fields):
                raise UsageError(f"{before.key} is worded so already. Nothing was recorded.")
            wording = Wording(**fields, written=When.at(writer.now), coder=coder)
            revision = Revision(
                question=before.question,
                effect=effect,
                wording=wording,
                replaces=tuple(row.digest for row in before.wordings),
                why=why,
            )
            self._put(writer, [revision])
            return before, state_at(writer, before.root)

    def _refuse_late_replacement(self, writer: Writer, state: QuestionState) -> None:
        """Refuse what would take forecasts out of the score when the answer may be there."""
        places = writer.of_root("question", state.root)
        late, closes = None, state.closes
        # A question written down after its deadline, out of an old article, witnessed nothing.
        if closes is not None and state.wordings[0].recorded_at < closes <= writer.now:
            late = "its deadline has passed"
        elif writer.seqs("resolution", in_force=False, question=places):
            late = "it was resolved once"
        if late is not None:
            raise ConflictError(
                f"{state.key} cannot ask something else now: {late}, and its forecasts would go"
                " unscored. Annul it if it was badly put, and add the new question."
            )
