"""What every use case shares: the store, the clock, names looked up, entries admitted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Self

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import (
    CLARIFY,
    Entry,
    Evidence,
    Forecast,
    Forecaster,
    Question,
    Resolution,
    Revision,
    Statement,
)
from forecast_ledger.domain.fields import Digest, Field, Role, fields_of, text_digest
from forecast_ledger.domain.kinds import kind_named
from forecast_ledger.domain.moments import When
from forecast_ledger.domain.probability import format_probability
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.errors import ConflictError, InvalidError, NotFoundError, UsageError
from forecast_ledger.ledger.state import (
    UNDONE,
    QuestionState,
    ended_wording,
    question_states,
)
from forecast_ledger.store.read import Reader
from forecast_ledger.store.store import Store
from forecast_ledger.store.write import Appended, Writer

_SHOWN_KEYS = 5
_SHOWN_DIGITS = 12
WORDING_OPTIONS = {
    "text": "--text",
    "criteria": "--criteria",
    "opens": "--opens",
    "closes": "--by",
    "due": "--due",
}
"""What says which field of a wording."""


@dataclass(frozen=True, slots=True)
class View:
    """A reader and the moment it takes as now."""

    reader: Reader
    now: datetime


class LedgerBase:
    """A ledger at a place, with a clock. The use cases are in the classes that build on it."""

    def __init__(
        self,
        location: str,
        *,
        clock: Callable[[], datetime],
        notify: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.store = Store(location, notify=notify)
        self._clock = clock

    def close(self) -> None:
        """Give back every connection."""
        self.store.close()

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def now(self) -> datetime:
        """Return the moment the ledger's clock shows."""
        return self._clock()

    @contextmanager
    def _view(self, as_of: datetime | None = None) -> Any:
        now = self._clock()
        if as_of is not None and as_of > now and not self._is_recorded(as_of):
            raise UsageError("--as-of lies in the future. Nothing is recorded there yet.")
        with self.store.reading(as_of) as reader:
            # Like the log itself, a report never goes back behind what it has seen.
            yield View(reader, as_of or max(now, reader.recorded_at or now))

    def _is_recorded(self, moment: datetime) -> bool:
        """Whether the log has come to `moment`, as it may have if the clock was put back."""
        if not self.store.exists():
            return False
        with self.store.reading() as reader:
            return reader.recorded_at is not None and moment <= reader.recorded_at

    @contextmanager
    def _writer(self) -> Any:
        with self.store.writing(self._clock) as writer:
            yield writer

    @classmethod
    def of(cls, ledger: LedgerBase) -> Self:
        """Return the same ledger, with the use cases of this class."""
        other = cls.__new__(cls)
        other.store = ledger.store
        other._clock = ledger._clock  # noqa: SLF001 - the same object under another name
        return other

    # -- the database ----------------------------------------------------------------------

    def init(self) -> bool:
        """Make an empty ledger; return False where there is one already."""
        return self.store.create()

    def upgrade(self) -> tuple[str | None, Path | None]:
        """Bring the database to this version's schema; return the old one and the backup."""
        return self.store.upgrade()

    def backup(self, destination: Path) -> None:
        """Write a copy of a ledger that is one file."""
        self.store.backup(destination)

    # -- looking up ------------------------------------------------------------------------

    def _state(
        self, reader: Reader, typed: str, now: datetime, *, taken_back: bool = False
    ) -> QuestionState:
        """Return the question whose key is `typed` or the only one that begins so.

        One that was taken back as a slip is only given, by its whole key, if `taken_back`.
        """
        key = typed.strip().lower()
        root = reader.roots("question", "key", key) if key else None
        if root is None:
            key = self._key_from(reader, key, typed)
            root = reader.roots("question", "key", key)
        state = question_states(reader, now, [root])[root] if root else None
        if state is None or (state.status == UNDONE and not taken_back):
            raise NotFoundError(f'there is no question "{typed}". fl list shows them all.')
        return state

    def _key_from(self, reader: Reader, key: str, typed: str) -> str:
        found = reader.keys_from(key, _SHOWN_KEYS + 1) if key else []
        if len(found) == 1:
            return found[0]
        if not found:
            raise NotFoundError(
                f'there is no question "{typed}".{_nearest(reader, key)} fl list shows them all.'
            )
        shown = ", ".join(found[:_SHOWN_KEYS])
        more = ", ..." if len(found) > _SHOWN_KEYS else ""
        count = f"{len(found)}" if not more else f"more than {_SHOWN_KEYS}"
        raise UsageError(f'"{typed}" fits {count} questions: {shown}{more}. Type more of one.')

    def _open_state(self, reader: Reader, typed: str, now: datetime) -> QuestionState:
        """Return a question that has one wording, so that it can be answered or revised."""
        state = self._state(reader, typed, now)
        if state.wording is None:
            raise ConflictError(
                f"{state.key} has {len(state.wordings)} wordings in force. Settle it first:"
                f" fl revise {state.key} --clarify {options_for(disputed_fields(state))}"
            )
        return state

    def _forecaster(self, writer: Writer, name: str) -> tuple[list[Entry], Digest]:
        """Return the forecaster of that name, as a new entry if there is none yet."""
        entry = Forecaster(name=name)
        root = writer.roots("forecaster", "name", entry.name)
        if root is not None:
            return [], writer.digest_at(root)
        return [entry], digest_of(entry)

    # -- admitting -------------------------------------------------------------------------

    def _put(self, writer: Writer, entries: Iterable[Entry]) -> list[Appended]:
        """Record what was typed: nothing in the future, nothing that contradicts silently."""
        admitted = []
        for entry in entries:
            check_admissible(entry, writer.now, partial(_entry_of, writer))
            admitted.append(self._without_conflict(writer, entry))
        return writer.append(admitted)

    def _without_conflict(self, writer: Writer, entry: Entry) -> Entry:
        if isinstance(entry, Evidence | Revision) or entry.replaces:
            return _once_more(writer, entry)
        rivals = same_identity(writer, entry)
        if not rivals:
            return entry
        states = writer.state_of([rival.seq for rival in rivals])
        standing = [rival for rival in rivals if states[rival.seq] == "in force"]
        digest = digest_of(entry)
        if any(rival.digest == digest for rival in standing):
            return entry
        for rival in standing:
            # The same was taken back once and recorded anew: then that is what stands.
            if replace(rival.entry, replaces=()) == entry:
                again: Entry = rival.entry
                return again
        if standing:
            raise ConflictError(
                f"this {entry.TYPE} is recorded already with another content:"
                f" {difference(standing[0].entry, entry)}. {_way_to_correct(standing[0])}"
            )
        gone = tuple(r.digest for r in rivals if states[r.seq] == "retracted")
        return replace(entry, replaces=gone) if gone else entry


