"""What importing files did, or would do."""

from __future__ import annotations

from dataclasses import dataclass, field

from forecast_ledger.errors import LedgerError, Problem


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two entries about the same thing, both kept; what differs, in words."""

    about: str
    difference: str


@dataclass(frozen=True, slots=True)
class FileReport:
    """What importing one file did, or would do.

    `new` counts entries by type, `already` those that were here. A file with `problems`
    added nothing.
    """

    path: str
    new: dict[str, int] = field(default_factory=dict)
    already: int = 0
    problems: tuple[Problem, ...] = ()
    error: LedgerError | None = None
    conflicts: tuple[Conflict, ...] = ()
    notices: tuple[str, ...] = ()
    hindsight: int = 0
    claimed: int = 0

    @property
    def added(self) -> int:
        """How many entries are new."""
        return sum(self.new.values())


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, file by file, in order. With `dry_run` nothing was recorded."""

    files: tuple[FileReport, ...]
    dry_run: bool

    @property
    def failed(self) -> tuple[FileReport, ...]:
        """The files that had problems."""
        return tuple(report for report in self.files if report.error is not None)
