"""Taking in subscribers, from the command line or a file: nobody who left is revived."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from db import series as all_series
from db import subscribers
from db.errors import BadValue
from db.states import Frequency, SubscriberState, SubscriptionState
from db.tables import Series, Subscriber, Subscription
from importers.values import ImportRefused, Problem, SubscriberSource
from scheduler.editions import ensure_digest_hour

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DEFAULT_HOUR = 7


class Joined(StrEnum):
    new = "new"
    changed = "changed"
    left_before = "left before"
    suppressed = "suppressed"


@dataclass(frozen=True)
class ReaderDefaults:
    zone: str
    language: str


def take_in_readers(
    session: Session,
    sources: Sequence[SubscriberSource],
    *,
    defaults: ReaderDefaults,
    fingerprint: Callable[[str], str],
    now: datetime,
) -> list[tuple[str, Joined]]:
    """Subscribe each source to its series (all series if it names none); gives what became of each address.

    Raises ImportRefused, with every problem, when one names a series that is not there; the caller rolls back.
    """
    known = {series.slug: series for series in all_series.all_series(session)}
    problems = [
        Problem(source.place, f"series {slug!r} is not there; `fascicle series list` shows those that are")
        for source in sources
        for slug in source.series
        if slug not in known
    ]
    if problems:
        raise ImportRefused(tuple(problems))
    return [
        (source.email, _take_in(session, source, known, defaults=defaults, fingerprint=fingerprint, now=now))
        for source in sources
    ]


def _take_in(
    session: Session,
    source: SubscriberSource,
    known: dict[str, Series],
    *,
    defaults: ReaderDefaults,
    fingerprint: Callable[[str], str],
    now: datetime,
) -> Joined:
    key = subscribers.address_key(source.email)
    mark = fingerprint(key)
    if subscribers.is_suppressed(session, mark):
        return Joined.suppressed
    reader = subscribers.find(session, source.email)
    if reader is not None and reader.state in (SubscriberState.left, SubscriberState.suppressed):
        return Joined.left_before if reader.state == SubscriberState.left else Joined.suppressed
    joined = Joined.changed if reader else Joined.new
    reader = _saved(
        session,
        reader or Subscriber(address=source.email, address_key=key, fingerprint=mark, created_at=now),
        source,
        defaults,
    )
    for slug in source.series or known:
        _subscribe(session, reader, known[slug], frequency=source.frequency or "daily", now=now)
    ensure_digest_hour(session, zone=reader.zone, hour=reader.hour, now=now)
    return joined


def _saved(session: Session, reader: Subscriber, source: SubscriberSource, defaults: ReaderDefaults) -> Subscriber:
    reader.name = source.name or reader.name or ""
    reader.zone = source.zone or reader.zone or defaults.zone
    if source.hour is not None or reader.hour is None:
        reader.hour = DEFAULT_HOUR if source.hour is None else source.hour
    reader.language = source.language or reader.language or defaults.language
    reader.state = SubscriberState.active
    session.add(reader)
    session.flush()
    return reader


def _subscribe(session: Session, reader: Subscriber, series: Series, *, frequency: str, now: datetime) -> None:
    """From the next post on. One who subscribes already keeps the watermark; one who left the series stays away."""
    kind, weekday = parse_frequency(frequency)
    held = {slug: row for row, slug in subscribers.subscriptions_of(session, [reader.id])[reader.id]}
    if series.slug not in held:
        row = Subscription(
            subscriber_id=reader.id,
            series_id=series.id,
            frequency=kind,
            weekday=weekday,
            watermark=series.last_seq,
            created_at=now,
        )
        session.add(row)
    elif held[series.slug].state == SubscriptionState.active:
        held[series.slug].frequency, held[series.slug].weekday = kind, weekday
    session.flush()


def parse_frequency(text: str) -> tuple[Frequency, int]:
    """Reads "instant", "daily" or "weekly:monday" as kind and weekday (0 is Monday). Raises BadValue."""
    kind, _, day = text.strip().casefold().partition(":")
    if kind in (Frequency.instant, Frequency.daily) and not day:
        return Frequency(kind), 0
    if kind == Frequency.weekly and (day or "monday") in WEEKDAYS:
        return Frequency.weekly, WEEKDAYS.index(day or "monday")
    raise BadValue(f"frequency {text!r}: use instant, daily, or weekly with a day, such as weekly:monday")
