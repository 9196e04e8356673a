"""From the text of a book to its entries, or to everything that is wrong with it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forecast_ledger.domain.entries import Entry, Lexicon, Question
from forecast_ledger.errors import InvalidError, LedgerError, Problem
from forecast_ledger.formats.book_entries import Head, Maker
from forecast_ledger.formats.book_nodes import Node, Problems, in_order
from forecast_ledger.formats.book_references import References
from forecast_ledger.formats.book_rows import Rows
from forecast_ledger.formats.book_tables import READING
from forecast_ledger.formats.lookup import Lookup
from forecast_ledger.formats.quotes import QuotedText
from forecast_ledger.formats.toml_places import places_of

LARGEST = 20_000_000
"""Bytes a book may have. A larger ledger travels as JSON Lines."""

_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


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
    problems = Problems(name, places)
    reader = _Reader(problems=problems, now=now, lookup=lookup, text=text, packaged=packaged)
    book = reader.read(tables)
    if found := problems.in_order():
        count = "one problem" if len(found) == 1 else f"{len(found):,} problems"
        raise InvalidError(f"{name} has {count}. Nothing was taken from it.", found)
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
    if "int_max_str_digits" in str(error):
        return Problem(name, "a number has too many digits")
    found = _TOML_PLACE.search(str(error))
    if found is None:
        return Problem(name, str(error))
    message = str(error)[: found.start()]
    if found[1] is None:
        return Problem(f"{name} line {source.count(chr(10)) + 1}", f"{message} (end of the file)")
    return Problem(f"{name} line {found[1]}", f"{message} (column {found[2]})")


class _Reader:
    def __init__(
        self,
        *,
        problems: Problems,
        now: datetime,
        lookup: Lookup,
        text: Mapping[str, str],
        packaged: Callable[[], Mapping[str, Lexicon]],
    ) -> None:
        self._problems = problems
        self._lookup = lookup
        self._texts = {key: QuotedText(content) for key, content in text.items()}
        self._packaged = packaged
        self._rows = Rows(problems, now)
        self._nodes = self._rows.nodes
        self._references = References(self._nodes, problems, lookup, packaged)

    def read(self, tables: dict[str, Any]) -> Book:
        head = self._rows.read(tables)
        if head is None:
            return Book((), ())
        self._references.resolve()
        self._readings()
        self._families()
        self._revisions()
        self._one_source()
        return self._made(head)

    # -- what a book says without saying it --------------------------------------------------

    def _readings(self) -> None:
        """Make a reading for each statement that a forecast's table names."""
        for node in tuple(self._nodes):
            if node.type != "forecast":
                continue
            for number, statement in enumerate(node.values.get("statement", ())):
                values = {"forecast": node, "statement": statement}
                for name in READING:
                    if name in node.values:
                        values["name" if name == "reading" else name] = node.values[name]
                path = (*node.path, "statement", number)
                self._nodes.append(Node("reading", node.label, path, node.line, values))

    def _families(self) -> None:
        """Put questions into the families they name; make those no table makes."""
        members: dict[int, set[int]] = {}
        for question in tuple(self._nodes):
            key = question.values.get("family")
            if question.type != "question" or key is None:
                continue
            heads = self._references.heads("family", key)
            if len(heads) > 1:
                self._problems.of(question, f"family {key} is described by two tables", "family")
                continue
            if heads:
                family = heads[0]
            else:
                family = Node(
                    "family",
                    f"family {key}",
                    (*question.path, "family"),
                    self._problems.line(question, "family"),
                    {"key": key},
                )
                self._references.add(family)
            # A list is slow to search, and a family may be long.
            questions = family.values.setdefault("questions", [])
            known = members.setdefault(id(family), set(map(id, questions)))
            if id(question) not in known:
                known.add(id(question))
                questions.append(question)
        for node in self._nodes:
            if node.type == "family" and not {"questions"} & (node.values.keys() | node.unread):
                self._problems.of(node, "questions is missing, and no question names this family")

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
                self._problems.of(node, error.message, "question")
                row = None
            if row is not None:
                return Node.recorded(row)
        return question

    def _one_source(self) -> None:
        sources = [node for node in self._nodes if node.type == "source"]
        for node in self._nodes:
            if node.type == "statement" and not {"source"} & (node.values.keys() | node.unread):
                if len(sources) == 1:
                    node.values["source"] = sources[0]
                else:
                    self._problems.of(
                        node, f"source is missing, and the book has {len(sources) or 'none'}"
                    )

    # -- nodes to entries --------------------------------------------------------------------

    def _made(self, head: Head) -> Book:
        maker = Maker(head, self._problems, self._lookup, self._texts, self._all_lexicons)
        self._nodes.sort(key=lambda node: node.line)
        first: dict[str, Node] = {}
        for node in self._nodes:
            if node.entry is None:
                node.make_stand_in()
        for node in in_order(self._nodes, self._problems):
            maker.make(node)
            if node.entry is None:
                continue
            same = first.setdefault(node.digest, node)
            if same is not node and same.is_table and node.is_table and same.line != node.line:
                self._problems.of(node, f"says the same as line {same.line}. Take one away.")
        self._refuse_two_primary()
        notices = []
        if self._rows.takes_utc:
            notices.append("The book names no zone: bare dates and local times are taken in UTC.")
        return Book(
            tuple(node.entry for node in first.values() if node.entry is not None),
            tuple(self._problems.place(node.line, node.label) for node in first.values()),
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
                self._problems.of(
                    node,
                    f"is a second primary reading of a statement; the first is on line"
                    f" {first.line}. Say primary = false on all but one.",
                    "primary",
                )
