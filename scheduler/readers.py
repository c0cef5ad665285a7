"""What subscribers choose: hour, zone, language, format, what they follow. Nobody who left is revived."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from db import subscribers
from db.errors import BadValue
from db.said import say
from db.states import Frequency, LetterFormat, SubscriberState, SubscriptionState
from db.tables import Series, Subscriber, Subscription
from importers.values import SubscriberSource
from scheduler.editions import ensure_digest_hour
from scheduler.naming import named
from scheduler.personal import send_owed

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DEFAULT_HOUR = 7


@dataclass(frozen=True)
class ReaderDefaults:
    zone: str
    language: str


def heed(reader: Subscriber, source: SubscriberSource, defaults: ReaderDefaults) -> None:
    """Give a reader what a source says of them, and the defaults where nothing is known yet."""
    reader.name = source.name or reader.name or ""
    reader.zone = source.zone or reader.zone or defaults.zone
    if source.hour is not None or reader.hour is None:
        reader.hour = DEFAULT_HOUR if source.hour is None else source.hour
    reader.language = source.language or reader.language or defaults.language
    reader.format = source.format or reader.format or LetterFormat.html
    if reader.state != SubscriberState.paused:
        reader.state = SubscriberState.active


def change(
    session: Session, reader: Subscriber, source: SubscriberSource, letter_format: LetterFormat | None, *, now: datetime
) -> None:
    """Give a reader the name, zone, hour and language that are said in `source`, and a format of letters.

    Raises BadValue for one who left or is suppressed: nobody is brought back.
    """
    _refuse_to_bring_back(reader)
    heed(reader, source, ReaderDefaults(reader.zone, reader.language))
    reader.format = letter_format or reader.format
    session.flush()
    ensure_digest_hour(session, zone=reader.zone, hour=reader.hour, now=now)


def follow(
    session: Session, reader: Subscriber, series: Series, *, frequency: str | None, now: datetime
) -> Subscription:
    """Have a reader follow a series from its next post on, or change how often they hear of it.

    Raises BadValue for one who left it: nobody is brought back.
    """
    _refuse_to_bring_back(reader)
    row = _subscribe(session, reader, series, frequency=frequency, now=now)
    if row.state != SubscriptionState.active:
        raise BadValue(
            say(
                "%(address)s left %(slug)s: nobody is brought back to letters they ended",
                address=reader.address,
                slug=series.slug,
            )
        )
    return row


def _refuse_to_bring_back(reader: Subscriber) -> None:
    if reader.state in (SubscriberState.left, SubscriberState.suppressed):
        raise BadValue(
            say(
                "%(address)s is %(state)s: nobody is brought back to letters they ended",
                address=reader.address,
                state=named(reader.state),
            )
        )


def _subscribe(
    session: Session, reader: Subscriber, series: Series, *, frequency: str | None, now: datetime
) -> Subscription:
    """From the next post on. One who subscribes already keeps the watermark; one who left the series stays away."""
    row = subscribers.subscription(session, reader.id, series.id)
    if row is None:
        row = Subscription(
            subscriber_id=reader.id,
            series_id=series.id,
            frequency=Frequency.daily,
            state=SubscriptionState.active,
            watermark=series.last_seq,
            created_at=now,
        )
        session.add(row)
    if row.state == SubscriptionState.active and frequency is not None:
        row.frequency, row.weekday = parse_frequency(frequency)
    session.flush()
    if row.frequency == Frequency.instant and reader.state == SubscriberState.active:
        # What came out while they heard of it by digest would else wait for the next release.
        mine = subscribers.owed_instantly(session, [reader.id])
        send_owed(session, [one for one in mine if one.id == row.id], now=now)
    return row


def parse_frequency(text: str) -> tuple[Frequency, int]:
    """Reads "instant", "daily" or "weekly:monday" as kind and weekday (0 is Monday). Raises BadValue."""
    kind, _, day = text.strip().casefold().partition(":")
    if kind in (Frequency.instant, Frequency.daily) and not day:
        return Frequency(kind), 0
    if kind == Frequency.weekly and (day or "monday") in WEEKDAYS:
        return Frequency.weekly, WEEKDAYS.index(day or "monday")
    raise BadValue(
        say("frequency %(value)r: use instant, daily, or weekly with a day, such as weekly:monday", value=text)
    )
