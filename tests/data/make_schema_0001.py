"""Write schema-0001.db: a ledger as version 0.1 left it, for later versions to open.

Run it once from the top of a checkout of that version, `python -m tests.data.make_schema_0001`;
the file is kept from then on. Nonces are made up, so that the file always has the same leaves.
"""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.store.store import Store
from tests.store.samples import samples

FILE = Path(__file__).with_name("schema-0001.db")
FIRST = datetime(2026, 1, 15, 12, 0, 0, 123_456, tzinfo=UTC)


def make(path: Path) -> None:
    """Write the ledger at `path`, where nothing may be yet."""
    rows = [
        Recorded(
            seq,
            FIRST + timedelta(minutes=seq // 3),
            hashlib.sha256(b"nonce %d" % seq).digest()[:16],
            digest_of(entry),
            entry,
        )
        for seq, entry in enumerate(samples(), start=1)
    ]
    with closing(Store(str(path))) as store:
        store.create()
        with store.writing(lambda: FIRST + timedelta(days=1)) as writer:
            writer.restore(rows)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("VACUUM")


if __name__ == "__main__":
    make(FILE)
