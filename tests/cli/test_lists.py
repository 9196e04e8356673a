"""Looking things up, filtered and as of an earlier moment."""

from __future__ import annotations

import json

import pytest

from tests.cli.terminal import Terminal


@pytest.fixture
def busy(terminal: Terminal) -> Terminal:
    """A terminal whose ledger holds four questions: overdue, soon, far off, another's."""
    terminal.fl("add", "OPEC+ announces a cut by 31 January 2026? #oil", "30%", "--key", "opec")
    terminal.fl("add", "BoE cuts by 3 March 2026? #macro", "81%", "--key", "uk-rates")
    terminal.fl("add", "French budget by 30 June 2026? #macro", "55%", "--key", "fra-budget")
    terminal.fl("add", "Rain by 30 June 2026?", "7%", "--key", "rain", "--who", "Bob Ray")
    terminal.clock.advance(days=38)
    return terminal


def test_what_is_due(busy: Terminal) -> None:
    assert (
        busy.fl("due", "--within", "14d")
        == """\
overdue
  opec  your 30%  21 days over  OPEC+ announces a cut by 31 January 2026?
soon
  uk-rates  your 81%  in 9 days  BoE cuts by 3 March 2026?
untouched for 30 days (--stale 30d)
  fra-budget  your 55%  since 15 January 2026  French budget by 30 June 2026?
"""
    )


def test_what_is_due_of_another(busy: Terminal) -> None:
    assert (
        busy.fl("due", "--within", "1w", "--stale", "1m", "--who", "Bob Ray")
        == """\
untouched for 30 days (--stale 30d)
  rain  Bob Ray 7%  since 15 January 2026  Rain by 30 June 2026?
"""
    )


def test_nothing_is_due(terminal: Terminal) -> None:
    terminal.fl("add", "Rain by 30 June 2026?", "7%")
    assert terminal.fl("due") == "nothing is overdue, and nothing is due within 14 days.\n"


@pytest.mark.parametrize("length", ["14", "d", "-3d", "two weeks", "1.5d", "99999d"])
def test_a_length_of_time_has_one_form(busy: Terminal, length: str) -> None:
    told = " ".join(busy.fails(2, "due", f"--within={length}").split())
    assert told == (
        f'fl: cannot read "{length}" as a length of time. Write it like 14d, 2w, 3m or 1y.'
    )


def test_the_list(busy: Terminal) -> None:
    assert (
        busy.fl("list")
        == """\
key         stands         said  due         question
fra-budget  open            55%  2026-06-30  French budget by 30 June 2026?
opec        overdue         30%  2026-01-31  OPEC+ announces a cut by 31 Janu...
rain        open     Bob Ray 7%  2026-06-30  Rain by 30 June 2026?
uk-rates    open            81%  2026-03-03  BoE cuts by 3 March 2026?
4 questions
"""
    )


def test_a_long_key_leaves_the_question_a_line_of_its_own(terminal: Terminal) -> None:
    key = "whether-all-of-it-comes-to-pass-by-then-2026-06"
    terminal.fl("add", "Will all of it come to pass by 30 June 2026?", "7%", "--key", key)
    assert (
        terminal.fl("list")
        == """\
key                                              stands  said  due
  question
whether-all-of-it-comes-to-pass-by-then-2026-06  open      7%  2026-06-30
  Will all of it come to pass by 30 June 2026?
1 question
"""
    )


def test_a_key_too_long_for_a_row_has_a_line_of_its_own(terminal: Terminal) -> None:
    key = "whether-all-of-it-comes-to-pass-by-then-and-nothing-is-left-out-2026-06"
    text = "Will all of it come to pass by 30 June 2026?"
    terminal.fl("add", text, "7%", "--key", key, "--who", "Bartholomew")
    assert (
        terminal.fl("list")
        == f"""\
key
  stands            said  due
  question
{key}
  open    Bartholomew 7%  2026-06-30
  Will all of it come to pass by 30 June 2026?
1 question
"""
    )
    terminal.fl("add", "And this by 30 June 2026?", "7%", "--key", "x" * 100)
    terminal.clock.advance(days=160)
    for line in (terminal.fl("list") + terminal.fl("due", "--within", "30d")).split("\n"):
        assert len(line) <= 80
    assert f"  {key}\n    Bartholomew 7%  in 6 days\n    {text}\n" in terminal.fl("due")


