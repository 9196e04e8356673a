"""A ledger's database: made, guarded against the wrong version, read, written, backed up."""

from __future__ import annotations

import os
import sqlite3
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, select, text

from forecast_ledger.errors import ConflictError, DatabaseError, NotFoundError
from forecast_ledger.store.engine import (
    Target,
    not_a_ledger,
    open_engine,
    target_of,
    translated,
)
from forecast_ledger.store.read import Reader
from forecast_ledger.store.schema import HEAD, REVISIONS, log
from forecast_ledger.store.write import Writer

_DRIFT = timedelta(minutes=1)
"""How far a clock may be behind the newest entry before that is said."""


class Store:
    """One database. Readers see it as of a moment; there is one writer at a time.

    `notify` is told, in a line, what takes long or was done unasked.
    """

    def __init__(self, location: str, *, notify: Callable[[str], None] = lambda _: None) -> None:
        self.target: Target = target_of(location)
        self._notify = notify
        self._checked = False

    @cached_property
    def _engine(self) -> Engine:
        return open_engine(self.target, notify=self._notify)

    def _connected(self) -> Connection:
        return self._engine.connect().execution_options(reading=True)

    def close(self) -> None:
        """Give back every connection."""
        if "_engine" in self.__dict__:
            self._engine.dispose()

    # -- using -----------------------------------------------------------------------------

    @contextmanager
    def reading(self, as_of: datetime | None = None) -> Iterator[Reader]:
        """Read what was recorded up to `as_of`, or all of it."""
        self._require(create=False)
        options = {"reading": True}
        if self.target.path is None:
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}  # type: ignore[dict-item]
        with translated(self.target):
            connected = self._engine.connect().execution_options(**options)
            with connected as connection, connection.begin():
                newest = select(log.c.seq, log.c.recorded_at).limit(1)
                if as_of is None:
                    newest = newest.order_by(log.c.seq.desc())
                else:
                    newest = newest.where(log.c.recorded_at <= as_of)
                    newest = newest.order_by(log.c.recorded_at.desc(), log.c.seq.desc())
                found = connection.execute(newest).first()
                yield (
                    Reader(connection, found.seq, found.recorded_at)
                    if found
                    else Reader(connection, 0)
                )

    @contextmanager
    def writing(self, clock: Callable[[], datetime]) -> Iterator[Writer]:
        """Write in one transaction under the ledger's lock: all of it or nothing.

        `clock` is read when the lock is held: what had to wait is recorded when it was its turn.
        """
        self._require(create=True)
        with translated(self.target), self._engine.begin() as connection:
            moment = clock()
            writer = Writer(connection, moment)
            if writer.now - moment > _DRIFT:
                self._notify(
                    f"this machine's clock is behind the newest entry of {self.target.shown}"
                    f" ({writer.now:%Y-%m-%d %H:%M} UTC), so what is recorded now bears that"
                    " moment. Is the clock right?"
                )
            yield writer

    # -- the version of the schema ---------------------------------------------------------

    def exists(self) -> bool:
        """Return whether there is anything at this location."""
        path = self.target.path
        if path is None:
            return self.revision() is not None
        return path.exists() and path.stat().st_size > 0

    def revision(self) -> str | None:
        """Return the revision of the schema, or None where there is no ledger at all."""
        with translated(self.target), self._connected() as connection:
            names = set(inspect(connection).get_table_names())
            if not names:
                return None
            if "alembic_version" not in names or "log" not in names:
                raise not_a_ledger(self.target, f"it holds other tables ({min(names)}, ...)")
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            return None if found is None else str(found)

    def _require(self, *, create: bool) -> None:
        """Have a database of this version's schema: made or upgraded if it is one's own."""
        if self._checked:
            return
        path = self.target.path
        if path is not None and not self.exists():
            if not create:
                raise NotFoundError(
                    f"there is no ledger at {path} yet. The first entry makes it: fl add,"
                    " fl import, or fl db init."
                )
            self.create()
        revision = self._fast_revision()
        if revision is None and path is None:
            raise DatabaseError(
                f"{self.target.shown} holds no ledger yet. Make one with: fl db init"
            )
        if revision != HEAD:
            self._outdated(revision)
        self._checked = True

    def _fast_revision(self) -> str | None:
        # One statement in the usual case: start-up of every command goes through here.
        if self.target.path is None:
            return self.revision()
        try:
            with self._connected() as connection:
                found = connection.execute(text("SELECT version_num FROM alembic_version"))
                return str(found.scalar())
        except Exception:  # noqa: BLE001 - whatever it is, revision() finds out and says it
            return self.revision()

    def _outdated(self, revision: str | None) -> None:
        if revision not in REVISIONS:
            raise DatabaseError(
                f"{self.target.shown} was written by a newer version (schema {revision}; this"
                f" one knows up to {HEAD}). Upgrade the tool: pip install --upgrade forecast-ledger"
            )
        if self.target.path is None:
            raise DatabaseError(
                f"{self.target.shown} has schema {revision}; this version needs {HEAD}."
                " Make a backup, then run: fl db upgrade"
            )
        self.upgrade()

    def create(self) -> bool:
        """Make an empty ledger; return False where there is one already."""
        path = self.target.path
        if path is None:
            if self.revision() is not None:
                return False
            with translated(self.target), self._engine.begin() as connection:
                _migrate(connection)
            return True
        if self.exists():
            if self.revision() is None:
                raise not_a_ledger(self.target, "it is a database without tables")
            return False
        self._create_file(path)
        return True

    def _create_file(self, path: Path) -> None:
        # Made under another name and put in place whole: nobody ever sees half a ledger, and
        # of several that make it at once one wins and the others use it.
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        except OSError as error:
            raise DatabaseError(
                f"{path} cannot be made: {_no_room(path, error)}. Choose another with --ledger."
            ) from error
        os.close(handle)
        fresh = Path(name)
        try:
            target = target_of(str(fresh))
            engine = open_engine(target, notify=self._notify)
            with translated(target):
                with engine.begin() as connection:
                    _migrate(connection)
                with closing(sqlite3.connect(fresh)) as plain:
                    plain.execute("PRAGMA journal_mode=WAL")
            engine.dispose()
            try:
                os.link(fresh, path)
            except OSError:
                # An empty file is there, or a ledger that another has just made, or the file
                # system knows no links: a rename would take the place of what is there.
                self._fill_file(path)
        finally:
            for leftover in fresh.parent.glob(f"{fresh.name}*"):
                leftover.unlink(missing_ok=True)

    def _fill_file(self, path: Path) -> None:
        with translated(self.target), self._engine.begin() as connection:
            if inspect(connection).get_table_names():
                return
            _migrate(connection)
        with closing(sqlite3.connect(path)) as plain, suppress(sqlite3.OperationalError):
            plain.execute("PRAGMA journal_mode=WAL")  # refused while another has the file open

    def upgrade(self) -> tuple[str | None, Path | None]:
        """Bring the schema to the newest revision; return the old one and the backup made."""
        before = self.revision()
        if before == HEAD:
            return before, None
        if before is not None and before not in REVISIONS:
            self._outdated(before)
        backup = None
        path = self.target.path
        if path is not None and before is not None:
            backup = _free_name(path.with_name(f"{path.stem}.schema-{before}{path.suffix}"))
            self.backup(backup)
            self._notify(f"upgrading {path} from schema {before} to {HEAD}; backup in {backup}")
        with translated(self.target), self._engine.begin() as connection:
            _migrate(connection)
        return before, backup

    # -- copies ----------------------------------------------------------------------------

    def backup(self, destination: Path) -> None:
        """Write a copy of a SQLite ledger, consistent even while others write to it."""
        path = self.target.path
        if path is None:
            raise DatabaseError(
                "a PostgreSQL ledger is backed up with pg_dump, or as text: fl export --output FILE"
            )
        if not self.exists():
            raise NotFoundError(f"there is no ledger at {path} to back up")
        self.revision()  # refuses what is something else
        mode = stat.S_IMODE(path.stat().st_mode)
        try:
            # Whoever may not read the ledger may not read its copy, at no moment.
            os.close(os.open(destination, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode & 0o600))
            destination.chmod(mode)
        except FileExistsError:
            raise ConflictError(f"{destination} exists already. Name another file.") from None
        except (OSError, ValueError) as error:
            said = (isinstance(error, OSError) and error.strerror) or error
            raise DatabaseError(
                f"{destination} cannot be written: {said}. Name another file."
            ) from error
        try:
            with (
                closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as source,
                closing(sqlite3.connect(destination)) as copy,
            ):
                source.backup(copy)
        except sqlite3.Error as error:
            destination.unlink(missing_ok=True)
            raise DatabaseError(f"{path} could not be backed up: {error}") from error


def _migrate(connection: Connection) -> None:
    # alembic is slow to load, and needed but once in the life of a schema.
    from forecast_ledger.store import migrate  # noqa: PLC0415

    migrate.upgrade(connection)


def _no_room(path: Path, error: OSError) -> str:
    """Return why no file can be made at `path`."""
    above = next((folder for folder in path.parents if folder.exists()), path)
    return f"{above} is not a folder" if not above.is_dir() else str(error.strerror)


def _free_name(path: Path) -> Path:
    count = 1
    candidate = path
    while candidate.exists():
        count += 1
        candidate = path.with_name(f"{path.stem}-{count}{path.suffix}")
    return candidate
