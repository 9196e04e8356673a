"""Ledgers that earlier versions left behind are read, verified and written to."""

from __future__ import annotations

import shutil
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from forecast_ledger.domain.canonical import digest_of, leaf_of
from forecast_ledger.domain.entries import Forecaster
from forecast_ledger.store import migrate
from forecast_ledger.store.store import Store
from tests.store.conftest import plain_connection

DATA = Path(__file__).parents[1] / "data"
# The file, the leaf of its newest entry, and how many entries of each type it holds.
LEDGERS = [
    (
        "schema-0001.db",
        "2963201a5cf670977f742f439bcabf451f6e3ce16edba8aa88b8199d52b1821c",
        {
            "counterpart": 1,
            "evidence": 2,
            "family": 1,
            "forecast": 2,
            "forecaster": 2,
            "label": 2,
            "lexicon": 1,
            "note": 1,
            "question": 2,
            "reading": 2,
            "resolution": 2,
            "retraction": 1,
            "revision": 1,
            "source": 2,
            "statement": 2,
            "withdrawal": 1,
        },
    ),
]


@pytest.fixture
def copy(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return Path(shutil.copy(DATA / request.param, tmp_path / "ledger.db"))


@pytest.mark.parametrize("copy, newest, types", LEDGERS, indirect=["copy"])
def test_every_entry_of_an_old_ledger_is_read_and_verifies(
    copy: Path, newest: str, types: dict[str, int]
) -> None:
    with Store(str(copy)).reading() as reader:
        entries = list(reader.everything())
        assert Counter(row.entry.TYPE for row in entries) == types
        for row, stored in zip(entries, reader.rows(), strict=True):
            seq, recorded_at, nonce, digest, kind, leaf = stored
            assert digest_of(row.entry) == row.digest == digest
            assert leaf_of(seq, recorded_at, nonce, digest) == leaf == row.leaf
            assert kind == row.entry.TYPE
        assert [row.seq for row in entries] == list(range(1, len(entries) + 1))
        assert leaf.hex() == newest


@pytest.mark.parametrize("copy, newest, types", LEDGERS, indirect=["copy"])
def test_an_old_ledger_is_written_to(copy: Path, newest: str, types: dict[str, int]) -> None:
    store = Store(str(copy))
    with store.writing(lambda: datetime(2027, 1, 1, tzinfo=UTC)) as writer:
        before = list(writer.everything())
        (again, new) = writer.append([before[0].entry, Forecaster(name="Somebody new")])
        assert (again.new, new.new) == (False, True)
    with store.reading() as reader:
        assert list(reader.everything()) == [*before, new.recorded]
        assert list(reader.rows())[len(before) - 1][5].hex() == newest
        assert reader.counts() == types | {"forecaster": types["forecaster"] + 1}


@pytest.mark.parametrize("revision", ["0001"])
def test_the_file_kept_of_a_schema_has_that_schema(tmp_path: Path, revision: str) -> None:
    made = Store(str(tmp_path / "made.db"))
    with made._engine.begin() as connection:
        migrate.upgrade(connection, revision)
    kept = Store(str(shutil.copy(DATA / f"schema-{revision}.db", tmp_path / "kept.db")))
    query = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"
    schemas = []
    for store in (made, kept):
        with closing(plain_connection(store)) as connection:
            schemas.append(connection.execute(query).fetchall())
    assert schemas[0] == schemas[1]
