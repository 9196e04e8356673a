"""Recording what is asked and answered: questions, forecasts, and what is put beside them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import (
    Answer,
    Entry,
    Evidence,
    Family,
    Forecast,
    Label,
    Lexicon,
    Note,
    Question,
    Reading,
    Revision,
    Source,
    Statement,
    Withdrawal,
    Wording,
    Words,
)
from forecast_ledger.domain.fields import Digest
from forecast_ledger.domain.keys import key_for, same_sentence
from forecast_ledger.domain.kinds import kind_named
from forecast_ledger.domain.moments import When
from forecast_ledger.domain.probability import format_probability
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.domain.words import Meaning, look_up
from forecast_ledger.errors import ConflictError, InvalidError, NotFoundError, UsageError
from forecast_ledger.ledger.base import (
    LedgerBase,
    primary_elsewhere,
    same_identity,
)
from forecast_ledger.ledger.state import (
    OPEN,
    OVERDUE,
    UNDONE,
    QuestionState,
    ended_wording,
    question_states,
)
from forecast_ledger.store.read import Reader
from forecast_ledger.store.write import Writer

_UNANSWERED = (OPEN, OVERDUE)


@dataclass(frozen=True, slots=True)
class Quoted:
    """A claim of a recorded source that a forecast reads."""

    source: str
    quote: str
    place: str
    reading: str | None = None


@dataclass(frozen=True, slots=True)
class Phrased:
    """Words instead of a number: the phrase, the lexicon's key, the side they speak of."""

    phrase: str
    lexicon: str
    side: str = "yes"


@dataclass(frozen=True, slots=True)
class _Asked:
    """The question and wording a forecast answers; without `state` it is only now recorded."""

    key: str
    question: Digest
    revision: Digest | None = None
    state: QuestionState | None = None


@dataclass(frozen=True, slots=True)
class _Said:
    """What was typed of a forecast."""

    answer: Answer | None
    who: str
    made: When
    why: str | None
    coder: str | None
    phrased: Phrased | None
    quoted: Quoted | None


@dataclass(frozen=True, slots=True)
class Forecasted:
    """What recording a forecast did: the question, the entry, and what stood before.

    `primary` is the key of the question on which the claim quoted is scored, where this is
    another reading of it and never is.
    """

    state: QuestionState
    forecast: Recorded[Forecast]
    forecaster: str
    previous: Recorded[Forecast] | None
    count: int
    meaning: Meaning | None
    now: datetime
    new: bool = True
    primary: str | None = None


