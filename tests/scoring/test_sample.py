"""A sample: what is kept of each series, against the same told one forecast at a time."""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import accumulate, pairwise
from math import inf, nan

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from forecast_ledger.errors import InvalidError
from forecast_ledger.scoring.arrays import PARTS, Floats
from forecast_ledger.scoring.policy import DAY, Policy, policy_named
from forecast_ledger.scoring.rule import Rule
from forecast_ledger.scoring.rules import BRIER, RULES, chosen_rule
from forecast_ledger.scoring.sample import (
    MOST_VALUES,
    THOUSANDTH,
    Said,
    Sample,
    expected,
    largest,
    said_in,
    said_of,
    sampled,
)
from forecast_ledger.scoring.series import Series
from forecast_ledger.scoring.standing import CLAIMED, PUBLISHED, WITNESSED, Answers, Spans
from tests.scoring.strategies import parts as any_parts
from tests.scoring.strategies import percents, reduce_series

ALONE = [rule for rule in RULES.values() if rule.scorer is not None]
"""Rules that score a forecast without the others."""
rules = st.sampled_from([*ALONE, chosen_rule("brier", 2)])
policies = st.sampled_from(["time-weighted", "daily", "last", "first", "each", "at 2d"]).map(
    policy_named
)


@dataclass(frozen=True)
class Stretch:
    low: int
    parts: int
    high: int
    start: int
    end: int
    answer: int
    grade: int = WITNESSED


@dataclass(frozen=True)
class One:
    """One series: its stretches in order of time, its question's outcome and window."""

    those: tuple[Stretch, ...]
    outcome: int = 1
    opens: int | None = None
    closes: int | None = None


