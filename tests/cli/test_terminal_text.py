"""Text for a terminal: nothing in it commands the terminal, and it fits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from unicodedata import category
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_ledger.reports.terminal import (
    as_of_text,
    clip,
    columns,
    days,
    end_text,
    percent,
    safe,
    width_of,
    wrap,
)

BERLIN = ZoneInfo("Europe/Berlin")


@given(st.text())
def test_nothing_a_terminal_obeys_is_left(text: str) -> None:
    shown = safe(text)
    invisible = {c for c in shown if category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert invisible <= set("\u200c\u200d\u00ad")
    shown.encode()
    assert safe(shown) == shown


@pytest.mark.parametrize(
    "text,shown",
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("\x9b2J", "\\x9b2J"),
        ("\u202eabc\u2066", "\\u202eabc\\u2066"),
        ("a\nb\tc\r\nd\re", "a b c d\\x0de"),
        ("\u2028\udcff\U000e0041", "\\u2028\\udcff\\U000e0041"),
        ("café 東京 \U0001f468\u200d\U0001f467", "café 東京 \U0001f468\u200d\U0001f467"),
    ],
)
def test_what_is_shown_instead(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_line_ends_are_kept_where_asked() -> None:
    assert safe("a\r\nb\x07", lines=True) == "a\nb\\x07"


words = st.text(st.sampled_from("abc 東é\n"), max_size=60)


@given(words, st.integers(10, 40))
def test_wrapped_lines_fit_and_lose_no_word(text: str, width: int) -> None:
    lines = wrap(text, width, "  ", "    ").split("\n")
    assert " ".join(lines).split() == text.split()
    for line in lines:
        assert width_of(line) <= width or len(line.split()) == 1


@given(words, st.integers(3, 40))
def test_clipped_text_fits(text: str, width: int) -> None:
    cut = clip(text, width)
    assert width_of(cut) <= width
    assert cut == text or cut.endswith("...")


def test_columns_count_what_the_eye_sees() -> None:
    assert columns([("東京", "1"), ("ab", "20")], "<>") == ["  東京   1", "  ab    20"]


@pytest.mark.parametrize(
    "value,shown",
    [(620_000_000, "62%"), (0.62, "62%"), (0.0, "0%"), (1, "<0.1%"), (0.9999, ">99.9%")],
)
def test_percents(value: float, shown: str) -> None:
    assert percent(value) == shown


def test_moments_and_stretches() -> None:
    midnight = datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert end_text(midnight, BERLIN) == "end of 30 June 2026"
    assert end_text(midnight, ZoneInfo("UTC")) == "30 June 2026 22:00"
    assert as_of_text(midnight - timedelta(microseconds=1), BERLIN) == "the end of 30 June 2026"
    assert as_of_text(midnight, BERLIN) == "1 July 2026 00:00"
    assert days(timedelta(days=1, hours=23)) == "1 day"
    assert days(timedelta(seconds=-5)) == "0 seconds"
