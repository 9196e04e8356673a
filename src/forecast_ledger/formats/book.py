"""Books: TOML files of forecasts, written and reviewed by people. See docs/book-format.md."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from forecast_ledger.formats import book_reader
from forecast_ledger.formats.book_reader import LARGEST, Book
from forecast_ledger.formats.book_writer import write_book
from forecast_ledger.formats.lookup import Lookup
from forecast_ledger.formats.packaged import packaged_lexicons

__all__ = ["LARGEST", "Book", "read_book", "write_book"]


def read_book(
    data: bytes,
    *,
    name: str,
    now: datetime,
    lookup: Lookup,
    text: Mapping[str, str] | None = None,
) -> Book:
    """Return the entries of the book `data`, each after those it names.

    `name` is how problems call the file. `now` is aware; what is known, made or published
    later is refused. `text` maps a source's key to its text: quotes must be found there.
    Raises InvalidError, with every problem of the file, and then nothing of it is used.
    """
    return book_reader.read(
        data, name=name, now=now, lookup=lookup, text=text or {}, packaged=packaged_lexicons
    )
