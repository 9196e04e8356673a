"""The calibration curve and its distance from calibration beside what chance would do.

One standing moment of every family is drawn by weight, so that nobody counts twice for having
changed his mind. On it stand the curve (isotonic, see `corp`) and MCB, once with what
happened, once with outcomes drawn as if every probability were right. A calibrated forecast
of a drawn moment comes true with its probability, so both have the same law if he is
calibrated. MCB is the mean over moments, which varies less than that, on the safe side. The curve
is the median, point by point: it leaves the band where half of the moments do, while a mean would
leave a band of 0 to 0 for a single moment that does. Without updates there is nothing to draw
but outcomes, and curve and MCB are the ordinary ones.

Half of the moments and outcomes are drawn with yes and no exchanged: wording a question the
other way round then mirrors the result. Outcomes are drawn at the probabilities that were
said, never at others drawn from them, and the p-value counts the forecaster himself among
the draws, (1 + draws at least as far off) / (1 + draws), so that it is never 0.

The band is pointwise. Most calibrated curves of many points leave it somewhere.
Bröcker, J. and Smith, L. A. (2007): Increasing the reliability of reliability diagrams.
Weather and Forecasting 22, 651-661; Dimitriadis, Gneiting and Jordan (2021), see `corp`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forecast_ledger.errors import UsageError
from forecast_ledger.scoring.arrays import PARTS, Floats, Integers, checked_level
from forecast_ledger.scoring.cases import Cases
from forecast_ledger.scoring.moments import Moments
from forecast_ledger.scoring.pav import fitted_rows

MOST_POINTS = 2000
"""More distinct probabilities than these are rounded,"""

ROUNDED = PARTS // 1000
"""to 0.001."""

LEAST_DRAWS = 100
SAME = 1e-9
"""Shares closer than this are one: sums of weights are exact but for the last bits."""


@dataclass(frozen=True, slots=True, eq=False)
class CalibrationNull:
    """The curve with its consistency band, and MCB beside its null.

    `points`: the probabilities said, parts per 10**9, rising. `curve`: the share of yes at each
    by isotonic regression, the median of the moments drawn. `low`, `high`: where it lies in
    `level` of calibrated cases, point by point; all three rise. `outside` points lie outside,
    `narrowly` of them by so little that other draws may take them in (two standard errors of the
    band's ends), `outside_by_chance` would on average, and in `somewhere` of calibrated cases
    (0..1) at least one does. With updates, the last two err on the high side.
    `mcb`: the distance from calibration (Brier) of single forecasts. `mcb_mean`: its mean if
    calibrated, `mcb_95` the value exceeded one time in twenty, `p` how often a calibrated
    forecaster is as far off. `rounded`: computed on probabilities rounded to 0.001.
    """

    points: Integers
    curve: Floats
    low: Floats
    high: Floats
    outside: int
    narrowly: int
    outside_by_chance: float
    somewhere: float
    mcb: float
    mcb_mean: float
    mcb_95: float
    p: float
    level: float
    draws: int
    seed: int
    rounded: bool


def calibration_null(
    cases: Cases, level: float = 0.9, draws: int = 1000, seed: int = 1
) -> CalibrationNull:
    """Return the calibration curve and MCB of `cases` beside `draws` calibrated ones.

    The same cases and seed give the same numbers, in whatever order the questions come.
    Raises UsageError below 100 draws or seed 0. `draws` is rounded up to an even number.

    >>> from forecast_ledger.scoring.series import Series
    >>> said = Series.single([200_000_000] * 50 + [800_000_000] * 50)
    >>> n = calibration_null(Cases.of(said, [0] * 35 + [1] * 15 + [1] * 40 + [0] * 10))
    >>> n.curve.round(2).tolist(), n.low.round(2).tolist(), n.high.round(2).tolist()
    ([0.3, 0.8], [0.1, 0.7], [0.3, 0.88])
    >>> n.outside, round(n.mcb, 4), round(n.mcb_mean, 4)
    (0, 0.005, 0.0031)
    """
    checked_level(level)
    if draws < LEAST_DRAWS:
        raise UsageError(f"{draws} draws are too few for a band. Take 1000, at least 100.")
    if seed < 0:
        raise UsageError(f"seed {seed} is negative. Give a whole number, 0 or more.")
    rounded = bool(np.unique(cases.parts).size > MOST_POINTS)
    if rounded:
        cases = cases.rounded(ROUNDED)
    half = -(-draws // 2)
    straight = _drawn(cases, half, seed)
    mirror = _drawn(cases.mirrored(), half, seed).mirrored()
    curves = np.sort(np.concatenate([straight.null_curves, mirror.null_curves], axis=1), axis=1)
    distances = np.sort(np.concatenate([straight.null_mcb, mirror.null_mcb]))
    curve = np.median(np.concatenate([straight.curves, mirror.curves], axis=1), axis=1)
    mcb = (straight.mcb + mirror.mcb) / 2
    draws = 2 * half
    # Of draws + 1 exchangeable values, the next one lies below the rank-th in rank cases.
    rank = max(1, math.floor((1 - level) / 2 * (draws + 1) + SAME))
    low, high = curves[:, rank - 1], curves[:, draws - rank]
    # How many draws lie beyond an end is itself drawn, with this standard error.
    wide = max(1, rank - math.ceil(2 * math.sqrt(rank * (draws + 1 - rank) / (draws + 1))))
    far = _beyond(curve, curves[:, wide - 1], curves[:, draws - wide])
    leaves = [one.outside(low, high) for one in (straight, mirror)]
    return CalibrationNull(
        points=straight.points,
        curve=curve,
        low=low,
        high=high,
        outside=(beyond := _beyond(curve, low, high)),
        narrowly=beyond - far,
        outside_by_chance=sum(int(count.sum()) for count in leaves) / draws,
        somewhere=sum(int((count > 0).sum()) for count in leaves) / draws,
        mcb=mcb,
        mcb_mean=math.fsum(distances.tolist()) / draws,
        mcb_95=float(distances[math.ceil(0.95 * (draws + 1) - SAME) - 1]),
        p=(1 + int((distances >= mcb - SAME**1.5).sum())) / (draws + 1),
        level=level,
        draws=draws,
        seed=seed,
        rounded=rounded,
    )


def _beyond(curve: Floats, low: Floats, high: Floats) -> int:
    return int(((curve < low - SAME) | (curve > high + SAME)).sum())


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """What one half of the draws gives; curves have a row per point, a column per draw.

    `curves` are of what happened, a column for each draw of moments.
    """

    points: Integers
    curves: Floats
    mcb: float
    null_curves: Floats
    null_mcb: Floats

    def mirrored(self) -> _Drawn:
        return _Drawn(
            PARTS - self.points[::-1],
            1 - self.curves[::-1],
            self.mcb,
            1 - self.null_curves[::-1],
            self.null_mcb,
        )

    def outside(self, low: Floats, high: Floats) -> Integers:
        """Return at how many points each calibrated curve leaves the band."""
        below = self.null_curves < low[:, None] - SAME
        above = self.null_curves > high[:, None] + SAME
        count: Integers = (below | above).sum(axis=0)
        return count


def _drawn(cases: Cases, draws: int, seed: int) -> _Drawn:
    # The cases seed it too: with one stream for all, its luck would be everybody's.
    sequence = np.random.SeedSequence([seed, cases.fingerprint])
    generator = np.random.Generator(np.random.PCG64(sequence))
    moments = Moments.of(cases)
    points = moments.points
    p = points / PARTS
    count, yes = moments.draw(generator, draws)
    real = fitted_rows(count, yes, p)
    number = count.shape[1]
    shared = count[:, np.arange(draws) % number]
    happened = generator.binomial(shared.astype(np.int64), p[:, None]).astype(np.float64)
    curves = fitted_rows(shared, happened, p)
    return _Drawn(
        points=points,
        curves=real,
        mcb=math.fsum(_mcb(count, yes, real, p).tolist()) / number,
        null_curves=curves,
        null_mcb=_mcb(shared, happened, curves, p),
    )


def _mcb(count: Floats, yes: Floats, curve: Floats, p: Floats) -> Floats:
    """Return MCB for the Brier score of every column."""
    said = p[:, None]
    lost = (said - curve) * (count * (said + curve) - 2 * yes)
    # A draw in which no family is there has no distance.
    there = np.maximum(count.sum(axis=0), 1.0)
    distance: Floats = np.maximum(lost.sum(axis=0) / there, 0.0)
    return distance
