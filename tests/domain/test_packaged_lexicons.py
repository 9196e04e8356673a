"""The packaged lexicons say what their sources say; a sample of each is pinned here."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pytest

from forecast_ledger.domain.probability import format_probability, parse_probability
from forecast_ledger.domain.words import Phrase, Side, index_of, look_up

FOLDER = files("forecast_ledger") / "lexicons"
NAMES = sorted(f.name.removesuffix(".toml") for f in FOLDER.iterdir() if f.name.endswith(".toml"))

# Lexicon -> number of phrases, and phrase -> low, mid, high in percent.
SAMPLES: dict[str, tuple[int, dict[str, str]]] = {
    "kent1964": (
        7,
        {
            "certain": "100 100 100",
            "almost certain": "87 93 99",
            "probable": "63 75 87",
            "chances about even": "40 50 60",
            "probably not": "20 30 40",
            "almost certainly not": "2 7 12",
            "impossible": "0 0 0",
        },
    ),
    "icd203_2015": (
        7,
        {
            "remote": "1 3 5",
            "highly improbable": "5 12.5 20",
            "unlikely": "20 32.5 45",
            "roughly even odds": "45 50 55",
            "probable": "55 67.5 80",
            "very likely": "80 87.5 95",
            "nearly certain": "95 97 99",
        },
    ),
    "phia_2025": (
        7,
        {
            "remote chance": "0 2.5 5",
            "highly unlikely": "10 15 20",
            "realistic possibility": "40 45 50",
            "probable": "55 65 75",
            "almost certain": "95 97.5 100",
        },
    ),
    "ipcc_ar5_ar6": (
        10,
        {
            "virtually certain": "99 - 100",
            "likely": "66 - 100",
            "more likely than not": "50 - 100",
            "about as likely as not": "33 - 66",
            "very unlikely": "0 - 10",
            "exceptionally unlikely": "0 - 1",
        },
    ),
    "efsa_2018": (
        9,
        {
            "almost certain": "99 99.5 100",
            "likely": "66 78 90",
            "about as likely as not": "33 49.5 66",
            "very unlikely": "5 7.5 10",
            "almost impossible": "0 0.5 1",
        },
    ),
    "nato": (
        5,
        {
            "highly unlikely": "0 5 10",
            "unlikely": "10 25 40",
            "even chance": "40 50 60",
            "likely": "60 75 90",
            "highly likely": "90 95 100",
        },
    ),
    "mauboussin2018": (
        23,
        {
            "always": "98 100 100",
            "slam dunk": "90 95 99",
            "probably": "60 70 75",
            "serious possibility": "45 66 80",
            "possibly": "25 45 50",
            "not often": "10 20 25",
            "never": "0 0 1",
        },
    ),
    "kucharski2026": (
        19,
        {
            "will happen": "99 100 100",
            "almost certain": "90 95 98",
            "likely": "67 75 80",
            "realistic possibility": "40 60 75",
            "may happen": "30 40 51",
            "remote chance": "3 5 10",
            "almost no chance": "1 2 5",
        },
    ),
    "fagen2019": (
        17,
        {
            "almost certain": "90 95 98",
            "we believe": "65 75 85",
            "probably": "60 70 75",
            "probably not": "15 25 30",
            "we doubt": "10 20 30",
            "improbable": "5 10 22.5",
            "almost no chance": "1 2 5",
        },
    ),
    "zonination2015": (
        17,
        {
            "almost certainly": "90 95 97.8",
            "highly likely": "84.2 90 95",
            "probable": "65 70 78.8",
            "probably not": "20 26.5 38.8",
            "unlikely": "10 20 28.8",
            "chances are slight": "10 10 15",
        },
    ),
    "house2026": (
        2,
        {
            **dict.fromkeys(("will", "is going to"), "85 95 99"),
            **dict.fromkeys(("will not", "won't", "isn\u2019t going to"), "1 5 15"),
        },
    ),
}


@dataclass(frozen=True)
class Packaged:
    key: str
    version: str
    title: str
    citation: str
    note: str
    phrases: tuple[Phrase, ...]


def parts(text: str) -> int:
    probability = parse_probability(text, certain=True)
    assert text.endswith("%")
    assert not probability.rounded
    return probability.parts


def phrase(row: dict[str, Any]) -> Phrase:
    assert set(row) <= {"phrase", "low", "mid", "high", "synonyms"}
    return Phrase(
        phrase=row["phrase"],
        low=parts(row["low"]),
        mid=parts(row["mid"]) if "mid" in row else None,
        high=parts(row["high"]),
        synonyms=tuple(row.get("synonyms", ())),
    )


def packaged(name: str) -> Packaged:
    book = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    assert set(book) == {"book", "lexicon"}
    assert book["book"] == 1
    (lexicon,) = book["lexicon"]
    return Packaged(**{**lexicon, "phrases": tuple(map(phrase, lexicon["phrases"]))})


def said(text: str, lexicon: Packaged, side: Side = "yes") -> str:
    meaning = look_up(text, lexicon, side=side)
    return " ".join(
        "-" if p is None else format_probability(p).removesuffix("%")
        for p in (meaning.low, meaning.mid, meaning.high)
    )


def test_every_packaged_lexicon_is_pinned() -> None:
    assert sorted(SAMPLES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_packaged_lexicon_is_well_formed(name: str) -> None:
    lexicon = packaged(name)
    assert re.fullmatch("[a-z0-9]+(_[a-z0-9]+)*", lexicon.key)
    assert name in (lexicon.key, lexicon.key + lexicon.version)
    for text in (lexicon.version, lexicon.title, lexicon.citation, lexicon.note):
        assert text == text.strip() != ""
        assert "\n" not in text
    index_of(lexicon.phrases)


@pytest.mark.parametrize("name", NAMES)
def test_the_figures_are_those_of_the_source(name: str) -> None:
    lexicon = packaged(name)
    count, sample = SAMPLES[name]
    assert len(lexicon.phrases) == count
    assert {text: said(text, lexicon) for text in sample} == sample


@pytest.mark.parametrize("name", ["mauboussin2018", "nato", "phia_2025", "ipcc_ar5_ar6"])
def test_a_lexicon_without_its_negation_mirrors_it(name: str) -> None:
    lexicon = packaged(name)
    assert look_up("likely not", lexicon).mirrored
    assert said("likely not", lexicon) == said("likely", lexicon, "no")


@pytest.mark.parametrize("name", ["kent1964", "fagen2019", "zonination2015"])
@pytest.mark.parametrize("text", ["probably not", "probably won\u2019t", "will probably not"])
def test_a_lexicon_with_its_negation_is_taken_at_its_word(name: str, text: str) -> None:
    lexicon = packaged(name)
    assert not look_up(text, lexicon).mirrored
    assert said(text, lexicon) == SAMPLES[name][1]["probably not"]


def test_every_range_of_nested_ranges_lacks_a_middle() -> None:
    assert all(p.mid is None for p in packaged("ipcc_ar5_ar6").phrases)
    assert all(p.mid is not None for n in NAMES if n != "ipcc_ar5_ar6" for p in packaged(n).phrases)
