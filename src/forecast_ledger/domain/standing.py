"""Which forecast stood when, and on whose word: the grades of a series.

A series is what one forecaster said about one question. Three grades: *witnessed*
(recorded here before the outcome was known), *published* (a source dated before the
outcome carries it) and *claimed* (somebody's word). A forecast dated back by more than
a day counts from the moment there is proof of it; what lies before is claimed.

Proof makes a second timeline. On the one a forecaster claims, a forecast stands from the
moment it is said to have been made. On the proven one it stands from its proof, and until
then the forecast proven before it goes on standing, so that nobody shortens a bad forecast
by dating back the next.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from forecast_ledger.domain.moments import When, is_hindsight
from forecast_ledger.domain.recorded import SLIP_WINDOW

GRACE = timedelta(hours=24)
"""How far back a forecast may be dated and still count from the moment it names."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)

WITNESSED = "witnessed"
PUBLISHED = "published"
CLAIMED = "claimed"
GRADES = (WITNESSED, PUBLISHED, CLAIMED)


@dataclass(frozen=True, slots=True)
class Stated:
    """A forecast or withdrawal of a series, with both its clocks and its publication.

    `ended` is when an entry was recorded that took this one out of force, by replacing or
    retracting it; None while it is in force.
    """

    seq: int
    made: When
    recorded_at: datetime
    published: When | None = None
    withdrawal: bool = False
    ended: datetime | None = None

    def proof(self, known: datetime | None) -> tuple[datetime, str] | None:
        """Return the first moment there is proof of this before `known`, and its grade."""
        proofs = []
        carrier = self._carrier()
        if carrier and (known is None or carrier.last < known):
            proofs.append((carrier.start, PUBLISHED))
        if self.is_witnessed(known):
            proofs.append((self.recorded_at, WITNESSED))
        return min(proofs) if proofs else None

    def _carrier(self) -> When | None:
        """Return the publication, if it can carry this: it is not older than the forecast."""
        if self.published is None or self.made.start - self.published.last > GRACE:
            return None
        return self.published

    def is_witnessed(self, known: datetime | None) -> bool:
        """Return whether this was recorded here before the outcome was known."""
        return known is None or self.recorded_at < known

    def stood_until(self, known: datetime | None) -> datetime | None:
        """Return when this ceased to stand as witnessed, if ever.

        What is taken back within minutes was a slip and never stood: that is `recorded_at`.
        Taken back after the outcome was known it stands for good: nobody rewrites a
        forecast when the answer is there.
        """
        if self.ended is None or (known is not None and self.ended >= known):
            return None
        return self.ended if self.ended - self.recorded_at > SLIP_WINDOW else self.recorded_at


@dataclass(frozen=True, slots=True)
class Stretch:
    """A forecast standing from `start` to `end`, on the word of its grade."""

    seq: int
    start: datetime
    end: datetime
    grade: str

    @property
    def seconds(self) -> int:
        """Whole seconds, counted so that the stretches of a series add up."""
        return whole_seconds(self.end) - whole_seconds(self.start)


@dataclass(frozen=True, slots=True)
class Series:
    """What counts of a series: proven stretches, claimed ones, and all on the claimed timeline.

    `hindsight` holds forecasts made at or after the outcome was known, `late` those made
    after the deadline; neither is ever scored.
    """

    proven: tuple[Stretch, ...]
    claimed: tuple[Stretch, ...]
    together: tuple[Stretch, ...]
    hindsight: tuple[int, ...]
    late: tuple[int, ...]


def whole_seconds(moment: datetime) -> int:
    """Return the seconds since 1970 that had passed at `moment`, without a float between."""
    return (moment - _EPOCH) // _SECOND


