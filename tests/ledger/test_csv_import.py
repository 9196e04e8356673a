"""Flat tables brought into a ledger: the same entries however often, in whatever order."""

from __future__ import annotations

import io
import json
import os
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecast_ledger.domain.canonical import decode_when, digest_of
from forecast_ledger.domain.entries import Answer, Forecast, Forecaster, Label, Question, Wording
from forecast_ledger.domain.moments import When, is_hindsight
from forecast_ledger.errors import DatabaseError, NotFoundError
from forecast_ledger.ledger import Ledger
from forecast_ledger.ledger.gathering import HINDSIGHT, Filters
from forecast_ledger.ledger.tables_in import Asking, TableReport, TablesIn
from forecast_ledger.store import stage as stages
from forecast_ledger.store.stage import Stage
from tests.conftest import FixedClock

HEAD = "question,forecaster,made,probability,outcome,known,closes,tags,family,source\n"
ROWS = [
    "Will it rain?,Ann Lee,2026-01-02,35%,no,2026-01-08,2026-01-07,sky,weather,\n",
    "Will it rain?,Ann Lee,2026-01-03T08:00:00Z,20%,,,,,,https://example.org/a\n",
    "Will it rain?,Bob Ray,2026-01-03T08:00:00Z,1 in 3,,,,,,my notebook\n",
    "Will it snow?,Ann Lee,2026-01-02,0.05,yes,2026-01-09,2026-01-10,sky us,weather,\n",
    "Will it snow?,Bob Ray,2026-01-09,100%,,,,,,https://example.org/a\n",
    "Will the chair go?,Bob Ray,2026-01-04 10:30,7/20,,,2026-06-30,us,,\n",
]
TABLE = HEAD + "".join(ROWS)


@pytest.fixture
def load(ledger: Ledger, tmp_path: Path) -> Callable[..., TableReport]:
    """Import a table into the ledger, under a name of its own each time."""
    numbers = iter(range(1000))

    def loaded(text: str, into: Ledger = ledger, **asked: Any) -> TableReport:
        dry_run = asked.pop("dry_run", False)
        path = tmp_path / f"table-{next(numbers)}.csv"
        path.write_text(text)
        return into.import_csv(path, Asking(**asked), dry_run=dry_run)

    return loaded


def exported(ledger: Ledger) -> list[dict[str, Any]]:
    out = io.StringIO()
    ledger.export_jsonl(out)
    return [json.loads(line) for line in out.getvalue().splitlines()[1:]]


def digests(ledger: Ledger) -> list[str]:
    return [row["digest"] for row in exported(ledger)]


def test_a_table_becomes_entries_that_verify(
    ledger: Ledger, load: Callable[..., TableReport]
) -> None:
    report = load(TABLE)
    assert (report.error, report.problems) == (None, ())
    assert report.new == {
        "evidence": 1,
        "family": 1,
        "forecast": 6,
        "forecaster": 2,
        "label": 4,
        "note": 3,
        "question": 3,
        "resolution": 2,
    }
    assert (report.questions, report.forecasts, report.resolved) == (3, 6, 2)
    assert (report.hindsight, report.hindsight_line, report.claimed) == (1, 6, 4)
    assert (report.certain, report.already) == (1, 0)
    assert ledger.status(verify=True).verified == 22
    page = ledger.show("rain-2026-01")
    assert page.state.outcome == "no"
    assert page.state.families == ("weather",)
    assert {row["recorded_at"] for row in exported(ledger)} == {"2026-01-15T12:00:00.000000Z"}


def test_the_entries_are_those_one_would_write(
    ledger: Ledger, load: Callable[..., TableReport]
) -> None:
    load(TABLE)
    question = Question(
        key="chair-go-2026-06",
        kind="binary",
        wording=Wording(
            text="Will the chair go?",
            closes=When.on(date(2026, 6, 30), UTC),
            written=When.at(datetime(2026, 1, 4, 10, 30, tzinfo=UTC)),
        ),
    )
    who = Forecaster(name="Bob Ray")
    forecast = Forecast(
        question=digest_of(question),
        forecaster=digest_of(who),
        made=When.at(datetime(2026, 1, 4, 10, 30, tzinfo=UTC)),
        answer=Answer(yes=350_000_000),
    )
    label = Label(question=digest_of(question), label="us")
    assert {digest_of(entry) for entry in (question, who, forecast, label)} <= set(digests(ledger))


