"""An entry as it stands in the log, with the second of its two clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from forecast_ledger.domain.canonical import leaf_of
from forecast_ledger.domain.entries import Entry
from forecast_ledger.domain.fields import Digest

SLIP_WINDOW = timedelta(minutes=10)
"""How long after it was recorded an entry can be taken back as a slip."""

E_co = TypeVar("E_co", bound=Entry, covariant=True)


@dataclass(frozen=True, slots=True)
class Recorded(Generic[E_co]):
    """One row of the log and the entry it holds."""

    seq: int
    recorded_at: datetime
    nonce: bytes
    digest: Digest
    entry: E_co

    @property
    def leaf(self) -> bytes:
        """The leaf of this row, recomputed."""
        return leaf_of(self.seq, self.recorded_at, self.nonce, self.digest)
