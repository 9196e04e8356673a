"""Words of probability: what a phrase means in a lexicon, and what it does not.

A lexicon is a closed list. A phrase is found as it is spelled there, as a synonym listed
there, or as the mirror image of one listed there; nothing else is guessed. Letter case,
spacing, typographic apostrophes, quotation marks around it, a closing stop and contractions
(`won't` is `will not`) do not matter.

Mirror images. `probably not` says of the event's *absence* what `probably` says of the
event, so it may be read as 1 - high, 1 - mid, 1 - low. `not likely` denies the word `likely`
and leaves open what holds instead: 50% is not likely either. The first is read so where
the lexicon does not say better; the second is refused.
(Contrary and contradictory: L. R. Horn, A Natural History of Negation, 1989, chapter 1.)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from forecast_ledger.domain.fields import Name, Parts, check_fields, normal_text
from forecast_ledger.domain.probability import WHOLE, format_probability
from forecast_ledger.errors import InvalidError, NotFoundError, UsageError

Side = Literal["yes", "no"]
"""The side of a question that words speak of.

Of `no`, a phrase is turned round: `probably` said of no makes yes 1 - mid. A phrase that
holds a "not" itself (`probably not`, `won't`) speaks of no as it stands, and is not turned
round a second time.
"""

LONGEST = 100
"""Characters a phrase may have."""

# After these, "not" denies the event; after anything else it may deny the word.
_BEFORE_NOT = frozenset(
    (
        *("probably", "likely", "certainly", "certain", "definitely", "surely", "sure"),
        *("possibly", "maybe", "perhaps", "usually", "generally", "frequently", "often"),
        *("will", "may", "might"),
    )
)
_DENYING = frozenset(
    ("unlikely", "improbable", "impossible", "never", "rarely", "seldom", "hardly", "doubt")
)
_COPULAS = frozenset(("it", "is", "are", "be", "was", "were", "that"))
_NOT = re.compile(r"(?<!\bthan )(?<!\bas )\bnot\b")  # not that of "as likely as not"
_SPELLINGS = str.maketrans({"\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u2013": "-"})
_CONTRACTIONS = (
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"\bshan't\b"), "shall not"),
    (re.compile(r"\b(?:can't|cannot)\b"), "can not"),
    (re.compile(r"n't\b"), " not"),
)
_AROUND = " .,;:!?\"'\u201c\u201d\u00ab\u00bb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A phrase of a lexicon; low, mid and high are parts of 10^9 that what it says is true.

    `mid` is None where the source gives a range alone (the nested ranges of the IPCC): then
    whoever uses the phrase must give the number. `synonyms` mean exactly the same.
    Raises InvalidError unless 0 <= low <= mid <= high <= 10^9 and every spelling says
    something.
    """

    phrase: Name
    low: Parts
    mid: Parts | None = None
    high: Parts
    synonyms: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_fields(self)
        if not isinstance(self.synonyms, tuple):
            raise InvalidError(f"the synonyms of {_quoted(self.phrase)} are not a list")
        for spelling in self.spellings:
            if not _can_be_looked_up(spelling):
                raise InvalidError(
                    f"{_quoted(str(spelling))} is not a phrase of words on one line, "
                    f"{LONGEST} characters at most"
                )
        object.__setattr__(self, "synonyms", tuple(map(normal_text, self.synonyms)))
        mid = self.low if self.mid is None else self.mid
        if not self.low <= mid <= self.high:
            middle = "" if self.mid is None else f"over {format_probability(mid)} "
            raise InvalidError(
                f"{_quoted(self.phrase)} runs from {format_probability(self.low)} {middle}"
                f"to {format_probability(self.high)}: put low, mid and high in order"
            )

    @property
    def spellings(self) -> tuple[str, ...]:
        """The phrase, then its synonyms."""
        return (self.phrase, *self.synonyms)


class LexiconLike(Protocol):
    """What a lookup needs of a lexicon."""

    @property
    def key(self) -> str:
        """The name it is chosen by, such as `kent1964`."""

    @property
    def version(self) -> str:
        """Which version of it; key and version together name one list."""

    @property
    def phrases(self) -> tuple[Phrase, ...]:
        """Its phrases, no spelling twice."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What words mean for a question: low, mid and high are parts of 10^9, always of yes.

    `text` is what was asked, `phrase` the entry that answered, `spelling` the spelling of
    it that matched, `mirrored` whether `text` was read as its mirror image. `mid` is None
    where the lexicon gives a range alone.
    """

    text: str
    lexicon: str
    version: str
    side: Side
    phrase: Phrase
    spelling: str
    mirrored: bool
    low: int
    mid: int | None
    high: int

    @property
    def is_synonym(self) -> bool:
        """Whether a synonym matched and not the phrase itself."""
        return self.spelling != self.phrase.phrase

    def __str__(self) -> str:
        """Return one sentence that says how the words were read."""
        how = f"{_quoted(self.text)} in {self.lexicon} {self.version}"
        if self.mirrored:
            how += f", read as the mirror image of {_quoted(self.spelling)}"
        if self.is_synonym:
            how += f", a synonym of {_quoted(self.phrase.phrase)}"
        if self.side == "no":
            how += ", which says no" if says_not(self.text) else ", said of no"
        span = f"{format_probability(self.low)} to {format_probability(self.high)}"
        if self.mid is None:
            return f"{how}: {span} for yes, without a middle"
        return f"{how}: {format_probability(self.mid)} for yes ({span})"


def _can_be_looked_up(spelling: object) -> bool:
    return (
        isinstance(spelling, str)
        and len(spelling) <= LONGEST
        and spelling.isprintable()
        and fold(spelling) != ""
    )


