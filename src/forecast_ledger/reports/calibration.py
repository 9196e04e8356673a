"""Calibration of one forecaster, no more than so many questions can bear."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from forecast_ledger.ledger.scores import CONFIDENCE_FROM, Line, Score, Tally
from forecast_ledger.reports.score import counted_lines, heading, nothing_scored
from forecast_ledger.reports.sentences import (
    chance,
    footer,
    good_block,
    left_block,
    line_score,
    no_interval,
    prose,
    range_text,
    spelled,
    sure_block,
    table,
)
from forecast_ledger.reports.terminal import WIDTH, count, percent, rule

CURVE_FROM = 30
"""Families from which a calibration curve could be borne."""
LISTED = 40
"""Questions that are all listed; of more only the largest misses."""
LARGEST_MISSES = 10


def render_calibration(score: Score, *, zone: tzinfo, width: int = WIDTH) -> str:
    """Return the calibration report of one forecaster, or of several pooled.

    Which parts appear goes by families, the questions that turn on one event counting once.
    """
    title = f"Calibration of {score.subject}" if score.subject else "Calibration"
    if score.pooled:
        title = "Calibration of several forecasters, pooled"
    lines = heading(score, title, zone, width)
    tally = score.tally
    if tally is None:
        lines += [nothing_scored(width), *left_block(score.left, score.claimed, width=width)]
        return "\n".join([*lines, footer(score, width=width)])
    level = score.filters.level
    lines += [*counted_lines(score, tally, width), "", "HOW GOOD"]
    lines += [*good_block(tally, level, "the probabilities"), ""]
    if sure := sure_block(tally, level, width):
        lines += [*sure, ""]
    lines += [*_questions(score.lines, pooled=score.pooled, width=width), ""]
    lines += [f"WHAT {'THIS' if tally.families >= CURVE_FROM else 'SO FEW'} CAN BEAR"]
    lines += [prose(sentence, width, "  ") for sentence in bearing(tally)]
    lines += ["", *_not_shown(tally, width), footer(score, width=width)]
    return "\n".join(lines)


def listed(
    lines: Sequence[Line], *, pooled: bool = False, width: int = WIDTH
) -> list[str]:
    """Return a table of questions with what was said, its range, the outcome and the Brier."""
    words = any(line.low < line.high for line in lines)
    heads = ["question", "said", *(["range"] if words else []), "came", "Brier"]
    rows = []
    for line in lines:
        who = f" ({line.forecaster})" if pooled else ""
        ranges = [range_text(line)] if words else []
        figures = [percent(line.probability), *ranges, line.outcome, line_score(line.brier)]
        rows.append((f"{line.text}{who}", figures))
    return table(heads, rows, width)


def bearing(tally: Tally) -> list[str]:
    """Return what so many questions on so many events can bear, in sentences."""
    right = tally.questions - tally.misses
    sentences = [_sides(tally, right)]
    if tally.families < tally.questions:
        sentences.append(
            f"The {count(tally.questions, 'question')} turn on"
            f" {count(tally.families, 'separate event')}, so they are in effect"
            f" {count(tally.families, 'question')}; the ranges of chance above take them as"
            " separate and are too narrow."
        )
    if why := no_interval(tally):
        sentences.append(why)
    return sentences
