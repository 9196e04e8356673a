"""Scores by rules that need a question's window or its other forecasters.

Everybody who forecast a question is looked at, whoever a report is about, one question at a
time. What counts is what counts in every score: claimed stretches are compared with claimed
ones, apart, unless all are counted together, and questions answered early are held back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from math import fsum, isinf, isnan, nan
from typing import TYPE_CHECKING, TypeAlias

from forecast_ledger.domain.standing import GRADES, whole_seconds
from forecast_ledger.errors import UsageError
from forecast_ledger.ledger.gathering import (
    TIME_WEIGHTED,
    Filters,
    Gathered,
    Gathering,
    Standing,
)
from forecast_ledger.ledger.sampling import Counts, Group, Owner, Sampled, said_by
from forecast_ledger.ledger.state import QuestionState, question_states
from forecast_ledger.store.forecasts import ForecastRow

if TYPE_CHECKING:
    from forecast_ledger.ledger.base import View
    from forecast_ledger.scoring.crowd import Compared, Window
    from forecast_ledger.scoring.rule import Rule
    from forecast_ledger.scoring.sample import Sample

UNSCHEDULED = "without a deadline"
"""Questions without the scheduled span by which a rule divides."""
MOMENTARY = "with no forecast that stood for a second"
"""Questions on which nothing stood long enough to be averaged over."""

BATCH = 1_000
"""Series reduced at a time."""

_Rows: TypeAlias = tuple[QuestionState, str, list[ForecastRow]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """What a comparison rests on.

    `alone` counts the questions of a score on which nobody else forecast. `total` is the sum
    of the scores and `covered` that of the shares of each question's span that the
    forecasts covered, as Metaculus adds them up; `total` is nan where both infinities occur.
    """

    alone: int
    total: float
    covered: float


@dataclass(slots=True)
class Compare(Sampled):
    """Samples by a rule that compares, and how many forecast each question, by `_Key`."""

    rivals: dict[_Key, int] = field(default_factory=dict)


_Key: TypeAlias = tuple[str, int, str]
"""What is scored: counted, claimed or early; the question's root; the forecaster."""


def compare(view: View, filters: Filters, rule: Rule) -> Compare:
    """Return the samples of what filters choose, by a rule that needs window or rivals.

    Raises UsageError with another policy than the default: these rules weigh by themselves.
    """
    if filters.policy != TIME_WEIGHTED:
        raise UsageError(
            f"the {rule.title} weighs forecasts in its own way, so it takes no policy. Leave"
            " --policy out, or choose a rule such as brier or log."
        )
    return _Comparison(view, filters).compared()


def company_of(sampled: Compare, about: str, sample: Sample, owners: Sequence[Owner]) -> Company:
    """Return what the score of these series rests on."""
    alone = sum(sampled.rivals[about, state.root, name] < 2 for state, name in owners)
    scores = sample.score.tolist()
    infinite = {score for score in scores if isinf(score)}
    return Company(
        alone=alone,
        total=nan if len(infinite) > 1 else fsum(scores),
        covered=fsum(share for share in sample.coverage.tolist() if not isnan(share)),
    )


