"""What is wrong with a book, in the very words and at the line where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_ledger.errors import ConflictError, InvalidError
from forecast_ledger.formats import book_reader
from forecast_ledger.formats.book import read_book
from tests.formats.fake import FakeLookup
from tests.strategies import NOW

HEAD = """book = 1
zone = "Europe/Berlin"
coder = "Mia Jensen"
written = 2026-06-22
"""
SRC = """[[source]]
key = "article"
title = "An article"
published = 2025-12-03
"""
S = (
    SRC
    + """[[statement]]
id = "s"
place = "1"
quote = "slim odds"
verdict = "scored"
"""
)
Q = """[[question]]
key = "ceasefire"
text = "Will there be a ceasefire?"
"""
F = """[[question.forecast]]
who = "Ian Bremmer"
made = 2025-12-03
"""


def problems_of(text: str | bytes, lookup: FakeLookup | None = None) -> list[str]:
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(InvalidError) as raised:
        read_book(data, name="book.toml", now=NOW, lookup=lookup or FakeLookup())
    assert "Nothing was taken from it." in raised.value.message
    return [str(problem).removeprefix("book.toml").strip() for problem in raised.value.problems]


BAD_BOOKS = (Path(__file__).parent / "bad_books.txt").read_text(encoding="utf-8").split("====\n")


@pytest.mark.parametrize("case", BAD_BOOKS, ids=range(len(BAD_BOOKS)))
def test_a_fault_is_named_with_its_line(case: str) -> None:
    text, _, problems = case.rpartition("----\n")
    assert [f"book.toml {problem}" for problem in problems_of(text)] == problems.splitlines()


def test_a_file_without_a_head_is_no_book() -> None:
    assert problems_of("") == ["line 1: the head is missing: a book begins with book = 1"]


@pytest.mark.parametrize(
    "value, problem",
    [
        ("[" * 2_000, ": lists or tables are nested too deeply"),
        ("9" * 5_000, ": a number has too many digits"),
    ],
    ids=["nested", "long"],
)
def test_what_python_cannot_parse_is_refused(value: str, problem: str) -> None:
    assert problems_of(f"book = 1\nx = {value}\n") == [problem]


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    text = HEAD + Q + F + "probability = 35\n" + F + 'probabilty = "35%"\n' + S + "[[x]]\n"
    assert [problem.partition(":")[0] for problem in problems_of(text)] == [
        "line 11, question ceasefire, forecast 1",
        "line 15, question ceasefire, forecast 2",
        "line 25",
    ]


def test_a_fault_does_not_hide_those_of_what_refers_to_it() -> None:
    text = HEAD + SRC.replace("2025-12-03", '"x"') + S.removeprefix(SRC).replace("scored", "x")
    assert [problem.partition(":")[0] for problem in problems_of(text)] == [
        "line 8, source article",
        "line 13, statement s",
    ]


def test_bytes_that_are_not_utf_8_are_named_by_offset_and_line() -> None:
    with pytest.raises(InvalidError) as raised:
        read_book(b"\xef\xbb\xbfbook = 1\n# \xff\n", name="b", now=NOW, lookup=FakeLookup())
    assert str(raised.value) == "b is not UTF-8. Save it in that encoding."
    assert list(map(str, raised.value.problems)) == ["b line 2: byte 14 (0xff) is not UTF-8"]


def test_a_book_that_is_too_large_is_refused_before_it_is_parsed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(book_reader, "tomllib", None)
    with pytest.raises(InvalidError, match=r"^b is larger than 20 MB, which a book may have at"):
        read_book(b"#" * 50_000_000, name="b", now=NOW, lookup=FakeLookup())


def test_a_lookup_that_finds_a_dispute_makes_a_problem() -> None:
    class Disputed(FakeLookup):
        def question(self, key: str) -> None:
            raise ConflictError(f"the question {key} is disputed")

    text = HEAD + '[[label]]\nquestion = "ceasefire"\nlabel = "a"\n'
    assert problems_of(text, Disputed()) == [
        "line 6, label 1: question: the question ceasefire is disputed"
    ]


def test_many_unknown_names_are_not_all_compared_with_all_others() -> None:
    label = '[[label]]\nquestion = "kez-{0}"\nlabel = "a"\n'
    question = '[[question]]\nkey = "key-{0}"\ntext = "x"\n'
    rows = "".join((label + question).format(number) for number in range(2_000))
    problems = problems_of(HEAD + rows)
    assert len(problems) == 2_000
    assert sum("Did you mean" in problem for problem in problems) == 30


WHOLE = """book = 1
coder = "Mia Jensen"
written = 2026-06-22
zone = "Europe/Berlin"
[[source]]
key = "article"
title = "An article"
published = 2025-12-03
[[statement]]
id = "s"
place = "paragraph 1"
quote = "the odds are slim"
verdict = "scored"
[[question]]
key = "ceasefire"
text = "Will there be a ceasefire?"
kind = "binary"
opens = 2025-12-01
closes = 2026-05-01
due = 2026-06-01
[[question.forecast]]
who = "Ian Bremmer"
made = 2025-12-03
words = "likely"
lexicon = "icd203_2015"
side = "yes"
statement = "s"
deadline_from = "words"
[[question.revision]]
effect = "clarify"
criteria = "Any halt."
[[question.resolution]]
outcome = "no"
known = 2026-05-02
firmness = "direct"
[[question.counterpart]]
other = "other"
closeness = "near"
difference = "Another day."
[[question]]
key = "other"
text = "Will there be peace?"
[[forecaster]]
name = "Harbour Markets"
kind = "market"
[[note]]
on = "ceasefire"
author = "Ada Quill"
text = "I meant the year."
"""
FAULTS = {
    ('coder = "Mia Jensen"\n', ""): {"resolver is missing, and the book names no coder"},
    ('title = "An article"', "inferred = true"): {
        "title is missing",
        "an inferred date of publication needs published_note: from what",
    },
    ('place = "paragraph 1"', 'plce = "1"'): {
        'plce is not a field of statement. Did you mean "place"?',
        "place is missing",
    },
    ("the odds are slim", "slim " * 25 + "slim"): {
        "the quote has 26 words; at most 25 may be quoted. Quote the claim alone.",
        "the quote is not in the text of article.",
    },
    ("the odds are slim", "the odds were slim"): {
        "the quote is not in the text of article. The nearest passage: "
    },
    ('verdict = "scored"', 'verdict = "true"'): {"verdict 'true' is not one of: "},
    ("opens = 2025-12-01", "opens = 2026-05-12"): {
        "the question closes before it opens. Check the two dates."
    },
    ("due = 2026-06-01", "due = 2026-04-01"): {
        "due lies before the deadline. Check the two dates."
    },
    ("made = 2025-12-03", 'made = "3 December"'): {
        "made is text. Write a date without quotation marks: made = 2026-03-31"
    },
    ('words = "likely"', 'words = "perhaps so"'): {'"perhaps so" is not in icd203_2015'},
    ('words = "likely"\nlexicon = "icd203_2015"\n', 'words = "likely"\n'): {
        'words need a lexicon, such as lexicon = "kent1964"',
    },
    ('side = "yes"', 'side = "non"'): {"side 'non' is not one of: yes, no"},
    ('deadline_from = "words"', 'deadline_from = "me"'): {
        "deadline_from 'me' is not one of: words, paragraph, reader"
    },
    ('effect = "clarify"', 'effect = "mend"'): {"effect 'mend' is not one of: clarify, replace"},
    ('criteria = "Any halt."', "criteria = 3"): {
        'criteria is a number. Write text, in quotation marks: "3"'
    },
    ('outcome = "no"', 'outcome = "nay"'): {
        "outcome 'nay' is not one of: yes, no, annulled, ambiguous"
    },
    ("known = 2026-05-02", "known = 2027-05-02"): {
        "known lies in the future: now is 2026-07-01T12:00Z"
    },
    ('firmness = "direct"', 'firmness = "hard"'): {
        "firmness 'hard' is not one of: direct, inferred, contested"
    },
    ('other = "other"', 'other = "othre"'): {
        'other: question "othre" is neither in this book nor in the ledger. Did you mean "other"?'
    },
    ('difference = "Another day."\n', ""): {"a near counterpart needs its difference said"},
    ('kind = "market"', 'kind = "bank"'): {"kind 'bank' is not one of: "},
    ('name = "Harbour Markets"', 'name = "me"'): {"'me' names nobody to a later reader."},
    ('author = "Ada Quill"', "author = 1"): {
        'author is a number. Write text, in quotation marks: "1"'
    },
}
"""What is changed in the whole book -> how each of the faults this makes begins."""


@given(st.sets(st.sampled_from(sorted(FAULTS)), min_size=1))
def test_no_fault_of_a_table_hides_another(changes: set[tuple[str, str]]) -> None:
    text, begins = WHOLE, set()
    for old, new in sorted(changes):
        if text.count(old) != 1:
            continue  # another change took this line
        text = text.replace(old, new)
        begins |= FAULTS[old, new]
    with pytest.raises(InvalidError) as raised:
        read_book(
            text.encode(),
            name="book.toml",
            now=NOW,
            lookup=FakeLookup(),
            text={"article": "For now the odds are slim."},
        )
    found = [problem.message for problem in raised.value.problems]
    assert [begin for begin in begins if not any(m.startswith(begin) for m in found)] == []
    assert len(found) == len(begins)


@pytest.mark.parametrize(
    "old, new",
    [
        ("written = 2026-06-22", 'written = "June"'),
        ('coder = "Mia Jensen"', "coder = 1"),
        ('words = "likely"', "words = 1"),
        ('words = "likely"', 'wodrs = "likely"'),
        ('statement = "s"', "statement = 1"),
        ('difference = "Another day."', "difference = 1"),
        ("closes = 2026-05-01", "closes = 1"),
    ],
)
def test_what_could_not_be_read_is_not_missing_too(old: str, new: str) -> None:
    assert len(problems_of(WHOLE.replace(old, new, 1))) == 1


def test_a_number_is_missing_where_its_range_could_not_be_read() -> None:
    assert len(problems_of(HEAD + Q + F + 'low = 1\nhigh = "40%"\n')) == 2
