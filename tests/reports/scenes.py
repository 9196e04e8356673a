"""Small ledgers that the reports are shown on."""

from __future__ import annotations

from datetime import UTC, date

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import (
    Counterpart,
    Entry,
    Evidence,
    Forecast,
    Forecaster,
    Question,
    Reading,
    Resolution,
    Source,
    Statement,
    Wording,
)
from forecast_ledger.ledger import Answer, Ledger, When
from forecast_ledger.ledger.phrasing import Phrased
from forecast_ledger.ledger.quoting import Quoted
from tests.conftest import FixedClock

PERCENT = 10_000_000


def day(year: int, month: int, number: int) -> When:
    """Return a bare date in UTC."""
    return When.on(date(year, month, number), UTC)


def record(ledger: Ledger, *entries: Entry) -> None:
    """Put entries into the log as an import would, without asking whether they conflict."""
    with ledger._writer() as writer:
        writer.append(entries)


def ask(
    ledger: Ledger,
    key: str,
    percent: int,
    *,
    who: str = "Mia Jensen",
    text: str | None = None,
    closes: When | None = None,
    made: When | None = None,
    family: str | None = None,
) -> None:
    """Ask a question with a deadline in March and answer it."""
    ledger.add(
        text or f"Will {key} happen by 31 March 2026?",
        Answer(yes=percent * PERCENT),
        who=who,
        key=key,
        closes=closes or day(2026, 3, 31),
        made=made,
        family=family,
    )


def settle(ledger: Ledger, key: str, outcome: str, known: When | None = None) -> None:
    """Resolve a question, with a note for evidence."""
    ledger.resolve(key, outcome, by="Mia Jensen", known=known, note="as reported")


def two_questions(ledger: Ledger, clock: FixedClock) -> None:
    """Two of Mia's questions, both settled; one updated; one more open, one overdue."""
    ask(ledger, "rain", 80)
    ask(ledger, "snow", 30)
    ask(ledger, "storm", 50)
    ask(ledger, "flood", 10, closes=day(2026, 12, 31))
    clock.advance(days=30)
    ledger.forecast("rain", Answer(yes=90 * PERCENT), who="Mia Jensen")
    clock.advance(days=60)
    settle(ledger, "rain", "yes")
    settle(ledger, "snow", "no")


def two_forecasters(ledger: Ledger, clock: FixedClock) -> None:
    """Two people, one of them in words; one also claimed something after the outcome."""
    two_questions(ledger, clock)
    ask(ledger, "hail", 60, closes=day(2026, 5, 31))
    ledger.forecast("hail", None, who="Ben Osei", phrased=Phrased("probably not", "fagen2019"))
    ask(ledger, "fog", 70, who="Ben Osei", made=day(2026, 3, 1), closes=day(2026, 5, 31))
    clock.advance(days=1)
    settle(ledger, "fog", "yes", day(2026, 4, 1))
    clock.advance(days=60)
    settle(ledger, "hail", "no")


def claimed_only(ledger: Ledger, clock: FixedClock) -> None:
    """A history brought in after it was over."""
    ask(ledger, "rain", 80, made=day(2025, 11, 1), closes=day(2025, 12, 31))
    ask(ledger, "snow", 30, made=day(2025, 11, 1), closes=day(2025, 12, 31))
    settle(ledger, "rain", "yes", day(2025, 12, 1))
    settle(ledger, "snow", "yes", day(2025, 12, 1))
    clock.advance(days=1)


def early_only(ledger: Ledger, clock: FixedClock) -> None:
    """A question answered long before its deadline, and nothing else."""
    ask(ledger, "rain", 80, closes=day(2026, 12, 31))
    clock.advance(days=30)
    settle(ledger, "rain", "yes")
    clock.advance(days=1)


def disputed(ledger: Ledger, clock: FixedClock) -> None:
    """A question with two resolutions in force, as two imports may leave it; one annulled."""
    ask(ledger, "rain", 80)
    ask(ledger, "snow", 30)
    clock.advance(days=90)
    question = ledger.show("rain").state.question
    record(
        ledger,
        *(
            Resolution(
                question=question, outcome=outcome, known=day(2026, 4, 1), resolver=who, note="seen"
            )
            for outcome, who in (("yes", "Mia Jensen"), ("no", "Ben Osei"))
        ),
    )
    ledger.resolve("snow", "annulled", by="Mia Jensen", note="the station was closed")
    clock.advance(days=1)


def many(ledger: Ledger, clock: FixedClock, number: int, misses: int) -> None:
    """As many questions, each its own family, the first `misses` of them on the wrong side."""
    for i in range(number):
        ask(ledger, f"event-{i:02}", (90, 80, 30, 60)[i % 4])
    clock.advance(days=90)
    for i in range(number):
        likelier = (90, 80, 30, 60)[i % 4] > 50
        settle(ledger, f"event-{i:02}", "yes" if likelier != (i < misses) else "no")
    clock.advance(days=1)


