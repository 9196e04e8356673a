"""What is in force, as conditions on the entries of a table up to a place in the log."""

from __future__ import annotations

from sqlalchemy import ColumnElement, FromClause, Table, and_, select

from forecast_ledger.store.schema import replacement, tables

# An alias costs more to make than the statement it stands in takes to run.
_UNDONE = tables["retraction"].alias("undone")
_NEWER = replacement.alias("newer")
_NEWER_UNDONE = tables["retraction"].alias("newer_undone")


def is_retracted(table: FromClause, cut: int, undone: FromClause = _UNDONE) -> ColumnElement[bool]:
    """Return the condition that an entry of `table` was retracted.

    `undone` is the alias of the retractions it looks in, another in each level of one statement.
    """
    return select(undone.c.seq).where(undone.c.target == table.c.seq, undone.c.seq <= cut).exists()


def is_in_force(table: Table, cut: int) -> ColumnElement[bool]:
    """Return the condition: neither retracted, nor replaced by an entry that is not."""
    replaced = (
        select(_NEWER.c.seq)
        .where(_NEWER.c.replaced == table.c.seq, _NEWER.c.seq <= cut)
        .where(~is_retracted(_NEWER, cut, _NEWER_UNDONE))
        .exists()
    )
    return and_(~is_retracted(table, cut), ~replaced)
