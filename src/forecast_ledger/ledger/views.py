"""Looking things up: one question whole, lists, what is due, statements, words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from forecast_ledger.domain.entries import (
    Entry,
    Forecast,
    Lexicon,
    Reading,
    Source,
    Statement,
)
from forecast_ledger.domain.fields import Digest
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.domain.words import Meaning, find
from forecast_ledger.errors import NotFoundError, UsageError
from forecast_ledger.ledger.base import LedgerBase
from forecast_ledger.ledger.gathering import Filters, Gathered, Gathering
from forecast_ledger.ledger.phrasing import all_lexicons
from forecast_ledger.ledger.scores import Line, tallied
from forecast_ledger.ledger.state import (
    OPEN,
    OVERDUE,
    STATUSES,
    UNDONE,
    QuestionState,
    question_states,
)
from forecast_ledger.store.forecasts import forecast_rows
from forecast_ledger.store.read import Reader
from forecast_ledger.store.write import references_in


@dataclass(frozen=True, slots=True)
class Item:
    """An entry as it stands: in force, replaced or retracted."""

    recorded: Recorded[Any]
    state: str


@dataclass(frozen=True, slots=True)
class Page:
    """All that is recorded about one question, in the order of the log.

    `related` holds what the entries name: forecasters, statements, sources, evidence,
    lexicons, other questions. `lines` are the scores of those who answered it. `fallen` says
    why forecasts in force are not scored: their wording was replaced, their statement taken
    back.
    """

    state: QuestionState
    items: tuple[Item, ...]
    related: dict[Digest, Entry]
    lines: tuple[Line, ...]
    claimed: tuple[Line, ...]
    fallen: dict[Digest, str]
    now: datetime
    seq: int
    leaf: str

    def of(self, kind: str) -> list[Item]:
        """Return the items of one type of entry."""
        return [item for item in self.items if kind == item.recorded.entry.TYPE]


@dataclass(frozen=True, slots=True)
class Row:
    """A question in a list: its state, and the newest forecast of each forecaster."""

    state: QuestionState
    forecasts: tuple[tuple[str, Recorded[Forecast]], ...]


@dataclass(frozen=True, slots=True)
class Due:
    """Open questions by what they wait for. Each is in one list alone."""

    overdue: tuple[Row, ...]
    soon: tuple[Row, ...]
    stale: tuple[Row, ...]
    within: timedelta
    stale_after: timedelta | None
    now: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement of a source, with the questions made of it."""

    statement: Recorded[Statement]
    source: Source
    questions: tuple[tuple[str, Reading], ...]


