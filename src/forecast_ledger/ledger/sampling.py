"""From the log to samples: plain questions as arrays, the others entry by entry.

Most forecasts of a large ledger are plain: in force, read out of nothing, on a question of
one wording. Those are packed by the database and reduced as arrays, block by block, so
that what is kept does not grow with their number. Whatever has a story (a correction, a
withdrawal, a reading, a platform's record) goes through `Gathering`, which knows them all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from forecast_ledger.domain.entries import VOID
from forecast_ledger.domain.standing import GRADES, whole_seconds
from forecast_ledger.ledger.gathering import (
    HINDSIGHT,
    LATE,
    TAKEN_BACK,
    Filters,
    Gathered,
    Gathering,
    Standing,
)
from forecast_ledger.ledger.plain import PlainQuestion, plain_states
from forecast_ledger.ledger.state import (
    DISPUTED,
    OPEN,
    OVERDUE,
    UNDONE,
    QuestionState,
    question_states,
)
from forecast_ledger.store.plain import involved
from forecast_ledger.store.read import Reader
from forecast_ledger.store.stream import Packed, irregular, packed, recordings

if TYPE_CHECKING:
    from forecast_ledger.scoring.packed import Recordings
    from forecast_ledger.scoring.rule import Rule
    from forecast_ledger.scoring.sample import Said, Sample
    from forecast_ledger.scoring.standing import Answers, Spans, Windows

AnyQuestion: TypeAlias = QuestionState | PlainQuestion
Owner: TypeAlias = tuple[AnyQuestion, str]
"""Whose series it is: the question and the forecaster's name."""

