"""What every JSON document is made of: numbers, moments and entries.

Probabilities are numbers with at most nine decimals, exactly as recorded; scores and other
computed numbers are rounded to twelve. JSON has no infinity: its name stands for it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from math import isinf, isnan
from typing import Any

from forecast_ledger.domain.entries import Entry, Forecast, Lexicon
from forecast_ledger.domain.fields import Role, fields_of
from forecast_ledger.domain.moments import When, text_of
from forecast_ledger.domain.probability import WHOLE
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.domain.words import Phrase

Json = dict[str, Any]


def probability(parts: int | None) -> float | None:
    """Return parts per 10⁹ as a number from 0 to 1.

    >>> probability(350_000_000)
    0.35
    """
    # The nearest double to a multiple of 10⁻⁹ prints as that multiple, at most nine decimals.
    return None if parts is None else parts / WHOLE


def number(value: float | None) -> float | str | None:
    """Return a computed number; null for what is undefined, as both infinities at once.

    >>> number(1 / 3), number(float("-inf"))
    (0.333333333333, '-infinity')
    """
    if value is None or isnan(value):
        return None
    if isinf(value):
        return "infinity" if value > 0 else "-infinity"
    return round(float(value), 12)


def moment(at: datetime | None) -> str | None:
    """Return a moment as text in UTC."""
    return None if at is None else text_of(at)


def when(at: When | None) -> str | Json | None:
    """Return a moment as text, a bare date with its first moment and the first after it."""
    if at is None or at.day is None:
        return moment(at.start) if at else None
    return {
        "date": at.day.isoformat(),
        "from": text_of(at.start),
        "until": text_of(at.end),
    }


def seconds(span: timedelta | None) -> int | None:
    """Return a length of time in whole seconds."""
    return None if span is None else int(span.total_seconds())


def entry(content: Entry) -> Json:
    """Return an entry's type and fields."""
    return {"type": content.TYPE, **_fields(content)}


def _fields(value: Any) -> Json:
    """Return the fields of an entry by what each means, absent ones left out."""
    form: Json = {}
    for field in fields_of(type(value)):
        content = getattr(value, field.name)
        if content is None or content == ():
            continue
        form[field.name] = _FORMS.get(field.role, _as_it_is)(content)
    return form


def _as_it_is(content: Any) -> Any:
    return content


def phrase(words: Phrase) -> Json:
    """Return a phrase of a lexicon with what it means."""
    return {
        "phrase": words.phrase,
        "low": probability(words.low),
        "mid": probability(words.mid),
        "high": probability(words.high),
        "synonyms": list(words.synonyms),
    }


_FORMS: dict[Role, Callable[[Any], Any]] = {
    Role.WHEN: when,
    Role.PARTS: probability,
    Role.RECORD: _fields,
    Role.REFERENCES: list,
    Role.ROWS: lambda rows: [phrase(row) for row in rows],
}


def recorded(row: Recorded[Any]) -> Json:
    """Return an entry with its digest and its place in the log."""
    return {
        "digest": row.digest,
        "seq": row.seq,
        "recorded_at": text_of(row.recorded_at),
        **entry(row.entry),
    }


def said(name: str, forecast: Recorded[Forecast]) -> Json:
    """Return a forecast with the name of its forecaster."""
    return {"forecaster": name, "forecast": recorded(forecast)}


def ledger(seq: int, leaf: str) -> Json:
    """Return which state of the ledger a document is about."""
    return {"ledger": {"entries": seq, "leaf": leaf or None}}


def lexicon(book: Lexicon) -> Json:
    """Return what a lexicon is called and where it comes from."""
    return {
        "key": book.key,
        "version": book.version,
        "title": book.title,
        "citation": book.citation,
    }