def test_a_number_that_was_read_out_of_words_is_marked(busy: Terminal) -> None:
    busy.fl("add", "Snow by 3 March 2026?", "--words", "likely", "--key", "snow", "--who", "Al Ray")
    legend = "* as read by Mia Jensen: not a number the forecaster gave\n"
    assert (
        busy.fl("list", "--text", "r")
        == f"""\
key         stands         said   due         question
fra-budget  open            55%   2026-06-30  French budget by 30 June 2026?
opec        overdue         30%   2026-01-31  OPEC+ announces a cut by 31 Jan...
rain        open     Bob Ray 7%   2026-06-30  Rain by 30 June 2026?
snow        open     Al Ray 70%*  2026-03-03  Snow by 3 March 2026?
uk-rates    open            81%   2026-03-03  BoE cuts by 3 March 2026?
5 questions
{legend}"""
    )
    due = busy.fl("due")
    assert "  snow      Al Ray 70%*  in 9 days  Snow by 3 March 2026?\n" in due
    assert "  uk-rates    your 81%   in 9 days  BoE cuts by 3 March 2026?\n" in due
    assert due.endswith(legend)
    assert legend not in busy.fl("list", "--who", "Bob Ray")


def test_a_forecast_on_a_wording_since_replaced_stands_no_longer(terminal: Terminal) -> None:
    terminal.fl("add", "Rain by 30 June 2026?", "50%", "--key", "rain")
    terminal.clock.advance(days=1)
    terminal.fl("revise", "rain", "--replace", "--text", "Rain in Bonn by 30 June 2026?")
    assert "rain  open       -  2026-06-30  Rain in Bonn" in terminal.fl("list")
    terminal.clock.advance(days=160)
    assert "  rain  -  in 5 days  Rain in Bonn" in terminal.fl("due")
    terminal.fl("forecast", "rain", "60%")
    assert "rain  open     60%  2026-06-30  Rain in Bonn" in terminal.fl("list")


def test_a_day_is_the_same_day_in_another_zone(busy: Terminal) -> None:
    busy.fl("add", "Sun by 30 June 2026?", "60%", "--key", "sun", "--made", "2026-01-10")
    listed = busy.fl("list", "--zone", "Asia/Tokyo", "--status", "open")
    dues = {line.split("  ")[-2] for line in listed.split("\n") if "June" in line}
    assert dues == {"2026-06-30"}
    assert "since 10 January 2026" in busy.fl("due", "--zone", "Pacific/Honolulu")


@pytest.mark.parametrize(
    "filters,keys",
    [
        (["--tag", "macro"], ["fra-budget", "uk-rates"]),
        (["--tag", "#oil", "--tag", "macro"], ["fra-budget", "opec", "uk-rates"]),
        (["--status", "overdue"], ["opec"]),
        (["--who", "Bob Ray"], ["rain"]),
        (["--text", "BUDGET"], ["fra-budget"]),
        (["--text", "june", "--who", "Mia Jensen"], ["fra-budget"]),
        (["--status", "resolved"], []),
        (["--as-of", "2026-01-14"], []),
    ],
)
def test_the_list_is_filtered(busy: Terminal, filters: list[str], keys: list[str]) -> None:
    found = json.loads(busy.fl("list", "--json", *filters))
    assert [row["key"] for row in found["questions"]] == keys


def test_options_for_all_stand_before_or_after(busy: Terminal) -> None:
    earlier = busy.fl("list", "--as-of", "2026-01-20")
    assert busy.fl("--as-of", "2026-01-20", "list") == earlier
    assert "overdue" in busy.fl("list")
    assert "overdue" not in earlier


