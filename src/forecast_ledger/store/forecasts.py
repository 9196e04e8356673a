"""Forecasts and withdrawals one by one, as scoring needs them: numbers and moments."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, literal, select, true

from forecast_ledger.domain.moments import When
from forecast_ledger.store.chunks import in_chunks
from forecast_ledger.store.columns import INTEGER
from forecast_ledger.store.ended import taken_out
from forecast_ledger.store.in_force import is_in_force
from forecast_ledger.store.read import Reader
from forecast_ledger.store.schema import log, tables

_ANSWER_COLUMNS = ("revision", "answer_yes", "answer_low", "answer_high", "record")


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """One forecast or withdrawal in force, as scoring needs it: numbers and moments.

    `question`, `forecaster`, `revision` are places in the log (the first entry with that
    identity, for the first two); `yes`, `low`, `high` are parts per 10⁹ and None for a
    withdrawal. `ended` is when an entry was recorded that took this one out of force.
    """

    question: int
    forecaster: int
    seq: int
    made: When
    recorded_at: datetime
    withdrawal: bool
    revision: int | None
    yes: int | None
    low: int | None
    high: int | None
    record: int | None
    wording: int
    ended: datetime | None = None


def forecast_rows(
    reader: Reader,
    *,
    questions: Sequence[int] | None = None,
    forecasters: Sequence[int] | None = None,
    ended: bool = False,
) -> Iterator[ForecastRow]:
    """Yield forecasts and withdrawals in force, by question, forecaster, made, seq.

    `questions` and `forecasters` are roots to keep. A question's forecasts come
    together, each forecaster's series in the order it was made. With `ended` those no
    longer in force come too, with the moment they were taken out of it.
    """
    chunks = [None] if questions is None else list(in_chunks(sorted(questions)))
    for chunk in chunks:
        which = true() if chunk is None else tables["question"].c.root.in_(chunk)
        stream = _forecasts(reader, which, forecasters, None)
        gone: dict[int, datetime] = {}
        for kind in ("forecast", "withdrawal") if ended else ():
            gone |= taken_out(reader, kind, which if chunk is not None else None)
        if gone:
            out = [
                replace(row, ended=gone[row.seq])
                for part in in_chunks(sorted(gone))
                for row in _forecasts(reader, which, forecasters, part)
            ]
            stream = heapq.merge(stream, sorted(out, key=_place), key=_place)
        yield from stream


def _forecasts(
    reader: Reader,
    which: ColumnElement[bool],
    forecasters: Sequence[int] | None,
    places: Sequence[int] | None,
) -> Iterator[ForecastRow]:
    """Yield those in force, or those at `places` whether in force or not."""
    parts = []
    for name in ("forecast", "withdrawal"):
        seq = tables[name].c.seq
        wanted = is_in_force(tables[name], reader.cut) if places is None else seq.in_(places)
        query = _answers(name).where(seq <= reader.cut, which, wanted)
        if forecasters is not None:
            query = query.where(tables["forecaster"].c.root.in_(list(forecasters)))
        parts.append(query)
    union = parts[0].union_all(parts[1]).subquery()
    ordered = (
        select(union)
        .order_by(union.c.question, union.c.forecaster, union.c.made_start, union.c.seq)
        .execution_options(yield_per=5_000)
    )
    for row in reader.connection.execute(ordered):
        yield ForecastRow(
            question=row.question,
            forecaster=row.forecaster,
            seq=row.seq,
            made=(
                When(row.made_start, row.made_start)
                if row.made_day is None
                else When(row.made_start, row.made_end, date.fromisoformat(row.made_day))
            ),
            recorded_at=row.recorded_at,
            withdrawal=bool(row.withdrawal),
            revision=row.revision,
            yes=row.answer_yes,
            low=row.answer_low,
            high=row.answer_high,
            record=row.record,
            wording=row.wording,
        )


def _answers(name: str) -> Select[Any]:
    """Return the columns of ForecastRow out of one of the two tables that answer questions."""
    table, is_forecast = tables[name], name == "forecast"
    question, forecaster = tables["question"], tables["forecaster"]
    nothing = literal(None).cast(INTEGER)
    return (
        select(
            question.c.root.label("question"),
            forecaster.c.root.label("forecaster"),
            table.c.seq,
            table.c.made_start,
            table.c.made_end,
            table.c.made_day,
            log.c.recorded_at,
            *((table.c[c] if is_forecast else nothing).label(c) for c in _ANSWER_COLUMNS),
            literal(0 if is_forecast else 1).label("withdrawal"),
            table.c.question.label("wording"),
        )
        .join(question, question.c.seq == table.c.question)
        .join(forecaster, forecaster.c.seq == table.c.forecaster)
        .join(log, log.c.seq == table.c.seq)
    )


def _place(row: ForecastRow) -> tuple[int, int, datetime, int]:
    return (row.question, row.forecaster, row.made.start, row.seq)
