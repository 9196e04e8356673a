"""Families: which questions turn on one event and count as one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import isnan
from typing import TYPE_CHECKING

from forecast_ledger.ledger.sampling import Owner

if TYPE_CHECKING:
    from forecast_ledger.scoring.arrays import Integers
    from forecast_ledger.scoring.cases import Cases
    from forecast_ledger.scoring.distribution import Distribution
    from forecast_ledger.scoring.sample import Sample
    from forecast_ledger.scoring.series import Series


class Basis:
    """What a report rests on: a sample, whose series it holds, and their families."""

    def __init__(self, sample: Sample, owners: Sequence[Owner]) -> None:
        self.sample = sample
        self.owners = owners
        self.families, self.numbers = family_numbers(owners)

    @cached_property
    def cases(self) -> Cases:
        """The standing forecasts by families, each family counting once."""
        from forecast_ledger.scoring.cases import Cases

        sample = self.sample
        return Cases.of(sample.series, sample.outcome, self.numbers, sample.share)

    @cached_property
    def separate(self) -> list[Distribution]:
        """What the mean Brier score would be with every question for itself.

        What several people say of one question comes out together. The second law, in which all
        updates of a question meet one outcome, is there where the first is too coarse.
        """
        from forecast_ledger.scoring.expected import is_coarse, together_brier

        asked, times = self._by(*self._questions)
        laws = [self._law(asked, times)]
        if is_coarse(asked):
            laws.append(together_brier(asked, times))
        return laws

    @cached_property
    def together(self) -> Distribution | None:
        """What it would be by families; None where every question is its own."""
        if self.families == self._questions[1]:
            return None
        return self._law(*self._by(self.numbers, self.families))

    @property
    def laws(self) -> list[Distribution]:
        """All of these."""
        return [*self.separate, *([self.together] if self.together else [])]

    @cached_property
    def _questions(self) -> tuple[list[int], int]:
        keys: dict[str, int] = {}
        asked = [keys.setdefault(question.key, len(keys)) for question, _ in self.owners]
        return asked, len(keys)

    def _by(self, numbers: Sequence[int], count: int) -> tuple[Series, Integers | None]:
        series = self.sample.series
        return (series, None) if count == len(series) else series.by_family(numbers)

    def _law(self, series: Series, times: Integers | None) -> Distribution:
        from forecast_ledger.scoring.expected import expected_brier

        return expected_brier(series, times=times)

    @cached_property
    def is_bent(self) -> bool:
        """Whether answers that came early bend what the mean by covered time should be."""
        from forecast_ledger.scoring.scheduled import is_bent

        return is_bent(self.sample.series, self.sample.share)

    @property
    def undated(self) -> int:
        """How many series without a deadline count with more than one forecast.

        These count up to the answer, so that nothing is fixed in advance.
        """
        sample = self.sample
        open_ended = zip(sample.coverage.tolist(), sample.forecasts.tolist(), strict=True)
        return sum(1 for share, forecasts in open_ended if isnan(share) and forecasts > 1)

    def expected_range(self, level: float) -> tuple[float, float]:
        """Return where the mean Brier score would lie with chance `level`, by every law."""
        # Of many questions one may miss where of one, all but sure, none would.
        lows, highs = zip(*(law.central(level) for law in self.laws), strict=True)
        return min(lows), max(highs)

    @property
    def is_exact(self) -> bool:
        """Whether the laws are found exactly."""
        return all(law.exact for law in self.laws)


def family_numbers(owners: Sequence[Owner]) -> tuple[int, list[int]]:
    """Return how many families there are and the number of each series' own.

    Questions that share a family are one; so are families that share a question; so are all
    series on one question. Numbers follow the order in which families first occur.
    """
    parent: dict[str, str] = {}

    def find(name: str) -> str:
        while parent.setdefault(name, name) != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    names = []
    for question, _ in owners:
        if not question.families:
            # A space keeps the keys of questions apart from those of families.
            names.append(f" {question.key}")
            continue
        own = question.families[0]
        for other in question.families[1:]:
            parent[find(other)] = find(own)
        names.append(own)
    numbers: dict[str, int] = {}
    found = [
        numbers.setdefault(find(name) if name in parent else name, len(numbers)) for name in names
    ]
    return len(numbers), found
