"""Scores: what counts, reduced to the numbers a report shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import fsum, isnan
from typing import TYPE_CHECKING, overload

from forecast_ledger.domain.moments import When
from forecast_ledger.domain.standing import GRADES
from forecast_ledger.ledger.base import LedgerBase, View
from forecast_ledger.ledger.coded import Coded, coded_of
from forecast_ledger.ledger.families import Basis
from forecast_ledger.ledger.gathering import Filters, Standing
from forecast_ledger.ledger.sampling import Group, Owner, Sampled, Sampling, said_by

if TYPE_CHECKING:
    from forecast_ledger.ledger.crowd import Company
    from forecast_ledger.scoring.confidence import Confidence
    from forecast_ledger.scoring.interval import Misses
    from forecast_ledger.scoring.rule import Rule
    from forecast_ledger.scoring.sample import Sample
    from forecast_ledger.scoring.scheduled import Scheduled

CONFIDENCE_FROM = 10
"""Families from which average confidence is shown against the hit rate."""


CHOSEN_BY_ANSWERS = ("last", "each")
"""Policies whose forecasts that count depend on when the answer came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One forecaster's score on one question.

    `score` is by the rule asked for; `best` and `worst` are what the words allow, `expected`
    what is to be expected if the probabilities are right, None where that depends on others.
    `probability` is the weighted mean of what was said of yes, `low` and `high` its range,
    all 0 to 1. `coverage` is the share of the window, or of what the rule looks at.
    """

    key: str
    text: str
    forecaster: str
    outcome: str
    known: When | None
    probability: float
    low: float
    high: float
    score: float
    best: float
    worst: float
    expected: float | None
    forecasts: int
    seconds: int
    coverage: float | None
    families: tuple[str, ...]
    grades: tuple[str, ...]
    firmness: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The mean over some lines, and what it can bear.

    `score` is the mean by `rule`, `best` and `worst` the range the words allow; they equal
    `score` where all was said in numbers, and are nan where both infinities occur.
    `brier_scale` is 2 for Brier scores of 0..2. `expected` is the mean to be expected if the
    probabilities are right, None for rules that look at a window or at rivals;
    of the Brier score it comes within `expected_range` at the level
    asked for, found exactly if `exact`, whether the questions of a family come out each for
    itself or all as one. `interval` is None
    where too few families or misses would make it untrue, and with other rules.
    `impossible` counts the questions on which the score is infinite because what happened was
    given no chance, and `possible` is the mean over the others, None where there are none.
    `misses` are outcomes on the side called less likely; by families, with those to be expected,
    they decide about the interval of a Brier score, and are None with another rule.
    `all_right` is how likely it is that no question misses, and given where none did.
    `coverage` is the mean share of their windows that the forecasts covered, of questions
    with a deadline. `sure`, average confidence against hits by families, is given from ten on.
    `undated` counts the questions without a deadline on which more than one forecast counts.
    `partial` says whether some stood for a part of the time to the deadline only, and `bent`
    whether that bends what is to be expected of the mean (see `scoring.scheduled`).
    `scheduled` is the Brier score by scheduled time with what would be expected of it, given
    where answers that came early bend what would be expected of `score`.
    """

    questions: int
    forecasts: int
    families: int
    yes: int
    misses: float
    family_misses: float | None
    expected_misses: float | None
    score: float
    best: float
    worst: float
    expected: float | None
    expected_range: tuple[float, float] | None
    exact: bool
    interval: tuple[float, float] | None
    impossible: int
    possible: float | None
    hits: float
    all_right: float | None
    coverage: float | None
    sure: Confidence | None
    scheduled: Scheduled | None = None
    rule: str = "brier"
    brier_scale: int = 1
    undated: int = 0
    bent: bool = False
    partial: bool = False


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
    says whose numbers the forecasts are. `company` is there where the rule compares.
    """

    subject: str
    pooled: bool
    coded: Coded
    as_of: datetime
    about: str
    tally: Tally | None
    lines: Sequence[Line]
    claimed: Tally | None
    left: Left
    grades: dict[str, int]
    filters: Filters
    total_questions: int
    seq: int
    leaf: str
    company: Company | None = None

    def worst(self, number: int) -> Sequence[Line]:
        """Return the lines with the worst scores, the worst first."""
        return self.lines.worst(number) if isinstance(self.lines, Lines) else self.lines[:number]


class Lines(Sequence[Line]):
    """The lines of a score, each made when it is looked at: there may be very many."""

    def __init__(
        self, sample: Sample, owners: Sequence[Owner], *, larger_is_better: bool = False
    ) -> None:
        self._sample = sample
        self._owners = owners
        self._larger_is_better = larger_is_better

    def __len__(self) -> int:
        return len(self._owners)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lines | tuple) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))

    @overload
    def __getitem__(self, place: int) -> Line: ...
    @overload
    def __getitem__(self, place: slice) -> list[Line]: ...
    def __getitem__(self, place: int | slice) -> Line | list[Line]:
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        sample, (question, name) = self._sample, self._owners[place]
        coverage = float(sample.coverage[place])
        expected = float(sample.expected[place])
        grades = int(sample.grades[place])
        return Line(
            key=question.key,
            text=question.text,
            forecaster=name,
            outcome=question.outcome or "",
            known=question.known,
            probability=float(sample.probability[place]),
            low=float(sample.low[place]),
            high=float(sample.high[place]),
            score=float(sample.score[place]),
            best=float(sample.best[place]),
            worst=float(sample.worst[place]),
            expected=None if isnan(expected) else expected,
            forecasts=int(sample.forecasts[place]),
            seconds=int(sample.seconds[place]),
            coverage=None if isnan(coverage) else coverage,
            families=question.families,
            grades=tuple(grade for bit, grade in enumerate(GRADES) if grades >> bit & 1),
            firmness=question.firmness,
        )

    def worst(self, number: int) -> list[Line]:
        """Return the lines with the worst scores, the worst first."""
        from forecast_ledger.scoring.sample import largest

        scores = self._sample.score
        badness = -scores if self._larger_is_better else scores
        return [self[place] for place in largest(badness, number)]


class Scores(LedgerBase):
    """Use cases that score."""

    def scores(self, filters: Filters, *, as_of: datetime | None = None) -> tuple[Score, ...]:
        """Return one score for each forecaster, by name."""
        with self._view(as_of) as view:
            sampled = sampled_for(view, filters)
            return tuple(score_of(view, sampled, filters, name) for name in sorted(sampled.each))

    def score(self, filters: Filters, *, as_of: datetime | None = None) -> Score:
        """Return the score of everything chosen, pooled if that is several forecasters."""
        with self._view(as_of) as view:
            return score_of(view, sampled_for(view, filters), filters, None)


def sampled_for(view: View, filters: Filters) -> Sampled:
    """Return the samples of what filters choose."""
    rule = rule_of(filters)
    if rule.scorer is None:
        from forecast_ledger.ledger.crowd import compare

        return compare(view, filters, rule)
    return Sampling(view.reader, view.now, filters, rule).sample()


def rule_of(filters: Filters) -> Rule:
    """Return the scoring rule asked for. Raises UsageError for one there is not."""
    from forecast_ledger.scoring.rules import chosen_rule

    rule = chosen_rule(filters.rule, filters.brier_scale)
    if not filters.log_floor:
        return rule
    from forecast_ledger.scoring.floors import with_floor

    return with_floor(rule, filters.log_floor)


def chosen_group(sampled: Sampled, name: str | None) -> tuple[str, Group]:
    """Return what a report is about: what counts, else what is early, else what is claimed."""
    for about in ("counted", "early", "claimed"):
        group: Group = getattr(sampled, about)
        if any(name is None or who == name for _, who in group.owners):
            return about, group
    return "counted", sampled.counted


def score_of(view: View, sampled: Sampled, filters: Filters, name: str | None) -> Score:
    """Return the score of what was sampled, of one forecaster or of all."""
    return scored(view, sampled, filters, name)[0]


def scored(
    view: View, sampled: Sampled, filters: Filters, name: str | None
) -> tuple[Score, Basis | None]:
    """Return the score of what was sampled, and what it rests on, if there is anything."""
    about, group = chosen_group(sampled, name)
    sample, owners = group.of(name)
    basis = Basis(sample, owners) if sample is not None else None
    tally = tally_of(basis, filters) if basis is not None else None
    claimed = None
    if about != "claimed":
        apart, whose = sampled.claimed.of(name)
        claimed = tally_of(Basis(apart, whose), filters) if apart is not None else None
    counts = sampled.counts(name)
    names = sorted({who for _, who in owners}) or list(filters.who)
    leaf = view.reader.leaf()
    score = Score(
        subject=name or (names[0] if len(names) == 1 else ""),
        pooled=name is None and len(names) > 1,
        coded=coded_of(
            view.reader,
            [s for s in group.standings if name is None or s.forecaster == name],
            sum(int(number) for number in sample.forecasts.tolist()) if sample else 0,
        ),
        as_of=view.now,
        about=about,
        tally=tally,
        lines=_lines(sample, owners, filters) if sample is not None else (),
        claimed=claimed,
        left=Left(
            questions=dict(sorted((counts.questions + sampled.unused(about, name)).items())),
            forecasts={k: v for k, v in sorted(counts.forecasts.items()) if v},
            early_yes=counts.early_outcomes["yes"],
            early_no=counts.early_outcomes["no"],
            with_early=_with_early(sampled, name) if about == "counted" else None,
        ),
        grades={grade: counts.grades[grade] for grade in GRADES if counts.grades[grade]},
        filters=filters,
        total_questions=sampled.questions,
        seq=view.reader.cut,
        leaf=leaf.hex() if leaf else "",
        company=_company(sampled, about, sample, owners),
    )
    return score, basis


def _lines(sample: Sample, owners: Sequence[Owner], filters: Filters) -> Lines:
    return Lines(sample, owners, larger_is_better=rule_of(filters).better == "larger")


def _company(
    sampled: Sampled, about: str, sample: Sample | None, owners: Sequence[Owner]
) -> Company | None:
    """Return what a comparison rests on; None where nothing is compared."""
    from forecast_ledger.ledger.crowd import Compare, company_of

    if sample is None or not isinstance(sampled, Compare):
        return None
    return company_of(sampled, about, sample, owners)


def _with_early(sampled: Sampled, name: str | None) -> float | None:
    """Return the mean with what was answered early, or None where nothing of it counts."""
    from forecast_ledger.scoring.logarithmic import split_mean

    (counted, _), (early, _) = sampled.counted.of(name), sampled.early.of(name)
    if early is None:
        return None
    kept = [] if counted is None else counted.score.tolist()
    return split_mean([*kept, *early.score.tolist()]).mean


def tallied(standings: Sequence[Standing], filters: Filters) -> tuple[Tally | None, Sequence[Line]]:
    """Return the mean over some series, and each series' own line."""
    from forecast_ledger.scoring.policy import policy_named
    from forecast_ledger.scoring.sample import sampled

    if not standings:
        return None, ()
    sample, counts = sampled(said_by(standings), policy_named(filters.policy), rule_of(filters))
    if sample is None:
        return None, ()
    owners: list[Owner] = [
        (s.question, s.forecaster) for s, some in zip(standings, counts, strict=True) if some
    ]
    return tally_of(Basis(sample, owners), filters), _lines(sample, owners, filters)


