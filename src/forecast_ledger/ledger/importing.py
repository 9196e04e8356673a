"""Importing files: each into the ledger, or all into a rehearsal that leaves nothing behind."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast_ledger.errors import (
    ConflictError,
    InvalidError,
    LedgerError,
    NotFoundError,
    Problem,
)
from forecast_ledger.ledger.base import LedgerBase
from forecast_ledger.ledger.files_in import arriving, record
from forecast_ledger.ledger.imported import FileReport, ImportReport
from forecast_ledger.ledger.paths import files_of, is_flat_table
from forecast_ledger.ledger.source_texts import must_be_quoted
from forecast_ledger.store.read import Reader
from forecast_ledger.store.write import Writer

if TYPE_CHECKING:
    from forecast_ledger.ledger.tables_in import Asking, Progress


class _RehearsedError(Exception):
    """Ends the transaction of a dry run, so that it leaves nothing behind."""


def _undo_all() -> None:
    raise _RehearsedError


class Importing(LedgerBase):
    """The use case of importing files."""

    def import_paths(
        self,
        paths: Sequence[Path],
        *,
        dry_run: bool = False,
        texts: Mapping[str | None, str] | None = None,
        tables: Asking | None = None,
        progress: Progress = lambda _: None,
    ) -> ImportReport:
        """Record what files, and the files of folders, hold; each file whole or not at all.

        `texts` are the texts of sources by their keys, for the quotes to be checked
        against; under None the text of whatever source a book has. `tables` says how flat
        tables are to be read, which are taken where they are named, never out of a folder;
        `progress` is told what part of a table is done. Raises NotFoundError for a path that is
        not there.
        """
        said = tables is not None and tables.is_said
        files = [file for path in paths for file in files_of(path, any_table=said)]
        texts = texts or {}
        must_be_quoted({key for key in texts if key is not None}, files)

        def imported(file: Path, stage: Any) -> FileReport:
            if not is_flat_table(file, any_table=said):
                return self._import(file, stage, texts)
            from forecast_ledger.ledger.tables_in import Asking, TablesIn

            return TablesIn.of(self).import_csv(
                file, tables or Asking(), dry_run=dry_run, progress=progress
            )

        if not dry_run:
            return ImportReport(tuple(imported(file, self) for file in files), dry_run=False)
        with self._rehearsal() as stage:
            return ImportReport(tuple(imported(file, stage) for file in files), dry_run=True)

    @contextmanager
    def _rehearsal(self) -> Iterator[Any]:
        """Give something to import into that keeps nothing: the ledger itself, undone."""
        if not self.store.exists():
            with tempfile.TemporaryDirectory() as folder:
                stage = type(self)(str(Path(folder) / "rehearsal.db"), clock=self._clock)
                yield stage
                stage.close()
            return
        try:
            with self._writer() as writer:
                yield _Stage(writer)
                _undo_all()
        except _RehearsedError:
            return

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Give the writer an import records with."""
        with self._writer() as writer:
            yield writer

    @contextmanager
    def reading_or_nothing(self) -> Iterator[Reader | None]:
        """Give a reader, or None where there is no ledger yet."""
        if not self.store.exists():
            yield None
            return
        with self.store.reading() as reader:
            yield reader

    def _import(self, file: Path, stage: Any, texts: Mapping[str | None, str]) -> FileReport:
        try:
            with file.open("rb") as stream:
                with stage.reading_or_nothing() as reader:
                    form, arrived = arriving(stream, str(file), reader, self._clock(), texts)
                with stage.writing() as writer:
                    return record(writer, str(file), arrived, is_book=form == "book")
        except OSError as error:
            problem = Problem(str(file), f"cannot be read: {error.strerror}")
            return FileReport(str(file), problems=(problem,), error=InvalidError(str(problem)))
        except (InvalidError, ConflictError, NotFoundError) as error:
            problems = error.problems or (Problem(str(file), error.message),)
            return FileReport(str(file), problems=problems, error=error)


class _Stage:
    """The writer of a dry run in the guise of a ledger."""

    def __init__(self, writer: Writer) -> None:
        self._the_writer = writer

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Give the writer, and take back what it wrote of a file with problems."""
        cut = self._the_writer.cut
        savepoint = self._the_writer.connection.begin_nested()
        try:
            yield self._the_writer
        except LedgerError:
            savepoint.rollback()
            self._the_writer.cut = cut
            raise

    @contextmanager
    def reading_or_nothing(self) -> Iterator[Reader]:
        """Give the writer itself: it sees what it wrote."""
        yield self._the_writer
