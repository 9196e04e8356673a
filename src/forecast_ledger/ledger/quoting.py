"""Quoting: the claim of a recorded source that a forecast reads."""

from __future__ import annotations

from dataclasses import dataclass

from forecast_ledger.domain.entries import Forecast, Source, Statement
from forecast_ledger.domain.recorded import Recorded
from forecast_ledger.errors import ConflictError, NotFoundError
from forecast_ledger.ledger.base import primary_elsewhere
from forecast_ledger.store.read import Reader
from forecast_ledger.store.write import Writer


@dataclass(frozen=True, slots=True)
class Quoted:
    """A claim of a recorded source that a forecast reads."""

    source: str
    quote: str
    place: str
    reading: str | None = None


def source_quoted(reader: Reader, quoted: Quoted) -> Recorded[Source]:
    """Return the source that is quoted."""
    found: list[Recorded[Source]] = reader.find("source", key=quoted.source)
    if not found:
        raise NotFoundError(
            f'there is no source "{quoted.source}". Record it first: fl source'
            f" {quoted.source} --title ... --published DATE"
        )
    if len(found) > 1:
        raise ConflictError(f"the source {quoted.source} is disputed: two entries describe it.")
    return found[0]


def statement_quoted(
    writer: Writer, quoted: Quoted, forecast: Forecast
) -> tuple[Statement, str | None]:
    """Return the claim quoted, and the question another forecast reads it on, if any."""
    source = source_quoted(writer, quoted)
    said = Statement(source=source.digest, place=quoted.place, quote=quoted.quote, verdict="scored")
    return said, primary_elsewhere(writer, said, forecast, writer.now)