UNREACHED = "with no forecast at that moment"
"""Questions on which nothing stood at the policy's horizon."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(slots=True)
class Group:
    """The series of one kind: counted, claimed or early, with whose they are.

    `unusable` are those a policy or rule cannot use, by reason: the question's root and the
    forecaster.
    """

    pieces: list[Sample] = field(default_factory=list)
    owners: list[Owner] = field(default_factory=list)
    standings: list[Standing] = field(default_factory=list)
    unusable: dict[str, set[tuple[int, str]]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.owners)

    def put(self, sample: Sample | None, owners: Sequence[Owner]) -> None:
        """Add a sample, whose series are those of `owners`."""
        if sample is not None:
            self.pieces.append(sample)
            self.owners.extend(owners)

    def leave_out(self, owners: Iterable[Owner], reason: str) -> None:
        """Take note of series that cannot be used."""
        found = {(state.root, name) for state, name in owners}
        if found:
            self.unusable.setdefault(reason, set()).update(found)

    def of(self, name: str | None) -> tuple[Sample | None, list[Owner]]:
        """Return the series of one forecaster, or of all, by question and forecaster."""
        from forecast_ledger.scoring.sample import Sample

        places = [i for i, (_, who) in enumerate(self.owners) if name is None or who == name]
        if not places:
            return None, []
        places.sort(key=lambda i: (self.owners[i][0].key, self.owners[i][1]))
        if len(self.pieces) > 1:
            self.pieces = [Sample.joined(self.pieces)]
        return self.pieces[0].take(places), [self.owners[i] for i in places]


@dataclass(slots=True)
class Counts:
    """What was met and what was left out: questions by status, forecasts by reason, grades."""

    questions: Counter[str] = field(default_factory=Counter)
    forecasts: Counter[str] = field(default_factory=Counter)
    grades: Counter[str] = field(default_factory=Counter)
    early_outcomes: Counter[str] = field(default_factory=Counter)
    seen: set[int] = field(default_factory=set)

    def meet(self, state: AnyQuestion) -> None:
        """Count a question, once."""
        if state.root in self.seen:
            return
        self.seen.add(state.root)
        status = state.status
        if status in VOID or status in (OPEN, OVERDUE, DISPUTED):
            self.questions[status] += 1
        elif status == UNDONE:
            self.questions[TAKEN_BACK] += 1
        elif state.is_early:
            self.questions["early"] += 1
            self.early_outcomes[state.outcome or ""] += 1


@dataclass(slots=True)
class Sampled:
    """Everything a score is made of: the series of each kind, and what was left out."""

    counted: Group = field(default_factory=Group)
    claimed: Group = field(default_factory=Group)
    early: Group = field(default_factory=Group)
    total: Counts = field(default_factory=Counts)
    each: dict[str, Counts] = field(default_factory=dict)
    questions: int = 0

    def counts(self, name: str | None) -> Counts:
        """Return what was met of one forecaster, or of all."""
        return self.total if name is None else self.each.get(name, Counts())

    def unused(self, about: str, name: str | None) -> Counter[str]:
        """Count the questions of which a report can use nothing, each once, by reason.

        Whatever it is about, nothing else was usable of what counts; and where nothing is
        usable at all, what is claimed would have been shown.
        """
        chosen: Group = getattr(self, about)
        used = {state.root for state, who in chosen.owners if name is None or who == name}
        roots: dict[str, set[int]] = {}
        for group in (self.counted, chosen if used else self.claimed):
            for reason, series in group.unusable.items():
                found = roots.setdefault(reason, set())
                found.update(root for root, who in series if name is None or who == name)
        return +Counter({reason: len(found - used) for reason, found in roots.items()})


class Sampling:
    """Samples what filters choose out of a ledger.

    With `tagged` the owners of what is sampled know their tags, which else are read only if a
    filter asks for them.
    """

    def __init__(
        self,
        reader: Reader,
        now: datetime,
        filters: Filters,
        rule: Rule,
        *,
        tagged: bool = False,
    ) -> None:
        from forecast_ledger.scoring.policy import policy_named

        self._reader = reader
        self._now = now
        self._filters = filters
        self._rule = rule
        self._tagged = tagged or bool(filters.tags)
        self._policy = policy_named(filters.policy)
        self.sampled = Sampled()

    def sample(self) -> Sampled:
        """Return the samples of all that was chosen."""
        reader, filters = self._reader, self._filters
        apart = involved(reader) | irregular(reader)
        plain = plain_states(reader, self._now, apart, tagged=self._tagged)
        odd: set[int] = set()
        chosen = {root: state for root, state in plain.items() if filters.wants(state)}
        if not filters.sources:
            odd = self._take_plain(chosen)
        roots = apart | odd
        states = question_states(reader, self._now, sorted(roots)) if roots else {}
        gathering = Gathering(reader, self._now, states, filters)
        self._take_gathered(gathering.gather(list(gathering.states)))
        self.sampled.questions = len(chosen.keys() - odd) + len(gathering.states)
        for name in filters.who:
            self.sampled.each.setdefault(name, Counts())
        return self.sampled

    def of_gathered(self, gathered: Gathered, questions: int) -> Sampled:
        """Return the samples of what was gathered already, out of so many questions."""
        self._take_gathered(gathered)
        self.sampled.questions = questions
        return self.sampled

    # -- plain questions -------------------------------------------------------------------

    def _take_plain(self, states: dict[int, PlainQuestion]) -> set[int]:
        """Sample the series on plain questions; return those that turned out not to be."""
        filters = self._filters
        narrowed = sorted(states) if filters.narrows_questions else None
        names = self._reader.names_of_forecasters()
        doubled = len(set(names.values())) < len(names)
        wanted = set(filters.who)
        odd: set[int] = set()
        written = _written(self._reader)
        for block in packed(self._reader, narrowed, places=written is not None):
            rows = [row for row in block if row.question in states]
            special = {row.question for row in rows if not row.is_plain}
            if doubled:
                special |= _twice(rows, names)
            odd |= special
            if special or wanted:
                rows = [
                    row
                    for row in rows
                    if row.question not in special
                    and (not wanted or names[row.forecaster] in wanted)
                ]
            while rows:
                wanted_states = [states[row.question] for row in rows]
                shared = self._take_rows(rows, wanted_states, names, written)
                odd |= shared
                rows = [row for row in rows if row.question not in shared] if shared else []
        return odd

    def _take_rows(
        self,
        rows: Sequence[Packed],
        states: Sequence[PlainQuestion],
        names: dict[int, str],
        written: Recordings | None,
    ) -> set[int]:
        """Sample a block, or return the questions with two forecasts at one moment."""
        from forecast_ledger.scoring.packed import unpacked
        from forecast_ledger.scoring.standing import stood

        answers, shared = unpacked(
            counts=[row.forecasts for row in rows],
            made=[row.made for row in rows],
            recorded=[row.recorded for row in rows],
            parts=[row.parts for row in rows],
            ends=[row.ends for row in rows],
            lows=[row.lows for row in rows],
            highs=[row.highs for row in rows],
            recordings=written,
        )
        if shared.any():
            return {row.question for row, two in zip(rows, shared, strict=True) if two}
        block = _Block(states, [names[row.forecaster] for row in rows])
        spans = stood(answers, block.windows(), _micros(self._now))
        self._meet(block)
        self._count(block.owners, spans.hindsight.tolist(), HINDSIGHT)
        self._count(block.owners, spans.late.tolist(), LATE)
        sampled, claimed = self.sampled, self._filters.claimed
        counted = spans.together if claimed else spans.proven
        self._put(sampled.counted, answers, counted, block, block.settled)
        self._put(sampled.early, answers, counted, block, block.early)
        if not claimed:
            self._put(sampled.claimed, answers, spans.claimed, block, block.settled)
        return set()

    def _meet(self, block: _Block) -> None:
        seen = self.sampled.total.seen
        for state, name in block.owners:
            if state.root not in seen:
                self.sampled.total.meet(state)
            self._counts_of(name).meet(state)

    def _put(
        self,
        group: Group,
        answers: Answers,
        spans: Spans,
        block: _Block,
        wanted: Sequence[bool],
    ) -> None:
        from forecast_ledger.scoring.sample import said_in

        if not any(wanted):
            return
        said, places = said_in(
            answers,
            spans,
            wanted,
            outcomes=block.outcomes,
            opens=block.opens,
            closes=block.closes,
        )
        if said is not None:
            self._sample(group, said, [block.owners[place] for place in places])

    def _sample(self, group: Group, said: Said, owners: Sequence[Owner]) -> None:
        """Reduce what was said and keep it, under those of whom something counts."""
        from forecast_ledger.scoring.sample import sampled

        sample, counts = sampled(said, self._policy, self._rule)
        some = counts.tolist()
        kept = [owner for owner, one in zip(owners, some, strict=True) if one]
        group.put(sample, kept)
        group.leave_out(
            (owner for owner, one in zip(owners, some, strict=True) if not one), UNREACHED
        )
        if group is not self.sampled.counted:
            return
        for (_, name), numbers in zip(
            kept, sample.by_grade.tolist() if sample else (), strict=True
        ):
            for counter in (self.sampled.total, self._counts_of(name)):
                for grade, number in zip(GRADES, numbers, strict=True):
                    counter.grades[grade] += number

    # -- the others ------------------------------------------------------------------------

    def _take_gathered(self, gathered: Gathered) -> None:
        """Sample what was gathered entry by entry."""
        sampled = self.sampled
        for group, standings in (
            (sampled.counted, gathered.counted),
            (sampled.claimed, gathered.claimed),
            (sampled.early, gathered.early),
        ):
            if standings:
                group.standings.extend(standings)
                self._sample(
                    group, said_by(standings), [(s.question, s.forecaster) for s in standings]
                )
        for name, own in gathered.each.items():
            counts = self._counts_of(name)
            for state in own.met:
                counts.meet(state)
                sampled.total.meet(state)
            for counter in (counts, sampled.total):
                counter.forecasts.update(own.forecasts)

    def _count(self, owners: Sequence[Owner], numbers: Sequence[int], reason: str) -> None:
        for (_, name), number in zip(owners, numbers, strict=True):
            if number:
                self.sampled.total.forecasts[reason] += number
                self._counts_of(name).forecasts[reason] += number

    def _counts_of(self, name: str) -> Counts:
        if name not in self.sampled.each:
            self.sampled.each[name] = Counts()
        return self.sampled.each[name]


class _Block:
    """The series of some questions: whose they are, and what there is to know of each.

    `opens` and `closes` are seconds since 1970, None where there is none. `settled` marks
    those whose outcome counts now, `early` those whose deadline still lies ahead.
    """

    def __init__(self, states: Sequence[PlainQuestion], names: Sequence[str]) -> None:
        self._states = states
        self.owners: list[Owner] = list(zip(states, names, strict=True))
        facts: dict[int, _Facts] = {}
        for state in states:
            if state.root not in facts:
                facts[state.root] = _facts(state)
        rows = [facts[state.root] for state in states]
        self.outcomes = [fact.outcome for fact in rows]
        self.opens = [fact.opens for fact in rows]
        self.closes = [fact.closes for fact in rows]
        self.settled = [fact.settled for fact in rows]
        self.early = [fact.early for fact in rows]
        self._micros = [fact.micros for fact in rows]

    def windows(self) -> Windows:
        """Return the windows of the series."""
        from forecast_ledger.scoring.standing import windows

        opens, closes, known = zip(*self._micros, strict=True)
        return windows(opens, closes, known)


class _Facts(NamedTuple):
    """What there is to know of one question; `micros` are its opening, deadline and outcome."""

    outcome: int
    opens: int | None
    closes: int | None
    settled: bool
    early: bool
    micros: tuple[int, int, int]


def _facts(state: PlainQuestion) -> _Facts:
    from forecast_ledger.scoring.standing import ALWAYS, NEVER

    counts = state.outcome is not None and state.outcome not in VOID
    early = state.is_early
    return _Facts(
        outcome=1 if state.outcome == "yes" else 0,
        opens=_seconds(state.opens),
        closes=_seconds(state.closes),
        settled=counts and not early,
        early=counts and early,
        micros=(
            ALWAYS if state.opens is None else _micros(state.opens),
            NEVER if state.closes is None else _micros(state.closes),
            NEVER if state.known is None else _micros(state.known.start),
        ),
    )


def said_by(standings: Sequence[Standing]) -> Said:
    """Return some series, gathered one by one, as arrays."""
    from forecast_ledger.scoring.sample import said_of

    return said_of(
        parts=[p for s in standings for p in s.parts],
        low=[p for s in standings for p in s.low],
        high=[p for s in standings for p in s.high],
        start=[moment for s in standings for moment in s.starts],
        end=[moment for s in standings for moment in s.ends],
        answer=[seq for s in standings for seq in s.seqs],
        grade=[GRADES.index(grade) for s in standings for grade in s.grades],
        offsets=list(accumulate((len(s.parts) for s in standings), initial=0)),
        outcomes=[s.outcome for s in standings],
        opens=[_seconds(s.question.opens) for s in standings],
        closes=[_seconds(s.question.closes) for s in standings],
    )


def _written(reader: Reader) -> Recordings | None:
    """Return when the log was written, if at few moments."""
    from forecast_ledger.scoring.packed import Recordings

    found = recordings(reader)
    if found is None:
        return None
    return Recordings.at([place for place, _ in found], [_micros(when) for _, when in found])


def _twice(rows: Sequence[Packed], names: dict[int, str]) -> set[int]:
    """Return the questions on which one name has two series: its entries were merged."""
    met = Counter((row.question, names[row.forecaster]) for row in rows)
    return {question for (question, _), times in met.items() if times > 1}


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _seconds(moment: datetime | None) -> int | None:
    return None if moment is None else whole_seconds(moment)