class Views(LedgerBase):
    """Use cases that only look."""

    def show(self, key: str, *, as_of: datetime | None = None) -> Page:
        """Return everything recorded about one question."""
        with self._view(as_of) as view:
            reader = view.reader
            state = self._state(reader, key, view.now, taken_back=True)
            rows = about(reader, state)
            states = reader.state_of([row.seq for row in rows])
            gathering = Gathering(reader, view.now, {state.root: state}, Filters(), alone=True)
            gathered = gathering.gather([state.root])
            _, lines = tallied([*gathered.counted, *gathered.early], Filters())
            _, claimed = tallied(gathered.claimed, Filters())
            leaf = reader.leaf()
            return Page(
                state=state,
                items=tuple(Item(row, states[row.seq]) for row in rows),
                related={r.digest: r.entry for r in [*rows, *related_to(reader, rows)]},
                lines=tuple(lines),
                claimed=tuple(claimed),
                fallen=_fallen(reader, gathering, gathered, state, rows),
                now=view.now,
                seq=reader.cut,
                leaf=leaf.hex() if leaf else "",
            )

    def list(
        self,
        *,
        status: Sequence[str] = (),
        filters: Filters | None = None,
        as_of: datetime | None = None,
    ) -> tuple[Row, ...]:
        """Return the questions chosen, by key, with the forecasts that stand on them."""
        for name in status:
            if name not in STATUSES:
                raise UsageError(f"there is no status {name!r}. Choose: {', '.join(STATUSES)}.")
        filters = filters or Filters()
        with self._view(as_of) as view:
            rows = _rows(view.reader, view.now, filters)
            wanted = [row for row in rows if not status or row.state.status in status]
            return tuple(sorted(wanted, key=lambda row: row.state.key))

    def due(
        self,
        *,
        within: timedelta = timedelta(days=14),
        stale: timedelta | None = None,
        filters: Filters | None = None,
        as_of: datetime | None = None,
    ) -> Due:
        """Return what is overdue, due `within`, or untouched for `stale` and not due yet."""
        with self._view(as_of) as view:
            rows = _rows(view.reader, view.now, filters or Filters())
            by_due = sorted(rows, key=lambda row: (row.state.due or view.now, row.state.key))
            overdue = [row for row in by_due if row.state.status == OVERDUE]
            waiting = [row for row in by_due if row.state.status == OPEN]
            soon = [
                row
                for row in waiting
                if row.state.due is not None and row.state.due - view.now <= within
            ]
            untouched = [
                row
                for row in waiting
                if stale is not None and row not in soon and _idle(row, view.now) >= stale
            ]
            return Due(tuple(overdue), tuple(soon), tuple(untouched), within, stale, view.now)

    def statements(
        self, *, source: str | None = None, as_of: datetime | None = None
    ) -> tuple[Claim, ...]:
        """Return the statements read, in the order recorded, with what was made of them."""
        with self._view(as_of) as view:
            reader = view.reader
            sources: dict[Digest, Source] = {
                row.digest: row.entry for row in reader.find("source", in_force=False)
            }
            if source is not None and source not in {s.key for s in sources.values()}:
                known = ", ".join(sorted({s.key for s in sources.values()})) or "none yet"
                raise NotFoundError(f'there is no source "{source}". There are: {known}.')
            made = _questions_by_statement(reader)
            found: list[Recorded[Statement]] = reader.find("statement")
            return tuple(
                Claim(row, sources[row.entry.source], tuple(made.get(row.digest, ())))
                for row in found
                if source is None or sources[row.entry.source].key == source
            )

    def words(
        self, phrase: str | None = None, *, lexicon: str | None = None
    ) -> tuple[tuple[Lexicon, Meaning | None], ...]:
        """Return what a phrase means in each lexicon that has it, or all lexicons."""
        if self.store.exists():
            with self._view() as view:
                lexicons = all_lexicons(view.reader)
        else:
            from forecast_ledger.formats.packaged import packaged_lexicons

            lexicons = [book for _, book in sorted(packaged_lexicons().items())]
        if lexicon is not None:
            lexicons = [book for book in lexicons if book.key == lexicon]
            if not lexicons:
                raise NotFoundError(f'there is no lexicon "{lexicon}". fl words lists them.')
        if phrase is None:
            return tuple((book, None) for book in lexicons)
        found = [(book, find(phrase, book)) for book in lexicons]
        hits = tuple((book, meaning) for book, meaning in found if meaning is not None)
        if not hits:
            raise NotFoundError(_no_such_words(phrase, lexicons))
        return hits


def _no_such_words(phrase: str, lexicons: Sequence[Lexicon]) -> str:
    import difflib

    every = sorted({s for book in lexicons for p in book.phrases for s in p.spellings})
    near = difflib.get_close_matches(phrase.lower(), every, n=4, cutoff=0.5)
    nearest = f" Nearest: {', '.join(near)}." if near else ""
    return f'no lexicon has "{phrase}".{nearest} fl words lists the lexicons.'


