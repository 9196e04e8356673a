"""Taking back the last thing typed, within minutes. It is kept, and not scored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from forecast_ledger.domain.entries import (
    Entry,
    Forecast,
    Label,
    Note,
    Question,
    Resolution,
    Retraction,
    Revision,
    Withdrawal,
)
from forecast_ledger.domain.fields import Digest
from forecast_ledger.domain.recorded import SLIP_WINDOW, Recorded
from forecast_ledger.errors import ConflictError, NotFoundError, UsageError
from forecast_ledger.ledger.base import LedgerBase
from forecast_ledger.ledger.series import series_of, stands
from forecast_ledger.ledger.state import QuestionState, question_states
from forecast_ledger.store.read import Reader
from forecast_ledger.store.write import Writer

_LARGEST_SLIP = 50
_ACTS = (
    "question",
    "revision",
    "forecast",
    "withdrawal",
    "reading",
    "statement",
    "resolution",
    "counterpart",
    "family",
    "label",
    "note",
)


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back, and the forecast that stands again on each question."""

    undone: tuple[Recorded[Entry], ...]
    questions: tuple[QuestionState, ...]
    standing: tuple[tuple[QuestionState, Recorded[Forecast]], ...]
    now: datetime


class Slips(LedgerBase):
    """The use case that takes back a slip."""

    def undo(self, *, by: str) -> Undone:
        """Take back the last thing typed that stands, within ten minutes.

        It is kept, and not scored.
        """
        with self._writer() as writer:
            batch, acts = _last_slip(writer)
            if len(batch) > _LARGEST_SLIP:
                raise UsageError(
                    f"the last thing recorded holds {len(batch)} entries or more, an import;"
                    " only what was typed is undone."
                )
            self._refuse_anothers(writer, acts, by)
            touched = _questions_of(writer, acts)
            self._put(writer, [Retraction(target=row.digest, by=by, slip=True) for row in acts])
            states = question_states(writer, writer.now, list(touched))
            standing = {}
            for row in acts:
                if isinstance(row.entry, Forecast | Withdrawal):
                    place = writer.places_of([row.entry.question])[row.entry.question][0]
                    state = states[writer.root_map_of("question", place)]
                    name = _name_of(writer, row.entry.forecaster)
                    left = stands(writer, state, series_of(writer, state.root, name))
                    if state.wordings and left is not None:
                        standing[left.seq] = (state, left)
            return Undone(acts, tuple(states.values()), tuple(standing.values()), writer.now)

    def _refuse_anothers(self, reader: Reader, acts: Sequence[Recorded[Entry]], by: str) -> None:
        if any(isinstance(r.entry, Question) and r.entry.wording.coder == by for r in acts):
            return  # whoever made the question of a statement typed it all
        for row in acts:
            entry = row.entry
            names = {
                name
                for name in (
                    getattr(entry, "coder", None),
                    getattr(entry, "resolver", None),
                    getattr(entry, "author", None),
                )
                if name
            }
            if isinstance(entry, Forecast | Withdrawal) and not names:
                names = {_name_of(reader, entry.forecaster)}
            if names and by not in names:
                raise ConflictError(
                    f"the last thing recorded is by {', '.join(sorted(names))}, not by {by}."
                    " Only one's own slip is undone; one typed for another: fl undo --who NAME"
                )


def _last_slip(reader: Writer) -> tuple[list[Recorded[Any]], tuple[Recorded[Any], ...]]:
    """Return the last batch that was typed and not undone since, and what is undone of it."""
    for batch in _batches(reader):
        age = reader.now - batch[0].recorded_at
        if age > SLIP_WINDOW:
            that_stands = "" if batch[-1].seq == reader.cut else " that stands"
            raise UsageError(
                f"the last entry{that_stands} was written {_ago(age)}; a slip can be undone within"
                " 10 minutes. Correct it instead: forecast, revise, resolve or reopen again."
            )
        fates = reader.state_of([row.seq for row in batch])
        there = [row for row in batch if row.entry.TYPE in _ACTS]
        acts = tuple(row for row in there if fates[row.seq] != "retracted")
        if acts:
            return batch, acts
        slips = [row for row in batch if isinstance(row.entry, Retraction) and row.entry.slip]
        if not there and not slips:
            raise UsageError(
                f"the last entry is a {batch[-1].entry.TYPE}, which is not undone."
                " What is recorded stays; correct it with a new entry."
            )
    raise NotFoundError("nothing that stands is recorded here, so there is nothing to undo.")


def _batches(reader: Reader) -> Iterator[list[Recorded[Any]]]:
    """Yield what was recorded at one moment each, the newest first; of an import, the end."""
    after = reader.cut
    while after:
        first = max(1, after - _LARGEST_SLIP)
        rows = reader.load(range(first, after + 1))
        batch = [row for row in rows if row.recorded_at == rows[-1].recorded_at]
        yield batch
        after = batch[0].seq - 1


def _questions_of(reader: Reader, rows: Sequence[Recorded[Any]]) -> set[int]:
    digests = set()
    for row in rows:
        if isinstance(row.entry, Question):
            digests.add(row.digest)
        elif isinstance(row.entry, Forecast | Withdrawal | Revision | Resolution | Label):
            digests.add(row.entry.question)
        elif isinstance(row.entry, Note):
            digests.add(row.entry.target)
    places = reader.places_of(sorted(digests)).values()
    return {reader.root_map_of("question", seq) for seq, kind in places if kind == "question"}


def _name_of(reader: Reader, forecaster: Digest) -> str:
    recorded = reader.entry(forecaster)
    return recorded.entry.name if recorded else "?"  # type: ignore[attr-defined]


def _ago(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} minutes ago"
    return f"{minutes // 60} hours ago" if age.days < 2 else f"{age.days} days ago"
