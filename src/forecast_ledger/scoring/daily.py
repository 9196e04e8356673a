"""Good Judgment Open's daily average, its participation rate and its accuracy score.

Each calendar day on which a forecast stood gets the Brier score, 0..2, of the last one
that stood that day, so the day of the first forecast counts whole; forecasts are carried
forward. A forecaster's score is the mean over active days. The crowd's is the mean over
all days of the median of all who were active on the day. The accuracy score is (own -
crowd) x participation rate, active days over all days; negative is better than the crowd.
Good Judgment Open, FAQ, "How are my forecasts scored?".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast_ledger.errors import InvalidError
from forecast_ledger.scoring.arrays import Floats, Integers, Numbers, checked_parts
from forecast_ledger.scoring.relative import relative_to_median
from forecast_ledger.scoring.rule import Rule
from forecast_ledger.scoring.series import checked_offsets
from forecast_ledger.scoring.timeline import Stretches, checked_moments


@dataclass(frozen=True, slots=True, eq=False)
class Daily:
    """Daily averages of one question, per forecaster; nan for one with no active day.

    `average`: the mean Brier score over active days, 0..`scale`, smaller is better.
    `participation`: `active_days` over `days`. `median`: the mean of the daily medians over
    the days on which anybody was active; nan if there is none. `accuracy`: (average -
    median) x participation, negative is better than the crowd.
    """

    average: Floats
    active_days: Integers
    participation: Floats
    accuracy: Floats
    median: float
    days: int
    scale: int


def gjopen_daily(
    parts: Numbers,
    first_days: Numbers,
    last_days: Numbers,
    offsets: Numbers,
    outcome: int,
    *,
    opens: int,
    closes: int,
    scale: int = 2,
) -> Daily:
    """Return the daily scores of all forecasters of one question.

    Forecasts lie end to end by forecaster, in the order in which they were made, series i
    from `offsets[i]` to `offsets[i + 1]`. Days are numbered in the caller's zone: forecast i
    stood on `first_days[i]` to `last_days[i]`, both counted; where the next one begins on a
    day that is still its own, the next one has that day. Days from `opens` to `closes`, both
    counted, are scored: whether a day of which only a part was left counts is for the
    caller to say by `closes`. The accuracy score compares with days before the
    forecaster came, as Good Judgment Open does; `relative_to_median` does not.
    Raises InvalidError where things do not fit.

    Over seven days 30 % and from the third 40 %, against 60 % from the second and 70 %
    from the fifth, yes:

    >>> said = [300_000_000, 400_000_000, 600_000_000, 700_000_000]
    >>> d = gjopen_daily(said, [1, 3, 2, 5], [7, 7, 7, 7], [0, 2, 4], 1, opens=1, closes=7)
    >>> d.average.round(4).tolist(), d.accuracy.round(4).tolist(), round(d.median, 4)
    ([0.7943, 0.25], [0.22, -0.278], 0.5743)
    """
    said = checked_parts(parts)
    bounds = checked_offsets(offsets, said.size)
    first, last = checked_moments(first_days), checked_moments(last_days)
    if first.size != said.size or last.size != said.size:
        raise InvalidError(f"{said.size} forecasts have other numbers of days. Give two for each.")
    if closes < opens:
        raise InvalidError(f"day {closes} comes before day {opens}. Give the first and last day.")
    series = np.repeat(np.arange(bounds.size - 1), np.diff(bounds))
    follows = series[1:] == series[:-1]
    if bool(np.any(last < first)) or bool(np.any(follows & (first[1:] < first[:-1]))):
        raise InvalidError("forecasts are not in the order of their days. Sort them by forecaster.")
    ends = last + 1
    ends[:-1] = np.where(follows, np.minimum(ends[:-1], first[1:]), ends[:-1])

    days = closes + 1 - opens
    stretches = Stretches(said, first, ends, bounds)
    found = relative_to_median(stretches, outcome, opens=opens, scheduled=closes + 1, scale=scale)
    return Daily(
        average=found.own,
        active_days=stretches.clipped(opens, closes + 1).covered(),
        participation=found.coverage,
        accuracy=(found.own - found.overall) * found.coverage,
        median=found.overall,
        days=days,
        scale=scale,
    )


_SOURCE = "Good Judgment Open, FAQ, How are my forecasts scored?"

GJOPEN_DAILY = Rule(
    name="gjopen-daily",
    title="Good Judgment Open daily average",
    formula="mean over active days of 2 (p - y)^2 of the last forecast that stood that day",
    better="smaller",
    low=0.0,
    high=2.0,
    unit="points of the Brier score of 1950, 0 to 2",
    source=_SOURCE,
    edges=(
        "The day of the first forecast counts whole; days before it and after a withdrawal do"
        " not count, as a 0 would be perfect; the participation rate says how many there"
        " were. Without an active day there is no score."
    ),
    needs="the days on which forecasts stood",
)
GJOPEN_ACCURACY = Rule(
    name="gjopen-accuracy",
    title="Good Judgment Open accuracy score",
    formula="(daily average - mean over all days of the median of the day) x participation rate",
    better="smaller",
    low=-2.0,
    high=2.0,
    unit="points of the Brier score of 1950, 0 to 2",
    source=_SOURCE,
    edges=(
        "0 is as good as the crowd, negative better. A day on which nobody was active has no"
        " median and is left out of its mean. Without an active day there is no score."
    ),
    needs="the other forecasters of the question",
)
