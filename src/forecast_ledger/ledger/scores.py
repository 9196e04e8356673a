"""Scores and calibration: what counts, reduced to the numbers a report shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from math import fsum

from forecast_ledger.domain.moments import When
from forecast_ledger.domain.standing import GRADES
from forecast_ledger.ledger.base import LedgerBase, View
from forecast_ledger.ledger.coded import Coded, coded_of
from forecast_ledger.ledger.gathering import Filters, Gathered, Gathering, Standing, check_policy
from forecast_ledger.ledger.state import question_states

CONFIDENCE_FROM = 10
"""Families from which average confidence is shown against the hit rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One forecaster's score on one question.

    `brier` is 0 (perfect) to 1; `least` and `largest` are what the words allow. `probability`
    is the weighted mean of what was said of yes, `low` and `high` its range, all 0 to 1.
    `expected` is the score to be expected if the probabilities are right.
    """

    key: str
    text: str
    forecaster: str
    outcome: str
    known: When | None
    probability: float
    low: float
    high: float
    brier: float
    least: float
    largest: float
    expected: float
    forecasts: int
    seconds: int
    coverage: float | None
    families: tuple[str, ...]
    grades: tuple[str, ...]
    firmness: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The mean over some lines, and what it can bear.

    Scores are 0 (perfect) to 1. `low` and `high` are the range the words allow; they equal
    `brier` where all was said in numbers. `expected` is the mean to be expected if the
    probabilities are right, within `expected_low` to `expected_high` at the level asked
    for, taking the questions as separate. `interval` is None where too few families or
    misses would make it untrue. `all_right` is how likely it is that no question misses,
    and given where none did. `coverage` is the mean share of their windows that the forecasts
    covered, of questions with a deadline. `confidence` and the rest are given from ten
    families on.
    """

    questions: int
    forecasts: int
    families: int
    yes: int
    misses: float
    brier: float
    low: float
    high: float
    expected: float
    expected_low: float
    expected_high: float
    exact: bool
    interval: tuple[float, float] | None
    hits: float
    all_right: float | None
    coverage: float | None
    confidence: float | None
    hit_rate: float | None
    expected_hits: float | None
    hits_low: float | None
    hits_high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What was left out of a score, counted: questions by status, forecasts by reason.

    `early_yes` and `early_no` are the questions answered before a deadline that still lies
    ahead, by how they came out; `with_early` is the score with what counts of them.
    """

    questions: dict[str, int]
    forecasts: dict[str, int]
    early_yes: int = 0
    early_no: int = 0
    with_early: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A score of one forecaster, or of several pooled.

    `about` says what it is about where nothing ordinary is settled: "counted", "early" or
    "claimed". `claimed` is the tally of what was recorded after the outcome, apart. `coded`
    says whose numbers the forecasts are.
    """

    subject: str
    pooled: bool
    coded: Coded
    as_of: datetime
    about: str
    tally: Tally | None
    lines: tuple[Line, ...]
    claimed: Tally | None
    left: Left
    grades: dict[str, int]
    filters: Filters
    total_questions: int
    seq: int
    leaf: str


class Scores(LedgerBase):
    """Use cases that score."""

    def scores(self, filters: Filters, *, as_of: datetime | None = None) -> tuple[Score, ...]:
        """Return one score for each forecaster, by name."""
        with self._view(as_of) as view:
            gathering = _gathering(view, filters)
            each = gathering.gather().each
            for name in filters.who:
                each.setdefault(name, Gathered())
            return tuple(score_of(view, gathering, each[name], name) for name in sorted(each))

    def score(self, filters: Filters, *, as_of: datetime | None = None) -> Score:
        """Return the score of everything chosen, pooled if that is several forecasters."""
        with self._view(as_of) as view:
            gathering = _gathering(view, filters)
            return score_of(view, gathering, gathering.gather(), None)


def _gathering(view: View, filters: Filters) -> Gathering:
    from forecast_ledger.scoring.policy import POLICIES

    check_policy(filters.policy, POLICIES)
    return Gathering(view.reader, view.now, question_states(view.reader, view.now), filters)


def score_of(view: View, gathering: Gathering, gathered: Gathered, name: str | None) -> Score:
    """Return the score of what was gathered, under `name`, or of several pooled."""
    filters = gathering.filters
    about, chosen = "counted", gathered.counted
    if not chosen and gathered.early:
        about, chosen = "early", gathered.early
    if not chosen and gathered.claimed:
        about, chosen = "claimed", gathered.claimed
    tally, lines = tallied(chosen, filters)
    claimed = None
    if about != "claimed" and gathered.claimed:
        claimed, _ = tallied(gathered.claimed, filters)
    names = sorted({s.forecaster for s in chosen}) or list(filters.who)
    leaf = view.reader.leaf()
    with_early = None
    if gathered.early and about == "counted":
        both, _ = tallied([*gathered.counted, *gathered.early], filters)
        with_early = both.brier if both else None
    return Score(
        subject=name or (names[0] if len(names) == 1 else ""),
        pooled=name is None and len(names) > 1,
        coded=coded_of(view.reader, gathering.coded, chosen),
        as_of=view.now,
        about=about,
        tally=tally,
        lines=lines,
        claimed=claimed,
        left=Left(
            questions={k: v for k, v in sorted(gathered.questions.items()) if v},
            forecasts={k: v for k, v in sorted(gathered.forecasts.items()) if v},
            early_yes=gathered.early_outcomes["yes"],
            early_no=gathered.early_outcomes["no"],
            with_early=with_early,
        ),
        grades={grade: gathered.grades[grade] for grade in GRADES if gathered.grades[grade]},
        filters=filters,
        total_questions=len(gathering.states),
        seq=view.reader.cut,
        leaf=leaf.hex() if leaf else "",
    )


