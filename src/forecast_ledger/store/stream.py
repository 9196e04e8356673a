"""The stream scores are made of: every forecast, packed, a row for each series.

A million rows are quick for a database and slow for Python, so what one forecaster said on
one question comes as one row, its moments and numbers end to end in texts that arrays are
made from. Nothing is computed in SQL, and no order is relied on but that of the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    and_,
    func,
    literal_column,
    or_,
    select,
    type_coerce,
    union,
)
from sqlalchemy.types import Text

from forecast_ledger.store.chunks import in_chunks
from forecast_ledger.store.columns import STRING
from forecast_ledger.store.read import Reader
from forecast_ledger.store.schema import log, replacement, tables

FETCHED = 20_000
"""Forecasts taken from the database at a time, as nearly as the last series tell."""
FEW_RECORDINGS = 200
"""Up to so many moments of recording are told beside the series."""
_FIRST_ROWS, _MOST_ROWS = 20, 2_000
# Written out: as parameters they take SQLite a quarter more time.
_NOTHING: ColumnElement[str] = literal_column("''")
_COMMA: ColumnElement[str] = literal_column("','")
_POSTGRES_MOMENT = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'


class Packed(NamedTuple):
    """The forecasts of one series: moments of 27 characters, numbers with commas between.

    `recorded` holds places in the log where the recordings are given beside it, else moments.
    `question` and `forecaster` are places in the log; `forecasts` is their number, of which
    `numbered` have a probability; None stands for all. `special` is how many come from a
    coder or a platform's record. `ends` are the ends of bare dates and `lows` and `highs` the
    ends of words, of as many forecasts as `dated`, `worded` and `worded_high` say.
    """

    question: int
    forecaster: int
    forecasts: int
    made: str
    recorded: str
    parts: str
    numbered: int | None = None
    special: int = 0
    dated: int = 0
    ends: str | None = None
    worded: int = 0
    lows: str | None = None
    worded_high: int = 0
    highs: str | None = None

    @property
    def is_plain(self) -> bool:
        """Whether arrays can be made of it: each part is there of all forecasts, or of none."""
        if self.numbered is None:
            return True
        some = (self.dated, self.worded, self.worded_high)
        return (
            self.numbered == self.forecasts
            and not self.special
            and all(number in (0, self.forecasts) for number in some)
            and self.worded == self.worded_high
        )


def recordings(reader: Reader) -> list[tuple[int, datetime]] | None:
    """Return each moment at which entries were recorded and the first place in the log of it.

    None where they are many, as in a ledger that is typed: what is imported at one moment
    is told so in one row, and a place in the log costs less to read than its moment. None on
    PostgreSQL too, whose index on moments does not hold places.
    """
    if reader.connection.dialect.name != "sqlite":
        return None
    query = select(log.c.seq, log.c.recorded_at).where(log.c.seq <= reader.cut)
    query = query.order_by(log.c.recorded_at, log.c.seq).limit(1)
    found: list[tuple[int, datetime]] = []
    row = reader.connection.execute(query).first()
    while row is not None:
        if len(found) == FEW_RECORDINGS:
            return None
        found.append((row.seq, row.recorded_at))
        row = reader.connection.execute(query.where(log.c.recorded_at > row.recorded_at)).first()
    return found


def packed(
    reader: Reader, questions: Sequence[int] | None = None, *, places: bool = False
) -> Iterator[list[Packed]]:
    """Yield the series on some questions (places in the log), or on all, by question.

    With `places`, when a forecast was recorded is told by its place in the log. Blocks hold
    whole questions, and however long the series are about as many forecasts. A question that
    several entries describe comes in several places. Of a forecast out of force nothing is
    left out: `irregular` tells which series need a closer look.
    """
    forecast = tables["forecast"]
    query = _packed(reader, places=places)
    parts = [query]
    if questions is not None:
        parts = [
            query.where(forecast.c.question.in_(chunk)) for chunk in in_chunks(sorted(questions))
        ]
    block: list[Packed] = []
    for part in parts:
        for series in _fetched(reader, part):
            block += series
            whole = _whole(block)
            if whole:
                yield block[:whole]
                del block[:whole]
        if block:
            yield block
            block = []


def _fetched(reader: Reader, query: Select[Any]) -> Iterator[list[Packed]]:
    """Yield the rows of a query, so many at a time that their forecasts stay about as many."""
    result = reader.connection.execute(query.execution_options(stream_results=True))
    number = _FIRST_ROWS
    while rows := [Packed(*row) for row in result.fetchmany(number)]:
        yield rows
        forecasts = sum(row.forecasts for row in rows)
        number = min(max(1, FETCHED * len(rows) // forecasts), _MOST_ROWS)


def _whole(block: list[Packed]) -> int:
    """Return how many rows come before the last question, which may not be complete."""
    last = block[-1].question if block else 0
    whole = len(block)
    while whole and block[whole - 1].question == last:
        whole -= 1
    return whole


def _packed(reader: Reader, *, places: bool) -> Select[Any]:
    forecast = tables["forecast"]
    sqlite = reader.connection.dialect.name == "sqlite"

    def moments(column: ColumnElement[Any]) -> ColumnElement[Any]:
        if sqlite:
            return func.group_concat(type_coerce(column, Text()), _NOTHING)
        text = func.to_char(func.timezone("UTC", column), _POSTGRES_MOMENT)
        return func.string_agg(text, _NOTHING)

    def numbers(column: ColumnElement[Any]) -> ColumnElement[Any]:
        if sqlite:
            return func.group_concat(column, _COMMA)
        return func.string_agg(column.cast(STRING), _COMMA)

    answer = forecast.c
    columns = [
        answer.question,
        answer.forecaster,
        func.count(),
        moments(answer.made_start),
        numbers(answer.seq) if places else moments(log.c.recorded_at),
        numbers(answer.answer_yes),
    ]
    if _has_more(reader):
        columns += [
            func.count(answer.answer_yes),
            func.count(answer.record) + func.count(answer.coder),
            func.count(answer.made_end),
            moments(answer.made_end),
            func.count(answer.answer_low),
            numbers(answer.answer_low),
            func.count(answer.answer_high),
            numbers(answer.answer_high),
        ]
    query = select(*columns)
    if not places:
        query = query.join(log, log.c.seq == answer.seq)
    return (
        query.where(answer.seq <= reader.cut)
        .group_by(answer.question, answer.forecaster)
        .order_by(answer.question, answer.forecaster)
    )


def _has_more(reader: Reader) -> bool:
    """Return whether any forecast has more to it than a moment and a number.

    Most have not, and one look at all of them costs less than packing what is not there.
    """
    answer = tables["forecast"].c
    more = or_(
        answer.made_end.is_not(None),
        answer.answer_low.is_not(None),
        answer.answer_high.is_not(None),
        answer.answer_yes.is_(None),
        answer.record.is_not(None),
        answer.coder.is_not(None),
    )
    query = select(answer.seq).where(more, answer.seq <= reader.cut).limit(1)
    return reader.connection.execute(query).first() is not None


def irregular(reader: Reader) -> set[int]:
    """Return the questions (places in the log) whose forecasts need a closer look.

    Something was withdrawn, taken out of force or linked to a statement. What each row
    can tell of itself is in `Packed.is_plain`.
    """
    forecast, withdrawal = tables["forecast"], tables["withdrawal"]
    undone, reading = tables["retraction"], tables["reading"]
    said = forecast.c
    odd = [
        select(withdrawal.c.question).where(withdrawal.c.seq <= reader.cut),
        _naming(said.seq == undone.c.target, undone.c.seq, reader),
        _naming(said.seq == replacement.c.replaced, replacement.c.seq, reader),
        _naming(said.seq == replacement.c.seq, replacement.c.seq, reader),
        _naming(said.seq == reading.c.forecast, reading.c.seq, reader),
    ]
    return set(reader.connection.execute(union(*odd)).scalars())


def _naming(link: ColumnElement[bool], seq: Column[int], reader: Reader) -> Select[Any]:
    """Return the questions of forecasts that entries of another table name."""
    forecast = tables["forecast"].c
    return (
        select(forecast.question)
        .select_from(seq.table.join(tables["forecast"], link))
        .where(and_(seq <= reader.cut, forecast.seq <= reader.cut))
    )
