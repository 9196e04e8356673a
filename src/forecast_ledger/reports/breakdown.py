"""A score by tag, by month, by family or by forecaster: a table for people, and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import tzinfo
from typing import TextIO

from forecast_ledger.ledger.breakdown import Breakdown, Part
from forecast_ledger.reports.counted import events, left_block, nothing_scored
from forecast_ledger.reports.flat_table import defused
from forecast_ledger.reports.frame import as_read, footer, heading
from forecast_ledger.reports.mean import (
    answers_choose,
    bent_by_answers,
    differ,
    infinite,
    is_expected_bent,
)
from forecast_ledger.reports.rules import Spoken, spoken
from forecast_ledger.reports.score import POOLED, leaning
from forecast_ledger.reports.sentences import amount, out_of, prose, table
from forecast_ledger.reports.terminal import WIDTH, count

NONE = "(none)"
NO_DEADLINE = "(no deadline)"
OUTSIDE = "X"
COLUMNS = (
    *("name", "questions", "score", "score_best", "score_worst", "expected"),
    *("expected_low", "expected_high", "outside", "by_luck", "by_luck_together"),
)
_HEADS = {"tag": "tag", "month": "month", "family": "family", "who": "forecaster"}
_SEVERAL = {"tag": "tags", "family": "families"}
_FEW = (
    "A row of few questions says little, and among many rows some look good or bad by luck alone."
)

_EVENT = "the questions of an event come out each for itself"


def render_breakdown(found: Breakdown, *, zone: tzinfo, width: int = WIDTH) -> str:
    """Return a line for each part, and how many would stand out by luck."""
    score = found.score
    whose = score.subject or ("several forecasters" if score.pooled else "")
    of = f" of {whose}" if whose and found.by != "who" else ""
    lines = heading(score, f"Score{of} by {_HEADS[found.by]}", zone, width)
    months = f"months in {found.zone}" if found.zone else ""
    last = footer(score, months, width=width)
    if score.tally is None:
        return "\n".join(
            [*lines, nothing_scored(score, width), *left_block(score, "", width), last]
        )
    rule = spoken(score.filters)
    lines += [prose(_counted(found, rule), width), ""]
    lines += [*_rows(found, rule, width), ""]
    lines += [prose(said, width) for said in _said(found, rule)]
    return "\n".join([*lines, *left_block(score, "", width), "", last])


def _counted(found: Breakdown, rule: Spoken) -> str:
    """Return how many questions there are and what they come to together, where they do."""
    tally = found.score.tally
    assert tally is not None  # noqa: S101 - there are rows
    said = (
        f"{count(tally.questions, 'question')} ({tally.yes:,} yes,"
        f" {tally.questions - tally.yes:,} no)"
    )
    if tally.families != tally.questions:
        said += f" on {events(tally)}"
    if found.score.pooled and rule.compares:
        return said
    said += f"; {rule.name} {rule.with_unit(tally.score)}"
    if tally.impossible:
        return f"{said}: {infinite(tally, rule)}"
    if is_expected_bent(tally, found.score.filters.policy) or tally.expected is None:
        return said
    return f"{said}, {rule.text(tally.expected)} expected"


def _rows(found: Breakdown, rule: Spoken, width: int) -> list[str]:
    words = _says_words(found.parts)
    expected = _says_expected(found.parts)
    heads = [_HEADS[found.by], "questions", rule.name, *(["by words"] if words else [])]
    heads += [*(["expected"] if expected else []), ""]
    none = NO_DEADLINE if found.by == "month" else NONE
    rows = []
    for part in found.parts:
        name = none if part.name is None else part.name
        figures = [f"{part.questions:,}", rule.text(part.score)]
        if words:
            ends = map(rule.text, sorted((part.best, part.worst)))
            between = " to " if rule.signed else "-"
            figures.append(between.join(ends) if differ(part.best, part.worst) else "")
        if expected:
            figures.append("-" if part.expected is None else rule.text(part.expected))
        figures.append(OUTSIDE if part.range and part.range.outside else "")
        rows.append((as_read(name, part.coded) if part.coded else name, figures))
    return table(heads, rows, width)


def _says_words(parts: Sequence[Part]) -> bool:
    return any(differ(part.best, part.worst) for part in parts)


def _says_expected(parts: Sequence[Part]) -> bool:
    return any(part.expected is not None for part in parts)


def _said(found: Breakdown, rule: Spoken) -> list[str]:
    """Return what the columns mean, and how much of them is luck."""
    unit = f", in {rule.unit}" if rule.unit else ""
    by_words = " By words: the range the reading of words allows."
    name = f"{rule.name[0].upper()}{rule.name[1:]}"
    legend = f"{name}{unit}: {rule.scale}.{by_words if _says_words(found.parts) else ''}"
    if _says_expected(found.parts):
        legend += " Expected: the score to be expected if the probabilities are right."
    if found.by == "month":
        legend += " Months are those of the deadlines."
    said = [legend, f"{_luck(found)} {_FEW}".lstrip()]
    alone = found.score.company.alone if found.score.company and rule.compares else 0
    if alone:
        said.append(
            f"On {count(alone, 'question')} nobody else forecast: the score there is 0 by"
            " definition, and part of the mean."
        )
    if found.several:
        one = found.several == 1
        said.append(
            f"{count(found.several, 'question')} with several {_SEVERAL[found.by]}"
            f" {'counts' if one else 'count'} in each."
        )
    # Compared with each other they have no mean of all, which would be the pooled one.
    pooled = found.score.pooled and not rule.compares
    return [*said, *([POOLED] if pooled else []), *leaning(found.score)]


_BY_DEADLINES = " (fl score of these alone goes by the time to the deadlines)"


def _no_range(found: Breakdown) -> str:
    """Return which rows have nothing that would be expected, and why; nothing if all have."""
    bent = sum(part.bent for part in found.parts)
    tally, filters = found.score.tally, found.score.filters
    if not bent or tally is None or spoken(filters).compares:
        return ""
    brier = filters.rule == "brier"
    what = "range" if brier else "expected score"
    chosen_by = bent_by_answers(tally, filters.policy)
    dateless = sum(part.undated > 0 for part in found.parts) if tally.undated else 0
    if answers_choose(tally, filters.policy) or (chosen_by and not dateless):
        return f"{_rows_without(bent, what)}. {chosen_by}"
    said = [f"{_rows_without(dateless, what)}: {chosen_by}"] if dateless else []
    if bent > dateless:
        way = _BY_DEADLINES if brier else ""
        why = "time without a forecast, as after an early answer, bends what to expect"
        said.append(f"{_rows_without(bent - dateless, what)}: {why}{way}.")
    return " ".join(said)


def _rows_without(number: int, what: str) -> str:
    return f"{count(number, 'row')} {'has' if number == 1 else 'have'} no {what}"


def _luck(found: Breakdown) -> str:
    """Return how many rows lie outside their range and how many would, where they have one."""
    no_range = _no_range(found)
    if found.by_luck is None:
        return no_range
    often = out_of(found.score.filters.level, "times in")
    number = sum(1 for part in found.parts if part.range)
    lie = "lies outside its" if 1 in (number, found.outside) else "lie outside their"
    mark = f", marked {OUTSIDE}" if found.outside else ""
    grouped = any(part.range and part.range.grouped for part in found.parts)
    either = f" and {_EVENT}, or all as one; in groups it may hold less" if grouped else ""
    return (
        f"{found.outside:,} of {count(number, 'row')} {lie} range{mark}; {_chance(*found.by_luck)}."
        f" A range holds the score at least {often} if the probabilities are right{either}."
        f"{f' {no_range}' if no_range else ''}"
    )


def _chance(separate: float, together: float) -> str:
    """Return how many rows would lie outside by luck, by either law if they differ."""
    each, all_as_one = _about(separate), _about(together)
    if each == all_as_one:
        return f"{each} would by luck"
    return f"by luck {each} would if {_EVENT}, {all_as_one} if all as one"


def _about(rows: float) -> str:
    shown = amount(rows)
    return "less than 0.1" if shown == "0" else f"about {shown}"


def write_breakdown(found: Breakdown, out: TextIO) -> int:
    """Write the parts as CSV, a line of column names first; return how many there were.

    Nothing is rounded; what there is not is empty, as the name of questions without any.
    """
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for part in found.parts:
        where = part.range
        chance = [where.low, where.high, int(where.outside), *where.by_luck] if where else [""] * 5
        expected = "" if part.expected is None else part.expected
        means = [part.score, part.best, part.worst, expected]
        writer.writerow([defused(part.name or ""), part.questions, *means, *chance])
    return len(found.parts)
