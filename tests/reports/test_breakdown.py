"""fl score --each tag, month, family, who: what a person types and sees, whole."""

from __future__ import annotations

import csv
import io
import json
import math
import shutil
from pathlib import Path

import pytest

from forecast_ledger.reports.terminal import width_of
from tests.cli.terminal import Terminal
from tests.conftest import FixedClock

PLAY = (
    ("Rain by 1 February 2026?", "80%", "rain", "+sky", "yes"),
    ("Snow by 1 February 2026?", "30%", "snow", "+sky", "no"),
    ("Hail by 1 February 2026?", "90%", "hail", "+sky +cold", "no"),
    ("Gold by 1 March 2026?", "60%", "gold", "+markets", "no"),
    ("Iron by 1 March 2026?", "20%", "iron", "", "no"),
)


@pytest.fixture
def terminal(
    tmp_path: Path, clock: FixedClock, empty_ledger: Path, monkeypatch: pytest.MonkeyPatch
) -> Terminal:
    """Mia Jensen's terminal: five questions settled, one claimed, one of Ben Osei's in words."""
    monkeypatch.setenv("FORECAST_LEDGER_WHO", "Mia Jensen")
    monkeypatch.setenv("FORECAST_LEDGER_ZONE", "Europe/Berlin")
    terminal = Terminal(clock, Path(shutil.copy(empty_ledger, tmp_path / "ledger.db")))
    for text, said, key, labels, _ in PLAY:
        terminal.fl("add", text, said, "--key", key)
        if labels:
            terminal.fl("label", key, *labels.split())
    terminal.fl("family", "storm", "rain", "snow", "hail")
    words = ["--words", "probably not", "--lexicon", "fagen2019", "--who", "Ben Osei"]
    terminal.fl("forecast", "gold", *words)
    clock.advance(days=60)
    for _, _, key, _, outcome in PLAY:
        known = "2026-02-02" if key in ("rain", "snow", "hail") else "2026-03-02"
        terminal.fl("resolve", key, outcome, "--on", known, "--note", "seen")
    late = ["--by", "2026-02-09", "--made", "2026-02-01", "--tag", "sky", "--key", "fog"]
    assert terminal.run("add", "Fog?", "50%", *late).exit_code == 0
    settled = terminal.run("resolve", "fog", "yes", "--on", "2026-02-10", "--note", "seen")
    assert settled.exit_code == 0
    return terminal


def test_by_tag(terminal: Terminal) -> None:
    assert (
        terminal.fl("score", "--each", "tag")
        == """\
Score of Mia Jensen by tag                                   as of 16 March 2026
--------------------------------------------------------------------------------
5 questions (1 yes, 4 no) on 3 separate events; Brier 0.268, 0.172 expected

  tag      questions  Brier  expected
  sky              3  0.313     0.153
  cold             1  0.810     0.090
  markets          1  0.360     0.240
  (none)           1  0.040     0.160

Brier: scale 0 to 1: 0 is perfect, 0.25 always saying 50%. Expected: the score
to be expected if the probabilities are right.
0 of 4 rows lie outside their range; less than 0.1 would by luck. A range holds
the score at least 9 times in 10 if the probabilities are right and the
questions of an event come out each for itself, or all as one; in groups it may
hold less. A row of few questions says little, and among many rows some look
good or bad by luck alone.
1 question with several tags counts in each.
left out: 1 question claimed: recorded after the outcome was known, on
            somebody's word. Brier 0.250, kept apart; --claimed counts them in

policy time-weighted | ledger b7fc8471
"""
    )


def test_by_month(terminal: Terminal) -> None:
    assert (
        terminal.fl("score", "--each", "month", "--level", "50%")
        == """\
Score of Mia Jensen by month                                 as of 16 March 2026
--------------------------------------------------------------------------------
5 questions (1 yes, 4 no) on 3 separate events; Brier 0.268, 0.172 expected

  month    questions  Brier  expected
  2026-02          3  0.313     0.153  X
  2026-03          2  0.200     0.200

Brier: scale 0 to 1: 0 is perfect, 0.25 always saying 50%. Expected: the score
to be expected if the probabilities are right. Months are those of the
deadlines.
1 of 2 rows lies outside its range, marked X; about 0.4 would by luck. A range
holds the score at least 5 times in 10 if the probabilities are right and the
questions of an event come out each for itself, or all as one; in groups it may
hold less. A row of few questions says little, and among many rows some look
good or bad by luck alone.
left out: 1 question claimed: recorded after the outcome was known, on
            somebody's word. Brier 0.250, kept apart; --claimed counts them in

policy time-weighted | months in Europe/Berlin | ledger b7fc8471
"""
    )


