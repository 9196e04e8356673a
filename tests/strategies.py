"""Entries as hypothesis draws them: single values, and whole ledgers that hang together."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import (
    AMBIGUOUS,
    ANNULLED,
    CLARIFY,
    CLOSENESS,
    DEADLINE_SOURCES,
    FIRMNESS,
    FORECASTER_KINDS,
    REFUSALS,
    REPLACE,
    SCORED,
    Answer,
    Counterpart,
    Entry,
    Evidence,
    Family,
    Forecast,
    Forecaster,
    Label,
    Lexicon,
    Note,
    Question,
    Reading,
    Redaction,
    Resolution,
    Retraction,
    Revision,
    Source,
    Statement,
    Withdrawal,
    Wording,
    Words,
)
from forecast_ledger.domain.fields import Digest
from forecast_ledger.domain.moments import When
from forecast_ledger.domain.probability import WHOLE
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.domain.words import Phrase, Side, fold, look_up
from forecast_ledger.formats.packaged import packaged_lexicons

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
"""Nothing drawn here is known, made or published later."""

ZONES = tuple(
    map(
        ZoneInfo,
        ("UTC", "Europe/Berlin", "America/New_York", "Pacific/Apia", "Asia/Kathmandu"),
    )
)
_SPECIMENS = (
    'He said "no" and left.',
    '"""',
    'ends in a quote"',
    "back\\slash \\n \\u0041",
    "one\ntwo\n",
    "\n\nblank lines\n",
    'two\nlines "" and """ quotes """"',
    'last line\nends in "',
    "tab\there",
    "# no comment",
    "[[question]]",
    "Zwölf Wochen – “naïve”, l’été",
    "\u2028 \U0001f3b2 ٣",
    "'''",
)
_T = TypeVar("_T")


def _may_be(strategy: st.SearchStrategy[_T]) -> st.SearchStrategy[_T | None]:
    return st.none() | strategy


def _is_text(text: str) -> bool:
    return bool(unicodedata.normalize("NFC", text).strip())


_SIDES: tuple[Side, ...] = ("yes", "no")
_CHARACTERS = st.characters(exclude_categories=("Cc", "Cs"))

names = st.sampled_from(("Mia Jensen", "Ian Bremmer", 'O"Hara \\ Söhne', "sha256:x", "10")) | (
    st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=30)
    .map(str.strip)
    .filter(_is_text)
    .filter(lambda name: name == name.strip() and name.casefold() not in ("me", "myself", "i"))
)
texts = st.sampled_from(_SPECIMENS) | st.text(
    _CHARACTERS | st.sampled_from('\n\t"\\'), min_size=1, max_size=60
).filter(_is_text)
# A few keys, so that some are those of several entries, or of a packaged lexicon.
keys = st.sampled_from(("article", "ceasefire", "kent1964", "question-1", "forecast-1")) | (
    st.from_regex(r"[a-z0-9]{1,4}([._-][a-z0-9]{1,3}){0,2}", fullmatch=True)
)
urls = st.sampled_from(
    ("https://example.org/", "http://example.org/a?b=%22#c", "https://example.org/é")
)
hashes = st.binary(min_size=32, max_size=32).map(bytes.hex)
parts = st.sampled_from((0, 1, 5 * 10**8, WHOLE - 1, WHOLE)) | st.integers(0, WHOLE)
instants = st.datetimes(
    datetime(1900, 1, 1),  # noqa: DTZ001 - hypothesis takes the zone apart
    NOW.replace(tzinfo=None),
    timezones=st.just(UTC),
).map(When.at)
days = st.builds(When.on, st.dates(date(1980, 1, 1), date(2011, 12, 1)), st.sampled_from(ZONES))
whens = instants | days
quotes = (
    st.lists(
        st.sampled_from(("slim", "’tis", '"no"', "–", "for", "months", "\n")),
        min_size=1,
        max_size=25,
    )
    .map(" ".join)
    .filter(_is_text)
)


