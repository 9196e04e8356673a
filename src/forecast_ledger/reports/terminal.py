"""Plain text for a terminal: made safe, wrapped, aligned. No colour, nothing but lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from functools import cache
from unicodedata import category, combining, east_asian_width

from forecast_ledger.domain.days import date_text
from forecast_ledger.domain.moments import MICROSECOND, When
from forecast_ledger.domain.probability import WHOLE, format_rounded

WIDTH = 80
"""Columns, where the terminal does not say."""

# Joiners that some scripts need to be read rightly; every other invisible sign is shown.
_HARMLESS = "\u200c\u200d\u00ad"


def safe(text: str, *, lines: bool = False) -> str:
    r"""Return `text` from outside with everything a terminal could obey made visible.

    Control characters, escape sequences, signs that turn or hide text and lone surrogates
    come out as `\x1b` or `\u202e`. Tabs become spaces; so do line ends, unless `lines`
    keeps them.
    """
    if text.isascii() and text.isprintable():
        return text
    kept = text.replace("\r\n", "\n").replace("\t", " ")
    if not lines:
        kept = kept.replace("\n", " ")
    return "".join(c if c == "\n" else _shown(c) for c in kept)


@cache
def _shown(character: str) -> str:
    kind = category(character)
    if kind in ("Cc", "Cs", "Zl", "Zp") or (kind == "Cf" and character not in _HARMLESS):
        number = ord(character)
        if number <= 0xFF:
            return f"\\x{number:02x}"
        return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
    return character


def width_of(text: str) -> int:
    """Return how many columns `text` takes: two for wide characters, none for accents."""
    if text.isascii():
        return len(text)
    return sum(_columns_of(c) for c in text)


@cache
def _columns_of(character: str) -> int:
    if combining(character) or character in _HARMLESS:
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def clip(text: str, width: int) -> str:
    """Return `text` within `width` columns, its end replaced by "..." where it is longer."""
    if width_of(text) <= width:
        return text
    kept, used = "", 0
    for character in text:
        used += _columns_of(character)
        if used > width - 3:
            break
        kept += character
    return f"{kept.rstrip()}..."


def wrap(text: str, width: int = WIDTH, indent: str = "", hang: str | None = None) -> str:
    """Return `text` in lines of at most `width` columns; a word longer than that stays whole.

    Every line begins with `indent`, those after the first of a paragraph with `hang` if
    given. Line ends in `text` begin a new paragraph.
    """
    hang = indent if hang is None else hang
    return "\n".join(
        line for paragraph in text.split("\n") for line in _wrapped(paragraph, width, indent, hang)
    )


def _wrapped(paragraph: str, width: int, indent: str, hang: str) -> list[str]:
    lines: list[str] = []
    line = indent
    empty = True
    for word in paragraph.split():
        if not empty and width_of(line) + 1 + width_of(word) > width:
            lines.append(line)
            line, empty = hang, True
        line = f"{line}{word}" if empty else f"{line} {word}"
        empty = False
    return [*lines, line.rstrip()]


def heading(key: str, text: str, width: int = WIDTH) -> str:
    """Return a key with what is said of it: on one line where they fit, else one below it."""
    line = f"{key}   {safe(text)}"
    return line if width_of(line) <= width else f"{key}\n{wrap(safe(text), width, '  ', '    ')}"


def columns(
    rows: Iterable[Sequence[str]], align: str = "", *, gap: str = "  ", indent: str = "  "
) -> list[str]:
    """Return `rows` as lines with their columns aligned, no space at the ends of lines.

    `align` has a character for each column, `<` left or `>` right; left where it is short.
    """
    table = [list(row) for row in rows]
    count = max((len(row) for row in table), default=0)
    widths = [max((width_of(row[i]) for row in table if i < len(row)), default=0)
              for i in range(count)]  # fmt: skip
    return [
        (indent + gap.join(_padded(cell, widths[i], align[i : i + 1])
                           for i, cell in enumerate(row))).rstrip()
        for row in table
    ]  # fmt: skip


def _padded(cell: str, width: int, side: str) -> str:
    space = " " * (width - width_of(cell))
    return space + cell if side == ">" else cell + space


def percent(value: float) -> str:
    """Return a probability for a table: `62%`, `0.4%`, `<0.1%`; only certainty as 0% or 100%.

    An int is parts of 10⁹, a float a number from 0 to 1.
    """
    return format_rounded(value if isinstance(value, int) else round(value * WHOLE))


def rule(width: int = WIDTH) -> str:
    """Return a line across."""
    return "-" * width


def count(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: `1 question`, `1,200 questions`."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def day_of(moment: datetime, zone: tzinfo) -> str:
    """Return the day of an instant in `zone`: `3 December 2025`."""
    return date_text(moment.astimezone(zone).date())


def moment_text(moment: datetime, zone: tzinfo) -> str:
    """Return an instant in `zone`, to the minute: `3 December 2025 14:05`."""
    local = moment.astimezone(zone)
    return f"{date_text(local.date())} {local:%H:%M}"


def when_text(when: When, zone: tzinfo) -> str:
    """Return a day as the day it is, an instant as it is in `zone`."""
    return date_text(when.day) if when.day else moment_text(when.start, zone)


def end_text(end: datetime, zone: tzinfo) -> str:
    """Return a half-open end: `end of 30 June 2026` where it is a midnight in `zone`."""
    local = end.astimezone(zone)
    if (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0):
        return f"end of {day_of(end - MICROSECOND, zone)}"
    return moment_text(end, zone)


def as_of_text(moment: datetime, zone: tzinfo) -> str:
    """Return the moment of a report: `the end of 7 November 2026` for a bare date's last."""
    end = end_text(moment + MICROSECOND, zone)
    return f"the {end}" if end.startswith("end") else moment_text(moment, zone)


def days(span: timedelta) -> str:
    """Return a stretch of time in its largest unit: `12 days`, `5 hours`, `40 seconds`."""
    seconds = max(0, int(span.total_seconds()))
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            return count(seconds // size, name)
    return count(seconds, "second")
