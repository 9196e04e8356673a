from __future__ import annotations

import io
from zoneinfo import ZoneInfo

import pytest

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import Forecaster, Lexicon
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.errors import InvalidError
from forecast_ledger.formats import FORMATS, Context, format_of
from forecast_ledger.formats.packaged import packaged_lexicons
from tests.formats.fake import FakeLookup
from tests.strategies import NOW


@pytest.mark.parametrize(
    "name, first, expected",
    [
        ("a.toml", b"", "book"),
        ("A.TOML", b"{", "book"),
        ("a.jsonl", b"", "jsonl"),
        ("a.txt", b'{"forecast-ledger"', "jsonl"),
        ("-", b"book = 1\n", "book"),
        ("-", b"# a book\n[[question]]", "book"),
    ],
)
def test_a_file_is_known_by_its_ending_or_its_first_bytes(
    name: str, first: bytes, expected: str
) -> None:
    assert format_of(name, first).name == expected


def test_a_file_of_no_known_format_is_refused() -> None:
    with pytest.raises(InvalidError) as raised:
        format_of("a.xlsx", b"PK")
    assert str(raised.value) == (
        "a.xlsx is of no format known here: book, jsonl, csv. Let its name end in .toml for a book,"
        " in .jsonl for JSON Lines, in .csv for a table (or say --column made=made: only a table"
        " takes it). Of a spreadsheet, save the sheet as CSV (UTF-8)."
    )


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_reads_what_it_writes_and_says_where_it_stood(name: str) -> None:
    entry = Forecaster(name="Ian Bremmer", url="https://example.org/")
    out = io.StringIO()
    FORMATS[name].write(
        [Recorded(1, NOW, bytes(16), digest_of(entry), entry)], out, ZoneInfo("UTC")
    )
    context = Context(name="x", now=NOW, lookup=FakeLookup())
    arrived = FORMATS[name].read(io.BytesIO(out.getvalue().encode()), context)
    ((read, place),) = arrived.entries
    assert read == entry
    assert place.startswith("x line ")
    assert arrived.notices == ()


def test_packaged_lexicons_are_read_once_and_known_by_key() -> None:
    lexicons = packaged_lexicons()
    assert packaged_lexicons() is lexicons
    assert list(lexicons) == sorted(lexicons)
    assert {"house", "kent1964", "icd203_2015"} <= set(lexicons)
    assert all(isinstance(lexicon, Lexicon) for lexicon in lexicons.values())