@st.composite
def wordings(draw: st.DrawFn) -> Wording:
    moments = sorted(draw(st.lists(instants, min_size=3, max_size=3)))
    opens, closes, due = (draw(_may_be(st.just(moment))) for moment in moments)
    if opens and closes and opens.start >= closes.end:
        opens = None
    if draw(st.booleans()):
        closes, due = draw(days), None
        opens = None
    return Wording(
        text=draw(texts),
        criteria=draw(_may_be(texts)),
        opens=opens,
        closes=closes,
        due=due,
        written=draw(whens),
        coder=draw(_may_be(names)),
    )


@st.composite
def phrases(draw: st.DrawFn, spelling: str) -> Phrase:
    low, mid, high = sorted(draw(st.tuples(parts, parts, parts)))
    return Phrase(
        phrase=spelling,
        low=low,
        mid=draw(_may_be(st.just(mid))),
        high=high,
        synonyms=draw(st.sampled_from(((), (f"rather {spelling}", f'"so {spelling}')))),
    )


@st.composite
def lexicons(draw: st.DrawFn) -> Lexicon:
    spellings = draw(
        st.lists(
            st.sampled_from(("likely", "slim odds", "won’t", "very likely", 'a "toss-up" \\')),
            min_size=1,
            max_size=4,
            unique_by=fold,
        )
    )
    return Lexicon(
        key=draw(keys),
        version=draw(names),
        title=draw(texts),
        citation=draw(texts),
        note=draw(_may_be(texts)),
        phrases=tuple(draw(phrases(spelling)) for spelling in spellings),
    )


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    low, yes, high = sorted(draw(st.tuples(parts, parts, parts)))
    if draw(st.booleans()):
        return Answer(yes=yes)
    return Answer(yes=yes, low=low, high=high)


