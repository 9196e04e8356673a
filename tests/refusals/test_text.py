"""Hostile text in every place of every command, and what it does to a terminal: nothing."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator

import click
import pytest

from forecast_ledger.cli import cli
from tests.refusals.bench import Bench, assert_plain


def commands(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)
        else:
            yield (*path, name)


EVERY = list(commands(cli))
VALID = {
    "me": "Mia",
    "add": '"Hail by 30 June 2026?" 5%',
    "forecast": "rain 5%",
    "withdraw": "rain",
    "revise": "rain --clarify --criteria x",
    "resolve": "rain yes --note x",
    "annul": "rain --why x",
    "reopen": "snow --why x",
    "note": "rain x",
    "family": "other rain",
    "label": "rain +x",
    "source": "hail --title T --published 2025-12-03",
    "show": "rain",
    "words": "likely",
    "import": "book.toml",
    "export": "rain",
    "db backup": "copy.db",
    "db restore": "book.jsonl",
}
"""What makes each command whole, of those that need something."""
HOSTILE = {
    "escape sequence": "\x1b]0;owned\x07\x9b2J\u202e",
    "NUL": "a\0b",
    "broken byte": "a\udcffb",
    "empty": "",
    "blank": " ",
    "turned round": "\u2067\u202eevil\u2069",
    "very long": "by x " * 200_000,
    "like an option": "-5",
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("path", EVERY, ids=map(" ".join, EVERY))
def test_no_text_in_any_place_of_a_command_breaks_it(
    bench: Bench, path: tuple[str, ...], hostile: str
) -> None:
    command: click.Command = cli
    for name in path:
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), name)
        assert found is not None
        command = found
    valid = shlex.split(VALID.get(" ".join(path), ""))
    arguments = [p for p in command.params if isinstance(p, click.Argument)]
    for place in range(len(arguments)):
        assert_taken_or_refused(bench, *path, *valid[:place], hostile, *valid[place + 1 :])
    for option in command.params:
        if isinstance(option, click.Option) and not option.is_flag:
            assert_taken_or_refused(bench, *path, *valid, option.opts[0], hostile)


def assert_taken_or_refused(bench: Bench, *words: str) -> None:
    started = time.monotonic()
    result = bench.run(*words)
    assert result.exit_code in (0, 2, 3, 4, 5, 7), result.stderr
    if result.exit_code:
        assert result.stderr.startswith("fl: ")
        # The message names what to do about it; it does not repeat what was typed for ever.
        assert len(result.stderr) < 3_000
    assert_plain(result.stderr)
    if len(result.stdout) < 100_000:
        assert_plain(result.stdout)
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    "words,message",
    [
        (
            ["add", "x" * 1_000_000, "5%", "--by", "none"],
            "fl: text has 1,000,000 characters; at most 100,000 are kept. Shorten it.\n",
        ),
        (
            ["add", "by " * 400_000, "5%"],
            (
                "fl: no deadline is looked for in a text of 1,199,999 characters. Say --by DATE,\n"
                "and keep what is not the question for --criteria.\n"
            ),
        ),
        (
            ["show", "x" * 1_000_000],
            (
                f'fl: there is no question\n"{"x" * 978}\n...\n{"x" * 974}".\n'
                "fl list shows them all.\n"
            ),
        ),
    ],
    ids=["title", "sentence", "key"],
)
def test_a_million_characters(bench: Bench, words: list[str], message: str) -> None:
    started = time.monotonic()
    bench.refuses(2 if words[0] == "add" else 4, message, *words)
    assert time.monotonic() - started < 2


def test_text_that_is_turned_round_is_kept_and_shown_as_what_it_is(bench: Bench) -> None:
    said = bench.run("add", "Hail \u202eliah?", "5%", "--by", "2026-06-30", "--key", "hail").stdout
    assert said.startswith("hail   Hail \\u202eliah?\n")
    for line in ("list", "show hail", "due --within 1y", "export", "export hail", "list --json"):
        shown = bench.run(*line.split()).stdout
        assert "\\u202eliah" in shown
        assert_plain(shown)
    # Kept as it is: the escapes of a book and of JSON Lines mean it again.
    bench.write("hail.toml", bench.run("export", "hail").stdout)
    bench.write("all.jsonl", bench.recorded())
    for name in ("hail.toml", "all.jsonl"):
        assert f"{name}\n  0 new," in bench.run("import", name).stdout