def _once_more(reader: Reader, entry: Entry) -> Entry:
    """Return `entry` as one that replaces the same, where that was recorded and taken back."""
    place = reader.places_of([digest := digest_of(entry)]).get(digest)
    while place is not None and reader.state_of([place[0]])[place[0]] == "retracted":
        entry = replace(entry, replaces=(*entry.replaces, digest))
        place = reader.places_of([digest := digest_of(entry)]).get(digest)
    return entry


def _entry_of(reader: Reader, digest: Digest) -> Entry | None:
    recorded = reader.entry(digest)
    return recorded.entry if recorded else None


def check_admissible(entry: Entry, now: datetime, named: Callable[[Digest], Entry | None]) -> None:
    """Refuse an entry that speaks of the future, or that its question cannot have.

    `named` gives the entry a digest names, recorded or about to be.
    """
    for name, when in _moments(entry):
        if when.start > now:
            raise InvalidError(
                f"{name} lies in the future ({_shown(when)}). Only what has happened can be"
                " recorded."
            )
    if isinstance(entry, Question):
        kind_named(entry.kind)
    elif isinstance(entry, Resolution):
        question = named(entry.question)
        if isinstance(question, Question):
            kind_named(question.kind).check_outcome(entry.outcome)
    elif isinstance(entry, Revision) and entry.effect == CLARIFY:
        windows = {_window(named(digest)) for digest in entry.replaces}
        if _window(entry) not in windows:
            raise InvalidError(
                "a clarification keeps the forecasts made so far, so it cannot move the"
                " question's opening or deadline. Make it a replacement, or leave them."
            )


