"""Two entries in force about one thing are disputed until an entry replaces both."""

from __future__ import annotations

import pytest

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import Forecaster, Label, Revision, Source
from forecast_ledger.errors import ConflictError, UsageError
from forecast_ledger.ledger import Ledger
from forecast_ledger.ledger.base import difference
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


def rained(ledger: Ledger, clock: FixedClock) -> None:
    clock.set(at(1, 1).start)
    ledger.add("Will it rain?", percent(80), who=MIA)
    clock.set(at(1, 11).start)


def test_two_resolutions_are_disputed_and_unscored_until_an_entry_replaces_both(
    ledger: Ledger, clock: FixedClock
) -> None:
    rained(ledger, clock)
    asked = ledger.show("rain").of("question")[0].recorded.entry
    merge(ledger, resolution(asked, "yes", at(1, 10)), resolution(asked, "no", at(1, 10)))
    assert ledger.list()[0].state.status == "disputed"
    assert ledger.list()[0].state.outcome is None
    found = score(ledger)
    assert (found.lines, found.left.questions) == ((), {"disputed": 1})
    with pytest.raises(ConflictError, match="is resolved yes and no already"):
        settle(ledger, "rain", "yes")
    settled = settle(ledger, "rain", "yes", known=at(1, 10), why="both had the same radio report")
    assert settled.state.status == "resolved"
    assert len(settled.resolution.entry.replaces) == 2
    assert only_line(ledger).score == pytest.approx(0.04)


def test_replacing_one_of_two_resolutions_leaves_the_dispute(
    ledger: Ledger, clock: FixedClock
) -> None:
    rained(ledger, clock)
    asked = ledger.show("rain").of("question")[0].recorded.entry
    first, _ = merge(
        ledger, resolution(asked, "yes", at(1, 10)), resolution(asked, "no", at(1, 10))
    )
    merge(ledger, resolution(asked, "yes", at(1, 9), replaces=(first,), why="a day earlier"))
    assert ledger.list()[0].state.status == "disputed"
    assert score(ledger).lines == ()


def test_two_wordings_are_disputed_unanswerable_and_unscored_until_one_replaces_both(
    ledger: Ledger, clock: FixedClock
) -> None:
    rained(ledger, clock)
    asked = ledger.show("rain").of("question")[0].recorded.entry
    drizzle = question(criteria="Drizzle counts.", written=at(1, 2))
    merge(ledger, drizzle)
    state = ledger.list()[0].state
    assert (len(ledger.list()), state.status, state.wording) == (1, "disputed", None)
    with pytest.raises(ConflictError, match="rain has 2 wordings in force"):
        ledger.forecast("rain", percent(70), who=MIA)
    merge(ledger, resolution(asked, "yes", at(1, 10)))
    found = score(ledger)
    assert (found.lines, found.left.questions) == ((), {"disputed": 1})
    ledger.reopen("rain", by=MIA, why="the wording comes first")
    clock.advance(seconds=1)
    ledger.revise("rain", "clarify", criteria="Drizzle counts.", why="settled")
    settle(ledger, "rain", "yes", known=at(1, 10))
    assert only_line(ledger).score == pytest.approx(0.04)


def test_two_revisions_of_one_wording_are_disputed(ledger: Ledger, clock: FixedClock) -> None:
    rained(ledger, clock)
    asked = ledger.show("rain").of("question")[0].recorded.entry
    for criteria in ("Drizzle counts.", "Drizzle does not count."):
        merge(
            ledger,
            Revision(
                question=digest_of(asked),
                effect="clarify",
                wording=question(criteria=criteria).wording,
                replaces=(digest_of(asked),),
            ),
        )
    assert ledger.list()[0].state.status == "disputed"
    clock.advance(seconds=1)
    _, after = ledger.revise("rain", "clarify", criteria="Drizzle counts.")
    assert after.status == "open"


def test_two_forecasts_of_one_moment_are_unscored_and_counted(
    ledger: Ledger, clock: FixedClock
) -> None:
    clock.set(at(1, 1).start)
    asked, mia = question(), Forecaster(name=MIA)
    high, low = forecast(asked, mia, at(1, 1), 80), forecast(asked, mia, at(1, 1), 20)
    merge(ledger, asked, mia, high, low, forecast(asked, mia, at(1, 6), 60))
    clock.set(at(1, 11).start)
    settle(ledger, "rain")
    assert only_line(ledger).score == pytest.approx(0.16)
    assert score(ledger).left.forecasts == {"disputed": 2}
    merge(
        ledger,
        forecast(
            asked, mia, at(1, 1), 80, replaces=(digest_of(high), digest_of(low)), why="the sheet"
        ),
    )
    # Recorded after the outcome was known, what settles it is on somebody's word.
    assert only_line(ledger, claimed=True).score == pytest.approx((5 * 0.04 + 5 * 0.16) / 10)


