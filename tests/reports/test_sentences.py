from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_ledger.reports import sentences
from forecast_ledger.reports.terminal import safe, width_of
from tests.reports.scenes import day


@pytest.mark.parametrize(
    "probability,words",
    [
        (0.33, "1 time in 3"),
        (0.2501, "1 time in 4"),
        (0.09, "1 time in 11"),
        (0.00123, "1 time in 810"),
        (0.0000123, "1 time in 81,000"),
        (0.0, "less than 1 time in 1,000,000"),
        (0.42, "4 times in 10"),
        (0.5, "1 time in 2"),
        (0.56, "6 times in 10"),
        (0.9, "9 times in 10"),
        (0.95, "95 times in 100"),
        (0.996, "nearly always"),
        (1.0, "nearly always"),
    ],
)
def test_chances_in_words(probability: float, words: str) -> None:
    assert sentences.chance(probability) == words


@given(st.floats(0, 1))
def test_a_chance_in_words_is_near_the_number(probability: float) -> None:
    words = sentences.chance(probability)
    assert words
    for number in ("zero", "none", "in one", "ten times in ten"):
        assert number not in words


def test_numbers_lists_and_counts() -> None:
    assert [sentences.spelled(n) for n in (0, 1, 10, 11, 1200)] == [
        "none",
        "one",
        "ten",
        "11",
        "1,200",
    ]
    assert sentences.joined([]) == ""
    assert sentences.joined(["a"]) == "a"
    assert sentences.joined(["a", "b", "c"]) == "a, b and c"
    assert [sentences.amount(n) for n in (10.0, 8.5, 0.04)] == ["10", "8.5", "0"]


def test_days_in_words() -> None:
    assert sentences.days_text([day(2026, 5, 3)], UTC) == "on 3 May 2026"
    assert (
        sentences.days_text([day(2026, 5, 9), day(2026, 5, 3)], UTC)
        == "between 3 May 2026 and 9 May 2026"
    )


def test_a_short_title_shortens_dates_and_nothing_else() -> None:
    assert (
        sentences.short_title("Will May resign by\n30 September 2026, or in March 2027?")
        == "Will May resign by 30 Sep 2026, or in Mar 2027?"
    )


def test_an_address_stays_whole_and_any_other_long_word_is_cut() -> None:
    address = f"https://gauge.example/{'a' * 90}"
    lines = sentences.prose(f"see {address} and {'b' * 90}", 40).split("\n")
    assert address in lines
    assert max(width_of(line) for line in lines if line != address) <= 40
    assert "".join(lines).count("b") == 90


def test_a_cell_ends_in_dots_where_it_is_cut_off() -> None:
    assert sentences.cell("one two three four five six", 9, 2) == ["one two", "  thre..."]


@given(st.text(max_size=400), st.integers(20, 100), st.integers(1, 4))
def test_a_cell_keeps_its_column(text: str, width: int, lines: int) -> None:
    found = sentences.cell(text, width, lines)
    assert len(found) <= lines
    if "http" not in text:
        assert all(width_of(line) <= width for line in found)


@given(st.text(max_size=100), st.text(st.characters(codec="ascii"), max_size=30))
def test_two_sides_never_meet(left: str, right: str) -> None:
    right = safe(right)
    lines = sentences.sides(left, right, 80)
    assert lines[-1].endswith(right)
    assert all(width_of(line) <= 80 for line in lines)
