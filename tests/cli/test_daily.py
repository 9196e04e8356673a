"""A year of one forecaster, word for word: what the daily commands say back."""

from __future__ import annotations

import pytest

from tests.cli.terminal import Terminal

FED = "Will the Fed cut rates by 18 March 2026?"


def test_a_question_is_recorded_in_one_line(terminal: Terminal) -> None:
    said = terminal.fl("add", f"{FED} #macro #us", "62%", "--why", "jobs", "--key", "fed")
    assert (
        said
        == """\
fed   Will the Fed cut rates by 18 March 2026?
  yes 62% by Mia Jensen, from now
  deadline  end of Wed 18 March 2026, Europe/Berlin (read out of the text)
  tags macro, us      no criteria yet: fl revise fed --criteria "..."
  a slip? fl undo within 10 minutes
"""
    )


def test_a_key_is_made_without_the_deadline_and_with_its_month(terminal: Terminal) -> None:
    said = terminal.fl("add", f"{FED} #macro", "62%")
    assert (
        said
        == """\
fed-cut-rates-2026-03   Will the Fed cut rates by 18 March 2026?
  yes 62% by Mia Jensen, from now
  deadline  end of Wed 18 March 2026, Europe/Berlin (read out of the text)
  tag macro
  no criteria yet: fl revise fed-cut-rates-2026-03 --criteria "..."
  a slip? fl undo within 10 minutes
"""
    )


def test_everything_said_is_shown_as_understood(terminal: Terminal) -> None:
    said = terminal.fl(
        *("add", "Will it rain?", "1/3", "--by", "end of June", "--due", "9 July"),
        *("--opens", "1 February", "--criteria", "Rain at the gauge.", "--family", "weather"),
        *("--tag", "#Rain", "--made", "2026-01-15 09:00"),
    )
    assert (
        said
        == """\
rain-2026-06   Will it rain?
  yes 33.3333333% by Mia Jensen, from 15 January 2026 09:00
  counts from 1 February 2026 00:00 on, when it opens
  1/3 was rounded to 33.3333333%
  deadline  end of Tue 30 June 2026, Europe/Berlin
  opens  Sun 1 February 2026
  due  end of Thu 9 July 2026
  criteria  Rain at the gauge.
  tag rain      family weather
  a slip? fl undo within 10 minutes
"""
    )


def test_words_are_shown_with_their_lexicon_and_range(terminal: Terminal) -> None:
    said = terminal.fl(
        "add", "Ceasefire by 30 June 2026?", "--words", "probably not", "--who", "Ann Lee"
    )
    assert (
        said
        == """\
ceasefire-2026-06   Ceasefire by 30 June 2026?
  yes 25% (15% to 30%) by Ann Lee, as read by Mia Jensen, from now
  words "probably not" in fagen2019 1: 25% for yes (15% to 30%)
  deadline  end of Tue 30 June 2026, Europe/Berlin (read out of the text)
  no criteria yet: fl revise ceasefire-2026-06 --criteria "..."
  a slip? fl undo within 10 minutes
"""
    )


@pytest.mark.parametrize(
    "words,read",
    [
        (["won't"], 'words "won\'t" in house 2026: 5% for yes (1% to 15%)'),
        (
            ["will", "--says", "no"],
            'words "will" in house 2026, said of no: 5% for yes (1% to 15%)',
        ),
        (["probable", "--lexicon", "kent1964"], 'words "probable" in kent1964 1: 75% for yes'),
        (["likely", "--lexicon", "kucharski2026"], 'words "likely" in kucharski2026 1: '),
    ],
)
def test_a_flat_will_is_read_by_the_house_rule_and_a_lexicon_can_be_named(
    terminal: Terminal, words: list[str], read: str
) -> None:
    said = terminal.fl("add", "Rain by 30 June 2026?", "--words", *words)
    assert read in said
    assert "as read by" not in said


