from __future__ import annotations

import ast
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import UniqueConstraint

from forecast_ledger.domain.entries import ENTRY_TYPES
from forecast_ledger.store import migrate
from forecast_ledger.store.schema import HEAD, REVISIONS, STORED_TYPES, complete_metadata
from forecast_ledger.store.store import Store
from tests.store.conftest import plain_connection

metadata = complete_metadata()
OURS = sorted(metadata.tables)
# A text stands for itself; every other row has its place.
ORDERED = [table for table in OURS if table != "text"]
SQLITE_TRIGGERS = ("no_delete", "no_replace", "no_update")


def unique_keys(table: str) -> set[tuple[str, ...]]:
    """Return every key of a table on which the database allows one row, by the metadata."""
    described = metadata.tables[table]
    keys = {tuple(column.name for column in described.primary_key.columns)}
    for constraint in described.constraints:
        if isinstance(constraint, UniqueConstraint):
            keys.add(tuple(column.name for column in constraint.columns))
    return keys | {
        tuple(c.name for c in index.columns) for index in described.indexes if index.unique
    }


def sqlite_rows(store: Store, query: str) -> list[tuple[str, ...]]:
    with closing(plain_connection(store)) as connection:
        return list(connection.execute(query))


def test_the_migrations_make_the_tables_the_program_uses(store: Store) -> None:
    options = {
        "compare_server_default": True,
        "autogenerate_plugins": ["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"],
    }
    with store._engine.connect().execution_options(reading=True) as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def test_every_entry_type_but_redaction_has_its_table() -> None:
    assert set(ENTRY_TYPES) - set(STORED_TYPES) == {"redaction"}
    assert set(STORED_TYPES) | {"log", "text", "link", "replacement"} == set(OURS)


def test_every_table_is_guarded_by_triggers(store: Store) -> None:
    if store.target.path is None:
        query = (
            "SELECT c.relname, t.tgname, t.tgtype::int, t.tgenabled::text FROM pg_trigger t"
            " JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal"
        )
        with plain_connection(store) as connection:
            found = connection.execute(query).fetchall()
        # BEFORE (2) DELETE (8), UPDATE (16), TRUNCATE (32), once for each statement; and BEFORE
        # (2) INSERT (4) for each row (1).
        expected = {(table, f"{table}_insert_only", 58) for table in OURS}
        expected |= {(table, f"{table}_in_order", 7) for table in ORDERED}
        assert {row[:3] for row in found} == expected
        assert {row[3] for row in found} == {"A"}
        return
    found = sqlite_rows(store, "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'")
    guards = {(table, f"{table}_{kind}") for table in OURS for kind in SQLITE_TRIGGERS}
    assert set(found) == guards | {(table, f"{table}_in_order") for table in ORDERED}


@pytest.mark.parametrize("table", OURS)
def test_sqlite_guards_every_unique_key_of_a_table(table: str, tmp_path: Path) -> None:
    store = Store(str(tmp_path / "ledger.db"))
    store.create()
    indexes = sqlite_rows(store, f'SELECT name FROM pragma_index_list("{table}") WHERE "unique"')
    keys = {
        tuple(name for (name,) in sqlite_rows(store, f'SELECT name FROM pragma_index_info("{i}")'))
        for (i,) in indexes
    }
    primary = f'SELECT name FROM pragma_table_info("{table}") WHERE pk > 0 ORDER BY pk'
    keys.add(tuple(name for (name,) in sqlite_rows(store, primary)))
    assert keys == unique_keys(table)
    trigger = f"SELECT sql FROM sqlite_master WHERE name = '{table}_no_replace'"
    ((guard,),) = sqlite_rows(store, trigger)
    for key in keys:
        assert " AND ".join(f'"{column}" = NEW."{column}"' for column in key) in guard


def test_tables_are_strict_and_a_rowid_is_never_a_second_key_on_sqlite(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "ledger.db"))
    store.create()
    query = "SELECT name, wr, strict FROM pragma_table_list WHERE type = 'table'"
    found = [row for row in sqlite_rows(store, query) if row[0] in OURS]
    assert len(found) == len(OURS)
    for name, without_rowid, strict in found:
        assert strict, name
        keys = sqlite_rows(store, f'SELECT name, type FROM pragma_table_info("{name}") WHERE pk')
        # Otherwise the one column of the key must be the rowid itself.
        assert without_rowid or keys == [("seq", "INTEGER")], name


def test_text_compares_by_code_point_on_postgresql(postgres_url: str) -> None:
    query = (
        "SELECT c.relname, a.attname, l.collname FROM pg_attribute a"
        " JOIN pg_class c ON c.oid = a.attrelid JOIN pg_collation l ON l.oid = a.attcollation"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'public' AND c.relkind = 'r' AND a.attnum > 0"
    )
    with closing(Store(postgres_url)) as store:
        store.create()
        with plain_connection(store) as connection:
            found = connection.execute(query).fetchall()
    ours = [row for row in found if row[0] in OURS]
    assert len(ours) > len(OURS)
    assert [row for row in ours if row[2] != "C"] == []


def test_there_is_one_head_and_the_program_knows_every_revision() -> None:
    scripts = ScriptDirectory(str(migrate.scripts()))
    assert scripts.get_heads() == [HEAD]
    assert tuple(s.revision for s in reversed(list(scripts.walk_revisions()))) == REVISIONS


@pytest.mark.parametrize("script", sorted(migrate.scripts().glob("versions/*.py")), ids=str)
def test_a_migration_uses_nothing_of_the_program(script: Path) -> None:
    # What the program means by a name may change; what a migration did may not.
    for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        assert not [name for name in names if name.startswith("forecast_ledger")]
