from __future__ import annotations

import math

import pytest

from forecast_ledger.errors import InvalidError, UsageError
from forecast_ledger.scoring.crowd import _BY_WINDOW, NEEDS_DEADLINE, Rival, Window, compared
from forecast_ledger.scoring.floors import LOGARITHMIC, with_floor
from forecast_ledger.scoring.rules import RULES
from tests.scoring.strategies import percents

DAY = 24 * 3600


def always(*said: float) -> list[Rival]:
    return [Rival([p], [p], [p], [0], [10 * DAY]) for p in percents(*said)]


def test_every_rule_that_scores_no_single_forecast_is_here() -> None:
    assert set(_BY_WINDOW) == {name for name, rule in RULES.items() if rule.scorer is None}
    assert set(_BY_WINDOW) >= NEEDS_DEADLINE
    infinite = {name for name, rule in RULES.items() if math.inf in (-rule.low, rule.high)}
    assert infinite == set(LOGARITHMIC)


# The first case of the peer score's own tests: Metaculus/metaculus@100c408, score_math.py.
def test_agrees_with_metaculus() -> None:
    found = compared("peer", Window.of(0, 10 * DAY, 10 * DAY, 1), always(10, 50, 90), [2, 0])
    assert [one.score for one in found] == pytest.approx([139.2505621119169, -190.33312448851603])
    assert [one.coverage for one in found] == [1.0, 1.0]


@pytest.mark.parametrize("rule", sorted(_BY_WINDOW))
def test_words_bound_the_score_whichever_way_is_better(rule: str) -> None:
    for outcome in (0, 1):
        said, low, high = percents(40, 20, 70)
        worded = Rival([said], [low], [high], [0], [10 * DAY])
        window = Window.of(0, 10 * DAY, 10 * DAY, outcome)
        one = compared(rule, window, [*always(30, 60), worded], [2])[0]
        if RULES[rule].better == "larger":
            assert one.worst < one.score < one.best
        else:
            assert one.best < one.score < one.worst
        near = high if outcome else low
        plain = Rival([near], [near], [near], [0], [10 * DAY])
        assert compared(rule, window, [*always(30, 60), plain], [2])[0].score == one.best


@pytest.mark.parametrize("rule", sorted(_BY_WINDOW))
def test_the_others_do_not_depend_on_who_is_chosen(rule: str) -> None:
    window = Window.of(0, 20 * DAY, 10 * DAY, 1)
    everybody = compared(rule, window, always(10, 50, 90), [0, 1, 2])
    assert compared(rule, window, always(10, 50, 90), [1]) == [everybody[1]]


def test_what_there_is_no_span_for_is_refused() -> None:
    window = Window.of(0, None, 10, 1)
    for rule in sorted(_BY_WINDOW):
        if rule in NEEDS_DEADLINE:
            with pytest.raises(InvalidError, match="has no scheduled span"):
                compared(rule, window, always(10, 50), [0])
        else:
            assert math.isfinite(compared(rule, window, always(10, 50), [0])[0].score)
    with pytest.raises(UsageError, match="scores forecasts one by one"):
        compared("brier", window, always(10), [0])


def test_a_window_lasts_a_second_at_least() -> None:
    assert Window.of(5, 5, 5, 0) == Window(5, 6, 6, 0)
    assert Window.of(5, 9, 7, 0) == Window(5, 9, 7, 0)


def test_a_floor_is_for_logarithms_and_lies_below_a_half() -> None:
    with pytest.raises(UsageError, match="takes no logarithm"):
        with_floor(RULES["gjopen-daily"], 1)
    for floor in (0, -1, 500_000_001):
        with pytest.raises(UsageError, match="above 0% and at most at 50%"):
            with_floor(RULES["log"], floor)
    assert with_floor(RULES["peer"], 1) is RULES["peer"]
    lifted = compared("peer", Window.of(0, 10, 10, 1), always(0, 50), [0], floor=10_000_000)
    assert lifted[0].score == pytest.approx(100 * math.log(0.01 / 0.5))