def test_importing_again_adds_nothing_in_any_order(
    ledger: Ledger, load: Callable[..., TableReport], clock: FixedClock
) -> None:
    load(TABLE)
    before = exported(ledger)
    clock.advance(days=3)
    for seed in range(4):
        rows = ROWS.copy()
        random.Random(seed).shuffle(rows)  # noqa: S311 - an order, no secret
        report = load(HEAD + "".join(rows))
        assert (report.new, report.already, report.conflicts) == ({}, 22, ())
    assert exported(ledger) == before


def test_the_order_of_rows_changes_no_entry_and_not_their_order(
    sqlite_ledger: Ledger, load: Callable[..., TableReport], tmp_path: Path, clock: FixedClock
) -> None:
    load(TABLE, sqlite_ledger)
    with Ledger(str(tmp_path / "other.db"), clock=clock) as other:
        load(HEAD + "".join(reversed(ROWS)), other)
        assert digests(other) == digests(sqlite_ledger)


def test_a_table_that_has_grown_adds_what_is_new(
    ledger: Ledger, load: Callable[..., TableReport]
) -> None:
    load(TABLE)
    more = [
        # Earlier than all others, which is when the question would have been written.
        "Will it rain?,Bob Ray,2026-01-01,50%,,,,,,\n",
        "Will it rain?,Eve Fox,2026-01-05,50%,,,,,,\n",
        "Will the chair go?,Bob Ray,2026-01-06,40%,yes,2026-01-07,,,,\n",
        "Will it hail?,Bob Ray,2026-01-06,40%,,,,,weather,\n",
    ]
    report = load(TABLE + "".join(more))
    assert report.new == {
        "family": 1,
        "forecast": 4,
        "forecaster": 1,
        "question": 1,
        "resolution": 1,
    }
    assert (report.recorded, report.conflicts) == (6, ())
    assert len(ledger.list()) == 4
    families = ledger.show("hail").state.families
    assert families == ledger.show("rain-2026-01").state.families == ("weather",)
    assert load(TABLE + "".join(more)).new == {}
    assert ledger.status(verify=True).verified == 22 + 8


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(data=st.data())
def test_parts_in_any_order_come_to_the_same_forecasts(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory, empty_file: Path
) -> None:
    rows = data.draw(st.permutations(ROWS))
    cut = data.draw(st.integers(1, len(rows)))
    folder = tmp_path_factory.mktemp("parts")
    (folder / "l.db").write_bytes(empty_file.read_bytes())
    asking = Asking(skip_invalid=True)
    with Ledger(str(folder / "l.db"), clock=FixedClock()) as ledger:
        for name, part in (("a", rows[:cut]), ("b", rows[cut:]), ("c", rows)):
            (folder / name).write_text(HEAD + "".join(part))
            report = ledger.import_csv(folder / name, asking)
            assert report.error is None
        ledger.status(verify=True)
        # Where a part without the deadline came first, the one with it is left out.
        texts = [row.state.text for row in ledger.list()]
        assert len(texts) == len(set(texts))
        before = digests(ledger)
        ledger.import_csv(folder / "c", asking)
        assert digests(ledger) == before


def test_nothing_is_recorded_while_a_row_is_at_fault(
    ledger: Ledger, load: Callable[..., TableReport]
) -> None:
    bad = TABLE + "Will it hail?,Bob Ray,2026-01-06,140%,,,,,,\n"
    report = load(bad)
    assert report.error is not None
    assert [str(p).partition(".csv ")[2] for p in report.problems] == [
        'line 8, probability: 140% is more than 100%. Write it as 35%, 0.35, 7/20 or "1 in 3".'
    ]
    assert exported(ledger) == []
    report = load(bad, skip_invalid=True)
    assert (report.error, report.invalid, report.forecasts) == (None, 1, 6)
    assert ledger.status(verify=True).verified == 22


def test_a_dry_run_counts_and_records_nothing(
    ledger: Ledger, load: Callable[..., TableReport]
) -> None:
    dry = load(TABLE, dry_run=True)
    assert exported(ledger) == []
    wet = load(TABLE)
    assert (dry.new, dry.claimed, dry.hindsight) == (wet.new, wet.claimed, wet.hindsight)