def test_a_published_forecast_is_its_authors_and_counts_from_its_publication(
    terminal: Terminal,
) -> None:
    told = terminal.fl(
        *("source", "push", "--title", "The push fails", "--author", "Ian Bremmer"),
        *("--publisher", "GZERO", "--published", "2025-12-03", "--inferred", "the page"),
    )
    assert (
        told
        == """\
push   "The push fails"
  Ian Bremmer, GZERO, published 3 December 2025 (inferred: the page)
  quote it: fl add "..." 35% --source push --quote "..." --place "..."
"""
    )
    said = terminal.fl(
        *("add", "Ceasefire within 3 months?", "--words", "unlikely", "--key", "ceasefire"),
        *("--source", "push", "--quote", "slim odds", "--place", "paragraph 1"),
        *("--reading", "as signed"),
    )
    assert (
        said
        == """\
ceasefire   Ceasefire within 3 months?
  yes 20% (10% to 30%) by Ian Bremmer, as read by Mia Jensen, published 3
    December 2025 in push
  words "unlikely" in fagen2019 1: 20% for yes (10% to 30%)
  deadline  end of Tue 3 March 2026, Europe/Berlin (read out of the text)
  no criteria yet: fl revise ceasefire --criteria "..."
  a slip? fl undo within 10 minutes
"""
    )
    assert (
        terminal.fl("statements")
        == """\
push   "The push fails"
  Ian Bremmer, GZERO, 3 December 2025 (inferred)
  paragraph 1: scored
    "slim odds"
    -> ceasefire, as signed
1 statement: 1 scored, 0 refused
"""
    )


def test_a_new_forecast_says_what_it_replaces(terminal: Terminal) -> None:
    terminal.fl("add", FED, "60%")
    terminal.clock.advance(days=10)
    assert (
        terminal.fl("forecast", "fed-cut-rates-2026-03", "62%")
        == "fed-cut-rates-2026-03   60% -> 62%, from now (2nd forecast, 60% stood 10 days)\n"
    )
    terminal.clock.advance(days=12)
    assert (
        terminal.fl("forecast", "fed", "55%", "--why", "CPI")
        == """\
fed-cut-rates-2026-03   62% -> 55%, from now (3rd forecast, 62% stood 12 days)
  Will the Fed cut rates by 18 March 2026?
"""
    )
    assert (
        terminal.fl("forecast", "fed", "5e-1", "--who", "Bob Ray")
        == """\
fed-cut-rates-2026-03   50% by Bob Ray, from now (1st forecast)
  Will the Fed cut rates by 18 March 2026?
"""
    )


def test_a_forecast_dated_back_says_what_counts(terminal: Terminal) -> None:
    terminal.fl("add", FED, "60%", "--key", "fed")
    assert (
        terminal.fl("forecast", "fed", "20%", "--made", "2025-07-15")
        == """\
fed   20%, from 15 July 2025 (2nd forecast)
  dated back by 184 days: it counts from now on; the time before is claimed, and
    scored apart
"""
    )


def test_a_forecast_after_the_deadline_is_kept_and_said_not_to_count(terminal: Terminal) -> None:
    terminal.fl("add", "Rain by 20 January 2026?", "60%", "--key", "rain")
    terminal.clock.advance(days=7)
    assert (
        terminal.fl("forecast", "rain", "1%")
        == """\
rain   60% -> 1%, from now (2nd forecast, 60% stood 7 days)
  made after the deadline (end of 20 January 2026): kept, never scored
"""
    )


def test_a_slip_is_undone_and_what_stood_stands_again(terminal: Terminal) -> None:
    terminal.fl("add", FED, "62%", "--key", "fed")
    terminal.clock.advance(days=1)
    terminal.fl("forecast", "fed", "5%")
    terminal.clock.advance(seconds=40)
    assert (
        terminal.fl("undo")
        == """\
withdrawn as a slip: 5% on fed, written 40 seconds ago.
62% stands again. Both stay in the record; the slip is not scored.
"""
    )
    assert (
        terminal.fails(2, "undo")
        == """\
fl: the last entry that stands was written 24 hours ago; a slip can be undone
within 10 minutes. Correct it instead: forecast, revise, resolve or reopen
again.
"""
    )


