"""Bringing entries in and out: files, copies, whole ledgers, and whether they are intact."""

from __future__ import annotations

import shlex
import stat
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn, TextIO

from forecast_ledger.domain.canonical import digest_of, leaf_of
from forecast_ledger.domain.entries import (
    Counterpart,
    Entry,
    Family,
    Forecaster,
    Lexicon,
    Question,
    Reading,
    Revision,
    Source,
)
from forecast_ledger.domain.fields import Digest
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.errors import (
    ConflictError,
    DatabaseError,
    InvalidError,
    LedgerError,
    NotFoundError,
    Problem,
    VerificationError,
)
from forecast_ledger.ledger.base import (
    LedgerBase,
    check_admissible,
    difference,
    primary_elsewhere,
)
from forecast_ledger.ledger.gathering import HINDSIGHT, Filters, Gathering
from forecast_ledger.ledger.imported import Conflict, FileReport, ImportReport
from forecast_ledger.ledger.state import DISPUTED, question_states
from forecast_ledger.ledger.views import about, related_to
from forecast_ledger.store.read import Reader
from forecast_ledger.store.schema import HEAD
from forecast_ledger.store.write import Writer

if TYPE_CHECKING:
    from forecast_ledger.formats import Arrived
    from forecast_ledger.ledger.tables_in import Asking, Progress

__all__ = ["Conflict", "FileReport", "ImportReport", "Status", "Transfer"]

_FOLDER_PATTERNS = ("*.toml", "*.jsonl")


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


class _RehearsedError(Exception):
    """Ends the transaction of a dry run, so that it leaves nothing behind."""


def _undo_all() -> None:
    raise _RehearsedError


class Transfer(LedgerBase):
    """Use cases that move entries between ledgers and files."""

    # -- import ----------------------------------------------------------------------------

    def import_paths(
        self,
        paths: Sequence[Path],
        *,
        dry_run: bool = False,
        texts: Mapping[str | None, str] | None = None,
        tables: Asking | None = None,
        progress: Progress = lambda _: None,
    ) -> ImportReport:
        """Record what files, and the files of folders, hold; each file whole or not at all.

        `texts` are the texts of sources by their keys, for the quotes to be checked
        against; under None the text of whatever source a book has. `tables` says how flat
        tables are to be read, which are taken where they are named, never out of a folder;
        `progress` is told what part of a table is done. Raises NotFoundError for a path that is
        not there.
        """
        said = tables is not None and tables.is_said
        files = [file for path in paths for file in _files_of(path, any_table=said)]
        texts = texts or {}
        _must_be_quoted({key for key in texts if key is not None}, files)

        def imported(file: Path, stage: Any) -> FileReport:
            if not _is_table(file, any_table=said):
                return self._import(file, stage, texts)
            from forecast_ledger.ledger.tables_in import Asking, TablesIn

            return TablesIn.of(self).import_csv(
                file, tables or Asking(), dry_run=dry_run, progress=progress
            )

        if not dry_run:
            return ImportReport(tuple(imported(file, self) for file in files), dry_run=False)
        with self._rehearsal() as stage:
            return ImportReport(tuple(imported(file, stage) for file in files), dry_run=True)

    @contextmanager
    def _rehearsal(self) -> Iterator[Any]:
        """Give something to import into that keeps nothing: the ledger itself, undone."""
        if not self.store.exists():
            with tempfile.TemporaryDirectory() as folder:
                stage = type(self)(str(Path(folder) / "rehearsal.db"), clock=self._clock)
                yield stage
                stage.close()
            return
        try:
            with self._writer() as writer:
                yield _Stage(writer)
                _undo_all()
        except _RehearsedError:
            return

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Give the writer an import records with."""
        with self._writer() as writer:
            yield writer

    @contextmanager
    def reading_or_nothing(self) -> Iterator[Reader | None]:
        """Give a reader, or None where there is no ledger yet."""
        if not self.store.exists():
            yield None
            return
        with self.store.reading() as reader:
            yield reader

    def _import(self, file: Path, stage: Any, texts: Mapping[str | None, str]) -> FileReport:
        try:
            with file.open("rb") as stream:
                with stage.reading_or_nothing() as reader:
                    form, arrived = _arriving(stream, str(file), reader, self._clock(), texts)
                with stage.writing() as writer:
                    return _record(writer, str(file), arrived, is_book=form == "book")
        except OSError as error:
            problem = Problem(str(file), f"cannot be read: {error.strerror}")
            return FileReport(str(file), problems=(problem,), error=InvalidError(str(problem)))
        except (InvalidError, ConflictError, NotFoundError) as error:
            problems = error.problems or (Problem(str(file), error.message),)
            return FileReport(str(file), problems=problems, error=error)

    # -- export ----------------------------------------------------------------------------

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
            rows = _closed(reader, list(states), view.now)
            return write_book(rows, zone=zone)

    # -- whole ledgers ---------------------------------------------------------------------

    def restore(self, path: Path) -> int:
        """Load an export with its log into an empty ledger, as it was; return how many."""
        from forecast_ledger.formats import jsonl

        _must_be_a_file(path)
        with _opened(path) as stream:
            jsonl.check(stream, name=str(path), is_log=True)
        if self.store.target.path is not None or self.store.exists():
            self.store.create()
        else:
            raise DatabaseError(
                f"{self.store.target.shown} holds no ledger yet. Make one first: fl db init"
            )
        with self._writer() as writer, _opened(path) as stream:
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
            checked = _verified(reader) if verify else None
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


class _Stage:
    """The writer of a dry run in the guise of a ledger."""

    def __init__(self, writer: Writer) -> None:
        self._the_writer = writer

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Give the writer, and take back what it wrote of a file with problems."""
        cut = self._the_writer.cut
        savepoint = self._the_writer.connection.begin_nested()
        try:
            yield self._the_writer
        except LedgerError:
            savepoint.rollback()
            self._the_writer.cut = cut
            raise

    @contextmanager
    def reading_or_nothing(self) -> Iterator[Reader]:
        """Give the writer itself: it sees what it wrote."""
        yield self._the_writer


