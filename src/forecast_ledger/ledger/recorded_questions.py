"""The recorded questions that those of a table may be, with all that is recorded about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from forecast_ledger.domain.entries import Question, Resolution, Revision, Wording
from forecast_ledger.domain.fields import Digest, text_digest
from forecast_ledger.domain.keys import _bare, same_sentence
from forecast_ledger.domain.moments import text_of
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.ledger.state import UNDONE, QuestionState, question_states
from forecast_ledger.store.read import Reader

if TYPE_CHECKING:
    from forecast_ledger.formats.csv_questions import Asked


class RecordedQuestions:
    """Questions of a ledger, none where `reader` is None. `look_up` adds to them.

    All are by key: `states`, `entries`, `resolutions` and `labels` ever recorded, and
    `revisions`, the later wordings: from when on, place, digest.
    """

    def __init__(self, reader: Reader | None, now: datetime) -> None:
        self._reader = reader
        self._now = now
        self.states: dict[str, QuestionState] = {}
        self.entries: dict[str, list[Recorded[Question]]] = defaultdict(list)
        self.resolutions: dict[str, list[Recorded[Resolution]]] = defaultdict(list)
        self.labels: dict[str, set[str]] = defaultdict(set)
        self.revisions: dict[str, list[tuple[str, int, Digest]]] = defaultdict(list)
        self._by_text: dict[str, set[str]] = defaultdict(set)

    def look_up(self, keys: set[str]) -> None:
        """Read the questions of these keys, those of them that are recorded."""
        if self._reader is None or not self._reader.cut or not keys:
            return
        reader = self._reader
        rows: list[Recorded[Question]] = reader.find("question", in_force=False, key=keys)
        for row in rows:
            self.entries[row.entry.key].append(row)
        if not rows:
            return
        roots = {key: self.entries[key][0].seq for key in keys & self.entries.keys()}
        states = question_states(reader, self._now, list(roots.values()))
        self.states |= {state.key: state for state in states.values()}
        self._note_texts(states.values())
        key_of = {row.digest: row.entry.key for row in rows}
        seqs = [row.seq for row in rows]
        for resolution in reader.find("resolution", in_force=False, question=seqs):
            self.resolutions[key_of[resolution.entry.question]].append(resolution)
        for label in reader.find("label", in_force=False, question=seqs):
            self.labels[key_of[label.entry.question]].add(label.entry.label)
        revisions: list[Recorded[Revision]] = reader.find("revision", in_force=False, question=seqs)
        fates = reader.state_of([row.seq for row in revisions])
        for later in revisions:
            if fates[later.seq] != "retracted":
                since = text_of(later.entry.wording.written.start)
                self.revisions[key_of[later.entry.question]].append(
                    (since, later.seq, later.digest)
                )

    def _note_texts(self, states: Iterable[QuestionState]) -> None:
        for state in states:
            if state.status != UNDONE:
                for wording in self.wordings(state.key):
                    self._by_text[_bare(wording.text)].add(state.key)

    def keys_of_texts(self, asked: Sequence[Asked]) -> set[str]:
        """Return the recorded keys that do not show the text, of texts not found by theirs."""
        texts = {
            bytes.fromhex(text_digest(one.text))
            for one in asked
            if one.key is None and one.text and _bare(one.text) not in self._by_text
        }
        if self._reader is None or not self._reader.cut or not texts:
            return set()
        rows = self._reader.find("question", in_force=False, wording_text=texts)
        return {row.entry.key for row in rows} - self.states.keys()

    def asks(self, key: str, text: str | None) -> bool:
        """Whether the recorded question of that key was ever put in these words."""
        if text is None or self.states[key].status == UNDONE:
            return False
        return any(same_sentence(text, each.text) for each in self.wordings(key))

    def wordings(self, key: str) -> list[Wording]:
        """Return the wordings that a question began with, and those in force."""
        first = [row.entry.wording for row in self.entries[key]]
        return first + [row.entry.wording for row in self.states[key].wordings]

    def in_words(self, text: str) -> list[str]:
        """Return the keys of the questions that were ever put in these words, in order."""
        return sorted(self._by_text[_bare(text)])
