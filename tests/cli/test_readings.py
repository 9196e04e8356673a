"""Claims that were published: read once, by whoever it was, in a number or in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.terminal import Terminal

QUOTED = ("--source", "push", "--quote", "slim odds", "--place")
UNLIKELY = ("--words", "unlikely", *QUOTED)
BOOK = """book = 1
coder = "Bob Ray"
written = 2026-01-15
[[statement]]
id = "claim"
source = "push"
place = "paragraph 1"
quote = "slim odds"
verdict = "scored"
[[question]]
key = "peace"
text = "Peace?"
[[question.forecast]]
id = "said"
who = "Ian Bremmer"
made = 2025-12-03
words = "unlikely"
lexicon = "fagen2019"
statement = "claim"
"""


@pytest.fixture
def push(terminal: Terminal) -> Terminal:
    """A terminal whose ledger knows an article of 3 December 2025."""
    terminal.fl(
        *("source", "push", "--title", "T", "--author", "Ian Bremmer"),
        *("--published", "2025-12-03"),
    )
    return terminal


def read_once(push: Terminal) -> None:
    push.fl("add", "Ceasefire by 5 January 2026?", "--key", "ceasefire", *UNLIKELY, "paragraph 1")
    push.clock.advance(seconds=1)


@pytest.mark.parametrize("place", ["paragraph 1", "par. 1"])
def test_a_second_reading_of_a_claim_is_never_scored(push: Terminal, place: str) -> None:
    read_once(push)
    said = push.fl("add", "Peace by 5 January 2026?", "--key", "peace", *UNLIKELY, place)
    assert "  another reading; ceasefire is the primary one, this is never scored\n" in said
    for key in ("ceasefire", "peace"):
        push.fl("resolve", key, "no", "--note", "none", "--on", "2026-01-06")
    assert "1 question (0 yes, 1 no)" in push.fl("score", "--who", "Ian Bremmer")


def test_what_was_undone_or_ended_is_no_primary_reading(push: Terminal) -> None:
    read_once(push)
    push.fl("undo")
    push.clock.advance(seconds=1)
    said = push.fl("add", "Peace by 5 January 2026?", "--key", "peace", *UNLIKELY, "paragraph 1")
    assert "another reading" not in said
    push.clock.advance(seconds=1)
    push.fl("revise", "peace", "--replace", "--text", "A treaty by 5 January 2026?")
    push.clock.advance(seconds=1)
    said = push.fl("add", "Truce by 5 January 2026?", "--key", "truce", *UNLIKELY, "paragraph 1")
    assert "another reading" not in said


def test_a_book_with_a_second_primary_reading_is_left_out(push: Terminal, tmp_path: Path) -> None:
    read_once(push)
    book = tmp_path / "book.toml"
    book.write_text(BOOK)
    before = push.fl("export")
    told = " ".join(push.run("import", str(book)).stdout.split())
    assert "is a second primary reading of a statement that is read on ceasefire already." in told
    assert "line 13" in told
    assert push.fl("export") == before
    book.write_text(f"{BOOK}primary = false\n")
    push.fl("import", str(book))
    other = Terminal(push.clock, tmp_path / "other.db")
    other.fl(
        "source", "push", "--title", "T", "--author", "Ian Bremmer", "--published", "2025-12-03"
    )
    book.write_text(BOOK)
    for new in ("1 question", "0 new"):
        assert new in " ".join(other.fl("import", str(book)).split())


def test_a_number_the_author_gave_is_recorded_as_his_own(push: Terminal) -> None:
    said = push.fl(
        *("add", "Norway wins by 30 June 2026?", "80%", "--key", "norway", "--source", "push"),
        *("--quote", "I put Norway at 80 percent", "--place", "paragraph 2"),
    )
    assert (
        said
        == """\
norway   Norway wins by 30 June 2026?
  yes 80% by Ian Bremmer, published 3 December 2025 in push
  80% is recorded as Ian Bremmer's own number; if you read it out of words, undo
    it and say --words or --coder
  deadline  end of Tue 30 June 2026, Europe/Berlin (read out of the text)
  no criteria yet: fl revise norway --criteria "..."
  a slip? fl undo within 10 minutes
"""
    )
    push.fl("undo")
    push.clock.advance(seconds=1)
    said = push.fl(
        *("add", "Norway wins by 30 June 2026?", "80%", "--key", "norway", "--coder", "Bob Ray"),
        *(*QUOTED, "paragraph 2"),
    )
    assert "yes 80% by Ian Bremmer, as read by Bob Ray, published" in said
    assert "own number" not in said


def test_a_claim_of_anothers_article_is_asked_about(push: Terminal) -> None:
    said = push.fl("add", "Rain by 30 June 2026?", *UNLIKELY, "paragraph 1", "--who", "Bob Ray")
    told = " ".join(said.split())
    assert "push is by Ian Bremmer, and this is recorded as Bob Ray's. Is the claim theirs?" in told


def test_a_reading_undone_and_typed_again_counts_as_published(push: Terminal) -> None:
    push.fl("add", "Ceasefire by 5 January 2026?", "--by", "none", "50%", "--key", "ceasefire")
    for _ in range(2):
        push.clock.advance(seconds=1)
        push.fl("forecast", "ceasefire", *UNLIKELY, "paragraph 1")
        push.clock.advance(seconds=1)
        push.fl("undo")
    push.clock.advance(seconds=1)
    push.fl("forecast", "ceasefire", *UNLIKELY, "paragraph 1")
    assert "recorded already" in push.fl("forecast", "ceasefire", *UNLIKELY, "paragraph 1")
    push.fl("resolve", "ceasefire", "no", "--note", "none", "--on", "2026-01-06")
    score = " ".join(push.fl("score", "--who", "Ian Bremmer").split())
    assert "1 published" in score