def test_a_dry_run_makes_no_ledger(tmp_path: Path, clock: FixedClock) -> None:
    (tmp_path / "t.csv").write_text(TABLE)
    with Ledger(str(tmp_path / "l.db"), clock=clock) as ledger:
        assert ledger.import_csv(tmp_path / "t.csv", dry_run=True).forecasts == 6
    assert sorted(path.name for path in tmp_path.iterdir()) == ["t.csv"]


@pytest.mark.parametrize(
    "row,claimed",
    [
        ("2026-01-03,35%,yes,2026-01-08,2026-01-07", 1),
        ("2026-01-03,35%,yes,2026-01-08,", 1),
        ("2026-01-03,35%,annulled,2026-01-08,2026-01-07", 0),
        ("2026-01-03,35%,ambiguous,2026-01-08,2026-01-07", 0),
        ("2026-01-03,35%,yes,2026-01-08,2026-06-30", 0),  # its deadline lies ahead
        ("2026-01-09,35%,yes,2026-01-10,2026-01-07", 0),  # made after it
    ],
)
def test_claimed_are_those_that_are_scored_apart(
    sqlite_ledger: Ledger, tmp_path: Path, row: str, claimed: int
) -> None:
    (tmp_path / "t.csv").write_text(f"{HEAD}Will it hail?,Ann Lee,{row},,,\n")
    report = sqlite_ledger.import_csv(tmp_path / "t.csv")
    assert (report.error, report.new["forecast"], report.claimed) == (None, 1, claimed)
    found = sqlite_ledger.score(Filters())
    assert (found.tally.forecasts if found.tally else 0) == claimed
    assert found.about == ("claimed" if claimed else "counted")


@pytest.mark.parametrize(
    "row",
    [
        "2026-01-03T08:00:00Z,36%,,,",  # another number
        "2026-01-04,36%,yes,2026-01-08,2026-01-07",  # another outcome
    ],
)
def test_what_is_disputed_is_not_called_claimed(
    sqlite_ledger: Ledger, tmp_path: Path, row: str
) -> None:
    head = "question,forecaster,made,probability,outcome,known,closes\n"
    rain = "Will it rain?,Ann Lee"
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    first.write_text(f"{head}{rain},2026-01-03T08:00:00Z,35%,no,2026-01-08,2026-01-07\n")
    second.write_text(f"{head}{rain},{row}\n")
    assert sqlite_ledger.import_csv(first).claimed == 1
    report = sqlite_ledger.import_csv(second)
    assert (len(report.conflicts), report.new["forecast"], report.claimed) == (1, 1, 0)
    assert sqlite_ledger.score(Filters()).tally is None


# -- what contradicts ------------------------------------------------------------------------


def test_the_same_row_twice_counts_once_and_another_number_is_a_fault(
    ledger: Ledger, load: Callable[..., TableReport]
) -> None:
    assert load(TABLE + ROWS[0] + ROWS[1]).repeated == 2
    assert len(exported(ledger)) == 22
    other = ROWS[1].replace("20%", "21%")
    report = load(TABLE + other, dry_run=True)
    assert [str(p).partition(".csv ")[2] for p in report.problems] == [
        (
            "line 8, probability: says 21% where line 3 says 20% of the same forecaster, question"
            " and moment. Keep one."
        )
    ]
    report = load(TABLE + other, skip_invalid=True)
    assert (report.invalid, report.forecasts, report.recorded) == (2, 5, 5)


def test_another_number_than_recorded_is_kept_and_said(load: Callable[..., TableReport]) -> None:
    load(TABLE)
    report = load(TABLE.replace("20%", "21%"))
    (conflict,) = report.conflicts
    assert conflict.about == "forecast on rain-2026-01 by Ann Lee, made 2026-01-03 08:00:00 UTC"
    assert conflict.difference == "20% here, 21% on line 3"
    assert report.new == {"forecast": 1, "note": 1}
    assert load(TABLE.replace("20%", "21%")).new == {}


def test_another_outcome_than_recorded_is_disputed(
    ledger: Ledger, load: Callable[..., TableReport]
) -> None:
    load(TABLE)
    report = load(TABLE.replace(",no,2026-01-08", ",yes,2026-01-08"))
    assert [c.about for c in report.conflicts] == ["question rain-2026-01, two resolutions"]
    assert ledger.show("rain-2026-01").state.status == "disputed"


