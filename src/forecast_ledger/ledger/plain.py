"""Plain questions: what a score needs of a question with one wording and at most one outcome."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from forecast_ledger.domain.entries import VOID
from forecast_ledger.domain.moments import When
from forecast_ledger.ledger.state import OPEN, OVERDUE, RESOLVED
from forecast_ledger.store.plain import family_members, plain_questions, tags_of_all
from forecast_ledger.store.read import Reader


@dataclass(frozen=True, slots=True)
class PlainQuestion:
    """A question as it stands, by the names `QuestionState` has for the same."""

    root: int
    key: str
    text: str
    opens: datetime | None
    closes: datetime | None
    due: datetime | None
    outcome: str | None
    known: When | None
    firmness: str
    tags: tuple[str, ...]
    families: tuple[str, ...]
    now: datetime
    deadline: When | None = None

    @property
    def is_early(self) -> bool:
        """Whether the question was answered before a deadline that still lies ahead."""
        return self.outcome is not None and self.closes is not None and self.closes > self.now

    @property
    def status(self) -> str:
        """Open, overdue, resolved, or how it was voided."""
        if self.outcome is not None:
            return self.outcome if self.outcome in VOID else RESOLVED
        return OVERDUE if self.due is not None and self.due <= self.now else OPEN


def plain_states(
    reader: Reader, now: datetime, apart: Collection[int], *, tagged: bool
) -> dict[int, PlainQuestion]:
    """Return every question but those `apart`, by root; its tags only if `tagged`."""
    families: dict[int, list[str]] = defaultdict(list)
    for key, place in family_members(reader):
        families[place].append(key)
    tags: dict[int, list[str]] = defaultdict(list)
    for place, tag in tags_of_all(reader) if tagged else ():
        tags[place].append(tag)
    return {
        row.root: PlainQuestion(
            root=row.root,
            key=row.key,
            text=row.text,
            opens=row.opens.start if row.opens else None,
            closes=row.closes.end if row.closes else None,
            due=due.end if (due := row.due or row.closes) else None,
            outcome=row.outcome,
            known=row.known,
            firmness=row.firmness or "",
            tags=tuple(sorted(set(tags.get(row.root, ())))),
            families=tuple(sorted(set(families.get(row.root, ())))),
            now=now,
            deadline=row.closes,
        )
        for row in plain_questions(reader, apart)
    }
