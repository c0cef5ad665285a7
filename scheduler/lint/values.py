"""What lint looks at and what it says: plain values, without the store."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from db.states import PostState
from scheduler.cadence import Cadence


class Severity(StrEnum):
    """How much a finding matters: readers will see it; something is probably wrong; worth knowing."""

    error = "error"
    warning = "warning"
    note = "note"


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """A post with its words. `wall` is naive, in the zone of its book; `due_at` and `released_at` are instants."""

    slug: str
    number: str | None
    title: str
    summary: str
    body: str
    state: PostState
    pinned: bool
    wall: datetime | None
    due_at: datetime | None
    released_at: datetime | None
    position: int


@dataclass(frozen=True, kw_only=True)
class Book:
    """A series with all its posts in the order of its plan; drafts and withdrawn ones are there for what links to them.

    `buffer` is how many posts should always wait with a date ahead; 0 asks for none. `off` are ids of rules that do
    not speak of this series. `held` is the reason of a hold.
    """

    series: str
    title: str
    language: str
    zone: str
    cadence: Cadence
    chapters: tuple[Chapter, ...]
    announced_count: int | None = None
    announced_from: date | None = None
    announced_until: date | None = None
    buffer: int = 0
    off: frozenset[str] = frozenset()
    held: str | None = None


class Found(NamedTuple):
    """What a rule says; `post` is a slug. The registry adds rule, severity and series."""

    place: str
    message: str
    mend: str
    post: str | None = None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One fault: `place` says where in words, such as "2026-03-06" or the post; `mend` what would put it right."""

    rule: str
    severity: Severity
    series: str
    post: str | None
    place: str
    message: str
    mend: str
