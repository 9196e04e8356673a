from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import Entry, Forecaster, Label, Note
from forecast_ledger.domain.fields import Digest
from forecast_ledger.errors import (
    ConflictError,
    DatabaseError,
    InvalidError,
    NotFoundError,
    UsageError,
)
from forecast_ledger.store import engine
from forecast_ledger.store.store import Store
from tests.conftest import FixedClock
from tests.store.samples import samples


def record(store: Store, *entries: Entry, clock: FixedClock) -> list[bool]:
    with store.writing(clock) as writer:
        return [appended.new for appended in writer.append(entries)]


def recorded(store: Store) -> list[Entry]:
    with store.reading() as reader:
        return [row.entry for row in reader.everything()]


def test_entries_are_read_back_as_they_were(store: Store, clock: FixedClock) -> None:
    assert all(record(store, *samples(), clock=clock))
    assert recorded(store) == samples()
    with store.reading() as reader:
        assert reader.cut == len(samples())
        for entry in samples():
            assert reader.entry(digest_of(entry)).entry == entry  # type: ignore[union-attr]


def test_what_is_recorded_already_is_not_recorded_again(store: Store, clock: FixedClock) -> None:
    record(store, *samples(), clock=clock)
    assert not any(record(store, *samples(), *samples(), clock=clock))
    assert recorded(store) == samples()
    mia = Forecaster(name="Mia")
    assert record(store, mia, mia, clock=clock) == [True, False]


def test_a_transaction_records_all_or_nothing(store: Store, clock: FixedClock) -> None:
    record(store, Forecaster(name="Mia"), clock=clock)
    with pytest.raises(ZeroDivisionError), store.writing(clock) as writer:
        assert len(writer.append(samples())) / 0
    assert recorded(store) == [Forecaster(name="Mia")]
    record(store, Forecaster(name="Ben"), clock=clock)
    with store.reading() as reader:
        assert [row.seq for row in reader.everything()] == [1, 2]


def test_an_entry_names_only_entries_that_are_here_and_of_the_right_type(
    store: Store, clock: FixedClock
) -> None:
    mia = Forecaster(name="Mia")
    record(store, mia, clock=clock)
    with pytest.raises(InvalidError, match=r"a label cannot be a forecaster|question of a label"):
        record(store, Label(question=digest_of(mia), label="wet"), clock=clock)
    with pytest.raises(InvalidError, match=r"names an entry that is not in this ledger: target"):
        record(store, Note(target=Digest("ab" * 32), author="Mia", text="?"), clock=clock)
    note = Note(target=digest_of(mia), author="Mia", text="that is me")
    other = Forecaster(name="M", replaces=(digest_of(note),))
    with pytest.raises(InvalidError, match="replaces of a forecaster cannot be a note"):
        record(store, note, other, clock=clock)
    assert recorded(store) == [mia]


def test_a_reader_sees_what_was_recorded_by_a_moment_and_nothing_later(
    store: Store, clock: FixedClock
) -> None:
    moments = []
    for name in ("Ann", "Ben", "Cleo"):
        record(store, Forecaster(name=name), clock=clock)
        moments.append(clock())
        clock.advance(microseconds=2)
    for seen, moment in enumerate(moments, start=1):
        before = moment - timedelta(microseconds=1)
        for as_of, expected in ((moment, seen), (before, seen - 1)):
            with store.reading(as_of) as reader:
                assert (reader.cut, len(list(reader.everything()))) == (expected, expected)
                assert reader.recorded_at == (moments[expected - 1] if expected else None)


def test_a_log_put_back_is_the_log_it_was(store: Store, clock: FixedClock, tmp_path: Path) -> None:
    for entry in samples():
        record(store, entry, clock=clock)
        clock.advance(microseconds=1)
    with store.reading() as reader:
        log, rows = list(reader.everything()), list(reader.rows())
    with closing(Store(str(tmp_path / "restored.db"))) as other:
        with other.writing(clock) as writer:
            assert writer.restore(log) == len(log)
        with other.reading() as reader:
            assert (list(reader.everything()), list(reader.rows())) == (log, rows)


