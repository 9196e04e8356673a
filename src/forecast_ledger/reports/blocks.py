"""Blocks of lines about a score that several reports share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from math import isnan
from typing import TYPE_CHECKING

from forecast_ledger.domain.probability import format_probability
from forecast_ledger.ledger.coded import Coded
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
from forecast_ledger.ledger.scores import CHOSEN_BY_ANSWERS, Line, Score, Tally
from forecast_ledger.ledger.state import DISPUTED, OPEN, OVERDUE
from forecast_ledger.reports.rules import OWN_SPAN, Spoken, spoken
from forecast_ledger.reports.sentences import (
    amount,
    as_of,
    chance,
    days_text,
    joined,
    out_of,
    prose,
    short_title,
    sides,
    spelled,
    table,
)
from forecast_ledger.reports.terminal import (
    WIDTH,
    count,
    percent,
    rule,
    safe,
    when_text,
    width_of,
)

if TYPE_CHECKING:
    from forecast_ledger.scoring.confidence import Confidence
    from forecast_ledger.scoring.scheduled import Scheduled

_EARLY = (
    "All of this is early: these questions were answered before deadlines that still lie ahead,"
    " and nothing else that counts is settled. What is answered early leans to one side: this says"
    " little of how the forecasts will look when the deadlines have passed."
)
_CLAIMED = (
    "All of this is claimed: recorded after the outcomes were known, on somebody's word. None of"
    " it was witnessed by this ledger or published in time."
)


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
        *([prose(read, width)] if (read := _whose_numbers(score, zone)) else []),
    ]


def _whose_numbers(score: Score, zone: tzinfo) -> str:
    """Return whose numbers are scored where a coder gave them, else nothing."""
    coded = score.coded
    if score.tally is None or not coded.coded:
        return ""
    whole = coded.coded == coded.forecasts
    which = "Each probability" if whole else f"{coded.coded:,} of {coded.forecasts:,} probabilities"
    verb = "is" if whole or coded.coded == 1 else "are"
    author = possessive(score.subject) if score.subject else "the forecasters'"
    when = f", written {days_text(coded.on, zone)}" if coded.on else ""
    blind = blindness(coded.outcomes, coded.not_blind)
    return (
        f"{which} {verb} {possessive(joined(coded.coders))} reading of {author} words{when}{blind}"
    )


def possessive(name: str) -> str:
    """Return a name as the owner of what follows."""
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def blindness(outcomes: int, known: int) -> str:
    """Return whether `known` of these outcomes were known when words were read, as an ending."""
    if not known:
        return ", before any outcome on file was known."
    if known < outcomes:
        which = f"{known} of these {outcomes} outcomes {'was' if known == 1 else 'were'}"
    else:
        which = "the outcome was" if outcomes == 1 else "every outcome was"
    return f", when {which} known: not blind."


def as_read(name: str, coded: Coded) -> str:
    """Return a forecaster's name with that of whoever read the numbers scored as theirs."""
    if not coded.coded:
        return name
    part = "" if coded.coded == coded.forecasts else "in part "
    return f"{name}, {part}as read by {joined(coded.coders)}"


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


def no_side(tally: Tally) -> bool:
    """Whether all was said at 50%, so that no side was ever called likelier."""
    if tally.sure:
        return abs(tally.sure.confidence - 0.5) < _SAME
    at_evens = 0.25 * tally.brier_scale
    return tally.rule == "brier" and abs((tally.expected or 0.0) - at_evens) < _SAME


_SAME = 1e-12


def contradicted(score: Score) -> str:
    """Return that a 0% or 100% failed, which any number of questions can bear, else nothing."""
    worst = score.worst(1)
    if score.filters.rule != "brier" or not worst:
        return ""
    line = worst[0]
    if line.score < score.filters.brier_scale * (1 - _SAME):
        return ""
    if line.outcome == "yes":
        return "Too sure at least once: something called impossible (0%) happened."
    return "Too sure at least once: something called certain (100%) did not happen."


