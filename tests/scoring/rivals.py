"""Several forecasters of one question, as hypothesis draws them and as seconds show them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hypothesis import strategies as st

from forecast_ledger.scoring.arrays import PARTS
from forecast_ledger.scoring.timeline import Stretches
from tests.scoring.strategies import parts

Stood = tuple[int, int, int]
"""Parts, start, end."""


@dataclass(frozen=True)
class Rivals:
    """For each forecaster of a question the forecasts and when they stood, and the window."""

    forecasters: tuple[tuple[Stood, ...], ...]
    outcome: int
    scheduled: int
    ended: int

    @property
    def stretches(self) -> Stretches:
        said = [one for each in self.forecasters for one in each]
        offsets = [0]
        for each in self.forecasters:
            offsets.append(offsets[-1] + len(each))
        return Stretches.of(
            [p for p, _, _ in said], [s for _, s, _ in said], [e for _, _, e in said], offsets
        )

    @property
    def end(self) -> int:
        return min(self.scheduled, self.ended)

    def standing(self, moment: int) -> dict[int, int]:
        """Each forecaster's parts on what happened, of those who stand at the moment."""
        found = {}
        for who, each in enumerate(self.forecasters):
            for said, start, end in each:
                if start <= moment < end:
                    found[who] = said if self.outcome else PARTS - said
        return found

    def moments(self) -> Iterator[dict[int, int]]:
        """Who stands, second by second of the window."""
        return (self.standing(moment) for moment in range(self.end))

    def mirrored(self) -> Rivals:
        """The same with yes and no exchanged."""
        turned = tuple(
            tuple((PARTS - said, start, end) for said, start, end in each)
            for each in self.forecasters
        )
        return Rivals(turned, 1 - self.outcome, self.scheduled, self.ended)

    def halved(self) -> Rivals:
        """The same with each stretch written as two."""
        cut = tuple(
            tuple(
                half
                for said, start, end in each
                for half in ((said, start, (start + end) // 2), (said, (start + end) // 2, end))
            )
            for each in self.forecasters
        )
        return Rivals(cut, self.outcome, self.scheduled, self.ended)

    def reversed(self) -> Rivals:
        """The same with the forecasters in the opposite order."""
        return Rivals(self.forecasters[::-1], self.outcome, self.scheduled, self.ended)


@st.composite
def one_forecaster(draw: st.DrawFn, said: st.SearchStrategy[int]) -> tuple[Stood, ...]:
    moment = draw(st.integers(-3, 8))
    stood = []
    for _ in range(draw(st.integers(1, 4))):
        start = moment + draw(st.integers(0, 3))
        moment = start + draw(st.integers(0, 6))
        stood.append((draw(said), start, moment))
    return tuple(stood)


def rivals(said: st.SearchStrategy[int] = parts, *, most: int = 5) -> st.SearchStrategy[Rivals]:
    return st.builds(
        Rivals,
        st.lists(one_forecaster(said), min_size=1, max_size=most).map(tuple),
        st.integers(0, 1),
        st.integers(5, 12),
        st.integers(0, 14),
    )
