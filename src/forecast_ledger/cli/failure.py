"""From errors to exit codes: once, for every command."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import click

from forecast_ledger.cli.app import width
from forecast_ledger.errors import LedgerError, UsageError

INTERRUPTED = 130
LONGEST_MESSAGE = 2_000
"""Characters of a message that are shown."""


def run(action: Callable[[], object]) -> int:
    """Run the program and return its exit code; whatever goes wrong is said in words."""
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
    return _fault(error)


def end_of_reading() -> int:
    """Write no more, because whoever closed the pipe has read enough; return the exit code."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _say(text: str, indent: str = "") -> None:
    from forecast_ledger.reports.terminal import safe, wrap

    if len(text) > LONGEST_MESSAGE:
        # What was typed is echoed; of very much of it the ends will do.
        text = f"{text[: LONGEST_MESSAGE // 2]} ... {text[-LONGEST_MESSAGE // 2 :]}"
    line = safe(text) if indent else f"fl: {safe(text)}"
    click.echo(wrap(line, width(), indent, indent and f"{indent}  "), err=True)


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
