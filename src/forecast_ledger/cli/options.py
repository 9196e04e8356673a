"""The manner all commands share: options that go before or after, help, errors."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import Any, TypeVar

import click

from forecast_ledger.cli.app import App
from forecast_ledger.errors import InvalidError, LedgerError, UsageError

F = TypeVar("F", bound=Callable[..., Any])


def _keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    if value not in (None, False):
        setattr(ctx.ensure_object(App), str(param.name), value)


@cache
def everywhere(*, reads: bool) -> Sequence[click.Option]:
    """Return the options every command takes; --as-of is shown by those that only look."""
    return [
        _common("--ledger", "ledger_at", metavar="PATH|URL", help="Another ledger than one's own."),
        _common(
            "--as-of",
            "as_of_text",
            metavar="MOMENT",
            hidden=not reads,
            help="Look as of then; a bare date is its whole day.",
        ),
        _common("--zone", "zone_name", metavar="PLACE", help="Zone of dates typed and shown."),
        _common("--json", "json", is_flag=True, help="Answer as JSON."),
        _common("--no-input", "no_input", is_flag=True, help="Never ask for anything."),
    ]


class _Common(click.Option):
    """An option of all commands, listed apart."""


def _common(flag: str, name: str, **settings: Any) -> click.Option:
    return _Common([flag, name], callback=_keep, expose_value=False, **settings)


def _with_examples(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a command with the examples in its help kept line by line."""
    text = inspect.cleandoc(settings["help"])
    return {**settings, "help": text.replace("\n\nfl ", "\n\n\b\nfl ")}


class _Listed(click.Command):
    """A command whose help lists the options of all commands under a heading of their own."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        own: list[tuple[str, str]] = []
        common: list[tuple[str, str]] = []
        for param in self.get_params(ctx):
            if isinstance(param, click.Argument):
                continue
            record = param.get_help_record(ctx)
            if record is not None:
                (common if isinstance(param, _Common) else own).append(record)
        for heading, records in (("Options", own), ("Everywhere", common)):
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)


_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
"""What stands for a byte of an argument that is not UTF-8."""
_KEYS = ("key", "keys", "path", "paths")


def _check_typed(param: click.Parameter, value: Any) -> None:
    """Refuse an empty option, key or path, as an unset variable leaves it, and broken bytes."""
    is_option = isinstance(param, click.Option)
    metavar = param.metavar or param.human_readable_name
    shown = param.opts[0] if is_option else metavar.strip("[].")
    for typed in value if isinstance(value, tuple) else (value,):
        if not isinstance(typed, str):
            continue
        if not typed.strip() and (is_option or param.name in _KEYS):
            raise UsageError(f"{shown} is empty. Say something, or leave it out.")
        if "FILE" in metavar or "PATH" in metavar:
            continue  # a file may be named by any bytes
        if broken := _LONE_SURROGATE.search(typed):
            raise UsageError(
                f"{shown} holds a byte that is not UTF-8 (at place {broken.start() + 1})."
                " Take it away."
            )


@contextmanager
def naming(option: str) -> Iterator[None]:
    """Name the option whose value is refused, where the message does not."""
    try:
        yield
    except LedgerError as error:
        if error.message.startswith(option):
            raise
        raise type(error)(f"{option}: {error.message}", error.problems) from error


KEPT = "What the command recorded before that is kept: look before you repeat it."
"""Said of an output that cannot be written, by commands that record."""


class Command(_Listed):
    """A command. `reads` if it only looks; `files` if faults in a file are its business."""

    def __init__(
        self, *args: Any, reads: bool = False, files: bool = False, **settings: Any
    ) -> None:
        super().__init__(*args, **_with_examples(settings))
        self.reads = reads
        self.files = files
        self.params.extend(everywhere(reads=reads))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse what was typed; a fault in it names this command."""
        try:
            rest = super().parse_args(ctx, list(args))
        except click.NoSuchOption as error:
            error.ctx = error.ctx or ctx
            if error.option_name[1:2].isdigit():
                typed = next(arg for arg in args if arg.startswith(error.option_name))
                raise UsageError(
                    f"{typed} is negative, and read as an option. A probability lies between 0%"
                    " and 100%, and a length of time above 0."
                ) from None
            raise
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise
        for param in self.params:
            _check_typed(param, ctx.params.get(str(param.name)))
        return rest

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, with what it cannot do refused before it begins."""
        app = ctx.ensure_object(App)
        if app.as_of_text is not None and not self.reads:
            raise UsageError(
                f"--as-of is for commands that look back, and {ctx.command_path} is none."
                " Leave it out."
            )
        _ = app.as_of_text and app.zone  # a fault in the zone is none of --as-of
        with naming("--as-of"):
            _ = app.as_of
        try:
            return super().invoke(ctx)
        except OSError as error:
            if not self.reads and not ctx.params.get("dry_run"):
                error.add_note(KEPT)
            raise
        except InvalidError as error:
            if self.files:
                raise
            # The same fault is one of usage where a person typed it.
            raise UsageError(error.message, error.problems) from error


class Group(_Listed, click.Group):
    """A group of commands, which takes the options of all commands itself."""

    command_class = Command

    def __init__(self, *args: Any, **settings: Any) -> None:
        settings.setdefault("invoke_without_command", True)
        super().__init__(*args, **_with_examples(settings))
        self.params.extend(everywhere(reads=True))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands first, as what one looks for."""
        self.format_commands(ctx, formatter)
        super().format_options(ctx, formatter)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command named first; of one that is not there say which it is near to."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            near = get_close_matches(args[0], self.list_commands(ctx), n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise click.UsageError(f"no such command {args[0]!r}.{hint}", error.ctx) from None

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the commands in the order they were added."""
        return list(self.commands)


def show_help(ctx: click.Context) -> None:
    """Show the help of a group where no command was named."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def all_of(*decorators: Callable[[F], F]) -> Callable[[F], F]:
    """Return several decorators as one, so that their options are listed in this order."""

    def decorate(function: F) -> F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


