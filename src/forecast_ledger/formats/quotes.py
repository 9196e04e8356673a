"""Whether a quote stands in a text word for word, and the nearest passage where it does not."""

from __future__ import annotations

import re
from collections import Counter

from forecast_ledger.domain.fields import normal_text

_TYPOGRAPHY = str.maketrans("\u2018\u2019\u201c\u201d\u2013\u2014", "''\"\"--")
_SPACE = re.compile(r"\s+")


class QuotedText:
    """A text that quotes are looked for in.

    Typographic quotation marks and dashes count as the plain ones, and a run of white
    space as one space. Letters, their case and all other signs must agree.
    """

    def __init__(self, text: str) -> None:
        self._shown = _SPACE.sub(" ", normal_text(text)).strip()
        self._folded = fold(text)

    def __contains__(self, quote: str) -> bool:
        """Whether `quote` stands here, beginning and ending where words do."""
        wanted = fold(quote)
        start = self._folded.find(wanted)
        while start >= 0:
            end = start + len(wanted)
            if not (self._cuts_word(start) or self._cuts_word(end)):
                return True
            start = self._folded.find(wanted, start + 1)
        return False

    def nearest(self, quote: str) -> str:
        """Return the passage, as long as `quote`, that shares most words with it; "" if none."""
        wanted = Counter(_bare(word) for word in fold(quote).split())
        words = [_bare(word) for word in self._folded.split()]
        length = sum(wanted.values())
        window: Counter[str] = Counter()
        shared = best = best_at = 0
        for place, word in enumerate(words):
            window[word] += 1
            shared += window[word] <= wanted[word]
            if place >= length:
                gone = words[place - length]
                shared -= window[gone] <= wanted[gone]
                window[gone] -= 1
            if shared > best:
                best, best_at = shared, max(0, place - length + 1)
        if best * 3 < length:
            return ""
        return " ".join(self._shown.split(" ")[best_at : best_at + length])

    def _cuts_word(self, place: int) -> bool:
        return (
            0 < place < len(self._folded)
            and self._folded[place - 1].isalnum()
            and self._folded[place].isalnum()
        )


def _bare(word: str) -> str:
    return word.strip("\"'.,:;!?()-").casefold()


def fold(text: str) -> str:
    """Return `text` as quotes are compared."""
    return _SPACE.sub(" ", normal_text(text).translate(_TYPOGRAPHY)).strip()
