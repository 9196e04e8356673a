"""Breakdowns: a score taken apart by tag, by month, by family or by forecaster.

Among many rows some look good or bad by luck alone, so nothing is tested here: each row says
whether it lies outside the range to be expected of it, and how likely that is by luck.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from math import fsum, isnan
from typing import TYPE_CHECKING, TypeAlias

from forecast_ledger.domain.moments import MICROSECOND
from forecast_ledger.errors import UsageError
from forecast_ledger.ledger.base import LedgerBase, View
from forecast_ledger.ledger.coded import Coded, coded_of
from forecast_ledger.ledger.families import Basis
from forecast_ledger.ledger.gathering import Filters
from forecast_ledger.ledger.sampling import Group, Owner, Sampled, Sampling
from forecast_ledger.ledger.scores import (
    CHOSEN_BY_ANSWERS,
    Score,
    chosen_group,
    rule_of,
    sampled_for,
    scored,
)

if TYPE_CHECKING:
    from forecast_ledger.scoring.distribution import Distribution
    from forecast_ledger.scoring.rule import Rule

AXES = ("tag", "month", "family", "who")
"""By what a score may be taken apart; "month" is that of the deadline."""

LUCK_DIGITS = 9
"""Decimals of a chance; later ones depend on the order in which a law was summed up."""

_Axis: TypeAlias = Callable[[Owner], tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Where a mean Brier score would lie if the probabilities are right, at the level asked for.

    `low` and `high` are those of `Tally.expected_range`, found exactly if `exact`. `outside`
    says that the score lies beyond them, `by_luck` how likely that is: where every question
    comes out for itself, and where those of a family come out all as one. `grouped` says
    that some are of one family: if these come out in groups, the range may hold less often.
    """

    low: float
    high: float
    exact: bool
    grouped: bool
    outside: bool
    by_luck: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The mean over the questions of one tag, month, family or forecaster.

    `name` is None for questions without any. `questions` counts one for each question and
    forecaster, as `Tally` does, whose are `score`, `best`, `worst` and `expected` too. `range`
    is None with other rules than the Brier score. `coded` says whose numbers these are, where
    the part is one forecaster's. Answers may have `bent` what would be expected of the mean, by
    coming early or by choosing what counts: then there is neither that nor a range. `undated` is as
    in `Tally`.
    """

    name: str | None
    questions: int
    score: float
    best: float
    worst: float
    expected: float | None
    range: Range | None
    bent: bool
    undated: int
    coded: Coded | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """A score, and the parts it is made of `by` one of `AXES`, the largest first.

    Questions without a tag, family or deadline are the last part. `several` counts the
    questions that are in more than one. `zone` is that of months, None where there are none.
    """

    by: str
    zone: str | None
    score: Score
    parts: tuple[Part, ...]
    several: int

    @property
    def outside(self) -> int:
        """How many parts lie outside their range."""
        return sum(1 for part in self.parts if part.range and part.range.outside)

    @property
    def by_luck(self) -> tuple[float, float] | None:
        """How many would on average if the probabilities are right; None without ranges.

        Once where every question comes out for itself, and once where those of a family come
        out all as one. Means add up however the parts hang together, so they may share questions.
        """
        ranges = [part.range for part in self.parts if part.range]
        if not ranges:
            return None
        return fsum(one.by_luck[0] for one in ranges), fsum(one.by_luck[1] for one in ranges)


class Breakdowns(LedgerBase):
    """Use cases that take a score apart."""

    def breakdown(
        self, by: str, filters: Filters, *, zone: tzinfo = UTC, as_of: datetime | None = None
    ) -> Breakdown:
        """Return the score of everything chosen, taken apart `by` one of `AXES`.

        A month is that of the last moment before the deadline in `zone`, of a deadline that is
        a bare date that date's. The month in which an outcome became known would depend on the
        outcome, for what comes early is mostly yes.
        Raises UsageError for another axis, and where several forecasters would be taken
        together by a rule that compares them with each other.
        """
        if by not in AXES:
            raise UsageError(f"a score cannot be taken apart by {by!r}. Choose {_or(AXES)}.")
        with self._view(as_of) as view:
            rule = rule_of(filters)
            sampled = _sampled(view, filters, rule, tagged=by == "tag")
            _, group = chosen_group(sampled, None)
            score, basis = scored(view, sampled, filters, None)
            if score.pooled and by != "who" and _compares(rule):
                raise UsageError(
                    f"by the {rule.title} several forecasters are compared with each other, so"
                    " a row of them together says nothing. Choose one with --who NAME, or say"
                    " --each who."
                )
            axis = _axis(by, zone)
            names = [axis(owner) for owner in basis.owners] if basis else []
            return Breakdown(
                by=by,
                zone=str(zone) if by == "month" else None,
                score=score,
                parts=_parts(view, basis, names, filters, group if by == "who" else None),
                several=sum(1 for some in names if len(some) > 1),
            )


def _or(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"


def _sampled(view: View, filters: Filters, rule: Rule, *, tagged: bool) -> Sampled:
    if not tagged or rule.scorer is None:
        return sampled_for(view, filters)
    return Sampling(view.reader, view.now, filters, rule, tagged=True).sample()


def _compares(rule: Rule) -> bool:
    from forecast_ledger.scoring.peer import PEER

    return rule.needs == PEER.needs


def _axis(by: str, zone: tzinfo) -> _Axis:
    """Return what tells under which names a series counts."""
    axes: dict[str, _Axis] = {
        "tag": lambda owner: owner[0].tags,
        "month": lambda owner: _month(owner, zone),
        "family": lambda owner: owner[0].families,
        "who": lambda owner: (owner[1],),
    }
    return axes[by]


def _month(owner: Owner, zone: tzinfo) -> tuple[str, ...]:
    deadline = owner[0].deadline
    if deadline is None:
        return ()
    day = deadline.day or (deadline.end - MICROSECOND).astimezone(zone).date()
    return (day.isoformat()[:7],)


def _parts(
    view: View,
    basis: Basis | None,
    names: Sequence[tuple[str, ...]],
    filters: Filters,
    named: Group | None,
) -> tuple[Part, ...]:
    """Return the parts in order; `named` is the group whose forecasters these are, if they are."""
    if basis is None:
        return ()
    places: dict[str | None, list[int]] = defaultdict(list)
    for place, some in enumerate(names):
        for name in some or (None,):
            places[name].append(place)
    parts = []
    for name, own in places.items():
        part = Basis(basis.sample.take(own), [basis.owners[place] for place in own])
        coded = _coded(view, named, name, part) if named else None
        parts.append(_part(name, part, filters, coded))
    return tuple(sorted(parts, key=lambda p: (p.name is None, -p.questions, p.name or "")))


def _coded(view: View, group: Group, name: str | None, basis: Basis) -> Coded:
    standings = [standing for standing in group.standings if standing.forecaster == name]
    return coded_of(view.reader, standings, sum(basis.sample.forecasts.tolist()))


def _part(name: str | None, basis: Basis, filters: Filters, coded: Coded | None) -> Part:
    from forecast_ledger.scoring.arrays import mean
    from forecast_ledger.scoring.logarithmic import split_mean

    sample = basis.sample
    score, expected = split_mean(sample.score).mean, float(mean(sample.expected))
    undated = basis.undated
    bent = basis.is_bent or filters.policy in CHOSEN_BY_ANSWERS or undated > 0
    return Part(
        name=name,
        questions=len(basis.owners),
        score=score,
        best=split_mean(sample.best).mean,
        worst=split_mean(sample.worst).mean,
        expected=None if bent or isnan(expected) else expected,
        range=_range(basis, score, filters) if filters.rule == "brier" and not bent else None,
        bent=bent,
        undated=undated,
        coded=coded,
    )


def _range(basis: Basis, score: float, filters: Filters) -> Range:
    from forecast_ledger.scoring.distribution import SAME

    laws, scale = basis.laws, filters.brier_scale
    low, high = basis.expected_range(filters.level)
    margin = max(law.error for law in laws) + SAME
    # Halving and doubling are exact.
    outside = not low - margin <= score / scale <= high + margin
    separate = max(_luck(law, low, high) for law in basis.separate)
    together = basis.together
    return Range(
        low=low * scale,
        high=high * scale,
        exact=basis.is_exact,
        grouped=together is not None,
        outside=outside,
        by_luck=(separate, _luck(together, low, high) if together else separate),
    )


def _luck(law: Distribution, low: float, high: float) -> float:
    return max(0.0, round(2 - law.at_least(low) - law.at_most(high), LUCK_DIGITS))
