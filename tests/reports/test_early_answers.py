"""What a report says where answers that came early bend what would be expected."""

from __future__ import annotations

import json
import re
from datetime import UTC
from typing import Any

import pytest

from forecast_ledger.domain.entries import Entry, Forecaster, Question
from forecast_ledger.ledger import Ledger
from forecast_ledger.ledger.gathering import Filters
from forecast_ledger.reports.breakdown import render_breakdown
from forecast_ledger.reports.calibration import render_calibration
from forecast_ledger.reports.json import dumps
from forecast_ledger.reports.score import render_scores
from tests.conftest import FixedClock
from tests.ledger.saying import MIA, at, forecast, merge, question, resolution


def asked_about(key: str) -> Question:
    return question(key, text=f"Will there be {key}?", opens=at(1, 1), closes=at(2, 10))


@pytest.fixture
def early(ledger: Ledger, clock: FixedClock) -> Ledger:
    """Four questions open for forty days: two were answered after ten, two at the deadline."""
    mia = Forecaster(name=MIA)
    said: list[Entry] = [mia]
    clock.set(at(1, 1).start)
    for key in ("rain", "snow", "hail", "fog"):
        asked = asked_about(key)
        said += [asked, forecast(asked, mia, at(1, 1), 80), forecast(asked, mia, at(1, 6), 60)]
        known, came = (at(1, 11), "yes") if key in ("rain", "snow") else (at(2, 10), "no")
        said.append(resolution(asked, came, known))
    merge(ledger, *said)
    clock.set(at(3, 1).start)
    return ledger


def words(ledger: Ledger, **filters: Any) -> str:
    found = ledger.score(Filters(claimed=True, **filters))
    return " ".join(render_scores([found], None, zone=UTC, width=80).split())


def test_what_is_expected_goes_by_the_time_to_the_deadline(early: Ledger) -> None:
    text = words(early)
    # By covered time (0.1 + 0.1 + 0.395 + 0.395) / 4. By scheduled time an early one weighs
    # a quarter: (2 x 0.25 x 0.1 + 2 x 0.395) / 2.5.
    assert "Brier 0.248 " in text
    assert (
        "Time without a forecast, as after an early answer, bends what to expect of this. By the"
        " time to the deadlines, each event once, it is 0.336; 0.224 would be expected"
        " if the probabilities are right;"
    ) in text
    assert "Brier 0.495 " in words(early, brier_scale=2)
    assert "it is 0.672; 0.448 would be expected" in words(early, brier_scale=2)


def test_it_is_in_the_document_too(early: Ledger) -> None:
    made = json.loads(dumps(early.score(Filters(claimed=True))))
    scheduled = made["score"]["total"]["by_scheduled_time"]
    assert scheduled["score"] == pytest.approx(0.336)
    assert scheduled["expected"] == pytest.approx(0.224)
    assert scheduled["expected_range"][0] < 0.224 < scheduled["expected_range"][1]


def test_of_one_forecast_a_question_nothing_is_bent(early: Ledger) -> None:
    for policy in ("first", "last"):
        assert "bend" not in words(early, policy=policy)
    assert "depends on when the answer came" in words(early, policy="last")
    assert "depends on when the answer came" not in words(early, policy="first")


def test_the_decomposition_adds_up_to_the_score(ledger: Ledger, clock: FixedClock) -> None:
    mia = Forecaster(name=MIA)
    said: list[Entry] = [mia]
    clock.set(at(1, 1).start)
    for number in range(120):
        asked = question(f"q-{number}", text=f"Will it be {number}?", closes=at(2, 10))
        yes = number % 3 == 0
        said += [
            asked,
            forecast(asked, mia, at(1, 1), 10 + number % 9 * 10),
            resolution(asked, "yes" if yes else "no", at(1, 5 + number % 20) if yes else at(2, 10)),
        ]
    merge(ledger, *said)
    clock.set(at(3, 1).start)
    found = ledger.calibration(Filters())
    assert found.decomposition is not None
    assert found.score.tally is not None
    parts = found.decomposition
    assert parts.score == pytest.approx(found.score.tally.score, abs=1e-12)
    summed = parts.mcb - parts.dsc + parts.unc
    assert summed == pytest.approx(parts.score, abs=1e-12)


def test_a_row_that_answers_bent_has_no_range(early: Ledger) -> None:
    early.label("fog", add=["wet"])
    found = early.breakdown("tag", Filters(claimed=True))
    text = " ".join(render_breakdown(found, zone=UTC, width=80).split())
    assert [(part.name, part.bent, part.range is None) for part in found.parts] == [
        ("wet", False, False),
        (None, True, True),
    ]
    assert "of 1 row" in text
    assert (
        "1 row has no range: time without a forecast, as after an early answer, bends what to"
        " expect (fl score of these alone goes by the time to the deadlines)."
    ) in text


@pytest.mark.parametrize("rule", ["log", "spherical", "baseline"])
def test_by_another_rule_nothing_is_called_expected(rule: str, early: Ledger) -> None:
    text = words(early, rule=rule)
    assert "would be expected if" not in text
    assert "what would be expected is not said: time without a forecast" in text
    made = json.loads(dumps(early.score(Filters(claimed=True, rule=rule))))
    assert made["score"]["total"]["expected"] is None


def test_by_another_rule_the_policy_is_warned_of(early: Ledger) -> None:
    warning = "Which forecasts the policy last counts depends on when the answer came."
    assert warning in words(early, rule="log", policy="last")


