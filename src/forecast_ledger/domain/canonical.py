"""The canonical form of an entry, its digest, and its leaf in the log.

The form is what is digested and can never change for entries that exist:
see docs/canonical-form.md.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import struct
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, cast

from forecast_ledger.domain.entries import ENTRY_TYPES, Entry
from forecast_ledger.domain.fields import Digest, Field, Role, fields_of, text_digest
from forecast_ledger.domain.moments import When, moment_of, text_of
from forecast_ledger.errors import InvalidError

VERSION = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def canonical(entry: Entry) -> bytes:
    """Return the bytes that are digested: compact JSON with sorted keys, in UTF-8."""
    form = {"v": VERSION, "type": entry.TYPE, **_encode(entry, texts_by_digest=True)}
    return _json(form).encode()


def digest_of(entry: Entry) -> Digest:
    """Return the SHA-256 of the canonical form, in hexadecimal."""
    return Digest(hashlib.sha256(canonical(entry)).hexdigest())


def leaf_of(seq: int, recorded_at: datetime, nonce: bytes, digest: Digest) -> bytes:
    """Return the leaf of a log row: SHA-256(0x00, seq, recorded_at, nonce, digest).

    `seq` and the microseconds since 1970 are 8 bytes each, big-endian; the nonce is
    16 bytes and the digest 32.
    """
    microseconds = (recorded_at - _EPOCH) // _MICROSECOND
    head = struct.pack(">cQQ", b"\x00", seq, microseconds)
    return hashlib.sha256(head + nonce + bytes.fromhex(digest)).digest()


def to_json(entry: Entry) -> dict[str, Any]:
    """Return the entry as JSON data with its free texts written out."""
    return {"v": VERSION, "type": entry.TYPE, **_encode(entry, texts_by_digest=False)}


def from_json(data: Mapping[str, Any]) -> Entry:
    """Return the entry `to_json` wrote; refuse anything else, naming the field."""
    version, name = data.get("v"), data.get("type")
    if type(version) is not int or version != VERSION:
        raise InvalidError(f"v is {version!r}; this version reads {VERSION}")
    cls = ENTRY_TYPES.get(name) if isinstance(name, str) else None
    if cls is None:
        raise InvalidError(f"type {name!r} is not an entry type")
    return cast(
        "Entry", _decode(cls, {k: v for k, v in data.items() if k not in ("v", "type")}, "")
    )


# Held, because json.dumps makes a new one each time.
_json = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def _encode(value: Any, *, texts_by_digest: bool) -> dict[str, Any]:
    form: dict[str, Any] = {}
    for field in fields_of(type(value)):
        content = getattr(value, field.name)
        if content is None or content == ():
            continue
        form[field.name] = (
            content if field.is_plain else _encode_field(field, content, texts_by_digest)
        )
    return form


def _encode_field(field: Field, content: Any, texts_by_digest: bool) -> Any:  # noqa: FBT001
    if field.role is Role.TEXT:
        return text_digest(content) if texts_by_digest else content
    if field.role is Role.WHEN:
        return encode_when(content)
    if field.role is Role.RECORD:
        return _encode(content, texts_by_digest=texts_by_digest)
    if field.role is Role.ROWS:
        return [_encode_row(row) for row in content]
    return list(content)


def _encode_row(row: Any) -> dict[str, Any]:
    form = {name: getattr(row, name) for name in row.__dataclass_fields__}
    return {
        name: list(content) if isinstance(content, tuple) else content
        for name, content in form.items()
        if content is not None and content != ()
    }


def encode_when(when: When) -> str | dict[str, str]:
    """Return an instant as text, a bare date as its day and its two ends."""
    if when.day is None:
        return text_of(when.start)
    day, start, end = _written_day(when)
    return {"day": day, "start": start, "end": end}


# The days of deadlines and outcomes come again and again, as moments do not.
@lru_cache(4_096)
def _written_day(when: When) -> tuple[str, str, str]:
    return str(when.day), text_of(when.start), text_of(when.end)


def decode_when(content: object) -> When:
    """Return what `encode_when` wrote; refuse anything else."""
    if isinstance(content, str):
        moment = moment_of(content)
        return When(moment, moment)
    if (
        isinstance(content, dict)
        and set(content) == {"day", "start", "end"}
        and all(isinstance(part, str) for part in content.values())
    ):
        day = content["day"]
        try:
            parsed = date.fromisoformat(day)
        except ValueError:
            parsed = None
        # fromisoformat also reads week dates and dates without dashes.
        if parsed is None or parsed.isoformat() != day:
            raise InvalidError(f"day {day!r} is not a date such as 2026-03-31")
        return When(moment_of(content["start"]), moment_of(content["end"]), parsed)
    raise InvalidError("not a moment in UTC, nor a day with its start and end")


def _decode(cls: type[Any], data: Mapping[str, Any], place: str) -> Any:
    known = fields_of(cls)
    names = {field.name for field in known}
    if unknown := sorted(set(data) - names):
        raise InvalidError(f"{place}{unknown[0]} is not a field here")
    _refuse_null(data, place)
    values = {
        field.name: _decode_field(field, data[field.name], place)
        for field in known
        if field.name in data
    }
    for field in known:
        if field.name not in values and _required(cls, field):
            raise InvalidError(f"{place}{field.name} is missing")
    return cls(**values)


def _refuse_null(data: Mapping[str, Any], place: str) -> None:
    for name, content in data.items():
        if content is None:
            raise InvalidError(f"{place}{name} is null; a field that is absent is left out")


def _required(cls: type[Any], field: Field) -> bool:
    made = cls.__dataclass_fields__[field.name]
    return made.default is dataclasses.MISSING and made.default_factory is dataclasses.MISSING


def _decode_field(field: Field, content: Any, place: str) -> Any:
    where = place + field.name
    try:
        if field.role is Role.WHEN:
            return decode_when(content)
    except InvalidError as error:
        raise InvalidError(f"{where}: {error}") from None
    if field.role is Role.RECORD:
        if not isinstance(content, dict) or field.record is None:
            raise InvalidError(f"{where} is not a table of fields")
        return _decode(field.record, content, f"{where}.")
    if field.role in (Role.ROWS, Role.REFERENCES):
        if not isinstance(content, list):
            raise InvalidError(f"{where} is not a list")
        if field.role is Role.REFERENCES:
            return tuple(content)
        return tuple(_decode_row(field.record, row, where) for row in content)
    return content


def _decode_row(cls: Any, row: Any, where: str) -> Any:
    if not isinstance(row, dict):
        raise InvalidError(f"{where} holds something that is not a table of fields")
    if unknown := sorted(set(row) - set(cls.__dataclass_fields__)):
        raise InvalidError(f"{where}.{unknown[0]} is not a field here")
    values = {
        name: tuple(content) if isinstance(content, list) else content
        for name, content in row.items()
    }
    _refuse_null(values, f"{where}.")
    for field in fields_of(cls):
        if field.name not in values and _required(cls, field):
            raise InvalidError(f"{where}.{field.name} is missing")
    return cls(**values)
