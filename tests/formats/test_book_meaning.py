"""What a book means: what is said, what is taken for granted, what names mean."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

import pytest

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import (
    Answer,
    Entry,
    Evidence,
    Family,
    Forecast,
    Forecaster,
    Label,
    Lexicon,
    Question,
    Reading,
    Resolution,
    Revision,
    Source,
    Statement,
)
from forecast_ledger.domain.moments import When
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.domain.zones import zone_named
from forecast_ledger.errors import InvalidError
from forecast_ledger.formats.book import Book, read_book, write_book
from forecast_ledger.formats.packaged import packaged_lexicons
from tests.formats.fake import FakeLookup
from tests.strategies import NOW

BERLIN = zone_named("Europe/Berlin")
HEAD = 'book = 1\nzone = "Europe/Berlin"\n'
CODED = HEAD + 'coder = "Mia Jensen"\nwritten = 2026-06-22\n'
QUESTION = '[[question]]\nkey = "ceasefire"\ntext = "Will there be a ceasefire?"\n'
FORECAST = '[[question.forecast]]\nwho = "Ian Bremmer"\nmade = 2025-12-03\n'
REVISION = '[[question.revision]]\neffect = "clarify"\nwritten = 2026-06-23\n'
DOCUMENT = (Path(__file__).parents[2] / "docs" / "book-format.md").read_text(encoding="utf-8")
EXAMPLE = re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)[-1]
LEXICON = packaged_lexicons()["icd203_2015"]
_E = TypeVar("_E", bound=Entry)


def read(text: str, *recorded: Entry, **texts: str) -> Book:
    lookup = FakeLookup(recorded)
    return read_book(text.encode(), name="b.toml", now=NOW, lookup=lookup, text=texts)


def only(book: Book, cls: type[_E]) -> _E:
    (entry,) = (entry for entry in book.entries if isinstance(entry, cls))
    return entry


def test_the_example_of_the_documentation_is_a_book() -> None:
    book = read(EXAMPLE)
    assert Counter(entry.TYPE for entry in book.entries) == {
        "source": 1,
        "statement": 2,
        "forecaster": 2,
        "lexicon": 1,
        "evidence": 3,
        "question": 3,
        "revision": 1,
        "forecast": 3,
        "reading": 2,
        "withdrawal": 1,
        "resolution": 2,
        "counterpart": 1,
        "family": 1,
        "label": 2,
        "note": 1,
        "retraction": 1,
    }
    assert book.notices == ()
    assert set(read(write_book(book.entries, zone=BERLIN)).entries) == set(book.entries)


def test_every_table_and_field_is_in_the_documentation() -> None:
    from forecast_ledger.formats.book_tables import TABLES

    rows = dict(re.findall(r"^\| `\[\[(\w+)\]\]` \| (.*) \|$", DOCUMENT, re.MULTILINE))
    assert set(rows) == set(TABLES)
    for table, columns in TABLES.items():
        named = set(re.findall(r"`(\w+)`", rows[table])) | {"id", "replaces", "why"}
        assert set(columns) - named == set()


def test_places_name_the_line_and_the_table_of_each_entry() -> None:
    book = read(CODED + QUESTION + FORECAST + 'probability = "35%"\n')
    places = {entry.TYPE: place for entry, place in zip(book.entries, book.places, strict=True)}
    assert places == {
        "question": "b.toml line 5, question ceasefire",
        "forecaster": "b.toml line 9, question ceasefire, forecast 1",
        "forecast": "b.toml line 8, question ceasefire, forecast 1",
    }


def test_the_head_speaks_for_questions_words_and_resolutions() -> None:
    written = When.on(date(2026, 6, 22), BERLIN)
    resolution = '[[question.resolution]]\noutcome = "no"\nknown = 2026-04-01\n'
    worded = FORECAST + 'words = "likely"\nlexicon = "icd203_2015"\n'
    book = read(CODED + QUESTION + worded + resolution)
    wording = only(book, Question).wording
    assert (wording.written, wording.coder) == (written, "Mia Jensen")
    assert only(book, Resolution).resolver == "Mia Jensen"
    assert (only(book, Forecast).coded, only(book, Forecast).coder) == (written, "Mia Jensen")
    numbered = only(read(CODED + QUESTION + FORECAST + 'probability = "35%"\n'), Forecast)
    assert (numbered.coded, numbered.coder) == (None, None)


def test_words_take_the_numbers_of_their_lexicon_which_is_recorded_first() -> None:
    book = read(CODED + QUESTION + FORECAST + 'words = "likely"\nlexicon = "icd203_2015"\n')
    forecast = only(book, Forecast)
    assert forecast.answer == Answer(yes=675_000_000, low=550_000_000, high=800_000_000)
    assert only(book, Lexicon) == LEXICON
    assert book.entries.index(LEXICON) < book.entries.index(forecast)
    said_of_no = FORECAST + 'words = "likely"\nside = "no"\nlexicon = "icd203_2015"\n'
    assert only(read(CODED + QUESTION + said_of_no), Forecast).answer == Answer(
        yes=325_000_000, low=200_000_000, high=450_000_000
    )


def test_low_and_high_override_those_of_the_words_one_by_one() -> None:
    text = FORECAST + 'words = "likely"\nlexicon = "icd203_2015"\nlow = "40%"\n'
    assert only(read(CODED + QUESTION + text), Forecast).answer == Answer(
        yes=675_000_000, low=400_000_000, high=800_000_000
    )


def test_a_range_without_a_middle_takes_a_number_within_it_without_a_why() -> None:
    text = FORECAST + 'words = "likely"\nlexicon = "ipcc_ar5_ar6"\nprobability = "70%"\n'
    assert only(read(CODED + QUESTION + text), Forecast).answer == Answer(
        yes=700_000_000, low=660_000_000, high=1_000_000_000
    )


def test_a_recorded_lexicon_goes_before_the_packaged_one() -> None:
    own = Lexicon(
        key="icd203_2015", version="x", title="t", citation="c", phrases=LEXICON.phrases[:3]
    )
    text = CODED + QUESTION + FORECAST + 'words = "unlikely"\nlexicon = "icd203_2015"\n'
    book = read(text, own)
    words = only(book, Forecast).words
    assert words is not None
    assert words.lexicon == digest_of(own)
    assert Lexicon not in map(type, book.entries)


def test_a_statement_gets_a_reading_from_each_forecast_that_names_it() -> None:
    source = '[[source]]\nkey = "a"\ntitle = "A"\npublished = 2025-12-03\n'
    statement = '[[statement]]\nid = "{0}"\nplace = "{0}"\nquote = "slim"\nverdict = "scored"\n'
    forecast = FORECAST + 'probability = "10%"\nstatement = ["1", "2"]\nreading = "four months"\n'
    book = read(CODED + source + statement.format(1) + statement.format(2) + QUESTION + forecast)
    readings = [entry for entry in book.entries if isinstance(entry, Reading)]
    statements = [digest_of(entry) for entry in book.entries if isinstance(entry, Statement)]
    assert [reading.statement for reading in readings] == statements
    assert {reading.name for reading in readings} == {"four months"}
    assert only(book, Source).key == "a"


def test_tags_and_families_become_entries_of_their_own() -> None:
    second = QUESTION.replace('"ceasefire"', '"peace"') + 'family = "war"\ntags = ["b", "a"]\n'
    book = read(CODED + QUESTION + 'family = "war"\n' + second)
    questions = [entry for entry in book.entries if isinstance(entry, Question)]
    family = only(book, Family)
    assert family == Family(key="war", questions=tuple(map(digest_of, questions)))
    assert [entry.label for entry in book.entries if isinstance(entry, Label)] == ["b", "a"]
    titled = '[[family]]\nkey = "war"\ntitle = "The war"\nquestions = ["peace"]\n'
    named = only(read(titled.join((CODED, QUESTION + 'family = "war"\n' + second))), Family)
    assert named.questions == tuple(map(digest_of, reversed(questions)))
    assert named.title == "The war"


def test_a_forecaster_is_the_recorded_one_of_that_name_or_a_person() -> None:
    text = CODED + QUESTION + FORECAST + 'probability = "35%"\n'
    assert only(read(text), Forecaster) == Forecaster(name="Ian Bremmer")
    recorded = Forecaster(name="Ian Bremmer", url="https://example.org/")
    book = read(text, recorded)
    assert only(book, Forecast).forecaster == digest_of(recorded)
    assert Forecaster not in map(type, book.entries)


def test_what_a_revision_does_not_say_stays_as_it_was() -> None:
    first = 'id = "first"\ncriteria = "Signed."\ncloses = 2026-03-31\n'
    second = REVISION + 'closes = 2026-04-30\nwithout = ["criteria"]\n'
    book = read(HEAD + "written = 2026-06-22\n" + QUESTION + first + REVISION + second)
    question = only(book, Question)
    one, two = (entry for entry in book.entries if isinstance(entry, Revision))
    assert one.replaces == (digest_of(question),)
    assert one.wording.criteria == "Signed."
    assert one.wording.closes == question.wording.closes
    assert one.wording.written == When.on(date(2026, 6, 23), BERLIN)
    assert two.replaces == (digest_of(one),)
    assert two.wording.criteria is None
    assert two.wording.closes == When.on(date(2026, 4, 30), BERLIN)


def test_a_revision_of_a_recorded_question_replaces_the_wording_in_force_once() -> None:
    question = only(read(CODED + QUESTION), Question)
    text = HEAD + REVISION.replace("question.", "") + 'question = "ceasefire"\ntext = "{}"\n'
    first = only(read(text.format("One?"), question), Revision)
    assert first.replaces == (digest_of(question),)
    second = only(read(text.format("Two?"), question, first), Revision)
    assert second.replaces == (digest_of(first),)
    recorded = (question, first, second)
    assert only(read(text.format("One?"), *recorded), Revision) == first
    assert only(read(text.format("Two?"), *recorded), Revision) == second


def test_entries_of_the_book_go_before_recorded_ones() -> None:
    recorded = only(read(CODED + QUESTION.replace("there be", "we see")), Question)
    book = read(CODED + QUESTION + '[[label]]\nquestion = "ceasefire"\nlabel = "a"\n', recorded)
    assert only(book, Label).question == digest_of(only(book, Question))


@pytest.mark.parametrize("digits", [12, 64])
def test_a_recorded_entry_is_named_by_key_or_digest(digits: int) -> None:
    question = only(read(CODED + QUESTION), Question)
    label = '[[label]]\nquestion = "{}"\nlabel = "a"\n'
    for name in ("ceasefire", f"sha256:{digest_of(question)[:digits]}"):
        assert only(read(HEAD + label.format(name), question), Label).question == digest_of(
            question
        )


def test_a_digest_must_name_one_entry_of_the_right_type() -> None:
    evidence = Evidence(says="x")

    class Twice(FakeLookup):
        def digest(self, prefix: str) -> list[Recorded[Entry]]:
            return super().digest(prefix) * 2

    text = HEAD + f'[[label]]\nquestion = "sha256:{digest_of(evidence)}"\nlabel = "a"\n'
    with pytest.raises(InvalidError) as raised:
        read(text, evidence)
    assert raised.value.problems[0].message.endswith(" is of type evidence, not question")
    with pytest.raises(InvalidError) as raised:
        read_book(text.encode(), name="b", now=NOW, lookup=Twice([evidence]))
    assert raised.value.problems[0].message.endswith("begins several digests. Give more digits")


def test_a_correction_of_a_recorded_entry_may_name_it_by_its_key() -> None:
    source = '[[source]]\nkey = "a"\ntitle = "{}"\npublished = 2025-12-03\n'
    old = only(read(HEAD + source.format("A")), Source)
    text = HEAD + source.format("B") + 'replaces = ["a"]\nwhy = "A slip."\n'
    assert only(read(text, old), Source).replaces == (digest_of(old),)


def test_a_key_means_the_entry_that_replaces_the_other_of_that_key() -> None:
    old = '[[source]]\nid = "old"\nkey = "a"\ntitle = "A"\npublished = 2025-12-03\n'
    new = old.replace('id = "old"\n', "").replace('"A"', '"B"') + 'replaces = ["old"]\n'
    statement = '[[statement]]\nsource = "a"\nplace = "1"\nquote = "x"\nverdict = "scored"\n'
    book = read(HEAD + statement + new + old)
    sources = [entry for entry in book.entries if isinstance(entry, Source)]
    assert [source.title for source in sources] == ["A", "B"]
    assert only(book, Statement).source == digest_of(sources[1])


def test_dates_are_read_in_the_zone_of_the_book() -> None:
    dates = "opens = 2026-03-29\ncloses = 2026-03-29T23:30:00\ndue = 2026-03-30T01:00:00+05:45\n"
    with pytest.raises(InvalidError, match="has one problem"):
        read(CODED + QUESTION + dates)  # due lies before the deadline, by its offset
    wording = only(read(CODED + QUESTION + dates.replace("due", "# due")), Question).wording
    assert wording.opens == When.on(date(2026, 3, 29), BERLIN)
    assert wording.closes == When.at(datetime(2026, 3, 29, 21, 30, tzinfo=UTC))


def test_a_book_without_a_zone_is_read_in_utc_and_says_so_where_it_matters() -> None:
    text = 'book = 1\n[[source]]\nkey = "a"\ntitle = "A"\npublished = {}\n'
    book = read(text.format("2025-12-03"))
    assert only(book, Source).published == When.on(date(2025, 12, 3), UTC)
    assert book.notices == ("The book names no zone: bare dates and local times are taken in UTC.",)
    assert read(text.format("2025-12-03T12:00:00Z")).notices == ()


def test_the_same_text_with_a_mark_and_line_ends_of_windows_is_the_same_book() -> None:
    windows = b"\xef\xbb\xbf" + EXAMPLE.replace("\n", "\r\n").encode()
    book = read_book(windows, name="b.toml", now=NOW, lookup=FakeLookup())
    assert book == read(EXAMPLE)


def test_today_is_not_the_future() -> None:
    text = CODED + QUESTION + FORECAST.replace("2025-12-03", "2026-07-01") + 'probability = "1%"\n'
    assert only(read(text), Forecast).made.day == date(2026, 7, 1)


def test_quotes_are_looked_for_in_the_text_of_their_source() -> None:
    article = "Peace is far away.\nThe odds of a ceasefire remain slim — probably not soon."
    source = '[[source]]\nkey = "a"\ntitle = "A"\npublished = 2025-12-03\n'
    statement = '[[statement]]\nplace = "1"\nquote = "{}"\nverdict = "scored"\n'
    good = HEAD + source + statement.format("odds of a  ceasefire remain slim - probably")
    assert only(read(good, a=article), Statement).place == "1"
    bad = HEAD + source + statement.format("odds of a truce remain slim")
    assert only(read(bad, other=article), Statement).place == "1"
    with pytest.raises(InvalidError) as raised:
        read(bad, a=article)
    (problem,) = raised.value.problems
    assert str(problem) == (
        "b.toml line 9, statement 1: the quote is not in the text of a. The nearest passage:"
        ' "odds of a ceasefire remain slim".'
    )


def test_a_chain_of_corrections_in_any_order_is_no_burden() -> None:
    rows = [
        f'[[evidence]]\nid = "{n}"\nsays = "{n}"\nreplaces = ["{n - 1}"]\n' for n in range(1, 3000)
    ]
    book = read(HEAD + "".join(reversed(rows)) + '[[evidence]]\nid = "0"\nsays = "0"\n')
    assert [entry.says for entry in book.entries if isinstance(entry, Evidence)] == list(
        map(str, range(3000))
    )