def test_a_corrected_outcome_stays_corrected(
    ledger: Ledger, load: Callable[..., TableReport]
) -> None:
    load(TABLE)
    ledger.resolve("rain-2026-01", "yes", by="Ann Lee", note="the gauge", why="misread")
    assert load(TABLE).new == {}
    assert ledger.show("rain-2026-01").state.outcome == "yes"


def test_a_forecast_typed_here_is_not_recorded_again(
    ledger: Ledger, load: Callable[..., TableReport]
) -> None:
    ledger.add(
        "Will it hail?",
        Answer(yes=400_000_000),
        who="Bob Ray",
        made=When.on(date(2026, 1, 6), UTC),
        why="clouds",
    )
    report = load(HEAD + "Will it hail?,Bob Ray,2026-01-06,40%,,,,,,\n")
    assert (report.new, report.recorded) == ({}, 1)


@pytest.mark.parametrize(
    "row,told",
    [
        (
            "Will it hail?,Ann Lee,2026-01-02,35%,yes,,,,,",
            (
                "line 2, known: is empty, though the outcome is yes: nobody can tell which"
                " forecasts came before it. Say when in the column known."
            ),
        ),
        (
            "Will it hail?,Ann Lee,2026-01-02,35%,no,,2026-02-01,,,",
            (
                "line 2, known: is empty, though the outcome is no: nobody can tell which forecasts"
                " came before it. The deadline has not passed: say when in the column known."
            ),
        ),
        (
            "Will it hail?,Ann Lee,2026-01-02,35%,,2026-01-03,,,,",
            (
                "line 2, known: says when an outcome was known, but no row says which. Add the"
                " outcome, or leave known empty."
            ),
        ),
    ],
)
def test_an_outcome_needs_its_moment(load: Callable[..., TableReport], row: str, told: str) -> None:
    report = load(HEAD + row + "\n")
    assert [str(p).partition(".csv ")[2] for p in report.problems] == [told]


def test_a_no_is_known_when_the_deadline_passed(
    ledger: Ledger, load: Callable[..., TableReport]
) -> None:
    load(HEAD + "Will it hail?,Ann Lee,2026-01-02,35%,no,,2026-01-05,,,\n")
    known = ledger.show("hail-2026-01").state.known
    assert known == When.at(datetime(2026, 1, 6, tzinfo=UTC))


@pytest.mark.parametrize(
    "made,known",
    [
        ("2026-01-03 10:00", "2026-01-03 10:00"),
        ("2026-01-03 09:59:59", "2026-01-03 10:00"),
        ("2026-01-03", "2026-01-03 10:00"),
        ("2026-01-03", "2026-01-03"),
        ("2026-01-02", "2026-01-03"),
        ("2026-01-03 10:00", "2026-01-03"),
        ("2026-01-02 23:59:59.999999", "2026-01-03"),
    ],
)
def test_hindsight_is_counted_as_the_ledger_sees_it(
    sqlite_ledger: Ledger, load: Callable[..., TableReport], made: str, known: str
) -> None:
    report = load(HEAD + f"Will it hail?,Ann Lee,{made},35%,yes,{known},,,,\n", sqlite_ledger)
    row = next(row for row in exported(sqlite_ledger) if row["type"] == "forecast")
    resolution = sqlite_ledger.show("hail").state.known
    assert resolution is not None
    late = is_hindsight(decode_when(row["made"]), resolution)
    assert (report.hindsight, report.claimed) == (int(late), int(not late))


# -- what an outcome does to what is recorded ------------------------------------------------

HAIL = "question,forecaster,made,probability,outcome,known,closes\n"
AGREED = "Will it hail?,Ann Lee,2026-01-02,35%,,,{}\n"
LATER = ["Will it hail?,Ann Lee,2026-01-04,90%,,,\n", "Will it hail?,Bob Ray,2026-01-07,95%,,,\n"]


