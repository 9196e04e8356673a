"""Reading a ledger as of a place in its log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from forecast_ledger.domain.entries import Entry
from forecast_ledger.domain.fields import Digest
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.store.chunks import CHUNK, in_chunks
from forecast_ledger.store.in_force import is_in_force, is_retracted
from forecast_ledger.store.load import digests_at, loaded
from forecast_ledger.store.schema import link, log, replacement, tables


class Reader:
    """What was recorded up to `cut`. Nothing later is ever seen.

    `recorded_at` is when the entry at the cut was recorded, None in an empty ledger.
    """

    def __init__(
        self, connection: Connection, cut: int, recorded_at: datetime | None = None
    ) -> None:
        self.connection = connection
        self.cut = cut
        self.recorded_at = recorded_at

    # -- the log ---------------------------------------------------------------------------

    def last(self) -> Recorded[Entry] | None:
        """Return the newest entry, or None in an empty ledger."""
        found = self.load([self.cut]) if self.cut else []
        return found[0] if found else None

    def leaf(self) -> bytes | None:
        """Return the leaf at the cut: it names this state of this ledger."""
        return self._bytes(select(log.c.leaf).where(log.c.seq == self.cut))

    def _bytes(self, query: Select[Any]) -> bytes | None:
        found = self.connection.execute(query).scalar()
        return None if found is None else bytes(found)

    def rows(self, after: int = 0) -> Iterator[tuple[int, datetime, bytes, Digest, str, bytes]]:
        """Yield the bare rows of the log in order: seq, recorded_at, nonce, digest, type, leaf."""
        while True:
            query = (
                select(log)
                .where(log.c.seq > after, log.c.seq <= self.cut)
                .order_by(log.c.seq)
                .limit(CHUNK)
            )
            found = self.connection.execute(query).all()
            for row in found:
                yield (
                    row.seq,
                    row.recorded_at,
                    bytes(row.nonce),
                    Digest(bytes(row.digest).hex()),
                    row.type,
                    bytes(row.leaf),
                )
            if len(found) < CHUNK:
                return
            after = found[-1].seq

    def everything(self) -> Iterator[Recorded[Entry]]:
        """Yield every entry in the order of the log, in memory that does not grow with it."""
        for first in range(1, self.cut + 1, CHUNK):
            yield from self.load(range(first, min(first + CHUNK, self.cut + 1)))

    def counts(self) -> dict[str, int]:
        """Return how many entries of each type there are."""
        query = select(log.c.type, func.count()).where(log.c.seq <= self.cut).group_by(log.c.type)
        return {row[0]: row[1] for row in self.connection.execute(query)}

    # -- names to places -------------------------------------------------------------------

    def places_of(self, digests: Iterable[Digest]) -> dict[Digest, tuple[int, str]]:
        """Return (seq, type) of those digests that are recorded."""
        found: dict[Digest, tuple[int, str]] = {}
        for chunk in in_chunks([bytes.fromhex(digest) for digest in digests]):
            query = select(log.c.digest, log.c.seq, log.c.type).where(
                log.c.digest.in_(chunk), log.c.seq <= self.cut
            )
            for digest, seq, kind in self.connection.execute(query):
                found[Digest(bytes(digest).hex())] = (seq, kind)
        return found

    def digest_at(self, seq: int) -> Digest:
        """Return the digest of the entry at a place."""
        return digests_at(self.connection, [seq])[seq]

    def entry(self, digest: Digest) -> Recorded[Entry] | None:
        """Return the entry with that digest, if it is recorded."""
        place = self.places_of([digest]).get(digest)
        return self.load([place[0]])[0] if place else None

    def with_digest_prefix(self, prefix: str) -> list[Recorded[Entry]]:
        """Return up to two entries whose digest begins so; two mean it is too short."""
        low = bytes.fromhex(prefix.ljust(64, "0"))
        high = bytes.fromhex(prefix.ljust(64, "f"))
        query = select(log.c.seq).where(log.c.digest.between(low, high), log.c.seq <= self.cut)
        return self.load(list(self.connection.execute(query.limit(2)).scalars()))

    def keys_from(self, prefix: str, limit: int) -> list[str]:
        """Return up to `limit` question keys that begin with `prefix`, in order."""
        question = tables["question"]
        return list(
            self.connection.execute(
                select(question.c.key)
                .distinct()
                .where(question.c.key >= prefix, question.c.key < prefix + "\x7f")
                .where(question.c.seq <= self.cut, ~is_retracted(question, self.cut))
                .order_by(question.c.key)
                .limit(limit)
            ).scalars()
        )

    def roots(self, kind: str, column: str, value: str) -> int | None:
        """Return the root of the question, forecaster or source with that key or name."""
        table = tables[kind]
        return self.connection.execute(
            select(func.min(table.c.root)).where(table.c[column] == value, table.c.seq <= self.cut)
        ).scalar()

    def names_of_forecasters(self) -> dict[int, str]:
        """Return the name of every forecaster, under the place of every entry about one."""
        forecaster = tables["forecaster"]
        query = select(forecaster.c.seq, forecaster.c.name).where(forecaster.c.seq <= self.cut)
        return {row.seq: row.name for row in self.connection.execute(query)}

    def of_root(self, kind: str, root: int) -> list[int]:
        """Return the places of all entries with that root."""
        table = tables[kind]
        return list(
            self.connection.execute(
                select(table.c.seq).where(table.c.root == root, table.c.seq <= self.cut)
            ).scalars()
        )

    def root_map_of(self, kind: str, seq: int) -> int:
        """Return the root of one entry of a rooted type."""
        table = tables[kind]
        return int(
            self.connection.execute(select(table.c.root).where(table.c.seq == seq)).scalar_one()
        )

    def root_map(self, kind: str) -> dict[int, int]:
        """Return entry → root for all entries of a rooted type."""
        table = tables[kind]
        query = select(table.c.seq, table.c.root).where(table.c.seq <= self.cut)
        return {row.seq: row.root for row in self.connection.execute(query)}

    # -- entries ---------------------------------------------------------------------------

    def find(self, kind: str, *, in_force: bool = True, **columns: object) -> list[Recorded[Any]]:
        """Return the entries of a type, in the order of the log.

        `columns` are values, or lists of values, of columns; a reference is named by the
        place of its target. `in_force` leaves out what is replaced or retracted.
        """
        return self.load(self.seqs(kind, in_force=in_force, **columns), kind)

    def seqs(self, kind: str, *, in_force: bool = True, **columns: object) -> list[int]:
        """Return the places of the entries `find` would return."""
        table = tables[kind]
        query = select(table.c.seq).where(table.c.seq <= self.cut)
        if in_force and kind != "retraction":
            query = query.where(is_in_force(table, self.cut))
        queries = [query]
        for name, value in columns.items():
            column = table.c[name]
            if isinstance(value, list | tuple | set | frozenset):
                chunks = list(in_chunks(sorted(value)))
                queries = [q.where(column.in_(chunk)) for q in queries for chunk in chunks]
            else:
                queries = [q.where(column == value) for q in queries]
        return sorted(seq for q in queries for seq in self.connection.execute(q).scalars())

    def replacing(self, seqs: Sequence[int]) -> list[int]:
        """Return the places of all entries that replace any of these."""
        found: set[int] = set()
        for chunk in in_chunks(seqs):
            query = select(replacement.c.seq).where(
                replacement.c.replaced.in_(chunk), replacement.c.seq <= self.cut
            )
            found.update(self.connection.execute(query).scalars())
        return sorted(found)

    def replaced_by(self, seqs: Sequence[int]) -> dict[int, set[int]]:
        """Return for each entry all that it replaces, directly or through others."""
        found: dict[int, set[int]] = defaultdict(set)
        for chunk in in_chunks(seqs):
            query = select(replacement).where(replacement.c.seq.in_(chunk))
            for seq, replaced in self.connection.execute(query):
                found[seq].add(replaced)
        return found

    def state_of(self, seqs: Sequence[int]) -> dict[int, str]:
        """Return for each entry whether it is "in force", "replaced" or "retracted"."""
        states = dict.fromkeys(seqs, "replaced")
        undone = tables["retraction"]
        for chunk in in_chunks(seqs):
            standing = select(log.c.seq).where(log.c.seq.in_(chunk), is_in_force(log, self.cut))
            for seq in self.connection.execute(standing).scalars():
                states[seq] = "in force"
            gone = select(undone.c.target).where(
                undone.c.target.in_(chunk), undone.c.seq <= self.cut
            )
            for seq in self.connection.execute(gone).scalars():
                states[seq] = "retracted"
        return states

    def coded(self) -> set[int]:
        """Return the places of the forecasts whose number is a coder's."""
        table = tables["forecast"]
        query = select(table.c.seq).where(table.c.seq <= self.cut, table.c.coder.is_not(None))
        return set(self.connection.execute(query).scalars())

    def naming(self, kind: str, field: str, targets: Sequence[int]) -> list[int]:
        """Return the places of the entries of a type whose list `field` names any of these."""
        found: set[int] = set()
        table = tables[kind]
        for chunk in in_chunks(targets):
            query = (
                select(link.c.seq)
                .join(table, table.c.seq == link.c.seq)
                .where(link.c.target.in_(chunk), link.c.field == field, link.c.seq <= self.cut)
            )
            found.update(self.connection.execute(query).scalars())
        return sorted(found)

    def load(self, seqs: Sequence[int], kind: str | None = None) -> list[Recorded[Any]]:
        """Return the entries at those places, in order; all of type `kind`, if it is given."""
        found: list[Recorded[Any]] = []
        for chunk in in_chunks(seqs):
            found.extend(loaded(self.connection, chunk, kind))
        return found
