from __future__ import annotations

import itertools
import math
import tracemalloc
from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast_ledger.errors import InvalidError, UsageError
from forecast_ledger.scoring import expected
from forecast_ledger.scoring.arrays import PARTS, Integers, mean
from forecast_ledger.scoring.distribution import ROUNDING, SAME, Distribution, lattice_sum
from forecast_ledger.scoring.expected import expected_brier, is_coarse, together_brier
from forecast_ledger.scoring.series import Series
from tests.scoring.strategies import (
    Question,
    any_parts,
    parts,
    percents,
    questions,
    reduced,
    whole_percents,
)

Exact = dict[Fraction, Fraction]


def brute_force(series: Series, times: Sequence[int] | None = None) -> Exact:
    """Every way the questions can come out, in fractions: mean score -> probability."""
    stand = times or [1] * len(series)
    atoms = []
    for start, end in itertools.pairwise(series.offsets.tolist()):
        weights = [Fraction(weight) for weight in series.weights[start:end].tolist()]
        whole = sum(weights)
        question = []
        for said, weight in zip(series.parts[start:end].tolist(), weights, strict=True):
            p = Fraction(said, PARTS)
            question.append(((1 - p) ** 2, weight / whole * p))
            question.append((p**2, weight / whole * (1 - p)))
        atoms.append(question)
    found: Exact = defaultdict(Fraction)
    for way in itertools.product(*atoms):
        probability = Fraction(1)
        for _, share in way:
            probability *= share
        scores = (n * score for n, (score, _) in zip(stand, way, strict=True))
        found[sum(scores, Fraction(0)) / sum(stand)] += probability
    return {score: share for score, share in sorted(found.items()) if share}


def quantile(found: Exact, probability: float) -> float:
    reached = Fraction(0)
    for score, share in found.items():
        reached += share
        if reached >= Fraction(probability) - Fraction(ROUNDING):
            return float(score)
    raise AssertionError


def assert_agrees(found: Distribution, oracle: Exact) -> None:
    assert found.exact
    assert found.error == 0
    assert found.mean == pytest.approx(float(sum(s * w for s, w in oracle.items())), abs=1e-14)
    for level in (0.5, 0.8, 0.9, 0.95):
        tail = (1 - level) / 2
        ends = (quantile(oracle, tail), quantile(oracle, 1 - tail))
        assert found.central(level) == pytest.approx(ends, abs=1e-12)
    reached = Fraction(0)
    for score, share in oracle.items():
        reached += share
        assert found.at_most(float(score)) == pytest.approx(float(reached), abs=1e-11)
        assert found.at_least(float(score)) == pytest.approx(float(1 - reached + share), abs=1e-11)


@given(said=st.lists(whole_percents, min_size=1, max_size=9))
@settings(max_examples=40)
def test_whole_percents_agree_with_every_way_they_can_come_out(said: list[int]) -> None:
    series = Series.single(said)
    assert_agrees(expected_brier(series), brute_force(series))


# Multiples of 1009 parts, so that two sums are either one or farther apart than doubles blur.
@given(said=st.lists(st.integers(0, 991_080).map(lambda n: n * 1009), min_size=1, max_size=9))
@settings(max_examples=40)
def test_a_few_odd_probabilities_agree_too(said: list[int]) -> None:
    series = Series.single(said)
    assert_agrees(expected_brier(series), brute_force(series))


@given(asked=questions(whole_percents, most=4, updates=3))
@settings(max_examples=40)
def test_updated_questions_have_one_standing_moment(asked: list[Question]) -> None:
    series = reduced(asked).series
    found = expected_brier(series)
    assert_agrees(found, brute_force(series))
    assert found.mean == pytest.approx(mean(reduced(asked).sample.expected), abs=1e-15)


