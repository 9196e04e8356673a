"""From the tables of a book to entries: defaults, words, wordings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import (
    ENTRY_TYPES,
    Answer,
    Entry,
    Forecast,
    Lexicon,
    Question,
    Resolution,
    Revision,
    Source,
    Wording,
    Words,
)
from forecast_ledger.domain.fields import Digest
from forecast_ledger.domain.kinds import KINDS, kind_named
from forecast_ledger.domain.moments import When
from forecast_ledger.domain.probability import format_probability
from forecast_ledger.domain.words import Meaning, Side, look_up
from forecast_ledger.errors import InvalidError, LedgerError
from forecast_ledger.formats.book_nodes import Node, Problems
from forecast_ledger.formats.book_stand_ins import DIGEST, NAME, WHEN, allowed, whole
from forecast_ledger.formats.book_tables import READING, TABLES, WORDING
from forecast_ledger.formats.lookup import Lookup
from forecast_ledger.formats.quotes import QuotedText


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a book says once for all its tables."""

    coder: str | None = None
    written: When | None = None


class Maker:
    """Makes the entry of one node after another, each after those it names."""

    def __init__(
        self,
        head: Head,
        problems: Problems,
        lookup: Lookup,
        texts: dict[str, QuotedText],
        lexicons: Callable[[], Iterable[Lexicon]],
    ) -> None:
        self._head = head
        self._problems = problems
        self._lookup = lookup
        self._texts = texts
        self._lexicons = lexicons
        self._special: dict[str, Callable[[Node], Entry | None]] = {
            "statement": self._statement,
            "question": self._question,
            "revision": self._revision,
            "forecast": self._forecast,
            "resolution": self._resolution,
        }

    def make(self, node: Node) -> None:
        """Set the entry and digest of `node`, or add problems and leave a stand-in."""
        if node.entry is not None:
            return
        said = node.values
        if node.is_faulty:
            # It makes no entry any more, but all of its faults are to come at once.
            node.values = whole(node)
        entry = self._tried(node)
        node.values = said
        if entry is not None and not node.is_faulty:
            node.entry = entry
            node.digest = digest_of(entry)

    def _tried(self, node: Node) -> Entry | None:
        """Return the entry, or add its faults: a name not on its list hides no other fault."""
        make = self._special.get(node.type, self._plain)
        while True:
            try:
                return make(node)
            except LedgerError as error:
                # Most messages of the domain begin with the field they speak of.
                field = error.message.partition(" ")[0]
                self._problems.of(node, error.message, field)
                other = allowed(node, field)
                if other is None or node.values.get(field) in (None, other):
                    return None
                node.values = node.values | {field: other}

    def _plain(self, node: Node, **more: Any) -> Entry:
        """Return the entry of a table whose fields are the entry's own."""
        return ENTRY_TYPES[node.type](**_arguments(node), **more)

    def _statement(self, node: Node) -> Entry | None:
        source = node.values.get("source")
        if source is None:
            return self._plain(node, source=DIGEST)
        quote = node.values["quote"]
        entry = source.entry
        key = entry.key if isinstance(entry, Source) else source.values.get("key")
        text = self._texts.get(key)
        if text is not None and quote not in text and "quote" not in node.unread:
            near = text.nearest(quote)
            nearest = f' The nearest passage: "{near}".' if near else ""
            self._problems.of(node, f"the quote is not in the text of {key}.{nearest}", "quote")
        return self._plain(node)

    def _question(self, node: Node) -> Entry | None:
        kind = node.values.get("kind", "binary")
        try:
            kind_named(kind)
        except InvalidError as error:
            self._problems.of(node, error.message, "kind")
        wording = self._wording(node, {})
        arguments = _arguments(node, but=(*WORDING, "tags", "family"))
        return Question(**arguments | {"kind": kind}, wording=wording)

    def _wording(self, node: Node, known: dict[str, Any]) -> Wording:
        said = known | {name: node.values[name] for name in WORDING if name in node.values}
        if self._head.coder is not None and "coder" not in node.values:
            said["coder"] = self._head.coder
        for name in node.values.get("without", ()):
            if name in node.values:
                self._problems.of(node, f"{name} is said and taken away at once", "without")
            said.pop(name, None)
        if "written" not in node.values:
            if self._head.written is None:
                self._problems.of(
                    node,
                    "written is missing: the date this was written."
                    " Say it here, or once at the head of the book.",
                )
            said["written"] = self._head.written or WHEN
        if "text" not in said:
            self._problems.of(
                node, "text is missing: several wordings are replaced, so none of them is kept"
            )
            said["text"] = NAME
        try:
            return Wording(**said)
        except InvalidError as error:
            # Its opening and its deadline, or its deadline and the day it is due, or both.
            self._problems.of(node, error.message, error.message.partition(" ")[0])
            return Wording(**said | {"opens": None})

    def _revision(self, node: Node) -> Entry | None:
        if node.follows is not None:
            return self._revision_of_recorded(node, node.follows)
        replaced: list[Node] = node.values.get("replaces", ())
        return self._revision_of(node, [(other.entry, other.digest) for other in replaced])

    def _revision_of(self, node: Node, replaced: list[tuple[Entry | None, Digest]]) -> Revision:
        known: dict[str, Any] = {}
        if len(replaced) < 2:
            entry = replaced[0][0] if replaced else None
            known = {"text": NAME}
            if isinstance(entry, Question | Revision):
                known = {name: getattr(entry.wording, name) for name in WORDING}
        wording = self._wording(node, known)
        arguments = _arguments(node, but=(*WORDING, "without", "replaces"))
        digests = tuple(digest for _, digest in replaced) or (DIGEST,)
        return Revision(**arguments, replaces=digests, wording=wording)

    def _revision_of_recorded(self, node: Node, in_force: Node) -> Revision | None:
        """Return the revision of a recorded wording, or the very one if it is recorded itself.

        A book may be imported again after its revision, and later ones, came into force.
        """
        later = in_force.entry
        while isinstance(later, Revision):
            (earlier,) = self._lookup.digest(later.replaces[0]) or (None,)
            if earlier is None:
                break
            again = self._revision_of(node, [(earlier.entry, earlier.digest)])
            if again == later:
                return again
            later = earlier.entry
        return self._revision_of(node, [(in_force.entry, in_force.digest)])

    def _forecast(self, node: Node) -> Entry | None:
        values = node.values
        self._needs(node, "statement", READING)
        self._needs(node, "words", ("lexicon", "side"))
        revision, question = values.get("revision"), values["question"]
        if isinstance(revision, Node) and isinstance(revision.entry, Revision):
            is_known = not (question.is_recorded and question.is_faulty)
            if is_known and revision.entry.question != question.digest:
                self._problems.of(node, "revision is a wording of another question", "revision")
        has_words = "words" in values
        words, meaning = self._words(node) if has_words else (None, None)
        answer = None
        # A number that the words would give is not missing where they could not be read.
        has_number = "probability" in values or meaning is not None or not has_words
        if has_number and "probability" not in node.unread:
            answer = self._answer(node, meaning)
        if answer is None or node.is_faulty:
            return None
        coding: dict[str, Any] = {}
        if words is not None:
            coding = {"coder": self._head.coder, "coded": self._head.written}
        own = ("probability", "low", "high", "words", "lexicon", "side", "statement", *READING)
        return Forecast(**coding | _arguments(node, but=own), answer=answer, words=words)

    def _words(self, node: Node) -> tuple[Words | None, Meaning | None]:
        """Return the words of a forecast and what they mean, or add what is wrong with them."""
        values = node.values
        side = values.get("side", "yes")
        lexicon = values.get("lexicon")
        if lexicon is None:
            self._problems.of(node, 'words need a lexicon, such as lexicon = "kent1964"', "words")
        digest = DIGEST if lexicon is None else lexicon.digest
        words = Words(phrase=values["words"], lexicon=digest, side=side)
        if lexicon is None or not isinstance(lexicon.entry, Lexicon) or "words" in node.unread:
            return words, None
        return words, self._meaning(node, lexicon.entry, side)

    def _needs(self, node: Node, needed: str, names: tuple[str, ...]) -> None:
        for name in names:
            if name in node.values and needed not in node.values:
                self._problems.of(node, f"{name} is said without {needed}", name)

    def _meaning(self, node: Node, lexicon: Lexicon, side: Side) -> Meaning | None:
        try:
            return look_up(node.values["words"], lexicon, side=side, others=self._lexicons())
        except LedgerError as error:
            self._problems.of(node, error.message, "words")
            return None

    def _answer(self, node: Node, meaning: Meaning | None) -> Answer | None:
        yes = node.values.get("probability")
        low, high = node.values.get("low"), node.values.get("high")
        if meaning is not None:
            low = meaning.low if low is None else low
            high = meaning.high if high is None else high
            if yes is None and meaning.mid is None:
                self._problems.of(
                    node, f"probability is missing: {meaning}. Say which number is meant.", "words"
                )
                return None
            if yes is None:
                yes = meaning.mid
            elif _departs(yes, meaning) and "why" not in node.values:
                self._problems.of(
                    node,
                    f"{format_probability(yes)} departs from the lexicon without a why: {meaning}.",
                    "probability",
                )
        if yes is None:
            self._problems.of(
                node, "probability is missing, and there are no words to take it from"
            )
            return None
        if node.unread & {"low", "high"}:
            low = high = None
        try:
            return Answer(yes=yes, low=low, high=high)
        except InvalidError as error:
            own = meaning is not None and not {"low", "high"} & node.values.keys()
            more = f". The range is that of {meaning}: say low and high as well" if own else ""
            self._problems.of(node, f"{error.message}{more}", "probability")
            return None

    def _resolution(self, node: Node) -> Entry | None:
        values = node.values
        more: dict[str, Any] = {}
        if "resolver" not in values:
            if self._head.coder is None:
                self._problems.of(node, "resolver is missing, and the book names no coder")
            more["resolver"] = self._head.coder or NAME
        if "replaces" in values and "why" not in values:
            self._problems.of(node, "a correction needs a why: what was wrong before", "replaces")
        question = values["question"]
        kind = question.values.get("kind", "binary") if question.is_table else None
        if isinstance(question.entry, Question):
            kind = question.entry.kind
        if kind in KINDS:
            try:
                KINDS[kind].check_outcome(values["outcome"])
            except InvalidError as error:
                self._problems.of(node, error.message, "outcome")
        return cast("Resolution", self._plain(node, **more))


def _departs(yes: int, meaning: Meaning) -> bool:
    """Whether a number is another than the lexicon's, or outside its range if it has none."""
    if meaning.mid is not None:
        return yes != meaning.mid
    return not meaning.low <= yes <= meaning.high


def _arguments(node: Node, but: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the fields of the entry that the table says, without those of `but`."""
    arguments: dict[str, Any] = {}
    for column in TABLES[node.type].values():
        if column.name not in node.values or column.name in ("id", *but):
            continue
        value = node.values[column.name]
        if isinstance(value, Node):
            value = value.digest
        elif isinstance(value, list):
            value = tuple(item.digest if isinstance(item, Node) else item for item in value)
        arguments[column.field] = value
    return arguments
