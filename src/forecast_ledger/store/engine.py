"""Opening a database: SQLite file or PostgreSQL, readers and writers, errors in words."""

from __future__ import annotations

import re
import sqlite3
import stat
import time
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
_NAP = 25
"""Milliseconds after which a writer asks SQLite anew."""
_LOCK = 0x464C_4544_4745_5221
"""The advisory lock of a ledger on PostgreSQL; one ledger a database."""
_LOCK_NOT_AVAILABLE = "55P03"


_SECRETS = ("password", "sslpassword", "passfile")
"""What a URL may carry in its query and no message may show."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a ledger is: a SQLite file of one's own, or a database server."""

    url: URL
    path: Path | None

    @property
    def shown(self) -> str:
        """How messages name it; never with a password."""
        if self.path:
            return str(self.path)
        public = self.url.set(drivername="postgresql").difference_update_query(_SECRETS)
        return public.render_as_string(hide_password=True)


def target_of(location: str) -> Target:
    """Return the target a path or database URL names."""
    if "://" not in location:
        if not location.strip():
            raise UsageError(
                "the ledger's path is empty. Say --ledger PATH or a postgresql:// URL."
            )
        path = Path(location).expanduser()
        try:
            is_folder = stat.S_ISDIR(path.stat().st_mode)
        except (FileNotFoundError, NotADirectoryError):
            is_folder = False  # there is nothing yet
        except (OSError, ValueError) as error:
            said = (isinstance(error, OSError) and error.strerror) or error
            raise DatabaseError(
                f"{path} cannot be opened: {said}. Choose another with --ledger."
            ) from error
        if is_folder:
            raise UsageError(
                f"{path} is a folder. Name a file in it: --ledger {path / 'ledger.db'}"
            )
        return Target(URL.create("sqlite", database=str(path)), path)
    try:
        url = make_url(location)
    except (sa_exc.ArgumentError, ValueError) as error:
        raise UsageError(
            f"--ledger is not a database URL, though it begins {location.partition('://')[0]}://."
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
        engine = create_engine(
            target.url,
            # A writer must see what the one before it committed while it waited for the lock;
            # in UTC no moment is out of the driver's range that is not out of Python's.
            isolation_level="READ COMMITTED",
            connect_args={"connect_timeout": 10, "options": "-c timezone=UTC"},
        )
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
    engine = create_engine(target.url, poolclass=NullPool, connect_args={"timeout": PATIENCE})

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the begin event decides
        for pragma in ("foreign_keys=ON", "recursive_triggers=ON", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get("reading"):
            connection.exec_driver_sql("BEGIN")
        else:
            _lock_sqlite(connection, target, notify)

    return engine


def _lock_sqlite(connection: Connection, target: Target, notify: Callable[[str], None]) -> None:
    # SQLite itself looks again after ever longer naps, up to a tenth of a second, so that who
    # has just written is first again and others wait for seconds. Short waits start it anew.
    started, said = time.monotonic(), False
    connection.exec_driver_sql(f"PRAGMA busy_timeout={_NAP}")
    while True:
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except sa_exc.OperationalError as error:
            waited = time.monotonic() - started
            if not _is_busy(error):
                raise
            if waited > PATIENCE:
                raise DatabaseError(_waited(target)) from error
            if waited > _QUIET and not said:
                said = True
                notify(f"waiting for another program that is writing to {target.shown} ...")
        else:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={int(PATIENCE * 1000)}")
            return


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
    # that runs out ends the transaction, in which nothing has been done; the next begins anew.
    for patience, last in ((_QUIET, False), (PATIENCE - _QUIET, True)):
        milliseconds = max(1, int(patience * 1000))  # 0 would wait for ever
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {milliseconds}")
        try:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        except sa_exc.OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                raise
            if last:
                raise DatabaseError(_waited(target)) from error
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


_ITS_QUESTION = re.compile(r"\s*\bis the server running\b[^?]*\?", re.IGNORECASE)
"""What PostgreSQL asks after each address it tried; we ask it once, at the end."""
_SAID = {
    sqlite3.SQLITE_READONLY: (
        "{shown} is read-only: nothing can be recorded in it."
        " Change its permissions, or choose another with --ledger."
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "{shown} cannot be opened. Does its folder exist, and may you write there?"
    ),
    sqlite3.SQLITE_FULL: "{shown}: the disk is full. Nothing was recorded.",
    sqlite3.SQLITE_CORRUPT: (
        "{shown} is damaged ({said}). Put a backup in its place, or load an export into a new"
        " file: fl db restore."
    ),
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
        said = _ITS_QUESTION.sub("", said).rstrip(" .?")
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
