"""Nobody improves a score by rewriting: corrections do not undo what was witnessed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import Forecast, Reading, Retraction, Source, Statement
from forecast_ledger.domain.moments import When
from forecast_ledger.errors import InvalidError
from forecast_ledger.ledger import Answer, Ledger
from forecast_ledger.ledger.gathering import ALTERNATIVE
from tests.conftest import FixedClock
from tests.ledger.saying import MIA, at, on, only_line, percent, score, settle

BAD, GOOD = percent(90), percent(5)


@pytest.fixture
def wrong(ledger: Ledger, clock: FixedClock) -> tuple[Ledger, Forecast]:
    """A ledger in which Mia said 90 % on 1 January of what did not happen; it is the 11th."""
    clock.set(at(1, 1).start)
    added = ledger.add("Will it rain?", BAD, who=MIA)
    clock.set(at(1, 11).start)
    return ledger, added.forecast.entry


def append(ledger: Ledger, *entries: object) -> None:
    with ledger.store.writing(ledger.now) as writer:
        writer.append(entries)  # type: ignore[arg-type]


def test_replacing_a_forecast_after_the_outcome_changes_nothing_that_counts(
    wrong: tuple[Ledger, Forecast], clock: FixedClock
) -> None:
    ledger, bad = wrong
    settle(ledger, "rain", "no")
    clock.advance(hours=1)
    append(ledger, replace(bad, answer=GOOD, replaces=(digest_of(bad),), why="a typing error"))
    assert only_line(ledger).brier == pytest.approx(0.81)


def test_retracting_a_forecast_after_the_outcome_changes_nothing_that_counts(
    wrong: tuple[Ledger, Forecast], clock: FixedClock
) -> None:
    ledger, bad = wrong
    settle(ledger, "rain", "no")
    clock.advance(hours=1)
    append(ledger, Retraction(target=digest_of(bad), by=MIA))
    assert only_line(ledger).brier == pytest.approx(0.81)


def test_a_forecast_corrected_in_time_counts_as_it_stood_until_then(
    wrong: tuple[Ledger, Forecast], clock: FixedClock
) -> None:
    ledger, bad = wrong
    append(ledger, replace(bad, answer=GOOD, replaces=(digest_of(bad),), why="a typing error"))
    clock.set(at(1, 21).start)
    settle(ledger, "rain", "no")
    assert only_line(ledger).brier == pytest.approx((0.81 + 0.0025) / 2)


def test_a_slip_corrected_within_minutes_never_stood(ledger: Ledger, clock: FixedClock) -> None:
    clock.set(at(1, 1).start)
    slip = ledger.add("Will it rain?", BAD, who=MIA).forecast.entry
    clock.advance(minutes=5)
    append(ledger, replace(slip, answer=GOOD, replaces=(digest_of(slip),), why="a typing error"))
    clock.set(at(1, 21).start)
    settle(ledger, "rain", "no")
    assert only_line(ledger).brier == pytest.approx(0.0025)


def test_a_reading_put_on_later_does_not_make_an_alternative_of_a_bad_forecast(
    wrong: tuple[Ledger, Forecast], clock: FixedClock
) -> None:
    ledger, bad = wrong
    settle(ledger, "rain", "no")
    clock.advance(hours=1)
    source = Source(key="diary", title="My diary", published=on(1, 1))
    statement = Statement(
        source=digest_of(source), place="page 1", quote="rain, or not", verdict="scored"
    )
    reading = Reading(forecast=digest_of(bad), statement=digest_of(statement), primary=False)
    append(ledger, source, statement, reading)
    assert only_line(ledger).brier == pytest.approx(0.81)
    assert ALTERNATIVE not in score(ledger).left.forecasts


def test_a_published_forecast_is_read_anew_whenever_its_reading_is_corrected(
    ledger: Ledger, clock: FixedClock
) -> None:
    clock.set(at(1, 1).start)
    question = ledger.add("Will it rain?", percent(50), who="Jo Reader").state
    clock.set(at(1, 11).start)
    settle(ledger, "rain", "no")
    source = Source(key="diary", title="Her diary", published=on(1, 1))
    statement = Statement(
        source=digest_of(source), place="page 1", quote="it may rain", verdict="scored"
    )
    with ledger.store.writing(ledger.now) as writer:
        _, who = ledger._forecaster(writer, "Jo Reader")  # noqa: SLF001
    read = Forecast(
        question=question.question,
        forecaster=who,
        made=When.at(at(1, 2).start),
        answer=Answer(yes=BAD.yes),
        coder="A",
    )
    clock.advance(hours=1)
    append(ledger, source, statement, read)
    append(ledger, Reading(forecast=digest_of(read), statement=digest_of(statement)))
    before = score(ledger).lines[0].brier
    clock.advance(days=1)
    corrected = replace(read, answer=GOOD, replaces=(digest_of(read),), why="misread")
    append(ledger, corrected)
    append(ledger, Reading(forecast=digest_of(corrected), statement=digest_of(statement)))
    after = score(ledger).lines[0].brier
    assert before == pytest.approx((0.25 + 9 * 0.81) / 10)
    assert after == pytest.approx((0.25 + 9 * 0.0025) / 10)


def test_nobody_replaces_what_is_about_something_else(
    wrong: tuple[Ledger, Forecast], clock: FixedClock
) -> None:
    ledger, bad = wrong
    clock.advance(seconds=1)
    other = ledger.add("Will it snow?", GOOD, who="Ben Okafor").forecast.entry
    for thief in (
        replace(other, replaces=(digest_of(bad),), why="mine now"),
        replace(other, forecaster=bad.forecaster, replaces=(digest_of(bad),), why="elsewhere"),
    ):
        with pytest.raises(InvalidError, match="they have not the same"):
            append(ledger, thief)
