"""Families count as one what shares an event, against a search from each question."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from forecast_ledger.ledger.families import Basis, family_numbers
from forecast_ledger.ledger.gathering import Filters
from forecast_ledger.ledger.plain import PlainQuestion
from forecast_ledger.ledger.sampling import Owner
from forecast_ledger.ledger.scores import tally_of
from tests.scoring.strategies import reduce_series


def owner(key: str, *families: str) -> Owner:
    asked = PlainQuestion(
        root=1,
        key=key,
        text="Will it rain?",
        opens=None,
        closes=None,
        due=None,
        outcome="yes",
        known=None,
        firmness="direct",
        tags=(),
        families=families,
        now=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return asked, "Mia Jensen"


# A question may be called as a family is.
owners = st.lists(
    st.tuples(st.integers(0, 5), st.sets(st.sampled_from("abcdeq"), max_size=3)),
    max_size=8,
    unique_by=lambda pair: pair[0],
).map(lambda pairs: [owner("abcdeq"[key], *sorted(names)) for key, names in pairs])


def searched(given_owners: list[Owner]) -> list[set[int]]:
    """Return for each series all those reached from it over shared questions and families."""
    names = [{("question", q.key)} | {("family", f) for f in q.families} for q, _ in given_owners]
    found = []
    for place in range(len(names)):
        reached, before = {place}, set[int]()
        while reached != before:
            before = set(reached)
            shared = set().union(*(names[at] for at in reached))
            reached = {at for at, own in enumerate(names) if own & shared}
        found.append(reached)
    return found


@given(some=owners, twice=st.lists(st.integers(0, 7), max_size=4))
@example(some=[owner("x", "a", "b", "c"), owner("y", "c"), owner("z", "b"), owner("a")], twice=[0])
def test_what_shares_a_question_or_a_family_has_one_number(
    some: list[Owner], twice: list[int]
) -> None:
    # Two forecasters of one question are two series.
    everyone = some + [some[place] for place in twice if place < len(some)]
    count, numbers = family_numbers(everyone)
    for one, reached in zip(numbers, searched(everyone), strict=True):
        assert {at for at, other in enumerate(numbers) if other == one} == reached
    assert sorted(set(numbers)) == list(range(count))
    assert list(dict.fromkeys(numbers)) == list(range(count))


@pytest.mark.parametrize("large, shown", [(1, True), (40, False)])
def test_an_interval_needs_families_that_are_worth_twenty(*, large: int, shown: bool) -> None:
    # Beside 39 questions one more, or an event of forty that makes half of the mean.
    count = large + 39
    sample = reduce_series(
        [800_000_000] * count,
        [1] * count,
        [0 if place % 4 == 0 else 1 for place in range(count)],
        list(range(count + 1)),
    ).sample
    owners = [owner(f"question-{i}", *(["war"] if i < large else [])) for i in range(count)]
    basis = Basis(sample, owners)
    assert basis.families == 40
    assert (tally_of(basis, Filters()).interval is not None) == shown


def ranges(said: list[int], families: list[str]) -> tuple[tuple[float, float], ...]:
    """Return the range of the expected score without families and with those named."""
    count = len(said)
    sample = reduce_series(said, [1] * count, [0] * count, list(range(count + 1))).sample
    found = []
    for names in ([()] * count, [(family,) if family else () for family in families]):
        owners = [owner(f"question-{i}", *own) for i, own in enumerate(names)]
        ends = tally_of(Basis(sample, owners), Filters()).expected_range
        assert ends is not None
        found.append(ends)
    return tuple(found)


def test_a_family_widens_the_range_of_the_expected_score() -> None:
    apart, together = ranges([300_000_000] * 12, ["war"] * 8 + [""] * 4)
    # As one, eight come out at 0.09 or 0.49; beside four that miss not at all, or three times.
    assert apart == pytest.approx((0.09 + 0.4 / 12, 0.09 + 0.4 * 6 / 12))
    assert together == pytest.approx((0.09, 0.09 + 0.4 * 10 / 12))


def test_a_family_all_but_sure_narrows_no_range() -> None:
    # As one it misses in 3 of 100 cases, each for itself in 26.
    apart, together = ranges([30_000_000] * 10, ["war"] * 10)
    assert apart == together == pytest.approx((0.0009, (9 * 0.0009 + 0.9409) / 10))


def test_two_people_on_one_question_are_as_one() -> None:
    sample = reduce_series([700_000_000] * 2, [1, 1], [1, 1], [0, 1, 2]).sample
    one = owner("rain")[0]
    tally = tally_of(Basis(sample, [(one, "Ben Osei"), (one, "Mia Jensen")]), Filters())
    assert tally.expected_range == pytest.approx((0.09, 0.49))
    assert tally.exact
