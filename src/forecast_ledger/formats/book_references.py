"""What the references of a book name: entries of the book, recorded ones, packaged lexicons."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import Entry, Lexicon
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.errors import InvalidError, LedgerError
from forecast_ledger.formats.book_nodes import Node, Problems
from forecast_ledger.formats.book_tables import KEYED, TABLES, Column, Form
from forecast_ledger.formats.lookup import Lookup
from forecast_ledger.formats.near import shown

_DIGEST = re.compile(r"sha256:([0-9a-f]{12,64})")


class References:
    """Puts nodes in the place of names. What a book takes for granted is added to `nodes`."""

    def __init__(
        self,
        nodes: list[Node],
        problems: Problems,
        lookup: Lookup,
        packaged: Callable[[], Mapping[str, Lexicon]],
    ) -> None:
        self._nodes = nodes
        self._problems = problems
        self._packaged = packaged
        self._lookups: dict[str, Callable[[str], Recorded[Entry] | None]] = {
            "source": lookup.source,
            "question": lookup.question,
            "family": lookup.family,
            "lexicon": lookup.lexicon,
            "forecaster": lookup.forecaster,
        }
        self._digest = lookup.digest
        self._ids: dict[str, Node] = {}
        self._keys: dict[tuple[str, str], list[Node]] = {}
        self._found: dict[tuple[tuple[str, ...], str], Node] = {}

    def resolve(self) -> None:
        """Resolve every reference of every node."""
        self._name_nodes()
        # What replaces what comes first: it tells which of two entries of one key is meant.
        for only in (True, False):
            for node in tuple(self._nodes):
                self._refer(node, only_replaces=only)
        self._refuse_twice()

    def add(self, node: Node) -> None:
        """Add a node that the book takes for granted."""
        self._nodes.append(node)
        self._add_key(node)

    def heads(self, kind: str, key: str) -> list[Node]:
        """Return the nodes of that key that no other of that key replaces."""
        nodes = self._keys.get((kind, key), [])
        if len(nodes) < 2:
            return nodes
        replaced = {id(old) for node in nodes for old in node.values.get("replaces", ())}
        return [node for node in nodes if id(node) not in replaced]

    def _add_key(self, node: Node) -> None:
        key = node.values.get(KEYED.get(node.type, ""))
        if isinstance(key, str):
            self._keys.setdefault((node.type, key), []).append(node)

    def _name_nodes(self) -> None:
        for node in self._nodes:
            self._add_key(node)
            called = node.values.get("id")
            if called is None:
                continue
            first = self._ids.setdefault(called, node)
            if first is not node:
                self._problems.of(
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
            self._problems.of(node, f"{column.name}: {error.message}", column.name, *inner)
            found = None
        else:
            if found is None and column.types == ("forecaster",):
                return self._new_forecaster(node, text)
            if found is None:
                message = self._missing(column, text)
                self._problems.of(node, message, column.name, *inner)
        if found is not None:
            return found
        stand_in = Node(column.types[0], shown(text), is_recorded=True, is_faulty=True)
        stand_in.make_stand_in()
        return stand_in

    def _find(self, kinds: tuple[str, ...], text: str, asking: Node) -> Node | None:
        """Return what `text` names: in this book, else in the ledger, else a packaged lexicon.

        Never `asking` itself: an entry may replace the recorded one of the same key.
        """
        named = self._ids.get(text)
        if named is not None and named is not asking and named.type in kinds:
            return named
        heads = [node for kind in kinds for node in self.heads(kind, text)]
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
        lookups = self._lookups
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
        rows = self._digest(written[1])
        if len(rows) > 1:
            raise InvalidError(f"{shown(text)} begins several digests. Give more digits")
        if not rows:
            return None
        if rows[0].entry.TYPE not in kinds:
            raise InvalidError(f"{shown(text)} is of type {rows[0].entry.TYPE}, not {_a(kinds)}")
        return Node.recorded(rows[0])

    def _packaged_lexicon(self, key: str) -> Node | None:
        lexicon = self._packaged().get(key)
        if lexicon is None:
            return None
        node = Node("lexicon", f"lexicon {key}", entry=lexicon, digest=digest_of(lexicon))
        self._nodes.append(node)
        self._keys["lexicon", key] = [node]
        return node

    def _new_forecaster(self, node: Node, name: str) -> Node:
        made = Node(
            "forecaster",
            node.label,
            (*node.path, "who"),
            self._problems.line(node, "who"),
            {"name": name},
        )
        self._nodes.append(made)
        self._add_key(made)
        return made

    def _missing(self, column: Column, text: str) -> str:
        where = "neither in this book nor in the ledger"
        if "lexicon" in column.types:
            where = "neither in this book, nor in the ledger, nor a packaged one"
        near = self._problems.near(text, [*self._names(column.types)])
        return f"{column.name}: {_a(column.types)} {shown(text)} is {where}.{near}"

    def _refuse_twice(self) -> None:
        for kind, key in self._keys:
            heads = self.heads(kind, key)
            for node in heads[1:]:
                if "id" not in node.values or "id" not in heads[0].values:
                    self._problems.of(
                        node,
                        f"{kind} {key} is given twice; first on line {heads[0].line}."
                        " Give another, or let one replace the other, or give each an id.",
                        KEYED[kind],
                    )

    def _names(self, kinds: tuple[str, ...]) -> Iterator[str]:
        yield from (name for name, node in self._ids.items() if node.type in kinds)
        yield from (key for kind, key in self._keys if kind in kinds)
        if "lexicon" in kinds:
            yield from self._packaged()


def _a(kinds: tuple[str, ...]) -> str:
    """Return what kinds of entry are meant, for a message."""
    if len(kinds) > 2:
        return "entry"
    return " or ".join(kinds)
