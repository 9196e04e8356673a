"""How much a score rests on, and what was left out of it."""

from __future__ import annotations

from forecast_ledger.ledger.crowd import UNSCHEDULED
from forecast_ledger.ledger.gathering import (
    ALTERNATIVE,
    CONTRADICTED,
    ENDED,
    HINDSIGHT,
    LATE,
    UNREAD,
    Filters,
)
from forecast_ledger.ledger.sampling import UNREACHED
from forecast_ledger.ledger.scores import Score, Tally
from forecast_ledger.ledger.state import DISPUTED, OPEN, OVERDUE
from forecast_ledger.reports.rules import OWN_SPAN, spoken, spoken_of
from forecast_ledger.reports.sentences import (
    prose,
)
from forecast_ledger.reports.terminal import (
    WIDTH,
    count,
    percent,
)


def nothing_scored(score: Score | None, width: int) -> str:
    """Return that nothing is scored, why, and what to do."""
    filters = score.filters if score else Filters()
    if score and filters.narrows_questions and not score.total_questions:
        return prose(
            "Nothing is scored: no question matches what was asked for. Leave an option out, or"
            " widen it.",
            width,
        )
    asked = filters.narrows_questions or filters.who or filters.sources
    said = (
        f"Nothing is scored yet: no question with a forecast that counts{_ASKED if asked else ''}"
        " is resolved. fl due lists what waits for its outcome; fl resolve KEY yes (or no) records"
        " one."
    )
    if score and score.left.questions.get("early") and not filters.claimed:
        said += " What was recorded only after the outcome is no part of this: --claimed counts it."
    return prose(said, width)


_ASKED = ", of those asked for,"


def counted_lines(score: Score, tally: Tally, width: int) -> list[str]:
    """Return how much a score rests on, on whose word, and what was left out."""
    said = (
        f"{count(tally.questions, 'question')} ({tally.yes:,} yes,"
        f" {tally.questions - tally.yes:,} no)"
    )
    if tally.families != tally.questions:
        said += f" on {events(tally)}"
    said += f"; {count(tally.forecasts, 'forecast')}"
    if tally.coverage is not None:
        span = spoken_of(tally).covered or OWN_SPAN
        said += f", standing for {percent(tally.coverage)} {span}"
    grades = ", ".join(f"{number:,} {grade}" for grade, number in score.grades.items())
    return [
        prose(said, width),
        *([prose(f"forecasts by grade: {grades}", width, "  ")] if grades else []),
        *left_block(score, width=width),
    ]


def events(tally: Tally) -> str:
    """Return how many events the questions turn on: `one event`, `3 separate events`."""
    return "one event" if tally.families == 1 else f"{tally.families:,} separate events"


def left_block(score: Score, indent: str = "  ", width: int = WIDTH) -> list[str]:
    """Return what was left out, a line for each reason; nothing if nothing was."""
    left, claimed = score.left, score.claimed
    reasons = [
        _left_questions(status, number, score)
        for status, number in left.questions.items()
        if status != score.about
    ]
    reasons += [_left_forecasts(reason, number) for reason, number in left.forecasts.items()]
    if claimed:
        reasons.append(
            f"{count(claimed.questions, 'question')} claimed: recorded after the outcome was"
            f" known, on somebody's word. {_named(claimed)}, kept apart;"
            " --claimed counts them in"
        )
    head = f"{indent}left out: "
    hang = " " * len(head)
    return [
        prose(reason, width, hang if place else head, f"{hang}  ")
        for place, reason in enumerate(reasons)
    ]


def _named(tally: Tally) -> str:
    """Return a mean with the name of its rule."""
    rule = spoken_of(tally)
    name = f"{rule.name[0].upper()}{rule.name[1:]}"
    return f"{name} {rule.with_unit(tally.score)}"


_STATUSES = {
    OPEN: "open",
    OVERDUE: "overdue: nobody has said yet how {} came out (fl due)",
    DISPUTED: "disputed: entries contradict each other (fl list --status disputed)",
    UNREACHED: "with no forecast at that moment, or no deadline to count back from",
    UNSCHEDULED: "without a deadline: this score divides by the time to it",
}


def _left_questions(status: str, number: int, score: Score) -> str:
    left = score.left
    questions = count(number, "question")
    if status != "early":
        said = _STATUSES.get(status, status)
        return f"{questions} {said.format('it' if number == 1 else 'they')}"
    ways = f" ({left.early_yes} yes, {left.early_no} no)"
    mean = ""
    if left.with_early is not None:
        them = "it" if number == 1 else "them"
        mean = f"; with {them} the mean would be {spoken(score.filters).text(left.with_early)}"
    return f"{questions} answered before the deadline{ways}, held back until it passes{mean}"


_FORECASTS = {
    HINDSIGHT: "made after the outcome was known: never scored",
    LATE: "made after the deadline: never scored",
    ALTERNATIVE: "that {} another reading of words scored already",
    CONTRADICTED: "disputed: two were made at the same moment",
    ENDED: "on a wording since replaced",
    UNREAD: "read out of a statement since taken back",
}


def _left_forecasts(reason: str, number: int) -> str:
    said = _FORECASTS.get(reason, reason)
    return f"{count(number, 'forecast')} {said.format('is' if number == 1 else 'are')}"


def in_effect(tally: Tally) -> str:
    """Return how many questions these are in effect, or nothing where each is its own."""
    if tally.families == tally.questions:
        return ""
    return f"{turn_on(tally)}."


def turn_on(tally: Tally) -> str:
    """Return on how many events the questions turn, without a full stop."""
    return (
        f"The {tally.questions:,} questions turn on {events(tally)}, so this is in effect"
        f" {count(tally.families, 'question')}"
    )
