"""Calibration of one forecaster, no more than so many questions can bear."""

from __future__ import annotations

from datetime import tzinfo
from math import fsum
from typing import TYPE_CHECKING

from forecast_ledger.ledger.calibration import Calibration
from forecast_ledger.ledger.scores import Score, Tally
from forecast_ledger.reports.bearing import counts_events, not_shown, unit_of
from forecast_ledger.reports.bins import Bin, bins_table
from forecast_ledger.reports.counted import counted_lines, in_effect, left_block, nothing_scored
from forecast_ledger.reports.diagram import Point, reliability_diagram
from forecast_ledger.reports.frame import footer, heading
from forecast_ledger.reports.listing import listed
from forecast_ledger.reports.mean import (
    contradicted,
    good_block,
    no_interval,
    score_text,
    sides_taken,
)
from forecast_ledger.reports.score import leaning
from forecast_ledger.reports.sentences import (
    amount,
    joined,
    out_of,
    prose,
    short_title,
    table,
)
from forecast_ledger.reports.terminal import WIDTH, count, percent
from forecast_ledger.reports.too_sure import too_sure_block

if TYPE_CHECKING:
    from forecast_ledger.scoring.band import CalibrationNull
    from forecast_ledger.scoring.bins import Bin as Row
    from forecast_ledger.scoring.bins import Bins

LISTED = 40
"""Questions that are all listed; of more only the largest misses."""
LARGEST_MISSES = 10
FEW = 30
"""Events below which it is said on how many questions the likelier side was the wrong one."""
USUAL = 0.25
"""The share of calibrated forecasters with a point outside from which one is no finding."""
PARTS = 1_000_000_000
_POOLED = (
    "Pooled is nobody's calibration: a question that two answered counts as two questions, though"
    " as one event. --who NAME gives one forecaster."
)


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
        lines += [nothing_scored(score, width), *left_block(score, width=width)]
        return "\n".join([*lines, footer(score, width=width)])
    blocks = [
        [
            *counted_lines(score, tally, width),
            *(prose(said, width) for said in leaning(score)),
            *([prose(_POOLED, width)] if score.pooled else []),
        ],
        [
            "HOW GOOD",
            *_within(
                good_block(tally, score.filters.level, "the probabilities are", width=width), width
            ),
            *_taken_apart(found),
        ],
        too_sure_block(found, tally, width),
        _diagram(found, tally, width),
        _bins(found, tally, width),
        _ece(found, width),
        _in_bin(found, score, width),
        _questions(score, width),
        _bearing(found, tally, width),
        not_shown(found, tally, width),
    ]
    for block in blocks:
        if block:
            lines += [*block, ""]
    drawn = (f"seed {found.drawing.seed}", f"draws {found.drawing.draws:,}") if found.null else ()
    # Of several forecasters one question may count several times.
    of = count(score.total_questions, "question")
    counted = "" if score.pooled else f"{tally.questions:,} of {of}"
    return "\n".join([*lines, footer(score, *drawn, counted, width=width)])


def _within(lines: list[str], width: int) -> list[str]:
    """Return lines with those that are too long wrapped."""
    return [
        line
        if len(line) <= width
        else prose(line, width, " " * (len(line) - len(line.lstrip())), " " * 8)
        for line in lines
    ]


def _taken_apart(found: Calibration) -> list[str]:
    """Return the Brier score as what it is made of, where that can be borne."""
    parts = found.decomposition
    if parts is None:
        return []
    tally = found.score.tally
    by = tally.scheduled if tally else None
    first = [f"        {score_text(parts.score)}, by the time to the deadlines, is"] if by else []
    return [
        *first,
        f"     =  {score_text(parts.mcb)}   distance from calibration",
        f"     -  {score_text(parts.dsc)}   discrimination: how well yes is told from no",
        f"     +  {score_text(parts.unc)}   uncertainty of the questions themselves",
    ]


def _diagram(found: Calibration, tally: Tally, width: int) -> list[str]:
    null = found.null
    if null is None:
        return []
    points = [
        Point(said=p.said, happened=p.happened, low=p.low, high=p.high, weight=p.weight)
        for p in found.curve
    ]
    once = " (each question taken at one moment)" if tally.forecasts > tally.questions else ""
    apart = (
        f"The marks' distance from the diagonal is {score_text(null.mcb)}{once}:"
        f" {score_text(null.mcb_mean)} is usual for a calibrated forecaster, more than"
        f" {score_text(null.mcb_95)} happens 1 time in 20."
    )
    rounded = (
        "Computed on probabilities rounded to 0.1%: there are more than 2,000 distinct ones."
        if null.rounded
        else ""
    )
    level = found.score.filters.level
    return [
        *reliability_diagram(points, width=width, level=level, unit=unit_of(tally)),
        *(prose(said, width, "  ") for said in (_outside(null), apart, rounded) if said),
    ]


def _outside(null: CalibrationNull) -> str:
    """Return how many points lie outside the band, beside how many would by chance."""
    points, outside = len(null.points), null.outside
    who, several = _calibrated(null.somewhere)
    if points == 1:
        where = "outside" if outside else "inside"
        so = ", by so little that other draws may take it in" if null.narrowly else ""
        return f"The one number said lies {where}{so}. By chance it lies outside for {who}."
    said = (
        f"Of {points:,} different numbers said {outside:,} {'lies' if outside == 1 else 'lie'}"
        f" outside{_narrowly(null)}; {_by_chance(null.outside_by_chance)}."
        f" {who[0].upper()}{who[1:]} {'have' if several else 'has'} at least one outside"
    )
    usual = null.somewhere >= USUAL and outside <= max(2.0, 1.5 * null.outside_by_chance)
    return f"{said}: an X or two is no finding." if outside and usual else f"{said}."


