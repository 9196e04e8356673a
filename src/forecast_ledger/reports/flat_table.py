r"""The flat table as CSV: what a spreadsheet or a statistician's program reads.

Text from outside is made harmless: signs that a terminal could obey are shown as `\x1b`,
and what a spreadsheet could take for a formula is led by an apostrophe. Numbers are left
as they are. Docs: docs/flat-table.md.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TextIO

from forecast_ledger.domain.moments import text_of
from forecast_ledger.domain.probability import WHOLE
from forecast_ledger.ledger.table import FlatRow
from forecast_ledger.reports.terminal import safe

COLUMNS = (
    *("question", "forecaster", "families", "tags", "made", "start", "end", "seconds"),
    *("probability", "low", "high", "weight", "outcome", "known", "opens", "closes"),
    *("coverage", "share", "grade", "status", "words", "side"),
)
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def write_table(rows: Iterable[FlatRow], out: TextIO) -> int:
    """Write rows as CSV, a line of column names first; return how many rows there were."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    written = 0
    for row in rows:
        writer.writerow(_cells(row))
        written += 1
    return written


def _cells(row: FlatRow) -> list[str]:
    question, words = row.question, row.words
    return [
        defused(question.key),
        defused(row.forecaster),
        defused(" ".join(question.families)),
        defused(" ".join(question.tags)),
        text_of(row.made),
        _second(row.start),
        _second(row.end),
        str(row.end - row.start),
        _decimal(row.parts),
        _decimal(row.low),
        _decimal(row.high),
        repr(row.weight),
        str(row.outcome),
        text_of(question.known.start) if question.known else "",
        text_of(question.opens) if question.opens else "",
        text_of(question.closes) if question.closes else "",
        "" if row.coverage is None else repr(row.coverage),
        repr(row.share),
        row.grade,
        row.status,
        defused(words.phrase) if words else "",
        words.side if words else "",
    ]


def defused(text: str) -> str:
    """Return text that no spreadsheet takes for a formula and no terminal obeys.

    >>> defused("=1+1"), defused("Ada = Wern")
    ("'=1+1", 'Ada = Wern')
    """
    return f"'{safe(text)}" if text.startswith(_FORMULAS) else safe(text)


def _decimal(parts: int) -> str:
    """Return parts per 10⁹ as the decimal number they are, as short as it can be."""
    whole, rest = divmod(parts, WHOLE)
    return f"{whole}.{rest:09d}".rstrip("0").rstrip(".")


def _second(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
