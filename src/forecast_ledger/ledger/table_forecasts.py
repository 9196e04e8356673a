"""The forecasts of a table beside a ledger: which are new, and what they and others add to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import VOID, Entry, Evidence, Note
from forecast_ledger.domain.fields import Digest
from forecast_ledger.domain.moments import text_of
from forecast_ledger.domain.plain_forecasts import INSTANT, made_form, parts_of, plain_digests
from forecast_ledger.domain.probability import WHOLE, format_probability
from forecast_ledger.ledger.imported import Conflict
from forecast_ledger.ledger.table_families import families_of
from forecast_ledger.ledger.table_outcomes import TABLE
from forecast_ledger.ledger.table_overtaken import Overtaken, overtaken_by
from forecast_ledger.ledger.table_people import People, people_of
from forecast_ledger.ledger.table_plan import Planned
from forecast_ledger.ledger.table_questions import Planning
from forecast_ledger.store.read import Reader
from forecast_ledger.store.stage import Stage, forecasts_made
from forecast_ledger.store.write import Writer

if TYPE_CHECKING:
    from forecast_ledger.formats.csv_questions import Asked
    from forecast_ledger.formats.csv_table import Table

CLAIMED, LATE, HINDSIGHT = 1, 2, 3
"""Marks of a forecast: recorded when its outcome was known, and scored apart for that; made after
the deadline; made when its outcome was known."""
LOOKED_UP = "Where this forecast can be looked up"
_NEVER = "~"  # sorts behind every moment
_BATCH = 2_000
_END = slice(INSTANT + 1, 2 * INSTANT + 1)  # of a day written out, its end
_MOST_CONFLICTS = 1_000


@dataclass(slots=True)
class Tally:
    """What the forecasts of a table come to. `marks` counts new ones by their marks.

    `left_out` counts valid rows of questions at fault, `clashing` rows that contradict others.
    """

    forecasts: int = 0
    recorded: int = 0
    repeated: int = 0
    clashing: int = 0
    left_out: int = 0
    certain: int = 0
    hindsight_line: int = 0
    marks: list[int] = field(default_factory=lambda: [0] * (HINDSIGHT + 1))
    conflicts: list[Conflict] = field(default_factory=list)
    more_conflicts: int = 0

    def conflict(self, about: str, difference: str, way: str) -> None:
        """Take a conflict; the first are kept, all are counted."""
        if len(self.conflicts) < _MOST_CONFLICTS:
            self.conflicts.append(Dispute(about, difference, way))
        else:
            self.more_conflicts += 1


@dataclass(frozen=True, slots=True)
class Dispute(Conflict):
    """A conflict of a table with the ledger; `way` is the command that helps to settle it."""

    way: str = ""


_Beside = tuple[int, int, int, int, str | None]
"""What is known of a forecast beside what is recorded of it: rank of the question and of the
forecaster, line, mark, source."""


class Prepared:
    """A table beside a ledger as it is at one moment, laid out behind its log.

    `reader` is None where there is no ledger yet. `base` is the end of its log, and `now` the
    moment that what is new will bear. `faults` are those of the table and of its questions.
    `overtaken` says, once it is laid out, what its outcomes do to recorded forecasts.
    """

    def __init__(
        self,
        reader: Reader | None,
        now: datetime,
        table: Table,
        asked: Sequence[Asked],
        stage: Stage,
    ) -> None:
        self.base = reader.cut if reader else 0
        self.now = max(now, reader.recorded_at) if reader and reader.recorded_at else now
        self.faults = table.faults.copy()
        self.tally = Tally()
        self.overtaken = Overtaken()
        self._contradicted: set[int] = set()
        self._reader = reader
        self._table = table
        self._stage = stage
        planning = Planning(
            reader,
            self.now,
            table.zone,
            table.first_made,
            headers=table.layout.headers,
            fault=self.faults,
        )
        self.planned: list[Planned] = planning.plan(asked)
        self._families, self._families_here = families_of(reader, self.planned, self.faults)
        self._people = self._ranked()
        self._seqs: list[int] = []
        self._who: list[int] = []
        self._noted = 0
        self._notes_here = 0
        for one in self.planned:
            if one.conflict:
                self.tally.conflict(
                    f"question {one.key}, two resolutions",
                    one.conflict,
                    f"fl resolve {one.key} OUTCOME --why ... settles it.",
                )

    def _ranked(self) -> People:
        """Put questions and forecasters in order, those alone that have valid forecasts."""
        spellings = {
            number: rank for rank, one in enumerate(self.planned) for number in one.asked.spellings
        }
        names = self._table.forecasters
        self.tally.left_out = self._stage.rank_questions(spellings)
        used = self._stage.forecasters() if self.faults.count else range(len(names))
        ordered = sorted(used, key=names.__getitem__)
        self._stage.rank_forecasters({number: rank for rank, number in enumerate(ordered)})
        return people_of(self._reader, [names[number] for number in ordered])

    # -- counts ----------------------------------------------------------------------------

    @property
    def adds(self) -> bool:
        """Whether there is anything to record."""
        return self._stage.cut > self._stage.base or bool(self._families)

    @property
    def only_forecaster(self) -> str | None:
        """The one whose forecasts these are, None where several made them."""
        names = self._people.names
        return names[0] if len(names) == 1 else None

    def new(self) -> dict[str, int]:
        """Return how many entries are new, by type."""
        counts = dict(self._stage.counts)
        if self._families:
            counts["family"] = len(self._families)
        return {kind: count for kind, count in sorted(counts.items()) if count}

    def already(self) -> int:
        """Return how many entries the table says that are recorded."""
        people = sum(1 for places in self._people.places if places)
        questions = sum(one.already for one in self.planned)
        return people + questions + self._families_here + self.tally.recorded + self._notes_here

    # -- laying out ------------------------------------------------------------------------

    def lay_out(self, progress: Callable[[float], None]) -> None:
        """Make the entries ready, and count them."""
        stage, people = self._stage, self._people
        stage.lay_out(self.base, self.now)
        recorded: dict[Digest, int] = {one.digest: one.seq for one in self.planned if one.seq}
        stage.append(people.new, {})
        stage.append((entry for one in self.planned for entry in one.entries), recorded)
        self._seqs = [one.seq or stage.place_of(one.digest) for one in self.planned]
        self._who = [
            places[0] if places else stage.place_of(digest)
            for places, digest in zip(people.places, people.digests, strict=True)
        ]
        stage.append_plain(self._watched(progress))
        if self._noted:
            stage.append_last(self._notes())
        if self._reader is not None:
            self.overtaken = overtaken_by(self._reader, self.planned, self.now, self._contradicted)

    def record(self, writer: Writer) -> None:
        """Append what is ready to a log that ends at `base`."""
        self._stage.write(writer)
        writer.append(self._families)

    def _watched(self, progress: Callable[[float], None]) -> Iterator[list[tuple[Any, ...]]]:
        rows = max(1, self._table.read)
        for batch in self._forecasts():
            progress(min(1.0, self.tally.forecasts / rows))
            yield batch

    # One loop, because it runs once a forecast and a call would cost as much as its work.
    def _forecasts(self) -> Iterator[list[tuple[Any, ...]]]:  # noqa: C901
        """Yield new forecasts in the order of question, forecaster and moment, in batches."""
        tally, at = self.tally, text_of(self.now)
        out: list[tuple[Any, ...]] = []
        beside: list[_Beside] = []
        begun: tuple[Any, ...] = (-1, -1, "")
        spoiled = False
        for row in self._stage.rows():
            rank, who, made, yes, line, source = row
            start = made if len(made) == INSTANT else made[:INSTANT]
            if rank != begun[0] or who != begun[1]:
                if rank != begun[0]:
                    one = self.planned[rank]
                    question = self._seqs[rank]
                    known = text_of(one.known.start) if one.known else _NEVER
                    closes = text_of(one.closes.end) if one.closes else _NEVER
                    claimed = CLAIMED if known <= at and self._is_scored(one) else 0
                forecaster = self._who[who]
                digests = _digests(one, self._people.digests[who])
                digest, wording = digests[0], None
            elif start == begun[2][:INSTANT]:
                if not spoiled and row[2:4] == begun[2:4]:
                    tally.repeated += 1
                    if source is not None:
                        self._look_up(out[-1][0], source)
                    continue
                self._clash(row, begun)
                if not spoiled:
                    out.pop()
                    beside.pop()
                    tally.clashing += 1
                tally.clashing += 1
                spoiled = True
                continue
            spoiled = False
            begun = row
            if len(out) >= _BATCH:
                yield self._fresh(out, beside)
                out, beside = [], []
            if one.revisions:
                count = sum(since <= start for since, _, _ in one.revisions)
                digest = digests[count]
                wording = one.revisions[count - 1][1] if count else None
            if start >= known or (start is not made and made[_END] > known):
                mark = HINDSIGHT
            else:
                mark = LATE if start >= closes else claimed
            form = f'"{made}"' if start is made else made_form(made)
            out.append((digest(yes, form), question, wording, forecaster, made, yes))
            beside.append((rank, who, line, mark, source))
        yield self._fresh(out, beside)

    def _is_scored(self, one: Planned) -> bool:
        """Whether an outcome counts: none that is void, disputed or ahead of its deadline does."""
        early = one.closes is not None and one.closes.end > self.now
        return one.outcome not in VOID and not one.conflict and not early

    def _clash(self, row: Sequence[Any], begun: Sequence[Any]) -> None:
        first, second = (_said(each) for each in (begun, row))
        self.faults(
            row[4],
            "probability",
            f"says {second} where line {begun[4]} says {first} of the same forecaster, question"
            " and moment. Keep one.",
        )

    def _fresh(self, out: list[tuple[Any, ...]], beside: list[_Beside]) -> list[tuple[Any, ...]]:
        """Return those of a batch that are not recorded, and count what they are."""
        tally = self.tally
        tally.forecasts += len(out)
        here = self._recorded(out, beside)
        if here:
            tally.recorded += len(here)
            out = [row for n, row in enumerate(out) if n not in here]
            fresh = [each for n, each in enumerate(beside) if n not in here]
        else:
            fresh = beside
        marks = tally.marks
        for row, (_, _, line, mark, source) in zip(out, fresh, strict=True):
            marks[mark] += 1
            if mark == HINDSIGHT and not 0 < tally.hindsight_line < line:
                tally.hindsight_line = line
            if source is not None:
                self._look_up(row[0], source)
        tally.certain += sum(row[5] in (0, WHOLE) for row in out)
        return out

    def _recorded(self, out: Sequence[tuple[Any, ...]], beside: list[_Beside]) -> set[int]:
        """Return which of a batch are recorded, number for number; tell of other numbers.

        Those with another number are claimed no longer: neither is scored.
        """
        reader, people = self._reader, self._people
        known = [
            n
            for n, each in enumerate(beside)
            if self.planned[each[0]].places and people.places[each[1]]
        ]
        if reader is None or not known:
            return set()
        found = reader.places_of([Digest(out[n][0].hex()) for n in known])
        here = {n for n in known if out[n][0].hex() in found}
        for n in here:
            if (source := beside[n][4]) is not None:
                self._look_up(out[n][0], source)
        others: dict[tuple[int, int], list[int]] = defaultdict(list)
        for n in known:
            if n not in here:
                others[beside[n][:2]].append(n)
        for (rank, who), rows in others.items():
            one = self.planned[rank]
            rivals = {
                rival.made[:INSTANT]: rival
                for rival in forecasts_made(
                    reader, one.places, people.places[who], [out[n][4][:INSTANT] for n in rows]
                )
                if rival.in_force
            }
            for n in rows:
                made, yes = out[n][4:]
                rival = rivals.get(made[:INSTANT])
                if rival is None:
                    continue
                if (rival.yes, rival.made) == (yes, made):
                    here.add(n)
                    continue
                beside[n] = _unclaimed(beside[n])
                self._contradicted.add(rival.seq)
                said = format_probability(rival.yes) if rival.yes is not None else "no number"
                self.tally.conflict(
                    f"forecast on {one.key} by {people.names[who]}, made {_moment(made)}",
                    f"{said} here, {format_probability(yes)} on line {beside[n][2]}",
                    f"fl show {one.key} shows both.",
                )
        return here

    # -- where forecasts can be looked up ----------------------------------------------------

    def _look_up(self, digest: bytes, source: str) -> None:
        self._noted += 1
        self._stage.look_up(digest, source)

    def _notes(self) -> Iterator[tuple[list[Entry], dict[Digest, int]]]:
        """Yield new notes with their evidence, and the places of what they name, in batches."""
        last = None
        for batch in self._stage.looked_up():
            noted = [
                (Digest(forecast.hex()), *_note(Digest(forecast.hex()), source))
                for forecast, source in batch
            ]
            named = {digest_of(entry) for _, *entries in noted for entry in entries if entry}
            named.update(target for target, *_ in noted)
            places = self._reader.places_of(sorted(named)) if self._reader else {}
            recorded = {digest: place for digest, (place, _) in places.items()}
            entries: list[Entry] = []
            for target, note, evidence in noted:
                if target not in recorded and not self._stage.holds(target):
                    continue  # its number is recorded, with more than a number
                said: list[Entry] = [note]
                if evidence is not None and digest_of(evidence) != last:
                    last = digest_of(evidence)  # they come by source: the same ones together
                    said.insert(0, evidence)
                fresh = [entry for entry in said if digest_of(entry) not in recorded]
                self._notes_here += len(said) - len(fresh)
                entries += fresh
            yield entries, recorded


def _unclaimed(beside: _Beside) -> _Beside:
    rank, who, line, mark, source = beside
    return rank, who, line, 0 if mark == CLAIMED else mark, source


def _note(forecast: Digest, source: str) -> tuple[Note, Evidence | None]:
    """Return the note that says where a forecast can be looked up. It proves no date."""
    if not source.startswith(("http://", "https://")):
        return Note(target=forecast, author=TABLE, text=f"{LOOKED_UP}: {source}"), None
    evidence = Evidence(url=source)
    cited = (digest_of(evidence),)
    return Note(target=forecast, author=TABLE, text=f"{LOOKED_UP}.", evidence=cited), evidence


def _digests(one: Planned, forecaster: Digest) -> list[Callable[[int, str], bytes]]:
    """Return what makes digests of forecasts on the first wording and on each later one."""
    revisions = [None, *(digest for _, _, digest in one.revisions)]
    return [plain_digests(one.digest, forecaster, revision) for revision in revisions]


def _said(row: Sequence[Any]) -> str:
    number = format_probability(row[3])
    return f"{number} on that day" if len(row[2]) > INSTANT else number


def _moment(made: str) -> str:
    _, _, day = parts_of(made)
    return day or f"{made[:10]} {made[11:19]} UTC"
