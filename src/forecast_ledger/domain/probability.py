"""Probabilities: integers, in parts of 10^9, so that they compare, sum and digest exactly.

What may be typed:

- percent: `35%`, `35 %`, `35.5%`, `35 percent`, `35 per cent`, `35 pct`;
- a decimal from 0 to 1: `0.35`, `.35`, `3.5e-1`;
- a share: `7/20`, `1 in 3`, `7 out of 20`.

A bare `35`, odds, ranges and decimal commas are refused, each with what to write instead.
0 and 1 in any spelling are certainty, which a caller must allow: `1` alone may have been
meant as 1%. So must `3 in 3`; but `n/n`, as in `50/50`, is refused always, because it says
50% to one reader and 100% to another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from forecast_ledger.errors import InvalidError, UsageError

WHOLE = 1_000_000_000
"""Parts in probability 1."""

LONGEST = 64
"""Characters a typed probability may have."""

_PERCENT = WHOLE // 100
_TENTH = WHOLE // 1000

_NUMBER = r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:e[+-]?[0-9]{1,3})?"
_COUNT = r"[0-9]+(?:\.[0-9]+)?"
_OF_A_HUNDRED = re.compile(rf"({_NUMBER})\s*(?:%|percent|per\s+cent|pct)")
_OF_ONE = re.compile(_NUMBER)
_SLASH = re.compile(rf"({_COUNT})\s*/\s*({_COUNT})")
_SHARE = re.compile(
    rf"({_COUNT})(?:\s+|-)(?:in|in\s+every|out\s+of)(?:\s+|-)({_COUNT})"  # 1 in 3, 1-in-3
)
_ODDS = re.compile(rf"({_COUNT})\s*(?::|-|\u2013|\bto\b|/)\s*({_COUNT})\s*(on|against)?")
_EVENS = re.compile(r"evens?|even money|even odds|even chances?|fifty[- ]fifty")
_RANGE = re.compile(rf"{_COUNT}\s*%?\s*(?:-|\u2013|\.\.+|\bto\b)\s*{_COUNT}\s*%")
_NEGATIVE = re.compile(r"[-\u2212]\s*[0-9.]")

_FORMS = 'Write it as 35%, 0.35, 7/20 or "1 in 3".'


@dataclass(frozen=True, slots=True)
class Probability:
    """What was typed, in parts of 10^9, and whether it had to be rounded to them."""

    parts: int
    rounded: bool = False

    def __post_init__(self) -> None:
        check_parts(self.parts)

    def __str__(self) -> str:
        return format_probability(self.parts)


def check_parts(parts: int) -> None:
    """Raise InvalidError unless `parts` lies in 0..10^9."""
    if not 0 <= parts <= WHOLE:
        raise InvalidError(f"{parts} parts of {WHOLE} is not a probability")


def parse_probability(text: str, *, certain: bool = False) -> Probability:
    """Return the probability that `text` spells, rounded half-even to parts of 10^9.

    `certain` allows 0% and 100%, which are otherwise refused. A number between them that
    would round to one of them is refused always, because it would become another claim.
    Whatever is refused raises UsageError, with a message that stands alone; a reader of
    files passes `certain=True` and turns that message into a Problem.
    """
    if len(text) > LONGEST:
        raise UsageError(
            f"a probability has at most {LONGEST} characters, this has {len(text)}: "
            f"{text[:20]!r}… {_FORMS}"
        )
    shown = " ".join(text.split())
    if not shown:
        raise UsageError(f"no probability was given. {_FORMS}")
    if not shown.isprintable():
        raise UsageError(f"{shown!r} has characters that cannot be shown. {_FORMS}")
    value = _value_of(shown)
    if value > 1:
        raise UsageError(f"{shown} is more than 100%. {_FORMS}")
    parts = round(value * WHOLE)
    if value in (0, 1):
        if not certain:
            raise UsageError(_certainty(shown, value))
    elif parts in (0, WHOLE):
        end, nearest = ("0%", 1) if parts == 0 else ("100%", WHOLE - 1)
        raise UsageError(
            f"{shown} is nearer to {end} than can be recorded. "
            f"The nearest short of it is {format_probability(nearest)}."
        )
    return Probability(parts, rounded=value * WHOLE != parts)


def format_probability(parts: int) -> str:
    """Return `parts` as an exact percentage, as short as it can be: `35%`, `33.3333333%`."""
    check_parts(parts)
    whole, rest = divmod(parts, _PERCENT)
    decimals = f"{rest:07d}".rstrip("0")
    return f"{whole}.{decimals}%" if decimals else f"{whole}%"


def format_rounded(parts: int) -> str:
    """Return `parts` for a table: whole percents, one decimal below 1% and above 99%.

    Rounds half-even. Only certainty shows as `0%` or `100%`; what comes nearer than a tenth
    of a percent shows as `<0.1%` or `>99.9%`.
    """
    check_parts(parts)
    if 0 < parts < _TENTH:
        return "<0.1%"
    if WHOLE - _TENTH < parts < WHOLE:
        return ">99.9%"
    unit = _PERCENT if _PERCENT <= parts <= WHOLE - _PERCENT else _TENTH
    return format_probability(round(Fraction(parts, unit)) * unit)


def _value_of(shown: str) -> Fraction:
    """Return the exact number that `shown` spells, which may exceed 1; else UsageError."""
    folded = shown.lower()
    if match := _OF_A_HUNDRED.fullmatch(folded):
        return Fraction(match[1]) / 100
    if _OF_ONE.fullmatch(folded):
        value = Fraction(folded)
        if 1 < value <= 100:
            decimal = f" or {_decimal(value / 100)}" if value < 100 else ""
            raise UsageError(
                f"{shown} is not between 0 and 1 and has no percent sign. Write {shown}%{decimal}."
            )
        return value
    if match := _SHARE.fullmatch(folded):
        return _ratio(shown, match[1], match[2])
    if match := _SLASH.fullmatch(folded):
        value = _ratio(shown, match[1], match[2])
        if value == 1:
            raise UsageError(
                f"{shown} says 50% to one reader and 100% to another. Write the one meant."
            )
        if value < 1:
            return value
    raise UsageError(_why_not(shown, folded))


def _ratio(shown: str, numerator: str, denominator: str) -> Fraction:
    if Fraction(denominator) == 0:
        raise UsageError(f"{shown} divides by zero. {_FORMS}")
    return Fraction(numerator) / Fraction(denominator)


def _certainty(shown: str, value: Fraction) -> str:
    side = "will not happen" if value == 0 else "will happen"
    slip = ", or 1% if that was meant" if shown == "1" else ""
    return (
        f"{shown} says that it certainly {side}. "
        f"Add --certain if so; else give a number between 0% and 100%{slip}."
    )


def _why_not(shown: str, folded: str) -> str:
    """Return what is wrong with a text that spells no probability, and what to write."""
    if _EVENS.fullmatch(folded):
        return f"odds are not taken: {shown} is 50%. Write 50%."
    if match := _ODDS.fullmatch(folded):
        return _about_odds(shown, Fraction(match[1]), Fraction(match[2]), match[3])
    if _RANGE.fullmatch(folded):
        return f"{shown} is a range. Give one number, and its ends with --low and --high."
    if "," in folded:
        return (
            f"{shown} has a comma. Write decimals with a point (0.35, 35.5%) "
            "and thousands without a separator (1 in 1000)."
        )
    if _NEGATIVE.match(folded):
        reason = "is negative"
    elif any(c.isnumeric() and not c.isascii() for c in folded):
        reason = "has other digits than 0 to 9"
    else:
        reason = "is not a probability"
    return f"{shown!r} {reason}. {_FORMS}"


def _about_odds(shown: str, first: Fraction, second: Fraction, way: str | None) -> str:
    if first == second == 0:
        return f"odds are not taken, and {shown} says nothing. {_FORMS}"
    on, against = (side / (first + second) for side in (first, second))
    if way or on == against:
        meant = _short(against if way == "against" else on)
        return f"odds are not taken: {shown} is {meant}. Write {meant}."
    return (
        f"odds are not taken: {shown} on is {_short(on)}, {shown} against is {_short(against)}. "
        "Write the one meant."
    )


def _short(value: Fraction) -> str:
    """Return `value` exactly, in whole percents if it has them: `75%`, `2/3`."""
    percent = value * 100
    return f"{percent}%" if percent.denominator == 1 else str(value)


def _decimal(value: Fraction) -> str:
    """Return `value`, below 1 and of finitely many decimals, as one: `0.35`."""
    digits = 0
    while (value * 10**digits).denominator != 1:
        digits += 1
    return f"0.{int(value * 10**digits):0{digits}d}"
