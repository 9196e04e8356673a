"""Whatever a file holds, a reader gives entries or InvalidError, never another error."""

from __future__ import annotations

import contextlib
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_ledger.errors import InvalidError
from forecast_ledger.formats import jsonl
from forecast_ledger.formats.book import read_book
from tests.formats.fake import FakeLookup
from tests.formats.test_book_meaning import EXAMPLE
from tests.formats.test_jsonl import HEADER, ROW, row
from tests.strategies import NOW

LINES = EXAMPLE.splitlines(keepends=True)
VALUES = (
    *("1", "-1", "0.35", "true", "nan", '""', '"x"', "'''\n'''", "[]", "{}", "[[1]]", '["a", 1]'),
    *("2026-02-30", "0001-01-01", "9999-12-31", "9999-12-31T23:59:59-12:00", "12:00:00"),
    *("[{a = 1}]", '"ceasefire"', '"sha256:000000000000"', '"slim"', "2026-03-29T02:30:00"),
    *('"100%"', '"0%"', '"\\u0000"', '"harbour-deal-2026-03"', "{day = 2026-01-01}"),
)
changes = st.one_of(
    st.tuples(st.just("delete"), st.integers(0, len(LINES) - 1), st.just("")),
    st.tuples(st.just("value"), st.integers(0, len(LINES) - 1), st.sampled_from(VALUES)),
    st.tuples(st.just("copy"), st.integers(0, len(LINES) - 1), st.sampled_from(LINES)),
    st.tuples(st.just("break"), st.integers(0, len(LINES) - 1), st.text(max_size=3)),
)


@settings(max_examples=300)
@given(st.lists(changes, min_size=1, max_size=4))
def test_a_damaged_book_is_read_or_refused(damage: list[tuple[str, int, str]]) -> None:
    lines = list(LINES)
    for kind, place, what in damage:
        key, equals, _ = lines[place].partition("=")
        if kind == "delete":
            lines[place] = ""
        elif kind == "value" and equals:
            lines[place] = f"{key}= {what}\n"
        elif kind == "copy":
            lines[place] += what
        elif kind == "break":
            lines[place] = lines[place][:-3] + what
    data = "".join(lines).encode(errors="surrogatepass")
    with contextlib.suppress(InvalidError):
        book = read_book(data, name="b", now=NOW, lookup=FakeLookup())
        assert len(book.entries) == len(book.places)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from((*ROW, "published", "answer")), inner, max_size=4)
    ),
    max_leaves=8,
)
TYPES = ("source", "question", "forecast", "lexicon", "resolution", "family", "forecaster")


@settings(max_examples=300)
@given(
    st.sampled_from(TYPES),
    st.dictionaries(
        st.sampled_from(
            (*ROW, "published", "answer", "words", "phrases", "wording", "evidence", "replaces")
        ),
        JSON,
        max_size=3,
    ),
)
def test_a_damaged_line_is_read_or_refused(kind: str, changed: dict[str, object]) -> None:
    data = f"{HEADER}\n{row(type=kind, **{k: v for k, v in changed.items() if k != 'type'})}\n"
    with contextlib.suppress(InvalidError):
        jsonl.check(io.BytesIO(data.encode()), name="x")
