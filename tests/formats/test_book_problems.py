"""What is wrong with a book, in the very words and at the line where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

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
