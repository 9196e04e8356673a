"""The keys that the questions of a table may have, made out of their texts."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, tzinfo
from typing import TYPE_CHECKING

from forecast_ledger.domain.fields import text_digest
from forecast_ledger.domain.keys import key_for
from forecast_ledger.store.read import Reader

if TYPE_CHECKING:
    from forecast_ledger.formats.csv_questions import Asked

_SUFFIX = 6
"""Hexadecimal digits that tell two questions apart whose texts make the same key."""
_BEHIND = re.compile(r"(-[0-9]{4}-[0-9]{2})?(-[0-9a-f]+)?")
"""What may stand in a key behind what its text makes: the deadline, and what tells it apart."""
_ALL = 2**31 - 1


def candidate_keys(asked: Sequence[Asked], zone: tzinfo) -> dict[int, list[str]]:
    """Return the keys each question may be known by, the one for a new question last."""
    bare = {n: _bare_key(one, zone) for n, one in enumerate(asked) if one.key is None}
    texts: dict[str, set[str]] = defaultdict(set)
    for number, key in bare.items():
        texts[key].add(asked[number].text or "")
    for one in asked:
        if one.key is not None and one.key in texts:
            texts[one.key].add(f"key {one.key}")
    found = {}
    for number, one in enumerate(asked):
        if one.key is not None:
            found[number] = [one.key]
            continue
        key = bare[number]
        longer = f"{key}-{text_digest(one.text or '')[:_SUFFIX]}"
        found[number] = [longer, key] if len(texts[key]) == 1 else [key, longer]
    return found


def _bare_key(asked: Asked, zone: tzinfo) -> str:
    closes = asked.closes
    day: date | None = None
    if closes is not None:
        day = closes.day or closes.start.astimezone(zone).date()
    return key_for(asked.text or "", day)


def recorded_keys(reader: Reader | None, asked: Sequence[Asked]) -> set[str]:
    """Return the recorded keys made out of the texts of questions without one."""
    if reader is None or not reader.cut:
        return set()
    bases = {key_for(one.text, None) for one in asked if one.key is None and one.text}
    if not bases:
        return set()
    keys = reader.keys_from("", _ALL)
    found = set()
    for base in bases:
        at = bisect_left(keys, base)
        while at < len(keys) and (keys[at] == base or keys[at].startswith(f"{base}-")):
            if _BEHIND.fullmatch(keys[at], len(base)):
                found.add(keys[at])
            at += 1
    return found
