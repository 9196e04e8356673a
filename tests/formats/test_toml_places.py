from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_ledger.formats.toml_places import Path, places_of
from forecast_ledger.formats.toml_values import string
from tests.strategies import texts

TRICKY = '''\
# [[question]]
title = "[[question]] # no"  # [[question]]
long = """
[[question]]
key = "x" \\""" ""\\"
"""
literal = \'\'\'
[[question]] '' \'\'\'\'
quotes = """a"""""
"quoted key" . b = 'it # is'
list = [ # [
  "a]", ['b', { c = 1, "d e" = [2] }],
  3, # ]
]

[[question]]
key = "a"
  [[ question . forecast ]]
  who = "A"
  [[question.forecast]]
  made = 2026-03-31 12:00:00Z
  probability = "35%"
[[question]]
made.day = 2026-03-31
[[question.forecast]]
who = "B"
[other.table]
x = 1
'''


def test_lines_are_found_behind_strings_comments_and_brackets() -> None:
    places = places_of(TRICKY)
    assert tomllib.loads(TRICKY)["quoted key"]["b"] == "it # is"
    expected: dict[Path, int] = {
        ("title",): 2,
        ("long",): 3,
        ("literal",): 7,
        ("quotes",): 9,
        ("quoted key", "b"): 10,
        ("list", 0): 12,
        ("list", 1, 0): 12,
        ("list", 1, 1, "d e", 0): 12,
        ("list", 2): 13,
        ("question",): 16,
        ("question", 0): 16,
        ("question", 0, "key"): 17,
        ("question", 0, "forecast", 0): 18,
        ("question", 0, "forecast", 0, "who"): 19,
        ("question", 0, "forecast", 1): 20,
        ("question", 0, "forecast", 1, "probability"): 22,
        ("question", 1): 23,
        ("question", 1, "made", "day"): 24,
        ("question", 1, "forecast", 0): 25,
        ("question", 1, "forecast", 0, "who"): 26,
        ("other", "table"): 27,
        ("other", "table", "x"): 28,
    }
    assert {path: places.get(path) for path in expected} == expected


def test_every_value_of_a_toml_file_has_a_line() -> None:
    places = places_of(TRICKY)
    assert set(paths_of(tomllib.loads(TRICKY))) <= set(places) | {("other",)}


def paths_of(value: Any, path: Path = ()) -> list[Path]:
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    return [path] * bool(path) + [p for k, inner in items for p in paths_of(inner, (*path, k))]


@given(st.lists(texts, max_size=5), st.text("\"'\\\n#[]=", max_size=12))
def test_strings_of_any_text_do_not_shift_the_lines(contents: list[str], noise: str) -> None:
    text = "".join(f"k{n} = {string(content)}\n" for n, content in enumerate(contents))
    text += f"noise = {string(noise or ' ')}\nlast = [\n{string(noise or ' ')}]\n"
    read = tomllib.loads(text)
    assert [read[f"k{n}"] for n in range(len(contents))] == contents
    assert read["noise"] == (noise or " ")
    lines = text.split("\n")
    for path, line in places_of(text).items():
        if len(path) == 1:
            assert lines[line - 1].startswith(f"{path[0]} = ")


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_line_ends_of_windows_count_once(line_end: str) -> None:
    text = line_end.join(("a = 1", 'b = """', "x", '"""', "[[c]]", "d = 1"))
    assert places_of(text)["c", 0, "d"] == 6
