"""From the text of a book to its entries, or to everything that is wrong with it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import Entry, Lexicon, Question
from forecast_ledger.domain.moments import When, text_of
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.domain.words import Phrase
from forecast_ledger.domain.zones import zone_named
from forecast_ledger.errors import InvalidError, LedgerError, Problem
from forecast_ledger.formats.book_entries import Head, Maker
from forecast_ledger.formats.book_nodes import Node, Problems, in_order
from forecast_ledger.formats.book_tables import (
    KEYED,
    NESTED,
    READING,
    REMOVABLE,
    TABLES,
    VERSION,
    Column,
    Form,
)
from forecast_ledger.formats.book_values import (
    flag_value,
    needs_zone,
    probability_value,
    text_value,
    what_is,
    when_value,
)
from forecast_ledger.formats.lookup import Lookup
from forecast_ledger.formats.near import did_you_mean, shown
from forecast_ledger.formats.quotes import QuotedText
from forecast_ledger.formats.toml_places import Path, places_of

LARGEST = 20_000_000
"""Bytes a book may have. A larger ledger travels as JSON Lines."""

_HEAD = ("book", "zone", "coder", "written")
_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_DIGEST = re.compile(r"sha256:([0-9a-f]{12,64})")
_SUGGESTIONS = 30
"""Problems that are worth a search for the nearest word; it is slow, a book may be long."""


@dataclass(frozen=True, slots=True)
class Book:
    """What a book holds: entries, each after those it names, and where each stands.

    `places` has one item for each entry, such as `book.toml line 88, question ukraine-x`.
    `notices` are sentences for the user: nothing is wrong, but something was taken for
    granted.
    """

    entries: tuple[Entry, ...]
    places: tuple[str, ...]
    notices: tuple[str, ...] = ()


def read(
    data: bytes,
    *,
    name: str,
    now: datetime,
    lookup: Lookup,
    text: Mapping[str, str],
    packaged: Callable[[], Mapping[str, Lexicon]],
) -> Book:
    """Return the entries of a book; raises InvalidError with all of its problems."""
    source = _decoded(data, name)
    try:
        tables = tomllib.loads(source)
        places = places_of(source)
    except (ValueError, OverflowError, RecursionError) as error:
        raise InvalidError(
            f"{name} is not a TOML file. Nothing was taken from it.",
            (_syntax_problem(error, name, source),),
        ) from None
    reader = _Reader(name=name, places=places, now=now, lookup=lookup, text=text, packaged=packaged)
    book = reader.read(tables)
    if problems := reader.problems.in_order():
        count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise InvalidError(f"{name} has {count}. Nothing was taken from it.", problems)
    return book


def _decoded(data: bytes, name: str) -> str:
    if len(data) > LARGEST:
        raise InvalidError(
            f"{name} is larger than {LARGEST // 10**6} MB, which a book may have at most."
            " Split it, or import JSON Lines."
        )
    try:
        source = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Its offset does not count a byte order mark.
        offset = error.start + (3 if data.startswith(b"\xef\xbb\xbf") else 0)
        line = data.count(b"\n", 0, offset) + 1
        raise InvalidError(
            f"{name} is not UTF-8. Save it in that encoding.",
            (Problem(f"{name} line {line}", f"byte {offset} (0x{data[offset]:02x}) is not UTF-8"),),
        ) from None
    return source.replace("\r\n", "\n")


def _syntax_problem(error: Exception, name: str, source: str) -> Problem:
    if isinstance(error, RecursionError):
        return Problem(name, "lists or tables are nested too deeply")
    found = _TOML_PLACE.search(str(error))
    if found is None:
        return Problem(name, str(error))
    message = str(error)[: found.start()]
    if found[1] is None:
        return Problem(f"{name} line {source.count(chr(10)) + 1}", f"{message} (end of the file)")
    return Problem(f"{name} line {found[1]}", f"{message} (column {found[2]})")


@dataclass(slots=True)
class _Index:
    """The nodes of a book by what they may be called."""

    ids: dict[str, Node] = field(default_factory=dict)
    keys: dict[tuple[str, str], list[Node]] = field(default_factory=dict)

    def add_key(self, node: Node) -> None:
        key = node.values.get(KEYED.get(node.type, ""))
        if isinstance(key, str):
            self.keys.setdefault((node.type, key), []).append(node)

    def heads(self, kind: str, key: str) -> list[Node]:
        """Return the nodes of that key that no other of that key replaces."""
        nodes = self.keys.get((kind, key), [])
        if len(nodes) < 2:
            return nodes
        replaced = {id(old) for node in nodes for old in node.values.get("replaces", ())}
        return [node for node in nodes if id(node) not in replaced]

    def names(self, kinds: tuple[str, ...]) -> Iterator[str]:
        yield from (name for name, node in self.ids.items() if node.type in kinds)
        yield from (key for kind, key in self.keys if kind in kinds)


class _Reader:
    def __init__(
        self,
        *,
        name: str,
        places: dict[Path, int],
        now: datetime,
        lookup: Lookup,
        text: Mapping[str, str],
        packaged: Callable[[], Mapping[str, Lexicon]],
    ) -> None:
        self.problems = Problems(name, places)
        self._places = places
        self._now = now
        self._lookup = lookup
        self._texts = {key: QuotedText(content) for key, content in text.items()}
        self._packaged = packaged
        self._zone: tzinfo = UTC
        self._zone_said = False
        self._zone_needed = False
        self._nodes: list[Node] = []
        self._index = _Index()
        self._found: dict[tuple[tuple[str, ...], str], Node] = {}
        self._suggested = 0

    # -- tables to nodes ---------------------------------------------------------------------

    def read(self, tables: dict[str, Any]) -> Book:
        if not self._is_book(tables):
            return Book((), ())
        head = self._head(tables)
        for table, rows in tables.items():
            if table in _HEAD:
                continue
            if table not in TABLES:
                self._unknown((table,), "", f"{table} is not a table of a book", TABLES)
            else:
                self._tables(table, rows, (table,), None)
        self._nodes.sort(key=lambda node: node.line)
        self._name_nodes()
        # What replaces what comes first: it tells which of two entries of one key is meant.
        for only in (True, False):
            for node in tuple(self._nodes):
                self._refer(node, only_replaces=only)
        for node in tuple(self._nodes):
            if node.type == "forecast":
                self._readings(node)
        self._refuse_twice()
        self._families()
        self._revisions()
        self._one_source()
        return self._made(head)

    def _is_book(self, tables: dict[str, Any]) -> bool:
        version = tables.get("book")
        if type(version) is int and version == VERSION:
            return True
        if version is None:
            message = f"the head is missing: a book begins with book = {VERSION}"
        else:
            message = f"book is {version!r:.40}; this version of the tool reads book = {VERSION}"
        self.problems.at(self._places.get(("book",), 1), message)
        return False

    def _head(self, tables: dict[str, Any]) -> Head:
        said: dict[str, Any] = {}
        for name, read in (
            ("zone", lambda raw: zone_named(text_value(Form.NAME, "zone", raw))),
            ("coder", lambda raw: text_value(Form.NAME, "coder", raw)),
            ("written", lambda raw: self._when("written", raw)),
        ):
            if name not in tables:
                continue
            try:
                said[name] = read(tables[name])
            except LedgerError as error:
                self.problems.at(self._places[name,], error.message)
            if name == "zone":
                self._zone_said = True
                self._zone = said.get("zone", UTC)
        return Head(coder=said.get("coder"), written=said.get("written"))

    def _tables(self, table: str, rows: Any, path: Path, parent: Node | None) -> None:
        label = f"{parent.label}, {table}" if parent else table
        if not isinstance(rows, list):
            written = f"[[{'question.' if parent else ''}{table}]]"
            self.problems.at(
                self._places[path],
                f"{table} is {what_is(rows)}. Write {written}",
                parent.label if parent else "",
            )
            return
        for number, row in enumerate(rows):
            here = (*path, number)
            line = self._places.get(here, self._places[path])
            if not isinstance(row, dict):
                self.problems.at(line, f"{label} {number + 1} is {what_is(row)}, not a table")
                continue
            name = row.get(KEYED.get(table, "id"))
            known = name if isinstance(name, str) and name.isprintable() else None
            called = f"{known[:60]}" if known and not parent else str(number + 1)
            node = Node(table, f"{label} {called}", here, line, is_table=True)
            self._row(node, row, parent)

    def _row(self, node: Node, row: dict[str, Any], parent: Node | None) -> None:
        self._nodes.append(node)
        columns = TABLES[node.type]
        if parent is not None:
            node.values["question"] = parent
        for name, raw in row.items():
            if node.type == "question" and name in NESTED:
                continue
            column = columns.get(name)
            if column is None:
                known = [*columns, *(NESTED if node.type == "question" else ())]
                node.is_faulty = True
                self._unknown(
                    (*node.path, name), node.label, f"{name} is not a field of {node.type}", known
                )
            elif name == "question" and parent is not None:
                self.problems.of(node, "question is said by the table this one stands in", name)
            else:
                self._field(node, column, raw)
        for column in columns.values():
            if column.required and column.name not in row and column.name not in node.values:
                self.problems.of(node, f"{column.name} is missing")
        if node.type == "question":
            self._inside_question(node, row)

    def _inside_question(self, node: Node, row: dict[str, Any]) -> None:
        for table in NESTED:
            if table in row:
                self._tables(table, row[table], (*node.path, table), node)
        for number, tag in enumerate(node.values.get("tags", ())):
            self._nodes.append(
                Node(
                    "label",
                    node.label,
                    (*node.path, "tags", number),
                    self.problems.line(node, "tags", number),
                    {"question": node, "label": tag},
                )
            )

    def _readings(self, node: Node) -> None:
        for number, statement in enumerate(node.values.get("statement", ())):
            values = {"forecast": node, "statement": statement}
            for name in READING:
                if name in node.values:
                    values["name" if name == "reading" else name] = node.values[name]
            path = (*node.path, "statement", number)
            self._nodes.append(Node("reading", node.label, path, node.line, values))

    # -- fields ------------------------------------------------------------------------------

    def _field(self, node: Node, column: Column, raw: Any) -> None:
        try:
            value = self._value(node, column, raw)
        except LedgerError as error:
            self.problems.of(node, error.message, column.name)
            return
        node.values[column.name] = value

    def _value(self, node: Node, column: Column, raw: Any) -> Any:
        name, form = column.name, column.form
        if form in _LISTS:
            return self._list(node, column, raw)
        if form is Form.PHRASES:
            return self._phrases(node, raw)
        if form is Form.WHEN:
            when = self._when(name, raw)
            if column.past and when.start > self._now:
                raise InvalidError(f"{name} lies in the future: now is {text_of(self._now)[:16]}Z")
            return when
        read = _SINGLE.get(form)
        return read(name, raw) if read else text_value(form, name, raw)

    def _when(self, name: str, raw: Any) -> When:
        self._zone_needed = self._zone_needed or needs_zone(raw)
        return when_value(name, raw, self._zone)

    def _list(self, node: Node, column: Column, raw: Any) -> list[Any]:
        name = column.name
        if column.form is Form.ONE_OR_MORE and isinstance(raw, str):
            raw = [raw]
        if not isinstance(raw, list):
            example = f': {name} = ["{raw:.40}"]' if isinstance(raw, str) else ""
            raise InvalidError(f"{name} is {what_is(raw)}. Write a list{example}")
        values: list[Any] = []
        for number, item in enumerate(raw):
            try:
                values.append(self._item(node, column, item, number))
            except LedgerError as error:
                self.problems.of(node, error.message, name, number)
        if column.form in (Form.KEYS, Form.NAMES) and len(set(values)) != len(values):
            raise InvalidError(f"{name} says one thing twice")
        return values

    def _item(self, node: Node, column: Column, item: Any, number: int) -> Any:
        name = f"item {number + 1} of {column.name}"
        match column.form:
            case Form.KEYS:
                return text_value(Form.KEY, name, item)
            case Form.NAMES:
                if item not in REMOVABLE:
                    raise InvalidError(f"{name} is not one of: {', '.join(REMOVABLE)}")
                return item
            case Form.EVIDENCE if isinstance(item, dict):
                path = (*node.path, column.name, number)
                inner = Node(
                    "evidence",
                    f"{node.label}, {column.name} {number + 1}",
                    path,
                    self.problems.line(node, column.name, number),
                )
                self._row(inner, item, None)
                return inner
            case _:
                return _reference(name, item)

    def _phrases(self, node: Node, raw: Any) -> tuple[Phrase, ...]:
        if not isinstance(raw, list):
            raise InvalidError(f"phrases is {what_is(raw)}. Write a list of tables")
        phrases = []
        for number, row in enumerate(raw):
            try:
                phrases.append(_phrase(row))
            except LedgerError as error:
                message = f"phrase {number + 1}: {error.message}"
                self.problems.of(node, message, "phrases", number)
        return tuple(phrases)

    # -- references to nodes -----------------------------------------------------------------

    def _name_nodes(self) -> None:
        for node in self._nodes:
            self._index.add_key(node)
            called = node.values.get("id")
            if called is None:
                continue
            first = self._index.ids.setdefault(called, node)
            if first is not node:
                self.problems.of(
                    node, f"id {shown(called)} is given twice; first on line {first.line}", "id"
                )

    def _refer(self, node: Node, *, only_replaces: bool) -> None:
        for column in TABLES[node.type].values():
            value = node.values.get(column.name)
            if only_replaces and column.name != "replaces":
                continue
            if isinstance(value, str) and column.form is Form.REFERENCE:
                node.values[column.name] = self._target(node, column, value)
            elif isinstance(value, list) and column.types:
                for number, item in enumerate(value):
                    if isinstance(item, str):
                        value[number] = self._target(node, column, item, number)

    def _target(self, node: Node, column: Column, text: str, *inner: int) -> Node:
        try:
            found = self._find(column.types, text, node)
        except LedgerError as error:
            self.problems.of(node, f"{column.name}: {error.message}", column.name, *inner)
            found = None
        else:
            if found is None and column.types == ("forecaster",):
                return self._new_forecaster(node, text)
            if found is None:
                message = self._missing(column, text)
                self.problems.of(node, message, column.name, *inner)
        if found is not None:
            return found
        stand_in = Node(column.types[0], shown(text), is_recorded=True, is_faulty=True)
        stand_in.make_stand_in()
        return stand_in

    def _find(self, kinds: tuple[str, ...], text: str, asking: Node) -> Node | None:
        """Return what `text` names: in this book, else in the ledger, else a packaged lexicon.

        Never `asking` itself: an entry may replace the recorded one of the same key.
        """
        named = self._index.ids.get(text)
        if named is not None and named is not asking and named.type in kinds:
            return named
        heads = [node for kind in kinds for node in self._index.heads(kind, text)]
        heads = [node for node in heads if node is not asking]
        if len(heads) > 1:
            lines = " and ".join(str(node.line) for node in heads[:2])
            raise InvalidError(f"{shown(text)} may be either of lines {lines}. Name it by its id")
        if heads:
            return heads[0]
        if (kinds, text) not in self._found:
            found = self._recorded(kinds, text)
            if found is None:
                return self._packaged_lexicon(text) if "lexicon" in kinds else None
            self._found[kinds, text] = found
        return self._found[kinds, text]

    def _recorded(self, kinds: tuple[str, ...], text: str) -> Node | None:
        if text.startswith("sha256:"):
            return self._by_digest(kinds, text)
        lookups: dict[str, Callable[[str], Recorded[Entry] | None]] = {
            "source": self._lookup.source,
            "question": self._lookup.question,
            "family": self._lookup.family,
            "lexicon": self._lookup.lexicon,
            "forecaster": self._lookup.forecaster,
        }
        rows = [row for kind in kinds if kind in lookups and (row := lookups[kind](text))]
        if len(rows) > 1:
            types = " and ".join(row.entry.TYPE for row in rows)
            raise InvalidError(f"{shown(text)} is the key of a {types}. Name one by its digest")
        return Node.recorded(rows[0]) if rows else None

    def _by_digest(self, kinds: tuple[str, ...], text: str) -> Node | None:
        written = _DIGEST.fullmatch(text)
        if written is None:
            raise InvalidError(
                f"{shown(text)} is not sha256: and 12 to 64 digits (0-9, a-f) of a digest"
            )
        rows = self._lookup.digest(written[1])
        if len(rows) > 1:
            raise InvalidError(f"{shown(text)} begins several digests. Give more digits")
        if not rows:
            return None
        if rows[0].entry.TYPE not in kinds:
            raise InvalidError(f"{shown(text)} is a {rows[0].entry.TYPE}, not {_a(kinds)}")
        return Node.recorded(rows[0])

    def _packaged_lexicon(self, key: str) -> Node | None:
        lexicon = self._packaged().get(key)
        if lexicon is None:
            return None
        node = Node("lexicon", f"lexicon {key}", entry=lexicon, digest=digest_of(lexicon))
        self._nodes.append(node)
        self._index.keys["lexicon", key] = [node]
        return node

    def _new_forecaster(self, node: Node, name: str) -> Node:
        made = Node(
            "forecaster",
            node.label,
            (*node.path, "who"),
            self.problems.line(node, "who"),
            {"name": name},
        )
        self._nodes.append(made)
        self._index.add_key(made)
        return made

    def _missing(self, column: Column, text: str) -> str:
        where = "neither in this book nor in the ledger"
        near = self._near(text, [*self._index.names(column.types)])
        return f"{column.name}: {_a(column.types)} {shown(text)} is {where}.{near}"

    def _near(self, word: str, known: Iterable[str]) -> str:
        self._suggested += 1
        return did_you_mean(word, known) if self._suggested <= _SUGGESTIONS else ""

    def _unknown(self, path: Path, label: str, message: str, known: Iterable[str]) -> None:
        near = self._near(str(path[-1]), known)
        self.problems.at(self._places.get(path, 1), f"{message}.{near}", label)

    # -- what a book says without saying it --------------------------------------------------

    def _refuse_twice(self) -> None:
        for kind, key in self._index.keys:
            heads = self._index.heads(kind, key)
            for node in heads[1:]:
                if "id" not in node.values or "id" not in heads[0].values:
                    self.problems.of(
                        node,
                        f"{kind} {key} is given twice; first on line {heads[0].line}."
                        " Give another, or let one replace the other, or give each an id.",
                        KEYED[kind],
                    )

    def _families(self) -> None:
        """Put questions into the families they name; make those no table makes."""
        for question in tuple(self._nodes):
            key = question.values.get("family")
            if question.type != "question" or key is None:
                continue
            heads = self._index.heads("family", key)
            if len(heads) > 1:
                self.problems.of(question, f"family {key} is described by two tables", "family")
                continue
            if heads:
                family = heads[0]
            else:
                family = Node(
                    "family",
                    f"family {key}",
                    (*question.path, "family"),
                    self.problems.line(question, "family"),
                    {"key": key},
                )
                self._nodes.append(family)
                self._index.add_key(family)
            questions = family.values.setdefault("questions", [])
            if question not in questions:
                questions.append(question)
        for node in self._nodes:
            if node.type == "family" and not node.is_faulty and "questions" not in node.values:
                self.problems.of(node, "questions is missing, and no question names this family")

    def _revisions(self) -> None:
        """Let each revision without `replaces` replace the wording before it."""
        last: dict[int, Node] = {}
        for node in self._nodes:
            question = node.values.get("question")
            if node.type != "revision" or not isinstance(question, Node):
                continue
            if "replaces" not in node.values:
                before = last.get(id(question))
                if before is None and question.is_recorded:
                    node.follows = self._wording_in_force(node, question)
                else:
                    node.values["replaces"] = [before or question]
            last[id(question)] = node

    def _wording_in_force(self, node: Node, question: Node) -> Node:
        if isinstance(question.entry, Question):
            try:
                row = self._lookup.wording_in_force(question.entry.key)
            except LedgerError as error:
                self.problems.of(node, error.message, "question")
                row = None
            if row is not None:
                return Node.recorded(row)
        return question

    def _one_source(self) -> None:
        sources = [node for node in self._nodes if node.type == "source"]
        for node in self._nodes:
            if node.type == "statement" and not node.is_faulty and "source" not in node.values:
                if len(sources) == 1:
                    node.values["source"] = sources[0]
                else:
                    self.problems.of(
                        node, f"source is missing, and the book has {len(sources) or 'none'}"
                    )

    # -- nodes to entries --------------------------------------------------------------------

    def _made(self, head: Head) -> Book:
        maker = Maker(head, self.problems, self._lookup, self._texts, self._all_lexicons)
        self._nodes.sort(key=lambda node: node.line)
        first: dict[str, Node] = {}
        for node in in_order(self._nodes, self.problems):
            maker.make(node)
            if node.entry is None:
                continue
            same = first.setdefault(node.digest, node)
            if same is not node and same.is_table and node.is_table and same.line != node.line:
                self.problems.of(node, f"says the same as line {same.line}. Take one of them away.")
        self._refuse_two_primary()
        notices = []
        if self._zone_needed and not self._zone_said:
            notices.append("The book names no zone: bare dates and local times are taken in UTC.")
        return Book(
            tuple(node.entry for node in first.values() if node.entry is not None),
            tuple(self.problems.place(node.line, node.label) for node in first.values()),
            tuple(notices),
        )

    def _all_lexicons(self) -> Iterator[Lexicon]:
        for node in self._nodes:
            if isinstance(node.entry, Lexicon):
                yield node.entry
        yield from self._packaged().values()

    def _refuse_two_primary(self) -> None:
        gone = {id(old) for node in self._nodes for old in node.values.get("replaces", ())}
        gone |= {
            id(node.values["target"])
            for node in self._nodes
            if node.type == "retraction" and "target" in node.values
        }
        primary: dict[str, Node] = {}
        for node in self._nodes:
            if node.type != "reading" or node.entry is None or not node.values.get("primary", True):
                continue
            if id(node) in gone or id(node.values["forecast"]) in gone:
                continue
            first = primary.setdefault(node.values["statement"].digest, node)
            if first is not node and first.digest != node.digest:
                self.problems.of(
                    node,
                    f"is a second primary reading of a statement; the first is on line"
                    f" {first.line}. Say primary = false on all but one.",
                    "primary",
                )


def _reference(name: str, raw: Any) -> str:
    if not isinstance(raw, str):
        raise InvalidError(f"{name} is {what_is(raw)}. Write an id, a key, a name or sha256:…")
    return text_value(Form.NAME, name, raw)


_LISTS = (Form.REFERENCES, Form.EVIDENCE, Form.KEYS, Form.NAMES, Form.ONE_OR_MORE)
_SINGLE: dict[Form, Callable[[str, Any], Any]] = {
    Form.FLAG: flag_value,
    Form.PROBABILITY: probability_value,
    Form.REFERENCE: _reference,
}


def _phrase(row: Any) -> Phrase:
    if not isinstance(row, dict):
        raise InvalidError(
            f"{what_is(row)} is not a table such as "
            '{phrase = "likely", low = "60%", mid = "70%", high = "80%"}'
        )
    said = dict(row)
    synonyms = said.pop("synonyms", [])
    if not isinstance(synonyms, list):
        raise InvalidError(f"synonyms is {what_is(synonyms)}. Write a list")
    phrase = said.pop("phrase", None)
    parts = {
        name: probability_value(name, said.pop(name))
        for name in ("low", "mid", "high")
        if name in said
    }
    if said:
        name = next(iter(said))
        near = did_you_mean(name, ("phrase", "low", "mid", "high", "synonyms"))
        raise InvalidError(f"{name} is not a field of a phrase.{near}")
    if phrase is None or "low" not in parts or "high" not in parts:
        raise InvalidError("phrase, low and high are needed")
    return Phrase(phrase=phrase, synonyms=tuple(synonyms), **parts)


def _a(kinds: tuple[str, ...]) -> str:
    """Return what kinds of entry are meant, for a message."""
    if len(kinds) > 2:
        return "entry"
    return " or ".join(kinds)
