"""Recording what is asked and answered: questions, forecasts and withdrawals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import (
    Answer,
    Entry,
    Forecast,
    Label,
    Question,
    Reading,
    Revision,
    Withdrawal,
    Wording,
    Words,
)
from forecast_ledger.domain.fields import Digest
from forecast_ledger.domain.keys import key_for
from forecast_ledger.domain.kinds import kind_named
from forecast_ledger.domain.moments import When
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.domain.words import Meaning, look_up
from forecast_ledger.errors import ConflictError, NotFoundError, UsageError
from forecast_ledger.ledger.asked_already import free_key, refuse_asked_already, refuse_taken
from forecast_ledger.ledger.base import LedgerBase, same_identity
from forecast_ledger.ledger.phrasing import Phrased, all_lexicons, answer_in_words, lexicon_named
from forecast_ledger.ledger.quoting import Quoted, source_quoted, statement_quoted
from forecast_ledger.ledger.series import series_of, stands
from forecast_ledger.ledger.state import QuestionState, new_state, state_at
from forecast_ledger.store.write import Writer


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
            source = source_quoted(writer, quoted) if quoted else None
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
                refuse_asked_already(writer, derived, taken, wording, answer)
                key = free_key(derived, taken)
            question = Question(key=key, kind=kind, wording=wording)
            admitted: Entry = question
            if same_identity(writer, question):
                refuse_taken(writer, question)
                admitted = self._without_conflict(writer, question)
            digest = digest_of(admitted)
            entries = [admitted, *(Label(question=digest, label=tag) for tag in tags)]
            default = source.entry.published if source else now
            said = _Said(answer, who, made or default, why, coder, phrased, quoted)
            done = self._forecast(writer, _Asked(key, digest), said, entries)
            if family is None:
                return done
            from forecast_ledger.ledger.annotating import Annotating

            Annotating.of(self).join(writer, family, None, [digest])
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
            source = source_quoted(writer, quoted) if quoted else None
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
            lexicon = lexicon_named(writer, phrased.lexicon)
            meaning = look_up(
                phrased.phrase,
                lexicon,
                side=phrased.side,  # type: ignore[arg-type]
                others=all_lexicons(writer),
                has_number=answer is not None,
            )
            entries.append(lexicon)
            words = Words(phrase=phrased.phrase, lexicon=digest_of(lexicon), side=phrased.side)
            answer = answer_in_words(answer, meaning, said.why)
        if answer is None:
            raise UsageError("there is no probability. Say one, or give --words.")
        series = series_of(writer, asked.state.root, who) if asked.state else []
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
            claim, primary = statement_quoted(writer, quoted, forecast)
            statement = self._without_conflict(writer, claim)
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
            state = new_state(writer, [row.recorded for row in appended])
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
            series = series_of(writer, state.root, who)
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


def _asked_of(state: QuestionState) -> _Asked:
    wording = state.wordings[0]
    if isinstance(wording.entry, Revision):
        return _Asked(state.key, wording.entry.question, wording.digest, state)
    return _Asked(state.key, wording.digest, None, state)
