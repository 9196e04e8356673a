"""dateparser as the second reader of typed dates, for what the exact grammar does not know."""

from __future__ import annotations

import re
import warnings
from datetime import date, datetime, tzinfo

# A text must hold one of these anchors, or dateparser would guess the rest:
# "12 10 2026" as 10 December, "5pm" as today's, "3 months" as three months from now.
_NAMED_DAY = r"(?=.*\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))(?=.*\b[0-9]{4}\b)"
_RELATIVE = r"(?=.*\b(?:ago|from now|today|tomorrow|yesterday)\b)"


def date_library(text: str, now: datetime, zone: tzinfo) -> datetime | date | None:
    """Return the day, or the local time in `zone` (naive), that dateparser reads in `text`.

    English only, strict, relative to `now` in `zone`. None unless `text` names a month
    and a year, or says ago, from now, today, tomorrow or yesterday; None also for
    hours and minutes from now (which clock changes would shift), for whole months and
    years, and where a time zone is named, because abbreviations such as IST mean several.
    """
    anchored = re.match(f"{_NAMED_DAY}|{_RELATIVE}", text, re.IGNORECASE)
    if not anchored or re.search(r"hour|minute|second|hr|min\b", text, re.IGNORECASE):
        return None

    with warnings.catch_warnings():
        # What a dependency deprecates is no concern of the person typing.
        warnings.simplefilter("ignore")
        from dateparser.date import DateDataParser

        data = DateDataParser(
            languages=["en"],
            settings={
                "STRICT_PARSING": True,
                "PARSERS": ["relative-time", "absolute-time"],
                "RELATIVE_BASE": now.astimezone(zone).replace(tzinfo=None),
                "RETURN_TIME_AS_PERIOD": True,
            },
        ).get_date_data(text)
    found: datetime | None = data.date_obj
    if found is None or found.tzinfo is not None:
        return None
    if data.period == "time":
        return found
    return found.date() if data.period in ("day", "week") else None
