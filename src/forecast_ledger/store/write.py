"""Writing to a ledger: appending entries to its log, and nothing else."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, func, insert, select

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import Entry, departs, may_refer
from forecast_ledger.domain.fields import Digest, Role, fields_of
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.errors import InvalidError
from forecast_ledger.store.chunks import in_chunks
from forecast_ledger.store.read import Reader
from forecast_ledger.store.rows import references_of, to_row
from forecast_ledger.store.schema import ROOTED, STORED_TYPES, link, log, replacement, tables, text

_SHARED = {"log": log, "text": text, "link": link, "replacement": replacement}

BATCH = 2_000
"""Entries written with one statement a table."""


@dataclass(frozen=True, slots=True)
class Appended:
    """An entry after it was offered to the log: where it stands, and whether it is new."""

    recorded: Recorded[Any]
    new: bool


class Writer(Reader):
    """The one writer of a ledger. It holds the ledger's lock and sees all of it."""

    def __init__(self, connection: Connection, clock: datetime) -> None:
        last = connection.execute(
            select(log.c.seq, log.c.recorded_at).order_by(log.c.seq.desc()).limit(1)
        ).first()
        super().__init__(connection, last.seq if last else 0, last.recorded_at if last else None)
        # The second clock never runs backwards, whatever the machine's does.
        self.now = max(clock, last.recorded_at) if last else clock

    def append(self, entries: Iterable[Entry]) -> list[Appended]:
        """Record entries, each after those it names. One already here is not written again."""
        return list(self.append_each(entries))

    def append_each(self, entries: Iterable[Entry]) -> Iterator[Appended]:
        """Record entries as `append` does, in memory that does not grow with them."""
        iterator = iter(entries)
        while batch := list(islice(iterator, BATCH)):
            yield from self._append([(entry, digest_of(entry), None) for entry in batch])

    def restore(self, recorded: Iterable[Recorded[Entry]]) -> int:
        """Put rows of another ledger's log into this one as they were; return how many."""
        count = 0
        iterator = iter(recorded)
        while batch := list(islice(iterator, BATCH)):
            count += len(self._append([(row.entry, row.digest, row) for row in batch]))
        return count

    def _append(
        self, batch: Sequence[tuple[Entry, Digest, Recorded[Entry] | None]]
    ) -> list[Appended]:
        named = {digest for _, digest, _ in batch}
        for entry, _, _ in batch:
            named.update(references_in(entry))
        places = self.places_of(sorted(named))
        here = {
            row.seq: row for row in self.load([places[d][0] for _, d, _ in batch if d in places])
        }
        rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        texts: dict[bytes, str] = {}
        pending: dict[tuple[str, str], int] = {}
        closure: dict[int, set[int]] = {}
        appended: list[Appended] = []
        for entry, digest, given in batch:
            if given is not None:
                self._check_restored(given, repeated=digest in places)
            if digest in places:
                appended.append(Appended(here[places[digest][0]], new=False))
                continue
            if entry.TYPE not in STORED_TYPES:
                raise InvalidError(f"this version cannot record an entry of type {entry.TYPE}")
            self._check_references(entry, places)
            self._check_correction(entry if given is None else None, places, here)
            self.cut += 1
            seq = self.cut
            row = given or Recorded(seq, self.now, secrets.token_bytes(16), digest, entry)
            self.cut = seq = row.seq
            places[digest], here[seq] = (seq, entry.TYPE), row
            rows["log"].append(
                {
                    "seq": seq,
                    "recorded_at": row.recorded_at,
                    "nonce": row.nonce,
                    "digest": bytes.fromhex(digest),
                    "type": entry.TYPE,
                    "leaf": row.leaf,
                }
            )
            columns = to_row(entry, lambda named: places[named][0], texts)
            columns["seq"] = seq
            if entry.TYPE in ROOTED:
                columns["root"] = self._root(entry, seq, pending)
            rows[entry.TYPE].append(columns)
            for name in references_of(type(entry)):
                for position, target in enumerate(getattr(entry, name)):
                    rows["link"].append(
                        {
                            "seq": seq,
                            "field": name,
                            "position": position,
                            "target": places[target][0],
                        }
                    )
            if entry.replaces:
                closure[seq] = self._replaced([places[d][0] for d in entry.replaces], closure)
            appended.append(Appended(row, new=True))
        rows["replacement"] = [
            {"seq": seq, "replaced": replaced}
            for seq, all_replaced in closure.items()
            for replaced in sorted(all_replaced)
        ]
        self._insert(rows, texts)
        return appended

    def _insert(self, rows: dict[str, list[dict[str, Any]]], texts: dict[bytes, str]) -> None:
        known: set[bytes] = set()
        for chunk in in_chunks(list(texts)):
            found = self.connection.execute(select(text.c.sha256).where(text.c.sha256.in_(chunk)))
            known.update(bytes(sha256) for sha256 in found.scalars())
        rows["text"] = [
            {"sha256": sha256, "content": content}
            for sha256, content in texts.items()
            if sha256 not in known
        ]
        kinds = [name for name in rows if name in STORED_TYPES]
        for name in ("log", "text", *kinds, "link", "replacement"):
            if rows.get(name):
                table = _SHARED.get(name)
                statement = insert(tables[name] if table is None else table)
                self.connection.execute(statement, rows[name])

    def _root(self, entry: Entry, seq: int, pending: dict[tuple[str, str], int]) -> int:
        (column,) = entry.IDENTITY
        value = getattr(entry, column)
        table = tables[entry.TYPE]
        if (entry.TYPE, value) not in pending:
            found = self.connection.execute(
                select(func.min(table.c.root)).where(table.c[column] == value)
            ).scalar()
            pending[entry.TYPE, value] = seq if found is None else found
        return pending[entry.TYPE, value]

    def _replaced(self, direct: list[int], pending: dict[int, set[int]]) -> set[int]:
        everything = set(direct)
        for seq in direct:
            everything |= pending.get(seq, set())
        query = select(replacement.c.replaced).where(replacement.c.seq.in_(direct))
        return everything | set(self.connection.execute(query).scalars())

    def _check_references(self, entry: Entry, places: dict[Digest, tuple[int, str]]) -> None:
        for name, digest in _references(entry):
            place = places.get(digest)
            if place is None:
                raise InvalidError(
                    f"{entry.TYPE} names an entry that is not in this ledger:"
                    f" {name} {digest[:12]}. Import that one first."
                )
            if not may_refer(entry, name, place[1]):
                raise InvalidError(f"{name} of a {entry.TYPE} cannot be a {place[1]}")

    def _check_restored(self, given: Recorded[Entry], *, repeated: bool) -> None:
        if repeated or given.recorded_at > self.now:
            fault = "repeats an earlier one" if repeated else "was recorded in the future"
            raise InvalidError(
                f"entry {given.seq} {fault}, as no ledger's log does. Export it again."
            )

    def _check_correction(
        self,
        entry: Entry | None,
        places: dict[Digest, tuple[int, str]],
        here: dict[int, Recorded[Any]],
    ) -> None:
        """Refuse a correction of what is about something else."""
        if entry is None or not entry.replaces:
            return

        def recorded(digest: Digest) -> Entry:
            seq = places[digest][0] if digest in places else self.places_of([digest])[digest][0]
            if seq not in here:
                here[seq] = self.load([seq])[0]
            found: Entry = here[seq].entry
            return found

        for digest in entry.replaces:
            name = departs(entry, recorded(digest), recorded)
            if name is not None:
                raise InvalidError(
                    f"this {entry.TYPE} cannot replace {digest[:12]}: they have not the same"
                    f" {name}. A correction is about the same thing; else record a new entry."
                )


def references_in(entry: Entry) -> list[Digest]:
    """Return every digest an entry names."""
    return [digest for _, digest in _references(entry)]


def _references(value: Any) -> list[tuple[str, Digest]]:
    """Return every reference of an entry with the name of its field."""
    found: list[tuple[str, Digest]] = []
    for field in fields_of(type(value)):
        content = getattr(value, field.name)
        if content is None:
            continue
        if field.role is Role.REFERENCE:
            found.append((field.name, content))
        elif field.role is Role.REFERENCES:
            found.extend((field.name, digest) for digest in content)
        elif field.role is Role.RECORD:
            found.extend(_references(content))
    return found
