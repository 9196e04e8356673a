from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from forecast_ledger.domain.probability import WHOLE
from forecast_ledger.domain.words import LONGEST, Phrase, Side, find, fold, index_of, look_up
from forecast_ledger.errors import InvalidError, NotFoundError, UsageError

PERCENT = WHOLE // 100


@dataclass(frozen=True)
class List:
    key: str
    phrases: tuple[Phrase, ...]
    version: str = "1"


def phrase(text: str, low: int, mid: int | None, high: int, *synonyms: str) -> Phrase:
    return Phrase(
        phrase=text,
        low=low * PERCENT,
        mid=None if mid is None else mid * PERCENT,
        high=high * PERCENT,
        synonyms=synonyms,
    )


SURVEY = List(
    "survey",
    (
        phrase("almost certain", 90, 95, 98, "almost certainly"),
        phrase("likely", 65, 70, 75, "will likely", "likely will"),
        phrase("probably", 60, 72, 80, "probable"),
        phrase("might happen", 20, 40, 50),
        phrase("could happen", 25, 40, 50),
        phrase("unlikely", 10, 20, 30),
        phrase("impossible", 0, 0, 1),
        phrase("often", 60, 70, 75),
        phrase("not often", 10, 20, 25),
    ),
)
KENT = List(
    "kent", (phrase("probable", 63, 75, 87, "probably"), phrase("probably not", 20, 30, 40))
)
RANGES = List("ranges", (phrase("likely", 66, None, 100), phrase("as likely as not", 33, None, 66)))
HOUSE = List("house", (phrase("will", 85, 95, 99), phrase("will not", 1, 5, 15, "won't")))


def numbers(text: str, lexicon: List, side: Side = "yes") -> tuple[int, int | None, int]:
    meaning = look_up(text, lexicon, side=side)
    mid = None if meaning.mid is None else meaning.mid // PERCENT
    return meaning.low // PERCENT, mid, meaning.high // PERCENT


@pytest.mark.parametrize(
    "text", ["likely", "Likely", "  LIKELY ", "likely.", "\u201clikely\u201d", '"likely,"']
)
def test_a_phrase_is_found_however_it_is_set(text: str) -> None:
    meaning = look_up(text, SURVEY)
    assert (meaning.phrase.phrase, meaning.is_synonym, meaning.mirrored) == ("likely", False, False)
    assert numbers(text, SURVEY) == (65, 70, 75)


def test_a_synonym_says_what_it_stands_for() -> None:
    meaning = look_up("almost  certainly", SURVEY)
    assert meaning.is_synonym
    assert str(meaning) == (
        '"almost  certainly" in survey 1, a synonym of "almost certain": 95% for yes (90% to 98%)'
    )


def test_words_that_speak_of_no_are_turned_to_yes() -> None:
    assert numbers("likely", SURVEY, "no") == (25, 30, 35)
    assert str(look_up("likely", SURVEY, side="no")) == (
        '"likely" in survey 1, said of no: 30% for yes (25% to 35%)'
    )


@pytest.mark.parametrize("text", ["will not", "won't", "WON\u2019T"])
def test_contractions_are_the_words_they_contract(text: str) -> None:
    assert numbers(text, HOUSE) == (1, 5, 15)


def test_a_lexicons_own_negation_comes_before_the_mirror_image() -> None:
    assert numbers("probably not", KENT) == (20, 30, 40)
    assert numbers("probably not", SURVEY) == (20, 28, 40)
    assert not look_up("probably not", KENT).mirrored
    assert str(look_up("probably not", SURVEY)) == (
        '"probably not" in survey 1, read as the mirror image of "probably": '
        "28% for yes (20% to 40%)"
    )


@pytest.mark.parametrize(
    "text, mid",
    [
        ("almost certainly not", 5),
        ("almost certain not", 5),
        ("likely not", 30),
        ("likely won't", 30),
        ("will likely not", 30),
        ("might not happen", 60),
        ("often not", 30),
        ("not often", 20),  # its own phrase
    ],
)
def test_a_negation_of_the_event_is_the_mirror_image(text: str, mid: int) -> None:
    assert look_up(text, SURVEY).mid == mid * PERCENT


@pytest.mark.parametrize(
    "text",
    [
        *("not likely", "isn't likely", "not almost certain", "not probable", "not impossible"),
        *("not unlikely", "could not happen", "couldn't happen", "it is not probable"),
    ],
)
def test_a_negation_of_the_word_is_no_mirror_image(text: str) -> None:
    with pytest.raises(UsageError, match="leaves open what holds instead"):
        look_up(text, SURVEY)
    assert find(text, SURVEY) is None


