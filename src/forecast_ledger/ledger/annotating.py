"""Recording what is put beside forecasts: notes, tags, families and sources."""

from __future__ import annotations

from collections.abc import Sequence

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import Evidence, Family, Label, Note, Source
from forecast_ledger.domain.fields import Digest
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.errors import ConflictError, NotFoundError
from forecast_ledger.ledger.base import LedgerBase
from forecast_ledger.ledger.state import QuestionState, question_states, state_at
from forecast_ledger.store.write import Writer


class Annotating(LedgerBase):
    """Use cases that put something beside questions and forecasts."""

    def note(
        self, key: str, text: str, *, author: str, evidence: Sequence[Evidence] = ()
    ) -> QuestionState:
        """Put a note, and evidence for it, on a question."""
        with self._writer() as writer:
            state = self._state(writer, key, writer.now)
            note = Note(
                target=state.question,
                author=author,
                text=text,
                evidence=tuple(digest_of(item) for item in evidence),
            )
            self._put(writer, [*evidence, note])
            return state

    def label(
        self, key: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> QuestionState:
        """Put tags on a question and take tags off it."""
        with self._writer() as writer:
            state = self._state(writer, key, writer.now)
            for tag in remove:
                if tag not in state.tags:
                    raise NotFoundError(f"{state.key} has no tag {tag} to take off.")
            changes = [(tag, True) for tag in add if tag not in state.tags]
            changes += [(tag, False) for tag in remove]
            for tag, present in changes:
                before = writer.find(
                    "label", question=writer.of_root("question", state.root), label=tag
                )
                self._put(
                    writer,
                    [
                        Label(
                            question=state.question,
                            label=tag,
                            present=present,
                            replaces=tuple(row.digest for row in before),
                        )
                    ],
                )
            return state_at(writer, state.root)

    def family(
        self, key: str, questions: Sequence[str], *, title: str | None = None
    ) -> tuple[str, tuple[QuestionState, ...]]:
        """Declare that questions turn on one event, beside those already declared."""
        with self._writer() as writer:
            states = [self._state(writer, typed, writer.now) for typed in questions]
            for state in states:
                if other := [name for name in state.families if name != key]:
                    raise ConflictError(
                        f"{state.key} is in the family {other[0]} already; a question turns on"
                        " one event."
                    )
            family = self.join(writer, key, title, [state.question for state in states])
            roots = [place[0] for place in writer.places_of(family.questions).values()]
            found = question_states(writer, writer.now, roots)
            return key, tuple(found.values())

    def join(
        self, writer: Writer, key: str, title: str | None, questions: Sequence[Digest]
    ) -> Family:
        """Put questions into a family beside those in it, and return it; record it if it is new."""
        before = writer.find("family", key=key)
        members = dict.fromkeys(q for row in before for q in row.entry.questions)
        members.update(dict.fromkeys(questions))
        titles = [row.entry.title for row in before if row.entry.title]
        family = Family(
            key=key,
            title=title or (titles[-1] if titles else None),
            questions=tuple(members),
            replaces=tuple(row.digest for row in before),
        )
        if any(
            row.entry.questions == family.questions and row.entry.title == family.title
            for row in before
        ):
            return family
        self._put(writer, [family])
        return family

    def source(self, source: Source) -> Recorded[Source]:
        """Record something published, so that statements of it can be quoted."""
        with self._writer() as writer:
            (appended,) = self._put(writer, [source])
            return appended.recorded