class Recording(LedgerBase):
    """Use cases that record questions and answers."""

    def add(
        self,
        text: str,
        answer: Answer | None,
        *,
        who: str,
        key: str | None = None,
        kind: str = "binary",
        criteria: str | None = None,
        opens: When | None = None,
        closes: When | None = None,
        due: When | None = None,
        tags: Sequence[str] = (),
        family: str | None = None,
        why: str | None = None,
        made: When | None = None,
        coder: str | None = None,
        worded_by: str | None = None,
        phrased: Phrased | None = None,
        quoted: Quoted | None = None,
        stem: str | None = None,
        deadline_day: date | None = None,
    ) -> Forecasted:
        """Record a question with its first forecast, all in one transaction.

        `answer` may be None where `phrased` gives the number. Where there is no `key` one is
        made of `stem` (the text without what names its deadline) and `deadline_day`, the day
        of the deadline as its typist sees it. `worded_by` made the question of a statement,
        if that was not who coded the number. Raises ConflictError if `key` names another
        question, or if there is none and an open question asks the same already.
        """
        kind_named(kind)
        with self._writer() as writer:
            now = When.at(writer.now)
            source = self._source_of(writer, quoted)
            wording = Wording(
                text=text,
                criteria=criteria,
                opens=opens,
                closes=closes,
                due=due,
                written=now,
                coder=worded_by or coder,
            )
            if key is None:
                derived = key_for(stem or text, deadline_day)
                taken = writer.keys_from(derived, 1_000)
                _refuse_asked_already(writer, derived, taken, wording, answer)
                key = _free_key(derived, taken)
            question = Question(key=key, kind=kind, wording=wording)
            admitted: Entry = question
            if same_identity(writer, question):
                self._refuse_taken(writer, question)
                admitted = self._without_conflict(writer, question)
            digest = digest_of(admitted)
            entries = [admitted, *(Label(question=digest, label=tag) for tag in tags)]
            default = source.entry.published if source else now
            said = _Said(answer, who, made or default, why, coder, phrased, quoted)
            done = self._forecast(writer, _Asked(key, digest), said, entries)
            if family is None:
                return done
            self._join(writer, family, None, [digest])
            return replace(done, state=state_at(writer, done.state.root))

    def forecast(
        self,
        key: str,
        answer: Answer | None,
        *,
        who: str,
        why: str | None = None,
        made: When | None = None,
        coder: str | None = None,
        phrased: Phrased | None = None,
        quoted: Quoted | None = None,
    ) -> Forecasted:
        """Record a new forecast on a question; the old ones stay in the record."""
        with self._writer() as writer:
            state = self._open_state(writer, key, writer.now)
            source = self._source_of(writer, quoted)
            default = source.entry.published if source else When.at(writer.now)
            said = _Said(answer, who, made or default, why, coder, phrased, quoted)
            return self._forecast(writer, _asked_of(state), said)

    def _forecast(
        self, writer: Writer, asked: _Asked, said: _Said, before: Sequence[Entry] = ()
    ) -> Forecasted:
        """Record `before` and the forecast said of what is asked."""
        answer, who, made = said.answer, said.who, said.made
        phrased, quoted = said.phrased, said.quoted
        forecasters, forecaster = self._forecaster(writer, who)
        words, meaning = None, None
        entries: list[Entry] = [*before, *forecasters]
        if phrased is not None:
            lexicon = self.lexicon(writer, phrased.lexicon)
            meaning = look_up(
                phrased.phrase,
                lexicon,
                side=phrased.side,  # type: ignore[arg-type]
                others=self.lexicons(writer),
                has_number=answer is not None,
            )
            entries.append(lexicon)
            words = Words(phrase=phrased.phrase, lexicon=digest_of(lexicon), side=phrased.side)
            answer = _answer_from(answer, meaning, said.why)
        if answer is None:
            raise UsageError("there is no probability. Say one, or give --words.")
        series = self._series(writer, asked.state.root, who) if asked.state else []
        mine = [row for row in series if isinstance(row.entry, Forecast)]
        if mine and mine[-1].entry.made == made and made.day is None:
            raise ConflictError(
                f"{who} has a forecast on {asked.key} made at that very moment already."
                " Wait a moment, or say --made."
            )
        forecast = Forecast(
            question=asked.question,
            revision=asked.revision,
            forecaster=forecaster,
            made=made,
            answer=answer,
            words=words,
            coder=said.coder,
            coded=When.at(writer.now) if said.coder else None,
            why=said.why,
        )
        entries.append(forecast)
        primary, previous = None, None
        if quoted is not None:
            statement, primary = self._statement(writer, quoted, forecast)
            # What was typed and undone before is recorded as its correction, with other digests.
            entries += [
                statement,
                Reading(
                    forecast=digest_of(self._without_conflict(writer, forecast)),
                    statement=digest_of(statement),
                    name=quoted.reading,
                    primary=primary is None,
                ),
            ]
        if asked.state is not None:
            earlier = [row for row in series if row.entry.made.start <= made.start]
            previous = stands(writer, asked.state, earlier)
        appended = self._put(writer, entries)
        recorded = next(a for a in appended if isinstance(a.recorded.entry, Forecast))
        if asked.state is None:
            state = _new_state(writer, [row.recorded for row in appended])
        else:
            state = state_at(writer, asked.state.root)
        return Forecasted(
            state=state,
            forecast=recorded.recorded,
            forecaster=who,
            previous=previous if recorded.new else None,
            count=len(mine) + (1 if recorded.new else 0),
            meaning=meaning,
            now=writer.now,
            new=recorded.new,
            primary=primary,
        )

    def withdraw(self, key: str, *, who: str, why: str | None = None) -> Forecasted:
        """Record that a forecaster no longer answers a question, from now on."""
        with self._writer() as writer:
            state = self._state(writer, key, writer.now)
            series = self._series(writer, state.root, who)
            mine = [row for row in series if isinstance(row.entry, Forecast)]
            if not mine:
                raise NotFoundError(f"{who} has no forecast on {state.key} to withdraw.")
            standing = stands(writer, state, series)
            if standing is None:
                withdrawn = isinstance(series[-1].entry, Withdrawal)
                why_none = "was withdrawn" if withdrawn else "was on a wording since replaced"
                raise ConflictError(
                    f"no forecast by {who} stands on {state.key}, so there is nothing to"
                    f" withdraw: the last one {why_none}. Nothing was recorded."
                )
            self._put(
                writer,
                [
                    Withdrawal(
                        question=standing.entry.question,
                        forecaster=standing.entry.forecaster,
                        made=When.at(writer.now),
                        why=why,
                    )
                ],
            )
            return Forecasted(state, standing, who, standing, len(mine), None, writer.now)

    def _series(self, reader: Reader, asked: int, who: str) -> list[Recorded[Any]]:
        """Return what a forecaster said of a question, withdrawals too, as it was made."""
        root = reader.roots("forecaster", "name", who)
        if root is None:
            return []
        about: dict[str, Any] = {
            "question": reader.of_root("question", asked),
            "forecaster": reader.of_root("forecaster", root),
        }
        found = [*reader.find("forecast", **about), *reader.find("withdrawal", **about)]
        return sorted(found, key=lambda row: (row.entry.made.start, row.seq))

    # -- what is put beside ----------------------------------------------------------------

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
            family = self._join(writer, key, title, [state.question for state in states])
            roots = [place[0] for place in writer.places_of(family.questions).values()]
            found = question_states(writer, writer.now, roots)
            return key, tuple(found.values())

    def _join(
        self, writer: Writer, key: str, title: str | None, questions: Sequence[Digest]
    ) -> Family:
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

    def _source_of(self, reader: Reader, quoted: Quoted | None) -> Recorded[Source] | None:
        if quoted is None:
            return None
        found = reader.find("source", key=quoted.source)
        if not found:
            raise NotFoundError(
                f'there is no source "{quoted.source}". Record it first: fl source'
                f" {quoted.source} --title ... --published DATE"
            )
        if len(found) > 1:
            raise ConflictError(f"the source {quoted.source} is disputed: two entries describe it.")
        return found[0]

    def _statement(
        self, writer: Writer, quoted: Quoted, forecast: Forecast
    ) -> tuple[Entry, str | None]:
        """Return the claim quoted, and the question another forecast reads it on, if any."""
        source = self._source_of(writer, quoted)
        assert source is not None  # noqa: S101 - looked up by the caller
        said = Statement(
            source=source.digest, place=quoted.place, quote=quoted.quote, verdict="scored"
        )
        primary = primary_elsewhere(writer, said, forecast, writer.now)
        return self._without_conflict(writer, said), primary

    # -- lexicons --------------------------------------------------------------------------

    def lexicon(self, reader: Reader, key: str) -> Lexicon:
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

    def lexicons(self, reader: Reader) -> list[Lexicon]:
        """Return every lexicon, recorded or packaged, by key."""
        from forecast_ledger.formats.packaged import packaged_lexicons

        found = dict(packaged_lexicons())
        row: Recorded[Lexicon]
        for row in reader.find("lexicon"):
            found[row.entry.key] = row.entry
        return [found[key] for key in sorted(found)]

    def _refuse_taken(self, reader: Writer, question: Question) -> None:
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