def test_the_questions_of_an_event_leave_two_numbers_by_luck(terminal: Terminal) -> None:
    said = " ".join(terminal.fl("score", "--each", "tag", "--level", "70%").split())
    assert (
        "1 of 4 rows lies outside its range, marked X; by luck about 0.1 would if the"
        " questions of an event come out each for itself, about 0.2 if all as one. A range holds"
        " the score at least 7 times in 10 if the probabilities are right and the questions of an"
        " event come out each for itself, or all as one; in groups it may hold less."
    ) in said


def test_by_family_with_what_is_claimed(terminal: Terminal) -> None:
    assert (
        terminal.fl("score", "--each", "family", "--claimed", "--brier-scale", "2")
        == """\
Score of Mia Jensen by family                                as of 16 March 2026
--------------------------------------------------------------------------------
6 questions (2 yes, 4 no) on 4 separate events; Brier 0.530, 0.370 expected

  family  questions  Brier  expected
  storm           3  0.627     0.307
  (none)          3  0.433     0.433

Brier: scale 0 to 2: 0 is perfect, 0.5 always saying 50%. Expected: the score to
be expected if the probabilities are right.
0 of 2 rows lie outside their range; less than 0.1 would by luck. A range holds
the score at least 9 times in 10 if the probabilities are right and the
questions of an event come out each for itself, or all as one; in groups it may
hold less. A row of few questions says little, and among many rows some look
good or bad by luck alone.

policy time-weighted | Brier scale 0 to 2 | claimed counted | ledger b7fc8471
"""
    )


def test_by_forecaster_it_is_about_everybody_and_says_who_read_words(terminal: Terminal) -> None:
    assert (
        terminal.fl("score", "--each", "who")
        == """\
Score by forecaster                                          as of 16 March 2026
--------------------------------------------------------------------------------
1 of 6 probabilities is Mia Jensen's reading of the forecasters' words, written
on 15 January 2026, before any outcome on file was known.
6 questions (1 yes, 5 no) on 3 separate events; Brier 0.234, 0.175 expected

  forecaster                       questions  Brier     by words  expected
  Mia Jensen                               5  0.268                  0.172
  Ben Osei, as read by Mia Jensen          1  0.062  0.022-0.090     0.188

Brier: scale 0 to 1: 0 is perfect, 0.25 always saying 50%. By words: the range
the reading of words allows. Expected: the score to be expected if the
probabilities are right.
0 of 2 rows lie outside their range; less than 0.1 would by luck. A range holds
the score at least 9 times in 10 if the probabilities are right and the
questions of an event come out each for itself, or all as one; in groups it may
hold less. A row of few questions says little, and among many rows some look
good or bad by luck alone.
Pooled is nobody's score: a question that two answered counts twice in it.
left out: 1 question claimed: recorded after the outcome was known, on
            somebody's word. Brier 0.250, kept apart; --claimed counts them in

policy time-weighted | ledger b7fc8471
"""
    )


def test_by_a_rule_without_a_range(terminal: Terminal) -> None:
    assert (
        terminal.fl("score", "--each", "family", "--rule", "peer")
        == """\
Score of Mia Jensen by family                                as of 16 March 2026
--------------------------------------------------------------------------------
5 questions (1 yes, 4 no) on 3 separate events; peer score -12.6 points

  family  questions  peer score
  storm           3         0.0
  (none)          2       -31.4

Peer score, in points: larger is better, 0 is as good as the others who forecast
the same questions at the same time.
A row of few questions says little, and among many rows some look good or bad by
luck alone.
On 4 questions nobody else forecast: the score there is 0 by definition, and
part of the mean.
left out: 1 question claimed: recorded after the outcome was known, on
            somebody's word. Peer score 0.0 points, kept apart; --claimed counts
            them in

rule peer | ledger b7fc8471
"""
    )


