"""Values in the place of what a faulty table lacks, so that the rest of it can be checked.

No entry is ever kept of such a table: its book is refused. What stands in is chosen so that
it makes no fault of its own.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from forecast_ledger.domain.fields import Digest
from forecast_ledger.domain.moments import When
from forecast_ledger.domain.words import Phrase
from forecast_ledger.formats.book_nodes import Node
from forecast_ledger.formats.book_tables import DEFAULTS, TABLES, Column, Form

WHEN = When.at(datetime(1970, 1, 1, tzinfo=UTC))
"""A moment for one that was said but could not be read."""
NAME = "stand-in"
DIGEST = Digest("0" * 64)

_ALLOWED = {
    "verdict": "scored",
    "effect": "clarify",
    "outcome": "yes",
    "closeness": "same",
    "deadline_from": "words",
    "side": "yes",
}
_PHRASES = (Phrase(phrase="a phrase that stands in for another", low=0, high=10**9),)
_VALUES: dict[Form, Any] = {
    Form.NAME: NAME,
    Form.KEY: NAME,
    Form.TEXT: NAME,
    Form.URL: "https://example.org/",
    Form.HASH: DIGEST,
    Form.WHEN: WHEN,
}
_LISTS = (Form.REFERENCES, Form.ONE_OR_MORE, Form.EVIDENCE, Form.KEYS)
_NEVER = ("id", "opens", "closes", "due", "probability", "low", "high")
"""Fields whose absence is no fault, or that are compared with others."""


def whole(node: Node) -> dict[str, Any]:
    """Return the values of a faulty table, with stand-ins for what could not be read."""
    values: dict[str, Any] = {}
    for column in TABLES[node.type].values():
        name = column.name
        if name in node.unread and name not in _NEVER and name not in DEFAULTS[node.type]:
            values |= _stand_in(column)
    read = {name: value for name, value in node.values.items() if value or name not in values}
    return values | read


def allowed(node: Node, field: str) -> Any:
    """Return a value that a field with a closed list may have; None if it has no such list."""
    return _ALLOWED.get(field) or DEFAULTS[node.type].get(field)


def _stand_in(column: Column) -> dict[str, Any]:
    if column.name in _ALLOWED:
        return {column.name: _ALLOWED[column.name]}
    if column.form in _VALUES:
        return {column.name: _VALUES[column.form]}
    if column.form is Form.PHRASES:
        return {column.name: _PHRASES}
    if column.form in _LISTS:
        return {column.name: []}
    if column.form is Form.REFERENCE:
        node = Node(column.types[0], NAME, is_recorded=True, is_faulty=True)
        node.make_stand_in()
        return {column.name: node}
    return {}