@st.composite
def series(draw: st.DrawFn) -> One:
    count = draw(st.integers(1, 5))
    words = draw(st.booleans())
    steps = st.integers(0, 9) | st.sampled_from([DAY // 2, DAY])
    moment, those = draw(steps), []
    for _ in range(count):
        start = moment + draw(steps)
        moment = start + draw(steps)
        middle = draw(any_parts)
        ends = sorted([draw(any_parts), middle, draw(any_parts)]) if words else [middle] * 3
        answer, grade = draw(st.integers(0, 2)), draw(st.integers(0, 2))
        those.append(Stretch(ends[0], ends[1], ends[2], start, moment, answer, grade))
    window = st.none() | st.integers(0, 6 * DAY)
    return One(tuple(those), draw(st.integers(0, 1)), draw(window), draw(window))


many_series = st.lists(series(), min_size=1, max_size=4)


def told(many: list[One]) -> Said:
    those = [stretch for one in many for stretch in one.those]
    return said_of(
        parts=[s.parts for s in those],
        low=[s.low for s in those],
        high=[s.high for s in those],
        start=[s.start for s in those],
        end=[s.end for s in those],
        answer=[s.answer for s in those],
        grade=[s.grade for s in those],
        offsets=list(accumulate((len(one.those) for one in many), initial=0)),
        outcomes=[one.outcome for one in many],
        opens=[one.opens for one in many],
        closes=[one.closes for one in many],
    )


def sample_of(many: list[One], policy: str = "time-weighted", rule: Rule = BRIER) -> Sample:
    sample, counts = sampled(told(many), policy_named(policy), rule)
    assert sample is not None
    assert counts.all()
    return sample


def said_at(*probabilities: int, **more: int | None) -> One:
    """Forecasts that stood for a second each, one after the other."""
    those = (Stretch(p, p, p, at, at + 1, at) for at, p in enumerate(probabilities))
    return One(tuple(those), **more)  # type: ignore[arg-type]


def same(one: Sample, other: Sample) -> bool:
    return all(same_column(getattr(one, f.name), getattr(other, f.name)) for f in fields(Sample))


def same_column(one: Series | Floats, other: Series | Floats) -> bool:
    if isinstance(one, Series) and isinstance(other, Series):
        return all(
            np.array_equal(getattr(one, name), getattr(other, name))
            for name in ("parts", "weights", "offsets")
        )
    return np.array_equal(one, other, equal_nan=True)  # type: ignore[arg-type]


# -- what words allow ------------------------------------------------------------------------


@given(many=many_series, policy=policies, rule=rules)
def test_what_the_words_allow_holds_the_score(many: list[One], policy: Policy, rule: Rule) -> None:
    sample, _ = sampled(told(many), policy, rule)
    if sample is None:
        return
    ends = (sample.best, sample.worst)
    least, most = ends if rule.better == "smaller" else ends[::-1]
    assert np.all((least <= sample.score) & (sample.score <= most))
    assert np.all((sample.low <= sample.probability) & (sample.probability <= sample.high))


@given(many=many_series, rule=rules)
def test_each_end_is_the_score_of_what_the_words_allow_at_that_end(
    many: list[One], rule: Rule
) -> None:
    sample = sample_of(many, "each", rule)

    def moved(one: One, *, best: bool) -> One:
        upward = best == (one.outcome == 1)
        ends = [s.high if upward else s.low for s in one.those]
        return One(
            tuple(
                Stretch(end, end, end, s.start, s.end, s.answer)
                for end, s in zip(ends, one.those, strict=True)
            ),
            one.outcome,
        )

    for name, best in (("best", True), ("worst", False)):
        at_that_end = sample_of([moved(one, best=best) for one in many], "each", rule)
        assert getattr(sample, name).tolist() == at_that_end.score.tolist()


def test_bold_reads_words_far_from_half_and_cautious_near_it() -> None:
    words = [percents(10, 20, 30), percents(40, 60, 90), percents(30, 50, 60)]
    sample = sample_of([One((Stretch(low, p, high, 0, 1, 0),)) for low, p, high in words])
    assert sample.bold.parts.tolist() == percents(10, 90, 30)
    assert sample.cautious.parts.tolist() == percents(30, 50, 50)
    assert sample.series.parts.tolist() == percents(20, 60, 50)


@given(many=many_series)
def test_numbers_allow_nothing_but_themselves(many: list[One]) -> None:
    plain = [
        One(tuple(Stretch(s.parts, s.parts, s.parts, s.start, s.end, s.answer) for s in one.those))
        for one in many
    ]
    sample = sample_of(plain)
    assert same_column(sample.best, sample.score)
    assert same_column(sample.worst, sample.score)
    assert same_column(sample.low, sample.probability)
    assert same_column(sample.bold, sample.series)
    assert same_column(sample.cautious, sample.series)


# -- putting together and taking out ---------------------------------------------------------


@given(many=many_series, policy=policies, rule=rules)
def test_pieces_joined_are_the_whole_and_each_is_taken_as_it_was(
    many: list[One], policy: Policy, rule: Rule
) -> None:
    whole, counts = sampled(told(many), policy, rule)
    pieces = [sampled(told([one]), policy, rule)[0] for one in many]
    assert [piece is not None for piece in pieces] == counts.tolist()
    kept = [piece for piece in pieces if piece is not None]
    if whole is None:
        assert not kept
        return
    assert len(whole) == len(kept)
    assert same(Sample.joined(kept), whole)
    assert all(same(whole.take([place]), piece) for place, piece in enumerate(kept))
    backwards = whole.take(range(len(kept))[::-1])
    assert same(backwards, Sample.joined(kept[::-1]))
    assert same(backwards.take(range(len(kept))[::-1]), whole)


def test_there_is_no_sample_of_nothing() -> None:
    with pytest.raises(InvalidError, match="no forecasts to score"):
        Sample.joined([])


def test_a_series_that_does_not_count_is_left_out() -> None:
    early = One((Stretch(0, 0, 0, 0, 5, 0),), closes=5 + DAY)
    late = One((Stretch(0, 0, 0, 0, 5, 0),), closes=4 + DAY)
    said = told([early, late, early])
    sample, counts = sampled(said, policy_named("at 1d"), BRIER)
    assert counts.tolist() == [False, True, False]
    assert sample is not None
    assert same(sample, sample_of([late], "at 1d"))
    nothing, counts = sampled(told([early, early]), policy_named("at 1d"), BRIER)
    assert nothing is None
    assert not counts.any()


@given(
    spans=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), max_size=8).map(sorted),
    wanted=st.lists(st.booleans(), min_size=5, max_size=5),
)
def test_what_was_said_in_the_wanted_series(
    spans: list[tuple[int, int]], wanted: list[bool]
) -> None:
    # The forecasts of series s are numbers 4s to 4s + 3; each is a percent of its own.
    answer = np.array([4 * place + nth for place, nth in spans], dtype=np.int64)
    start = np.arange(len(spans))
    given_spans = Spans(
        np.array([place for place, _ in spans], dtype=np.int64),
        answer,
        start,
        start + 1,
        np.full(len(spans), CLAIMED),
    )
    number = np.arange(20)
    answers = Answers(
        number, number, number, number * 3, number * 2, number * 4, np.arange(0, 21, 4)
    )
    said, places = said_in(
        answers,
        given_spans,
        wanted,
        outcomes=[0, 1, 0, 1, 0],
        opens=[None, 11, 12, 13, 14],
        closes=[20, 21, None, 23, 24],
    )
    there = sorted({place for place, _ in spans if wanted[place]})
    assert places == there
    if said is None:
        assert not there
        return
    assert said.parts.tolist() == [3 * (4 * p + nth) for p, nth in spans if wanted[p]]
    assert said.low.tolist() == [2 * (4 * p + nth) for p, nth in spans if wanted[p]]
    assert said.high.tolist() == [4 * (4 * p + nth) for p, nth in spans if wanted[p]]
    lengths = np.diff(said.held.offsets).tolist()
    assert lengths == [sum(p == place for p, _ in spans) for place in there]
    assert said.outcome.tolist() == [place % 2 for place in there]
    assert said.opened.tolist() == [place > 0 for place in there]
    assert [at for at in said.opens.tolist() if at] == [place + 10 for place in there if place]


