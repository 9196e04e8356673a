"""The records of a flat table: UTF-8, the delimiter found out, every record's place known."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import partial
from itertools import chain
from pathlib import PurePath
from typing import BinaryIO

from forecast_ledger.errors import InvalidError, Problem

ENDINGS = (".csv", ".tsv")
LONGEST_LINE = 2_000_000
"""Bytes a line may have."""
LONGEST_CELL = 131_072
"""Characters a cell may have."""

_DELIMITERS = (",", ";", "\t")
_NO_TEXT = (
    (b"\xff\xfe", "is UTF-16"),
    (b"\xfe\xff", "is UTF-16"),
    (b"PK\x03\x04", "is a spreadsheet or an archive"),
    (b"\xd0\xcf\x11\xe0", "is an old spreadsheet"),
)
_SAVE = 'Save it as "CSV UTF-8" and import that.'


def is_table(name: str) -> bool:
    """Return whether a file's name is that of a flat table."""
    return PurePath(name).suffix.lower() in ENDINGS


class Records:
    """The records of a table. `header` are the cells of the first, `reader` gives the others.

    A record begins on the line after `last_line()` as it was before. Raises InvalidError, here
    and from `reader`, for what is no UTF-8 text; of a single record that cannot be taken apart
    `reader` raises csv.Error, and can be asked for the next.
    """

    def __init__(self, stream: BinaryIO, *, name: str) -> None:
        self._name = name
        lines = self._decoded(stream)
        first = next(lines, "")
        self._before = 0
        declared = _declared(first)
        if declared is not None:
            first, self._before = next(lines, ""), 1
        place = self._before + 1
        if not first.strip():
            raise self._refused(place, "is empty. The first line should name the columns.")
        if "\r" in first.rstrip("\r\n"):
            raise self._refused(
                place, f"ends in a carriage return alone, as on very old computers. {_SAVE}"
            )
        self.delimiter = declared or _delimiter_of(first)
        csv.field_size_limit(LONGEST_CELL)
        self.reader = csv.reader(chain((first,), lines), delimiter=self.delimiter, strict=True)
        try:
            self.header = [cell.strip() for cell in next(self.reader)]
        except csv.Error as error:
            raise self._refused(place, said_of(error)) from None

    def last_line(self) -> int:
        """Return the number, from 1, of the last line that was read."""
        return self.reader.line_num + self._before

    def _decoded(self, stream: BinaryIO) -> Iterator[str]:
        for number, raw in enumerate(iter(partial(stream.readline, LONGEST_LINE), b""), 1):
            if number == 1:
                for mark, what in _NO_TEXT:
                    if raw.startswith(mark):
                        raise self._refused(1, f"is no text in UTF-8: the file {what}. {_SAVE}")
                raw = raw.removeprefix(b"\xef\xbb\xbf")  # noqa: PLW2901 - the mark of UTF-8
            if len(raw) == LONGEST_LINE and raw[-1:] != b"\n":
                raise self._refused(number, f"is longer than {LONGEST_LINE:,} bytes.")
            try:
                yield raw.decode()
            except UnicodeDecodeError as error:
                raise self._refused(
                    number,
                    f"is not UTF-8: byte {error.start + 1} of the line is"
                    f" 0x{raw[error.start]:02X}. {_SAVE}",
                ) from None

    def _refused(self, line: int, reason: str) -> InvalidError:
        problem = Problem(f"{self._name} line {line}", reason)
        return InvalidError(f"{problem} Nothing was imported.", (problem,))


def said_of(error: csv.Error) -> str:
    """Return in words why a record could not be taken apart."""
    text = str(error)
    if "field larger" in text:
        return (
            f"has a cell of more than {LONGEST_CELL:,} characters. Is a quotation mark left open?"
        )
    if "unexpected end" in text:
        return "has a quotation mark that is never closed. Close it, or double it."
    if "expected after" in text:
        return (
            'has a quotation mark within a cell. Double it ("") and put the whole cell in'
            " quotation marks."
        )
    return "has a carriage return within a cell. Put the cell in quotation marks."


def _declared(line: str) -> str | None:
    r"""Return the delimiter a first line such as `sep=;` declares to spreadsheets.

    >>> _declared("sep=;\r\n")
    ';'
    """
    bare = line.rstrip("\r\n")
    is_said = len(bare) == len("sep=;") and bare.lower().startswith("sep=")
    return bare[-1] if is_said and bare[-1] in _DELIMITERS else None


def _delimiter_of(header: str) -> str:
    """Return what parts the names of the columns: the commonest outside quotation marks.

    >>> _delimiter_of('"a, b";made;who')
    ';'
    """
    bare = "".join(header.split('"')[::2])
    return max(_DELIMITERS, key=bare.count)
