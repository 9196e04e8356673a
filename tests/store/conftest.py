from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest

from forecast_ledger.store.store import Store


@pytest.fixture
def store(ledger_url: str) -> Iterator[Store]:
    """An empty ledger's store, on each database."""
    made = Store(ledger_url)
    made.create()
    with closing(made):
        yield made


def plain_connection(store: Store) -> Any:
    """Connect as any program might: the bare driver, none of our settings, autocommit."""
    if store.target.path is not None:
        return sqlite3.connect(store.target.path, isolation_level=None)
    url = store.target.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(url, autocommit=True)
