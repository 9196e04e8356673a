"""Plain questions: those with one entry, one wording and at most one outcome, in one statement.

Most questions of a large ledger are plain, and reading all of their entries to learn
what is in force would take longer than scoring them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, select, type_coerce, union
from sqlalchemy.types import NullType

from forecast_ledger.domain.moments import When, moment_of
from forecast_ledger.store.read import Reader
from forecast_ledger.store.schema import link, replacement, tables, text

_AS_STORED = NullType()


class PlainRow(NamedTuple):
    """What is in force about a plain question."""

    root: int
    key: str
    kind: str
    text: str
    opens: When | None
    closes: When | None
    due: When | None
    outcome: str | None
    known: When | None
    firmness: str | None


def involved(reader: Reader) -> set[int]:
    """Return the roots of the questions that are not plain: revised, corrected, taken back."""
    question, revision = tables["question"], tables["revision"]
    resolution, undone = tables["resolution"], tables["retraction"]
    cut = reader.cut
    several = (
        select(resolution.c.question)
        .where(resolution.c.seq <= cut)
        .group_by(resolution.c.question)
        .having(func.count() > 1)
    )
    places = union(
        select(question.c.seq).where(question.c.seq != question.c.root, question.c.seq <= cut),
        select(revision.c.question).where(revision.c.seq <= cut),
        several,
        select(undone.c.target).where(undone.c.seq <= cut),
        select(resolution.c.question)
        .join(undone, undone.c.target == resolution.c.seq)
        .where(undone.c.seq <= cut),
        select(resolution.c.question)
        .join(replacement, replacement.c.seq == resolution.c.seq)
        .where(resolution.c.seq <= cut),
    ).subquery()
    place = next(iter(places.c))
    query = select(question.c.root).join(places, place == question.c.seq)
    return set(reader.connection.execute(query).scalars())


def plain_questions(reader: Reader, apart: Collection[int]) -> Iterator[PlainRow]:
    """Yield what is in force about every question but those `apart`, by root."""
    # Deadlines repeat: each is read once.
    when = lru_cache(maxsize=10_000)(_when)
    for row in reader.connection.execute(_plain(reader).execution_options(yield_per=5_000)):
        root, key, kind, content, *moments, outcome, firmness = row
        if root not in apart:
            opens, closes, due, known = (when(*moments[at : at + 3]) for at in (0, 3, 6, 9))
            yield PlainRow(
                root, key, kind, content or "", opens, closes, due, outcome, known, firmness
            )


def _plain(reader: Reader) -> Select[Any]:
    question, resolution = tables["question"], tables["resolution"]
    parts = ("start", "end", "day")
    moments = [
        question.c[f"wording_{name}_{part}"]
        for name in ("opens", "closes", "due")
        for part in parts
    ]
    moments += [resolution.c[f"known_{part}"] for part in parts]
    return (
        select(
            question.c.root,
            question.c.key,
            question.c.kind,
            text.c.content,
            *(type_coerce(moment, _AS_STORED) for moment in moments),
            resolution.c.outcome,
            resolution.c.firmness,
        )
        .outerjoin(text, text.c.sha256 == question.c.wording_text)
        .outerjoin(
            resolution,
            and_(resolution.c.question == question.c.seq, resolution.c.seq <= reader.cut),
        )
        .where(question.c.seq <= reader.cut, question.c.seq == question.c.root)
        .order_by(question.c.root)
    )


def family_members(reader: Reader) -> Iterator[tuple[str, int]]:
    """Yield (family, place of a question in it) of every family in force."""
    family = tables["family"]
    named = select(family.c.seq, family.c.key).where(family.c.seq <= reader.cut)
    keys = {row.seq: row.key for row in reader.connection.execute(named)}
    standing = set(reader.seqs("family"))
    query = (
        select(link.c.seq, link.c.target)
        .join(family, family.c.seq == link.c.seq)
        .where(link.c.field == "questions", link.c.seq <= reader.cut)
    )
    for seq, target in reader.connection.execute(query):
        if seq in standing:
            yield keys[seq], target


def tags_of_all(reader: Reader) -> Iterator[tuple[int, str]]:
    """Yield (place of a question, tag) of every tag in force."""
    label = tables["label"]
    standing = set(reader.seqs("label"))
    query = select(label.c.seq, label.c.question, label.c.label).where(
        label.c.seq <= reader.cut, label.c.present == 1
    )
    for seq, question, name in reader.connection.execute(query):
        if seq in standing:
            yield question, name


def _when(start: Any, end: Any, day: str | None) -> When | None:
    if start is None:
        return None
    first = _moment(start)
    if day is None:
        return When(first, first)
    return When(first, _moment(end), date.fromisoformat(day))


def _moment(stored: Any) -> datetime:
    """Return a moment as the database keeps it, text or a moment in its zone, in UTC."""
    return moment_of(stored) if isinstance(stored, str) else stored.astimezone(UTC)
