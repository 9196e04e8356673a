"""From entries to the text of a book that reads as the very same entries.

The text depends on the entries alone, not on the order they come in: the same entries
give the same file, and one more entry a small difference.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import (
    Entry,
    Forecast,
    Label,
    Lexicon,
    Note,
    Question,
    Reading,
    Redaction,
    Retraction,
    Revision,
    Wording,
)
from forecast_ledger.domain.fields import Digest, Role, fields_of
from forecast_ledger.domain.moments import When
from forecast_ledger.domain.probability import format_probability
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.domain.words import Phrase
from forecast_ledger.errors import InvalidError
from forecast_ledger.formats import toml_values
from forecast_ledger.formats.book_tables import (
    DEFAULTS,
    KEYED,
    NESTED,
    READING,
    REMOVABLE,
    TABLES,
    VERSION,
    WORDING,
    Column,
    Form,
)
from forecast_ledger.formats.packaged import packaged_lexicons

_ORDER = (
    *("source", "forecaster", "lexicon", "evidence", "statement", "question", *NESTED),
    *("label", "family", "reading", "note", "retraction"),
)
_RANKS: dict[str, Callable[[Any], tuple[When | None, str]]] = {
    "source": lambda entry: (entry.published, entry.key),
    "forecaster": lambda entry: (None, entry.name),
    "lexicon": lambda entry: (None, f"{entry.key} {entry.version}"),
    "evidence": lambda entry: (entry.published, entry.url or entry.title or entry.says),
    "statement": lambda entry: (None, f"{entry.source} {entry.place}"),
    "question": lambda entry: (None, entry.key),
    "revision": lambda entry: (entry.wording.written, ""),
    "forecast": lambda entry: (entry.made, entry.forecaster),
    "withdrawal": lambda entry: (entry.made, entry.forecaster),
    "resolution": lambda entry: (entry.known, ""),
    "counterpart": lambda entry: (None, entry.other),
    "label": lambda entry: (None, entry.label),
    "family": lambda entry: (None, entry.key),
    "reading": lambda entry: (None, entry.name or ""),
    "note": lambda entry: (None, f"{entry.author} {entry.text}"),
    "retraction": lambda entry: (None, entry.by),
}
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_DIGITS = re.compile(r"([0-9]+)")
_SORTED = 300
"""Characters of a text that count for its place."""
_WORDS = {"words": "phrase", "lexicon": "lexicon", "side": "side"}
_ANSWER = {"probability": "yes", "low": "low", "high": "high"}
_OF_FORECAST = (*_ANSWER, *_WORDS, "statement", *READING)
_OF_QUESTION = (*WORDING, "without", "tags", "family")


def write_book(entries: Iterable[Entry | Recorded[Entry]], *, zone: ZoneInfo) -> str:
    """Return a book that reads as exactly `entries`.

    What they name and is not among them is named by its digest, and must be recorded where
    the book is read. Days are written bare where they are days of `zone`. Raises
    InvalidError for a redaction, which concerns one ledger and travels as JSON Lines only.
    """
    return "\n".join(_Writer(entries, zone).lines()) + "\n"


class _Writer:
    def __init__(self, entries: Iterable[Entry | Recorded[Entry]], zone: ZoneInfo) -> None:
        self._zone = zone
        self._entries: dict[Digest, Entry] = {}
        for item in entries:
            if isinstance(item, Recorded):
                self._entries[item.digest] = item.entry
            else:
                self._entries[digest_of(item)] = item
        if any(isinstance(entry, Redaction) for entry in self._entries.values()):
            raise InvalidError("a book holds no redactions. Write JSON Lines to carry them.")
        self._ranked = sorted(self._entries, key=self._rank)
        self._named = {digest for entry in self._entries.values() for digest in _references(entry)}
        self._targets = {
            entry.target for entry in self._entries.values() if isinstance(entry, Note | Retraction)
        }
        self._keys = Counter(
            (entry.TYPE, key) for entry in self._entries.values() if (key := _key(entry))
        )
        # Entries that stand inside the table of another, or in no table at all.
        self._inside: dict[Digest, list[Digest]] = defaultdict(list)
        self._readings: dict[Digest, list[Digest]] = defaultdict(list)
        self._tags: dict[Digest, list[str]] = defaultdict(list)
        self._tableless: set[Digest] = set()
        self._packaged = self._packaged_digests()
        self._fold()
        self._ids = self._make_ids()

    def _rank(self, digest: Digest) -> tuple[Any, ...]:
        entry = self._entries[digest]
        when, text = _RANKS[entry.TYPE](entry)
        number, moment = _ORDER.index(entry.TYPE), when.start if when else _EARLIEST
        # Paragraph 9 stands before paragraph 10.
        split = _DIGITS.split(text[:_SORTED])
        parts = [int(part) if place % 2 else part for place, part in enumerate(split)]
        return (number, moment, parts, digest)

    # -- what stands where -------------------------------------------------------------------

    def _packaged_digests(self) -> dict[Digest, str]:
        """Return the digests of those packaged lexicons that a book may name by key."""
        if not any(isinstance(e, Lexicon) or _lexicon_of(e) for e in self._entries.values()):
            return {}
        names = Counter(key for _, key in self._keys.elements())
        return {
            digest: key
            for key, lexicon in packaged_lexicons().items()
            if (digest := digest_of(lexicon)) and names[key] == (digest in self._entries)
        }

    def _fold(self) -> None:
        for digest in self._ranked:
            entry = self._entries[digest]
            is_plain = not (entry.replaces or entry.why or digest in self._named)
            if entry.TYPE in NESTED:
                question = cast("Any", entry).question
                if question in self._entries:
                    self._inside[question].append(digest)
                    self._tableless.add(digest)
            elif isinstance(entry, Label):
                if is_plain and entry.present and entry.question in self._entries:
                    self._tags[entry.question].append(entry.label)
                    self._tableless.add(digest)
            elif isinstance(entry, Reading):
                others = self._readings[entry.forecast]
                alike = not others or _manner(entry) == _manner(self._reading(others[0]))
                if is_plain and alike and entry.forecast in self._entries:
                    others.append(digest)
                    self._tableless.add(digest)
            elif digest in self._packaged and digest in self._named:
                self._tableless.add(digest)

    def _make_ids(self) -> dict[Digest, str]:
        """Return an id for every entry that something names and that no key tells apart."""
        # A reading in the table of its forecast does not name the forecast.
        named = {
            named
            for digest, entry in self._entries.items()
            for named in _references(entry)
            if not (isinstance(entry, Reading) and digest in self._tableless)
            or named == entry.statement
        }
        names = Counter(key for _, key in self._keys.elements())
        numbers: Counter[str] = Counter()
        ids: dict[Digest, str] = {}
        for digest in self._ranked:
            entry = self._entries[digest]
            key = _key(entry)
            if key is None:
                needed = digest in named
            else:
                is_alone = names[key] if digest in self._targets else self._keys[entry.TYPE, key]
                needed = is_alone > 1
            if needed:
                made = ""
                while not made or made in names:
                    numbers[entry.TYPE] += 1
                    made = f"{entry.TYPE}-{numbers[entry.TYPE]}"
                ids[digest] = made
        return ids

    def _reading(self, digest: Digest) -> Reading:
        return cast("Reading", self._entries[digest])

    # -- lines -------------------------------------------------------------------------------

    def lines(self) -> Iterator[str]:
        yield f"book = {VERSION}"
        yield f"zone = {toml_values.string(self._zone.key)}"
        for digest in self._ranked:
            if digest in self._tableless:
                continue
            entry = self._entries[digest]
            yield from self._table(digest, f"[[{entry.TYPE}]]")
            for inner in self._inside.get(digest, ()):
                yield from self._table(inner, f"[[question.{self._entries[inner].TYPE}]]")

    def _table(self, digest: Digest, header: str) -> Iterator[str]:
        entry = self._entries[digest]
        yield ""
        yield header
        if digest in self._ids:
            yield f"id = {toml_values.string(self._ids[digest])}"
        is_inside = digest in self._tableless
        for column in TABLES[entry.TYPE].values():
            if column.name == "id" or (is_inside and column.name == "question"):
                continue
            value = self._value(digest, entry, column)
            if value is not None:
                yield f"{column.name} = {self._written(column, value)}"

    def _value(self, digest: Digest, entry: Entry, column: Column) -> Any:
        """Return what the table says of a column, or None where it says nothing."""
        name = column.name
        if isinstance(entry, Question | Revision) and name in _OF_QUESTION:
            return self._of_question(digest, entry, name)
        if isinstance(entry, Forecast) and name in _OF_FORECAST:
            return self._of_forecast(digest, entry, column)
        value = getattr(entry, column.field)
        if (entry.TYPE, name) == ("family", "questions"):
            return value
        is_default = DEFAULTS[entry.TYPE].get(column.field) == value
        return None if is_default or value == () else value

    def _of_question(self, digest: Digest, entry: Question | Revision, name: str) -> Any:
        if name == "without":
            return self._without(entry)
        if name in ("tags", "family"):
            return self._tags.get(digest) if name == "tags" else None
        base = self._base(entry)
        value = getattr(entry.wording, name)
        is_kept = base is not None and name != "written" and getattr(base, name) == value
        return None if is_kept else value

    def _of_forecast(self, digest: Digest, entry: Forecast, column: Column) -> Any:
        name = column.name
        if name in _ANSWER:
            return getattr(entry.answer, _ANSWER[name])
        if name in _WORDS:
            value = getattr(entry.words, _WORDS[name], None)
            return None if (name, value) == ("side", "yes") else value
        return self._of_reading(digest, column)

    def _base(self, entry: Question | Revision) -> Wording | None:
        """Return the wording that a revision's unsaid fields are taken from, if known."""
        if not isinstance(entry, Revision) or len(entry.replaces) != 1:
            return None
        replaced = self._entries.get(entry.replaces[0])
        return replaced.wording if isinstance(replaced, Question | Revision) else None

    def _without(self, entry: Question | Revision) -> list[str] | None:
        if len(entry.replaces) != 1:
            return None
        base = self._base(entry)
        gone = [name for name in REMOVABLE if getattr(entry.wording, name) is None]
        return [name for name in gone if base is None or getattr(base, name) is not None] or None

    def _of_reading(self, forecast: Digest, column: Column) -> Any:
        readings = [self._reading(digest) for digest in self._readings.get(forecast, ())]
        if not readings:
            return None
        if column.name == "statement":
            return sorted((reading.statement for reading in readings), key=self._reference)
        value = getattr(readings[0], column.field)
        return None if value == DEFAULTS["reading"].get(column.field) else value

    # -- values ------------------------------------------------------------------------------

    def _written(self, column: Column, value: Any) -> str:
        form = column.form
        if form is Form.FLAG:
            text = "true" if value else "false"
        elif form is Form.WHEN:
            text = toml_values.when(value, self._zone)
        elif form is Form.PROBABILITY:
            text = toml_values.string(format_probability(value))
        elif form is Form.REFERENCE:
            text = self._reference(value, is_lexicon=column.types == ("lexicon",))
        elif column.types:
            is_one = form is Form.ONE_OR_MORE and len(value) == 1
            text = toml_values.array(map(self._reference, value))
            text = self._reference(value[0]) if is_one else text
        elif form in (Form.KEYS, Form.NAMES):
            text = toml_values.array(map(toml_values.string, value))
        elif form is Form.PHRASES:
            text = toml_values.array(map(_phrase, value), lines=True)
        else:
            text = toml_values.string(value)
        return text

    def _reference(self, digest: Digest, *, is_lexicon: bool = False) -> str:
        entry = self._entries.get(digest)
        if digest in self._ids:
            name = self._ids[digest]
        elif entry is not None:
            name = str(_key(entry))
        elif is_lexicon and digest in self._packaged:
            name = self._packaged[digest]
        else:
            name = f"sha256:{digest}"
        return toml_values.string(name)


