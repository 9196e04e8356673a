"""Texts given beside books, for the quotes in these to be checked against."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from forecast_ledger.errors import InvalidError, NotFoundError


def must_be_quoted(keys: set[str], files: Sequence[Path]) -> None:
    """Refuse a text of a source that no book quotes: its quotes would go unchecked."""
    if not keys:
        return
    from forecast_ledger.formats.book import LARGEST

    quoted: set[str] = set()
    for file in files:
        with suppress(OSError), file.open("rb") as stream:
            data = stream.read(LARGEST)
            for table, field in (("source", "key"), ("statement", "source")):
                named = _named_in(data, table, field)
                if named is None:
                    return  # that file is refused with a better reason
                quoted.update(named)
    for key in sorted(keys - quoted):
        known = f" There are: {', '.join(sorted(quoted)[:5])}." if quoted else ""
        raise NotFoundError(f'no book named here quotes a source "{key}".{known}')


def _named_in(data: bytes, table: str, field: str) -> list[str] | None:
    """Return what the tables of a book say in a field, or None of a book with a fault in it."""
    import tomllib

    try:
        rows = tomllib.loads(data.decode("utf-8-sig")).get(table, [])
        return [str(row[field]) for row in rows if field in row]
    except (ValueError, TypeError, KeyError, AttributeError):
        return None  # the reader of the book finds the fault and says where it is


def only_source(data: bytes, name: str) -> str:
    """Return the key of the one source of a book, whose text was given without saying so."""
    keys = _named_in(data, "source", "key")
    if keys is None:
        return ""
    if len(keys) != 1:
        raise InvalidError(
            f"{name} has {len(keys)} sources; say whose text is given: --text KEY=FILE"
        )
    return str(keys[0])
