"""What every test stands on: a clean environment, no network, a clock, databases."""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import URL

from tests import postgres

# No deadline: how long an example takes says more about the machine than about the code.
settings.register_profile("deterministic", derandomize=True, database=None, deadline=None)
settings.register_profile("dev", deadline=None)
settings.load_profile("deterministic" if os.environ.get("CI") else "dev")

_homes = count()


class FixedClock:
    """A clock that stands still until it is moved. Calling it gives an aware moment in UTC."""

    def __init__(self, now: datetime = datetime(2026, 1, 15, 12, tzinfo=UTC)) -> None:
        self.set(now)

    def __call__(self) -> datetime:
        return self._now

    def advance(self, **amount: float) -> datetime:
        """Move by an amount given as `timedelta` takes it; return the new moment."""
        return self.set(self._now + timedelta(**amount))

    def set(self, now: datetime) -> datetime:
        """Move to an aware moment, back as well as forth; return it in UTC."""
        if now.tzinfo is None:
            raise ValueError(f"{now} has no time zone")
        self._now = now.astimezone(UTC)
        return self._now


def pytest_configure() -> None:
    # Sees every connection that Python makes, whichever library asks for it. It cannot be
    # removed, so it is set once, when the tests begin.
    sys.addaudithook(_refuse_network)


def pytest_report_header() -> str:
    server = "left out" if postgres.SKIPPED else "named" if postgres.NAMED_SERVER else "bundled"
    return f"databases: SQLite {sqlite3.sqlite_version}, PostgreSQL {server}"


@pytest.fixture(autouse=True)
def clean_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Give the test a home of its own, UTC, 80 columns and none of the user's settings."""
    for name in os.environ:
        if name.startswith(("FORECAST_LEDGER", "LC_", "PG", "XDG_")):
            monkeypatch.delenv(name)
    for name in ("CLICOLOR_FORCE", "FORCE_COLOR", "LANGUAGE", "LINES", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path_factory.getbasetemp() / "home" / str(next(_homes))
    home.mkdir(parents=True)
    for name, folder in {
        "HOME": ".",
        "USERPROFILE": ".",
        "XDG_CACHE_HOME": "cache",
        "XDG_CONFIG_HOME": "config",
        "XDG_DATA_HOME": "data",
        "XDG_STATE_HOME": "state",
    }.items():
        monkeypatch.setenv(name, str(home / folder))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    return home


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands at noon of 15 January 2026 in UTC."""
    return FixedClock()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    """A running PostgreSQL; without one the tests that need it fail rather than be skipped."""
    if postgres.SKIPPED:
        pytest.skip("FORECAST_LEDGER_SKIP_POSTGRES is set")
    with postgres.running_server() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: URL) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, dropped after the test."""
    with postgres.new_database(postgres_server) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new ledger may come to be: the path of no file yet, then an empty database."""
    if request.param == "sqlite":
        return str(tmp_path / "ledger.db")
    url: str = request.getfixturevalue("postgres_url")
    return url


def _refuse_network(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    else:
        return
    name = host.decode() if isinstance(host, bytes) else host
    if name and name not in ("::1", "localhost") and not name.startswith("127."):
        raise RuntimeError(f"a test asks the network for {name}")
