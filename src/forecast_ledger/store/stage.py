"""A place beside a ledger where an import is made ready, so that the lock is held but briefly.

A file in a folder of its own that nobody else may read, gone when the import has ended, however
it ended. What stands here is written to the ledger set by set, through all its triggers.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Table, insert, select

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import Entry
from forecast_ledger.domain.fields import Digest
from forecast_ledger.domain.moments import When, moment_of, text_of
from forecast_ledger.domain.plain_forecasts import leaves_at, written
from forecast_ledger.errors import DatabaseError
from forecast_ledger.store.chunks import in_chunks
from forecast_ledger.store.columns import UtcMoment
from forecast_ledger.store.read import Reader
from forecast_ledger.store.rows import references_of, to_row
from forecast_ledger.store.schema import link, log, tables, text
from forecast_ledger.store.write import Writer

BATCH = 2_000
"""Rows staged with one statement."""
_CACHE = -49152
"""Kibibytes of pages a writer keeps while it takes over what is staged."""
_NONCE = 16

_TABLES = """
CREATE TABLE row (spelling INTEGER, forecaster INTEGER, made TEXT, yes INTEGER, line INTEGER,
    source TEXT);
CREATE TABLE question_rank (spelling INTEGER PRIMARY KEY, rank INTEGER);
CREATE TABLE forecaster_rank (forecaster INTEGER PRIMARY KEY, rank INTEGER);
CREATE TABLE looked_up (forecast BLOB, source TEXT);
"""
_LAID_OUT = """
DELETE FROM looked_up;
DROP TABLE IF EXISTS entry;
DROP TABLE IF EXISTS entry_text;
DROP TABLE IF EXISTS entry_link;
DROP TABLE IF EXISTS plain;
CREATE TABLE entry (seq INTEGER PRIMARY KEY, nonce BLOB, digest BLOB, type TEXT, leaf BLOB);
CREATE TABLE entry_text (sha256 BLOB PRIMARY KEY, content TEXT) WITHOUT ROWID;
CREATE TABLE entry_link (seq INTEGER, field TEXT, position INTEGER, target INTEGER);
CREATE TABLE plain (number INTEGER PRIMARY KEY, proof BLOB, question INTEGER, revision INTEGER,
    forecaster INTEGER, made TEXT, yes INTEGER);
