"""Flat tables that are refused: named line by line, to the letter, and nothing else touched."""

from __future__ import annotations

import pytest

from tests.refusals.bench import Bench

HEAD = "question,forecaster,made,probability,outcome,known,key,closes\n"
ROW = "Will it hail?,Ann Lee,2026-01-02,35%,,,,\n"
LEFT_OUT = """\
fl: 1 file has faults and was left out whole. Mend what is named above and
import again.
"""
FAULT = "t.csv\n  1 fault, so nothing was imported of it:\n    line {}\n"
ROW_FAULT = """\
t.csv: 0 questions, 1 forecast, 0 resolved
  0 already here, 0 new, 1 row invalid, so nothing was imported:
    line {}
    (--skip-invalid leaves them out)
"""


FILES: dict[str, tuple[str | bytes, str]] = {
    "empty": (b"", "1: is empty. The first line should name the columns."),
    "another alphabet": (
        (HEAD + "Will it hail?,José,2026-01-02,35%,,,,\n").encode("latin-1"),
        (
            '2: is not UTF-8: byte 18 of the line is 0xE9. Save it as "CSV UTF-8"\n'
            "      and import that."
        ),
    ),
    "UTF-16": (
        (HEAD + ROW).encode("utf-16"),
        (
            '1: is no text in UTF-8: the file is UTF-16. Save it as "CSV UTF-8" and\n'
            "      import that."
        ),
    ),
    "no columns": (
        "a,b\n1,2\n",
        (
            "1: the columns question, forecaster, made and probability are missing.\n"
            '      There are: "a", "b". Say which is which: --column question=HEADER --column\n'
            "      forecaster=HEADER --column made=HEADER --column probability=HEADER (or\n"
            "      whose forecasts they are, with --who NAME). Optional, likewise: outcome,\n"
            "      known and closes."
        ),
    ),
    "a control character in a header": (
        "question,forecaster,made,\x1b[31mprobability\n",
        (
            '1: the column probability is missing. There are: "question",\n'
            '      "forecaster", "made", \'\\x1b[31mprobability\'. Say which is which: --column\n'
            "      probability=HEADER. Optional, likewise: outcome, known and closes."
        ),
    ),
}
ROWS: dict[str, tuple[str, str]] = {
    "a bare number": (
        ROW.replace("35%", "35"),
        (
            "2, probability: 35 has no percent sign. If the column is in percent,\n"
            "      say --percent."
        ),
    ),
    "odds": (
        ROW.replace("35%", "3:1"),
        (
            "2, probability: odds are not taken: 3:1 on is 75%, 3:1 against is 25%.\n"
            "      Write the one meant."
        ),
    ),
    "a formula": (
        ROW.replace("35%", '"=HYPERLINK(""x"")"'),
        (
            "2, probability: '=HYPERLINK(\"x\")' is not a probability. Write it as\n"
            '      35%, 0.35, 7/20 or "1 in 3".'
        ),
    ),
    "a day of two readings": (
        ROW.replace("2026-01-02", "02/01/2026"),
        (
            '2, made: "02/01/2026" can be read in two ways: say --dates dmy for\n'
            "      2026-01-02, --dates mdy for 2026-02-01, or write it so."
        ),
    ),
    "a day of one reading": (
        ROW.replace("2026-01-02", "13.01.2026"),
        (
            '2, made: "13.01.2026" has the order day, month, year: say --dates dmy,\n'
            "      or write 2026-01-13."
        ),
    ),
    "the future": (
        ROW.replace("2026-01-02", "2026-02-02"),
        ("2, made: lies in the future. Only what has happened can be recorded."),
    ),
    "a turned question": (
        ROW.replace("hail", "h\x1b[2Jail"),
        (
            "2, question: the question holds a control character (U+001B at place\n"
            "      10). Take it away."
        ),
    ),
    "too few cells": (
        "Will it hail, or snow?,Ann Lee\n",
        (
            "2: has 3 cells where the header has 8. A row has one for each column,\n"
            "      empty ones too: add what is missing."
        ),
    ),
    "too many cells": (
        ROW.replace("hail", "hail, or snow").replace(",\n", ",x\n"),
        (
            "2: has 9 cells where the header has 8. Put a text with a delimiter in\n"
            "      it in quotation marks."
        ),
    ),
}


@pytest.mark.parametrize("content,told", FILES.values(), ids=FILES)
def test_a_file_that_is_no_table(bench: Bench, content: str | bytes, told: str) -> None:
    name = bench.write("t.csv", content)
    bench.refuses(3, LEFT_OUT, "import", name, stdout=FAULT.format(told))


@pytest.mark.parametrize("row,told", ROWS.values(), ids=ROWS)
def test_a_row_at_fault(bench: Bench, row: str, told: str) -> None:
    name = bench.write("t.csv", HEAD + row)
    bench.refuses(3, LEFT_OUT, "import", name, "--zone", "UTC", stdout=ROW_FAULT.format(told))


def test_two_lines_that_contradict_each_other(bench: Bench) -> None:
    name = bench.write(
        "t.csv",
        HEAD + ROW.replace(",,,,", ",yes,2026-01-03,,") + ROW.replace(",,,,", ",no,,,"),
    )
    told = """\
t.csv: 0 questions, 2 forecasts, 0 resolved
  0 already here, 0 new, 1 row invalid, 1 row whose question is at fault, so
  nothing was imported:
    line 3, outcome: says "no" where line 2 says "yes" of the same question.
      Correct one; two questions need different keys.
    (--skip-invalid leaves them out)
"""
    bench.refuses(3, LEFT_OUT, "import", name, "--zone", "UTC", stdout=told)


def test_another_deadline_than_recorded(bench: Bench) -> None:
    name = bench.write("t.csv", HEAD + ",Ann Lee,2026-01-02,35%,,,fed-cut,2026-04-18\n")
    told = """\
t.csv: 0 questions, 1 forecast, 0 resolved
  0 already here, 0 new, 1 row whose question is at fault, so nothing was
  imported:
    line 2, closes: fed-cut is recorded as 2026-03-18, not as 2026-04-18.
      Correct one, leave the cells empty, or give the question a key of its own.
    (--skip-invalid leaves them out)
"""
    bench.refuses(3, LEFT_OUT, "import", name, "--zone", "UTC", stdout=told)
