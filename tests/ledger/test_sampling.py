"""Plain questions through arrays give digit for digit what every entry one by one gives."""

from __future__ import annotations

import shutil
import sqlite3
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import (
    FIRMNESS,
    Answer,
    Entry,
    Family,
    Forecast,
    Forecaster,
    Label,
    Question,
    Resolution,
    Retraction,
    Revision,
    Withdrawal,
)
from forecast_ledger.domain.moments import When, text_of
from forecast_ledger.errors import LedgerError
from forecast_ledger.ledger import Ledger
from forecast_ledger.ledger.crowd import UNSCHEDULED
from forecast_ledger.ledger.gathering import Filters, Gathered, Gathering
from forecast_ledger.ledger.sampling import UNREACHED
from forecast_ledger.ledger.scores import Line, Lines
from forecast_ledger.store import stream
from forecast_ledger.store.read import Reader
from forecast_ledger.store.stream import Packed
from tests.conftest import FixedClock
from tests.ledger.play import PEOPLE, play
from tests.ledger.saying import MIA, at, forecast, merge, on, question, resolution, score

BEN = "Ben Okafor"
CROWD = "The crowd"
# One seed is no simpler than another, so there is nothing to shrink.
SEEDS = settings(
    max_examples=6,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def every_question(reader: Reader) -> set[int]:
    return set(reader.root_map("question").values())


@contextmanager
def entry_by_entry() -> Iterator[None]:
    """Let no question be plain."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("forecast_ledger.ledger.sampling.irregular", every_question)
        yield


POLICIES = ("time-weighted", "daily", "last", "first", "each", "at 2d")
Choice: TypeAlias = dict[str, Any]
CHOICES: tuple[Choice, ...] = (
    *({"policy": policy} for policy in POLICIES),
    *({"policy": policy, "claimed": True} for policy in POLICIES),
    *({"rule": rule} for rule in ("log", "spherical", "baseline")),
    {"brier_scale": 2, "level": 0.5},
    {"who": (MIA,)},
    {"who": (BEN, CROWD), "claimed": True},
    {"tags": ("wet",)},
    {"tags": ("wet", "abroad"), "who": (BEN,)},
    {"families": ("weather",)},
    {"families": ("winter", "weather"), "known_since": on(1, 20)},
    {"known_since": on(1, 20)},
    {"known_until": on(1, 22), "claimed": True},
    {"known_since": on(1, 18), "known_until": on(1, 25), "policy": "each"},
)


def told(
    ledger: Ledger,
    choices: Sequence[Choice] = CHOICES,
    as_of: datetime | None = None,
) -> list[str]:
    """What a ledger scores, to the last digit; without its place in the log and its leaf."""
    return [told_of(ledger, Filters(**chosen), as_of) for chosen in choices]


def told_of(ledger: Ledger, filters: Filters, as_of: datetime | None) -> str:
    try:
        found = (ledger.score(filters, as_of=as_of), *ledger.scores(filters, as_of=as_of))
    except LedgerError as error:
        return str(error)
    # repr writes a float with every digit that distinguishes it.
    return repr([replace(one, seq=0, leaf="") for one in found])


def told_entry_by_entry(
    ledger: Ledger,
    choices: Sequence[Choice] = CHOICES,
    as_of: datetime | None = None,
) -> list[str]:
    with entry_by_entry():
        return told(ledger, choices, as_of)


# -- made-up ledgers -------------------------------------------------------------------------


class Maker:
    """Makes up entries about plain questions, and about some that only look plain.

    `now` says what time it is, which no entry is later than.
    """

    def __init__(self, random: Random, now: Callable[[], datetime]) -> None:
        self._random = random
        self.now = now
        self.people = [Forecaster(name=name) for name in (*PEOPLE, CROWD)]
        self.questions = [self._question(number) for number in range(8)]

    def _ago(self, *hours: float) -> datetime:
        extra = self._random.choice([0, 1, 10**6, self._random.randrange(10**9)])
        return self.now() - timedelta(hours=self._random.choice(hours), microseconds=extra)

    def _question(self, number: int) -> Question:
        closes = self._random.choice(
            [None, None, at(6, 1), on(1, 25), When.at(self._ago(-70, -150, -300))]
        )
        opens = self._random.choice([None, None, When.at(self._ago(20, -20, -60))])
        if opens and closes and opens.start >= closes.start:
            opens = None
        due = self._random.choice([None, at(7, 1), on(1, 28)])
        if due and closes and due.end < closes.end:
            due = None
        text = f"Will {number} fall?"
        return question(f"dew-{number}", text=text, closes=closes, opens=opens, due=due)

    def base(self, *, twice: bool) -> list[Entry]:
        """Return forecasters and questions; with `twice` two exports of the same, merged."""
        entries: list[Entry] = [*self.people, *self.questions]
        if twice:
            team = Forecaster(name=MIA, kind="team")
            abroad = question("dew-0", text="Will 0 fall?", criteria="Abroad.")
            entries += [team, abroad, self._said(abroad, team)]
            entries += [self._said(asked, team) for asked in self._some(2)]
        return entries

    def _some(self, number: int) -> list[Question]:
        return self._random.sample(self.questions, number)

    def said(self) -> Forecast:
        """Return a forecast, of a kind that its question mostly has."""
        return self._said(self._random.choice(self.questions), self._random.choice(self.people))

    def _said(self, asked: Question, who: Forecaster) -> Forecast:
        number = self.questions.index(asked) if asked in self.questions else 0
        # By question: instants, bare dates, both; numbers, words, both.
        made = When.at(self._ago(0, 1, 5, 24, 25, 60))
        if number in (1, 4) or (number == 5 and self._random.random() < 0.5):
            made = When.on(made.start.date(), UTC)
        yes = self._random.choice([0, 10**9, *(self._random.randrange(10**9) for _ in range(8))])
        answer = Answer(yes=yes)
        if number in (3, 4) or (number == 6 and self._random.random() < 0.5):
            width = self._random.randrange(10**8)
            answer = Answer(yes=yes, low=max(0, yes - width), high=min(10**9, yes + width))
        return Forecast(
            question=digest_of(asked), forecaster=digest_of(who), made=made, answer=answer
        )

    def resolution(self, asked: Question) -> Resolution:
        """Return an outcome that became known not long ago."""
        known = When.at(self._ago(0, 1, 30))
        if self._random.random() < 0.4:
            known = When.on(known.start.date(), UTC)
        outcome = self._random.choice([*["yes", "no"] * 5, "annulled"])
        return resolution(asked, outcome, known, firmness=self._random.choice(FIRMNESS))

    def around(self) -> list[Entry]:
        """Return tags, families and what else makes a question less plain."""
        entries: list[Entry] = [
            Label(question=digest_of(asked), label=self._random.choice(["wet", "abroad"]))
            for asked in self._some(4)
        ]
        for key in ("weather", "winter"):
            places = tuple(sorted(digest_of(asked) for asked in self._some(3)))
            entries.append(Family(key=key, questions=places))
        gone = self._random.choice(self.questions)
        who = digest_of(self._random.choice(self.people))
        made = When.at(self._ago(1, 5))
        entries.append(Withdrawal(question=digest_of(gone), forecaster=who, made=made))
        return entries


def grow(ledger: Ledger, clock: FixedClock, seed: int, moves: int) -> Iterator[str]:
    """Let a ledger grow by stories about three questions and forecasts on eight others."""
    random = Random(seed)  # noqa: S311 - a history, not a secret
    maker = Maker(random, clock)
    merge(ledger, *maker.base(twice=random.random() < 0.3))
    around = maker.around()
    open_ones = maker.questions[1:]
    for number, move in enumerate(play(ledger, clock, seed, moves)):
        merge(ledger, *(maker.said() for _ in range(random.randrange(6))))
        if around and random.random() < 0.4:
            merge(ledger, around.pop())
        if open_ones and number > moves / 2:
            merge(ledger, maker.resolution(open_ones.pop()))
        yield move


def grown(ledger: Ledger, clock: FixedClock, seed: int) -> list[datetime]:
    """Let a ledger grow and some days go by; return the moments in between."""
    moments = [clock() for _ in grow(ledger, clock, seed, moves=20)]
    clock.advance(days=9)
    return moments


@SEEDS
@given(seed=st.integers(0, 10**6), chosen=st.sets(st.integers(0, len(CHOICES) - 1), max_size=4))
@example(seed=11, chosen=set(range(len(CHOICES))))
def test_arrays_and_entries_one_by_one_say_the_same(
    empty_file: Path, tmp_path_factory: pytest.TempPathFactory, seed: int, chosen: set[int]
) -> None:
    path = shutil.copy(empty_file, tmp_path_factory.mktemp("grown") / "ledger.db")
    clock = FixedClock()
    choices = [CHOICES[0], *(CHOICES[number] for number in sorted(chosen))]
    with Ledger(str(path), clock=clock) as ledger:
        moments = grown(ledger, clock, seed)
        assert told(ledger, choices) == told_entry_by_entry(ledger, choices)
        for as_of in (moments[9], moments[-1]):
            few = choices[-2:]
            assert told(ledger, few, as_of) == told_entry_by_entry(ledger, few, as_of)


def test_moments_of_recording_are_the_same_told_by_row_or_by_place(
    sqlite_ledger: Ledger, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = grown(sqlite_ledger, clock, 5)
    with sqlite_ledger.store.reading() as reader:
        few = stream.recordings(reader)
        assert few
        written = reader.connection.exec_driver_sql(
            "SELECT min(seq), recorded_at FROM log GROUP BY recorded_at ORDER BY recorded_at"
        )
        assert [(place, text_of(when)) for place, when in few] == written.all()
    by_place = told(sqlite_ledger), told(sqlite_ledger, CHOICES[:2], moments[9])
    monkeypatch.setattr(stream, "FEW_RECORDINGS", len(few) - 1)
    with sqlite_ledger.store.reading() as reader:
        assert stream.recordings(reader) is None
    assert (told(sqlite_ledger), told(sqlite_ledger, CHOICES[:2], moments[9])) == by_place


@pytest.mark.parametrize("seed", [12])
def test_arrays_say_the_same_on_both_databases(
    sqlite_ledger: Ledger, postgres_ledger: Ledger, clock: FixedClock, seed: int
) -> None:
    start = clock()
    seen = []
    for ledger in (sqlite_ledger, postgres_ledger):
        clock.set(start)
        moments = grown(ledger, clock, seed)
        seen.append((told(ledger), told(ledger, CHOICES[:2], moments[-1])))
    assert seen[0] == seen[1]
    assert seen[1][0] == told_entry_by_entry(postgres_ledger)


# -- the order of insertion ------------------------------------------------------------------


def entries_of(seed: int) -> list[Entry]:
    """Return the entries of a ledger, each after those it names; some are of two exports."""
    random = Random(seed)  # noqa: S311 - a history, not a secret
    maker = Maker(random, lambda: at(1, 12).start + timedelta(days=9 * random.random()))
    said = [maker.said() for _ in range(50)]
    entries = [*maker.base(twice=True), *said, *maker.around()]
    maker.now = lambda: at(1, 18).start + timedelta(days=9 * random.random())
    return entries + [maker.resolution(one) for one in (*maker.questions, maker.questions[-1])]


def shuffled(entries: Sequence[Entry], random: Random) -> list[Entry]:
    """Return entries in another order in which each still comes after those it names."""
    waiting = list(entries)
    random.shuffle(waiting)
    # Every other entry names forecasters and questions only.
    here: list[Entry] = []
    named = {digest_of(one) for one in waiting if isinstance(one, Forecaster | Question)}
    met: set[str] = set()
    while waiting:
        ready = [one for one in waiting if names_of(one) & named <= met]
        one = random.choice(ready[:4])
        waiting.remove(one)
        here.append(one)
        met.add(digest_of(one))
    return here


def names_of(entry: Entry) -> set[str]:
    if isinstance(entry, Family):
        return set(entry.questions)
    if isinstance(entry, Forecast | Withdrawal):
        return {entry.question, entry.forecaster}
    if isinstance(entry, Label | Resolution):
        return {entry.question}
    return set()


def told_in_order(ledger: Ledger, clock: FixedClock, entries: Sequence[Entry]) -> list[str]:
    clock.set(at(1, 20).start)
    merge(ledger, *entries)
    clock.set(at(3, 1).start)
    return told(ledger, CHOICES[::3])


@settings(SEEDS, max_examples=4)
@given(seed=st.integers(0, 10**6))
@example(seed=3)
def test_any_order_of_insertion_gives_the_same_digits(
    empty_file: Path, tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    entries, random = entries_of(seed), Random(seed)  # noqa: S311 - a history, not a secret
    seen = []
    for _ in range(3):
        path = shutil.copy(empty_file, tmp_path_factory.mktemp("shuffled") / "ledger.db")
        clock = FixedClock()
        with Ledger(str(path), clock=clock) as ledger:
            seen.append(told_in_order(ledger, clock, shuffled(entries, random)))
            if len(seen) == 1:
                assert seen[0] == told_entry_by_entry(ledger, CHOICES[::3])
    assert seen[0] == seen[1] == seen[2]


@pytest.mark.parametrize("seed", [3])
def test_another_order_of_insertion_gives_the_same_digits_on_the_other_database(
    sqlite_ledger: Ledger, postgres_ledger: Ledger, clock: FixedClock, seed: int
) -> None:
    entries, random = entries_of(seed), Random(seed)  # noqa: S311 - a history, not a secret
    assert told_in_order(sqlite_ledger, clock, entries) == told_in_order(
        postgres_ledger, clock, shuffled(entries, random)
    )


# -- what goes which way ---------------------------------------------------------------------


def two_questions() -> list[Entry]:
    rain, snow, mia = question("rain"), question("snow"), Forecaster(name=MIA)
    said = [forecast(rain, mia, at(1, day), 10 * day) for day in (1, 3, 6)]
    said += [forecast(snow, mia, on(1, day), 9 * day) for day in (2, 4)]
    return [
        rain,
        snow,
        mia,
        *said,
        resolution(rain, "yes", at(2, 1)),
        resolution(snow, "no", on(2, 2)),
    ]


@pytest.fixture
def gathered(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """The keys of the questions that were gathered entry by entry, for each score."""
    seen: list[set[str]] = []
    real = Gathering.gather

    def gather(self: Gathering, roots: Sequence[int] | None = None) -> Gathered:
        seen.append({state.key for state in self.states.values()})
        return real(self, roots)

    monkeypatch.setattr(Gathering, "gather", gather)
    return seen


def test_plain_questions_are_not_read_entry_by_entry(
    ledger: Ledger, clock: FixedClock, gathered: list[set[str]]
) -> None:
    clock.set(at(1, 1).start)
    merge(ledger, *two_questions())
    clock.set(at(3, 1).start)
    assert [line.forecasts for line in score(ledger).lines] == [3, 2]
    assert gathered == [set()]


@pytest.mark.parametrize(
    "more",
    [
        lambda rain, mia: forecast(rain, mia, on(1, 5), 50),
        lambda rain, mia: forecast(rain, mia, at(1, 3), 50),
        lambda rain, mia: forecast(rain, mia, at(1, 4), 50, coder="Jo Reader"),
        lambda rain, mia: forecast(
            rain,
            mia,
            at(1, 3),
            50,
            replaces=(digest_of(forecast(rain, mia, at(1, 3), 30)),),
            why="a slip",
        ),
        lambda rain, mia: replace(
            forecast(rain, mia, at(1, 4), 50), answer=Answer(yes=5, low=4, high=6)
        ),
        lambda rain, mia: Withdrawal(
            question=digest_of(rain), forecaster=digest_of(mia), made=at(1, 9)
        ),
        lambda rain, mia: Retraction(
            target=digest_of(forecast(rain, mia, at(1, 3), 30)), by=MIA, why="a slip"
        ),
        lambda *_: question("rain", criteria="Abroad."),
        lambda rain, _: resolution(rain, "no", at(2, 3)),
        lambda rain, _: Retraction(
            target=digest_of(resolution(rain, "yes", at(2, 1))), by=MIA, why="a slip"
        ),
        lambda rain, _: Revision(
            question=digest_of(rain),
            effect="clarify",
            wording=question(criteria="Here.").wording,
            replaces=(digest_of(rain),),
        ),
    ],
    ids=[
        "both dates and instants",
        "two forecasts at one moment",
        "a coder's number",
        "a correction",
        "both words and numbers",
        "a withdrawal",
        "a forecast taken back",
        "two entries about a question",
        "two outcomes",
        "an outcome taken back",
        "a clarification",
    ],
)
def test_a_question_with_a_story_is_read_entry_by_entry_and_no_other_is(
    sqlite_ledger: Ledger,
    clock: FixedClock,
    gathered: list[set[str]],
    more: Callable[[Question, Forecaster], Entry],
) -> None:
    merge(sqlite_ledger, *two_questions(), more(question("rain"), Forecaster(name=MIA)))
    clock.set(at(3, 1).start)
    before = sqlite_ledger.now() - timedelta(days=50)
    score(sqlite_ledger)
    assert gathered == [{"rain"}]
    # As of a moment before its story the question was a plain one, or not there at all.
    score(sqlite_ledger, as_of=before)
    assert gathered[1:] == [set()]


def test_a_question_taken_back_is_read_entry_by_entry(
    sqlite_ledger: Ledger, clock: FixedClock, gathered: list[set[str]]
) -> None:
    merge(sqlite_ledger, *two_questions())
    slip = Retraction(target=digest_of(question("rain")), by=MIA, why="a slip", slip=True)
    merge(sqlite_ledger, slip)
    clock.set(at(3, 1).start)
    assert [line.key for line in score(sqlite_ledger).lines] == ["snow"]
    assert gathered == [{"rain"}]


def test_tags_and_families_taken_back_choose_no_question(
    ledger: Ledger, clock: FixedClock, gathered: list[set[str]]
) -> None:
    clock.set(at(1, 1).start)
    rain, snow = digest_of(question("rain")), digest_of(question("snow"))
    tags = [Label(question=rain, label=name) for name in ("wet", "cold")]
    tags.append(Label(question=snow, label="wet"))
    dried = Label(question=rain, label="wet", present=False, replaces=(digest_of(tags[0]),))
    weather, winter = (
        Family(key="weather", questions=tuple(sorted([rain, snow]))),
        Family(key="winter", questions=(snow,)),
    )
    merge(ledger, *two_questions(), *tags, weather, winter)
    back = (Retraction(target=digest_of(one), by=MIA, why="a slip") for one in (tags[1], weather))
    merge(ledger, dried, *back)
    clock.set(at(3, 1).start)
    chosen: list[tuple[Choice, list[str]]] = [
        ({"tags": ("wet",)}, ["snow"]),
        ({"tags": ("cold",)}, []),
        ({"families": ("weather",)}, []),
        ({"families": ("winter",)}, ["snow"]),
    ]
    for choice, keys in chosen:
        assert [line.key for line in score(ledger, **choice).lines] == keys
    assert [line.families for line in score(ledger).lines] == [(), ("winter",)]
    assert not any(gathered)


def test_one_name_with_two_entries_is_one_series(
    ledger: Ledger, clock: FixedClock, gathered: list[set[str]]
) -> None:
    clock.set(at(1, 1).start)
    team, rain = Forecaster(name=MIA, kind="team"), question("rain")
    merge(ledger, *two_questions(), team, forecast(rain, team, at(1, 4), 50))
    clock.set(at(3, 1).start)
    assert [line.forecasts for line in score(ledger).lines] == [4, 2]
    assert gathered == [{"rain"}]


def test_only_questions_that_are_asked_for_are_unpacked(
    sqlite_ledger: Ledger, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    rain, snow, *others = two_questions()
    merge(sqlite_ledger, rain, snow, *others, Label(question=digest_of(snow), label="wet"))
    clock.set(at(3, 1).start)
    seen: list[Sequence[int] | None] = []
    real = stream.packed

    def packed(
        reader: Reader, questions: Sequence[int] | None = None, *, places: bool = False
    ) -> Iterator[list[Packed]]:
        seen.append(questions)
        return real(reader, questions, places=places)

    monkeypatch.setattr("forecast_ledger.ledger.sampling.packed", packed)
    assert [line.key for line in score(sqlite_ledger, tags=("wet",)).lines] == ["snow"]
    assert [line.key for line in score(sqlite_ledger).lines] == ["rain", "snow"]
    assert seen == [[2], None]


@pytest.mark.parametrize("way", [nullcontext, entry_by_entry])
def test_only_what_counts_is_counted(
    sqlite_ledger: Ledger, way: Callable[[], AbstractContextManager[None]], clock: FixedClock
) -> None:
    # Recorded on the 15th, so that all but the last of each series are claimed.
    merge(sqlite_ledger, *two_questions())
    clock.set(at(3, 1).start)
    with way():
        apart, together = score(sqlite_ledger), score(sqlite_ledger, claimed=True)
        nothing = score(sqlite_ledger, policy="at 2d")
    assert (apart.grades, together.grades) == (
        {"witnessed": 2},
        {"witnessed": 2, "claimed": 3},
    )
    assert apart.claimed is not None
    assert apart.claimed.forecasts == 5
    assert together.claimed is None
    assert nothing.tally is None
    assert nothing.left.questions == {UNREACHED: 2}


@pytest.mark.parametrize("way", [nullcontext, entry_by_entry])
def test_a_question_is_unreached_once_whatever_the_report_is_about(
    sqlite_ledger: Ledger, way: Callable[[], AbstractContextManager[None]], clock: FixedClock
) -> None:
    mia, ben = Forecaster(name=MIA), Forecaster(name=BEN)
    rain, snow = question("rain", closes=at(1, 9)), question("snow", closes=at(1, 9))
    hail, fog = question("hail"), question("fog")
    merge(
        sqlite_ledger,
        *(rain, snow, hail, fog, mia, ben),
        *(forecast(rain, mia, at(1, 1), 60), forecast(rain, ben, at(1, 8), 60)),
        *(forecast(snow, mia, at(1, 8), 60), forecast(snow, ben, at(1, 8), 60)),
        *(forecast(hail, mia, at(1, 8), 60), forecast(fog, ben, at(1, 15), 60)),
        *(resolution(one, "yes", at(1, 9)) for one in (rain, snow, hail)),
        resolution(fog, "yes", at(2, 1)),  # the only one witnessed, and it has no deadline
    )
    clock.set(at(3, 1).start)
    with way():
        apart = score(sqlite_ledger, policy="at 2d")
        together = score(sqlite_ledger, policy="at 2d", claimed=True)
        each = sqlite_ledger.scores(Filters(policy="at 2d"))
    assert (apart.about, together.about) == ("claimed", "counted")
    # Ben's forecast of rain is no question left out: Mia's counts.
    for found in (apart, together):
        assert [line.key for line in found.lines] == ["rain"]
        assert found.left.questions == {UNREACHED: 3}
    assert [(one.subject, one.left.questions) for one in each] == [
        (BEN, {UNREACHED: 3}),
        (MIA, {UNREACHED: 2}),
    ]


@pytest.mark.parametrize("way", [nullcontext, entry_by_entry])
def test_early_questions_are_unreached_if_the_report_is_about_them(
    sqlite_ledger: Ledger, way: Callable[[], AbstractContextManager[None]], clock: FixedClock
) -> None:
    mia = Forecaster(name=MIA)
    rain, snow = question("rain", closes=at(3, 11)), question("snow", closes=at(3, 11))
    merge(
        sqlite_ledger,
        *(rain, snow, mia),
        *(forecast(rain, mia, at(1, 1), 60), forecast(snow, mia, at(1, 14), 60)),
        *(resolution(one, "yes", at(1, 15)) for one in (rain, snow)),
    )
    clock.set(at(3, 1).start)
    with way():
        found = score(sqlite_ledger, policy="at 60d", claimed=True)
    assert (found.about, [line.key for line in found.lines]) == ("early", ["rain"])
    assert found.left.questions == {"early": 2, UNREACHED: 1}


def test_a_question_a_rule_cannot_use_is_left_out_once(
    sqlite_ledger: Ledger, clock: FixedClock
) -> None:
    mia, ben = Forecaster(name=MIA), Forecaster(name=BEN)
    rain, snow = question("rain", closes=at(1, 9)), question("snow")
    merge(
        sqlite_ledger,
        *(rain, snow, mia, ben),
        *(forecast(one, who, at(1, 3), 60) for one in (rain, snow) for who in (mia, ben)),
        *(resolution(one, "yes", at(1, 9)) for one in (rain, snow)),
    )
    clock.set(at(3, 1).start)
    for claimed in (False, True):
        found = score(sqlite_ledger, rule="peer", claimed=claimed)
        assert found.about == ("counted" if claimed else "claimed")
        assert [line.key for line in found.lines] == ["rain", "rain"]
        assert found.left.questions == {UNSCHEDULED: 1}
        each = sqlite_ledger.scores(Filters(rule="peer", claimed=claimed))
        assert [one.left.questions for one in each] == [{UNSCHEDULED: 1}] * 2


# -- blocks ----------------------------------------------------------------------------------


@pytest.mark.parametrize("fetched", [1, 7, 30, 1_000])
def test_blocks_hold_whole_questions_and_lose_nothing(
    ledger: Ledger, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, fetched: int
) -> None:
    maker = Maker(Random(5), clock)  # noqa: S311 - a history, not a secret
    said = list({digest_of(one): one for one in (maker.said() for _ in range(60))}.values())
    merge(ledger, *maker.base(twice=False), *said)
    monkeypatch.setattr(stream, "FETCHED", fetched)
    monkeypatch.setattr(stream, "_FIRST_ROWS", 1)
    with ledger.store.reading() as reader:
        blocks = list(stream.packed(reader))
        some = sorted({row.question for block in blocks for row in block})[1:4]
        chosen = [row for block in stream.packed(reader, some) for row in block]
    rows = [row for block in blocks for row in block]
    assert sum(row.forecasts for row in rows) == len(said)
    assert rows == sorted(rows, key=lambda row: (row.question, row.forecaster))
    assert len({(row.question, row.forecaster) for row in rows}) == len(rows)
    met = [{row.question for row in block} for block in blocks]
    assert sum(map(len, met)) == len(set().union(*met))
    assert chosen == [row for row in rows if row.question in some]
    if fetched == 1:
        assert all(len(one) == 1 for one in met)


SERIES = """
    WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < :count)