# -- bounded, however often a forecast was updated -------------------------------------------


@pytest.mark.parametrize("distinct, kept", [(MOST_VALUES, MOST_VALUES), (MOST_VALUES + 1, 21)])
def test_beyond_the_most_values_probabilities_are_kept_to_a_thousandth(
    distinct: int, kept: int
) -> None:
    # From 40 % to 42 %, a hundredth of a thousandth apart.
    busy = said_at(*(400 * THOUSANDTH + place * THOUSANDTH // 100 for place in range(distinct)))
    few = said_at(1, 2, 2)
    sample = sample_of([few, busy])
    lengths = np.diff(sample.series.offsets).tolist()
    assert lengths == [2, kept]
    assert sample.series.parts[:2].tolist() == [1, 2]
    assert sample.series.total(sample.series.weights) == pytest.approx([1, 1], abs=1e-12)
    if kept < distinct:
        assert not np.any(sample.series.parts[2:] % THOUSANDTH)
    # What is scored is not rounded, and what is kept is nowhere farther off than half of one.
    exact = np.mean([s.parts / PARTS for s in busy.those])
    assert sample.probability[1] == pytest.approx(exact, abs=1e-12)
    assert abs(sample.series.average(sample.series.parts / PARTS)[1] - exact) <= 0.0005
    assert sample.score[1] == pytest.approx(
        np.mean([(1 - s.parts / PARTS) ** 2 for s in busy.those]), abs=1e-12
    )
    assert sample.forecasts.tolist() == [3, distinct]


def test_certainty_and_next_to_it_stay_apart_when_probabilities_are_few() -> None:
    sample = sample_of([said_at(PARTS, PARTS - 1, 0, 1)])
    assert sample.series.parts.tolist() == [0, 1, PARTS - 1, PARTS]


# -- counts ----------------------------------------------------------------------------------

STANDS_TWICE = One(
    (
        Stretch(1, 1, 1, 0, 3, 7, CLAIMED),
        Stretch(1, 1, 1, 3, 5, 7, WITNESSED),
        Stretch(2, 2, 2, 5, 6, 8, PUBLISHED),
        Stretch(1, 1, 1, 6, 9, 7, WITNESSED),
    )
)


@given(many=many_series)
@example(many=[STANDS_TWICE])
@example(many=[STANDS_TWICE, STANDS_TWICE])
def test_a_forecast_is_counted_once_under_what_it_was_at_the_end(many: list[One]) -> None:
    # What stood for no second does not count, unless nothing of the series did.
    stood = [[s for s in one.those if s.end > s.start] or [one.those[-1]] for one in many]
    at_the_end = [{s.answer: s.grade for s in those} for those in stood]
    sample = sample_of(many)
    assert sample.by_grade.tolist() == [
        [list(grades.values()).count(grade) for grade in (WITNESSED, PUBLISHED, CLAIMED)]
        for grades in at_the_end
    ]
    assert sample.forecasts.tolist() == [len(grades) for grades in at_the_end]
    assert sample.seconds.tolist() == [sum(s.end - s.start for s in one.those) for one in many]


def test_what_stands_twice_is_one_forecast() -> None:
    assert sample_of([STANDS_TWICE]).forecasts.tolist() == [2]
    assert sample_of([STANDS_TWICE]).by_grade.tolist() == [[1, 1, 0]]


@given(many=many_series)
def test_coverage_is_the_covered_share_of_the_window(many: list[One]) -> None:
    found = sample_of(many).coverage.tolist()
    for one, share in zip(many, found, strict=True):
        opens = one.those[0].start if one.opens is None else one.opens
        if one.closes is None or one.closes <= opens:
            assert np.isnan(share)
        else:
            covered = sum(s.end - s.start for s in one.those)
            assert share == min(1.0, covered / (one.closes - opens))


@pytest.mark.parametrize(
    "opens, closes, share",
    [
        (None, 110, 0.25),
        (60, 110, 0.2),
        (0, 100, 0.1),
        (None, None, nan),
        (0, None, nan),
        (65, 70, 1.0),
        (70, 70, nan),
    ],
)
def test_a_window_opens_with_the_first_forecast_unless_it_says_when(
    opens: int | None, closes: int | None, share: float
) -> None:
    ten = (Stretch(0, 0, 0, 70, 74, 0), Stretch(0, 0, 0, 80, 86, 1))
    found = sample_of([One(ten, 1, opens, closes)]).coverage.tolist()
    assert found == pytest.approx([share], nan_ok=True)


# -- numbers ---------------------------------------------------------------------------------


@given(many=many_series, policy=policies, rule=rules)
def test_the_sum_is_told_forecast_by_forecast(many: list[One], policy: Policy, rule: Rule) -> None:
    said = told(many)
    weights = policy(said.held)
    sample, counts = sampled(said, policy, rule)
    if sample is None:
        return
    starts = said.held.offsets.tolist()
    kept = [(a, b) for (a, b), one in zip(pairwise(starts), counts, strict=True) if one]
    for place, (start, stop) in enumerate(kept):
        chosen = [at for at in range(start, stop) if weights[at] > 0]
        outcome = int(sample.outcome[place])
        means = [0.0, 0.0, 0.0]
        for at in chosen:
            one = said.parts[at : at + 1]
            values = (
                float(rule.score(one, [outcome])[0]),
                float(expected(rule, one)[0]),
                float(one[0]) / PARTS,
            )
            means = [m + float(weights[at]) * v for m, v in zip(means, values, strict=True)]
        found = (sample.score[place], sample.expected[place], sample.probability[place])
        assert found == pytest.approx(means, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("rule", ALONE, ids=lambda rule: rule.name)
def test_what_is_expected_of_certainty_is_the_best_there_is(rule: Rule) -> None:
    best = rule.score([PARTS, 0], [1, 0])
    assert expected(rule, np.array([PARTS, 0])).tolist() == best.tolist()


def test_what_is_impossible_makes_a_score_infinite_where_it_counts() -> None:
    sample = sample_of([said_at(0, PARTS)], rule=RULES["log"])
    assert sample.score.tolist() == [inf]
    last = sample_of([said_at(0, PARTS)], "last", RULES["log"])
    assert last.score.tolist() == [0]
    assert last.best.tolist() == last.worst.tolist() == [0]


def test_the_covered_seconds_are_those_of_a_plain_reduction() -> None:
    result = reduce_series(percents(10, 80, 30), [5, 7, 9], [1, 0], [0, 2, 3])
    assert result.sample.seconds.tolist() == [12, 9]


# -- the largest -----------------------------------------------------------------------------

scores = st.lists(st.sampled_from([0.0, 0.1, 0.5, 0.5, 1.0, inf, -inf]), max_size=8)


@given(values=scores, number=st.integers(0, 9))
def test_the_largest_come_first_and_ties_in_their_order(values: list[float], number: int) -> None:
    found = largest(np.array(values), number)
    assert found == sorted(range(len(values)), key=lambda place: (-values[place], place))[:number]
