"""From the log to the stretches that count: which forecasts are scored, which are left out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from forecast_ledger.domain.entries import VOID, Reading, Source, Statement
from forecast_ledger.domain.fields import Digest
from forecast_ledger.domain.moments import MICROSECOND, When
from forecast_ledger.domain.recorded import SLIP_WINDOW, Recorded
from forecast_ledger.domain.standing import GRACE, Series, Stated, Stretch, series_of, whole_seconds
from forecast_ledger.errors import NotFoundError
from forecast_ledger.ledger.plain import PlainQuestion
from forecast_ledger.ledger.state import DISPUTED, UNDONE, QuestionState
from forecast_ledger.store.ended import retracted_at, taken_out
from forecast_ledger.store.forecasts import ForecastRow, forecast_rows
from forecast_ledger.store.read import Reader

TIME_WEIGHTED = "time-weighted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which forecasts a report is about.

    `who`, `tags`, `families` and `sources` are names and keys, any of which will do within
    one list. `known_since` and `known_until` bound the moment the outcome became known; what
    was no because its deadline passed was known on the day of the deadline, not after it.
    `claimed` counts claimed stretches with the others. `level` is that of every range.
    `rule` names the scoring rule and `brier_scale` is 1 for a Brier score of 0..1, 2 for
    0..2; `log_floor` moves probabilities, in parts per 10⁹, for logarithms, unless it is 0.
    """

    who: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    known_since: When | None = None
    known_until: When | None = None
    policy: str = TIME_WEIGHTED
    claimed: bool = False
    level: float = 0.9
    rule: str = "brier"
    brier_scale: int = 1
    log_floor: int = 0

    @property
    def narrows_questions(self) -> bool:
        """Whether only some questions are wanted."""
        return bool(self.tags or self.families or self.chooses_by_outcome)

    @property
    def chooses_by_outcome(self) -> bool:
        """Whether it depends on when outcomes became known, and so on them, what is wanted."""
        return self.known_since is not None or self.known_until is not None

    def wants(self, state: QuestionState | PlainQuestion) -> bool:
        """Whether a question is among those wanted."""
        if self.tags and not set(self.tags) & set(state.tags):
            return False
        if self.families and not set(self.families) & set(state.families):
            return False
        if not self.chooses_by_outcome:
            return True
        known = _known(state)
        if known is None or (self.known_since and _is_before(known, self.known_since)):
            return False
        return not (self.known_until and _is_before(self.known_until, known))


def _known(state: QuestionState | PlainQuestion) -> When | None:
    """Return when an outcome became known, of a deadline that passed its last moment."""
    known, deadline = state.known, state.deadline
    if known and deadline and state.outcome == "no" and known == When.at(deadline.end):
        # Half-open, a day ends with the first instant of the next, and that is another day.
        return deadline if deadline.is_day else When.at(deadline.end - MICROSECOND)
    return known


def _is_before(one: When, other: When) -> bool:
    """Whether `one` ends before `other` begins; of two bare dates, wherever they were written."""
    if one.day and other.day:
        return one.day < other.day
    return one.last < other.start


