"""The log: two clocks, no gaps, any report again as of an earlier moment."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import Forecaster
from forecast_ledger.errors import UsageError
from forecast_ledger.ledger import Ledger
from tests.conftest import FixedClock
from tests.ledger.play import play
from tests.ledger.saying import (
    MIA,
    at,
    forecast,
    merge,
    only_line,
    percent,
    question,
    resolution,
    score,
    settle,
)
from tests.store.samples import samples


def report(ledger: Ledger, as_of: datetime | None = None) -> Any:
    """Return all that a ledger says, with claimed forecasts apart and together."""
    if not ledger.store.exists():
        return None
    return (
        score(ledger, as_of=as_of),
        score(ledger, as_of=as_of, claimed=True),
        ledger.list(as_of=as_of),
    )


def assert_log_is_sound(ledger: Ledger) -> None:
    with ledger.store.reading() as reader:
        entries = list(reader.everything())
        assert [row.seq for row in entries] == list(range(1, reader.cut + 1))
        assert all(a.recorded_at <= b.recorded_at for a, b in pairwise(entries))
        for row, (*_, leaf) in zip(entries, reader.rows(), strict=True):
            assert row.leaf == leaf
            assert row.digest == digest_of(row.entry)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6))
def test_a_report_as_of_any_earlier_moment_is_the_report_of_that_moment(
    empty_file: Path, tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    path = shutil.copy(empty_file, tmp_path_factory.mktemp("as-of") / "ledger.db")
    clock = FixedClock()
    with Ledger(str(path), clock=clock) as ledger:
        compare_as_of(ledger, clock, seed, moves=16)


@pytest.mark.parametrize("seed", [1])
def test_a_report_as_of_an_earlier_moment_is_the_same_on_postgresql(
    postgres_ledger: Ledger, clock: FixedClock, seed: int
) -> None:
    compare_as_of(postgres_ledger, clock, seed, moves=30)


def compare_as_of(ledger: Ledger, clock: FixedClock, seed: int, moves: int) -> None:
    before = [(clock(), report(ledger)) for _ in play(ledger, clock, seed, moves)]
    clock.advance(days=30)
    for moment, said in before:
        assert report(ledger, as_of=moment) == said
    assert_log_is_sound(ledger)


def test_recorded_moments_never_decrease_when_the_clock_is_put_back(
    ledger: Ledger, clock: FixedClock
) -> None:
    clock.set(at(1, 11).start)
    ledger.add("Will it rain?", percent(80), who=MIA)
    clock.set(at(1, 1).start)
    ledger.add("Will it snow?", percent(20), who=MIA)
    said = report(ledger)
    with ledger.store.reading() as reader:
        assert {row.recorded_at for row in reader.everything()} == {at(1, 11).start}
    assert_log_is_sound(ledger)
    # A report does not go behind what it has seen either, and can be asked for again.
    assert said[0].as_of == at(1, 11).start
    assert report(ledger, as_of=said[0].as_of) == said
    with pytest.raises(UsageError, match="--as-of lies in the future"):
        score(ledger, as_of=at(1, 12).start)
    assert score(ledger, as_of=at(1, 10).start).seq == 0


def test_what_waited_for_the_lock_is_recorded_when_it_was_its_turn(
    sqlite_ledger: Ledger, clock: FixedClock
) -> None:
    real = sqlite_ledger.store.writing
    read_before = []

    def waited(reading: Callable[[], datetime]) -> Any:
        read_before.append(clock.advance(hours=1))
        return real(reading)

    sqlite_ledger.store.writing = waited  # type: ignore[method-assign, assignment]
    sqlite_ledger.add("Will it rain?", percent(80), who=MIA)
    assert sqlite_ledger.show("rain").items[0].recorded.recorded_at == read_before[0]


def test_scores_do_not_depend_on_the_order_of_recording(
    empty_file: Path, tmp_path: Path, clock: FixedClock
) -> None:
    clock.set(at(2, 1).start)
    rain, snow, mia = question("rain"), question("snow"), Forecaster(name=MIA)
    answers = [
        forecast(rain, mia, at(1, 1), 10),
        forecast(rain, mia, at(1, 31, 12), 40),
        forecast(snow, mia, at(1, 31, 13), 70),
        resolution(rain, "yes", at(2, 20)),
    ]
    seen = set()
    for number, order in enumerate(permutations(answers)):
        path = shutil.copy(empty_file, tmp_path / f"{number}.db")
        clock.set(at(2, 1).start)
        with Ledger(str(path), clock=clock) as ledger:
            merge(ledger, rain, snow, mia, *order)
            clock.set(at(3, 1).start)
            found = score(ledger)
            claimed = score(ledger, claimed=True)
            seen.add(repr((found.lines, found.tally, found.claimed, claimed.lines, found.left)))
    assert len(seen) == 1


@pytest.fixture
def same_nonces(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let nonces be made up from a count, which calling this sets back to its start."""

    def again() -> None:
        numbers = itertools.count()
        monkeypatch.setattr(
            "forecast_ledger.store.write.secrets.token_bytes",
            lambda size: next(numbers).to_bytes(size, "big"),
        )

    return again


@pytest.mark.parametrize("seed", [3])
def test_the_same_calls_give_the_same_ledger_and_numbers_on_both_databases(
    sqlite_ledger: Ledger,
    postgres_ledger: Ledger,
    clock: FixedClock,
    same_nonces: Callable[[], None],
    seed: int,
) -> None:
    start = clock()
    seen = []
    for ledger in (sqlite_ledger, postgres_ledger):
        clock.set(start)
        same_nonces()
        said = [(move, written_out(report(ledger))) for move in play(ledger, clock, seed, 40)]
        with ledger.store.reading() as reader:
            seen.append((said, list(reader.rows()), list(reader.everything())))
    (sqlite_said, *sqlite_log), (postgres_said, *postgres_log) = seen
    assert sqlite_log == postgres_log
    assert sqlite_said == postgres_said
    assert any("'score': 0." in text for _, text in sqlite_said)


def written_out(said: Any) -> str:
    # repr writes a float with every digit that distinguishes it.
    return repr([asdict(part) for part in said[:2]]) + repr(said[2])


def test_the_same_entries_have_the_same_digests_on_both_databases(ledger: Ledger) -> None:
    entries = samples()
    assert merge(ledger, *entries) == [digest_of(entry) for entry in entries]
    with ledger.store.reading() as reader:
        assert [row.entry for row in reader.everything()] == entries
        assert [digest_of(row.entry) for row in reader.everything()] == [
            digest for _, _, _, digest, _, _ in reader.rows()
        ]
    assert merge(ledger, *entries) == [digest_of(entry) for entry in entries]
    assert score(ledger).seq == len(entries)


def test_a_moment_is_kept_to_the_microsecond_on_both_databases(
    ledger: Ledger, clock: FixedClock
) -> None:
    clock.set(at(1, 11).start + timedelta(microseconds=999_999))
    ledger.add("Will it rain?", percent(80), who=MIA)
    clock.advance(microseconds=1)
    ledger.forecast("rain", percent(20), who=MIA)
    clock.advance(microseconds=999_999)
    settle(ledger, "rain")
    first, second = ledger.show("rain").of("forecast")
    apart = second.recorded.recorded_at - first.recorded.recorded_at
    assert apart == timedelta(microseconds=1)
    # Seconds are cut at the whole second, so the second forecast has none or all of one.
    line = only_line(ledger)
    assert (line.seconds, line.probability) == (1, 0.8)