def test_a_whole_question_is_undone_and_can_be_asked_again(terminal: Terminal) -> None:
    terminal.fl("add", f"{FED} #a #b", "62%", "--key", "fed")
    assert (
        terminal.fl("undo")
        == """\
withdrawn as a slip: the question fed and what was said of it, written 0 seconds
ago.
It stays in the record and is never scored.
"""
    )
    assert "no questions." in terminal.fl("list")
    terminal.clock.advance(seconds=5)
    assert terminal.fl("add", FED, "26%", "--key", "fed").startswith("fed   Will")


def test_ten_minutes_later_a_slip_stays(terminal: Terminal) -> None:
    terminal.fl("add", FED, "62%")
    terminal.clock.advance(minutes=11)
    assert (
        terminal.fails(2, "undo")
        == """\
fl: the last entry was written 11 minutes ago; a slip can be undone within 10
minutes. Correct it instead: forecast, revise, resolve or reopen again.
"""
    )


def test_a_withdrawal_ends_a_forecast(terminal: Terminal) -> None:
    terminal.fl("add", FED, "62%", "--key", "fed")
    terminal.clock.advance(days=1)
    assert (
        terminal.fl("withdraw", "fed", "--why", "I advise them now")
        == """\
fed   62% withdrawn: from now on you no longer answer it
  the time it stood until now still counts
"""
    )


def test_a_wording_is_clarified_or_replaced(terminal: Terminal) -> None:
    terminal.fl("add", FED, "62%", "--key", "fed")
    terminal.clock.advance(days=1)
    assert (
        terminal.fl("revise", "fed", "--criteria", "The upper bound is lowered.")
        == """\
fed   clarified; the forecasts made so far carry over
  criteria  The upper bound is lowered.
"""
    )
    choice = """\
fl: does this change what is asked? Say --clarify (the forecasts so far carry
over) or --replace (they end).
"""
    assert terminal.fails(2, "revise", "fed", "--criteria", "Another.") == choice
    assert terminal.fails(2, "revise", "fed", "--text", "Another?") == choice
    terminal.clock.advance(days=1)
    assert (
        terminal.fl("revise", "fed", "--replace", "--by", "2026-06-30")
        == """\
fed   asks something else now; the forecasts made so far end unscored
  deadline  end of Wed 18 March 2026 -> end of Tue 30 June 2026
  the text still says "by 18 March 2026": say --text as well
  answer it anew: fl forecast fed ...
"""
    )


def test_tags_families_and_notes_are_put_beside(terminal: Terminal) -> None:
    terminal.fl("add", FED, "62%", "--key", "fed")
    terminal.fl("add", "Rain by 30 June 2026?", "62%", "--key", "rain")
    assert terminal.fl("label", "fed", "+Macro", "+us") == "fed   tags macro, us\n"
    assert terminal.fl("label", "fed", "-us") == "fed   tag macro\n"
    assert terminal.fl("label", "fed", "-macro", "--zone", "UTC") == "fed   no tags\n"
    assert (
        terminal.fl("family", "weather", "fed", "rain", "--title", "It turns")
        == """\
family weather: 2 questions that turn on one event
  fed   Will the Fed cut rates by 18 March 2026?
  rain   Rain by 30 June 2026?
"""
    )
    assert (
        terminal.fl("note", "rain", "Clouds.", "--evidence", "https://example.org/sky")
        == """\
rain   note by Mia Jensen, with 1 piece of evidence
  Rain by 30 June 2026?
"""
    )


def test_what_was_withdrawn_is_not_withdrawn_again_and_stands_again_when_undone(
    terminal: Terminal,
) -> None:
    terminal.fl("add", FED, "40%", "--key", "fed")
    terminal.clock.advance(days=1)
    terminal.fl("withdraw", "fed")
    terminal.clock.advance(seconds=5)
    assert (
        terminal.fails(5, "withdraw", "fed")
        == """\
fl: no forecast by Mia Jensen stands on fed, so there is nothing to withdraw:
the last one was withdrawn. Nothing was recorded.
"""
    )
    assert "50%, from now (2nd forecast)" in terminal.fl("forecast", "fed", "50%")
    assert "stands again" not in terminal.fl("undo")
    terminal.clock.advance(seconds=5)
    assert "withdrawn as a slip: the withdrawal on fed" in (told := terminal.fl("undo"))
    assert "40% stands again." in told