@dataclass(frozen=True, slots=True)
class Standing:
    """The forecasts of one series that count, with their whole seconds, in order.

    `parts`, `low`, `high` are parts per 10⁹ of yes, one per stretch; a number given as such
    has itself at both ends. Each stood from `starts` to `ends`, whole seconds since 1970.
    `seqs` names the forecasts.
    """

    question: QuestionState
    forecaster: str
    parts: tuple[int, ...]
    low: tuple[int, ...]
    high: tuple[int, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    seqs: tuple[int, ...]
    grades: tuple[str, ...]

    @property
    def outcome(self) -> int:
        """1 for yes, 0 for no."""
        return 1 if self.question.outcome == "yes" else 0


@dataclass(slots=True)
class Gathered:
    """What counts, what is claimed, and what was left out, with reasons counted.

    `forecasts` counts those left out by reason, `met` are the questions with a forecast.
    `early` are series of questions answered before a deadline that still lies ahead.
    """

    counted: list[Standing] = field(default_factory=list)
    claimed: list[Standing] = field(default_factory=list)
    early: list[Standing] = field(default_factory=list)
    forecasts: Counter[str] = field(default_factory=Counter)
    met: list[QuestionState] = field(default_factory=list)
    each: dict[str, Gathered] = field(default_factory=dict)

    def take(self, other: Gathered) -> None:
        """Add what was gathered of one series."""
        for mine, others in (
            (self.counted, other.counted),
            (self.claimed, other.claimed),
            (self.early, other.early),
        ):
            mine.extend(others)
        self.forecasts.update(other.forecasts)

    def sort(self) -> None:
        """Put every series in the order of its question's key and its forecaster's name."""
        for part in (self.counted, self.claimed, self.early):
            part.sort(key=_order)


TAKEN_BACK = "taken back"
HINDSIGHT = "made after the outcome was known"
LATE = "made after the deadline"
ALTERNATIVE = "another reading"
CONTRADICTED = "disputed"
ENDED = "on a wording since replaced"
UNREAD = "read out of a statement since taken back"


class Gathering:
    """Reads the stream of forecasts of chosen questions and sorts it.

    With `alone` nothing is read that is not about these questions, whatever else the ledger
    holds.
    """

    def __init__(
        self,
        reader: Reader,
        now: datetime,
        states: dict[int, QuestionState],
        filters: Filters,
        *,
        alone: bool = False,
    ) -> None:
        self._reader = reader
        self._now = now
        self.filters = filters
        places = [p for root in states for p in reader.of_root("question", root)] if alone else None
        self._readings = _Readings(reader, places)
        _check_there_are(reader, filters)
        self.sources = _chosen_sources(reader, filters.sources)
        self.states = {root: s for root, s in states.items() if filters.wants(s)}
        self.names = _Names(reader)
        self._who = _chosen_forecasters(reader, filters.who)

    def counts(self, row: ForecastRow) -> bool:
        """Whether a forecast is no alternative reading."""
        state = self.states.get(row.question)
        known = state.known.start if state and state.known else None
        return self._readings.is_counted(row, known)

    def why_not(self, state: QuestionState, row: ForecastRow) -> str | None:
        """Return why a forecast in force stands no longer; None if it does."""
        if row.seq in self._readings.unread:
            return UNREAD
        ended = not row.withdrawal and (row.revision or row.wording) in state.ended
        return ENDED if ended else None

    def gather(self, roots: Sequence[int] | None = None) -> Gathered:
        """Return what counts of the chosen questions (of `roots` alone) and forecasters."""
        gathered = Gathered()
        for state, name, rows in self.series(roots, ended=True):
            own = gathered.each.setdefault(name, Gathered())
            series = self.sorted_out(state, name, rows)
            for part in (gathered, own):
                part.take(series)
                part.met.append(state)
        for part in (gathered, *gathered.each.values()):
            part.sort()
        return gathered

    def series(
        self, roots: Sequence[int] | None = None, *, ended: bool = False
    ) -> Iterator[tuple[QuestionState, str, list[ForecastRow]]]:
        """Yield (question, forecaster's name, forecasts in order) for all that were chosen.

        With `ended` those come too that were taken out of force.
        """
        narrowed = self._narrow() if roots is None else roots
        stream = forecast_rows(self._reader, questions=narrowed, forecasters=self._who, ended=ended)
        for (question, forecaster), rows in groupby(
            stream, key=lambda row: (row.question, row.forecaster)
        ):
            state = self.states.get(question)
            kept = list(rows)
            if state is None:
                continue
            if self.sources is not None:
                kept = [r for r in kept if self._readings.sources_of(r.seq) & self.sources]
            if kept:
                yield state, self.names[forecaster], kept

    def _narrow(self) -> list[int] | None:
        return sorted(self.states) if self.filters.narrows_questions else None

    def sorted_out(self, state: QuestionState, name: str, rows: Sequence[ForecastRow]) -> Gathered:
        """Return what counts of one series, what is claimed, and what was left out."""
        gathered = Gathered()
        kept = list(self._kept(state, rows, gathered.forecasts))
        series = self.stretches(state, kept)
        gathered.forecasts[HINDSIGHT] += len(series.hindsight)
        gathered.forecasts[LATE] += len(series.late)
        unread = {row.seq for row in kept if row.ended is None} & self._readings.unread.keys()
        gathered.forecasts[UNREAD] += len(unread - {stretch.seq for stretch in series.proven})
        if state.outcome is None or state.outcome in VOID or state.status in (DISPUTED, UNDONE):
            return gathered
        by_seq = {row.seq: row for row in kept}
        counted = series.together if self.filters.claimed else series.proven
        if standing := self._standing(state, name, counted, by_seq):
            if state.is_early:
                gathered.early.append(standing)
            else:
                gathered.counted.append(standing)
        if self.filters.claimed or state.is_early:
            return gathered
        if claimed := self._standing(state, name, series.claimed, by_seq):
            gathered.claimed.append(claimed)
        return gathered

    def _kept(
        self, state: QuestionState, rows: Sequence[ForecastRow], left_out: Counter[str]
    ) -> Iterator[ForecastRow]:
        known = state.known.start if state.known else None
        stated = [
            row for row in rows if not row.withdrawal and row.ended is None and self.counts(row)
        ]
        # What arrives after the outcome disputes nothing that was witnessed before, and what
        # arrives more than a day later nothing that was witnessed until then.
        early = [row for row in stated if known is None or row.recorded_at < known]
        firsts = _first_recorded(stated)
        early = [row for row in early if not _is_late_rival(row, firsts)]
        first = {row.seq for row in early}
        moments = Counter(row.made for row in early)
        late = Counter(row.made for row in stated)
        for row in rows:
            counted = 1 if row.ended is None else 0
            if not self.counts(row):
                left_out[ALTERNATIVE] += counted
            elif row.seq in self._readings.unread:
                yield row
            elif counted and not row.withdrawal and _is_late_rival(row, firsts, known):
                # From its own proof on, neither stands: as if the first had been withdrawn.
                left_out[CONTRADICTED] += 1
                yield replace(row, withdrawal=True, yes=None, low=None, high=None)
            elif (
                counted
                and not row.withdrawal
                and (moments[row.made] > 1 or (late[row.made] > 1 and row.seq not in first))
            ):
                left_out[CONTRADICTED] += 1
            elif not row.withdrawal and (row.revision or row.wording) in state.ended:
                left_out[ENDED] += counted
            elif row.yes is not None or row.withdrawal:
                yield row

    def alone(self, state: QuestionState, seq: int) -> Standing | None:
        """Return one forecast as if its forecaster had made no other, scored or not."""
        if state.outcome is None or state.outcome in VOID:
            return None
        rows = [r for r in forecast_rows(self._reader, questions=[state.root]) if r.seq == seq]
        series = self.stretches(state, rows)
        counted = series.together if self.filters.claimed else series.proven
        by_seq = {row.seq: row for row in rows}
        name = self.names[rows[0].forecaster] if rows else ""
        return self._standing(state, name, counted, by_seq)

    def stretches(self, state: QuestionState, rows: Sequence[ForecastRow]) -> Series:
        """Return when the forecasts of one series stood, and on whose word."""
        return series_of(
            (self._stated(row) for row in rows),
            opens=state.opens,
            closes=state.closes,
            known=state.known,
            until=self._now,
        )

    def _stated(self, row: ForecastRow) -> Stated:
        published = self._readings.published(row.seq)
        if published is None and row.record is not None:
            # A platform's own time-stamped record shows the moment the forecast was made.
            published = row.made
        # A number that was read out of a statement is taken back with the statement.
        ended = row.ended or self._readings.unread.get(row.seq)
        return Stated(row.seq, row.made, row.recorded_at, published, row.withdrawal, ended)

    def _standing(
        self,
        state: QuestionState,
        name: str,
        stretches: Sequence[Stretch],
        rows: dict[int, ForecastRow],
    ) -> Standing | None:
        if not stretches:
            return None
        said = [rows[stretch.seq] for stretch in stretches]
        return Standing(
            question=state,
            forecaster=name,
            parts=tuple(row.yes or 0 for row in said),
            low=tuple(row.yes or 0 if row.low is None else row.low for row in said),
            high=tuple(row.yes or 0 if row.high is None else row.high for row in said),
            starts=tuple(whole_seconds(stretch.start) for stretch in stretches),
            ends=tuple(whole_seconds(stretch.end) for stretch in stretches),
            seqs=tuple(stretch.seq for stretch in stretches),
            grades=tuple(stretch.grade for stretch in stretches),
        )


def _first_recorded(rows: Sequence[ForecastRow]) -> dict[When, datetime]:
    """Return when the first forecast of each moment was recorded."""
    firsts: dict[When, datetime] = {}
    for row in rows:
        firsts[row.made] = min(row.recorded_at, firsts.get(row.made, row.recorded_at))
    return firsts


def _is_late_rival(
    row: ForecastRow, firsts: dict[When, datetime], known: datetime | None = None
) -> bool:
    """Whether another of the same moment was recorded more than a day before, and this in time."""
    if known is not None and row.recorded_at >= known:
        return False
    return row.recorded_at - firsts[row.made] > GRACE


def _order(standing: Standing) -> tuple[str, str]:
    return (standing.question.key, standing.forecaster)


class _Names(dict[int, str]):
    """The names of forecasters by their roots, looked up as they are met."""

    def __init__(self, reader: Reader) -> None:
        super().__init__()
        self._reader = reader

    def __missing__(self, root: int) -> str:
        self[root] = name = str(self._reader.load([root], "forecaster")[0].entry.name)
        return name


class _Link(NamedTuple):
    """A reading of a forecast, and when it was taken out of force, if it was."""

    recorded_at: datetime
    primary: bool
    ended: datetime | None


class _Readings:
    """What links forecasts to the statements and sources they read."""

    def __init__(self, reader: Reader, places: Sequence[int] | None = None) -> None:
        some: dict[str, Any] = {}
        if places is not None:
            some["forecast"] = reader.seqs("forecast", question=places)
        readings: list[Recorded[Reading]] = reader.find("reading", **some)
        ever: list[Recorded[Reading]] = reader.find("reading", in_force=False, **some)
        self._of: dict[int, list[tuple[bool, Digest]]] = defaultdict(list)
        read = reader.places_of({row.entry.forecast for row in ever})
        ended = taken_out(reader, "reading") if ever else {}
        self._ever: dict[int, list[_Link]] = defaultdict(list)
        for row in ever:
            link = _Link(row.recorded_at, row.entry.primary, ended.get(row.seq))
            self._ever[read[row.entry.forecast][0]].append(link)
        for row in readings:
            seq = read[row.entry.forecast][0]
            self._of[seq].append((row.entry.primary, row.entry.statement))
        named = reader.places_of({row.entry.statement for row in readings}).values()
        statements: list[Recorded[Statement]] = reader.load(sorted({seq for seq, _ in named}))
        self._source_of = {row.digest: row.entry.source for row in statements}
        gone = retracted_at(reader, "statement") if statements else {}
        self._gone = {row.digest: gone[row.seq] for row in statements if row.seq in gone}
        self.unread = self._unread(reader) if self._gone else {}
        self._published, self._root = _publications(reader, set(self._source_of.values()))

    def is_counted(self, row: ForecastRow, known: datetime | None) -> bool:
        """Whether a forecast counts: it reads nothing, or is a primary reading.

        A reading put on a forecast later makes no alternative of it, and once the outcome
        is known nobody changes which reading is primary: either would be a way to take a bad
        forecast out of the score.
        """
        ever = self._ever.get(row.seq, [])
        if not ever or ever[0].recorded_at - row.recorded_at > SLIP_WINDOW:
            return True
        before = [r for r in ever if known is not None and r.recorded_at < known]
        standing = [
            r for r in before or ever if r.ended is None or (before and known and r.ended >= known)
        ]
        return not standing or any(r.primary for r in standing)

    def _unread(self, reader: Reader) -> dict[int, datetime]:
        """Return since when coded forecasts have no statement left that they are read out of."""
        ends = {
            seq: [self._gone.get(statement) for _, statement in self._of[seq]]
            for seq in reader.coded() & self._of.keys()
        }
        return {seq: max(e for e in found if e) for seq, found in ends.items() if all(found)}

    def _statements_of(self, seq: int) -> list[Digest]:
        """Return the statements that carry a forecast, one taken back only if it went too."""
        found = [statement for _, statement in self._of.get(seq, ())]
        return [s for s in found if s not in self._gone or seq in self.unread]

    def sources_of(self, seq: int) -> set[int]:
        """Return the roots of the sources a forecast reads."""
        return {self._root[self._source_of[statement]] for statement in self._statements_of(seq)}

    def published(self, seq: int) -> When | None:
        """Return the earliest publication that carries a forecast."""
        moments = [
            self._published[self._source_of[statement]] for statement in self._statements_of(seq)
        ]
        return min(moments, default=None)


def _publications(
    reader: Reader, sources: set[Digest]
) -> tuple[dict[Digest, When], dict[Digest, int]]:
    """Return for these source entries when each was published, and its root.

    Of a corrected source the correction's date holds; of a disputed one the latest.
    """
    named = [seq for seq, _ in reader.places_of(sorted(sources)).values()]
    chosen = sorted({reader.root_map_of("source", seq) for seq in named})
    everything: list[Recorded[Source]] = reader.find("source", in_force=False, root=chosen)
    roots = {seq: root for root in chosen for seq in reader.of_root("source", root)}
    latest: dict[int, When] = {}
    for row in reader.find("source", root=chosen):
        root = roots[row.seq]
        published = row.entry.published
        if root not in latest or published.last > latest[root].last:
            latest[root] = published
    return (
        {row.digest: latest.get(roots[row.seq], row.entry.published) for row in everything},
        {row.digest: roots[row.seq] for row in everything},
    )


def _check_there_are(reader: Reader, filters: Filters) -> None:
    """Refuse a tag or a family that nothing has, as names nobody has are refused."""
    for tag in filters.tags:
        if not reader.seqs("label", in_force=False, label=tag):
            labels = reader.find("label", present=True)
            raise _not_there("tag", tag, {row.entry.label for row in labels})
    for key in filters.families:
        if not reader.seqs("family", in_force=False, key=key):
            raise _not_there("family", key, {row.entry.key for row in reader.find("family")})


def _not_there(what: str, name: str, known: set[str]) -> NotFoundError:
    some = sorted(known)
    there = f" There are: {', '.join(some[:8])}." if some else " None is recorded yet."
    more = f" And {len(some) - 8:,} more." if len(some) > 8 else ""
    return NotFoundError(f'there is no {what} "{name}".{there}{more}')


def _chosen_sources(reader: Reader, keys: Sequence[str]) -> set[int] | None:
    if not keys:
        return None
    roots = set()
    for key in keys:
        root = reader.roots("source", "key", key)
        if root is None:
            known = sorted(row.entry.key for row in reader.find("source"))
            there = f" There are: {', '.join(known[:5])}." if known else " None is recorded yet."
            raise NotFoundError(f'there is no source "{key}".{there}')
        roots.add(root)
    return roots


def _chosen_forecasters(reader: Reader, names: Sequence[str]) -> list[int] | None:
    if not names:
        return None
    roots = []
    for name in names:
        root = reader.roots("forecaster", "name", name)
        if root is None:
            known = sorted({row.entry.name for row in reader.find("forecaster")})
            there = f" There are: {', '.join(known[:8])}." if known else " None is recorded yet."
            raise NotFoundError(f'there is no forecaster "{name}".{there}')
        roots.append(root)
    return roots
