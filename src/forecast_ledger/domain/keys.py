"""Keys made out of sentences, and tags taken out of them."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

_TAG = re.compile(r"(?:^|(?<=\s))#([A-Za-z0-9][\w.-]*)")
_WORD = re.compile(r"[a-z0-9]+")
_EMPTY = frozenset(
    (
        *("a", "an", "the", "will", "would", "shall", "should", "is", "are", "was", "were", "be"),
        *("do", "does", "did", "have", "has", "had", "to", "of", "in", "on", "at", "by", "as"),
        *("before", "until", "within", "for", "from", "with", "and", "or", "any", "there"),
        *("this", "that", "its", "it", "than", "into", "after", "during", "next", "end"),
    )
)
# Letters that no accent can be taken off.
_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"}
)
_WORDS = 4
_LONGEST = 60


def take_tags(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the sentence without its #tags, and the tags in lower case.

    >>> take_tags("Will the Fed cut rates? #macro #us")
    ('Will the Fed cut rates?', ('macro', 'us'))
    """
    tags = tuple(dict.fromkeys(match[1].lower().rstrip("._-") for match in _TAG.finditer(text)))
    return " ".join(_TAG.sub("", text).split()), tags


def key_for(text: str, deadline: date | None) -> str:
    """Return a readable key: the words that say most, and the month of the deadline.

    >>> key_for("Will the Fed cut rates?", date(2027, 3, 18))
    'fed-cut-rates-2027-03'
    """
    plain = text.replace("'", "").replace("\u2019", "").casefold()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain).translate(_LETTERS)
        plain = "".join(c for c in plain if not unicodedata.combining(c))
    words = _WORD.findall(plain)
    telling = [word for word in words if word not in _EMPTY] or words or ["question"]
    key = "-".join(telling[:_WORDS])[:_LONGEST].rstrip("-")
    return f"{key}-{deadline:%Y-%m}" if deadline else key


def same_sentence(one: str, other: str) -> bool:
    """Return whether two sentences differ in case, spacing and closing stops at most.

    >>> same_sentence("Will it rain?", "will it  rain")
    True
    """
    return _bare(one) == _bare(other)


def _bare(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(folded.split()).rstrip(" .?!")
