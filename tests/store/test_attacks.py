"""Every statement that changes or removes a row, on every table, as any program may send it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import URL

from forecast_ledger.store.schema import complete_metadata
from forecast_ledger.store.store import Store
from tests import postgres
from tests.store.conftest import plain_connection
from tests.store.samples import samples
from tests.store.test_schema import OURS, unique_keys

metadata = complete_metadata()
REFUSAL = "a ledger (is never changed|grows by whole entries)"
REFUSED = (sqlite3.IntegrityError, psycopg.errors.RestrictViolation)
MERGE = 'MERGE INTO "{table}" t USING "{table}" s ON t."{column}" = s."{column}" WHEN MATCHED THEN'
KEYS = [(table, key) for table in OURS for key in sorted(unique_keys(table))]


@contextmanager
def filled(location: str) -> Iterator[Store]:
    with closing(Store(location)) as store:
        store.create()
        with store.writing(lambda: datetime(2026, 1, 15, tzinfo=UTC)) as writer:
            writer.append(samples())
        yield store


@pytest.fixture(scope="module")
def sqlite_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with filled(str(tmp_path_factory.mktemp("attacks") / "ledger.db")) as store:
        yield store


@pytest.fixture(scope="module")
def postgres_store(postgres_server: URL) -> Iterator[Store]:
    with postgres.new_database(postgres_server) as url, filled(url) as store:
        yield store


@pytest.fixture(params=["recursive triggers", "no recursive triggers"])
def sqlite_plain(sqlite_store: Store, request: pytest.FixtureRequest) -> Iterator[Any]:
    with closing(plain_connection(sqlite_store)) as connection:
        recursive = "OFF" if request.param.startswith("no") else "ON"
        connection.execute(f"PRAGMA recursive_triggers={recursive}")
        yield connection


@pytest.fixture
def postgres_plain(postgres_store: Store) -> Iterator[Any]:
    with plain_connection(postgres_store) as connection:
        yield connection


def names(table: str) -> list[str]:
    return [column.name for column in metadata.tables[table].columns]


def listed(columns: list[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def content(connection: Any, table: str) -> list[tuple[Any, ...]]:
    order = listed([column.name for column in metadata.tables[table].primary_key.columns])
    rows = connection.execute(f'SELECT * FROM "{table}" ORDER BY {order}').fetchall()
    assert rows, f"nothing in {table} to attack"
    return list(rows)


def refused(connection: Any, table: str, attack: Callable[[], Any]) -> None:
    before = content(connection, table)
    with pytest.raises(REFUSED, match=REFUSAL):
        attack()
    assert content(connection, table) == before


def forged(connection: Any, table: str, key: tuple[str, ...]) -> dict[str, Any]:
    """Return a row that meets an existing one in `key` alone, and differs wherever it can."""
    described = metadata.tables[table]
    old = connection.execute(f'SELECT * FROM "{table}" LIMIT 1').fetchone()
    row: dict[str, Any] = {}
    for column, value in zip(described.columns, old, strict=True):
        if column.name in key or column.foreign_keys:
            row[column.name] = value
        elif isinstance(value, bytes):
            row[column.name] = bytes(len(value))
        elif isinstance(value, str):
            row[column.name] = f"forged {value}"
        elif column.name in ("seq", "position"):
            row[column.name] = 10_000
        else:
            row[column.name] = value
    return row


def insert(connection: Any, verb: str, table: str, row: dict[str, Any], tail: str = "") -> None:
    mark = "?" if isinstance(connection, sqlite3.Connection) else "%s"
    marks = ", ".join(mark for _ in row)
    query = f'{verb} INTO "{table}" ({listed(list(row))}) VALUES ({marks}) {tail}'
    connection.execute(query, list(row.values()))


def upsert_tail(table: str, key: tuple[str, ...]) -> str:
    last = names(table)[-1]
    return f'ON CONFLICT ({listed(list(key))}) DO UPDATE SET "{last}" = excluded."{last}"'


# -- SQLite ------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", OURS)
@pytest.mark.parametrize(
    "statement",
    [
        'UPDATE "{table}" SET "{column}" = "{column}"',
        'UPDATE OR REPLACE "{table}" SET "{column}" = "{column}"',
        'UPDATE OR IGNORE "{table}" SET "{column}" = "{column}"',
        'UPDATE OR ROLLBACK "{table}" SET "{column}" = "{column}"',
        'DELETE FROM "{table}"',
        'DELETE FROM "{table}" WHERE true',
    ],
)
def test_sqlite_refuses_a_change_and_a_removal(
    sqlite_plain: Any, table: str, statement: str
) -> None:
    query = statement.format(table=table, column=names(table)[0])
    refused(sqlite_plain, table, lambda: sqlite_plain.execute(query))


@pytest.mark.parametrize("table", OURS)
def test_sqlite_refuses_to_move_a_row_onto_anothers_key(sqlite_plain: Any, table: str) -> None:
    key = metadata.tables[table].primary_key.columns.values()[0].name
    query = f'UPDATE OR REPLACE "{table}" SET "{key}" = (SELECT min("{key}") FROM "{table}")'
    refused(sqlite_plain, table, lambda: sqlite_plain.execute(query))


@pytest.mark.parametrize("table, key", KEYS)
@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "REPLACE", "INSERT OR IGNORE"])
def test_sqlite_refuses_to_insert_over_a_row(
    sqlite_plain: Any, table: str, key: tuple[str, ...], verb: str
) -> None:
    row = forged(sqlite_plain, table, key)
    refused(sqlite_plain, table, lambda: insert(sqlite_plain, verb, table, row))


@pytest.mark.parametrize("table, key", KEYS)
def test_sqlite_refuses_an_upsert(sqlite_plain: Any, table: str, key: tuple[str, ...]) -> None:
    row = forged(sqlite_plain, table, key)
    for tail in (upsert_tail(table, key), "ON CONFLICT DO NOTHING"):
        refused(sqlite_plain, table, partial(insert, sqlite_plain, "INSERT", table, row, tail))


@pytest.mark.parametrize("table", [t for t in OURS if t not in ("text", "link", "replacement")])
@pytest.mark.parametrize("alias", ["rowid", "oid", "_rowid_"])
@pytest.mark.parametrize("written", [int, str, float])
def test_sqlite_refuses_to_replace_by_rowid(
    sqlite_plain: Any, table: str, alias: str, written: Callable[[Any], Any]
) -> None:
    row = forged(sqlite_plain, table, ("seq",))
    row = {alias: written(row.pop("seq")), **row}
    if table == "log":
        row["digest"] = b"\x01" * 32
    refused(sqlite_plain, table, lambda: insert(sqlite_plain, "REPLACE", table, row))


def test_sqlite_refuses_a_log_row_with_a_known_digest_and_no_seq(sqlite_plain: Any) -> None:
    row = forged(sqlite_plain, "log", ("digest",))
    del row["seq"]
    refused(sqlite_plain, "log", lambda: insert(sqlite_plain, "REPLACE", "log", row))


def test_sqlite_refuses_from_another_database_that_attaches_the_ledger(
    sqlite_store: Store, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db", isolation_level=None)) as other:
        other.execute("ATTACH ? AS ledger", [str(sqlite_store.target.path)])
        for table in OURS:
            for verb in ("DELETE FROM", "REPLACE INTO", "UPDATE"):
                column = names(table)[0]
                rest = {
                    "DELETE FROM": "",
                    "REPLACE INTO": f'SELECT * FROM ledger."{table}"',
                    "UPDATE": f'SET "{column}" = "{column}"',
                }
                query = f'{verb} ledger."{table}" {rest[verb]}'
                refused(other, table, partial(other.execute, query))


# -- PostgreSQL --------------------------------------------------------------------------------


@pytest.mark.parametrize("table", OURS)
@pytest.mark.parametrize(
    "statement",
    [
        'UPDATE "{table}" SET "{column}" = "{column}"',
        'UPDATE "{table}" SET "{column}" = "{column}" WHERE false',
        'DELETE FROM "{table}"',
        'DELETE FROM ONLY "{table}"',
        'WITH gone AS (DELETE FROM "{table}" RETURNING 1) SELECT * FROM gone',
        'TRUNCATE "{table}" CASCADE',
        MERGE + " DELETE",
        MERGE + ' UPDATE SET "{column}" = s."{column}"',
    ],
)
def test_postgresql_refuses_a_change_and_a_removal(
    postgres_plain: Any, table: str, statement: str
) -> None:
    query = statement.format(table=table, column=names(table)[0])
    refused(postgres_plain, table, lambda: postgres_plain.execute(query))


def test_postgresql_refuses_to_truncate_every_table_at_once(postgres_plain: Any) -> None:
    query = f"TRUNCATE {listed(OURS)}"
    refused(postgres_plain, "log", lambda: postgres_plain.execute(query))


@pytest.mark.parametrize("table, key", KEYS)
def test_postgresql_refuses_an_upsert(
    postgres_plain: Any, table: str, key: tuple[str, ...]
) -> None:
    row = forged(postgres_plain, table, key)
    tail = upsert_tail(table, key)
    refused(postgres_plain, table, lambda: insert(postgres_plain, "INSERT", table, row, tail))


@pytest.mark.parametrize("table, key", KEYS)
def test_postgresql_keeps_the_old_row_where_a_conflict_does_nothing(
    postgres_plain: Any, table: str, key: tuple[str, ...]
) -> None:
    before = content(postgres_plain, table)
    row = forged(postgres_plain, table, key)
    # Triggers come before the conflict is seen, and may refuse the row for its own sake.
    with suppress(psycopg.errors.RestrictViolation):
        insert(postgres_plain, "INSERT", table, row, "ON CONFLICT DO NOTHING")
    assert content(postgres_plain, table) == before


@pytest.mark.parametrize("table", OURS)
def test_postgresql_copies_nothing_over_a_row(postgres_plain: Any, table: str) -> None:
    before = content(postgres_plain, table)
    with postgres_plain.cursor() as cursor:
        with cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
            rows = b"".join(bytes(block) for block in copy)
        with (
            pytest.raises((psycopg.errors.UniqueViolation, psycopg.errors.RestrictViolation)),
            cursor.copy(f'COPY "{table}" FROM STDIN') as copy,
        ):
            copy.write(rows)
    assert content(postgres_plain, table) == before
