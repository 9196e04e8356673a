"""docs/reading-a-report.md: every line of its reports is what the command prints.

`make docs` writes down what it prints now.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.reading import PAGE, parts_of_report, sections
from tests.simulated import SEED, SLOPE

LINES = PAGE.read_text(encoding="utf-8").splitlines()
SECTIONS = dict(sections(LINES))


def test_five_reports_stand_on_the_page() -> None:
    assert list(SECTIONS) == [5, 15, 40, 150, 2000]


@pytest.mark.parametrize(
    "kind,number", [*(("report", number) for number in SECTIONS), ("months", 150)]
)
def test_every_line_of_a_report_is_what_the_command_prints(
    kind: str, number: int, tmp_path: Path
) -> None:
    shown = [block.lines for block in dict(sections(LINES, kind))[number]]
    printed = parts_of_report(number, tmp_path, kind)
    assert "\n\n".join("\n".join(part) for part in shown) == "\n\n".join(
        "\n".join(part) for part in printed
    )


def test_the_page_names_the_forecaster_it_made_up() -> None:
    text = " ".join(LINES)
    assert f"seed {SEED}" in text
    assert f"slope {SLOPE:g}" in text


def test_the_explanations_quote_numbers_that_the_report_has() -> None:
    starts = [LINES.index(f"<!-- report {number} -->") for number in SECTIONS]
    for (number, blocks), start, end in zip(
        SECTIONS.items(), starts, [*starts[1:], len(LINES)], strict=True
    ):
        code = {place for block in blocks for place in range(block.first, block.last)}
        prose = [line for place, line in enumerate(LINES[:end]) if place > start]
        words = " ".join(line for i, line in enumerate(prose, start + 1) if i not in code)
        report = " ".join(line for block in blocks for line in block.lines)
        own = words.replace("**", "").split("## Lines that")[0]
        quotes = re.findall(r"\*([^*]+)\*", own)
        assert len(quotes) > 3
        for quote in quotes:
            for figure in re.findall(r"\d[\d.,]*\d%?|\d%?", quote):
                assert figure in report, f"{figure} of {quote!r}, in the report of {number}"
