"""Every command has help with an example, and stands in docs/cli.md as it is."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from forecast_ledger.cli.reference import commands, reference

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
COMMANDS = list(commands())


def test_the_page_is_what_the_help_says() -> None:
    assert PAGE.read_text("utf-8") == reference(), (
        "docs/cli.md is stale: python -m forecast_ledger.cli.reference > docs/cli.md"
    )


def test_all_commands_there_are() -> None:
    assert {context.command_path for _, context in COMMANDS} == {
        *("fl", "fl me", "fl add", "fl forecast", "fl withdraw", "fl undo", "fl revise"),
        *("fl resolve", "fl annul", "fl reopen", "fl note", "fl family", "fl label", "fl source"),
        *("fl show", "fl list", "fl due", "fl statements", "fl words", "fl score"),
        *("fl calibration", "fl import", "fl export", "fl db", "fl db init", "fl db upgrade"),
        *("fl db status", "fl db backup", "fl db restore"),
    }


@pytest.mark.parametrize(
    "command,context", COMMANDS, ids=[context.command_path for _, context in COMMANDS]
)
def test_every_command_has_help_with_an_example(
    command: click.Command, context: click.Context
) -> None:
    text = command.help or ""
    summary, _, examples = text.partition("\b\n")
    assert summary.strip().endswith(".")
    assert examples.startswith("fl ")
    # The group's list of commands shows the first sentence whole.
    assert len(summary.splitlines()[0]) <= 60 or isinstance(command, click.Group)
    assert f"## {context.command_path}\n" in PAGE.read_text("utf-8")
    assert max(map(len, command.get_help(context).splitlines())) <= 90


@pytest.mark.parametrize(
    "command,context", COMMANDS, ids=[context.command_path for _, context in COMMANDS]
)
def test_every_option_has_help(command: click.Command, context: click.Context) -> None:
    assert context.command_path
    for param in command.params:
        if isinstance(param, click.Option):
            assert param.help
            assert param.help.endswith((".", ".)", ':"', '".'))