def tally_of(basis: Basis, filters: Filters) -> Tally:
    """Return the mean over a sample, and what it can bear."""
    from forecast_ledger.scoring.arrays import mean
    from forecast_ledger.scoring.confidence import family_confidence
    from forecast_ledger.scoring.hits import hits, misses, probability_all_hits
    from forecast_ledger.scoring.logarithmic import split_mean

    sample, families = basis.sample, basis.families
    series, outcomes = sample.series, sample.outcome
    missed = fsum(misses(series, outcomes).tolist())
    covered = [share for share in sample.coverage.tolist() if not isnan(share)]
    scores = split_mean(sample.score)
    expected, is_brier = float(mean(sample.expected)), filters.rule == "brier"
    brier = _brier_bounds(basis, filters)
    return Tally(
        questions=len(basis.owners),
        forecasts=sum(sample.forecasts.tolist()),
        families=families,
        yes=sum(1 for outcome in outcomes.tolist() if outcome == 1),
        misses=missed,
        family_misses=brier.misses.came if brier.misses else None,
        expected_misses=brier.misses.expected if brier.misses else None,
        score=scores.mean,
        best=split_mean(sample.best).mean,
        worst=split_mean(sample.worst).mean,
        expected=None if isnan(expected) or (basis.is_bent and not is_brier) else expected,
        expected_range=brier.expected,
        exact=brier.exact,
        scheduled=brier.scheduled,
        interval=brier.interval,
        impossible=scores.impossible,
        possible=scores.rest if scores.impossible else None,
        hits=fsum(hits(series, outcomes).tolist()),
        all_right=probability_all_hits(series) if not missed else None,
        coverage=fsum(covered) / len(covered) if covered else None,
        sure=(
            family_confidence(basis.cases, filters.level) if families >= CONFIDENCE_FROM else None
        ),
        rule=filters.rule,
        brier_scale=filters.brier_scale,
        undated=basis.undated,
        bent=basis.is_bent,
        partial=bool(basis.cases.absent.any()),
    )


