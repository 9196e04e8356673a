"""The questions of a table beside those of a ledger: which is which, and what is new of them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import (
    Entry,
    Family,
    Forecaster,
    Label,
    Question,
    Resolution,
    Revision,
    Wording,
)
from forecast_ledger.domain.fields import Digest, text_digest
from forecast_ledger.domain.keys import _bare, key_for, same_sentence
from forecast_ledger.domain.moments import When, moment_of, text_of
from forecast_ledger.domain.plain_forecasts import INSTANT
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.errors import InvalidError
from forecast_ledger.ledger.base import difference
from forecast_ledger.ledger.state import UNDONE, QuestionState, question_states
from forecast_ledger.store.read import Reader

if TYPE_CHECKING:
    from forecast_ledger.formats.csv_questions import Asked

TABLE = "imported table"
"""Who says what a table says beside its forecasts. It is no file's name: the same rows in another
file, or in another ledger, must be the same entry."""
RESOLUTION_NOTE = "The outcome was given in the table the forecasts were imported from."
_SUFFIX = 6
"""Hexadecimal digits that tell two questions apart whose texts make the same key."""
_BEHIND = re.compile(r"(-[0-9]{4}-[0-9]{2})?(-[0-9a-f]+)?")
"""What may stand in a key behind what its text makes: the deadline, and what tells it apart."""
_ALL = 2**31 - 1
_COLUMN = "the table a key column"

Fault = Callable[[int, str, str], None]


@dataclass(slots=True, kw_only=True)
class Planned:
    """A question of a table as it will stand in the ledger.

    `entries` are the new ones about it, each after those it names. `places` are its entries
    recorded already. `revisions` are its later wordings: from when on, place, digest. `known`
    is when the outcome became known, if it is or will be recorded; `conflict` says how the
    table's outcome differs from the recorded one.
    """

    asked: Asked
    key: str
    digest: Digest
    seq: int = 0
    entries: list[Entry] = field(default_factory=list)
    places: tuple[int, ...] = ()
    revisions: tuple[tuple[str, int, Digest], ...] = ()
    closes: When | None = None
    outcome: str | None = None
    known: When | None = None
    already: int = 0
    families: tuple[str, ...] = ()
    conflict: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """The forecasters of a table in the order of their names: digest, places, new entries."""

    names: tuple[str, ...]
    digests: tuple[Digest, ...]
    places: tuple[tuple[int, ...], ...]
    new: tuple[Forecaster, ...]


def people_of(reader: Reader | None, names: Iterable[str]) -> People:
    """Return the forecasters of these names, recorded or new."""
    ordered = tuple(sorted(names))
    digests: list[Digest] = []
    places: list[tuple[int, ...]] = []
    new: list[Forecaster] = []
    for name in ordered:
        root = reader.roots("forecaster", "name", name) if reader else None
        if reader is None or root is None:
            entry = Forecaster(name=name)
            new.append(entry)
            digests.append(digest_of(entry))
            places.append(())
        else:
            digests.append(reader.digest_at(root))
            places.append((root, *(s for s in reader.of_root("forecaster", root) if s != root)))
    return People(ordered, tuple(digests), tuple(places), tuple(new))


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
        self._now = now
        self._zone = zone
        self._first_made = first_made
        self._headers = headers
        self._fault = fault
        self._states: dict[str, QuestionState] = {}
        self._entries: dict[str, list[Recorded[Question]]] = defaultdict(list)
        self._resolutions: dict[str, list[Recorded[Resolution]]] = defaultdict(list)
        self._by_text: dict[str, set[str]] = defaultdict(set)
        self._labels: dict[str, set[str]] = defaultdict(set)
        self._revisions: dict[str, list[tuple[str, int, Digest]]] = defaultdict(list)

    def plan(self, asked: Iterable[Asked]) -> list[Planned]:
        """Return the questions that have forecasts, by key; tell `fault` of those that cannot be.

        What is at fault is left out.
        """
        chosen = [one for one in asked if self._first(one) is not None]
        candidates = self._candidates(chosen)
        made = {key for keys in candidates.values() for key in keys}
        self._look_up(made | self._recorded_keys(chosen))
        self._look_up(self._chosen_keys(chosen))
        planned: dict[str, Planned] = {}
        twice = set()
        for number, one in enumerate(chosen):
            try:
                found = self._planned(one, candidates[number])
            except _RefusedError as refused:
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

    # -- keys ------------------------------------------------------------------------------

    def _candidates(self, asked: Sequence[Asked]) -> dict[int, list[str]]:
        """Return the keys each question may be known by, the one for a new question last."""
        bare = {n: self._bare_key(one) for n, one in enumerate(asked) if one.key is None}
        texts: dict[str, set[str]] = defaultdict(set)
        for number, key in bare.items():
            texts[key].add(asked[number].text or "")
        for one in asked:
            if one.key is not None and one.key in texts:
                texts[one.key].add(f"key {one.key}")
        found = {}
        for number, one in enumerate(asked):
            if one.key is not None:
                found[number] = [one.key]
                continue
            key = bare[number]
            longer = f"{key}-{text_digest(one.text or '')[:_SUFFIX]}"
            found[number] = [longer, key] if len(texts[key]) == 1 else [key, longer]
        return found

    def _bare_key(self, asked: Asked) -> str:
        closes = asked.closes
        day: date | None = None
        if closes is not None:
            day = closes.day or closes.start.astimezone(self._zone).date()
        return key_for(asked.text or "", day)

    def _recorded_keys(self, asked: Sequence[Asked]) -> set[str]:
        """Return the recorded keys made out of the texts of questions without one."""
        bases = {key_for(one.text, None) for one in asked if one.key is None and one.text}
        if self._reader is None or not self._reader.cut or not bases:
            return set()
        keys = self._reader.keys_from("", _ALL)
        found = set()
        for base in bases:
            at = bisect_left(keys, base)
            while at < len(keys) and (keys[at] == base or keys[at].startswith(f"{base}-")):
                if _BEHIND.fullmatch(keys[at], len(base)):
                    found.add(keys[at])
                at += 1
        return found

    def _chosen_keys(self, asked: Sequence[Asked]) -> set[str]:
        """Return the recorded keys that do not show the text, of texts not found by theirs."""
        texts = {
            bytes.fromhex(text_digest(one.text))
            for one in asked
            if one.key is None and one.text and _bare(one.text) not in self._by_text
        }
        if self._reader is None or not self._reader.cut or not texts:
            return set()
        rows = self._reader.find("question", in_force=False, wording_text=texts)
        return {row.entry.key for row in rows} - self._states.keys()

    # -- what is recorded ------------------------------------------------------------------

    def _look_up(self, keys: set[str]) -> None:
        if self._reader is None or not self._reader.cut or not keys:
            return
        reader = self._reader
        rows: list[Recorded[Question]] = reader.find("question", in_force=False, key=keys)
        for row in rows:
            self._entries[row.entry.key].append(row)
        if not rows:
            return
        roots = {key: self._entries[key][0].seq for key in keys & self._entries.keys()}
        states = question_states(reader, self._now, list(roots.values()))
        self._states |= {state.key: state for state in states.values()}
        self._note_texts(states.values())
        key_of = {row.digest: row.entry.key for row in rows}
        seqs = [row.seq for row in rows]
        for resolution in reader.find("resolution", in_force=False, question=seqs):
            self._resolutions[key_of[resolution.entry.question]].append(resolution)
        for label in reader.find("label", in_force=False, question=seqs):
            self._labels[key_of[label.entry.question]].add(label.entry.label)
        revisions: list[Recorded[Revision]] = reader.find("revision", in_force=False, question=seqs)
        fates = reader.state_of([row.seq for row in revisions])
        for later in revisions:
            if fates[later.seq] != "retracted":
                since = text_of(later.entry.wording.written.start)
                self._revisions[key_of[later.entry.question]].append(
                    (since, later.seq, later.digest)
                )

    def _note_texts(self, states: Iterable[QuestionState]) -> None:
        for state in states:
            if state.status != UNDONE:
                for wording in self._wordings(state.key):
                    self._by_text[_bare(wording.text)].add(state.key)

    # -- one question ----------------------------------------------------------------------

    def _planned(self, asked: Asked, candidates: Sequence[str]) -> Planned:
        for key in candidates:
            if key in self._states and (asked.key is not None or self._asks(key, asked.text)):
                return self._recorded(asked, self._states[key])
        same = self._in_these_words(asked)
        if same is not None:
            return self._recorded(asked, self._states[same])
        free = [key for key in reversed(candidates) if key not in self._states]
        if not free:
            raise _RefusedError(
                asked.line,
                "question",
                f"makes the key {candidates[-1]}, which is another question's. Give it a key.",
            )
        return self._new(asked, free[0])

    def _in_these_words(self, asked: Asked) -> str | None:
        """Return the key of the one recorded question with this text and no other deadline."""
        if asked.key is not None or asked.text is None:
            return None
        same = sorted(self._by_text[_bare(asked.text)])
        if asked.closes is None:
            fitting = same
        else:
            fitting = [
                key for key in same if any(w.closes == asked.closes for w in self._wordings(key))
            ]
        if len(fitting) == 1:
            return fitting[0]
        if not same:
            return None
        has_keys = "key" in self._headers
        if fitting or asked.closes is None:
            raise _RefusedError(
                asked.line,
                "question",
                f"{len(fitting)} questions are asked in these words in this ledger"
                f" ({', '.join(fitting[:3])}). Give {'the row its key' if has_keys else _COLUMN}.",
            )
        here = self._wordings(same[0])[-1].closes
        raise _RefusedError(
            asked.lines["closes"],
            "closes",
            f"this text is recorded as {same[0]}, {_deadline(here)}, not"
            f" {_date(asked.closes)}. Correct one, leave the cells empty, or, if it is another"
            f" question, give {'it a key of its own' if has_keys else _COLUMN}.",
        )

    def _asks(self, key: str, text: str | None) -> bool:
        """Whether the recorded question of that key was ever put in these words."""
        if text is None or self._states[key].status == UNDONE:
            return False
        return any(same_sentence(text, each.text) for each in self._wordings(key))

    def _wordings(self, key: str) -> list[Wording]:
        first = [row.entry.wording for row in self._entries[key]]
        return first + [row.entry.wording for row in self._states[key].wordings]

    def _new(self, asked: Asked, key: str) -> Planned:
        if asked.text is None:
            raise _RefusedError(
                asked.line,
                "key",
                f"there is no question {key} in this ledger, and no row says what it asks.",
            )
        question = Question(key=key, kind="binary", wording=self._wording(asked, asked.text))
        planned = Planned(asked=asked, key=key, digest=digest_of(question), closes=asked.closes)
        planned.entries.append(question)
        planned.entries += [Label(question=planned.digest, label=tag) for tag in asked.tags]
        self._resolve(planned, asked.closes, asked.opens, None)
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
            raise _RefusedError(
                asked.line, "key", f"{key} was taken back in this ledger. Give another key."
            )
        if state.wording is None:
            raise _RefusedError(
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
            seq=self._entries[key][0].seq,
            places=tuple(row.seq for row in self._entries[key]),
            revisions=tuple(sorted(self._revisions[key])),
            closes=state.window.closes if state.window else None,
            already=1,
            families=state.families,
        )
        for row in self._entries[key]:
            if row.digest == state.question:
                planned.seq = row.seq
        fresh = [tag for tag in asked.tags if tag not in self._labels[key]]
        planned.entries += [Label(question=state.question, label=tag) for tag in fresh]
        planned.already += len(asked.tags) - len(fresh)
        opens = state.window.opens if state.window else None
        self._resolve(planned, planned.closes, opens, state)
        return planned

    def _refuse_other(self, asked: Asked, key: str) -> None:
        """Refuse what was said of a recorded question and was never recorded of it."""
        wordings = self._wordings(key)
        if asked.text is not None and not self._asks(key, asked.text):
            raise _RefusedError(
                asked.lines["question"],
                "key",
                f'{key} is another question in this ledger: "{wordings[-1].text}". Give this one'
                " a key of its own.",
            )
        for name in ("opens", "closes", "due"):
            said = getattr(asked, name)
            if said is not None and not any(getattr(each, name) == said for each in wordings):
                here = getattr(wordings[-1], name)
                raise _RefusedError(
                    asked.lines[name],
                    name,
                    f"{key} is recorded {_dated(here)}, not {_dated(said)}. Correct one, leave"
                    " the cells empty, or give the question a key of its own.",
                )

    # -- outcomes --------------------------------------------------------------------------

    def _resolve(
        self,
        planned: Planned,
        closes: When | None,
        opens: When | None,
        state: QuestionState | None,
    ) -> None:
        if state is not None:
            planned.outcome, planned.known = state.outcome, state.known
        asked = planned.asked
        if asked.outcome is None:
            if asked.known is not None:
                raise _RefusedError(
                    asked.lines["known"],
                    "known",
                    "says when an outcome was known, but no row says which. Add the outcome, or"
                    f" leave {self._called('known')} empty.",
                )
            return
        known = asked.known or self._at_deadline(asked, closes)
        if opens is not None and known.last < opens.start:
            raise _RefusedError(
                asked.lines.get("known", asked.line),
                "known",
                "lies before the question opens. Correct one of the two.",
            )
        for row in self._resolutions[planned.key]:
            # A day and an instant of that day are no two opinions about when it was known.
            same = row.entry.known.start <= known.last and known.start <= row.entry.known.last
            if row.entry.outcome == asked.outcome and same:
                planned.already += 1
                return
        resolution = Resolution(
            question=planned.digest,
            outcome=asked.outcome,
            known=known,
            resolver=TABLE,
            note=RESOLUTION_NOTE,
        )
        planned.entries.append(resolution)
        if state is not None and state.resolutions:
            planned.conflict = difference(state.resolutions[0].entry, resolution)
        else:
            planned.outcome, planned.known = asked.outcome, known

    def _at_deadline(self, asked: Asked, closes: When | None) -> When:
        if asked.outcome == "no" and closes is not None and closes.end <= self._now:
            return When.at(closes.end)
        column = f"in the column {self._called('known')}"
        if asked.outcome != "no":
            way = f"Say when {column}."
        elif closes is None:
            way = f"Say when {column}, or give the deadline in {self._called('closes')}."
        else:
            way = f"The deadline has not passed: say when {column}."
        raise _RefusedError(
            asked.lines["outcome"],
            "known",
            f"is empty, though the outcome is {asked.outcome}: nobody can tell which forecasts"
            f" came before it. {way}",
        )

    def _called(self, column: str) -> str:
        """Return what the table calls a column."""
        return self._headers.get(column, column)


def families_of(
    reader: Reader | None, planned: Sequence[Planned], fault: Fault
) -> tuple[list[Family], int]:
    """Return new families, which replace those of their keys, and how many are recorded already.

    A question that is in another family is told to `fault`.
    """
    members: dict[str, list[Planned]] = defaultdict(list)
    for one in planned:
        if one.asked.family is None:
            continue
        other = [name for name in one.families if name != one.asked.family]
        if other:
            fault(
                one.asked.lines["family"],
                "family",
                f"{one.key} is in the family {other[0]} already; a question turns on one event.",
            )
            continue
        members[one.asked.family].append(one)
    new, already = [], 0
    for key in sorted(members):
        before = reader.find("family", key=key) if reader else []
        named = dict.fromkeys(q for row in before for q in row.entry.questions)
        wanted = [one.digest for one in members[key]]
        if before and all(digest in named for digest in wanted):
            already += 1
            continue
        titles = [row.entry.title for row in before if row.entry.title]
        new.append(
            Family(
                key=key,
                title=titles[-1] if titles else None,
                questions=tuple(dict.fromkeys((*named, *wanted))),
                replaces=tuple(row.digest for row in before),
            )
        )
    return new, already


class _RefusedError(Exception):
    """A question that cannot be recorded: line, column, and what is wrong there."""


def _dated(when: When | None) -> str:
    if when is None:
        return "without one"
    return f"as {_date(when)}"


def _deadline(when: When | None) -> str:
    return "without a deadline" if when is None else f"which closes {_date(when)}"


def _date(when: When) -> str:
    return str(when.day or when.start.strftime("%Y-%m-%d %H:%M:%S UTC"))