def score_text(value: float) -> str:
    """Return a mean Brier score: three decimals."""
    return f"{value:.3f}"


def line_score(value: float) -> str:
    """Return the Brier score of one question: four decimals."""
    return f"{value:.4f}"


def range_text(line: Line) -> str:
    """Return what the words of a question allow, `15-30`, or nothing if numbers were given."""
    if line.low == line.high:
        return ""
    return f"{percent(line.low).rstrip('%')}-{percent(line.high)}"


def good_block(
    tally: Tally, level: float, subject: str, words: str = "the words", width: int = WIDTH
) -> list[str]:
    """Return the mean with its scale, its range, what is expected, and the interval if any.

    `subject` completes "if ... right", as "the probabilities are"; `words` are those the
    range depends on.
    """
    rule = spoken_of(tally)
    if tally.rule != "brier":
        return _by_rule(tally, rule, subject, words, width)
    lines = [f"  Brier {score_text(tally.score)}   {rule.scale}"]
    if tally.best < tally.worst:
        lines.append(f"        {_ends(tally.best, tally.worst)}, depending on how {words} are read")
    if tally.scheduled is not None:
        lines.append(_by_scheduled_time(tally.scheduled, level, subject, width))
        return [*lines, *_interval(tally, level)]
    assert tally.expected is not None  # noqa: S101 - of the Brier score it always is there
    assert tally.expected_range is not None  # noqa: S101 - nor is this ever missing
    about = "" if tally.exact else "about "
    low, high = tally.expected_range
    would = f"        {score_text(tally.expected)} would be expected if {subject} right"
    if no_side(tally):
        lines.append(f"{would}, whatever happens")
    elif low == high and abs(low - tally.expected) < _SAME:
        lines.append(f"{would}, and nothing else")
    elif low == high:
        often = out_of(level, "times in")
        lines += [f"{would};", f"        {about}{score_text(low)} at least {often}"]
    else:
        often = out_of(level, "times in")
        lines += [f"{would};", f"        {about}{_ends(low, high)}, {often}"]
    return [*lines, *_interval(tally, level)]


def _interval(tally: Tally, level: float) -> list[str]:
    if not tally.interval:
        return []
    whose = f"the {percent(level)} interval of {score_text(tally.score)}"
    if tally.scheduled is None:
        whose = f"its {percent(level)} interval"
    return [f"        {_ends(*tally.interval)} is {whose}"]


def _by_scheduled_time(found: Scheduled, level: float, subject: str, width: int) -> str:
    """Return what would be expected, by time that no answer bends."""
    about = "" if found.exact else "about "
    return prose(
        "Time without a forecast, as after an early answer, bends what to expect of this. By the"
        " time to the deadlines, each"
        f" event once, it is {score_text(found.score)}; {score_text(found.expected)} would be"
        f" expected if {subject} right; {about}{_ends(found.low, found.high)},"
        f" {out_of(level, 'times in')}.",
        width,
        "        ",
    )


def bent_by_answers(tally: Tally, policy: str) -> str:
    """Return the warning where the moments that count depend on when the answer came."""
    if tally.expected is None:
        return ""
    if policy in CHOSEN_BY_ANSWERS:
        return (
            f"Which forecasts the policy {policy} counts depends on when the answer came. Where yes"
            " can come early and no only at the deadline, even a calibrated forecaster then looks"
            " off: compare with --policy first, or 'at 30d'."
        )
    if not tally.undated:
        return ""
    one = tally.undated == 1
    return (
        f"{count(tally.undated, 'updated question')} {'has' if one else 'have'} no deadline:"
        f" {'its' if one else 'their'} forecasts count up to the answer. Where yes ends a question"
        " early, even a calibrated forecaster then looks off: give deadlines, or compare with"
        " --policy first."
    )


def _ends(low: float, high: float) -> str:
    return f"{score_text(low)} to {score_text(high)}"


def spoken_of(tally: Tally) -> Spoken:
    """Return how the scores of a tally are written."""
    return spoken(Filters(rule=tally.rule, brier_scale=tally.brier_scale))


