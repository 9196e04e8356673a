"""Recording how questions came out, corrected and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import Entry, Evidence, Forecast, Resolution, Retraction
from forecast_ledger.domain.kinds import kind_named
from forecast_ledger.domain.moments import When, is_hindsight
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.domain.standing import CLAIMED
from forecast_ledger.errors import ConflictError, InvalidError, UsageError
from forecast_ledger.ledger.base import LedgerBase
from forecast_ledger.ledger.gathering import Filters, Gathering
from forecast_ledger.ledger.state import QuestionState, question_states
from forecast_ledger.store.read import Reader


@dataclass(frozen=True, slots=True)
class Resolved:
    """What resolving did, from the question as it was `before`.

    `corrected` is the resolution that no longer stands; `disqualified` are forecasts made at
    or after the outcome was known, each with its forecaster's name. `claimed` names the
    forecasters all of whose forecasts are claimed.
    """

    before: QuestionState
    state: QuestionState
    resolution: Recorded[Resolution]
    corrected: Recorded[Resolution] | None
    corrections: int
    at_deadline: bool
    disqualified: tuple[tuple[str, Recorded[Forecast]], ...]
    new: bool
    claimed: tuple[str, ...] = ()


class Resolving(LedgerBase):
    """Use cases that say how a question came out."""

    def resolve(
        self,
        key: str,
        outcome: str,
        *,
        by: str,
        known: When | None = None,
        firmness: str = "direct",
        evidence: Sequence[Evidence] = (),
        against: Sequence[Evidence] = (),
        note: str | None = None,
        why: str | None = None,
    ) -> Resolved:
        """Record an outcome, or correct one, which needs `why`.

        Without `known`: a no on a closed question became known when its deadline passed;
        anything else is known now. How it is known must be said: `evidence` or `note`.
        """
        with self._writer() as writer:
            state = self._state(writer, key, writer.now)
            kind_named(state.kind).check_outcome(outcome)
            if not evidence and not note:
                raise UsageError(
                    "how is it known? An outcome is never guessed: say --evidence URL or"
                    " --note TEXT."
                )
            deadline = state.closes
            at_deadline = (
                known is None
                and outcome == "no"
                and deadline is not None
                and deadline <= writer.now
            )
            if known is None:
                known = When.at(deadline if at_deadline and deadline else writer.now)
            chain = self._chain(writer, state)
            if state.resolutions and why is None:
                shown = " and ".join(row.entry.outcome for row in state.resolutions)
                raise ConflictError(
                    f"{state.key} is resolved {shown} already. To correct it say why:"
                    f" fl resolve {state.key} {outcome} --why ..."
                )
            _refuse_before_the_question(state, known)
            replaces = state.resolutions or tuple(chain[-1:])
            resolution = Resolution(
                question=state.question,
                outcome=outcome,
                known=known,
                resolver=by,
                firmness=firmness,
                evidence=tuple(digest_of(item) for item in evidence),
                against=tuple(digest_of(item) for item in against),
                note=note,
                replaces=tuple(row.digest for row in replaces),
                why=why,
            )
            entries: list[Entry] = [*evidence, *against, resolution]
            appended = self._put(writer, entries)[-1]
            after = question_states(writer, writer.now, [state.root])[state.root]
            return Resolved(
                before=state,
                state=after,
                resolution=appended.recorded,
                corrected=state.resolution,
                corrections=len(chain),
                at_deadline=at_deadline,
                disqualified=tuple(_made_too_late(writer, state, known)),
                new=appended.new,
                claimed=_claimed(writer, after),
            )

    def reopen(self, key: str, *, by: str, why: str) -> tuple[QuestionState, int]:
        """Take back every resolution of a question; return it and how many are kept."""
        with self._writer() as writer:
            state = self._state(writer, key, writer.now)
            if not state.resolutions:
                raise ConflictError(f"{state.key} is not resolved, so there is nothing to reopen.")
            chain = self._chain(writer, state)
            states = writer.state_of([row.seq for row in chain])
            self._put(
                writer,
                [
                    Retraction(target=row.digest, by=by, why=why)
                    for row in chain
                    if states[row.seq] != "retracted"
                ],
            )
            after = question_states(writer, writer.now, [state.root])[state.root]
            return after, len(chain)

    def _chain(self, reader: Reader, state: QuestionState) -> list[Recorded[Resolution]]:
        places = reader.of_root("question", state.root)
        return reader.find("resolution", in_force=False, question=places)


def _refuse_before_the_question(state: QuestionState, known: When) -> None:
    if state.opens is not None and known.last < state.opens:
        raise InvalidError(
            f"the outcome cannot be known before the question opens"
            f" ({state.opens:%Y-%m-%d %H:%M} UTC). Check --on."
        )


def _made_too_late(
    reader: Reader, state: QuestionState, known: When
) -> list[tuple[str, Recorded[Forecast]]]:
    places = reader.of_root("question", state.root)
    late = [
        row
        for row in reader.find("forecast", question=places)
        if is_hindsight(row.entry.made, known)
    ]
    names = {}
    for row in late:
        recorded = reader.entry(row.entry.forecaster)
        names[row.seq] = getattr(recorded.entry, "name", "?") if recorded else "?"
    return [(names[row.seq], row) for row in late]


def _claimed(reader: Reader, state: QuestionState) -> tuple[str, ...]:
    """Return who answered a question in claimed forecasts alone."""
    gathering = Gathering(reader, state.now, {state.root: state}, Filters(claimed=True), alone=True)
    gathered = gathering.gather([state.root])
    every = [*gathered.counted, *gathered.early]
    return tuple(sorted(s.forecaster for s in every if set(s.grades) == {CLAIMED}))
