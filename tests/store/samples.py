"""A few entries of every type, each after those it names: what any store must keep."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import (
    Answer,
    Counterpart,
    Entry,
    Evidence,
    Family,
    Forecast,
    Forecaster,
    Label,
    Lexicon,
    Note,
    Question,
    Reading,
    Resolution,
    Retraction,
    Revision,
    Source,
    Statement,
    Withdrawal,
    Wording,
    Words,
)
from forecast_ledger.domain.moments import When
from forecast_ledger.domain.words import Phrase

SECOND_OF_JANUARY = When.at(datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC))


def samples() -> list[Entry]:
    """Return entries of every type that is stored, with every field absent and present."""
    new_york = When.on(date(2025, 12, 3), ZoneInfo("America/New_York"))
    source = Source(
        key="peace-push",
        title="Peace push\nmeets reality — “slim odds”",
        author="Zoë Müller",
        publisher="The Daily",
        url="https://daily.example/peace",
        published=new_york,
        inferred=True,
        published_note="from the day after the summit it reports",
        archive_url="https://archive.example/1",
        sha256="ab" * 32,
    )
    plain_source = Source(
        key="other", title="Another", published=SECOND_OF_JANUARY, why="read by chance"
    )
    statement = Statement(
        source=digest_of(source),
        place="§ 7",
        quote="the odds of a ceasefire remain slim",
        verdict="scored",
    )
    refused = Statement(
        source=digest_of(source), place="§ 8", quote="peace is good", verdict="not a forecast"
    )
    ceasefire = Question(
        key="ceasefire-2026-06",
        kind="binary",
        wording=Wording(
            text="Will there be a ceasefire by 30 June 2026?",
            criteria="Both sides announce one,\nand it holds for a day.",
            opens=new_york,
            closes=When.on(date(2026, 6, 30), ZoneInfo("Europe/Kyiv")),
            due=When.on(date(2026, 7, 7), UTC),
            written=SECOND_OF_JANUARY,
            coder="Mia Jensen",
        ),
    )
    market = Question(
        key="ceasefire-market",
        kind="binary",
        wording=Wording(text="Ceasefire before August?", written=SECOND_OF_JANUARY),
    )
    clarified = Revision(
        question=digest_of(ceasefire),
        effect="clarify",
        wording=replace(ceasefire.wording, criteria="Both sides announce one in writing."),
        replaces=(digest_of(ceasefire),),
        why="an announcement by one side was left open",
    )
    mia = Forecaster(name="Mia Jensen")
    crowd = Forecaster(name="The crowd", kind="crowd", url="https://crowd.example")
    lexicon = Lexicon(
        key="house",
        version="1",
        title="Words of this house",
        citation="Nobody, Nowhere (2026)",
        note="three readers",
        phrases=(
            Phrase(
                phrase="slim odds",
                low=50_000_000,
                mid=100_000_000,
                high=200_000_000,
                synonyms=("long odds", "faint hope"),
            ),
            Phrase(phrase="likely", low=660_000_000, high=1_000_000_000),
        ),
    )
    evidence = Evidence(
        url="https://news.example/1",
        title="Talks fail",
        publisher="News",
        published=When.on(date(2026, 1, 2), UTC),
        quote="no agreement was reached",
        says="that the talks failed",
        sha256="cd" * 32,
    )
    heard = Evidence(says="announced on the radio")
    forecast = Forecast(
        question=digest_of(ceasefire),
        revision=digest_of(clarified),
        forecaster=digest_of(mia),
        made=new_york,
        answer=Answer(yes=100_000_000, low=50_000_000, high=200_000_000),
        words=Words(phrase="slim odds", lexicon=digest_of(lexicon), side="yes"),
        coder="Jo Reader",
        coded=SECOND_OF_JANUARY,
        why="“slim” of yes",
    )
    price = Forecast(
        question=digest_of(market),
        forecaster=digest_of(crowd),
        made=SECOND_OF_JANUARY,
        answer=Answer(yes=1_000_000_000),
        record=digest_of(evidence),
    )
    resolution = Resolution(
        question=digest_of(ceasefire),
        outcome="no",
        known=SECOND_OF_JANUARY,
        resolver="Jo Reader",
        firmness="contested",
        evidence=(digest_of(heard), digest_of(evidence)),
        against=(digest_of(heard),),
        note="the radio said otherwise",
    )
    corrected = Resolution(
        question=digest_of(ceasefire),
        outcome="annulled",
        known=SECOND_OF_JANUARY,
        resolver="Jo Reader",
        replaces=(digest_of(resolution),),
        why="the question was about something else",
    )
    note = Note(
        target=digest_of(forecast),
        author="Zoë Müller",
        text="I did not say that.",
        evidence=(digest_of(evidence),),
    )
    questions = (digest_of(market), digest_of(ceasefire))
    return [
        source,
        plain_source,
        statement,
        refused,
        ceasefire,
        market,
        clarified,
        Family(key="ceasefire", title="One ceasefire", questions=questions),
        Label(question=digest_of(ceasefire), label="ukraine"),
        Label(
            question=digest_of(ceasefire),
            label="ukraine",
            present=False,
            replaces=(digest_of(Label(question=digest_of(ceasefire), label="ukraine")),),
        ),
        mia,
        crowd,
        lexicon,
        evidence,
        heard,
        forecast,
        price,
        Withdrawal(question=digest_of(market), forecaster=digest_of(crowd), made=SECOND_OF_JANUARY),
        Reading(
            forecast=digest_of(forecast),
            statement=digest_of(statement),
            name="seven months",
            primary=True,
            deadline_from="reader",
            status_quo=True,
        ),
        Reading(forecast=digest_of(price), statement=digest_of(refused), primary=False),
        resolution,
        corrected,
        Counterpart(
            question=digest_of(ceasefire),
            other=digest_of(market),
            closeness="near",
            difference="a month later",
        ),
        note,
        Retraction(target=digest_of(note), by="Zoë Müller", slip=True),
    ]
