"""What is in force about a question: its wording, outcome, tags, families and status."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from forecast_ledger.domain.entries import (
    VOID,
    Family,
    Label,
    Question,
    Resolution,
    Revision,
    Wording,
)
from forecast_ledger.domain.fields import Digest
from forecast_ledger.domain.moments import When
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.store.read import Reader

OPEN = "open"
OVERDUE = "overdue"
RESOLVED = "resolved"
DISPUTED = "disputed"
UNDONE = "undone"
STATUSES = (OPEN, OVERDUE, RESOLVED, "annulled", "ambiguous", DISPUTED)


@dataclass(frozen=True, slots=True)
class QuestionState:
    """A question as it stands. `root` is its place in the log.

    Where wording or resolution are disputed (two in force), they are None and the status
    says so. A question undone by whoever typed it has no wording at all.
    """

    root: int
    key: str
    kind: str
    question: Digest
    entries: tuple[Digest, ...]
    wordings: tuple[Recorded[Question | Revision], ...]
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
    def closes(self) -> datetime | None:
        """The deadline, half-open: the first moment a forecast no longer counts."""
        return self.wording.closes.end if self.wording and self.wording.closes else None

    @property
    def opens(self) -> datetime | None:
        """The first moment a forecast counts, where one was stated."""
        return self.wording.opens.start if self.wording and self.wording.opens else None

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
    reader: Reader, now: datetime, roots: Sequence[int] | None = None
) -> dict[int, QuestionState]:
    """Return the state of the questions with these roots, or of all, by root."""
    some: dict[str, Any] = {} if roots is None else {"root": sorted(roots)}
    everything = reader.find("question", in_force=False, **some)
    root_of = reader.root_map("question") if roots is None else _roots(reader, roots)
    by_digest = {row.digest: root_of[row.seq] for row in everything}
    standing = reader.state_of([row.seq for row in everything])
    seqs = [row.seq for row in everything]
    about: dict[str, Any] = {} if roots is None else {"question": seqs}

    wordings: dict[int, list[Recorded[Question | Revision]]] = defaultdict(list)
    for row in everything:
        if standing[row.seq] == "in force":
            wordings[root_of[row.seq]].append(row)
    for row in reader.find("revision", **about):
        wordings[by_digest[row.entry.question]].append(row)
    resolutions: dict[int, list[Recorded[Resolution]]] = defaultdict(list)
    for row in reader.find("resolution", **about):
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
            wordings=tuple(wordings[root]),
            resolutions=tuple(resolutions[root]),
            tags=tuple(sorted(tags[root])),
            families=tuple(sorted(families[root])),
            now=now,
        )
        for root, first in sorted(firsts.items())
    }


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
