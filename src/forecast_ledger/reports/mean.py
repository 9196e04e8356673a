"""What a mean score amounts to, in lines that several reports share."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from forecast_ledger.ledger.scores import CHOSEN_BY_ANSWERS, Score, Tally
from forecast_ledger.reports.rules import Spoken, spoken_of
from forecast_ledger.reports.sentences import (
    amount,
    chance,
    out_of,
    prose,
    spelled,
)
from forecast_ledger.reports.terminal import (
    WIDTH,
    count,
    percent,
)

if TYPE_CHECKING:
    from forecast_ledger.scoring.confidence import Confidence
    from forecast_ledger.scoring.scheduled import Scheduled


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


def answers_choose(tally: Tally, policy: str) -> bool:
    """Whether by this policy the moment of an answer chooses which forecasts count."""
    return policy in CHOSEN_BY_ANSWERS or (policy == "daily" and tally.bent)


def bent_by_answers(tally: Tally, policy: str) -> str:
    """Return the warning where the moments that count depend on when the answer came."""
    if spoken_of(tally).covered:
        return ""
    if answers_choose(tally, policy):
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


def is_expected_bent(tally: Tally, policy: str) -> bool:
    """Whether answers bend what would be expected of the mean, by whatever way."""
    return tally.bent or bool(bent_by_answers(tally, policy))


def _ends(low: float, high: float) -> str:
    return f"{score_text(low)} to {score_text(high)}"


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
    """Whether words allow more than one score; one that is undefined at both ends is one.

    >>> differ(0.1, 0.2), differ(0.1, 0.1), differ(float("nan"), float("nan"))
    (True, False, False)
    """
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
