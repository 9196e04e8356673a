"""A score taken apart: every row is what a score of its questions alone says."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from fractions import Fraction
from itertools import product
from math import fsum, prod
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from forecast_ledger.domain.moments import When
from forecast_ledger.errors import LedgerError, UsageError
from forecast_ledger.ledger import Ledger
from forecast_ledger.ledger.breakdown import AXES, Breakdown, Part
from forecast_ledger.ledger.gathering import Filters
from tests.conftest import FixedClock
from tests.ledger.saying import MIA, at, merge, on, percent, settle
from tests.ledger.test_sampling import (
    BEN,
    CHOICES,
    SEEDS,
    Choice,
    entries_of,
    entry_by_entry,
    grown,
    shuffled,
)

TOKYO = ZoneInfo("Asia/Tokyo")
ALL: Choice = {"claimed": True}


def told(ledger: Ledger, choices: tuple[Choice, ...]) -> list[str]:
    """Every breakdown to the last digit, without its place in the log and its leaf."""
    return [_told(ledger, by, Filters(**chosen)) for chosen in choices for by in AXES]


def _told(ledger: Ledger, by: str, filters: Filters) -> str:
    try:
        found = ledger.breakdown(by, filters, zone=TOKYO)
    except LedgerError as error:
        return str(error)
    return repr(replace(found, score=replace(found.score, seq=0, leaf="")))


def asked(
    ledger: Ledger,
    key: str,
    number: float,
    *,
    tags: tuple[str, ...] = (),
    family: str | None = None,
    who: str = MIA,
) -> None:
    closes = on(2, 1)
    ledger.add(
        f"{key}?", percent(number), key=key, who=who, closes=closes, tags=tags, family=family
    )


def rows(found: Breakdown) -> dict[str | None, Part]:
    return {part.name: part for part in found.parts}


def one(ledger: Ledger, by: str = "month", **filters: object) -> Part:
    (part,) = ledger.breakdown(by, Filters(**filters)).parts  # type: ignore[arg-type]
    return part


# -- on made-up ledgers ----------------------------------------------------------------------


@pytest.fixture
def history(sqlite_ledger: Ledger, clock: FixedClock) -> Ledger:
    """A ledger with corrections, words, tags, families, early and claimed forecasts."""
    grown(sqlite_ledger, clock, 11)
    return sqlite_ledger


@SEEDS
@given(seed=st.integers(0, 10**6), chosen=st.sets(st.integers(0, len(CHOICES) - 1), max_size=3))
@example(seed=11, chosen=set(range(0, len(CHOICES), 3)))
def test_whatever_way_it_is_read_a_ledger_is_taken_apart_the_same(
    empty_file: Path, tmp_path_factory: pytest.TempPathFactory, seed: int, chosen: set[int]
) -> None:
    path = shutil.copy(empty_file, tmp_path_factory.mktemp("apart") / "ledger.db")
    clock = FixedClock()
    choices = (CHOICES[0], ALL, *(CHOICES[number] for number in sorted(chosen)))
    with Ledger(str(path), clock=clock) as ledger:
        grown(ledger, clock, seed)
        by_arrays = told(ledger, choices)
        with entry_by_entry():
            assert told(ledger, choices) == by_arrays


def test_it_is_the_same_on_both_databases_and_in_any_order_of_insertion(
    sqlite_ledger: Ledger, postgres_ledger: Ledger, clock: FixedClock
) -> None:
    entries, choices = entries_of(3), (CHOICES[0], ALL)
    orders = entries, shuffled(entries, Random(5))  # noqa: S311 - an order, not a secret
    seen = []
    for ledger, order in zip((sqlite_ledger, postgres_ledger), orders, strict=True):
        clock.set(at(1, 20).start)
        merge(ledger, *order)
        clock.set(at(3, 1).start)
        seen.append(told(ledger, choices))
    assert seen[0] == seen[1]
    assert any("by_luck=" in said for said in seen[0])
    assert any("'wet'" in said for said in seen[0])


@pytest.mark.parametrize("chosen", [{}, ALL, {"brier_scale": 2, "level": 0.5, **ALL}])
@pytest.mark.parametrize("by", AXES)
def test_every_row_is_what_a_score_of_its_questions_says(
    history: Ledger, by: str, chosen: Choice
) -> None:
    if by == "month":
        label_by_month(history)
    found = history.breakdown(by, Filters(**chosen))
    named = [part for part in found.parts if part.name is not None]
    assert named
    for part in named:
        score = history.score(Filters(**chosen, **_only(by, part.name or "")))
        tally = score.tally
        assert tally is not None
        assert tally.expected_range is not None
        assert (part.questions, part.score) == (tally.questions, tally.score)
        assert (part.best, part.worst) == (tally.best, tally.worst)
        # Early answers, and having no deadline, bend what would be expected: it is not said.
        assert (part.range is None) == part.bent == (tally.bent or tally.undated > 0)
        assert part.expected == (None if part.bent else tally.expected)
        if part.range is not None:
            assert (part.range.low, part.range.high) == tally.expected_range
            assert part.range.exact == tally.exact


def _only(by: str, name: str) -> Choice:
    return {{"family": "families", "who": "who"}.get(by, "tags"): (name,)}


def label_by_month(ledger: Ledger) -> None:
    """Put the month of its deadline on every question as a tag."""
    for state in (item.state for item in ledger.list()):
        if state.window and (closes := state.window.closes):
            last = closes.day or closes.start.date()
            ledger.label(state.key, add=[f"{last:%Y-%m}"])


@SEEDS
@given(seed=st.integers(0, 10**6))
@example(seed=11)
def test_parts_that_share_nothing_make_up_the_whole(
    empty_file: Path, tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    path = shutil.copy(empty_file, tmp_path_factory.mktemp("apart") / "ledger.db")
    clock = FixedClock()
    with Ledger(str(path), clock=clock) as ledger:
        grown(ledger, clock, seed)
        for by in ("month", "who"):
            found = ledger.breakdown(by, Filters(**ALL))
            tally = found.score.tally
            if tally is None:
                assert found.parts == ()
                continue
            assert found.several == 0
            assert sum(part.questions for part in found.parts) == tally.questions
            bent = any(part.bent for part in found.parts)
            for name in ("score", "best", "worst", *(() if bent else ("expected",))):
                total = fsum(part.questions * getattr(part, name) for part in found.parts)
                assert total / tally.questions == pytest.approx(getattr(tally, name), abs=1e-12)
            _check_order_and_luck(found)


def _check_order_and_luck(found: Breakdown) -> None:
    keys = [(part.name is None, -part.questions, part.name or "") for part in found.parts]
    assert keys == sorted(keys)
    for part in found.parts:
        for luck in part.range.by_luck if part.range else ():
            assert 0 <= luck <= 1 - found.score.filters.level + 1e-6


# -- one thing at a time ---------------------------------------------------------------------


def test_a_question_with_two_tags_is_in_both_rows_and_one_without_in_the_last(
    ledger: Ledger, clock: FixedClock
) -> None:
    asked(ledger, "rain", 80, tags=("sky", "cold"))
    asked(ledger, "snow", 30, tags=("cold",))
    asked(ledger, "gold", 60)
    asked(ledger, "wars", 10)
    asked(ledger, "iron", 40)
    clock.advance(days=30)
    for key in ("rain", "snow", "gold", "wars", "iron"):
        settle(ledger, key)
    found = ledger.breakdown("tag", Filters())
    assert [(part.name, part.questions) for part in found.parts] == [
        ("cold", 2),
        ("sky", 1),
        (None, 3),
    ]
    assert found.several == 1
    parts = rows(found)
    assert parts["cold"].score == pytest.approx((0.2**2 + 0.7**2) / 2, abs=1e-15)
    assert parts[None].score == pytest.approx((0.4**2 + 0.9**2 + 0.6**2) / 3, abs=1e-15)


def test_tags_are_read_only_where_they_are_asked_for(
    ledger: Ledger, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(ledger, "rain", 80, tags=("sky",))
    clock.advance(days=30)
    settle(ledger, "rain")
    assert one(ledger, "tag").name == "sky"
    read: list[object] = []

    def none(reader: object) -> Iterator[tuple[int, str]]:
        read.append(reader)
        return iter(())

    monkeypatch.setattr("forecast_ledger.ledger.plain.tags_of_all", none)
    for by in ("month", "family", "who"):
        ledger.breakdown(by, Filters())
    assert read == []


def test_families_and_forecasters(ledger: Ledger, clock: FixedClock) -> None:
    asked(ledger, "rain", 80, family="storm")
    asked(ledger, "snow", 30, family="storm")
    asked(ledger, "gold", 60, who=BEN)
    clock.advance(days=30)
    for key in ("rain", "snow", "gold"):
        settle(ledger, key)
    families = ledger.breakdown("family", Filters())
    assert [(part.name, part.questions) for part in families.parts] == [("storm", 2), (None, 1)]
    people = ledger.breakdown("who", Filters())
    assert [(part.name, part.questions) for part in people.parts] == [(MIA, 2), (BEN, 1)]
    assert [part.coded is None for part in (*families.parts, *people.parts)] == [True] * 2 + [
        False
    ] * 2


@pytest.mark.parametrize(
    "closes,utc,tokyo",
    [
        (at(1, 31, 15), "2026-01", "2026-01"),
        (at(1, 31, 15, 1), "2026-01", "2026-02"),
        (at(2, 1), "2026-01", "2026-02"),
        (at(2, 1, 0, 1), "2026-02", "2026-02"),
        (on(1, 31), "2026-01", "2026-01"),
        (When.on(on(2, 1).start.date(), TOKYO), "2026-02", "2026-02"),
    ],
)
def test_months_are_those_of_deadlines_in_the_zone_and_a_bare_date_has_its_own(
    sqlite_ledger: Ledger, clock: FixedClock, closes: When, utc: str, tokyo: str
) -> None:
    sqlite_ledger.add("Rain?", percent(80), key="rain", who=MIA, closes=closes)
    clock.advance(days=60)
    settle(sqlite_ledger, "rain", known=on(1, 20))
    by_arrays = _months(sqlite_ledger)
    with entry_by_entry():
        assert _months(sqlite_ledger) == by_arrays == (utc, tokyo)
    in_tokyo = sqlite_ledger.breakdown("month", Filters(), zone=TOKYO)
    assert in_tokyo.zone == "Asia/Tokyo"
    assert sqlite_ledger.breakdown("who", Filters(), zone=TOKYO).zone is None


def _months(ledger: Ledger) -> tuple[str | None, ...]:
    found = [ledger.breakdown("month", Filters(), zone=zone) for zone in (UTC, TOKYO)]
    return tuple(part.name for one in found for part in one.parts)


def test_a_month_says_nothing_of_the_outcome(ledger: Ledger, clock: FixedClock) -> None:
    # Yes comes early and no at the deadline: by month known all yes would be in one row.
    for number in range(4):
        asked(ledger, f"q{number}", 50)
    ledger.add("Ever?", percent(50), key="ever", who=MIA)
    clock.advance(days=60)
    for number in range(4):
        settle(ledger, f"q{number}", "yes" if number < 2 else "no", known=on(1 + number // 2, 20))
    settle(ledger, "ever", known=on(1, 20))
    found = ledger.breakdown("month", Filters())
    assert [(part.name, part.questions) for part in found.parts] == [("2026-02", 4), (None, 1)]


def _chosen(ledger: Ledger, **filters: When) -> int:
    tally = ledger.score(Filters(**filters)).tally  # type: ignore[arg-type]
    return tally.questions if tally else 0


@pytest.mark.parametrize("zone", [UTC, TOKYO, ZoneInfo("America/Los_Angeles")])
@pytest.mark.parametrize(
    "closes,known,outcome",
    [
        (on(1, 20), None, "no"),
        (When.on(on(1, 20).start.date(), TOKYO), None, "no"),
        (on(1, 25), on(1, 20), "no"),
        (on(1, 25), on(1, 20), "yes"),
        (None, When.on(on(1, 20).start.date(), TOKYO), "yes"),
    ],
)
def test_an_outcome_known_by_its_date_is_known_on_one_day_in_every_zone(
    sqlite_ledger: Ledger,
    clock: FixedClock,
    *,
    zone: ZoneInfo,
    closes: When | None,
    known: When | None,
    outcome: str,
) -> None:
    sqlite_ledger.add("Rain?", percent(80), key="rain", who=MIA, closes=closes)
    clock.advance(days=60)
    settle(sqlite_ledger, "rain", outcome, known=known)
    first, same, last = (When.on(on(1, day).start.date(), zone) for day in (19, 20, 21))

    def found() -> list[int]:
        return [
            _chosen(sqlite_ledger, **bounds)
            for bounds in (
                {"known_until": first},
                {"known_until": same},
                {"known_since": same},
                {"known_since": last},
            )
        ]

    assert found() == [0, 1, 1, 0]
    with entry_by_entry():
        assert found() == [0, 1, 1, 0]


@pytest.mark.parametrize(
    "closes,known,outcome,until",
    [
        # Half-open: what ends with a day's last moment belongs to that day.
        (at(1, 21), at(1, 21), "no", True),
        (on(1, 20), at(1, 21), "no", True),
        # A yes at that instant, or a no at another, is known when it says.
        (on(1, 20), at(1, 21), "yes", False),
        (on(1, 19), at(1, 21), "no", False),
        (None, at(1, 21), "no", False),
        (on(1, 25), at(1, 20, 23, 59), "no", True),
    ],
)
def test_only_a_no_at_the_deadline_belongs_to_the_moment_before(
    sqlite_ledger: Ledger,
    clock: FixedClock,
    *,
    closes: When | None,
    known: When,
    outcome: str,
    until: bool,
) -> None:
    sqlite_ledger.add("Rain?", percent(80), key="rain", who=MIA, closes=closes)
    clock.advance(days=60)
    settle(sqlite_ledger, "rain", outcome, known=known)

    def found() -> tuple[int, int]:
        return (
            _chosen(sqlite_ledger, known_until=on(1, 20)),
            _chosen(sqlite_ledger, known_since=on(1, 21)),
        )

    assert found() == (until, not until)
    with entry_by_entry():
        assert found() == (until, not until)


@pytest.mark.parametrize("known", [on(1, 20), at(1, 20, 12)])
def test_a_filter_may_be_an_instant(sqlite_ledger: Ledger, clock: FixedClock, known: When) -> None:
    asked(sqlite_ledger, "rain", 80)
    clock.advance(days=60)
    settle(sqlite_ledger, "rain", known=known)
    assert _chosen(sqlite_ledger, known_since=at(1, 20, 11), known_until=at(1, 20, 13)) == 1
    assert _chosen(sqlite_ledger, known_since=at(1, 21)) == 0
    assert _chosen(sqlite_ledger, known_until=at(1, 19, 23)) == 0


SAID = (30, 40, 45, 52, 56, 60)


@pytest.mark.parametrize("level", [0.5, 0.9])
@pytest.mark.parametrize("outcomes", ["nnnyyy", "yyynyn", "yyynnn", "nynyyy"])
def test_luck_is_the_exact_chance_to_lie_outside(
    sqlite_ledger: Ledger, clock: FixedClock, level: float, outcomes: str
) -> None:
    for number in SAID:
        asked(sqlite_ledger, f"q{number}", number)
    clock.advance(days=30)
    for number, letter in zip(SAID, outcomes, strict=True):
        settle(sqlite_ledger, f"q{number}", "yes" if letter == "y" else "no")
    found = sqlite_ledger.breakdown("who", Filters(level=level))
    (part,) = found.parts
    assert part.range is not None
    low, high = Fraction(part.range.low), Fraction(part.range.high)
    slack = Fraction(1, 10**12)
    below = above = Fraction(0)
    for came in product((0, 1), repeat=len(SAID)):
        chance = prod(Fraction(p if y else 100 - p, 100) for p, y in zip(SAID, came, strict=True))
        scores = [Fraction(p - 100 * y, 100) ** 2 for p, y in zip(SAID, came, strict=True)]
        mean = sum(scores, Fraction(0)) / len(SAID)
        below += chance if mean < low - slack else 0
        above += chance if mean > high + slack else 0
    assert part.range.by_luck == pytest.approx((float(below + above),) * 2, abs=1e-9)
    assert found.by_luck == part.range.by_luck
    assert part.range.outside == (not low - slack <= Fraction(part.score) <= high + slack)
    assert found.outside == part.range.outside
    assert 0 < below <= (1 - Fraction(level)) / 2 + slack
    assert 0 < above <= (1 - Fraction(level)) / 2 + slack


def test_a_family_has_the_chance_for_each_and_for_all_as_one(
    sqlite_ledger: Ledger, clock: FixedClock
) -> None:
    for i in range(4):
        asked(sqlite_ledger, f"q{i}", 90, family="storm")
    clock.advance(days=30)
    for i in range(4):
        settle(sqlite_ledger, f"q{i}", "no" if i < 2 else "yes")
    part = one(sqlite_ledger, "family")
    assert part.range is not None
    # All as one, 90 % are right or wrong together; each for itself, one of four may be wrong.
    assert (part.range.low, part.range.high) == pytest.approx((0.01, 0.81))
    assert part.range.by_luck == (0.0, 0.0)
    assert not part.range.outside
    part = one(sqlite_ledger, "family", level=0.7)
    assert part.range is not None
    assert (part.range.low, part.range.high) == pytest.approx((0.01, 0.21))
    assert part.range.by_luck == pytest.approx((1 - 0.9**4 - 4 * 0.1 * 0.9**3, 0.1))
    assert part.range.outside


def test_what_is_claimed_is_in_no_row_unless_it_is_counted(
    ledger: Ledger, clock: FixedClock
) -> None:
    asked(ledger, "rain", 80, tags=("sky",))
    ledger.add("Old?", percent(50), key="old", who=MIA, made=on(1, 2), tags=("old",))
    settle(ledger, "old", known=on(1, 10))
    clock.advance(days=30)
    settle(ledger, "rain")
    found = ledger.breakdown("tag", Filters())
    assert list(rows(found)) == ["sky"]
    assert found.score.claimed is not None
    assert found.score.claimed.questions == 1
    assert list(rows(ledger.breakdown("tag", Filters(claimed=True)))) == ["old", "sky"]


def test_where_all_was_answered_early_the_rows_are_about_that(
    sqlite_ledger: Ledger, clock: FixedClock
) -> None:
    sqlite_ledger.add("Far?", percent(80), key="far", who=MIA, closes=on(12, 31), tags=("far",))
    clock.advance(days=3)
    settle(sqlite_ledger, "far")
    found = sqlite_ledger.breakdown("tag", Filters())
    assert (found.score.about, list(rows(found))) == ("early", ["far"])


@pytest.mark.parametrize("rule", ["log", "peer", "gjopen-daily"])
def test_other_rules_have_rows_without_ranges(
    sqlite_ledger: Ledger, clock: FixedClock, rule: str
) -> None:
    asked(sqlite_ledger, "rain", 80, tags=("sky",))
    clock.advance(days=30)
    settle(sqlite_ledger, "rain")
    found = sqlite_ledger.breakdown("tag", Filters(rule=rule))
    (part,) = found.parts
    assert (part.name, part.range, found.by_luck, found.outside) == ("sky", None, None, 0)
    assert (part.expected is None) == (rule != "log")


def test_several_are_not_taken_together_by_a_rule_that_compares_them(
    sqlite_ledger: Ledger, clock: FixedClock
) -> None:
    asked(sqlite_ledger, "rain", 80)
    sqlite_ledger.forecast("rain", percent(40), who=BEN)
    clock.advance(days=30)
    settle(sqlite_ledger, "rain")
    for rule in ("peer", "peer-spot", "gjopen-accuracy", "relative-brier", "relative-log"):
        with pytest.raises(UsageError, match="Choose one with --who NAME, or say --each who"):
            sqlite_ledger.breakdown("tag", Filters(rule=rule))
        assert set(rows(sqlite_ledger.breakdown("who", Filters(rule=rule)))) == {MIA, BEN}
        assert one(sqlite_ledger, "tag", rule=rule, who=(MIA,)).questions == 1
    assert one(sqlite_ledger, "tag", rule="baseline-spot").questions == 2


def test_another_axis_is_refused(sqlite_ledger: Ledger) -> None:
    with pytest.raises(UsageError, match=r"by 'phrase'\. Choose tag, month, family or who"):
        sqlite_ledger.breakdown("phrase", Filters())


def test_of_nothing_there_are_no_rows(sqlite_ledger: Ledger) -> None:
    found = sqlite_ledger.breakdown("tag", Filters())
    assert (found.parts, found.several, found.outside, found.by_luck) == ((), 0, 0, None)
