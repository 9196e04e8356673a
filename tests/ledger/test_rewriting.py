"""Nobody improves a score by rewriting: corrections do not undo what was witnessed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import (
    Forecast,
    Forecaster,
    Lexicon,
    Reading,
    Retraction,
    Revision,
    Source,
    Statement,
    Wording,
)
from forecast_ledger.domain.fields import Digest
from forecast_ledger.domain.moments import When
from forecast_ledger.domain.words import Phrase
from forecast_ledger.errors import ConflictError, InvalidError
from forecast_ledger.ledger import Answer, Ledger
from forecast_ledger.ledger.gathering import ALTERNATIVE, CONTRADICTED
from forecast_ledger.ledger.phrasing import Phrased
from forecast_ledger.ledger.quoting import Quoted
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
    assert only_line(ledger).score == pytest.approx(0.81)


def test_retracting_a_forecast_after_the_outcome_changes_nothing_that_counts(
    wrong: tuple[Ledger, Forecast], clock: FixedClock
) -> None:
    ledger, bad = wrong
    settle(ledger, "rain", "no")
    clock.advance(hours=1)
    append(ledger, Retraction(target=digest_of(bad), by=MIA))
    assert only_line(ledger).score == pytest.approx(0.81)


def test_a_forecast_corrected_in_time_counts_as_it_stood_until_then(
    wrong: tuple[Ledger, Forecast], clock: FixedClock
) -> None:
    ledger, bad = wrong
    append(ledger, replace(bad, answer=GOOD, replaces=(digest_of(bad),), why="a typing error"))
    clock.set(at(1, 21).start)
    settle(ledger, "rain", "no")
    assert only_line(ledger).score == pytest.approx((0.81 + 0.0025) / 2)


def test_a_slip_corrected_within_minutes_never_stood(ledger: Ledger, clock: FixedClock) -> None:
    clock.set(at(1, 1).start)
    slip = ledger.add("Will it rain?", BAD, who=MIA).forecast.entry
    clock.advance(minutes=5)
    append(ledger, replace(slip, answer=GOOD, replaces=(digest_of(slip),), why="a typing error"))
    clock.set(at(1, 21).start)
    settle(ledger, "rain", "no")
    assert only_line(ledger).score == pytest.approx(0.0025)


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
    assert only_line(ledger).score == pytest.approx(0.81)
    assert ALTERNATIVE not in score(ledger).left.forecasts


def test_a_published_forecast_is_read_anew_when_its_reading_is_corrected(
    ledger: Ledger, clock: FixedClock
) -> None:
    clock.set(at(1, 1).start)
    question = ledger.add("Will it rain?", percent(50), who=MIA).state.question
    clock.set(at(1, 11).start)
    settle(ledger, "rain", "no")
    clock.advance(hours=1)
    read = published(ledger, question, on(1, 2), BAD)
    assert line_of(ledger, "Jo Reader").score == pytest.approx(0.81)
    clock.advance(days=1)
    published(ledger, question, on(1, 2), GOOD, replaces=(digest_of(read),), why="misread")
    assert line_of(ledger, "Jo Reader").score == pytest.approx(0.0025)


def test_a_past_that_turns_up_after_the_outcome_does_not_outvote_what_was_witnessed(
    wrong: tuple[Ledger, Forecast], clock: FixedClock
) -> None:
    ledger, bad = wrong
    settle(ledger, "rain", "no")
    clock.advance(hours=1)
    published(ledger, bad.question, on(1, 2), GOOD, who=MIA)
    assert only_line(ledger).score == pytest.approx(0.81)


def test_a_source_cannot_carry_what_was_said_after_it(ledger: Ledger, clock: FixedClock) -> None:
    clock.set(at(1, 1).start)
    question = ledger.add("Will it rain?", percent(50), who=MIA).state.question
    clock.set(at(1, 11).start)
    settle(ledger, "rain", "no")
    clock.advance(hours=1)
    published(ledger, question, on(1, 2), GOOD, made=on(1, 8))
    assert {line.forecaster for line in score(ledger).lines} == {MIA}


def test_a_question_regretted_is_not_made_to_disappear(wrong: tuple[Ledger, Forecast]) -> None:
    ledger, bad = wrong
    append(ledger, Retraction(target=bad.question, by=MIA))
    settle(ledger, "rain", "no")
    assert only_line(ledger).score == pytest.approx(0.81)
    assert [row.state.key for row in ledger.list()] == ["rain"]


@pytest.mark.parametrize("effect", ["clarify", "replace"])
def test_a_wording_written_after_the_outcome_moves_no_window_and_ends_no_forecast(
    wrong: tuple[Ledger, Forecast], clock: FixedClock, effect: str
) -> None:
    ledger, bad = wrong
    settle(ledger, "rain", "no")
    clock.advance(hours=1)
    wording = Wording(
        text="Will it rain much?",
        opens=at(1, 10),
        closes=at(1, 10, 23),
        written=When.at(ledger.now()),
    )
    append(
        ledger,
        Revision(question=bad.question, effect=effect, wording=wording, replaces=(bad.question,)),
    )
    assert only_line(ledger).score == pytest.approx(0.81)


def test_which_reading_is_primary_does_not_change_after_the_outcome(
    ledger: Ledger, clock: FixedClock
) -> None:
    clock.set(at(1, 1).start)
    ledger.source(Source(key="diary", title="A diary", published=on(1, 1)))
    ledger.add("Will it rain?", None, who=MIA, **words("probably"))
    clock.set(at(1, 11).start)
    settle(ledger, "rain", "no")
    clock.advance(hours=1)
    with ledger.store.writing(ledger.now) as writer:
        (reading,) = writer.find("reading")
        writer.append([replace(reading.entry, primary=False, replaces=(reading.digest,), why="no")])
    assert only_line(ledger).score == pytest.approx(0.49)


def words(phrase: str) -> dict[str, Any]:
    return {"phrased": Phrased(phrase, "fagen2019"), "quoted": Quoted("diary", phrase, "page 1")}


def published(
    ledger: Ledger,
    question: Digest,
    day: When,
    answer: Answer,
    *,
    who: str = "Jo Reader",
    made: When | None = None,
    **more: Any,
) -> Forecast:
    """Record a forecast that a source of that day carries, by its reader's word."""
    source = Source(key="diary", title="A diary", published=day)
    statement = Statement(
        source=digest_of(source), place="page 1", quote="rain, or not", verdict="scored"
    )
    forecaster = Forecaster(name=who)
    forecast = Forecast(
        question=question,
        forecaster=digest_of(forecaster),
        made=made or day,
        answer=answer,
        coder="A",
        **more,
    )
    reading = Reading(forecast=digest_of(forecast), statement=digest_of(statement))
    append(ledger, source, statement, forecaster, forecast, reading)
    return forecast