class _Ledger:
    """Draws entries that name entries drawn before them, as the rules of a book ask."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.entries: dict[Digest, Entry] = {}

    def add(self, entry: Entry) -> Digest:
        digest = digest_of(entry)
        self.entries.setdefault(digest, entry)
        return digest

    def some(self, *types: type[Entry]) -> list[Digest]:
        return [digest for digest, entry in self.entries.items() if isinstance(entry, types)]

    def one(self, *types: type[Entry]) -> Digest:
        return self.draw(st.sampled_from(self.some(*types)))

    def several(self, *types: type[Entry], least: int = 0) -> tuple[Digest, ...]:
        known = self.some(*types)
        if not known:
            return ()
        chosen = st.lists(st.sampled_from(known), unique=True, min_size=least, max_size=3)
        return tuple(self.draw(chosen))

    def correction(self, cls: type[Entry]) -> dict[str, Any]:
        """Return `replaces` and `why`, most often neither."""
        replaces: tuple[Digest, ...] = ()
        if self.draw(st.integers(0, 2)) == 0:
            replaces = self.several(cls, least=1)
        why = self.draw(texts if replaces else _may_be(texts))
        return {"replaces": replaces, "why": why}

    def grow(self) -> None:
        """Add an entry of a type whose references can be met."""
        makers = {
            self.statement: (Source,),
            self.revision: (Question,),
            self.family: (),
            self.label: (Question,),
            self.forecast: (Question, Forecaster),
            self.withdrawal: (Question, Forecaster),
            self.reading: (Forecast, Statement),
            self.resolution: (Question,),
            self.counterpart: (Question,),
            self.note: (Entry,),
            self.retraction: (Entry,),
            self.plain: (),
        }
        possible = [
            make for make, needed in makers.items() if all(self.some(cls) for cls in needed)
        ]
        self.draw(st.sampled_from(possible))()

    def plain(self) -> None:
        draw = self.draw
        cls = draw(st.sampled_from((Source, Question, Forecaster, Lexicon, Evidence)))
        more = self.correction(cls)
        if cls is Source:
            self.add(
                Source(
                    key=draw(keys),
                    title=draw(texts),
                    author=draw(_may_be(names)),
                    publisher=draw(_may_be(names)),
                    url=draw(_may_be(urls)),
                    published=draw(whens),
                    inferred=draw(st.booleans()),
                    published_note=draw(texts),
                    archive_url=draw(_may_be(urls)),
                    sha256=draw(_may_be(hashes)),
                    **more,
                )
            )
        elif cls is Question:
            self.add(Question(key=draw(keys), kind="binary", wording=draw(wordings()), **more))
        elif cls is Forecaster:
            kind = draw(st.sampled_from(FORECASTER_KINDS))
            self.add(Forecaster(name=draw(names), kind=kind, url=draw(_may_be(urls)), **more))
        elif cls is Lexicon:
            self.add(replace(draw(lexicons()), **more))
        else:
            self.add(
                Evidence(
                    url=draw(_may_be(urls)),
                    title=draw(_may_be(texts)),
                    publisher=draw(_may_be(names)),
                    published=draw(_may_be(whens)),
                    quote=draw(_may_be(texts)),
                    says=draw(texts),
                    sha256=draw(_may_be(hashes)),
                    **more,
                )
            )

    def statement(self) -> None:
        self.add(
            Statement(
                source=self.one(Source),
                place=self.draw(names),
                quote=self.draw(quotes),
                verdict=self.draw(st.sampled_from((SCORED, *REFUSALS))),
                **self.correction(Statement),
            )
        )

    def revision(self) -> None:
        self.add(
            Revision(
                question=self.one(Question),
                effect=self.draw(st.sampled_from((CLARIFY, REPLACE))),
                wording=self.draw(wordings()),
                replaces=self.several(Question, Revision, least=1),
                why=self.draw(_may_be(texts)),
            )
        )

    def family(self) -> None:
        self.add(
            Family(
                key=self.draw(keys),
                title=self.draw(_may_be(texts)),
                questions=self.several(Question),
                **self.correction(Family),
            )
        )

    def label(self) -> None:
        self.add(
            Label(
                question=self.one(Question),
                label=self.draw(keys),
                present=self.draw(st.booleans()),
                **self.correction(Label),
            )
        )

    def forecast(self) -> None:
        draw = self.draw
        question = self.one(Question)
        more = self.correction(Forecast)
        words, answer = None, draw(answers())
        has_words = draw(st.booleans())
        if has_words and self.some(Lexicon):
            digest = self.one(Lexicon)
            lexicon = self.entries[digest]
            assert isinstance(lexicon, Lexicon)
            spelling = draw(st.sampled_from(draw(st.sampled_from(lexicon.phrases)).spellings))
            side = draw(st.sampled_from(_SIDES))
            words = Words(phrase=spelling, lexicon=digest, side=side)
            low, yes, high = sorted(draw(st.tuples(parts, parts, parts)))
            meaning = look_up(spelling, lexicon, side=side)
            if meaning.mid is not None and draw(st.booleans()):
                low, yes, high = meaning.low, meaning.mid, meaning.high
            else:
                more["why"] = draw(texts)
            answer = Answer(yes=yes, low=low, high=high)
        revisions = [
            digest
            for digest in self.some(Revision)
            if getattr(self.entries[digest], "question") == question  # noqa: B009
        ]
        self.add(
            Forecast(
                question=question,
                revision=draw(st.sampled_from((None, *revisions))),
                forecaster=self.one(Forecaster),
                made=draw(whens),
                answer=answer,
                words=words,
                coder=draw(_may_be(names)),
                coded=draw(_may_be(whens)),
                record=draw(st.sampled_from((None, *self.some(Evidence)))),
                **more,
            )
        )

    def withdrawal(self) -> None:
        self.add(
            Withdrawal(
                question=self.one(Question),
                forecaster=self.one(Forecaster),
                made=self.draw(whens),
                **self.correction(Withdrawal),
            )
        )

    def reading(self) -> None:
        statement = self.one(Statement)
        has_primary = any(
            isinstance(entry, Reading) and entry.primary and entry.statement == statement
            for entry in self.entries.values()
        )
        self.add(
            Reading(
                forecast=self.one(Forecast),
                statement=statement,
                name=self.draw(_may_be(names)),
                primary=not has_primary and self.draw(st.booleans()),
                deadline_from=self.draw(st.sampled_from((None, *DEADLINE_SOURCES))),
                status_quo=self.draw(st.sampled_from((None, True, False))),
                **self.correction(Reading),
            )
        )

    def resolution(self) -> None:
        self.add(
            Resolution(
                question=self.one(Question),
                outcome=self.draw(st.sampled_from(("yes", "no", ANNULLED, AMBIGUOUS))),
                known=self.draw(whens),
                resolver=self.draw(names),
                firmness=self.draw(st.sampled_from(FIRMNESS)),
                evidence=self.several(Evidence),
                against=self.several(Evidence),
                note=self.draw(_may_be(texts)),
                **self.correction(Resolution),
            )
        )

    def counterpart(self) -> None:
        question, other = self.one(Question), self.one(Question)
        if question != other:
            self.add(
                Counterpart(
                    question=question,
                    other=other,
                    closeness=self.draw(st.sampled_from(CLOSENESS)),
                    difference=self.draw(texts),
                    **self.correction(Counterpart),
                )
            )

    def _target(self) -> Digest:
        return self.draw(
            st.sampled_from(
                [d for d, entry in self.entries.items() if not isinstance(entry, Retraction)]
            )
        )

    def note(self) -> None:
        self.add(
            Note(
                target=self._target(),
                author=self.draw(names),
                text=self.draw(texts),
                evidence=self.several(Evidence),
                **self.correction(Note),
            )
        )

    def retraction(self) -> None:
        self.add(
            Retraction(
                target=self._target(),
                by=self.draw(names),
                slip=self.draw(st.booleans()),
                why=self.draw(_may_be(texts)),
            )
        )


@st.composite
def ledgers(draw: st.DrawFn, most: int = 14) -> list[Entry]:
    """Draw entries of every type but redaction, each after those it names, as a book can hold.

    Words are in their lexicon, a number that departs from them says why, a revision answered
    is one of the question, corrections say why, and no statement has two primary readings.
    """
    ledger = _Ledger(draw)
    ledger.add(Source(key="article", title="An article", published=When.at(NOW)))
    ledger.add(Question(key="ceasefire", kind="binary", wording=draw(wordings())))
    ledger.add(Forecaster(name="Ian Bremmer"))
    if draw(st.booleans()):
        ledger.add(draw(st.sampled_from([draw(lexicons()), *packaged_lexicons().values()])))
        ledger.add(Evidence(says="A thing."))
        ledger.statement()
        ledger.forecast()
        ledger.reading()
    for _ in range(draw(st.integers(0, most))):
        ledger.grow()
    return list(ledger.entries.values())


redactions = st.builds(Redaction, text=hashes, by=names, why=_may_be(texts))
entries = ledgers().flatmap(st.sampled_from) | redactions


@st.composite
def logs(draw: st.DrawFn) -> list[Recorded[Entry]]:
    """Draw a ledger with its log."""
    moment = max(draw(instants).start, datetime(1970, 1, 1, tzinfo=UTC))
    rows = []
    for seq, entry in enumerate([*draw(ledgers()), draw(redactions)], start=1):
        moment += timedelta(microseconds=draw(st.integers(0, 10**9)))
        nonce = draw(st.binary(min_size=16, max_size=16))
        rows.append(Recorded(seq, moment, nonce, digest_of(entry), entry))
    return rows
