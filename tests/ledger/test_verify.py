"""`fl db status --verify` finds what was changed by force, past the triggers."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from forecast_ledger.errors import VerificationError
from forecast_ledger.ledger import Ledger
from tests.conftest import FixedClock
from tests.ledger.saying import MIA, percent


@pytest.fixture
def path(tmp_path: Path, clock: FixedClock) -> Path:
    place = tmp_path / "ledger.db"
    with Ledger(str(place), clock=clock) as ledger:
        ledger.add("Will it rain?", percent(80), who=MIA)
        clock.advance(days=1)
        ledger.forecast("rain", percent(60), who=MIA)
        assert ledger.status(verify=True).verified == 4
    return place


@pytest.mark.parametrize(
    "statement,fault",
    [
        ("INSERT INTO replacement VALUES (4, 3)", "replaces other entries than it names"),
        (
            "INSERT INTO retraction (seq, target, by, slip) VALUES (1, 3, 'x', 0)",
            "the table has 1 rows; the log has 0",
        ),
        ("DELETE FROM forecast WHERE seq = 4", "the table has 1 rows; the log has 2"),
        ("UPDATE question SET root = 3", "is filed under another question"),
        ("UPDATE forecast SET answer_yes = 0 WHERE seq = 3", "does not match its digest"),
        ("UPDATE log SET recorded_at = '2020-01-01T00:00:00.000000Z'", "its leaf does not match"),
        ("UPDATE log SET seq = -5 WHERE seq = 1", "stands before the first"),
    ],
)
def test_what_was_changed_by_force_is_found(
    path: Path, clock: FixedClock, statement: str, fault: str
) -> None:
    with closing(sqlite3.connect(path)) as connection:
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute(statement)
        connection.commit()
    with Ledger(str(path), clock=clock) as ledger, pytest.raises(VerificationError) as caught:
        ledger.status(verify=True)
    assert any(fault in str(problem) for problem in caught.value.problems), caught.value.problems