def test_a_reader_is_not_held_up_by_a_writer(store: Store, clock: FixedClock) -> None:
    record(store, Forecaster(name="Mia"), clock=clock)
    with (
        closing(Store(store.target.url.render_as_string(hide_password=False))) as other,
        store.writing(clock) as writer,
    ):
        writer.append(samples())
        assert recorded(other) == [Forecaster(name="Mia")]


@pytest.fixture
def held(store: Store, clock: FixedClock) -> Iterator[tuple[Store, list[str], ExitStack]]:
    """Another store of the same ledger, what it says, and the lock that the first one holds."""
    said: list[str] = []
    location = store.target.url.render_as_string(hide_password=False)
    with ExitStack() as lock, closing(Store(location, notify=said.append)) as other:
        lock.enter_context(store.writing(clock))
        yield other, said, lock


def test_a_writer_waits_for_another_says_so_and_gives_up_in_the_end(
    held: tuple[Store, list[str], ExitStack], clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, said, lock = held
    monkeypatch.setattr(engine, "_QUIET", 0.05)
    monkeypatch.setattr(engine, "PATIENCE", 0.3)
    with pytest.raises(DatabaseError) as caught:
        record(other, Forecaster(name="Ben"), clock=clock)
    assert caught.value.message == (
        f"another program has been writing to {other.target.shown} for 0 seconds."
        " Nothing was recorded; try again when it has finished."
    )
    assert said == [f"waiting for another program that is writing to {other.target.shown} ..."]
    lock.close()
    assert record(other, Forecaster(name="Ben"), clock=clock) == [True]
    assert len(said) == 1


def test_a_writer_that_is_let_in_while_it_waits_goes_on(
    held: tuple[Store, list[str], ExitStack], clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, said, lock = held
    monkeypatch.setattr(engine, "_QUIET", 0.05)

    def let_in(line: str) -> None:
        said.append(line)
        lock.close()

    other._notify = let_in
    assert record(other, Forecaster(name="Ben"), clock=clock) == [True]
    assert len(said) == 1


def test_there_is_nothing_to_read_where_there_is_no_ledger(tmp_path: Path) -> None:
    with (
        pytest.raises(NotFoundError, match=r"there is no ledger at .* yet"),
        Store(str(tmp_path / "ledger.db")).reading(),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_new_ledger_comes_with_its_folders_and_leaves_nothing_beside_it(
    tmp_path: Path, clock: FixedClock
) -> None:
    path = tmp_path / "a" / "b" / "ledger.db"
    assert record(Store(str(path)), Forecaster(name="Mia"), clock=clock) == [True]
    assert [p.name for p in path.parent.iterdir()] == ["ledger.db"]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_every_commit_is_on_the_disk_before_it_is_said_to_be(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "ledger.db"))
    store.create()
    with store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL


def test_a_backup_is_a_whole_ledger_even_while_others_write(
    tmp_path: Path, clock: FixedClock
) -> None:
    store = Store(str(tmp_path / "ledger.db"))
    record(store, *samples(), clock=clock)
    copy = tmp_path / "copy.db"
    with store.writing(clock) as writer:
        writer.append([Forecaster(name="Too late")])
        store.backup(copy)
    assert recorded(Store(str(copy))) == samples()
    with pytest.raises(ConflictError, match="exists already"):
        store.backup(copy)


def test_a_backup_of_postgresql_is_made_with_its_own_tools(postgres_url: str) -> None:
    with closing(Store(postgres_url)) as store, pytest.raises(DatabaseError, match="pg_dump"):
        store.backup(Path("never.db"))


@pytest.mark.parametrize(
    "location",
    ["", "  ", "mysql://here/there", "postgresql://h:port/x", "sqlite://", "://"],
)
def test_a_location_that_names_no_ledger_is_refused(location: str) -> None:
    with pytest.raises(UsageError):
        Store(location)


def test_a_password_is_never_shown() -> None:
    assert "secret" not in Store("postgresql://mia:secret@localhost/x").target.shown


def test_a_moment_without_a_zone_is_never_recorded(store: Store) -> None:
    record(store, Forecaster(name="Mia"), clock=FixedClock())
    naive = datetime(2026, 1, 15)  # noqa: DTZ001 - that is the point
    with pytest.raises(TypeError), store.writing(lambda: naive):
        pass
    assert recorded(store) == [Forecaster(name="Mia")]
    assert datetime.now(UTC).tzinfo is UTC
