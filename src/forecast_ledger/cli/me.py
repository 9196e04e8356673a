"""fl me: the user's own name."""

from __future__ import annotations

import click

from forecast_ledger.cli.app import App, pass_app
from forecast_ledger.cli.options import Command, joined
from forecast_ledger.errors import NotFoundError


@click.command(cls=Command)
@click.argument("name", nargs=-1, metavar="[NAME]")
@pass_app
def me(app: App, name: tuple[str, ...]) -> None:
    """Show your own name, or set it.

    Your forecasts are recorded under it. It is kept in a file of yours, not in the ledger.

    fl me "Mia Jensen"
    """
    from forecast_ledger.cli.settings import checked_name, config_path, save_name
    from forecast_ledger.reports.terminal import safe

    wanted = joined(name)
    if wanted is not None:
        wanted = checked_name(wanted)
        save_name(wanted)
    known = wanted or app.known_me
    if known is None:
        raise NotFoundError("your name is not known yet. Say it: fl me NAME")
    kept = f"   kept in {safe(str(config_path()))}" if wanted else ""
    app.answer_plainly("me", f"{safe(known)}{kept}", name=known)
