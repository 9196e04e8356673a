"""Signs that cannot be seen, written as what they are: they turn text round, or hide it.

A book and an export are read by people, in terminals and editors that obey such signs.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from unicodedata import category

# Joiners that some scripts need to be read rightly, and what is written anyway.
_KEPT = frozenset("\u200c\u200d\u00ad\n\t")


def visible(text: str, escape: Callable[[str], str]) -> str:
    """Return `text` with every sign that cannot be seen replaced by its escape."""
    if text.isprintable():
        return text
    return "".join(
        c if c in _KEPT or category(c) not in ("Cc", "Cf", "Zl", "Zp") else escape(c) for c in text
    )


def toml_escape(sign: str) -> str:
    r"""Return the escape of a sign in a TOML string, such as `\u202e`."""
    number = ord(sign)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"


def json_escape(sign: str) -> str:
    r"""Return the escape of a sign in JSON, such as `\u202e`; a pair of them beyond U+FFFF."""
    return json.dumps(sign)[1:-1]
