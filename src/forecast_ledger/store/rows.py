"""Entries to rows and back, from the one statement of their fields."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, cast

from forecast_ledger.domain.entries import Entry
from forecast_ledger.domain.fields import Digest, Role, fields_of, text_digest
from forecast_ledger.domain.moments import When

Row = dict[str, Any]


def to_row(value: Any, seq_of: Callable[[Digest], int], texts: dict[bytes, str]) -> Row:
    """Return the columns of `value`; free texts are put into `texts` by their SHA-256."""
    row: Row = {}
    _fill(row, value, type(value), "", seq_of, texts)
    return row


def _fill(
    row: Row,
    value: Any,
    cls: type[Any],
    prefix: str,
    seq_of: Callable[[Digest], int],
    texts: dict[bytes, str],
) -> None:
    for field in fields_of(cls):
        name = prefix + field.name
        content = None if value is None else getattr(value, field.name)
        role = field.role
        if role is Role.WHEN:
            row[f"{name}_start"] = content.start if content else None
            row[f"{name}_end"] = content.end if content and content.day else None
            row[f"{name}_day"] = content.day.isoformat() if content and content.day else None
        elif role is Role.RECORD:
            _fill(row, content, cast("type[Any]", field.record), f"{name}_", seq_of, texts)
        elif role is Role.REFERENCES:
            continue
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
            row[name] = json.dumps(
                [{key: getattr(r, key) for key in r.__dataclass_fields__} for r in content],
                ensure_ascii=False,
                separators=(",", ":"),
            )
        else:
            row[name] = content


def references_of(cls: type[Entry]) -> tuple[str, ...]:
    """Return the names of the fields that hold lists of references."""
    return tuple(field.name for field in fields_of(cls) if field.role is Role.REFERENCES)


def columns_with(cls: type[Any], role: Role, prefix: str = "") -> tuple[str, ...]:
    """Return the columns of `cls` that hold texts, or references."""
    names: list[str] = []
    for field in fields_of(cls):
        if field.role is Role.RECORD and field.record is not None:
            names.extend(columns_with(field.record, role, f"{prefix}{field.name}_"))
        elif field.role is role:
            names.append(prefix + field.name)
    return tuple(names)


def from_row(
    cls: type[Any],
    row: Mapping[str, Any],
    links: Mapping[str, tuple[Digest, ...]],
    digests: Mapping[int, Digest],
    texts: Mapping[bytes, str],
) -> Any:
    """Return the entry a row holds."""
    return _read(cls, row, "", links, digests, texts)


def _read(
    cls: type[Any],
    row: Mapping[str, Any],
    prefix: str,
    links: Mapping[str, tuple[Digest, ...]],
    digests: Mapping[int, Digest],
    texts: Mapping[bytes, str],
) -> Any:
    values: dict[str, Any] = {}
    for field in fields_of(cls):
        name = prefix + field.name
        role = field.role
        if role is Role.WHEN:
            content: Any = _when(row, name)
        elif role is Role.RECORD and field.record is not None:
            content = _read(field.record, row, f"{name}_", links, digests, texts)
        elif role is Role.REFERENCES:
            content = links.get(field.name, ())
        else:
            content = row[name]
            if content is not None:
                if role is Role.TEXT:
                    content = texts[bytes(content)]
                elif role is Role.REFERENCE:
                    content = digests[content]
                elif role is Role.FLAG:
                    content = bool(content)
                elif role is Role.ROWS:
                    content = tuple(_row(field.record, item) for item in json.loads(content))
        values[field.name] = content
    if prefix and all(content is None or content == () for content in values.values()):
        return None
    return cls(**values)


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
