"""Forecasters made up by a generator of random numbers, and ledgers that they kept.

What they say and what comes of it is the same in every run with the same seed. A forecaster
begins with a probability and learns from noisy signals, as Bayes would, but then says more
than he knows: where he says p, yes comes with probability expit(slope * logit p), at every
moment. So his slope is known, and what a report says of it can be checked.

    python -m tests.simulated 40 ledger.db      a ledger with 40 resolved questions
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import exp, log
from random import Random

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.days import date_text
from forecast_ledger.domain.entries import (
    Answer,
    Entry,
    Family,
    Forecast,
    Forecaster,
    Question,
    Resolution,
    Wording,
)
from forecast_ledger.domain.fields import Digest
from forecast_ledger.domain.moments import When
from forecast_ledger.ledger import Ledger
from tests.conftest import FixedClock

PERCENT = 10_000_000
SEED = 7
SLOPE = 0.75
STARTS = (5, 10, 15, 20, 30, 40, 60, 70, 80, 85, 90, 95)
SIGNAL = 0.35
"""How far the signals of yes and no lie from 0; they scatter by 1."""
START = datetime(2026, 1, 1, 9, tzinfo=UTC)
BETWEEN = timedelta(days=8)
END = datetime(2026, 11, 22, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: what was said, every eight days anew, and how it came out.

    `said` are percents of yes, or answers where a number is not enough. `outcome` None leaves
    the question open.
    """

    said: Sequence[int | Answer]
    outcome: str | None
    family: str | None = None
    early: bool = False


def history(number: int, seed: int = SEED, slope: float = SLOPE) -> list[Asked]:
    """Return the first `number` questions of a simulated forecaster."""
    random = Random(seed)  # noqa: S311 - a history, not a secret
    return [_asked(random, slope) for _ in range(number)]


def _asked(random: Random, slope: float) -> Asked:
    start = random.choice(STARTS) / 100
    known = slope * log(start / (1 - start))
    yes = random.random() < _expit(known)
    said = [round(start * 100)]
    for _ in range(random.randrange(4)):
        signal = random.gauss(SIGNAL if yes else -SIGNAL, 1)
        known += 2 * SIGNAL * signal
        said.append(_round(100 * _expit(known / slope)))
    return Asked(said, "yes" if yes else "no")


def _round(percent: float) -> int:
    """Return a percentage as one says it: in fives, but near 0 and 100% in ones."""
    return 5 * round(percent / 5) if 7.5 < percent < 92.5 else min(99, max(1, round(percent)))


def _expit(value: float) -> float:
    return 1 / (1 + exp(-value))


NOT_SETTLED = (
    *[Asked([60], None)] * 2,
    *[Asked([30], "yes", early=True)] * 2,
    Asked([80], "annulled"),
)
"""What every ledger of the page also holds: open, answered early, annulled."""


def entries_of(asked: Sequence[Asked], who: str = "Ben Sim") -> dict[datetime, list[Entry]]:
    """Return what is recorded of questions, at the moments when it was made or became known."""
    rounds: dict[datetime, list[Entry]] = defaultdict(list)
    families: dict[str, list[Digest]] = defaultdict(list)
    forecaster = Forecaster(name=who)
    rounds[START].append(forecaster)
    for number, one in enumerate(asked):
        is_late = one.early or one.outcome is None
        closes = date(2027 if is_late else 2026, 3, 1) + timedelta(days=number % 200)
        text = f"Will simulated event {number + 1} happen by {date_text(closes)}?"
        question = Question(
            key=f"event-{number + 1:04}",
            kind="binary",
            wording=Wording(text=text, closes=When.on(closes, UTC), written=When.at(START)),
        )
        asks = digest_of(question)
        rounds[START].append(question)
        if one.family:
            families[one.family].append(asks)
        for place, said in enumerate(one.said):
            made = START + place * BETWEEN
            answer = said if isinstance(said, Answer) else Answer(yes=said * PERCENT)
            forecast = Forecast(
                question=asks,
                forecaster=digest_of(forecaster),
                made=When.at(made),
                answer=answer,
            )
            rounds[made].append(forecast)
        if one.outcome:
            known = min(closes, date(2026, 11, 1))
            resolution = Resolution(
                question=asks,
                outcome=one.outcome,
                known=When.on(known, UTC),
                resolver=who,
                note="simulated",
            )
            rounds[END].append(resolution)
    rounds[START] += [Family(key=key, questions=tuple(own)) for key, own in families.items()]
    return rounds


def write(ledger: Ledger, clock: FixedClock, rounds: Mapping[datetime, Sequence[Entry]]) -> None:
    """Record entries at their moments; the ledger's clock stays at the last."""
    for moment, entries in sorted(rounds.items()):
        clock.set(moment)
        with ledger.store.writing(ledger.now) as writer:
            # Nothing else is half as quick: what is written is not asked whether it conflicts.
            for _ in writer.append_each(entries):
                pass


def record(ledger: Ledger, clock: FixedClock, asked: Sequence[Asked], who: str = "Ben Sim") -> None:
    """Record questions and forecasts when they were made, outcomes on 22 November 2026."""
    write(ledger, clock, entries_of(asked, who))


if __name__ == "__main__":
    settled, where = int(sys.argv[1]), sys.argv[2]
    clock = FixedClock()
    with Ledger(where, clock=clock) as opened:
        record(opened, clock, [*history(settled), *NOT_SETTLED])
