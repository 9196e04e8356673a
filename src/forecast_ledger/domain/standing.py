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

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from forecast_ledger.domain.moments import When, is_hindsight

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
    """A forecast or withdrawal of a series, with both its clocks and its publication."""

    seq: int
    made: When
    recorded_at: datetime
    published: When | None = None
    withdrawal: bool = False

    def proof(self, known: datetime | None) -> tuple[datetime, str] | None:
        """Return the first moment there is proof of this before `known`, and its grade."""
        proofs = []
        if self.published and (known is None or self.published.last < known):
            proofs.append((self.published.start, PUBLISHED))
        if known is None or self.recorded_at < known:
            proofs.append((self.recorded_at, WITNESSED))
        return min(proofs) if proofs else None


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
        if known and is_hindsight(item.made, known):
            if not item.withdrawal:
                hindsight.append(item.seq)
        elif closes and item.made.start >= closes:
            if not item.withdrawal:
                late.append(item.seq)
        else:
            kept.append(item)
    proofs = {item.seq: item.proof(first_known) for item in kept}
    claims = [(item.made.start, item, CLAIMED) for item in kept]
    proven = []
    for item in kept:
        proof = proofs[item.seq]
        if proof is None:
            continue
        moment, grade = proof
        counts_from = item.made.start if moment - item.made.start <= GRACE else moment
        proven.append((counts_from, item, grade))
    on_claims = _timeline(claims, opens, end)
    on_proof = _timeline(proven, opens, end)
    return Series(
        proven=tuple(on_proof),
        claimed=tuple(_unproven(on_claims, proven)),
        together=tuple(_graded(on_claims, proven)),
        hindsight=tuple(hindsight),
        late=tuple(late),
    )


_Start = tuple[datetime, Stated, str]


def _timeline(starts: list[_Start], opens: datetime | None, end: datetime) -> list[Stretch]:
    """Return who stood when: at any moment the latest made of those that have started."""
    stretches: list[Stretch] = []
    standing: _Start | None = None
    since = end

    def close(moment: datetime) -> None:
        if standing is None or standing[1].withdrawal:
            return
        start = max(since, opens) if opens else since
        stop = min(moment, end)
        if start < stop:
            stretches.append(Stretch(standing[1].seq, start, stop, standing[2]))

    for start in sorted(starts, key=lambda s: (s[0], s[1].made.start, s[1].seq)):
        if standing and (start[1].made.start, start[1].seq) < (
            standing[1].made.start,
            standing[1].seq,
        ):
            continue
        if start[0] > end:
            break
        close(start[0])
        standing, since = start, start[0]
    close(end)
    return stretches


def _graded(stretches: Sequence[Stretch], proven: list[_Start]) -> list[Stretch]:
    """Cut stretches of the claimed timeline where their own proof begins."""
    proofs = {item.seq: (moment, grade) for moment, item, grade in proven}
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
