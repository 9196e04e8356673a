"""What every command stands on: the settings given, the clock, the zone, the ledger."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import click

from forecast_ledger.errors import UsageError

if TYPE_CHECKING:
    from forecast_ledger.domain.days import Side
    from forecast_ledger.domain.moments import When
    from forecast_ledger.domain.spoken_dates import Tense
    from forecast_ledger.ledger import Ledger
    from forecast_ledger.ledger.scores import Score

T = TypeVar("T")

WIDEST = 100
"""Columns beyond which lines are hard to read."""
NARROWEST = 40


def system_clock() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


def at_terminal() -> bool:
    """Return whether a person reads what is written and can answer it."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def width() -> int:
    """Return the columns to write in."""
    import shutil

    return max(NARROWEST, min(shutil.get_terminal_size().columns, WIDEST))


class App:
    """One run of the program. `clock` is handed over by code; no setting reaches it.

    `ledger_at`, `zone_name`, `as_of_text`, `json` and `no_input` are what the options of
    those names said.
    """

    def __init__(self, *, clock: Callable[[], datetime] = system_clock) -> None:
        self.clock = clock
        self.ledger_at: str | None = None
        self.zone_name: str | None = None
        self.as_of_text: str | None = None
        self.json = False
        self.no_input = False

    @cached_property
    def now(self) -> datetime:
        """The moment the command began."""
        return self.clock()

    @cached_property
    def zone(self) -> tzinfo:
        """The zone dates are typed and shown in."""
        from forecast_ledger.cli.settings import zone_of

        return zone_of(self.zone_name)

    @cached_property
    def as_of(self) -> datetime | None:
        """The moment to look from, or None for now. A bare date is its whole day."""
        if self.as_of_text is None:
            return None
        when = self.when(self.as_of_text, side="end", tense="past")
        if when.start <= self.now <= when.last:
            return None
        if when.start > self.now:
            raise UsageError(
                f'--as-of "{self.as_of_text}" lies in the future. Nothing is recorded there yet.'
            )
        return when.last

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger, at --ledger, FORECAST_LEDGER or the user's own place."""
        from forecast_ledger.cli.settings import location_of
        from forecast_ledger.ledger import Ledger

        return Ledger(location_of(self.ledger_at), clock=self.clock, notify=self.tell)

    @cached_property
    def width(self) -> int:
        """The columns to write in."""
        return width()

    @property
    def interactive(self) -> bool:
        """Whether what is missing may be asked for."""
        return not self.no_input and not self.json and at_terminal()

    # -- who ---------------------------------------------------------------------------------

    @cached_property
    def known_me(self) -> str | None:
        """The user's own name, if it was ever said."""
        from forecast_ledger.cli.settings import known_name

        return known_name()

    @cached_property
    def me(self) -> str:
        """The user's own name, asked for once."""
        if self.known_me is not None:
            return self.known_me
        if not self.interactive:
            raise UsageError(
                "who are you? Say it once with: fl me NAME (or set FORECAST_LEDGER_WHO)."
                " For a forecast of somebody else's say --who NAME."
            )
        from forecast_ledger.cli.settings import checked_name, config_path, save_name

        name = self.ask("Your name, as others will read it in this ledger", checked_name)
        save_name(name)
        self.tell(f"kept in {config_path()}; fl me NAME changes it")
        return name

    @cached_property
    def signature(self) -> str:
        """Who types: the user's own name or, where nobody can be asked, that of the account.

        It signs what any hand may write (an outcome, a note, a reading of words), never a
        forecast: that is somebody's own.
        """
        if self.known_me is not None or self.interactive:
            return self.me
        import getpass

        try:
            account = getpass.getuser()
        except (KeyError, OSError):
            return self.me
        self.tell(f'signed with the name of your account, "{account}". fl me NAME sets your own.')
        return account

    # -- dates -------------------------------------------------------------------------------

    def when(self, text: str, *, side: Side | None = None, tense: Tense | None = None) -> When:
        """Return the moment or day typed, read in the user's zone."""
        from forecast_ledger.cli.settings import library
        from forecast_ledger.domain.spoken_dates import parse_when

        return parse_when(
            text, zone=self.zone, now=self.now, side=side, tense=tense, library=library
        )

    # -- talking -----------------------------------------------------------------------------

    def ask(self, question: str, understand: Callable[[str], T], default: str | None = None) -> T:
        """Ask until the answer is understood, and return what it means."""
        from forecast_ledger.errors import LedgerError

        while True:
            typed = click.prompt(question, default=default, err=True, type=str)
            try:
                return understand(typed)
            except LedgerError as error:
                self.tell(error.message)

    def tell(self, text: str) -> None:
        """Write a line that is no result."""
        from forecast_ledger.reports.terminal import safe, wrap

        click.echo(wrap(safe(text, lines=True), self.width), err=True)

    def say(self, text: str) -> None:
        """Write a result."""
        click.echo(text)

    def answer(
        self,
        result: object,
        render: Callable[[], str],
        *,
        kind: str | None = None,
        pooled: Score | None = None,
    ) -> None:
        """Write a result of the ledger, as JSON of `kind` if asked, else as `render` draws it."""
        if self.json:
            from forecast_ledger.reports.json import dumps

            self.say(dumps(result, kind, pooled=pooled))
        else:
            self.say(render())

    def answer_plainly(self, kind: str, text: str, **fields: object) -> None:
        """Write a line, or as JSON what it says, where the ledger has no result for it."""
        if self.json:
            import json

            from forecast_ledger.reports.json import FORMAT

            self.say(json.dumps({"format": FORMAT, "kind": kind, **fields}, indent=2))
        else:
            from forecast_ledger.reports.terminal import safe

            self.say(safe(text))

    def close(self) -> None:
        """Give back what was opened."""
        if "ledger" in self.__dict__:
            self.ledger.close()


pass_app = click.make_pass_decorator(App)
