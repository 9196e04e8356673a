"""A made-up history: the same calls of a ledger, in the same order, for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import Entry, Forecaster, Label, Revision
from forecast_ledger.domain.moments import When
from forecast_ledger.errors import LedgerError
from forecast_ledger.ledger import Ledger
from tests.conftest import FixedClock
from tests.ledger.saying import forecast, merge, percent, question, resolution

KEYS = ("hail", "rain", "snow")
PEOPLE = ("Ben Okafor", "Mia Jensen")


def play(ledger: Ledger, clock: FixedClock, seed: int, moves: int) -> Iterator[str]:
    """Make `moves` random moves, each at a later moment; yield after each what it was.

    A move that the ledger refuses is one that records nothing.
    """
    random = Random(seed)  # noqa: S311 - a history, not a secret
    for _ in range(moves):
        clock.advance(microseconds=random.choice([1, 10**6, 3_600 * 10**6, 40 * 3_600 * 10**6]))
        move = random.choice(MOVES)
        try:
            move(ledger, random)
        except LedgerError as error:
            yield f"{move.__name__}: {error}"
        else:
            yield move.__name__


def _past(ledger: Ledger, random: Random) -> When:
    moment = ledger.now() - timedelta(hours=random.choice([0, 5, 24, 25, 200]))
    return random.choice([When.at(moment), When.on(moment.date(), moment.tzinfo)])  # type: ignore[arg-type]


def _add(ledger: Ledger, random: Random) -> None:
    key = random.choice(KEYS)
    closes = When.at(ledger.now() + timedelta(days=random.choice([2, 5, 9])))
    ledger.add(
        f"Will it {key}?",
        percent(random.randrange(101)),
        who=random.choice(PEOPLE),
        key=key,
        closes=random.choice([None, closes]),
        tags=random.choice([(), ("wet",)]),
    )


def _forecast(ledger: Ledger, random: Random) -> None:
    made = random.choice([None, None, _past(ledger, random)])
    who = random.choice(PEOPLE)
    ledger.forecast(random.choice(KEYS), percent(random.randrange(101)), who=who, made=made)


def _withdraw(ledger: Ledger, random: Random) -> None:
    ledger.withdraw(random.choice(KEYS), who=random.choice(PEOPLE))


def _resolve(ledger: Ledger, random: Random) -> None:
    ledger.resolve(
        random.choice(KEYS),
        random.choice(["yes", "yes", "no", "no", "annulled"]),
        by="Jo Reader",
        note="seen",
        known=random.choice([None, _past(ledger, random)]),
        why=random.choice([None, "looked again"]),
    )


def _reopen(ledger: Ledger, random: Random) -> None:
    ledger.reopen(random.choice(KEYS), by="Jo Reader", why="not sure")


def _undo(ledger: Ledger, random: Random) -> None:
    ledger.undo(by=random.choice([*PEOPLE, "Jo Reader"]))


def _revise(ledger: Ledger, random: Random) -> None:
    effect = random.choice(["clarify", "replace"])
    ledger.revise(random.choice(KEYS), effect, criteria=f"As measured by {random.random()}.")


def _label(ledger: Ledger, random: Random) -> None:
    change = random.choice([{"add": ["wet"]}, {"remove": ["wet"]}])
    ledger.label(random.choice(KEYS), **change)


def _family(ledger: Ledger, random: Random) -> None:
    ledger.family(random.choice(["weather", "winter"]), random.sample(KEYS, 2))


def _merged(ledger: Ledger, random: Random) -> None:
    """Entries of another ledger about the same keys, contradicting what is here at times."""
    asked = question(random.choice(KEYS), criteria=random.choice([None, "Abroad."]))
    who = Forecaster(name=random.choice(PEOPLE))
    said = forecast(asked, who, _past(ledger, random), random.randrange(101))
    entries: list[Entry] = [asked, who, said, Label(question=digest_of(asked), label="abroad")]
    if random.random() < 0.3:
        entries.append(resolution(asked, random.choice(["yes", "no"]), _past(ledger, random)))
    if random.random() < 0.3:
        wording = question(criteria="Abroad, clarified.").wording
        entries.append(
            Revision(
                question=digest_of(asked),
                effect="clarify",
                wording=wording,
                replaces=(digest_of(asked),),
            )
        )
    merge(ledger, *entries)


MOVES = [
    *[_add] * 3,
    *[_forecast] * 5,
    _withdraw,
    *[_resolve] * 4,
    _reopen,
    *[_undo] * 2,
    _revise,
    _label,
    _family,
    _merged,
]
