"""Words from a file as a message shows them, and the known word that was likely meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 60


def shown(text: str) -> str:
    """Return `text` in quotation marks, cut short, with control characters escaped."""
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return f'"{cut}"' if cut.isprintable() else ascii(cut)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ` Did you mean "x"?` for the known word nearest to `word`, or nothing."""
    near = get_close_matches(word[:_LONGEST], known, n=1, cutoff=0.6)
    return f" Did you mean {shown(near[0])}?" if near else ""