@pytest.mark.parametrize("order", [1, -1])
def test_what_is_in_force_does_not_depend_on_what_arrived_first(
    ledger: Ledger, clock: FixedClock, order: int
) -> None:
    clock.set(at(1, 11).start)
    asked, mia = question(), Forecaster(name=MIA)
    merge(ledger, asked, mia)
    first = resolution(asked, "yes", at(1, 10))
    wrong = resolution(asked, "no", at(1, 10), replaces=(digest_of(first),))
    right = resolution(asked, "yes", at(1, 9), replaces=(digest_of(wrong),))
    other = resolution(asked, "no", at(1, 9), replaces=(digest_of(first),))
    merge(ledger, first)
    merge(ledger, *[wrong, other][::order])
    merge(ledger, right)
    state = ledger.list()[0].state
    heads = {row.digest for row in state.resolutions}
    assert heads == {digest_of(right), digest_of(other)}
    assert state.status == "disputed"


def test_a_conflict_says_what_differs(ledger: Ledger, clock: FixedClock) -> None:
    clock.set(at(1, 11).start)
    ledger.add("Will it rain?", percent(80), who=MIA, made=on(1, 2))
    said = "this forecast is recorded already .*: probability 80% here, 70% in the new one"
    with pytest.raises(ConflictError, match=said):
        ledger.forecast("rain", percent(70), who=MIA, made=on(1, 2))
    source = Source(key="article", title="An article", published=on(1, 2))
    assert ledger.source(source) == ledger.source(source)
    with pytest.raises(ConflictError, match="published 2026-01-02 here, 2026-01-03 in"):
        ledger.source(Source(key="article", title="An article", published=on(1, 3)))
    with pytest.raises(ConflictError, match="rain is the key of another question already"):
        ledger.add("Will it rain on Mars?", percent(1), who=MIA, key="rain")
    assert ledger.store.target.shown  # nothing of this was recorded:
    with ledger.store.reading() as reader:
        assert reader.counts() == {"question": 1, "forecaster": 1, "forecast": 1, "source": 1}


def test_the_same_forecast_typed_twice_is_one(ledger: Ledger, clock: FixedClock) -> None:
    clock.set(at(1, 11).start)
    ledger.add("Will it rain?", percent(80), who=MIA, made=on(1, 2))
    again = ledger.forecast("rain", percent(80), who=MIA, made=on(1, 2))
    assert (again.new, again.count) == (False, 1)


def test_the_key_of_a_revised_question_is_still_taken(ledger: Ledger, clock: FixedClock) -> None:
    clock.set(at(1, 1).start)
    ledger.add("Will it rain?", percent(80), who=MIA)
    clock.advance(minutes=1)
    ledger.revise("rain", "clarify", criteria="Drizzle counts.")
    with pytest.raises(ConflictError, match="rain is the key of another question already"):
        ledger.add("Will it rain?", percent(10), who=MIA, key="rain")
    assert ledger.list()[0].state.status == "open"


def test_a_label_merged_twice_is_one_tag(ledger: Ledger, clock: FixedClock) -> None:
    clock.set(at(1, 1).start)
    asked = question()
    merge(ledger, asked, Label(question=digest_of(asked), label="wet"))
    merge(ledger, Label(question=digest_of(asked), label="wet"))
    assert ledger.label("rain", add=["wet"]).tags == ("wet",)
    assert ledger.label("rain", remove=["wet"]).tags == ()
    # The same label from elsewhere is the entry that was taken off here.
    merge(ledger, Label(question=digest_of(asked), label="wet"))
    assert ledger.list()[0].state.tags == ()


def test_a_dispute_is_settled_field_by_field(ledger: Ledger, clock: FixedClock) -> None:
    rained(ledger, clock)
    merge(ledger, question(text="Will it rain at all?", closes=on(2, 1), criteria="Drizzle."))
    with pytest.raises(
        ConflictError, match=r"--clarify --text \.\.\. --criteria \.\.\. --by \.\.\.$"
    ):
        ledger.forecast("rain", percent(70), who=MIA)
    with pytest.raises(ConflictError, match=r"Say as well: --text \.\.\. --by \.\.\.$"):
        ledger.revise("rain", "clarify", criteria="Drizzle.")
    _, after = ledger.revise(
        "rain", "clarify", text="Will it rain?", criteria="Drizzle.", without=["closes"]
    )
    assert (after.status, after.text, after.closes) == ("open", "Will it rain?", None)


def test_the_deadline_of_a_dispute_is_settled_by_a_clarification(
    ledger: Ledger, clock: FixedClock
) -> None:
    rained(ledger, clock)
    merge(ledger, question(closes=on(2, 1), written=at(1, 2)))
    _, after = ledger.revise("rain", "clarify", closes=on(2, 1))
    assert after.closes == on(2, 1).end
    with pytest.raises(UsageError, match="another window asks another question"):
        ledger.revise("rain", "clarify", closes=on(2, 4))


def test_a_difference_is_told_in_the_form_people_use() -> None:
    asked, who = question(), Forecaster(name=MIA)
    one = forecast(asked, who, at(1, 1, 9), 12)
    assert difference(one, forecast(asked, who, on(1, 2), 13, replaces=(digest_of(one),))) == (
        "made 2026-01-01 09:00:00 UTC here, 2026-01-02 in the new one;"
        " probability 12% here, 13% in the new one"
    )
