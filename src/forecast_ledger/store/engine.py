"""Opening a database: SQLite file or PostgreSQL, readers and writers, errors in words."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy import exc as sa_exc
from sqlalchemy.pool import NullPool

from forecast_ledger.errors import ConflictError, DatabaseError, LedgerError, UsageError

PATIENCE = 60.0
"""Seconds a writer waits for another before it gives up."""
_QUIET = 2.0
"""Seconds a writer waits before it says that it does."""
_LOCK = 0x464C_4544_4745_5221
"""The advisory lock of a ledger on PostgreSQL; one ledger a database."""
_LOCK_NOT_AVAILABLE = "55P03"


@dataclass(frozen=True, slots=True)
class Target:
    """Where a ledger is: a SQLite file of one's own, or a database server."""

    url: URL
    path: Path | None

    @property
    def shown(self) -> str:
        """How messages name it; never with its password."""
        return str(self.path) if self.path else self.url.render_as_string(hide_password=True)


def target_of(location: str) -> Target:
    """Return the target a path or database URL names."""
    if "://" not in location:
        if not location.strip() or "\0" in location:
            raise UsageError(
                "the ledger's path is empty. Say --ledger PATH or a postgresql:// URL."
            )
        path = Path(location).expanduser()
        return Target(URL.create("sqlite", database=str(path)), path)
    try:
        url = make_url(location)
    except (sa_exc.ArgumentError, ValueError) as error:
        raise UsageError(
            f"--ledger is not a database URL: {location.rsplit('@', maxsplit=1)[-1]!r}."
            " It reads postgresql://USER@HOST/DATABASE."
        ) from error
    backend = url.get_backend_name()
    if backend == "sqlite" and url.database:
        return Target(url, Path(url.database))
    if backend in ("postgresql", "postgres"):
        return Target(url.set(drivername="postgresql+psycopg"), None)
    raise UsageError(
        f"--ledger names {backend}, which is not kept. Give a path (SQLite) or a postgresql:// URL."
    )


def open_engine(target: Target, *, notify: Callable[[str], None]) -> Engine:
    """Return an engine for `target`; `notify` is told when a writer has to wait."""
    if target.path is not None:
        return _sqlite(target, notify)
    try:
        engine = create_engine(target.url, connect_args={"connect_timeout": 10})
    except ModuleNotFoundError as error:
        raise DatabaseError(
            "PostgreSQL needs the extra 'postgres': pip install 'forecast-ledger[postgres]'"
        ) from error

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if not connection.get_execution_options().get("reading"):
            _lock_postgresql(connection, target, notify)

    return engine


def _sqlite(target: Target, notify: Callable[[str], None]) -> Engine:
    # A ledger is one file for one command: no pool to keep connections in.
    engine = create_engine(target.url, poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the begin event decides
        for pragma in ("foreign_keys=ON", "recursive_triggers=ON", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading")
        begin = "BEGIN" if reading else "BEGIN IMMEDIATE"
        for patience, last in ((_QUIET, False), (PATIENCE - _QUIET, True)):
            connection.exec_driver_sql(f"PRAGMA busy_timeout={int(patience * 1000)}")
            try:
                connection.exec_driver_sql(begin)
            except sa_exc.OperationalError as error:
                if not _is_busy(error):
                    raise
                if last:
                    raise DatabaseError(_waited(target)) from error
                notify(f"waiting for another program that is writing to {target.shown} ...")
            else:
                return

    return engine


def _is_busy(error: sa_exc.DBAPIError) -> bool:
    code = getattr(error.orig, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _waited(target: Target) -> str:
    return (
        f"another program has been writing to {target.shown} for {PATIENCE:.0f} seconds."
        " Nothing was recorded; try again when it has finished."
    )


def _lock_postgresql(connection: Connection, target: Target, notify: Callable[[str], None]) -> None:
    # Waiting in the server's own queue, first come first served, costs nobody anything. A wait
    # that runs out undoes the statements since the savepoint only.
    for patience, last in ((_QUIET, False), (PATIENCE - _QUIET, True)):
        connection.exec_driver_sql("SAVEPOINT waiting")
        milliseconds = max(1, int(patience * 1000))  # 0 would wait for ever
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {milliseconds}")
        try:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        except sa_exc.OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                raise
            if last:
                raise DatabaseError(_waited(target)) from error
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT waiting")
            notify(f"waiting for another program that is writing to {target.shown} ...")
        else:
            connection.exec_driver_sql("SET LOCAL lock_timeout TO DEFAULT")
            return


@contextmanager
def translated(target: Target) -> Iterator[None]:
    """Turn whatever a database says into an error that tells what to do."""
    try:
        yield
    except sa_exc.DBAPIError as error:
        raise _in_words(error, target) from error
    except sa_exc.SQLAlchemyError as error:
        raise DatabaseError(f"{target.shown}: {error}") from error


_SAID = {
    sqlite3.SQLITE_READONLY: (
        "{shown} is read-only: nothing can be recorded in it."
        " Change its permissions, or choose another with --ledger."
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "{shown} cannot be opened. Does its folder exist, and may you write there?"
    ),
    sqlite3.SQLITE_FULL: "{shown}: the disk is full. Nothing was recorded.",
    sqlite3.SQLITE_CORRUPT: "{shown} is damaged ({said}). Restore a backup: fl db restore.",
    sqlite3.SQLITE_NOTADB: (
        "{shown} is not a ledger: the file is not a database. It was left as it is;"
        " choose another with --ledger."
    ),
}


def _in_words(error: sa_exc.DBAPIError, target: Target) -> LedgerError:
    original: Any = error.orig
    said = " ".join(str(original).split())
    code = (getattr(original, "sqlite_errorcode", None) or 0) & 0xFF
    if code in _SAID:
        return DatabaseError(_SAID[code].format(shown=target.shown, said=said))
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return DatabaseError(_waited(target))
    if isinstance(error, sa_exc.IntegrityError):
        return ConflictError(f"{target.shown} refused this: {said}")
    if isinstance(error, sa_exc.OperationalError) and target.path is None:
        return DatabaseError(
            f"{target.shown} cannot be reached: {said}."
            " Is the server running, and are the name and the rights right?"
        )
    return DatabaseError(f"{target.shown}: {said}")


def not_a_ledger(target: Target, reason: str) -> DatabaseError:
    """Return the error for a file or database that is something else."""
    return DatabaseError(
        f"{target.shown} is not a ledger: {reason}. It was left as it is;"
        " choose another with --ledger."
    )
