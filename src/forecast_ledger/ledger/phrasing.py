"""Words instead of a number: the lexicons they are looked up in, and the answer they give."""

from __future__ import annotations

from dataclasses import dataclass, replace

from forecast_ledger.domain.entries import Answer, Lexicon
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.domain.words import Meaning
from forecast_ledger.errors import ConflictError, InvalidError, NotFoundError, UsageError
from forecast_ledger.store.read import Reader


@dataclass(frozen=True, slots=True)
class Phrased:
    """Words instead of a number: the phrase, the lexicon's key, the side they speak of."""

    phrase: str
    lexicon: str
    side: str = "yes"


def lexicon_named(reader: Reader, key: str) -> Lexicon:
    """Return the lexicon of that key: the one recorded, else the packaged one."""
    from forecast_ledger.formats.packaged import packaged_lexicons

    recorded: list[Recorded[Lexicon]] = reader.find("lexicon", key=key)
    packaged = packaged_lexicons()
    if len(recorded) == 1:
        found = recorded[0].entry
        if key in packaged and found != packaged[key]:
            raise ConflictError(
                f"the lexicon {key} in this ledger (version {found.version}) came with a book"
                f" and is not the {key} everybody knows. Choose another, or give the number."
            )
        return found
    if len(recorded) > 1:
        raise ConflictError(f"the lexicon {key} is disputed: {len(recorded)} are in force.")
    if key not in packaged:
        raise NotFoundError(
            f'there is no lexicon "{key}". There are: {", ".join(sorted(packaged))}.'
        )
    return packaged[key]


def all_lexicons(reader: Reader) -> list[Lexicon]:
    """Return every lexicon, recorded or packaged, by key."""
    from forecast_ledger.formats.packaged import packaged_lexicons

    found = dict(packaged_lexicons())
    row: Recorded[Lexicon]
    for row in reader.find("lexicon"):
        found[row.entry.key] = row.entry
    return [found[key] for key in sorted(found)]


def answer_in_words(answer: Answer | None, meaning: Meaning, why: str | None) -> Answer:
    """Return the answer that words give, with the number said beside them if one was.

    Raises InvalidError for a number the words do not allow, UsageError where the words name none
    or another is said without a reason.
    """
    if answer is None:
        if meaning.mid is None:
            raise UsageError(f"{meaning}. Say which probability in it is meant.")
        return Answer(yes=meaning.mid, low=meaning.low, high=meaning.high)
    low = meaning.low if answer.low is None else answer.low
    high = meaning.high if answer.high is None else answer.high
    if not low <= answer.yes <= high:
        raise InvalidError(
            f"the number given lies outside what the words allow: {meaning}. Say --low and"
            " --high as well, or choose other words."
        )
    if answer.yes != meaning.mid and why is None and meaning.mid is not None:
        raise UsageError(f"another number than the lexicon's needs a reason (--why): {meaning}")
    return replace(answer, low=low, high=high)
