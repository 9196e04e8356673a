"""Books, exports and texts with faults: each named with its place, and nothing taken from them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.refusals.bench import Bench

HEAD = 'book = 1\nzone = "Europe/Berlin"\ncoder = "Mia Jensen"\nwritten = 2026-01-10\n'
QUESTION = '[[question]]\nkey = "hail"\ntext = "Will it hail?"\n'
FORECAST = '[[question.forecast]]\nwho = "Ian Bremmer"\nmade = 2025-12-03\n'
STATEMENT = """\
[[source]]
key = "article"
title = "An article"
published = 2025-12-03
[[statement]]
id = "s"
place = "paragraph 1"
verdict = "scored"
quote = """
LEFT_OUT = """\
fl: 1 file has faults and was left out whole. Mend what is named above and
import again.
"""

BOOKS: dict[str, tuple[str | bytes, str]] = {
    "broken syntax": (
        HEAD + "[[question]\n",
        "line 5: Expected ']]' at the end of an array declaration (column 11)",
    ),
    "no book": (
        'title = "Poems"\n',
        "line 1: the head is missing: a book begins with book = 1",
    ),
    "empty": (b"", "line 1: the head is missing: a book begins with book = 1"),
    "a later book": (
        HEAD.replace("book = 1", "book = 2"),
        "line 1: book is 2; this version of the tool reads book = 1",
    ),
    "unknown field": (
        HEAD + QUESTION + 'critera = "x"\n',
        (
            "line 8, question hail: critera is not a field of question. Did you mean\n"
            '      "criteria"?'
        ),
    ),
    "unknown table": (
        HEAD + "[[qestion]]\n",
        'line 5: qestion is not a table of a book. Did you mean "question"?',
    ),
    "bare number": (
        HEAD + QUESTION + FORECAST + "probability = 35\n",
        (
            "line 11, question hail, forecast 1: probability is the bare number 35. Write\n"
            '      it as text: "35%"'
        ),
    ),
    "odds": (
        HEAD + QUESTION + FORECAST + 'probability = "3:1"\n',
        (
            "line 11, question hail, forecast 1: odds are not taken: 3:1 on is 75%, 3:1\n"
            "      against is 25%. Write the one meant."
        ),
    ),
    "26 words": (
        HEAD + STATEMENT + f'"{"slim " * 26}"\n',
        (
            "line 9, statement s: the quote has 26 words; at most 25 may be quoted. Quote\n"
            "      the claim alone."
        ),
    ),
    "unknown reference": (
        HEAD + '[[label]]\nquestion = "haill"\nlabel = "x"\n' + QUESTION,
        (
            'line 6, label 1: question: question "haill" is neither in this book nor in\n'
            '      the ledger. Did you mean "hail"?'
        ),
    ),
    "a key twice": (
        HEAD + QUESTION + QUESTION,
        (
            "line 9, question hail: question hail is given twice; first on line 5. Give\n"
            "      another, or let one replace the other, or give each an id."
        ),
    ),
    "written in the future": (
        HEAD.replace("2026-01-10", "2027-01-01") + QUESTION,
        (
            "line 5, question hail: written lies in the future (2027-01-01). Only what\n"
            "      has happened can be recorded."
        ),
    ),
    "ambiguous local time": (
        HEAD + QUESTION + FORECAST.replace("2025-12-03", "2025-10-26T02:30:00"),
        (
            "line 8, question hail, forecast 1: probability is missing, and there are no\n"
            "      words to take it from\n"
            "    line 10, question hail, forecast 1: made: 2025-10-26 02:30 comes twice in\n"
            "      Europe/Berlin, where the clocks were put back. Give an offset: 2025-10-26\n"
            "      02:30+02:00 or 2025-10-26 02:30+01:00."
        ),
    ),
    "broken UTF-8": (
        HEAD.encode() + b"# caf\xe9\n",
        "line 5: byte 79 (0xe9) is not UTF-8",
    ),
    "NUL": (HEAD + 'x = "\0"\n', "line 5: Illegal character '\\x00' (column 6)"),
    "escape sequence": (
        HEAD + QUESTION.replace("hail?", "hail\\u001b[31m?"),
        (
            "line 7, question hail: text holds a control character (U+001B at place 13).\n"
            "      Take it away."
        ),
    ),
    "escape sequence in a key": (
        HEAD + QUESTION.replace('"hail"', '"ha\\u001b]0;owned\\u0007il"'),
        (
            "line 6, question 1: key 'ha\\x1b]0;owned\\x07il' is not a key: lower-case\n"
            "      letters and digits, joined by - _ or . (such as uk-rates-2026-12)"
        ),
    ),
    "escape sequence in a field's name": (
        HEAD + '"\\u001b[31m" = 1\n',
        "line 5: \\x1b[31m is not a table of a book.",
    ),
    "several at once, in their order": (
        HEAD + QUESTION + FORECAST + "probability = 35\n" + FORECAST + 'probabilty = "5%"\n[[x]]\n',
        (
            "line 11, question hail, forecast 1: probability is the bare number 35. Write\n"
            '      it as text: "35%"\n'
            "    line 15, question hail, forecast 2: probabilty is not a field of forecast.\n"
            '      Did you mean "probability"?\n'
            "    line 16: x is not a table of a book."
        ),
    ),
}


def shown(name: str, faults: str) -> str:
    count = sum(line[4:5] != " " for line in f"    {faults}".splitlines())
    heading = f"{count} fault{'s' if count > 1 else ''}, so nothing was imported of it:"
    return f"{name}\n  {heading}\n    {faults}\n"


@pytest.mark.parametrize("content,faults", BOOKS.values(), ids=BOOKS)
def test_a_book_with_a_fault_is_left_out(bench: Bench, content: str | bytes, faults: str) -> None:
    bench.write("book.toml", content)
    bench.refuses(3, LEFT_OUT, "import", "book.toml", stdout=shown("book.toml", faults))
    found = json.loads(bench.run("import", "book.toml", "--json").stdout)
    assert found["files"][0]["problems"]
    assert bench.run("import", "book.toml", "--ledger", "new.db").exit_code == 3
    assert not Path("new.db").exists() or bench.recorded("new.db").count("\n") == 1


def lines_of(bench: Bench) -> list[dict[str, Any]]:
    return [json.loads(line) for line in bench.recorded().splitlines()]


def export_with(bench: Bench, *lines: Any) -> str:
    header = {"forecast-ledger": "jsonl", "version": 1}
    text = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n"
                   for line in (header, *lines))  # fmt: skip
    return bench.write("all.jsonl", text)


def a_forecast(bench: Bench, **changes: Any) -> dict[str, Any]:
    """Return the form of a forecast without its place in the log, and with some changes."""
    found = next(line for line in lines_of(bench) if line.get("type") == "forecast")
    log = ("seq", "recorded_at", "nonce", "digest")
    return {name: content for name, content in found.items() if name not in log} | changes


LINES: dict[str, tuple[Callable[[Bench], Any], str]] = {
    "broken line": (
        lambda _: "{",
        "line 2: is not JSON: Expecting property name enclosed in double quotes\n      (column 2)",
    ),
    "not an object": (lambda _: "[1]", "line 2: is not an object of fields"),
    "unknown field": (
        lambda bench: a_forecast(bench, colour="red"),
        "line 2: colour is not a field here",
    ),
    "unknown type": (
        lambda bench: a_forecast(bench, type="\x1b[31m"),
        "line 2: type '\\x1b[31m' is not an entry type",
    ),
    "escape sequence": (
        lambda bench: a_forecast(bench, why="\x1b[31m"),
        "line 2: why holds a control character (U+001B at place 1). Take it away.",
    ),
    "lone surrogate": (
        lambda bench: a_forecast(bench, why="\ud800"),
        "line 2: why holds a control character (U+D800 at place 1). Take it away.",
    ),
    "escape sequence in a field's name": (
        lambda bench: a_forecast(bench) | {"\x1b[31m": "x"},
        "line 2: \\x1b[31m is not a field here",
    ),
    "float": (
        lambda bench: a_forecast(bench, answer={"yes": 0.35}),
        "line 2: holds the number 0.35; only whole numbers occur",
    ),
    "probability above one": (
        lambda bench: a_forecast(bench, answer={"yes": 1_000_000_001}),
        "line 2: yes is 1000000001 parts per 1,000,000,000: outside 0 to 100 %",
    ),
    "wrong digest": (
        lambda bench: (
            next(line for line in lines_of(bench) if line.get("type") == "source")
            | {"title": "Another"}
        ),
        (
            "line 2: digest\n"
            '      "c8444b225ab72f260b46a76028b69e051a1de984de287b865f899fe7aa27…" is not\n'
            "      that of the entry, which is\n"
            "      9376b12d31642a4d50e3f2a219f22c24715240417a873e2a66db1eab9dbf2439"
        ),
    ),
    "missing reference": (
        lambda bench: a_forecast(bench, question="0" * 64),
        (
            "forecast names an entry that is not in this ledger: question 000000000000.\n"
            "      Import that one first."
        ),
    ),
    "huge line": (
        lambda _: f'{{"x":"{"x" * 3_000_000}"}}',
        "line 2: is longer than 2,000,000 bytes",
    ),
}


@pytest.mark.parametrize("line,faults", LINES.values(), ids=LINES)
def test_an_export_with_a_fault_is_left_out(
    bench: Bench, line: Callable[[Bench], Any], faults: str
) -> None:
    name = export_with(bench, {"v": 1, "type": "forecaster", "name": "New", "kind": "person"},
                       line(bench))  # fmt: skip
    faults = faults.replace("line 2:", "line 3:")
    bench.refuses(3, LEFT_OUT, "import", name, stdout=shown(name, faults))


@pytest.mark.parametrize(
    "name,content,faults",
    [
        (
            "all.jsonl",
            b"",
            'line 1: does not begin with the line {"forecast-ledger":"jsonl","version":1}',
        ),
        (
            "all.jsonl",
            b'{"forecast-ledger":"jsonl","version":2}\n',
            "line 1: is of version 2; this version of the tool reads 1",
        ),
        (
            "notes.txt",
            b"hello",
            (
                "notes.txt is of no format known here: book, jsonl, csv. Let its name end in\n"
                "      .toml for a book, in .jsonl for JSON Lines, in .csv for a table (or say\n"
                "      --column made=made: only a table takes it). Of a spreadsheet, save the\n"
                "      sheet as CSV (UTF-8)."
            ),
        ),
    ],
    ids=["empty", "later version", "no format"],
)
def test_what_is_no_export_is_left_out(
    bench: Bench, name: str, content: bytes, faults: str
) -> None:
    bench.write(name, content)
    bench.refuses(3, LEFT_OUT, "import", name, stdout=shown(name, faults))


@pytest.mark.parametrize(
    "name,faults",
    [
        (
            "large.toml",
            (
                "large.toml is larger than 20 MB, which a book may have at most. Split it, or\n"
                "      import JSON Lines."
            ),
        ),
        (
            "large.jsonl",
            'line 1: does not begin with the line {"forecast-ledger":"jsonl","version":1}',
        ),
    ],
)
@pytest.mark.parametrize("texts", [[], ["--text", "text.txt"]], ids=["", "with a text"])
def test_fifty_megabytes_are_refused_at_once(
    bench: Bench, name: str, faults: str, texts: list[str]
) -> None:
    bench.write("text.txt", "the odds")
    with Path(name).open("wb") as file:
        file.truncate(50_000_000)
    started = time.monotonic()
    bench.refuses(3, LEFT_OUT, "import", name, *texts, stdout=shown(name, faults))
    assert time.monotonic() - started < 2


def test_the_faults_of_several_files_are_named_and_the_good_ones_are_taken(bench: Bench) -> None:
    Path("books").mkdir()
    bench.write("books/1.toml", HEAD + "[[question]\n")
    bench.write("books/2.toml", HEAD + QUESTION)
    bench.write("books/3.toml", b"")
    result = bench.run("import", "books")
    assert (result.exit_code, result.stderr, result.stdout) == (
        3,
        (
            "fl: 2 files have faults and were left out whole. Mend what is named above and\n"
            "import again.\n"
        ),
        """\
