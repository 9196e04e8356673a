"""The score of one forecaster, or of several beside each other and pooled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from forecast_ledger.ledger.scores import Score, Tally
from forecast_ledger.reports.blocks import (
    as_read,
    counted_lines,
    footer,
    good_block,
    heading,
    left_block,
    no_interval,
    nothing_scored,
    score_text,
    sure_block,
)
from forecast_ledger.reports.sentences import prose, table
from forecast_ledger.reports.terminal import WIDTH


def render_scores(
    scores: Sequence[Score], pooled: Score | None, *, zone: tzinfo, width: int = WIDTH
) -> str:
    """Return the score of one forecaster as a block, of several as a line each.

    `pooled` is the score of all together: the last line, labelled so. Without `scores` it
    says what was left out.
    """
    if len(scores) > 1:
        return "\n".join(_beside(scores, pooled, zone, width))
    score = scores[0] if scores else pooled
    if score is None:
        return nothing_scored(width)
    return "\n".join(_alone(score, zone, width))


def _alone(score: Score, zone: tzinfo, width: int) -> list[str]:
    title = f"Score of {score.subject}" if score.subject else "Score"
    if score.pooled:
        title = "Score of several forecasters, pooled"
    lines = heading(score, title, zone, width)
    tally, level = score.tally, score.filters.level
    if tally is None:
        lines += [nothing_scored(width), *left_block(score, width=width)]
        return [*lines, footer(score, width=width)]
    lines += [*counted_lines(score, tally, width), ""]
    lines += good_block(tally, level, "the probabilities are")
    if why := no_interval(tally):
        lines.append(prose(why, width, "  "))
    if sure := sure_block(tally, level, width):
        lines += ["", *sure]
    return [*lines, "", footer(score, width=width)]


def _beside(scores: Sequence[Score], pooled: Score | None, zone: tzinfo, width: int) -> list[str]:
    everything = [*scores, pooled] if pooled else [*scores]
    last = everything[-1]
    tallies = [score.tally for score in everything if score.tally]
    words = any(tally.best < tally.worst for tally in tallies)
    intervals = any(tally.interval for tally in tallies)
    level = f"{last.filters.level:.0%}"
    heads = ["forecaster", "questions", "Brier", *(["by words"] if words else []), "expected"]
    heads += [f"{level} interval"] if intervals else []
    marked = len({score.about for score in everything if score.tally}) > 1
    rows = []
    for score in everything:
        name = "all of them, pooled"
        if score is not pooled:
            name = as_read(score.subject, score.coded)
        mark = f" ({score.about})" if marked and score.about != "counted" else ""
        rows.append((f"{name}{mark}", _figures(score.tally, words=words, intervals=intervals)))
    title = f"Scores of {len(scores)} forecasters"
    lines = [*heading(last, title, zone, width), *table(heads, rows, width), ""]
    lines.append(prose(_legend(words=words), width))
    if not intervals:
        lines.append(
            prose(
                "No intervals: one that holds what it says needs 20 separate events and 5 misses.",
                width,
            )
        )
    if pooled:
        lines.append(
            prose(
                "Pooled is nobody's score: a question that two answered counts twice in it.",
                width,
            )
        )
        lines += left_block(pooled, "", width)
    return [*lines, "", footer(last, width=width)]


def _figures(tally: Tally | None, *, words: bool, intervals: bool) -> list[str]:
    if tally is None:
        return ["0", *["" for _ in range(2 + words + intervals)]]
    figures = [str(tally.questions), score_text(tally.score)]
    if words:
        figures.append(_ends(tally.best, tally.worst) if tally.best < tally.worst else "")
    figures.append(score_text(tally.expected))
    if intervals:
        figures.append(_ends(*tally.interval) if tally.interval else "")
    return figures


def _ends(low: float, high: float) -> str:
    return f"{score_text(low)}-{score_text(high)}"


def _legend(*, words: bool) -> str:
    by_words = " By words: the range the reading of words allows." if words else ""
    return (
        "Brier: 0 is perfect, 0.25 always saying 50%, 1 the worst."
        f"{by_words} Expected: the score to be expected if the probabilities are right."
    )
