"""A book between its text and its entries: one node for every entry it will make."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from forecast_ledger.domain.entries import Entry
from forecast_ledger.domain.fields import Digest
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.errors import Problem
from forecast_ledger.formats.near import did_you_mean
from forecast_ledger.formats.toml_places import Path

_NO_DIGEST = Digest("")
_SUGGESTIONS = 30
"""Problems that are worth a search for the nearest word; it is slow, a book may be long."""


@dataclass(slots=True, eq=False)
class Node:
    """One entry of a book, or one recorded already that the book refers to.

    `values` holds what the table says, by the names of the book, with nodes in the place
    of references. `entry` is None until it is made, and for ever where that fails; then
    `digest` is a stand-in, so that whatever refers to it can still be checked. `follows` is
    the recorded wording in force, for a revision that does not say which it replaces.
    `unread` are fields of which it is not known what they say: required and missing, not to
    be read, or likely misspelt.
    """

    type: str
    label: str
    path: Path = ()
    line: int = 0
    values: dict[str, Any] = field(default_factory=dict)
    entry: Entry | None = None
    digest: Digest = _NO_DIGEST
    follows: Node | None = None
    is_recorded: bool = False
    is_table: bool = False
    is_faulty: bool = False
    unread: set[str] = field(default_factory=set)

    @classmethod
    def recorded(cls, row: Recorded[Entry]) -> Node:
        """Return the node of an entry that is in the ledger already."""
        entry = row.entry
        return cls(entry.TYPE, entry.TYPE, entry=entry, digest=row.digest, is_recorded=True)

    def make_stand_in(self) -> None:
        """Give a node that holds no entry a digest that no other has."""
        self.digest = Digest(hashlib.sha256(f"no entry {id(self)}".encode()).hexdigest())

    @property
    def named(self) -> Iterator[Node]:
        """The nodes this one refers to."""
        for value in self.values.values():
            if isinstance(value, Node):
                yield value
            elif isinstance(value, list):
                yield from (item for item in value if isinstance(item, Node))


class Problems:
    """The problems of one book, each with its file, line and table."""

    def __init__(self, name: str, places: dict[Path, int]) -> None:
        self._name = name
        self._places = places
        self._suggested = 0
        self._found: list[tuple[int, Problem]] = []

    def __len__(self) -> int:
        return len(self._found)

    def at(self, line: int, message: str, label: str = "") -> None:
        """Add a problem of a line."""
        self._found.append((line, Problem(self.place(line, label), message)))

    def of(self, node: Node, message: str, *inner: str | int) -> None:
        """Add a problem of a node, at the line of its field `inner` where that is known."""
        node.is_faulty = True
        self.at(self.line(node, *inner), message, node.label)

    def line(self, node: Node, *inner: str | int) -> int:
        """Return the line of a field of `node`, or that of `node`."""
        while inner:
            if found := self._places.get((*node.path, *inner)):
                return found
            inner = inner[:-1]
        return node.line

    def line_of(self, path: Path) -> int:
        """Return the line of a path, or the first."""
        return self._places.get(path, 1)

    def near(self, word: str, known: Iterable[str]) -> str:
        """Return ` Did you mean "x"?`, or nothing: also once that was looked for often."""
        self._suggested += 1
        return did_you_mean(word, known) if self._suggested <= _SUGGESTIONS else ""

    def place(self, line: int, label: str = "") -> str:
        """Return how a place is named: `book.toml line 88, question ukraine-x, forecast 2`."""
        place = f"{self._name} line {line}" if line else self._name
        return f"{place}, {label}" if label else place

    def in_order(self) -> tuple[Problem, ...]:
        """Return all problems in the order of the file, each once."""
        self._found.sort(key=lambda found: found[0])
        return tuple(dict.fromkeys(problem for _, problem in self._found))


def in_order(nodes: Iterable[Node], problems: Problems) -> list[Node]:
    """Return `nodes` and those they name, each after those it names, else as they come."""
    ordered: list[Node] = []
    entered: set[int] = set()
    left: set[int] = set()
    for first in nodes:
        stack = [(first, iter(first.named))]
        if id(first) in entered:
            continue
        entered.add(id(first))
        while stack:
            node, rest = stack[-1]
            inner = next((other for other in rest if not other.is_recorded), None)
            if inner is None:
                stack.pop()
                left.add(id(node))
                ordered.append(node)
            elif id(inner) not in entered:
                entered.add(id(inner))
                stack.append((inner, iter(inner.named)))
            elif id(inner) not in left:
                problems.of(
                    node,
                    f"names {inner.label} (line {inner.line}), which names it in turn."
                    " An entry can only name what was there before it.",
                )
    return ordered
