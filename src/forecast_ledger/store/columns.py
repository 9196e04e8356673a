"""Column types that mean the same on SQLite (STRICT tables) and on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, LargeBinary, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from forecast_ledger.domain.moments import moment_of, text_of

INTEGER = BigInteger().with_variant(Integer(), "sqlite")
"""64 bits on both."""
STRING = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that compares by code point on both."""
BYTES = LargeBinary()


class UtcMoment(TypeDecorator[datetime]):
    """An aware moment: timestamptz on PostgreSQL, fixed-width UTC text on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type of the database at hand."""
        return dialect.type_descriptor(
            Text() if dialect.name == "sqlite" else DateTime(timezone=True)
        )

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse a naive moment; write the rest in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no time zone")
        return text_of(value) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Read the moment back in UTC."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            return moment_of(value)
        moment: datetime = value
        return moment.astimezone(UTC)
