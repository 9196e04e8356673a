from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, log_loss

from forecast_ledger.errors import InvalidError, UsageError
from forecast_ledger.scoring.arrays import PARTS, mean
from forecast_ledger.scoring.baseline import baseline_scores
from forecast_ledger.scoring.logarithmic import (
    limit,
    log_ratio,
    log_scores,
    log_scores_in_bits,
    split_mean,
)
from forecast_ledger.scoring.realised import floored, realised
from forecast_ledger.scoring.rule import Rule
from forecast_ledger.scoring.rules import RULES, chosen_rule, question_scores
from forecast_ledger.scoring.series import Series
from forecast_ledger.scoring.spherical import spherical_scores
from tests.scoring.strategies import any_parts, parts, percents, whole_percents

MIXED = percents(5, 10, 10, 20, 30, 30, 40, 50, 60, 70, 70, 80, 90, 90, 95)
MIXED_OUTCOMES = [0, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1]
CALIBRATED = percents(*[20] * 10, *[50] * 10, *[80] * 10)
CALIBRATED_OUTCOMES = [1] * 2 + [0] * 8 + [1] * 5 + [0] * 5 + [1] * 8 + [0] * 2

single = [name for name, rule in RULES.items() if rule.scorer is not None]
by_forecast = pytest.mark.parametrize("name", single)


# Expected values: scikit-learn 1.9.1, brier_score_loss.
@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize(
    "said, outcomes, expected",
    [
        (MIXED, MIXED_OUTCOMES, 0.2303333333333333),
        (CALIBRATED, CALIBRATED_OUTCOMES, 0.19000000000000003),
    ],
)
def test_brier_on_both_scales(
    said: list[int], outcomes: list[int], expected: float, scale: int
) -> None:
    rule = chosen_rule("brier", brier_scale=scale)
    assert mean(rule.score(said, outcomes)) == pytest.approx(scale * expected, rel=1e-12)
    assert rule.high == scale
    assert f"0 to {scale}" in rule.unit


# Expected values: forecastbench@05f612e, its mean Brier score before any adjustment.
@pytest.mark.parametrize(
    "said, outcomes, expected",
    [
        ([90, 20, 70, 10], [1, 0, 1, 0], 0.037500000000000006),
        ([60, 40, 30, 80], [1, 0, 1, 0], 0.36250000000000004),
        ([50, 30, 60, 60], [1, 0, 1, 0], 0.215),
        ([80, 90, 20, 10], [1, 1, 1, 0], 0.17500000000000004),
        ([50] * 6, [1, 0, 1, 0, 1, 0], 0.25),
    ],
)
def test_brier_agrees_with_forecastbench(
    said: list[int], outcomes: list[int], expected: float
) -> None:
    assert mean(RULES["brier"].score(percents(*said), outcomes)) == pytest.approx(
        expected, rel=1e-9
    )


def test_log_score_agrees_with_peers() -> None:
    # scikit-learn 1.9.1 log_loss; scoringrules 0.10.0 log_score.
    each = [
        0.05129329438755058,
        0.10536051565782628,
        2.302585092994045,
        0.2231435513142097,
        0.35667494393873245,
        1.203972804325936,
        0.5108256237659907,
        0.6931471805599453,
        0.5108256237659905,
        1.203972804325936,
        0.35667494393873245,
        0.2231435513142097,
        0.1053605156578264,
        2.302585092994046,
        0.05129329438755058,
    ]
    scores = RULES["log"].score(MIXED, MIXED_OUTCOMES)
    assert scores.tolist() == pytest.approx(each, rel=1e-12)
    assert mean(scores) == pytest.approx(0.6800572555552351, rel=1e-12)
    bits = RULES["log-bits"].score(MIXED, MIXED_OUTCOMES)
    assert mean(bits) == pytest.approx(0.9811152301100962, rel=1e-12)


