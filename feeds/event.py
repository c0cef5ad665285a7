"""One post as an event of a calendar."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Event:
    """A post at its moment, as its calendars show it.

    `uid` never changes; `starts` is aware, to be shown in `zone`; `sequence` rises whenever `starts` changes, and
    `changed`, aware, is when anything did. `url` is absolute. `tentative` when the moment may not be kept.
    """

    uid: str
    summary: str
    starts: datetime
    zone: str
    sequence: int
    changed: datetime
    url: str | None = None
    tentative: bool = False


def first_to_last(event: Event) -> tuple[datetime, str]:
    """The key to sort by; among events of one instant the uid decides, so that the order never changes."""
    return event.starts, event.uid