def test_a_bare_as_of_is_its_whole_day_in_the_users_zone(terminal: Terminal) -> None:
    terminal.fl("add", "Rain by 30 June 2026?", "7%", "--key", "rain")  # 13:00 in Berlin
    terminal.clock.advance(days=2)
    assert terminal.fl("list", "--as-of", "2026-01-15").startswith("key ")
    assert terminal.fl("list", "--as-of", "2026-01-15 12:59").startswith("no questions")
    assert terminal.fl("list", "--as-of", "2026-01-15 13:00").startswith("key ")
    assert terminal.fl("list", "--as-of", "today").startswith("key ")
    assert terminal.fails(2, "list", "--as-of", "2026-02-01") == (
        'fl: --as-of "2026-02-01" lies in the future. Nothing is recorded there yet.\n'
    )


def test_words(terminal: Terminal) -> None:
    assert (
        terminal.fl("words", "probably not")
        == """\
  fagen2019 1         25%  15% to 30%
  icd203_2015 1     32.5%  20% to 45%    mirror image of "probably"
  kent1964 1          30%  20% to 40%
  kucharski2026 1     25%  20% to 35%    mirror image of "probably"
  mauboussin2018 1    30%  25% to 40%    mirror image of "probably"
  phia_2025 1         35%  25% to 45%    mirror image of "probably"
  zonination2015 1  26.5%  20% to 38.8%
"""
    )
    assert (
        terminal.fl("words", "--lexicon", "house")
        == """\
house 2026   House rule for claims without a hedge
  forecast-ledger, house rule of 2026.
  will      95%  85% to 99%  is going to, are going to, going to
  will not   5%  1% to 15%   won't, is not going to, are not going to, not go...
"""
    )
    listed = terminal.fl("words")
    assert "  kent1964        1      7 phrases  Sherman Kent: Words of Estimative" in listed
    assert (
        terminal.fails(4, "words", "likelyish")
        == """\
fl: no lexicon has "likelyish". Nearest: likely, unlikely, likely will, will
likely. fl words lists the lexicons.
"""
    )


def test_one_question_is_shown_whole(busy: Terminal) -> None:
    shown = busy.fl("show", "opec")
    assert shown.startswith("OPEC+ announces a cut by 31 January 2026?\n")
    assert "Mia Jensen" in shown


def test_the_score_is_about_the_user_then_about_all(
    busy: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy.fl("resolve", "opec", "no", "--note", "none")
    mine = busy.fl("score")
    assert mine.startswith("Score of Mia Jensen")
    assert "0.090" in mine
    assert busy.fl("calibration").startswith("Calibration of Mia Jensen")
    monkeypatch.setenv("FORECAST_LEDGER_WHO", "Nobody Here")
    result = busy.run("score")
    assert result.stderr == ("Nobody Here has no forecasts here, so this is about all who have.\n")
    assert "Mia Jensen" in result.stdout
    monkeypatch.delenv("FORECAST_LEDGER_WHO")
    assert "Mia Jensen" in busy.fl("score")


@pytest.mark.parametrize("level", ["100%", "0.4", "90", "x"])
def test_a_level_is_a_share_above_a_half(busy: Terminal, level: str) -> None:
    assert busy.run("score", "--level", level).exit_code == 2


def test_a_source_alone_is_an_articles_page(terminal: Terminal) -> None:
    terminal.fl(
        "source", "push", "--title", "T", "--author", "Ann Lee", "--published", "2025-12-03"
    )
    terminal.fl(
        *("add", "Ceasefire by 5 January 2026?", "5%", "--key", "ceasefire", "--source", "push"),
        *("--quote", "no chance", "--place", "paragraph 1"),
    )
    terminal.fl("resolve", "ceasefire", "no", "--note", "none")
    page = terminal.fl("calibration", "--source", "push")
    assert page.startswith('Ann Lee: "T"\n')
    assert "0.0025" in page
    assert terminal.fl("calibration", "--source", "push", "--who", "Ann Lee").startswith(
        "Calibration of Ann Lee"
    )
    assert terminal.fails(4, "calibration", "--source", "pull").startswith(
        'fl: there is no source "pull".'
    )
