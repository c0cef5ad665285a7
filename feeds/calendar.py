"""From the plan to its calendars: what readers may see of it, and all of it for operators."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy.orm import Session

from db import calendar, installation
from db.calendar import Announced, Out, Planned
from db.tables import Series
from feeds.event import Event, first_to_last
from text.addresses import Addresses

_UID_DIGITS = 32


@dataclass(frozen=True, kw_only=True)
class About:
    """What calendars need to know of the site. `fingerprint` gives hex digits that only this installation can make.

    An entry id may be an address of old, with words of a post that is still to come. With a plain hash, who guesses
    the words could see that the guess is right.
    """

    addresses: Addresses
    title: str
    zone: str
    fingerprint: Callable[[str], str]


def reader_calendar(session: Session, series: Series | None, about: About) -> bytes:
    """What is released or announced, of one series or of all."""
    events = _Events(about, installation.the(session).minted_domain)
    only = series.id if series else None
    # In this order a post that is released between the two questions is met twice and not missed; its release counts.
    coming = [events.announced(one) for one in calendar.announced(session, only)]
    out = [events.out(one) for one in calendar.released(session, only)]
    return _document(series.title if series else about.title, [*coming, *out], series, about)


def operator_calendar(session: Session, series: Series | None, about: About) -> bytes:
    """All that is released or planned, with titles, of one series or of all: not for readers."""
    events = _Events(about, installation.the(session).minted_domain)
    only = series.id if series else None
    coming = [events.planned(one) for one in calendar.planned(session, only)]
    out = [events.out(one) for one in calendar.released(session, only)]
    return _document(f"{series.title if series else about.title} (plan)", [*coming, *out], series, about)


def _document(name: str, events: Iterable[Event], series: Series | None, about: About) -> bytes:
    once = {event.uid: event for event in events}
    return rendered(name, tuple(sorted(once.values(), key=first_to_last)), series.zone if series else about.zone)


@lru_cache(maxsize=16)
def rendered(name: str, events: tuple[Event, ...], zone: str) -> bytes:
    """The document, made once for each state of a plan: a thousand events cost a quarter of a second, and many ask."""
    # Here, as it costs an eighth of a second: only who asks for a calendar pays it, not every start of the program.
    from feeds.ics import ics_document

    return ics_document(name, events, zone=zone)


@dataclass(frozen=True)
class _Events:
    about: About
    domain: str

    def announced(self, one: Announced) -> Event:
        words = f"{one.series_title}, chapter {one.number}" if one.number else one.series_title
        return Event(
            uid=self._uid(one.entry_id),
            summary=words,
            starts=one.due_at,
            zone=one.zone,
            sequence=one.sequence,
            changed=one.changed_at,
        )

    def planned(self, one: Planned) -> Event:
        return Event(
            uid=self._uid(one.entry_id),
            summary=_titled(one),
            starts=one.due_at,
            zone=one.zone,
            sequence=one.sequence,
            changed=max(one.moved_at, one.worded_at),
            tentative=one.held_at is not None,
        )

    def out(self, one: Out) -> Event:
        """A released post at the minute it came out; if it was not planned for that, the event has moved once more."""
        starts = _minute(one.released_at)
        return Event(
            uid=self._uid(one.entry_id),
            summary=_titled(one),
            starts=starts,
            zone=one.zone,
            sequence=one.sequence + (starts != one.planned_at),
            changed=max(one.released_at, one.worded_at),
            url=self.about.addresses.post(one.series_slug, one.slug),
        )

    def _uid(self, entry_id: str) -> str:
        return f"{self.about.fingerprint(f'event|{entry_id}')[:_UID_DIGITS]}@{self.domain}"


def _titled(one: Planned | Out) -> str:
    """ "LLM Primer, 5 – Title"."""
    return f"{one.series_title}, {one.number} – {one.title}" if one.number else f"{one.series_title} – {one.title}"


def _minute(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)