def test_baseline_agrees_with_metaculus() -> None:
    # Metaculus/metaculus@100c408, scoring/score_math.py, resolved yes.
    said = percents(0.1, 1, 10, 24, 40, 50, 70, 80, 90, 99, 99.9)
    expected = [
        -896.5784284662087,
        -564.3856189774725,
        -232.19280948873623,
        -105.88936890535685,
        -32.19280948873623,
        0.0,
        48.54268271702418,
        67.80719051126378,
        84.79969065549501,
        98.5500430304885,
        99.85565831303313,
    ]
    assert baseline_scores(said, [1] * 11).tolist() == pytest.approx(expected, rel=1e-12)
    mirrored = [PARTS - p for p in said]
    assert baseline_scores(mirrored, [0] * 11).tolist() == baseline_scores(said, [1] * 11).tolist()


def test_expected_baseline_against_a_crowd_agrees_with_metaculus() -> None:
    # The formula of Metaculus/forecasting-tools@47cf3cf, data_models/binary_report.py.
    yes, no = baseline_scores(percents(60, 90), [1, 1]), baseline_scores(percents(60, 90), [0, 0])
    expected = [8.754565561744696, -10.298059387774384]
    assert (0.7 * yes + 0.3 * no).tolist() == pytest.approx(expected, rel=1e-12)


