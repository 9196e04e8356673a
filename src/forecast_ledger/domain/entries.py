"""The entries of a ledger: frozen values, each with the rules it must keep.

Every entry may name the entries it `replaces` and say `why`. IDENTITY lists the fields
in which two entries must agree to be about the same thing; the ones no other replaces
are in force, and where two are, they are disputed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from forecast_ledger.domain.fields import (
    Digest,
    Flag,
    Hash,
    Key,
    Name,
    Parts,
    Reference,
    References,
    Text,
    Url,
    Value,
    check_fields,
)
from forecast_ledger.domain.moments import When
from forecast_ledger.domain.probability import format_probability
from forecast_ledger.domain.words import Phrase, index_of
from forecast_ledger.errors import InvalidError

LONGEST_QUOTE = 25
"""Words of a source that may be quoted in one statement."""

SCORED = "scored"
REFUSALS = (
    "not a forecast",
    "no time frame",
    "not measurable",
    "conditional",
    "somebody else's claim",
    "not his own words",
    "certain by definition",
    "already known",
    "his to decide",
    "advice or wish",
    "repeats another of the same source",
)
FORECASTER_KINDS = ("person", "team", "crowd", "market", "model")
FIRMNESS = ("direct", "inferred", "contested")
ANNULLED = "annulled"
AMBIGUOUS = "ambiguous"
VOID = (ANNULLED, AMBIGUOUS)
"""Outcomes any kind of question may have, and that are never scored."""
CLARIFY = "clarify"
REPLACE = "replace"
DEADLINE_SOURCES = ("words", "paragraph", "reader")
CLOSENESS = ("same", "near")


def one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    """Refuse a value that is not on its closed list."""
    if value not in allowed:
        raise InvalidError(f"{name} {value!r} is not one of: {', '.join(allowed)}")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Entry(Value):
    """What all entries share: what it replaces, and why it was written."""

    TYPE: ClassVar[str]
    IDENTITY: ClassVar[tuple[str, ...]]

    replaces: References = ()
    why: Text | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        if len(self.replaces) > 1:
            object.__setattr__(self, "replaces", tuple(sorted(self.replaces)))
        self._check()

    def _check(self) -> None:
        """Refuse a combination of fields that breaks a rule of this type."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Source(Entry):
    """Something published. `published` may be inferred, and then a note says from what."""

    TYPE: ClassVar[str] = "source"
    IDENTITY: ClassVar[tuple[str, ...]] = ("key",)

    key: Key
    title: Text
    author: Name | None = None
    publisher: Name | None = None
    url: Url | None = None
    published: When
    inferred: Flag = False
    published_note: Text | None = None
    archive_url: Url | None = None
    sha256: Hash | None = None

    def _check(self) -> None:
        if self.inferred and self.published_note is None:
            raise InvalidError("an inferred date of publication needs published_note: from what")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Statement(Entry):
    """One claim of a source, word for word, scored or refused for a reason."""

    TYPE: ClassVar[str] = "statement"
    IDENTITY: ClassVar[tuple[str, ...]] = ("source", "place", "quote")

    source: Reference
    place: Name
    quote: Text
    verdict: Name

    def _check(self) -> None:
        one_of("verdict", self.verdict, (SCORED, *REFUSALS))
        if (words := len(self.quote.split())) > LONGEST_QUOTE:
            raise InvalidError(
                f"the quote has {words} words; at most {LONGEST_QUOTE} may be quoted."
                " Quote the claim alone."
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Wording(Value):
    """How a question is put: text, criteria, window, and when that was written by whom.

    `closes` is the deadline: the last moment a forecast counts. `due` is when the
    question should be resolvable; absent, it is the deadline.
    """

    text: Text
    criteria: Text | None = None
    opens: When | None = None
    closes: When | None = None
    due: When | None = None
    written: When
    coder: Name | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        if self.opens and self.closes and self.opens.start >= self.closes.end:
            raise InvalidError("the question closes before it opens. Check the two dates.")
        if self.due and self.closes and self.due.end < self.closes.end:
            raise InvalidError("due lies before the deadline. Check the two dates.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Question(Entry):
    """What is asked, known by its key, with its first wording."""

    TYPE: ClassVar[str] = "question"
    IDENTITY: ClassVar[tuple[str, ...]] = ("key",)

    key: Key
    kind: Name
    wording: Wording


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Revision(Entry):
    """A later wording. A clarification keeps the forecasts made so far, a replacement ends them."""

    TYPE: ClassVar[str] = "revision"
    IDENTITY: ClassVar[tuple[str, ...]] = ("question",)

    question: Reference
    effect: Name
    wording: Wording

    def _check(self) -> None:
        one_of("effect", self.effect, (CLARIFY, REPLACE))
        if not self.replaces:
            raise InvalidError("a revision must say which wording it replaces")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Family(Entry):
    """Questions that turn on one event."""

    TYPE: ClassVar[str] = "family"
    IDENTITY: ClassVar[tuple[str, ...]] = ("key",)

    key: Key
    title: Text | None = None
    questions: References = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Label(Entry):
    """A tag put on a question, or taken from it (`present` false)."""

    TYPE: ClassVar[str] = "label"
    IDENTITY: ClassVar[tuple[str, ...]] = ("question", "label")

    question: Reference
    label: Key
    present: Flag = True


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Forecaster(Entry):
    """Who forecasts: a person, team, crowd, market or model."""

    TYPE: ClassVar[str] = "forecaster"
    IDENTITY: ClassVar[tuple[str, ...]] = ("name",)

    name: Name
    kind: Name = "person"
    url: Url | None = None

    def _check(self) -> None:
        one_of("kind", self.kind, FORECASTER_KINDS)
        if self.name.casefold() in ("me", "myself", "i"):
            raise InvalidError(f"{self.name!r} names nobody to a later reader. Use a name.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Answer(Value):
    """The answer to a binary question: P(yes), and the range the words allow, all of yes."""

    yes: Parts
    low: Parts | None = None
    high: Parts | None = None

    def __post_init__(self) -> None:
        check_fields(self)
        if (self.low is None) != (self.high is None):
            raise InvalidError("a range needs both its ends, low and high")
        if self.low is not None and self.high is not None:
            if self.low > self.high:
                raise InvalidError("low lies above high. Both are probabilities of yes.")
            if not self.low <= self.yes <= self.high:
                raise InvalidError(
                    f"{format_probability(self.yes)} lies outside its own range"
                    f" {format_probability(self.low)} to {format_probability(self.high)}"
                )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Words(Value):
    """The phrase a probability was read from, its lexicon, and the side it speaks of."""

    phrase: Name
    lexicon: Reference
    side: Name = "yes"

    def __post_init__(self) -> None:
        check_fields(self)
        one_of("side", self.side, ("yes", "no"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Forecast(Entry):
    """A forecaster's answer to a question from a moment on.

    `revision` is the wording answered, absent for the first. `coder` and `coded` say who
    turned words into the number, and when. `record` is evidence of a platform's own
    time-stamped record of it.
    """

    TYPE: ClassVar[str] = "forecast"
    IDENTITY: ClassVar[tuple[str, ...]] = ("question", "forecaster", "made")

    question: Reference
    revision: Reference | None = None
    forecaster: Reference
    made: When
    answer: Answer
    words: Words | None = None
    coder: Name | None = None
    coded: When | None = None
    record: Reference | None = None

    def _check(self) -> None:
        if self.words is not None and self.answer.low is None:
            raise InvalidError("words need the range they allow: low and high, both of yes")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Withdrawal(Entry):
    """From `made` on the forecaster no longer answers the question."""

    TYPE: ClassVar[str] = "withdrawal"
    IDENTITY: ClassVar[tuple[str, ...]] = ("question", "forecaster", "made")

    question: Reference
    forecaster: Reference
    made: When


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Reading(Entry):
    """The link of a forecast to the statement it reads, and how the statement was made precise.

    Only primary readings are scored. `deadline_from` says whose the deadline is: the
    statement's own words, its paragraph, or the reader's. `status_quo` says whether the
    statement foresees that things stay as they are.
    """

    TYPE: ClassVar[str] = "reading"
    IDENTITY: ClassVar[tuple[str, ...]] = ("forecast", "statement")

    forecast: Reference
    statement: Reference
    name: Name | None = None
    primary: Flag = True
    deadline_from: Name | None = None
    status_quo: Flag | None = None

    def _check(self) -> None:
        if self.deadline_from is not None:
            one_of("deadline_from", self.deadline_from, DEADLINE_SOURCES)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Resolution(Entry):
    """How a question came out, the moment that became known, and how it is known."""

    TYPE: ClassVar[str] = "resolution"
    IDENTITY: ClassVar[tuple[str, ...]] = ("question",)

    question: Reference
    outcome: Name
    known: When
    resolver: Name
    firmness: Name = "direct"
    evidence: References = ()
    against: References = ()
    note: Text | None = None

    def _check(self) -> None:
        one_of("firmness", self.firmness, FIRMNESS)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Counterpart(Entry):
    """Another's question that asks the same as this one, or nearly; `difference` says what differs.

    It lets a platform's number stand beside an author's, on its own question and outcome.
    """

    TYPE: ClassVar[str] = "counterpart"
    IDENTITY: ClassVar[tuple[str, ...]] = ("question", "other")

    question: Reference
    other: Reference
    closeness: Name
    difference: Text | None = None

    def _check(self) -> None:
        one_of("closeness", self.closeness, CLOSENESS)
        if self.closeness == "near" and self.difference is None:
            raise InvalidError("a near counterpart needs its difference said")
        if self.question == self.other:
            raise InvalidError("a question is no counterpart of itself")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Evidence(Entry):
    """Where something can be checked: address, title, publisher, date, quote, what it says."""

    TYPE: ClassVar[str] = "evidence"
    IDENTITY: ClassVar[tuple[str, ...]] = ("url", "published", "quote")

    url: Url | None = None
    title: Text | None = None
    publisher: Name | None = None
    published: When | None = None
    quote: Text | None = None
    says: Text | None = None
    sha256: Hash | None = None

    def _check(self) -> None:
        if self.url is None and self.says is None and self.title is None:
            raise InvalidError("evidence needs an address, a title, or what it says")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Lexicon(Entry):
    """Phrases with the probabilities readers take them for, from one cited place."""

    TYPE: ClassVar[str] = "lexicon"
    IDENTITY: ClassVar[tuple[str, ...]] = ("key", "version")

    key: Key
    version: Name
    title: Text
    citation: Text
    note: Text | None = None
    phrases: tuple[Phrase, ...]

    def _check(self) -> None:
        if not self.phrases:
            raise InvalidError("a lexicon needs at least one phrase")
        index_of(self.phrases)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Note(Entry):
    """Text and evidence put on any entry by anyone."""

    TYPE: ClassVar[str] = "note"
    IDENTITY: ClassVar[tuple[str, ...]] = ("target", "author", "text")

    target: Reference
    author: Name
    text: Text
    evidence: References = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Retraction(Entry):
    """Takes an entry out of force, as a slip or because it should not stand."""

    TYPE: ClassVar[str] = "retraction"
    IDENTITY: ClassVar[tuple[str, ...]] = ("target",)

    target: Reference
    by: Name
    slip: Flag = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Redaction(Entry):
    """Names a free text, by its SHA-256, whose content was blanked, by whom and why."""

    TYPE: ClassVar[str] = "redaction"
    IDENTITY: ClassVar[tuple[str, ...]] = ("text",)

    text: Hash
    by: Name


ENTRY_TYPES: dict[str, type[Entry]] = {
    cls.TYPE: cls
    for cls in (
        Source,
        Statement,
        Question,
        Revision,
        Family,
        Label,
        Forecaster,
        Forecast,
        Withdrawal,
        Reading,
        Resolution,
        Counterpart,
        Evidence,
        Lexicon,
        Note,
        Retraction,
        Redaction,
    )
}

REFERS_TO: dict[str, tuple[str, ...]] = {
    "source": ("source",),
    "question": ("question",),
    "other": ("question",),
    "questions": ("question",),
    "revision": ("revision",),
    "forecaster": ("forecaster",),
    "forecast": ("forecast",),
    "statement": ("statement",),
    "lexicon": ("lexicon",),
    "record": ("evidence",),
    "evidence": ("evidence",),
    "against": ("evidence",),
    "target": tuple(name for name in ENTRY_TYPES if name != "retraction"),
}
"""What a reference may name, by the name of its field. `replaces` names entries of the same
type; a revision may also replace a question's first wording."""


def may_refer(entry: Entry, field: str, other: str) -> bool:
    """Return whether `field` of `entry` may name an entry of type `other`."""
    if field == "replaces":
        return other == entry.TYPE or (entry.TYPE == "revision" and other == "question")
    return other in REFERS_TO[field]


_CORRECTED = {
    "source": ("key",),
    "statement": ("source",),
    "question": ("key",),
    "revision": ("question",),
    "family": ("key",),
    "label": ("question", "label"),
    "forecaster": ("name",),
    "forecast": ("question", "forecaster"),
    "withdrawal": ("question", "forecaster"),
    "reading": ("statement",),
    "resolution": ("question",),
    "counterpart": ("question",),
    "lexicon": ("key",),
    "note": ("target",),
    "retraction": ("target",),
}


def departs(entry: Entry, replaced: Entry, recorded: Callable[[Digest], Entry]) -> str | None:
    """Return the field in which a correction is not about what it replaces, or None.

    `recorded` gives the entry a digest names; questions, forecasters and sources are the
    same where their key or name is.
    """
    for name in _CORRECTED.get(entry.TYPE, ()):
        mine = _known_by(name, getattr(entry, name), recorded)
        # A revision may also replace the first wording, which the question itself holds.
        if isinstance(replaced, Question) and name == "question":
            theirs = replaced.key
        else:
            theirs = _known_by(name, getattr(replaced, name), recorded)
        if mine != theirs:
            return name
    return None


def _known_by(field: str, value: str, recorded: Callable[[Digest], Entry]) -> str:
    if field not in REFERS_TO:
        return value
    named = recorded(Digest(value))
    if isinstance(named, Question | Source):
        return named.key
    return named.name if isinstance(named, Forecaster) else value
