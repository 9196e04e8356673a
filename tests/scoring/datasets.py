"""Small data sets whose scores other programs computed, and cases as hypothesis draws them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from forecast_ledger.scoring.arrays import PARTS
from forecast_ledger.scoring.cases import Cases
from forecast_ledger.scoring.series import Series
from forecast_ledger.scoring.table import Table
from tests.scoring.strategies import Question, parts, questions, reduced


@dataclass(frozen=True)
class Data:
    """One forecast per question, in percent, and its outcome."""

    percent: tuple[int, ...]
    yes: tuple[int, ...]

    @property
    def cases(self) -> Cases:
        return Cases.of(Series.single([p * PARTS // 100 for p in self.percent]), self.yes)

    @property
    def table(self) -> Table:
        return Table.of(self.cases)

    @property
    def p(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        return np.array(self.percent) / 100


D15 = Data(
    (5, 10, 10, 20, 30, 30, 40, 50, 60, 70, 70, 80, 90, 90, 95),
    (0, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1),
)
D10_DISTINCT = Data((3, 12, 21, 34, 45, 52, 66, 71, 83, 97), (0, 1, 0, 0, 1, 0, 1, 1, 1, 0))
D10_CONSTANT = Data((30, 30, 30, 30, 30, 30, 30, 30, 30, 30), (1, 0, 0, 0, 1, 0, 0, 0, 0, 1))
D30_CALIBRATED = Data(
    (
        20,
        20,
        20,
        20,
        20,
        20,
        20,
        20,
        20,
        20,
        50,
        50,
        50,
        50,
        50,
        50,
        50,
        50,
        50,
        50,
        80,
        80,
        80,
        80,
        80,
        80,
        80,
        80,
        80,
        80,
    ),
    (1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0),
)
D20_EXTREME = Data(
    (0, 0, 0, 0, 1, 1, 1, 20, 20, 20, 80, 80, 80, 99, 99, 99, 100, 100, 100, 100),
    (0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1, 1),
)
D100_OVERCONFIDENT = Data(
    (
        90,
        10,
        50,
        10,
        10,
        10,
        20,
        40,
        60,
        30,
        50,
        90,
        90,
        10,
        70,
        20,
        70,
        50,
        20,
        10,
        90,
        90,
        80,
        10,
        40,
        30,
        10,
        50,
        10,
        90,
        10,
        40,
        40,
        60,
        50,
        20,
        70,
        30,
        10,
        80,
        10,
        40,
        50,
        40,
        80,
        10,
        80,
        80,
        40,
        70,
        50,
        20,
        80,
        30,
        20,
        50,
        90,
        90,
        80,
        80,
        20,
        30,
        50,
        80,
        20,
        30,
        30,
        90,
        30,
        10,
        60,
        40,
        40,
        20,
        40,
        50,
        80,
        40,
        20,
        50,
        90,
        70,
        70,
        90,
        10,
        80,
        60,
        90,
        90,
        60,
        70,
        10,
        80,
        90,
        90,
        70,
        90,
        10,
        20,
        50,
    ),
    (
        1,
        1,
        0,
        1,
        0,
        0,
        1,
        0,
        0,
        0,
        0,
        1,
        0,
        0,
        0,
        1,
        0,
        1,
        1,
        0,
        1,
        1,
        1,
        0,
        0,
        0,
        0,
        1,
        1,
        1,
        0,
        1,
        0,
        0,
        1,
        1,
        0,
        0,
        0,
        1,
        0,
        1,
        0,
        0,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        0,
        0,
        0,
        1,
        1,
        1,
        1,
        1,
        0,
        1,
        0,
        0,
        1,
        1,
        0,
        1,
        1,
        1,
        0,
        1,
        0,
        0,
        0,
        0,
        1,
        0,
        1,
        1,
        1,
        0,
        1,
        1,
        1,
        0,
        1,
        1,
        1,
        1,
        1,
        1,
        0,
        1,
        1,
        1,
        1,
        1,
        0,
        0,
        0,
    ),
)
D8_AGAINST = Data((90, 80, 70, 60, 40, 30, 20, 10), (0, 0, 0, 1, 0, 1, 1, 1))
D12_ALL_YES = Data(
    (60, 70, 80, 90, 60, 70, 80, 90, 95, 50, 99, 85), (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)
)

EVERY = [
    D15,
    D10_DISTINCT,
    D10_CONSTANT,
    D30_CALIBRATED,
    D20_EXTREME,
    D100_OVERCONFIDENT,
    D8_AGAINST,
    D12_ALL_YES,
]


@dataclass(frozen=True)
class Asked:
    """Questions with several forecasts each, and the family of each question."""

    questions: tuple[Question, ...]
    families: tuple[int, ...]

    @property
    def series(self) -> Series:
        return reduced(list(self.questions)).series

    @property
    def outcomes(self) -> list[int]:
        return [question.outcome for question in self.questions]

    @property
    def cases(self) -> Cases:
        return Cases.of(self.series, self.outcomes, self.families)

    @property
    def mirrored(self) -> Asked:
        """The same with yes and no exchanged."""
        return Asked(tuple(question.mirrored() for question in self.questions), self.families)

    def shuffled(self, order: list[int]) -> Asked:
        return Asked(
            tuple(self.questions[place] for place in order),
            # Other numbers for the same families.
            tuple(1000 - 7 * self.families[place] for place in order),
        )


def asked(
    said: st.SearchStrategy[int] = parts, *, most: int = 12, updates: int = 4
) -> st.SearchStrategy[Asked]:
    return questions(said, most=most, updates=updates).flatmap(
        lambda drawn: st.lists(
            st.integers(0, len(drawn)), min_size=len(drawn), max_size=len(drawn)
        ).map(lambda families: Asked(tuple(drawn), tuple(families)))
    )


def singles(said: st.SearchStrategy[int], *, most: int = 30) -> st.SearchStrategy[Asked]:
    """One forecast per question, each question its own family."""
    question = st.builds(lambda p, yes: Question(((p, 1),), yes), said, st.integers(0, 1))
    return st.lists(question, min_size=1, max_size=most).map(
        lambda drawn: Asked(tuple(drawn), tuple(range(len(drawn))))
    )