def _by_rule(tally: Tally, rule: Spoken, subject: str, words: str, width: int) -> list[str]:
    """Return the mean by another rule than the Brier score, which has no interval."""
    said = f"{rule.name} {rule.with_unit(tally.score)}"
    if tally.impossible:
        said += f": {infinite(tally, rule)}"
    lines = [f"{said}; {rule.scale}"]
    if differ(tally.best, tally.worst):
        ends = sorted((tally.best, tally.worst))
        lines.append(f"{' to '.join(map(rule.text, ends))}, depending on how {words} are read")
    if tally.expected is not None:
        lines.append(f"{rule.text(tally.expected)} would be expected if {subject} right")
    elif tally.bent:
        lines.append(NOT_EXPECTED)
    return [prose(line, width, "  ", "    ") for line in lines]


def differ(best: float, worst: float) -> bool:
    """Whether words allow more than one score; one that is undefined at both ends is one."""
    return best != worst and not (isnan(best) and isnan(worst))


NOT_EXPECTED = (
    "what would be expected is not said: time without a forecast, as after an early answer,"
    " bends it"
)


def infinite(tally: Tally, rule: Spoken) -> str:
    """Return on how many questions a score is infinite, and the mean over the others."""
    who = "what happened had been called impossible"
    if rule.compares:
        who = "somebody had called impossible what happened"
    here = f"on {count(tally.impossible, 'question')} {who}"
    if tally.possible is None:
        return here
    others = tally.questions - tally.impossible
    return f"{here}; over the other {others:,} it is {rule.with_unit(tally.possible)}"


def sure_block(tally: Tally, level: float, width: int = WIDTH) -> list[str]:
    """Return average confidence against the hit rate, where the ledger gives it."""
    said = sure_sentence(tally, level)
    return ["TOO SURE, OR NOT SURE ENOUGH?", prose(said, width, "  ")] if said else []


def sure_sentence(tally: Tally, level: float) -> str:
    """Return average confidence beside the hit rate, or nothing where there are too few."""
    sure = tally.sure
    if sure is None:
        return ""
    if no_side(tally):
        return "All was said at 50%, which takes no side: there is nothing to be right about."
    events = " events" if tally.families != tally.questions else ""
    if sure.questions < tally.families * (1 - _SAME):
        events += f" ({SHARES})"
    return (
        f"Sure {percent(sure.confidence)} on average, right {percent(sure.hit_rate)}:"
        f" {amount(sure.hits)} of {amount(sure.questions)}{events} came out on the side called"
        f" likelier. If the probabilities are right, {amount(sure.expected_hits)} would be expected"
        f"{_hits_range(sure, level)}."
    )


def _hits_range(sure: Confidence, level: float) -> str:
    """Return how far chance takes the hits, as an ending."""
    often = out_of(level, "times in")
    if sure.low < sure.high:
        return f"; {amount(sure.low)} to {amount(sure.high)}, {often}"
    if abs(sure.low - sure.expected_hits) < _SAME * sure.questions:
        return ", and nothing else"
    return f"; {amount(sure.low)} at least {often}"


SHARES = "each counting by the share of its time with a forecast"
INTERVALS = "Intervals are given for the Brier score only, from 20 events and 5 misses."


def no_interval(tally: Tally) -> str:
    """Return why there is no interval, or nothing where there is one."""
    if tally.interval:
        return ""
    if tally.rule != "brier":
        return INTERVALS
    came = tally.misses if tally.family_misses is None else tally.family_misses
    here = f"{count(tally.families, 'event')} and {_misses(came)}"
    needs = (
        "No interval: one that holds what it says needs 20 separate events and 5 misses"
        " (outcomes on the side called less likely)"
    )
    if tally.expected_misses is not None and tally.families >= 20 and came >= 5:
        expected = _misses(tally.expected_misses)
        return f"{needs} that were to be expected. Here {expected} would be, by what was said."
    if abs(came - tally.misses) > _SAME * tally.questions:
        once = tally.families != tally.questions
        here += f"{', each event counting once' if once else ''}"
        here += f", {SHARES}" if tally.partial else ""
    return f"{needs}. So far: {here}."


