"""The README: every command in it runs, and every line of output in it is real.

`make docs` writes down what the commands print now.
"""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from tests.readme import README, ROOT, Page, counted_bytes


def test_every_line_of_output_is_what_the_command_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(secrets, "token_bytes", counted_bytes())
    commands = 0
    for shown, printed in Page(README, tmp_path).run():
        commands += 1
        assert "\n".join(shown.output) == "\n".join(printed), f"$ {shown.command}"
    assert commands > 10
