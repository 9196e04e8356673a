from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from forecast_ledger.domain.probability import (
    LONGEST,
    WHOLE,
    Probability,
    format_probability,
    format_rounded,
    parse_probability,
)
from forecast_ledger.errors import InvalidError, UsageError

PARTS = st.integers(0, WHOLE)
UNCERTAIN = st.integers(1, WHOLE - 1)


@pytest.mark.parametrize(
    "text",
    [
        *("35%", "35 %", " 35% ", "35\u00a0%", "35\u202f%", "35.0%", "035%"),
        *("0.35", ".35", "0.350", "3.5e-1", "35E-2", "7/20", "7 / 20", "3.5/10"),
        *("7 in 20", "7-in-20", "7 IN EVERY 20", "7 out of 20", "35 percent", "35 Per  Cent"),
        "35 pct",
    ],
)
def test_every_way_of_typing_a_probability(text: str) -> None:
    assert parse_probability(text) == Probability(350_000_000)


@pytest.mark.parametrize(
    "text, parts, rounded",
    [
        ("1 in 3", 333_333_333, True),
        ("2/3", 666_666_667, True),
        ("12.5%", 125_000_000, False),
        ("0.123456789", 123_456_789, False),
        ("0.1234567895", 123_456_790, True),  # half goes to the even neighbour, here up
        ("0.1234567885", 123_456_788, True),  # and here down
        ("12.34567885%", 123_456_788, True),
        ("1e-9", 1, False),
    ],
)
def test_what_is_longer_than_the_parts_is_rounded_and_said(
    text: str, parts: int, *, rounded: bool
) -> None:
    assert parse_probability(text) == Probability(parts, rounded=rounded)


@pytest.mark.parametrize(
    "text, advice",
    [
        ("35", "Write 35% or 0.35."),
        ("3.5", "Write 3.5% or 0.035."),
        ("100", "Write 100%."),
        ("150", "more than 100%"),
        ("100.1%", "more than 100%"),
        ("1e999", "more than 100%"),
        ("4 in 3", "more than 100%"),
        ("0,35", "0.35, 35.5%"),
        ("1 in 1,000", "1 in 1000"),
        ("3:1", "3:1 on is 75%, 3:1 against is 25%"),
        ("3 to 1", "3 to 1 on is 75%"),
        ("2-1", "2-1 on is 2/3, 2-1 against is 1/3"),
        ("9/4", "9/4 on is 9/13"),
        ("3 to 1 against", "is 25%. Write 25%."),
        ("3 to 1 on", "is 75%. Write 75%."),
        ("1:1", "Write 50%."),
        ("evens", "Write 50%."),
        ("50/50", "50% to one reader and 100% to another"),
        ("30-40%", "--low and --high"),
        ("30% to 40%", "--low and --high"),
        ("-5%", "negative"),
        ("\u22125%", "negative"),
        ("\uff13\uff15%", "other digits"),
        ("\u0663\u0665%", "other digits"),
        ("\u00bd", "other digits"),
        ("5/0", "divides by zero"),
        ("1 in 0", "divides by zero"),
        ("", "no probability was given"),
        (" \t", "no probability was given"),
        ("nan", "35%, 0.35, 7/20"),
        ("inf", "35%, 0.35, 7/20"),
        ("35.", "35%, 0.35, 7/20"),
        ("<1%", "35%, 0.35, 7/20"),
        ("likely", "35%, 0.35, 7/20"),
        ("0x1p-1", "35%, 0.35, 7/20"),
        ("1_0%", "35%, 0.35, 7/20"),
    ],
)
def test_what_is_refused_says_what_to_write(text: str, advice: str) -> None:
    for certain in (False, True):
        with pytest.raises(UsageError) as caught:
            parse_probability(text, certain=certain)
        assert advice in caught.value.message


@pytest.mark.parametrize("text", ["0", "0%", "0.0", "0/7", "0 in 3", "0e5"])
def test_zero_is_certainty(text: str) -> None:
    with pytest.raises(UsageError, match=r"certainly will not happen.*--certain"):
        parse_probability(text)
    assert parse_probability(text, certain=True) == Probability(0)


@pytest.mark.parametrize("text", ["1", "100%", "1.0", "3 in 3", "100 percent"])
def test_one_is_certainty(text: str) -> None:
    with pytest.raises(UsageError, match=r"certainly will happen.*--certain"):
        parse_probability(text)
    assert parse_probability(text, certain=True) == Probability(WHOLE)


def test_a_lone_one_may_have_meant_one_percent() -> None:
    with pytest.raises(UsageError, match="or 1% if that was meant"):
        parse_probability("1")


