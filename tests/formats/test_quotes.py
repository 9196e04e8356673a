from __future__ import annotations

import pytest

from forecast_ledger.formats.quotes import QuotedText

TEXT = QuotedText("The “peace push”\n  won’t end — the odds of a ceasefire remain slim, probably.")


@pytest.mark.parametrize(
    "quote",
    [
        'The "peace push" won\'t end - the odds',
        "“peace push” won’t",
        "of a\nceasefire   remain slim",
        "the odds of a ceasefire remain slim, probably.",
        "slim",
    ],
)
def test_typography_and_white_space_do_not_matter(quote: str) -> None:
    assert quote in TEXT


@pytest.mark.parametrize(
    "quote",
    ["the odds … remain slim", "The odds of", "slim probably", "odd", "lim", "'peace push'"],
)
def test_anything_else_does(quote: str) -> None:
    assert quote not in TEXT


def test_the_nearest_passage_is_shown_as_it_is_printed() -> None:
    assert TEXT.nearest("push won't end the war") == "The “peace push” won’t end"
    assert TEXT.nearest("nothing like it stands here") == ""


def test_the_nearest_passage_of_a_long_text_is_found_soon() -> None:
    text = QuotedText("a b c d e f " * 200_000 + "the odds remain slim")
    assert text.nearest("odds remain very slim") == "the odds remain slim"
