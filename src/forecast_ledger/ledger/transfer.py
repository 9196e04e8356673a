"""Taking entries out, and whole ledgers in: exports, copies, and what a database holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from forecast_ledger.errors import ConflictError, DatabaseError
from forecast_ledger.ledger.base import LedgerBase
from forecast_ledger.ledger.closure import closure_of
from forecast_ledger.ledger.paths import must_be_a_file, opened
from forecast_ledger.ledger.verify import verified
from forecast_ledger.store.read import Reader
from forecast_ledger.store.schema import HEAD


@dataclass(frozen=True, slots=True)
class Status:
    """A ledger's database. `leaf` names its newest state; `verified` counts entries checked."""

    location: str
    kind: str
    revision: str
    head: str
    entries: int
    counts: dict[str, int]
    last_recorded_at: datetime | None
    leaf: str
    verified: int | None


class Transfer(LedgerBase):
    """Use cases that take entries out, and whole ledgers in and out."""

    def export_jsonl(self, out: TextIO, *, as_of: datetime | None = None) -> int:
        """Write the whole ledger as JSON Lines, with its log; return how many entries."""
        from forecast_ledger.formats import jsonl

        with self._view(as_of) as view:
            jsonl.write(view.reader.everything(), out)
            return int(view.reader.cut)

    def export_book(self, keys: Sequence[str], *, zone: Any, as_of: datetime | None = None) -> str:
        """Return chosen questions, and all that belongs to them, as a book."""
        from forecast_ledger.formats.book import write_book

        with self._view(as_of) as view:
            reader: Reader = view.reader
            states = {}
            for key in keys:
                state = self._state(reader, key, view.now)
                states[state.root] = state
            rows = closure_of(reader, list(states), view.now)
            return write_book(rows, zone=zone)

    def restore(self, path: Path) -> int:
        """Load an export with its log into an empty ledger, as it was; return how many."""
        from forecast_ledger.formats import jsonl

        must_be_a_file(path)
        with opened(path) as stream:
            jsonl.check(stream, name=str(path), is_log=True)
        if self.store.target.path is not None or self.store.exists():
            self.store.create()
        else:
            raise DatabaseError(
                f"{self.store.target.shown} holds no ledger yet. Make one first: fl db init"
            )
        with self._writer() as writer, opened(path) as stream:
            if writer.cut:
                raise ConflictError(
                    f"{self.store.target.shown} holds {writer.cut} entries already; only an empty"
                    " ledger can be restored into. Use fl import to add to it."
                )
            return int(writer.restore(jsonl.read(stream, name=str(path))))

    def status(self, *, verify: bool = False) -> Status:
        """Return what the database is. `verify` recomputes every digest and every leaf.

        Raises VerificationError, with every entry that does not match.
        """
        with self._view() as view:
            reader: Reader = view.reader
            checked = verified(reader) if verify else None
            last = reader.last()
            leaf = reader.leaf()
            return Status(
                location=self.store.target.shown,
                kind="SQLite" if self.store.target.path else "PostgreSQL",
                revision=self.store.revision() or "",
                head=HEAD,
                entries=reader.cut,
                counts=dict(sorted(reader.counts().items())),
                last_recorded_at=last.recorded_at if last else None,
                leaf=leaf.hex() if leaf else "",
                verified=checked,
            )
