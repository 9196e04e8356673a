"""Entries to rows and back, from the one statement of their fields."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from forecast_ledger.domain.entries import Entry
from forecast_ledger.domain.fields import Digest, Field, Role, fields_of, text_digest
from forecast_ledger.domain.moments import When

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Named:
    """What columns name: entries by their places, texts by their SHA-256."""

    digests: Mapping[int, Digest]
    texts: Mapping[bytes, str]


@dataclass(frozen=True, slots=True)
class _Cell:
    """A column, the nested record it comes from if it comes from one, and the field it holds."""

    column: str
    record: str | None
    field: Field


_CELLS: dict[type[Any], tuple[_Cell, ...]] = {}


def to_row(value: Any, seq_of: Callable[[Digest], int], texts: dict[bytes, str]) -> Row:
    """Return the columns of `value`; free texts are put into `texts` by their SHA-256."""
    row: Row = {}
    for cell in _cells(type(value)):
        holder = value if cell.record is None else getattr(value, cell.record)
        content = None if holder is None else getattr(holder, cell.field.name)
        name, role = cell.column, cell.field.role
        if role is Role.WHEN:
            row[f"{name}_start"] = content.start if content else None
            row[f"{name}_end"] = content.end if content and content.day else None
            row[f"{name}_day"] = content.day.isoformat() if content and content.day else None
        elif content is None:
            row[name] = None
        elif role is Role.TEXT:
            key = bytes.fromhex(text_digest(content))
            texts[key] = content
            row[name] = key
        elif role is Role.REFERENCE:
            row[name] = seq_of(content)
        elif role is Role.FLAG:
            row[name] = int(content)
        elif role is Role.ROWS:
            row[name] = _rows_text(content)
        else:
            row[name] = content
    return row


def _cells(cls: type[Any]) -> tuple[_Cell, ...]:
    """Return what a row of `cls` holds itself, field by field; records hold no records."""
    known = _CELLS.get(cls)
    if known is not None:
        return known
    cells: list[_Cell] = []
    for field in fields_of(cls):
        if field.role is Role.RECORD:
            record = cast("type[Any]", field.record)
            cells += [
                _Cell(f"{field.name}_{cell.column}", field.name, cell.field)
                for cell in _cells(record)
            ]
        elif field.role is not Role.REFERENCES:
            cells.append(_Cell(field.name, None, field))
    _CELLS[cls] = tuple(cells)
    return _CELLS[cls]


def _rows_text(rows: Iterable[Any]) -> str:
    return json.dumps(
        [{name: getattr(row, name) for name in row.__dataclass_fields__} for row in rows],
        ensure_ascii=False,
        separators=(",", ":"),
    )


def references_of(cls: type[Entry]) -> tuple[str, ...]:
    """Return the names of the fields that hold lists of references."""
    return tuple(field.name for field in fields_of(cls) if field.role is Role.REFERENCES)


def columns_with(cls: type[Any], role: Role) -> tuple[str, ...]:
    """Return the columns of `cls` that hold texts, or references."""
    return tuple(cell.column for cell in _cells(cls) if cell.field.role is role)


def from_row(
    cls: type[Any], row: Mapping[str, Any], links: Mapping[str, tuple[Digest, ...]], named: Named
) -> Any:
    """Return the entry a row holds; `links` are its lists of references by field."""
    values: dict[str, Any] = dict(links)
    values |= _values(cls, row, "", named)
    return cls(**values)


def _values(cls: type[Any], row: Mapping[str, Any], prefix: str, named: Named) -> Row:
    values: Row = {}
    for field in fields_of(cls):
        name = prefix + field.name
        if field.role is Role.RECORD and field.record is not None:
            inner = _values(field.record, row, f"{name}_", named)
            absent = all(content is None for content in inner.values())
            values[field.name] = None if absent else field.record(**inner)
        elif field.role is Role.WHEN:
            values[field.name] = _when(row, name)
        elif field.role is not Role.REFERENCES:
            content = row[name]
            values[field.name] = None if content is None else _value(field, content, named)
    return values


def _value(field: Field, content: Any, named: Named) -> Any:
    if field.role is Role.TEXT:
        return named.texts[bytes(content)]
    if field.role is Role.REFERENCE:
        return named.digests[content]
    if field.role is Role.FLAG:
        return bool(content)
    if field.role is Role.ROWS:
        return tuple(_row(field.record, item) for item in json.loads(content))
    return content


def _row(cls: Any, item: dict[str, Any]) -> Any:
    return cls(**{k: tuple(v) if isinstance(v, list) else v for k, v in item.items()})


def _when(row: Mapping[str, Any], name: str) -> When | None:
    start = row[f"{name}_start"]
    if start is None:
        return None
    day = row[f"{name}_day"]
    if day is None:
        return When(start, start)
    return When(start, row[f"{name}_end"], date.fromisoformat(day))