def _misses(misses: float) -> str:
    shown = amount(misses)
    return f"{shown} {'miss' if shown == '1' else 'misses'}"


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


def chosen(filters: Filters, zone: tzinfo) -> str:
    """Return in words which forecasts a report was asked for, or nothing if all."""
    parts = []
    for name, values in (
        ("source", filters.sources),
        ("tag", filters.tags),
        ("family", filters.families),
    ):
        if values:
            parts.append(f"{name} {' or '.join(map(safe, values))}")
    if filters.known_since:
        parts.append(f"known since {when_text(filters.known_since, zone)}")
    if filters.known_until:
        parts.append(f"known until {when_text(filters.known_until, zone)}")
    return ", ".join(parts)


def footer(score: Score, *more: str, width: int = WIDTH) -> str:
    """Return the last line: policy, what else is needed to repeat it, the ledger's leaf."""
    filters = score.filters
    rule = spoken(filters)
    parts = [] if rule.covered else [f"policy {safe(filters.policy)}"]
    if filters.rule != "brier":
        parts.append(f"rule {filters.rule}")
    elif filters.brier_scale != 1:
        parts.append(f"Brier scale 0 to {filters.brier_scale}")
    if filters.log_floor:
        parts.append(f"log floor {format_probability(filters.log_floor)}")
    if filters.claimed:
        parts.append("claimed counted")
    parts += [part for part in more if part]
    parts.append(f"ledger {score.leaf[:8] or 'empty'}")
    lines = [parts[0]]
    for part in parts[1:]:
        if width_of(f"{'' if len(lines) == 1 else '  '}{lines[-1]} | {part}") <= width:
            lines[-1] += f" | {part}"
        else:
            lines[-1] += " |"
            lines.append(part)
    return "\n".join(
        prose(line, width, "  " if place else "", "  ") for place, line in enumerate(lines)
    )


def listed(
    lines: Sequence[Line],
    *,
    pooled: bool = False,
    width: int = WIDTH,
    rule: Spoken | None = None,
) -> list[str]:
    """Return a table of questions: what was said of yes, its range, the outcome, the score.

    Rules that look at a question's window have a column for how much of it was covered.
    """
    rule = rule or spoken(Filters())
    words = any(line.low < line.high for line in lines)
    heads = ["question", "said", *(["range"] if words else []), "came"]
    heads += [*(["covered"] if rule.covered else []), rule.name]
    rows = []
    for line in lines:
        who = f" ({line.forecaster})" if pooled else ""
        ranges = [range_text(line)] if words else []
        share = "" if line.coverage is None else percent(line.coverage)
        figures = [percent(line.probability), *ranges, line.outcome]
        figures += [*([share] if rule.covered else []), rule.text(line.score, more=1)]
        rows.append((f"{short_title(line.text)}{who}", figures))
    return table(heads, rows, width)


def sides_taken(tally: Tally, *, side: str, right: str) -> str:
    """Return how many questions came out on the side called likelier, and how often that is.

    `side` names that side, as in "the side called likelier"; `right` is what would have to
    be right, as in "every probability is right".
    """
    number = tally.questions
    if no_side(tally):
        return "All was said at 50%, which takes no side."
    if tally.misses:
        which = f"{amount(tally.misses)} of {count(number, 'question')}"
        which = "It" if number == tally.misses == 1 else which
        weighed = ", counted by the time each forecast stood" if tally.misses % 1 else ""
        return f"{which} came out against {side}{weighed}."
    every = {1: "It came", 2: "Both came"}.get(number, f"All {spelled(number)} came")
    said = f"{every} out on {side}."
    if amount(tally.hits) != f"{number:,}":
        said = f"None came out against {side}."
    if tally.all_right is None:
        return said
    separate = f" and the {spelled(number)} are separate" if number > 1 else ""
    return f"{said} If {right}{separate}, that happens {chance(tally.all_right)}."


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
