"""Importing flat tables: read and checked first, made ready beside the ledger, then recorded.

Nothing is recorded while a row is at fault, unless faults may be left out. The moment recorded
is read when the whole table has been; the lock is held while what is ready is taken over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from forecast_ledger.domain.probability import WHOLE
from forecast_ledger.errors import InvalidError, NotFoundError, Problem
from forecast_ledger.ledger.base import LedgerBase
from forecast_ledger.ledger.imported import FileReport
from forecast_ledger.ledger.table_forecasts import CLAIMED, HINDSIGHT, LATE, Prepared
from forecast_ledger.ledger.table_overtaken import Disqualified, Overtaken
from forecast_ledger.store.read import Reader
from forecast_ledger.store.stage import Stage
from forecast_ledger.store.write import Writer

if TYPE_CHECKING:
    from forecast_ledger.formats.csv_questions import Asked
    from forecast_ledger.formats.csv_table import Table
    from forecast_ledger.formats.csv_values import Dates

Progress = Callable[[float], None]
"""Told what part of an import is done, 0 to 1."""

_STALE = timedelta(minutes=5)
"""How old the moment an import bears may be when it is recorded."""
_TRIES = 2
"""How often an import is made ready without the lock, before it is made ready under it."""
_READING, _SORTING = 0.45, 0.4  # what part of the time they take


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How a table is to be read.

    `columns` maps columns to their headers where these are others; with `percent` a bare 35 is
    35%; `zone` is that of dates and of times without an offset, UTC if it was not said; `who`
    made the forecasts of a table without that column; `dates` is the order of such dates as
    03/04/2026, which are refused if it was not said. `skip_invalid` leaves out what is at fault;
    else nothing is imported while anything is.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    percent: bool = False
    zone: tzinfo | None = None
    who: str | None = None
    skip_invalid: bool = False
    dates: Dates | None = None

    @property
    def is_said(self) -> bool:
        """Whether anything was said that is said of tables alone."""
        return bool(self.columns or self.percent or self.who or self.skip_invalid or self.dates)


@dataclass(frozen=True, slots=True)
class TableReport(FileReport):
    """What importing a flat table did, or would do.

    `questions`, `forecasts` and `resolved` count what the table holds and is not at fault;
    `recorded` are its forecasts that were here. `invalid` counts rows at fault, `left_out` valid
    rows whose question is; `repeated` rows that say again what another says. `hindsight`
    forecasts were made when the outcome was known (the first on line `hindsight_line`), `late`
    ones after the deadline, `certain` ones say 0 or 100 %; those `claimed` will be scored,
    apart. Of the hindsight and the claimed ones, `hindsight_recorded` and `claimed_recorded` were
    recorded before the table said how their questions came out; the first of the former are named
    in `disqualified`. `known` counts outcomes known before now, by the table or the ledger.
    `skipped` says whether faults were left out rather than everything. `who` made all the
    forecasts, None where several people did.
    """

    questions: int = 0
    forecasts: int = 0
    resolved: int = 0
    recorded: int = 0
    invalid: int = 0
    left_out: int = 0
    repeated: int = 0
    hindsight_line: int = 0
    hindsight_recorded: int = 0
    claimed_recorded: int = 0
    disqualified: tuple[Disqualified, ...] = ()
    late: int = 0
    certain: int = 0
    known: int = 0
    faults: int = 0
    more_conflicts: int = 0
    skipped: bool = False
    who: str | None = None

    @property
    def rows(self) -> int:
        """How many rows were read, those at fault included."""
        return self.forecasts + self.repeated + self.invalid + self.left_out


class TablesIn(LedgerBase):
    """The use case of importing a flat table."""

    def import_csv(
        self,
        path: Path,
        asking: Asking,
        *,
        dry_run: bool = False,
        progress: Progress = lambda _: None,
    ) -> TableReport:
        """Record the forecasts of a table and what it says of their questions.

        A table with faults is reported, not raised. Raises NotFoundError for a file that is not
        there, UsageError for a way of reading it that does not fit.
        """
        from forecast_ledger.formats.csv_table import Manner, Table

        manner = Manner(
            zone=asking.zone or UTC,
            clock=self._clock,
            columns=asking.columns,
            percent=asking.percent,
            who=asking.who,
            dates=asking.dates,
        )
        name = str(path)
        try:
            with path.open("rb") as stream, Stage() as stage:
                table = Table(stream, manner, name=name)
                stage.take(_watched(table, stream, progress))
                run = _Run(self, asking, table, stage, name)
                report = run.rehearse(progress) if dry_run else run.record(progress)
                progress(1)
                return report
        except FileNotFoundError:
            raise NotFoundError(f"there is no file {path}. Check its name.") from None
        except OSError as error:
            problem = Problem(name, f"cannot be read: {error.strerror}")
            return TableReport(name, problems=(problem,), error=InvalidError(str(problem)))
        except InvalidError as error:
            problems = error.problems or (Problem(name, error.message),)
            return TableReport(name, problems=problems, faults=len(problems), error=error)

    @contextmanager
    def reading_or_nothing(self) -> Iterator[Reader | None]:
        """Give a reader, or None where there is no ledger yet."""
        if not self.store.exists():
            yield None
            return
        with self.store.reading() as reader:
            yield reader

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Give the writer an import records with."""
        with self._writer() as writer:
            yield writer


