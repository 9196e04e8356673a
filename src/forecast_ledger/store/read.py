"""Reading a ledger as of a place in its log."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Table,
    and_,
    func,
    literal,
    select,
    true,
)

from forecast_ledger.domain.entries import Entry
from forecast_ledger.domain.fields import Digest, Role
from forecast_ledger.domain.moments import When
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.errors import ConflictError, LedgerError, Problem, VerificationError
from forecast_ledger.store.columns import INTEGER
from forecast_ledger.store.rows import Named, columns_with, from_row, references_of
from forecast_ledger.store.schema import (
    STORED_TYPES,
    link,
    log,
    replacement,
    tables,
    text,
)

CHUNK = 500
"""Values in one IN list; far below the limits of every driver."""

# An alias costs more to make than the statement it stands in takes to run.
_UNDONE = tables["retraction"].alias("undone")
_NEWER = replacement.alias("newer")
_NEWER_UNDONE = tables["retraction"].alias("newer_undone")


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """One forecast or withdrawal in force, as scoring needs it: numbers and moments.

    `question`, `forecaster`, `revision` are places in the log (the first entry with that
    identity, for the first two); `yes`, `low`, `high` are parts per 10⁹ and None for a
    withdrawal. `ended` is when an entry was recorded that took this one out of force.
    """

    question: int
    forecaster: int
    seq: int
    made: When
    recorded_at: datetime
    withdrawal: bool
    revision: int | None
    yes: int | None
    low: int | None
    high: int | None
    record: int | None
    wording: int
    ended: datetime | None = None


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
        for chunk in _chunks([bytes.fromhex(digest) for digest in digests]):
            query = select(log.c.digest, log.c.seq, log.c.type).where(
                log.c.digest.in_(chunk), log.c.seq <= self.cut
            )
            for digest, seq, kind in self.connection.execute(query):
                found[Digest(bytes(digest).hex())] = (seq, kind)
        return found

    def digest_at(self, seq: int) -> Digest:
        """Return the digest of the entry at a place."""
        return self._digests([seq])[seq]

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
                .where(question.c.seq <= self.cut, ~self._retracted(question))
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

    def _retracted(self, table: FromClause, undone: FromClause = _UNDONE) -> ColumnElement[bool]:
        return (
            select(undone.c.seq)
            .where(undone.c.target == table.c.seq, undone.c.seq <= self.cut)
            .exists()
        )

    def _standing(self, table: Table) -> ColumnElement[bool]:
        """In force: neither retracted, nor replaced by an entry that is not retracted."""
        replaced = (
            select(_NEWER.c.seq)
            .where(_NEWER.c.replaced == table.c.seq, _NEWER.c.seq <= self.cut)
            .where(~self._retracted(_NEWER, _NEWER_UNDONE))
            .exists()
        )
        return and_(~self._retracted(table), ~replaced)

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
            query = query.where(self._standing(table))
        queries = [query]
        for name, value in columns.items():
            column = table.c[name]
            if isinstance(value, list | tuple | set | frozenset):
                chunks = list(_chunks(sorted(value)))
                queries = [q.where(column.in_(chunk)) for q in queries for chunk in chunks]
            else:
                queries = [q.where(column == value) for q in queries]
        return sorted(seq for q in queries for seq in self.connection.execute(q).scalars())

    def replacing(self, seqs: Sequence[int]) -> list[int]:
        """Return the places of all entries that replace any of these."""
        found: set[int] = set()
        for chunk in _chunks(seqs):
            query = select(replacement.c.seq).where(
                replacement.c.replaced.in_(chunk), replacement.c.seq <= self.cut
            )
            found.update(self.connection.execute(query).scalars())
        return sorted(found)

    def replaced_by(self, seqs: Sequence[int]) -> dict[int, set[int]]:
        """Return for each entry all that it replaces, directly or through others."""
        found: dict[int, set[int]] = defaultdict(set)
        for chunk in _chunks(seqs):
            query = select(replacement).where(replacement.c.seq.in_(chunk))
            for seq, replaced in self.connection.execute(query):
                found[seq].add(replaced)
        return found

    def state_of(self, seqs: Sequence[int]) -> dict[int, str]:
        """Return for each entry whether it is "in force", "replaced" or "retracted"."""
        states = dict.fromkeys(seqs, "replaced")
        undone = tables["retraction"]
        for chunk in _chunks(seqs):
            standing = select(log.c.seq).where(log.c.seq.in_(chunk), self._standing(log))
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
        for chunk in _chunks(targets):
            query = (
                select(link.c.seq)
                .join(table, table.c.seq == link.c.seq)
                .where(link.c.target.in_(chunk), link.c.field == field, link.c.seq <= self.cut)
            )
            found.update(self.connection.execute(query).scalars())
        return sorted(found)

    def doubled(self, after: int) -> Iterator[tuple[str, list[int]]]:
        """Yield (type, places) of entries with one identity of which one stands after a place.

        Wordings and resolutions are not among them: they are disputed by question.
        """
        for name, columns in _IDENTITIES.items():
            table = tables[name]
            parts = [table.c[column] for column in columns]
            groups = (
                select(*parts)
                .where(table.c.seq <= self.cut)
                .group_by(*parts)
                .having(func.count() > 1, func.max(table.c.seq) > after)
            )
            for group in self.connection.execute(groups).all():
                same = [part == value for part, value in zip(parts, group, strict=True)]
                query = select(table.c.seq).where(*same).order_by(table.c.seq)
                yield name, list(self.connection.execute(query).scalars())

    def roots_touched(self, after: int) -> set[int]:
        """Return the roots of the questions that entries after a place are about."""
        question = tables["question"]
        new = question.c.seq > after
        found = set(self.connection.execute(select(question.c.root).where(new)).scalars())
        for name in ("revision", "forecast", "withdrawal", "resolution"):
            table = tables[name]
            query = (
                select(question.c.root)
                .distinct()
                .join(table, table.c.question == question.c.seq)
                .where(table.c.seq > after)
            )
            found.update(self.connection.execute(query).scalars())
        return found

    def load(self, seqs: Sequence[int], kind: str | None = None) -> list[Recorded[Any]]:
        """Return the entries at those places, in order; all of type `kind`, if it is given."""
        loaded: list[Recorded[Any]] = []
        for chunk in _chunks(seqs):
            loaded.extend(self._load(chunk, kind))
        return loaded

    def _load(self, seqs: list[int], kind: str | None) -> Iterator[Recorded[Any]]:
        heads = {
            row.seq: row for row in self.connection.execute(select(log).where(log.c.seq.in_(seqs)))
        }
        by_kind: dict[str, list[int]] = defaultdict(list)
        for seq in seqs:
            if seq in heads:
                by_kind[kind or heads[seq].type].append(seq)
        links = self._links(seqs)
        rows: dict[int, dict[str, Any]] = {}
        hashes: set[bytes] = set()
        targets = {target for fields in links.values() for _, target in fields}
        for name, places in by_kind.items():
            if name not in STORED_TYPES:
                raise ConflictError(f"entry {places[0]} is a {name}, unknown to this version")
            cls, table = STORED_TYPES[name], tables[name]
            text_columns = columns_with(cls, Role.TEXT)
            reference_columns = columns_with(cls, Role.REFERENCE)
            found = self.connection.execute(select(table).where(table.c.seq.in_(places)))
            for mapping in found.mappings():
                row: dict[str, Any] = dict(mapping)
                rows[row["seq"]] = row
                hashes.update(bytes(row[c]) for c in text_columns if row[c] is not None)
                targets.update(row[c] for c in reference_columns if row[c] is not None)
        names = Named(self._digests(list(targets)), self._texts(list(hashes)))
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

    def _links(self, seqs: list[int]) -> dict[int, list[tuple[str, int]]]:
        found: dict[int, list[tuple[str, int]]] = defaultdict(list)
        query = (
            select(link.c.seq, link.c.field, link.c.target)
            .where(link.c.seq.in_(seqs))
            .order_by(link.c.seq, link.c.field, link.c.position)
        )
        for seq, field, target in self.connection.execute(query):
            found[seq].append((field, target))
        return found

    def _texts(self, hashes: list[bytes]) -> dict[bytes, str]:
        found: dict[bytes, str] = {}
        for chunk in _chunks(hashes):
            query = select(text.c.sha256, text.c.content).where(text.c.sha256.in_(chunk))
            for sha256, content in self.connection.execute(query):
                found[bytes(sha256)] = content
        return found

    def _digests(self, seqs: list[int]) -> dict[int, Digest]:
        found: dict[int, Digest] = {}
        for chunk in _chunks(seqs):
            query = select(log.c.seq, log.c.digest).where(log.c.seq.in_(chunk))
            for seq, digest in self.connection.execute(query):
                found[seq] = Digest(bytes(digest).hex())
        return found

    # -- the stream scores are made of -----------------------------------------------------

    def forecasts(
        self,
        *,
        questions: Sequence[int] | None = None,
        forecasters: Sequence[int] | None = None,
        ended: bool = False,
    ) -> Iterator[ForecastRow]:
        """Yield forecasts and withdrawals in force, by question, forecaster, made, seq.

        `questions` and `forecasters` are roots to keep. A question's forecasts come
        together, each forecaster's series in the order it was made. With `ended` those no
        longer in force come too, with the moment they were taken out of it.
        """
        chunks = [None] if questions is None else list(_chunks(sorted(questions)))
        for chunk in chunks:
            which = true() if chunk is None else tables["question"].c.root.in_(chunk)
            stream = self._forecasts(which, forecasters, None)
            gone: dict[int, datetime] = {}
            for kind in ("forecast", "withdrawal") if ended else ():
                gone |= self.taken_out(kind, which if chunk is not None else None)
            if gone:
                out = [
                    replace(row, ended=gone[row.seq])
                    for part in _chunks(sorted(gone))
                    for row in self._forecasts(which, forecasters, part)
                ]
                stream = heapq.merge(stream, sorted(out, key=_place), key=_place)
            yield from stream

    def retracted_at(self, *kinds: str, places: Sequence[int] | None = None) -> dict[int, datetime]:
        """Return when each retracted entry of these types was, those at `places` if given."""
        undone, said = tables["retraction"], log.alias()
        query = (
            select(undone.c.target, func.min(log.c.recorded_at))
            .join(log, log.c.seq == undone.c.seq)
            .join(said, said.c.seq == undone.c.target)
            .where(undone.c.seq <= self.cut, said.c.type.in_(kinds))
            .group_by(undone.c.target)
        )
        chunks = [None] if not places else list(_chunks(places))
        found: dict[int, datetime] = {}
        for chunk in chunks:
            part = query if chunk is None else query.where(undone.c.target.in_(chunk))
            found.update({row[0]: row[1] for row in self.connection.execute(part)})
        return found

    def taken_out(self, kind: str, which: ColumnElement[bool] | None = None) -> dict[int, datetime]:
        """Return when each entry of a type that is not in force ceased to be.

        `which` may narrow them by their question.
        """
        table, question = tables[kind], tables["question"]
        undone, newer = tables["retraction"], replacement
        out: dict[int, datetime] = {}
        for target, by, condition in (
            (undone.c.target, undone.c.seq, true()),
            (newer.c.replaced, newer.c.seq, ~self._retracted(newer)),
        ):
            # Of a ledger in which nothing was taken back nothing needs to be joined: a planner
            # without statistics would take its time over it.
            if self.connection.execute(select(by).where(by <= self.cut).limit(1)).first() is None:
                continue
            query = (
                select(target, func.min(log.c.recorded_at))
                .join(log, log.c.seq == by)
                .join(table, table.c.seq == target)
                .where(by <= self.cut, condition)
                .group_by(target)
            )
            if which is not None:
                query = query.join(question, question.c.seq == table.c.question).where(which)
            for seq, moment in self.connection.execute(query):
                out[seq] = min(moment, out.get(seq, moment))
        return out

    def _forecasts(
        self,
        which: ColumnElement[bool],
        forecasters: Sequence[int] | None,
        places: Sequence[int] | None,
    ) -> Iterator[ForecastRow]:
        """Yield those in force, or those at `places` whether in force or not."""
        parts = []
        for name in ("forecast", "withdrawal"):
            seq = tables[name].c.seq
            wanted = self._standing(tables[name]) if places is None else seq.in_(places)
            query = _answers(name).where(seq <= self.cut, which, wanted)
            if forecasters is not None:
                query = query.where(tables["forecaster"].c.root.in_(list(forecasters)))
            parts.append(query)
        union = parts[0].union_all(parts[1]).subquery()
        ordered = (
            select(union)
            .order_by(union.c.question, union.c.forecaster, union.c.made_start, union.c.seq)
            .execution_options(yield_per=5_000)
        )
        for row in self.connection.execute(ordered):
            yield ForecastRow(
                question=row.question,
                forecaster=row.forecaster,
                seq=row.seq,
                made=(
                    When(row.made_start, row.made_start)
                    if row.made_day is None
                    else When(row.made_start, row.made_end, date.fromisoformat(row.made_day))
                ),
                recorded_at=row.recorded_at,
                withdrawal=bool(row.withdrawal),
                revision=row.revision,
                yes=row.answer_yes,
                low=row.answer_low,
                high=row.answer_high,
                record=row.record,
                wording=row.wording,
            )


def _answers(name: str) -> Select[Any]:
    """Return the columns of ForecastRow out of one of the two tables that answer questions."""
    table, is_forecast = tables[name], name == "forecast"
    question, forecaster = tables["question"], tables["forecaster"]
    nothing = literal(None).cast(INTEGER)
    return (
        select(
            question.c.root.label("question"),
            forecaster.c.root.label("forecaster"),
            table.c.seq,
            table.c.made_start,
            table.c.made_end,
            table.c.made_day,
            log.c.recorded_at,
            *((table.c[c] if is_forecast else nothing).label(c) for c in _ANSWER_COLUMNS),
            literal(0 if is_forecast else 1).label("withdrawal"),
            table.c.question.label("wording"),
        )
        .join(question, question.c.seq == table.c.question)
        .join(forecaster, forecaster.c.seq == table.c.forecaster)
        .join(log, log.c.seq == table.c.seq)
    )


def _place(row: ForecastRow) -> tuple[int, int, datetime, int]:
    return (row.question, row.forecaster, row.made.start, row.seq)


_IDENTITIES = {
    "source": ("key",),
    "forecaster": ("name",),
    "family": ("key",),
    "lexicon": ("key", "version"),
    "label": ("question", "label"),
    "forecast": ("question", "forecaster", "made_start"),
    "withdrawal": ("question", "forecaster", "made_start"),
    "statement": ("source", "place", "quote"),
    "counterpart": ("question", "other"),
    "reading": ("forecast", "statement"),
}

_ANSWER_COLUMNS = ("revision", "answer_yes", "answer_low", "answer_high", "record")


def _chunks(values: Sequence[Any]) -> Iterator[list[Any]]:
    for first in range(0, len(values), CHUNK):
        yield list(values[first : first + CHUNK])
