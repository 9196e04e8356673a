"""Calibration of one forecaster, no more than so many questions can bear."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from forecast_ledger.ledger.calibration import Calibration
from forecast_ledger.ledger.scores import Score, Tally
from forecast_ledger.reports.bearing import not_shown
from forecast_ledger.reports.bins import Bin, bins_table
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
    score_text,
    sides_taken,
)
from forecast_ledger.reports.diagram import Point, reliability_diagram
from forecast_ledger.reports.sentences import amount, prose, short_title, table
from forecast_ledger.reports.terminal import WIDTH, count, percent
from forecast_ledger.reports.too_sure import too_sure_block

LISTED = 40
"""Questions that are all listed; of more only the largest misses."""
LARGEST_MISSES = 10
PARTS = 1_000_000_000


def render_calibration(found: Calibration, *, zone: tzinfo, width: int = WIDTH) -> str:
    """Return the calibration report of one forecaster, or of several pooled.

    Which parts appear goes by families, the questions that turn on one event counting once.
    """
    score = found.score
    title = f"Calibration of {score.subject}" if score.subject else "Calibration"
    if score.pooled:
        title = "Calibration of several forecasters, pooled"
    lines = heading(score, title, zone, width)
    tally = score.tally
    if tally is None:
        lines += [nothing_scored(width), *left_block(score, width=width)]
        return "\n".join([*lines, footer(score, width=width)])
    blocks = [
        counted_lines(score, tally, width),
        [
            "HOW GOOD",
            *good_block(tally, score.filters.level, "the probabilities are"),
            *_taken_apart(found),
        ],
        too_sure_block(found, tally, width),
        _diagram(found, tally, width),
        _bins(found, width),
        _ece(found, width),
        _in_bin(found, score, width),
        _questions(score, width),
        _bearing(tally, width),
        not_shown(found, tally, width),
    ]
    for block in blocks:
        if block:
            lines += [*block, ""]
    drawn = (f"seed {found.drawing.seed}", f"draws {found.drawing.draws:,}") if found.null else ()
    counted = f"{tally.questions:,} of {score.total_questions:,} questions"
    return "\n".join([*lines, footer(score, *drawn, counted, width=width)])


def _taken_apart(found: Calibration) -> list[str]:
    """Return the Brier score as what it is made of, where that can be borne."""
    parts = found.decomposition
    if parts is None:
        return []
    scale = found.score.filters.brier_scale
    return [
        f"     =  {score_text(parts.mcb * scale)}   distance from calibration",
        f"     -  {score_text(parts.dsc * scale)}   discrimination: how well yes is told from no",
        f"     +  {score_text(parts.unc * scale)}   uncertainty of the questions themselves",
    ]


def _diagram(found: Calibration, tally: Tally, width: int) -> list[str]:
    null = found.null
    if null is None:
        return []
    points = [
        Point(said=p.said, happened=p.happened, low=p.low, high=p.high, weight=p.weight)
        for p in found.curve
    ]
    level = found.score.filters.level
    here = f"{null.outside} of {count(len(points), 'forecast')}" if len(points) > 1 else "It"
    inside = "lie" if null.outside != 1 else "lies"
    one = "has" if null.somewhere < 0.015 else "have"
    where = (
        f"{here} {inside} outside; about {amount(round(null.outside_by_chance, 1))} would by"
        " chance."
        f" {_often(null.somewhere)} calibrated forecasters {one} at least one outside"
    )
    few = null.outside <= max(2.0, 1.5 * null.outside_by_chance)
    where += ": an X or two is no finding." if few else "."
    if found.score.filters.brier_scale == 1:
        mcb, usual, rare = null.mcb, null.mcb_mean, null.mcb_95
    else:
        mcb, usual, rare = 2 * null.mcb, 2 * null.mcb_mean, 2 * null.mcb_95
    moved = tally.forecasts > tally.questions
    apart = (
        f"Distance from calibration {score_text(mcb)}{' per single forecast' if moved else ''};"
        f" {score_text(usual)} is usual for a calibrated forecaster, more than"
        f" {score_text(rare)} happens one time in twenty."
    )
    rounded = (
        ["Computed on probabilities rounded to 0.1%: there are more than 2,000 distinct ones."]
        if null.rounded
        else []
    )
    return [
        *reliability_diagram(points, width=width, level=level),
        *(prose(said, width, "  ") for said in (where, apart, *rounded)),
    ]


def _often(share: float) -> str:
    """Return how many forecasters that is, at the beginning of a sentence."""
    if 0.45 < share < 0.55:
        return "Half of all"
    if share >= 0.995:
        return "Nearly all"
    return f"{round(share * 100)} in 100"


def _bins(found: Calibration, width: int) -> list[str]:
    bins = found.bins
    if bins is None:
        return []
    rows = [
        Bin(
            first=row.first * 100 // PARTS,
            last=-(-row.last * 100 // PARTS) - (row.last < PARTS),
            questions=row.weight,
            said=row.mean,
            happened=row.share,
            low=row.low,
            high=row.high,
            outside=row.outside,
        )
        for row in bins.rows
    ]
    said = (
        f"{bins.outside} of {len(rows)} {'lies' if bins.outside == 1 else 'lie'} outside;"
        f" {amount(round(bins.outside_by_chance, 1))} would by chance."
    )
    if any(row.weight % 1 for row in bins.rows):
        said += (
            " (A question that was updated counts in each row by the share of its time it"
            " spent there.)"
        )
    return [*bins_table(rows, width, level=bins.level), prose(said, width, "  ")]


def _ece(found: Calibration, width: int) -> list[str]:
    ece = found.ece
    if ece is None:
        return []
    said = (
        f"Calibration error (ECE) {score_text(ece.ece)} over {count(ece.bins, 'bin')}, as asked:"
        f" {score_text(ece.expected)} would be expected if the probabilities are right. Squared and"
        f" freed of its bias {ece.debiased:+.4f}, which is below 0 half of the time for a"
        " calibrated forecaster. It depends on the bins; the distance from calibration does not."
    )
    return [prose(said, width)]


def _in_bin(found: Calibration, score: Score, width: int) -> list[str]:
    first, last = found.drawing.first, found.drawing.last
    if first is None or last is None:
        return []
    between = f"SAID BETWEEN {percent(first / PARTS)} AND {percent(last / PARTS)}"
    if not found.listed:
        return [between, "  nothing"]
    rows = [
        (
            f"{short_title(line.text)}{f' ({line.forecaster})' if score.pooled else ''}",
            [percent(line.probability), percent(line.share), line.outcome],
        )
        for line in found.listed
    ]
    return [between, *table(["question", "said", "of its time", "came"], rows, width)]


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
    few = tally.families < 30
    sentences: Sequence[str] = [
        sides_taken(tally, side="the side called likelier", right="every probability is right")
        if few
        else "",
        in_effect(tally),
        no_interval(tally),
    ]
    said = [prose(sentence, width, "  ") for sentence in sentences if sentence]
    return ["WHAT THIS CAN BEAR", *said] if said else []
