"""A flat table of forecasts, row by row: the form people have them in. See docs/csv-format.md.

A table of a million rows repeats itself: cells seen before are looked up, not read anew.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from operator import itemgetter
from typing import Any, BinaryIO, TypeVar

from forecast_ledger.domain.moments import When, text_of
from forecast_ledger.domain.plain_forecasts import INSTANT, written
from forecast_ledger.errors import InvalidError, LedgerError, Problem
from forecast_ledger.formats import csv_values as values
from forecast_ledger.formats.csv_columns import OF_QUESTION, Layout, layout_of
from forecast_ledger.formats.csv_lines import Records, said_of
from forecast_ledger.formats.csv_questions import (
    NEVER,
    Asked,
    Spelling,
    agree,
    put_together,
)

T = TypeVar("T")

BATCH = 5_000
"""Rows handed over at once."""
MOST_PROBLEMS = 1_000
"""Problems that are listed; the others are counted."""
_MOST_KEPT = 200_000
"""Cells of one sort that are remembered."""


Row = tuple[int, int, str, int, int, str | None]
"""One forecast of a table: spelling of its question and forecaster, by their numbers; when it was
made, as `plain_forecasts.written` has it; yes in parts of 10^9; the line where the row begins; its
source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a table is to be read.

    `columns` maps columns to their headers where these are others. With `percent` a bare 35 is
    35%. `zone` is that of dates and of times without an offset. `who` made the forecasts of a
    table without that column. `dates` is the order of dates such as 03/04/2026. `clock` tells
    the present moment.
    """

    zone: tzinfo
    clock: Callable[[], datetime]
    columns: Mapping[str, str] = field(default_factory=dict)
    percent: bool = False
    who: str | None = None
    dates: values.Dates | None = None


class Faults:
    """The problems of a table, by line and column: the first are kept, all are counted."""

    def __init__(self, name: str, layout: Layout) -> None:
        self._name = name
        self._layout = layout
        self._kept: list[tuple[int, int, Problem]] = []
        self.count = 0

    def __call__(self, line: int, column: str, message: str) -> None:
        """Take a problem of a line; `column` is empty where it is the row's own."""
        self.count += 1
        if len(self._kept) < MOST_PROBLEMS:
            header = self._layout.headers.get(column, column)
            place = f"{self._name} line {line}" + (f", {header}" if header else "")
            at = self._layout.places.get(column, self._layout.width if column else -1)
            self._kept.append((line, at, Problem(place, message)))

    def copy(self) -> Faults:
        """Return the same problems, to add others to."""
        other = Faults(self._name, self._layout)
        other._kept, other.count = list(self._kept), self.count
        return other

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The problems kept, by line and column; behind them how many more there are."""
        found = [problem for *_, problem in sorted(self._kept, key=itemgetter(0, 1))]
        if more := self.count - len(found):
            found.append(Problem(self._name, f"and {more:,} more problems"))
        return tuple(found)


class Table:
    """A table being read. When `rows` has ended the rest tells what was in it.

    `forecasters` are names by number, and `first_made` when each spelling was first answered.
    `read` and `invalid` count rows, `rounded` numbers of more than nine decimals; `highest` is
    the highest probability, `small` how many bare numbers of at most 1 were read as percent.
    `zone_mattered` says whether any date hung on the zone.
    """

    def __init__(self, stream: BinaryIO, manner: Manner, *, name: str) -> None:
        self._manner = manner
        self._records = Records(stream, name=name)
        self.layout: Layout = layout_of(
            self._records.header, manner.columns, name=name, has_who=manner.who is not None
        )
        self.faults = Faults(name, self.layout)
        self.forecasters: list[str] = []
        self.first_made: list[str] = []
        self.read = 0
        self.invalid = 0
        self.rounded = 0
        self.highest = 0
        self.small = 0
        self.zone = manner.zone
        self.zone_mattered = False
        self._spellings: dict[tuple[str | None, str | None], Spelling] = {}
        self._numbers: dict[str, int] = {}
        self._small: dict[str, int] = {}
        self._people: dict[str, int] = {}
        self._names: dict[str, int] = {}
        self._days: dict[str, str] = {}
        self._clocks: dict[str, str] = {}
        self._moments: dict[str, str] = {}
        self._dates: dict[str, When] = {}
        self._readers: Mapping[str, Callable[[str], Any]] = {
            "opens": self._when,
            "closes": self._when,
            "due": self._when,
            "tags": values.tags_of,
            "family": values.family_of,
            "outcome": values.outcome_of,
            "known": self._known,
        }
        self._now = text_of(manner.clock())
        if manner.who is not None:
            self._people[""] = self._forecaster(manner.who)

    def questions(self) -> list[Asked]:
        """Return the questions the rows ask, with what they say of them; asked once, at the end."""
        return put_together(self._spellings.values(), self.faults)

    # -- rows ------------------------------------------------------------------------------

    # One loop, because a call for each cell would cost more than what it does.
    def rows(self) -> Iterator[list[Row]]:  # noqa: C901, PLR0912, PLR0915
        """Yield the valid rows in batches; `faults` is told of the others.

        Raises InvalidError where the rest of the file cannot be read at all.
        """
        reader = self._records.reader
        before = self._records.last_line() - reader.line_num
        width, places = self.layout.width, self.layout.places
        cells_of = itemgetter(*(places.get(name, width) for name in OF_QUESTION))
        who_at, source_at = places.get("forecaster", width), places.get("source", width)
        made_at, number_at = places["made"], places["probability"]
        asked: dict[Any, int] = {}
        numbers, people = self._numbers, self._people
        days, clocks, moments = self._days, self._clocks, self._moments
        first_made = self.first_made
        out: list[Row] = []
        last = self._records.last_line()
        while True:
            line = last + 1
            try:
                cells = next(reader)
            except StopIteration:
                break
            except csv.Error as error:
                last = reader.line_num + before
                # What an open quotation mark swallows is lost with the row: say how far it went.
                span = f" Lines {line} to {last} were read as one row." if last > line else ""
                self.faults(line, "", f"{said_of(error)}{span}")
                self.invalid += 1
                continue
            last = reader.line_num + before
            if len(cells) != width and not self._fitted(cells, line):
                continue
            cells.append("")  # where columns stand that are not there
            said = cells_of(cells)
            spelling = asked.get(said)
            if spelling is None:
                if not any(map(str.strip, cells)):
                    continue  # an empty line says nothing, and nothing wrong
                spelling = self._spelling(said, line)
                if spelling is not None:
                    _keep(asked, said, spelling)
            who = people.get(cells[who_at])
            if who is None:
                who = self._cell(line, "forecaster", cells[who_at], self._forecaster)
            yes = numbers.get(cells[number_at])
            if yes is None:
                yes = self._cell(line, "probability", cells[number_at], self._number)
            made = cells[made_at]
            clock = clocks.get(made[10:])
            date = days.get(made[:10])
            if clock is not None and date is not None:
                moment = date + clock
            else:
                moment = moments.get(made) or self._cell(line, "made", made, self._made) or NEVER
            if moment > self._now and not self._is_past(moment):
                if moment != NEVER:
                    self.faults(line, "made", _FUTURE)
                yes = None
            source = cells[source_at] or None
            if source is not None:
                source = self._cell(line, "source", source, values.source_of)
                if source is None and cells[source_at].strip():
                    yes = None
            if spelling is None or who is None or yes is None:
                self.invalid += 1
                continue
            if moment < first_made[spelling]:  # noqa: PLR1730 - min() costs more
                first_made[spelling] = moment
            out.append((spelling, who, moment, yes, line, source))
            if len(out) == BATCH:
                self.read += BATCH
                yield out
                out = []
        self.read += len(out)
        yield out

    def _fitted(self, cells: list[str], line: int) -> bool:
        """Make a record as wide as the header, if what is too much is empty."""
        width = self.layout.width
        if not any(map(str.strip, cells)):
            return False
        if len(cells) > width and not any(cells[width:]):
            del cells[width:]
            return True
        if len(cells) < width:
            way = "A row has one for each column, empty ones too: add what is missing."
        else:
            way = "Put a text with a delimiter in it in quotation marks."
        have = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
        self.faults(line, "", f"has {have} where the header has {width}. {way}")
        self.invalid += 1
        return False

    def _cell(self, line: int, column: str, cell: str, read: Callable[[str], T]) -> T | None:
        """Return what a cell means; tell of one that means nothing, and return None."""
        if not cell.strip():
            if column != "source":
                self.faults(line, column, _EMPTY[column])
            return None
        try:
            return read(cell)
        except LedgerError as error:
            self.faults(line, column, error.message)
            return None

    def _number(self, cell: str) -> int:
        if cell in self._small:
            self.small += 1
            return self._small[cell]
        percent = self._manner.percent
        found = values.probability_of(cell, percent=percent, comma=self._records.delimiter == ";")
        self.rounded += found.rounded
        self.highest = max(self.highest, found.parts)
        if percent and values.is_small(cell):
            self.small += 1  # and whenever it comes again, for which it is kept apart
            return _keep(self._small, cell, found.parts)
        return _keep(self._numbers, cell, found.parts)

    def _forecaster(self, cell: str) -> int:
        name = values.name_of(cell)
        number = self._names.setdefault(name, len(self.forecasters))
        if number == len(self.forecasters):
            self.forecasters.append(name)
        return _keep(self._people, cell, number)

    def _made(self, cell: str) -> str:
        when, in_zone = values.when_of(cell, self._manner.zone, self._manner.dates)
        self.zone_mattered |= in_zone
        made = written(when)
        if (
            when.day is None
            and (cell[:10], cell[11:19]) == (made[:10], made[11:19])
            and (not in_zone or _is_utc(self._manner.zone))
        ):
            # The day and the time of it, each for itself, mean the same beside others.
            _keep(self._days, cell[:10], made[:10])
            _keep(self._clocks, cell[10:], made[10:])
            return made
        return _keep(self._moments, cell, made)

    def _is_past(self, moment: str) -> bool:
        # The file may take its time: what came while it was read is no future.
        self._now = text_of(self._manner.clock())
        return moment[:INSTANT] <= self._now

    # -- questions -------------------------------------------------------------------------

    def _spelling(self, cells: tuple[str, ...], line: int) -> int | None:
        """Return the number of the question a row is about, having taken what it says of it."""
        said = dict(zip(OF_QUESTION, cells, strict=True))
        named: dict[str, str] = {}
        for column, read in (("key", values.key_of), ("question", values.text_of_question)):
            if said[column].strip():
                found = self._cell(line, column, said[column], read)
                if found is None:
                    return None
                named[column] = found
        if not named:
            self.faults(line, "question", "is empty. Say which question the forecast answers.")
            return None
        identity = (named.get("key"), named.get("question"))
        spelling = self._spellings.get(identity)
        if spelling is None:
            spelling = Spelling(len(self._spellings), *identity, line)
            self._spellings[identity] = spelling
            self.first_made.append(NEVER)
        is_read = True
        for column, read_as in self._readers.items():
            if said[column].strip():
                value = self._cell(line, column, said[column], read_as)
                if value is None:
                    spelling.bad.setdefault(column, line)
                    is_read = False
                elif not agree(spelling.said, column, value, line, self.faults):
                    spelling.differs, is_read = True, False
        return spelling.number if is_read else None

    def _when(self, cell: str) -> When:
        found = self._dates.get(cell)
        if found is None:
            found, in_zone = values.when_of(cell, self._manner.zone, self._manner.dates)
            self.zone_mattered |= in_zone
            _keep(self._dates, cell, found)
        return found

    def _known(self, cell: str) -> When:
        when = self._when(cell)
        if (moment := written(when)) > self._now and not self._is_past(moment):
            raise InvalidError("lies in the future. Only what has happened can be known.")
        return when


_FUTURE = "lies in the future. Only what has happened can be recorded."
_EMPTY = {
    "forecaster": "is empty. Say whose forecast it is.",
    "made": "is empty. Say when the forecast was made.",
    "probability": "is empty. Give a probability, or take the row away.",
}


def _keep(cache: dict[Any, T], key: Any, value: T) -> T:
    """Remember what a cell means, unless too many are remembered already."""
    if len(cache) < _MOST_KEPT:
        cache[key] = value
    return value


def _is_utc(zone: tzinfo) -> bool:
    return str(zone) in ("UTC", "Etc/UTC")