books/1.toml
  1 fault, so nothing was imported of it:
    line 5: Expected ']]' at the end of an array declaration (column 11)
books/2.toml
  1 new, 0 already here
    1 question
books/3.toml
  1 fault, so nothing was imported of it:
    line 1: the head is missing: a book begins with book = 1
1 new entry in all
""",
    )


# -- quotes against a text ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "code,text,message,faults",
    [
        (
            3,
            "text.txt",
            LEFT_OUT,
            (
                "line 13, statement s: the quote is not in the text of article. The nearest\n"
                '      passage: "the odds".'
            ),
        ),
        (
            4,
            "other=text.txt",
            'fl: no book named here quotes a source "other". There are: article.\n',
            None,
        ),
        (4, "article=none.txt", "fl: there is no file none.txt. Check its name.\n", None),
        (
            2,
            "latin.txt",
            "fl: latin.txt is not UTF-8 text (unexpected end of data at byte 3).\n",
            None,
        ),
    ],
)
def test_a_quote_is_held_against_its_text(
    bench: Bench, code: int, text: str, message: str, faults: str | None
) -> None:
    bench.write("book.toml", HEAD + STATEMENT + '"slim odds"\n')
    bench.write("text.txt", "the odds are thin")
    bench.write("latin.txt", b"caf\xe9")
    stdout = shown("book.toml", faults) if faults else ""
    bench.refuses(code, message, "import", "book.toml", "--text", text, stdout=stdout)


# -- whole ledgers -----------------------------------------------------------------------------


def shuffled(lines: list[str]) -> list[str]:
    return [lines[0], lines[2], lines[1], *lines[3:]]


@pytest.mark.parametrize(
    "change,message",
    [
        (
            shuffled,
            """\