class _Comparison:
    """Goes through the questions, and keeps what is scored of each."""

    def __init__(self, view: View, filters: Filters) -> None:
        self._filters = filters
        self._reader = view.reader
        self._now = whole_seconds(view.now)
        states = question_states(view.reader, view.now)
        everybody = replace(filters, who=(), sources=())
        self._everybody = Gathering(view.reader, view.now, states, everybody)
        # Made even where only names are chosen: it refuses a name that nobody has.
        self._chosen = Gathering(view.reader, view.now, states, filters)
        self._coded = view.reader.coded()
        self._sampled = Compare(questions=len(self._chosen.states))
        self._waiting: dict[str, list[tuple[Standing, Compared]]] = {}

    def compared(self) -> Compare:
        """Return the samples of all that was chosen."""
        read = self._read()
        roots = None if read is None else sorted(read)
        named = set(self._filters.who)
        stream = self._everybody.series(roots, ended=True)
        for root, group in groupby(stream, key=lambda row: row[0].root):
            rows = list(group)
            names = {name for _, name, _ in rows}
            chosen = (names & named if named else names) if read is None else read[root].keys()
            if chosen:
                self._question(rows, sorted(chosen), {} if read is None else read[root])
        self._reduce()
        for name in named:
            self._counts_of(name)
        return self._sampled

    def _read(self) -> dict[int, dict[str, Gathered]] | None:
        """Return what was read out of the chosen sources, by question and name, if any were."""
        if not self._filters.sources:
            return None
        found: dict[int, dict[str, Gathered]] = {}
        for state, name, rows in self._chosen.series(ended=True):
            own = self._chosen.sorted_out(state, name, rows)
            found.setdefault(state.root, {})[name] = own
        return found

    def _question(
        self, rows: Sequence[_Rows], chosen: Sequence[str], read: dict[str, Gathered]
    ) -> None:
        """Score the chosen forecasters of one question; `read` is what counts of some of them."""
        state = rows[0][0]
        crowd = {name: self._everybody.sorted_out(*row) for row in rows for name in (row[1],)}
        crowd |= read
        for name in chosen:
            for counts in (self._counts_of(name), self._sampled.total):
                counts.meet(state)
                counts.forecasts.update(crowd[name].forecasts)
        for about in ("counted", "claimed", "early"):
            standings = {name: s for name, own in crowd.items() for s in getattr(own, about)}
            if some := [name for name in chosen if name in standings]:
                self._score(about, state, standings, some)

    def _score(
        self,
        about: str,
        state: QuestionState,
        standings: dict[str, Standing],
        chosen: Sequence[str],
    ) -> None:
        from forecast_ledger.scoring.crowd import NEEDS_DEADLINE, Rival, compared

        group: Group = getattr(self._sampled, about)
        if state.closes is None and self._filters.rule in NEEDS_DEADLINE:
            group.leave_out(((state, name) for name in chosen), UNSCHEDULED)
            return
        names = sorted(standings)
        places = {name: place for place, name in enumerate(names)}
        everybody = [standings[name] for name in names]
        found = compared(
            self._filters.rule,
            self._window(state, everybody),
            [Rival(s.parts, s.low, s.high, s.starts, s.ends) for s in everybody],
            [places[name] for name in chosen],
            self._filters.log_floor,
        )
        waiting = self._waiting.setdefault(about, [])
        for name, one in zip(chosen, found, strict=True):
            if isnan(one.score):
                group.leave_out([(state, name)], MOMENTARY)
                continue
            waiting.append((standings[name], one))
            self._sampled.rivals[about, state.root, name] = len(names)
        if len(waiting) >= BATCH:
            self._reduce()

    def _window(self, state: QuestionState, standings: Sequence[Standing]) -> Window:
        from forecast_ledger.scoring.crowd import Window

        closes = None if state.closes is None else whole_seconds(state.closes)
        known = None if state.known is None else whole_seconds(state.known.start)
        opens = (
            min(standing.starts[0] for standing in standings)
            if state.opens is None
            else whole_seconds(state.opens)
        )
        ended = min(at for at in (self._now, closes, known) if at is not None)
        return Window.of(opens, closes, ended, standings[0].outcome)

    def _reduce(self) -> None:
        """Turn the series that wait into samples, so that few are held at a time."""
        from forecast_ledger.scoring.crowd import rescored, weighing
        from forecast_ledger.scoring.rules import BRIER
        from forecast_ledger.scoring.sample import sampled

        for about, waiting in self._waiting.items():
            if not waiting:
                continue
            group: Group = getattr(self._sampled, about)
            standings = [standing for standing, _ in waiting]
            sample, _ = sampled(said_by(standings), weighing(self._filters.rule), BRIER)
            if sample is not None:
                group.put(
                    rescored(sample, [one for _, one in waiting]),
                    [(s.question, s.forecaster) for s in standings],
                )
            group.standings += [s for s in standings if not self._coded.isdisjoint(s.seqs)]
            if about == "counted":
                self._count_grades(standings, sample.by_grade.tolist() if sample else [])
            waiting.clear()

    def _count_grades(self, standings: Sequence[Standing], found: Sequence[list[int]]) -> None:
        for standing, numbers in zip(standings, found, strict=True):
            for counts in (self._counts_of(standing.forecaster), self._sampled.total):
                for grade, number in zip(GRADES, numbers, strict=True):
                    counts.grades[grade] += number

    def _counts_of(self, name: str) -> Counts:
        return self._sampled.each.setdefault(name, Counts())
