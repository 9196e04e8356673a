"""What a reader of files asks of a ledger: the recorded entry behind a key or a name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from forecast_ledger.domain.entries import (
    Entry,
    Family,
    Forecaster,
    Lexicon,
    Question,
    Revision,
    Source,
)
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.errors import ConflictError
from forecast_ledger.ledger.state import question_states
from forecast_ledger.store.read import Reader


class RecordedLookup:
    """Answers a reader of files out of the ledger."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def _one(self, kind: str, **columns: Any) -> Recorded[Any] | None:
        found = self._reader.find(kind, **columns)
        if len(found) > 1:
            named = next(iter(columns.values()))
            raise ConflictError(f"the {kind} {named} is disputed: {len(found)} are in force.")
        return found[0] if found else None

    def source(self, key: str) -> Recorded[Source] | None:
        """Return the source of that key."""
        return self._one("source", key=key)

    def question(self, key: str) -> Recorded[Question] | None:
        """Return the first question of that key."""
        root = self._reader.roots("question", "key", key)
        return self._reader.load([root])[0] if root is not None else None

    def wording_in_force(self, key: str) -> Recorded[Question] | Recorded[Revision] | None:
        """Return the wording in force of the question of that key."""
        root = self._reader.roots("question", "key", key)
        if root is None:
            return None
        now = self._reader.load([root])[0].recorded_at
        wordings: Any = question_states(self._reader, now, [root])[root].wordings
        if len(wordings) > 1:
            raise ConflictError(f"the question {key} is disputed: {len(wordings)} wordings.")
        return wordings[0] if wordings else None

    def family(self, key: str) -> Recorded[Family] | None:
        """Return the family of that key."""
        return self._one("family", key=key)

    def forecaster(self, name: str) -> Recorded[Forecaster] | None:
        """Return the first forecaster of that name."""
        root = self._reader.roots("forecaster", "name", name)
        return self._reader.load([root])[0] if root is not None else None

    def lexicon(self, key: str) -> Recorded[Lexicon] | None:
        """Return the lexicon of that key."""
        return self._one("lexicon", key=key)

    def digest(self, prefix: str) -> Sequence[Recorded[Entry]]:
        """Return up to two entries whose digest begins so."""
        return self._reader.with_digest_prefix(prefix)
