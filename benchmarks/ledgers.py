"""Ledgers to measure on, made once and kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import Answer, Entry, Forecast, Forecaster, Question, Wording
from forecast_ledger.domain.moments import When
from forecast_ledger.store.store import Store

FOLDER = Path(__file__).resolve().parent.parent / ".benchmarks"
BEGINNING = datetime(2024, 1, 1, tzinfo=UTC)
WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)


def entries(forecasts: int, each: int = 10) -> Iterator[Entry]:
    """Yield one forecaster, and `each` forecasts on each question, `forecasts` in all."""
    forecaster = Forecaster(name="Mia Jensen")
    yield forecaster
    who = digest_of(forecaster)
    for number in range(max(1, forecasts // each)):
        question = Question(
            key=f"question-{number:07d}",
            kind="binary",
            wording=Wording(
                text=f"Will number {number} happen?",
                written=When.at(WRITTEN),
                closes=When.on(date(2027, 1, 1) + timedelta(days=number % 300), UTC),
            ),
        )
        yield question
        digest = digest_of(question)
        for update in range(each):
            yield Forecast(
                question=digest,
                forecaster=who,
                made=When.at(BEGINNING + timedelta(minutes=number, days=update)),
                answer=Answer(yes=(number * 7 + update * 13) % 100 * 10_000_000 + 5_000_000),
            )


def ledger_of(forecasts: int) -> Path:
    """Return the file of a ledger that holds so many forecasts."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{forecasts}.db"
    if path.exists():
        return path
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    store = Store(str(fresh))
    with store.writing(lambda: WRITTEN) as writer:
        for _ in writer.append_each(entries(forecasts)):
            pass
    store.close()
    return fresh.rename(path)