"""
LOGGED = """
    INSERT INTO log (seq, recorded_at, nonce, digest, type, leaf)
    SELECT :first + n, :now, zeroblob(16), randomblob(32), 'forecast', zeroblob(32) FROM number
"""
SAID = """
    INSERT INTO forecast (seq, question, forecaster, made_start, answer_yes)
    SELECT :first + n, 2 + n % :questions, 1,
        strftime('%Y-%m-%dT%H:%M:%f000Z', '2026-01-01', (n * 60 / :questions) || ' seconds'),
        n * 7919 % 101 * 10000000
    FROM number
"""


def large(empty: Path, path: Path, forecasts: int, questions: int = 200) -> Path:
    """Make a ledger on `questions` questions, past the checks that take most of the time."""
    shutil.copy(empty, path)
    clock = FixedClock(at(1, 1).start)
    asked = [question(f"rain-{number}", closes=on(12, 31)) for number in range(questions)]
    with Ledger(str(path), clock=clock) as ledger:
        merge(ledger, Forecaster(name=MIA), *asked)
        merge(ledger, *(resolution(one, "yes", at(12, 31)) for one in asked))
    given = {
        "count": forecasts,
        "first": 1 + 2 * questions,
        "now": text_of(at(1, 1).start),
        "questions": questions,
    }
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(SERIES + LOGGED, given)
        connection.execute(SERIES + SAID, given)
    return path


def peak(path: Path, forecasts: int) -> int:
    """Return the most memory that scoring a ledger took at once, in bytes."""
    with Ledger(str(path), clock=FixedClock(at(12, 31, year=2027).start)) as ledger:
        score(ledger)
        tracemalloc.start()
        try:
            found = score(ledger)
            most = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert found.tally is not None
    assert (found.tally.questions, found.tally.forecasts) == (200, forecasts)
    return most


def test_memory_does_not_grow_with_the_number_of_forecasts(
    empty_file: Path, tmp_path: Path
) -> None:
    few, many = (
        peak(large(empty_file, tmp_path / f"{count}.db", count), count)
        for count in (20_000, 200_000)
    )
    assert many < 1.5 * few


# -- lines -----------------------------------------------------------------------------------


def test_lines_are_a_sequence_equal_to_its_tuple(ledger: Ledger, clock: FixedClock) -> None:
    merge(ledger, *two_questions())
    clock.set(at(3, 1).start)
    lines, again = score(ledger).lines, score(ledger).lines
    assert isinstance(lines, Lines)
    whole = tuple(lines)
    assert all(isinstance(line, Line) for line in whole)
    assert [line.key for line in whole] == ["rain", "snow"]
    assert lines == whole == lines
    assert lines == again
    assert hash(lines) == hash(whole)
    assert repr(lines) == repr(whole)
    assert lines != whole[:1]
    assert lines != list(whole)
    assert len(lines) == len(whole)
    assert (lines[0], lines[-1]) == (whole[0], whole[-1])
    assert (lines[:1], lines[::-1]) == (list(whole[:1]), list(whole[::-1]))
    assert list(reversed(lines)) == list(reversed(whole))
    assert whole[1] in lines
    assert lines.index(whole[1]) == 1
    for place in (2, -3):
        with pytest.raises(IndexError):
            lines[place]


@pytest.mark.parametrize("rule, worst", [("brier", "smaller"), ("baseline", "larger")])
def test_the_worst_lines_come_first_whichever_way_a_rule_goes(
    sqlite_ledger: Ledger, clock: FixedClock, rule: str, worst: str
) -> None:
    merge(sqlite_ledger, *two_questions())
    clock.set(at(3, 1).start)
    found = score(sqlite_ledger, rule=rule)
    scores = [line.score for line in found.lines]
    order = sorted(scores, reverse=worst == "smaller")
    assert [line.score for line in found.worst(2)] == order
    assert [line.score for line in found.worst(1)] == order[:1]