def _files_of(path: Path, *, any_table: bool) -> list[Path]:
    mode = _mode_of(path)
    if mode == stat.S_IFDIR:
        found = sorted(file for pattern in _FOLDER_PATTERNS for file in path.rglob(pattern))
        if not found:
            raise NotFoundError(
                f"{path} holds no book (.toml) and no export (.jsonl).{_tables_in(path)}"
            )
        return found
    if mode != stat.S_IFIFO or not _is_table(path, any_table=any_table):
        _must_be_a_file(path)
    return [path]


def _tables_in(folder: Path) -> str:
    """Return how the tables of a folder are imported, or nothing where it has none."""
    from forecast_ledger.formats.csv_lines import is_table

    first = min((file for file in folder.rglob("*") if is_table(file.name)), default=None)
    if first is None:
        return ""
    return f" A table (.csv) is named itself: fl import {shlex.quote(str(first))}"


def _is_table(path: Path, *, any_table: bool) -> bool:
    """Return whether a file is a flat table: by its name, or because that was said."""
    from forecast_ledger.formats import FORMATS
    from forecast_ledger.formats.csv_lines import is_table

    others = {ending for form in FORMATS.values() for ending in form.endings}
    return is_table(path.name) or (any_table and path.suffix.lower() not in others)


def _must_be_a_file(path: Path) -> None:
    if _mode_of(path) != stat.S_IFREG:
        raise InvalidError(f"{path} is not a file. Name a book (.toml) or an export (.jsonl).")


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise InvalidError(f"{path} cannot be read: {error.strerror}.") from error


