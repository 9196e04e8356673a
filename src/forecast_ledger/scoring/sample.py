"""A sample: what a score and a calibration report need of each series that counts.

One row is one forecaster's series on one question, reduced: its mean score, what that is
expected to be, the range its words allow, how long it stood, and its probabilities with
their weights. What a row holds is bounded, however often a forecast was updated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from forecast_ledger.errors import InvalidError
from forecast_ledger.scoring.arrays import (
    PARTS,
    Flags,
    Floats,
    Integers,
    Numbers,
    checked_binary,
    checked_ends,
    checked_parts,
)
from forecast_ledger.scoring.policy import DAY, OPEN_ENDED, Held, Policy, by_time
from forecast_ledger.scoring.rule import Rule
from forecast_ledger.scoring.rules import question_scores
from forecast_ledger.scoring.series import Series, checked_offsets
from forecast_ledger.scoring.standing import Answers, Spans

MOST_VALUES = 2_000
"""Probabilities kept apart in one series; beyond, they are rounded to a thousandth."""
THOUSANDTH = PARTS // 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """Stretches with what was said in them: parts per 10**9 of yes, and the ends of words.

    `outcome` is 1 for yes and 0 for no, `opens` the first moment a forecast counts, both per
    series; a question that names no opening opens with the first forecast.
    """

    held: Held
    parts: Integers
    low: Integers
    high: Integers
    grade: Integers
    outcome: Floats
    opens: Integers
    opened: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Columns with one value per series.

    `score` is the weighted mean of the rule, `expected` what it would be on average if the
    probabilities are right, `best` and `worst` what the words allow, in the direction of the
    rule. `probability`, `low`, `high` are weighted means of yes, 0..1. `seconds` is covered
    time, `coverage` its share of the window, NaN without a deadline. `share` is the part of the
    time to the deadline before an answer cut it off, 1 where none did, and for policies that do
    not go by time. `by_grade` counts the forecasts that count, in three columns: witnessed,
    published, claimed; `grades` has a bit for each in which any of its time stands.
    `series` holds the probabilities with their weights, `bold` and `cautious` the same read
    at the end of the words farther from 50 %, and at what they allow nearest to it.
    """

    outcome: Floats
    score: Floats
    expected: Floats
    best: Floats
    worst: Floats
    probability: Floats
    low: Floats
    high: Floats
    seconds: Integers
    coverage: Floats
    share: Floats
    by_grade: Integers
    grades: Integers
    series: Series
    bold: Series
    cautious: Series

    def __len__(self) -> int:
        """Return the number of series."""
        return self.outcome.size

    @property
    def forecasts(self) -> Integers:
        """How many forecasts of each series count."""
        forecasts: Integers = self.by_grade.sum(axis=1)
        return forecasts

    @property
    def says_words(self) -> bool:
        """Whether any of it was read from words, which allow more than one number."""
        return bool(np.any(self.low != self.high))

    @classmethod
    def joined(cls, pieces: Sequence[Sample]) -> Sample:
        """Return the series of all pieces, in their order; at least one piece."""
        if not pieces:
            raise InvalidError("there are no forecasts to score. Choose at least one question.")
        columns: dict[str, Any] = {}
        for field in fields(cls):
            values = [getattr(piece, field.name) for piece in pieces]
            is_series = isinstance(values[0], Series)
            columns[field.name] = Series.joined(values) if is_series else np.concatenate(values)
        return cls(**columns)

    def take(self, places: Sequence[int] | Integers) -> Sample:
        """Return the series at `places`, in that order."""
        index = np.asarray(places, dtype=np.int64)
        columns: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            columns[field.name] = value.take(index) if isinstance(value, Series) else value[index]
        return type(self)(**columns)


def said_in(
    answers: Answers,
    spans: Spans,
    wanted: Sequence[bool],
    *,
    outcomes: Sequence[int],
    opens: Sequence[int | None],
    closes: Sequence[int | None],
) -> tuple[Said | None, list[int]]:
    """Return what was said in the stretches of the wanted series, and the places of those.

    `wanted` and the rest have one entry per series, `opens` and `closes` in seconds since
    1970. A series in which nothing stood is left out.
    """
    chosen = spans.of(np.asarray(wanted, dtype=bool))
    if not chosen.series.size:
        return None, []
    places, first = np.unique(chosen.series, return_index=True)
    index = places.tolist()
    return (
        said_of(
            parts=answers.parts[chosen.answer],
            low=answers.low[chosen.answer],
            high=answers.high[chosen.answer],
            start=chosen.start,
            end=chosen.end,
            answer=chosen.answer,
            grade=chosen.grade,
            offsets=[*first.tolist(), chosen.series.size],
            outcomes=[outcomes[i] for i in index],
            opens=[opens[i] for i in index],
            closes=[closes[i] for i in index],
        ),
        index,
    )


