"""What dateparser may add to the exact grammar, and what it must not guess."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from forecast_ledger.cli.date_library import date_library
from forecast_ledger.domain.deadlines import find_deadline
from forecast_ledger.domain.moments import When
from forecast_ledger.domain.spoken_dates import parse_when
from forecast_ledger.errors import UsageError

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 25, 14, 30, tzinfo=BERLIN)


@pytest.mark.parametrize(
    "text,read",
    [
        ("the 18th day of March 2027", date(2027, 3, 18)),
        ("2027 March 18", date(2027, 3, 18)),
        ("the day before yesterday", date(2026, 11, 23)),
        ("the day after tomorrow", date(2026, 11, 27)),
        ("a fortnight ago", date(2026, 11, 11)),
        ("18th of March, 2027 at noon", datetime(2027, 3, 18, 12)),  # noqa: DTZ001
    ],
)
def test_it_reads_what_names_its_day(text: str, read: date) -> None:
    found = date_library(text, NOW, BERLIN)
    assert found == read
    assert type(found) is type(read)


@pytest.mark.parametrize(
    "text",
    [
        "03/04/2026",
        "12 10 2026",
        "10 points",
        "5pm",
        "may",
        "March 2027",
        "3 months",
        "1 decade ago",
        "half an hour ago",
        "in 5 hours from now",
        "18 March 2027 5pm EST",
        "tomorrow UTC",
        "the March 2027 vote",
        "5 May vote 2027",
        "the 31st day of June 2027",
        "18 марта 2027",
        "18 März 2027",
        "99999999 weeks ago",
        "",
    ],
)
def test_it_guesses_nothing(text: str) -> None:
    assert date_library(text, NOW, BERLIN) is None


def test_relative_days_count_from_today_in_the_zone() -> None:
    late = datetime(2026, 11, 25, 23, 30, tzinfo=ZoneInfo("UTC"))
    assert date_library("the day after tomorrow", late, BERLIN) == date(2026, 11, 28)


def test_the_grammar_uses_it_for_what_it_does_not_know() -> None:
    text = "the day before yesterday"
    when = parse_when(text, zone=BERLIN, now=NOW, library=date_library)
    assert when == When.on(date(2026, 11, 23), BERLIN)
    with pytest.raises(UsageError, match="can mean"):
        parse_when("03/04/2026", zone=BERLIN, now=NOW, library=date_library)
    found = find_deadline(
        "Will it pass by the 18th day of March 2027?", zone=BERLIN, made=NOW, library=date_library
    )
    assert found is not None
    assert found.when == When.on(date(2027, 3, 18), BERLIN)


def test_dateparser_is_loaded_only_when_asked_and_warns_of_nothing() -> None:
    program = """
import sys
from datetime import UTC, datetime
from forecast_ledger.cli.date_library import date_library
now = datetime(2026, 11, 25, tzinfo=UTC)
assert date_library("gibberish", now, UTC) is None
assert "dateparser" not in sys.modules
print(date_library("the day before yesterday", now, UTC))
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("2026-11-23\n", "")
