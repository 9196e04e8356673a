"""The lexicons that come with the tool."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from forecast_ledger.domain.entries import Lexicon
from forecast_ledger.formats import book_reader
from forecast_ledger.formats.lookup import NothingRecorded

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@cache
def packaged_lexicons() -> Mapping[str, Lexicon]:
    """Return every packaged lexicon by its key, in the order of the keys."""
    lexicons: dict[str, Lexicon] = {}
    for file in (files("forecast_ledger") / "lexicons").iterdir():
        if file.name.endswith(".toml"):
            book = book_reader.read(
                file.read_bytes(),
                name=file.name,
                now=_BEGINNING,
                lookup=NothingRecorded(),
                text={},
                packaged=dict,
            )
            lexicons |= {entry.key: entry for entry in book.entries if isinstance(entry, Lexicon)}
    return MappingProxyType(dict(sorted(lexicons.items())))
