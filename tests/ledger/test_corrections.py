"""Slips, corrections, reopening, wordings: everything is kept, and one thing is in force."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from forecast_ledger.domain.moments import When
from forecast_ledger.errors import ConflictError, LedgerError, NotFoundError, UsageError
from forecast_ledger.ledger import Ledger
from tests.conftest import FixedClock
from tests.ledger.saying import MIA, at, on, only_line, percent, score, settle

DAY = 86_400
BEN = "Ben Okafor"


@pytest.fixture
def rain(ledger: Ledger, clock: FixedClock) -> Ledger:
    """A ledger with one question, forecast at 80 % on 1 January; it is the 11th."""
    clock.set(at(1, 1).start)
    ledger.add("Will it rain?", percent(80), who=MIA, tags=["wet"])
    clock.set(at(1, 11).start)
    return ledger


def status(ledger: Ledger) -> str:
    return ledger.list()[0].state.status


# -- undo --------------------------------------------------------------------------------------


def test_an_undone_forecast_is_kept_and_the_one_before_stands_again(
    rain: Ledger, clock: FixedClock
) -> None:
    rain.forecast("rain", percent(8), who=MIA)
    clock.advance(minutes=9)
    undone = rain.undo(by=MIA)
    assert [row.entry.TYPE for row in undone.undone] == ["forecast"]
    assert [row.entry.answer for _, row in undone.standing] == [percent(80)]
    states = [item.state for item in rain.show("rain").of("forecast")]
    assert states == ["in force", "retracted"]
    clock.advance(seconds=1)
    settle(rain, "rain")
    assert only_line(rain).score == pytest.approx(0.04)


def test_undo_takes_back_all_that_was_typed_in_one_go_and_nothing_else(
    rain: Ledger, clock: FixedClock
) -> None:
    rain.add("Will it snow?", percent(5), who=MIA, tags=["white", "cold"], family="weather")
    undone = rain.undo(by=MIA)
    types = sorted(row.entry.TYPE for row in undone.undone)
    assert types == ["family", "forecast", "label", "label", "question"]
    assert [row.state.key for row in rain.list()] == ["rain"]
    with pytest.raises(NotFoundError, match='no question "snow"'):
        rain.forecast("snow", percent(6), who=MIA)
    assert rain.show("snow").state.status == "undone"
    clock.advance(minutes=1)
    again = rain.add("Will it snow?", percent(5), who=MIA, tags=["white", "cold"], family="weather")
    assert (again.state.key, again.state.status) == ("snow", "open")
    assert (again.state.tags, again.state.families) == (("cold", "white"), ("weather",))


def test_only_ones_own_slip_is_undone_and_only_for_ten_minutes(
    rain: Ledger, clock: FixedClock
) -> None:
    rain.forecast("rain", percent(8), who=MIA)
    with pytest.raises(ConflictError, match=f"by {MIA}, not by {BEN}"):
        rain.undo(by=BEN)
    clock.advance(minutes=10, microseconds=1)
    with pytest.raises(UsageError, match="written 10 minutes ago"):
        rain.undo(by=MIA)


def test_an_undo_is_not_undone(rain: Ledger) -> None:
    rain.forecast("rain", percent(8), who=MIA)
    rain.undo(by=MIA)
    with pytest.raises(UsageError, match="the last entry that stands was written 10 days ago"):
        rain.undo(by=MIA)


@pytest.mark.parametrize(
    "typed, holds",
    [
        (
            lambda ledger: ledger.label("rain", remove=["wet"]),
            lambda ledger: ledger.list()[0].state.tags == (),
        ),
        (
            lambda ledger: ledger.label("rain", add=["new"]),
            lambda ledger: "new" in ledger.list()[0].state.tags,
        ),
        (
            lambda ledger: ledger.family("weather", ["rain"]),
            lambda ledger: ledger.list()[0].state.families == ("weather",),
        ),
        (
            lambda ledger: settle(ledger, "rain", known=at(1, 10)),
            lambda ledger: status(ledger) == "resolved",
        ),
        (
            lambda ledger: ledger.forecast("rain", percent(8), who=MIA, made=at(1, 5)),
            lambda ledger: ledger.show("rain").of("forecast")[-1].state == "in force",
        ),
        (
            lambda ledger: ledger.note("rain", "It pours.", author=MIA),
            lambda ledger: "in force" in [i.state for i in ledger.show("rain").of("note")],
        ),
        (
            lambda ledger: ledger.revise("rain", "clarify", criteria="Drizzle counts."),
            lambda ledger: ledger.list()[0].state.wording.criteria == "Drizzle counts.",
        ),
    ],
    ids=["label off", "label", "family", "resolution", "forecast", "note", "revision"],
)
def test_what_was_undone_can_be_typed_again_as_often_as_one_likes(
    rain: Ledger,
    clock: FixedClock,
    typed: Callable[[Ledger], object],
    holds: Callable[[Ledger], bool],
) -> None:
    for _ in range(3):
        clock.advance(minutes=1)
        typed(rain)
        assert holds(rain)
        rain.undo(by="Jo Reader" if status(rain) == "resolved" else MIA)
        assert not holds(rain)
    typed(rain)
    assert holds(rain)


def test_an_undone_correction_can_be_typed_again(rain: Ledger, clock: FixedClock) -> None:
    settle(rain, "rain", "yes", known=at(1, 10))
    for _ in range(3):
        clock.advance(minutes=1)
        settle(rain, "rain", "no", known=at(1, 9), why="misheard")
        assert rain.list()[0].state.outcome == "no"
        rain.undo(by="Jo Reader")
        assert rain.list()[0].state.outcome == "yes"


def test_a_label_comes_and_goes(rain: Ledger, clock: FixedClock) -> None:
    for _ in range(3):
        clock.advance(minutes=1)
        assert rain.label("rain", remove=["wet"]).tags == ()
        assert rain.label("rain", add=["wet"]).tags == ("wet",)


# -- resolutions -------------------------------------------------------------------------------


def test_a_correction_needs_a_reason_and_keeps_what_it_corrects(
    rain: Ledger, clock: FixedClock
) -> None:
    settle(rain, "rain", "no", known=at(1, 10))
    with pytest.raises(ConflictError, match=r"is resolved no already\. To correct it say why"):
        settle(rain, "rain", "yes", known=at(1, 10))
    clock.advance(days=1)
    corrected = rain.resolve(
        "rain", "yes", by=BEN, note="the gauge", known=at(1, 9), why="the gauge was misread"
    )
    assert corrected.corrected is not None
    assert corrected.corrected.entry.outcome == "no"
    assert [i.state for i in rain.show("rain").of("resolution")] == ["replaced", "in force"]
    assert (only_line(rain).outcome, only_line(rain).seconds) == ("yes", 8 * DAY)


def test_a_reopened_question_is_open_and_can_be_resolved_again(
    rain: Ledger, clock: FixedClock
) -> None:
    settle(rain, "rain", "no", known=at(1, 10))
    settle(rain, "rain", "yes", known=at(1, 10), why="misread")
    for _ in range(3):
        clock.advance(minutes=1)
        rain.reopen("rain", by=BEN, why="the gauge is broken")
        assert status(rain) == "open"
        assert score(rain).lines == ()
        settled = settle(rain, "rain", "yes", known=at(1, 10))
        assert (settled.new, status(rain)) == (True, "resolved")
    rain.reopen("rain", by=BEN, why="enough")
    with pytest.raises(ConflictError, match="there is nothing to reopen"):
        rain.reopen("rain", by=BEN, why="again")


@pytest.mark.parametrize("outcome", ["annulled", "ambiguous"])
def test_an_annulled_question_is_listed_and_unscored(rain: Ledger, outcome: str) -> None:
    settle(rain, "rain", outcome)
    assert status(rain) == outcome
    found = score(rain)
    assert (found.lines, found.left.questions) == ((), {outcome: 1})


def test_an_outcome_is_never_guessed(rain: Ledger) -> None:
    with pytest.raises(UsageError, match="An outcome is never guessed"):
        rain.resolve("rain", "yes", by=MIA)
    with pytest.raises(LedgerError, match="outcome 'perhaps' is not one of: yes, no, annulled"):
        settle(rain, "rain", "perhaps")


def test_no_on_a_closed_question_was_known_at_the_deadline_all_else_now(
    ledger: Ledger, clock: FixedClock
) -> None:
    clock.set(at(1, 1).start)
    for key in ("rain", "snow", "hail"):
        closes = on(1, 5) if key != "hail" else at(2, 1)
        ledger.add(f"Will it {key}?", percent(10), who=MIA, key=key, closes=closes)
    clock.set(at(1, 11).start)
    rain, snow, hail = (
        settle(ledger, key, outcome)
        for key, outcome in (("rain", "no"), ("snow", "yes"), ("hail", "no"))
    )
    assert (rain.resolution.entry.known, rain.at_deadline) == (at(1, 6), True)
    assert (snow.resolution.entry.known, snow.at_deadline) == (at(1, 11), False)
    assert (hail.resolution.entry.known, hail.at_deadline) == (at(1, 11), False)


def test_an_answer_before_the_deadline_is_held_back_until_the_deadline_passes(
    ledger: Ledger, clock: FixedClock
) -> None:
    clock.set(at(1, 1).start)
    ledger.add("Will it rain?", percent(90), who=MIA, closes=at(3, 1))
    ledger.add("Will it snow?", percent(10), who=MIA, closes=at(1, 5))
    ledger.add("Will it hail?", percent(20), who=MIA)
    clock.set(at(1, 11).start)
    settle(ledger, "rain", "yes")
    early = score(ledger)
    assert (early.about, [line.key for line in early.lines]) == ("early", ["rain"])
    settle(ledger, "snow", "no")
    settle(ledger, "hail", "no")  # no deadline, never early
    found = score(ledger)
    assert [line.key for line in found.lines] == ["hail", "snow"]
    assert (found.left.early_yes, found.left.early_no) == (1, 0)
    assert found.left.with_early == pytest.approx((0.01 + 0.01 + 0.04) / 3)
    clock.set(at(2, 28, 23, 59).start)
    assert len(score(ledger).lines) == 2
    clock.set(at(3, 1).start)
    assert [line.key for line in score(ledger).lines] == ["hail", "rain", "snow"]
    # What came after the outcome earns nothing.
    assert score(ledger).lines[1].seconds == 10 * DAY


# -- wordings ----------------------------------------------------------------------------------


def test_a_clarification_keeps_the_forecasts_made_so_far(rain: Ledger, clock: FixedClock) -> None:
    rain.revise("rain", "clarify", criteria="Drizzle counts.")
    clock.set(at(1, 21).start)
    rain.forecast("rain", percent(60), who=MIA)
    clock.set(at(1, 31).start)
    settle(rain, "rain")
    assert only_line(rain).score == pytest.approx((20 * 0.04 + 10 * 0.16) / 30)


def test_a_replacement_ends_the_forecasts_made_so_far(rain: Ledger, clock: FixedClock) -> None:
    rain.revise("rain", "replace", text="Will it snow?", why="it froze")
    clock.advance(seconds=1)
    rain.revise("rain", "clarify", criteria="Sleet does not count.")
    clock.set(at(1, 21).start)
    rain.forecast("rain", percent(60), who=MIA)
    clock.set(at(1, 31).start)
    settle(rain, "rain")
    assert only_line(rain).score == pytest.approx(0.16)
    assert only_line(rain).seconds == 10 * DAY
    assert score(rain).left.forecasts == {"on a wording since replaced": 1}


def test_an_undone_replacement_brings_the_forecasts_back(rain: Ledger) -> None:
    rain.revise("rain", "replace", text="Will it snow?")
    rain.undo(by=MIA)
    settle(rain, "rain", known=at(1, 11))
    assert only_line(rain).score == pytest.approx(0.04)


def test_a_forecast_on_a_new_wording_can_be_withdrawn(rain: Ledger, clock: FixedClock) -> None:
    rain.revise("rain", "replace", text="Will it snow?")
    rain.forecast("rain", percent(60), who=MIA)
    clock.set(at(1, 21).start)
    rain.withdraw("rain", who=MIA)
    clock.set(at(1, 31).start)
    settle(rain, "rain")
    assert only_line(rain).seconds == 10 * DAY
    assert score(rain).left.forecasts == {"on a wording since replaced": 1}


def test_a_clarification_cannot_move_the_window(rain: Ledger) -> None:
    with pytest.raises(UsageError, match="another window asks another question"):
        rain.revise("rain", "clarify", closes=at(2, 1))
    settle(rain, "rain")
    with pytest.raises(ConflictError, match="is resolved, so its wording stands"):
        rain.revise("rain", "clarify", criteria="Drizzle counts.")


# -- families ----------------------------------------------------------------------------------


def test_a_family_grows_and_counts_as_one(ledger: Ledger, clock: FixedClock) -> None:
    clock.set(at(1, 1).start)
    for key in ("rain", "snow", "hail"):
        ledger.add(f"Will it {key}?", percent(10), who=MIA, key=key)
    ledger.family("weather", ["rain"], title="The weather")
    ledger.family("weather", ["rain"])
    ledger.family("weather", ["snow"])
    with ledger.store.reading() as reader:
        assert reader.counts()["family"] == 2
    clock.set(at(1, 11).start)
    for key in ("rain", "snow", "hail"):
        settle(ledger, key, "no")
    found = score(ledger)
    assert found.tally is not None
    assert (found.tally.questions, found.tally.families) == (3, 2)
    assert score(ledger, families=("weather",)).total_questions == 2
    with pytest.raises(ConflictError, match="snow is in the family weather already"):
        ledger.family("winter", ["snow"])


def test_a_standing_moment_of_a_forecast_is_named_once(rain: Ledger) -> None:
    rain.forecast("rain", percent(10), who=BEN)
    with pytest.raises(ConflictError, match=f"{BEN} has a forecast on rain made at that very"):
        rain.forecast("rain", percent(20), who=BEN)
    assert When.at(rain.now()) == at(1, 11)
