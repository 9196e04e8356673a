"""A ledger on SQLite with a clock that stands still and nonces that repeat."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from forecast_ledger.ledger import Ledger
from forecast_ledger.store.store import Store
from tests.conftest import FixedClock


@pytest.fixture(autouse=True)
def _steady_nonces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make leaves the same in every run, so that whole reports can be written down."""
    monkeypatch.setattr("forecast_ledger.store.write.secrets.token_bytes", bytes)


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty ledger, to copy: making one takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "ledger.db"
    with closing(Store(str(path))) as store:
        store.create()
    return path


@pytest.fixture
def ledger(empty_ledger: Path, tmp_path: Path, clock: FixedClock) -> Iterator[Ledger]:
    path = shutil.copy(empty_ledger, tmp_path / "ledger.db")
    with Ledger(str(path), clock=clock) as opened:
        yield opened
