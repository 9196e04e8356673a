"""Whether the tables beside the log say what the log says, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import Table, func, select

from forecast_ledger.errors import Problem
from forecast_ledger.store.read import Reader
from forecast_ledger.store.schema import ROOTED, STORED_TYPES, link, log, replacement, tables


def strays(reader: Reader) -> Iterator[Problem]:
    """Yield what stands in a table without following from the log and its entries.

    Digests and leaves vouch for entries one by one; this finds rows that belong to none, and
    the tables that were worked out from entries when they were recorded.
    """
    connection = reader.connection
    first = connection.execute(select(func.min(log.c.seq))).scalar()
    if first is not None and first != 1:
        yield Problem(f"entry {first}", "stands before the first")
    counts = reader.counts()
    for name in STORED_TYPES:
        rows = connection.execute(select(func.count()).select_from(tables[name])).scalar_one()
        if rows != counts.get(name, 0):
            yield Problem(name, f"the table has {rows} rows; the log has {counts.get(name, 0)}")
    yield from _replacements(reader)
    for name in ROOTED:
        yield from _roots(reader, name, tables[name])


def _replacements(reader: Reader) -> Iterator[Problem]:
    follows: dict[int, set[int]] = defaultdict(set)
    query = select(link.c.seq, link.c.target).where(link.c.field == "replaces")
    for seq, target in reader.connection.execute(query.order_by(link.c.seq)):
        follows[seq] |= {target} | follows.get(target, set())
    found: dict[int, set[int]] = defaultdict(set)
    for seq, replaced in reader.connection.execute(select(replacement)):
        found[seq].add(replaced)
    for seq in sorted(follows.keys() | found.keys()):
        if follows.get(seq, set()) != found.get(seq, set()):
            yield Problem(f"entry {seq}", "replaces other entries than it names")


def _roots(reader: Reader, name: str, table: Table) -> Iterator[Problem]:
    column = table.c["name" if name == "forecaster" else "key"]
    first: dict[str, int] = {}
    query = select(table.c.seq, table.c.root, column).order_by(table.c.seq)
    for seq, root, known_as in reader.connection.execute(query):
        if root != first.setdefault(known_as, seq):
            yield Problem(f"entry {seq}", f"is filed under another {name}")
