"""What belongs to questions: the entries a book of them needs to be whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from forecast_ledger.domain.entries import Counterpart, Family, Question
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.ledger.state import question_states
from forecast_ledger.ledger.views import about, related_to
from forecast_ledger.store.read import Reader


def closure_of(reader: Reader, roots: Sequence[int], now: datetime) -> list[Recorded[Any]]:
    """Return all entries about these questions and their counterparts, and what they name."""
    rows: dict[int, Recorded[Any]] = {}
    waiting, seen = list(roots), set(roots)
    while waiting:
        root = waiting.pop()
        state = question_states(reader, now, [root])[root]
        for row in about(reader, state):
            rows[row.seq] = row
            if isinstance(row.entry, Counterpart):
                place = reader.places_of([row.entry.other])[row.entry.other][0]
                other = reader.root_map_of("question", place)
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)
    questions = {row.digest for row in rows.values() if isinstance(row.entry, Question)}
    for seq, row in list(rows.items()):
        # A family belongs to the book only whole: the others of it are not in there.
        if isinstance(row.entry, Family) and not set(row.entry.questions) <= questions:
            del rows[seq]
    fresh = list(rows.values())
    while fresh:
        # What they name, what corrects or retracts it, and what was said of it, in turn.
        found = related_to(reader, fresh)
        seqs = [row.seq for row in [*fresh, *found]]
        found += reader.load(reader.replacing(seqs))
        for kind in ("note", "retraction"):
            found += reader.find(kind, in_force=False, target=seqs)
        fresh = [row for row in found if row.seq not in rows and not isinstance(row.entry, Family)]
        rows.update({row.seq: row for row in fresh})
    return [rows[seq] for seq in sorted(rows)]
