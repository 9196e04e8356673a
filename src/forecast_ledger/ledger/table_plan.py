"""What recording a question of a table comes to: a plan, or a refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from forecast_ledger.domain.entries import Entry
from forecast_ledger.domain.fields import Digest
from forecast_ledger.domain.moments import When

if TYPE_CHECKING:
    from forecast_ledger.formats.csv_questions import Asked

Fault = Callable[[int, str, str], None]
"""Told the line, the column and what is wrong there."""


@dataclass(slots=True, kw_only=True)
class Planned:
    """A question of a table as it will stand in the ledger.

    `entries` are the new ones about it, each after those it names. `places` are its entries
    recorded already. `revisions` are its later wordings: from when on, place, digest. `known`
    is when the outcome became known, if it is or will be recorded; `conflict` says how the
    table's outcome differs from the recorded one.
    """

    asked: Asked
    key: str
    digest: Digest
    seq: int = 0
    entries: list[Entry] = field(default_factory=list)
    places: tuple[int, ...] = ()
    revisions: tuple[tuple[str, int, Digest], ...] = ()
    closes: When | None = None
    outcome: str | None = None
    known: When | None = None
    already: int = 0
    families: tuple[str, ...] = ()
    conflict: str = ""


class RefusedError(Exception):
    """A question that cannot be recorded: line, column, and what is wrong there."""
