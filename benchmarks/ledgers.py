"""Ledgers to measure on, made once and kept."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

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
from forecast_ledger.domain.moments import When
from forecast_ledger.store.store import Store

FOLDER = Path(__file__).resolve().parent.parent / ".benchmarks"
BEGINNING = datetime(2024, 1, 1, tzinfo=UTC)
WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def entries(forecasts: int, each: int = 10) -> Iterator[Entry]:
    """Yield one forecaster, and `each` forecasts on each open question, `forecasts` in all."""
    forecaster = Forecaster(name="Mia Jensen")
    yield forecaster
    for number in range(max(1, forecasts // each)):
        closes = When.on(date(2027, 1, 1) + number % 300 * DAY, UTC)
        question = _question(number, closes)
        yield question
        yield from _forecasts(question, [forecaster], number, each, DAY)


def resolved(forecasts: int, each: int = 100) -> Iterator[Entry]:
    """Yield two forecasters, and `each` forecasts of theirs on each question, all resolved."""
    pair = [Forecaster(name="Mia Jensen"), Forecaster(name="Bob Ray")]
    yield from pair
    for number in range(max(1, forecasts // each)):
        known = date(2025, 1, 1) + number % 300 * DAY
        question = _question(number, When.on(known, UTC))
        yield question
        yield from _forecasts(question, pair, number, each, timedelta(hours=41))
        yield Resolution(
            question=digest_of(question),
            outcome="yes" if number * 7919 % 100 < 45 else "no",
            known=When.on(known, UTC),
            resolver="Mia Jensen",
            note="measured",
        )


def _question(number: int, closes: When) -> Question:
    return Question(
        key=f"question-{number:07d}",
        kind="binary",
        wording=Wording(
            text=f"Will number {number} happen?", written=When.at(WRITTEN), closes=closes
        ),
    )


def _forecasts(
    question: Question, pair: list[Forecaster], number: int, each: int, apart: timedelta
) -> Iterator[Entry]:
    digest, who = digest_of(question), [digest_of(forecaster) for forecaster in pair]
    said = _walk(number, each)
    for update in range(each):
        yield Forecast(
            question=digest,
            forecaster=who[update % len(who)],
            made=When.at(
                BEGINNING + timedelta(minutes=number % 1_000) + update // len(who) * apart
            ),
            answer=Answer(yes=said[update % len(said)] * 10_000_000),
        )


def _walk(number: int, steps: int) -> list[int]:
    """Return percentages as forecasters move them: from one of ten, by five points or none."""
    drawn = random.Random(number)  # noqa: S311 - a simulation, with its seed
    at, path = 5 + number * 7 % 10 * 10, []
    for _ in range(steps):
        path.append(at)
        at = min(95, max(5, at + drawn.choice((-5, 0, 0, 5))))
    return path


def ledger_of(forecasts: int) -> Path:
    """Return the file of a ledger that holds so many forecasts on open questions, ten on each."""
    return _kept(f"{forecasts}.db", entries(forecasts))


def resolved_ledger_of(forecasts: int, each: int = 100) -> Path:
    """Return the file of a ledger that holds so many forecasts, `each` on a resolved question."""
    return _kept(f"resolved-{forecasts}-{each}.db", resolved(forecasts, each))


def _kept(name: str, content: Iterable[Entry]) -> Path:
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / name
    if path.exists():
        return path
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    store = Store(str(fresh))
    with store.writing(lambda: WRITTEN) as writer:
        for _ in writer.append_each(content):
            pass
    store.close()
    return fresh.rename(path)
