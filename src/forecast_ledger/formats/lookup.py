"""What a reader asks about entries recorded already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

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


class Lookup(Protocol):
    """Finds recorded entries by what a file may call them.

    By key and by name the entry in force is meant; where two are in force (disputed) the
    implementation raises ConflictError, which becomes a problem of the line that asked.
    """

    def source(self, key: str) -> Recorded[Source] | None:
        """Return the source of that key."""

    def question(self, key: str) -> Recorded[Question] | None:
        """Return the question of that key."""

    def wording_in_force(self, key: str) -> Recorded[Question] | Recorded[Revision] | None:
        """Return the entry that holds the wording in force of the question of that key."""

    def family(self, key: str) -> Recorded[Family] | None:
        """Return the family of that key."""

    def forecaster(self, name: str) -> Recorded[Forecaster] | None:
        """Return the forecaster of that name."""

    def lexicon(self, key: str) -> Recorded[Lexicon] | None:
        """Return the lexicon of that key, if recorded; packaged ones are the reader's affair."""

    def digest(self, prefix: str) -> Sequence[Recorded[Entry]]:
        """Return the entries whose digest begins with `prefix` (12 to 64 hexadecimal digits).

        Two are enough where there are more: they say that the prefix is too short.
        """


class NothingRecorded:
    """A lookup in an empty ledger."""

    def source(self, key: str) -> None:
        """Return nothing."""

    def question(self, key: str) -> None:
        """Return nothing."""

    def wording_in_force(self, key: str) -> None:
        """Return nothing."""

    def family(self, key: str) -> None:
        """Return nothing."""

    def forecaster(self, name: str) -> None:
        """Return nothing."""

    def lexicon(self, key: str) -> None:
        """Return nothing."""

    def digest(self, prefix: str) -> tuple[()]:  # noqa: ARG002 - the protocol's
        """Return nothing."""
        return ()