fl: all.jsonl has 3 problems. Nothing was taken from it.
  all.jsonl line 2: seq is 2; it should be 1
  all.jsonl line 3: seq is 1; it should be 3
  all.jsonl line 4: seq is 3; it should be 2
""",
        ),
        (
            lambda lines: [*lines[:3], *lines[4:]],
            """\
fl: all.jsonl has one problem. Nothing was taken from it.
  all.jsonl line 4: seq is 4; it should be 3
""",
        ),
        (
            lambda lines: [*lines[:-1], lines[-1].replace("2026-01-15T12", "2026-01-14T12", 1)],
            """\
fl: all.jsonl has one problem. Nothing was taken from it.
  all.jsonl line 13: recorded_at lies before that of the line above
""",
        ),
        (
            lambda lines: [*lines[:-1], lines[-1][:-20]],
            """\
fl: all.jsonl has one problem. Nothing was taken from it.
  all.jsonl line 13: is not JSON: Unterminated string starting at (column 393)
""",
        ),
        (
            lambda lines: [lines[0], '{"v":1,"type":"forecaster","name":"Mia","kind":"person"}'],
            """\
fl: all.jsonl has one problem. Nothing was taken from it.
  all.jsonl line 2: has no seq, recorded_at and nonce: import it, or export a
    log
