"""What arrived after a place in the log: what it doubles, and which questions it is about."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from forecast_ledger.store.read import Reader
from forecast_ledger.store.schema import tables

_IDENTITIES = {
    "source": ("key",),
    "forecaster": ("name",),
    "family": ("key",),
    "lexicon": ("key", "version"),
    "label": ("question", "label"),
    "forecast": ("question", "forecaster", "made_start"),
    "withdrawal": ("question", "forecaster", "made_start"),
    "statement": ("source", "place", "quote"),
    "counterpart": ("question", "other"),
    "reading": ("forecast", "statement"),
}


def doubled(reader: Reader, after: int) -> Iterator[tuple[str, list[int]]]:
    """Yield (type, places) of entries with one identity of which one stands after a place.

    Wordings and resolutions are not among them: they are disputed by question.
    """
    for name, columns in _IDENTITIES.items():
        table = tables[name]
        parts = [table.c[column] for column in columns]
        groups = (
            select(*parts)
            .where(table.c.seq <= reader.cut)
            .group_by(*parts)
            .having(func.count() > 1, func.max(table.c.seq) > after)
        )
        for group in reader.connection.execute(groups).all():
            same = [part == value for part, value in zip(parts, group, strict=True)]
            query = select(table.c.seq).where(*same).order_by(table.c.seq)
            yield name, list(reader.connection.execute(query).scalars())


def roots_touched(reader: Reader, after: int) -> set[int]:
    """Return the roots of the questions that entries after a place are about."""
    question = tables["question"]
    new = question.c.seq > after
    found = set(reader.connection.execute(select(question.c.root).where(new)).scalars())
    for name in ("revision", "forecast", "withdrawal", "resolution"):
        table = tables[name]
        query = (
            select(question.c.root)
            .distinct()
            .join(table, table.c.question == question.c.seq)
            .where(table.c.seq > after)
        )
        found.update(reader.connection.execute(query).scalars())
    return found