def test_where_an_impossible_thing_happened(terminal: Terminal) -> None:
    terminal.fl("add", "Frost by 1 April 2026?", "0%", "--certain", "--key", "frost")
    terminal.clock.advance(days=30)
    terminal.fl("resolve", "frost", "yes", "--on", "2026-04-03", "--note", "seen")
    assert (
        terminal.fl("score", "--each", "month", "--rule", "log")
        == """\
Score of Mia Jensen by month                                 as of 15 April 2026
--------------------------------------------------------------------------------
6 questions (2 yes, 4 no) on 4 separate events; log score infinite: on 1
question what happened had been called impossible; over the other 5 it is 0.804
nats

  month    questions  log score  expected
  2026-02          3      0.961     0.479
  2026-03          2      0.570     0.587
  2026-04          1   infinite     0.000

Log score, in nats: smaller is better, 0 is perfect, 0.693 always saying 50%.
Expected: the score to be expected if the probabilities are right. Months are
those of the deadlines.
A row of few questions says little, and among many rows some look good or bad by
luck alone.
left out: 1 question claimed: recorded after the outcome was known, on
            somebody's word. Log score 0.693 nats, kept apart; --claimed counts
            them in

policy time-weighted | rule log | months in Europe/Berlin | ledger 3a0a0556
"""
    )


def test_of_nothing(terminal: Terminal) -> None:
    assert (
        terminal.fl("score", "--each", "tag", "--known-since", "2026-03-10")
        == """\
Score of Mia Jensen by tag                                   as of 16 March 2026
  known since 10 March 2026
--------------------------------------------------------------------------------
Nothing is scored: no question matches what was asked for. Leave an option out,
or widen it.
policy time-weighted | ledger b7fc8471
"""
    )


def test_a_range_of_separate_events_needs_no_more_than_right_probabilities(
    terminal: Terminal,
) -> None:
    said = " ".join(terminal.fl("score", "--each", "tag", "--tag", "markets").split())
    assert (
        "less than 0.1 would by luck. A range holds the score at least 9 times in 10 if the"
        " probabilities are right. A row of few questions"
    ) in said


def test_questions_without_a_deadline_are_the_last_row_of_months(terminal: Terminal) -> None:
    terminal.fl("add", "Will it ever freeze?", "40%", "--by", "none", "--key", "freeze")
    terminal.clock.advance(days=30)
    terminal.fl("resolve", "freeze", "yes", "--on", "2026-04-10", "--note", "seen")
    said = terminal.fl("score", "--each", "month")
    assert [line.split("  ")[1] for line in said.splitlines()[4:8]] == [
        "month",
        "2026-02",
        "2026-03",
        "(no deadline)",
    ]
    rows = list(csv.reader(io.StringIO(terminal.fl("score", "--each", "month", "--csv"))))
    assert rows[-1][:2] == ["", "1"]


LEANS = "Chosen by when the outcome became known: what comes early is mostly yes, so this may lean."


@pytest.mark.parametrize("bound", ["--known-since", "--known-until"])
@pytest.mark.parametrize("words", [["--each", "tag"], [], ["--rule", "log"], ["--tag", "sky"]])
def test_what_its_outcome_helped_to_choose_may_lean(
    terminal: Terminal, words: list[str], bound: str
) -> None:
    assert LEANS not in " ".join(terminal.fl("score", *words).split())
    assert " ".join(terminal.fl("score", *words, bound, "2026-02-02").split()).count(LEANS) == 1
    nothing = "2026-03-10" if bound == "--known-since" else "2026-01-01"
    assert "Chosen by" not in terminal.fl("score", *words, bound, nothing)


def test_several_beside_each_other_that_outcomes_helped_to_choose_may_lean(
    terminal: Terminal,
) -> None:
    everybody = ["score", "--who", "Mia Jensen", "--who", "Ben Osei"]
    said = " ".join(terminal.fl(*everybody, "--known-since", "2026-02-02").split())
    assert said.startswith("Scores of 2 forecasters ")
    assert said.count(LEANS) == 1
    assert LEANS not in " ".join(terminal.fl(*everybody).split())
    assert "Chosen by" not in terminal.fl(*everybody, "--known-since", "2026-03-10")


def test_as_of_an_earlier_moment(terminal: Terminal) -> None:
    before = terminal.fl("score", "--each", "tag")
    terminal.clock.advance(days=20)
    terminal.fl("resolve", "rain", "no", "--on", "2026-02-03", "--note", "seen", "--why", "misread")
    assert terminal.fl("score", "--each", "tag") != before
    assert terminal.fl("score", "--each", "tag", "--as-of", "2026-03-16T12:00Z") == before


def test_several_forecasters_together_are_called_pooled(terminal: Terminal) -> None:
    everybody = ["--who", "Mia Jensen", "--who", "Ben Osei"]
    said = terminal.fl("score", "--each", "tag", *everybody)
    assert said.startswith("Score of several forecasters by tag ")
    assert "Pooled is nobody's score: a question that two answered counts twice in it." in said
    assert "Pooled is nobody's score" in terminal.fl("score", "--each", "who", *everybody)
    compared = terminal.fl("score", "--each", "who", "--rule", "peer", *everybody)
    assert "Pooled" not in compared
    refused = terminal.fails(2, "score", "--each", "tag", "--rule", "peer", *everybody)
    assert "Choose one with --who NAME, or say --each who" in " ".join(refused.split())