def beside(early: Ledger, **filters: Any) -> str:
    bob = Forecaster(name="Bob Ray")
    merge(early, bob, *(forecast(asked_about(key), bob, at(1, 2), 70) for key in ("rain", "fog")))
    said = Filters(claimed=True, **filters)
    text = render_scores(early.scores(said), early.score(said), zone=UTC, width=80)
    return " ".join(text.split())


def test_beside_others_no_expected_score_is_bent(early: Ledger) -> None:
    text = beside(early)
    assert "Mia Jensen 4 0.248 - " in text
    assert (
        "No expected score (-) where time without a forecast, as after an early answer, bends it:"
        " fl score --who NAME compares by the time to the deadlines."
    ) in text


def test_beside_others_the_policy_is_warned_of(early: Ledger) -> None:
    assert "Which forecasts the policy last counts depends on" in beside(early, policy="last")
    assert "depends on" not in beside(early, policy="first")


@pytest.mark.parametrize("rule", ["brier", "log"])
def test_where_the_policy_lets_answers_choose_no_row_has_a_range(rule: str, early: Ledger) -> None:
    found = early.breakdown("tag", Filters(claimed=True, policy="last", rule=rule))
    (part,) = found.parts
    assert (part.bent, part.range, part.expected) == (True, None, None)
    text = " ".join(render_breakdown(found, zone=UTC, width=80).split())
    what = "range" if rule == "brier" else "expected score"
    assert f"1 row has no {what}. Which forecasts the policy last counts depends on" in text
    assert "expected;" not in text
    assert "outside" not in text


def test_the_interval_says_whose_it_is(ledger: Ledger, clock: FixedClock) -> None:
    text = hazardous(ledger, clock)
    score = re.search(r"Brier (\d\.\d{3}) ", text)
    assert score is not None
    assert "By the time to the deadlines, each event once, it is " in text
    assert f" is the 90% interval of {score[1]}" in text


def test_the_decomposition_is_of_the_score_that_is_compared(
    ledger: Ledger, clock: FixedClock
) -> None:
    text = hazardous(ledger, clock)
    found = ledger.calibration(Filters())
    tally, parts = found.score.tally, found.decomposition
    assert tally is not None
    assert tally.scheduled is not None
    assert parts is not None
    assert parts.score == pytest.approx(tally.scheduled.score, abs=1e-12)
    assert parts.mcb - parts.dsc + parts.unc == pytest.approx(parts.score, abs=1e-12)
    assert f"{parts.score:.3f}, by the time to the deadlines, is = {parts.mcb:.3f}" in text


def hazardous(ledger: Ledger, clock: FixedClock) -> str:
    """Return the calibration report of 120 questions, a third of which yes ended early."""
    mia = Forecaster(name=MIA)
    said: list[Entry] = [mia]
    clock.set(at(1, 1).start)
    for number in range(120):
        asked = question(f"q-{number}", text=f"Will it be {number}?", closes=at(2, 10))
        said += [asked, forecast(asked, mia, at(1, 1), 10 + number % 9 * 10)]
        if number % 3:
            said += [forecast(asked, mia, at(1, 20), 5 + number % 9 * 10)]
            said += [resolution(asked, "no" if number % 7 else "yes", at(2, 10))]
        else:
            said += [resolution(asked, "yes", at(1, 5 + number % 14))]
    merge(ledger, *said)
    clock.set(at(3, 1).start)
    return " ".join(render_calibration(ledger.calibration(Filters()), zone=UTC, width=80).split())


def test_by_daily_an_early_answer_chooses_what_counts_of_its_day(early: Ledger) -> None:
    text = words(early, policy="daily")
    assert "Which forecasts the policy daily counts depends on when the answer came." in text
    assert "By the time to the deadlines" not in text
    made = json.loads(dumps(early.score(Filters(claimed=True, policy="daily"))))
    assert made["score"]["total"]["answers_bend_expected"] is True


@pytest.fixture
def mixed(early: Ledger) -> Ledger:
    """The four questions, and one without a deadline that was updated too."""
    mia = Forecaster(name=MIA)
    asked = question("mist", text="Will there be mist?")
    said = [forecast(asked, mia, at(1, day), number) for day, number in ((1, 80), (6, 60))]
    merge(early, mia, asked, *said, resolution(asked, "yes", at(1, 11)))
    return early


@pytest.mark.parametrize("rule", ["brier", "log"])
def test_a_missing_deadline_is_told_of_beside_an_early_answer(rule: str, mixed: Ledger) -> None:
    assert "1 updated question has no deadline" in words(mixed, rule=rule)


def test_rows_without_a_range_have_their_own_reasons(mixed: Ledger) -> None:
    found = mixed.breakdown("month", Filters(claimed=True))
    text = " ".join(render_breakdown(found, zone=UTC, width=80).split())
    assert "1 row has no range: 1 updated question has no deadline: its forecasts" in text
    assert "1 row has no range: time without a forecast, as after an early answer," in text


def test_beside_each_other_all_without_a_deadline_are_counted(mixed: Ledger) -> None:
    bob = Forecaster(name="Bob Ray")
    asked = question("mist", text="Will there be mist?")
    said = [forecast(asked, bob, at(1, day), number) for day, number in ((1, 70), (6, 50))]
    merge(mixed, bob, *said)
    chosen = Filters(claimed=True)
    text = render_scores(mixed.scores(chosen), mixed.score(chosen), zone=UTC, width=80)
    assert "2 updated questions have no deadline" in " ".join(text.split())


def test_beside_each_other_by_daily_nothing_is_promised(early: Ledger) -> None:
    text = beside(early, policy="daily")
    assert "Which forecasts the policy daily counts depends on" in text
    assert "compares by the time to the deadlines" not in text
