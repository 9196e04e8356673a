"""The command line: parses, calls one method of the ledger, hands the result to a report."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from importlib import import_module
from typing import Any

import click

from forecast_ledger.cli.app import App, system_clock
from forecast_ledger.cli.failure import end_of_reading, run
from forecast_ledger.cli.options import Group, show_help

COMMANDS = {
    "me": "me:me",
    "add": "add:add",
    "forecast": "forecast:forecast",
    "withdraw": "forecast:withdraw",
    "undo": "forecast:undo",
    "revise": "revise:revise",
    "resolve": "resolve:resolve",
    "annul": "resolve:annul",
    "reopen": "resolve:reopen",
    "note": "beside:note",
    "family": "beside:family",
    "label": "beside:label",
    "source": "beside:source",
    "show": "lookup:show",
    "list": "lookup:list_",
    "due": "lookup:due",
    "statements": "lookup:statements",
    "words": "lookup:words",
    "score": "scores:score",
    "calibration": "calibration:calibration",
    "import": "transfer:import_",
    "export": "transfer:export",
    "db": "database:db",
}
"""Every command, in the order of the help, with the module it is loaded from when it is used."""


class Program(Group):
    """The whole program: exits with the code of what happened, and never with a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of all commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, loaded now if it was not yet."""
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            module, name = COMMANDS[cmd_name].split(":")
            loaded = import_module(f"forecast_ledger.cli.{module}")
            self.add_command(getattr(loaded, name), cmd_name)
        return super().get_command(ctx, cmd_name)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, which may write help into a closed pipe."""
        try:
            return super().parse_args(ctx, args)
        except BrokenPipeError:
            raise click.exceptions.Exit(end_of_reading()) from None

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, which may write into a closed pipe."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise click.exceptions.Exit(end_of_reading()) from None

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run a command line and exit; `obj` may be an App with another clock."""
        _ = prog_name, standalone_mode
        app = extra.pop("obj", None) or App()
        run_it = super().main
        try:
            code = run(
                lambda: run_it(
                    args,
                    "fl",
                    complete_var,
                    standalone_mode=False,
                    windows_expand_args=windows_expand_args,
                    obj=app,
                    **extra,
                )
            )
        finally:
            app.close()
        sys.exit(code)


@click.group(cls=Program)
@click.version_option(package_name="forecast-ledger", prog_name="forecast-ledger")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Keep dated forecasts that cannot be quietly rewritten, and see how good they were.

    fl add "Will the Fed cut rates by 18 March 2027? #macro" 62%
    fl resolve fed-cut yes --evidence https://example.org/statement
    fl score
    """
    show_help(ctx)


def main(
    args: Sequence[str] | None = None, *, clock: Callable[[], datetime] = system_clock
) -> None:
    """Run the program. `clock` is the one thing no user can set."""
    # Loading modules makes many objects that stay and none to collect: looking through them
    # every 700 costs a tenth of a short command.
    gc.set_threshold(50_000)
    # Nor is there anything to find in them when Python shuts down.
    atexit.register(gc.freeze)
    # No command multiplies matrices, for which numpy would start a thread on every core.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    cli.main(args, obj=App(clock=clock))