def said_of(
    *,
    parts: Numbers,
    low: Numbers,
    high: Numbers,
    start: Numbers,
    end: Numbers,
    answer: Numbers,
    grade: Numbers,
    offsets: Numbers,
    outcomes: Numbers,
    opens: Sequence[int | None],
    closes: Sequence[int | None],
) -> Said:
    """Return stretches end to end, checked; None stands for no opening and no deadline.

    Raises InvalidError where a probability is none, an end of words is on the wrong side of
    the other, or the lengths do not fit.
    """
    said = checked_parts(parts)
    starts = checked_offsets(offsets, said.size)
    ends_of_words = checked_ends(low, high, said.size)
    return Said(
        held=Held(
            start=np.asarray(start, dtype=np.int64),
            end=np.asarray(end, dtype=np.int64),
            answer=np.asarray(answer, dtype=np.int64),
            closes=np.array([OPEN_ENDED if at is None else at for at in closes], dtype=np.int64),
            offsets=starts,
        ),
        parts=said,
        low=ends_of_words[0],
        high=ends_of_words[1],
        grade=np.asarray(grade, dtype=np.int64),
        outcome=checked_binary(outcomes, starts.size - 1),
        opens=np.array([0 if at is None else at for at in opens], dtype=np.int64),
        opened=np.array([at is not None for at in opens], dtype=bool),
    )


