"""Recording what a book or an export holds: read and checked first, then whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import Entry, Question, Reading, Revision
from forecast_ledger.domain.fields import Digest
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.errors import InvalidError, Problem
from forecast_ledger.ledger.base import check_admissible, difference, primary_elsewhere
from forecast_ledger.ledger.gathering import HINDSIGHT, Filters, Gathering
from forecast_ledger.ledger.imported import Conflict, FileReport
from forecast_ledger.ledger.recorded_lookup import RecordedLookup
from forecast_ledger.ledger.source_texts import only_source
from forecast_ledger.ledger.state import DISPUTED, question_states
from forecast_ledger.store.arrivals import doubled, roots_touched
from forecast_ledger.store.read import Reader
from forecast_ledger.store.write import Writer

if TYPE_CHECKING:
    from forecast_ledger.formats import Arrived


def arriving(
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
    from forecast_ledger.formats.lookup import NothingRecorded

    form = format_of(name, stream.read(64))
    stream.seek(0)
    if form.name == "jsonl":
        jsonl.check(stream, name=name)
        stream.seek(0)
    text = {key: text for key, text in texts.items() if key is not None}
    if None in texts and form.name == "book":
        text[only_source(stream.read(LARGEST), name)] = texts[None]
        stream.seek(0)
    lookup = NothingRecorded() if reader is None else RecordedLookup(reader)
    return form.name, form.read(stream, Context(name=name, now=now, lookup=lookup, text=text))


def record(writer: Writer, path: str, arrived: Arrived, *, is_book: bool) -> FileReport:
    """Record what a file holds, and return what that did beside adding entries."""
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
    return sorted(roots_touched(writer, after))


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
    for kind, seqs in doubled(writer, after):
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
