"""One source's page: what its author said, how it was read, and how it came out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from forecast_ledger.domain.entries import (
    REFUSALS,
    SCORED,
    Counterpart,
    Evidence,
    Forecast,
    Lexicon,
    Reading,
    Source,
    Statement,
)
from forecast_ledger.domain.moments import When
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.errors import ConflictError, NotFoundError
from forecast_ledger.ledger.base import View
from forecast_ledger.ledger.coded import is_after
from forecast_ledger.ledger.gathering import Filters, Gathering, Standing
from forecast_ledger.ledger.sampling import Sampling
from forecast_ledger.ledger.scores import Line, Score, Scores, rule_of, score_of, tallied
from forecast_ledger.ledger.state import RESOLVED, QuestionState, question_states
from forecast_ledger.store.forecasts import forecast_rows
from forecast_ledger.store.read import Reader

COMPARED_WITHIN = 30
"""Days from a statement within which a platform's number stands beside it."""
FEWEST_PAIRS = 6
"""Pairs below which no verdict between two forecasters is possible (2/2⁶ is 3 %)."""
EARLY = "early"
"""Answered before a deadline that still lies ahead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A forecast read out of the source, with the reading that led to it.

    `line` is its score, None while nothing is settled. Numbers are 0 to 1, of yes. A
    statement that was `taken_back` when the forecast had been witnessed still has its line.
    """

    state: QuestionState
    forecast: Recorded[Forecast]
    reading: Reading
    statement: Statement
    line: Line | None
    with_it: float | None = None
    taken_back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The author's probability beside a platform's, `lag` days after the publication."""

    state: QuestionState
    primary: bool
    author: float
    platform: str
    other: QuestionState
    probability: float
    asked: When
    lag: int
    closeness: str
    difference: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """What is on file against the outcome in force of a question."""

    state: QuestionState
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """The page of one source.

    `statements` were read, `made_into_questions` of them scored and the others `refused`,
    counted by verdict. Of the forecasts read (`primary`), `in_words` were read from words
    and `given` are numbers of the author's own; `coders` read the others, on the days
    `coded`, `not_blind` of them after the outcome was known. `statuses` counts the questions
    of primary readings, those answered before a deadline that still lies ahead as "early";
    `firmness` counts those the
    score is about. `after_outcome` forecasts were recorded after the
    outcome was known. `largest_family` is how many resolved questions turn on one event, the
    one `largest_family_title` names. `too_late` are the lags, in days, of platforms' numbers
    not compared.
    """

    source: Source
    corrected: bool
    score: Score
    statements: int
    made_into_questions: int
    refused: dict[str, int]
    in_words: int
    given: int
    coders: tuple[str, ...]
    coded: tuple[When, ...]
    not_blind: int
    deadline_from: dict[str, int]
    status_quo: int
    primary: tuple[Read, ...]
    others: tuple[Read, ...]
    statuses: dict[str, int]
    firmness: dict[str, int]
    pairs: tuple[Pair, ...]
    too_late: tuple[int, ...]
    against: tuple[Against, ...]
    lexicons: tuple[Lexicon, ...]
    after_outcome: int
    largest_family: int
    largest_family_title: str | None


class Articles(Scores):
    """Use cases about a source."""

    def source_named(self, key: str, *, as_of: datetime | None = None) -> Source:
        """Return the source of that key, as it is in force."""
        with self._view(as_of) as view:
            return _source(view.reader, key)

    def article(
        self, key: str, filters: Filters | None = None, *, as_of: datetime | None = None
    ) -> Article:
        """Return the page of one source. `filters` may give policy, level, scale and `claimed`."""
        filters = filters or Filters()
        with self._view(as_of) as view:
            return _article(view, _source(view.reader, key), filters)


def _source(reader: Reader, key: str) -> Source:
    found: list[Recorded[Source]] = reader.find("source", key=key)
    if not found:
        known = ", ".join(sorted({row.entry.key for row in reader.find("source")}))
        there = f"There are: {known}." if known else "None is recorded yet."
        raise NotFoundError(f'there is no source "{key}". {there}')
    if len(found) > 1:
        raise ConflictError(
            f"the source {key} is disputed: {len(found)} entries describe it. Import one that"
            " replaces them."
        )
    return found[0].entry


def _article(view: View, source: Source, filters: Filters) -> Article:
    reader, now = view.reader, view.now
    chosen = Filters(
        sources=(source.key,),
        who=filters.who,
        tags=filters.tags,
        families=filters.families,
        known_since=filters.known_since,
        known_until=filters.known_until,
        policy=filters.policy,
        claimed=filters.claimed,
        level=filters.level,
        brier_scale=filters.brier_scale,
    )
    gathering = Gathering(reader, now, question_states(reader, now), chosen)
    gathered = gathering.gather()
    sampling = Sampling(reader, now, chosen, rule_of(chosen))
    sampled = sampling.of_gathered(gathered, len(gathering.states))
    score = score_of(view, sampled, chosen, None)
    statements = _statements(reader, source.key)
    scored = {
        seq for s in (*gathered.counted, *gathered.early, *gathered.claimed) for seq in s.seqs
    }
    read = _reads(reader, gathering, source.key, scored)
    lines = {(line.key, line.forecaster): line for line in score.lines}
    primary: list[Read] = []
    others: list[Read] = []
    for state, name, forecast, reading, statement, taken_back in read:
        line = lines.get((state.key, name)) if reading.primary else None
        item = Read(
            state=state,
            forecast=forecast,
            reading=reading,
            statement=statement,
            line=line,
            taken_back=taken_back,
        )
        (primary if reading.primary else others).append(item)
    primary = _each_once(primary)
    alternatives = tuple(
        _beside(gathering, item, gathered.counted, primary, chosen) for item in _each_once(others)
    )
    asked = {item.state.root: item.state for item in primary}
    settled = [
        state
        for state in asked.values()
        if state.status == RESOLVED and (score.about == EARLY or not state.is_early)
    ]
    pairs, too_late = _pairs(view, gathering, [*primary, *alternatives], source.published)
    verdicts = Counter(row.entry.verdict for row in statements)
    families = Counter(family for state in settled for family in state.families)
    largest, size = max(families.items(), key=lambda f: (f[1], f[0]), default=("", 0))
    forecasts = [item.forecast for item in primary]
    return Article(
        source=source,
        corrected=bool(source.replaces),
        score=score,
        statements=len(statements),
        made_into_questions=verdicts[SCORED],
        refused={
            verdict: verdicts[verdict]
            for verdict in sorted(REFUSALS, key=lambda v: (-verdicts[v], v))
            if verdicts[verdict]
        },
        in_words=sum(f.entry.words is not None for f in forecasts),
        given=sum(f.entry.words is None and f.entry.coder is None for f in forecasts),
        coders=tuple(sorted({f.entry.coder for f in forecasts if f.entry.coder})),
        coded=tuple(sorted({f.entry.coded for f in forecasts if f.entry.coded})),
        not_blind=sum(_not_blind(item) for item in primary),
        deadline_from=dict(Counter(i.reading.deadline_from or "reader" for i in primary)),
        status_quo=sum(bool(item.reading.status_quo) for item in primary),
        primary=tuple(primary),
        others=alternatives,
        statuses=dict(Counter(_status(state) for state in asked.values())),
        firmness=dict(Counter(s.resolution.entry.firmness for s in settled if s.resolution)),
        pairs=tuple(pairs),
        too_late=tuple(too_late),
        against=tuple(_against(reader, [*primary, *alternatives])),
        lexicons=tuple(_lexicons(reader, forecasts)),
        after_outcome=sum(
            item.state.known is not None and f.recorded_at >= item.state.known.start
            for item, f in zip(primary, forecasts, strict=True)
        ),
        largest_family=size,
        largest_family_title=_family_title(reader, largest),
    )


def _statements(reader: Reader, key: str, *, ever: bool = False) -> list[Recorded[Statement]]:
    root = reader.roots("source", "key", key)
    places = reader.of_root("source", root) if root is not None else []
    return reader.find("statement", in_force=not ever, source=places)


_Reads = list[tuple[QuestionState, str, Recorded[Forecast], Reading, Statement, bool]]


def _reads(reader: Reader, gathering: Gathering, key: str, scored: Collection[int]) -> _Reads:
    """Return the forecasts that read a source's statements, by deadline.

    Of statements taken back those alone that are scored all the same.
    """
    statements = _statements(reader, key, ever=True)
    states = reader.state_of([row.seq for row in statements])
    gone = {row.digest for row in statements if states[row.seq] == "retracted"}
    by_digest = {row.digest: row.entry for row in statements}
    readings: list[Recorded[Reading]] = reader.find(
        "reading", statement=[row.seq for row in statements]
    )
    carried = {row.entry.forecast for row in readings if row.entry.statement not in gone}
    places = reader.places_of({row.entry.forecast for row in readings})
    standing = reader.state_of([seq for seq, _ in places.values()])
    forecasts: dict[str, Recorded[Forecast]] = {
        row.digest: row for row in reader.load(sorted(seq for seq, _ in places.values()))
    }
    root_of = {entry: s.root for s in gathering.states.values() for entry in s.entries}
    names = _names(reader)
    found: _Reads = []
    for row in readings:
        forecast = forecasts[row.entry.forecast]
        root = root_of.get(forecast.entry.question)
        if root is None or standing[forecast.seq] != "in force":
            continue
        taken_back = row.entry.statement in gone
        if taken_back and (forecast.seq not in scored or row.entry.forecast in carried):
            continue
        state = gathering.states[root]
        name = names[forecast.entry.forecaster]
        statement = by_digest[row.entry.statement]
        found.append((state, name, forecast, row.entry, statement, taken_back))
    far = datetime.max.replace(tzinfo=UTC)
    return sorted(found, key=lambda r: (r[0].closes or far, r[0].key, r[2].entry.made.start))


def _names(reader: Reader) -> dict[str, str]:
    return {row.digest: row.entry.name for row in reader.find("forecaster", in_force=False)}


def _each_once(items: list[Read]) -> list[Read]:
    """Return one item a forecast: two statements may say the same."""
    return list({item.forecast.seq: item for item in reversed(items)}.values())[::-1]


def _not_blind(item: Read) -> bool:
    """Whether criteria or reading were written after the outcome was known."""
    wording = item.state.wording
    written = wording.written if wording else None
    return any(is_after(m, item.state.known) for m in (written, item.forecast.entry.coded))


def _beside(
    gathering: Gathering,
    item: Read,
    counted: Sequence[Standing],
    primary: Sequence[Read],
    filters: Filters,
) -> Read:
    """Return an alternative reading with its own score, and the mean with it in place."""
    alone = gathering.alone(item.state, item.forecast.seq)
    if alone is None or item.state.is_early:
        return item
    _, (line,) = tallied([alone], filters)
    replaced = {
        p.state.root
        for p in primary
        if p.statement == item.statement and p.forecast.seq != item.forecast.seq
    }
    others = [s for s in counted if s.question.root not in replaced]
    mean, _ = tallied([*others, alone], filters) if replaced else (None, ())
    return Read(
        state=item.state,
        forecast=item.forecast,
        reading=item.reading,
        statement=item.statement,
        line=line,
        with_it=mean.score if mean else None,
    )


def _pairs(
    view: View, gathering: Gathering, reads: Sequence[Read], published: When
) -> tuple[list[Pair], list[int]]:
    reader = view.reader
    by_root: dict[int, Read] = {}
    for item in reads:
        by_root.setdefault(item.state.root, item)
    places = [place for root in by_root for place in reader.of_root("question", root)]
    links: list[Recorded[Counterpart]] = reader.find("counterpart", question=places)
    everything = question_states(reader, view.now)
    root_of = {entry: s.root for s in everything.values() for entry in s.entries}
    others = sorted({root_of[link.entry.other] for link in links})
    numbers: dict[int, list[Any]] = defaultdict(list)
    for row in forecast_rows(reader, questions=others):
        if row.yes is not None:
            numbers[row.question].append(row)
    pairs, too_late = [], []
    day = published.day or published.start.date()
    for link in links:
        item = by_root[root_of[link.entry.question]]
        other = everything[root_of[link.entry.other]]
        lags = [
            (abs(((r.made.day or r.made.start.date()) - day).days), r.seq, r)
            for r in numbers[other.root]
        ]
        if not lags:
            continue
        _, _, row = min(lags)
        lag = ((row.made.day or row.made.start.date()) - day).days
        if abs(lag) > COMPARED_WITHIN:
            too_late.append(lag)
            continue
        pairs.append(
            Pair(
                state=item.state,
                primary=item.reading.primary,
                author=item.forecast.entry.answer.yes / 1e9,
                platform=gathering.names[row.forecaster],
                other=other,
                probability=row.yes / 1e9,
                asked=row.made,
                lag=lag,
                closeness=link.entry.closeness,
                difference=link.entry.difference,
            )
        )
    return sorted(pairs, key=lambda pair: (pair.lag, pair.state.key)), sorted(too_late)


def _status(state: QuestionState) -> str:
    return EARLY if state.status == RESOLVED and state.is_early else state.status


def _against(reader: Reader, items: Sequence[Read]) -> list[Against]:
    states = {item.state.root: item.state for item in items}
    found = []
    for state in states.values():
        if state.resolution and (named := state.resolution.entry.against):
            places = reader.places_of(named)
            rows: list[Recorded[Evidence]] = reader.load([places[d][0] for d in named])
            found.append(Against(state=state, evidence=tuple(row.entry for row in rows)))
    return found


def _family_title(reader: Reader, key: str) -> str | None:
    titles = [row.entry.title for row in reader.find("family", key=key)] if key else []
    return next((title for title in titles if title), None)


def _lexicons(reader: Reader, forecasts: Sequence[Recorded[Forecast]]) -> list[Lexicon]:
    named = {row.entry.words.lexicon for row in forecasts if row.entry.words}
    places = reader.places_of(sorted(named))
    loaded = reader.load(sorted(seq for seq, _ in places.values()))
    return sorted((row.entry for row in loaded), key=lambda lexicon: lexicon.key)
