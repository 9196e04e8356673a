"""From the tables of a book to nodes: every field by itself, its form and its limits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import Any

from forecast_ledger.domain.moments import When, text_of
from forecast_ledger.domain.words import Phrase
from forecast_ledger.domain.zones import zone_named
from forecast_ledger.errors import InvalidError, LedgerError
from forecast_ledger.formats.book_entries import Head
from forecast_ledger.formats.book_nodes import Node, Problems
from forecast_ledger.formats.book_stand_ins import NAME, WHEN
from forecast_ledger.formats.book_tables import (
    HEAD,
    KEYED,
    NESTED,
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
from forecast_ledger.formats.near import did_you_mean
from forecast_ledger.formats.toml_places import Path

_HEAD_STAND_INS: dict[str, Any] = {"zone": UTC, "coder": NAME, "written": WHEN}


class Rows:
    """Reads what tomllib makes of a book into `nodes`, in the order of the file."""

    def __init__(self, problems: Problems, now: datetime) -> None:
        self.nodes: list[Node] = []
        self.takes_utc = False
        self._problems = problems
        self._now = now
        self._zone: tzinfo | None = None

    def read(self, tables: dict[str, Any]) -> Head | None:
        """Fill `nodes` and return the head; None where this is no book at all."""
        if not self._is_book(tables):
            return None
        head = self._head(tables)
        for table, rows in tables.items():
            if table in HEAD:
                continue
            if table in TABLES:
                self._tables(table, rows, (table,), None)
            else:
                near = self._problems.near(table, TABLES)
                line = self._problems.line_of((table,))
                self._problems.at(line, f"{table} is not a table of a book.{near}")
        self.nodes.sort(key=lambda node: node.line)
        return head

    def _is_book(self, tables: dict[str, Any]) -> bool:
        version = tables.get("book")
        if type(version) is int and version == VERSION:
            return True
        if version is None:
            message = f"the head is missing: a book begins with book = {VERSION}"
        else:
            said = version if type(version) is int else what_is(version)
            message = f"book is {said}; this version of the tool reads book = {VERSION}"
        self._problems.at(self._problems.line_of(("book",)), message)
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
                self._problems.at(self._problems.line_of((name,)), error.message)
                # It was said: nothing else is at fault for lack of it.
                said[name] = _HEAD_STAND_INS[name]
            if name == "zone":
                self._zone = said["zone"]
        return Head(coder=said.get("coder"), written=said.get("written"))

    def _tables(self, table: str, rows: Any, path: Path, parent: Node | None) -> None:
        label = f"{parent.label}, {table}" if parent else table
        if not isinstance(rows, list):
            written = f"[[{'question.' if parent else ''}{table}]]"
            self._problems.at(
                self._problems.line_of(path),
                f"{table} is {what_is(rows)}. Write {written}",
                parent.label if parent else "",
            )
            return
        for number, row in enumerate(rows):
            here = (*path, number)
            line = self._problems.line_of(here)
            if not isinstance(row, dict):
                self._problems.at(line, f"{label} {number + 1} is {what_is(row)}, not a table")
                continue
            name = row.get(KEYED.get(table, "id"))
            known = name if isinstance(name, str) and name.isprintable() else None
            called = f"{known[:60]}" if known and not parent else str(number + 1)
            node = Node(table, f"{label} {called}", here, line, is_table=True)
            self._row(node, row, parent)

    def _row(self, node: Node, row: dict[str, Any], parent: Node | None) -> None:
        self.nodes.append(node)
        columns = TABLES[node.type]
        if parent is not None:
            node.values["question"] = parent
        for name, raw in row.items():
            if node.type == "question" and name in NESTED:
                continue
            column = columns.get(name)
            if column is None:
                self._unknown(node, name, raw)
            elif name == "question" and parent is not None:
                self._problems.of(node, "question is said by the table this one stands in", name)
            else:
                self._field(node, column, raw)
        for column in columns.values():
            if column.required and column.name not in row and column.name not in node.values:
                self._problems.of(node, f"{column.name} is missing")
                node.unread.add(column.name)
        if node.type == "question":
            self._inside_question(node, row)

    def _unknown(self, node: Node, name: str, raw: Any) -> None:
        if node.type == "question" and name in TABLES and isinstance(raw, list):
            message = f"{name} does not stand inside a question. Write [[{name}]]"
        else:
            known = [*TABLES[node.type], *(NESTED if node.type == "question" else ())]
            near = self._problems.near(name, known)
            node.unread |= {field for field in known if f'"{field}"' in near}
            message = f"{name} is not a field of {node.type}.{near}"
        self._problems.of(node, message, name)

    def _inside_question(self, node: Node, row: dict[str, Any]) -> None:
        for table in NESTED:
            if table in row:
                self._tables(table, row[table], (*node.path, table), node)
        for number, tag in enumerate(node.values.get("tags", ())):
            self.nodes.append(
                Node(
                    "label",
                    node.label,
                    (*node.path, "tags", number),
                    self._problems.line(node, "tags", number),
                    {"question": node, "label": tag},
                )
            )

    def _field(self, node: Node, column: Column, raw: Any) -> None:
        try:
            value = self._value(node, column, raw)
        except LedgerError as error:
            self._problems.of(node, error.message, column.name)
            node.unread.add(column.name)
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
        self.takes_utc = self.takes_utc or (self._zone is None and needs_zone(raw))
        return when_value(name, raw, self._zone or UTC)

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
                self._problems.of(node, error.message, name, number)
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
                    self._problems.line(node, column.name, number),
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
                self._problems.of(node, message, "phrases", number)
                node.unread.add("phrases")
        return tuple(phrases)


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