def _key(entry: Entry) -> str | None:
    return getattr(entry, KEYED[entry.TYPE]) if entry.TYPE in KEYED else None


def _lexicon_of(entry: Entry) -> Digest | None:
    return entry.words.lexicon if isinstance(entry, Forecast) and entry.words else None


def _manner(reading: Reading) -> tuple[Any, ...]:
    return (reading.name, reading.primary, reading.deadline_from, reading.status_quo)


def _references(value: Any) -> Iterator[Digest]:
    """Yield every digest that an entry names."""
    for field in fields_of(type(value)):
        content = getattr(value, field.name)
        if content is None:
            continue
        if field.role is Role.REFERENCE:
            yield content
        elif field.role is Role.REFERENCES:
            yield from content
        elif field.role is Role.RECORD:
            yield from _references(content)


def _phrase(phrase: Phrase) -> str:
    fields = [f"phrase = {toml_values.string(phrase.phrase)}"]
    fields += [
        f"{name} = {toml_values.string(format_probability(parts))}"
        for name in ("low", "mid", "high")
        if (parts := getattr(phrase, name)) is not None
    ]
    if phrase.synonyms:
        fields.append(f"synonyms = [{', '.join(map(toml_values.string, phrase.synonyms))}]")
    return f"{{{', '.join(fields)}}}"