@pytest.mark.parametrize(
    "outcome,closes,more,hindsight,claimed",
    [
        ("yes", "2026-01-12", "", 1, 1),
        ("yes", "", "", 1, 1),
        ("yes", "2026-01-12", "Will it hail?,Ann Lee,2026-01-05,40%,,,\n", 1, 2),
        ("yes", "2026-01-12", "Will it hail?,Ann Lee,2026-01-04,91%,,,\n", 1, 0),  # contradicted
        ("yes", "2026-06-30", "", 1, 0),  # its deadline lies ahead
        ("annulled", "2026-01-12", "", 1, 0),
    ],
)
def test_an_outcome_says_what_it_does_to_what_is_recorded(
    ledger: Ledger,
    load: Callable[..., TableReport],
    clock: FixedClock,
    *,
    outcome: str,
    closes: str,
    more: str,
    hindsight: int,
    claimed: int,
) -> None:
    clock.set(datetime(2026, 1, 3, tzinfo=UTC))
    load(HAIL + AGREED.format(closes))  # witnessed
    clock.set(datetime(2026, 1, 9, tzinfo=UTC))
    load(HAIL + "".join(LATER))  # recorded when it was known: one claimed, one hindsight
    clock.set(datetime(2026, 1, 15, tzinfo=UTC))
    answered = HAIL + AGREED.format(closes).replace(",,,", f",{outcome},2026-01-06,") + more
    dry = load(answered, dry_run=True)
    wet = load(answered)
    for report in (dry, wet):
        assert (report.error, report.new["resolution"]) == (None, 1)
        assert (report.hindsight, report.hindsight_recorded) == (hindsight, hindsight)
        assert report.claimed == claimed
        (named,) = report.disqualified
        assert named.key == ledger.list()[0].state.key
        assert (named.forecaster, named.yes) == ("Bob Ray", 950_000_000)
    found = ledger.score(Filters())
    assert found.left.forecasts.get(HINDSIGHT, 0) == hindsight
    again = load(answered)
    assert (again.hindsight, again.claimed, again.disqualified) == (0, 0, ())


def test_an_outcome_that_is_not_imported_does_nothing_to_what_is_recorded(
    load: Callable[..., TableReport],
) -> None:
    load(HAIL + "".join(LATER))
    bad = "Will it hail?,Ann Lee,2026-01-08,135%,,,\n"
    answered = HAIL + LATER[0].replace(",,,", ",yes,2026-01-06,") + bad
    assert load(answered).hindsight == 0
    assert load(answered, skip_invalid=True).hindsight == 1


# -- keys ------------------------------------------------------------------------------------


def test_two_texts_that_make_one_key_are_told_apart_the_same_in_any_order(
    ledger: Ledger, load: Callable[..., TableReport]
) -> None:
    rows = [
        "Will it ever rain?,Ann Lee,2026-01-02,35%,,,,,,\n",
        "Is it ever to rain?,Ann Lee,2026-01-02,45%,,,,,,\n",
        "Will the ever-rain end?,Ann Lee,2026-01-02,55%,,,,,,\n",
    ]
    load(HEAD + "".join(rows))
    keys = sorted(row.state.key for row in ledger.list())
    assert all(key.startswith("ever-rain-") for key in keys)
    assert len(keys) == 3
    for rows_again in (rows[::-1], rows[:1], rows[1:2]):
        assert load(HEAD + "".join(rows_again)).new == {}


def test_a_text_recorded_under_its_key_is_that_question(
    ledger: Ledger, load: Callable[..., TableReport]
) -> None:
    ledger.add("Will it hail?", Answer(yes=1), who="Ann Lee")
    rows = "will it  hail,Bob Ray,2026-01-06,40%,,,,,,\nHail?,Bob Ray,2026-01-06,4%,,,,,,\n"
    report = load(HEAD + rows)
    assert report.new == {"forecast": 2, "forecaster": 1, "question": 1}
    other = next(row.state.key for row in ledger.list() if row.state.key != "hail")
    assert other.startswith("hail-")


def test_a_key_of_another_question_is_refused(
    ledger: Ledger, load: Callable[..., TableReport]
) -> None:
    ledger.add("Will it hail?", Answer(yes=1), who="Ann Lee", key="hail")
    head = "key,question,forecaster,made,probability,closes\n"
    report = load(head + "hail,Will it snow?,Bob Ray,2026-01-06,40%,\n")
    assert 'hail is another question in this ledger: "Will it hail?"' in str(report.problems[0])
    report = load(head + "hail,,Bob Ray,2026-01-06,40%,2026-02-01\n")
    assert "hail is recorded without one, not as 2026-02-01." in str(report.problems[0])
    report = load(head + "snow,,Bob Ray,2026-01-06,40%,\n")
    assert "there is no question snow in this ledger" in str(report.problems[0])
    assert load(head + "hail,,Bob Ray,2026-01-06,40%,\n").new == {"forecast": 1, "forecaster": 1}


