"""The English and the blocks that several reports share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from forecast_ledger.domain.moments import When
from forecast_ledger.ledger.gathering import TIME_WEIGHTED, Filters
from forecast_ledger.ledger.scores import Left, Line, Score, Tally
from forecast_ledger.ledger.state import DISPUTED, OPEN, OVERDUE
from forecast_ledger.reports.terminal import (
    WIDTH,
    clip,
    count,
    day_of,
    percent,
    safe,
    when_text,
    width_of,
    wrap,
)

_SPELLED = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_ADDRESSES = ("http://", "https://")


def spelled(number: int) -> str:
    """Return a number up to ten as a word, a larger one in figures."""
    return _SPELLED[number] if 0 <= number < len(_SPELLED) else f"{number:,}"


def joined(parts: Sequence[str]) -> str:
    """Return parts as English lists them: `a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def chance(probability: float) -> str:
    """Return how often something happens: `one time in three`, `nine times in ten`."""
    if probability < 0.4:
        times = round(1 / probability) if probability > 1e-6 else 0
        if not times:
            return "less than one time in a million"
        rough = len(str(times)) - 2
        return f"one time in {spelled(round(times, -rough) if rough > 0 else times)}"
    if 0.45 < probability < 0.55:
        return "one time in two"
    if probability > 0.995:
        return "nearly always"
    if probability >= 0.95:
        return f"{round(probability * 100)} times in 100"
    return f"{spelled(round(probability * 10))} times in ten"


def prose(text: str, width: int = WIDTH, indent: str = "", hang: str | None = None) -> str:
    """Return text from anywhere as safe wrapped lines; only an address may be longer."""
    hang = indent if hang is None else hang
    room = max(8, width - max(width_of(indent), width_of(hang)))
    lines = [
        " ".join(piece for word in line.split() for piece in _pieces(word, room))
        for line in safe(text, lines=True).split("\n")
    ]
    return wrap("\n".join(lines), width, indent, hang)


def _pieces(word: str, room: int) -> list[str]:
    """Cut a word that fits no line. An address stays whole, so that it can be followed."""
    if width_of(word) <= room or word.startswith(_ADDRESSES):
        return [word]
    pieces = [""]
    for character in word:
        if width_of(pieces[-1] + character) > room:
            pieces.append("")
        pieces[-1] += character
    return pieces


def cell(text: str, width: int, lines: int = 3) -> list[str]:
    """Return text from anywhere as at most so many lines of a column, the last one cut off."""
    found = prose(" ".join(text.split()), width, hang="  ").split("\n")
    if len(found) <= lines:
        return found
    last = clip(found[lines - 1], width - 3).removesuffix("...")
    return [*found[: lines - 1], f"{last}..."]


def table(
    heads: Sequence[str],
    rows: Iterable[tuple[str, Sequence[str]]],
    width: int = WIDTH,
    align: str = "",
) -> list[str]:
    """Return a table whose first column wraps.

    `heads` names all columns; a row is its title and what stands beside it, to the right
    unless `align` has `<` for its column.
    """
    rows = list(rows)
    beside = [heads[1:], *(values for _, values in rows)]
    widths = [max(width_of(row[i]) for row in beside) for i in range(len(heads) - 1)]
    room = width - 2 - sum(size + 2 for size in widths)
    cells = [([heads[0]], heads[1:]), *((cell(title, room), values) for title, values in rows)]
    taken = max(width_of(line) for found, _ in cells for line in found)
    lines = []
    for found, values in cells:
        first = f"  {_padded(found[0], taken, '<')}"
        for i, (value, size) in enumerate(zip(values, widths, strict=True)):
            first += f"  {_padded(value, size, align[i : i + 1])}"
        lines += [first.rstrip(), *(f"  {more}" for more in found[1:])]
    return lines


def _padded(value: str, size: int, side: str) -> str:
    space = " " * (size - width_of(value))
    return f"{value}{space}" if side == "<" else f"{space}{value}"


def sides(left: str, right: str, width: int = WIDTH) -> list[str]:
    """Return two texts at the two ends of a line, or of two where one has no room."""
    space = width - width_of(left) - width_of(right)
    if space >= 2:
        return [f"{left}{' ' * space}{right}"]
    return [*prose(left, width).split("\n"), f"{' ' * (width - width_of(right))}{right}"]


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


def amount(value: float) -> str:
    """Return a count that updates may have made a fraction: `10`, `8.5`."""
    return f"{value:.1f}".removesuffix(".0")


def good_block(tally: Tally, level: float, subject: str, words: str = "the words") -> list[str]:
    """Return the mean with its scale, its range, what is expected, and the interval if any.

    `subject` is what may be right, as in "if the probabilities are right"; `words` are those
    the range depends on.
    """
    lines = [f"  Brier {score_text(tally.brier)}   scale 0 to 1: 0 is perfect, 0.25 always saying 50%"]
    if tally.low < tally.high:
        low, high = score_text(tally.low), score_text(tally.high)
        lines.append(f"        {low} to {high}, depending on how {words} are read")
    about = "" if tally.exact else "about "
    lines += [
        f"        {score_text(tally.expected)} would be expected if {subject} are right;",
        f"        {about}{score_text(tally.expected_low)} to {score_text(tally.expected_high)},"
        f" {chance(level)}",
    ]
    if tally.interval:
        low, high = map(score_text, tally.interval)
        lines.append(f"        {low} to {high} is the {level:.0%} interval, by chance alone")
    return lines


def sure_block(tally: Tally, level: float, width: int = WIDTH) -> list[str]:
    """Return average confidence against the hit rate, where the ledger gives it."""
    sure, right = tally.confidence, tally.hit_rate
    expected, low, high = tally.expected_hits, tally.hits_low, tally.hits_high
    if sure is None or right is None or expected is None or low is None or high is None:
        return []
    said = (
        f"Sure {percent(sure)} on average, right {percent(right)}: {amount(tally.hits)} of"
        f" {tally.questions} came out on the side called likelier. If the probabilities are"
        f" right, {amount(expected)} would be expected; {amount(low)} to {amount(high)},"
        f" {chance(level)}."
    )
    return ["TOO SURE, OR NOT SURE ENOUGH?", prose(said, width, "  ")]


def no_interval(tally: Tally) -> str:
    """Return why there is no interval, or nothing where there is one."""
    if tally.interval:
        return ""
    here = f"{count(tally.families, 'event')} and {_misses(tally.misses)}"
    return (
        "No interval: one that holds what it says needs 20 separate events and 5 misses"
        f" (outcomes on the side called less likely). Here are {here}."
    )


def _misses(misses: float) -> str:
    shown = amount(misses)
    return f"{shown} {'miss' if shown == '1' else 'misses'}"


def left_block(
    left: Left, claimed: Tally | None, indent: str = "  ", width: int = WIDTH
) -> list[str]:
    """Return what was left out, a line for each reason; nothing if nothing was."""
    reasons = [_left_questions(status, n, left) for status, n in left.questions.items()]
    reasons += [_left_forecasts(reason, n) for reason, n in left.forecasts.items()]
    if claimed:
        reasons.append(
            f"{count(claimed.questions, 'question')} claimed: recorded after the outcome was"
            f" known, on somebody's word. Brier {score_text(claimed.brier)}, kept apart;"
            " --claimed counts them in"
        )
    head = f"{indent}left out: "
    hang = " " * len(head)
    return [
        prose(reason, width, hang if place else head, f"{hang}  ")
        for place, reason in enumerate(reasons)
    ]


_STATUSES = {
    OPEN: "open",
    OVERDUE: "overdue: nobody has said yet how {} came out (fl due)",
    DISPUTED: "disputed: entries contradict each other (fl list --status disputed)",
}


def _left_questions(status: str, number: int, left: Left) -> str:
    questions = count(number, "question")
    if status != "early":
        said = _STATUSES.get(status, status)
        return f"{questions} {said.format('it' if number == 1 else 'they')}"
    ways = f" ({left.early_yes} yes, {left.early_no} no)"
    mean = ""
    if left.with_early is not None:
        mean = f"; with {'it' if number == 1 else 'them'} the mean would be {left.with_early:.3f}"
    return f"{questions} answered before the deadline{ways}, held back until it passes{mean}"


_FORECASTS = {
    "made after the outcome was known": "made after the outcome was known: never scored",
    "made after the deadline": "made after the deadline: never scored",
    "another reading": "that {} another reading of words scored already",
    "disputed": "disputed: two were made at the same moment",
    "on a wording since replaced": "on a wording since replaced",
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


def as_of(moment: datetime, zone: tzinfo) -> str:
    """Return the day a report speaks of."""
    return f"as of {day_of(moment, zone)}"


def footer(score: Score, *more: str, width: int = WIDTH) -> str:
    """Return the last line: policy, what else is needed to repeat it, the ledger's leaf."""
    parts = [f"policy {safe(score.filters.policy or TIME_WEIGHTED)}"]
    if score.filters.claimed:
        parts.append("claimed counted")
    parts += [part for part in more if part]
    parts.append(f"ledger {score.leaf[:8] or 'empty'}")
    return prose(" | ".join(parts), width, hang="  ")


def when_range(moments: Sequence[When], zone: tzinfo) -> str:
    """Return a day, or the first and last of several."""
    days = list(dict.fromkeys(when_text(moment, zone) for moment in moments))
    return days[0] if len(days) == 1 else f"between {days[0]} and {days[-1]}"
