"""The score of one forecaster, or of several beside each other and pooled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from forecast_ledger.ledger.scores import Score, Tally
from forecast_ledger.reports.sentences import (
    as_of,
    chosen,
    footer,
    good_block,
    left_block,
    no_interval,
    prose,
    score_text,
    sides,
    sure_block,
    table,
)
from forecast_ledger.reports.terminal import WIDTH, count, percent, rule, safe

_EARLY = (
    "All of this is early: these questions were answered before deadlines that still lie ahead,"
    " and nothing else is settled. What is answered early leans to one side, so this says"
    " little of how the forecasts will look when the deadlines have passed."
)
_CLAIMED = (
    "All of this is claimed: recorded after the outcomes were known, on somebody's word. None of"
    " it was witnessed by this ledger or published in time."
)


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


def about_line(score: Score) -> str:
    """Return what a report says first where it is about nothing ordinary, else nothing."""
    if score.tally is None:
        return ""
    return {"early": _EARLY, "claimed": _CLAIMED}.get(score.about, "")


def heading(score: Score, title: str, zone: tzinfo, width: int) -> list[str]:
    """Return the head of a report: what it is about, as of when, what was chosen."""
    first = about_line(score)
    narrowed = chosen(score.filters, zone)
    return [
        *([prose(first, width)] if first else []),
        *sides(title, as_of(score.as_of, zone), width),
        *([prose(narrowed, width, "  ")] if narrowed else []),
        rule(width),
    ]


def nothing_scored(width: int) -> str:
    """Return that nothing is scored, and what to do."""
    return prose(
        "Nothing is scored yet: no question with a forecast that counts is resolved. fl due lists"
        " what waits for its outcome; fl resolve KEY yes (or no) records one.",
        width,
    )


def counted_lines(score: Score, tally: Tally, width: int) -> list[str]:
    """Return how much a score rests on, on whose word, and what was left out."""
    said = f"{count(tally.questions, 'question')} ({tally.yes} yes, {tally.questions - tally.yes} no)"
    if tally.families != tally.questions:
        said += f" on {count(tally.families, 'separate event')}"
    said += f"; {count(tally.forecasts, 'forecast')}"
    if tally.coverage is not None:
        said += f", standing for {percent(tally.coverage)} of the time to the deadlines"
    grades = ", ".join(f"{number} {grade}" for grade, number in score.grades.items())
    return [
        prose(said, width),
        *([prose(f"forecasts by grade: {grades}", width, "  ")] if grades else []),
        *left_block(score.left, score.claimed, width=width),
    ]


def _alone(score: Score, zone: tzinfo, width: int) -> list[str]:
    title = f"Score of {score.subject}" if score.subject else "Score"
    if score.pooled:
        title = "Score of several forecasters, pooled"
    lines = heading(score, title, zone, width)
    tally, level = score.tally, score.filters.level
    if tally is None:
        lines += [nothing_scored(width), *left_block(score.left, score.claimed, width=width)]
        return [*lines, footer(score, width=width)]
    lines += [*counted_lines(score, tally, width), ""]
    lines += good_block(tally, level, "the probabilities")
    if why := no_interval(tally):
        lines.append(prose(why, width, "  "))
    if sure := sure_block(tally, level, width):
        lines += ["", *sure]
    return [*lines, "", footer(score, width=width)]


def _beside(
    scores: Sequence[Score], pooled: Score | None, zone: tzinfo, width: int
) -> list[str]:
    everything = [*scores, pooled] if pooled else [*scores]
    last = everything[-1]
    tallies = [score.tally for score in everything if score.tally]
    words = any(tally.low < tally.high for tally in tallies)
    intervals = any(tally.interval for tally in tallies)
    level = f"{last.filters.level:.0%}"
    heads = ["forecaster", "questions", "Brier", *(["by words"] if words else []), "expected"]
    heads += [f"{level} interval"] if intervals else []
    marked = len({score.about for score in everything if score.tally}) > 1
    rows = []
    for score in everything:
        name = "all of them, pooled" if score is pooled else score.subject
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
        lines += left_block(pooled.left, pooled.claimed, "", width)
    return [*lines, "", footer(last, width=width)]


def _figures(tally: Tally | None, *, words: bool, intervals: bool) -> list[str]:
    if tally is None:
        return ["0", *["" for _ in range(2 + words + intervals)]]
    figures = [str(tally.questions), score_text(tally.brier)]
    if words:
        figures.append(_ends(tally.low, tally.high) if tally.low < tally.high else "")
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
