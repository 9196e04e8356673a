from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url

from forecast_ledger.ledger import Ledger
from forecast_ledger.store.store import Store
from tests import postgres
from tests.conftest import FixedClock


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty ledger on SQLite, to copy: making one takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "ledger.db"
    Store(str(path)).create()
    return path


@pytest.fixture(scope="session")
def empty_database(postgres_server: URL) -> Iterator[str]:
    """The name of a PostgreSQL database with an empty ledger, to copy."""
    with postgres.new_database(postgres_server) as url:
        with closing(Store(url)) as store:
            store.create()
        yield make_url(url).database or ""


@pytest.fixture
def sqlite_ledger(empty_file: Path, tmp_path: Path, clock: FixedClock) -> Iterator[Ledger]:
    path = shutil.copy(empty_file, tmp_path / "ledger.db")
    with Ledger(str(path), clock=clock) as ledger:
        yield ledger


@pytest.fixture
def postgres_ledger(
    postgres_server: URL, empty_database: str, clock: FixedClock
) -> Iterator[Ledger]:
    with (
        postgres.new_database(postgres_server, template=empty_database) as url,
        Ledger(url, clock=clock) as ledger,
    ):
        yield ledger


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest) -> Ledger:
    """An empty ledger on each database, whose clock is the fixture `clock`."""
    name = "sqlite_ledger" if request.param == "sqlite" else "postgres_ledger"
    found: Ledger = request.getfixturevalue(name)
    return found
