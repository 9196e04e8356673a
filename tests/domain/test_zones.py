"""Zones by name, and what is said about those that are none."""

from __future__ import annotations

import pytest

from forecast_ledger.domain.zones import zone_named
from forecast_ledger.errors import UsageError


@pytest.mark.parametrize(
    "typed,key",
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        (" America/New York ", "America/New_York"),
        ("America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("UTC", "UTC"),
        ("utc", "UTC"),
        ("Etc/UTC", "UTC"),
    ],
)
def test_a_place_or_utc(typed: str, key: str) -> None:
    assert zone_named(typed).key == key


@pytest.mark.parametrize(
    "typed,says",
    [
        ("Berlin", "Did you mean Europe/Berlin?"),
        ("Europe/Berln", "Did you mean Europe/Berlin or "),
        ("Brlin", "Did you mean Europe/Berlin?"),
        ("CET", "is an abbreviation, not a place"),
        ("est", "Say America/New_York."),
        ("IST", "Say Asia/Kolkata, Asia/Jerusalem or Europe/Dublin."),
        ("+01:00", "is an offset, not a place"),
        ("Etc/GMT+5", "is an offset, not a place"),
        ("EST5EDT", "is an offset, not a place"),
        ("Japan", "Say a place of the IANA database"),
        ("posix/Europe/Berlin", "Did you mean Europe/Berlin?"),
        ("right/Europe/Berlin", "Did you mean Europe/Berlin?"),
        ("Europe", "no time zone is called"),
        ("../etc/passwd", "no time zone is called"),
        ("/etc/passwd", "no time zone is called"),
        ("Europe/../../etc/passwd", "no time zone is called"),
        ("qqq/zzz", "no time zone is called"),
        ("Europe/München", "no time zone is called"),
        ("Europe/Paris\0", "no time zone is called"),
        ("", "no time zone given"),
    ],
)
def test_what_is_no_zone_is_refused_with_what_to_say(typed: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        zone_named(typed)
    assert says in caught.value.message