def _window(entry: Entry | None) -> tuple[When | None, When | None] | None:
    if not isinstance(entry, Question | Revision):
        return None
    return entry.wording.opens, entry.wording.closes


_PAST = ("made", "known", "published", "written", "coded")


def _moments(value: Any) -> list[tuple[str, When]]:
    found: list[tuple[str, When]] = []
    for field in fields_of(type(value)):
        content = getattr(value, field.name)
        if content is None:
            continue
        if field.role is Role.WHEN and field.name in _PAST:
            found.append((field.name, content))
        elif field.role is Role.RECORD:
            found.extend(_moments(content))
    return found


def _shown(when: When) -> str:
    return when.day.isoformat() if when.day else when.start.strftime("%Y-%m-%d %H:%M:%S UTC")


def same_identity(reader: Reader, entry: Entry) -> list[Recorded[Any]]:
    """Return the recorded entries, in force or not, that are about the same thing."""
    columns: dict[str, object] = {}
    specs = {field.name: field for field in fields_of(type(entry))}
    for name in entry.IDENTITY:
        value = getattr(entry, name)
        role = specs[name].role
        if value is None:
            columns[name if role is not Role.WHEN else f"{name}_start"] = None
        elif role is Role.TEXT:
            columns[name] = bytes.fromhex(text_digest(value))
        elif role is Role.WHEN:
            columns[f"{name}_start"] = value.start
        elif role is Role.REFERENCE:
            place = reader.places_of([value]).get(value)
            if place is None:
                return []  # it names something that is only now being recorded
            columns[name] = _same(reader, place)
        else:
            columns[name] = value
    return reader.find(entry.TYPE, in_force=False, **columns)


def _same(reader: Reader, place: tuple[int, str]) -> list[int]:
    seq, kind = place
    if kind not in ("question", "forecaster", "source"):
        return [seq]
    (recorded,) = reader.load([seq])
    (column,) = recorded.entry.IDENTITY
    root = reader.roots(kind, column, getattr(recorded.entry, column))
    return reader.of_root(kind, root) if root is not None else [seq]


def disputed_fields(state: QuestionState) -> list[str]:
    """Return the fields in which the wordings in force differ, as WORDING_OPTIONS names them."""
    wordings = [row.entry.wording for row in state.wordings]
    return [name for name in WORDING_OPTIONS if len({getattr(each, name) for each in wordings}) > 1]


def options_for(fields: Iterable[str]) -> str:
    """Return how fields of a wording are said; the criteria, where none is named."""
    names = list(fields) or ["criteria"]
    return " ".join(f"{WORDING_OPTIONS[name]} ..." for name in names)