def _narrowly(null: CalibrationNull) -> str:
    """Return how many lie outside by the luck of the draws, perhaps."""
    if not null.narrowly:
        return ""
    which = "it" if null.outside == 1 else "all" if null.narrowly == null.outside else ""
    which = which or f"{null.narrowly:,} of them"
    return f", {which} by so little that other draws (--seed) may take {_them(null)} in"


def _them(null: CalibrationNull) -> str:
    return "it" if null.narrowly == 1 else "them"


def _by_chance(number: float) -> str:
    shown = amount(round(number, 1))
    return "hardly any would by chance" if shown == "0" else f"about {shown} would by chance"


def _calibrated(share: float) -> tuple[str, bool]:
    """Return how many calibrated forecasters a share of all is, and whether several."""
    if share < 0.005:
        return "hardly any calibrated forecaster", False
    if share >= 0.995:
        return "nearly all calibrated forecasters", True
    if 0.45 < share < 0.55:
        return "half of all calibrated forecasters", True
    hundredths = round(share * 100)
    return f"{hundredths} in 100 calibrated forecasters", hundredths > 1


def _bins(found: Calibration, tally: Tally, width: int) -> list[str]:
    bins = found.bins
    if bins is None:
        return []
    rows = [
        Bin(
            first=row.first * 100 // PARTS,
            last=_last(row),
            weight=row.weight,
            said=row.mean,
            happened=row.share,
            low=row.low,
            high=row.high,
            outside=row.outside,
        )
        for row in bins.rows
    ]
    many = bins.outside != 1
    where = f"{bins.outside} of {len(rows)} rows {'lie' if many else 'lies'} outside"
    if len(rows) == 1:
        where = f"The only row lies {'inside' if many else 'outside'}"
    out = f"{where}; {_by_chance(bins.outside_by_chance)}. {_shared(tally)}"
    return [
        *bins_table(rows, width, level=bins.level, unit=unit_of(tally)),
        *(prose(said, width, "  ") for said in (out, _single_rows(found.strict)) if said),
    ]


def _last(row: Row) -> int:
    """Return the last whole percent of a row."""
    return row.last * 100 // PARTS


def _shared(tally: Tally) -> str:
    """Return how what stood in several rows counts in each."""
    if unit_of(tally) == "event":
        return (
            "(An event counts in each row by the share of its questions, and of their time, that"
            " stood there.)"
        )
    if tally.forecasts == tally.questions:
        return ""
    return (
        "(A question that was updated counts in each row by the share of its time that it spent"
        " there.)"
    )


def _single_rows(strict: Bins | None) -> str:
    """Return which rows stand out among all, or how far off one would have to be."""
    if strict is None:
        return ""
    rows = strict.rows
    out = [row for row in rows if row.outside]
    # Of the chance that the level leaves open, each row was given its part.
    rare = out_of((1 - strict.level) * len(rows), "times in")
    if out:
        which = joined(
            [
                f"{row.first * 100 // PARTS}-{_last(row)}% (said {percent(row.mean)}, happened"
                f" {percent(row.share)})"
                for row in out
            ]
        )
        return (
            f"Too far off for chance, with {count(len(rows), 'row')} looked at: {which}. A"
            f" calibrated forecaster has any row so far off {rare} or less."
        )
    reach = [100 * max(row.mean - row.low, row.high - row.mean) for row in rows]
    least, most = f"{min(reach):.0f}", f"{max(reach):.0f}"
    least = f"{least} points in the row that tells most and {most} in the one that tells least"
    return (
        f"No single row is too far off for chance, with {count(len(rows), 'row')} looked at. It"
        f" would take {least if len(rows) > 1 else f'{most} points'}."
    )


def _ece(found: Calibration, width: int) -> list[str]:
    ece = found.ece
    if ece is None:
        return []
    said = (
        f"Calibration error (ECE) {score_text(ece.ece)} over {count(ece.bins, 'bin')}, as asked:"
        f" {score_text(ece.expected)} would be expected if the probabilities are right. Squared and"
        f" freed of its bias {ece.debiased:+.4f}, which is below 0 about half of the time for a"
        " calibrated forecaster. It depends on the bins; the marks' distance from the diagonal does"
        " not."
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
    listed = table(["question", "said", "of its time", "came"], rows, width)
    return [between, *listed, prose(_bin_together(found), width, "  ")]


def _bin_together(found: Calibration) -> str:
    """Return how many questions a bin lists, and how often they came yes, by weight."""
    weight = fsum(line.share for line in found.listed)
    yes = fsum(line.share for line in found.listed if line.outcome == "yes") / weight
    number = len(found.listed)
    by = ", each counted by the share of its time" if weight < number - 1e-9 else ""
    return f"{count(number, 'question')}, yes {percent(yes)}{by}. Both ends of the range are in it."


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


def _bearing(found: Calibration, tally: Tally, width: int) -> list[str]:
    score = found.score
    few = tally.families < FEW
    sentences = [
        sides_taken(tally, side="the side called likelier", right="every probability is right")
        if few
        else "",
        in_effect(tally) if found.sure is None else counts_events(tally),
        contradicted(score) if found.spiegelhalter is None else "",
        no_interval(tally),
    ]
    said = [prose(sentence, width, "  ") for sentence in sentences if sentence]
    return ["WHAT THIS CAN BEAR", *said] if said else []
