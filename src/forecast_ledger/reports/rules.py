"""How scores of each rule are named and written, and what a reader compares them with."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, isinf, isnan

from forecast_ledger.ledger.gathering import Filters
from forecast_ledger.ledger.scores import Tally


@dataclass(frozen=True, slots=True)
class Spoken:
    """A rule in words.

    `name` heads a column, `unit` follows a number. `scale` says the direction and the
    numbers to compare with. `digits` are those after the point; `signed` if better and worse
    lie on two sides of 0. `covered` says what the share called coverage is a share of,
    for rules that look at a question's window; `compares` if others are looked at.
    """

    name: str
    scale: str
    unit: str = ""
    digits: int = 3
    signed: bool = False
    covered: str = ""
    compares: bool = False

    def text(self, value: float, more: int = 0) -> str:
        """Return a score, with `more` digits than a mean has.

        >>> spoken(Filters(rule="peer")).text(12.345), spoken(Filters(rule="log")).text(0.5)
        ('+12.3', '0.500')
        """
        if isnan(value):
            return "undefined"
        if isinf(value):
            return "infinite" if value > 0 else "-infinite"
        shown = f"{value:{'+' if self.signed else ''}.{self.digits + more}f}"
        # What rounds to nothing lies on neither side.
        return shown.lstrip("+-") if not float(shown) else shown

    def with_unit(self, value: float) -> str:
        """Return a score with its unit, which what is infinite has no need of."""
        if not self.unit or isinf(value) or isnan(value):
            return self.text(value)
        return f"{self.text(value)} {self.unit}"


OWN_SPAN = "of the time from the forecaster's first forecast (or a stated opening) to the deadline"
"""What ordinary coverage is a share of."""
_TO_DEADLINES = "of the time from anybody's first forecast (or a stated opening) to the deadline"
_AT_THE_END = "of the questions at the last second"

_SPOKEN: dict[str, Spoken] = {
    "brier": Spoken("Brier", "scale 0 to 1: 0 is perfect, 0.25 always saying 50%"),
    "log": Spoken(
        "log score", "smaller is better, 0 is perfect, 0.693 always saying 50%", unit="nats"
    ),
    "log-bits": Spoken(
        "log score", "smaller is better, 0 is perfect, 1 always saying 50%", unit="bits"
    ),
    "spherical": Spoken(
        "spherical score",
        "smaller is better, 0 is perfect, 0.293 always saying 50%, 1 the worst",
    ),
    "baseline": Spoken(
        "baseline score",
        "larger is better, 100 is perfect, 0 always saying 50%, with no lower end",
        unit="points",
        digits=1,
        signed=True,
    ),
    "baseline-time-weighted": Spoken(
        "baseline score",
        "larger is better, 100 is certainty that was right from the opening to the deadline, 0"
        " always saying 50% or nothing",
        unit="points",
        digits=1,
        signed=True,
        covered=_TO_DEADLINES,
    ),
    "baseline-spot": Spoken(
        "spot baseline score",
        "larger is better, 100 is perfect, 0 saying 50% or nothing; of the forecast that stood"
        " in the last second before each question closed or was answered",
        unit="points",
        digits=1,
        signed=True,
        covered=_AT_THE_END,
    ),
    "peer": Spoken(
        "peer score",
        "larger is better, 0 is as good as the others who forecast the same questions at the"
        " same time",
        unit="points",
        digits=1,
        signed=True,
        covered=_TO_DEADLINES,
        compares=True,
    ),
    "peer-spot": Spoken(
        "spot peer score",
        "larger is better, 0 is as good as the others; of the forecasts that stood in the last"
        " second before each question closed or was answered",
        unit="points",
        digits=1,
        signed=True,
        covered=_AT_THE_END,
        compares=True,
    ),
    "gjopen-daily": Spoken(
        "daily average",
        "scale 0 to 2: smaller is better, 0 is perfect, 0.5 always saying 50%; the mean over the"
        " days (UTC) with a forecast, of the last that stood each day",
        covered="of the days",
    ),
    "gjopen-accuracy": Spoken(
        "accuracy score",
        "scale -2 to 2: smaller is better, below 0 is better than the crowd's median; days are"
        " those of UTC",
        signed=True,
        covered="of the days",
        compares=True,
    ),
    "relative-brier": Spoken(
        "relative Brier",
        "scale -1 to 1: smaller is better, below 0 is better than the median of all who forecast"
        " at the same time",
        signed=True,
        covered=_TO_DEADLINES,
        compares=True,
    ),
    "relative-log": Spoken(
        "relative log score",
        "larger is better, 0 is as good as the median of all who forecast at the same time",
        unit="bits",
        signed=True,
        covered="of the time the questions were open",
        compares=True,
    ),
}
_BRIER_1950 = Spoken("Brier", "scale 0 to 2: 0 is perfect, 0.5 always saying 50%")

SUMMED = ("peer", "peer-spot", "baseline-time-weighted", "baseline-spot")
"""Rules whose scores Metaculus adds up."""


def spoken(filters: Filters) -> Spoken:
    """Return how scores by the rule of `filters` are written."""
    if filters.rule == "brier" and filters.brier_scale == 2:
        return _BRIER_1950
    return _SPOKEN[filters.rule]


def in_plain_words(rule: str, score: float) -> str:
    """Return what a mean score amounts to, in probabilities; nothing where it says so itself.

    >>> in_plain_words("baseline-time-weighted", 100.0)
    'That is what giving 100% to what happened would earn, all the time.'
    >>> in_plain_words("peer-spot", 0.0)
    'That is what giving what happened 1.00 times the probability of the others would earn.'
    """
    if isinf(score) or isnan(score):
        return ""
    if rule in ("baseline", "baseline-time-weighted", "baseline-spot"):
        same = 2 ** (score / 100 - 1)
        when = ", all the time" if rule == "baseline-time-weighted" else ""
        return f"That is what giving {same:.0%} to what happened would earn{when}."
    if rule in ("peer", "peer-spot", "relative-log"):
        times = 2**score if rule == "relative-log" else exp(score / 100)
        others = "the median" if rule == "relative-log" else "the others"
        # What was given on average it is not: time uncovered, or alone, counts as 0.
        when = "" if rule == "peer-spot" else ", all the time"
        return (
            f"That is what giving what happened {times:.2f} times the probability of {others}"
            f" would earn{when}."
        )
    return ""


def spoken_of(tally: Tally) -> Spoken:
    """Return how the scores of a tally are written."""
    return spoken(Filters(rule=tally.rule, brier_scale=tally.brier_scale))
