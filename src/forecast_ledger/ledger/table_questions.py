"""The questions of a table beside those of a ledger: which is which, and what is new of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import Label, Question, Wording
from forecast_ledger.domain.moments import When, moment_of
from forecast_ledger.domain.plain_forecasts import INSTANT
from forecast_ledger.errors import InvalidError
from forecast_ledger.ledger.recorded_questions import RecordedQuestions
from forecast_ledger.ledger.state import UNDONE, QuestionState
from forecast_ledger.ledger.table_keys import candidate_keys, recorded_keys
from forecast_ledger.ledger.table_outcomes import Outcomes
from forecast_ledger.ledger.table_plan import Fault, Planned, RefusedError
from forecast_ledger.store.read import Reader

if TYPE_CHECKING:
    from forecast_ledger.formats.csv_questions import Asked

_COLUMN = "the table a key column"


class Planning:
    """Finds the questions of a table in a ledger, or none of them where `reader` is None.

    `headers` are those of the table's columns, by which messages name them.
    """

    def __init__(
        self,
        reader: Reader | None,
        now: datetime,
        zone: tzinfo,
        first_made: Sequence[str],
        *,
        headers: Mapping[str, str],
        fault: Fault,
    ) -> None:
        self._reader = reader
        self._zone = zone
        self._first_made = first_made
        self._headers = headers
        self._fault = fault
        self._questions = RecordedQuestions(reader, now)
        self._outcomes = Outcomes(now, headers)

    def plan(self, asked: Iterable[Asked]) -> list[Planned]:
        """Return the questions that have forecasts, by key; tell `fault` of those that cannot be.

        What is at fault is left out.
        """
        chosen = [one for one in asked if self._first(one) is not None]
        candidates = candidate_keys(chosen, self._zone)
        made = {key for keys in candidates.values() for key in keys}
        self._questions.look_up(made | recorded_keys(self._reader, chosen))
        self._questions.look_up(self._questions.keys_of_texts(chosen))
        planned: dict[str, Planned] = {}
        twice = set()
        for number, one in enumerate(chosen):
            try:
                found = self._planned(one, candidates[number])
            except RefusedError as refused:
                self._fault(*refused.args)
                continue
            except InvalidError as error:
                self._fault(one.line, "question", error.message)
                continue
            other = planned.setdefault(found.key, found)
            if other is not found:
                self._fault(
                    one.line,
                    "question",
                    f"is the question {found.key} as is line {other.asked.line}, in other words."
                    " Write them alike, or give one a key of its own.",
                )
                twice.add(found.key)
        return [planned[key] for key in sorted(planned.keys() - twice)]

    def _first(self, asked: Asked) -> str | None:
        first = min(self._first_made[number] for number in asked.spellings)
        return first if first[0].isdigit() else None

    def _planned(self, asked: Asked, candidates: Sequence[str]) -> Planned:
        for key in candidates:
            if key in self._questions.states and (
                asked.key is not None or self._questions.asks(key, asked.text)
            ):
                return self._recorded(asked, self._questions.states[key])
        same = self._in_these_words(asked)
        if same is not None:
            return self._recorded(asked, self._questions.states[same])
        free = [key for key in reversed(candidates) if key not in self._questions.states]
        if not free:
            raise RefusedError(
                asked.line,
                "question",
                f"makes the key {candidates[-1]}, which is another question's. Give it a key.",
            )
        return self._new(asked, free[0])

    def _in_these_words(self, asked: Asked) -> str | None:
        """Return the key of the one recorded question with this text and no other deadline."""
        if asked.key is not None or asked.text is None:
            return None
        same = self._questions.in_words(asked.text)
        if asked.closes is None:
            fitting = same
        else:
            fitting = [
                key
                for key in same
                if any(w.closes == asked.closes for w in self._questions.wordings(key))
            ]
        if len(fitting) == 1:
            return fitting[0]
        if not same:
            return None
        has_keys = "key" in self._headers
        if fitting or asked.closes is None:
            raise RefusedError(
                asked.line,
                "question",
                f"{len(fitting)} questions are asked in these words in this ledger"
                f" ({', '.join(fitting[:3])}). Give {'the row its key' if has_keys else _COLUMN}.",
            )
        here = self._questions.wordings(same[0])[-1].closes
        raise RefusedError(
            asked.lines["closes"],
            "closes",
            f"this text is recorded as {same[0]}, {_deadline(here)}, not"
            f" {_date(asked.closes)}. Correct one, leave the cells empty, or, if it is another"
            f" question, give {'it a key of its own' if has_keys else _COLUMN}.",
        )

    def _new(self, asked: Asked, key: str) -> Planned:
        if asked.text is None:
            raise RefusedError(
                asked.line,
                "key",
                f"there is no question {key} in this ledger, and no row says what it asks.",
            )
        question = Question(key=key, kind="binary", wording=self._wording(asked, asked.text))
        planned = Planned(asked=asked, key=key, digest=digest_of(question), closes=asked.closes)
        planned.entries.append(question)
        planned.entries += [Label(question=planned.digest, label=tag) for tag in asked.tags]
        self._outcomes.resolve(planned, asked.closes, asked.opens, None)
        return planned

    def _wording(self, asked: Asked, text: str) -> Wording:
        # Nobody says when the question was written. It was when it opened or was first
        # answered, and that stays the same however often the table is imported.
        moments = [moment_of((self._first(asked) or "")[:INSTANT])]
        if asked.opens is not None:
            moments.append(asked.opens.start)
        return Wording(
            text=text,
            opens=asked.opens,
            closes=asked.closes,
            due=asked.due,
            written=When.at(min(moments)),
        )

    def _recorded(self, asked: Asked, state: QuestionState) -> Planned:
        key = state.key
        if state.status == UNDONE:
            raise RefusedError(
                asked.line, "key", f"{key} was taken back in this ledger. Give another key."
            )
        if state.wording is None:
            raise RefusedError(
                asked.line,
                "question",
                f"{key} has {len(state.wordings)} wordings in force. Settle it first: fl revise"
                f" {key} --clarify ...",
            )
        self._refuse_other(asked, key)
        planned = Planned(
            asked=asked,
            key=key,
            digest=state.question,
            seq=self._questions.entries[key][0].seq,
            places=tuple(row.seq for row in self._questions.entries[key]),
            revisions=tuple(sorted(self._questions.revisions[key])),
            closes=state.window.closes if state.window else None,
            already=1,
            families=state.families,
        )
        for row in self._questions.entries[key]:
            if row.digest == state.question:
                planned.seq = row.seq
        fresh = [tag for tag in asked.tags if tag not in self._questions.labels[key]]
        planned.entries += [Label(question=state.question, label=tag) for tag in fresh]
        planned.already += len(asked.tags) - len(fresh)
        opens = state.window.opens if state.window else None
        self._outcomes.resolve(
            planned, planned.closes, opens, state, self._questions.resolutions[key]
        )
        return planned

    def _refuse_other(self, asked: Asked, key: str) -> None:
        """Refuse what was said of a recorded question and was never recorded of it."""
        wordings = self._questions.wordings(key)
        if asked.text is not None and not self._questions.asks(key, asked.text):
            raise RefusedError(
                asked.lines["question"],
                "key",
                f'{key} is another question in this ledger: "{wordings[-1].text}". Give this one'
                " a key of its own.",
            )
        for name in ("opens", "closes", "due"):
            said = getattr(asked, name)
            if said is not None and not any(getattr(each, name) == said for each in wordings):
                here = getattr(wordings[-1], name)
                raise RefusedError(
                    asked.lines[name],
                    name,
                    f"{key} is recorded {_dated(here)}, not {_dated(said)}. Correct one, leave"
                    " the cells empty, or give the question a key of its own.",
                )


def _dated(when: When | None) -> str:
    if when is None:
        return "without one"
    return f"as {_date(when)}"


def _deadline(when: When | None) -> str:
    return "without a deadline" if when is None else f"which closes {_date(when)}"


def _date(when: When) -> str:
    return str(when.day or when.start.strftime("%Y-%m-%d %H:%M:%S UTC"))