def fold(text: str) -> str:
    """Return `text` as phrases are compared: see the module."""
    folded = normal_text(text).translate(_SPELLINGS).casefold()
    for contraction, full in _CONTRACTIONS:
        folded = contraction.sub(full, folded)
    return " ".join(folded.split()).strip(_AROUND)


def index_of(phrases: Iterable[Phrase]) -> dict[str, tuple[Phrase, str]]:
    """Return folded spelling -> (phrase, spelling); the first spelling of a phrase wins.

    Raises InvalidError where one spelling belongs to two phrases.
    """
    index: dict[str, tuple[Phrase, str]] = {}
    for phrase in phrases:
        for spelling in phrase.spellings:
            known, _ = index.setdefault(fold(spelling), (phrase, spelling))
            if known is not phrase:
                raise InvalidError(
                    f"{_quoted(spelling)} belongs to both {_quoted(known.phrase)} and "
                    f"{_quoted(phrase.phrase)}: leave it with one of them"
                )
    return index


def find(text: str, lexicon: LexiconLike, *, side: Side = "yes") -> Meaning | None:
    """Return what `text` means in `lexicon`, or None where it has no such phrase."""
    return _find(text, lexicon, index_of(lexicon.phrases), side)


def look_up(
    text: str,
    lexicon: LexiconLike,
    *,
    side: Side = "yes",
    others: Iterable[LexiconLike] = (),
    has_number: bool = False,
) -> Meaning:
    """Return what `text` means in `lexicon`, said of `side` of a question.

    `has_number` says that the number was given beside the words, for the advice in an error.
    Raises NotFoundError, naming the nearest phrases and those of `others` that have it; and
    UsageError for a negation that is no mirror image, with the reason.
    """
    index = index_of(lexicon.phrases)
    meaning = _find(text, lexicon, index, side)
    if meaning is not None:
        return meaning
    name = f"{lexicon.key} {lexicon.version}"
    having = [o.key for o in others if find(text, o) is not None]
    elsewhere = f" It is in {', '.join(having)}." if having else ""
    if reason := _why_no_mirror(text, index):
        raise UsageError(f"{_quoted(text)} is not in {name}, and {reason}{elsewhere}")
    near = _nearest(fold(text), index)
    nearest = f" Nearest there: {', '.join(map(_quoted, near))}." if near else ""
    raise NotFoundError(
        f"{_quoted(text)} is not in {name}.{nearest}{elsewhere} "
        "Choose a phrase that a lexicon has (fl words lists them), or "
        + ("leave --words out: the number says it." if has_number else "give the number itself.")
    )


def _find(
    text: str, lexicon: LexiconLike, index: Mapping[str, tuple[Phrase, str]], side: Side
) -> Meaning | None:
    folded = fold(text)
    if found := index.get(folded):
        return _meaning(text, lexicon, side, found, mirrored=False)
    words = folded.split()
    rest = _without_not(words)
    if rest is None or not _may_mirror(words) or not (found := index.get(rest)):
        return None
    return _meaning(text, lexicon, side, found, mirrored=True)


def _meaning(
    text: str, lexicon: LexiconLike, side: Side, found: tuple[Phrase, str], *, mirrored: bool
) -> Meaning:
    phrase, spelling = found
    low, mid, high = phrase.low, phrase.mid, phrase.high
    if mirrored != (side == "no" and not says_not(text)):
        low, high = WHOLE - high, WHOLE - low
        mid = None if mid is None else WHOLE - mid
    return Meaning(
        text, lexicon.key, lexicon.version, side, phrase, spelling, mirrored, low, mid, high
    )


def says_not(text: str) -> bool:
    """Whether the words hold a "not" of their own: then they speak of no without being turned."""
    return _NOT.search(fold(text[: LONGEST + 1])) is not None


def _without_not(words: list[str]) -> str | None:
    """Return the words without their one "not"; None if they have none or several."""
    return " ".join(w for w in words if w != "not") if words.count("not") == 1 else None


def _may_mirror(words: list[str]) -> bool:
    """Whether the one "not" denies the event: `probably not`, `might not happen`."""
    place = words.index("not")
    return place > 0 and words[place - 1] in _BEFORE_NOT


def _why_no_mirror(text: str, index: Mapping[str, tuple[Phrase, str]]) -> str | None:
    """Return why a denied phrase of the lexicon is not its mirror image, if it is one."""
    words = fold(text).split()
    rest = _without_not(words)
    if rest is None:
        return None
    bare = " ".join(w for w in rest.split() if w not in _COPULAS)
    found = index.get(rest) or index.get(bare)
    if found is None:
        return None
    word = _quoted(found[1])
    if words[-1] == "not" and not _DENYING.isdisjoint(words):
        return f"it denies twice. Say {word} of the other side (--says), or give the number."
    return (
        f"it is not the mirror image of {word}: it denies that word and leaves open what "
        "holds instead. Choose a phrase the lexicon has, or give the number."
    )


def _nearest(folded: str, index: Mapping[str, tuple[Phrase, str]]) -> list[str]:
    from difflib import get_close_matches  # noqa: PLC0415 - only a failed lookup needs it

    close = get_close_matches(folded[:LONGEST], index, n=5, cutoff=0.6)
    return list(dict.fromkeys(index[match][0].phrase for match in close))[:3]


def _quoted(text: str) -> str:
    """Return `text` in quotation marks, cut short, with control characters escaped."""
    cut = text if len(text) <= LONGEST else f"{text[:40]}…"
    return f'"{cut}"' if cut.isprintable() else repr(cut)
