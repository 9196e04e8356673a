"""When entries that are no longer in force ceased to be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, true

from forecast_ledger.store.chunks import in_chunks
from forecast_ledger.store.in_force import is_retracted
from forecast_ledger.store.read import Reader
from forecast_ledger.store.schema import log, replacement, tables


def retracted_at(
    reader: Reader, *kinds: str, places: Sequence[int] | None = None
) -> dict[int, datetime]:
    """Return when each retracted entry of these types was, those at `places` if given."""
    undone, said = tables["retraction"], log.alias()
    query = (
        select(undone.c.target, func.min(log.c.recorded_at))
        .join(log, log.c.seq == undone.c.seq)
        .join(said, said.c.seq == undone.c.target)
        .where(undone.c.seq <= reader.cut, said.c.type.in_(kinds))
        .group_by(undone.c.target)
    )
    chunks = [None] if not places else list(in_chunks(places))
    found: dict[int, datetime] = {}
    for chunk in chunks:
        part = query if chunk is None else query.where(undone.c.target.in_(chunk))
        found.update({row[0]: row[1] for row in reader.connection.execute(part)})
    return found


def taken_out(
    reader: Reader, kind: str, which: ColumnElement[bool] | None = None
) -> dict[int, datetime]:
    """Return when each entry of a type that is not in force ceased to be.

    `which` may narrow them by their question.
    """
    table, question = tables[kind], tables["question"]
    undone, newer = tables["retraction"], replacement
    out: dict[int, datetime] = {}
    for target, by, condition in (
        (undone.c.target, undone.c.seq, true()),
        (newer.c.replaced, newer.c.seq, ~is_retracted(newer, reader.cut)),
    ):
        # Of a ledger in which nothing was taken back nothing needs to be joined: a planner
        # without statistics would take its time over it.
        if reader.connection.execute(select(by).where(by <= reader.cut).limit(1)).first() is None:
            continue
        query = (
            select(target, func.min(log.c.recorded_at))
            .join(log, log.c.seq == by)
            .join(table, table.c.seq == target)
            .where(by <= reader.cut, condition)
            .group_by(target)
        )
        if which is not None:
            query = query.join(question, question.c.seq == table.c.question).where(which)
        for seq, moment in reader.connection.execute(query):
            out[seq] = min(moment, out.get(seq, moment))
    return out