def primary_elsewhere(
    reader: Reader,
    statement: Statement,
    forecast: Forecast,
    now: datetime,
    *,
    until: int | None = None,
) -> str | None:
    """Return the key of the question on which the claim has its primary reading, if it has.

    The claim is what is quoted, wherever in its source it is said to stand. It is read there
    by a forecast of another series than `forecast`, on a wording that was not replaced; with
    `until`, by a reading that was recorded up to there.
    """
    places = reader.places_of([statement.source])
    if statement.source not in places:
        return None  # the source is only now being recorded
    root = reader.root_map_of("source", places[statement.source][0])
    statements = reader.seqs(
        "statement",
        in_force=False,
        source=reader.of_root("source", root),
        quote=bytes.fromhex(text_digest(statement.quote)),
    )
    standing = [seq for seq, fate in reader.state_of(statements).items() if fate != "retracted"]
    for reading in reader.find("reading", statement=standing, primary=True) if standing else ():
        read: Recorded[Any] | None = reader.entry(reading.entry.forecast)
        if read is None or (until is not None and reading.seq > until):
            continue
        asked = reader.root_map_of("question", reader.places_of([q := read.entry.question])[q][0])
        state = question_states(reader, now, [asked])[asked]
        same = forecast.question in state.entries and forecast.forecaster == read.entry.forecaster
        stands = state.status != UNDONE and reader.state_of([read.seq])[read.seq] == "in force"
        if stands and not same and not ended_wording(reader, state, read.entry):
            return state.key
    return None


def difference(here: Entry, new: Entry) -> str:
    """Return in words in which fields two entries differ, the recorded one first."""
    if isinstance(here, Question | Revision) and isinstance(new, Question | Revision):
        old, fresh = dict(_contents(here.wording)), dict(_contents(new.wording))
    else:
        old, fresh = dict(_contents(here)), dict(_contents(new))
    nothing = (None, "none")
    found = []
    for label in dict.fromkeys([*old, *fresh]):
        (was, was_shown), (now, now_shown) = old.get(label, nothing), fresh.get(label, nothing)
        if was != now and was_shown == now_shown:
            found.append(f"{label} differs")
        elif was != now:
            found.append(f"{label} {was_shown} here, {now_shown} in the new one")
    return "; ".join(found) or "they say the same, and correct different entries"


_LABELS = {
    "yes": "probability",
    "low": "lowest",
    "high": "highest",
    "closes": "deadline",
    "coded": "read on",
    "archive_url": "archive",
    "published_note": "note on the date",
    "sha256": "SHA-256",
}
"""What people call a field, where that is not its name."""


def _contents(value: Any) -> Iterator[tuple[str, tuple[object, str]]]:
    """Yield for each field its label, what it holds, and how that is shown."""
    for field in fields_of(type(value)):
        content = getattr(value, field.name)
        if field.role is Role.RECORD:
            if content is not None:
                yield from _contents(content)
        elif field.name != "replaces":
            label = _LABELS.get(field.name, field.name.replace("_", " "))
            yield label, (content, _brief(field, content))


def _quoted(content: str) -> str:
    return f'"{content}"' if len(content) <= 60 else f'"{content[:57]}..."'


_SHOWN: dict[Role, Callable[[Any], str]] = {
    Role.PARTS: format_probability,
    Role.WHEN: _shown,
    Role.FLAG: lambda flag: "yes" if flag else "no",
    Role.REFERENCE: lambda digest: f"{digest[:_SHOWN_DIGITS]}...",
    Role.HASH: lambda digest: f"{digest[:_SHOWN_DIGITS]}...",
    Role.REFERENCES: lambda several: f"{len(several)} of them",
    Role.ROWS: lambda several: f"{len(several)} of them",
}


def _brief(field: Field, content: Any) -> str:
    if content is None or content == ():
        return "none"
    return _SHOWN.get(field.role, _quoted)(content)


def _way_to_correct(recorded: Recorded[Any]) -> str:
    """Return how something recorded is corrected, where no command does it."""
    name = getattr(recorded.entry, "key", None) or f"sha256:{recorded.digest[:_SHOWN_DIGITS]}"
    book = f'fl import a book in which it says replaces = ["{name}"] and why.'
    if recorded.entry.TYPE == "forecast":
        return f"A new forecast needs another moment (--made). To correct this one, {book}"
    return f"To correct it, {book}"


def _nearest(reader: Reader, key: str) -> str:
    import difflib

    if not key:
        return ""
    near = difflib.get_close_matches(key, reader.keys_from("", 2_000), n=3, cutoff=0.6)
    return f" Near: {', '.join(near)}." if near else ""
