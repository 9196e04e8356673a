"""The forecasters of a table, recorded or new."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from forecast_ledger.domain.canonical import digest_of
from forecast_ledger.domain.entries import Forecaster
from forecast_ledger.domain.fields import Digest
from forecast_ledger.store.read import Reader


@dataclass(frozen=True, slots=True)
class People:
    """The forecasters of a table in the order of their names: digest, places, new entries."""

    names: tuple[str, ...]
    digests: tuple[Digest, ...]
    places: tuple[tuple[int, ...], ...]
    new: tuple[Forecaster, ...]


def people_of(reader: Reader | None, names: Iterable[str]) -> People:
    """Return the forecasters of these names, recorded or new."""
    ordered = tuple(sorted(names))
    digests: list[Digest] = []
    places: list[tuple[int, ...]] = []
    new: list[Forecaster] = []
    for name in ordered:
        root = reader.roots("forecaster", "name", name) if reader else None
        if reader is None or root is None:
            entry = Forecaster(name=name)
            new.append(entry)
            digests.append(digest_of(entry))
            places.append(())
        else:
            digests.append(reader.digest_at(root))
            places.append((root, *(s for s in reader.of_root("forecaster", root) if s != root)))
    return People(ordered, tuple(digests), tuple(places), tuple(new))