def sampled(said: Said, policy: Policy, rule: Rule) -> tuple[Sample | None, Flags]:
    """Reduce stretches to a sample; also mark the series of which something counts.

    Linear in the number of stretches. A rule must score forecasts one by one.
    """
    weights = policy(said.held)
    counts = np.add.reduceat(weights, said.held.offsets[:-1]) > 0
    if not bool(counts.all()):
        if not bool(counts.any()):
            return None, counts
        said, weights = _only(said, weights, counts)
    held = said.held
    parts = checked_parts(said.parts)
    outcome = np.repeat(said.outcome, np.diff(held.offsets))
    happened = outcome == 1
    plain = said.low is said.parts or bool(
        np.array_equal(said.low, parts) and np.array_equal(said.high, parts)
    )
    series = Series(parts, weights, held.offsets)
    score = question_scores(rule, series, said.outcome)
    probability = series.average(parts / PARTS)
    seconds = np.add.reduceat(held.end - held.start, held.offsets[:-1])
    merged = _bounded(series)
    if plain:
        best = worst = score
        low = high = probability
        bold = cautious = merged
    else:
        # The outcome is at one end of 0..1, so the nearer end of the words scores best.
        near = np.where(happened, said.high, said.low)
        far = np.where(happened, said.low, said.high)
        best, worst = (
            question_scores(rule, Series(end, weights, held.offsets), said.outcome)
            for end in (near, far)
        )
        low = series.average(said.low / PARTS)
        high = series.average(said.high / PARTS)
        ends = _bold(said), np.clip(PARTS // 2, said.low, said.high)
        bold, cautious = (_bounded(Series(end, weights, held.offsets)) for end in ends)
    sample = Sample(
        outcome=said.outcome,
        score=score,
        expected=series.average(expected(rule, parts)),
        best=best,
        worst=worst,
        probability=probability,
        low=low,
        high=high,
        seconds=seconds,
        coverage=_coverage(said, seconds),
        share=open_share(said, policy),
        by_grade=_by_grade(said, weights),
        grades=_grades(said),
        series=merged,
        bold=bold,
        cautious=cautious,
    )
    return sample, counts


def _bold(said: Said) -> Integers:
    """Return the end of the words farther from 50 %; of two as far, that on the side said."""
    below, above = PARTS - 2 * said.low, 2 * said.high - PARTS
    lower = (below > above) | ((below == above) & (2 * said.parts < PARTS))
    bold: Integers = np.where(lower, said.low, said.high)
    # With words as far to both sides and 50 % said, there is no bolder side.
    return np.where((below == above) & (2 * said.parts == PARTS), said.parts, bold)


def expected(rule: Rule, parts: Integers) -> Floats:
    """Return the mean score of each forecast if its probability is right: p S(1) + (1-p) S(0).

    What is impossible adds nothing, however bad its score.

    >>> from forecast_ledger.scoring.rules import RULES
    >>> expected(RULES["brier"], np.array([100_000_000])).round(12).tolist()
    [0.09]
    """
    total = np.zeros(parts.size)
    # Both chances come from integers, so that yes and no mirror each other exactly.
    for chance, outcome in ((parts / PARTS, 1), ((PARTS - parts) / PARTS, 0)):
        possible = np.flatnonzero(chance > 0)
        scores = rule.score(parts[possible], np.full(possible.size, outcome))
        total[possible] += chance[possible] * scores
    return total


def _bounded(series: Series) -> Series:
    """Return a series with equal probabilities made one, and no more of them than are kept."""
    merged = series.merged()
    if not bool(np.any(np.diff(merged.offsets) > MOST_VALUES)):
        return merged
    many = np.repeat(np.diff(merged.offsets) > MOST_VALUES, np.diff(merged.offsets))
    rounded = np.rint(merged.parts / THOUSANDTH).astype(np.int64) * THOUSANDTH
    parts = np.where(many, rounded, merged.parts)
    return Series(parts, merged.weights, merged.offsets).merged()


def _only(said: Said, weights: Floats, wanted: Flags) -> tuple[Said, Floats]:
    held = said.held
    kept = np.flatnonzero(np.repeat(wanted, np.diff(held.offsets)))
    lengths = np.diff(held.offsets)[wanted]
    return (
        Said(
            held=Held(
                start=held.start[kept],
                end=held.end[kept],
                answer=held.answer[kept],
                closes=held.closes[wanted],
                offsets=np.concatenate([[0], np.cumsum(lengths)]),
            ),
            parts=said.parts[kept],
            low=said.low[kept],
            high=said.high[kept],
            grade=said.grade[kept],
            outcome=said.outcome[wanted],
            opens=said.opens[wanted],
            opened=said.opened[wanted],
        ),
        weights[kept],
    )


def _coverage(said: Said, seconds: Integers) -> Floats:
    """Return the covered share of each window; NaN where there is none."""
    held = said.held
    opens = np.where(said.opened, said.opens, held.start[held.offsets[:-1]])
    closes = held.closes
    window = np.where(closes < OPEN_ENDED, closes, opens) - opens
    coverage = np.full(seconds.size, np.nan)
    some = window > 0
    coverage[some] = np.minimum(1.0, seconds[some] / window[some])
    return coverage


def open_share(said: Said, policy: Policy) -> Floats:
    """Return the part of the time to the deadline that was covered, from the first forecast on.

    One for each series; 1 where there is no deadline, where next to nothing is missing (a day, or
    a tenth where that is less: an answer may be known by its date alone), or the policy does not
    go by time.
    """
    held = said.held
    seconds = np.add.reduceat(held.end - held.start, held.offsets[:-1])
    if not by_time(policy):
        return np.ones(seconds.size)
    whole = held.closes - held.start[held.offsets[:-1]]
    # Whatever is missing, not only what an answer cut off: the share of a question whose forecast
    # was withdrawn for a while must not depend on the answer either.
    cut = (held.closes < OPEN_ENDED) & (whole - seconds > np.minimum(DAY, whole // 10))
    share = np.ones(seconds.size)
    some = cut & (whole > 0)
    # An answer within the second of the forecast came early too.
    share[some] = np.minimum(1.0, np.maximum(seconds[some], 1) / whole[some])
    return share


def _grades(said: Said) -> Integers:
    """Return which grades stand in each series, one bit each: 1 << grade."""
    bits: Integers = np.bitwise_or.reduceat(1 << said.grade, said.held.offsets[:-1])
    return bits


def _by_grade(said: Said, weights: Floats) -> Integers:
    """Return for each series how many forecasts count as witnessed, published, claimed.

    A forecast of no weight does not count. One that was claimed until its proof is what it
    was at the end.
    """
    held = said.held
    if not bool(np.all(weights > 0)):
        some = np.flatnonzero(weights > 0)
        lengths = np.add.reduceat((weights > 0).astype(np.int64), held.offsets[:-1])
        grade = said.grade[some]
        held = Held(
            start=held.start[some],
            end=held.end[some],
            answer=held.answer[some],
            closes=held.closes,
            offsets=np.concatenate([[0], np.cumsum(lengths)]),
        )
    else:
        grade = said.grade
    # Backwards, the last stretch of each forecast is its first.
    backwards = Held(
        held.start[::-1],
        held.end[::-1],
        -held.answer[::-1],
        held.closes[::-1],
        held.offsets[-1] - held.offsets[::-1],
    )
    last = backwards.begins[::-1]
    count = held.offsets.size - 1
    series = np.repeat(np.arange(count), np.diff(held.offsets))
    cells: Integers = np.bincount(series[last] * 3 + grade[last], minlength=3 * count)
    return cells.reshape(count, 3)


def largest(scores: Floats, number: int) -> list[int]:
    """Return the places of the largest scores, the largest first, ties in their order.

    >>> largest(np.array([0.1, 0.9, 0.9, 0.2]), 3)
    [1, 2, 3]
    """
    places: list[int] = np.argsort(-scores, kind="stable")[:number].tolist()
    return places
