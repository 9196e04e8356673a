"""What every use case shares: the store, the clock, names looked up, entries admitted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from forecast_ledger.domain.canonical import digest_of, to_json
from forecast_ledger.domain.entries import (
    Entry,
    Evidence,
    Forecaster,
    Question,
    Resolution,
    Revision,
)
from forecast_ledger.domain.fields import Digest, Role, fields_of, text_digest
from forecast_ledger.domain.kinds import kind_named
from forecast_ledger.domain.moments import When
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.errors import ConflictError, InvalidError, NotFoundError, UsageError
from forecast_ledger.ledger.state import UNDONE, QuestionState, question_states
from forecast_ledger.store.read import Reader
from forecast_ledger.store.store import Store
from forecast_ledger.store.write import Appended, Writer

_SHOWN_KEYS = 5


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
                f" fl revise {state.key} --clarify --criteria ..."
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
            check_admissible(writer, entry, writer.now)
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
        if standing:
            raise ConflictError(
                f"this {entry.TYPE} is recorded already with another content:"
                f" {difference(standing[0].entry, entry)}. To correct it, record a correction"
                " that says why."
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


def check_admissible(writer: Reader, entry: Entry, now: datetime) -> None:
    """Refuse an entry that speaks of the future, or that its question cannot have."""
    for name, when in _moments(entry):
        if when.start > now:
            raise InvalidError(
                f"{name} lies in the future ({_shown(when)}). Only what has happened can be"
                " recorded."
            )
    if isinstance(entry, Resolution):
        question = writer.entry(entry.question)
        if question is not None and isinstance(question.entry, Question):
            kind_named(question.entry.kind).check_outcome(entry.outcome)


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


def difference(here: Entry, new: Entry) -> str:
    """Return in words in which fields two entries differ, the recorded one first."""
    old, fresh = _flat(to_json(here)), _flat(to_json(new))
    names = sorted(name for name in old.keys() | fresh.keys() if old.get(name) != fresh.get(name))
    return "; ".join(
        f"{name} is {_brief(old.get(name))} here, {_brief(fresh.get(name))} in the new one"
        for name in names
    )


def _flat(data: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, content in data.items():
        if isinstance(content, dict) and set(content) == {"day", "start", "end"}:
            flat[prefix + name] = content["day"]
        elif isinstance(content, dict):
            flat |= _flat(content, f"{prefix}{name}.")
        else:
            flat[prefix + name] = content
    return flat


def _brief(content: object) -> str:
    if content is None:
        return "absent"
    text = str(content)
    return f'"{text}"' if len(text) <= 60 else f'"{text[:57]}..."'


def _nearest(reader: Reader, key: str) -> str:
    import difflib

    if not key:
        return ""
    near = difflib.get_close_matches(key, reader.keys_from("", 2_000), n=3, cutoff=0.6)
    return f" Near: {', '.join(near)}." if near else ""