@pytest.mark.parametrize(
    "text, nearest", [("1e-10", "0.0000001%"), ("99.999999999%", "99.9999999%")]
)
def test_nothing_becomes_certain_by_rounding(text: str, nearest: str) -> None:
    with pytest.raises(UsageError, match=f"nearest short of it is {nearest}"):
        parse_probability(text, certain=True)


def test_a_huge_text_is_refused_without_repeating_it() -> None:
    assert parse_probability("0." + "3" * (LONGEST - 2)).parts == 333_333_333
    with pytest.raises(UsageError) as caught:
        parse_probability("0." + "3" * 1_000_000)
    assert len(caught.value.message) < 200


@given(st.text())
@example("0\x1c%")
@example("-\x1b[31m5%")
@example("\u202e5%,")
def test_any_text_is_a_probability_or_a_printable_refusal(text: str) -> None:
    try:
        probability = parse_probability(text)
    except UsageError as error:
        message = error.message
    else:
        message = str(probability)
        assert 0 < probability.parts < WHOLE
    assert message.isprintable()


@given(PARTS)
@example(0)
@example(1)
@example(WHOLE - 1)
@example(WHOLE)
def test_what_is_formatted_is_parsed_back(parts: int) -> None:
    text = format_probability(parts)
    assert parse_probability(text, certain=True) == Probability(parts)
    assert Decimal(text.removesuffix("%")) * WHOLE / 100 == parts


@given(st.integers(0, 10**20), st.integers(1, 10**20))
def test_a_fraction_is_rounded_half_even(numerator: int, denominator: int) -> None:
    value = Fraction(numerator, denominator)
    assume(0 < value < 1)
    scaled = value * WHOLE
    below = int(scaled)
    half = scaled - below - Fraction(1, 2)
    expected = below + 1 if half > 0 or (half == 0 and below % 2) else below
    assume(0 < expected < WHOLE)
    for text in (f"{numerator}/{denominator}", f"{numerator} in {denominator}"):
        assert parse_probability(text) == Probability(expected, rounded=scaled != expected)


@given(st.floats(0, 1, exclude_min=True, exclude_max=True).filter(lambda p: 1e-9 < p < 1 - 1e-9))
def test_a_float_as_python_writes_it_is_read_exactly(value: float) -> None:
    assert parse_probability(repr(value)).parts == round(Fraction(repr(value)) * WHOLE)


@pytest.mark.parametrize(
    "parts, text",
    [
        (350_000_000, "35%"),
        (1_000_000, "0.1%"),
        (333_333_333, "33.3333333%"),
        (1, "0.0000001%"),
        (0, "0%"),
        (WHOLE, "100%"),
    ],
)
def test_format_is_exact_and_short(parts: int, text: str) -> None:
    assert format_probability(parts) == text
    assert str(Probability(parts)) == text


@pytest.mark.parametrize(
    "percent, text",
    [
        *(("0", "0%"), ("0.0000001", "<0.1%"), ("0.0999999", "<0.1%"), ("0.1", "0.1%")),
        *(("0.25", "0.2%"), ("0.96", "1%"), ("1", "1%"), ("1.4", "1%"), ("33.3333333", "33%")),
        *(("12.5", "12%"), ("13.5", "14%"), ("98.6", "99%"), ("99", "99%"), ("99.04", "99%")),
        *(("99.75", "99.8%"), ("99.9", "99.9%"), ("99.9000001", ">99.9%"), ("100", "100%")),
    ],
)
def test_tables_show_rounded_percents(percent: str, text: str) -> None:
    assert format_rounded(int(Decimal(percent) * WHOLE / 100)) == text


@given(UNCERTAIN)
@example(WHOLE - 1)
@example(1_000_000)
@example(WHOLE - 1_000_000)
def test_a_table_never_shows_certainty_that_is_not_there(parts: int) -> None:
    shown = format_rounded(parts)
    assert shown not in ("0%", "100%")
    number = Fraction(shown.strip("<>%"))
    exact = Fraction(parts * 100, WHOLE)
    if shown[0] in "<>":
        assert (exact < number) == (shown[0] == "<")
    else:
        assert abs(number - exact) <= (Fraction(1, 2) if 1 <= exact <= 99 else Fraction(1, 20))


@pytest.mark.parametrize("parts", [-1, WHOLE + 1])
def test_parts_outside_the_whole_are_no_probability(parts: int) -> None:
    for refuse in (Probability, format_probability, format_rounded):
        with pytest.raises(InvalidError):
            refuse(parts)
