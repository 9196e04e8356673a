"""Which column of a table is what, by its header or as the user says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from forecast_ledger.errors import InvalidError, Problem, UsageError
from forecast_ledger.formats.near import did_you_mean, shown

OF_QUESTION = ("key", "question", "opens", "closes", "due", "tags", "family", "outcome", "known")
"""Columns that speak of the question; they may be empty on all its rows but one."""
COLUMNS = (
    *("question", "forecaster", "made", "probability", "outcome", "known"),
    *("key", "opens", "closes", "due", "tags", "family", "source"),
)
"""Every column there can be."""
_NEEDED = ("forecaster", "made", "probability")
_WRITTEN = {"weight", "share", "grade", "status"}
"""Columns by which the flat table is known that is written of a score."""


def parse_mapping(said: Sequence[str]) -> dict[str, str]:
    """Return column -> header out of `NAME=HEADER`; raises UsageError.

    >>> parse_mapping(["question=Title", "made=Date (UTC)"])
    {'question': 'Title', 'made': 'Date (UTC)'}
    """
    mapping: dict[str, str] = {}
    for each in said:
        name, separator, header = each.partition("=")
        name = name.strip().lower()
        if not separator or not header.strip():
            raise UsageError(
                f"--column {shown(each)} is not NAME=HEADER, such as --column question=Title."
            )
        if name not in COLUMNS:
            raise UsageError(
                f"--column {shown(each)}: there is no column {shown(name)}."
                f"{did_you_mean(name, COLUMNS)} There are: {', '.join(COLUMNS)}."
            )
        if name in mapping:
            raise UsageError(f"--column says twice what {name} is. Say it once.")
        mapping[name] = header.strip()
    return mapping


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each column stands. `width` is how many there are, `ignored` those not taken.

    A column that is not there stands at `width`, where the reader puts an empty cell.
    """

    places: Mapping[str, int]
    headers: Mapping[str, str]
    width: int
    ignored: tuple[str, ...]

    def has(self, name: str) -> bool:
        """Return whether the table has a column."""
        return name in self.headers


def layout_of(
    header: Sequence[str], mapping: Mapping[str, str], *, name: str, has_who: bool
) -> Layout:
    """Return the layout of a table; raises InvalidError where a needed column is not there."""
    folded = [cell.casefold() for cell in header]
    if _WRITTEN.issubset(folded):
        raise _refused(
            name,
            "is the table that fl score --each forecast --csv writes. It holds keys instead of"
            " questions, a row for each time a forecast stood, and cannot be imported. To move a"
            " ledger: fl export --output FILE.jsonl",
        )
    places: dict[str, int] = {}
    for column in COLUMNS:
        wanted = mapping.get(column, column).casefold()
        if column not in mapping and wanted in {h.casefold() for h in mapping.values()}:
            continue  # that header was said to be another column
        count = Counter(folded)[wanted]
        if count > 1:
            raise _refused(name, f"{count} columns are called {shown(wanted)}. Rename one.")
        if count:
            places[column] = folded.index(wanted)
        elif column in mapping:
            raise _refused(
                name, f"no column is called {shown(mapping[column])}. {_there_are(header)}"
            )
    if has_who and "forecaster" in places:
        raise UsageError(
            f"{name} has a column that says who forecast"
            f" ({shown(header[places['forecaster']])}). Leave --who out."
        )
    missing = [c for c in _NEEDED if c not in places and not (c == "forecaster" and has_who)]
    if "question" not in places and "key" not in places:
        missing.insert(0, "question")
    if missing:
        example = " ".join(f"--column {column}=HEADER" for column in missing)
        who = " (or whose forecasts they are, with --who NAME)" if "forecaster" in missing else ""
        others = [column for column in ("outcome", "known", "closes") if column not in places]
        optional = f" Optional, likewise: {_joined(others)}." if others else ""
        raise _refused(
            name,
            f"the column{'s' if len(missing) > 1 else ''} {_joined(missing)}"
            f" {'are' if len(missing) > 1 else 'is'} missing. {_there_are(header)}"
            f" Say which is which: {example}{who}.{optional}",
        )
    taken = set(places.values())
    return Layout(
        places=places,
        headers={column: header[place] for column, place in places.items()},
        width=len(header),
        ignored=tuple(h for place, h in enumerate(header) if place not in taken and h),
    )


def _joined(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _there_are(header: Sequence[str]) -> str:
    named = [shown(cell) for cell in header[:30] if cell]
    more = ", ..." if len(header) > 30 else ""
    return f"There are: {', '.join(named)}{more}."


def _refused(name: str, reason: str) -> InvalidError:
    problem = Problem(f"{name} line 1", reason)
    return InvalidError(f"{problem}", (problem,))