def _watched(table: Table, stream: BinaryIO, progress: Progress) -> Iterator[list[Any]]:
    """Yield the rows of a table, telling how far it is read where that can be known."""
    size = 0
    if stream.seekable():
        here = stream.tell()
        size = stream.seek(0, 2)
        stream.seek(here)
    for batch in table.rows():
        if size:
            progress(_READING * min(1.0, stream.tell() / size))
        yield batch


class _Run:
    """One import of a table that has been read."""

    def __init__(
        self, ledger: TablesIn, asking: Asking, table: Table, stage: Stage, name: str
    ) -> None:
        self._ledger = ledger
        self._asking = asking
        self._table = table
        self._stage = stage
        self._name = name
        self._asked: list[Asked] = table.questions()

    def rehearse(self, progress: Progress) -> TableReport:
        """Return what recording would do."""
        with self._ledger.reading_or_nothing() as reader:
            return self._report(self._prepared(reader, self._ledger.now(), progress))

    def record(self, progress: Progress) -> TableReport:
        """Record the table, if nothing hinders."""
        for _ in range(_TRIES):
            with self._ledger.reading_or_nothing() as reader:
                prepared = self._prepared(reader, self._ledger.now(), progress)
            if self._hindered(prepared) or not prepared.adds:
                return self._report(prepared)
            with self._ledger.writing() as writer:
                if writer.cut == prepared.base and writer.now - prepared.now <= _STALE:
                    prepared.record(writer)
                    return self._report(prepared)
        # Others write all the time: now they have to wait.
        with self._ledger.writing() as writer:
            prepared = self._prepared(writer, writer.now, progress)
            if not self._hindered(prepared):
                prepared.record(writer)
            return self._report(prepared)

    def _prepared(self, reader: Reader | None, now: datetime, progress: Progress) -> Prepared:
        prepared = Prepared(reader, now, self._table, self._asked, self._stage)
        prepared.lay_out(lambda part: progress(_READING + _SORTING * part))
        return prepared

    def _hindered(self, prepared: Prepared) -> bool:
        return bool(prepared.faults.count) and not self._asking.skip_invalid

    def _report(self, prepared: Prepared) -> TableReport:
        table, tally, faults = self._table, prepared.tally, prepared.faults
        error = None
        if self._hindered(prepared):
            count = "1 problem" if faults.count == 1 else f"{faults.count:,} problems"
            error = InvalidError(f"{self._name}: {count}, nothing was imported", faults.problems)
        # What is not imported does nothing to what is recorded.
        overtaken = prepared.overtaken if error is None else Overtaken()
        asked = [one for one in prepared.planned if one.asked.outcome is not None]
        return TableReport(
            path=self._name,
            new={} if error else prepared.new(),
            already=prepared.already(),
            problems=faults.problems,
            error=error,
            conflicts=tuple(tally.conflicts),
            notices=tuple(self._notices()),
            hindsight=tally.marks[HINDSIGHT] + overtaken.hindsight,
            claimed=tally.marks[CLAIMED] + overtaken.claimed,
            hindsight_recorded=overtaken.hindsight,
            claimed_recorded=overtaken.claimed,
            disqualified=tuple(overtaken.disqualified),
            questions=len(prepared.planned),
            forecasts=tally.forecasts,
            resolved=len(asked),
            recorded=tally.recorded,
            invalid=table.invalid + tally.clashing,
            left_out=tally.left_out,
            repeated=tally.repeated,
            hindsight_line=tally.hindsight_line,
            late=tally.marks[LATE],
            certain=tally.certain,
            known=sum(one.known is not None for one in prepared.planned),
            faults=faults.count,
            more_conflicts=tally.more_conflicts,
            skipped=self._asking.skip_invalid,
            who=prepared.only_forecaster,
        )

    def _notices(self) -> Iterator[str]:
        table, asking = self._table, self._asking
        if table.zone_mattered and asking.zone is None:
            yield "dates, and times without an offset, were read in UTC (--zone PLACE says another)"
        if table.layout.ignored:
            names = ", ".join(table.layout.ignored)
            count = len(table.layout.ignored)
            yield f"{'1 column' if count == 1 else f'{count} columns'} not taken: {names}"
        if not table.layout.has("outcome"):
            yield "no column says how questions came out: all are left as they are"
        if asking.percent and table.highest * 100 <= WHOLE and table.read:
            yield (
                "with --percent, no number is above 1: if these are probabilities from 0 to 1,"
                " leave --percent out"
            )
        elif table.small:
            one = table.small == 1
            numbers = "1 number" if one else f"{table.small:,} numbers"
            yield (
                f"{numbers} of at most 1 {'was' if one else 'were'} read as percent: 0.5 as 0.5%"
            )
        if table.rounded:
            yield "probabilities of more than nine decimals were rounded to nine"
