"""Single values of a book: from what tomllib gives to what an entry holds."""

from __future__ import annotations

from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from typing import Any

from forecast_ledger.domain.fields import Role, check_field
from forecast_ledger.domain.moments import When, instant_of
from forecast_ledger.domain.probability import parse_probability
from forecast_ledger.errors import InvalidError
from forecast_ledger.formats.book_tables import Form
from forecast_ledger.formats.near import shown

_TEXTS = {
    Form.NAME: Role.NAME,
    Form.KEY: Role.KEY,
    Form.URL: Role.URL,
    Form.HASH: Role.HASH,
    Form.TEXT: Role.TEXT,
}
_NAMES = (
    ((int, float), "a number"),
    (date, "a date"),
    (time, "a time of day"),
    (list, "a list"),
    (dict, "a table"),
)


def text_value(form: Form, name: str, raw: Any) -> str:
    """Return a text in its normal form; raises InvalidError."""
    if not isinstance(raw, str):
        is_plain = isinstance(raw, int | float | date | time) and not isinstance(raw, bool)
        quoted = f': "{raw}"' if is_plain else ""
        raise InvalidError(f"{name} is {what_is(raw)}. Write text, in quotation marks{quoted}")
    return str(check_field(_TEXTS[form], name, raw))


def flag_value(name: str, raw: Any) -> bool:
    """Return true or false; raises InvalidError."""
    if not isinstance(raw, bool):
        raise InvalidError(
            f"{name} is {what_is(raw)}. Write true or false, without quotation marks"
        )
    return raw


def probability_value(name: str, raw: Any) -> int:
    """Return a probability in parts per 10⁹; raises InvalidError or UsageError."""
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        raise InvalidError(f'{name} is the bare number {raw}. Write it as text: "{_percent(raw)}"')
    if not isinstance(raw, str):
        raise InvalidError(f'{name} is {what_is(raw)}. Write a probability as text, such as "35%"')
    return parse_probability(raw, certain=True).parts


def _percent(number: float) -> str:
    """Return the percentage a bare number most likely stands for."""
    exact = Decimal(str(number))
    if 0 < exact < 1:
        exact *= 100
    return f"{exact.normalize():f}%" if 0 < exact < 100 else "35%"


def when_value(name: str, raw: Any, zone: tzinfo) -> When:
    """Return a moment or a day; a bare date and a local time are read in `zone`."""
    try:
        if isinstance(raw, datetime):
            return When.at(raw if raw.tzinfo else instant_of(raw, zone))
        if isinstance(raw, date):
            return When.on(raw, zone)
        if isinstance(raw, dict):
            return _day_elsewhere(raw)
    except InvalidError as error:
        raise InvalidError(f"{name}: {error}") from None
    if isinstance(raw, str):
        example = raw.strip() if _is_date(raw) else "2026-03-31"
        raise InvalidError(
            f"{name} is text. Write a date without quotation marks: {name} = {example}"
        )
    raise InvalidError(f"{name} is {what_is(raw)}. Write a date, such as {name} = 2026-03-31")


def needs_zone(raw: Any) -> bool:
    """Whether the meaning of a date or time depends on the book's zone."""
    if isinstance(raw, datetime):
        return raw.tzinfo is None
    return isinstance(raw, date)


def _day_elsewhere(raw: dict[str, Any]) -> When:
    day, start, end = (raw.get(name) for name in ("day", "start", "end"))
    if (
        set(raw) != {"day", "start", "end"}
        or isinstance(day, datetime)
        or not isinstance(day, date)
        or not (isinstance(start, datetime) and start.tzinfo)
        or not (isinstance(end, datetime) and end.tzinfo)
    ):
        raise InvalidError(
            "a day of another zone is written"
            " {day = 2026-03-31, start = 2026-03-30T22:00:00Z, end = 2026-03-31T22:00:00Z}"
        )
    return When(When.at(start).start, When.at(end).start, day)


def _is_date(raw: str) -> bool:
    try:
        date.fromisoformat(raw.strip())
    except ValueError:
        return False
    return True


def what_is(raw: Any) -> str:
    """Return what kind of TOML value `raw` is, for a message."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, str):
        return f"the text {shown(raw)}"
    return next(name for types, name in _NAMES if isinstance(raw, types))
