"""The tables, derived from the fields of the entries.

The migrations write the same tables out in full, so that an old one never changes; a
test compares the two. Triggers, which only migrations make, refuse all but inserts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
)

from forecast_ledger.domain.entries import ENTRY_TYPES, Entry
from forecast_ledger.domain.fields import Field, Role, fields_of
from forecast_ledger.domain.probability import WHOLE
from forecast_ledger.store.columns import BYTES, INTEGER, STRING, UtcMoment

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

HEAD = "0001"
"""The newest revision of the schema, and the one this version reads and writes."""
REVISIONS = ("0001",)
"""Every revision this version can upgrade from, oldest first."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

log = Table(
    "log",
    metadata,
    Column("seq", INTEGER, primary_key=True, autoincrement=False),
    Column("recorded_at", UtcMoment(), nullable=False, index=True),
    Column("nonce", BYTES, nullable=False),
    Column("digest", BYTES, nullable=False, unique=True),
    Column("type", STRING, nullable=False),
    Column("leaf", BYTES, nullable=False),
    sqlite_strict=True,
)

text = Table(
    "text",
    metadata,
    Column("sha256", BYTES, primary_key=True),
    # Null once redacted: what it said is gone, that it was said is not.
    Column("content", STRING, nullable=True),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

link = Table(
    "link",
    metadata,
    Column("seq", INTEGER, ForeignKey("log.seq"), primary_key=True, autoincrement=False),
    Column("field", STRING, primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("target", INTEGER, ForeignKey("log.seq"), nullable=False, index=True),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# All that an entry replaces, directly or through others, so that one look tells what is in
# force even when an entry in the middle of a chain has been retracted.
replacement = Table(
    "replacement",
    metadata,
    Column("seq", INTEGER, ForeignKey("log.seq"), primary_key=True, autoincrement=False),
    Column("replaced", INTEGER, ForeignKey("log.seq"), primary_key=True, autoincrement=False),
    Index("ix_replacement_replaced", "replaced"),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# The first entry here that had the same identity: what a key or a name stands for, however
# many entries describe it. A number of this ledger only, part of no digest.
ROOTED = ("question", "forecaster", "source")

_INDEXES: dict[str, tuple[tuple[str, ...], ...]] = {
    "source": (("key",), ("root",)),
    "statement": (("source",),),
    "question": (("key",), ("root",)),
    "revision": (("question",),),
    "family": (("key",),),
    "label": (("question", "label"), ("label",)),
    "forecaster": (("name",), ("root",)),
    "forecast": (("question", "forecaster", "made_start"), ("forecaster",)),
    "withdrawal": (("question", "forecaster"),),
    "reading": (("forecast",), ("statement",)),
    "resolution": (("question",),),
    "counterpart": (("question",),),
    "evidence": (("url",),),
    "lexicon": (("key",),),
    "note": (("target",),),
    "retraction": (("target",),),
}

STORED_TYPES = {name: cls for name, cls in ENTRY_TYPES.items() if name in _INDEXES}
"""The entry types with a table. Redactions come with a migration of their own."""


def columns_of(cls: type[Any], prefix: str = "") -> Iterator[tuple[str, Field, str]]:
    """Yield (column name, field, part) for all that a row of `cls` holds itself.

    `part` is the part of a moment (start, end, day), else empty. Lists of references
    are in `link`.
    """
    for field in fields_of(cls):
        name = prefix + field.name
        if field.role is Role.WHEN:
            for part in ("start", "end", "day"):
                yield f"{name}_{part}", field, part
        elif field.role is Role.RECORD and field.record is not None:
            yield from columns_of(field.record, f"{name}_")
        elif field.role is not Role.REFERENCES:
            yield name, field, ""


def _column(name: str, field: Field, part: str) -> list[Any]:
    # A column of a nested record is named after it too, and is null where the record is.
    nullable = field.optional or name.removesuffix(f"_{part}") != field.name
    if part:
        kind: TypeEngine[Any] = STRING if part == "day" else UtcMoment()
        return [Column(name, kind, nullable=nullable or part != "start")]
    if field.role is Role.TEXT:
        return [Column(name, BYTES, ForeignKey("text.sha256"), nullable=nullable)]
    if field.role is Role.REFERENCE:
        return [Column(name, INTEGER, ForeignKey("log.seq"), nullable=nullable)]
    if field.role is Role.PARTS:
        # Nullable: another kind of question has another kind of answer.
        return [
            Column(name, INTEGER, nullable=True),
            CheckConstraint(f"{name} BETWEEN 0 AND {WHOLE}", name=name),
        ]
    if field.role is Role.FLAG:
        return [Column(name, Integer, nullable=nullable)]
    return [Column(name, STRING, nullable=nullable)]


def _table(name: str, cls: type[Entry]) -> Table:
    parts: list[Any] = [
        Column("seq", INTEGER, ForeignKey("log.seq"), primary_key=True, autoincrement=False)
    ]
    if name in ROOTED:
        parts.append(Column("root", INTEGER, ForeignKey("log.seq"), nullable=False))
    for column, field, part in columns_of(cls):
        parts.extend(_column(column, field, part))
    table = Table(name, metadata, *parts, sqlite_strict=True)
    for columns in _INDEXES[name]:
        Index(f"ix_{name}_{'_'.join(columns)}", *(table.c[column] for column in columns))
    return table


class _Tables(Mapping[str, Table]):
    """The table of every entry type, made when it is first asked for.

    A command touches a few of them, and making all would take a good part of its time.
    """

    def __init__(self) -> None:
        self._made: dict[str, Table] = {}

    def __getitem__(self, name: str) -> Table:
        if name not in self._made:
            self._made[name] = _table(name, STORED_TYPES[name])
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(STORED_TYPES)

    def __len__(self) -> int:
        return len(STORED_TYPES)


tables = _Tables()


def complete_metadata() -> MetaData:
    """Return the metadata with every table in it."""
    for name in tables:
        tables[name]
    return metadata