def test_somebody_unknown_here_is_told_that_it_is_about_all(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORECAST_LEDGER_WHO", "Nobody Here")
    result = terminal.run("score", "--each", "tag")
    assert result.stderr.startswith("Nobody Here has no forecasts here")
    assert result.stdout.startswith("Score of several forecasters by tag ")


def test_as_csv_nothing_is_rounded(terminal: Terminal) -> None:
    assert (
        terminal.fl("score", "--each", "tag", "--csv")
        == """\
name,questions,score,score_best,score_worst,expected,expected_low,expected_high,outside,by_luck,by_luck_together
sky,3,0.31333333333333335,0.31333333333333335,0.31333333333333335,0.15333333333333335,0.01,0.64,0,0.006,0.033333333
cold,1,0.81,0.81,0.81,0.09000000000000002,0.01,0.81,0,0.0,0.0
markets,1,0.36,0.36,0.36,0.24,0.16,0.36,0,0.0,0.0
,1,0.04000000000000001,0.04000000000000001,0.04000000000000001,0.16000000000000003,0.04,0.64,0,0.0,0.0
"""
    )


def test_as_csv_what_there_is_not_is_empty_and_what_a_spreadsheet_would_run_defused(
    terminal: Terminal,
) -> None:
    terminal.fl("add", "Frost by 1 April 2026?", "0%", "--certain", "--key", "frost", "--who", "=A")
    terminal.clock.advance(days=30)
    terminal.fl("resolve", "frost", "yes", "--on", "2026-04-03", "--note", "seen")
    said = terminal.fl("score", "--each", "who", "--rule", "log", "--csv")
    found = {row["name"]: row for row in csv.DictReader(io.StringIO(said))}
    assert set(found) == {"Mia Jensen", "Ben Osei", "'=A"}
    assert float(found["'=A"]["score"]) == math.inf
    ranges = {(row["outside"], row["by_luck_together"]) for row in found.values()}
    assert ranges == {("", "")}


def test_csv_goes_to_a_new_file(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    words = ["score", "--each", "tag", "--csv", "--output", str(path)]
    result = terminal.run(*words)
    assert (result.exit_code, result.stdout) == (0, "")
    assert " ".join(result.stderr.split()) == f"4 rows written to {path}"
    assert path.read_text("utf-8") == terminal.fl(*words[:4])
    assert "exists already" in " ".join(terminal.fails(5, *words).split())


def test_json_holds_the_rows(terminal: Terminal) -> None:
    found = json.loads(terminal.fl("score", "--each", "month", "--json"))
    assert (found["kind"], found["by"], found["zone"]) == ("breakdown", "month", "Europe/Berlin")
    assert [(row["name"], row["questions"]) for row in found["rows"]] == [
        ("2026-02", 3),
        ("2026-03", 2),
    ]
    assert "lines" not in found["score"]
    assert found["score"]["total"]["questions"] == 5


@pytest.mark.parametrize(
    "words,why",
    [
        (["--each", "tag", "--output", "x.csv"], "Say --csv too"),
        (["--each", "tag", "--csv", "--json"], "Leave one of them out"),
        (["--each", "phrase"], "'phrase' is not one of"),
        (["--csv"], "Say --each forecast too, or tag, month, family or who"),
        (["--each", "tag", "--policy", "best"], "there is no policy 'best'"),
        (["--each", "tag", "--level", "100%"], "level"),
    ],
)
def test_what_makes_no_table_is_refused(terminal: Terminal, words: list[str], why: str) -> None:
    assert why in " ".join(terminal.fails(2, "score", *words).split())


def test_no_line_is_too_long_and_nothing_in_it_is_obeyed(terminal: Terminal) -> None:
    name = "\u202eMia" + "漢" * 60
    terminal.fl("add", "Frost by 1 April 2026?", "9%", "--key", "frost", "--who", name)
    terminal.clock.advance(days=30)
    terminal.fl("resolve", "frost", "no", "--on", "2026-04-03", "--note", "seen")
    said = terminal.fl("score", "--each", "who", "--claimed")
    assert "\\u202eMia" in said
    assert "\u202e" not in said
    assert max(map(width_of, said.splitlines())) <= 80
