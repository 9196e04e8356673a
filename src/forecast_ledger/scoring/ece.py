"""The expected calibration error, on request: it depends on the bins and is biased upwards.

ECE is the mean over bins of |mean p - share of yes|. A calibrated forecaster has one well above 0,
of the order of the root of bins over families, so it comes beside what he would have.
The squared error can be freed of that bias, by taking off the variance of each bin's share.

Kumar, A., Liang, P. and Ma, T. (2019): Verified uncertainty calibration. NeurIPS 32.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forecast_ledger.scoring.arrays import PARTS
from forecast_ledger.scoring.bins import TENTHS, checked_edges
from forecast_ledger.scoring.cases import Cases
from forecast_ledger.scoring.deviation import deviation

ALONE = 1e-12
"""One over the number of families is 1 with one, but for the last bits."""


@dataclass(frozen=True, slots=True)
class Ece:
    """The calibration error over `bins` bins in which anything stood.

    `ece` in units of probability, 0 is perfect, and `expected` what a calibrated forecaster has
    on average (rather too much where questions were updated). `squared` is the mean squared
    error, `debiased` the same without bias: signed, below 0 half of the time if calibrated.
    """

    ece: float
    expected: float
    squared: float
    debiased: float
    bins: int


def calibration_error(cases: Cases, edges: tuple[int, ...] = TENTHS) -> Ece:
    """Return the ECE of `cases` over bins that start at `edges`, parts per 10**9.

    A bin's share r has the variance r(1 - r) / (n - 1), where n is the number of families in
    it, or with unequal weights (sum of w)**2 / sum of w**2. A bin with one family only tells
    nothing of its variance and adds 0 to the debiased error.

    >>> from forecast_ledger.scoring.series import Series
    >>> e = calibration_error(Cases.of(Series.single([300_000_000] * 10), [1] * 5 + [0] * 5))
    >>> round(e.ece, 4), round(e.expected, 4), round(e.squared, 4), round(e.debiased, 4)
    (0.2, 0.1121, 0.04, 0.0122)
    """
    starts = checked_edges(edges)
    row = np.searchsorted(starts, cases.parts, "right") - 1
    family = np.repeat(np.arange(len(cases)), np.diff(cases.offsets))
    numbers = np.unique(row).tolist()
    plain, expected, squared, debiased = [], [], [], []
    for number in numbers:
        here = row == number
        weight = cases.weight[here]
        total = math.fsum(weight.tolist())
        share = math.fsum((weight * cases.yes[here]).tolist()) / total
        gap = math.fsum((weight * cases.parts[here]).tolist()) / total / PARTS - share
        stood = np.bincount(family[here], weight)
        doubled = math.fsum((stood * stood).tolist()) / (total * total)
        plain.append(total * abs(gap))
        squared.append(total * gap * gap)
        if doubled < 1 - ALONE:
            noise = share * (1 - share) * doubled / (1 - doubled)
            debiased.append(total * (gap * gap - noise))
        expected.append(deviation(family[here], weight, cases.parts[here]).absolute)
    count = math.fsum(cases.weight.tolist())
    return Ece(
        ece=math.fsum(plain) / count,
        expected=math.fsum(expected) / count,
        squared=math.fsum(squared) / count,
        debiased=math.fsum(debiased) / count,
        bins=len(numbers),
    )