def test_the_text_of_a_recorded_question_with_another_deadline_is_refused(
    load: Callable[..., TableReport],
) -> None:
    head = "question,forecaster,made,probability,closes,key\n"
    row = "Will it hail?,Bob Ray,2026-01-06,40%,2026-01-31,\n"
    load(head + row)
    later = row.replace("01-31", "02-28")
    for text in (later, later.replace("Will it hail?", "will it  HAIL")):
        report = load(head + text)
        assert [str(p).partition(".csv ")[2] for p in report.problems] == [
            (
                "line 2, closes: this text is recorded as hail-2026-01, which closes 2026-01-31,"
                " not 2026-02-28. Correct one, leave the cells empty, or, if it is another"
                " question, give it a key of its own."
            )
        ]
        assert load(head + text, skip_invalid=True).new == {}
    report = load("question,forecaster,made,probability,closes\n" + later.replace(",\n", "\n"))
    assert str(report.problems[0]).endswith("question, give the table a key column.")
    assert load(head + row).new == {}
    assert load(head + later.replace(",\n", ",hail-feb\n")).new == {"forecast": 1, "question": 1}
    # Now each deadline names one of the two, and no deadline names neither.
    assert load(head + later).new == {}
    report = load(head + row.replace("2026-01-31", ""))
    assert str(report.problems[0]).endswith(
        "question: 2 questions are asked in these words in this ledger (hail-2026-01, hail-feb)."
        " Give the row its key."
    )


def test_the_text_of_a_recorded_question_without_a_deadline_is_that_question(
    ledger: Ledger, load: Callable[..., TableReport]
) -> None:
    load("question,key,forecaster,made,probability,closes\nHail?,h,Ann,2026-01-02,4%,2026-01-31\n")
    head = "question,forecaster,made,probability,closes\n"
    assert load(head + "Hail?,Ann,2026-01-03,5%,\n").new == {"forecast": 1}
    assert load(head + "Hail?,Ann,2026-01-04,5%,2026-01-31\n").new == {"forecast": 1}
    assert [row.state.key for row in ledger.list()] == ["h"]
    load(head + "Snow?,Ann,2026-01-03,5%,\n")
    report = load(head + "Snow?,Ann,2026-01-04,5%,2026-01-31\n")
    assert "is recorded as snow, without a deadline, not 2026-01-31." in str(report.problems[0])


def test_a_question_taken_back_is_no_hindrance_to_its_words(
    ledger: Ledger, load: Callable[..., TableReport]
) -> None:
    ledger.add("Will it hail?", Answer(yes=1), who="Ann Lee")
    ledger.undo(by="Ann Lee")
    head = "question,forecaster,made,probability,closes\n"
    report = load(head + "Will it hail?,Bob Ray,2026-01-06,40%,2026-01-31\n")
    assert (report.problems, report.new["question"]) == ((), 1)


def test_a_forecast_answers_the_wording_that_was_in_force(
    ledger: Ledger, load: Callable[..., TableReport], clock: FixedClock
) -> None:
    load(HEAD + ROWS[5])
    clock.advance(days=1)
    ledger.revise("chair", "replace", text="Will the chair be gone?", why="vague")
    clock.advance(days=1)
    later = "Will the chair go?,Bob Ray,2026-01-17,60%,,,,,,\n"
    head_of_later = HEAD + ROWS[5] + later
    assert load(head_of_later).new == {"forecast": 1}
    assert load(head_of_later).new == {}
    page = ledger.show("chair")
    revised = [row for row in exported(ledger) if row.get("revision")]
    assert [row["answer"]["yes"] for row in revised] == [600_000_000]
    assert page.state.wording is not None
    assert page.state.wording.text == "Will the chair be gone?"


# -- the lock and the clock --------------------------------------------------------------------


def test_what_is_recorded_bears_the_moment_after_the_file_was_read(
    tmp_path: Path, clock: FixedClock
) -> None:
    pipe = tmp_path / "t.csv"
    os.mkfifo(pipe)

    def feed() -> None:
        with pipe.open("w") as out:
            out.write(TABLE[:200])
            out.flush()
            clock.advance(days=5)
            out.write(TABLE[200:])

    thread = threading.Thread(target=feed)
    thread.start()
    with Ledger(str(tmp_path / "l.db"), clock=clock) as ledger:
        ledger.import_paths([pipe])
        thread.join()
        assert {row["recorded_at"] for row in exported(ledger)} == {"2026-01-20T12:00:00.000000Z"}


