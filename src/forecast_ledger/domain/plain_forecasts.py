"""The digests of many forecasts that are a number and nothing else.

A table of a million forecasts has few questions and forecasters. What their canonical forms
have in common is written once; the digest is that of `canonical.digest_of`, which a test shows.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from forecast_ledger.domain.canonical import VERSION
from forecast_ledger.domain.fields import Digest
from forecast_ledger.domain.moments import When, text_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
INSTANT = 27
"""Characters of an instant written out."""
_HEAD = struct.Struct(">cQQ")


def plain_digests(
    question: Digest, forecaster: Digest, revision: Digest | None = None
) -> Callable[[int, str], bytes]:
    """Return a function from P(yes), in parts of 10^9, and `made` to a forecast's digest.

    `made` is the canonical form of the moment, as `made_form` gives it. The 32 bytes are
    those of a Forecast that has no other field.
    """
    answered = f',"revision":"{revision}"' if revision else ""
    middle = f'}},"forecaster":"{forecaster}","made":'
    end = f',"question":"{question}"{answered},"type":"forecast","v":{VERSION}}}'
    sha256 = hashlib.sha256

    def digest(yes: int, made: str) -> bytes:
        return sha256(f'{{"answer":{{"yes":{yes}{middle}{made}{end}'.encode()).digest()

    return digest


def written(when: When) -> str:
    """Return a moment as one text that sorts by its start; of a day also its end and date.

    >>> from datetime import date
    >>> written(When.on(date(2026, 3, 31), UTC))
    '2026-03-31T00:00:00.000000Z|2026-04-01T00:00:00.000000Z|2026-03-31'
    """
    if when.day is None:
        return text_of(when.start)
    return f"{text_of(when.start)}|{text_of(when.end)}|{when.day}"


def parts_of(made: str) -> tuple[str, str | None, str | None]:
    """Return start, end and day of a moment as `written` has it."""
    if len(made) == INSTANT:
        return made, None, None
    start, end, day = made.split("|")
    return start, end, day


def made_form(made: str) -> str:
    """Return the canonical form of a moment as `written` has it.

    >>> made_form("2026-03-31T22:00:00.000000Z")
    '"2026-03-31T22:00:00.000000Z"'
    """
    if len(made) == INSTANT:
        return f'"{made}"'
    start, end, day = parts_of(made)
    return f'{{"day":"{day}","end":"{end}","start":"{start}"}}'


def leaves_at(recorded_at: datetime) -> Callable[[int, bytes], bytes]:
    """Return a function from seq, and nonce with digest, to the leaf of what is recorded then.

    The same as `canonical.leaf_of`, with the moment worked out once.
    """
    microseconds = (recorded_at - _EPOCH) // _MICROSECOND
    sha256, head = hashlib.sha256, _HEAD.pack

    def leaf(seq: int, named: bytes) -> bytes:
        return sha256(head(b"\x00", seq, microseconds) + named).digest()

    return leaf
