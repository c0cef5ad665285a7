"""The two clocks: calendar time says when things are due, machine time says how long a lease or a pause lasts."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

Clock = Callable[[], datetime]
"""Gives an aware UTC instant."""


def machine_now() -> datetime:
    """What this machine's clock shows. The only place that asks it."""
    return datetime.now(UTC)


class Moment(NamedTuple):
    """One moment on both clocks."""

    calendar: datetime
    machine: datetime
