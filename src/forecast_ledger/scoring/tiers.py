"""What can be shown of a calibration, by how much there is to go by.

By families, for updates and questions that turn on one event are no further trials; by the
rarer outcome, for a hundred yes and one no say little about anything but yes. The rarer outcome
must have come so often, and must have been to be expected so often. By what came alone, of those
who say 90 to 99 % of 50 questions and are right to, one in seven would be shown a curve,
those with nearly twice their share of misses or more; and of these MCB would reject 27 in 100
at the 5 % level (benchmarks/simulations.py). What is expected is settled beforehand. So it is for
bias: the interval of whoever says 99 % and is right in 97 of 100 holds 80 times in 100 with 100
families, for as a rule none of the few misses that would show it has come.
"""

from __future__ import annotations

from dataclasses import dataclass

MIN_RARER = {"bias": 5, "curve": 5, "band": 5, "mcb": 5, "slope": 10, "auc": 10}
"""How often the rarer of yes and no must have come, in families."""

MIN_FAMILIES = {
    "confidence": 10,
    "spiegelhalter": 30,
    "bias": 30,
    "curve": 30,
    "band": 30,
    "mcb": 30,
    "slope": 30,
    "decomposition": 100,
    "auc": 100,
    "bins": 100,
    "single_bins": 400,
}
"""From how many families on each part is shown; a list of forecasts always is.

"confidence": average confidence against hit rate. "spiegelhalter": z in words. "bias": mean p
less the share of yes. "curve", "band", "mcb": the CORP curve, its consistency band, the distance
from calibration beside its null. "slope": recalibration. "decomposition": MCB, DSC and UNC.
"bins": the table of ten rows. "single_bins": statements on one row of it.
"""


@dataclass(frozen=True, slots=True)
class Missing:
    """A part that is not shown: of `unit` there are `have`, and it takes `need`.

    `unit` is "families", "rarer", the families with the rarer outcome, or "expected", those of
    which the outcome called rarer is to be expected if the probabilities are right.
    """

    part: str
    unit: str
    need: int
    have: float


@dataclass(frozen=True, slots=True)
class Shown:
    """The parts that can be shown, and each other one with all that is missing for it."""

    parts: frozenset[str]
    missing: tuple[Missing, ...]


def shown(families: int, yes: float, no: float, said: float | None = None) -> Shown:
    """Return what to show for so many families, of which `yes` and `no` came out so.

    `yes` and `no` are weights of families, the two columns of a grouped table; `said` is the
    weight of yes to be expected, the sum of w p. Without it what was said is not looked at.

    >>> shown(20, 12, 8).parts
    frozenset({'confidence'})
    >>> s = shown(45, 38, 7)
    >>> "curve" in s.parts, [m for m in s.missing if m.part == "slope"]
    (True, [Missing(part='slope', unit='rarer', need=10, have=7)])
    >>> [m for m in shown(45, 38, 7, said=42).missing if m.part == "curve"]
    [Missing(part='curve', unit='expected', need=5, have=3)]
    """
    rarer = min(yes, no)
    expected = rarer if said is None else min(said, yes + no - said)
    missing = []
    for part, need in MIN_FAMILIES.items():
        if families < need:
            missing.append(Missing(part, "families", need, families))
        least = MIN_RARER.get(part, 0)
        # Weights of updated questions add up to a whole number but for the last bit.
        if rarer < least - 1e-9:
            missing.append(Missing(part, "rarer", least, rarer))
        elif expected < least - 1e-9:
            missing.append(Missing(part, "expected", least, expected))
    out = {entry.part for entry in missing}
    return Shown(frozenset(MIN_FAMILIES) - out, tuple(missing))
