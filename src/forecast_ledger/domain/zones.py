"""Time zones by name: places of the IANA database and UTC, never abbreviations."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from forecast_ledger.errors import UsageError

# What people mean by an abbreviation; several places where it is shared.
_ABBREVIATIONS = {
    "GMT": "UTC or Europe/London",
    "Z": "UTC",
    "BST": "Europe/London",
    "WET": "Europe/Lisbon",
    "CET": "Europe/Berlin",
    "CEST": "Europe/Berlin",
    "MET": "Europe/Berlin",
    "EET": "Europe/Athens",
    "MSK": "Europe/Moscow",
    "IST": "Asia/Kolkata, Asia/Jerusalem or Europe/Dublin",
    "CST": "America/Chicago or Asia/Shanghai",
    "CDT": "America/Chicago",
    "EST": "America/New_York",
    "EDT": "America/New_York",
    "ET": "America/New_York",
    "MST": "America/Denver or America/Phoenix",
    "MDT": "America/Denver",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
    "PT": "America/Los_Angeles",
    "HST": "Pacific/Honolulu",
    "JST": "Asia/Tokyo",
    "AEST": "Australia/Sydney or Australia/Brisbane",
}


def zone_named(name: str) -> ZoneInfo:
    """Return the zone `name`, an IANA place such as Europe/Berlin, or UTC.

    Capitals and spaces are forgiven. Abbreviations (CET, EST), fixed offsets and the
    reversed Etc/GMT+5 are refused with a UsageError that names what to say instead.
    """
    wanted = name.strip().replace(" ", "_")
    if wanted.upper() in ("UTC", "ETC/UTC"):
        return ZoneInfo("UTC")
    area, _, place = wanted.partition("/")
    if area and place and area.lower() not in ("etc", "posix", "right", "systemv"):
        known = _canonical(wanted)
        if known:
            return ZoneInfo(known)
    raise UsageError(_refusal(name.strip(), wanted))


def _canonical(wanted: str) -> str | None:
    """Return the name as the database spells it, or None."""
    try:
        if ZoneInfo(wanted).key == wanted and wanted[0].isupper():
            return wanted
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    lowered = wanted.lower()
    return next((name for name in available_timezones() if name.lower() == lowered), None)


def _refusal(shown: str, wanted: str) -> str:
    """Return why `wanted` is no zone, and what to say instead."""
    if not wanted:
        return "no time zone given. Say a place such as Europe/Berlin, or UTC."
    meant = _ABBREVIATIONS.get(wanted.upper())
    if meant:
        return (
            f'"{shown}" is an abbreviation, not a place, and does not say when the clocks '
            f"change. Say {meant}."
        )
    if wanted[0] in "+-" or any(character.isdigit() for character in wanted):
        return (
            f'"{shown}" is an offset, not a place. Say a place such as Europe/Berlin, or UTC; '
            f"a single moment may carry its offset: 2026-03-31 14:05+02:00."
        )
    near = _near(wanted.lower())
    if near:
        return f'no time zone is called "{shown}". Did you mean {" or ".join(near)}?'
    return (
        f'no time zone is called "{shown}". Say a place of the IANA database such as '
        f"Europe/Berlin, or UTC."
    )


def _near(wanted: str) -> list[str]:
    """Return at most three zones that `wanted` may stand for, the likeliest first."""
    from difflib import get_close_matches  # noqa: PLC0415 - for the message alone

    names = sorted(
        name
        for name in available_timezones()
        if "/" in name and not name.startswith(("Etc/", "posix/", "right/", "SystemV/"))
    )
    city = wanted.rpartition("/")[2]
    same_city = [name for name in names if name.lower().rpartition("/")[2] == city]
    if same_city:
        return same_city[:3]
    by_lower = {name.lower(): name for name in names}
    close = get_close_matches(wanted, by_lower, n=3, cutoff=0.75)
    if close:
        return [by_lower[name] for name in close]
    by_city = {name.lower().rpartition("/")[2]: name for name in names}
    return [by_city[name] for name in get_close_matches(city, by_city, n=3, cutoff=0.75)]