def test_two_slips_are_taken_back_one_after_the_other(terminal: Terminal) -> None:
    terminal.fl("add", FED, "62%", "--key", "fed")
    for number in ("5%", "6%"):
        terminal.clock.advance(days=1 if number == "5%" else 0, seconds=5)
        terminal.fl("forecast", "fed", number)
    terminal.clock.advance(seconds=5)
    assert "6% on fed" in (told := terminal.fl("undo"))
    assert "5% stands again." in told
    terminal.clock.advance(seconds=5)
    assert "5% on fed" in (told := terminal.fl("undo"))
    assert "62% stands again." in told
    terminal.clock.advance(seconds=5)
    assert "the last entry that stands was written 24 hours ago" in terminal.fails(2, "undo")


def test_a_forecast_on_a_wording_that_was_replaced_is_no_longer_what_stood(
    terminal: Terminal,
) -> None:
    terminal.fl("add", FED, "50%", "--key", "fed")
    terminal.clock.advance(days=1)
    terminal.fl("revise", "fed", "--replace", "--text", "Will the Fed cut twice by 18 March 2026?")
    assert "was on a wording since replaced" in " ".join(
        terminal.fails(5, "withdraw", "fed").split()
    )
    terminal.clock.advance(seconds=5)
    assert terminal.fl("forecast", "fed", "60%") == "fed   60%, from now (2nd forecast)\n"


def test_a_wording_that_is_in_force_is_not_recorded_again(terminal: Terminal) -> None:
    terminal.fl("add", FED, "50%", "--key", "fed", "--criteria", "The upper bound.")
    told = terminal.fails(2, "revise", "fed", "--clarify", "--criteria", "The upper bound.")
    assert told == "fl: fed is worded so already. Nothing was recorded.\n"
    terminal.clock.advance(seconds=5)
    assert "-> none" in terminal.fl("revise", "fed", "--replace", "--by", "none")


@pytest.mark.parametrize("text", [FED, "will the fed  cut rates by 18 March 2026"])
def test_a_question_typed_again_is_the_one_that_is_known(terminal: Terminal, text: str) -> None:
    terminal.fl("add", FED, "50%")
    terminal.clock.advance(days=1)
    assert (
        terminal.fails(5, "add", text, "60%")
        == """\
fl: this is asked already, as fed-cut-rates-2026-03. Answer it: fl forecast
fed-cut-rates-2026-03 60% (or give another question a key of its own: --key)
"""
    )
    assert terminal.fl("add", text, "60%", "--key", "mine").startswith("mine")
    later = text.replace("18", "19")
    assert terminal.fl("add", later, "60%").startswith("fed-cut-rates-2026-03-2")
    terminal.fl("resolve", "fed-cut-rates-2026-03", "yes", "--note", "it did")
    assert terminal.fl("add", text, "60%").startswith("fed-cut-rates-2026-03-3")


def test_a_key_spells_letters_that_ascii_lacks(terminal: Terminal) -> None:
    said = terminal.fl("add", "Größte Straße in Łódź?", "50%", "--by", "none")
    assert said.startswith("grosste-strasse-lodz ")


def test_the_range_of_words_is_said_once(terminal: Terminal) -> None:
    terminal.fl("add", FED, "50%", "--key", "fed")
    terminal.clock.advance(days=1)
    assert (
        terminal.fl("forecast", "fed", "--words", "unlikely")
        == """\
fed   50% -> 20%, from now (2nd forecast, 50% stood 1 day)
  words "unlikely" in fagen2019 1: 20% for yes (10% to 30%)
"""
    )
    terminal.clock.advance(days=1)
    said = terminal.fl(
        *("forecast", "fed", "25%", "--words", "unlikely", "--low", "5%", "--high", "35%"),
        *("--why", "mine"),
    )
    assert "\n  5% to 35%\n" in said


def test_a_forecast_dated_back_behind_its_deadline_counts_no_more(terminal: Terminal) -> None:
    terminal.fl("add", "Rain by 20 January 2026?", "60%", "--key", "rain")
    terminal.clock.advance(days=9)
    said = terminal.fl("forecast", "rain", "1%", "--made", "2026-01-17")
    assert "\n  recorded after its deadline: claimed, and scored apart\n" in said
    assert "counts from now" not in said
