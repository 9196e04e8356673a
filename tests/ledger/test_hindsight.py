"""What counts, and on whose word: nobody earns from what was known, or from back-dating."""

from __future__ import annotations

from datetime import timedelta

import pytest

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import (
    Evidence,
    Forecaster,
    Reading,
    Source,
    Statement,
    Withdrawal,
)
from forecast_ledger.domain.moments import When
from forecast_ledger.errors import InvalidError
from forecast_ledger.ledger import Ledger
from tests.conftest import FixedClock
from tests.ledger.saying import (
    MIA,
    at,
    forecast,
    merge,
    on,
    only_line,
    percent,
    question,
    resolution,
    score,
    settle,
)

DAY = 86_400
HINDSIGHT = "made after the outcome was known"


@pytest.mark.parametrize(
    "made, known, counts",
    [
        (at(1, 9, 23), at(1, 10), True),
        (at(1, 10), at(1, 10), False),
        (at(1, 11), at(1, 10), False),
        # The last moment a bare date can mean against the first the other can.
        (on(1, 9), at(1, 10), True),
        (on(1, 9), at(1, 9, 23), False),
        (at(1, 9, 23), on(1, 10), True),
        (at(1, 10, 0), on(1, 10), False),
        (on(1, 9), on(1, 10), True),
        (on(1, 10), on(1, 10), False),
    ],
)
def test_a_forecast_made_when_the_outcome_was_known_is_never_scored(
    ledger: Ledger, clock: FixedClock, made: When, known: When, *, counts: bool
) -> None:
    clock.set(at(1, 12).start)
    ledger.add("Will it rain?", percent(90), who=MIA, made=made)
    resolved = settle(ledger, "rain", known=known)
    for claimed in (False, True):
        found = score(ledger, claimed=claimed)
        # Recorded on the 12th, after the outcome was known: claimed at best.
        assert bool(found.lines) is counts
        assert found.about == ("counted" if claimed or not counts else "claimed")
        assert found.left.forecasts.get(HINDSIGHT, 0) == (0 if counts else 1)
    assert [name for name, _ in resolved.disqualified] == ([] if counts else [MIA])


def test_a_later_forecast_in_hindsight_does_not_shorten_the_one_before(
    ledger: Ledger, clock: FixedClock
) -> None:
    clock.set(at(1, 1).start)
    ledger.add("Will it rain?", percent(10), who=MIA)
    clock.set(at(1, 20).start)
    ledger.forecast("rain", percent(99), who=MIA)
    settle(ledger, "rain", known=at(1, 11))
    line = only_line(ledger)
    assert (line.probability, line.seconds, line.forecasts) == (0.1, 10 * DAY, 1)
    assert line.score == pytest.approx((0.1 - 1) ** 2)
    assert score(ledger).left.forecasts == {HINDSIGHT: 1}


def test_a_forecast_dated_back_six_months_counts_from_its_recording_and_the_old_one_until_then(
    ledger: Ledger, clock: FixedClock
) -> None:
    clock.set(at(1, 1).start)
    ledger.add("Will it rain?", percent(10), who=MIA, closes=at(7, 20))
    clock.set(at(7, 1).start)
    ledger.forecast("rain", percent(99), who=MIA, made=at(1, 2))
    clock.set(at(7, 11).start)
    settle(ledger, "rain")
    clock.set(at(7, 21).start)
    line = only_line(ledger)
    assert line.seconds == 191 * DAY
    assert line.grades == ("witnessed",)
    assert line.score == pytest.approx((181 * 0.9**2 + 10 * 0.01**2) / 191)
    apart = score(ledger).claimed
    assert apart is not None
    assert apart.score == pytest.approx(0.01**2)
    together = only_line(ledger, claimed=True)
    assert together.score == pytest.approx((1 * 0.9**2 + 190 * 0.01**2) / 191)
    assert together.grades == ("witnessed", "claimed")


