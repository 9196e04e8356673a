"""What can go wrong, each with the exit code the command line answers with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in something read: where it stands and what is wrong there."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


class LedgerError(Exception):
    """Anything this project refuses, with what the user can do next.

    `message` names the thing and the reason and ends in the next step.
    `problems` lists every fault of a file, in the order of the file.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.problems = problems

    def __str__(self) -> str:
        return self.message


class UsageError(LedgerError):
    """Something typed that cannot be understood or is not allowed."""

    exit_code = 2


class InvalidError(LedgerError):
    """Data that breaks a rule of the ledger."""

    exit_code = 3


class NotFoundError(LedgerError):
    """A key, name, file or entry that is not there."""

    exit_code = 4


class ConflictError(LedgerError):
    """An entry that contradicts one already recorded."""

    exit_code = 5


class VerificationError(LedgerError):
    """Stored data that does not match its digest."""

    exit_code = 6


class DatabaseError(LedgerError):
    """A database that cannot be reached, read or written as it is."""

    exit_code = 7