def line_of(ledger: Ledger, who: str) -> Any:
    (line,) = [line for line in score(ledger).lines if line.forecaster == who]
    return line


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


def test_a_book_does_not_put_its_own_numbers_under_a_known_lexicon(ledger: Ledger) -> None:
    phrases = (Phrase(phrase="probably", low=0, mid=10_000_000, high=1_000_000_000),)
    append(
        ledger,
        Lexicon(key="fagen2019", version="9", title="Mine", citation="none", phrases=phrases),
    )
    with pytest.raises(ConflictError, match="is not the fagen2019 everybody knows"):
        ledger.add("Will it rain?", None, who=MIA, phrased=Phrased("probably", "fagen2019"))


def test_a_question_is_not_replaced_when_its_answer_may_be_there(
    ledger: Ledger, clock: FixedClock
) -> None:
    clock.set(at(1, 1).start)
    ledger.add("Will it rain?", BAD, who=MIA, closes=at(1, 10))
    ledger.add("Will it snow?", BAD, who=MIA)
    clock.set(at(1, 11).start)
    with pytest.raises(ConflictError, match="its deadline has passed"):
        ledger.revise("rain", "replace", text="Will it pour?")
    settle(ledger, "snow")
    ledger.reopen("snow", by=MIA, why="let me think")
    with pytest.raises(ConflictError, match="it was resolved once"):
        ledger.revise("snow", "replace", text="Will it hail?")


def test_a_rival_that_arrives_after_the_outcome_disputes_nothing_that_was_witnessed(
    wrong: tuple[Ledger, Forecast], clock: FixedClock
) -> None:
    ledger, bad = wrong
    settle(ledger, "rain", "no")
    clock.advance(hours=1)
    append(ledger, replace(bad, answer=GOOD))
    assert only_line(ledger).score == pytest.approx(0.81)
    assert score(ledger).left.forecasts[CONTRADICTED] == 1


def test_a_rival_that_arrives_days_later_takes_nothing_out_of_what_was_witnessed_until_then(
    wrong: tuple[Ledger, Forecast], clock: FixedClock
) -> None:
    ledger, bad = wrong
    clock.advance(days=2)
    append(ledger, replace(bad, answer=GOOD))
    clock.advance(days=2)
    settle(ledger, "rain", "no")
    # From its own record on, neither stands.
    line = only_line(ledger)
    assert line.score == pytest.approx(0.81)
    assert line.forecasts == 1
    assert score(ledger).left.forecasts[CONTRADICTED] == 1