@pytest.mark.parametrize(
    "late, counted", [(timedelta(hours=24), 10), (timedelta(hours=24, microseconds=1), 9)]
)
def test_a_day_of_dating_back_is_forgiven_and_no_more(
    ledger: Ledger, clock: FixedClock, late: timedelta, counted: int
) -> None:
    clock.set(at(1, 1).start + late)
    ledger.add("Will it rain?", percent(10), who=MIA, made=at(1, 1))
    clock.set(at(1, 11).start)
    settle(ledger, "rain")
    assert -(-only_line(ledger).seconds // DAY) == counted


def test_a_withdrawal_dated_back_ends_the_forecast_only_from_its_recording(
    ledger: Ledger, clock: FixedClock
) -> None:
    clock.set(at(1, 1).start)
    added = ledger.add("Will it rain?", percent(10), who=MIA)
    clock.set(at(7, 1).start)
    entry = added.forecast.entry
    merge(
        ledger,
        Withdrawal(question=entry.question, forecaster=entry.forecaster, made=at(1, 2)),
    )
    clock.set(at(7, 11).start)
    settle(ledger, "rain")
    assert only_line(ledger).seconds == 181 * DAY
    assert only_line(ledger, claimed=True).seconds == 1 * DAY


def test_a_withdrawal_ends_a_forecast_and_a_later_forecast_begins_anew(
    ledger: Ledger, clock: FixedClock
) -> None:
    clock.set(at(1, 1).start)
    ledger.add("Will it rain?", percent(10), who=MIA)
    clock.set(at(1, 5).start)
    ledger.withdraw("rain", who=MIA)
    clock.set(at(1, 9).start)
    ledger.forecast("rain", percent(30), who=MIA)
    clock.set(at(1, 11).start)
    settle(ledger, "rain")
    line = only_line(ledger)
    assert line.seconds == (4 + 2) * DAY
    assert line.score == pytest.approx((4 * 0.9**2 + 2 * 0.7**2) / 6)


def test_a_claimed_history_is_scored_apart_and_together_only_when_asked(
    ledger: Ledger, clock: FixedClock
) -> None:
    clock.set(at(2, 1).start)
    ledger.add("Will it rain?", percent(10), who=MIA, made=at(1, 1))
    settle(ledger, "rain", known=at(1, 11))
    found = score(ledger)
    assert found.about == "claimed"
    assert found.tally is not None
    assert found.tally.score == pytest.approx(0.81)
    assert found.claimed is None
    ledger.add("Will it snow?", percent(20), who=MIA)
    clock.advance(days=1)
    settle(ledger, "snow", "no")
    found = score(ledger)
    assert found.about == "counted"
    assert [(line.key, line.grades) for line in found.lines] == [("snow", ("witnessed",))]
    assert found.claimed is not None
    assert found.claimed.questions == 1
    assert found.claimed.score == pytest.approx(0.81)
    both = score(ledger, claimed=True)
    assert both.tally is not None
    assert (both.tally.questions, both.claimed) == (2, None)
    assert both.tally.score == pytest.approx((0.81 + 0.04) / 2)


def published_forecast(ledger: Ledger, published: When, known: When) -> None:
    """Record, after the outcome was known, what a source published."""
    asked, author = question(), Forecaster(name="Ian Author")
    source = Source(key="article", title="An article", published=published)
    statement = Statement(
        source=digest_of(source), place="§ 1", quote="it will rain", verdict="scored"
    )
    said = forecast(asked, author, published, 95, coder=MIA, coded=at(6, 1))
    merge(
        ledger,
        asked,
        author,
        source,
        statement,
        said,
        Reading(forecast=digest_of(said), statement=digest_of(statement)),
        resolution(asked, "yes", known),
    )


@pytest.mark.parametrize("published", [at(1, 1), on(1, 1)])
def test_a_source_published_before_the_outcome_proves_its_forecasts_from_then_on(
    ledger: Ledger, clock: FixedClock, published: When
) -> None:
    clock.set(at(6, 1).start)
    published_forecast(ledger, published, at(1, 11))
    line = only_line(ledger)
    assert (line.grades, line.seconds) == (("published",), 10 * DAY)
    assert score(ledger).grades == {"published": 1}
    assert score(ledger).claimed is None


@pytest.mark.parametrize(
    "published, known", [(on(1, 11), at(1, 11, 12)), (at(1, 11), at(1, 11)), (on(1, 11), on(1, 11))]
)
def test_a_source_that_may_be_of_the_time_of_the_outcome_proves_nothing(
    ledger: Ledger, clock: FixedClock, published: When, known: When
) -> None:
    clock.set(at(6, 1).start)
    published_forecast(ledger, published, known)
    found = score(ledger)
    assert (found.lines, found.left.forecasts) == ((), {HINDSIGHT: 1})


def test_a_source_published_later_than_the_outcome_is_no_proof_of_what_it_says_of_earlier(
    ledger: Ledger, clock: FixedClock
) -> None:
    clock.set(at(6, 1).start)
    asked, author = question(), Forecaster(name="Ian Author")
    source = Source(key="memoirs", title="I told you so", published=at(3, 1))
    statement = Statement(
        source=digest_of(source), place="p. 7", quote="I said it would", verdict="scored"
    )
    said = forecast(asked, author, at(1, 1), 95)
    merge(
        ledger,
        asked,
        author,
        source,
        statement,
        said,
        Reading(forecast=digest_of(said), statement=digest_of(statement)),
        resolution(asked, "yes", at(1, 11)),
    )
    assert score(ledger).about == "claimed"


def test_a_forecast_said_to_be_older_than_its_publication_counts_from_publication(
    ledger: Ledger, clock: FixedClock
) -> None:
    clock.set(at(6, 1).start)
    asked, author = question(), Forecaster(name="Ian Author")
    source = Source(key="article", title="An article", published=at(1, 6))
    statement = Statement(source=digest_of(source), place="1", quote="I said", verdict="scored")
    said = forecast(asked, author, at(1, 1), 95)
    merge(
        ledger,
        asked,
        author,
        source,
        statement,
        said,
        Reading(forecast=digest_of(said), statement=digest_of(statement)),
        resolution(asked, "yes", at(1, 11)),
    )
    assert only_line(ledger).seconds == 5 * DAY
    assert only_line(ledger, claimed=True).seconds == 10 * DAY


def test_a_platforms_own_record_proves_a_forecast(ledger: Ledger, clock: FixedClock) -> None:
    clock.set(at(6, 1).start)
    asked, crowd = question(), Forecaster(name="The crowd", kind="crowd")
    page = Evidence(url="https://platform.example/q/1", says="the history of the question")
    merge(
        ledger,
        asked,
        crowd,
        page,
        forecast(asked, crowd, at(1, 1), 40, record=digest_of(page)),
        forecast(asked, crowd, at(1, 6), 60),
        resolution(asked, "yes", at(1, 11)),
    )
    # The second, without a record, is on somebody's word and does not end the first.
    line = only_line(ledger)
    assert (line.grades, line.seconds) == (("published",), 10 * DAY)
    assert line.score == pytest.approx(0.6**2)


def test_a_forecast_made_at_the_deadline_is_too_late(ledger: Ledger, clock: FixedClock) -> None:
    clock.set(at(1, 1).start)
    ledger.add("Will it rain?", percent(10), who=MIA, closes=on(1, 10))
    clock.set(at(1, 11).start)
    ledger.forecast("rain", percent(99), who=MIA)
    clock.set(at(1, 20).start)
    settle(ledger, "rain", known=at(1, 15))
    line = only_line(ledger)
    assert line.score == pytest.approx(0.81)
    assert line.seconds == 10 * DAY
    assert score(ledger).left.forecasts == {"made after the deadline": 1}


@pytest.mark.parametrize("made", [at(1, 15, 12, 1), on(1, 16)])
def test_nothing_is_recorded_that_speaks_of_the_future(ledger: Ledger, made: When) -> None:
    with pytest.raises(InvalidError, match="made lies in the future"):
        ledger.add("Will it rain?", percent(10), who=MIA, made=made)
    ledger.add("Will it rain?", percent(10), who=MIA)
    with pytest.raises(InvalidError, match="known lies in the future"):
        settle(ledger, "rain", known=made)
    with pytest.raises(InvalidError, match="published lies in the future"):
        ledger.source(Source(key="tomorrow", title="Tomorrow", published=made))
    evidence = Evidence(url="https://news.example", published=made)
    with pytest.raises(InvalidError, match="published lies in the future"):
        ledger.resolve("rain", "yes", by=MIA, evidence=[evidence])
    with ledger.store.reading() as reader:
        assert reader.counts() == {"question": 1, "forecaster": 1, "forecast": 1}
