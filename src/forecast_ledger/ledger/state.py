"""What is in force about a question: its wording, outcome, tags, families and status."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forecast_ledger.domain.entries import (
    REPLACE,
    VOID,
    Family,
    Forecast,
    Label,
    Question,
    Resolution,
    Revision,
    Wording,
)
from forecast_ledger.domain.fields import Digest
from forecast_ledger.domain.moments import When
from forecast_ledger.domain.recorded import SLIP_WINDOW, Recorded
from forecast_ledger.store.ended import retracted_at
from forecast_ledger.store.read import Reader
from forecast_ledger.store.write import Writer

OPEN = "open"
OVERDUE = "overdue"
RESOLVED = "resolved"
DISPUTED = "disputed"
UNDONE = "undone"
STATUSES = (OPEN, OVERDUE, RESOLVED, "annulled", "ambiguous", DISPUTED)


@dataclass(frozen=True, slots=True)
class QuestionState:
    """A question as it stands. `root` is its place in the log.

    `window` is the wording whose opening and deadline count, and `ended` are the places of
    wordings whose forecasts a replacement ended; once the outcome was known, a later wording
    changes neither.
    Where wording or resolution are disputed (two in force), they are None and the status
    says so. A question undone by whoever typed it has no wording at all.
    """

    root: int
    key: str
    kind: str
    question: Digest
    entries: tuple[Digest, ...]
    wordings: tuple[Recorded[Question | Revision], ...]
    window: Wording | None
    ended: frozenset[int]
    resolutions: tuple[Recorded[Resolution], ...]
    tags: tuple[str, ...]
    families: tuple[str, ...]
    now: datetime

    @property
    def wording(self) -> Wording | None:
        """The wording in force, or None if there is none, or more than one."""
        return self.wordings[0].entry.wording if len(self.wordings) == 1 else None

    @property
    def text(self) -> str:
        """The question as it is put; the first of those in dispute."""
        return self.wordings[0].entry.wording.text if self.wordings else ""

    @property
    def resolution(self) -> Recorded[Resolution] | None:
        """The resolution in force, or None if there is none, or more than one."""
        return self.resolutions[0] if len(self.resolutions) == 1 else None

    @property
    def deadline(self) -> When | None:
        """The deadline as it was stated."""
        return self.window.closes if self.window else None

    @property
    def closes(self) -> datetime | None:
        """The deadline, half-open: the first moment a forecast no longer counts."""
        return self.deadline.end if self.deadline else None

    @property
    def opens(self) -> datetime | None:
        """The first moment a forecast counts, where one was stated."""
        return self.window.opens.start if self.window and self.window.opens else None

    @property
    def due_when(self) -> When | None:
        """When the question should be resolvable: as stated, else its deadline."""
        return (self.wording.due or self.wording.closes) if self.wording else None

    @property
    def due(self) -> datetime | None:
        """The moment from which an open question is overdue."""
        return self.due_when.end if self.due_when else None

    @property
    def outcome(self) -> str | None:
        """The outcome in force."""
        return self.resolution.entry.outcome if self.resolution else None

    @property
    def known(self) -> When | None:
        """When the outcome became known."""
        return self.resolution.entry.known if self.resolution else None

    @property
    def firmness(self) -> str:
        """How firm the outcome is, empty where there is none."""
        return self.resolution.entry.firmness if self.resolution else ""

    @property
    def is_early(self) -> bool:
        """Whether the question was answered before a deadline that still lies ahead."""
        return self.resolution is not None and self.closes is not None and self.closes > self.now

    @property
    def status(self) -> str:
        """One of STATUSES, or "undone"."""
        if not self.wordings:
            return UNDONE
        if len(self.wordings) > 1 or len(self.resolutions) > 1:
            return DISPUTED
        if self.resolution:
            outcome = self.resolution.entry.outcome
            return outcome if outcome in VOID else RESOLVED
        return OVERDUE if self.due is not None and self.due <= self.now else OPEN


def question_states(
    reader: Reader,
    now: datetime,
    roots: Sequence[int] | None = None,
    *,
    proposed: Sequence[Recorded[Resolution]] = (),
) -> dict[int, QuestionState]:
    """Return the state of the questions with these roots, or of all, by root.

    `proposed` are resolutions of these that are not recorded: what they would come to.
    """
    some: dict[str, Any] = {} if roots is None else {"root": sorted(roots)}
    everything = reader.find("question", in_force=False, **some)
    root_of = reader.root_map("question") if roots is None else _roots(reader, roots)
    by_digest = {row.digest: root_of[row.seq] for row in everything}
    seqs = [row.seq for row in everything]
    about: dict[str, Any] = {} if roots is None else {"question": seqs}
    wordings = _wordings(reader, everything, root_of, about)
    resolutions: dict[int, list[Recorded[Resolution]]] = defaultdict(list)
    for row in (*reader.find("resolution", **about), *proposed):
        resolutions[by_digest[row.entry.question]].append(row)
    tags: dict[int, set[str]] = defaultdict(set)
    label: Recorded[Label]
    for label in reader.find("label", **about):
        if label.entry.present:
            tags[by_digest[label.entry.question]].add(label.entry.label)
    families = _families(reader, by_digest, None if roots is None else seqs)

    firsts = {root_of[row.seq]: row for row in reversed(everything)}
    entries: dict[int, list[Digest]] = defaultdict(list)
    for row in everything:
        entries[root_of[row.seq]].append(row.digest)
    return {
        root: QuestionState(
            root=root,
            key=first.entry.key,
            kind=first.entry.kind,
            question=first.digest,
            entries=tuple(entries[root]),
            wordings=tuple(wordings[root].heads()),
            **wordings[root].before(resolutions[root]),
            resolutions=tuple(resolutions[root]),
            tags=tuple(sorted(tags[root])),
            families=tuple(sorted(families[root])),
            now=now,
        )
        for root, first in sorted(firsts.items())
    }


@dataclass(slots=True)
class _Wordings:
    """Every wording of one question that is no slip, and what each replaces."""

    rows: list[Recorded[Question | Revision]]
    replaced: dict[int, set[int]]

    def heads(
        self, rows: Sequence[Recorded[Question | Revision]] | None = None
    ) -> list[Recorded[Question | Revision]]:
        """Return those of `rows` that none of them replaces, each that says the same once.

        Who wrote the same words down, and when, is nothing to dispute about: of those the first
        recorded here stands.
        """
        rows = self.rows if rows is None else rows
        gone = {old for row in rows for old in self.replaced.get(row.seq, ())}
        said: dict[object, Recorded[Question | Revision]] = {}
        for row in rows:
            if row.seq not in gone:
                wording = row.entry.wording
                same = (wording.text, wording.criteria, wording.opens, wording.closes, wording.due)
                said.setdefault(same, row)
        return list(said.values())

    def before(self, resolutions: Sequence[Recorded[Resolution]]) -> dict[str, Any]:
        """Return the window and the ended wordings as they were when the outcome was known.

        A question that was itself recorded later has no wording from before: then its own
        count.
        """
        known = resolutions[0].entry.known.start if len(resolutions) == 1 else None
        rows = [row for row in self.rows if known is None or row.recorded_at < known] or self.rows
        heads = self.heads(rows)
        ended = {
            old
            for row in rows
            if isinstance(row.entry, Revision) and row.entry.effect == REPLACE
            for old in self.replaced.get(row.seq, ())
        }
        return {
            "window": heads[0].entry.wording if len(heads) == 1 else None,
            "ended": frozenset(ended),
        }


def _wordings(
    reader: Reader,
    questions: Sequence[Recorded[Question]],
    root_of: dict[int, int],
    about: dict[str, Any],
) -> dict[int, _Wordings]:
    """Return the wordings of every question. One taken back is gone if that was a slip.

    Later than a slip a wording is not taken back but revised, or the question annulled: else
    whoever regrets a forecast could make its question disappear.
    """
    by_digest = {row.digest: root_of[row.seq] for row in questions}
    found: dict[int, _Wordings] = defaultdict(lambda: _Wordings([], {}))
    revisions: list[Recorded[Revision]] = reader.find("revision", in_force=False, **about)
    rows: list[Recorded[Any]] = [*questions, *revisions]
    places = [row.seq for row in rows] if about else None
    undone = retracted_at(reader, "question", "revision", places=places)
    replacing = reader.replaced_by([row.seq for row in rows if row.entry.replaces])
    for row in sorted(rows, key=lambda row: row.seq):
        revised = isinstance(row.entry, Revision)
        root = by_digest[row.entry.question] if revised else root_of[row.seq]
        wordings = found[root]
        if row.seq in undone and undone[row.seq] - row.recorded_at <= SLIP_WINDOW:
            continue
        wordings.rows.append(row)
        wordings.replaced[row.seq] = replacing.get(row.seq, set())
    return found


def _roots(reader: Reader, roots: Iterable[int]) -> dict[int, int]:
    return {seq: root for root in roots for seq in reader.of_root("question", root)}


def _families(
    reader: Reader, by_digest: dict[Digest, int], places: Sequence[int] | None
) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    some: dict[str, Any] = {}
    if places is not None:
        some["seq"] = reader.naming("family", "questions", places)
    row: Recorded[Family]
    for row in reader.find("family", **some):
        for question in row.entry.questions:
            if question in by_digest:
                found[by_digest[question]].add(row.entry.key)
    return found


def ended_wording(reader: Reader, state: QuestionState, said: Forecast) -> bool:
    """Return whether a forecast was made on a wording that a replacement ended."""
    if not state.ended:
        return False
    answered = said.revision or said.question
    return reader.places_of([answered])[answered][0] in state.ended


def state_at(reader: Writer, root: int) -> QuestionState:
    """Return the question an entry belongs to, as it stands now."""
    place = reader.root_map_of("question", root)
    return question_states(reader, reader.now, [place])[place]


def new_state(writer: Writer, rows: Sequence[Recorded[Any]]) -> QuestionState:
    """Return the state of the question that was recorded with these entries, all of it."""
    question: Recorded[Question] = rows[0]
    return QuestionState(
        root=writer.root_map_of("question", question.seq),
        key=question.entry.key,
        kind=question.entry.kind,
        question=question.digest,
        entries=(question.digest,),
        wordings=(question,),
        window=question.entry.wording,
        ended=frozenset(),
        resolutions=(),
        tags=tuple(sorted(row.entry.label for row in rows if isinstance(row.entry, Label))),
        families=(),
        now=writer.now,
    )
