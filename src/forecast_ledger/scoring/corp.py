"""The CORP decomposition: miscalibration, discrimination, uncertainty.

The forecasts are compared with their isotonic recalibration c and with the base rate r:
MCB = S(p) - S(c), how far from calibration; DSC = S(r) - S(c), how well yes is told from
no; UNC = S(r), how uncertain the questions were. S = MCB - DSC + UNC; MCB and DSC are
never negative, whatever proper score S is, and there are no bins to choose.

Dimitriadis, T., Gneiting, T. and Jordan, A. I. (2021): Stable reliability diagrams for
probabilistic classifiers. PNAS 118 (8) e2016191118.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from forecast_ledger.errors import UsageError
from forecast_ledger.scoring.arrays import PARTS, Floats
from forecast_ledger.scoring.pav import pooled
from forecast_ledger.scoring.table import Table

Loss = Callable[[Floats, Floats], Floats]
"""What happened had the first probability, what did not the second: the loss."""


@dataclass(frozen=True, slots=True)
class Block:
    """Probabilities `first` to `last` (parts per 10**9) between which yes came equally often.

    `weight` families, `share` of yes among them, 0..1.
    """

    first: int
    last: int
    weight: float
    share: float


@dataclass(frozen=True, slots=True)
class Decomposition:
    """A mean score taken apart: score = mcb - dsc + unc.

    Scores are losses, smaller is better. `mcb` 0 is perfectly calibrated; larger `dsc` is
    better. `blocks` is the recalibration curve, its shares rising. With an
    infinite logarithmic score `score` and `mcb` are infinite.
    """

    score: float
    mcb: float
    dsc: float
    unc: float
    blocks: tuple[Block, ...]


def _brier(_happened: Floats, other: Floats) -> Floats:
    loss: Floats = other * other
    return loss


def _log(happened: Floats, _other: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        loss: Floats = -np.log(happened)
    return loss


LOSSES: dict[str, Loss] = {"brier": _brier, "log": _log}
"""Brier on the scale 0 to 1; logarithmic in nats."""


def decompose(table: Table, loss: str = "brier") -> Decomposition:
    """Return the CORP decomposition of the mean score of `table`.

    `loss` is "brier" or "log"; else UsageError. Constant forecasts have DSC 0; with one
    outcome only, UNC and DSC are 0 and MCB is the score.

    >>> from forecast_ledger.scoring.series import Series
    >>> from forecast_ledger.scoring.table import grouped
    >>> said = Series.single([300_000_000] * 4 + [800_000_000] * 4)
    >>> d = decompose(grouped(said, [0, 0, 0, 1, 1, 1, 0, 1]))
    >>> round(d.score, 4), round(d.mcb, 4), round(d.dsc, 4), round(d.unc, 4)
    (0.19, 0.0025, 0.0625, 0.25)
    """
    if loss not in LOSSES:
        raise UsageError(f"no decomposition of {loss!r}. Choose one of: {', '.join(LOSSES)}.")
    lost = LOSSES[loss]
    start, weight, yes = pooled(table.weight, table.yes)
    length = np.diff(np.append(start, table.parts.size))
    chance, opposite = np.repeat(yes / weight, length), np.repeat((weight - yes) / weight, length)
    total = table.total
    base = np.full(table.parts.size, table.base_rate)
    other = np.full(table.parts.size, math.fsum(table.no.tolist()) / total)
    p, q = table.p, (PARTS - table.parts) / PARTS
    score = table.mean(lost(p, q), lost(q, p))
    recalibrated = table.mean(lost(chance, opposite), lost(opposite, chance))
    uncertain = table.mean(lost(base, other), lost(other, base))
    return Decomposition(
        score=score,
        # Both differences are positive or 0 but for the last bit.
        mcb=max(0.0, score - recalibrated),
        dsc=max(0.0, uncertain - recalibrated),
        unc=uncertain,
        blocks=tuple(
            Block(int(table.parts[first]), int(table.parts[first + count - 1]), n, s / n)
            for first, count, n, s in zip(
                start.tolist(), length.tolist(), weight.tolist(), yes.tolist(), strict=True
            )
        ),
    )
