from __future__ import annotations

from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import Entry
from forecast_ledger.formats.book import Book, read_book, write_book
from forecast_ledger.formats.packaged import packaged_lexicons
from tests.formats.fake import FakeLookup
from tests.strategies import NOW, ZONES, ledgers

BERLIN = ZoneInfo("Europe/Berlin")


def read(text: str, recorded: list[Entry] | None = None) -> Book:
    return read_book(text.encode(), name="book.toml", now=NOW, lookup=FakeLookup(recorded or ()))


@given(ledgers(), st.sampled_from(ZONES), st.randoms())
def test_what_is_written_reads_as_the_same_entries(
    entries: list[Entry], zone: ZoneInfo, random: Random
) -> None:
    shuffled = random.sample(entries, len(entries))
    text = write_book(shuffled, zone=zone)
    book = read(text)
    assert {digest_of(entry) for entry in book.entries} == set(map(digest_of, entries))
    assert set(book.entries) == set(entries)
    assert write_book(book.entries, zone=zone) == text
    seen: set[str] = set()
    for entry in book.entries:
        assert set(entry.replaces) <= seen
        seen.add(digest_of(entry))


@settings(max_examples=50)
@given(ledgers(), st.data())
def test_what_is_left_out_is_named_by_its_digest(entries: list[Entry], data: st.DataObject) -> None:
    some = data.draw(st.lists(st.sampled_from(entries), unique_by=digest_of))
    book = read(write_book(some, zone=BERLIN), recorded=entries)
    # A packaged lexicon is named by its key alone, and here it is recorded already.
    packaged = set(map(digest_of, packaged_lexicons().values()))
    assert set(map(digest_of, book.entries)) - packaged == set(map(digest_of, some)) - packaged