def joined(words: Sequence[str]) -> str | None:
    """Return words typed one by one as one text, or None."""
    return " ".join(words) or None


class Share(click.ParamType[float]):
    """A level such as 90% or 0.9."""

    name = "percent"

    def convert(
        self, value: Any, _param: click.Parameter | None, _ctx: click.Context | None
    ) -> float:
        """Return a number from 0.5 to 0.999."""
        if isinstance(value, float):
            return value
        from forecast_ledger.domain.probability import WHOLE

        parts = _parts(value)
        if parts is None or not 0.5 <= parts / WHOLE <= 0.999:
            raise UsageError(
                f"--level {value} is no level from 50% to 99.9%. It says how often a range is to"
                " hold: give one such as 90% or 0.9."
            )
        return parts / WHOLE


class Floor(click.ParamType[int]):
    """A probability such as 0.1%, in parts per 10⁹."""

    name = "percent"

    def convert(
        self, value: Any, _param: click.Parameter | None, _ctx: click.Context | None
    ) -> int:
        """Return the parts, above 0 and at most a half."""
        if isinstance(value, int):
            return value
        from forecast_ledger.domain.probability import WHOLE

        parts = _parts(value)
        if parts is None or not 0 < parts <= WHOLE // 2:
            raise UsageError(
                f"--log-floor {value} is no floor: it lies above 0% and at most at 50%. Give one"
                " such as 0.1%, or leave it out."
            )
        return parts


def _parts(value: object) -> int | None:
    """Return a percentage in parts per 10⁹, or None if it is none."""
    from forecast_ledger.domain.probability import parse_probability

    try:
        return parse_probability(str(value), certain=True).parts
    except UsageError:
        return None


class Days(click.ParamType[timedelta]):
    """A length of time such as 14d, 2w or 3m."""

    name = "time"

    def convert(
        self, value: Any, _param: click.Parameter | None, _ctx: click.Context | None
    ) -> timedelta:
        """Return it as a timedelta; a month is 30 days, a year 365."""
        if isinstance(value, timedelta):
            return value
        match = re.fullmatch(r"([0-9]{1,4}) ?([dwmy])", str(value).strip().lower())
        if match is None:
            raise UsageError(
                f'cannot read "{value}" as a length of time. Write it like 14d, 2w, 3m or 1y.'
            )
        return timedelta(days=int(match[1]) * {"d": 1, "w": 7, "m": 30, "y": 365}[match[2]])


filters = all_of(
    click.option("--who", multiple=True, metavar="NAME", help="This forecaster; may be repeated."),
    click.option("--source", multiple=True, metavar="KEY", help="Read from this source."),
    click.option("--tag", multiple=True, metavar="TAG", help="Questions with this tag."),
    click.option("--family", multiple=True, metavar="KEY", help="Questions of this family."),
)


def _scored(*, rules: bool) -> Callable[[F], F]:
    """Return the options of reports about scores; without `rules` the Brier score is the only one.

    Another rule is then taken all the same, for the report to say where it is.
    """
    return all_of(
        filters,
        click.option("--known-since", metavar="DATE", help="Outcomes known on that day or later."),
        click.option("--known-until", metavar="DATE", help="Outcomes known on that day or before."),
        click.option(
            "--policy",
            default="time-weighted",
            show_default=True,
            metavar="POLICY",
            help="Which forecasts count: time-weighted, daily, last, first, each or 'at 30d'.",
        ),
        click.option(
            "--rule",
            default="brier",
            show_default=True,
            metavar="NAME",
            hidden=not rules,
            help="Scoring rule: brier, log, spherical, baseline, peer and others.",
        ),
        click.option(
            "--brier-scale",
            type=int,
            default=1,
            show_default=True,
            metavar="1|2",
            help="Brier scores from 0 to 1, or to 2.",
        ),
        click.option(
            "--claimed", is_flag=True, help="Count also what was recorded after the outcome."
        ),
        click.option(
            "--level", type=Share(), default="90%", show_default=True, help="Level of ranges."
        ),
    )


scored = _scored(rules=False)
scored_by_rule = _scored(rules=True)
