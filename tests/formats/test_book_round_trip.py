from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import (
    Answer,
    Entry,
    Evidence,
    Forecast,
    Forecaster,
    Label,
    Lexicon,
    Note,
    Question,
    Reading,
    Redaction,
    Retraction,
    Source,
    Statement,
    Wording,
    Words,
)
from forecast_ledger.domain.moments import When
from forecast_ledger.errors import InvalidError
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


def same(*entries: Entry, recorded: tuple[Entry, ...] = ()) -> str:
    """Return the book of `entries`, having seen that it reads as them."""
    text = write_book(entries, zone=BERLIN)
    assert set(read(text, [*recorded]).entries) == set(entries)
    return text


WRITTEN = When.on(date(2026, 6, 22), BERLIN)
QUESTION = Question(key="ceasefire", kind="binary", wording=Wording(text="When?", written=WRITTEN))
SOURCE = Source(key="article", title="An article", published=WRITTEN)
PERSON = Forecaster(name="Ian Bremmer")
FORECAST = Forecast(
    question=digest_of(QUESTION),
    forecaster=digest_of(PERSON),
    made=WRITTEN,
    answer=Answer(yes=350_000_000),
)
STATEMENT = Statement(source=digest_of(SOURCE), place="1", quote="slim", verdict="scored")


def reading(**said: Any) -> Reading:
    return Reading(forecast=digest_of(FORECAST), statement=digest_of(STATEMENT), **said)


def test_the_text_is_short_where_it_can_be() -> None:
    label = Label(question=digest_of(QUESTION), label="war")
    entries = (label, reading(name="four months"), STATEMENT, FORECAST, QUESTION, SOURCE, PERSON)
    assert (
        same(*entries)
        == """\
book = 1
zone = "Europe/Berlin"

[[source]]
key = "article"
title = "An article"
published = 2026-06-22

[[forecaster]]
name = "Ian Bremmer"

[[statement]]
id = "statement-1"
source = "article"
place = "1"
quote = "slim"
verdict = "scored"

[[question]]
key = "ceasefire"
text = "When?"
written = 2026-06-22
tags = ["war"]

[[question.forecast]]
who = "Ian Bremmer"
made = 2026-06-22
probability = "35%"
statement = "statement-1"
reading = "four months"
"""
    )


def test_readings_of_one_forecast_that_differ_keep_their_own_words() -> None:
    other = Statement(source=digest_of(SOURCE), place="2", quote="slim", verdict="scored")
    another = Reading(
        forecast=digest_of(FORECAST), statement=digest_of(other), name="b", status_quo=False
    )
    text = same(SOURCE, PERSON, QUESTION, FORECAST, STATEMENT, other, reading(name="a"), another)
    assert "[[reading]]" in text
    assert "statement = [" not in text


def test_a_corrected_primary_reading_may_be_primary() -> None:
    first = reading(name="a")
    second = reading(name="b", replaces=(digest_of(first),), why="A slip.")
    same(SOURCE, PERSON, QUESTION, FORECAST, STATEMENT, first, second)
    third = Retraction(target=digest_of(first), by="M")
    same(SOURCE, PERSON, QUESTION, FORECAST, STATEMENT, first, reading(name="b"), third)
    with pytest.raises(InvalidError, match="has one problem"):
        same(SOURCE, PERSON, QUESTION, FORECAST, STATEMENT, first, reading(name="b"))


def test_an_id_is_made_where_a_key_would_be_taken_for_another() -> None:
    source = replace(SOURCE, key="ceasefire")
    same(
        source,
        QUESTION,
        *(Note(target=digest_of(e), author="M", text="x") for e in (source, QUESTION)),
    )
    evidence = Evidence(says="x")
    question = replace(QUESTION, key="evidence-1")
    notes = (Note(target=digest_of(entry), author="M", text="x") for entry in (evidence, question))
    same(evidence, question, *notes)


def test_two_entries_of_one_key_are_told_apart_by_ids() -> None:
    other = replace(QUESTION, wording=replace(QUESTION.wording, text="Otherwise?"))
    labels = (Label(question=digest_of(entry), label="a") for entry in (QUESTION, other))
    text = same(QUESTION, other, *labels)
    assert text.count("id = ") == 2


def worded(lexicon: Lexicon) -> tuple[Entry, ...]:
    phrase = lexicon.phrases[0]
    assert phrase.mid is not None
    words = Words(phrase=phrase.phrase, lexicon=digest_of(lexicon))
    answer = Answer(yes=phrase.mid, low=phrase.low, high=phrase.high)
    return (PERSON, QUESTION, replace(FORECAST, words=words, answer=answer), lexicon)


def test_a_packaged_lexicon_is_named_by_its_key_where_no_other_has_it() -> None:
    packaged = packaged_lexicons()["kent1964"]
    text = same(*worded(packaged))
    assert 'lexicon = "kent1964"' in text
    assert "[[lexicon]]" not in text
    other = replace(packaged, version="2", phrases=packaged.phrases[1:])
    assert same(*worded(packaged), other).count("[[lexicon]]") == 2
    assert same(*worded(other)).count("[[lexicon]]") == 1
    # Outside of the set it is named by its key as well, but not beside another of that key.
    without = worded(packaged)[:3]
    assert 'lexicon = "kent1964"' in same(*without, recorded=(packaged,))
    assert 'lexicon = "sha256:' in same(*without, other, recorded=(packaged,))


def test_a_packaged_lexicon_that_nothing_names_is_written_out() -> None:
    assert "[[lexicon]]" in same(packaged_lexicons()["house"])


def test_a_redaction_is_refused() -> None:
    with pytest.raises(InvalidError, match=r"^a book holds no redactions. Write JSON Lines to"):
        write_book([Redaction(text="0" * 64, by="M")], zone=BERLIN)