def series_of(
    stated: Iterable[Stated],
    *,
    opens: datetime | None,
    closes: datetime | None,
    known: When | None,
    until: datetime,
) -> Series:
    """Return what counts of a series between `opens` and the first of `closes`, `known`, `until`.

    `closes` is half-open: a forecast made at that very moment is too late.
    """
    first_known = known.start if known else None
    end = min(moment for moment in (closes, first_known, until) if moment is not None)
    hindsight: list[int] = []
    late: list[int] = []
    kept: list[Stated] = []
    for item in sorted(stated, key=lambda item: (item.made.start, item.seq)):
        counted = item.ended is None and not item.withdrawal
        if known and is_hindsight(item.made, known):
            if counted:
                hindsight.append(item.seq)
        elif closes and item.made.start >= closes:
            if counted:
                late.append(item.seq)
        else:
            kept.append(item)
    claims = [_Start(i.made.start, i, CLAIMED) for i in kept if i.ended is None]
    # Once a series was witnessed here, nothing that arrives after the outcome joins its proof,
    # whatever source it names: a published past is taken only where there is no other.
    witnessed = any(item.is_witnessed(first_known) for item in kept)
    proven = [
        start
        for item in kept
        if (item.is_witnessed(first_known) or not witnessed)
        and (start := _proven(item, first_known)) is not None
    ]
    on_claims = _timeline(claims, opens, end)
    on_proof = _timeline(proven, opens, end)
    return Series(
        proven=tuple(on_proof),
        claimed=tuple(_unproven(on_claims, proven)),
        together=tuple(_graded(on_claims, proven)),
        hindsight=tuple(hindsight),
        late=tuple(late),
    )


class _Start(NamedTuple):
    """From when, and until when, a forecast stands on one timeline."""

    moment: datetime
    item: Stated
    grade: str
    until: datetime | None = None

    @property
    def order(self) -> tuple[datetime, int]:
        """At any moment the latest made stands."""
        return (self.item.made.start, self.item.seq)


def _proven(item: Stated, known: datetime | None) -> _Start | None:
    """Return from when an item stands on the proven timeline, or None if it never does.

    What was published and read here after the outcome is read anew when its reading is
    corrected; what was witnessed stood until the correction was recorded.
    """
    proof = item.proof(known)
    if proof is None or (item.ended is not None and not item.is_witnessed(known)):
        return None
    moment, grade = proof
    counts_from = item.made.start if moment - item.made.start <= GRACE else moment
    until = item.stood_until(known)
    if until is not None and until <= max(counts_from, item.recorded_at):
        return None
    return _Start(counts_from, item, grade, until)


def _timeline(starts: list[_Start], opens: datetime | None, end: datetime) -> list[Stretch]:
    """Return who stood when: at any moment the latest made of those that have started."""
    stretches: list[Stretch] = []
    waiting = sorted(starts, key=lambda start: start.moment, reverse=True)
    moments = {start.moment for start in starts} | {s.until for s in starts if s.until}
    active: list[tuple[tuple[datetime, int], _Start]] = []
    standing: _Start | None = None
    since = end

    def close(moment: datetime) -> None:
        if standing is None or standing.item.withdrawal:
            return
        start = max(since, opens) if opens else since
        stop = min(moment, end)
        if start < stop:
            stretches.append(Stretch(standing.item.seq, start, stop, standing.grade))

    for moment in sorted(moment for moment in moments if moment <= end):
        while waiting and waiting[-1].moment <= moment:
            start = waiting.pop()
            insort(active, (start.order, start), key=lambda pair: pair[0])
        while active and (until := active[-1][1].until) is not None and until <= moment:
            active.pop()
        top = active[-1][1] if active else None
        if top is not standing:
            close(moment)
            standing, since = top, moment
    close(end)
    return stretches


def _graded(stretches: Sequence[Stretch], proven: list[_Start]) -> list[Stretch]:
    """Cut stretches of the claimed timeline where their own proof begins."""
    proofs = {start.item.seq: (start.moment, start.grade) for start in proven}
    cut: list[Stretch] = []
    for stretch in stretches:
        proof = proofs.get(stretch.seq)
        if proof is None or proof[0] >= stretch.end > stretch.start:
            cut.append(stretch)
            continue
        moment, grade = proof
        if moment > stretch.start:
            cut.append(Stretch(stretch.seq, stretch.start, moment, CLAIMED))
        cut.append(Stretch(stretch.seq, max(moment, stretch.start), stretch.end, grade))
    return cut


def _unproven(stretches: Sequence[Stretch], proven: list[_Start]) -> list[Stretch]:
    return [stretch for stretch in _graded(stretches, proven) if stretch.grade == CLAIMED]
