"""TOML values as text, as far as a book needs them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from forecast_ledger.domain.moments import When
from forecast_ledger.errors import InvalidError
from forecast_ledger.formats.visible import toml_escape, visible

_WIDTH = 100
_ESCAPED = re.compile(r'\\|"(?="")|"\Z')


def string(text: str) -> str:
    """Return a text without control characters but tab and newline as a TOML string."""
    if "\n" in text:
        escaped = _ESCAPED.sub(lambda found: f"\\{found[0]}", text)
        return visible(f'"""\n{escaped}"""', toml_escape)
    # Every escape of JSON is one of TOML.
    return visible(json.dumps(text, ensure_ascii=False), toml_escape)


def when(moment: When, zone: ZoneInfo) -> str:
    """Return a bare date where it is a day of `zone`, else both its ends; or a moment in UTC."""
    if moment.day is None:
        return _instant(moment.start)
    day = moment.day.isoformat()
    try:
        if When.on(moment.day, zone) == moment:
            return day
    except InvalidError:
        pass  # a day that this zone skipped, or the last of the calendar
    return f"{{day = {day}, start = {_instant(moment.start)}, end = {_instant(moment.end)}}}"


def array(items: Iterable[str], *, lines: bool = False) -> str:
    """Return a list on one line, or on one line for each item if it is long or wanted so."""
    written = list(items)
    short = f"[{', '.join(written)}]"
    if len(short) <= _WIDTH and not lines:
        return short
    return "\n".join(["[", *(f"  {item}," for item in written), "]"])


def _instant(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat() + "Z"