@dataclass(frozen=True, slots=True)
class _Bounds:
    """What a mean Brier score should come to, and its interval, on the scale asked for."""

    expected: tuple[float, float] | None = None
    exact: bool = True
    interval: tuple[float, float] | None = None
    misses: Misses | None = None
    scheduled: Scheduled | None = None


def _brier_bounds(basis: Basis, filters: Filters) -> _Bounds:
    from forecast_ledger.scoring.interval import (
        effective,
        interval_allowed,
        least_error,
        mean_interval,
        misses_of,
    )

    if filters.rule != "brier":
        return _Bounds()
    # By `daily` an answer chooses what counts of its day, which no other weights mend.
    by_time = filters.policy != "daily"
    scale, sample = filters.brier_scale, basis.sample
    low, high = basis.expected_range(filters.level)
    interval, misses = None, misses_of(basis.cases)
    if interval_allowed(effective(basis.numbers), misses.came, misses.expected):
        # Halving and doubling are exact.
        found = mean_interval(
            sample.score / scale,
            basis.numbers,
            least_error(sample.series, basis.numbers),
            filters.level,
        )
        interval = (found.low * scale, found.high * scale)
    return _Bounds(
        expected=(low * scale, high * scale),
        exact=basis.is_exact,
        interval=interval,
        misses=misses,
        scheduled=_scheduled(basis, filters) if by_time and basis.is_bent else None,
    )


def _scheduled(basis: Basis, filters: Filters) -> Scheduled:
    from forecast_ledger.scoring.scheduled import scheduled_brier

    found, scale = scheduled_brier(basis.cases, filters.level), filters.brier_scale
    return replace(
        found,
        score=found.score * scale,
        expected=found.expected * scale,
        low=found.low * scale,
        high=found.high * scale,
    )