"""
# A proof is nonce, digest and leaf in one; a moment is its start, and of a day its end and date.
_ENTRY_LOG = "SELECT seq, :at AS recorded_at, nonce, digest, type, leaf FROM entry"
_PLAIN_LOG = (
    "SELECT number + :first AS seq, :at AS recorded_at, substr(proof, 1, 16) AS nonce,"
    " substr(proof, 17, 32) AS digest, 'forecast' AS type, substr(proof, 49) AS leaf FROM plain"
)
# Each part in the order it is kept in, so that nothing has to be sorted under the lock.
_LOG = (
    f"{_ENTRY_LOG} WHERE seq <= :first ORDER BY seq",
    f"{_PLAIN_LOG} ORDER BY number",
    f"{_ENTRY_LOG} WHERE seq > :first ORDER BY seq",
)
_PLAIN = (
    "SELECT number + :first AS seq, question, revision, forecaster,"
    " substr(made, 1, 27) AS made_start, nullif(substr(made, 29, 27), '') AS made_end,"
    " nullif(substr(made, 57), '') AS made_day, yes AS answer_yes FROM plain ORDER BY number"
)
_PLAIN_COLUMNS = (
    *("seq", "question", "revision", "forecaster"),
    *("made_start", "made_end", "made_day", "answer_yes"),
)
_SORTED = """
SELECT q.rank, f.rank, row.made, row.yes, row.line, row.source
FROM row JOIN question_rank q USING (spelling) JOIN forecaster_rank f USING (forecaster)
ORDER BY q.rank, f.rank, row.made, row.line
"""


class Stage:
    """Rows of a table as they were read; then, laid out behind a ledger's log, its next entries.

    `base` is the place in the log they follow, `cut` that of the last of them, `recorded_at`
    the moment they bear. Use it as a context manager.
    """

    def __init__(self) -> None:
        self.base = self.cut = self._first = 0
        self.recorded_at: datetime | None = None
        self.counts: Counter[str] = Counter()
        self._places: dict[Digest, int] = {}
        try:
            self._folder = tempfile.TemporaryDirectory(prefix="forecast-ledger-import-")
        except OSError as error:
            raise DatabaseError(
                f"no temporary folder can be made: {error.strerror}. Name one with TMPDIR."
            ) from error
        self.path = Path(self._folder.name) / "stage.db"
        try:
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            self._db = sqlite3.connect(self.path, isolation_level=None)
            # Nothing here outlives the import, so nothing is kept safe.
            for pragma in ("journal_mode=OFF", "synchronous=OFF", f"cache_size={_CACHE // 4}"):
                self._db.execute(f"PRAGMA {pragma}")
            self._db.executescript(_TABLES)
        except BaseException:
            self._folder.cleanup()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> None:
        self._db.close()
        self._folder.cleanup()
        if isinstance(error, sqlite3.Error):  # the ledger's own errors are SQLAlchemy's
            raise DatabaseError(
                f"the import could not be made ready in {self.path.parent.parent}: {error}."
                " Nothing was recorded. Name a folder with more room with TMPDIR."
            ) from error

    # -- rows ------------------------------------------------------------------------------

    def take(self, batches: Iterable[Sequence[tuple[Any, ...]]]) -> None:
        """Keep rows: spelling, forecaster, made, yes, line, source."""
        with self._written():
            for batch in batches:
                self._db.executemany("INSERT INTO row VALUES (?, ?, ?, ?, ?, ?)", batch)

    def rank_questions(self, ranks: Mapping[int, int]) -> int:
        """Say in which order spellings come; return how many rows are of none of them."""
        self._rank("question", ranks)
        unranked = (
            "SELECT count(*) FROM row WHERE spelling NOT IN (SELECT spelling FROM question_rank)"
        )
        return int(self._db.execute(unranked).fetchone()[0])

    def forecasters(self) -> list[int]:
        """Return the forecasters of the rows that rank_questions put in order."""
        used = "SELECT DISTINCT forecaster FROM row JOIN question_rank USING (spelling)"
        return [row[0] for row in self._db.execute(used)]

    def rank_forecasters(self, ranks: Mapping[int, int]) -> None:
        """Say in which order forecasters come."""
        self._rank("forecaster", ranks)

    def _rank(self, name: str, ranks: Mapping[int, int]) -> None:
        with self._written():
            self._db.execute(f"DELETE FROM {name}_rank")  # noqa: S608 - a name of ours
            insert = f"INSERT INTO {name}_rank VALUES (?, ?)"  # noqa: S608
            self._db.executemany(insert, ranks.items())

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of ranked questions by rank, forecaster and moment, then by line.

        Each is (rank, forecaster's rank, made, yes, line, source).
        """
        cursor = self._db.execute(_SORTED)
        while batch := cursor.fetchmany(BATCH):
            yield from batch

    # -- entries ---------------------------------------------------------------------------

    def lay_out(self, base: int, recorded_at: datetime) -> None:
        """Begin anew behind a place in a log; all that is appended will bear this moment."""
        self.base = self.cut = base
        self.recorded_at = recorded_at
        self._first = base
        self.counts.clear()
        self._places.clear()
        self._leaf = leaves_at(recorded_at)
        old = self._db.execute("SELECT name FROM sqlite_master WHERE name LIKE 'of~_%' ESCAPE '~'")
        for (name,) in old.fetchall():
            self._db.execute(f'DROP TABLE "{name}"')
        self._db.executescript(_LAID_OUT)  # what an earlier try left is of no use

    def place_of(self, digest: Digest) -> int:
        """Return the place of an entry staged by `append`."""
        return self._places[digest]

    def append(self, entries: Iterable[Entry], recorded: Mapping[Digest, int]) -> None:
        """Stage entries, each after those it names; `recorded` are the places of others."""
        iterator = iter(entries)
        while batch := list(islice(iterator, BATCH)):
            self._append(batch, recorded, self._places)

    def append_last(self, batches: Iterable[tuple[Sequence[Entry], Mapping[Digest, int]]]) -> None:
        """Stage entries that no later one names, and that may be as many as the forecasts."""
        self._db.execute("CREATE INDEX entry_digest ON entry (digest)")
        self._db.execute("CREATE INDEX plain_digest ON plain (substr(proof, 17, 32))")
        for batch, recorded in batches:
            self._append(batch, recorded, {})

    def _append(
        self,
        batch: Sequence[Entry],
        recorded: Mapping[Digest, int],
        places: dict[Digest, int],
    ) -> None:
        rows: dict[str, list[list[Any]]] = {}
        heads: list[tuple[Any, ...]] = []
        links: list[tuple[Any, ...]] = []
        texts: dict[bytes, str] = {}

        def place(digest: Digest) -> int:
            for known in (places, self._places, recorded):
                if digest in known:
                    return known[digest]
            found = self._found(digest)
            if found is None:
                raise KeyError(digest)
            return found

        for entry in batch:
            digest = digest_of(entry)
            if digest in places:
                continue
            self.cut = seq = self.cut + 1
            places[digest] = seq
            self.counts[entry.TYPE] += 1
            nonce, raw = os.urandom(_NONCE), bytes.fromhex(digest)
            heads.append((seq, nonce, raw, entry.TYPE, self._leaf(seq, nonce + raw)))
            columns = to_row(entry, place, texts)
            columns["seq"] = columns["root"] = seq
            rows.setdefault(entry.TYPE, []).append(
                [_plainly(columns[name]) for name in _columns(entry.TYPE)]
            )
            links += [
                (seq, name, position, place(target))
                for name in references_of(type(entry))
                for position, target in enumerate(getattr(entry, name))
            ]
        with self._written():
            self._db.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?)", heads)
            self._db.executemany(
                "INSERT OR IGNORE INTO entry_text VALUES (?, ?)", list(texts.items())
            )
            self._db.executemany("INSERT INTO entry_link VALUES (?, ?, ?, ?)", links)
            for kind, values in rows.items():
                names = [f'"{name}"' for name in _columns(kind)]
                self._db.execute(f"CREATE TABLE IF NOT EXISTS of_{kind} ({', '.join(names)})")
                marks = ", ".join("?" * len(names))
                insert = f"INSERT INTO of_{kind} VALUES ({marks})"  # noqa: S608 - a type of ours
                self._db.executemany(insert, values)

    def holds(self, digest: Digest) -> bool:
        """Return whether an entry is staged; quick once `append_last` has begun."""
        return self._found(digest) is not None

    def _found(self, digest: Digest) -> int | None:
        query = (
            "SELECT number + :first FROM plain WHERE substr(proof, 17, 32) = :digest UNION ALL"
            " SELECT seq FROM entry WHERE digest = :digest"
        )
        named = {"digest": bytes.fromhex(digest), "first": self._first}
        row = self._db.execute(query, named).fetchone()
        return None if row is None else int(row[0])

    # -- where forecasts can be looked up ----------------------------------------------------

    def look_up(self, digest: bytes, source: str) -> None:
        """Keep where a forecast can be looked up."""
        self._db.execute("INSERT INTO looked_up VALUES (?, ?)", (digest, source))

    def looked_up(self) -> Iterator[list[tuple[bytes, str]]]:
        """Yield what `look_up` kept, each once, by source and digest, in batches."""
        cursor = self._db.execute(
            "SELECT DISTINCT forecast, source FROM looked_up ORDER BY source, forecast"
        )
        while batch := cursor.fetchmany(BATCH):
            yield batch

    def append_plain(self, batches: Iterable[Sequence[tuple[Any, ...]]]) -> None:
        """Stage forecasts that are a number and nothing else, in order.

        Each is (digest, question, revision, forecaster, made, yes), the entries it names by
        their places.
        """
        self._first = seq = self.cut
        leaf = self._leaf
        insert = (
            "INSERT INTO plain (proof, question, revision, forecaster, made, yes)"
            " VALUES (?, ?, ?, ?, ?, ?)"
        )
        with self._written():
            for batch in batches:
                noise = os.urandom(_NONCE * len(batch))
                rows = []
                at = 0
                for digest, question, revision, forecaster, made, yes in batch:
                    seq += 1
                    named = noise[at : at + _NONCE] + digest
                    at += _NONCE
                    proof = named + leaf(seq, named)
                    rows.append((proof, question, revision, forecaster, made, yes))
                self._db.executemany(insert, rows)
        self.counts["forecast"] += seq - self.cut
        self.cut = seq

    # -- taking over -----------------------------------------------------------------------

    def write(self, writer: Writer) -> None:
        """Append what is staged to the log of a ledger that ends where this begins."""
        if writer.cut != self.base:
            raise ValueError("the ledger has grown since this was laid out")
        if writer.connection.dialect.name == "sqlite":
            self._write_sets(writer.connection)
        else:
            self._write_rows(writer.connection)
        writer.cut = self.cut
        # The machine's clock may have been put back since.
        writer.now = max(writer.now, self.recorded_at or writer.now)

    def _write_sets(self, connection: Connection) -> None:
        run = connection.exec_driver_sql
        run(f"PRAGMA cache_size={_CACHE}")
        run("ATTACH ? AS stage", (str(self.path),))
        for part in _LOG:
            names = "seq, recorded_at, nonce, digest, type, leaf"
            run(f"INSERT INTO main.log ({names}) {part}", self._bound)
        run(
            "INSERT INTO main.text SELECT sha256, content FROM stage.entry_text AS new WHERE NOT"
            " EXISTS (SELECT 1 FROM main.text WHERE text.sha256 = new.sha256) ORDER BY sha256"
        )
        for kind, source in self._sources():
            if source == "plain":
                run(
                    f"INSERT INTO main.forecast ({', '.join(_PLAIN_COLUMNS)}) {_PLAIN}", self._bound
                )
                continue
            names = ", ".join(f'"{name}"' for name in _columns(kind))
            rows = f"SELECT {names} FROM stage.{source} ORDER BY seq"  # noqa: S608 - ours too
            run(f"INSERT INTO main.{kind} ({names}) {rows}")
        run(
            "INSERT INTO main.link (seq, field, position, target)"
            " SELECT seq, field, position, target FROM stage.entry_link ORDER BY seq, field"
        )

    def _sources(self) -> Iterator[tuple[str, str]]:
        """Yield each kind of entry staged, with the table it stands in here."""
        for kind, count in self.counts.items():
            if count:
                yield kind, "plain" if kind == "forecast" else f"of_{kind}"

    def _write_rows(self, connection: Connection) -> None:
        for part in _LOG:
            self._copy(connection, log, part)
        hashes = self._db.execute("SELECT sha256, content FROM entry_text ORDER BY sha256")
        while batch := hashes.fetchmany(BATCH):
            named = select(text.c.sha256).where(text.c.sha256.in_([row[0] for row in batch]))
            known = {bytes(sha256) for sha256 in connection.execute(named).scalars()}
            fresh = [{"sha256": k, "content": c} for k, c in batch if k not in known]
            if fresh:
                connection.execute(insert(text), fresh)
        for kind, source in self._sources():
            query = f"SELECT * FROM {source} ORDER BY seq"  # noqa: S608 - a table of ours
            self._copy(connection, tables[kind], _PLAIN if source == "plain" else query)
        self._copy(connection, link, "SELECT * FROM entry_link ORDER BY seq")

    def _copy(self, connection: Connection, table: Table, query: str) -> None:
        """Insert what a query here gives into a table of another database, row by row."""
        cursor = self._db.execute(query, self._bound)
        found = [column[0] for column in cursor.description]
        names = [name for name in found if name in table.c]
        moments = {name for name in names if isinstance(table.c[name].type, UtcMoment)}
        while batch := cursor.fetchmany(BATCH):
            rows = [dict(zip(found, row, strict=True)) for row in batch]
            for row in rows:
                for name in moments:
                    row[name] = row[name] and moment_of(row[name])
            connection.execute(insert(table), [{name: row[name] for name in names} for row in rows])

    # -- within ----------------------------------------------------------------------------

    @property
    def _bound(self) -> dict[str, Any]:
        """What the queries here name: the moment recorded, and what forecasts stand behind."""
        if self.recorded_at is None:
            raise ValueError("nothing was laid out")
        return {"at": text_of(self.recorded_at), "first": self._first}

    @contextmanager
    def _written(self) -> Iterator[None]:
        self._db.execute("BEGIN")
        yield
        self._db.execute("COMMIT")