""",
        ),
    ],
    ids=["order", "gap", "time", "cut short", "no log"],
)
def test_a_log_that_is_not_whole_is_not_restored(
    bench: Bench, change: Callable[[list[str]], list[str]], message: str
) -> None:
    bench.write("all.jsonl", "\n".join(change(bench.recorded().splitlines())) + "\n")
    bench.refuses(3, message, "db", "restore", "all.jsonl", "--ledger", "new.db")


def test_nothing_is_restored_over_what_is_there(bench: Bench) -> None:
    bench.write("all.jsonl", bench.recorded())
    bench.refuses(
        5,
        "fl: ledger.db holds 12 entries already; only an empty ledger can be restored\n"
        "into. Use fl import to add to it.\n",
        *("db", "restore", "all.jsonl"),
    )


def test_what_no_file_can_be_called_is_said(bench: Bench) -> None:
    name = "x" * 300
    bench.refuses(3, f"fl:\n{name}\ncannot be read: File name too long.\n", "import", name)
    bench.refuses(
        7,
        f"fl:\n{name}\ncannot be opened: File name too long. Choose another with --ledger.\n",
        *("list", "--ledger", name),
    )
    Path("loop").symlink_to("loop")
    told = bench.run("import", "loop")
    assert (told.exit_code, told.stderr) == (
        3,
        "fl: loop cannot be read: Too many levels of symbolic links.\n",
    )
