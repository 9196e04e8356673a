"""From errors to exit codes: once, for every command."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from typing import TextIO

import click

from forecast_ledger.cli.app import width
from forecast_ledger.errors import DatabaseError, LedgerError, UsageError

INTERRUPTED = 130
LONGEST_MESSAGE = 2_000
"""Characters of a message that are shown."""
UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG, errno.EBADF}
"""What an output says that takes no more."""


def run(action: Callable[[], object]) -> int:
    """Run the program and return its exit code; whatever goes wrong is said in words."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed by whoever started the program
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A terminal that lacks a letter gets its number, not an error.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = action()
        sys.stdout.flush()
    except SystemExit:
        raise  # what a shell asks for to complete words has been answered
    except BaseException as error:  # noqa: BLE001 - no traceback reaches a user
        return code_of(error)
    return code if isinstance(code, int) else 0


def code_of(error: BaseException) -> int:
    """Return the exit code of what went wrong, having said it."""
    if isinstance(error, BrokenPipeError):
        return end_of_reading()
    if isinstance(error, click.Abort | KeyboardInterrupt):
        click.echo("fl: interrupted", err=True)
        return INTERRUPTED
    if isinstance(error, click.ClickException):
        _say(_usage(error))
        return UsageError.exit_code
    if isinstance(error, LedgerError):
        _say(error.message)
        for problem in error.problems:
            _say(str(problem), "  ")
        return error.exit_code
    if isinstance(error, OSError) and error.filename is None and error.errno in UNWRITABLE:
        # Files are named in their errors, and what the ledger reads and writes has its own.
        return _unwritten(error)
    return _fault(error)


def _unwritten(error: OSError) -> int:
    kept = "".join(f" {note}" for note in getattr(error, "__notes__", ()))
    _silence(sys.stdout)
    _say(f"the output cannot be written: {error.strerror}.{kept or ' Send it elsewhere.'}")
    return DatabaseError.exit_code


def end_of_reading() -> int:
    """Write no more, because whoever closed the pipe has read enough; return the exit code."""
    _silence(sys.stdout)
    return 0


def _silence(stream: TextIO) -> None:
    """Let what is still to be written go nowhere, or Python fails again as it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _say(text: str, indent: str = "") -> None:
    from forecast_ledger.reports.terminal import safe, wrap

    if len(text) > LONGEST_MESSAGE:
        # What was typed is echoed; of very much of it the ends will do.
        text = f"{text[: LONGEST_MESSAGE // 2]} ... {text[-LONGEST_MESSAGE // 2 :]}"
    line = safe(text) if indent else f"fl: {safe(text)}"
    try:
        click.echo(wrap(line, width(), indent, indent and f"{indent}  "), err=True)
    except OSError:  # the exit code must do
        _silence(sys.stderr)


def _usage(error: click.ClickException) -> str:
    """Return click's own message in the manner of ours."""
    message = error.format_message().strip()
    message = message[:1].lower() + message[1:]
    if not message.endswith((".", "?")):
        message += "."
    ctx = getattr(error, "ctx", None)
    return f"{message} See: {ctx.command_path if ctx else 'fl'} --help"


def _fault(error: BaseException) -> int:
    import platform
    import tempfile
    import traceback
    from importlib.metadata import PackageNotFoundError, version

    try:
        installed = version("forecast-ledger")
    except PackageNotFoundError:
        installed = "not installed"
    kind = type(error).__name__
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", errors="backslashreplace", delete=False,
            prefix="forecast-ledger-fault-", suffix=".txt",
        ) as report:  # fmt: skip
            report.write(
                f"forecast-ledger {installed}, Python {platform.python_version()},"
                f" {platform.platform()}\n\n{''.join(traceback.format_exception(error))}"
            )
        where = f"The report is in {report.name}; please send it to us."
    except OSError as unwritten:
        where = f"No report could be written ({unwritten.strerror})."
    _say(f"a fault of ours ({kind}), not of yours. {where}")
    return LedgerError.exit_code
