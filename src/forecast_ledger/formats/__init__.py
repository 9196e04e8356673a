"""Streams to entries and back: one file per format, and this registry of them.

Flat tables are not in it: how one is to be read has to be said, and its rows are no entries yet.
See csv_table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePath
from typing import BinaryIO, NamedTuple, TextIO
from zoneinfo import ZoneInfo

from forecast_ledger.domain.entries import Entry
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.errors import InvalidError
from forecast_ledger.formats import jsonl
from forecast_ledger.formats.book import LARGEST, read_book, write_book
from forecast_ledger.formats.lookup import Lookup


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a reader is told: the file's name, the moment it is, what is recorded already.

    `text` maps a source's key to its text, for quotes to be checked against.
    """

    name: str
    now: datetime
    lookup: Lookup
    text: Mapping[str, str] = field(default_factory=dict)


class Placed(NamedTuple):
    """An entry read, and its place, such as `book.toml line 88, question ukraine-x`."""

    entry: Entry
    place: str


class Arrived(NamedTuple):
    """What a file holds: its entries, each after those it names in it, and what to tell.

    A reader may raise InvalidError, with every problem of the file, at any step of
    `entries`. Then nothing that came before may be kept.
    """

    entries: Iterator[Placed]
    notices: tuple[str, ...]


Reader = Callable[[BinaryIO, Context], Arrived]
Writer = Callable[[Iterable[Recorded[Entry]], TextIO, ZoneInfo], None]


@dataclass(frozen=True, slots=True)
class Format:
    """A form that entries are exchanged in; `begins` knows it by the first bytes of a file."""

    name: str
    endings: tuple[str, ...]
    begins: Callable[[bytes], bool]
    read: Reader
    write: Writer


def _read_book(stream: BinaryIO, context: Context) -> Arrived:
    # One byte more than a book may have, so that a larger one is refused before it is read.
    book = read_book(
        stream.read(LARGEST + 1),
        name=context.name,
        now=context.now,
        lookup=context.lookup,
        text=context.text,
    )
    return Arrived(map(Placed, book.entries, book.places), book.notices)


def _write_book(rows: Iterable[Recorded[Entry]], out: TextIO, zone: ZoneInfo) -> None:
    out.write(write_book(rows, zone=zone))


def _read_jsonl(stream: BinaryIO, context: Context) -> Arrived:
    lines = jsonl.read_lines(stream, name=context.name)
    name = context.name
    return Arrived((Placed(line.entry, f"{name} line {line.number}") for line in lines), ())


def _write_jsonl(rows: Iterable[Recorded[Entry]], out: TextIO, zone: ZoneInfo) -> None:  # noqa: ARG001 - its moments are in UTC
    jsonl.write(rows, out)


FORMATS = {
    "book": Format(
        "book",
        (".toml",),
        lambda first: b"book" in first or b"[[" in first,
        _read_book,
        _write_book,
    ),
    "jsonl": Format(
        "jsonl",
        (".jsonl", ".ndjson"),
        lambda first: first.lstrip().startswith(b"{"),
        _read_jsonl,
        _write_jsonl,
    ),
}
"""Name -> format. Another is one file and one line here."""


def format_of(name: str, first: bytes = b"") -> Format:
    """Return the format of a file by its ending, else by its first bytes.

    Raises InvalidError where neither tells.
    """
    ending = PurePath(name).suffix.lower()
    for known in FORMATS.values():
        if ending in known.endings:
            return known
    for known in reversed(FORMATS.values()):
        if known.begins(first):
            return known
    raise InvalidError(
        f"{name} is of no format known here: {', '.join(FORMATS)}, csv."
        " Let its name end in .toml for a book, in .jsonl for JSON Lines, in .csv for a table"
        " (or say --column made=made: only a table takes it)."
        " Of a spreadsheet, save the sheet as CSV (UTF-8)."
    )