def about(reader: Reader, state: QuestionState) -> list[Recorded[Any]]:
    """Return all entries about a question, whatever became of them, in the order of the log."""
    places = reader.of_root("question", state.root)
    rows: list[Recorded[Any]] = reader.load(places)
    kinds = ("revision", "forecast", "withdrawal", "resolution", "label", "counterpart")
    for kind in kinds:
        rows += reader.find(kind, in_force=False, question=places)
    forecasts = [row.seq for row in rows if isinstance(row.entry, Forecast)]
    rows += reader.find("reading", in_force=False, forecast=forecasts) if forecasts else []
    here = [row.seq for row in rows]
    rows += reader.find("note", in_force=False, target=here)
    read = {row.entry.statement for row in rows if isinstance(row.entry, Reading)}
    targets = {row.seq for row in rows} | {seq for seq, _ in reader.places_of(read).values()}
    rows += reader.find("retraction", target=sorted(targets))
    rows += reader.load(reader.naming("family", "questions", places))
    return sorted(rows, key=lambda row: row.seq)


def _fallen(
    reader: Reader,
    gathering: Gathering,
    gathered: Gathered,
    state: QuestionState,
    rows: Sequence[Recorded[Any]],
) -> dict[Digest, str]:
    digests = {row.seq: row.digest for row in rows}
    standings = [*gathered.counted, *gathered.early, *gathered.claimed]
    scored = {seq for standing in standings for seq in standing.seqs}
    reasons = {
        digests[row.seq]: gathering.why_not(state, row)
        for row in forecast_rows(reader, questions=[state.root])
        if row.seq not in scored
    }
    return {digest: reason for digest, reason in reasons.items() if reason}


def related_to(reader: Reader, rows: Sequence[Recorded[Any]]) -> list[Recorded[Any]]:
    """Return what these entries name and, of statements and notes, what those name in turn."""
    found: dict[Digest, Recorded[Any]] = {}
    fresh: list[Entry] = [row.entry for row in rows]
    here = {row.digest for row in rows}
    while fresh:
        named = {d for entry in fresh for d in references_in(entry)} - found.keys() - here
        places = reader.places_of(sorted(named))
        loaded = reader.load(sorted(seq for seq, _ in places.values()))
        found.update({row.digest: row for row in loaded})
        fresh = [row.entry for row in loaded]
    return list(found.values())


def _rows(reader: Reader, now: datetime, filters: Filters) -> list[Row]:
    states = question_states(reader, now)
    gathering = Gathering(reader, now, states, filters)
    newest: dict[int, dict[str, int]] = defaultdict(dict)
    for state, name, rows in gathering.series():
        kept = [row for row in rows if gathering.counts(row)] or rows
        kept = [row for row in kept if gathering.why_not(state, row) is None]
        stands = bool(kept) and not kept[-1].withdrawal
        newest[state.root][name] = kept[-1].seq if stands else 0
    loaded = {
        row.seq: row
        for row in reader.load(
            sorted({seq for names in newest.values() for seq in names.values() if seq})
        )
    }
    narrowed = bool(filters.who or filters.sources)
    return [
        Row(
            state,
            tuple((name, loaded[seq]) for name, seq in sorted(newest[root].items()) if seq),
        )
        for root, state in gathering.states.items()
        if state.status != UNDONE and (not narrowed or root in newest)
    ]


def _idle(row: Row, now: datetime) -> timedelta:
    moments = [recorded.entry.made.start for _, recorded in row.forecasts]
    return now - max(moments) if moments else timedelta.max


def _questions_by_statement(reader: Reader) -> dict[Digest, list[tuple[str, Reading]]]:
    readings: list[Recorded[Reading]] = reader.find("reading")
    forecasts = reader.places_of({row.entry.forecast for row in readings})
    loaded: dict[Digest, Forecast] = {
        row.digest: row.entry for row in reader.load(sorted(seq for seq, _ in forecasts.values()))
    }
    questions = reader.places_of({entry.question for entry in loaded.values()})
    keys = {
        row.digest: row.entry.key
        for row in reader.load(sorted(seq for seq, _ in questions.values()))
    }
    made: dict[Digest, list[tuple[str, Reading]]] = defaultdict(list)
    for row in readings:
        forecast = loaded.get(row.entry.forecast)
        if forecast is not None:
            made[row.entry.statement].append((keys[forecast.question], row.entry))
    return made
