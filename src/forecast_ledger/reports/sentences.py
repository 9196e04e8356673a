"""English and layout that several reports share: numbers in words, prose, tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from forecast_ledger.domain.days import MONTH_NAMES
from forecast_ledger.domain.moments import When
from forecast_ledger.reports.terminal import (
    WIDTH,
    clip,
    day_of,
    safe,
    when_text,
    width_of,
    wrap,
)

_SPELLED = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
# A month beside a number: "30 June", "March 2027"; "Will May resign?" is left alone.
_MONTH = re.compile(rf"(?<=\d )(?:{'|'.join(MONTH_NAMES)})\b|\b(?:{'|'.join(MONTH_NAMES)})(?= \d)")
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
    """Return roughly how often something happens: `1 time in 3`, `6 times in 10`."""
    if probability < 0.4:
        times = round(1 / probability) if probability > 1e-6 else 0
        if not times:
            return "less than 1 time in 1,000,000"
        rough = len(str(times)) - 2
        return f"1 time in {round(times, -rough) if rough > 0 else times:,}"
    if 0.45 < probability < 0.55:
        return "1 time in 2"
    if probability > 0.995:
        return "nearly always"
    if probability >= 0.95:
        return f"{round(probability * 100)} times in 100"
    return f"{round(probability * 10)} times in 10"


def out_of(level: float, noun: str = "in") -> str:
    """Return a level exactly, as so many out of ten, or of a hundred.

    >>> out_of(0.9), out_of(0.95, "times in"), out_of(0.999), out_of(1 - 0.9, "times in")
    ('9 in 10', '95 times in 100', '99.9 in 100', '1 time in 10')
    """
    whole = 10 if round(level * 10, 6) % 1 == 0 else 100
    number = f"{level * whole:g}"
    return f"{number} {noun.replace('times', 'time') if number == '1' else noun} {whole}"


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
    return [*found[: lines - 1], clip(f"{found[lines - 1]}...", width)]


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
    room = max(8, width - 2 - sum(size + 2 for size in widths))
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
    left = safe(left)
    space = width - width_of(left) - width_of(right)
    if space >= 2:
        return [f"{left}{' ' * space}{right}"]
    return [*prose(left, width).split("\n"), f"{' ' * (width - width_of(right))}{right}"]


def short_title(text: str) -> str:
    """Return a question as a table names it: on one line, the months of its dates short."""
    return _MONTH.sub(lambda match: match[0][:3], " ".join(text.split()))


def amount(value: float) -> str:
    """Return a count that updates may have made a fraction: `10`, `8.5`, `1,480.2`."""
    return f"{value:,.1f}".removesuffix(".0")


def as_of(moment: datetime, zone: tzinfo) -> str:
    """Return the day a report speaks of."""
    return f"as of {day_of(moment, zone)}"


def days_text(moments: Sequence[When], zone: tzinfo) -> str:
    """Return the day of some moments, `on 3 May 2026`, or the first and last of several."""
    days = [when_text(m, zone) if m.day else day_of(m.start, zone) for m in sorted(moments)]
    return f"on {days[0]}" if days[0] == days[-1] else f"between {days[0]} and {days[-1]}"
