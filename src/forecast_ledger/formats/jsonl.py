"""JSON Lines: a whole ledger, line by line, without loss.

The first line is `{"forecast-ledger":"jsonl","version":1}`. Every other line is one entry
in the order of the log: the fields of `canonical.to_json`, and before them `seq`,
`recorded_at`, `nonce` (hexadecimal) and `digest`. Lines without these can be imported, but a
ledger cannot be restored from them. Nothing here holds more than one line in memory.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO, NamedTuple, TextIO

from forecast_ledger.domain.canonical import digest_of, from_json, to_json
from forecast_ledger.domain.entries import Entry
from forecast_ledger.domain.moments import moment_of, text_of
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.errors import InvalidError, LedgerError, Problem
from forecast_ledger.formats.near import shown
from forecast_ledger.formats.visible import json_escape, visible

VERSION = 1
LONGEST_LINE = 2_000_000
"""Bytes a line may have."""
MOST_PROBLEMS = 100
"""Problems that are listed; the others are counted."""

_HEADER = {"forecast-ledger": "jsonl", "version": VERSION}
_NONCE = re.compile(r"[0-9a-f]{32}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOG = ("seq", "recorded_at", "nonce")


class Line(NamedTuple):
    """One entry read: its line from 1, the entry, and its row of the log where that is given."""

    number: int
    entry: Entry
    row: Recorded[Entry] | None


def write(rows: Iterable[Recorded[Entry] | Entry], out: TextIO) -> None:
    """Write the header and a line for every row, in UTF-8, to a stream that keeps newlines."""
    encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
    out.write(encode(_HEADER) + "\n")
    for row in rows:
        form: dict[str, Any] = {}
        entry = row.entry if isinstance(row, Recorded) else row
        if isinstance(row, Recorded):
            form = {
                "seq": row.seq,
                "recorded_at": text_of(row.recorded_at),
                "nonce": row.nonce.hex(),
                "digest": row.digest,
            }
        out.write(visible(encode(form | to_json(entry)), json_escape) + "\n")


def read(stream: BinaryIO, *, name: str) -> Iterator[Recorded[Entry]]:
    """Yield the rows of a log, each one checked, for a ledger to be restored from.

    Raises as `read_lines` does, and also where a line has no row, a number is left out or
    comes twice, or a line was recorded before the one above it.
    """
    for line in read_lines(stream, name=name, is_log=True):
        if line.row is not None:
            yield line.row


def read_lines(stream: BinaryIO, *, name: str, is_log: bool = False) -> Iterator[Line]:
    """Yield the entries of a file, each one checked.

    A fault does not stop the reading: no line is yielded after it, the others are still
    checked, and in the end InvalidError is raised with the problems of all of them. So what
    was yielded before must not be kept unless the iterator comes to its end. On a file that
    can be read twice, `check` comes first.
    """
    reader = _Reader(name, is_log=is_log)
    yield from reader.lines(stream)


def check(stream: BinaryIO, *, name: str, is_log: bool = False) -> int:
    """Return how many entries a file has; raises InvalidError with its problems."""
    return sum(1 for _ in read_lines(stream, name=name, is_log=is_log))


class _Reader:
    def __init__(self, name: str, *, is_log: bool) -> None:
        self._name = name
        self._is_log = is_log
        self._problems: list[Problem] = []
        self._faults = 0
        self._last: tuple[int, datetime] | None = None

    def lines(self, stream: BinaryIO) -> Iterator[Line]:
        self._header(stream.readline(LONGEST_LINE + 1))
        number = 1
        while raw := stream.readline(LONGEST_LINE + 1):
            number += 1
            try:
                if len(raw) > LONGEST_LINE:
                    _skip_line(stream, raw)
                    raise InvalidError(f"is longer than {LONGEST_LINE:,} bytes")
                line = self._line(number, raw)
            except LedgerError as error:
                self._fault(number, error.message)
            else:
                if not self._faults:
                    yield line
        if self._faults:
            raise self._error()

    def _header(self, raw: bytes) -> None:
        try:
            header = _parsed(raw)
        except InvalidError:
            header = None
        if header == _HEADER and type(header["version"]) is int:
            return
        wanted = json.dumps(_HEADER, separators=(",", ":"))
        version = header.get("version") if isinstance(header, dict) else None
        if isinstance(header, dict) and header | {"version": VERSION} == _HEADER:
            reason = f"is of version {version!r:.20}; this version of the tool reads {VERSION}"
        else:
            reason = f"does not begin with the line {wanted}"
        raise InvalidError(
            f"{self._name} {reason}. Nothing was taken from it.",
            (Problem(f"{self._name} line 1", reason),),
        )

    def _line(self, number: int, raw: bytes) -> Line:
        form = _parsed(raw)
        if not isinstance(form, dict):
            raise InvalidError("is not an object of fields")
        digest = form.pop("digest", None)
        log = {field: form.pop(field) for field in _LOG if field in form}
        entry = from_json(form)
        recomputed = digest_of(entry)
        if digest not in (None, recomputed):
            raise InvalidError(
                f"digest {shown(str(digest))} is not that of the entry, which is {recomputed}"
            )
        if not log:
            if self._is_log:
                raise InvalidError("has no seq, recorded_at and nonce: import it, or export a log")
            return Line(number, entry, None)
        if digest is None or len(log) != len(_LOG):
            raise InvalidError("has some of seq, recorded_at, nonce and digest, but not all")
        row = Recorded(*_log_row(**log), recomputed, entry)
        if self._is_log:
            self._follow(row)
        return Line(number, entry, row)

    def _follow(self, row: Recorded[Entry]) -> None:
        """Refuse a row that is not the next of the log."""
        seq, recorded_at = self._last or (0, row.recorded_at)
        self._last = (row.seq, row.recorded_at)
        if row.seq != seq + 1:
            raise InvalidError(f"seq is {row.seq}; it should be {seq + 1}")
        if row.recorded_at < recorded_at:
            raise InvalidError("recorded_at lies before that of the line above")

    def _fault(self, number: int, message: str) -> None:
        self._faults += 1
        if len(self._problems) < MOST_PROBLEMS:
            self._problems.append(Problem(f"{self._name} line {number}", message))

    def _error(self) -> InvalidError:
        more = self._faults - len(self._problems)
        if more:
            self._problems.append(Problem(self._name, f"and {more:,} more problems"))
        count = "one problem" if self._faults == 1 else f"{self._faults:,} problems"
        return InvalidError(
            f"{self._name} has {count}. Nothing was taken from it.", tuple(self._problems)
        )


def _log_row(seq: Any, recorded_at: Any, nonce: Any) -> tuple[int, datetime, bytes]:
    if type(seq) is not int or not 1 <= seq < 2**63:
        raise InvalidError(f"seq is {seq!r:.40}, not a number from 1")
    if not isinstance(recorded_at, str):
        raise InvalidError("recorded_at is not a moment in UTC such as 2026-03-31T22:00:00.000000Z")
    if not isinstance(nonce, str) or not _NONCE.fullmatch(nonce):
        raise InvalidError("nonce is not 32 lower-case hexadecimal digits")
    try:
        moment = moment_of(recorded_at)
    except InvalidError as error:
        raise InvalidError(f"recorded_at: {error.message}") from None
    if moment < _EPOCH:
        raise InvalidError("recorded_at lies before 1970")
    return seq, moment, bytes.fromhex(nonce)


def _skip_line(stream: BinaryIO, raw: bytes) -> None:
    while raw and not raw.endswith(b"\n"):
        raw = stream.readline(LONGEST_LINE)


def _parsed(raw: bytes) -> Any:
    """Return the value of a line; raises InvalidError for all but one strict JSON value."""
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise InvalidError(
            f"is not UTF-8: byte {error.start} of the line is 0x{raw[error.start]:02x}"
        ) from None
    try:
        return _DECODER.decode(text.rstrip("\r\n"))
    except json.JSONDecodeError as error:
        raise InvalidError(f"is not JSON: {error.msg} (column {error.colno})") from None
    except RecursionError:
        raise InvalidError("is not JSON that can be read: it is nested too deeply") from None
    except ValueError as error:  # a number of more digits than Python converts
        raise InvalidError(f"is not JSON that can be read: {error}") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    form = dict(pairs)
    if len(form) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidError(f"says {shown(twice)} twice")
    return form


def _no_float(text: str) -> Any:
    raise InvalidError(f"holds the number {text[:40]}; only whole numbers occur")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=_no_float, parse_constant=_no_float
)
