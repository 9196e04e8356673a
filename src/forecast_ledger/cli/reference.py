"""docs/cli.md, made of the help pages: `python -m forecast_ledger.cli.reference > docs/cli.md`."""

from __future__ import annotations

from collections.abc import Iterator

import click

from forecast_ledger.cli import cli

_COLUMNS = 80
_INTRODUCTION = """\
# Command line

The program is called `forecast-ledger`, and for short `fl`. This page is made of its help pages:
`python -m forecast_ledger.cli.reference > docs/cli.md` makes it anew.

Results go to standard output, everything else to standard error. What is missing is asked for
only where a person sits at a terminal, and never with `--no-input` or `--json`. A key may be
shortened while it fits one question alone. Options listed under *Everywhere* may stand before the
command or after it.

| exit code | what it says |
|---|---|
| 0 | done |
| 1 | a fault of ours; a report was written where the message says |
| 2 | what was typed cannot be understood, or is not allowed |
| 3 | a file holds data that breaks a rule |
| 4 | not found |
| 5 | a conflict with what is recorded |
| 6 | stored data does not match its digest |
| 7 | the database cannot be reached, read or written as it is, or the output cannot be written |
| 130 | interrupted |
| 129, 143 | an import was told to end (SIGHUP, SIGTERM) |

| variable | what it sets |
|---|---|
| `FORECAST_LEDGER` | the ledger, as `--ledger`; else a file in the user's data folder |
| `FORECAST_LEDGER_ZONE` | the zone, as `--zone`; else the computer's |
| `FORECAST_LEDGER_WHO` | the user's own name; else the one `fl me` keeps |
| `FORECAST_LEDGER_CONFIG` | the file `fl me` keeps it in |
"""


def commands(
    command: click.Command = cli, parent: click.Context | None = None
) -> Iterator[tuple[click.Command, click.Context]]:
    """Yield every command with a context to show its help in, groups before what they hold."""
    name = "fl" if parent is None else command.name
    context = click.Context(command, parent, info_name=name, terminal_width=_COLUMNS)
    yield command, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            if (sub := command.get_command(context, name)) is not None:
                yield from commands(sub, context)


def reference() -> str:
    """Return docs/cli.md."""
    pages = [
        f"## {context.command_path}\n\n```\n{command.get_help(context)}\n```\n"
        for command, context in commands()
    ]
    return "\n".join((_INTRODUCTION, *pages))


if __name__ == "__main__":
    click.echo(reference(), nl=False)
