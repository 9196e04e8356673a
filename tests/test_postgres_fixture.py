from __future__ import annotations

import os
import socket
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from tests import postgres
from tests.conftest import FixedClock


def test_the_server_is_a_real_postgresql(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        version: str = connection.execute(text("SELECT version()")).scalar_one()
    engine.dispose()

    assert version.startswith("PostgreSQL ")


@pytest.mark.parametrize("_time", [1, 2])
def test_each_test_gets_an_empty_database(postgres_url: str, _time: int) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE only_once (id integer)")


@pytest.mark.skipif(postgres.NAMED_SERVER != "", reason="the zone of a named server is its own")
def test_the_server_is_not_in_utc(postgres_url: str) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        row = connection.execute("SELECT timestamptz '2026-01-15 12:00Z' ::text").fetchone()

    assert row == ("2026-01-15 17:45:00+05:45",)


def test_a_ledger_url_is_a_place_where_nothing_is_yet(ledger_url: str) -> None:
    assert not Path(ledger_url).exists()


def test_no_test_sees_the_users_home_or_settings(clean_environment: Path) -> None:
    names = {name for name in os.environ if name.startswith(("FORECAST_LEDGER", "PG"))}

    assert Path.home() == clean_environment
    assert names == set()
    assert datetime.fromtimestamp(0).astimezone().utcoffset() == datetime.now(UTC).utcoffset()


@given(st.integers())
def test_hypothesis_runs_beside_the_clean_environment(number: int) -> None:
    assert int(str(number)) == number


@pytest.mark.parametrize("host", ["192.0.2.1", "example.org"])
def test_the_network_is_out_of_reach(host: str) -> None:
    with pytest.raises(RuntimeError, match=host):
        socket.create_connection((host, 80), timeout=1)


def test_the_clock_moves_only_when_told(clock: FixedClock) -> None:
    before = clock()

    assert clock() == before
    assert clock.advance(days=1, hours=2) == clock()
    assert (clock() - before).total_seconds() == 26 * 3600
    with pytest.raises(ValueError, match="no time zone"):
        clock.set(datetime(2026, 1, 1))  # noqa: DTZ001
