"""Short ways for a test to say what is recorded."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import (
    Answer,
    Entry,
    Forecast,
    Forecaster,
    Question,
    Resolution,
    Wording,
)
from forecast_ledger.domain.fields import Digest
from forecast_ledger.domain.moments import When
from forecast_ledger.ledger import Ledger
from forecast_ledger.ledger.gathering import Filters
from forecast_ledger.ledger.scores import Line, Score

MIA = "Mia Jensen"


def percent(number: float) -> Answer:
    return Answer(yes=round(number * 10_000_000))


def at(month: int, day: int, hour: int = 0, minute: int = 0, year: int = 2026) -> When:
    """Return an instant of 2026 in UTC."""
    return When.at(datetime(year, month, day, hour, minute, tzinfo=UTC))


def on(month: int, day: int, year: int = 2026) -> When:
    """Return a bare date of 2026 in UTC."""
    return When.on(date(year, month, day), UTC)


def merge(ledger: Ledger, *entries: Entry) -> list[Digest]:
    """Record entries as they arrive from another ledger: whatever is here, they are kept."""
    with ledger.store.writing(ledger.now) as writer:
        return [appended.recorded.digest for appended in writer.append(entries)]


def question(key: str = "rain", **wording: Any) -> Question:
    text = wording.pop("text", "Will it rain?")
    written = wording.pop("written", at(1, 1))
    return Question(key=key, kind="binary", wording=Wording(text=text, written=written, **wording))


def forecast(asked: Question, who: Forecaster, made: When, number: float, **more: Any) -> Forecast:
    return Forecast(
        question=digest_of(asked),
        forecaster=digest_of(who),
        made=made,
        answer=percent(number),
        **more,
    )


def resolution(asked: Question, outcome: str, known: When, **more: Any) -> Resolution:
    return Resolution(
        question=digest_of(asked), outcome=outcome, known=known, resolver="Jo Reader", **more
    )


def score(ledger: Ledger, *, as_of: datetime | None = None, **filters: Any) -> Score:
    return ledger.score(Filters(**filters), as_of=as_of)


def only_line(ledger: Ledger, **filters: Any) -> Line:
    (line,) = score(ledger, **filters).lines
    return line


def settle(ledger: Ledger, key: str, outcome: str = "yes", **more: Any) -> Any:
    return ledger.resolve(key, outcome, by="Jo Reader", note="seen from the window", **more)
