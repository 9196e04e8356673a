"""Whatever titles and names hold, no line is too long and nothing in it is obeyed."""

from __future__ import annotations

import tempfile
from datetime import UTC
from unicodedata import category

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from forecast_ledger.domain.entries import Source
from forecast_ledger.ledger import Answer, Ledger
from forecast_ledger.ledger.gathering import Filters
from forecast_ledger.ledger.phrasing import Phrased
from forecast_ledger.ledger.quoting import Quoted
from forecast_ledger.reports.article import render_article
from forecast_ledger.reports.calibration import render_calibration
from forecast_ledger.reports.page import render_page
from forecast_ledger.reports.score import render_scores
from forecast_ledger.reports.terminal import width_of
from tests.conftest import FixedClock
from tests.reports.scenes import PERCENT, day

JOINERS = "\u200c\u200d\u00ad"
# What the domain admits, wide and invisible characters among it.
_SIGNS = st.characters(
    exclude_categories=("Cc", "Cs"),
    exclude_characters="\u2028\u2029",
    include_characters="\U0001f326漢",
)
TEXTS = st.text(_SIGNS, min_size=1, max_size=500).filter(lambda text: text.strip() != "")
NAMES = st.text(_SIGNS, min_size=1, max_size=120).map(str.strip).filter(bool)


def reports(text: str, title: str, name: str, coder: str, why: str) -> list[str]:
    """Return every report of a ledger that holds these texts wherever it takes one."""
    clock = FixedClock()
    with (
        tempfile.TemporaryDirectory() as folder,
        Ledger(f"{folder}/ledger.db", clock=clock) as ledger,
    ):
        ledger.source(
            Source(
                key="source",
                title=title,
                author=name,
                publisher=coder,
                published=day(2026, 1, 2),
            )
        )
        for key in ("one", "two", "three"):
            ledger.add(
                text,
                None,
                who=name,
                key=key,
                criteria=why,
                closes=day(2026, 1, 31),
                coder=coder,
                why=why,
                phrased=Phrased("likely", "fagen2019"),
                quoted=Quoted("source", "so it is said", coder, name),
                family="one-event",
            )
            clock.advance(minutes=1)
        ledger.forecast("one", Answer(yes=40 * PERCENT), who=f"{coder} 2", why=why)
        ledger.family("one-event", ["one"], title=title)
        ledger.note("one", why, author=name)
        clock.advance(days=30)
        for key, outcome in (("one", "yes"), ("two", "no")):
            ledger.resolve(key, outcome, by=coder, note=why)
        filters = Filters()
        return [
            render_scores(ledger.scores(filters), ledger.score(filters), zone=UTC),
            render_scores(ledger.scores(Filters(who=(name,))), None, zone=UTC),
            render_calibration(ledger.calibration(filters), zone=UTC),
            render_article(ledger.article("source"), zone=UTC),
            render_page(ledger.show("one"), zone=UTC),
        ]


# An example writes a whole ledger: shrinking one would take minutes and say little more.
@settings(
    max_examples=15,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
@given(TEXTS, TEXTS, NAMES, NAMES, TEXTS)
def test_no_line_is_longer_than_eighty_columns(
    text: str, title: str, name: str, coder: str, why: str
) -> None:
    if any(name.casefold() in ("me", "myself", "i") for name in (name, f"{coder} 2")):
        return
    for report in reports(text, title, name, coder, why):
        for line in report.split("\n"):
            assert "http" in line or width_of(line) <= 80, line
            assert not {category(c) for c in line if c not in JOINERS} & {"Cc", "Cf", "Zl", "Zp"}


def test_escape_sequences_and_hidden_signs_are_shown_not_obeyed() -> None:
    hidden = "Will \u202eit\u2066 happen\u061c?"
    for report in reports(hidden, hidden, "Mia \u202eJensen", "Ben \u200bOsei", hidden):
        assert not set("\u202e\u2066\u061c\u200b") & set(report)
    assert "\\u202e" in reports(hidden, "a", "b", "c", "d")[3]


def test_a_title_of_five_hundred_characters_is_cut_in_tables_and_whole_on_its_page() -> None:
    title = " ".join(["wide漢字"] * 60)
    *_, article, page = reports(title, "a", "b", "c", "d")
    assert page.replace("\n", " ").count("wide漢字") >= 120  # at the head, and in the wording
    assert "..." in article