def test_the_three_ways_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(7)
    series = Series.single(generator.integers(1, 100, 12) * (PARTS // 100))
    lattice = expected_brier(series)
    monkeypatch.setattr(expected, "EXACT_CELLS", 0)
    listed = expected_brier(series)
    monkeypatch.setattr(expected, "EXACT_QUESTIONS", 0)
    fine = expected_brier(series)
    assert (lattice.exact, listed.exact, fine.exact) == (True, True, False)
    assert lattice.values.size != listed.values.size
    assert listed.central() == pytest.approx(lattice.central(), abs=1e-12)
    assert fine.central() == pytest.approx(lattice.central(), abs=fine.error)
    middle = lattice.quantile(0.3)
    assert listed.at_most(middle) == pytest.approx(lattice.at_most(middle), abs=1e-12)
    assert fine.at_most(middle) == pytest.approx(lattice.at_most(middle), abs=1e-6)
    assert fine.at_least(middle) == pytest.approx(lattice.at_least(middle), abs=1e-6)


@pytest.mark.parametrize("count", [60, 400])
@pytest.mark.parametrize("updates", [1, 4])
def test_the_fine_lattice_keeps_to_its_error(
    count: int, updates: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = np.random.default_rng(count)
    said = generator.integers(1, 20, count * updates) * (PARTS // 20)
    offsets = np.arange(0, said.size + 1, updates)
    series = Series(said, np.full(said.size, 1 / updates), offsets)
    exactly = expected_brier(series)
    monkeypatch.setattr(expected, "EXACT_CELLS", 0)
    nearly = expected_brier(series)
    assert exactly.exact
    assert not nearly.exact
    assert nearly.error < 6e-5
    assert nearly.mean == exactly.mean
    assert float(nearly.values @ nearly.probabilities) == pytest.approx(exactly.mean, abs=1e-12)
    for level in (0.5, 0.9, 0.99):
        tail = (1 - level) / 2
        for share in (tail, 1 - tail):
            lower = exactly.quantile(share - 1e-6) - nearly.error
            upper = exactly.quantile(share + 1e-6) + nearly.error
            assert lower <= nearly.quantile(share) <= upper


def test_ten_readings_of_one_article() -> None:
    said = percents(5, 25, 95, 95, 70, 95, 5, 90, 5, 5)
    found = expected_brier(Series.single(said))
    scores = [min(p, PARTS - p) ** 2 / PARTS**2 for p in said]
    assert found.mean == pytest.approx(0.082)
    assert found.at_most(mean(scores)) == pytest.approx(0.95**7 * 0.75 * 0.7 * 0.9)


@given(said=st.lists(parts, min_size=1, max_size=8))
@settings(max_examples=40)
def test_order_and_side_do_not_matter(said: list[int]) -> None:
    there = expected_brier(Series.single(said))
    back = expected_brier(Series.single([PARTS - p for p in said[::-1]]))
    assert there.central() == pytest.approx(back.central(), abs=1e-12)
    assert there.mean == pytest.approx(back.mean, abs=1e-15)


@pytest.mark.parametrize("said, score", [(0, 0.0), (PARTS, 0.0), (PARTS // 2, 0.25)])
def test_certainty_and_fifty_leave_nothing_to_chance(said: int, score: float) -> None:
    found = expected_brier(Series.single([said] * 30))
    assert found.central() == pytest.approx((score, score), abs=1e-15)
    assert found.at_most(score) == pytest.approx(1)
    assert found.at_most(score - 1e-6) == 0


@given(said=st.lists(any_parts, min_size=1, max_size=60), level=st.floats(0.05, 0.99))
@settings(max_examples=25)
def test_the_central_range_holds_its_level(said: list[int], level: float) -> None:
    found = expected_brier(Series.single(said))
    low, high = found.central(level)
    inside = (found.values >= low) & (found.values <= high)
    assert found.probabilities.sum() == pytest.approx(1, abs=1e-11)
    assert found.probabilities[inside].sum() >= level - 3 * ROUNDING
    assert low <= found.quantile(0.5) <= high


def test_a_level_met_exactly_is_met() -> None:
    found = expected_brier(Series.single(percents(5)))
    assert found.central() == pytest.approx((0.0025, 0.0025))
    assert found.central(0.91) == pytest.approx((0.0025, 0.9025))
    with pytest.raises(UsageError):
        found.central(90)
    with pytest.raises(UsageError):
        found.quantile(1.1)


@given(
    rows=st.lists(
        st.lists(st.integers(0, 9), min_size=3, max_size=3).filter(any), min_size=1, max_size=7
    )
)
def test_sums_agree_with_plain_convolution(rows: list[list[int]]) -> None:
    shares = np.array(rows) / np.sum(rows, axis=1, keepdims=True)
    plain = np.ones(1)
    for row in shares:
        plain = np.convolve(plain, row)
    assert lattice_sum(shares) == pytest.approx(plain, abs=1e-14)


def test_sums_of_many_blocks_agree_with_the_binomial() -> None:
    count = 50_000
    sums = lattice_sum(np.tile([0.7, 0.3], (count, 1)))
    places = np.arange(count + 1)
    assert sums.size == count + 1
    assert sums @ places == pytest.approx(0.3 * count, rel=1e-10)
    assert sums @ (places - 0.3 * count) ** 2 == pytest.approx(0.21 * count, rel=1e-8)


@pytest.mark.parametrize("count, unit", [(400, 1), (5000, PARTS // 100), (5000, 1)])
def test_large_ledgers_take_little_memory(count: int, unit: int) -> None:
    said = np.random.default_rng(1).integers(1, PARTS // unit, count) * unit
    series = Series.single(said)
    tracemalloc.start()
    expected_brier(series)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 120e6


@pytest.mark.parametrize("said", [percents(1, 30, 50, 97, 99), percents(*range(80, 100, 3))])
def test_cumulants_agree_with_the_lattice(said: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    series = Series.single((said * 1_000)[:1_000])
    many = expected_brier(series)
    monkeypatch.setattr(expected, "MANY_QUESTIONS", 10_000)
    monkeypatch.setattr(expected, "EXACT_CELLS", 10**8)
    lattice = expected_brier(series)
    assert (lattice.exact, many.exact, many.mean) == (True, False, lattice.mean)
    assert many.central() == pytest.approx(lattice.central(), abs=3e-5)
    assert many.at_most(lattice.mean) == pytest.approx(lattice.at_most(lattice.mean), abs=0.01)


def test_a_thousand_questions_of_few_probabilities_are_exact() -> None:
    assert expected_brier(Series.single(percents(*[5, 95] * 500))).exact


# -- families --------------------------------------------------------------------------------


def same(one: Distribution, other: Distribution) -> bool:
    """Whether two distributions are one, digit for digit."""
    return (
        one.values.tobytes() == other.values.tobytes()
        and one.probabilities.tobytes() == other.probabilities.tobytes()
        and (one.mean, one.exact, one.error) == (other.mean, other.exact, other.error)
    )


def families(sizes: Sequence[int], unit: int, seed: int) -> tuple[Series, Integers]:
    """Return families of `sizes` questions, of probabilities that are multiples of `unit`."""
    said = np.random.default_rng(seed).integers(1, PARTS // unit, sum(sizes)) * unit
    return Series.single(said).by_family(np.repeat(np.arange(len(sizes)), sizes))


def variance(found: Distribution) -> float:
    return float(found.probabilities @ (found.values - found.mean) ** 2)


@given(
    asked=questions(whole_percents, most=4, updates=3),
    stand=st.lists(st.integers(1, 60), min_size=4, max_size=4),
)
@settings(max_examples=40)
def test_whole_percents_that_stand_for_many_agree_with_every_way(
    asked: list[Question], stand: list[int]
) -> None:
    series, times = reduced(asked).series, stand[: len(asked)]
    assert_agrees(expected_brier(series, times=times), brute_force(series, times))


@given(
    said=st.lists(st.integers(0, 991_080).map(lambda n: n * 1009), min_size=1, max_size=7),
    stand=st.lists(st.integers(1, 5), min_size=7, max_size=7),
)
@settings(max_examples=40)
def test_a_few_odd_probabilities_that_stand_for_many_agree_too(
    said: list[int], stand: list[int]
) -> None:
    series, times = Series.single(said), stand[: len(said)]
    assert_agrees(expected_brier(series, times=times), brute_force(series, times))


@given(
    said=st.lists(whole_percents, min_size=2, max_size=5),
    numbers=st.lists(st.integers(0, 2), min_size=5, max_size=5),
)
@settings(max_examples=40)
def test_a_drawn_moment_keeps_the_mean_and_varies_no_less(
    said: list[int], numbers: list[int]
) -> None:
    series = Series.single(said)
    family, times = series.by_family(numbers[: len(said)])
    drawn, apart = brute_force(family, times.tolist()), brute_force(series)
    assert_agrees(expected_brier(family, times=times), drawn)
    both, centre = (drawn, apart), sum(s * w for s, w in apart.items())
    assert float(sum(s * w for s, w in drawn.items())) == pytest.approx(float(centre), abs=1e-15)
    # Convex order, whose test functions these are, and of which the variance follows.
    for strike in {*drawn, *apart}:
        above = [sum((s - strike) * w for s, w in law.items() if s > strike) for law in both]
        assert above[0] >= above[1] - Fraction(1, 10**14)
    spread = [sum((s - centre) ** 2 * w for s, w in law.items()) for law in both]
    assert spread[0] >= spread[1] - Fraction(1, 10**14)


@pytest.mark.parametrize("number", [2, 10, 49])
@pytest.mark.parametrize("said", [700_000_000, 123_456_789])
def test_a_family_that_says_one_thing_scores_as_one_question(number: int, said: int) -> None:
    family, times = Series.single([said] * number).by_family([4] * number)
    assert same(expected_brier(family, times=times), expected_brier(Series.single([said])))


@pytest.mark.parametrize(
    "count, unit, updates",
    [(1, 1, 1), (6, 1, 1), (30, PARTS // 100, 2), (200, 1, 1), (1200, PARTS // 100, 1)],
)
def test_series_that_stand_for_equally_many_are_as_if_for_one(
    count: int, unit: int, updates: int
) -> None:
    said = np.random.default_rng(count).integers(1, PARTS // unit, count * updates) * unit
    weights, offsets = np.full(said.size, 1 / updates), np.arange(0, said.size + 1, updates)
    series = Series(said, weights, offsets).merged()
    plain = expected_brier(series)
    for times in ([1] * count, np.full(count, 12)):
        assert same(expected_brier(series, times=times), plain)
    family, times = series.by_family(range(count))
    assert same(expected_brier(family, times=times), plain)


def test_the_three_ways_agree_on_families(monkeypatch: pytest.MonkeyPatch) -> None:
    # Of so few probabilities that the sums can be listed.
    family, times = families([1, 2, 7, 1, 3, 1, 2, 5], PARTS // 10, 3)
    lattice = expected_brier(family, times=times)
    monkeypatch.setattr(expected, "EXACT_CELLS", 0)
    listed = expected_brier(family, times=times)
    monkeypatch.setattr(expected, "EXACT_QUESTIONS", 0)
    fine = expected_brier(family, times=times)
    assert (lattice.exact, listed.exact, fine.exact) == (True, True, False)
    assert fine.error == pytest.approx(expected.PLANNED_ERROR, rel=0.3)
    for way in (listed, fine):
        assert way.mean == lattice.mean
        assert float(way.values @ way.probabilities) == pytest.approx(lattice.mean, abs=1e-12)
    assert listed.central() == pytest.approx(lattice.central(), abs=1e-12)
    assert fine.central() == pytest.approx(lattice.central(), abs=fine.error)
    assert variance(listed) == pytest.approx(variance(lattice), rel=1e-9)
    assert variance(fine) == pytest.approx(variance(lattice), rel=1e-3)
    middle = lattice.quantile(0.3)
    assert listed.at_most(middle) == pytest.approx(lattice.at_most(middle), abs=1e-12)
    assert fine.at_most(middle) == pytest.approx(lattice.at_most(middle), abs=1e-6)


@pytest.mark.parametrize("large", [997, 4_001])
def test_what_is_beyond_whole_numbers_is_split(large: int) -> None:
    # A score times its questions in units of 10**-18 may pass 2**63.
    said = np.array([123_456_789, 400_000_001, 1, 987_654_321, 500_000_003, 600_000_007])
    series, times = Series(said, np.full(6, 0.5), np.array([0, 2, 4, 6])), [large, 1, 7]
    found, oracle = expected_brier(series, times=times), brute_force(series, times)
    assert not found.exact
    assert found.error <= expected.PLANNED_ERROR * 1.01
    assert float(found.values @ found.probabilities) == pytest.approx(found.mean, abs=1e-12)
    for share in (0.01, 0.05, 0.5, 0.95, 0.99):
        assert found.quantile(share) == pytest.approx(quantile(oracle, share), abs=found.error)


@pytest.mark.parametrize("large", [3, 40, 900])
def test_the_fine_lattice_keeps_to_its_error_beside_a_large_family(
    large: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    family, times = families([*[1] * 60, 2, 4, large], PARTS // 10, large)
    monkeypatch.setattr(expected, "EXACT_CELLS", 10**8)
    exactly = expected_brier(family, times=times)
    monkeypatch.setattr(expected, "EXACT_CELLS", 0)
    nearly = expected_brier(family, times=times)
    assert (exactly.exact, nearly.exact) == (True, False)
    assert nearly.error < 6e-5
    for share in (0.005, 0.05, 0.25, 0.75, 0.95, 0.995):
        lower = exactly.quantile(share - 1e-6) - nearly.error
        upper = exactly.quantile(share + 1e-6) + nearly.error
        assert lower <= nearly.quantile(share) <= upper


@pytest.mark.parametrize(
    "singles, large, number", [(100, 8, 1_000), (4_000, 11, 1), (20_000, 30, 1), (1_400, 2, 300)]
)
@pytest.mark.parametrize("said", [(1, 10, 30, 50, 80, 95), (20, 30, 45, 60, 75, 83)])
def test_cumulants_agree_with_the_lattice_on_families(
    singles: int, large: int, number: int, said: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    times = np.array([1] * singles + [large] * number)
    series = Series.single(np.resize(percents(*said), times.size))
    many = expected_brier(series, times=times)
    assert not many.exact
    assert many.values.size == expected.STEPS
    monkeypatch.setattr(expected, "MANY_QUESTIONS", 10**9)
    monkeypatch.setattr(expected, "EXACT_CELLS", 10**8)
    lattice = expected_brier(series, times=times)
    assert (lattice.exact, many.mean) == (True, lattice.mean)
    for share in (0.005, 0.05, 0.25, 0.75, 0.95, 0.995):
        assert many.quantile(share) == pytest.approx(lattice.quantile(share), abs=5e-5)


def test_cumulants_are_those_of_families(monkeypatch: pytest.MonkeyPatch) -> None:
    times = np.array([1] * 60 + [3] * 60)
    series = Series.single(np.resize(percents(4, 5, 8, 10, 12, 15), times.size))
    exactly = expected_brier(series, times=times)
    monkeypatch.setattr(expected, "MANY_QUESTIONS", 50)
    monkeypatch.setattr(expected, "MANY_MISSES", 1)
    nearly = expected_brier(series, times=times)
    assert (exactly.exact, nearly.values.size) == (True, expected.STEPS)
    standard = []
    for law in (exactly, nearly):
        z = (law.values - law.mean) / np.sqrt(variance(law))
        standard.append([float(law.probabilities @ z**power) for power in (2, 3, 4)])
    assert variance(nearly) == pytest.approx(variance(exactly), rel=0.01)
    assert standard[1] == pytest.approx(standard[0], rel=0.02)


@pytest.mark.parametrize(
    "times, said",
    [
        # One event makes half of the variance; ten of them nearly all; few surprises in most;
        # one is just too large; one has many of the surprises.
        ([1] * 2_000 + [45], (10, 30, 50, 80, 95)),
        ([1] * 1_000 + [100] * 10, (10, 30, 50, 80, 95)),
        ([1] * 1_000 + [50] * 40, (1, 2, 3, 4, 5)),
        ([1] * 1_200 + [6], (20, 30, 45, 60, 75, 83)),
        ([1] * 4_000 + [11], (1, 2, 3, 4, 5, 6)),
    ],
)
def test_what_hangs_on_few_families_is_not_taken_for_normal(
    times: list[int], said: tuple[int, ...]
) -> None:
    series = Series.single([*np.resize(percents(*said), len(times) - 1).tolist(), *percents(40)])
    assert expected_brier(series, times=times).values.size != expected.STEPS


def test_one_large_family_among_many_keeps_the_mean() -> None:
    family, times = families([1] * 4_000 + [1_000], 1, 2)
    found = expected_brier(family, times=times)
    assert found.error < 1e-3
    assert float(found.values @ found.probabilities) == pytest.approx(found.mean, abs=1e-10)


@pytest.mark.parametrize("times", [[1], [1, 0], [2, -2], [1.0, 2.0], [[1, 2]], [True, True]])
def test_times_are_whole_numbers_one_for_each(times: list[int]) -> None:
    with pytest.raises(InvalidError, match="one for each of 2 series"):
        expected_brier(Series.single(percents(30, 60)), times=times)


# -- few moments -----------------------------------------------------------------------------


def _late(first: int, then: int, share: float = 0.98) -> Series:
    """One question, at `first` percent for most of its time and at `then` for the rest."""
    parts = np.array([first, then]) * (PARTS // 100)
    return Series(parts, np.array([share, 1 - share]), np.array([0, 2]))


def test_where_updates_stood_briefly_no_drawn_moment_scores_what_the_question_does() -> None:
    said = _late(50, 60)
    assert is_coarse(said)
    scores = [said.average((said.parts / PARTS - came) ** 2)[0] for came in (0, 1)]
    drawn, together = expected_brier(said), together_brier(said)
    assert drawn.central() == (0.25, 0.25)
    assert together.values.tolist() == pytest.approx(sorted(scores))
    low, high = together.central()
    assert all(low - SAME <= score <= high + SAME for score in scores)


@given(asked=questions(whole_percents, most=5, updates=3), data=st.data())
@settings(max_examples=40)
def test_the_law_of_one_outcome_a_question_is_that_of_every_way_they_can_come_out(
    asked: list[Question], data: st.DataObject
) -> None:
    series = reduced(asked).series
    stand = data.draw(
        st.lists(st.floats(0.1, 5), min_size=len(series), max_size=len(series)), label="stand"
    )
    p = series.parts / PARTS
    yes, no, said = (series.average(each) for each in ((1 - p) ** 2, p**2, p))
    laws = []
    for came in itertools.product((True, False), repeat=len(series)):
        chance = math.prod(s if c else 1 - s for s, c in zip(said.tolist(), came, strict=True))
        score = sum(
            n * (y if c else o)
            for n, y, o, c in zip(stand, yes.tolist(), no.tolist(), came, strict=True)
        )
        laws.append((score / sum(stand), chance))
    found = together_brier(series, stand)
    assert found.mean == pytest.approx(sum(score * chance for score, chance in laws))
    for score, _ in laws:
        below = sum(chance for other, chance in laws if other <= score + 1e-9)
        assert found.at_most(score + 1e-9) == pytest.approx(below, abs=1e-9)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_with_both_laws_the_range_holds_of_few_questions_updated_late(count: int) -> None:
    generator = np.random.default_rng(count)
    drawn = both = 0
    for _ in range(300):
        # From 50 % the signal of the last day makes 65 or 35 %, and is right that often.
        pieces, scores = [], []
        for up in generator.random(count) < 0.5:
            pieces.append(_late(50, 65 if up else 35))
            came = generator.random() < (0.65 if up else 0.35)
            scores.append(pieces[-1].average((pieces[-1].parts / PARTS - came) ** 2)[0])
        series, score = Series.joined(pieces), float(np.mean(scores))
        assert is_coarse(series)
        low, high = expected_brier(series).central()
        least, most = together_brier(series).central()
        drawn += low - 1e-9 <= score <= high + 1e-9
        both += min(low, least) - 1e-9 <= score <= max(high, most) + 1e-9
    assert drawn < 0.85 * 300
    assert both >= 0.9 * 300


def test_where_many_moments_are_drawn_one_law_is_enough() -> None:
    evenly = _late(40, 60, share=0.5)
    assert is_coarse(Series.joined([evenly] * 19))
    assert not is_coarse(Series.joined([evenly] * 21))
    assert not is_coarse(Series.single(percents(*range(5, 95))))
    assert not is_coarse(_late(50, 50))
