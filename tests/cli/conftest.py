from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.terminal import Terminal
from tests.conftest import FixedClock


@pytest.fixture
def terminal(tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal of Mia Jensen's in Berlin, with a ledger that is not there yet."""
    monkeypatch.setenv("FORECAST_LEDGER_WHO", "Mia Jensen")
    monkeypatch.setenv("FORECAST_LEDGER_ZONE", "Europe/Berlin")
    return Terminal(clock, tmp_path / "ledger.db")
