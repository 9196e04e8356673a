"""Single cells of a table: from text to what an entry holds. Each raises a LedgerError."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo

from forecast_ledger.domain.days import FIRST_YEAR, LAST_YEAR, plain_day
from forecast_ledger.domain.entries import Forecaster
from forecast_ledger.domain.fields import Role, check_field
from forecast_ledger.domain.moments import When, instant_of
from forecast_ledger.domain.probability import Probability, parse_probability
from forecast_ledger.errors import InvalidError, LedgerError
from forecast_ledger.formats.near import shown

OUTCOMES = {
    **dict.fromkeys(("yes", "true", "1", "1.0"), "yes"),
    **dict.fromkeys(("no", "false", "0", "0.0"), "no"),
    "annulled": "annulled",
    "ambiguous": "ambiguous",
}
"""What an outcome may be called. 1.0 and 0.0 are what some programs make of 1 and 0."""

_BARE_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)"
    r" ?(Z|z|UTC|[+-][0-9]{2}:?[0-9]{2})?"
)
_OTHER_ORDER = re.compile(r"[0-9]{1,4}[./][0-9]{1,2}[./][0-9]{1,4}.*")
_TAGS = re.compile(r"[\s,;]+")


def probability_of(cell: str, *, percent: bool) -> Probability:
    """Return a probability; with `percent` a bare 35 is 35%.

    >>> probability_of("35", percent=True).parts
    350000000
    """
    text = cell.strip()
    if percent and _BARE_NUMBER.fullmatch(text):
        return parse_probability(f"{text}%", certain=True)
    try:
        return parse_probability(text, certain=True)
    except LedgerError as error:
        if _BARE_NUMBER.fullmatch(text) and "no percent sign" in error.message:
            raise InvalidError(
                f"{text} has no percent sign. If the column is in percent, say --percent."
            ) from None
        raise


def when_of(cell: str, zone: tzinfo) -> tuple[When, bool]:
    """Return a moment or a day, and whether its meaning hung on `zone`."""
    text = " ".join(cell.split())
    day = plain_day(text)
    if day is not None:
        return When.on(day, zone), True
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise InvalidError(_no_moment(text))
    date, clock, offset = match.groups()
    try:
        local = datetime.fromisoformat(f"{date}T{clock}")
        if offset in ("Z", "z", "UTC"):
            moment = local.replace(tzinfo=UTC)
        elif offset is not None:
            moment = datetime.fromisoformat(f"{date}T{clock}{offset}")
        else:
            moment = instant_of(local, zone)
    except ValueError:
        raise InvalidError(f"{shown(text)} is not in the calendar. Correct it.") from None
    if not FIRST_YEAR <= local.year <= LAST_YEAR or clock.startswith("24"):
        raise InvalidError(f"{shown(text)} is not in the calendar. Correct it.")
    return When.at(moment), offset is None


def _no_moment(text: str) -> str:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return f"{shown(text)} is not in the calendar. Correct it."
    if _OTHER_ORDER.fullmatch(text):
        return f"{shown(text)} can be read in two ways. Write the year first: 2026-03-31."
    return f"{shown(text)} is not a date. Write 2026-03-31, or 2026-03-31 14:05 with the time."


def outcome_of(cell: str) -> str:
    """Return an outcome.

    >>> outcome_of("TRUE")
    'yes'
    """
    found = OUTCOMES.get(cell.strip().lower())
    if found is None:
        raise InvalidError(
            f"{shown(cell.strip())} is not an outcome. Write yes, no, 1, 0, true, false, annulled"
            " or ambiguous, or leave it empty while the question is open."
        )
    return found


def tags_of(cell: str) -> tuple[str, ...]:
    """Return tags parted by spaces, commas or semicolons, in lower case, sorted.

    >>> tags_of("#Macro; us")
    ('macro', 'us')
    """
    named = {tag.lstrip("#").lower() for tag in _TAGS.split(cell)}
    return tuple(str(check_field(Role.KEY, "tag", tag)) for tag in sorted(named - {""}))


def key_of(cell: str) -> str:
    """Return a key."""
    return str(check_field(Role.KEY, "key", cell.strip().lower()))


def family_of(cell: str) -> str:
    """Return the key of a family; words become one: `Ukraine war` is ukraine-war."""
    return str(check_field(Role.KEY, "family", "-".join(cell.lower().split())))


def text_of_question(cell: str) -> str:
    """Return a question's text on one line, with single spaces."""
    checked: str = check_field(Role.TEXT, "the question", cell)
    return " ".join(checked.split())


def name_of(cell: str) -> str:
    """Return a forecaster's name, with single spaces."""
    checked: str = check_field(Role.NAME, "the name", cell.strip())
    return Forecaster(name=" ".join(checked.split())).name


def source_of(cell: str) -> str:
    """Return where a forecast can be looked up: an address, or words on one line."""
    text = cell.strip()
    if text.lower().startswith(("http://", "https://")):
        return str(check_field(Role.URL, "source", text))
    checked: str = check_field(Role.TEXT, "source", text)
    return " ".join(checked.split())
