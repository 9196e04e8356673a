"""The tables of a book and their fields, derived from the fields of the entries.

Only where a book says something in other words than the entry does is it stated here.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import Enum
from typing import Any

from forecast_ledger.domain.entries import (
    ENTRY_TYPES,
    REFERS_TO,
    Counterpart,
    Entry,
    Evidence,
    Family,
    Forecast,
    Forecaster,
    Label,
    Lexicon,
    Note,
    Question,
    Reading,
    Resolution,
    Retraction,
    Revision,
    Source,
    Statement,
    Withdrawal,
    Wording,
)
from forecast_ledger.domain.fields import Field, Role, fields_of

VERSION = 1
"""The version of the format, which a book names in its first line: `book = 1`."""


HEAD = ("book", "zone", "coder", "written")
"""What a book says once, before its tables."""


class Form(Enum):
    """How a field is written in a book."""

    NAME = "name"
    KEY = "key"
    URL = "url"
    HASH = "hash"
    TEXT = "text"
    FLAG = "flag"
    WHEN = "when"
    PROBABILITY = "probability"
    REFERENCE = "reference"
    REFERENCES = "references"
    ONE_OR_MORE = "one or more references"
    EVIDENCE = "evidence"
    KEYS = "keys"
    NAMES = "names"
    PHRASES = "phrases"


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a table: its name in the book, the field of the entry, and its form.

    `types` are the entries a reference may name. `past` refuses a moment yet to come.
    """

    name: str
    field: str
    form: Form
    required: bool = False
    types: tuple[str, ...] = ()
    past: bool = False


Columns = dict[str, Column]

WORDING = tuple(field.name for field in fields_of(Wording))
"""The fields of a wording, which stand in the table of its question or revision."""
REMOVABLE = tuple(field.name for field in fields_of(Wording) if field.optional)
"""The fields of a wording that a revision may take away."""
READING = ("reading", "primary", "deadline_from", "status_quo")
"""The fields of a forecast's table that belong to the reading of its statement."""
NESTED = ("revision", "forecast", "withdrawal", "resolution", "counterpart")
"""Tables that may stand inside the table of their question."""

_PAST = ("known", "made", "published")
_FORMS = {
    Role.PARTS: Form.PROBABILITY,
    Role.ROWS: Form.PHRASES,
    **{role: Form(role.value) for role in Role if role.value in {form.value for form in Form}},
}


def _column(field: Field, cls: type[Any], types: tuple[str, ...], name: str | None) -> Column:
    made = cls.__dataclass_fields__[field.name]
    return Column(
        name=name or field.name,
        field=field.name,
        form=_FORMS[field.role],
        required=made.default is dataclasses.MISSING,
        types=types,
        past=field.name in _PAST,
    )


def _columns(
    cls: type[Entry],
    *more: Column,
    skip: tuple[str, ...] = (),
    renamed: dict[str, str] | None = None,
    may_be_absent: tuple[str, ...] = (),
) -> Columns:
    columns = {"id": Column("id", "id", Form.NAME)}
    for field in fields_of(cls):
        if field.name in skip:
            continue
        types = REFERS_TO.get(field.name, ())
        if field.name == "replaces":
            types = (cls.TYPE, "question") if cls is Revision else (cls.TYPE,)
        column = _column(field, cls, types, (renamed or {}).get(field.name))
        if field.name in may_be_absent:
            column = dataclasses.replace(column, required=False)
        columns[column.name] = column
    columns.update({column.name: column for column in more})
    # A correction and its reason are what a table ends with.
    return columns | {name: columns.pop(name) for name in ("replaces", "why")}


def _wording(*, all_optional: bool) -> tuple[Column, ...]:
    columns = (_column(field, Wording, (), None) for field in fields_of(Wording))
    return tuple(
        # When it was written may be said once for the whole book.
        dataclasses.replace(column, required=not all_optional and column.name == "text")
        for column in columns
    )


TABLES: dict[str, Columns] = {
    "source": _columns(Source),
    "forecaster": _columns(Forecaster),
    "lexicon": _columns(Lexicon),
    "evidence": _columns(Evidence),
    "statement": _columns(Statement, may_be_absent=("source",)),
    "question": _columns(
        Question,
        *_wording(all_optional=False),
        Column("tags", "tags", Form.KEYS),
        Column("family", "family", Form.KEY),
        skip=("wording",),
        may_be_absent=("kind",),
    ),
    "revision": _columns(
        Revision,
        *_wording(all_optional=True),
        Column("without", "without", Form.NAMES),
        skip=("wording",),
    ),
    "forecast": _columns(
        Forecast,
        Column("probability", "yes", Form.PROBABILITY),
        Column("low", "low", Form.PROBABILITY),
        Column("high", "high", Form.PROBABILITY),
        Column("words", "phrase", Form.NAME),
        Column("lexicon", "lexicon", Form.REFERENCE, types=("lexicon",)),
        Column("side", "side", Form.NAME),
        Column("statement", "statement", Form.ONE_OR_MORE, types=("statement",)),
        Column("reading", "name", Form.NAME),
        *(column for column in _columns(Reading).values() if column.name in READING),
        skip=("answer", "words"),
        renamed={"forecaster": "who"},
    ),
    "withdrawal": _columns(Withdrawal, renamed={"forecaster": "who"}),
    "resolution": _columns(
        Resolution,
        Column("evidence", "evidence", Form.EVIDENCE, types=("evidence",)),
        Column("against", "against", Form.EVIDENCE, types=("evidence",)),
        may_be_absent=("resolver",),
    ),
    "counterpart": _columns(Counterpart),
    "label": _columns(Label),
    "family": _columns(Family),
    "reading": _columns(Reading),
    "note": _columns(
        Note,
        Column("evidence", "evidence", Form.EVIDENCE, types=("evidence",)),
        renamed={"target": "on"},
    ),
    "retraction": _columns(Retraction),
}
"""Table -> its fields, by the names they have in a book."""

KEYED = {
    "source": "key",
    "question": "key",
    "family": "key",
    "lexicon": "key",
    "forecaster": "name",
}
"""Table -> the field by which its entries are referred to, for those that have one."""

DEFAULTS: dict[str, dict[str, Any]] = {
    name: {
        field.name: field.default
        for field in dataclasses.fields(ENTRY_TYPES[name])
        if field.default is not dataclasses.MISSING and field.default is not None
    }
    | ({"kind": "binary"} if name == "question" else {})
    for name in TABLES
}
"""Table -> what a field means where it is left out."""
