"""Files named on the command line, read and written with errors in words."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TextIO, TypeVar

from forecast_ledger.errors import ConflictError, DatabaseError, NotFoundError, UsageError

T = TypeVar("T")


def sha256_of(name: str) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(_bytes_of(name)).hexdigest()


def text_of(name: str) -> str:
    """Return a file's text."""
    try:
        return _bytes_of(name).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{name} is not UTF-8 text ({error.reason} at byte {error.start})."
        ) from None


def _bytes_of(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except FileNotFoundError:
        raise NotFoundError(f"there is no file {name}. Check its name.") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{name} cannot be read: {_reason(error)}.") from None


def write_new(name: str, write: Callable[[TextIO], T]) -> T:
    """Write a file that does not exist yet, whole or not at all; return what `write` does."""
    path = Path(name)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as out:
            try:
                return write(out)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
    except FileExistsError:
        raise ConflictError(f"{name} exists already. Name another file.") from None
    except (OSError, ValueError) as error:
        raise DatabaseError(f"{name} cannot be written: {_reason(error)}.") from None


def _reason(error: OSError | ValueError) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)