def _mode_of(path: Path) -> int:
    """Return what kind of file there is, as `stat` names it."""
    try:
        return stat.S_IFMT(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        raise NotFoundError(f"there is no file {path}. Check its name.") from None
    except (OSError, ValueError) as error:
        said = (isinstance(error, OSError) and error.strerror) or error
        raise InvalidError(f"{path} cannot be read: {said}.") from error


def _arriving(
    stream: BinaryIO,
    name: str,
    reader: Reader | None,
    now: datetime,
    texts: Mapping[str | None, str],
) -> tuple[str, Arrived]:
    """Return the format of a file and what it holds, checked whole before any lock is taken.

    A book is read here and now; the lines of an export are read again as they are recorded.
    """
    from forecast_ledger.formats import Context, format_of, jsonl
    from forecast_ledger.formats.book import LARGEST

    form = format_of(name, stream.read(64))
    stream.seek(0)
    if form.name == "jsonl":
        jsonl.check(stream, name=name)
        stream.seek(0)
    text = {key: text for key, text in texts.items() if key is not None}
    if None in texts and form.name == "book":
        text[_only_source(stream.read(LARGEST), name)] = texts[None]
        stream.seek(0)
    lookup = _nothing() if reader is None else _RecordedLookup(reader)
    return form.name, form.read(stream, Context(name=name, now=now, lookup=lookup, text=text))


def _must_be_quoted(keys: set[str], files: Sequence[Path]) -> None:
    """Refuse a text of a source that no book quotes: its quotes would go unchecked."""
    if not keys:
        return
    from forecast_ledger.formats.book import LARGEST

    quoted: set[str] = set()
    for file in files:
        with suppress(OSError), file.open("rb") as stream:
            data = stream.read(LARGEST)
            for table, field in (("source", "key"), ("statement", "source")):
                named = _named_in(data, table, field)
                if named is None:
                    return  # that file is refused with a better reason
                quoted.update(named)
    for key in sorted(keys - quoted):
        known = f" There are: {', '.join(sorted(quoted)[:5])}." if quoted else ""
        raise NotFoundError(f'no book named here quotes a source "{key}".{known}')


def _named_in(data: bytes, table: str, field: str) -> list[str] | None:
    """Return what the tables of a book say in a field, or None of a book with a fault in it."""
    import tomllib

    try:
        rows = tomllib.loads(data.decode("utf-8-sig")).get(table, [])
        return [str(row[field]) for row in rows if field in row]
    except (ValueError, TypeError, KeyError, AttributeError):
        return None  # the reader of the book finds the fault and says where it is


def _only_source(data: bytes, name: str) -> str:
    """Return the key of the one source of a book, whose text was given without saying so."""
    keys = _named_in(data, "source", "key")
    if keys is None:
        return ""
    if len(keys) != 1:
        raise InvalidError(
            f"{name} has {len(keys)} sources; say whose text is given: --text KEY=FILE"
        )
    return str(keys[0])


def _nothing() -> Any:
    from forecast_ledger.formats.lookup import NothingRecorded

    return NothingRecorded()


class _RecordedLookup:
    """Answers a reader of files out of the ledger."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def _one(self, kind: str, **columns: Any) -> Recorded[Any] | None:
        found = self._reader.find(kind, **columns)
        if len(found) > 1:
            named = next(iter(columns.values()))
            raise ConflictError(f"the {kind} {named} is disputed: {len(found)} are in force.")
        return found[0] if found else None

    def source(self, key: str) -> Recorded[Source] | None:
        """Return the source of that key."""
        return self._one("source", key=key)

    def question(self, key: str) -> Recorded[Question] | None:
        """Return the first question of that key."""
        root = self._reader.roots("question", "key", key)
        return self._reader.load([root])[0] if root is not None else None

    def wording_in_force(self, key: str) -> Recorded[Question] | Recorded[Revision] | None:
        """Return the wording in force of the question of that key."""
        root = self._reader.roots("question", "key", key)
        if root is None:
            return None
        now = self._reader.load([root])[0].recorded_at
        wordings: Any = question_states(self._reader, now, [root])[root].wordings
        if len(wordings) > 1:
            raise ConflictError(f"the question {key} is disputed: {len(wordings)} wordings.")
        return wordings[0] if wordings else None

    def family(self, key: str) -> Recorded[Family] | None:
        """Return the family of that key."""
        return self._one("family", key=key)

    def forecaster(self, name: str) -> Recorded[Forecaster] | None:
        """Return the first forecaster of that name."""
        root = self._reader.roots("forecaster", "name", name)
        return self._reader.load([root])[0] if root is not None else None

    def lexicon(self, key: str) -> Recorded[Lexicon] | None:
        """Return the lexicon of that key."""
        return self._one("lexicon", key=key)

    def digest(self, prefix: str) -> Sequence[Recorded[Entry]]:
        """Return up to two entries whose digest begins so."""
        return self._reader.with_digest_prefix(prefix)


def _record(writer: Writer, path: str, arrived: Arrived, *, is_book: bool) -> FileReport:
    before = writer.cut
    new: Counter[str] = Counter()
    already = 0
    places: dict[Digest, str] = {}
    for appended in writer.append_each(_admitted(writer, path, arrived, places)):
        if appended.new:
            new[appended.recorded.entry.TYPE] += 1
        else:
            already += 1
    read_twice = list(_read_twice(writer, before, places)) if before else []
    if read_twice and is_book:
        _refuse(path, [problem for problem, _ in read_twice])
    hindsight, claimed = _of_no_account(writer, before)
    return FileReport(
        path=path,
        new=dict(sorted(new.items())),
        already=already,
        conflicts=(*_conflicts(writer, before), *(conflict for _, conflict in read_twice)),
        notices=arrived.notices,
        hindsight=hindsight,
        claimed=claimed,
    )


def _admitted(
    writer: Writer, path: str, arrived: Arrived, places: dict[Digest, str]
) -> Iterator[Entry]:
    """Yield what may be recorded; note in `places` where the primary readings stand."""
    problems = []
    wordings: dict[Digest, Entry] = {}

    def named(digest: Digest) -> Entry | None:
        if digest in wordings:
            return wordings[digest]
        recorded = writer.entry(digest)
        return recorded.entry if recorded else None

    for entry, place in arrived.entries:
        try:
            check_admissible(entry, writer.now, named)
        except InvalidError as error:
            problems.append(Problem(place, error.message))
        else:
            if isinstance(entry, Question | Revision):
                wordings[digest_of(entry)] = entry
            if isinstance(entry, Reading) and entry.primary:
                places[digest_of(entry)] = place
            if not problems:
                yield entry
    if problems:
        _refuse(path, problems)


def _refuse(path: str, problems: Sequence[Problem]) -> NoReturn:
    count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
    raise InvalidError(f"{path}: {count}, nothing was imported", tuple(problems))


def _read_twice(
    writer: Writer, before: int, places: Mapping[Digest, str]
) -> Iterator[tuple[Problem, Conflict]]:
    """Yield the new primary readings of claims that had their primary reading already."""
    seqs = sorted(seq for seq, _ in writer.places_of(places).values() if seq > before)
    standing = writer.state_of(seqs)
    for row in writer.load([seq for seq in seqs if standing[seq] == "in force"], "reading"):
        reading: Reading = row.entry
        statement: Any = writer.entry(reading.statement)
        forecast: Any = writer.entry(reading.forecast)
        key = primary_elsewhere(writer, statement.entry, forecast.entry, writer.now, until=before)
        if key is not None:
            yield (
                Problem(
                    places[row.digest],
                    f"is a second primary reading of a statement that is read on {key} already."
                    " Say primary = false, or let this reading replace that one.",
                ),
                Conflict(
                    f'statement "{statement.entry.quote}"', f"a primary reading on {key} already"
                ),
            )


def _touched(writer: Writer, after: int) -> list[int]:
    """Return the roots of the questions that entries after a place speak of."""
    return sorted(writer.roots_touched(after))


def _of_no_account(writer: Writer, after: int) -> tuple[int, int]:
    """Return how many of the new forecasts are hindsight, and how many are claimed."""
    roots = _touched(writer, after)
    if not roots:
        return 0, 0
    states = question_states(writer, writer.now, roots)
    gathered = Gathering(writer, writer.now, states, Filters(), alone=True).gather(roots)
    claimed = {seq for s in gathered.claimed for seq in s.seqs if seq > after}
    return gathered.forecasts[HINDSIGHT], len(claimed)


def _conflicts(writer: Writer, after: int) -> Iterator[Conflict]:
    for kind, seqs in writer.doubled(after):
        rows = writer.load(seqs)
        standing = writer.state_of(seqs)
        heads = [row for row in rows if standing[row.seq] == "in force"]
        if len(heads) > 1:
            yield Conflict(f"{kind} {_called(heads[0].entry)}", _differ(heads))
    roots = _touched(writer, after)
    for state in question_states(writer, writer.now, roots).values() if roots else ():
        if state.status == DISPUTED:
            heads = list(state.wordings if len(state.wordings) > 1 else state.resolutions)
            what = "wordings" if len(state.wordings) > 1 else "resolutions"
            yield Conflict(f"question {state.key}, two {what}", _differ(heads))


def _differ(heads: Sequence[Recorded[Any]]) -> str:
    return difference(heads[0].entry, heads[-1].entry)


def _called(entry: Any) -> str:
    for name in ("key", "name", "label"):
        if getattr(entry, name, None):
            return str(getattr(entry, name))
    return digest_of(entry)[:12]


def _closed(reader: Reader, roots: Sequence[int], now: datetime) -> list[Recorded[Any]]:
    """Return all entries about these questions and their counterparts, and what they name."""
    rows: dict[int, Recorded[Any]] = {}
    waiting, seen = list(roots), set(roots)
    while waiting:
        root = waiting.pop()
        state = question_states(reader, now, [root])[root]
        for row in about(reader, state):
            rows[row.seq] = row
            if isinstance(row.entry, Counterpart):
                place = reader.places_of([row.entry.other])[row.entry.other][0]
                other = reader.root_map_of("question", place)
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)
    questions = {row.digest for row in rows.values() if isinstance(row.entry, Question)}
    for seq, row in list(rows.items()):
        # A family belongs to the book only whole: the others of it are not in there.
        if isinstance(row.entry, Family) and not set(row.entry.questions) <= questions:
            del rows[seq]
    fresh = list(rows.values())
    while fresh:
        # What they name, what corrects or retracts it, and what was said of it, in turn.
        found = related_to(reader, fresh)
        seqs = [row.seq for row in [*fresh, *found]]
        found += reader.load(reader.replacing(seqs))
        for kind in ("note", "retraction"):
            found += reader.find(kind, in_force=False, target=seqs)
        fresh = [row for row in found if row.seq not in rows and not isinstance(row.entry, Family)]
        rows.update({row.seq: row for row in fresh})
    return [rows[seq] for seq in sorted(rows)]


def _verified(reader: Reader) -> int:
    from forecast_ledger.store.verify import strays

    problems, expected, last = list(strays(reader)), 1, None
    for seq, recorded_at, nonce, digest, kind, leaf in reader.rows():
        place = f"entry {seq}"
        if seq != expected:
            problems.append(Problem(place, f"stands where entry {expected} should"))
        if last is not None and recorded_at < last:
            problems.append(Problem(place, "was recorded before the one above it"))
        if leaf != leaf_of(seq, recorded_at, nonce, digest):
            problems.append(Problem(place, "its leaf does not match its row in the log"))
        expected, last = seq + 1, recorded_at
        try:
            (row,) = reader.load([seq])
            if kind != row.entry.TYPE or digest_of(row.entry) != digest:
                problems.append(Problem(place, f"the {kind} does not match its digest"))
        except VerificationError as error:
            problems.extend(error.problems)
        except (LedgerError, ValueError, KeyError) as error:
            problems.append(Problem(place, f"the {kind} cannot be read: {error}"))
    if problems:
        count = f"{len(problems)} fault{'s' if len(problems) > 1 else ''}"
        raise VerificationError(
            f"the ledger is not what was recorded: {count}. Put a backup in its place.",
            tuple(problems),
        )
    return reader.cut
