"""A calendar as an iCalendar document (RFC 5545, RFC 7986)."""

from collections.abc import Iterable, Sequence
from datetime import UTC, timedelta

import icalendar
from icalendar import Calendar, Timezone, TimezoneDaylight, TimezoneStandard, vText

from feeds.event import Event, first_to_last
from text.clean import clean
from timing.offsets import Change, observances
from timing.wall import to_instant, to_wall

# Without a version: an upgrade of the program must not change documents whose events did not change.
PRODUCT = "-//Fascicle//Fascicle//EN"

# A release has no length, but programs draw an event without one as a hairline or not at all. A quarter of an hour can
# be seen and clicked; being transparent, it does not make anybody busy.
SHOWN_LENGTH = timedelta(minutes=15)

_ASK_AGAIN = timedelta(hours=1)
_UTC_NAMES = frozenset({"UTC", "Etc/UTC"})
# A calendar must have a component (RFC 5545, 3.6); one without events says what its zone was in this year.
_SOME_YEAR = 1970


def ics_document(name: str, events: Sequence[Event], *, zone: str) -> bytes:
    """UTF-8 bytes of the calendar, in order of time; the same bytes for the same arguments, whenever it is called.

    `zone` is the one the calendar lives in; each event has its own. It has no METHOD: it is kept, not sent as a letter.
    """
    events = sorted(events, key=first_to_last)
    calendar = _head(name)
    for used, years in sorted(_years_of(events, zone).items()):
        calendar.add_component(_timezone(used, years))
    for event in events:
        calendar.add_component(_component(event))
    document: bytes = calendar.to_ical()
    return document


class _Text(vText):
    r"""TEXT with every backslash escaped (RFC 5545, 3.3.11); the package takes `\N`, as in "C:\New", for a new line."""

    def to_ical(self) -> bytes:
        return str(self).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").encode()


def _line(text: str) -> _Text:
    """One line of what TEXT can carry: XML's characters but DEL (section 3.1), every run of white space a space."""
    return _Text(" ".join(clean(text).replace("\x7f", "\ufffd").split()))


def _head(name: str) -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    for spelling in ("NAME", "X-WR-CALNAME"):
        calendar.add(spelling, _line(name))
    hour = icalendar.vDuration(_ASK_AGAIN)
    calendar.add("REFRESH-INTERVAL", hour, parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", icalendar.vDuration(_ASK_AGAIN))
    return calendar


def _component(event: Event) -> icalendar.Event:
    made = icalendar.Event()
    made.add("UID", event.uid)
    # Without a METHOD both are the moment of the last change (RFC 5545, 3.8.7.2), so a render is no change.
    for stamp in ("DTSTAMP", "LAST-MODIFIED"):
        made.add(stamp, event.changed.astimezone(UTC).replace(microsecond=0))
    _add_start(made, event)
    made.add("DURATION", SHOWN_LENGTH)
    made.add("SEQUENCE", event.sequence)
    made.add("SUMMARY", _line(event.summary))
    made.add("STATUS", "TENTATIVE" if event.tentative else "CONFIRMED")
    made.add("TRANSP", "TRANSPARENT")
    if event.url:
        made.add("URL", event.url)
    return made


def _add_start(made: icalendar.Event, event: Event) -> None:
    """DTSTART as clocks in the zone show the instant, so that a time inside a gap is written as the one after it.

    Programs do not agree on what a time inside a gap means. The second of two equal times cannot be written in local
    time, which means the first (RFC 5545, 3.3.5), so it stands in UTC.
    """
    wall = to_wall(event.starts, event.zone)
    if event.zone in _UTC_NAMES or to_instant(wall, event.zone) != event.starts:
        made.add("DTSTART", event.starts.astimezone(UTC))
    else:
        made.add("DTSTART", wall, parameters={"TZID": event.zone})


def _years_of(events: Iterable[Event], zone: str) -> dict[str, set[int]]:
    """The UTC years in which each zone is used."""
    used: dict[str, set[int]] = {}
    for event in events:
        if event.zone not in _UTC_NAMES:
            used.setdefault(event.zone, set()).add(event.starts.astimezone(UTC).year)
    return used if used or events else {zone: {_SOME_YEAR}}


def _timezone(zone: str, years: Iterable[int]) -> Timezone:
    """A VTIMEZONE for some years (RFC 5545, 3.6.5).

    Made here, not by the package: that one says when clocks go forward as they show it afterwards, an hour late, and
    stops at 2038. Each change stands for itself, without rules of recurrence: the least that any program must read.
    """
    made = Timezone()
    made.add("TZID", zone)
    for year in sorted(years):
        for change in observances(zone, year):
            made.add_component(_observance(change))
    return made


def _observance(change: Change) -> TimezoneStandard | TimezoneDaylight:
    made = TimezoneDaylight() if change.daylight else TimezoneStandard()
    made.add("DTSTART", change.wall)
    made.TZOFFSETFROM = change.before
    made.TZOFFSETTO = change.after
    made.add("TZNAME", change.name)
    return made
