"""A ledger in memory, as far as readers ask about one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import Entry
from forecast_ledger.domain.recorded import Recorded
from tests.strategies import NOW


class FakeLookup:
    """Entries by key, name and digest; of several with one key the last recorded."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.rows = [
            Recorded(seq, NOW, bytes(16), digest_of(entry), entry)
            for seq, entry in enumerate(entries, start=1)
        ]

    def _last(self, kind: str, **wanted: Any) -> Any:
        for row in reversed(self.rows):
            if kind == row.entry.TYPE and all(
                getattr(row.entry, name) == value for name, value in wanted.items()
            ):
                return row
        return None

    def source(self, key: str) -> Any:
        return self._last("source", key=key)

    def question(self, key: str) -> Any:
        return self._last("question", key=key)

    def wording_in_force(self, key: str) -> Any:
        question = self.question(key)
        return question and (self._last("revision", question=question.digest) or question)

    def family(self, key: str) -> Any:
        return self._last("family", key=key)

    def forecaster(self, name: str) -> Any:
        return self._last("forecaster", name=name)

    def lexicon(self, key: str) -> Any:
        return self._last("lexicon", key=key)

    def digest(self, prefix: str) -> list[Recorded[Entry]]:
        return [row for row in self.rows if row.digest.startswith(prefix)][:2]