def article(ledger: Ledger, clock: FixedClock) -> None:
    """An article in words: three questions settled, one overdue, a second reading, a platform."""
    source = Source(
        key="weather-note",
        title="No spring before May",
        author="Ada Wern",
        publisher="The Gauge",
        published=day(2025, 12, 3),
        inferred=True,
        published_note="from a link of that day",
        url="https://gauge.example/no-spring",
    )
    ledger.source(source)
    for key, text, closes, quote, phrase, reading in (
        ("thaw-2025-12", "Will it thaw by 31 December 2025?", day(2025, 12, 31),
         "It will probably not thaw this year.", "probably not", None),
        ("thaw-2026-02", "Will it thaw by 28 February 2026?", day(2026, 2, 28),
         "Nor will it soon after.", "unlikely", "soon as two months"),
        ("frost-2026-02", "Will there be frost on every day to the end of February 2026?",
         day(2026, 2, 28), "Frost is almost certain every day.", "almost certain", None),
        ("floods-2026-04", "Will the river flood by 30 April 2026?", day(2026, 4, 30),
         "Floods are likely in April.", "likely", None),
    ):  # fmt: skip
        ledger.add(
            text,
            None,
            who="Ada Wern",
            key=key,
            closes=closes,
            coder="Mia Jensen",
            phrased=Phrased(phrase, "fagen2019"),
            quoted=Quoted("weather-note", quote, "paragraph 1", reading),
            family=None if key.startswith("floods") else "winter",
        )
        clock.advance(minutes=1)
    _also_read(ledger, digest_of(source))
    clock.advance(days=120)
    settle(ledger, "thaw-2025-12", "no")
    evidence = Evidence(url="https://gauge.example/march", says="A thaw on 3 March.")
    doubt = Evidence(title="Station diary", says="Thaw noted on 27 February.")
    ledger.resolve(
        "thaw-2026-02",
        "no",
        by="Mia Jensen",
        firmness="inferred",
        evidence=[evidence],
        against=[doubt],
    )
    settle(ledger, "frost-2026-02", "yes", day(2026, 3, 1))
    settle(ledger, "thaw-2026-01", "yes", day(2026, 1, 20))
    settle(ledger, "polar-thaw", "no")


def _also_read(ledger: Ledger, source: object) -> None:
    """Add refused claims, another reading of "soon", and a platform's question beside one."""
    soon = Question(
        key="thaw-2026-01",
        kind="binary",
        wording=Wording(
            text="Will it thaw by 31 January 2026?",
            closes=day(2026, 1, 31),
            written=day(2026, 1, 15),
        ),
    )
    ada = Forecaster(name="Ada Wern")
    other = Forecast(
        question=digest_of(soon),
        forecaster=digest_of(ada),
        made=day(2025, 12, 3),
        answer=Answer(yes=20 * PERCENT, low=10 * PERCENT, high=30 * PERCENT),
        coder="Mia Jensen",
        coded=day(2026, 1, 15),
    )
    claim = next(
        claim.statement.digest
        for claim in ledger.statements()
        if claim.statement.entry.quote.startswith("Nor")
    )
    market = Forecaster(name="Polar Market", kind="market")
    theirs = Question(
        key="polar-thaw",
        kind="binary",
        wording=Wording(
            text="Thaw before 2026?", closes=day(2025, 12, 31), written=day(2025, 12, 5)
        ),
    )
    price = Forecast(
        question=digest_of(theirs),
        forecaster=digest_of(market),
        made=day(2025, 12, 9),
        answer=Answer(yes=31 * PERCENT),
    )
    thaw = ledger.show("thaw-2025-12").state.question
    record(
        ledger,
        *(
            Statement(source=source, place="paragraph 2", quote=quote, verdict=verdict)  # type: ignore[arg-type]
            for quote, verdict in (
                ("Winters were harder once.", "not a forecast"),
                ("They say it will be a hot summer.", "somebody else's claim"),
                ("Spring will come.", "no time frame"),
                ("Buy wood.", "not a forecast"),
            )
        ),
        soon,
        other,
        Reading(
            forecast=digest_of(other), statement=claim, name="soon as one month", primary=False
        ),
        market,
        theirs,
        price,
        Counterpart(
            question=thaw,
            other=digest_of(theirs),
            closeness="near",
            difference="It asks for the city alone.",
        ),
    )


def corrected(ledger: Ledger, clock: FixedClock) -> None:
    """One question with everything that can happen to it, told by two people."""
    ledger.add(
        "Will the bridge open by 31 March 2026?",
        Answer(yes=62 * PERCENT),
        who="Mia Jensen",
        key="bridge",
        opens=day(2026, 1, 15),
        closes=day(2026, 3, 31),
        tags=["roads"],
        family="bridge-works",
        why="the deck is done",
    )
    ledger.family("bridge-works", ["bridge"], title="Whether the works end in time")
    clock.advance(days=1)
    ledger.forecast("bridge", Answer(yes=5 * PERCENT), who="Mia Jensen")
    clock.advance(minutes=2)
    ledger.undo(by="Mia Jensen")
    clock.advance(days=9)
    ledger.revise("bridge", "clarify", criteria="Yes if cars may cross.\nTrials do not count.")
    ledger.forecast("bridge", None, who="Ben Osei", phrased=Phrased("likely", "fagen2019"))
    clock.advance(days=10)
    ledger.forecast("bridge", Answer(yes=55 * PERCENT), who="Mia Jensen", why="the rain")
    ledger.withdraw("bridge", who="Ben Osei", why="left the project")
    ledger.note(
        "bridge",
        "The ministry speaks of April.",
        author="Ben Osei",
        evidence=[Evidence(url="https://roads.example/april", title="Answer to a question")],
    )
    clock.advance(days=60)
    settle(ledger, "bridge", "no")
    clock.advance(days=1)
    ledger.resolve(
        "bridge",
        "yes",
        by="Ben Osei",
        known=day(2026, 3, 30),
        firmness="contested",
        evidence=[
            Evidence(
                url="https://roads.example/open",
                title="It is open",
                publisher="The Gauge",
                published=day(2026, 3, 30),
                quote="the first cars crossed at noon",
                says="Cars crossed on 30 March.",
                sha256="ab" * 32,
            )
        ],
        against=[Evidence(says="The police let nobody pass before 2 April.")],
        why="it opened a day early",
    )
    ledger.forecast("bridge", Answer(yes=99 * PERCENT), who="Mia Jensen")
    clock.advance(minutes=1)
