"""Weighted logistic regression of outcomes on one number.

Fitted by Newton's method from the logit of the base rate and slope 0, with steps halved while
they do not climb: from slope 1 whole steps can run away.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from forecast_ledger.scoring.arrays import Floats

STEPS = 100
CONVERGED = 1e-12
"""A step that gains less likelihood is the last; its error is then of the same order."""

CLOSE = 1e-9
"""How near the end of an interval is found, and the last step of an intercept."""


@dataclass(frozen=True, slots=True, eq=False)
class Logistic:
    """logit P(yes) = a + b x: at each `x` a weight, and the weight of yes.

    Both outcomes must occur at more than one x and not be separated by x, or the slope
    has no maximum.
    """

    x: Floats
    weight: Floats
    yes: Floats

    def likelihood(self, a: float, b: float) -> float:
        """Return the logarithm of the likelihood."""
        eta = a + b * self.x
        terms = self.yes * np.logaddexp(0, -eta) + (self.weight - self.yes) * np.logaddexp(0, eta)
        return -float(terms.sum())

    def gradient(self, a: float, b: float) -> tuple[float, float]:
        """Return the slope of the likelihood in a and in b."""
        rest = self.yes - self.weight * _expit(a + b * self.x)
        return float(rest.sum()), float((rest * self.x).sum())

    def information(self, a: float, b: float) -> tuple[float, float, float]:
        """Return the Fisher information: of a, of both, of b."""
        chance = _expit(a + b * self.x)
        weight = self.weight * chance * (1 - chance)
        first, second = weight * self.x, weight * self.x * self.x
        return (
            float(weight.sum()),
            float(first.sum()),
            float(second.sum()),
        )

    def errors(self, a: float, b: float) -> tuple[float, float]:
        """Return the standard errors of intercept and slope."""
        one, cross, square = self.information(a, b)
        determinant = one * square - cross * cross
        return math.sqrt(square / determinant), math.sqrt(one / determinant)

    def rao(self) -> float:
        """Return the score statistic of intercept 0, slope 1."""
        (u, v), (one, cross, square) = self.gradient(0.0, 1.0), self.information(0.0, 1.0)
        quadratic = square * u * u - 2 * cross * u * v + one * v * v
        return max(0.0, quadratic / (one * square - cross * cross))

    def fit(self, slope: float = 0.0) -> tuple[float, float]:
        """Return intercept and slope of the largest likelihood, searched from `slope` on.

        >>> model = Logistic(np.array([-1.0, 1.0]), np.array([4.0, 4.0]), np.array([1.0, 3.0]))
        >>> a, b = model.fit()
        >>> round(abs(a), 9), round(b, 9) == round(math.log(3), 9)
        (0.0, True)
        """
        a, b = self._base, slope
        best = self.likelihood(a, b)
        for _ in range(STEPS):
            (u, v), (one, cross, square) = self.gradient(a, b), self.information(a, b)
            determinant = one * square - cross * cross
            da, db = (square * u - cross * v) / determinant, (one * v - cross * u) / determinant
            # What the step promises to gain, below which rounding decides about the likelihood.
            if u * da + v * db < CONVERGED:
                return a + da, b + db
            size = 1.0
            while (found := self.likelihood(a + size * da, b + size * db)) < best:
                size /= 2
            a, b, best = a + size * da, b + size * db, found
        return a, b

    def intercept(self, b: float) -> float:
        """Return the intercept of the largest likelihood with slope `b`.

        Newton's steps within bounds that close in: far from it the likelihood is straight.

        >>> model = Logistic(np.array([-1.0, 1.0]), np.array([4.0, 4.0]), np.array([1.0, 3.0]))
        >>> round(abs(model.intercept(1.0)), 9)
        0.0
        """
        reach = b * self.x
        # With the base rate nowhere exceeded, or nowhere missed, yes comes too seldom, too often.
        low, high = self._base - float(reach.max()), self._base - float(reach.min())
        a = (low + high) / 2
        for _ in range(STEPS):
            chance = _expit(a + reach)
            u = float((self.yes - self.weight * chance).sum())
            one = float((self.weight * chance * (1 - chance)).sum())
            low, high = (a, high) if u > 0 else (low, a)
            step = a + u / one if one else math.inf
            previous, a = a, step if low < step < high else (low + high) / 2
            # The error is now of the order of the square of the step.
            if abs(a - previous) <= CLOSE * max(1.0, abs(a)):
                break
        return a

    @property
    def _base(self) -> float:
        """The logit of the share of yes."""
        return math.log(float(self.yes.sum()) / float((self.weight - self.yes).sum()))

    def slope_interval(self, a: float, b: float, allowed: float) -> tuple[float, float]:
        """Return between which slopes twice the likelihood falls short by at most `allowed`.

        Short of its maximum (a, b), each slope with the intercept that suits it best. An end
        may be infinite.
        """
        best, (_, error) = self.likelihood(a, b), self.errors(a, b)

        def short(slope: float) -> float:
            shortfall = 2 * (best - self.likelihood(self.intercept(slope), slope))
            # A root, because it is nearly straight where the shortfall is nearly a parabola.
            return math.sqrt(max(0.0, shortfall)) - math.sqrt(allowed)

        return _crossing(short, b, -error), _crossing(short, b, error)


def _crossing(short: Callable[[float], float], inside: float, step: float) -> float:
    """Return where `short`, negative `inside`, turns positive in the direction of `step`."""
    outside, below = inside + step, short(inside)
    for _ in range(40):
        above = short(outside)
        if above > 0:
            break
        inside, below, outside = outside, above, outside + 2 * (outside - inside)
    else:
        return math.copysign(math.inf, step)
    # False position; the end that stays is halved, so that neither end stays for ever.
    middle = outside
    for _ in range(STEPS):
        middle = (below * outside - above * inside) / (below - above)
        found = short(middle)
        if abs(found) < CLOSE or abs(outside - inside) < CLOSE:
            break
        if found > 0:
            outside, above, below = middle, found, below / 2
        else:
            inside, below, above = middle, found, above / 2
    return middle


def _expit(eta: Floats) -> Floats:
    chance: Floats = 0.5 * (1 + np.tanh(eta / 2))
    return chance
