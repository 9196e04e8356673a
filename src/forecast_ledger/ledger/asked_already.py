"""Whether a new question is asked already: by its key, or by its text and deadline."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from forecast_ledger.domain.entries import Answer, Question, Wording
from forecast_ledger.domain.keys import same_sentence
from forecast_ledger.domain.probability import format_probability
from forecast_ledger.errors import ConflictError
from forecast_ledger.ledger.state import OPEN, OVERDUE, UNDONE, state_at
from forecast_ledger.store.write import Writer

_UNANSWERED = (OPEN, OVERDUE)


def refuse_taken(reader: Writer, question: Question) -> None:
    """Refuse a key that is another question's."""
    root = reader.roots("question", "key", question.key)
    if root is None:
        return
    state = state_at(reader, root)
    if state.status != UNDONE:
        raise ConflictError(
            f"{question.key} is the key of another question already:"
            f' "{state.text}". Say --key, or answer that one:'
            f" fl forecast {question.key} ..."
        )


def free_key(key: str, taken: Collection[str]) -> str:
    """Return the key, with a number behind it if it is taken."""
    candidate, count = key, 1
    while candidate in taken:
        count += 1
        candidate = f"{key}-{count}"
    return candidate


def refuse_asked_already(
    writer: Writer, key: str, taken: Sequence[str], wording: Wording, answer: Answer | None
) -> None:
    """Refuse the text and deadline of an open question whose key was derived alike."""
    alike = [name for name in taken if name == key or name.removeprefix(f"{key}-").isdecimal()]
    for row in writer.find("question", key=alike) if alike else ():
        if not _same_question(row.entry.wording, wording):
            continue
        state = state_at(writer, row.seq)
        if state.wording and _same_question(state.wording, wording) and state.status in _UNANSWERED:
            said = format_probability(answer.yes) if answer else "..."
            raise ConflictError(
                f"this is asked already, as {state.key}. Answer it: fl forecast {state.key} {said}"
                " (or give another question a key of its own: --key)"
            )


def _same_question(one: Wording, other: Wording) -> bool:
    ends = [wording.closes.end if wording.closes else None for wording in (one, other)]
    return ends[0] == ends[1] and same_sentence(one.text, other.text)
