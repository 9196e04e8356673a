"""Every kind of document, whole, as it stands in documents/."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast_ledger.domain.entries import Evidence, Source
from forecast_ledger.errors import Problem, UsageError
from forecast_ledger.ledger import Answer, Ledger
from forecast_ledger.ledger.gathering import Filters
from forecast_ledger.ledger.imported import Conflict, FileReport, ImportReport
from forecast_ledger.ledger.phrasing import Phrased
from forecast_ledger.ledger.transfer import Status
from forecast_ledger.reports.json import _KINDS, dumps
from forecast_ledger.reports.json_values import probability
from tests.conftest import FixedClock
from tests.reports import scenes
from tests.reports.scenes import PERCENT, day

DOCUMENTS = Path(__file__).parent / "documents"
FORMAT_DOC = Path(__file__).parents[2] / "docs" / "json-format.md"

Made = Callable[[Ledger, FixedClock], str]


def _forecast(ledger: Ledger, clock: FixedClock) -> str:
    scenes.ask(ledger, "rain", 80)
    clock.advance(days=1)
    return dumps(
        ledger.forecast("rain", None, who="Mia Jensen", phrased=Phrased("likely", "fagen2019"))
    )


def _withdrawn(ledger: Ledger, clock: FixedClock) -> str:
    scenes.ask(ledger, "rain", 80)
    clock.advance(days=1)
    return dumps(ledger.withdraw("rain", who="Mia Jensen"), "withdrawn")


def _undone(ledger: Ledger, clock: FixedClock) -> str:
    scenes.ask(ledger, "rain", 80)
    clock.advance(days=1)
    ledger.forecast("rain", Answer(yes=8 * PERCENT), who="Mia Jensen")
    clock.advance(minutes=1)
    return dumps(ledger.undo(by="Mia Jensen"))


def _resolved(ledger: Ledger, clock: FixedClock) -> str:
    scenes.two_questions(ledger, clock)
    return dumps(
        ledger.resolve(
            "rain",
            "no",
            by="Ben Osei",
            known=day(2026, 2, 1),
            evidence=[Evidence(url="https://gauge.example/dry")],
            why="the gauge was broken",
        )
    )


def _revised(ledger: Ledger, clock: FixedClock) -> str:
    scenes.ask(ledger, "rain", 80)
    clock.advance(days=1)
    return dumps(ledger.revise("rain", "clarify", criteria="1 mm or more"), "revised")


def _reopened(ledger: Ledger, clock: FixedClock) -> str:
    scenes.two_questions(ledger, clock)
    return dumps(ledger.reopen("rain", by="Mia Jensen", why="too soon"), "reopened")


def _question(ledger: Ledger, clock: FixedClock) -> str:
    scenes.ask(ledger, "rain", 80)
    clock.advance(days=1)
    return dumps(ledger.label("rain", add=["weather"]))


def _family(ledger: Ledger, clock: FixedClock) -> str:
    scenes.two_questions(ledger, clock)
    return dumps(ledger.family("weather", ["rain", "snow"]), "family")


def _entry(ledger: Ledger, _: FixedClock) -> str:
    return dumps(ledger.source(Source(key="note", title="A note", published=day(2026, 1, 2))))


def _score(ledger: Ledger, clock: FixedClock) -> str:
    scenes.two_questions(ledger, clock)
    return dumps(ledger.score(Filters()))


def _breakdown(ledger: Ledger, clock: FixedClock) -> str:
    scenes.two_forecasters(ledger, clock)
    return dumps(ledger.breakdown("who", Filters()))


def _calibration(ledger: Ledger, clock: FixedClock) -> str:
    scenes.many(ledger, clock, 12, 3)
    return dumps(ledger.calibration(Filters()))


def _scores(ledger: Ledger, clock: FixedClock) -> str:
    scenes.two_forecasters(ledger, clock)
    return dumps(ledger.scores(Filters()), "scores", pooled=ledger.score(Filters()))


def _questions(ledger: Ledger, clock: FixedClock) -> str:
    scenes.two_questions(ledger, clock)
    return dumps(ledger.list(status=["resolved"]), "questions")


def _due(ledger: Ledger, clock: FixedClock) -> str:
    scenes.two_questions(ledger, clock)
    return dumps(ledger.due(stale=timedelta(days=30)))


def _statements(ledger: Ledger, clock: FixedClock) -> str:
    scenes.article(ledger, clock)
    return dumps(ledger.statements(), "statements")


def _page(ledger: Ledger, clock: FixedClock) -> str:
    scenes.corrected(ledger, clock)
    return dumps(ledger.show("bridge"))


def _article(ledger: Ledger, clock: FixedClock) -> str:
    scenes.article(ledger, clock)
    return dumps(ledger.article("weather-note"))


def _lexicons(ledger: Ledger, _: FixedClock) -> str:
    return dumps(ledger.words("probably not", lexicon="fagen2019"), "lexicons")


def _imported(_ledger: Ledger, _clock: FixedClock) -> str:
    problem = Problem(place="line 2", message="probability 135 %")
    fine = FileReport(
        path="a.toml", new={"question": 2, "forecast": 3}, already=1, notices=("zone UTC",)
    )
    bad = FileReport(
        path="b.toml",
        problems=(problem,),
        error=UsageError("b.toml has 1 problem."),
        conflicts=(Conflict(about="question rain", difference="text differs"),),
    )
    return dumps(ImportReport(files=(fine, bad), dry_run=True))


def _status(_ledger: Ledger, _clock: FixedClock) -> str:
    return dumps(
        Status(
            location="ledger.db",
            kind="SQLite",
            revision="0001",
            head="0001",
            entries=2,
            counts={"question": 1, "forecast": 1},
            last_recorded_at=None,
            leaf="",
            verified=2,
        )
    )


MAKERS: dict[str, Made] = {
    "article": _article,
    "breakdown": _breakdown,
    "calibration": _calibration,
    "due": _due,
    "entry": _entry,
    "family": _family,
    "forecast": _forecast,
    "imported": _imported,
    "lexicons": _lexicons,
    "page": _page,
    "question": _question,
    "questions": _questions,
    "reopened": _reopened,
    "resolved": _resolved,
    "revised": _revised,
    "score": _score,
    "scores": _scores,
    "statements": _statements,
    "status": _status,
    "undone": _undone,
    "withdrawn": _withdrawn,
}


@pytest.mark.parametrize("kind", sorted(_KINDS))
def test_the_whole_document(kind: str, ledger: Ledger, clock: FixedClock) -> None:
    made = MAKERS[kind](ledger, clock)
    assert f"{made}\n" == (DOCUMENTS / f"{kind}.json").read_text(encoding="utf-8")
    read = json.loads(made)
    assert read["format"] == 1
    assert read["kind"] == kind


def test_every_kind_is_documented_and_every_example_is_real() -> None:
    text = FORMAT_DOC.read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `([a-z]+)` \|", text, re.MULTILINE))
    assert named >= set(_KINDS)
    real = {path.read_text(encoding="utf-8") for path in DOCUMENTS.iterdir()}
    examples = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    assert examples
    assert set(examples) <= real


def test_every_field_of_a_document_is_documented() -> None:
    text = FORMAT_DOC.read_text(encoding="utf-8")
    for path in DOCUMENTS.iterdir():
        for name in _names(json.loads(path.read_text(encoding="utf-8"))):
            assert f"`{name}`" in text, f"{name} of {path.name}"


def _names(value: Any) -> set[str]:
    """Return the names of fields; objects whose names are data are left out."""
    if isinstance(value, list):
        return {name for item in value for name in _names(item)}
    if not isinstance(value, dict):
        return set()
    keyed = {"related", "refused", "statuses", "new", "entries_by_type", "deadline_from"}
    keyed |= {"questions", "forecasts", "grades", "firmness"}
    found = set(value)
    for name, content in value.items():
        if not (name in keyed and isinstance(content, dict)):
            found |= _names(content)
    return found


@given(st.integers(0, 1_000_000_000))
def test_a_probability_is_exact_to_its_last_part(parts: int) -> None:
    said = json.dumps(probability(parts), allow_nan=False)
    assert round(json.loads(said, parse_float=Decimal) * 10**9) == parts
    digits = f"{json.loads(said):.9f}"
    assert int(digits.replace(".", "")) == parts


def test_text_from_outside_stays_inside_its_string(ledger: Ledger) -> None:
    text = 'Will \u202e"it"\u2066 happen\u2028 \U0001f600 [31m?\nSo?'
    scenes.ask(ledger, "rain", 80, text=text)
    made = dumps(ledger.list(), "questions")
    assert made.isascii()
    assert json.loads(made)["questions"][0]["text"] == text


def test_a_list_may_be_empty_if_its_kind_is_named() -> None:
    assert json.loads(dumps((), "statements")) == {
        "format": 1,
        "kind": "statements",
        "statements": [],
    }
    with pytest.raises(UsageError, match="a tuple has no JSON form of its own"):
        dumps(())
