from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from forecast_ledger.domain.entries import Forecaster
from forecast_ledger.errors import DatabaseError
from forecast_ledger.store import migrate
from forecast_ledger.store.schema import HEAD, REVISIONS
from forecast_ledger.store.store import Store
from tests.store.conftest import plain_connection

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
ADDED = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"


def upgrade():
    op.create_table("later", sa.Column("seq", sa.Integer, primary_key=True))
    op.add_column("note", sa.Column("mood", sa.Text, nullable=True))
    {then}
"""


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Make the program one revision newer; `then` is what its migration does at its end."""

    def install(then: str = "pass") -> None:
        scripts = tmp_path / "scripts % of a later version"
        shutil.copytree(migrate.scripts(), scripts)
        script = ADDED.format(head=HEAD, then=then)
        (scripts / "versions" / "9999_later.py").write_text(script, encoding="utf-8")
        monkeypatch.setattr(migrate, "scripts", lambda: scripts)
        monkeypatch.setattr("forecast_ledger.store.store.REVISIONS", (*REVISIONS, "9999"))
        monkeypatch.setattr("forecast_ledger.store.store.HEAD", "9999")

    return install


def picture(store: Store) -> list[Any]:
    """Return all that a database says of its schema, and the rows that could change."""
    with closing(plain_connection(store)) as connection:
        queries = (
            ["SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2"]
            if store.target.path
            else [
                "SELECT attrelid, attname, atttypid FROM pg_attribute ORDER BY 1, 2",
                "SELECT tgname, tgrelid FROM pg_trigger ORDER BY 1, 2",
            ]
        )
        queries += ["SELECT * FROM alembic_version", "SELECT * FROM log ORDER BY seq"]
        return [[tuple(row) for row in connection.execute(query)] for query in queries]


def read(store: Store) -> None:
    with store.reading():
        pass


def write(store: Store) -> None:
    with store.writing(lambda: NOW):
        pass


def record(store: Store, name: str) -> None:
    with store.writing(lambda: NOW) as writer:
        writer.append([Forecaster(name=name)])


def test_a_migration_that_fails_leaves_the_database_as_it_was(
    store: Store, next_version: Callable[..., None]
) -> None:
    record(store, "Mia")
    before = picture(store)
    next_version("op.execute('SELECT * FROM no_such_table')")
    with pytest.raises(DatabaseError):
        store.upgrade()
    assert picture(store) == before
    assert store.revision() == "0001"


def test_a_migration_that_fails_in_python_leaves_the_database_as_it_was(
    store: Store, next_version: Callable[..., None]
) -> None:
    before = picture(store)
    next_version("1 / 0")
    with pytest.raises(ZeroDivisionError):
        store.upgrade()
    assert picture(store) == before


def test_a_first_migration_that_fails_leaves_no_ledger(
    ledger_url: str, next_version: Callable[..., None], tmp_path: Path
) -> None:
    next_version("1 / 0")
    with closing(Store(ledger_url)) as store:
        with pytest.raises(ZeroDivisionError):
            store.create()
        assert not store.exists()
    assert [p.name for p in tmp_path.iterdir()] == ["scripts % of a later version"]


def test_a_personal_file_is_upgraded_after_a_backup(
    tmp_path: Path, next_version: Callable[..., None]
) -> None:
    path = tmp_path / "ledger.db"
    old = Store(str(path))
    record(old, "Mia")
    before = picture(old)
    next_version()
    said: list[str] = []
    store = Store(str(path), notify=said.append)
    record(store, "Ben")
    assert store.revision() == "9999"
    backup = tmp_path / "ledger.schema-0001.db"
    assert said == [f"upgrading {path} from schema 0001 to 9999; backup in {backup}"]
    assert picture(Store(str(backup))) == before
    with store.reading() as reader:
        assert [row.entry.name for row in reader.everything()] == ["Mia", "Ben"]  # type: ignore[attr-defined]


def test_reading_an_older_personal_file_upgrades_it_too(
    tmp_path: Path, next_version: Callable[..., None]
) -> None:
    path = tmp_path / "ledger.db"
    record(Store(str(path)), "Mia")
    (tmp_path / "ledger.schema-0001.db").write_text("somebody else's", encoding="utf-8")
    next_version()
    with Store(str(path)).reading() as reader:
        assert reader.cut == 1
    assert (tmp_path / "ledger.schema-0001.db").read_text(encoding="utf-8") == "somebody else's"
    assert (tmp_path / "ledger.schema-0001-2.db").exists()


def test_a_shared_database_is_neither_made_nor_upgraded_by_itself(
    postgres_url: str, next_version: Callable[..., None]
) -> None:
    with closing(Store(postgres_url)) as store:
        for use in (read, write):
            with pytest.raises(DatabaseError, match=r"holds no ledger yet.*fl db init"):
                use(store)
        assert store.create()
        assert not store.create()
        record(store, "Mia")
        before = picture(store)
    next_version()
    with closing(Store(postgres_url)) as store:
        for use in (read, write):
            with pytest.raises(DatabaseError) as caught:
                use(store)
            assert caught.value.exit_code == 7
            assert caught.value.message.endswith(
                "has schema 0001; this version needs 9999. Make a backup, then run: fl db upgrade"
            )
        assert picture(store) == before
        assert store.upgrade() == ("0001", None)
        record(store, "Ben")


def test_a_newer_schema_is_refused_and_left_alone(store: Store) -> None:
    with closing(plain_connection(store)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0042'")
    before = picture(store)
    location = store.target.url.render_as_string(hide_password=False)
    for use in (read, write, Store.upgrade):
        with closing(Store(location)) as fresh, pytest.raises(DatabaseError) as caught:
            use(fresh)
        assert caught.value.exit_code == 7
        assert caught.value.message == (
            f"{fresh.target.shown} was written by a newer version (schema 0042; this one knows up"
            " to 0001). Upgrade the tool: pip install --upgrade forecast-ledger"
        )
    assert picture(store) == before


def test_there_is_no_way_back(store: Store) -> None:
    from alembic import command

    before = picture(store)
    with pytest.raises(NotImplementedError), store._engine.begin() as connection:
        command.downgrade(migrate.configuration(connection), "base")
    assert picture(store) == before


def test_a_file_that_is_something_else_is_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("not a database at all, and long enough to look at\n" * 5, encoding="utf-8")
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE birds (name)")
    for path in (text, other):
        before = path.read_bytes()
        for use in (read, write):
            with pytest.raises(DatabaseError, match="is not a ledger") as caught:
                use(Store(str(path)))
            assert caught.value.exit_code == 7
        assert path.read_bytes() == before


def test_an_empty_file_becomes_a_ledger(tmp_path: Path) -> None:
    path = tmp_path / "touched.db"
    path.touch()
    record(Store(str(path)), "Mia")
    with Store(str(path)).reading() as reader:
        assert reader.cut == 1
    assert [p.name for p in tmp_path.iterdir()] == ["touched.db"]


def test_a_ledger_is_made_where_the_file_system_has_no_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", no_links)
    path = tmp_path / "ledger.db"
    record(Store(str(path)), "Mia")
    Store(str(path))._create_file(path)  # as one would that came a moment later
    with Store(str(path)).reading() as reader:
        assert reader.cut == 1
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
