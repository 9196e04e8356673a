"""Calibration of one forecaster, no more than so many questions can bear."""

from __future__ import annotations

from datetime import tzinfo

from forecast_ledger.ledger.scores import Score, Tally
from forecast_ledger.reports.blocks import (
    counted_lines,
    footer,
    good_block,
    heading,
    in_effect,
    left_block,
    listed,
    no_interval,
    nothing_scored,
    sides_taken,
    sure_block,
)
from forecast_ledger.reports.sentences import prose
from forecast_ledger.reports.terminal import WIDTH, count

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
        lines += [nothing_scored(width), *left_block(score, width=width)]
        return "\n".join([*lines, footer(score, width=width)])
    level = score.filters.level
    lines += [*counted_lines(score, tally, width), "", "HOW GOOD"]
    lines += [*good_block(tally, level, "the probabilities are"), ""]
    if sure := sure_block(tally, level, width):
        lines += [*sure, ""]
    lines += [*_questions(score, width), ""]
    lines += ["WHAT THIS CAN BEAR", *_bearing(tally, width), ""]
    lines += [*_not_shown(tally, width), footer(score, width=width)]
    return "\n".join(lines)


def _questions(score: Score, width: int) -> list[str]:
    if len(score.lines) <= LISTED:
        return ["QUESTIONS", *listed(score.lines, pooled=score.pooled, width=width)]
    worst = score.worst(LARGEST_MISSES)
    rest = len(score.lines) - len(worst)
    return [
        f"THE {LARGEST_MISSES} WORST OF {len(score.lines):,} QUESTIONS",
        *listed(worst, pooled=score.pooled, width=width),
        f"  and {rest:,} more (--json lists them all)",
    ]


def _bearing(tally: Tally, width: int) -> list[str]:
    sentences = [
        sides_taken(tally, side="the side called likelier", right="every probability is right"),
        in_effect(tally),
        no_interval(tally),
    ]
    return [prose(sentence, width, "  ") for sentence in sentences if sentence]


def _not_shown(tally: Tally, width: int) -> list[str]:
    events = count(tally.families, "event")
    if tally.families >= CURVE_FROM:
        what = (
            "the calibration curve with its band, the distance from calibration, the slope and"
            f" the tests. {events} could bear a curve and a slope; this version does not compute"
            " them yet. --json gives every number they need."
        )
    else:
        missing = "" if tally.confidence else "average confidence against the hit rate (from 10),"
        what = (
            f"{missing} the calibration curve (from 30 events), slope, tests and bins:"
            f" with {events} they would show chance."
        )
    return prose(what, width, "NOT SHOWN  ", " " * 11).split("\n")
