"""Loading: the entries at places in the log, put together from their rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from forecast_ledger.domain.fields import Digest, Role
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.errors import ConflictError, LedgerError, Problem, VerificationError
from forecast_ledger.store.chunks import in_chunks
from forecast_ledger.store.rows import Named, columns_with, from_row, references_of
from forecast_ledger.store.schema import STORED_TYPES, link, log, tables, text


def loaded(connection: Connection, seqs: list[int], kind: str | None) -> Iterator[Recorded[Any]]:
    """Yield the entries at those places, in order; all of type `kind`, if it is given.

    Raises VerificationError for one that cannot be what was recorded.
    """
    heads = {row.seq: row for row in connection.execute(select(log).where(log.c.seq.in_(seqs)))}
    by_kind: dict[str, list[int]] = defaultdict(list)
    for seq in seqs:
        if seq in heads:
            by_kind[kind or heads[seq].type].append(seq)
    links = _links(connection, seqs)
    rows: dict[int, dict[str, Any]] = {}
    hashes: set[bytes] = set()
    targets = {target for fields in links.values() for _, target in fields}
    for name, places in by_kind.items():
        if name not in STORED_TYPES:
            raise ConflictError(f"entry {places[0]} is a {name}, unknown to this version")
        cls, table = STORED_TYPES[name], tables[name]
        text_columns = columns_with(cls, Role.TEXT)
        reference_columns = columns_with(cls, Role.REFERENCE)
        found = connection.execute(select(table).where(table.c.seq.in_(places)))
        for mapping in found.mappings():
            row: dict[str, Any] = dict(mapping)
            rows[row["seq"]] = row
            hashes.update(bytes(row[c]) for c in text_columns if row[c] is not None)
            targets.update(row[c] for c in reference_columns if row[c] is not None)
    names = Named(digests_at(connection, list(targets)), _texts(connection, list(hashes)))
    for seq in seqs:
        if seq not in heads or seq not in rows:
            continue
        head = heads[seq]
        cls = STORED_TYPES[head.type]
        lists: dict[str, list[Digest]] = defaultdict(list)
        for name, target in links.get(seq, ()):
            lists[name].append(names.digests[target])
        references = {name: tuple(lists.get(name, ())) for name in references_of(cls)}
        try:
            entry = from_row(cls, rows[seq], references, names)
        except (LedgerError, KeyError, TypeError, ValueError) as error:
            said = str(error) if isinstance(error, LedgerError) else "a part of it is missing"
            problem = Problem(f"entry {seq}", f"the {head.type} cannot be read: {said}")
            raise VerificationError(
                f"entry {seq} is not what was recorded. See: fl db status --verify", (problem,)
            ) from error
        digest = Digest(bytes(head.digest).hex())
        yield Recorded(seq, head.recorded_at, bytes(head.nonce), digest, entry)


def _links(connection: Connection, seqs: list[int]) -> dict[int, list[tuple[str, int]]]:
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    query = (
        select(link.c.seq, link.c.field, link.c.target)
        .where(link.c.seq.in_(seqs))
        .order_by(link.c.seq, link.c.field, link.c.position)
    )
    for seq, field, target in connection.execute(query):
        found[seq].append((field, target))
    return found


def _texts(connection: Connection, hashes: list[bytes]) -> dict[bytes, str]:
    found: dict[bytes, str] = {}
    for chunk in in_chunks(hashes):
        query = select(text.c.sha256, text.c.content).where(text.c.sha256.in_(chunk))
        for sha256, content in connection.execute(query):
            found[bytes(sha256)] = content
    return found


def digests_at(connection: Connection, seqs: list[int]) -> dict[int, Digest]:
    """Return the digests of the entries at those places."""
    found: dict[int, Digest] = {}
    for chunk in in_chunks(seqs):
        query = select(log.c.seq, log.c.digest).where(log.c.seq.in_(chunk))
        for seq, digest in connection.execute(query):
            found[seq] = Digest(bytes(digest).hex())
    return found