def test_what_others_record_meanwhile_is_seen(
    ledger: Ledger,
    load: Callable[..., TableReport],
    monkeypatch: pytest.MonkeyPatch,
    clock: FixedClock,
) -> None:
    plain = TablesIn.writing
    times = []

    @contextmanager
    def meanwhile(self: TablesIn) -> Iterator[Any]:
        times.append(1)
        if len(times) <= 2:
            with Ledger(
                str(ledger.store.target.url.render_as_string(hide_password=False)), clock=clock
            ) as other:
                other.add(f"Other {len(times)}?", Answer(yes=1), who="Bob Ray")
        with plain(self) as writer:
            yield writer

    monkeypatch.setattr(TablesIn, "writing", meanwhile)
    report = load(TABLE)
    assert len(times) == 3
    assert report.new["forecaster"] == 1  # Bob Ray has come in the meantime
    assert ledger.status(verify=True).verified == 5 + 21
    assert load(TABLE).new == {}


def test_a_stale_moment_is_read_anew(
    sqlite_ledger: Ledger,
    load: Callable[..., TableReport],
    monkeypatch: pytest.MonkeyPatch,
    clock: FixedClock,
) -> None:
    plain = TablesIn.writing
    waited: list[datetime] = []

    @contextmanager
    def late(self: TablesIn) -> Iterator[Any]:
        if not waited:
            waited.append(clock.advance(hours=1))
        with plain(self) as writer:
            yield writer

    monkeypatch.setattr(TablesIn, "writing", late)
    load(TABLE, sqlite_ledger)
    assert {row["recorded_at"] for row in exported(sqlite_ledger)} == {
        "2026-01-15T13:00:00.000000Z"
    }


def test_a_failure_under_the_lock_leaves_nothing_behind(
    ledger: Ledger, load: Callable[..., TableReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = []

    def failing(self: Stage, writer: Any) -> None:
        paths.append(self.path)
        assert self.path.stat().st_mode & 0o777 == 0o600
        assert self.path.parent.stat().st_mode & 0o777 == 0o700
        write(self, writer)
        raise RuntimeError("the machine stops")

    write = stages.Stage.write
    monkeypatch.setattr(stages.Stage, "write", failing)
    with pytest.raises(RuntimeError):
        load(TABLE)
    assert exported(ledger) == []
    assert not paths[0].parent.exists()


def test_no_room_for_what_is_made_ready_is_said(
    sqlite_ledger: Ledger, load: Callable[..., TableReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Stage, _: Any) -> None:
        self._db.execute("PRAGMA max_page_count = 1")
        self._db.execute("CREATE TABLE more AS SELECT * FROM row")

    monkeypatch.setattr(stages.Stage, "take", full)
    with pytest.raises(DatabaseError, match=r"disk is full\. Nothing was recorded.*TMPDIR"):
        load(TABLE, sqlite_ledger)


def test_an_export_of_it_makes_the_same_entries_elsewhere(
    ledger: Ledger, load: Callable[..., TableReport], tmp_path: Path, clock: FixedClock
) -> None:
    load(TABLE)
    out = tmp_path / "out.jsonl"
    with out.open("w") as stream:
        ledger.export_jsonl(stream)
    with Ledger(str(tmp_path / "other.db"), clock=clock) as other:
        other.import_paths([out])
        assert digests(other) == digests(ledger)
        assert load(TABLE, other).new == {}
        who = Filters(who=("Ann Lee",), claimed=True)
        assert other.score(who).tally == ledger.score(who).tally


def test_a_table_is_taken_where_it_is_named_and_not_out_of_a_folder(
    sqlite_ledger: Ledger, tmp_path: Path
) -> None:
    folder = tmp_path / "books"
    folder.mkdir()
    (folder / "stray.csv").write_text(TABLE)
    with pytest.raises(NotFoundError, match=r"named itself: fl import \S+/books/stray\.csv$"):
        sqlite_ledger.import_paths([folder])
    (report,) = sqlite_ledger.import_paths([folder / "stray.csv"]).files
    assert report.new["forecast"] == 6


def test_every_step_is_told(sqlite_ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TABLE)
    told: list[float] = []
    sqlite_ledger.import_csv(tmp_path / "t.csv", progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1
    assert timedelta() < timedelta(seconds=told[0]) < timedelta(seconds=1)