def tallied(
    standings: Sequence[Standing], filters: Filters
) -> tuple[Tally | None, tuple[Line, ...]]:
    """Return the mean over some series, and each series' own line."""
    if not standings:
        return None, ()
    from forecast_ledger.scoring.arrays import mean
    from forecast_ledger.scoring.confidence import confidence_against_hits
    from forecast_ledger.scoring.expected import expected_brier
    from forecast_ledger.scoring.hits import hits, misses, probability_all_hits
    from forecast_ledger.scoring.interval import interval_allowed, least_error, mean_interval
    from forecast_ledger.scoring.policy import reduce_series
    from forecast_ledger.scoring.ranges import brier_range, mean_probabilities

    outcomes = [s.outcome for s in standings]
    offsets = list(accumulate((len(s.parts) for s in standings), initial=0))
    parts = [p for s in standings for p in s.parts]
    seconds = [p for s in standings for p in s.seconds]
    low = [p for s in standings for p in s.low]
    high = [p for s in standings for p in s.high]
    reduced = reduce_series(parts, seconds, outcomes, offsets, filters.policy)
    series = reduced.series
    ranges = brier_range(low, high, outcomes, series)
    lows, highs = mean_probabilities(low, series), mean_probabilities(high, series)
    families, numbers = _family_numbers(standings)
    missed = fsum(misses(series, outcomes).tolist())
    right = fsum(hits(series, outcomes).tolist())
    expected = expected_brier(series.merged())
    expected_low, expected_high = expected.central(filters.level)
    interval = None
    if interval_allowed(families, missed):
        found = mean_interval(reduced.brier, numbers, least_error(series), filters.level)
        interval = (found.low, found.high)
    sure = (
        confidence_against_hits(series, outcomes, filters.level)
        if families >= CONFIDENCE_FROM
        else None
    )
    lines = tuple(
        Line(
            key=s.question.key,
            text=s.question.text,
            forecaster=s.forecaster,
            outcome=s.question.outcome or "",
            known=s.question.known,
            probability=float(reduced.probability[i]),
            low=float(lows[i]),
            high=float(highs[i]),
            brier=float(reduced.brier[i]),
            least=float(ranges.least[i]),
            largest=float(ranges.largest[i]),
            expected=float(reduced.expected[i]),
            forecasts=len(set(s.seqs)),
            seconds=int(reduced.seconds[i]),
            coverage=s.coverage,
            families=s.question.families,
            grades=tuple(grade for grade in GRADES if grade in s.grades),
            firmness=s.question.resolution.entry.firmness if s.question.resolution else "",
        )
        for i, s in enumerate(standings)
    )
    covered = [line.coverage for line in lines if line.coverage is not None]
    tally = Tally(
        questions=len(standings),
        forecasts=sum(line.forecasts for line in lines),
        families=families,
        yes=sum(outcomes),
        misses=missed,
        brier=mean(reduced.brier),
        low=ranges.low,
        high=ranges.high,
        expected=mean(reduced.expected),
        expected_low=expected_low,
        expected_high=expected_high,
        exact=expected.exact,
        interval=interval,
        hits=right,
        all_right=probability_all_hits(series) if not missed else None,
        coverage=fsum(covered) / len(covered) if covered else None,
        confidence=sure.confidence if sure else None,
        hit_rate=sure.hit_rate if sure else None,
        expected_hits=sure.expected_hits if sure else None,
        hits_low=sure.low if sure else None,
        hits_high=sure.high if sure else None,
    )
    return tally, lines


def _family_numbers(standings: Sequence[Standing]) -> tuple[int, list[int]]:
    """Return how many families there are and the number of each series' own.

    Questions that share a family are one; so are families that share a question.
    """
    parent: dict[str, str] = {}

    def find(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    names = []
    for standing in standings:
        own = [f"family {key}" for key in standing.question.families]
        own = own or [f"question {standing.question.key}"]
        for other in own[1:]:
            parent[find(other)] = find(own[0])
        names.append(own[0])
    roots = [find(name) for name in names]
    numbers = {root: number for number, root in enumerate(sorted(set(roots)))}
    return len(numbers), [numbers[root] for root in roots]