@pytest.mark.parametrize("text", ["unlikely not", "impossible not"])
def test_a_double_negation_is_refused_with_the_plain_way(text: str) -> None:
    with pytest.raises(UsageError, match=r"denies twice\. Say .* of the other side"):
        look_up(text, SURVEY)


def test_a_range_without_a_middle_stays_one() -> None:
    assert numbers("likely", RANGES) == (66, None, 100)
    assert numbers("likely not", RANGES) == (0, None, 34)
    assert numbers("likely not", RANGES, "no") == (0, None, 34)
    assert str(look_up("likely", RANGES)) == (
        '"likely" in ranges 1: 66% to 100% for yes, without a middle'
    )


def test_words_with_a_not_of_their_own_are_not_turned_round_twice() -> None:
    assert numbers("probably not", KENT, "no") == numbers("probably not", KENT)
    assert numbers("likely won't", SURVEY, "no") == numbers("likely won't", SURVEY)
    assert look_up("unlikely", SURVEY, side="no").mid == 80 * PERCENT
    assert numbers("as likely as not", RANGES, "no") != numbers("probably not", KENT)
    assert str(look_up("probably not", SURVEY, side="no")).count("which says no") == 1


def test_a_near_miss_names_the_nearest_and_is_not_guessed() -> None:
    with pytest.raises(NotFoundError, match='Nearest there: "likely", "unlikely"'):
        look_up("likley", SURVEY)


def test_a_miss_names_the_lexicons_that_have_it() -> None:
    with pytest.raises(
        NotFoundError, match=r'"probable" is not in house 1\. It is in survey, kent'
    ):
        look_up("probable", HOUSE, others=(SURVEY, HOUSE, KENT, RANGES))
    with pytest.raises(UsageError, match=r"not the mirror image.* It is in denials\."):
        look_up("not likely", SURVEY, others=(List("denials", (phrase("not likely", 5, 9, 20),)),))


@pytest.mark.parametrize(
    "text",
    ["", "not", "not not likely", "slim", "x" * 10_000, "\x1b[31m", "likely" + " " * 200 + "x"],
)
def test_what_is_no_phrase_is_not_found(text: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        look_up(text, SURVEY)
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 400


@given(st.text(max_size=120), st.sampled_from(["yes", "no"]))
def test_any_text_has_a_meaning_or_a_refusal(text: str, side: Side) -> None:
    found = find(text, SURVEY, side=side)
    if found is not None:
        assert look_up(text, SURVEY, side=side) == found
        return
    with pytest.raises((NotFoundError, UsageError)) as caught:
        look_up(text, SURVEY, side=side)
    assert caught.value.message.isprintable()


@given(st.sampled_from([s for p in SURVEY.phrases for s in p.spellings if "not" not in s]))
def test_the_two_sides_add_up_to_the_whole(text: str) -> None:
    yes, no = (look_up(text, SURVEY, side=side) for side in ("yes", "no"))
    assert yes.low + no.high == yes.high + no.low == WHOLE
    assert (yes.mid or 0) + (no.mid or 0) == WHOLE


@given(st.text(max_size=60) | st.text(alphabet="nwoca't. ", max_size=20))
@example("is n't")
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_one_spelling_cannot_belong_to_two_phrases() -> None:
    with pytest.raises(InvalidError, match='"Likely" belongs to both "probable" and "Likely"'):
        index_of((phrase("probable", 1, 2, 3, "likely"), phrase("Likely", 1, 2, 3)))


@pytest.mark.parametrize(
    "low, mid, high", [(50, 40, 60), (50, 70, 60), (60, None, 50), (-1, 5, 6), (50, 60, 101)]
)
def test_low_mid_and_high_are_in_order(low: int, mid: int | None, high: int) -> None:
    with pytest.raises(InvalidError):
        phrase("likely", low, mid, high)


@pytest.mark.parametrize("text", ["", " ", "...", "a\nb", "x" * (LONGEST + 1)])
def test_every_spelling_says_something(text: str) -> None:
    for spelling in ((text,), ("likely", text)):
        with pytest.raises(InvalidError):
            phrase(spelling[0], 1, 2, 3, *spelling[1:])


def test_finding_a_phrase_loads_no_matching_library() -> None:
    code = "import sys, forecast_ledger.domain.words; sys.exit('difflib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