@cache
def _columns(kind: str) -> tuple[str, ...]:
    return tuple(column.name for column in tables[kind].c)


_text_of = lru_cache(10_000)(text_of)


def _plainly(value: Any) -> Any:
    return _text_of(value) if isinstance(value, datetime) else value


@dataclass(frozen=True, slots=True)
class Rival:
    """A forecast recorded; `made` as `plain_forecasts.written` has it, `yes` None without one."""

    seq: int
    question: int
    forecaster: int
    made: str
    yes: int | None
    in_force: bool


def forecasts_made(
    reader: Reader, questions: Sequence[int], forecasters: Sequence[int], starts: Sequence[str]
) -> list[Rival]:
    """Return what forecasters (by place) said of questions at moments written out."""
    table = tables["forecast"]
    found: list[Any] = []
    for chunk in in_chunks(starts):
        query = select(
            table.c.seq,
            table.c.question,
            table.c.forecaster,
            table.c.made_start,
            table.c.made_end,
            table.c.made_day,
            table.c.answer_yes,
        ).where(
            table.c.question.in_(questions),
            table.c.forecaster.in_(forecasters),
            table.c.made_start.in_([moment_of(start) for start in chunk]),
            table.c.seq <= reader.cut,
        )
        found.extend(reader.connection.execute(query))
    states = reader.state_of([row.seq for row in found])
    return [
        Rival(
            row.seq,
            row.question,
            row.forecaster,
            written(_when(row)),
            row.answer_yes,
            states[row.seq] == "in force",
        )
        for row in found
    ]


def _when(row: Any) -> When:
    if row.made_day is None:
        return When(row.made_start, row.made_start)
    return When(row.made_start, row.made_end, date.fromisoformat(row.made_day))
