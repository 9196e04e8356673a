"""Paths to import: which files they name, and whether those can be read."""

from __future__ import annotations

import shlex
import stat
from pathlib import Path
from typing import BinaryIO

from forecast_ledger.errors import InvalidError, NotFoundError

_FOLDER_PATTERNS = ("*.toml", "*.jsonl")
_SAYS_TABLE = (
    "--percent, --dates, --who, --skip-invalid or --column (--column made=made says nothing else)"
)


def files_of(path: Path, *, any_table: bool) -> list[Path]:
    """Return the files a path names: itself, or the books and exports of a folder.

    With `any_table` a file is a table unless its name says otherwise. Raises NotFoundError or
    InvalidError for what cannot be imported.
    """
    if str(path) == "-" and not path.exists():
        raise NotFoundError(
            "there is no file -. Standard input is /dev/stdin, for a table alone: fl import"
            f" /dev/stdin, with {_SAYS_TABLE}."
        )
    mode = _mode_of(path)
    if mode == stat.S_IFDIR:
        found = sorted(file for pattern in _FOLDER_PATTERNS for file in path.rglob(pattern))
        if not found:
            raise NotFoundError(
                f"{path} holds no book (.toml) and no export (.jsonl).{_tables_in(path)}"
            )
        return found
    if mode == stat.S_IFREG or (mode == stat.S_IFIFO and is_flat_table(path, any_table=any_table)):
        return [path]
    if mode == stat.S_IFIFO:
        raise InvalidError(
            f"{path} is a pipe, and only a table can come through one. Say that it is a table,"
            f" with {_SAYS_TABLE}."
        )
    raise InvalidError(
        f"{path} is not a file. Name a book (.toml), an export (.jsonl) or a table (.csv)."
    )


def _tables_in(folder: Path) -> str:
    """Return how the tables of a folder are imported, or nothing where it has none."""
    from forecast_ledger.formats.csv_lines import is_table

    first = min((file for file in folder.rglob("*") if is_table(file.name)), default=None)
    if first is None:
        return ""
    return f" A table (.csv) is named itself: fl import {shlex.quote(str(first))}"


def is_flat_table(path: Path, *, any_table: bool) -> bool:
    """Return whether a file is a flat table: by its name, or because that was said."""
    from forecast_ledger.formats import FORMATS
    from forecast_ledger.formats.csv_lines import is_table

    others = {ending for form in FORMATS.values() for ending in form.endings}
    return is_table(path.name) or (any_table and path.suffix.lower() not in others)


def must_be_a_file(path: Path) -> None:
    """Refuse what is no plain file."""
    if _mode_of(path) != stat.S_IFREG:
        raise InvalidError(f"{path} is not a file. Name a book (.toml) or an export (.jsonl).")


def opened(path: Path) -> BinaryIO:
    """Return a file open for reading, with its fault in words if it cannot be."""
    try:
        return path.open("rb")
    except OSError as error:
        raise InvalidError(f"{path} cannot be read: {error.strerror}.") from error


def _mode_of(path: Path) -> int:
    """Return what kind of file there is, as `stat` names it."""
    try:
        return stat.S_IFMT(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        raise NotFoundError(f"there is no file {path}. Check its name.") from None
    except (OSError, ValueError) as error:
        said = (isinstance(error, OSError) and error.strerror) or error
        raise InvalidError(f"{path} cannot be read: {said}.") from error