def _free_key(key: str, taken: Collection[str]) -> str:
    candidate, count = key, 1
    while candidate in taken:
        count += 1
        candidate = f"{key}-{count}"
    return candidate


def _refuse_asked_already(
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


def stands(
    reader: Reader, state: QuestionState, series: Sequence[Recorded[Any]]
) -> Recorded[Forecast] | None:
    """Return the last of a series, unless that is a withdrawal or its wording was replaced."""
    row: Recorded[Any]
    for row in reversed(series):
        if isinstance(row.entry, Withdrawal):
            return None
        if not ended_wording(reader, state, row.entry):
            return row
    return None


def state_at(reader: Writer, root: int) -> QuestionState:
    """Return the question an entry belongs to, as it stands now."""
    place = reader.root_map_of("question", root)
    return question_states(reader, reader.now, [place])[place]


def _new_state(writer: Writer, rows: Sequence[Recorded[Any]]) -> QuestionState:
    """Return the state of the question that was recorded with these entries, all of it."""
    question: Recorded[Question] = rows[0]
    return QuestionState(
        root=writer.root_map_of("question", question.seq),
        key=question.entry.key,
        kind=question.entry.kind,
        question=question.digest,
        entries=(question.digest,),
        wordings=(question,),
        window=question.entry.wording,
        ended=frozenset(),
        resolutions=(),
        tags=tuple(sorted(row.entry.label for row in rows if isinstance(row.entry, Label))),
        families=(),
        now=writer.now,
    )


def _asked_of(state: QuestionState) -> _Asked:
    wording = state.wordings[0]
    if isinstance(wording.entry, Revision):
        return _Asked(state.key, wording.entry.question, wording.digest, state)
    return _Asked(state.key, wording.digest, None, state)


def _answer_from(answer: Answer | None, meaning: Meaning, why: str | None) -> Answer:
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