def test_spherical_is_one_less_the_reward() -> None:
    # The loss of R scoring's sphfam with power 2 for two categories, by its formula.
    reward = 0.3 / math.sqrt(0.3**2 + 0.7**2)
    assert spherical_scores(percents(30, 70), [1, 0]).tolist() == pytest.approx(
        [1 - reward] * 2, rel=1e-13
    )
    assert spherical_scores([0, PARTS, PARTS // 2], [1, 1, 1]).tolist() == pytest.approx(
        [1.0, 0.0, 1 - math.sqrt(0.5)], rel=1e-15
    )


several = st.lists(st.tuples(whole_percents, st.integers(0, 1)), min_size=1, max_size=40)


@given(cases=several)
def test_brier_agrees_with_scikit_learn(cases: list[tuple[int, int]]) -> None:
    # Ties, a single class, 0 and 1 all occur in whole percents.
    said, outcomes = [p for p, _ in cases], [y for _, y in cases]
    peer = brier_score_loss(outcomes, np.array(said) / PARTS, labels=[0, 1])
    assert mean(RULES["brier"].score(said, outcomes)) == pytest.approx(peer, rel=1e-12, abs=1e-15)


@given(cases=several)
def test_log_agrees_with_scikit_learn_where_it_does_not_clip(cases: list[tuple[int, int]]) -> None:
    said, outcomes = [p for p, _ in cases], [y for _, y in cases]
    scores = split_mean(RULES["log"].score(said, outcomes))
    possible = [(p, y) for p, y in cases if p != (1 - y) * PARTS]
    assert scores.impossible == len(cases) - len(possible)
    if possible:
        peer = log_loss([y for _, y in possible], [p / PARTS for p, _ in possible], labels=[0, 1])
        assert scores.rest == pytest.approx(peer, rel=1e-12, abs=1e-15)
    assert math.isinf(scores.mean) == (len(possible) < len(cases))


def test_impossible_is_not_clipped_as_by_scikit_learn_log_loss() -> None:
    assert log_loss([1], [0.0], labels=[0, 1]) == pytest.approx(36.04, abs=0.01)
    assert log_scores([0, PARTS], [1, 0]).tolist() == [math.inf, math.inf]
    assert baseline_scores([0, PARTS], [1, 0]).tolist() == [-math.inf, -math.inf]
    found = split_mean(log_scores([0, *percents(50, 25)], [1, 1, 1]))
    assert (found.mean, found.count, found.impossible) == (math.inf, 3, 1)
    assert found.rest == pytest.approx(1.5 * math.log(2))


def test_the_mean_of_infinite_scores() -> None:
    assert split_mean([1.0, 3.0]).mean == split_mean([1.0, 3.0]).rest == 2.0
    assert split_mean([-math.inf, 1.0]).mean == -math.inf
    assert split_mean([math.inf]).rest is None
    both = split_mean([-math.inf, math.inf, 4.0])
    assert math.isnan(both.mean)
    assert (both.impossible, both.rest) == (2, 4.0)
    with pytest.raises(InvalidError, match="nan"):
        split_mean([1.0, math.nan])
    with pytest.raises(InvalidError, match="nothing to average"):
        split_mean([])


def test_certainty_that_was_right_scores_plain_zero() -> None:
    for name in ("brier", "log", "log-bits", "spherical"):
        scores = RULES[name].score([PARTS, 0], [1, 0]).tolist()
        assert [math.copysign(1, score) for score in scores] == [1.0, 1.0]
        assert scores == [0.0, 0.0]
    assert RULES["baseline"].score([PARTS], [1]).tolist() == [100.0]
    assert RULES["baseline"].score([PARTS // 2], [0]).tolist() == [0.0]


@given(numerator=st.one_of(st.integers(1, 2 * PARTS), st.integers(PARTS - 99, PARTS + 99)))
def test_logarithms_are_right_to_the_last_digits(numerator: int) -> None:
    with localcontext(prec=40):
        expected = float((Decimal(numerator) / PARTS).ln())
    found = float(log_ratio(np.array([numerator]), PARTS)[0])
    assert found == pytest.approx(expected, rel=1e-15, abs=0)


def test_a_score_does_not_depend_on_its_neighbours() -> None:
    said = np.array(percents(37.123456, 0.1, 99.9, 62.5) * 9)
    for name in single:
        together = RULES[name].score(said, np.ones(said.size)).tolist()
        assert together == [float(RULES[name].score([p], [1])[0]) for p in said.tolist()]


@by_forecast
@given(said=parts)
def test_yes_and_no_mirror_each_other(name: str, said: int) -> None:
    score = RULES[name].score([said, PARTS - said], [1, 0]).tolist()
    assert score[0] == score[1]


@by_forecast
@given(said=any_parts, outcome=st.integers(0, 1))
def test_scores_stay_within_the_range_printed(name: str, said: int, outcome: int) -> None:
    rule = RULES[name]
    assert rule.low <= float(rule.score([said], [outcome])[0]) <= rule.high


@by_forecast
@pytest.mark.parametrize("truth", [*range(0, 101, 5), 1, 99])
def test_strictly_proper(name: str, truth: int) -> None:
    rule = RULES[name]
    said = percents(*range(101))
    q = truth / 100
    yes, no = rule.score(said, [1] * 101), rule.score(said, [0] * 101)
    expected = np.where(q > 0, q * yes if q else 0.0, 0.0) + (
        np.zeros(101) if q == 1 else (1 - q) * no
    )
    if rule.better == "larger":
        expected = -expected
    best = int(np.argmin(expected))
    assert best == truth
    others = np.delete(expected, best)
    assert bool(np.all(others > expected[best] + 1e-9))


@by_forecast
@given(cases=st.lists(st.tuples(parts, st.integers(0, 1)), min_size=2, max_size=20))
def test_order_does_not_matter(name: str, cases: list[tuple[int, int]]) -> None:
    def total(ordered: list[tuple[int, int]]) -> float:
        scores = RULES[name].score([p for p, _ in ordered], [y for _, y in ordered])
        return split_mean(scores).mean

    assert total(cases) == total(cases[::-1]) == total(sorted(cases))


@given(first=any_parts, second=any_parts, name=st.sampled_from(single))
def test_more_on_what_happened_is_never_worse(first: int, second: int, name: str) -> None:
    rule = RULES[name]
    less, more = rule.score(sorted((first, second)), [1, 1]).tolist()
    assert more <= less if rule.better == "smaller" else more >= less


@given(said=any_parts, outcome=st.integers(0, 1), floor=st.integers(0, PARTS // 2))
def test_a_floor_moves_both_sides_and_only_beyond_it(said: int, outcome: int, floor: int) -> None:
    moved = int(floored([said], floor)[0])
    assert floor <= moved <= PARTS - floor
    assert moved == said or min(said, PARTS - said) < floor
    assert realised([moved], [outcome]).tolist() == floored(realised([said], [outcome]), floor)
    assert floored([PARTS - said], floor).tolist() == [PARTS - moved]


def test_a_floor_is_asked_for_and_makes_nothing_pay() -> None:
    kept = floored([0, PARTS, *percents(99.95)], percents(0.1)[0])
    assert log_scores(kept, [1, 1, 1]).tolist() == pytest.approx(
        [-math.log(0.001), -math.log(0.999), -math.log(0.999)]
    )
    # Beyond the floor all forecasts score the same, so 100 % is no better than what is believed.
    for wrong in (-1, PARTS // 2 + 1):
        with pytest.raises(UsageError, match="floor"):
            floored([0], wrong)


def test_questions_average_scores_and_leave_out_what_has_no_weight() -> None:
    # Never the probability: Fatebook averages it within a day and squares then.
    series = Series(
        np.array([0, *percents(50, 90, 30)]),
        np.array([0.0, 1.0, 0.25, 0.75]),
        np.array([0, 2, 4]),
    )
    brier = question_scores(RULES["brier"], series, [1, 0]).tolist()
    assert brier == pytest.approx([0.25, 0.25 * 0.81 + 0.75 * 0.09])
    log = question_scores(RULES["log"], series, [1, 0]).tolist()
    assert log == pytest.approx([math.log(2), -0.25 * math.log(0.1) - 0.75 * math.log(0.7)])
    said = Series(np.array([0, PARTS]), np.array([0.5, 0.5]), np.array([0, 2]))
    assert question_scores(RULES["log"], said, [1]).tolist() == [math.inf]


@given(zeros=st.floats(-3, 3), finite=st.floats(-50, 50))
def test_limits_of_logarithms_of_zero(zeros: float, finite: float) -> None:
    assume(zeros == 0 or abs(zeros) > 1e-6)
    found = float(limit(np.array([finite]), np.array([zeros]))[0])
    assert found == (finite if zeros == 0 else math.copysign(math.inf, -zeros))


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_every_rule_says_what_it_is(rule: Rule) -> None:
    assert RULES[rule.name] is rule
    for said in (rule.title, rule.formula, rule.unit, rule.source, rule.edges, rule.needs):
        assert said == said.strip()
        assert said
    assert rule.low < rule.high
    assert rule.direction in ("smaller is better", "larger is better")


def test_ranges_in_words() -> None:
    assert RULES["brier"].range == "0 to 1"
    assert RULES["baseline"].range == "-infinity to 100"
    assert RULES["log"].range == "0 to infinity"


def test_what_cannot_be_chosen_is_refused() -> None:
    with pytest.raises(UsageError, match="Choose one of: brier, log, "):
        chosen_rule("quadratic")
    with pytest.raises(UsageError, match="no Brier scale 3"):
        chosen_rule("brier", brier_scale=3)
    with pytest.raises(UsageError, match="Leave the scale out"):
        chosen_rule("log", brier_scale=2)
    with pytest.raises(UsageError, match="the other forecasters"):
        RULES["peer"].score([0], [1])


@by_forecast
@pytest.mark.parametrize("said, outcomes", [([-1], [1]), ([0.5], [1]), ([1], [0.5]), ([1], [])])
def test_what_is_no_forecast_is_refused(name: str, said: list[int], outcomes: list[int]) -> None:
    with pytest.raises(InvalidError):
        RULES[name].score(said, outcomes)


def test_bits_are_nats_over_ln_2() -> None:
    assert log_scores_in_bits([PARTS // 4, PARTS // 8], [1, 1]).tolist() == [2.0, 3.0]
