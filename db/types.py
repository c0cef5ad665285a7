"""Column types that keep our rules: instants are aware UTC, wall times are naive, ids are 64 bits wide."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, String
from sqlalchemy.types import TypeDecorator

Id = BigInteger().with_variant(Integer, "sqlite")
"""64-bit on both databases: SQLite's INTEGER PRIMARY KEY is its 64-bit rowid."""

Plainly = String().with_variant(String(collation="C"), "postgresql")
"""Text in the order of its characters on both databases, so that an index finds it by its beginning."""


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime. A naive one is refused: it would mean whatever the machine's zone says."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a zone: {value!r}")
        value = value.astimezone(UTC)
        # SQLite keeps text; without its offset, text of equal length compares in order of time.
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401, ARG002 - as the base
        if value is None:
            return None
        assert isinstance(value, datetime)
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Wall(TypeDecorator[datetime]):
    """A naive local time, to be read with the zone beside it. An aware one is refused."""

    impl = DateTime(timezone=False)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - as the base
        if value is not None and value.tzinfo is not None:
            raise ValueError(f"a wall time has no zone: {value!r}")
        return value
